"""How frequent each class is at each rank of the feature, and classes drawn accordingly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import InputError, OptionError
from .dials import in_range
from .rates import Floats, slice_ends, slices

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Shares:
    """How frequent each class is at each rank.

    Parameters
    ----------
    table : array of float64, K×C
        Share of each class in K equal slices of the rank; rows add up to 1.
    tilt : array of float64, C
        Relative slope along the rank: the share is ``table · (1 + tilt · (2·rank − 1))``.
        Zero unless K = 1.
    """

    table: Floats
    tilt: Floats

    @property
    def overall(self) -> Floats:
        """Share of each class in the whole set, C."""
        return np.asarray(self.table.mean(axis=0))

    @property
    def breaks(self) -> tuple[float, ...]:
        """Ranks at which the shares jump."""
        return slice_ends(len(self.table))

    def at(self, rank: Floats) -> Floats:
        """Share of each class at each of the G ranks, G×C."""
        tilted = 1.0 + self.tilt * (2.0 * rank[:, None] - 1.0)
        return np.asarray(self.table[slices(rank, len(self.table))] * tilted)

    def below(self, rank: Floats) -> Floats:
        """Share of each class that lies below each of the G ranks, G×C, 0…1."""
        n_slices = len(self.table)
        before = np.vstack([np.zeros_like(self.tilt), np.cumsum(self.table, axis=0)]) / n_slices
        place = slices(rank, n_slices)
        mass = before[place] + self.table[place] * (rank - place / n_slices)[:, None]
        mass += self.overall * self.tilt * (rank**2 - rank)[:, None]
        return np.asarray(divide(mass, self.overall))


def shares_from_dials(
    prevalence: npt.ArrayLike | None, confounding: float, n_classes: int
) -> Shares:
    """Turn the two dials of :func:`~sensitivity.synthetic.plant` into shares.

    Raises
    ------
    OptionError
        They are out of range, do not fit the number of classes, or contradict each other.

    Examples
    --------
    >>> shares = shares_from_dials((0.7, 0.3), 1.0, 2)
    >>> shares.at(np.array([0.0, 0.5, 1.0])).round(3).tolist()
    [[1.0, 0.0], [0.7, 0.3], [0.4, 0.6]]
    """
    in_range("confounding", confounding, low=-1.0, high=1.0)
    given = np.ones(n_classes) if prevalence is None else np.asarray(prevalence, dtype=np.float64)
    table = np.atleast_2d(given)
    if table.ndim != 2 or table.shape[1] != n_classes:
        rule = f"expected one share per class ({n_classes}), or rows of them"
        raise OptionError("prevalence", rule, got=f"shape {given.shape}")
    if not (np.isfinite(table).all() and (table >= 0).all() and (table.sum(axis=1) > 0).all()):
        raise OptionError("prevalence", "expected shares ≥ 0 of which one is above 0", got="others")
    if confounding and len(table) > 1:
        raise OptionError(
            "confounding", "expected 0 where prevalence has rows", got=f"{confounding:g}"
        )

    table = table / table.sum(axis=1, keepdims=True)
    slope = np.linspace(-1.0, 1.0, n_classes)
    slope -= (table.mean(axis=0) * slope).sum()  # the shares add up to 1 at every rank
    return Shares(table, confounding * slope / np.abs(slope).max())


def observed_shares(y: Integers, rank: Floats, n_classes: int) -> Shares:
    """Shares of given classes in each fifth of the rank; of all of them where a fifth is empty.

    Examples
    --------
    >>> observed_shares(np.array([0, 1, 1]), np.array([0.1, 0.5, 0.9]), 2).overall.round(3).tolist()
    [0.333, 0.667]
    """
    counts = np.zeros((5, n_classes))
    np.add.at(counts, (slices(rank, 5), y), 1.0)
    counts[counts.sum(axis=1) == 0] = counts.sum(axis=0)
    return Shares(counts / counts.sum(axis=1, keepdims=True), np.zeros(n_classes))


def draw_classes(shares: Shares, rank: Floats, random: np.random.Generator) -> Integers:
    """Draw a class for each rank.

    Examples
    --------
    >>> certain = shares_from_dials([[1, 0], [0, 1]], 0.0, 2)
    >>> draw_classes(certain, np.array([0.2, 0.4, 0.6]), np.random.default_rng(0)).tolist()
    [0, 0, 1]
    """
    chance = random.random(len(rank))
    y = np.empty(len(rank), dtype=np.int64)
    for rows in _portions(len(rank), len(shares.tilt)):
        ends = np.cumsum(shares.at(rank[rows]), axis=1)[:, :-1]
        y[rows] = (chance[rows, None] >= ends).sum(axis=1)
    return y


def check_labels(labels: npt.ArrayLike, n_classes: int) -> Integers:
    """Give labels as integers, each below the number of classes.

    Raises
    ------
    InputError
        They are not whole numbers of 0 … `n_classes` − 1.

    Examples
    --------
    >>> check_labels([0, 1.0], 2).tolist()
    [0, 1]
    """
    given = np.asarray(labels)
    rule = f"expected whole numbers 0 … {n_classes - 1}, one per sample"
    if given.dtype.kind not in "iuf" or given.ndim != 1:
        raise InputError("labels", rule, got=f"{given.dtype} of shape {given.shape}")
    if not ((given == np.floor(given)) & (given >= 0) & (given < n_classes)).all():
        raise InputError("labels", rule, got=f"{given.min()} … {given.max()}")
    return given.astype(np.int64)


def _portions(n: int, n_classes: int) -> Iterator[slice]:
    """Rows in portions of which the table with all classes stays small."""
    step = max(1, 4_000_000 // n_classes)
    return (slice(start, start + step) for start in range(0, n, step))


def divide(numerator: Floats, denominator: Floats) -> Floats:
    """Quotient; NaN where the denominator is 0.

    Examples
    --------
    >>> divide(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    shape = np.broadcast_shapes(numerator.shape, denominator.shape)
    empty: Floats = np.full(shape, np.nan)
    np.divide(numerator, denominator, out=empty, where=np.abs(denominator) > 1e-12)
    return empty
