"""What a part of a data set says, as counts that add up: fine cell × true × predicted class.

A fine cell holds the samples between two neighbouring of some thousand exact quantiles of the
whole. From the counts of the whole follow the count table of its bins, to the sample, and the
score tests of ranks within the class, as if all samples of a fine cell had the same value.
"""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..encoding import write_atomically
from ..errors import InputError, ResultError
from .calls import Sparse, call_noise, call_rates, pair_counts
from .ranks import Floats, Integers
from .scores import Score, score_of_sums

Counts = npt.NDArray[np.int64]
Keys = npt.NDArray[np.unsignedinteger]

FORMAT = 1

_PARTS = ("fine", "edges", "keys", "counts")


@dataclass(frozen=True, eq=False)
class CellCounts:
    """Samples of one feature by fine cell, true and predicted class; only what occurs is held.

    Attributes
    ----------
    fine : ndarray of float64, shape (M - 1,)
        Inner edges of the M fine cells, ascending.
    edges : ndarray of float64, shape (K - 1,)
        Inner edges of the K bins, each of them one of `fine`.
    n_classes : int
        C.
    keys : ndarray of uint32 or uint64, shape (S,)
        ``(true · (M + 1) + cell) · C + predicted``, ascending; cell M is "missing".
    counts : ndarray of int64, shape (S,)
        Samples, at least 1.
    """

    fine: Floats
    edges: Floats
    n_classes: int
    keys: Keys
    counts: Counts

    def __add__(self, other: CellCounts) -> CellCounts:
        alike = self.n_classes == other.n_classes and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in _PARTS[:2]
        )
        if not alike:
            rule = "expected the same classes and edges, those of the whole, in all parts"
            raise InputError("counts", rule)
        keys = np.concatenate((self.keys, other.keys))
        counts = np.concatenate((self.counts, other.counts))
        # Stable, and so of two ascending halves: merged, not sorted.
        order = np.argsort(keys, kind="stable")
        heads, sums = _summed(keys[order], counts[order])
        return CellCounts(self.fine, self.edges, self.n_classes, keys[order][heads], sums)

    @property
    def n_missing(self) -> int:
        """Samples without a value."""
        return int(self.counts[self._cells() == len(self.fine) + 1].sum())

    def _cells(self) -> Counts:
        groups = (self.keys // self.n_classes).astype(np.int64)
        return np.asarray(groups % (len(self.fine) + 2))

    def confusion(self, edges: npt.ArrayLike | None = None) -> Counts:
        """Samples by bin, true and predicted class.

        Parameters
        ----------
        edges : array_like of float, shape (K - 1,), optional
            Inner edges among `fine`; None: those of the bins.

        Returns
        -------
        ndarray of int64, shape (K, C, C)
            Exactly :func:`sensitivity.metrics.classification.confusion_counts` of the samples;
            those without a value are left out.

        Raises
        ------
        InputError
            An edge that no fine cell has.
        """
        inner = np.asarray(self.edges if edges is None else edges, dtype=np.float64)
        places = np.searchsorted(self.fine, inner)
        inside = places < len(self.fine)
        known = np.zeros(len(inner), dtype=np.bool_)
        known[inside] = self.fine[places[inside]] == inner[inside]
        if not known.all():
            rule = "expected edges of the fine cells"
            raise InputError("edges", rule, got=repr(float(inner[~known][0])))
        n, cells = self.n_classes, self._cells()
        here = cells <= len(self.fine)
        bins = np.searchsorted(places, cells[here], side="left")
        keys = self.keys[here].astype(np.int64)
        pairs = keys // (n * (len(self.fine) + 2)) * n + keys % n
        found = np.zeros((len(inner) + 1) * n**2, dtype=np.int64)
        np.add.at(found, bins * n**2 + pairs, self.counts[here])
        return found.reshape(-1, n, n)

    def extents(self) -> Floats:
        """How far ranks reach, shape (C,), as :func:`sensitivity.stats.ranks.class_extents`."""
        grouped = self._grouped()
        size = len(grouped.n)
        low, high = np.full(size, np.inf), np.full(size, -np.inf)
        np.minimum.at(low, grouped.owners, grouped.ranks)
        np.maximum.at(high, grouped.owners, grouped.ranks)
        wider = grouped.n / np.maximum(grouped.n - 1, 1)
        return np.where(grouped.n > 1, (high - low) * wider, 0.0)

    def scores(self) -> tuple[Score, Score]:
        """Score tests of the within-class mid-ranks of the fine cells, and of their bend.

        Returns
        -------
        linear, curved : Score
            What :func:`sensitivity.stats.scores.score` gives for the feature's within-class
            ranks and for their quadratic companion, with each value replaced by its fine cell.

        Notes
        -----
        A rank is off by at most half of the largest share of the class in one fine cell
        (:meth:`rank_error`), and z of recall by :meth:`z_error`, one standard deviation. Of
        200,000 samples in 4,096 cells, with a planted trend and without, no z of recall, false
        positives or F1 moved by more than .01, none of the bend by more than .02, in 2, 10 and
        1,000 classes that the feature does not tell apart. Where it all but does, a class fills
        few cells: of 1,000 such classes the median :meth:`z_error` was .01, and single z moved
        by .3 (bend: 1.2). More cells help.
        """
        grouped = self._grouped()
        ranks, sizes, owners, n = grouped.ranks, grouped.sizes, grouped.owners, grouped.n
        size = len(n)
        square = sizes * ranks * ranks
        total = np.bincount(owners, square, minlength=size)
        cubic = np.bincount(owners, square * ranks, minlength=size)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.where(n > 0, total / n, 0.0)
            slope = np.where(total > 0, cubic / total, 0.0)
        bent = ranks * ranks - mean[owners] - slope[owners] * ranks
        bent[np.abs(bent) < 1e-12] = 0.0
        return grouped.score(ranks), grouped.score(bent)

    def pooled(self) -> Counts:
        """Samples by true and predicted class, those without a value left out.

        Returns
        -------
        ndarray of int64, shape (C, C)
            ``counts[true, predicted]``.
        """
        return np.asarray(self.confusion(()).sum(axis=0))

    def rank_error(self) -> Floats:
        """By how much the rank of a sample within its class may be off, at most.

        Returns
        -------
        ndarray of float64, shape (C,)
            In units of the class, 0 … ½: half of the class's largest share in one fine cell,
            less half a sample; 0 where every sample has a cell of its own.
        """
        grouped = self._grouped()
        largest = np.zeros(len(grouped.n))
        np.maximum.at(largest, grouped.owners, grouped.sizes - 1.0)
        return np.asarray(largest / (2 * np.maximum(grouped.n, 1)))

    def z_error(self) -> Floats:
        """Standard deviation by which z differs from that of the exact ranks, at most about.

        Returns
        -------
        ndarray of float64, shape (C,)
            ``√(Σ(m³ - m) / (n³ - n))`` over the fine cells with m of the class's n samples: one
            over the number of cells that the class fills, if it fills them alike. NaN with
            fewer than two samples. Samples of a cell that are equal make no difference. For
            the bend it is about twice as much; for false positives it is that of the classes
            that they come from.
        """
        grouped = self._grouped()
        sizes, n = grouped.sizes.astype(np.float64), grouped.n.astype(np.float64)
        lost = np.bincount(grouped.owners, sizes**3 - sizes, minlength=len(n))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(n > 1, np.sqrt(lost / (n**3 - n)), np.nan))

    def _grouped(self) -> _Grouped:
        keys, counts = self.keys, self.counts
        groups, called = np.divmod(keys, keys.dtype.type(self.n_classes))
        owners, cells = np.divmod(groups, keys.dtype.type(len(self.fine) + 2))
        here = cells <= len(self.fine)
        if not here.all():
            groups, called, owners, counts = (x[here] for x in (groups, called, owners, counts))
        heads, sizes = _summed(groups, counts)
        places = np.repeat(np.arange(len(heads)), np.diff(np.append(heads, len(groups))))
        true, called = owners.astype(np.int64), called.astype(np.int64)
        owners = true[heads]
        n = np.bincount(owners, sizes, minlength=self.n_classes).astype(np.int64)
        ends, starts = np.cumsum(sizes), np.cumsum(n) - n
        middle = ends - sizes + (sizes - 1) / 2
        ranks = (middle - starts[owners] + 0.5) / n[owners] - 0.5
        pooled = pair_counts(true, called, counts, self.n_classes)
        return _Grouped(ranks, sizes, owners, n, places, true, called, counts, pooled)


