"""Classification metrics from counts: confusion tables in, cells out.

Notation, for class *c* in a cell (a bin): ``n`` samples of the class, ``P`` samples called
the class, ``T`` both. ``Q[y, c]`` is the rate at which samples of class *y* are called *c*,
``π_y`` the share of class *y* in the whole set (or a prior that the caller gives).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .counts import Confusion, Counts, confusion_counts

__all__ = [
    "Cells",
    "Confusion",
    "Counts",
    "accuracy_cells",
    "cells",
    "confusion_counts",
    "equal_mix_accuracy",
    "f1_variance",
    "pooled_variances",
]

Floats = npt.NDArray[np.float64]


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


def cells(counts: Confusion, *, pooled: Confusion, prior: Floats) -> Cells:
    """Metrics of every class in every bin.

    ``recall = T/n``, ``precision = T/P``, ``F1 = 2T/(n+P)``, and F1 at an equal class mix,
    ``F1* = 2 π_c R / (π_c + q)`` with ``R = T/n`` and ``q = Σ_y π_y Q[y, c]``: the F1 that
    the bin would show if its classes were mixed as in the whole set. A class that is absent
    from the bin takes part with the rates of the whole set.

    Parameters
    ----------
    counts : Confusion
        K bins of C classes.
    pooled : Confusion
        The whole set as one bin.
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
    >>> pooled = Confusion.of(np.array([[80, 20], [10, 90]]))
    >>> found = cells(pooled, pooled=pooled, prior=np.array([0.5, 0.5]))
    >>> found.f1.round(3), found.f1_star.round(3)
    (array([[0.842, 0.857]]), array([[0.842, 0.857]]))
    """
    n, called, hits = counts.n, counts.calls, counts.hits
    with np.errstate(divide="ignore", invalid="ignore"):
        recall = hits / n
        precision = hits / called
        f1 = 2 * hits / (n + called)
    star, variance = _equal_mix(counts, hits, n, pooled, prior)
    return Cells(hits, n, called, recall, precision, f1, star, variance)


def _equal_mix(
    counts: Confusion, hits: Counts, n: Counts, pooled: Confusion, prior: Floats
) -> tuple[Floats, Floats]:
    """F1* and its variance (delta method; only the recall is smoothed)."""
    support = np.where(n > 0, n, pooled.n).astype(np.float64)
    bins, true, called, rate = _call_rates(counts, n, pooled)
    false = true != called
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(support > 0, prior**2 / support, 0.0)
        reached = prior + _per_cell(bins, called, prior[true] * rate, n.shape)
        star = np.where(n > 0, 2 * prior * (hits / n) / reached, np.nan)

        noise = (weight[bins, true] * rate * (1 - rate))[false]
        confused = _per_cell(bins[false], called[false], noise, n.shape)
        # No false positive seen is not proof of none: half an event over all others.
        left = support.sum(axis=1, keepdims=True) - support
        others = (prior.sum() - prior) / np.maximum(left, 1)
        smoothed = (hits + 0.5) / (n + 1)
        first = prior**2 * (2 - star) ** 2 * smoothed * (1 - smoothed) / n
        variance = (first + star**2 * (confused + 0.5 * others**2)) / reached**2
    return star, variance


def _call_rates(
    counts: Confusion, n: Counts, pooled: Confusion
) -> tuple[Counts, Counts, Counts, Floats]:
    """Bin, true and predicted class, and rate, where it is not 0; absent classes as in all."""
    absent, cell = np.nonzero(n[:, pooled.true] == 0)
    return (
        np.concatenate((counts.bins, absent)),
        np.concatenate((counts.true, pooled.true[cell])),
        np.concatenate((counts.called, pooled.called[cell])),
        np.concatenate((counts.samples / n[counts.bins, counts.true], _whole_rates(pooled)[cell])),
    )


def _whole_rates(pooled: Confusion) -> Floats:
    return np.asarray(pooled.samples / pooled.n[0, pooled.true], dtype=np.float64)


def _per_cell(bins: Counts, classes: Counts, values: Floats, shape: tuple[int, ...]) -> Floats:
    """Sums of values by bin and class."""
    found = np.bincount(bins * shape[1] + classes, values, minlength=shape[0] * shape[1])
    return found.astype(np.float64).reshape(shape)


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


def accuracy_cells(counts: Confusion) -> tuple[Counts, Counts, Floats, Floats]:
    """Accuracy of every bin.

    Parameters
    ----------
    counts : Confusion
        K bins of C classes.

    Returns
    -------
    right, n : ndarray of int64, shape (K,)
        Correct samples and all samples.
    accuracy, variance : ndarray of float64, shape (K,)
        ``right / n`` (NaN for an empty bin) and its sampling variance ``p (1 - p) / n``,
        with ``p`` smoothed by half a count.

    Examples
    --------
    >>> right, n, accuracy, _ = accuracy_cells(Confusion.of(np.array([[8, 2], [0, 10]])))
    >>> int(right[0]), int(n[0]), float(accuracy[0])
    (18, 20, 0.9)
    """
    right, n = counts.hits.sum(axis=1), counts.n.sum(axis=1)
    smoothed = (right + 0.5) / (n + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        accuracy = right / n
        variance = smoothed * (1 - smoothed) / n
    return right, n, accuracy, np.asarray(np.where(n > 0, variance, np.nan))


def equal_mix_accuracy(
    counts: Confusion, *, pooled: Confusion, prior: Floats
) -> tuple[Floats, Floats]:
    """Accuracy of every bin at an equal class mix: ``Σ π_y R_y``.

    Parameters
    ----------
    counts : Confusion
        K bins of C classes.
    pooled : Confusion
        The whole set as one bin: a class that is absent from the bin takes part with its
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
    >>> table = np.array([[[8, 2], [0, 0]], [[9, 1], [0, 20]]])
    >>> counts, pooled = Confusion.of(table), Confusion.of(table.sum(axis=0))
    >>> equal_mix_accuracy(counts, pooled=pooled, prior=np.array([0.5, 0.5]))[0]
    array([0.9 , 0.95])
    """
    n = counts.n
    used, size = np.where(n > 0, counts.hits, pooled.hits), np.where(n > 0, n, pooled.n)
    with np.errstate(divide="ignore", invalid="ignore"):
        recall = np.where(size > 0, used / size, 0.0)
        smoothed = (used + 0.5) / (size + 1)
        each = np.where(size > 0, prior**2 * smoothed * (1 - smoothed) / size, 0.0)
    empty = n.sum(axis=1) == 0
    return np.where(empty, np.nan, recall @ prior), np.where(empty, np.nan, each.sum(axis=1))


def pooled_variances(n: Counts, *, pooled: Confusion, prior: Floats) -> Floats:
    """Sampling variances that the bins would have if all had the rates of the whole set.

    Parameters
    ----------
    n : ndarray of int64, shape (K, C)
        Samples of each class in each bin.
    pooled : Confusion
        The whole set as one bin.
    prior : ndarray of float64, shape (C,)
        Class shares π.

    Returns
    -------
    ndarray of float64, shape (K, 1 + C)
        Of accuracy at an equal class mix, then of each class's F1*; NaN without samples.

    Examples
    --------
    >>> pooled = Confusion.of(np.array([[80, 20], [10, 90]]))
    >>> pooled_variances(np.array([[50, 50]]), pooled=pooled, prior=np.array([0.5, 0.5])).round(5)
    array([[0.00127, 0.00159, 0.00112]])
    """
    n_pooled, hits = pooled.n[0], pooled.hits[0]
    size = np.where(n > 0, n, n_pooled).astype(np.float64)
    smoothed = (hits + 0.5) / (n_pooled + 1)
    rate, false = _whole_rates(pooled), pooled.true != pooled.called
    true, called = pooled.true[false], pooled.called[false]
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(size > 0, prior**2 / size, 0.0)
        own = np.where(n_pooled > 0, hits / n_pooled, 0.0)
        reached = prior + np.bincount(pooled.called, prior[pooled.true] * rate, len(prior))
        f1 = 2 * prior * own / reached
        noise = weight[:, true] * (rate * (1 - rate))[false]
        bins = np.arange(len(n))[:, None] * len(prior)
        confused = np.bincount((bins + called).ravel(), noise.ravel(), n.size).reshape(n.shape)
        others = (prior.sum() - prior) / np.maximum(size.sum(axis=1, keepdims=True) - size, 1)
        first = prior**2 * (2 - f1) ** 2 * smoothed * (1 - smoothed) / n
        of_f1 = (first + f1**2 * (confused + 0.5 * others**2)) / reached**2
    of_all = (weight * smoothed * (1 - smoothed)).sum(axis=1, keepdims=True)
    of_all = np.where(n.sum(axis=1, keepdims=True) > 0, of_all, np.nan)
    return np.concatenate((of_all, np.where(n > 0, of_f1, np.nan)), axis=1)
