"""Where a change of model helps: trends of paired differences along a feature.

A pair is one sample that both models judged; its difference is 1 where only the second model
is right, -1 where only the first is, 0 elsewhere. Differences are compared within the true
class, so that no change of the class mix along the feature is taken for a trend.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .paired_clusters import clustered_squares, clustered_z
from .ranks import strata, within_ranks

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer]

#: With fewer pairs that differ, neither a trend nor its absence can be told.
LEAST_DIFFERING = 10


def paired_trend(
    values: npt.NDArray[np.floating],
    y: Integers,
    change: Integers,
    n_classes: int,
    *,
    groups: Integers | None = None,
) -> tuple[Floats, Floats]:
    """Test whether differences rise or fall with a feature, within the true class.

    ``U = Σ r·d`` with r the mid-rank of the feature within the class, in (-½, ½) with mean 0.
    Under the null d falls on the samples of a class at random:
    ``V = Σr² · Σ(d - mean d)² / (n - 1)``; all classes together add up U and V. With groups it
    is the t of the G sums ``Σ_{i in g} r_i (d_i - mean d)``, if that is less telling.

    Parameters
    ----------
    values : ndarray of float, shape (N,)
        The feature, without NaN.
    y : ndarray of int, shape (N,)
        True class, 0 … C-1.
    change : ndarray of int, shape (N,)
        d: 1 corrected, -1 corrupted, 0 neither.
    n_classes : int
        Number of classes C.
    groups : ndarray of int, shape (N,), optional
        Cluster of each pair, from 0.

    Returns
    -------
    z, p : ndarray of float64, shape (C + 1,)
        All classes together first, then each. Positive z: the second model gains more where
        the feature is high. p is two-sided. NaN where fewer than 10 pairs differ, where the
        feature or d does not vary within the class, or where all is of one cluster.

    Examples
    --------
    >>> change = np.where(np.arange(100) >= 80, 1, 0)
    >>> z, p = paired_trend(np.arange(100.0), np.zeros(100, dtype=int), change, 1)
    >>> z.round(2), bool(p[0] < 1e-6)
    (array([6.89, 6.89]), True)
    """
    from scipy.special import ndtr

    ranks = within_ranks(values, strata(y, n_classes))
    n, mean, scatter = _class_scatter(y, change, n_classes)
    u = np.bincount(y, ranks * change, minlength=n_classes)
    squares = np.bincount(y, ranks**2, minlength=n_classes)
    with np.errstate(divide="ignore", invalid="ignore"):
        v = np.where(n > 1, squares * scatter / (n - 1), 0.0)
    u, v = np.append(u.sum(), u), np.append(v.sum(), v)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(_told(y, change, n_classes) & (v > 1e-12), u / np.sqrt(v), np.nan)
    if groups is not None:
        centred = ranks * (change - mean[y])
        parts = [(y, n_classes), (np.zeros_like(y), 1)]
        own, every = (clustered_squares(cell, groups, centred, size) for cell, size in parts)
        variance = np.append(every[0], own[0])
        clustered = clustered_z(u, variance, np.append(every[1], own[1]))
        z = np.where(np.abs(z) < np.abs(clustered), z, np.where(np.isnan(z), z, clustered))
    return z, np.asarray(2 * ndtr(-np.abs(z)))


def paired_homogeneity(
    codes: Integers,
    y: Integers,
    change: Integers,
    n_classes: int,
    n_categories: int,
    *,
    groups: Integers | None = None,
) -> Floats:
    """Test whether differences vary over the categories of a column, within the true class.

    With the sums U of ``d - mean d`` in each category: ``U' V⁻ U``, V the variance of U when
    d falls on the samples of a class at random, against χ² with one degree of freedom less
    than there are categories. With groups it is divided by the mean design effect of the
    categories (Rao & Scott), if that is more than 1.

    Parameters
    ----------
    codes : ndarray of int, shape (N,)
        Category of each pair, 0 … K-1.
    y, change : ndarray of int, shape (N,)
        True class; 1 corrected, -1 corrupted, 0 neither.
    n_classes, n_categories : int
        Numbers of classes C and categories K.
    groups : ndarray of int, shape (N,), optional
        Cluster of each pair, from 0.

    Returns
    -------
    ndarray of float64, shape (C + 1,)
        p for all classes together first, then for each. NaN where fewer than 10 pairs differ,
        or where one category holds all samples.

    References
    ----------
    Rao & Scott (1981), JASA 76:221 (first-order correction).

    Examples
    --------
    >>> code = np.arange(100) % 2
    >>> change = np.where(np.arange(100) < 40, code, 0)
    >>> p = paired_homogeneity(code, np.zeros(100, dtype=int), change, 1, 2)
    >>> bool(p[0] < 1e-5)
    True
    """
    from scipy.special import chdtrc

    n, mean, scatter = _class_scatter(y, change, n_classes)
    centred = change - mean[y]
    shape = (n_classes, n_categories)
    cells = y * n_categories + codes
    u = np.bincount(cells, centred, minlength=n_classes * n_categories).reshape(shape)
    held = np.bincount(cells, minlength=n_classes * n_categories).reshape(shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = np.where(n > 1, scatter / (n - 1), 0.0)
        own = np.where(held > 0, u**2 / held, 0.0).sum(axis=1) / unit
    parts = unit[:, None] * held
    share = held / np.maximum(n, 1)[:, None]
    v = np.diag(parts.sum(axis=0)) - parts.T @ share
    roots, axes = np.linalg.eigh(v)
    kept = roots > 1e-9 * max(float(roots[-1]), 1e-9)
    every = ((axes.T @ u.sum(axis=0))[kept] ** 2 / roots[kept]).sum()
    statistic = np.append(every, own)
    freedom = np.append(kept.sum(), (held > 0).sum(axis=1) - 1)
    held = np.vstack((held.sum(axis=0), held))
    if groups is not None:
        statistic /= _mean_effect(cells, groups, centred, held, v, unit)
    told = _told(y, change, n_classes) & (freedom > 0) & np.isfinite(statistic)
    return np.where(told, chdtrc(np.maximum(freedom, 1), np.where(told, statistic, 0)), np.nan)


def _mean_effect(
    cells: Integers,
    groups: Integers,
    centred: Floats,
    held: npt.NDArray[np.int64],
    v: Floats,
    unit: Floats,
) -> Floats:
    """Mean over the categories of clustered variance over plain, for all classes and each."""
    n_categories = held.shape[1]
    own, _ = clustered_squares(cells, groups, centred, (len(held) - 1) * n_categories)
    every, _ = clustered_squares(cells % n_categories, groups, centred, n_categories)
    clustered = np.vstack((every, own.reshape(-1, n_categories)))
    n = held.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = unit[:, None] * held[1:] * (1 - held[1:] / n[1:])
        plain = np.vstack((np.diag(v), plain))
        # A category all of one cluster has no variance between clusters to compare with.
        effects = np.where((plain > 1e-12) & np.isfinite(clustered), clustered / plain, np.nan)
    known = np.isfinite(effects)
    effects = np.where(known, effects, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(known.any(axis=1), np.maximum(effects, 1.0), np.nan)


def _class_scatter(
    y: Integers, change: Integers, n_classes: int
) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Samples, mean difference and ``Σ (d - mean)²`` of each class."""
    n = np.bincount(y, minlength=n_classes)
    mean = np.bincount(y, change, minlength=n_classes) / np.maximum(n, 1)
    squares = np.bincount(y, np.abs(change), minlength=n_classes)  # d² = |d|
    return n.astype(np.int64), mean, squares - n * mean**2


def _told(y: Integers, change: Integers, n_classes: int) -> npt.NDArray[np.bool_]:
    """Whether enough pairs differ, over all classes and in each."""
    differing = np.bincount(y, change != 0, minlength=n_classes)
    return np.append(differing.sum(), differing) >= LEAST_DIFFERING
