"""How far a metric varies over a feature's bins, and how far chance alone would."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Fewer bins than this have no spread.
MIN_BINS = 3
#: Samples from which a bin may be the best one.
MIN_BEST = 20
#: Where χ² is so large that the normal approximation of its root has four digits.
FAR = 10_000.0

GRADES = ("none", "slight", "medium", "major")
CUTS = (0.03, 0.1, 0.25)


def spread_std(values: npt.ArrayLike) -> Floats:
    """Population standard deviation over the bins (ddof=0), undefined cells left out.

    Parameters
    ----------
    values : array_like, shape (K, ...)
        A metric in each bin; NaN where it is undefined.

    Returns
    -------
    ndarray of float64, shape (...)
        NaN where fewer than two bins have a value.

    Examples
    --------
    >>> round(float(spread_std([0.7929, 0.8816, 0.9363, 0.9462, 0.9751])), 4)
    0.0643
    """
    values = np.asarray(values, dtype=np.float64)
    defined = ~np.isnan(values)
    k = defined.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(defined, values, 0).sum(axis=0) / k
        square = np.where(defined, (values - mean) ** 2, 0).sum(axis=0) / k
    return np.asarray(np.where(k >= 2, np.sqrt(square), np.nan))


def std_chance(values: npt.ArrayLike, variances: npt.ArrayLike) -> Floats:
    """The std over the bins that sampling alone gives: ``√((K-1)/K · mean Var)``.

    Parameters
    ----------
    values : array_like, shape (K, ...)
        The metric in each bin: only says which cells are defined.
    variances : array_like, shape (K, ...)
        Sampling variance of each cell.

    Returns
    -------
    ndarray of float64, shape (...)
        NaN where fewer than two bins have a value.

    Examples
    --------
    >>> round(float(std_chance([0.8, 0.9, 0.7], [0.0009, 0.0009, 0.0009])), 4)
    0.0245
    """
    defined = ~np.isnan(np.asarray(values, dtype=np.float64))
    k = defined.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(defined, np.asarray(variances, dtype=np.float64), 0).sum(axis=0) / k
        chance = np.sqrt((k - 1) / k * mean)
    return np.asarray(np.where(k >= 2, chance, np.nan))


def spread(values: npt.ArrayLike, variances: npt.ArrayLike) -> Floats:
    """The std over the bins that is left after chance: ``τ = √max(0, S² - (K-1)/K · mean V)``.

    Parameters
    ----------
    values : array_like, shape (K, ...)
        The metric in each bin; NaN (undefined, or too few samples) leaves the bin out.
    variances : array_like, shape (K, ...)
        Sampling variance V of each value.

    Returns
    -------
    ndarray of float64, shape (...)
        In the metric's unit, ≥ 0; NaN where fewer than three bins have a value.

    References
    ----------
    DerSimonian & Laird (1986), Controlled Clinical Trials 7:177 (the moment estimate).

    Examples
    --------
    >>> variances = [0.0009, 0.0009, 0.0009]
    >>> round(float(spread([0.8, 0.9, 0.7], variances)), 4)
    0.0779
    >>> float(spread([0.80, 0.81, 0.79], variances))
    0.0
    """
    square = spread_std(values) ** 2 - std_chance(values, variances) ** 2
    return np.asarray(np.where(_n_defined(values) >= MIN_BINS, np.sqrt(np.fmax(square, 0)), np.nan))


def spread_bounds(
    values: npt.ArrayLike, variances: npt.ArrayLike, *, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """One-sided bounds of the spread, each with the given confidence.

    ``Q = Σ (F - F̄)² / V`` with the precision-weighted mean F̄ follows the non-central χ² with
    K-1 degrees of freedom and non-centrality ``λ = τ² Σ 1/V``. The lower bound is the spread
    that would give a larger Q only with probability ``1 - confidence``; the upper one, a
    smaller Q.

    Parameters
    ----------
    values : array_like, shape (K, ...)
        The metric in each bin; NaN leaves the bin out.
    variances : array_like, shape (K, ...)
        Sampling variance V of each value, from rates pooled over the bins: a bin's own rate
        would give the bins that are extreme by chance too much weight. A bin whose V is not
        above 0 is left out.
    confidence : float, default 0.95
        Of each bound by itself, in (0, 1).

    Returns
    -------
    low, high : ndarray of float64, shape (...)
        In the metric's unit, ≥ 0; 0 where no spread at all would explain Q better; NaN where
        fewer than three bins are left.

    Examples
    --------
    >>> low, high = spread_bounds([0.8, 0.9, 0.7], [0.0009, 0.0009, 0.0009])
    >>> round(float(low), 3), round(float(high), 3)
    (0.051, 0.109)
    >>> low, high = spread_bounds([0.80, 0.81, 0.79], [0.0009, 0.0009, 0.0009])
    >>> float(low), round(float(high), 3)
    (0.0, 0.022)
    """
    values, weights = _precisions(values, variances)
    k, total = (weights > 0).sum(axis=0), weights.sum(axis=0)
    enough = k >= MIN_BINS
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (weights * values).sum(axis=0) / total
        q = np.where(enough, (weights * (values - mean) ** 2).sum(axis=0), np.nan)
        low, high = (
            np.sqrt(_noncentrality(q, k - 1.0, p) / total) for p in (confidence, 1 - confidence)
        )
    return np.asarray(low), np.asarray(high)


def shrunk(values: npt.ArrayLike, variances: npt.ArrayLike) -> Floats:
    """Empirical-Bayes values: each bin pulled to the mean as far as chance moves it.

    ``F̃ = m + τ² / (τ² + V) · (F - m)`` with the spread τ and the precision-weighted mean m.

    Parameters
    ----------
    values : array_like, shape (K, ...)
        The metric in each bin; NaN leaves the bin out.
    variances : array_like, shape (K, ...)
        Sampling variance V of each value; a bin whose V is not above 0 is left out.

    Returns
    -------
    ndarray of float64, shape (K, ...)
        Between m and the value; NaN where the bin is left out, or fewer than three are not.

    Examples
    --------
    >>> shrunk([0.8, 0.9, 0.7], [0.0009, 0.0009, 0.0009]).round(3)
    array([0.8  , 0.887, 0.713])
    """
    values, weights = _precisions(values, variances)
    used = weights > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (weights * values).sum(axis=0) / weights.sum(axis=0)
        square = spread(np.where(used, values, np.nan), 1 / weights) ** 2
        # τ² / (τ² + V), written for the precision 1 / V.
        pull = square * weights / (1 + square * weights)
        return np.where(used, mean + pull * (values - mean), np.nan)


def impact(
    values: npt.ArrayLike,
    variances: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    shares: npt.ArrayLike | None = None,
) -> Floats:
    """What the metric would gain if all bins were as the best: ``Σ w (F̃_best - F̃)₊``.

    Parameters
    ----------
    values : array_like, shape (K, ...)
        The metric in each bin; NaN leaves the bin out.
    variances : array_like, shape (K, ...)
        Sampling variance of each value.
    n : array_like, shape (K, ...)
        Samples of the class in each bin. The best bin is the one of the highest shrunk value
        among those of at least 20.
    shares : array_like, shape (K, ...), optional
        Weight w of each bin; ``n / Σ n`` over all bins unless given.

    Returns
    -------
    ndarray of float64, shape (...)
        In the metric's unit, ≥ 0, bins that are left out gaining nothing; NaN where no bin has
        20 samples and a value, or fewer than three have a value.

    Examples
    --------
    >>> float(impact([0.8, 0.9, 0.7], [0.0009] * 3, [100, 100, 200]).round(4))
    0.1089
    """
    n = np.asarray(n, dtype=np.float64)
    pulled = shrunk(values, variances)
    best = np.where((n >= MIN_BEST) & ~np.isnan(pulled), pulled, -np.inf).max(
        axis=0, initial=-np.inf
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = n / n.sum(axis=0) if shares is None else np.asarray(shares, dtype=np.float64)
        gain = np.where(np.isnan(pulled), 0, weights * np.fmax(best - pulled, 0)).sum(axis=0)
    return np.asarray(np.where(np.isfinite(best), gain, np.nan))


def grade(std: npt.ArrayLike) -> npt.NDArray[np.str_]:
    """The published word for a std: none < .03 ≤ slight < .1 ≤ medium < .25 ≤ major.

    Parameters
    ----------
    std : array_like, shape (...)
        Population std over the bins of F1 (class "all": of accuracy).

    Returns
    -------
    ndarray of str, shape (...)
        ``"none"``, ``"slight"``, ``"medium"`` or ``"major"``; empty where the std is NaN.

    Examples
    --------
    >>> grade([0.0, 0.074, 0.143, 0.383, np.nan]).tolist()
    ['none', 'slight', 'medium', 'major', '']
    """
    std = np.asarray(std, dtype=np.float64)
    # NaN sorts above every cut.
    return np.array([*GRADES, ""])[np.searchsorted([*CUTS, np.inf], std, side="right")]


def _n_defined(values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    return np.asarray((~np.isnan(np.asarray(values, dtype=np.float64))).sum(axis=0))


def _precisions(values: npt.ArrayLike, variances: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Values and weights 1/V; both 0 in the bins that are left out."""
    values, variances = np.broadcast_arrays(
        np.asarray(values, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    )
    used = ~np.isnan(values) & (variances > 0)
    return np.where(used, values, 0), np.where(used, 1 / np.where(used, variances, 1), 0)


def _noncentrality(q: Floats, df: Floats, p: float) -> Floats:
    """The non-centrality at which χ² is below `q` with probability `p`; 0 where none is."""
    from scipy.special import chdtr, chndtr, chndtrinc, ndtri

    # Far from 0 the root of a non-central χ² is normal with variance 1. SciPy's inverse is slow
    # there and gives up (where depends on its version), so it is not asked, or checked.
    far = np.fmax(0, (np.sqrt(q) - ndtri(p)) ** 2 - (df - 1))
    exact = chndtrinc(np.where(q < FAR, q, np.nan), df, p)
    held = np.abs(chndtr(q, df, exact) - p) < 1e-6
    return np.where(chdtr(df, q) > p, np.where(held, exact, far), np.where(np.isnan(q), np.nan, 0))
