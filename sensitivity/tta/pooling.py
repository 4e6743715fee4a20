"""Weights of views: a convex fit of M numbers, pulled to the original."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import log_softmax

from ..errors import OptionError
from ..policies import POOLS
from .newton import Curved, minimise_above_zero

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Largest weight, in units of one over the scale of the original's logits: where every image is
#: right, the likelihood rises without end as the temperature falls.
MOST = 1e3

#: Where the likelihood asks for no weight at all (the views mislead), so much is left, in the
#: same units: probabilities are then all but equal.
LEAST = 1e-6

#: Smallest weight while probabilities are fitted: a view without any has no slope.
_TINY = 1e-8


@dataclass(frozen=True)
class Goal:
    """What weights are fitted for.

    Attributes
    ----------
    prior : ndarray of float64, shape (M,), or None
        Shares w0 that the weights are pulled to, of sum 1; None: all on the original.
    pool : {"logits", "probabilities"}
        As in :class:`~sensitivity.policies.Policy`.
    smoothing : float
        Share of each label that goes to all classes alike, from 0 to below 1.
    """

    prior: Floats | None = None
    pool: str = "logits"
    smoothing: float = 0.0

    def __post_init__(self) -> None:
        if self.pool not in POOLS:
            raise OptionError("pool", f"expected one of {', '.join(POOLS)}", got=self.pool)
        if not 0 <= self.smoothing < 1:
            rule = "expected a share from 0 to below 1"
            raise OptionError("smoothing", rule, got=f"{self.smoothing:g}")

    def among(self, places: Ints) -> Goal:
        """The same for some of the views.

        Parameters
        ----------
        places : ndarray of int
            Which.

        Returns
        -------
        Goal
            Its prior has the sum 1 again; equal shares where it was 0.

        Examples
        --------
        >>> Goal(np.array([0.5, 0.0, 0.5])).among(np.array([0, 1])).prior.tolist()
        [1.0, 0.0]
        """
        if self.prior is None:
            prior = (places == 0).astype(np.float64)
        else:
            prior = self.prior[places].astype(np.float64)
        total = float(prior.sum())
        even = np.full(len(places), 1 / len(places))
        return replace(self, prior=prior / total if total > 0 else even)


def fit_weights(
    z: npt.NDArray[np.floating],
    y: npt.NDArray[np.integer],
    *,
    prior: npt.ArrayLike | None = None,
    penalty: float = 0.0,
    pool: str = "logits",
    sample_weight: npt.ArrayLike | None = None,
    balanced: bool = False,
    smoothing: float = 0.0,
) -> Floats:
    """Weights v ≥ 0 of views by minimal cross-entropy.

    Minimised is the mean of ``-log softmax(Σ v_m z_m)[y]``, plus
    ``penalty · s² ‖v - (Σ v) w0‖²``, where s is the scale of the original's logits (root mean
    square about their mean over the classes), which makes the penalty free of it. The sum of
    the weights is one over the temperature, and is not penalised.

    Parameters
    ----------
    z : ndarray of float, shape (M, N, C)
        Logits of M views, the original first.
    y : ndarray of int, shape (N,)
        True classes; some may be missing.
    prior : array_like of float, shape (M,), optional
        w0, of sum 1, to which the shares are pulled; None: all on the original.
    penalty : float, default 0
        λ ≥ 0.
    pool : {"logits", "probabilities"}, default "logits"
        As in :class:`~sensitivity.policies.Policy`. The logits' problem is convex; that of the
        probabilities is convex in the shares at a given temperature only, and ends in the
        minimum next to the prior.
    sample_weight : array_like of float, shape (N,), optional
        Weights of the images; None: all alike.
    balanced : bool, default False
        Whether each class that occurs counts the same, on top of `sample_weight`.
    smoothing : float, default 0
        Share of each label that goes to all classes alike. With one over the number of images
        the temperature stays finite where all are right (Platt 1999 did so).

    Returns
    -------
    ndarray of float64, shape (M,)
        The weights, each at most 1,000 / s, and not all 0: where the likelihood asks for none,
        the prior's shares of 1e-6 / s. The original alone with weight 1 where there are no
        images.

    Raises
    ------
    OptionError
        A penalty below 0, another pool, or smoothing that is no share.

    References
    ----------
    Shanmugam et al., "Better aggregation in test-time augmentation", ICCV 2021.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 500)
    >>> good = 2.0 * np.eye(2)[y] + rng.normal(size=(500, 2))
    >>> noise = rng.normal(size=(500, 2))
    >>> v = fit_weights(np.stack([good, noise]), y, penalty=0.01)
    >>> bool(v[0] > 1), round(float(v[1]), 1)
    (True, 0.0)
    """
    weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    if balanced and len(y):
        weight = weight / np.maximum(np.bincount(y, weights=weight), 1e-300)[y]
    goal = Goal(None if prior is None else np.asarray(prior, np.float64), pool, smoothing)
    return fit_path(z, y, (penalty,), goal, sample_weight=weight)[0]


def fit_path(
    z: npt.NDArray[np.floating],
    y: npt.NDArray[np.integer],
    penalties: Sequence[float],
    goal: Goal,
    *,
    sample_weight: npt.NDArray[np.floating] | None = None,
) -> list[Floats]:
    """Weights for each of several penalties, each fit starting where the last ended.

    Parameters
    ----------
    z, y, sample_weight
        As for :func:`fit_weights`.
    penalties : sequence of float
        λ ≥ 0, best in falling order.
    goal : Goal
        Prior, pool and smoothing.

    Returns
    -------
    list of ndarray of float64, shape (M,)
        One per penalty.

    Raises
    ------
    OptionError
        A penalty below 0.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 500)
    >>> z = np.eye(2)[y] + rng.normal(size=(2, 500, 2))
    >>> [v.round(1).tolist() for v in fit_path(z, y, (100.0, 0.0), Goal())]
    [[1.0, 0.0], [1.0, 1.0]]
    """
    for penalty in penalties:
        if not penalty >= 0:
            raise OptionError("penalty", "expected 0 or more", got=f"{penalty:g}")
    m, n, _ = z.shape
    first = np.zeros(m)
    first[0] = 1.0
    if n == 0:
        return [first] * len(penalties)
    w0 = first if goal.prior is None else goal.prior
    given = np.ones(n) if sample_weight is None else sample_weight
    weight: Floats = np.asarray(given, dtype=np.float64) / np.sum(given, dtype=np.float64)
    centred = z[0] - z[0].mean(axis=1, keepdims=True, dtype=np.float64)
    scale = float(np.sqrt(np.mean(np.square(centred)))) or 1.0
    scaled: Floats = z.astype(np.float64) / scale
    data = scaled, np.asarray(y, dtype=np.int64), weight, goal.smoothing
    convex = _curved(*data) if goal.pool == "logits" or m == 1 else None
    other = None if goal.pool == "logits" else _of_probabilities(*data)
    off = np.eye(m) - w0[:, None]
    u, found = w0.astype(np.float64), []
    for penalty in penalties:
        pull = 2 * penalty * off.T @ off
        answer = minimise_above_zero(convex, pull, np.maximum(u, 1e-3), MOST) if convex else None
        if answer is None:
            answer = _bounded(other or _without_curve(convex), pull, u)
        u = answer
        found.append(u / scale if u.sum() > LEAST else w0 * LEAST / scale)
    return found


Loss = Callable[[Floats], tuple[float, Floats]]


def _bounded(loss: Loss, pull: Floats, start: Floats) -> Floats:
    """Between 0 and the largest weight, by L-BFGS-B."""

    def objective(u: Floats) -> tuple[float, Floats]:
        value, slope = loss(u)
        pulled = pull @ u
        return value + 0.5 * float(u @ pulled), slope + pulled

    found = minimize(
        objective,
        np.clip(start, 1e-3, MOST),
        jac=True,
        method="L-BFGS-B",
        bounds=[(_TINY, MOST)] * len(start),
        options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-9},
    )
    u: Floats = np.asarray(found.x, dtype=np.float64)
    return np.where(u > 2 * _TINY, u, 0.0)


def _without_curve(convex: Curved | None) -> Loss:
    assert convex is not None
    return lambda u: convex(u, curved=False)[:2]


def _curved(z: Floats, y: Ints, weight: Floats, smoothing: float) -> Curved:
    """Cross-entropy of the weighted sum, its slope and its curvature.

    In terms of what the other classes' logits are above the true one's: one class fewer.
    """
    m, n, c = z.shape
    is_other = np.ones((n, c), dtype=np.bool_)
    is_other[np.arange(n), y] = False
    above = z - np.take_along_axis(z, y[None, :, None], axis=2)
    # (M, (C-1)·N), the images of a class side by side
    apart = above[:, is_other].reshape(m, n, c - 1).swapaxes(1, 2)
    flat = np.ascontiguousarray(apart).reshape(m, -1)
    weights = np.tile(weight, c - 1)
    # A label shared out to all classes adds what is linear in the weights.
    even = -(smoothing / c) * (flat @ weights)

    def loss(u: Floats, *, curved: bool) -> tuple[float, Floats, Floats]:
        s = (u @ flat).reshape(c - 1, n)
        top = s.max(axis=0, initial=0.0)
        raised = np.exp(s - top)
        total = np.exp(-top) + raised.sum(axis=0)
        value = float(weight @ (top + np.log(total))) + float(even @ u)
        p = (raised / total).reshape(-1)
        slope = flat @ (p * weights) + even
        if not curved:
            return value, slope, np.empty((0, 0))
        weighed = flat * p
        mean = weighed.reshape(m, c - 1, n).sum(axis=1)
        return value, slope, (weighed * weights) @ flat.T - (mean * weight) @ mean.T

    return loss


def _of_probabilities(z: Floats, y: Ints, weight: Floats, smoothing: float) -> Loss:
    """Cross-entropy of the weighted mean of probabilities at one temperature, and its slope."""
    _, n, c = z.shape
    z = z - z.max(axis=2, keepdims=True)
    label = np.full((n, c), smoothing / c)
    label[np.arange(n), y] += 1 - smoothing
    if smoothing == 0:  # then only the true class counts
        label, place = label[np.arange(n), y][:, None], y[None, :, None]
    share = label * weight[:, None]

    def loss(v: Floats) -> tuple[float, Floats]:
        heat = float(v.sum())
        logs = log_softmax(heat * z, axis=2)
        spare = z - (np.exp(logs) * z).sum(axis=2, keepdims=True)
        if smoothing == 0:
            logs = np.take_along_axis(logs, place, axis=2)
            spare = np.take_along_axis(spare, place, axis=2)
        part = np.log(v / heat)[:, None, None]
        pooled = np.logaddexp.reduce(part + logs, axis=0)
        value = -float((share * pooled).sum())
        # of the shares, at one temperature
        ratio = share * np.exp(logs - pooled)
        by_share = -ratio.sum(axis=(1, 2)) / heat
        by_share = by_share - float(by_share @ v) / heat
        # of the temperature, at the same shares
        by_heat = -float((np.exp(part) * ratio * spare).sum())
        return value, by_share + by_heat

    return loss
