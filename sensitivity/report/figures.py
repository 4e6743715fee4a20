"""How the report prints numbers: percent, points, intervals, p."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..advice.remedy_names import passes_text
from .compared import p_text

NONE = "–"


def percent(value: float | None) -> str:
    """A proportion in percent.

    Parameters
    ----------
    value : float or None
        0…1.

    Returns
    -------
    str
        One decimal.

    Examples
    --------
    >>> percent(0.8621), percent(None)
    ('86.2 %', '–')
    """
    return NONE if value is None else f"{100 * value:.1f} %".replace("-", "−")


def interval(bounds: Mapping[str, Any]) -> str:
    """An interval in percent.

    Parameters
    ----------
    bounds : mapping
        ``low`` and ``high``, 0…1.

    Returns
    -------
    str
        Empty where either is undefined.

    Examples
    --------
    >>> interval({"low": 0.81, "high": 0.9017}), interval({"low": -0.05, "high": 0.1})
    ('81.0–90.2', '−5.0 … 10.0')
    """
    low, high = bounds["low"], bounds["high"]
    if low is None or high is None:
        return ""
    if low < 0:
        return f"{decimals(100 * low, 1)} … {decimals(100 * high, 1)}"
    return f"{100 * low:.1f}–{100 * high:.1f}"


def points(value: float | None, digits: int = 1) -> str:
    """A difference in points, with its sign.

    Parameters
    ----------
    value : float or None
        -1…1.
    digits : int, default 1
        Decimals.

    Returns
    -------
    str

    Examples
    --------
    >>> points(-0.012), points(0.0001), points(None)
    ('−1.2', '0.0', '–')
    """
    if value is None:
        return NONE
    text = f"{100 * value:+.{digits}f}".replace("-", "−")
    return text[1:] if not float(text[1:]) else text


def change(row: Mapping[str, Any]) -> str:
    """A change in points with its interval.

    Parameters
    ----------
    row : mapping
        ``change``, ``low``, ``high``, -1…1 or None.

    Returns
    -------
    str

    Examples
    --------
    >>> change({"change": 0.1, "low": 0.03, "high": 0.163})
    '+10.0 [+3.0, +16.3]'
    """
    if row["low"] is None or row["high"] is None:
        return points(row["change"])
    return f"{points(row['change'])} [{points(row['low'])}, {points(row['high'])}]"


def decimals(value: float | None, digits: int = 3) -> str:
    """A number with so many decimals.

    Parameters
    ----------
    value : float or None
        Any.
    digits : int, default 3
        Decimals.

    Returns
    -------
    str

    Examples
    --------
    >>> decimals(0.12345), decimals(None)
    ('0.123', '–')
    """
    return NONE if value is None else f"{value:.{digits}f}".replace("-", "−")


def count(value: int | None) -> str:
    """A whole number with thousands set apart.

    Parameters
    ----------
    value : int or None
        Any.

    Returns
    -------
    str

    Examples
    --------
    >>> count(1111), count(None)
    ('1,111', '–')
    """
    return NONE if value is None else f"{value:,}"


def rounded(value: float | None) -> str:
    """Passes per image, or milliseconds, in three digits, as sentences print them.

    Parameters
    ----------
    value : float or None
        0 or more.

    Returns
    -------
    str

    Examples
    --------
    >>> rounded(206.52), rounded(1.0), rounded(None)
    ('207', '1', '–')
    """
    return NONE if value is None else passes_text(value)


#: What templates call them.
FILTERS = {
    "percent": percent,
    "interval": interval,
    "points": points,
    "change": change,
    "decimals": decimals,
    "count": count,
    "rounded": rounded,
    "p": p_text,
}
