"""Classification metrics from counts: confusion tables in, cells out.

Notation, for class *c* in a cell (a bin): ``n`` samples of the class, ``P`` samples called
the class, ``T`` both. ``Q[y, c]`` is the rate at which samples of class *y* are called *c*,
``π_y`` the share of class *y* in the whole set (or a prior that the caller gives).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """Counts and metrics of every class in every bin; all arrays have shape (K, C).

    Attributes
    ----------
    hits, n, called : ndarray of int64
        True positives T, samples of the class n, samples called the class P.
    recall, precision, f1, f1_star : ndarray of float64
        In [0, 1]; NaN where n, P, n + P or n respectively is 0.
    f1_star_variance : ndarray of float64
        Sampling variance of `f1_star`.
    """

    hits: Counts
    n: Counts
    called: Counts
    recall: Floats
    precision: Floats
    f1: Floats
    f1_star: Floats
    f1_star_variance: Floats


def confusion_counts(
    y: npt.NDArray[np.int64],
    predicted: npt.NDArray[np.int64],
    n_classes: int,
    codes: npt.NDArray[np.integer] | None = None,
    n_bins: int = 1,
) -> Counts:
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
    ndarray of int64, shape (K, C, C)
        ``counts[bin, true, predicted]``; all zero for no samples.

    Examples
    --------
    >>> confusion_counts(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    array([[[1, 1],
            [0, 1]]])
    """
    cell = y * n_classes + predicted
    if codes is not None:
        cell += codes.astype(np.int64) * n_classes**2
        cell = cell[codes >= 0] if (codes < 0).any() else cell
    counts = np.bincount(cell, minlength=n_bins * n_classes**2)
    return counts.astype(np.int64, copy=False).reshape(n_bins, n_classes, n_classes)


def cells(counts: Counts, *, pooled: Counts, prior: Floats) -> Cells:
    """Metrics of every class in every bin.

    ``recall = T/n``, ``precision = T/P``, ``F1 = 2T/(n+P)``, and F1 at an equal class mix,
    ``F1* = 2 π_c R / (π_c + q)`` with ``R = T/n`` and ``q = Σ_y π_y Q[y, c]``: the F1 that
    the bin would show if its classes were mixed as in the whole set. A class that is absent
    from the bin takes part with the rates of the whole set.

    Parameters
    ----------
    counts : ndarray of int64, shape (K, C, C)
        ``counts[bin, true, predicted]``.
    pooled : ndarray of int64, shape (C, C)
        The same over the whole set.
    prior : ndarray of float64, shape (C,)
        Class shares π, summing to 1; 0 for a class without samples.

    Returns
    -------
    Cells
        Arrays of shape (K, C).

    References
    ----------
    Siblini et al. (2020), "Master your metrics with calibration" (F1 at a reference prior).

    Examples
    --------
    >>> pooled = np.array([[80, 20], [10, 90]])
    >>> found = cells(pooled[None], pooled=pooled, prior=np.array([0.5, 0.5]))
    >>> found.f1.round(3), found.f1_star.round(3)
    (array([[0.842, 0.857]]), array([[0.842, 0.857]]))
    """
    n = counts.sum(axis=2)
    called = counts.sum(axis=1)
    hits = np.ascontiguousarray(np.diagonal(counts, axis1=1, axis2=2))
    with np.errstate(divide="ignore", invalid="ignore"):
        recall = hits / n
        precision = hits / called
        f1 = 2 * hits / (n + called)
    star, variance = _equal_mix(counts, hits, n, pooled, prior)
    return Cells(hits, n, called, recall, precision, f1, star, variance)


