"""Ranks within the true class: what a feature says once the class is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Strata:
    """Samples sorted by their true class.

    Attributes
    ----------
    codes : ndarray of int, shape (N,)
        True class of each sample, 0 … C-1.
    order : ndarray of int, shape (N,)
        Samples class by class, within a class in their given order.
    starts : ndarray of int64, shape (C + 1,)
        Where each class begins in `order`; the last entry is N.
    """

    codes: Integers
    order: Integers
    starts: npt.NDArray[np.int64]

    @property
    def n(self) -> npt.NDArray[np.int64]:
        """Samples of each class, shape (C,)."""
        return np.diff(self.starts)

    @property
    def n_classes(self) -> int:
        """Number of classes C."""
        return len(self.starts) - 1


def strata(codes: Integers, n_classes: int) -> Strata:
    """Sort samples by class.

    Parameters
    ----------
    codes : ndarray of int, shape (N,)
        True class of each sample, 0 … C-1.
    n_classes : int
        C, classes without samples included.

    Returns
    -------
    Strata

    Examples
    --------
    >>> found = strata(np.array([1, 0, 1]), 2)
    >>> found.order.tolist(), found.starts.tolist()
    ([1, 0, 2], [0, 1, 3])
    """
    narrow = _narrow(codes, n_classes)
    counts = np.bincount(codes, minlength=n_classes)
    starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return Strata(narrow, np.argsort(narrow, kind="stable"), starts)


def _narrow(codes: Integers, n_classes: int) -> Integers:
    """Small integers are sorted by radix, in a tenth of the time."""
    if n_classes <= np.iinfo(np.uint16).max:
        return codes.astype(np.uint16)
    return codes.astype(np.int32)


def within_ranks(values: npt.NDArray[np.floating], by: Strata) -> Floats:
    """Mid-rank of each value within its class, scaled to (-½, ½) with mean 0.

    Parameters
    ----------
    values : ndarray of float, shape (N,)
        A feature, without NaN; infinities sort to the ends.
    by : Strata
        The classes.

    Returns
    -------
    ndarray of float64, shape (N,)
        ``(mid-rank - (n + 1) / 2) / n`` with n the samples of the class; 0 throughout where
        all values of a class are equal.

    Examples
    --------
    >>> within_ranks(np.array([5.0, 1.0, 3.0, 3.0]), strata(np.zeros(4, dtype=int), 1))
    array([ 0.375, -0.375,  0.   ,  0.   ])
    """
    first = np.argsort(values)  # equal values share a rank, whatever their order here
    order = first[np.argsort(by.codes[first], kind="stable")]
    ordered = values[order]
    new = np.ones(len(values), dtype=np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    new[by.starts[:-1][by.n > 0]] = True
    heads = np.flatnonzero(new)
    sizes = np.diff(np.append(heads, len(values)))
    # Place of a run of equal values: the middle of the run, counted from its class's start.
    middle = np.repeat(heads + (sizes - 1) / 2, sizes)
    n = np.repeat(by.n, by.n)
    start = np.repeat(by.starts[:-1], by.n)
    ranks = np.empty(len(values))
    ranks[order] = (middle - start + 0.5) / n - 0.5
    return ranks


def bend(ranks: Floats, by: Strata) -> tuple[Floats, Floats]:
    """What turns ranks into their quadratic companion, class by class.

    The companion is ``s = r² - mean - slope · r``, with mean 0 in the class and no linear part:
    it is positive at both ends and negative in the middle.

    Parameters
    ----------
    ranks : ndarray of float64, shape (N,)
        From :func:`within_ranks`.
    by : Strata
        The classes.

    Returns
    -------
    mean, slope : ndarray of float64, shape (C,)
        0 for a class without samples or with one value.

    Examples
    --------
    >>> by = strata(np.zeros(5, dtype=int), 1)
    >>> ranks = within_ranks(np.arange(5.0), by)
    >>> mean, slope = bend(ranks, by)
    >>> companion(ranks, by, mean, slope).round(2)
    array([ 0.08, -0.04, -0.08, -0.04,  0.08])
    """
    square = ranks * ranks
    total = class_sums(square, by)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(by.n > 0, total / by.n, 0.0)
        slope = np.where(total > 0, class_sums(square * ranks, by) / total, 0.0)
    return mean, slope


def companion(ranks: Floats, by: Strata, mean: Floats, slope: Floats) -> Floats:
    """The quadratic companion of ranks: see :func:`bend`.

    Parameters
    ----------
    ranks : ndarray of float64, shape (N,)
        From :func:`within_ranks`.
    by : Strata
        The classes.
    mean, slope : ndarray of float64, shape (C,)
        From :func:`bend`.

    Returns
    -------
    ndarray of float64, shape (N,)
        Exactly 0 in classes with fewer than three distinct values, which have no bend.

    Examples
    --------
    >>> by = strata(np.zeros(4, dtype=int), 1)
    >>> ranks = within_ranks(np.array([0.0, 0.0, 0.0, 1.0]), by)
    >>> companion(ranks, by, *bend(ranks, by)).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    found = ranks * ranks - mean[by.codes] - slope[by.codes] * ranks
    # With one or two values the companion vanishes but for rounding.
    found[np.abs(found) < 1e-12] = 0.0
    return found


def class_extents(ranks: Floats, by: Strata) -> Floats:
    """How far within-class ranks reach from the lowest value of a class to its highest.

    Parameters
    ----------
    ranks : ndarray of float64, shape (N,)
        From :func:`within_ranks`.
    by : Strata
        The classes.

    Returns
    -------
    ndarray of float64, shape (C,)
        1 where no two values of a class are equal, less where many are, 0 where all are or
        there are fewer than two.

    Examples
    --------
    >>> by = strata(np.zeros(4, dtype=int), 1)
    >>> class_extents(within_ranks(np.array([1.0, 2.0, 3.0, 4.0]), by), by)
    array([1.])
    >>> class_extents(within_ranks(np.array([0.0, 0.0, 0.0, 4.0]), by), by).round(2)
    array([0.67])
    """
    found, n = np.zeros(by.n_classes), by.n
    filled = n > 1
    # Classes without samples begin where the next one does: reduceat is given none of them.
    heads = by.starts[:-1][n > 0]
    if len(heads):
        ordered = ranks[by.order]
        reach = np.maximum.reduceat(ordered, heads) - np.minimum.reduceat(ordered, heads)
        found[n > 0] = reach
    return np.where(filled, found * n / np.maximum(n - 1, 1), 0.0)


def class_sums(values: Floats, by: Strata) -> Floats:
    """Sum over the samples of each class.

    Parameters
    ----------
    values : ndarray of float64, shape (N,)
        One value per sample.
    by : Strata
        The classes.

    Returns
    -------
    ndarray of float64, shape (C,)
        0 for a class without samples.

    Examples
    --------
    >>> class_sums(np.array([1.0, 2.0, 4.0]), strata(np.array([1, 0, 1]), 3))
    array([2., 5., 0.])
    """
    return np.bincount(by.codes, values, minlength=by.n_classes).astype(np.float64)
