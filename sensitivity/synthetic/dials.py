"""What the dials take: numbers in their range, and one source of randomness."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from ..errors import OptionError

Random: TypeAlias = int | np.random.Generator


def in_range(
    what: str,
    value: float,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    above: float = -np.inf,
    below: float = np.inf,
) -> float:
    """Give `value` when it is finite and in its range, else say what the range is.

    Parameters
    ----------
    what : str
        Name of the argument.
    value : float
        What the caller gave.
    low, high : float
        Closed bounds.
    above, below : float
        Open bounds.

    Returns
    -------
    float
        `value` itself.

    Raises
    ------
    OptionError
        It is not finite, or lies outside.

    Examples
    --------
    >>> in_range("icc", 0.2, low=0, high=1)
    0.2
    """
    if np.isfinite(value) and low <= value <= high and above < value < below:
        return value
    bounds = [
        f"{word} {bound:g}"
        for word, bound in (("≥", low), ("≤", high), (">", above), ("<", below))
        if np.isfinite(bound)
    ]
    rule = f"expected a number {' and '.join(bounds)}" if bounds else "expected a finite number"
    raise OptionError(what, rule, got=f"{value:g}")


def whole_number(what: str, value: float, *, low: int, high: float = np.inf) -> int:
    """Give `value` as an integer when it is a whole number in its range.

    Parameters
    ----------
    what : str
        Name of the argument.
    value : float
        What the caller gave.
    low, high : float
        Closed bounds.

    Returns
    -------
    int
        `value` itself.

    Raises
    ------
    OptionError
        It is not whole, or lies outside.

    Examples
    --------
    >>> whole_number("n", 20, low=1)
    20
    """
    if in_range(what, value, low=low, high=high) != int(value):
        raise OptionError(what, "expected a whole number", got=f"{value:g}")
    return int(value)


def generator(rng: object) -> np.random.Generator:
    """Give `rng` itself when it is a generator, else one seeded by it; 0 is a seed.

    Parameters
    ----------
    rng : int or numpy.random.Generator
        What the caller gave.

    Returns
    -------
    numpy.random.Generator
        Where all randomness of a call comes from.

    Raises
    ------
    OptionError
        It is neither a generator nor a whole number ≥ 0.

    Examples
    --------
    >>> int(generator(0).integers(100)) == int(generator(0).integers(100))
    True
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer) or rng < 0:
        raise OptionError("rng", "expected a whole number ≥ 0 or a Generator", got=repr(rng))
    return np.random.default_rng(rng)
