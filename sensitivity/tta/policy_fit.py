"""A policy fitted to what was collected: the identity, unless another is proven out of fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..catalogue import ORIGINAL, ViewSpec
from ..errors import OptionError
from ..policies import Cell, Policy, Where
from .cell_fit import CellFit, How, fit_cell, lower_bound
from .logits import ViewLogits
from .merge import entropy, image_weights, members, passes
from .penalties import PENALTIES
from .splits import make_folds

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Cells of fewer images are left to the rest.
LEAST_IMAGES = 60

#: Shares of the images, the most uncertain ones, that an entropy gate may let through.
GATES = (0.1, 0.25, 0.5)

#: A gate is kept if so much of the gain is left.
KEPT_GAIN = 0.9

#: Weights of a class whose recall is the objective.
CLASS_WEIGHTS = (1.0, 1.5, 2.0, 3.0, 5.0)

#: One-sided, of the bound that a gain must pass.
ALPHA = 0.05

#: Below this a gain is a rounding error.
LEAST_GAIN = 1e-6


@dataclass(frozen=True)
class _Task:
    """What is to be fitted, checked."""

    logits: ViewLogits
    fold: Ints
    cells: tuple[tuple[Where, ...], ...]
    codes: Ints  # the cell of each image; the rest comes last
    focus: int | None
    objective: str
    how: How
    max_accuracy_loss: float


@dataclass(frozen=True)
class _Attempt:
    """Every cell fitted with one weight of the class."""

    fits: tuple[CellFit | None, ...]
    accepted: tuple[bool, ...]
    weight: Floats
    gain: float
    low: float
    loss: float


def fit_policy(
    logits: ViewLogits,
    *,
    candidates: Sequence[int] | None = None,
    cells: Sequence[tuple[Where, ...]] = (),
    objective: str = "nll",
    max_accuracy_loss: float = 0.01,
    pool: str = "logits",
    max_passes: float | None = None,
    gate: str | None = "auto",
    penalties: Sequence[float] = PENALTIES,
    folds: int = 5,
    rng: int = 0,
) -> Policy:
    """Fit weights of views, and accept them only if they are proven out of fold.

    Accepted is what lowers the cross-entropy of images that were not fitted on below that of the
    original at its best temperature: the lower one-sided 95 % bound of the paired gain must be
    above 0. With K cells each is accepted or not for itself, at 5 % / K. For ``recall:CLASS`` the
    bound is that of the gain of recall.

    Parameters
    ----------
    logits : ViewLogits
        N images, with their groups if there are any.
    candidates : sequence of int, optional
        Places of the views to consider; None: all.
    cells : sequence of tuple of Where
        Images that get weights of their own, the first that holds; those that belong to none are
        one more cell. Those of fewer than 60 images are left to it.
    objective : str, default "nll"
        ``nll``; ``balanced_accuracy``: each class counts the same; ``recall:CLASS``: the highest
        recall of the class at an accuracy not lower than the original's by more than
        `max_accuracy_loss`.
    max_accuracy_loss : float, default 0.01
        For ``recall:CLASS``.
    pool : {"logits", "probabilities"}, default "logits"
        How the outputs are put together.
    max_passes : float, optional
        Mean forward passes per image that are allowed; views with the smallest shares go first.
    gate : {"auto", "entropy", None}, default "auto"
        Whether only the uncertain images get the further views, if that keeps most of the gain.
    penalties : sequence of float
        λ to choose from.
    folds : int, default 5
        Folds of the cross-validation.
    rng : int, default 0
        Seed of the folds.

    Returns
    -------
    Policy
        The identity where nothing is proven; ``notes`` say what was fitted, and the gain.

    Raises
    ------
    OptionError
        Another objective, pool or gate, or fewer than 1 pass.

    Examples
    --------
    >>> from sensitivity.catalogue import ViewSpec
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 400)
    >>> z = (1.5 * np.eye(2)[y] + rng.normal(size=(2, 400, 2))).astype(np.float32)
    >>> views = (ORIGINAL, ViewSpec("vflip", 1.0, source="declared"))
    >>> both = ViewLogits(tuple(map(str, range(400))), y, views, z, ("ok", "defect"))
    >>> fit_policy(both, gate=None).is_identity
    False
    """
    focus = _checked(logits, objective, gate, max_passes)
    given = range(1, len(logits.views)) if candidates is None else candidates
    chosen = logits.only(list(dict.fromkeys([0, *given])))
    fold = make_folds(logits.y, logits.groups, folds, rng)
    about = {"objective": objective, "n": len(logits), "folds": len(np.unique(fold))}
    if len(chosen.views) == 1 or len(np.unique(fold)) < 2:
        return _identity(logits, {**about, "accepted": False, "reason": "no candidate"})
    kept, codes = _divided(chosen, cells)
    how = How(_prior(chosen.views), pool, tuple(penalties))
    task = _Task(chosen, fold, kept, codes, focus, objective, how, max_accuracy_loss)
    attempts = [_attempt(task, w) for w in (CLASS_WEIGHTS if focus is not None else (1.0,))]
    best = max(attempts, key=lambda one: (one.loss <= max_accuracy_loss, one.gain))
    about |= {"gain": best.gain, "gain_low": best.low, "accuracy_loss": best.loss}
    if not any(best.accepted):
        reason = "no gain proven out of fold"
        return _identity(logits, {**about, "accepted": False, "reason": reason})
    policy = _within_budget(_policy(task, best), chosen, max_passes)
    policy = _with_gate(policy, task, best, gate)
    notes = about | {
        "accepted": True,
        "reason": "proven out of fold",
        "mean_passes": float(passes(chosen, policy).mean()),
        "penalties": [fit.fitted.penalty for fit in best.fits if fit is not None],
    }
    return replace(
        _trimmed(policy),
        classes=logits.classes,
        output=logits.output,
        preprocessing=dict(logits.preprocessing),
        notes=notes,
    )


def _checked(
    logits: ViewLogits, objective: str, gate: str | None, max_passes: float | None
) -> int | None:
    """The place of the class whose recall is the objective, if it is one."""
    if gate not in ("auto", "entropy", None):
        raise OptionError("gate", "expected auto, entropy or None", got=repr(gate))
    if max_passes is not None and max_passes < 1:
        raise OptionError("max_passes", "expected 1 or more", got=f"{max_passes:g}")
    kind, _, name = objective.partition(":")
    if kind == "recall" and name:
        if name not in logits.classes:
            rule = f"expected a class among {', '.join(logits.classes)}"
            raise OptionError("objective", rule, got=name)
        return logits.classes.index(name)
    if objective not in ("nll", "balanced_accuracy"):
        rule = "expected nll, balanced_accuracy or recall:CLASS"
        raise OptionError("objective", rule, got=objective)
    return None


def _divided(
    logits: ViewLogits, cells: Sequence[tuple[Where, ...]]
) -> tuple[tuple[tuple[Where, ...], ...], Ints]:
    """The cells that are large enough, and that of each image."""
    free = np.ones(len(logits), dtype=np.bool_)
    kept: list[tuple[Where, ...]] = []
    found: list[Bools] = []
    for cell in cells:
        mine = members(logits, cell) & free
        if mine.sum() >= LEAST_IMAGES:
            kept.append(cell)
            found.append(mine)
            free &= ~mine
    codes = np.full(len(logits), len(kept), dtype=np.int64)
    for number, mine in enumerate(found):
        codes[mine] = number
    return tuple(kept), codes


def _prior(views: Sequence[ViewSpec]) -> Floats:
    """Shares that the weights are pulled to: the original, and the symmetries of the training."""
    known = [
        view == ORIGINAL or (view.is_symmetric and view.source in ("training", "declared"))
        for view in views
    ]
    return np.array(known, dtype=np.float64) / sum(known)


def _image_weights(task: _Task, class_weight: float) -> Floats:
    y = task.logits.y
    weight = np.ones(len(y))
    if task.objective == "balanced_accuracy":
        weight = 1.0 / np.maximum(np.bincount(y), 1)[y]
    if task.focus is not None:
        weight[y == task.focus] = class_weight
    scaled: Floats = weight / weight.mean()
    return scaled


def _attempt(task: _Task, class_weight: float) -> _Attempt:
    weight = _image_weights(task, class_weight)
    z, y, groups = task.logits.z, task.logits.y, task.logits.groups
    n_cells = len(task.cells) + 1
    fits: list[CellFit | None] = []
    for number in range(n_cells):
        mine = task.codes == number
        few = mine.sum() < min(LEAST_IMAGES, len(y)) or len(np.unique(task.fold[mine])) < 2
        data = z[:, mine], y[mine], task.fold[mine], weight[mine]
        fits.append(None if few else fit_cell(*data, task.how))
    if task.focus is not None:
        return _by_recall(task, tuple(fits), weight)
    accepted, gains = [], np.zeros(len(y))
    for number, fit in enumerate(fits):
        mine = task.codes == number
        by = None if groups is None else groups[mine]
        low = -np.inf if fit is None else lower_bound(fit.gains, by, ALPHA / n_cells)[1]
        accepted.append(low > LEAST_GAIN)
        if fit is not None and low > LEAST_GAIN:
            gains[mine] = fit.gains
    gain, low = lower_bound(gains if any(accepted) else _all_gains(task, fits), groups, ALPHA)
    return _Attempt(tuple(fits), tuple(accepted), weight, gain, low, 0.0)


def _all_gains(task: _Task, fits: Sequence[CellFit | None]) -> Floats:
    """What was seen where nothing was accepted."""
    gains = np.zeros(len(task.codes))
    for number, fit in enumerate(fits):
        if fit is not None:
            gains[task.codes == number] = fit.gains
    return gains


def _by_recall(task: _Task, fits: tuple[CellFit | None, ...], weight: Floats) -> _Attempt:
    """All cells or none: by the recall of one class, and the accuracy that it costs."""
    y, groups = task.logits.y, task.logits.groups
    scores = task.logits.z[0].astype(np.float64)
    for number, fit in enumerate(fits):
        if fit is not None:
            scores[task.codes == number] = fit.scores
    right = (scores.argmax(1) == y).astype(np.float64)
    was = (task.logits.z[0].argmax(1) == y).astype(np.float64)
    of_class = y == task.focus
    by = None if groups is None else groups[of_class]
    gain, low = lower_bound((right - was)[of_class], by, ALPHA / len(CLASS_WEIGHTS))
    loss = float(was.mean() - right.mean())
    is_fine = loss <= task.max_accuracy_loss and low > LEAST_GAIN
    accepted = tuple(is_fine and fit is not None for fit in fits)
    return _Attempt(fits, accepted, weight, gain, low, loss)


def _identity(logits: ViewLogits, notes: Mapping[str, Any]) -> Policy:
    return Policy(
        classes=logits.classes,
        output=logits.output,
        preprocessing=dict(logits.preprocessing),
        notes=dict(notes),
    )


def _policy(task: _Task, attempt: _Attempt) -> Policy:
    """Accepted cells get their weights, the others the original at its temperature."""
    weights = [
        tuple(float(v) for v in _weights_of(fit, accepted=accepted, m=len(task.logits.views)))
        for fit, accepted in zip(attempt.fits, attempt.accepted, strict=True)
    ]
    cells = tuple(Cell(w, where) for w, where in zip(weights, task.cells, strict=False))
    return Policy(task.logits.views, weights[-1], cells, task.how.pool)


def _weights_of(fit: CellFit | None, *, accepted: bool, m: int) -> Floats:
    if fit is not None and accepted:
        return fit.fitted.weights
    original = np.zeros(m)
    original[0] = 1.0 if fit is None else fit.heat
    return original


def _within_budget(policy: Policy, logits: ViewLogits, max_passes: float | None) -> Policy:
    """While it costs too much, the view with the smallest share in its cell goes."""
    while max_passes is not None and passes(logits, policy).mean() > max_passes:
        table = np.array(policy.all_weights)
        shares = table / table.sum(axis=1, keepdims=True)
        shares[:, 0] = np.inf
        shares[shares <= 0] = np.inf
        row, column = np.unravel_index(int(shares.argmin()), shares.shape)
        if not np.isfinite(shares[row, column]):
            return policy
        # What it had goes to the others of the cell in proportion, to the original if none.
        gone, table[row, column] = table[row, column], 0.0
        left = table[row].sum()
        table[row] = table[row] * (1 + gone / left) if left > 0 else [gone, *table[row][1:]]
        policy = _with_weights(policy, table)
    return policy


def _with_weights(policy: Policy, table: Floats) -> Policy:
    rows = [tuple(float(v) for v in row) for row in table]
    cells = tuple(replace(c, weights=w) for c, w in zip(policy.cells, rows, strict=False))
    return replace(policy, cells=cells, weights=rows[-1])


def _with_gate(policy: Policy, task: _Task, attempt: _Attempt, gate: str | None) -> Policy:
    """The smallest gate by uncertainty that keeps most of the gain out of fold."""
    if gate is None or policy.is_identity:
        return policy
    gains = np.zeros(len(task.codes))
    for number, fit in enumerate(attempt.fits):
        if fit is not None and attempt.accepted[number]:
            gains[task.codes == number] = fit.gains
    heat = image_weights(task.logits, policy).sum(axis=1)
    doubt = entropy(heat[:, None] * task.logits.z[0])
    for share in GATES:
        limit = float(np.quantile(doubt, 1 - share))
        gated = replace(policy, entropy=limit)
        # Where views stand in for the original, asking it first costs a pass.
        cheaper = passes(task.logits, gated).mean() < passes(task.logits, policy).mean()
        if cheaper and gains[doubt > limit].sum() >= KEPT_GAIN * gains.sum() > 0:
            return gated
    return policy


def _trimmed(policy: Policy) -> Policy:
    """Without the views that no cell uses."""
    table = np.array(policy.all_weights)
    used = np.atleast_1d((table > 0).any(axis=0))
    used[0] = True
    rows = [tuple(float(v) for v in row) for row in table[:, used]]
    cells = tuple(replace(c, weights=w) for c, w in zip(policy.cells, rows, strict=False))
    views = tuple(view for view, is_used in zip(policy.views, used, strict=True) if is_used)
    return replace(policy, views=views, cells=cells, weights=rows[-1])
