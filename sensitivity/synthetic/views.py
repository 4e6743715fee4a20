"""Made-up outputs of several views of an image, of which the worth is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .dials import Random, in_range, whole_number

Logits = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


def plant_views(
    n: int,
    *,
    n_classes: int = 2,
    signal: float = 1.6,
    penalties: Sequence[float] = (0.0,),
    shared: float = 0.9,
    scale: float = 2.0,
    noise_views: int = 0,
    noisy_copies: int = 0,
    rng: Random = 0,
) -> tuple[Logits, Ints]:
    """Logits of views whose errors are partly the same.

    View m of an image of class y has the logits
    ``scale · [signal · (1 - penalty_m) · onehot(y) + √shared · a + √(1 - shared) · b_m]``, where
    a (the same in all views) and b_m (of each view) are standard normal, one of each per class.
    Classes are equally likely, so with two of them a view alone is right with the probability
    Φ(signal · (1 - penalty_m) / √2), whatever the scale.

    Parameters
    ----------
    n : int
        Number of images N, 0 or more.
    n_classes : int, default 2
        C, 2 or more.
    signal : float, default 1.6
        How far the logit of the true class is raised, in standard deviations of the noise.
    penalties : sequence of float, default (0.0,)
        One per view, the original first: by which share its signal is weaker. Below 0: stronger;
        1: the view says nothing about the class.
    shared : float, default 0.9
        Share of the noise's variance that all views have in common, from 0 to 1.
    scale : float, default 2.0
        Factor of all logits, above 0.
    noise_views : int, default 0
        So many more views hold nothing but noise of their own, with the variance of the others'.
    noisy_copies : int, default 0
        So many more views are the original plus noise of their own, with the variance of the
        others': they hold nothing that the original does not.
    rng : int or numpy.random.Generator, default 0
        Seed or generator.

    Returns
    -------
    z : ndarray of float32, shape (M, N, C)
        Logits: of the views with penalties, then of noise alone, then of the noisy copies.
    y : ndarray of int64, shape (N,)
        True classes.

    Raises
    ------
    OptionError
        A dial out of its range.

    Examples
    --------
    >>> z, y = plant_views(20_000, penalties=(0.0, 0.15, -0.1))
    >>> (z.argmax(axis=2) == y).mean(axis=1).round(2).tolist()
    [0.87, 0.83, 0.9]
    >>> z, y = plant_views(5, noise_views=2, noisy_copies=1)
    >>> z.shape
    (4, 5, 2)
    """
    whole_number("n", n, low=0)
    whole_number("n_classes", n_classes, low=2)
    whole_number("views", len(penalties), low=1)
    whole_number("noise_views", noise_views, low=0)
    whole_number("noisy_copies", noisy_copies, low=0)
    in_range("signal", signal)
    in_range("shared", shared, low=0, high=1)
    in_range("scale", scale, above=0)
    strength = np.array([signal * (1 - in_range("penalty", one)) for one in penalties])
    random = np.random.default_rng(rng)
    y = random.integers(0, n_classes, n)
    raised = np.eye(n_classes)[y]
    common = np.sqrt(shared) * random.normal(size=(n, n_classes))
    own = np.sqrt(1 - shared) * random.normal(size=(len(strength), n, n_classes))
    informed = strength[:, None, None] * raised + common + own
    alone = random.normal(size=(noise_views, n, n_classes))
    copies = informed[0] + random.normal(size=(noisy_copies, n, n_classes))
    z = scale * np.concatenate([informed, alone, copies])
    return z.astype(np.float32), y
