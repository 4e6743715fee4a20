"""The baseline that costs nothing: the same predictions with a shifted threshold.

A strategy that gains recall of one class for some accuracy has done no more than a constant on
that class's logit could do. What follows finds that constant for the same loss of accuracy, on
other images than it is judged on, and says whether the strategy is better.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import tables
from ..errors import InputError
from .gains import class_of, paired_gain, worthwhile_gain
from .splits import cross_fitted
from .tallies import called_class

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Scores = npt.NDArray[np.floating]

#: Points of a front.
MAX_POINTS = 50


def shifted(scores: Scores, k: int, shift: float) -> Floats:
    """Scores with a constant added to one class.

    Parameters
    ----------
    scores : ndarray of float, shape (N, C)
    k : int
        The class.
    shift : float
        Added to its log-odds.

    Returns
    -------
    ndarray of float64, shape (N, C)

    Examples
    --------
    >>> shifted(np.zeros((1, 2)), 1, 0.5).tolist()
    [[0.0, 0.5]]
    """
    moved = np.array(scores, dtype=np.float64)
    moved[:, k] += shift
    return moved


def fit_shift(z0: Scores, y: Ints, k: int, *, min_accuracy: float) -> float:
    """The shift of one class that gives it the most recall at a given accuracy.

    Exact: an image is called k where the shift exceeds its margin ``max_{j≠k} z_j - z_k``, so the
    sorted margins are all that can matter.

    Parameters
    ----------
    z0 : ndarray of float, shape (N, C)
        Scores of the original; C ≥ 2.
    y : ndarray of int64, shape (N,)
        True class.
    k : int
        The class.
    min_accuracy : float
        What the accuracy on these images must not fall below.

    Returns
    -------
    float
        0 where that is as good as any; else in the middle between the margins at which predictions
        change. Where no shift is as accurate as asked for, that of the greatest accuracy. 0 for no
        images.

    Examples
    --------
    >>> z0, y = np.array([[3.0, 0.0], [1.0, 0.0], [2.0, 0.0]]), np.array([0, 1, 1])
    >>> fit_shift(z0, y, 1, min_accuracy=1.0), fit_shift(z0, y, 1, min_accuracy=0.0)
    (2.5, 2.5)
    """
    if not len(y):
        return 0.0
    shifts, accuracy, recall = shift_curve(z0, y, k)
    allowed = accuracy >= min_accuracy - 1e-12
    if not allowed.any():
        allowed = accuracy >= accuracy.max() - 1e-12
    order = np.lexsort((np.abs(shifts), -accuracy, -recall, ~allowed))
    return float(shifts[order[0]])


def shift_curve(z0: Scores, y: Ints, k: int) -> tuple[Floats, Floats, Floats]:
    """Accuracy and recall of one class at every shift that makes a difference.

    Parameters
    ----------
    z0 : ndarray of float, shape (N, C)
    y : ndarray of int64, shape (N,)
    k : int

    Returns
    -------
    shifts : ndarray of float64, shape (P,)
        Rising, P ≤ N + 1: between two neighbouring margins, or 0 where that lies between them; at
        the ends nothing, and everything, is called k.
    accuracy, recall : ndarray of float64, shape (P,)
        On these images; recall is 0 where no image is of the class.

    Raises
    ------
    InputError
        Fewer than two classes, or no image.

    Examples
    --------
    >>> z0, y = np.array([[3.0, 0.0], [1.0, 0.0], [2.0, 0.0]]), np.array([0, 1, 1])
    >>> [x.round(2).tolist() for x in shift_curve(z0, y, 1)]
    [[0.0, 1.5, 2.5, 4.0], [0.33, 0.67, 1.0, 0.67], [0.0, 0.5, 1.0, 1.0]]
    """
    n, n_classes = z0.shape
    if n_classes < 2 or not n:
        raise InputError("scores", "expected two or more classes and an image", got=str(z0.shape))
    scores = np.array(z0, dtype=np.float64)
    own = scores[:, k].copy()
    scores[:, k] = -np.inf
    other = called_class(scores)
    margin = scores[np.arange(n), other] - own
    order = np.argsort(margin, kind="stable")
    margin, is_class = margin[order], (y == k)[order]
    else_right = ((other == y) & (y != k))[order]
    # Positions: before the first margin, and after each that is the last of its value.
    last = np.append(margin[1:] - margin[:-1] > 1e-12 * np.maximum(1, np.abs(margin[1:])), True)
    gained = np.append(0, np.cumsum(is_class)[last])
    right = else_right.sum() + np.append(0, np.cumsum(is_class - else_right.astype(int))[last])
    edges = margin[last]
    firsts = margin[np.append(0, np.flatnonzero(last)[:-1] + 1)]
    below, above = np.append(-np.inf, edges), np.append(firsts, np.inf)
    with np.errstate(invalid="ignore"):
        middle = (below + above) / 2
    middle[0], middle[-1] = firsts[0] - 1, edges[-1] + 1
    shifts = np.where((below < 0) & (above > 0), 0.0, middle)
    return shifts, right / n, gained / max(int(is_class.sum()), 1)


def shifted_class(
    y: Ints, z0: Scores, like: Scores, classes: Sequence[str], *, objective: str = "nll"
) -> int:
    """The class whose threshold the baseline shifts.

    Parameters
    ----------
    y : ndarray of int64, shape (N,)
    z0, like : ndarray of float, shape (N, C)
        Scores of the original and of the strategy.
    classes : sequence of str
    objective : str, default "nll"

    Returns
    -------
    int
        That of the objective, else the one whose recall the strategy raises most (the first of
        equal ones).

    Examples
    --------
    >>> y = np.array([0, 1])
    >>> shifted_class(y, np.array([[1.0, 0], [1, 0]]), np.array([[0.0, 1], [0, 1]]), ["a", "b"])
    1
    """
    k = class_of(objective, classes)
    if k is not None:
        return k
    sizes = np.bincount(y, minlength=len(classes))
    hits = (np.bincount(y[called_class(z) == y], minlength=len(classes)) for z in (z0, like))
    before, after = hits
    change = np.where(sizes > 0, (after - before) / np.maximum(sizes, 1), -np.inf)
    return int(np.argmax(change))


def cross_fitted_shift(
    z0: Scores, y: Ints, k: int, like: Scores, folds: Ints
) -> tuple[Floats, Floats]:
    """The original with a shift that may lose as much accuracy as a strategy does.

    Parameters
    ----------
    z0 : ndarray of float, shape (N, C)
        Scores of the original.
    y : ndarray of int64, shape (N,)
    k : int
        The class, see :func:`shifted_class`.
    like : ndarray of float, shape (N, C)
        Scores of the strategy, out of fold. In each fold the shift is fitted on the other folds,
        to at least the accuracy that the strategy has there.
    folds : ndarray of int, shape (N,)
        Fold of each image: those of the recipe, or any others. Images that only judge (the last of
        three splits) are divided into folds of their own.

    Returns
    -------
    scores, in_sample : ndarray of float64, shape (N, C)
        Out of fold, and fitted on all images.

    Raises
    ------
    InputError
        Fewer than two folds.

    Examples
    --------
    >>> y, z0 = np.tile([0, 1], 20), np.zeros((40, 2))
    >>> z0[:, 0] = np.where(y == 0, 3.0, 1.0)
    >>> scores, _ = cross_fitted_shift(z0, y, 1, z0, np.arange(40) % 5)
    >>> scores[:, 1].tolist() == [2.0] * 40
    True
    """

    def fitted(rows: npt.NDArray[np.bool_]) -> Callable[[Scores], Floats]:
        accuracy = float((called_class(like[rows]) == y[rows]).mean())
        shift = fit_shift(z0[rows], y[rows], k, min_accuracy=accuracy)
        return lambda scores: shifted(scores, k, shift)

    return cross_fitted(z0, folds, fitted)


def beaten_by_shift(
    y: Ints,
    policy: Scores,
    baseline: Scores,
    classes: Sequence[str],
    *,
    k: int,
    objective: str = "nll",
    groups: npt.NDArray[np.integer] | None = None,
    worthwhile: float | None = None,
    level: float = 0.95,
) -> bool | None:
    """Whether a baseline without a further pass does as well as a strategy.

    Parameters
    ----------
    y : ndarray of int64, shape (N,)
        True class.
    policy, baseline : ndarray of float, shape (N, C)
        Scores of the strategy and of the baseline (:func:`cross_fitted_shift`, for the objective
        ``nll`` :func:`~sensitivity.tta.biases.cross_fitted_bias`), both out of fold.
    classes : sequence of str
    k : int
        The class that was shifted.
    objective : str, default "nll"
        What the strategy is to gain.
    groups : ndarray of int, shape (N,), optional
        What belongs together.
    worthwhile : float, optional
        An advantage below this is none; None: one point, or 0.02 nats.
    level : float, default 0.95
        Confidence of each one-sided bound.

    Returns
    -------
    bool or None
        False: the strategy is ahead in its objective (the bound of the paired difference is above
        0), and not behind in accuracy, balanced accuracy or the recall of k. True: it is not
        ahead even in the estimate; or by less than `worthwhile`, by the upper bound; or it is
        behind in one of these and ahead in none. None: these images cannot tell.

    Examples
    --------
    >>> y, z0 = np.repeat([0, 1], 100), np.zeros((200, 2))
    >>> z0[150:, 1], z0[:, 0] = 1.0, 0.5
    >>> perfect = np.eye(2)[y]
    >>> said = dict(k=1, objective="recall:b")
    >>> beaten_by_shift(y, perfect, z0, "ab", **said), beaten_by_shift(y, z0, perfect, "ab", **said)
    (False, True)
    """
    gain = partial(paired_gain, y, baseline, policy, classes, groups=groups, level=level)
    own = gain(objective=objective)
    if own.value <= 0:
        return True
    least = worthwhile_gain(objective) if worthwhile is None else worthwhile
    ahead = own.low > 0
    if not ahead and own.high < least:
        return True
    if objective == "nll":
        return False if ahead else None
    others = ["accuracy", "balanced_accuracy"]
    others += [f"recall:{classes[k]}"] if (y == k).any() else []
    behind = any(gain(objective=other).high < 0 for other in others)
    if behind:
        return None if ahead else True
    return False if ahead else None


def front(
    y: Ints,
    classes: Sequence[str],
    k: int,
    scores: Mapping[str, tuple[Scores, float]],
    *,
    max_points: int = MAX_POINTS,
) -> pd.DataFrame:
    """Recall of one class against accuracy, as its threshold moves, for several strategies.

    Parameters
    ----------
    y : ndarray of int64, shape (N,)
        True class; N ≥ 1.
    classes : sequence of str
    k : int
        The class.
    scores : mapping
        From the name that is shown (``threshold shift`` for the scores of the original, ``policy``)
        to scores out of fold, shape (N, C), and mean passes per image.
    max_points : int, default 50
        At most as many points of each, spread evenly along the curve; the one without a shift,
        and both ends, are among them. At least 3.

    Returns
    -------
    pandas.DataFrame
        :data:`sensitivity.tables.FRONT`, by rising shift.

    Raises
    ------
    InputError
        No image, or fewer than two classes.

    Examples
    --------
    >>> z0, y = np.array([[3.0, 0.0], [1.0, 0.0], [2.0, 0.0]]), np.array([0, 1, 1])
    >>> table = front(y, ["a", "b"], 1, {"threshold shift": (z0, 1.0)})
    >>> table[["setting", "accuracy", "recall"]].round(2).to_numpy().tolist()
    [[0.0, 0.33, 0.0], [1.5, 0.67, 0.5], [2.5, 1.0, 1.0], [4.0, 0.67, 1.0]]
    """
    parts = []
    for name, (table, passes) in scores.items():
        shifts, accuracy, recall = shift_curve(table, y, k)
        kept = _spread_out(shifts, accuracy, recall, max_points)
        part = pd.DataFrame(
            {
                "strategy": pd.Series([name] * len(kept), dtype="str"),
                "setting": shifts[kept],
                "class": pd.Series([classes[k]] * len(kept), dtype="str"),
                "accuracy": accuracy[kept],
                "recall": recall[kept],
                "passes": float(passes),
            }
        )
        parts.append(part)
    return tables.check(pd.concat(parts, ignore_index=True), tables.FRONT)


def _spread_out(shifts: Floats, accuracy: Floats, recall: Floats, most: int) -> Ints:
    """Places evenly along the curve, both ends and the place of no shift among them."""
    if len(shifts) <= most:
        return np.arange(len(shifts))
    steps = np.abs(np.diff(accuracy)) + np.abs(np.diff(recall))
    path = np.append(0.0, np.cumsum(steps))
    wanted = np.linspace(0, path[-1], most - 1)
    kept = np.searchsorted(path, wanted).clip(0, len(shifts) - 1)
    neutral = int(np.argmin(np.abs(shifts)))
    return np.unique(np.append(kept, [0, len(shifts) - 1, neutral])).astype(np.int64)
