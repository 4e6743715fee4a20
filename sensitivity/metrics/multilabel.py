"""Multi-label metrics: each label is a binary problem of its own; counts in, rates out.

The counts of one label, ``counts[:, l]`` with the axes bin, truth, called, are the confusion
tables of a problem of two classes, not having the label and having it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Rows counted at a time: bounds the memory next to the caller's arrays.
ROWS = 1 << 18


@dataclass(frozen=True)
class LabelScores:
    """How well all labels together are called, over N images.

    Attributes
    ----------
    n : int
        Images.
    accuracy : float
        Share of the pairs of image and label that are right, in [0, 1].
    accuracy_variance : float
        Its sampling variance, by images: the labels of one image may err together.
    macro_f1 : float
        Mean of F1 over the labels that any image has or was given, in [0, 1].
    macro_f1_variance : float
        Its sampling variance, by images (delta method).
    n_exact : int
        Images of which every label is right.
    """

    n: int
    accuracy: float
    accuracy_variance: float
    macro_f1: float
    macro_f1_variance: float
    n_exact: int

    @property
    def exact_match(self) -> float:
        """Share of the images of which every label is right, in [0, 1]; NaN without images."""
        return self.n_exact / self.n if self.n else float("nan")


def label_counts(
    truth: Flags, called: Flags, codes: npt.NDArray[np.integer] | None = None, n_bins: int = 1
) -> Counts:
    """Count images by bin, label, truth and call.

    Parameters
    ----------
    truth, called : ndarray of bool, shape (N, L)
        Whether each image has each label, and whether it was given it.
    codes : ndarray of int, shape (N,), optional
        Bin of each image; images with a negative bin are left out.
    n_bins : int, default 1
        Number of bins K.

    Returns
    -------
    ndarray of int64, shape (K, L, 2, 2)
        ``counts[bin, label, truth, called]``; all zero for no images.

    Examples
    --------
    >>> truth = np.array([[True, False], [True, True]])
    >>> called = np.array([[True, False], [False, True]])
    >>> label_counts(truth, called)[0].tolist()
    [[[0, 0], [1, 1]], [[1, 0], [0, 1]]]
    """
    n, n_labels = truth.shape
    counts = np.zeros((n_labels, n_bins * 4), dtype=np.int64)
    for start in range(0, n, ROWS):
        rows = slice(start, start + ROWS)
        cell = truth[rows].astype(np.uint8)
        cell *= 2
        cell += called[rows]
        base: npt.NDArray[np.int64] | int = 0
        if codes is not None:
            kept = codes[rows] >= 0
            cell, base = cell[kept], codes[rows][kept].astype(np.int64) * 4
        for label, column in enumerate(np.ascontiguousarray(cell.T)):
            counts[label] += np.bincount(base + column, minlength=n_bins * 4)
    return counts.reshape(n_labels, n_bins, 2, 2).swapaxes(0, 1)


def label_rates(counts: Counts) -> tuple[Floats, Floats, Floats]:
    """Recall, precision and F1 of every label.

    Parameters
    ----------
    counts : ndarray of int64, shape (..., 2, 2)
        ``counts[..., truth, called]``, as of :func:`label_counts`.

    Returns
    -------
    recall, precision, f1 : ndarray of float64, shape (...)
        In [0, 1]; NaN for a label that no image has, that none was given, and neither.

    Examples
    --------
    >>> recall, precision, f1 = label_rates(np.array([[90, 2], [2, 6]]))
    >>> float(recall), float(precision), float(f1)
    (0.75, 0.75, 0.75)
    """
    hits, n, called = counts[..., 1, 1], counts[..., 1, :].sum(-1), counts[..., 1].sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return hits / n, hits / called, 2 * hits / (n + called)


def label_scores(truth: Flags, called: Flags) -> LabelScores:
    """Accuracy over all pairs of image and label, macro F1 and the images that are all right.

    Parameters
    ----------
    truth, called : ndarray of bool, shape (N, L)
        Whether each image has each label, and whether it was given it.

    Returns
    -------
    LabelScores
        Values are NaN without images; macro F1 also where no label occurs at all, the
        variances with fewer than two images.

    Examples
    --------
    >>> truth = np.array([[True, False], [True, True], [False, False]])
    >>> called = np.array([[True, False], [False, True], [False, False]])
    >>> found = label_scores(truth, called)
    >>> round(found.accuracy, 3), round(found.macro_f1, 3), found.n_exact
    (0.833, 0.833, 2)
    """
    n, n_labels = truth.shape
    if not n:
        nan = float("nan")
        return LabelScores(0, nan, nan, nan, nan, 0)
    counts = label_counts(truth, called)[0]
    f1 = label_rates(counts)[2]
    defined = ~np.isnan(f1)
    total = counts[:, 1, :].sum(axis=-1) + counts[:, :, 1].sum(axis=-1)
    weight = np.where(defined, 1 / np.maximum(total, 1), 0) / max(defined.sum(), 1)
    pull = np.where(defined, f1, 0) * weight
    n_wrong, influence = np.empty(n), np.empty(n)
    for start in range(0, n, ROWS):
        rows = slice(start, start + ROWS)
        y, a = truth[rows], called[rows]
        n_wrong[rows] = (y != a).sum(axis=1)
        # What an image adds to the mean of (2 y a - F (y + a)) / (n + P).
        influence[rows] = (y & a) @ (2 * weight) - y @ pull - a @ pull

    right = 1 - n_wrong / n_labels
    occurs = bool(defined.any())
    return LabelScores(
        n,
        accuracy=float(right.mean()),
        accuracy_variance=float(right.var() / (n - 1)) if n > 1 else float("nan"),
        macro_f1=float(f1[defined].mean()) if occurs else float("nan"),
        macro_f1_variance=float(influence.var() * n) if n > 1 and occurs else float("nan"),
        n_exact=int((n_wrong == 0).sum()),
    )