@dataclass(frozen=True, eq=False)
class _Grouped:
    """Samples by true class and fine cell (G groups), and where what was called belongs."""

    ranks: Floats
    sizes: Counts
    owners: Counts
    n: Counts
    places: npt.NDArray[np.intp]
    true: Counts
    called: Counts
    counts: Counts
    pooled: Sparse

    def score(self, column: Floats) -> Score:
        """Score test of a column with one value per group, mean 0 within the class."""
        size = len(self.n)
        right = self.called == self.true
        weighed = column[self.places] * self.counts
        on_hits = np.bincount(self.true[right], weighed[right], minlength=size)
        on_false = np.bincount(self.called[~right], weighed[~right], minlength=size)
        squares = np.bincount(self.owners, self.sizes * column * column, minlength=size)
        wider = np.where(self.n > 1, self.n / np.maximum(self.n - 1, 1), 0.0)
        recall, f1, rates = call_rates(self.pooled)
        return score_of_sums(
            on_hits.astype(np.float64),
            on_false.astype(np.float64),
            np.asarray(squares * wider, dtype=np.float64),
            recall=recall,
            f1=f1,
            noise=call_noise(rates),
        )


def count_cells(
    values: npt.NDArray[np.floating],
    y: Integers,
    predicted: Integers,
    n_classes: int,
    *,
    fine: Floats,
    edges: Floats,
) -> CellCounts:
    """Count the samples of one part.

    Parameters
    ----------
    values : ndarray of float, shape (N,)
        A feature; NaN is missing.
    y, predicted : ndarray of int, shape (N,)
        True and predicted class, 0 … C-1.
    n_classes : int
        C.
    fine : ndarray of float64, shape (M - 1,)
        Inner edges of the fine cells, ascending: those of the whole data set.
    edges : ndarray of float64, shape (K - 1,)
        Inner edges of the bins, each of them one of `fine`.

    Returns
    -------
    CellCounts
        Without any cell for no samples.

    Examples
    --------
    >>> found = count_cells(np.array([0.5, 1.5, 2.5]), np.array([0, 0, 1]), np.array([0, 1, 1]), 2,
    ...                     fine=np.array([1.0, 2.0]), edges=np.array([2.0]))
    >>> found.confusion().tolist()
    [[[1, 1], [0, 0]], [[0, 0], [0, 1]]]
    """
    cells = np.searchsorted(fine, values, side="left")
    cells[np.isnan(values)] = len(fine) + 1
    n_cells = len(fine) + 2
    keys = (y.astype(np.int64) * n_cells + cells) * n_classes + predicted
    kind = np.uint32 if n_cells * n_classes**2 <= 1 << 32 else np.uint64
    found, counts = np.unique(keys.astype(kind), return_counts=True)
    return CellCounts(fine, edges, n_classes, found, counts.astype(np.int64))


