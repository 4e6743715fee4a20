"""Exact quantiles of numbers that lie in parts and never in one memory.

Numbers become whole numbers of the same order (:mod:`sensitivity.stats.keys`), and these are
found digit by digit, as a number is found on a ruler: one pass counts the high digits of all of
them, the next passes count the lower digits of those only that share theirs with a wanted one.
What a pass counts is a small table that can be added up over parts, in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from .keys import KEY_TYPES, Keys, key_values, ordered_keys
from .ranks import Floats, Integers

Counts = npt.NDArray[np.int64]

#: Counters that one pass may hold per column (8 bytes each).
MAX_COUNTERS = 1 << 22

_WIDE, _NARROW = 16, 8


@dataclass(frozen=True, eq=False)
class Search:
    """How far the wanted order statistics of one column are known.

    Attributes
    ----------
    bits : int
        32 or 64: bits of a key.
    widths : tuple of int
        Bits of each digit found so far, highest first.
    places : tuple of ndarray of int32
        One per digit found: from (bucket before, digit) to bucket; -1: no wanted one is there.
        Empty for the last digit, after which nothing is looked up.
    prefixes : ndarray of uint64, shape (B,)
        The digits found, of each of the B buckets that hold a wanted one.
    sizes : ndarray of int64, shape (B,), or None
        Numbers in each bucket; None before the first pass.
    ranks, buckets : ndarray of int64, shape (R,)
        Of each wanted one: its rank from 0 within its bucket, and the bucket.
    """

    bits: int
    widths: tuple[int, ...]
    places: tuple[npt.NDArray[np.int32], ...]
    prefixes: npt.NDArray[np.uint64]
    sizes: Counts | None
    ranks: Counts
    buckets: Counts

    @property
    def left(self) -> int:
        """Bits that are not found yet; 0: all is known."""
        return self.bits - sum(self.widths)

    @property
    def width(self) -> int:
        """Bits of the digit that the next pass counts: 16, or 8 where 16 would be too many."""
        wide = len(self.prefixes) << _WIDE <= MAX_COUNTERS
        return min(self.left, _WIDE if wide else _NARROW)


def begin(dtype: npt.DTypeLike) -> Search:
    """A search of which nothing is known.

    Parameters
    ----------
    dtype : dtype
        float32 or float64.

    Returns
    -------
    Search

    Raises
    ------
    InputError
        Another dtype.

    Examples
    --------
    >>> begin(np.float32).left, begin(np.float64).left
    (32, 64)
    """
    kind = np.dtype(dtype)
    if kind not in KEY_TYPES:
        raise InputError("numbers", "expected float32 or float64", got=str(kind))
    nothing = np.empty(0, dtype=np.int64)
    whole = np.zeros(1, dtype=np.uint64)
    return Search(8 * kind.itemsize, (), (), whole, None, nothing, nothing)


def digit_counts(values: npt.NDArray[np.floating], search: Search) -> Counts:
    """What one part adds to a pass: counts of the next digit in each bucket.

    Parameters
    ----------
    values : ndarray of float32 or float64, shape (N,)
        Numbers; NaN is left out.
    search : Search
        What the passes before have found.

    Returns
    -------
    ndarray of int64, shape (B, 2 ** width)
        Sum them over the parts.

    Raises
    ------
    InputError
        Numbers of another type than the search is for.

    Examples
    --------
    >>> counts = digit_counts(np.array([1.0, 2.0, 2.0], np.float32), begin(np.float32))
    >>> counts.shape, counts[counts > 0].tolist()
    ((1, 65536), [1, 2])
    """
    if 8 * values.dtype.itemsize != search.bits or values.dtype not in KEY_TYPES:
        rule = f"expected float{search.bits} in every part"
        raise InputError("numbers", rule, got=str(values.dtype))
    keys, left = ordered_keys(values), search.bits
    bucket = np.zeros(len(keys), dtype=np.int64)
    for width, place in zip(search.widths, search.places, strict=True):
        left -= width
        bucket = place[bucket << width | _digit(keys, left, width)].astype(np.int64)
        kept = bucket >= 0
        keys, bucket = keys[kept], bucket[kept]
    width = search.width
    cells = bucket << width | _digit(keys, left - width, width)
    counts = np.bincount(cells, minlength=len(search.prefixes) << width)
    return counts.astype(np.int64, copy=False).reshape(len(search.prefixes), 1 << width)


def _digit(keys: Keys, below: int, width: int) -> Counts:
    kind = keys.dtype.type
    return (keys >> kind(below) & kind((1 << width) - 1)).astype(np.int64)


def narrowed(search: Search, counts: Counts, ranks: Integers | None = None) -> Search:
    """What is known after a pass.

    Parameters
    ----------
    search : Search
        What was known before it.
    counts : ndarray of int64, shape (B, 2 ** width)
        From :func:`digit_counts`, summed over all parts.
    ranks : ndarray of int, shape (R,), optional
        After the first pass, whose counts sum to n: ranks of the wanted ones, 0 … n-1.

    Returns
    -------
    Search

    Raises
    ------
    InputError
        The parts do not hold what they held in the pass before.

    Examples
    --------
    >>> search, values = begin(np.float32), np.array([3.0, 1.0, 2.0], np.float32)
    >>> while search.left:
    ...     search = narrowed(search, digit_counts(values, search), np.array([1]))
    >>> found_values(search)
    array([2.])
    """
    width, flat = search.width, counts.ravel()
    if search.sizes is None:
        within = np.asarray(ranks, dtype=np.int64)
        buckets = np.zeros(len(within), dtype=np.int64)
    else:
        within, buckets = search.ranks, search.buckets
        if not np.array_equal(counts.sum(axis=1), search.sizes):
            got = f"{int(flat.sum()):,} numbers where there were {int(search.sizes.sum()):,}"
            raise InputError("parts", "expected the same numbers in every pass", got=got)
    ends = np.cumsum(flat)
    starts = ends - flat
    target = starts[buckets << width] + within
    cells = np.searchsorted(ends, target, side="right")
    wanted, places = np.unique(cells, return_inverse=True)
    place = np.full(len(flat) if search.left > width else 0, -1, dtype=np.int32)
    if len(place):
        place[wanted] = np.arange(len(wanted))
    digits = (wanted & ((1 << width) - 1)).astype(np.uint64)
    return Search(
        bits=search.bits,
        widths=(*search.widths, width),
        places=(*search.places, place),
        prefixes=search.prefixes[wanted >> width] << np.uint64(width) | digits,
        sizes=flat[wanted],
        ranks=target - starts[cells],
        buckets=places.astype(np.int64),
    )


def found_values(search: Search) -> Floats:
    """The wanted order statistics, once all digits are found.

    Parameters
    ----------
    search : Search
        With nothing left.

    Returns
    -------
    ndarray of float64, shape (R,)
        In the order of the ranks; infinities among them.

    Examples
    --------
    >>> search = begin(np.float64)
    >>> while search.left:
    ...     counts = digit_counts(np.array([0.1, 0.3]), search)
    ...     search = narrowed(search, counts, np.array([1, 0]))
    >>> found_values(search)
    array([0.3, 0.1])
    """
    kind = np.uint32 if search.bits == 32 else np.uint64
    return key_values(search.prefixes.astype(kind))[search.buckets].astype(np.float64)


def quantile_ranks(n: int, n_bins: int) -> Counts:
    """Ranks of the quantiles 1/K … (K-1)/K by the inverted empirical distribution.

    Parameters
    ----------
    n : int
        Numbers, without NaN.
    n_bins : int
        K.

    Returns
    -------
    ndarray of int64, shape (R,)
        ``ceil(n k / K) - 1``, each once, ascending; empty for no numbers.

    Examples
    --------
    >>> quantile_ranks(10, 5), quantile_ranks(2, 5)
    (array([1, 3, 5, 7]), array([0, 1]))
    """
    found = {-(-n * k // n_bins) - 1 for k in range(1, n_bins)} if n else set()
    return np.array(sorted(found), dtype=np.int64)


def few_distinct(
    known: npt.NDArray[np.floating] | None, values: npt.NDArray[np.floating], most: int
) -> npt.NDArray[np.floating] | None:
    """The distinct numbers of all parts so far, as long as they are few.

    Parameters
    ----------
    known : ndarray or None
        Those of the parts before (none yet: an empty array); None: more than `most`.
    values : ndarray of float, shape (N,)
        One more part; NaN is left out.
    most : int
        Beyond this many, None is returned.

    Returns
    -------
    ndarray or None
        Ascending.

    Examples
    --------
    >>> few_distinct(np.array([1.0]), np.array([2.0, 1.0, np.nan]), 2)
    array([1., 2.])
    >>> few_distinct(np.array([1.0]), np.array([2.0, 3.0]), 2) is None
    True
    """
    # A glance first: nearly always it shows that there are many.
    for part in (values[:1000], values):
        if known is None:
            return None
        found = np.union1d(known, part[~np.isnan(part)])
        known = found if len(found) <= most else None
    return known


def inner_edges(quantiles: Floats, largest: float) -> Floats:
    """Quantiles as edges that a number lies above or not.

    Parameters
    ----------
    quantiles : ndarray of float64, shape (R,)
        In any order, repeated ones allowed.
    largest : float
        The largest number.

    Returns
    -------
    ndarray of float64
        Distinct quantiles below the largest number, ascending; -inf as the lowest finite
        number, which splits alike.

    Examples
    --------
    >>> inner_edges(np.array([1.0, 1.0, 3.0, 7.0]), 7.0)
    array([1., 3.])
    """
    distinct = np.unique(quantiles)
    return np.maximum(distinct[distinct < largest], np.finfo(np.float64).min)


def quantile_edges_of(
    parts: Callable[[], Iterable[npt.NDArray[np.floating]]], n_bins: int
) -> Floats:
    """Inner edges of equal-count bins of numbers that lie in parts.

    Parameters
    ----------
    parts : callable
        Gives the parts, arrays of float32 or of float64, any number of them empty. It is
        called once per pass and must give the same numbers each time: twice for float32 and
        up to 64 bins, three times beyond; four to seven times for float64.
    n_bins : int
        Number of bins K.

    Returns
    -------
    ndarray of float64
        To the last bit those of :func:`sensitivity.bins.quantile_edges` for all numbers
        together, NaN left out and -0 as 0: at most K-1, ascending; empty for no number.

    Raises
    ------
    InputError
        Parts of different types, or other numbers in a later pass.

    Notes
    -----
    Memory: one part, and at most 64 MiB of counters with up to 16,384 bins.

    Examples
    --------
    >>> values = np.arange(10, dtype=np.float32)
    >>> quantile_edges_of(lambda: np.split(values, [3, 3, 7]), 5)
    array([1., 3., 5., 7.])
    """
    search: Search | None = None
    ranks = np.empty(0, dtype=np.int64)
    while search is None or search.left:
        counts: Counts | None = None
        for part in parts():
            search = begin(part.dtype) if search is None else search
            found = digit_counts(part, search)
            counts = found if counts is None else counts + found
        if search is None or counts is None:
            return np.empty(0, dtype=np.float64)
        if search.sizes is None:
            n = int(counts.sum())
            if not n:
                return np.empty(0, dtype=np.float64)
            ranks = np.append(quantile_ranks(n, n_bins), n - 1)
        search = narrowed(search, counts, ranks)
    found_ones = found_values(search)
    return inner_edges(found_ones[:-1], float(found_ones[-1]))
