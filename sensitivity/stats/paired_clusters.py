"""Pairs that belong together (frames of a video, images of a patient): what that costs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .intervals import normal_quantile

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer]


def cluster_inflation(
    cells: Integers,
    groups: Integers,
    scores: npt.NDArray[np.number],
    n_cells: int,
    *,
    confidence: float = 0.95,
) -> Floats:
    """How many times more variance, and so how many times fewer samples, clusters leave.

    ``V = G/(G-1) · Σ_g (Σ_{i in g} score_i)²`` over ``Σ score²``, never less than 1, times
    ``(t/z)²`` since a variance from G clusters is itself uncertain.

    Parameters
    ----------
    cells : ndarray of int, shape (M,)
        Cell of each score, 0 … `n_cells`-1.
    groups : ndarray of int, shape (M,)
        Cluster of each score, from 0.
    scores : ndarray of float, shape (M,)
        What each sample adds to the estimate less its own expectation, such as the values of
        :func:`sensitivity.stats.paired.f1_influences`; they add up to 0 in a cell.
    n_cells : int
        Number of cells.
    confidence : float, default 0.95
        Coverage of the interval that is made of it.

    Returns
    -------
    ndarray of float64, shape (n_cells,)
        At least 1; NaN for a cell whose scores are all of one cluster.

    References
    ----------
    Liang & Zeger (1986), Biometrika 73:13.

    Examples
    --------
    >>> scores = np.array([1.0, 1, -1, -1] * 10)
    >>> cell = np.zeros(40, dtype=int)
    >>> cluster_inflation(cell, np.arange(40), scores, 1).round(2)
    array([1.09])
    >>> cluster_inflation(cell, np.arange(40) // 2, scores, 1).round(2)
    array([2.4])
    """
    from scipy.special import stdtrit

    squares, count = clustered_squares(cells, groups, scores, n_cells)
    alone = np.bincount(cells, np.square(scores, dtype=np.float64), minlength=n_cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(alone > 0, squares / alone, 1.0)
        quantile = stdtrit(np.maximum(count - 1, 1), 0.5 + confidence / 2)
    widened = np.maximum(effect, 1.0) * (quantile / normal_quantile(confidence)) ** 2
    return np.asarray(np.where(count == 1, np.nan, np.where(count == 0, 1.0, widened)))


def clustered_mcnemar(
    cells: Integers, groups: Integers, change: npt.NDArray[np.number], n_cells: int
) -> Floats:
    """P that corrections and corruptions are equally likely, clusters taken as they are.

    Parameters
    ----------
    cells, groups : ndarray of int, shape (N,)
        Cell and cluster of each pair, from 0.
    change : ndarray of int, shape (N,)
        d: 1 corrected, -1 corrupted, 0 neither.
    n_cells : int
        Number of cells.

    Returns
    -------
    ndarray of float64, shape (n_cells,)
        Two-sided, of :func:`clustered_z` of the sums of d; 1 where no pair differs, NaN where
        all are of one cluster. With few differences it is rough: take the larger of it and
        :func:`~.paired.mcnemar`.

    Examples
    --------
    >>> change, cell = np.repeat([1, -1], [12, 4]), np.zeros(16, dtype=int)
    >>> clustered_mcnemar(cell, np.arange(16), change, 1).round(3)
    array([0.041])
    >>> clustered_mcnemar(cell, np.arange(16) // 4, change, 1).round(3)
    array([0.391])
    """
    from scipy.special import ndtr

    variance, count = clustered_squares(cells, groups, change, n_cells)
    total = np.bincount(cells, change, minlength=n_cells)
    p = 2 * ndtr(-np.abs(clustered_z(total, variance, count)))
    return np.asarray(np.where((total == 0) & (count != 1), 1.0, p))


def clustered_z(
    total: npt.NDArray[np.number], variance: Floats, count: npt.NDArray[np.int64]
) -> Floats:
    """Student's t of the sums of the clusters, as a z of the same p.

    t is the mean of the G sums over its standard error, with G - 1 degrees of freedom. Taken as
    a z, ``total / √variance`` cannot exceed ``√(G-1)``: with few clusters it would miss much.

    Parameters
    ----------
    total : ndarray of float64
        Sum over all clusters, of expectation 0 under the null.
    variance : ndarray of float64
        ``G/(G-1) · Σ (sum of a cluster)²``, from :func:`clustered_squares`.
    count : ndarray of int64
        Clusters G.

    Returns
    -------
    ndarray of float64
        NaN for fewer than two clusters, or where all their sums are 0.

    Examples
    --------
    >>> sums = np.array([3.0, 1.0, 2.0, 2.0, -1.0])
    >>> variance = 5 / 4 * (sums**2).sum()
    >>> clustered_z(np.array([7.0]), np.array([variance]), np.array([5])).round(2)
    array([1.61])
    """
    from scipy.special import ndtri, stdtr

    freedom = np.maximum(count - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        square = total**2 / variance
        t = np.sqrt(square / np.maximum(1 - square / freedom, 1e-12))
        z = -np.sign(total) * ndtri(stdtr(freedom, -t))
    return np.asarray(np.where(count > 1, z, np.nan))


def clustered_squares(
    cells: Integers, groups: Integers, scores: npt.NDArray[np.number], n_cells: int
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Variance of a sum of scores whose clusters, not samples, are independent.

    Parameters
    ----------
    cells, groups : ndarray of int, shape (M,)
        Cell and cluster of each score, from 0.
    scores : ndarray of float, shape (M,)
        With expectation 0.
    n_cells : int
        Number of cells.

    Returns
    -------
    variance : ndarray of float64, shape (n_cells,)
        ``G/(G-1) · Σ_g (Σ_{i in g} score_i)²``; NaN for a single cluster, 0 without scores.
    count : ndarray of int64, shape (n_cells,)
        Clusters G of each cell.

    Examples
    --------
    >>> variance, count = clustered_squares(
    ...     np.array([0, 0, 0]), np.array([5, 5, 7]), np.array([1.0, 1.0, -1.0]), 1)
    >>> variance.tolist(), count.tolist()
    ([10.0], [2])
    """
    if not len(cells):
        return np.zeros(n_cells), np.zeros(n_cells, dtype=np.int64)
    keys = cells.astype(np.int64) * (int(groups.max()) + 1) + groups
    found, place = np.unique(keys, return_inverse=True)
    owner = found // (int(groups.max()) + 1)
    sums = np.bincount(place, scores)
    squares = np.bincount(owner, sums**2, minlength=n_cells)
    count = np.bincount(owner, minlength=n_cells).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(count > 0, squares * count / (count - 1), 0.0)
    return np.where(count == 1, np.nan, variance), count