@dataclass(frozen=True, eq=False)
class ShardCounts:
    """What one part of a data set says: ``a + b`` is what both together say.

    Adding is exact, and neither order nor grouping matters.

    Attributes
    ----------
    features : dict
        From feature to :class:`CellCounts`, all with the same classes.
    """

    features: dict[str, CellCounts]

    def __add__(self, other: ShardCounts) -> ShardCounts:
        if list(self.features) != list(other.features):
            differ = sorted(set(self.features) ^ set(other.features))
            rule = "expected the same features in the same order in all parts"
            raise InputError("features", rule, got=differ[0] if differ else "another order")
        both = self.features.items()
        return ShardCounts({name: counts + other.features[name] for name, counts in both})

    @property
    def n_cells(self) -> int:
        """Cells that are not empty, of all features: 12 or 16 bytes each."""
        return sum(len(counts.keys) for counts in self.features.values())

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write all counts to one file.

        Parameters
        ----------
        path : path
            An ``.npz`` file, replaced in one step.

        Returns
        -------
        pathlib.Path
            The file.
        """
        arrays: dict[str, npt.NDArray[np.generic]] = {
            "format": np.array(FORMAT),
            "features": np.array(list(self.features), dtype=np.str_),
            "n_classes": np.array([counts.n_classes for counts in self.features.values()]),
        }
        for k, counts in enumerate(self.features.values()):
            arrays |= {f"{name}_{k}": getattr(counts, name) for name in _PARTS}
            largest = int(counts.counts.max(initial=0))
            arrays[f"counts_{k}"] = counts.counts.astype(np.min_scalar_type(largest))

        def write(part: Path) -> None:
            with part.open("wb") as file:
                np.savez(file, allow_pickle=False, **arrays)

        write_atomically(Path(path), write)
        return Path(path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> ShardCounts:
        """Read counts back.

        Parameters
        ----------
        path : path
            What :meth:`save` wrote.

        Returns
        -------
        ShardCounts
            Equal to the one saved.

        Raises
        ------
        ResultError
            No such file, or no file of counts.
        """
        rule, where = "expected a file that ShardCounts.save wrote", str(path)
        try:
            with np.load(Path(path), allow_pickle=False) as file:
                if int(file["format"]) != FORMAT:
                    raise ResultError("counts", rule, got=f"format {file['format']}", where=where)
                names = [str(name) for name in file["features"]]
                sizes = [int(size) for size in file["n_classes"]]
                parts = [[file[f"{part}_{k}"] for part in _PARTS] for k in range(len(names))]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            if isinstance(error, ResultError):
                raise
            raise ResultError("counts", rule, got=str(error), where=where) from error
        return cls(
            {
                name: CellCounts(fine, edges, size, keys, counts.astype(np.int64))
                for name, size, (fine, edges, keys, counts) in zip(names, sizes, parts, strict=True)
            }
        )


def _summed(keys: Integers, counts: Counts) -> tuple[npt.NDArray[np.intp], Counts]:
    """Where each of the ascending keys begins, and the sum of its counts."""
    if not len(keys):
        return np.empty(0, dtype=np.intp), counts
    heads = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return heads, np.add.reduceat(counts, heads)