def _equal_mix(
    counts: Counts, hits: Counts, n: Counts, pooled: Counts, prior: Floats
) -> tuple[Floats, Floats]:
    """F1* and its variance (delta method; only the recall is smoothed)."""
    n_pooled = pooled.sum(axis=1)
    support = np.where(n > 0, n, n_pooled).astype(np.float64)
    star = np.full(hits.shape, np.nan)
    variance = np.full(hits.shape, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        fallback = np.where(n_pooled[:, None] > 0, pooled / n_pooled[:, None], 0.0)
        weight = np.where(support > 0, prior**2 / support, 0.0)
        for k in range(len(counts)):
            rates = np.where(n[k][:, None] > 0, counts[k] / n[k][:, None], fallback)
            call_rate = prior @ rates
            own = np.diagonal(rates)
            star[k] = np.where(n[k] > 0, 2 * prior * own / (prior + call_rate), np.nan)

            confused = weight[k] @ (rates * (1 - rates)) - weight[k] * own * (1 - own)
            # No false positive seen is not proof of none: half an event over all others.
            others = (prior.sum() - prior) / np.maximum(support[k].sum() - support[k], 1)
            smoothed = (hits[k] + 0.5) / (n[k] + 1)
            first = prior**2 * (2 - star[k]) ** 2 * smoothed * (1 - smoothed) / n[k]
            second = star[k] ** 2 * (confused + 0.5 * others**2)
            variance[k] = (first + second) / (prior + call_rate) ** 2
    return star, variance


def f1_variance(hits: Counts | Floats, n: Counts | Floats, called: Counts | Floats) -> Floats:
    """Sampling variance of F1: ``F(1-F)(2-F)/(n+P)`` with F smoothed by half a count.

    Parameters
    ----------
    hits, n, called : ndarray of int64
        True positives T, samples of the class n, samples called the class P.

    Returns
    -------
    ndarray of float64
        NaN where ``n + P`` is 0. F is smoothed through its Jaccard index,
        ``(T + ½) / (n + P - T + 1)``, so that a perfect cell is not taken for certain.

    References
    ----------
    Takahashi et al. (2022), Applied Intelligence 52:4961.

    Examples
    --------
    >>> f1_variance(np.array([80]), np.array([100]), np.array([90])).round(5)
    array([0.00082])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        jaccard = (hits + 0.5) / (n + called - hits + 1)
        f1 = 2 * jaccard / (1 + jaccard)
        variance = f1 * (1 - f1) * (2 - f1) / (n + called)
    return np.asarray(np.where(n + called > 0, variance, np.nan))


def accuracy_cells(counts: Counts) -> tuple[Counts, Counts, Floats, Floats]:
    """Accuracy of every bin.

    Parameters
    ----------
    counts : ndarray of int64, shape (K, C, C)
        ``counts[bin, true, predicted]``.

    Returns
    -------
    right, n : ndarray of int64, shape (K,)
        Correct samples and all samples.
    accuracy, variance : ndarray of float64, shape (K,)
        ``right / n`` (NaN for an empty bin) and its sampling variance ``p (1 - p) / n``,
        with ``p`` smoothed by half a count.

    Examples
    --------
    >>> right, n, accuracy, _ = accuracy_cells(np.array([[[8, 2], [0, 10]]]))
    >>> int(right[0]), int(n[0]), float(accuracy[0])
    (18, 20, 0.9)
    """
    right = np.trace(counts, axis1=1, axis2=2)
    n = counts.sum(axis=(1, 2))
    smoothed = (right + 0.5) / (n + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        accuracy = right / n
        variance = smoothed * (1 - smoothed) / n
    return right, n, accuracy, np.asarray(np.where(n > 0, variance, np.nan))


def equal_mix_accuracy(counts: Counts, *, pooled: Counts, prior: Floats) -> tuple[Floats, Floats]:
    """Accuracy of every bin at an equal class mix: ``Σ π_y R_y``.

    Parameters
    ----------
    counts : ndarray of int64, shape (K, C, C)
        ``counts[bin, true, predicted]``.
    pooled : ndarray of int64, shape (C, C)
        The same over the whole set: a class that is absent from the bin takes part with its
        recall there.
    prior : ndarray of float64, shape (C,)
        Class shares π, summing to 1.

    Returns
    -------
    accuracy, variance : ndarray of float64, shape (K,)
        In [0, 1] (NaN for an empty bin), and its sampling variance with recall smoothed by
        half a count.

    Examples
    --------
    >>> counts = np.array([[[8, 2], [0, 0]], [[9, 1], [0, 20]]])
    >>> equal_mix_accuracy(counts, pooled=counts.sum(axis=0), prior=np.array([0.5, 0.5]))[0]
    array([0.9 , 0.95])
    """
    hits, n = np.diagonal(counts, axis1=1, axis2=2), counts.sum(axis=2)
    of_all, n_pooled = np.diagonal(pooled), pooled.sum(axis=1)
    used, size = np.where(n > 0, hits, of_all), np.where(n > 0, n, n_pooled)
    with np.errstate(divide="ignore", invalid="ignore"):
        recall = np.where(size > 0, used / size, 0.0)
        smoothed = (used + 0.5) / (size + 1)
        each = np.where(size > 0, prior**2 * smoothed * (1 - smoothed) / size, 0.0)
    empty = n.sum(axis=1) == 0
    return np.where(empty, np.nan, recall @ prior), np.where(empty, np.nan, each.sum(axis=1))


def pooled_variances(n: Counts, *, pooled: Counts, prior: Floats) -> Floats:
    """Sampling variances that the bins would have if all had the rates of the whole set.

    Parameters
    ----------
    n : ndarray of int64, shape (K, C)
        Samples of each class in each bin.
    pooled : ndarray of int64, shape (C, C)
        ``counts[true, predicted]`` of the whole set.
    prior : ndarray of float64, shape (C,)
        Class shares π.

    Returns
    -------
    ndarray of float64, shape (K, 1 + C)
        Of accuracy at an equal class mix, then of each class's F1*; NaN without samples.

    Examples
    --------
    >>> pooled = np.array([[80, 20], [10, 90]])
    >>> pooled_variances(np.array([[50, 50]]), pooled=pooled, prior=np.array([0.5, 0.5])).round(5)
    array([[0.00127, 0.00159, 0.00112]])
    """
    n_pooled, hits = pooled.sum(axis=1), np.diagonal(pooled)
    size = np.where(n > 0, n, n_pooled).astype(np.float64)
    smoothed = (hits + 0.5) / (n_pooled + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.where(n_pooled[:, None] > 0, pooled / n_pooled[:, None], 0.0)
        weight = np.where(size > 0, prior**2 / size, 0.0)
        own = np.diagonal(rates)
        reached = prior + prior @ rates
        f1 = 2 * prior * own / reached
        confused = weight @ (rates * (1 - rates)) - weight * own * (1 - own)
        others = (prior.sum() - prior) / np.maximum(size.sum(axis=1, keepdims=True) - size, 1)
        first = prior**2 * (2 - f1) ** 2 * smoothed * (1 - smoothed) / n
        of_f1 = (first + f1**2 * (confused + 0.5 * others**2)) / reached**2
    of_all = (weight * smoothed * (1 - smoothed)).sum(axis=1, keepdims=True)
    of_all = np.where(n.sum(axis=1, keepdims=True) > 0, of_all, np.nan)
    return np.concatenate((of_all, np.where(n > 0, of_f1, np.nan)), axis=1)
