"""How a rate depends on the rank of a feature: the trends that can be planted.

A rank runs over 0…1 from the lowest to the highest value of the feature in the data. A rate
is a number that holds at every rank, a :class:`Trend`, :class:`Levels`, or one half of
:func:`signal_detection`; own classes need only ``at`` and ``breaks``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt
from scipy.special import expit, ndtr, ndtri

from ..errors import OptionError
from .dials import in_range

Floats: TypeAlias = npt.NDArray[np.float64]
Shape: TypeAlias = Callable[[Floats, float], Floats]


@runtime_checkable
class Rate(Protocol):
    """Anything that has a value at every rank."""

    @property
    def breaks(self) -> tuple[float, ...]:
        """Ranks at which the rate jumps or bends; integrals are cut there."""
        ...

    def at(self, rank: Floats) -> Floats:
        """Give the rate at each `rank`."""
        ...


def _linear(rank: Floats, turn: float) -> Floats:
    return rank


def _step(rank: Floats, turn: float) -> Floats:
    return (rank > turn).astype(np.float64)


def _threshold(rank: Floats, turn: float) -> Floats:
    return np.maximum(rank - turn, 0.0) / (1.0 - turn)


def _plateau(rank: Floats, turn: float) -> Floats:
    return np.minimum(rank / turn, 1.0)


def _ushape(rank: Floats, turn: float) -> Floats:
    return 1.0 - ((rank - turn) / max(turn, 1.0 - turn)) ** 2


def _logistic(rank: Floats, turn: float) -> Floats:
    return np.asarray(expit(2.0 * (ndtri(rank) - ndtri(turn))), dtype=np.float64)


#: Name of a form → its value at a rank, from 0 (the trend's `low`) to 1 (its `high`).
FORMS: dict[str, Shape] = {
    "linear": _linear,  # straight in the rank
    "step": _step,  # `low` up to the turn, `high` above it
    "threshold": _threshold,  # `low` up to the turn, then straight to `high`
    "plateau": _plateau,  # straight from `low`, and `high` from the turn on
    "ushape": _ushape,  # a parabola: `high` at the turn, `low` at the end farther from it
    "logistic": _logistic,  # sigmoid in the normal score of the rank, half way at the turn
}


@dataclass(frozen=True)
class Trend:
    """A rate that goes from one value to another along the rank of a feature.

    Parameters
    ----------
    low : float
        Value at rank 0, the lowest values of the feature ("ushape": at the ends).
    high : float
        Value at rank 1, the highest values ("ushape": at the turn). May be below `low`.
    form : str or callable, default "linear"
        One of :data:`FORMS`, or a function of the rank alone that gives 0 … 1.
    turn : float, default 0.5
        Rank, strictly between 0 and 1, at which the form turns; "linear" ignores it.

    Raises
    ------
    OptionError
        The form is unknown, or `turn` is not between 0 and 1.

    Examples
    --------
    >>> Trend(0.6, 0.9).at(np.array([0.0, 0.5, 1.0])).round(3).tolist()
    [0.6, 0.75, 0.9]
    >>> Trend(0.6, 0.9, "plateau", turn=0.25).at(np.array([0.0, 0.5, 1.0])).round(3).tolist()
    [0.6, 0.9, 0.9]
    """

    low: float
    high: float
    form: str | Callable[[Floats], Floats] = "linear"
    turn: float = 0.5

    def __post_init__(self) -> None:
        if isinstance(self.form, str) and self.form not in FORMS:
            known = ", ".join(FORMS)
            raise OptionError("form", f"expected one of {known}, or a function", got=self.form)
        in_range("turn", self.turn, above=0.0, below=1.0)

    @property
    def breaks(self) -> tuple[float, ...]:
        """Ranks at which the trend jumps or bends: the turn."""
        return (self.turn,)

    def at(self, rank: Floats) -> Floats:
        """Give the trend's value at each `rank` of 0…1, in its shape."""
        if isinstance(self.form, str):
            share = FORMS[self.form](rank, self.turn)
        else:
            share = np.asarray(self.form(rank), dtype=np.float64)
        return self.low + (self.high - self.low) * share


