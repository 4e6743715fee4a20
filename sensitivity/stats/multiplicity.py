"""Several p-values into one, and one family of many: Cauchy, weighted Benjamini-Hochberg."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: A p of 1 would outweigh any finite number of small ones in the Cauchy combination.
MAX_P = 0.999


def cauchy(p: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, axis: int = 0) -> Floats:
    """Combine p-values that may depend on each other.

    ``T = Σ w cot(π p) / Σ w``, and the combined p is ``P(Cauchy > T)``.

    Parameters
    ----------
    p : array_like, shape (K, ...)
        p-values in [0, 1], taken as at most .999; NaN leaves a component out.
    weights : array_like, optional
        Weight of each component, ≥ 0, of a shape that broadcasts to that of `p`; all equal
        unless given.
    axis : int, default 0
        Axis of the components.

    Returns
    -------
    ndarray of float64, shape (...)
        In (0, .999]; NaN where no component (of a weight above 0) is left. All digits of a
        small p are kept, down to 1e-307.

    References
    ----------
    Liu & Xie (2020), JASA 115:393.

    Examples
    --------
    >>> float(cauchy([0.04, 0.5, np.nan]).round(4))
    0.0788
    >>> print(f"{cauchy([1e-300, 0.5]):.3g}")
    2e-300
    """
    p = np.asarray(p, dtype=np.float64)
    kept = ~np.isnan(p)
    weights = np.where(kept, 1.0 if weights is None else np.asarray(weights, dtype=np.float64), 0)
    clipped = np.clip(np.where(kept, p, 0.5), np.finfo(np.float64).tiny, MAX_P)
    total = weights.sum(axis=axis, keepdims=True)
    # Shares first: the cotangents alone reach the largest number that there is.
    shares = weights / np.where(total > 0, total, 1)
    # cot and arctan2 keep all digits of a small p, which tan(π(½ - p)) would lose.
    combined = np.arctan2(1, (shares / np.tan(np.pi * clipped)).sum(axis=axis)) / np.pi
    return np.asarray(np.where(total.sum(axis=axis) > 0, combined, np.nan))


def weighted_bh(p: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Floats:
    """q-values of one family: weighted Benjamini-Hochberg.

    ``q = min over k ≥ rank of m · p̃_(k) / k`` with ``p̃ = p / w``: rejecting q ≤ .05 keeps the
    expected share of false findings at or below .05.

    Parameters
    ----------
    p : array_like, shape (n,)
        p-values; NaN is not tested and not in the family.
    weights : array_like, shape (n,), optional
        Weights, ≥ 0; scaled to average 1 over the m tested rows. All equal unless given.

    Returns
    -------
    ndarray of float64, shape (n,)
        In [0, 1]; NaN where `p` is; empty for no rows.

    References
    ----------
    Benjamini & Hochberg (1995), JRSS B 57:289; Genovese, Roeder & Wasserman (2006),
    Biometrika 93:509.

    Examples
    --------
    >>> weighted_bh([0.01, 0.02, np.nan, 0.5]).round(3)
    array([0.03, 0.03,  nan, 0.5 ])
    >>> weighted_bh([0.01, 0.02, 0.5], [2, 0.5, 0.5]).round(3)
    array([0.015, 0.06 , 1.   ])

    No row is surer than by itself, whatever its weight and however many are rejected:

    >>> p, weights = np.array([0.3, *[1e-9] * 500]), np.array([400.0, *[0.2] * 500])
    >>> weighted_bh(p, weights)[0]
    np.float64(0.3)
    """
    p, weights = _family(p, weights)
    q = np.full(p.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.where(weights[tested] > 0, p[tested] / weights[tested], np.inf)
    order = np.argsort(scaled)
    by_rank = scaled[order] * (len(tested) / np.arange(1, len(tested) + 1))
    q[tested[order]] = np.fmin(1, np.minimum.accumulate(by_rank[::-1])[::-1])
    # A heavy row among many rejected ones could have q < p: never called more sure than alone.
    return np.asarray(np.fmax(q, p))


def detectable_alpha(
    p: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, level: float = 0.05
) -> Floats:
    """The largest p that the family, as it stands, rejects: ``level · w · max(k, 1) / m``.

    Parameters
    ----------
    p : array_like, shape (n,)
        p-values; NaN is not tested.
    weights : array_like, shape (n,), optional
        As in :func:`weighted_bh`.
    level : float, default 0.05
        Share of false findings that is allowed.

    Returns
    -------
    ndarray of float64, shape (n,)
        In [0, level]: k is the number of rejected rows, m that of tested ones; NaN where `p`
        is. No more than `level`, as no q is below its p.

    Examples
    --------
    >>> detectable_alpha([0.3, 0.4]), detectable_alpha([0.001, 0.002])
    (array([0.025, 0.025]), array([0.05, 0.05]))
    """
    q = weighted_bh(p, weights)
    p, weights = _family(p, weights)
    n_tested, n_rejected = int((~np.isnan(q)).sum()), int((q <= level).sum())
    alpha = level * max(n_rejected, 1) / max(n_tested, 1) * weights
    return np.where(np.isnan(p), np.nan, np.fmin(alpha, level))


def family_weights(
    is_all: npt.ArrayLike, *, tested: npt.ArrayLike | None = None
) -> npt.NDArray[np.float64]:
    """Weights of a run's rows: the "all" rows share one half, the class rows the other.

    Parameters
    ----------
    is_all : array_like of bool, shape (n,)
        Whether a row is of class "all".
    tested : array_like of bool, shape (n,), optional
        Rows that have a p-value; all unless given.

    Returns
    -------
    ndarray of float64, shape (n,)
        They average 1 over the tested rows, and are all 1 where these are of one kind; 0 for
        rows that are not tested.

    Examples
    --------
    >>> family_weights([True, False, False, False]).round(3)
    array([2.   , 0.667, 0.667, 0.667])
    """
    is_all = np.asarray(is_all, dtype=bool)
    tested = np.ones(is_all.shape, bool) if tested is None else np.asarray(tested, dtype=bool)
    kinds = [mask for mask in (tested & is_all, tested & ~is_all) if mask.any()]
    weights = np.zeros(is_all.shape)
    for mask in kinds:
        weights[mask] = tested.sum() / (len(kinds) * mask.sum())
    return weights


def _family(p: npt.ArrayLike, weights: npt.ArrayLike | None) -> tuple[Floats, Floats]:
    """p-values, and weights that average 1 over those that are tested."""
    p = np.asarray(p, dtype=np.float64)
    weights = np.ones(p.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    total = weights[~np.isnan(p)].sum()
    return p, weights * (np.count_nonzero(~np.isnan(p)) / total) if total > 0 else weights
