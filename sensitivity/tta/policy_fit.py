"""A policy fitted to what was collected: the identity, unless another is proven out of fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from ..catalogue import ORIGINAL
from ..errors import OptionError
from ..policies import Policy, Where
from .logits import ViewLogits
from .merge import entropy, merge, passes
from .penalties import PENALTIES, Fitted, fit_penalised, nll_rows, pooled
from .pooling import fit_weights
from .splits import make_folds
from .weaknesses import inside

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Shares of the images, the most uncertain ones, that an entropy gate may let through.
GATES = (0.1, 0.25, 0.5)

#: A gate is kept if so much of the gain is left.
KEPT_GAIN = 0.9

#: Weights of a class whose recall is the objective.
CLASS_WEIGHTS = (1.0, 1.5, 2.0, 3.0, 5.0)

#: Below this a gain is a rounding error.
LEAST_GAIN = 1e-6

#: One-sided, of the bound that a gain must pass.
ALPHA = 0.05


@dataclass(frozen=True)
class OutOfFold:
    """Scores of images that took no part in the fit of their weights.

    Attributes
    ----------
    scores : ndarray of float64, shape (N, C)
        Of the merged views.
    scaled : ndarray of float64, shape (N, C)
        Of the original at the temperature of the other folds.
    fitted : tuple of Fitted
        Weights of each fold.
    """

    scores: Floats
    scaled: Floats
    fitted: tuple[Fitted, ...]


def fit_policy(
    logits: ViewLogits,
    *,
    candidates: Sequence[int] | None = None,
    where: Mapping[int, Where] | None = None,
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
    above 0. For ``recall:CLASS`` the bound is that of the gain of recall.

    Parameters
    ----------
    logits : ViewLogits
        N images, with their groups if there are any.
    candidates : sequence of int, optional
        Places of the views to consider; None: all.
    where : mapping, optional
        From the place of a view to the images that it is for.
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
    places = [0, *(p for p in (range(1, len(logits.views)) if candidates is None else candidates))]
    places = list(dict.fromkeys(places))
    wheres = [None if place == 0 else (where or {}).get(place) for place in places]
    chosen = logits.only(places)
    fold = make_folds(logits.y, logits.groups, folds, rng)
    about = {"objective": objective, "n": len(logits), "folds": len(np.unique(fold))}
    if len(places) == 1 or len(np.unique(fold)) < 2:
        return _identity(logits, {**about, "accepted": False, "reason": "no candidate"})
    z = gated_logits(chosen, wheres)
    tries = CLASS_WEIGHTS if focus is not None else (1.0,)
    best: tuple[dict[str, Any], OutOfFold, _Fit] | None = None
    for class_weight in tries:
        weight = _image_weights(logits.y, objective, focus, class_weight)
        how = _Fit(_prior(chosen), pool, weight, tuple(penalties))
        found = out_of_fold(z, logits.y, fold, how)
        told = _judged(found, logits, focus, weight, max_accuracy_loss, ALPHA / len(tries))
        if best is None or (told["allowed"], told["gain"]) > (best[0]["allowed"], best[0]["gain"]):
            best = told, found, how
    assert best is not None
    told, found, how = best
    if not told["accepted"]:
        return _identity(logits, {**about, **told})
    policy = _final(chosen, z, wheres, fold, how, max_passes)
    policy = _with_gate(policy, z, logits.y, found, gate, how)
    base = how.scaled(z, logits.y)
    after = nll_rows(merge(chosen, policy), logits.y)
    before = nll_rows(base * z[0].astype(np.float64), logits.y)
    notes = {
        **about,
        **told,
        "in_sample": float(how.weight @ (before - after) / how.weight.sum()),
        "mean_passes": float(passes(chosen, policy).mean()),
        "penalty": policy.notes["penalty"],
    }
    return replace(
        policy,
        notes=notes,
        classes=logits.classes,
        output=logits.output,
        preprocessing=dict(logits.preprocessing),
    )


@dataclass(frozen=True)
class _Fit:
    """How weights are fitted, the same in every fold."""

    prior: Floats
    pool: str
    weight: Floats
    penalties: tuple[float, ...]

    def fitted(self, z: npt.NDArray[np.floating], y: Ints, rows: Bools, fold: Ints) -> Fitted:
        return fit_penalised(
            z[:, rows],
            y[rows],
            fold[rows],
            prior=self.prior,
            pool=self.pool,
            sample_weight=self.weight[rows],
            penalties=self.penalties,
        )

    def scaled(
        self, z: npt.NDArray[np.floating], y: Ints, rows: Bools | slice = slice(None)
    ) -> float:
        """One over the temperature of the original."""
        one = fit_weights(z[:1, rows], y[rows], sample_weight=self.weight[rows])
        return float(one[0])


def out_of_fold(z: npt.NDArray[np.floating], y: Ints, fold: Ints, how: _Fit) -> OutOfFold:
    """Fit on all folds but one, and score that one.

    Parameters
    ----------
    z : ndarray of float, shape (M, N, C)
        Logits, the original first, views that are not for an image replaced by it.
    y, fold : ndarray of int, shape (N,)
        True classes, and the fold of each image.
    how : object
        How weights are fitted; the penalty is chosen inside the training part.

    Returns
    -------
    OutOfFold
    """
    scores = np.empty(z.shape[1:])
    scaled = np.empty(z.shape[1:])
    fitted = []
    for number in np.unique(fold):
        mine = fold == number
        fitted.append(how.fitted(z, y, ~mine, fold))
        scores[mine] = pooled(z[:, mine], fitted[-1].weights, how.pool)
        scaled[mine] = how.scaled(z, y, ~mine) * z[0, mine]
    return OutOfFold(scores, scaled, tuple(fitted))


def gated_logits(logits: ViewLogits, wheres: Sequence[Where | None]) -> npt.NDArray[np.float32]:
    """Logits of the views, those of the original where a view is not for the image.

    Parameters
    ----------
    logits : ViewLogits
        M views of N images.
    wheres : sequence of Where or None, length M
        The images that each view is for; None: all.

    Returns
    -------
    ndarray of float32, shape (M, N, C)

    Examples
    --------
    >>> z = np.array([[[2.0, 0.0]], [[0.0, 1.0]]], dtype=np.float32)
    >>> from sensitivity.catalogue import ViewSpec
    >>> views = (ORIGINAL, ViewSpec("gamma", 0.5))
    >>> both = ViewLogits(("a",), np.array([0]), views, z, ("0", "1"),
    ...                   feature_names=("brightness",), features=np.ones((2, 1, 1), np.float32))
    >>> gated_logits(both, [None, Where("brightness", None, 0.3)])[1].tolist()
    [[2.0, 0.0]]
    """
    z = logits.z.copy()
    for place, where in enumerate(wheres):
        if where is not None and place:
            others = ~inside(logits.feature(where.feature), where)
            z[place, others] = z[0, others]
    return z


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


def _prior(logits: ViewLogits) -> Floats:
    """Shares that the weights are pulled to: the original, and the symmetries of the training."""
    known = [
        view == ORIGINAL or (view.is_symmetric and view.source in ("training", "declared"))
        for view in logits.views
    ]
    return np.array(known, dtype=np.float64) / sum(known)


def _image_weights(y: Ints, objective: str, focus: int | None, class_weight: float) -> Floats:
    weight = np.ones(len(y))
    if objective == "balanced_accuracy":
        weight = 1.0 / np.maximum(np.bincount(y), 1)[y]
    if focus is not None:
        weight[y == focus] = class_weight
    scaled: Floats = weight / weight.mean()
    return scaled


def _judged(
    found: OutOfFold,
    logits: ViewLogits,
    focus: int | None,
    weight: Floats,
    max_accuracy_loss: float,
    alpha: float,
) -> dict[str, Any]:
    """The gain out of fold, its lower bound, and whether that is enough."""
    y = logits.y
    if focus is None:
        gains = weight * (nll_rows(found.scaled, y) - nll_rows(found.scores, y))
        rows, allowed, loss = gains, True, 0.0
    else:
        right = (found.scores.argmax(1) == y).astype(np.float64)
        was = (logits.z[0].argmax(1) == y).astype(np.float64)
        loss = float(was.mean() - right.mean())
        allowed = loss <= max_accuracy_loss
        rows = (right - was)[y == focus]
    groups = logits.groups
    if groups is not None and focus is not None:
        groups = groups[y == focus]
    gain, low = lower_bound(rows, groups, alpha)
    accepted = bool(allowed and low > LEAST_GAIN)
    return {
        "gain": gain,
        "gain_low": low,
        "accuracy_loss": loss,
        "allowed": bool(allowed),
        "accepted": accepted,
        "reason": "proven out of fold" if accepted else "no gain proven out of fold",
    }


def lower_bound(
    gains: npt.NDArray[np.floating], groups: npt.NDArray[np.integer] | None, alpha: float = ALPHA
) -> tuple[float, float]:
    """Mean of paired gains, and its lower one-sided bound.

    Parameters
    ----------
    gains : ndarray of float, shape (N,)
        Of each image.
    groups : ndarray of int, shape (N,), or None
        What belongs together: groups are summed first.
    alpha : float, default 0.05
        Chance that the bound lies above the true mean.

    Returns
    -------
    mean, low : float
        Student's t with one degree of freedom less than there are images or groups; ``-inf``
        below two of these. Both NaN and ``-inf`` without images.

    Examples
    --------
    >>> mean, low = lower_bound(np.array([0.1, 0.2, 0.3]), None)
    >>> round(mean, 3), round(low, 3)
    (0.2, 0.031)
    """
    values = np.asarray(gains, dtype=np.float64)
    n = len(values)
    if n == 0:
        return float("nan"), float("-inf")
    mean = float(values.mean())
    parts = values - mean
    if groups is not None:
        _, codes = np.unique(groups, return_inverse=True)
        parts = np.bincount(codes, weights=parts)
    k = len(parts)
    if k < 2:
        return mean, float("-inf")
    error = float(np.sqrt((parts**2).sum() * k / (k - 1))) / n
    return mean, mean - float(stats.t.ppf(1 - alpha, k - 1)) * error


def _identity(logits: ViewLogits, notes: Mapping[str, Any]) -> Policy:
    return Policy(
        classes=logits.classes,
        output=logits.output,
        preprocessing=dict(logits.preprocessing),
        notes=dict(notes),
    )


def _final(
    chosen: ViewLogits,
    z: npt.NDArray[np.float32],
    wheres: Sequence[Where | None],
    fold: Ints,
    how: _Fit,
    max_passes: float | None,
) -> Policy:
    """Weights from all images; while it costs too much, the smallest share goes."""
    everyone = np.ones(len(chosen), dtype=np.bool_)
    kept = np.arange(len(z))
    while True:
        prior = how.prior[kept] / how.prior[kept].sum()
        fitted = replace(how, prior=prior).fitted(z[kept], chosen.y, everyone, fold)
        kept_now = kept[(fitted.weights > 0) | (kept == 0)]
        weights = fitted.weights[(fitted.weights > 0) | (kept == 0)]
        policy = Policy(
            tuple(chosen.views[i] for i in kept_now),
            tuple(float(w) for w in weights),
            how.pool,
            tuple(wheres[i] for i in kept_now) if any(wheres[i] for i in kept_now) else (),
            notes={"penalty": fitted.penalty},
        )
        if max_passes is None or passes(chosen, policy).mean() <= max_passes or len(kept_now) == 1:
            return policy
        kept = np.delete(kept_now, 1 + int(weights[1:].argmin()))


def _with_gate(
    policy: Policy,
    z: npt.NDArray[np.float32],
    y: Ints,
    found: OutOfFold,
    gate: str | None,
    how: _Fit,
) -> Policy:
    """The smallest gate by uncertainty that keeps most of the gain out of fold."""
    if gate is None or policy.is_identity:
        return policy
    gains = how.weight * (nll_rows(found.scaled, y) - nll_rows(found.scores, y))
    doubt = entropy(float(sum(policy.weights)) * z[0])
    for share in GATES:
        limit = float(np.quantile(doubt, 1 - share))
        if gains[doubt > limit].sum() >= KEPT_GAIN * gains.sum() > 0:
            return replace(policy, entropy=limit)
    return policy
