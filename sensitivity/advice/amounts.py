"""How many images it takes, and whether two proportions differ."""

from __future__ import annotations

import math

from ..stats.intervals import normal_quantile

#: 80 % power.
POWER_Z = 0.8416212335729143


def images_needed(value: float, best: float, *, confidence: float = 0.95) -> int:
    """Images in each of two ranges with which half of a gap would be seen.

    ``n = (z + 0.84)² (p(1-p) + r(1-r)) / (p - r)²`` with *r* the better proportion, *p* the one
    half way to it, and z of the two-sided test: 4 of 5 such pairs of ranges would show the
    difference.

    Parameters
    ----------
    value, best : float
        The two proportions, 0…1.
    confidence : float, default 0.95
        Of the test.

    Returns
    -------
    int
        At least 1; as if images were independent.

    Raises
    ------
    ValueError
        The proportions are equal: there is no gap.

    References
    ----------
    Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, ch. 4 (without
    the correction for continuity).

    Examples
    --------
    >>> images_needed(0.6, 0.9)
    97
    """
    half = (value + best) / 2
    if half == best:
        raise ValueError("no gap")
    z = normal_quantile(confidence) + POWER_Z
    spread = half * (1 - half) + best * (1 - best)
    return max(1, math.ceil(z**2 * spread / (best - half) ** 2))


def widening(value: float, low: float, high: float, n: float, *, confidence: float) -> float:
    """How much wider an interval of a proportion is than that of as many independent images.

    Parameters
    ----------
    value, low, high : float
        The proportion and its interval.
    n : float
        Images.
    confidence : float
        Coverage of the interval.

    Returns
    -------
    float
        At least 1; 1 where the proportion is 0 or 1.

    Examples
    --------
    >>> round(widening(0.5, 0.3, 0.7, 96, confidence=0.95), 2)
    2.0
    """
    error = math.sqrt(value * (1 - value) / n)
    if error == 0:
        return 1.0
    return max(1.0, (high - low) / (2 * normal_quantile(confidence) * error))


def lower_by_chance(
    value: float, n: float, other: float, n_other: float, *, widened: float = 1.0
) -> float:
    """One-sided p that a proportion is lower than another by chance alone.

    Parameters
    ----------
    value, n : float
        The proportion that may be lower, and its images.
    other, n_other : float
        The other.
    widened : float, default 1
        How much larger clusters make the error.

    Returns
    -------
    float
        0…1; 1 where either has no images or all are alike.

    Examples
    --------
    >>> round(lower_by_chance(0.6, 100, 0.8, 900), 6), lower_by_chance(1.0, 5, 1.0, 50)
    (2e-06, 1.0)
    """
    from scipy.special import ndtr

    if not (n and n_other):
        return 1.0
    pooled = (value * n + other * n_other) / (n + n_other)
    error = widened * math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / n_other))
    return float(ndtr((value - other) / error)) if error else 1.0
