"""Slices of two features: searched on one half of the samples, judged on the other.

A slice is a bin of one feature crossed with a bin of another. Thirty features of five bins
have 10,875 of them, so the weakest is far out even where nothing is real. Therefore one random
half of the samples is searched, and the few slices found there are judged on the other half,
which took no part in the search. A *row* is one class, or all classes together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from .held_out import holm, judge_weakness, random_half

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Codes = Sequence[npt.NDArray[np.int32]]

#: The row of all classes together.
ALL = -1

#: So many slices are judged: each further one makes the correction harsher.
TOP = 10

#: A slice holds at least this many samples (of the row), in both halves together, …
MIN_SUPPORT = 30
#: … and at least this share of all samples.
MIN_SHARE = 0.005

#: Features of more bins or categories than this take no part.
MAX_BINS = 20

#: With more classes than this, only those are searched that hold their even share of so many:
#: the extremes of thousands of small cells are noise, and would fill the places to be judged.
MAX_CLASSES = 50


@dataclass(frozen=True)
class Found:
    """The weakest slices of the half that was searched, weakest first: S of them.

    Attributes
    ----------
    features, bins : ndarray of int64, shape (S, 2)
        Places of the two features (the first before the second) and their bins.
    rows : ndarray of int64, shape (S,)
        The class, or :data:`ALL`.
    z : ndarray of float64, shape (S,)
        How far recall lies below that of the same classes, in standard errors: negative. The
        most extreme of very many, hence no evidence.
    """

    features: Ints
    bins: Ints
    rows: Ints
    z: Floats

    def __len__(self) -> int:
        return len(self.z)


@dataclass(frozen=True)
class Judged:
    """What the other half says of each slice found; all arrays have shape (S,).

    Attributes
    ----------
    n : ndarray of int64
        Samples of the row in the slice.
    value, low, high : ndarray of float64
        Their recall (all classes: accuracy), 0…1, and its Wilson interval; NaN where n is 0.
    expected : ndarray of float64
        What the same classes have in the whole other half.
    p, p_holm : ndarray of float64
        One-sided p of a weakness, in (0, 1), and corrected for all slices judged.
    """

    n: Ints
    value: Floats
    low: Floats
    high: Floats
    expected: Floats
    p: Floats
    p_holm: Floats


def search_slices(
    codes: Codes,
    n_bins: Sequence[int],
    y: npt.NDArray[np.integer],
    right: Bools,
    *,
    n_classes: int,
    groups: npt.NDArray[np.integer] | None = None,
    confidence: float = 0.95,
    rng: np.random.Generator,
) -> tuple[Found, Judged]:
    """Find the weakest slices on a random half, and judge them on the other.

    Parameters
    ----------
    codes : sequence of ndarray of int32, shape (N,)
        Bin of every sample, one array per feature; negative where the value is missing.
    n_bins : sequence of int
        Number of bins of each feature.
    y : ndarray of int, shape (N,)
        True class, 0 … C-1.
    right : ndarray of bool, shape (N,)
        Whether the prediction is right.
    n_classes : int
        Number of classes C.
    groups : ndarray of int, shape (N,), optional
        What belongs together, 0 … G-1; a group is never in both halves.
    confidence : float, default 0.95
        Coverage of the intervals.
    rng : numpy.random.Generator
        For the halves.

    Returns
    -------
    found : Found
        At most ten slices; none where no slice has the support or is weaker than its bins.
    judged : Judged
        The same slices on the other half.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> wet, dark = rng.integers(0, 2, (2, 4000)).astype(np.int32)
    >>> right = rng.random(4000) < np.where((wet == 1) & (dark == 1), 0.6, 0.9)
    >>> found, judged = search_slices(
    ...     [wet, dark], [2, 2], np.zeros(4000, np.int64), right, n_classes=1, rng=rng)
    >>> found.bins[0].tolist(), float(judged.value[0].round(2)), bool(judged.p_holm[0] < 1e-9)
    ([1, 1], 0.61, True)
    """
    first = random_half(y, groups=groups, rng=rng)
    found = find_slices(codes, n_bins, y, right, first, n_classes=n_classes)
    judged = judge_slices(found, codes, y, right, ~first, groups=groups, confidence=confidence)
    return found, judged


def find_slices(
    codes: Codes,
    n_bins: Sequence[int],
    y: npt.NDArray[np.integer],
    right: Bools,
    first: Bools,
    *,
    n_classes: int,
    top: int = TOP,
) -> Found:
    """The slices of the half `first` in which recall is lowest.

    With ``n_y`` samples of class y in the half, recall ``R_y``, and ``n_ys`` of them in the
    slice: ``z = Σ_y (right_ys - n_ys R_y) / √(Σ_y R_y (1 - R_y) n_ys (n_y - n_ys) / (n_y - 1))``,
    summed over all classes or over the one class of the row. Kept are negative z that are more
    extreme than those of both bins alone: what one feature does by itself is no slice. A slice
    needs 30 samples of its row, and 0.5 % of all samples, in both halves together.

    Parameters
    ----------
    codes, n_bins, y, right, n_classes
        As in :func:`search_slices`. Features of fewer than 2 or more than 20 bins are left out.
        With more than 50 classes, rows are "all" and the classes that hold at least 1/50 of the
        samples.
    first : ndarray of bool, shape (N,)
        The half that is searched.
    top : int, default 10
        Slices kept.

    Returns
    -------
    Found
        Weakest first; empty where nothing qualifies.

    Examples
    --------
    >>> a = np.repeat([0, 0, 1, 1], 50).astype(np.int32)
    >>> b = np.repeat([0, 1, 0, 1], 50).astype(np.int32)
    >>> right = np.arange(200) % 10 > np.repeat([0, 0, 0, 6], 50)
    >>> find_slices([a, b], [2, 2], 0 * a, right, np.full(200, True), n_classes=1).bins.tolist()
    [[1, 1], [1, 1]]
    """
    kept = [f for f, k in enumerate(n_bins) if 2 <= k <= MAX_BINS]
    counter = _Counter(codes, n_bins, y, right, first, kept, n_classes)
    rows, best = _searched(y, n_classes), np.empty((0, 6))
    alone = {f: _weakness(counter.bins(f), counter.halves, rows)[0] for f in kept}
    for i, j in combinations(kept, 2):
        z, support = _weakness(counter.cells(i, j), counter.halves, rows)
        solid = (support >= MIN_SUPPORT) & (support[:1] >= MIN_SHARE * len(y))
        limit = best[-1, 0] if len(best) == top else 0.0
        parents = np.minimum(alone[i][:, :, None], alone[j][:, None, :])
        at = np.nonzero(solid & (z < 0) & (z <= limit) & (z < parents))
        pair = np.broadcast_to(np.array([[i], [j]]), (2, len(at[0])))
        new = np.stack([z[at], rows[at[0]], *pair, *at[1:]], axis=1)
        best = np.concatenate((best, new))
        best = best[np.lexsort(best.T[::-1])][:top]
    whole = best[:, 1:].astype(np.int64)
    return Found(whole[:, 1:3], whole[:, 3:5], whole[:, 0], best[:, 0])


def judge_slices(
    found: Found,
    codes: Codes,
    y: npt.NDArray[np.integer],
    right: Bools,
    other: Bools,
    *,
    groups: npt.NDArray[np.integer] | None = None,
    confidence: float = 0.95,
) -> Judged:
    """Recall, interval and p of given slices on a half that took no part in finding them.

    Parameters
    ----------
    found : Found
        The slices.
    codes, y, right, groups, confidence
        As in :func:`search_slices`.
    other : ndarray of bool, shape (N,)
        The half that judges.

    Returns
    -------
    Judged
        One entry per slice, see :func:`sensitivity.stats.held_out.judge_weakness`.

    Examples
    --------
    >>> found = Found(np.array([[0, 1]]), np.array([[1, 1]]), np.array([ALL]), np.array([-5.0]))
    >>> a, b = (np.tile(pattern, 25).astype(np.int32) for pattern in ([0, 0, 1, 1], [0, 1, 0, 1]))
    >>> right = (a + b < 2) | (np.arange(100) < 40)
    >>> judged = judge_slices(found, [a, b], 0 * a, right, np.full(100, True))
    >>> int(judged.n[0]), float(judged.value[0]), float(judged.expected[0])
    (25, 0.4, 0.85)
    """
    entries = []
    for (i, j), (a, b), row in zip(found.features, found.bins, found.rows, strict=True):
        kept = np.flatnonzero(other if row == ALL else other & (y == row))
        inside = (codes[i][kept] == a) & (codes[j][kept] == b)
        strata = y[kept] if row == ALL else np.zeros(len(kept), dtype=np.int64)
        clusters = None if groups is None else groups[kept]
        entries.append(
            judge_weakness(inside, strata, right[kept], groups=clusters, confidence=confidence)
        )
    columns = np.array(entries, dtype=np.float64).reshape(len(entries), 6).T
    n, value, low, high, expected, p = columns
    return Judged(n.astype(np.int64), value, low, high, expected, p, holm(p))


def _searched(y: npt.NDArray[np.integer], n_classes: int) -> Ints:
    """The rows: all classes together, and the classes that are large enough to be searched."""
    sizes = np.bincount(y, minlength=n_classes)
    least = len(y) / MAX_CLASSES if n_classes > MAX_CLASSES else 1
    return np.concatenate(([ALL], np.flatnonzero(sizes >= least)))


class _Counter:
    """Counts by class, right or wrong, half, and bin of one feature or cell of two."""

    def __init__(
        self,
        codes: Codes,
        n_bins: Sequence[int],
        y: npt.NDArray[np.integer],
        right: Bools,
        first: Bools,
        kept: Sequence[int],
        n_classes: int,
    ) -> None:
        key = (y.astype(np.int64) * 2 + right) * 2 + first
        # Sorted, the counts that are added to lie side by side.
        order = np.argsort(key, kind="stable")
        self._key, self._n_bins, self._shape = key[order], n_bins, (n_classes, 2, 2)
        # Missing values in a bin of their own, the last, which no result has.
        self._codes = {f: np.where(codes[f] < 0, n_bins[f], codes[f])[order] for f in kept}
        self._codes = {f: found.astype(np.int16) for f, found in self._codes.items()}
        self._cell = np.empty_like(key)
        self.halves: Ints = np.bincount(key, minlength=4 * n_classes).reshape(self._shape)

    def bins(self, f: int) -> Ints:
        """Counts of shape (C, 2, 2, K)."""
        size = self._n_bins[f] + 1
        np.multiply(self._key, size, out=self._cell)
        self._cell += self._codes[f]
        return self._counted(size)[..., :-1]

    def cells(self, i: int, j: int) -> Ints:
        """Counts of shape (C, 2, 2, K of i, K of j)."""
        rows, columns = self._n_bins[i] + 1, self._n_bins[j] + 1
        np.multiply(self._key, rows, out=self._cell)
        self._cell += self._codes[i]
        self._cell *= columns
        self._cell += self._codes[j]
        return self._counted(rows, columns)[..., :-1, :-1]

    def _counted(self, *sizes: int) -> Ints:
        shape = self._shape + sizes
        return np.bincount(self._cell, minlength=int(np.prod(shape))).reshape(shape)


def _weakness(counts: Ints, halves: Ints, rows: Ints) -> tuple[Floats, Ints]:
    """Of every row and cell: z on the first half (0 without variance), and support in both."""
    cells = (1,) * (counts.ndim - 3)
    n = halves[:, :, 1].sum(axis=1).reshape(-1, *cells)
    recall = halves[:, 1, 1].reshape(n.shape) / np.maximum(n, 1)
    inside = counts[:, :, 1].sum(axis=1)
    gap = counts[:, 1, 1] - inside * recall
    weight = recall * (1 - recall) / np.maximum(n - 1, 1)
    variance = weight * inside * (n - inside)
    support = counts.sum(axis=(1, 2))
    gap, variance, support = (
        np.concatenate((values.sum(axis=0, keepdims=True), values[rows[1:]]))
        for values in (gap, variance, support)
    )
    spread = np.sqrt(variance)
    return np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0), support
