"""Plain values: numbers that JSON can hold, and the texts of value ranges."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from ..times import is_time, time_texts

_SHARE_LABEL = re.compile(r"[\d.]+%-[\d.]+%")

_RANGES = (
    (re.compile(r"up to (\S+)"), r"不超过 \1"),
    (re.compile(r"(\S+) to (\S+)"), r"大于 \1 且不超过 \2"),
    (re.compile(r"above (\S+)"), r"大于 \1"),
    (re.compile(r"all values"), "全部取值"),
)


def number(value: Any, digits: int | None = None) -> float | None:
    """A plain float, rounded if asked; None for what JSON cannot hold.

    Parameters
    ----------
    value : number or None
        NaN and infinities included.
    digits : int, optional
        Decimals kept.

    Returns
    -------
    float or None
        None for None, NaN and infinities.

    Examples
    --------
    >>> number(0.123456, 4), number(float("nan"))
    (0.1235, None)
    """
    if value is None or not math.isfinite(value):
        return None
    return float(value) if digits is None else round(float(value), digits)


def is_share_label(label: str) -> bool:
    """Whether a bin's label gives shares of the samples, as in ``"0%-20%"``.

    Parameters
    ----------
    label : str
        The label of a numeric feature's bin.

    Returns
    -------
    bool
        False for single values and value ranges.

    Examples
    --------
    >>> is_share_label("20%-40%"), is_share_label("up to 7")
    (True, False)
    """
    return _SHARE_LABEL.fullmatch(label) is not None


def range_label(label: str, locale: str) -> str:
    """A numeric bin's label as the page writes it.

    Parameters
    ----------
    label : str
        The label of the table of bins.
    locale : {"en-us", "zh-cn"}
        Language.

    Returns
    -------
    str
        Shares get spaces, value ranges are translated, single values stay.

    Examples
    --------
    >>> range_label("0%-20%", "en-us"), range_label("up to 7", "zh-cn")
    ('0% - 20%', '不超过 7')
    """
    if is_share_label(label):
        return label.replace("-", " - ")
    if locale == "en-us":
        return label
    for pattern, words in _RANGES:
        if pattern.fullmatch(label):
            return pattern.sub(words, label)
    return label


def span(low: str, high: str) -> str:
    """The text of a value range.

    Parameters
    ----------
    low, high : str
        Its bounds; empty where unknown.

    Returns
    -------
    str
        The lower bound itself lies in the range below.

    Examples
    --------
    >>> span("0.1", "0.4"), span("", "0.4")
    ('0.1 … 0.4', '≤ 0.4')
    """
    if low and high:
        return f"{low} … {high}"
    return f"≤ {high}" if high else f"> {low}" if low else ""


def bounds_told(bounds: Sequence[float | None], unit: str) -> list[str]:
    """Bounds of a feature as people read them: numbers that differ, or dates.

    Parameters
    ----------
    bounds : sequence of float or None
        From low to high; None: unknown, or open.
    unit : str
        Unit of the feature.

    Returns
    -------
    list of str
        Empty for None.

    Examples
    --------
    >>> bounds_told([1704067200.0, None], "seconds since 1970-01-01")
    ['2024-01-01', '']
    """
    return time_texts(bounds) if is_time(unit) else told_apart(bounds)


def told_apart(bounds: Sequence[float | None]) -> list[str]:
    """Write numbers in as few significant digits (3 at least) as tell all of them apart.

    Parameters
    ----------
    bounds : sequence of float or None
        Bounds of ranges.

    Returns
    -------
    list of str
        Whole numbers whole; empty for None.

    Examples
    --------
    >>> told_apart([0.0, 12.3412, 12.3428, 307200.0, None])
    ['0', '12.341', '12.343', '307,200', '']
    """
    known = {bound for bound in bounds if bound is not None}
    for digits in range(3, 18):
        if len({_short(bound, digits) for bound in known}) == len(known):
            break
    return ["" if bound is None else _short(bound, digits) for bound in bounds]


def _short(value: float, digits: int) -> str:
    """`digits` significant digits, whole numbers whole; an exponent only where it saves."""
    size = abs(value)
    if size and not 1e-4 <= size < 1e9:
        return f"{value:.{digits}g}"
    decimals = digits - 1 - math.floor(math.log10(size)) if size else 0
    text = f"{value:,.{max(0, decimals)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
