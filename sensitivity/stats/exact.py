"""Conditional p by simulation, where there are too few events for a normal distribution.

Given the true classes and how many samples of each are called what, the null says that the
events (errors, or false calls) fall on the samples of their class at random. So they are
thrown on them at random.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from .ranks import Floats, Integers

#: A response with fewer events than this is simulated.
FEW = 10

#: Draws in all after each round, and the p beyond which no further round is worth it.
ROUNDS = ((200, 0.2), (2_000, 0.02), (20_000, 0.0))

Statistic = Callable[[npt.NDArray[np.int64], npt.NDArray[np.intp]], Floats]

#: Numbers looked at in one go.
CHUNK = 1 << 20


def draw_places(
    of: Integers, starts: npt.NDArray[np.int64], draws: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Throw events on samples of their class, no two of them on the same.

    Parameters
    ----------
    of : ndarray of int, shape (E,)
        True class of each event, ascending; a class has at least as many samples as events.
    starts : ndarray of int64, shape (C + 1,)
        First sample of each class; samples are sorted by class.
    draws : int
        How often.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    ndarray of int64, shape (draws, E)
        Rows of samples.

    References
    ----------
    Bentley & Floyd (1987), Communications of the ACM 30:754: time does not depend on how full
    a class is of events.

    Examples
    --------
    >>> places = draw_places(np.array([0, 0, 1]), np.array([0, 2, 9]), 3, np.random.default_rng(0))
    >>> np.sort(places[:, :2]).tolist()
    [[0, 1], [0, 1], [0, 1]]
    """
    places = np.empty((draws, len(of)), dtype=np.int64)
    for c in np.unique(of):
        mine = of == c
        picked = _subsets(int(starts[c + 1] - starts[c]), int(mine.sum()), draws, rng)
        places[:, mine] = picked + starts[c]
    return places


def _subsets(n: int, k: int, draws: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw k different numbers below n, every set of them as likely as any other (Floyd)."""
    picked = np.empty((draws, k), dtype=np.int64)
    for i, last in enumerate(range(n - k, n)):
        found = rng.integers(last + 1, size=draws)
        taken = (picked[:, :i] == found[:, None]).any(axis=1)
        picked[:, i] = np.where(taken, last, found)
    return picked


def simulated_p(
    observed: Floats,
    statistic: Statistic,
    of: Integers,
    starts: npt.NDArray[np.int64],
    rng: np.random.Generator,
    *,
    rounds: Sequence[tuple[int, float]] = ROUNDS,
) -> Floats:
    """Mid-p of several statistics of several columns; draws stop early where p is clearly large.

    Parameters
    ----------
    observed : ndarray of float64, shape (S, F)
        S statistics of F columns, 0 where nothing is expected under the null.
    statistic : callable
        From places (draws, E) and some columns (of 0 … F-1) to simulated statistics
        (S, columns, draws).
    of, starts
        See :func:`draw_places`.
    rng : numpy.random.Generator
        Source of the draws.
    rounds : sequence of (int, float)
        Draws in all, and the p above which a column is done.

    Returns
    -------
    ndarray of float64, shape (S, F)
        Share of the draws whose statistic is farther from 0, those as far counted half; the
        data themselves count as one draw, so that no p is 0.

    References
    ----------
    Lancaster (1961), JASA 56:223 (mid-p); Besag & Clifford (1991), Biometrika 78:301.

    Examples
    --------
    >>> values = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    >>> p = simulated_p(np.array([[2.0]]), lambda places, columns: values[places].T[None],
    ...                 np.array([0]), np.array([0, 5]), np.random.default_rng(0))
    >>> bool(0.15 < p[0, 0] < 0.25)
    True
    """
    size = np.abs(observed)
    slack = 1e-9 * (1 + size)
    beyond = np.zeros(observed.shape)
    done = np.zeros(observed.shape[1], dtype=np.int64)
    active = np.arange(observed.shape[1])
    before = 0
    for total, enough in rounds:
        places = draw_places(of, starts, total - before, rng)
        step = max(1, CHUNK // max(places.size, 1))
        for start in range(0, len(active), step):
            part = active[start : start + step]
            drawn = np.abs(statistic(places, part))
            reference, room = size[:, part, None], slack[:, part, None]
            farther = (drawn > reference + room).sum(axis=2)
            as_far = (np.abs(drawn - reference) <= room).sum(axis=2)
            beyond[:, part] += farther + 0.5 * as_far
            done[part] = total
        active = active[(beyond[:, active] < enough * total).any(axis=0)]
        before = total
        if not len(active):
            break
    return np.asarray((beyond + 0.5) / (done + 1))
