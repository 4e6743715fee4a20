"""Times: kept as seconds since 1970, shown to people as dates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

#: Units of a column of times: of a clock whose zone is not known, and of one whose zone is.
SINCE_1970, SINCE_1970_UTC = "seconds since 1970-01-01", "seconds since 1970-01-01 UTC"

#: Unit of a column of durations.
SECONDS = "s"

#: How fine a time is written: to the day, the minute, the second, or the thousandth of it.
_PARTS = ("D", "m", "s", "ms")

#: Steps of an axis of times, in seconds, up to two weeks; then months; then years.
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SECONDS = (
    *(1, 5, 15, 30),
    *(step * _MINUTE for step in (1, 5, 15, 30)),
    *(step * _HOUR for step in (1, 3, 6, 12)),
    *(step * _DAY for step in (1, 2, 7, 14)),
)
_MONTHS = (1, 2, 3, 6, *(12 * years * 10**power for power in range(5) for years in (1, 2, 5)))

#: Marks of an axis at most.
_MOST_TICKS = 5

#: Further away than this no calendar is needed: about 30,000 years.
_FURTHEST = 1e12


def is_time(unit: str) -> bool:
    """Whether numbers of this unit are times.

    Parameters
    ----------
    unit : str
        Of a feature or column.

    Returns
    -------
    bool
        False for durations, which are numbers like others.

    Examples
    --------
    >>> is_time(SINCE_1970), is_time("s"), is_time("")
    (True, False, False)
    """
    return unit in (SINCE_1970, SINCE_1970_UTC)


def shown_unit(unit: str) -> str:
    """The unit that stands beside values as people are shown them.

    Parameters
    ----------
    unit : str
        Of a feature or column.

    Returns
    -------
    str
        Dates have none, or the zone that they are of.

    Examples
    --------
    >>> shown_unit(SINCE_1970_UTC), shown_unit("grey levels"), shown_unit(SINCE_1970)
    ('UTC', 'grey levels', '')
    """
    return {SINCE_1970: "", SINCE_1970_UTC: "UTC"}.get(unit, unit)


def time_texts(seconds: Sequence[float | None]) -> list[str]:
    """Times in ISO 8601, in no more parts than tell all of them apart.

    Parameters
    ----------
    seconds : sequence of float or None
        Since 1970.

    Returns
    -------
    list of str
        Days; with hours and minutes where days are alike, and so on down to thousandths of a
        second. What is left out is cut off, not rounded. Empty for None; what is not finite, or
        further than 30,000 years away, as a number.

    Examples
    --------
    >>> time_texts([1704067200.0, 1709251200.0, None])
    ['2024-01-01', '2024-03-01', '']
    >>> time_texts([1704067200.0, 1704103200.0])
    ['2024-01-01T00:00', '2024-01-01T10:00']
    """
    known = sorted({one for one in seconds if one is not None and _has_date(one)})
    part = _PARTS[-1]
    for part in _PARTS:
        if len({_text(one, part) for one in known}) == len(known):
            break
    return [
        "" if one is None else _text(one, part) if _has_date(one) else f"{one:.6g}"
        for one in seconds
    ]


def time_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Where an axis of times is marked, and with what.

    Parameters
    ----------
    low, high : float
        Its ends, in seconds since 1970.

    Returns
    -------
    list of (float, str)
        Up to five round times between the ends, from low to high; the two ends where no round
        time is between them, or they have no date.

    Examples
    --------
    >>> [text for _, text in time_ticks(1704067200.0, 1719792000.0)]
    ['2024-01-01', '2024-03-01', '2024-05-01', '2024-07-01']
    """
    if not (_has_date(low) and _has_date(high) and low < high):
        return list(zip([low, high], time_texts([low, high]), strict=True))
    found: list[float] = []
    for step in _SECONDS:
        # Weeks begin on a Monday, and 1970 did on a Thursday.
        offset = 4 * _DAY if step % (7 * _DAY) == 0 else 0
        first = math.ceil((low - offset) / step)
        if (high - offset) // step - first < _MOST_TICKS:
            found = [offset + step * (first + k) for k in range(_MOST_TICKS)]
            break
    else:
        found = _round_months(low, high)
    kept = [float(one) for one in found if low <= one <= high]
    kept = kept if len(kept) > 1 else [low, high]
    return list(zip(kept, time_texts(kept), strict=True))


def _round_months(low: float, high: float) -> list[float]:
    first, last = (int(np.datetime64(int(end), "s").astype("datetime64[M]").astype(int))
                   for end in (low, high))  # fmt: skip
    # Counted from the year 0, so that decades are round.
    start = 1970 * 12
    for step in _MONTHS:
        months = range(-(-(first + start) // step) * step - start, last + 1, step)
        if len(months) <= _MOST_TICKS:
            break
    return [
        float(np.datetime64(month, "M").astype("datetime64[s]").astype(int)) for month in months
    ]


def _has_date(seconds: float) -> bool:
    return math.isfinite(seconds) and abs(seconds) < _FURTHEST


def _text(seconds: float, part: str) -> str:
    return str(np.datetime64(round(1000 * seconds), "ms").astype(f"datetime64[{part}]"))