@dataclass(frozen=True)
class Levels:
    """A rate that is constant within equal slices of the rank.

    Parameters
    ----------
    values : tuple of float
        One value per slice, from the lowest ranks to the highest; slices hold their upper end.

    Examples
    --------
    >>> Levels((0.9, 0.8, 0.4)).at(np.array([0.1, 0.5, 0.9])).tolist()
    [0.9, 0.8, 0.4]
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise OptionError("levels", "expected at least one value", got="none")

    @property
    def breaks(self) -> tuple[float, ...]:
        """Ranks at which the rate jumps: the ends of the slices."""
        return slice_ends(len(self.values))

    def at(self, rank: Floats) -> Floats:
        """Give the value of the slice that holds each `rank`, in its shape."""
        return np.asarray(self.values, dtype=np.float64)[slices(rank, len(self.values))]


@dataclass(frozen=True)
class Detected:
    """The recall of one class under signal detection; made by :func:`signal_detection`.

    Parameters
    ----------
    d_prime, criterion : Rate
        Distance of the two classes' signals, and the point from which class 1 is called.
    positive : bool
        Whether this is the recall of class 1.
    """

    d_prime: Rate
    criterion: Rate
    positive: bool

    @property
    def breaks(self) -> tuple[float, ...]:
        """Ranks at which the distance or the criterion jumps or bends."""
        return self.d_prime.breaks + self.criterion.breaks

    def at(self, rank: Floats) -> Floats:
        """Give the recall at each `rank`, in its shape."""
        shift = self.criterion.at(rank)
        return np.asarray(
            ndtr(self.d_prime.at(rank) / 2.0 + (-shift if self.positive else shift)),
            dtype=np.float64,
        )


@dataclass(frozen=True)
class Complement:
    """One minus a rate: with two classes, the recall that false positives leave to the other.

    Examples
    --------
    >>> Complement(Levels((0.25,))).at(np.array([0.5])).tolist()
    [0.75]
    """

    rate: Rate

    @property
    def breaks(self) -> tuple[float, ...]:
        """Ranks at which the rate jumps or bends."""
        return self.rate.breaks

    def at(self, rank: Floats) -> Floats:
        """Give one minus the rate at each `rank`, in its shape."""
        return 1.0 - self.rate.at(rank)


def signal_detection(
    d_prime: float | Rate, criterion: float | Rate = 0.0
) -> tuple[Detected, Detected]:
    """Recall of both classes when a noisy signal is compared with a criterion.

    The signal is normal with standard deviation 1 around −d′/2 in class 0 and +d′/2 in class 1;
    class 1 is called above the criterion. A `d_prime` that depends on the feature is a loss
    of information (both recalls fall together), a `criterion` that does is a shift (one
    recall falls while the other rises).

    Parameters
    ----------
    d_prime : float or Rate
        Distance of the two means in standard deviations. 0: the classes look alike.
    criterion : float or Rate, default 0
        Point on the signal's axis; above 0, class 0 is favoured.

    Returns
    -------
    tuple of Detected
        Recall of class 0, Φ(d′/2 + criterion), and of class 1, Φ(d′/2 − criterion): give them
        as ``recall=`` to :func:`~sensitivity.synthetic.plant`.

    References
    ----------
    Green & Swets (1966), *Signal Detection Theory and Psychophysics*.

    Examples
    --------
    >>> specific, sensitive = signal_detection(2.0, Trend(-0.5, 0.5))
    >>> ends = np.array([0.0, 1.0])
    >>> specific.at(ends).round(3).tolist(), sensitive.at(ends).round(3).tolist()
    ([0.691, 0.933], [0.933, 0.691])
    """
    distance, shift = as_rate("d_prime", d_prime), as_rate("criterion", criterion)
    return Detected(distance, shift, positive=False), Detected(distance, shift, positive=True)


def as_rate(what: str, value: float | Rate) -> Rate:
    """Give `value` itself when it is a rate, else the number as a constant one.

    Parameters
    ----------
    what : str
        Name of the argument, for the message.
    value : float or Rate
        What the caller gave.

    Returns
    -------
    Rate
        Something with ``at`` and ``breaks``.

    Raises
    ------
    OptionError
        It is neither a finite number nor a rate.

    Examples
    --------
    >>> as_rate("recall", 0.8)
    Levels(values=(0.8,))
    """
    if isinstance(value, Rate):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise OptionError(what, "expected a number, Trend or Levels", got=type(value).__name__)
    return Levels((in_range(what, float(value)),))


def slices(rank: Floats, n_slices: int) -> npt.NDArray[np.int64]:
    """Number, 0 … `n_slices` − 1, of the equal slice of 0…1 that holds each rank.

    Parameters
    ----------
    rank : array of float
        Ranks of 0…1.
    n_slices : int
        Number of slices, each without its lower and with its upper end.

    Returns
    -------
    array of int64
        In the shape of `rank`.

    Examples
    --------
    >>> slices(np.array([0.0, 0.2, 0.21, 1.0]), 5).tolist()
    [0, 0, 1, 4]
    """
    ends = np.arange(1, n_slices) / n_slices
    return np.searchsorted(ends, rank, side="left").astype(np.int64)


def slice_ends(n_slices: int) -> tuple[float, ...]:
    """Ranks between the slices of :func:`slices`.

    Examples
    --------
    >>> slice_ends(4)
    (0.25, 0.5, 0.75)
    """
    return tuple(k / n_slices for k in range(1, n_slices))
