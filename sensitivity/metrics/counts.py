"""Samples counted by bin, true and predicted class: the cells that are not empty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]

#: Tables of up to this many cells are counted whole; in larger ones the samples are sorted.
MAX_WHOLE = 1 << 22


@dataclass(frozen=True, eq=False)
class Confusion:
    """Confusion tables of K bins and C classes, without their empty cells.

    Of many classes nearly all pairs are never confused: 10,000 classes in 5 bins have 500 million
    cells, and no more of them are filled than there are samples.

    Attributes
    ----------
    n_bins, n_classes : int
        K and C.
    bins, true, called, samples : ndarray of int64, shape (M,)
        Bin, true class, predicted class and number of samples of each cell that is not empty,
        in this order.
    """

    n_bins: int
    n_classes: int
    bins: Counts
    true: Counts
    called: Counts
    samples: Counts

    @classmethod
    def of(cls, table: npt.NDArray[np.integer]) -> Confusion:
        """The cells of a table.

        Parameters
        ----------
        table : ndarray of int, shape (K, C, C) or (C, C)
            ``table[bin, true, predicted]``; two axes are one bin.

        Returns
        -------
        Confusion

        Examples
        --------
        >>> Confusion.of(np.array([[3, 0], [1, 2]])).samples
        array([3, 1, 2])
        """
        whole = table[None] if table.ndim == 2 else table
        places = np.nonzero(whole)
        found = (x.astype(np.int64) for x in (*places, whole[places]))
        return cls(whole.shape[0], whole.shape[1], *found)

    def table(self) -> Counts:
        """All cells, the empty ones too: for few classes.

        Returns
        -------
        ndarray of int64, shape (K, C, C)
            ``table[bin, true, predicted]``.

        Examples
        --------
        >>> Confusion.of(np.eye(2, dtype=int)).table().tolist()
        [[[1, 0], [0, 1]]]
        """
        found = np.zeros((self.n_bins, self.n_classes, self.n_classes), dtype=np.int64)
        found[self.bins, self.true, self.called] = self.samples
        return found

    @property
    def n(self) -> Counts:
        """Samples of each class in each bin, shape (K, C)."""
        return self._summed(self.true)

    @property
    def calls(self) -> Counts:
        """Samples called each class in each bin, shape (K, C)."""
        return self._summed(self.called)

    @property
    def hits(self) -> Counts:
        """Samples of each class that are called so in each bin, shape (K, C)."""
        return self._summed(self.true, self.true == self.called)

    def _summed(self, of: Counts, kept: npt.NDArray[np.bool_] | slice = slice(None)) -> Counts:
        places = (self.bins * self.n_classes + of)[kept]
        size = self.n_bins * self.n_classes
        # As floats whole numbers are exact up to 2^53.
        found = np.bincount(places, self.samples[kept], minlength=size)
        return found.astype(np.int64).reshape(self.n_bins, self.n_classes)


def confusion_counts(
    y: npt.NDArray[np.int64],
    predicted: npt.NDArray[np.int64],
    n_classes: int,
    codes: npt.NDArray[np.integer] | None = None,
    n_bins: int = 1,
) -> Confusion:
    """Count samples by bin, true class and predicted class.

    Parameters
    ----------
    y, predicted : ndarray of int64, shape (N,)
        True and predicted class, 0 … C-1.
    n_classes : int
        Number of classes C.
    codes : ndarray of int, shape (N,), optional
        Bin of each sample; samples with a negative bin are left out.
    n_bins : int, default 1
        Number of bins K.

    Returns
    -------
    Confusion
        Without any cell for no samples.

    Examples
    --------
    >>> confusion_counts(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).table()
    array([[[1, 1],
            [0, 1]]])
    """
    cell = y * n_classes + predicted
    if codes is not None:
        cell += codes.astype(np.int64) * n_classes**2
        cell = cell[codes >= 0] if (codes < 0).any() else cell
    if n_bins * n_classes**2 <= MAX_WHOLE:
        whole = np.bincount(cell)
        filled = np.flatnonzero(whole)
        samples = whole[filled]
    else:
        filled, samples = np.unique(cell, return_counts=True)
    bins, pairs = np.divmod(filled.astype(np.int64), n_classes**2)
    true, called = np.divmod(pairs, n_classes)
    return Confusion(n_bins, n_classes, bins, true, called, samples.astype(np.int64))
