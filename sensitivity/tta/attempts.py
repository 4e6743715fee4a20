"""Weights fitted to every cell of images, and what they gain on images they never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..policies import Where
from .cell_fit import CellFit, How, fit_cell, lower_bound
from .logits import ViewLogits
from .merge import members

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Conditions on an image, and the class that the original must be predicted as.
Division = tuple[tuple[Where, ...], str | None]

#: Cells of fewer images are left to the rest.
LEAST_IMAGES = 60

#: One-sided, of the bound that a gain must pass.
ALPHA = 0.05

#: Below this a gain is a rounding error.
LEAST_GAIN = 1e-6


@dataclass(frozen=True)
class Task:
    """What is to be fitted, checked.

    Attributes
    ----------
    logits : ViewLogits
        N images, the M views to consider, the original first.
    fold : ndarray of int64, shape (N,)
        At least two folds.
    cells : tuple of Division, length K
        Images that get weights of their own.
    codes : ndarray of int64, shape (N,)
        The cell of each image; K: none of them.
    focus : int or None
        The class whose recall is the objective.
    objective : str
        ``nll``, ``balanced_accuracy`` or ``recall:CLASS``.
    how : How
        How weights are fitted.
    max_accuracy_loss : float
        What a recall may cost.
    alpha : float
        Of the bound: 5 %, less where several attempts are made.
    """

    logits: ViewLogits
    fold: Ints
    cells: tuple[Division, ...]
    codes: Ints
    focus: int | None
    objective: str
    how: How
    max_accuracy_loss: float = 0.01
    alpha: float = ALPHA


@dataclass(frozen=True)
class Attempt:
    """Every cell fitted with one weight of the class that counts.

    Attributes
    ----------
    fits : tuple of CellFit or None, length K + 1
        None: too few images.
    accepted : tuple of bool, length K + 1
        Whose gain is proven.
    counted : ndarray of bool, shape (N,)
        The images that the objective is about.
    gains : ndarray of float64, shape (N,)
        Out of fold, of the accepted cells, of all if none is: in nats, of a recall in images.
    gain, low : float
        Mean over the images that count, and its lower one-sided bound.
    loss : float
        Of accuracy, out of fold, where a recall is the objective; else 0.
    """

    fits: tuple[CellFit | None, ...]
    accepted: tuple[bool, ...]
    counted: Bools
    gains: Floats
    gain: float
    low: float
    loss: float


def divided(
    logits: ViewLogits, cells: Sequence[tuple[Where, ...]], *, by_predicted: bool = False
) -> tuple[tuple[Division, ...], Ints]:
    """The cells that are large enough, and that of each image.

    Parameters
    ----------
    logits : ViewLogits
        N images.
    cells : sequence of tuple of Where
        The first that an image belongs to counts.
    by_predicted : bool, default False
        Whether each cell, and the rest, is divided by the class that the original is predicted
        as. Classes of few images share weights.

    Returns
    -------
    kept : tuple of Division, length K
        Those of 60 images or more.
    codes : ndarray of int64, shape (N,)
        K: in none of them.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> y = np.arange(200) % 2
    >>> some = ViewLogits(tuple(map(str, range(200))), y, (ORIGINAL,),
    ...                   np.eye(2, dtype=np.float32)[None, y], ("ok", "defect"))
    >>> kept, codes = divided(some, (), by_predicted=True)
    >>> [predicted for _, predicted in kept], np.bincount(codes).tolist()
    (['ok', 'defect'], [100, 100])
    """
    free = np.ones(len(logits), dtype=np.bool_)
    codes = np.full(len(logits), -1, dtype=np.int64)
    kept: list[Division] = []
    asked: list[Division] = []
    for where in [*cells, ()]:
        asked += [(tuple(where), name) for name in logits.classes] if by_predicted else []
        asked += [(tuple(where), None)] if where else []
    for where, predicted in asked:
        mine = members(logits, where, predicted) & free
        if mine.sum() >= LEAST_IMAGES:
            codes[mine] = len(kept)
            kept.append((where, predicted))
            free &= ~mine
    codes[codes < 0] = len(kept)
    return tuple(kept), codes


def attempt(task: Task, class_weight: float = 1.0) -> Attempt:
    """Fit every cell, and see what is gained out of fold.

    Parameters
    ----------
    task : Task
        What is to be fitted.
    class_weight : float, default 1.0
        Of the images of the class whose recall is the objective.

    Returns
    -------
    Attempt
        By cross-entropy each cell is accepted for itself, at a share of α; by recall all are
        or none.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL, ViewSpec
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 400)
    >>> z = (1.5 * np.eye(2)[y] + rng.normal(size=(2, 400, 2))).astype(np.float32)
    >>> both = ViewLogits(tuple(map(str, range(400))), y, (ORIGINAL, ViewSpec("vflip", 1.0)), z,
    ...                   ("ok", "defect"))
    >>> how = How(np.array([1.0, 0.0]), "logits", (0.01, 1.0))
    >>> whole = np.zeros(400, dtype=np.int64)
    >>> attempt(Task(both, np.arange(400) % 5, (), whole, None, "nll", how)).accepted
    (True,)
    """
    z, y = task.logits.z, task.logits.y
    weight = _weights(task, class_weight)
    fits: list[CellFit | None] = []
    for number in range(len(task.cells) + 1):
        mine = task.codes == number
        few = mine.sum() < min(LEAST_IMAGES, len(y)) or len(np.unique(task.fold[mine])) < 2
        data = z[:, mine], y[mine], task.fold[mine], weight[mine]
        fits.append(None if few else fit_cell(*data, task.how))
    judge = _by_entropy if task.focus is None else _by_recall
    return judge(task, tuple(fits))


def _weights(task: Task, class_weight: float) -> Floats:
    """Of the images, with the mean 1."""
    y = task.logits.y
    weight = np.ones(len(y))
    if task.objective == "balanced_accuracy":
        weight = 1.0 / np.maximum(np.bincount(y), 1)[y]
    if task.focus is not None:
        weight[y == task.focus] = class_weight
    scaled: Floats = weight / weight.mean()
    return scaled


def _by_entropy(task: Task, fits: tuple[CellFit | None, ...]) -> Attempt:
    groups = task.logits.groups
    n = len(task.codes)
    accepted, gains, proven = [], np.zeros(n), np.zeros(n, dtype=np.bool_)
    n_fitted = max(1, sum(fit is not None for fit in fits))
    for number, fit in enumerate(fits):
        mine = task.codes == number
        low = -np.inf
        if fit is not None:
            by = None if groups is None else groups[mine]
            gains[mine] = fit.gains
            low = fit.low(by, task.alpha / n_fitted)
        accepted.append(low > LEAST_GAIN)
        proven |= mine & (low > LEAST_GAIN)
    if any(accepted):
        gains[~proven] = 0.0
    gain, low = lower_bound(gains, groups, task.alpha)
    everyone = np.ones(n, dtype=np.bool_)
    return Attempt(fits, tuple(accepted), everyone, gains, gain, low, 0.0)


def _by_recall(task: Task, fits: tuple[CellFit | None, ...]) -> Attempt:
    y, groups = task.logits.y, task.logits.groups
    scores = task.logits.z[0].astype(np.float64)
    for number, fit in enumerate(fits):
        if fit is not None:
            scores[task.codes == number] = fit.scores
    change = right(scores, y) - right(task.logits.z[0], y)
    counted = y == task.focus
    by = None if groups is None else groups[counted]
    gain, low = lower_bound(change[counted], by, task.alpha)
    loss = -float(change.mean())
    is_fine = loss <= task.max_accuracy_loss and low > LEAST_GAIN
    accepted = tuple(is_fine and fit is not None for fit in fits)
    return Attempt(fits, accepted, counted, change, gain, low, loss)


def right(scores: npt.NDArray[np.floating], y: Ints) -> Floats:
    """1 where the largest score is that of the true class, else 0.

    Parameters
    ----------
    scores : ndarray of float, shape (N, C)
        Any.
    y : ndarray of int, shape (N,)
        True classes.

    Returns
    -------
    ndarray of float64, shape (N,)

    Examples
    --------
    >>> right(np.array([[2.0, 1.0], [2.0, 1.0]]), np.array([0, 1])).tolist()
    [1.0, 0.0]
    """
    is_right: Floats = (scores.argmax(axis=1) == y).astype(np.float64)
    return is_right
