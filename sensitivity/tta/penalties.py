"""The penalty of the weights, chosen by cross-validation; views that count for little dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import log_softmax

from .pooling import Goal, fit_path

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: λ, from hardly bound to hardly free.
PENALTIES = (0.0003, 0.003, 0.03, 0.3, 3.0)

#: Views with a smaller share of the weights are dropped, and the others fitted again.
LEAST_SHARE = 0.03


@dataclass(frozen=True)
class Fitted:
    """Weights, and the penalty they were fitted with.

    Attributes
    ----------
    weights : ndarray of float64, shape (M,)
        v ≥ 0; 0 for the views that were dropped.
    penalty : float
        λ.
    """

    weights: Floats
    penalty: float


def nll_rows(scores: npt.NDArray[np.floating], y: Ints) -> Floats:
    """Negative log-likelihood of each image.

    Parameters
    ----------
    scores : ndarray of float, shape (N, C)
        Their softmax is the probability.
    y : ndarray of int, shape (N,)
        True classes.

    Returns
    -------
    ndarray of float64, shape (N,)
        In nats, 0 or more.

    Examples
    --------
    >>> nll_rows(np.zeros((1, 2)), np.array([0])).round(3).tolist()
    [0.693]
    """
    found: Floats = -log_softmax(scores.astype(np.float64), axis=1)[np.arange(len(y)), y]
    return found


def fit_penalised(
    z: npt.NDArray[np.floating],
    y: Ints,
    folds: Ints,
    *,
    prior: Floats,
    pool: str = "logits",
    sample_weight: Floats | None = None,
    penalties: Sequence[float] = PENALTIES,
) -> Fitted:
    """Weights with the penalty that cross-validation finds best.

    Parameters
    ----------
    z : ndarray of float, shape (M, N, C)
        Logits, the original first.
    y, folds : ndarray of int, shape (N,)
        True classes, and the fold of each image.
    prior : ndarray of float, shape (M,)
        Shares that the weights are pulled to.
    pool : {"logits", "probabilities"}, default "logits"
        How the outputs are put together.
    sample_weight : ndarray of float, shape (N,), optional
        Weights of the images.
    penalties : sequence of float
        What to choose from; of equal ones the largest.

    Returns
    -------
    Fitted

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 300)
    >>> z = 2.0 * np.eye(2)[y] + rng.normal(size=(3, 300, 2))
    >>> fitted = fit_penalised(z, y, np.arange(300) % 5, prior=np.array([1.0, 0, 0]))
    >>> bool((fitted.weights > 0.3).all())
    True
    """
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    goal = Goal(prior, pool, 1 / (len(y) + 1))
    if len(z) == 1:
        v = fit_path(z, y, (0.0,), goal, sample_weight=weight)[0]
        return Fitted(v, float(max(penalties)))
    order = sorted(penalties, reverse=True)
    losses = np.zeros(len(order))
    for fold in np.unique(folds):
        inside, outside = folds != fold, folds == fold
        path = fit_path(z[:, inside], y[inside], order, goal, sample_weight=weight[inside])
        for k, v in enumerate(path):
            scores = pooled(z[:, outside], v, pool)
            losses[k] += float(weight[outside] @ nll_rows(scores, y[outside]))
    best = order[int(losses.argmin())]
    v = fit_path(z, y, (best,), goal, sample_weight=weight)[0]
    return Fitted(without_small(z, y, v, best, goal, weight), best)


def without_small(
    z: npt.NDArray[np.floating], y: Ints, weights: Floats, penalty: float, goal: Goal, by: Floats
) -> Floats:
    """Weights without the views of a small share; the others fitted again.

    Parameters
    ----------
    z : ndarray of float, shape (M, N, C)
        Logits, the original first.
    y : ndarray of int, shape (N,)
        True classes.
    weights : ndarray of float, shape (M,)
        Of all views.
    penalty : float
        λ.
    goal : Goal
        What they are fitted for.
    by : ndarray of float, shape (N,)
        Weights of the images.

    Returns
    -------
    ndarray of float64, shape (M,)
        None of a share above 0 and below 3 %.

    Examples
    --------
    >>> z = np.array([[[2.0, 0.0], [1.0, 0.0]], [[0.0, 3.0], [0.0, 1.0]]])
    >>> without_small(z, np.array([0, 1]), np.array([0.99, 0.01]), 0.1, Goal(), np.ones(2)).round(2)
    array([0.42, 0.  ])
    """
    v = weights
    while True:
        small = (v > 0) & (v < LEAST_SHARE * v.sum())
        if not small.any():
            return v
        kept = (v > 0) & ~small
        # The original stays as long as another goes: it is what a view gives way to.
        kept[0] |= small[1:].any()
        some = goal.among(np.flatnonzero(kept))
        v = np.zeros_like(weights)
        v[kept] = fit_path(z[kept], y, (penalty,), some, sample_weight=by)[0]


def pooled(z: npt.NDArray[np.floating], weights: Floats, pool: str) -> Floats:
    """Scores of views that all count for every image.

    Parameters
    ----------
    z : ndarray of float, shape (M, N, C)
        Logits.
    weights : ndarray of float, shape (M,)
        v ≥ 0.
    pool : {"logits", "probabilities"}
        As in :class:`~sensitivity.policies.Policy`.

    Returns
    -------
    ndarray of float64, shape (N, C)

    Examples
    --------
    >>> pooled(np.array([[[2.0, 0.0]], [[0.0, 2.0]]]), np.array([0.5, 0.5]), "logits").tolist()
    [[1.0, 1.0]]
    """
    if pool == "logits":
        found: Floats = np.tensordot(weights, z.astype(np.float64), axes=1)
        return found
    heat = float(weights.sum())
    logs = log_softmax(heat * z.astype(np.float64), axis=2)
    with np.errstate(divide="ignore"):
        part = np.log(weights / heat)
    mixed: Floats = np.logaddexp.reduce(logs + part[:, None, None], axis=0)
    return mixed
