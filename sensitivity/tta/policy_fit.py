"""A policy fitted to what was collected: the identity, unless another is proven out of fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..catalogue import ORIGINAL, ViewSpec
from ..errors import OptionError, did_you_mean, listed
from ..policies import Cell, Policy, Where
from .attempts import ALPHA, Attempt, Task, attempt, divided, right
from .cell_fit import CellFit, How
from .gating import gated
from .logits import ViewLogits
from .merge import merge, passes
from .penalties import PENALTIES, nll_rows
from .splits import make_folds

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Weights of a class whose recall is the objective.
CLASS_WEIGHTS = (1.0, 1.5, 2.0, 3.0, 5.0)


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
    by_predicted: bool = False,
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
        Mean forward passes per image that are allowed: so many views at most have a weight, or
        more behind a gate. What is proven is what fits.
    gate : {"auto", "entropy", None}, default "auto"
        Whether only the uncertain images get the further views, if that keeps most of the gain.
    by_predicted : bool, default False
        Whether each class that the original may be predicted as gets weights of its own, if it
        is that of 60 images or more. Costs a pass of the original for every image.
    penalties : sequence of float
        λ to choose from.
    folds : int, default 5
        Folds of the cross-validation.
    rng : int, default 0
        Seed of the folds.

    Returns
    -------
    Policy
        The identity where nothing is proven. ``notes``: ``objective``, ``n``, ``folds``,
        ``accepted`` and ``reason``; and unless there was nothing to try ``gain`` with its lower
        bound ``gain_low``, out of fold, in nats, of a recall as a share, ``accuracy_loss``; if
        accepted also ``in_sample_gain``, ``shares`` (of the weights, by view), ``penalties``
        and ``mean_passes``.

    Raises
    ------
    OptionError
        Another objective, pool or gate, or fewer than 1 pass, by predicted class fewer than 2.

    Notes
    -----
    Before a policy is proven, everything that looks at labels is done anew on each training
    part: views, weights, penalty and temperature. Where several attempts are made (weights of
    the class, gates to meet `max_passes`), each must pass at its share of 5 %.

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
    focus = _checked(logits, objective, gate, max_passes, by_predicted=by_predicted)
    given = range(1, len(logits.views)) if candidates is None else candidates
    chosen = logits.only(list(dict.fromkeys([0, *given])))
    about: dict[str, Any] = {"objective": objective, "n": len(logits), "accepted": False}
    n_apart = len(logits) if logits.groups is None else len(np.unique(logits.groups))
    if len(chosen.views) == 1 or n_apart < 2:
        reason = "no candidate" if len(chosen.views) == 1 else "too few images or groups"
        return _identity(logits, {**about, "folds": 0, "reason": reason})
    fold = make_folds(logits.y, logits.groups, folds, rng)
    about["folds"] = len(np.unique(fold))
    kept, codes = divided(chosen, cells, by_predicted=by_predicted)
    how = How(_prior(chosen.views), pool, tuple(penalties))
    task = Task(chosen, fold, kept, codes, focus, objective, how, max_accuracy_loss)
    found, policy = _best(task, max_passes, gate, by_predicted=by_predicted)
    about |= {"gain": found.gain, "gain_low": found.low, "accuracy_loss": found.loss}
    if policy is None:
        return _identity(logits, {**about, "reason": "no gain proven out of fold"})
    notes = about | {
        "accepted": True,
        "reason": "proven out of fold",
        "in_sample_gain": _in_sample(task, policy, found),
        "mean_passes": float(passes(chosen, policy).mean()),
        "shares": _shares(policy),
        "penalties": [fit.fitted.penalty for fit in found.fits if fit is not None],
    }
    return replace(
        _trimmed(policy),
        classes=logits.classes,
        output=logits.output,
        preprocessing=dict(logits.preprocessing),
        notes=notes,
    )


def _best(
    task: Task, max_passes: float | None, gate: str | None, *, by_predicted: bool
) -> tuple[Attempt, Policy | None]:
    """The accepted attempt that gains most, with its policy; else the best of the others."""
    most = None if max_passes is None else max(1, int(max_passes) - by_predicted)
    # To meet a budget: few views for all images, or more for the uncertain ones.
    sizes = (most, None) if most is not None and gate is not None else (most,)
    weights = CLASS_WEIGHTS if task.focus is not None else (1.0,)
    alpha = ALPHA / (len(sizes) * len(weights))
    tries: list[tuple[Attempt, Policy | None]] = []
    for size in sizes:
        one = replace(task, how=replace(task.how, most_views=size), alpha=alpha)
        for class_weight in weights:
            found = attempt(one, class_weight)
            policy = _policy(one, found) if any(found.accepted) else None
            if policy is not None and gate is not None and not policy.is_identity:
                is_large = max_passes is not None and size is None
                cheaper = gated(policy, one, found, max_passes=max_passes if is_large else None)
                policy = cheaper if cheaper is not None or is_large else policy
            tries.append((found, policy))
    return max(tries, key=lambda pair: (pair[1] is not None, pair[0].gain))


def _in_sample(task: Task, policy: Policy, found: Attempt) -> float:
    """The gain on the very images that were fitted on."""
    y, counted = task.logits.y, found.counted
    after = merge(task.logits, policy)
    if task.focus is not None:
        gains = right(after, y) - right(task.logits.z[0], y)
        return float(gains[counted].mean())
    heat = np.array([1.0 if fit is None else fit.heat for fit in found.fits])[task.codes]
    weight = np.ones(len(y))
    if task.objective == "balanced_accuracy":
        weight = 1.0 / np.maximum(np.bincount(y), 1)[y]
    gains = nll_rows(heat[:, None] * task.logits.z[0], y) - nll_rows(after, y)
    return float(np.average(gains, weights=weight))


def _shares(policy: Policy) -> dict[str, list[float]]:
    """Of each view's weight, in each cell and in the rest."""
    table = np.array(policy.all_weights)
    table = table / table.sum(axis=1, keepdims=True)
    return {
        view.name: [round(float(share), 4) for share in column]
        for view, column in zip(policy.views, table.T, strict=True)
        if view == ORIGINAL or column.any()
    }


