"""How a std over the bins compares with what sampling alone would give."""

from __future__ import annotations

import math
from typing import Any

from ..advice.values import number

#: A std this improbable by chance alone counts as beyond chance (one row in twenty does so).
CHANCE_TAIL = 0.05


def against_chance(std: Any, std_chance: Any, n_bins: int) -> dict[str, Any]:
    """A std beside the one that chance gives.

    Parameters
    ----------
    std, std_chance : float or None
        Over the bins; NaN and None are undefined.
    n_bins : int
        Number of bins with a value.

    Returns
    -------
    dict
        ``std``, ``std_chance``, ``excess = √max(0, std² - std_chance²)``, ``times_chance``
        and ``beyond_chance``; None where undefined.

    Examples
    --------
    >>> found = against_chance(0.05, 0.03, 5)
    >>> round(found["excess"], 3), round(found["times_chance"], 2), found["beyond_chance"]
    (0.04, 1.67, True)
    """
    std, chance = number(std), number(std_chance)
    found: dict[str, Any] = {"std": std, "std_chance": chance}
    found |= dict.fromkeys(("excess", "times_chance", "beyond_chance"))
    if std is None or chance is None or n_bins < 2:
        return found
    found["excess"] = math.sqrt(max(0.0, std**2 - chance**2))
    if chance > 0:
        found["times_chance"] = std / chance
        found["beyond_chance"] = std / chance > chance_limit(n_bins)
    return found


def chance_limit(n_bins: int) -> float:
    """The multiple of ``std_chance`` that chance alone exceeds in one row of twenty.

    Parameters
    ----------
    n_bins : int
        Number of bins with a value, K ≥ 2.

    Returns
    -------
    float
        ``√(χ²_{.95}(K-1) / (K-1))``: the std's square over its expectation is about
        χ²/(K-1) where nothing is real.

    Examples
    --------
    >>> round(chance_limit(5), 2)
    1.54
    """
    from scipy.special import chdtri

    return math.sqrt(float(chdtri(n_bins - 1, CHANCE_TAIL)) / (n_bins - 1))
