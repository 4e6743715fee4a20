"""Figures as sentences print them: percent, points, p-values, odds, round numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

#: Beyond these odds nobody cares how many more there are.
MOST_ODDS = 1_000_000


def percents(values: Sequence[float]) -> list[str]:
    """Proportions in percent, in as few decimals (two at most) as tell them apart.

    Parameters
    ----------
    values : sequence of float
        Proportions, 0…1.

    Returns
    -------
    list of str
        Without the sign %.

    Examples
    --------
    >>> percents([0.583, 0.81]), percents([0.981, 0.984])
    (['58', '81'], ['98.1', '98.4'])
    """
    return _told_apart([100 * value for value in values])


def points(values: Sequence[float]) -> list[str]:
    """Differences of proportions in percentage points, with their signs.

    Parameters
    ----------
    values : sequence of float
        Differences, -1…1: a change, or a change with the bounds of its interval.

    Returns
    -------
    list of str
        As many decimals (two at most) as the distance of the last two values deserves, or the
        size of a single one; ``"0"`` has no sign.

    Examples
    --------
    >>> points([-0.23, -0.34, -0.12]), points([0.0123, 0.0051, 0.0195])
    (['−23', '−34', '−12'], ['+1.2', '+0.5', '+1.9'])
    """
    scaled = [100 * value for value in values]
    decimals = _decimals(abs(scaled[-1] - scaled[-2]) if len(scaled) > 1 else abs(scaled[0]))
    return [_signed(value, decimals) for value in scaled]


def size(value: float) -> str:
    """A size in percentage points, without a sign.

    Parameters
    ----------
    value : float
        A difference of proportions, above 0.

    Returns
    -------
    str
        Whole points from 3 on, else one decimal or two.

    Examples
    --------
    >>> size(0.176), size(0.0176)
    ('18', '1.8')
    """
    return f"{100 * value:.{_decimals(100 * value)}f}"


def shares(values: Sequence[float]) -> list[str]:
    """Figures between 0 and 1 in two decimals or, to tell them apart, three.

    Parameters
    ----------
    values : sequence of float
        Such as F1 in two bins.

    Returns
    -------
    list of str

    Examples
    --------
    >>> shares([0.873, 0.674]), shares([0.8731, 0.8689])
    (['0.87', '0.67'], ['0.873', '0.869'])
    """
    return _told_apart(values, first=2, last=3)


def probability(value: float) -> str:
    """A p- or q-value as it stands behind its letter.

    Parameters
    ----------
    value : float
        0…1.

    Returns
    -------
    str
        With its sign: ``"= 0.031"``.

    Examples
    --------
    >>> probability(0.0312), probability(0.412), probability(1e-9)
    ('= 0.031', '= 0.41', '< 0.001')
    """
    if value < 0.001:
        return "< 0.001"
    return f"= {value:.3f}" if value < 0.1 else f"= {value:.2f}"


def odds(log_odds: float) -> str:
    """Odds as a bookmaker writes them.

    Parameters
    ----------
    log_odds : float
        Natural logarithm of the odds.

    Returns
    -------
    str
        The larger side first unless the odds are against it.

    Examples
    --------
    >>> odds(math.log(22)), odds(math.log(1.5)), odds(-math.log(4)), odds(50.0)
    ('22:1', '1.5:1', '1:4', '> 1,000,000:1')
    """
    ratio = math.exp(min(abs(log_odds), 100.0))
    beyond = "> " if ratio > MOST_ODDS else ""
    ratio = min(ratio, MOST_ODDS)
    text = f"{ratio:,.0f}" if ratio >= 9.95 else f"{ratio:.1f}".removesuffix(".0")
    return f"{beyond}{text}:1" if log_odds >= 0 else f"1:{text}"


def about(count: float) -> str:
    """A count that is only known roughly: two digits that mean something.

    Parameters
    ----------
    count : float
        At least 0.

    Returns
    -------
    str

    Examples
    --------
    >>> about(1424), about(48)
    ('1,400', '48')
    """
    if count < 100:
        return f"{count:.0f}"
    unit = 10 ** (math.floor(math.log10(count)) - 1)
    return f"{round(count / unit) * unit:,}"


def _decimals(width: float) -> int:
    return 0 if width >= 3 else 1 if width >= 0.3 else 2


def _signed(value: float, decimals: int) -> str:
    text = f"{value:+.{decimals}f}".replace("-", "−")
    return text[1:] if float(text[1:]) == 0 else text


def _told_apart(values: Sequence[float], *, first: int = 0, last: int = 2) -> list[str]:
    for decimals in range(first, last + 1):
        texts = [f"{value:.{decimals}f}" for value in values]
        if len(set(texts)) == len(set(values)):
            break
    return texts
