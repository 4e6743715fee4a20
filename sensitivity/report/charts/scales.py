"""From values to places on a chart, and the ticks that make the places readable."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Steps between ticks, in powers of ten.
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Scale:
    """A straight line from values to user units.

    Attributes
    ----------
    low, high : float
        Values at its ends, ``low < high``.
    start, end : float
        User units at its ends; an axis that goes up ends at the smaller one.

    Examples
    --------
    >>> up = Scale(0.5, 1, 200, 0)
    >>> up(0.5), up(0.75)
    (200.0, 100.0)
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Place of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def finite(values: Iterable[float | None]) -> list[float]:
    """The values that are there.

    Parameters
    ----------
    values : iterable of float or None
        None, NaN and infinities are gaps.

    Returns
    -------
    list of float

    Examples
    --------
    >>> finite([1, None, float("nan"), 0.5])
    [1.0, 0.5]
    """
    return [float(value) for value in values if value is not None and math.isfinite(value)]


def gap(value: float | None) -> bool:
    """Whether a value is missing.

    Parameters
    ----------
    value : float or None
        Any value.

    Returns
    -------
    bool

    Examples
    --------
    >>> gap(None), gap(float("nan")), gap(0.0)
    (True, True, False)
    """
    return not finite([value])


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values within a range.

    Parameters
    ----------
    low, high : float
        The range, ``low < high``.
    most : int, default 6
        How many there may be.

    Returns
    -------
    list of float
        Ascending, evenly spaced.

    Examples
    --------
    >>> ticks(0.62, 0.97)
    [0.7, 0.8, 0.9]
    >>> ticks(0, 1), ticks(-3, 1234, 4)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0, 500.0, 1000.0])
    """
    step = _step(low, high, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{place * step:.12g}") for place in range(first, last + 1)]


def _step(low: float, high: float, most: int) -> float:
    """The smallest round step that does not give more than ``most`` ticks."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for step in _STEPS:
        size = step * power
        if math.floor(high / size + 1e-9) - math.ceil(low / size - 1e-9) < most:
            return size
    return 10 * power


def zoomed(
    values: Sequence[float], *, least: float, limits: tuple[float, float] | None = None
) -> tuple[float, float]:
    """A range around values, widened to whole ticks.

    Parameters
    ----------
    values : sequence of float
        At least one.
    least : float
        The smallest width, so that small differences stay small to the eye.
    limits : tuple of two float, optional
        Ends that the range may not cross.

    Returns
    -------
    tuple of two float

    Examples
    --------
    >>> zoomed([0.62, 0.97], least=0.1, limits=(0, 1))
    (0.6, 1.0)
    >>> zoomed([0.5, 0.5], least=0.1)
    (0.4, 0.6)
    """
    low, high = min(values), max(values)
    short = max(0.0, least - (high - low)) / 2
    low, high = low - short, high + short
    if not high > low:
        low, high = low - 0.5, high + 0.5
    step = 0.0
    # A wider range may have wider steps, which widen it once more.
    while step != (step := _step(low, high, 6)):
        low = float(f"{math.floor(low / step + 1e-9) * step:.12g}")
        high = float(f"{math.ceil(high / step - 1e-9) * step:.12g}")
    return (low, high) if limits is None else (max(low, limits[0]), min(high, limits[1]))


def percent(value: float, step: float = 0.01) -> str:
    """A share as per cent, with the decimals that the step between ticks needs.

    Parameters
    ----------
    value : float
        0…1.
    step : float, default 0.01
        Difference that the text has to show.

    Returns
    -------
    str

    Examples
    --------
    >>> percent(0.85), percent(0.855, 0.005)
    ('85%', '85.5%')
    """
    return f"{plain_number(100 * value, 100 * step)}%"


def plain_number(value: float, step: float = 1) -> str:
    """A number with the decimals that the step between ticks needs.

    Parameters
    ----------
    value : float
        Any number.
    step : float, default 1
        Difference that the text has to show.

    Returns
    -------
    str
        With a real minus sign and separators of thousands; huge and tiny ones in powers of ten.

    Examples
    --------
    >>> plain_number(1234.4), plain_number(-0.25, 0.05), plain_number(2.5e7, 5e6)
    ('1,234', '−0.25', '2.5e+07')
    """
    if step < 1e-4 or abs(value) >= 1e6:
        text = f"{value:.4g}"
    else:
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        # 2.5 is a step of one digit more than its size tells.
        decimals += round(step * 10**decimals, 6) % 1 > 0
        text = f"{value:,.{decimals}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.replace("-", "")


def fine(low: float, high: float) -> float:
    """The power of ten that tells about a hundredth of a range apart.

    Parameters
    ----------
    low, high : float
        The range, ``low < high``.

    Returns
    -------
    float

    Examples
    --------
    >>> fine(0, 24), fine(0, 1000)
    (0.1, 10.0)
    """
    return 10.0 ** math.floor(math.log10((high - low) / 100) + 1e-9)


def named_ticks(low: float, high: float, *, as_percent: bool = False) -> list[tuple[float, str]]:
    """Round values within a range and what they are called.

    Parameters
    ----------
    low, high : float
        The range.
    as_percent : bool, default False
        Whether the values are shares that are written as per cent.

    Returns
    -------
    list of tuple of float and str

    Examples
    --------
    >>> named_ticks(0.8, 1, as_percent=True)
    [(0.8, '80%'), (0.85, '85%'), (0.9, '90%'), (0.95, '95%'), (1.0, '100%')]
    """
    values = ticks(low, high)
    step = values[1] - values[0] if len(values) > 1 else high - low
    write = percent if as_percent else plain_number
    return [(value, write(value, float(f"{step:.6g}"))) for value in values]
