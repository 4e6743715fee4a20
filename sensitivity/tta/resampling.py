"""Resampled sets of images for paired comparisons, and the intervals that come of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..stats.intervals import normal_quantile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: More images than this are drawn in random blocks of their class.
MAX_UNITS = 20_000

#: No class is drawn in fewer blocks than this (or than it has images).
_LEAST_BLOCKS = 50

#: Weights that are held at once.
_AT_ONCE = 2_000_000


@dataclass(frozen=True, eq=False)
class Units:
    """What is drawn, with replacement: images, groups, or random blocks of images.

    Attributes
    ----------
    place : ndarray of int64, shape (N,)
        Unit of each image, 0 … U-1.
    start, size : ndarray of int64, shape (U,)
        First unit of each unit's stratum, and the stratum's number of units: units are numbered
        stratum by stratum.
    """

    place: Ints
    start: Ints
    size: Ints

    def __len__(self) -> int:
        return len(self.start)


def resampling_units(
    y: Ints, groups: Ints | None, *, rng: np.random.Generator, max_units: int = MAX_UNITS
) -> Units:
    """Units to draw: images within their class, or whole groups.

    Parameters
    ----------
    y : ndarray of int64, shape (N,)
        True class, from 0; N ≥ 1.
    groups : ndarray of int64, shape (N,), or None
        What belongs together. Groups are drawn within their class where each is of one class,
        else from all groups.
    rng : numpy.random.Generator
        Source of the blocks.
    max_units : int, default 20,000
        With more images (and no groups), images of a class are put into random blocks, at least 50
        a class, which are drawn in their place: their sums are as independent as the images, and
        there are enough of them to tell a variance to 1 %.

    Returns
    -------
    Units

    Examples
    --------
    >>> units = resampling_units(np.array([1, 0, 1]), None, rng=np.random.default_rng(0))
    >>> units.start.tolist(), units.size.tolist(), int(units.place[1])
    ([0, 1, 1], [1, 2, 2], 0)
    """
    if groups is not None:
        return _groups_as_units(y, groups)
    n, n_classes = len(y), int(y.max()) + 1
    sizes = np.bincount(y, minlength=n_classes)
    blocks = sizes.copy()
    if n > max_units:
        blocks = np.minimum(sizes, np.maximum(max_units * sizes // n, _LEAST_BLOCKS))
    shuffled = rng.permutation(n)
    shuffled = shuffled[np.argsort(y[shuffled], kind="stable")]
    own = y[shuffled]
    position = np.arange(n) - (np.cumsum(sizes) - sizes)[own]
    starts = np.cumsum(blocks) - blocks
    place = np.empty(n, dtype=np.int64)
    place[shuffled] = starts[own] + position % blocks[own]
    return Units(place, np.repeat(starts, blocks), np.repeat(blocks, blocks))


def _groups_as_units(y: Ints, groups: Ints) -> Units:
    _, place = np.unique(groups, return_inverse=True)
    n_groups = int(place.max()) + 1
    low = np.full(n_groups, y.max())
    high = np.zeros(n_groups, dtype=np.int64)
    np.minimum.at(low, place, y)
    np.maximum.at(high, place, y)
    if (low != high).any():
        return Units(place, np.zeros(n_groups, np.int64), np.full(n_groups, n_groups))
    order = np.argsort(low, kind="stable")
    rank = np.empty(n_groups, dtype=np.int64)
    rank[order] = np.arange(n_groups)
    sizes = np.bincount(low)
    return Units(rank[place], np.repeat(np.cumsum(sizes) - sizes, sizes), np.repeat(sizes, sizes))


def drawn_weights(units: Units, n_boot: int, rng: np.random.Generator) -> Iterator[Floats]:
    """How often each unit is drawn, some sets at a time.

    Parameters
    ----------
    units : Units
    n_boot : int
        Sets in all.
    rng : numpy.random.Generator
        Source of the draws.

    Yields
    ------
    ndarray of float64, shape (some sets, U)
        Whole numbers; those of a stratum add up to its number of units.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> units = resampling_units(np.array([0, 0, 1]), None, rng=rng)
    >>> [part.sum(axis=1).tolist() for part in drawn_weights(units, 2, rng)]
    [[3.0, 3.0]]
    """
    n_units = len(units)
    step = max(1, _AT_ONCE // n_units)
    for done in range(0, n_boot, step):
        sets = min(step, n_boot - done)
        drawn = (rng.random((sets, n_units)) * units.size).astype(np.int64) + units.start
        drawn += np.arange(sets)[:, None] * n_units
        counts = np.bincount(drawn.ravel(), minlength=sets * n_units)
        yield counts.reshape(sets, n_units).astype(np.float64)


def effective_number(weights: Floats, groups: npt.NDArray[np.integer] | None) -> float:
    """How many equal groups tell as much of a weighted mean as these groups do.

    Parameters
    ----------
    weights : ndarray of float64, shape (N,)
        Weight of each image, 0 or more.
    groups : ndarray of int, shape (N,), or None
        What belongs together; None: every image by itself.

    Returns
    -------
    float
        ``(Σ_g w_g)² / Σ_g w_g²``, w_g the sum of a group's weights; 0 where all are 0.

    Examples
    --------
    >>> effective_number(np.ones(4), None), effective_number(np.ones(4), np.array([0, 0, 0, 1]))
    (4.0, 1.6)
    """
    sums = weights
    if groups is not None:
        _, place = np.unique(groups, return_inverse=True)
        sums = np.bincount(place, weights).astype(np.float64)
    squares = float((sums**2).sum())
    return float(sums.sum() ** 2 / squares) if squares else 0.0


def widened(
    change: npt.ArrayLike,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    *,
    effective: npt.ArrayLike,
    pair: npt.ArrayLike,
    confidence: float,
) -> tuple[Floats, Floats]:
    """Bounds that also hold where there are few groups, or hardly a pair differs.

    Parameters
    ----------
    change, low, high : array_like
        Estimate, and the bounds that a bootstrap or a normal distribution gives.
    effective : array_like
        Effective number m of what was drawn (:func:`effective_number`): a bootstrap of m units
        is too narrow by ``√((m-1)/m)``, and its variance has m-1 degrees of freedom.
    pair : array_like
        Variance that one pair more in either direction would add. That no pair differs among
        twenty is no proof that none ever will: with 0 here the interval would have no width.
    confidence : float
        Coverage.

    Returns
    -------
    low, high : ndarray of float64
        NaN for a single unit.

    Examples
    --------
    >>> low, high = widened(0.0, 0.0, 0.0, effective=100, pair=2 / 100**2, confidence=0.95)
    >>> round(float(low), 4), round(float(high), 4)
    (-0.0277, 0.0277)
    """
    from scipy.special import stdtrit

    change, low, high, m, pair = (
        np.asarray(x, dtype=np.float64) for x in (change, low, high, effective, pair)
    )
    z = normal_quantile(confidence)
    freedom = np.maximum(m - 1, 1e-3)
    several = m > 1 + 1e-9
    safe = np.where(several, m, 2.0)
    factor = np.sqrt(safe / (safe - 1)) * stdtrit(np.maximum(freedom, 0.5), 0.5 + confidence / 2)
    factor = np.where(several, factor / z, np.nan)
    down = np.hypot(factor * np.maximum(change - low, 0), z * np.sqrt(pair))
    up = np.hypot(factor * np.maximum(high - change, 0), z * np.sqrt(pair))
    return np.asarray(change - down), np.asarray(change + up)