def _checked(
    logits: ViewLogits,
    objective: str,
    gate: str | None,
    max_passes: float | None,
    *,
    by_predicted: bool,
) -> int | None:
    """The place of the class whose recall is the objective, if it is one."""
    if gate not in ("auto", "entropy", None):
        raise OptionError("gate", "expected auto, entropy or None", got=repr(gate))
    if max_passes is not None and not 1 <= max_passes < np.inf:
        raise OptionError("max_passes", "expected 1 or more", got=f"{max_passes:g}")
    if by_predicted and max_passes is not None and max_passes < 2:
        rule = "expected 2 or more where weights depend on the predicted class"
        raise OptionError("max_passes", rule, got=f"{max_passes:g}")
    return place_of_objective(objective, logits.classes)


def place_of_objective(objective: str, classes: Sequence[str]) -> int | None:
    """The place of the class whose recall is the objective, if it is one.

    Parameters
    ----------
    objective : str
        ``nll``, ``balanced_accuracy`` or ``recall:CLASS``.
    classes : sequence of str, length C

    Returns
    -------
    int or None

    Raises
    ------
    OptionError
        Another objective, or no such class.

    Examples
    --------
    >>> place_of_objective("recall:defect", ["ok", "defect"]), place_of_objective("nll", [])
    (1, None)
    """
    kind, _, name = objective.partition(":")
    if kind == "recall" and name:
        if name not in classes:
            rule = f"expected a class among {listed(classes)}"
            raise OptionError("objective", rule, got=name, where=did_you_mean(name, classes))
        return list(classes).index(name)
    if objective not in ("nll", "balanced_accuracy"):
        rule = "expected nll, balanced_accuracy or recall:CLASS"
        raise OptionError("objective", rule, got=objective)
    return None


def _prior(views: Sequence[ViewSpec]) -> Floats:
    """Shares that the weights are pulled to: the original, and the symmetries of the training."""
    known = [
        view == ORIGINAL or (view.is_symmetric and view.source in ("training", "declared"))
        for view in views
    ]
    return np.array(known, dtype=np.float64) / sum(known)


def _identity(logits: ViewLogits, notes: Mapping[str, Any]) -> Policy:
    return Policy(
        classes=logits.classes,
        output=logits.output,
        preprocessing=dict(logits.preprocessing),
        notes=dict(notes),
    )


def _policy(task: Task, found: Attempt) -> Policy:
    """Accepted cells get their weights, the others the original at its temperature."""
    weights = [
        tuple(float(v) for v in _weights_of(fit, accepted=accepted, m=len(task.logits.views)))
        for fit, accepted in zip(found.fits, found.accepted, strict=True)
    ]
    cells = tuple(Cell(w, *cell) for w, cell in zip(weights, task.cells, strict=False))
    return Policy(task.logits.views, weights[-1], cells, task.how.pool)


def _weights_of(fit: CellFit | None, *, accepted: bool, m: int) -> Floats:
    if fit is not None and accepted:
        return fit.fitted.weights
    original = np.zeros(m)
    original[0] = 1.0 if fit is None else fit.heat
    return original


def _trimmed(policy: Policy) -> Policy:
    """Without the views that no cell uses."""
    table = np.array(policy.all_weights)
    used = np.atleast_1d((table > 0).any(axis=0))
    used[0] = True
    rows = [tuple(float(v) for v in row) for row in table[:, used]]
    cells = tuple(replace(c, weights=w) for c, w in zip(policy.cells, rows, strict=False))
    views = tuple(view for view, is_used in zip(policy.views, used, strict=True) if is_used)
    return replace(policy, views=views, cells=cells, weights=rows[-1])
