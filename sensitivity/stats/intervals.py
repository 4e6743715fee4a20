"""Intervals of proportions, of F1 and of F1 at an equal class mix."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def normal_quantile(confidence: float) -> float:
    """Half-width, in standard errors, of a two-sided interval.

    Parameters
    ----------
    confidence : float
        Coverage, in (0, 1).

    Returns
    -------
    float
        1.96 for 0.95.

    Examples
    --------
    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    from scipy.special import ndtri

    return float(ndtri(0.5 + confidence / 2))


def wilson(
    successes: npt.ArrayLike, n: npt.ArrayLike, *, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Wilson's score interval of a proportion.

    Parameters
    ----------
    successes, n : array_like
        Counts, or effective counts; broadcast against each other.
    confidence : float, default 0.95
        Coverage.

    Returns
    -------
    low, high : ndarray of float64
        Bounds in [0, 1]; NaN where `n` is 0.

    References
    ----------
    Wilson (1927), JASA 22:209.

    Examples
    --------
    >>> low, high = wilson(8, 10)
    >>> round(float(low), 4), round(float(high), 4)
    (0.4902, 0.9433)
    """
    successes, n = np.broadcast_arrays(
        np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    )
    z2 = normal_quantile(confidence) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        p = successes / n
        centre = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = np.sqrt(z2 / n * (p * (1 - p) + z2 / (4 * n))) / (1 + z2 / n)
    empty = ~(n > 0)
    low = np.where(empty, np.nan, np.clip(centre - half, 0, 1))
    high = np.where(empty, np.nan, np.clip(centre + half, 0, 1))
    # At the ends the bounds are 0 and 1 exactly; rounding must not say otherwise.
    low = np.where(successes == 0, np.where(empty, np.nan, 0.0), low)
    high = np.where(successes == n, np.where(empty, np.nan, 1.0), high)
    return low, high


def f1_interval(
    hits: npt.ArrayLike, n: npt.ArrayLike, called: npt.ArrayLike, *, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Interval of F1: Wilson's on the Jaccard index, mapped back.

    ``J = T / (n + P - T)`` is a proportion of the samples that are the class or are called
    it, and ``F1 = 2 J / (1 + J)`` rises with it.

    Parameters
    ----------
    hits, n, called : array_like
        True positives T, samples of the class n, and samples called the class P.
    confidence : float, default 0.95
        Coverage.

    Returns
    -------
    low, high : ndarray of float64
        Bounds in [0, 1]; NaN where ``n + P`` is 0.

    References
    ----------
    Hand, Christen & Kirielle (2021), Machine Learning 110:451 (F* = J).

    Examples
    --------
    >>> low, high = f1_interval(67, 88, 81)
    >>> round(float(low), 3), round(float(high), 3)
    (0.718, 0.852)
    """
    hits, n, called = (np.asarray(x, dtype=np.float64) for x in (hits, n, called))
    low, high = wilson(hits, n + called - hits, confidence=confidence)
    return f1_of_jaccard(low), f1_of_jaccard(high)


def f1_star_interval(
    value: npt.ArrayLike, variance: npt.ArrayLike, n: npt.ArrayLike, *, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Interval of F1 at an equal class mix, from its variance.

    Wilson's interval on ``J = F / (2 - F)`` with the effective number of samples
    ``J (1 - J) (2 - F)^4 / (4 Var F)``, mapped back. F is first clipped to
    ``[½ / (n + 1), 1 - ½ / (n + 1)]``; the bounds are widened to hold the value itself.

    Parameters
    ----------
    value, variance : array_like
        F1* and its sampling variance.
    n : array_like
        Samples of the class in the cell.
    confidence : float, default 0.95
        Coverage.

    Returns
    -------
    low, high : ndarray of float64
        Bounds in [0, 1]; NaN where the value is.

    Examples
    --------
    >>> low, high = f1_star_interval(0.8, 0.0004, 200)
    >>> round(float(low), 3), round(float(high), 3)
    (0.758, 0.836)
    """
    value, variance, n = (np.asarray(x, dtype=np.float64) for x in (value, variance, n))
    margin = 0.5 / (n + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        f1 = np.clip(value, margin, 1 - margin)
        jaccard = f1 / (2 - f1)
        effective = jaccard * (1 - jaccard) * (2 - f1) ** 4 / (4 * variance)
        low, high = wilson(jaccard * effective, effective, confidence=confidence)
    low, high = f1_of_jaccard(low), f1_of_jaccard(high)
    return np.fmin(low, value), np.fmax(high, value)


def f1_of_jaccard(jaccard: Floats) -> Floats:
    """F1 of the Jaccard index: ``2 J / (1 + J)``.

    Parameters
    ----------
    jaccard : ndarray of float64
        Values in [0, 1].

    Returns
    -------
    ndarray of float64
        Values in [0, 1].

    Examples
    --------
    >>> float(f1_of_jaccard(np.float64(0.5)).round(3))
    0.667
    """
    return 2 * jaccard / (1 + jaccard)


def auc_interval(auc: float, variance: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of an area under the ROC curve, on the logit scale.

    Parameters
    ----------
    auc, variance : float
        The area and its (DeLong) variance.
    confidence : float, default 0.95
        Coverage.

    Returns
    -------
    low, high : float
        Bounds in [0, 1]; NaN where the logit has no variance (area 0 or 1, or NaN).

    Examples
    --------
    >>> low, high = auc_interval(0.9, 0.0004)
    >>> round(low, 3), round(high, 3)
    (0.853, 0.933)
    """
    from scipy.special import expit, logit

    if not 0 < auc < 1 or not variance > 0:
        return float("nan"), float("nan")
    half = normal_quantile(confidence) * np.sqrt(variance) / (auc * (1 - auc))
    return float(expit(logit(auc) - half)), float(expit(logit(auc) + half))
