"""The gain of an objective between two strategies on the same images, with one-sided bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import InputError, OptionError
from ..stats.intervals import normal_quantile
from .resampling import effective_number
from .tallies import called_class, image_nll

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Groups = npt.NDArray[np.integer]
Scores = npt.NDArray[np.floating]

#: What can be gained; ``recall:<class>`` besides.
OBJECTIVES = ("nll", "accuracy", "balanced_accuracy")

#: The smallest gain that is worth further passes: one point, or as many nats.
WORTHWHILE = {"nll": 0.02}
_WORTHWHILE_POINT = 0.01

#: From fewer images, or beyond so many times as many, a number of images is no estimate.
FEWEST_TO_ESTIMATE, FARTHEST = 30, 1000


@dataclass(frozen=True)
class Gain:
    """A mean gain per image, above 0 where the second strategy is better.

    Attributes
    ----------
    objective : str
    value : float
        Nats, or a share of 1.
    low, high : float
        One-sided bounds, each at the confidence asked for; NaN where all images are of one group.
    square : float
        Mean square of what an image contributes: of accuracy the share of discordant images.
    inflation : float
        How many times more images groups cost, at least 1.
    effective : float
        Effective number of images, or groups, that the value rests on.
    """

    objective: str
    value: float
    low: float
    high: float
    square: float
    inflation: float
    effective: float


def class_of(objective: str, classes: Sequence[str]) -> int | None:
    """Place of the class whose recall is the objective.

    Parameters
    ----------
    objective : str
        ``nll``, ``accuracy``, ``balanced_accuracy`` or ``recall:<class>``.
    classes : sequence of str

    Returns
    -------
    int or None
        None: the objective is of no class.

    Raises
    ------
    OptionError
        Another objective, or no such class.

    Examples
    --------
    >>> class_of("recall:crack", ["normal", "crack"]), class_of("nll", ["normal", "crack"])
    (1, None)
    """
    if objective in OBJECTIVES:
        return None
    kind, _, name = objective.partition(":")
    if kind == "recall" and name in classes:
        return list(classes).index(name)
    rule = f"expected {', '.join(OBJECTIVES)} or recall:<class>"
    raise OptionError("objective", rule, got=objective, where=f"classes {', '.join(classes[:10])}")


def paired_gain(
    y: Ints,
    before: Scores,
    after: Scores,
    classes: Sequence[str],
    *,
    objective: str = "nll",
    groups: Groups | None = None,
    level: float = 0.95,
) -> Gain:
    """What the objective gains from one strategy to another on the same images.

    Parameters
    ----------
    y : ndarray of int64, shape (N,)
        True class.
    before, after : ndarray of float, shape (N, C)
        Scores, out of fold.
    classes : sequence of str, length C
    objective : str, default "nll"
        ``nll`` (gain: nats less), ``accuracy``, ``balanced_accuracy``, ``recall:<class>``.
    groups : ndarray of int, shape (N,), optional
        What belongs together.
    level : float, default 0.95
        Confidence of each one-sided bound.

    Returns
    -------
    Gain

    Raises
    ------
    InputError
        No image, or none of the class.

    Notes
    -----
    The gain is a mean of contributions ``g_i`` of the images: a difference of log-likelihoods,
    or ``w_i d_i`` with d_i 1, 0 or -1 and ``w_i = 1`` (accuracy), ``N / (C n_y)`` (balanced
    accuracy) or ``N / n_k`` within the class (recall). Its variance is that of the contributions
    within their class, or of their sums by group; bounds take Student's t with as many degrees of
    freedom as there are effective images or groups, less one, and for shares one pair more in
    either direction.

    Examples
    --------
    >>> y = np.repeat([0, 1], 50)
    >>> before, after = np.zeros((100, 2)), np.zeros((100, 2))
    >>> before[[0, 50, 51], 1], after[[1, 2], 1], after[50:, 1] = 1, 1, 1
    >>> gain = paired_gain(y, before, after, ["a", "b"], objective="recall:b")
    >>> gain.value, gain.square, gain.low > 0
    (0.96, 1.92, True)
    """
    from scipy.special import stdtrit

    k = class_of(objective, classes)
    contributions, weights = _contributions(y, before, after, objective, k)
    if not weights.any():
        rule = "expected at least one image" + ("" if k is None else " of the class")
        raise InputError("labels", rule, where=f"objective {objective}")
    n, value = len(y), float(contributions.mean())
    effective = effective_number(weights, groups)
    alone = _variance(contributions, y, None)
    variance = alone if groups is None else max(alone, _variance(contributions, y, groups))
    several = effective > 1 + 1e-9
    t = float(stdtrit(max(effective - 1, 0.5), level)) if several else float("nan")
    pair = 0.0
    if objective != "nll":
        pair = 2 * float((weights**3).sum() / weights.sum()) / n**2
    half = float(np.hypot(t * np.sqrt(variance), normal_quantile(2 * level - 1) * np.sqrt(pair)))
    square = float(np.square(contributions).mean())
    inflation = variance / alone if alone > 0 else 1.0
    return Gain(objective, value, value - half, value + half, square, inflation, effective)


def worthwhile_gain(objective: str) -> float:
    """The smallest gain that is worth further forward passes, unless told otherwise.

    Parameters
    ----------
    objective : str

    Returns
    -------
    float
        0.01 (one point) of accuracy, balanced accuracy and recall; 0.02 nats.

    Examples
    --------
    >>> worthwhile_gain("accuracy"), worthwhile_gain("nll")
    (0.01, 0.02)
    """
    return WORTHWHILE.get(objective, _WORTHWHILE_POINT)


def needed_images(
    gain: float, discordant: float, *, power: float = 0.8, alpha: float = 0.05
) -> int:
    """Images that McNemar's test needs to see a gain of accuracy.

    ``n = (z_{1-α/2} √ψ + z_power √(ψ - δ²))² / δ²`` with gain δ and share ψ of discordant images.

    Parameters
    ----------
    gain : float
        δ above 0: 0.01 is one point.
    discordant : float
        ψ: share of the images that only one of the two gets right; δ² … 1. (For the mean of any
        other contribution: its mean square.)
    power : float, default 0.8
        Chance that the gain is found.
    alpha : float, default 0.05
        Level of the two-sided test.

    Returns
    -------
    int
        Rounded up.

    Raises
    ------
    OptionError
        A gain of 0 or less, a mean square that the gain contradicts, or chances outside (0, 1).

    References
    ----------
    Connor (1987), Biometrics 43:207 (sample size of McNemar's test).

    Examples
    --------
    >>> needed_images(0.01, 0.05)
    3923
    """
    from scipy.special import ndtri

    if not gain > 0:
        raise OptionError("gain", "expected more than 0", got=str(gain))
    if not discordant >= gain**2:
        raise OptionError("discordant", "expected the gain's square or more", got=str(discordant))
    for name, chance in (("power", power), ("alpha", alpha)):
        if not 0 < chance < 1:
            raise OptionError(name, "expected a number between 0 and 1", got=str(chance))
    root = float(ndtri(1 - alpha / 2)) * np.sqrt(discordant)
    root += float(ndtri(power)) * np.sqrt(discordant - gain**2)
    return int(np.ceil((root / gain) ** 2))


def needed_for(
    y: Ints, found: Gain, worthwhile: float, classes: Sequence[str], *, power: float = 0.8
) -> int | None:
    """Images, of the same mix of classes and groups, that would show a gain of a given size.

    Parameters
    ----------
    y : ndarray of int64, shape (N,)
        True class.
    found : Gain
        Whose spread, and cost of groups, is taken.
    worthwhile : float
        The gain to see, above 0.
    classes : sequence of str
    power : float, default 0.8

    Returns
    -------
    int or None
        By :func:`needed_images` with the mean square that was seen (never less than a gain of
        this size has by itself), times the cost of the groups. None: fewer than
        `FEWEST_TO_ESTIMATE` images tell no mean square, and more than `FARTHEST` times as many
        images as there are is far outside of what they tell.

    Examples
    --------
    >>> y = np.repeat([0, 1], 500)
    >>> needed_for(y, Gain("accuracy", 0.0, 0.0, 0.0, 0.05, 2.0, 1000.0), 0.01, ["a", "b"])
    7846
    """
    if len(y) < FEWEST_TO_ESTIMATE:
        return None
    square = found.square
    if found.objective == "nll":
        least = worthwhile**2
    else:
        weights = _weights(y, found.objective, class_of(found.objective, classes))
        least = worthwhile * float((weights**2).sum() / weights.sum())
    needed = needed_images(worthwhile, max(square, least), power=power)
    in_all = int(np.ceil(needed * max(found.inflation, 1.0)))
    return in_all if in_all <= FARTHEST * len(y) else None


def _weights(y: Ints, objective: str, k: int | None) -> Floats:
    """What a discordant image counts."""
    n = len(y)
    if k is not None:
        own = y == k
        return np.where(own, n / max(int(own.sum()), 1), 0.0)
    if objective == "balanced_accuracy" and n:
        sizes = np.bincount(y)
        return np.asarray(n / (np.count_nonzero(sizes) * sizes[y]), dtype=np.float64)
    return np.ones(n)


def _contributions(
    y: Ints, before: Scores, after: Scores, objective: str, k: int | None
) -> tuple[Floats, Floats]:
    weights = _weights(y, objective, k)
    if objective == "nll":
        return image_nll(y, before) - image_nll(y, after), weights
    changed = (called_class(after) == y).astype(np.float64) - (called_class(before) == y)
    return weights * changed, weights


def _variance(contributions: Floats, y: Ints, groups: Groups | None) -> float:
    """Variance of the mean, the numbers of images of each class being given."""
    sizes = np.bincount(y)
    mean = np.bincount(y, contributions) / np.maximum(sizes, 1)
    rest = contributions - mean[y]
    if groups is None:
        squares = np.bincount(y, rest**2) * sizes / np.maximum(sizes - 1, 1)
        return float(squares.sum()) / len(y) ** 2
    _, place = np.unique(groups, return_inverse=True)
    sums = np.bincount(place, rest)
    few = len(sums) / max(len(sums) - 1, 1)
    return few * float((sums**2).sum()) / len(y) ** 2
