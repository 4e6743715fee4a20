"""Samples that belong together: variances by cluster, and the check for clusters nobody named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .ranks import Floats, Integers
from .scores import Responses, Score

#: Neighbours whose errors are compared, and neighbours that are taken as one cluster.
BLOCK = 20
CLUSTER = 60

#: The check draws on at most this many blocks.
MAX_BLOCKS = 2_000
PERMUTATIONS = 999

#: Permutations that are as far as the data, after which p is clearly not small.
ENOUGH = 30


@dataclass(frozen=True, eq=False)
class Clusters:
    """Samples (sorted by class) and the cluster of each.

    Attributes
    ----------
    codes : ndarray of int64, shape (N,)
        Cluster of each sample, 0 … G-1.
    cells : ndarray of int64, shape (N,)
        Which cluster × class each sample is in: a place in the two arrays below.
    cell_cluster, cell_class : ndarray of int64, shape (M,)
        Cluster and class of each cluster × class that occurs.
    count : int
        Clusters G.
    """

    codes: npt.NDArray[np.int64]
    cells: npt.NDArray[np.int64]
    cell_cluster: npt.NDArray[np.int64]
    cell_class: npt.NDArray[np.int64]
    count: int

    @property
    def factor(self) -> float:
        """G / (G - 1); NaN for a single cluster."""
        return self.count / (self.count - 1) if self.count > 1 else float("nan")

    @property
    def worth(self) -> float:
        """How many clusters of equal size they are worth: N² / Σ size²."""
        sizes = np.bincount(self.codes).astype(np.float64)
        return float(sizes.sum() ** 2 / max(float((sizes**2).sum()), 1.0))


def clusters(codes: Integers, given: Responses) -> Clusters:
    """Number the clusters, and the cluster × class pairs that occur.

    Parameters
    ----------
    codes : ndarray of int, shape (N,)
        Any whole numbers, equal within a cluster.
    given : Responses
        The predictions, sorted by class.

    Returns
    -------
    Clusters

    Examples
    --------
    >>> from sensitivity.stats.scores import responses
    >>> given = responses(np.array([0, 0, 1]), np.array([0, 0, 1]), 2)
    >>> found = clusters(np.array([7, 9, 7]), given)
    >>> found.codes.tolist(), found.cell_cluster.tolist(), found.cell_class.tolist()
    ([0, 1, 0], [0, 1, 0], [0, 0, 1])
    """
    _, numbered = np.unique(codes, return_inverse=True)
    numbered = numbered.astype(np.int64)
    count = int(numbered.max()) + 1 if len(numbered) else 0
    pairs = given.by.codes.astype(np.int64) * count + numbered
    found, cells = np.unique(pairs, return_inverse=True)
    return Clusters(numbered, cells.astype(np.int64), found % count, found // count, count)


def clustered(found: Score, column: Floats, given: Responses, by: Clusters) -> Score:
    """The same score with variances between clusters instead of between samples.

    The variance of a sum is ``G / (G - 1) · Σ_g (Σ_{i in g} residual_i · x_i)²``, where a
    residual is what was predicted less its rate in the true class.

    Parameters
    ----------
    found : Score
        Of `column`.
    column : ndarray of float64, shape (N,)
        Mean 0 within each class.
    given : Responses
        The predictions.
    by : Clusters
        The clusters.

    Returns
    -------
    Score
        NaN variances where there is a single cluster.

    Notes
    -----
    A false call of class c has a residual in every sample of another class. Expanded, the sums
    of squares need only products of sparse cluster × class tables, whatever the classes.

    References
    ----------
    Liang & Zeger (1986), Biometrika 73:13.

    Examples
    --------
    >>> from sensitivity.stats.ranks import within_ranks
    >>> from sensitivity.stats.scores import responses, score
    >>> given = responses(np.zeros(8, dtype=int), np.array([0, 0, 1, 1, 1, 1, 0, 0]), 2)
    >>> ranks = within_ranks(np.arange(8.0) // 2, given.by)
    >>> alone = score(ranks, given)
    >>> together = clustered(alone, ranks, given, clusters(np.arange(8) // 2, given))
    >>> bool(together.recall_variance[0] > alone.recall_variance[0])
    True
    """
    n_classes, factor = given.by.n_classes, by.factor
    own = cluster_sums(column, given, by)
    of_recall = np.bincount(by.cell_class, own**2, minlength=n_classes).astype(np.float64)

    shape = (by.count, n_classes)
    residual = sparse.csr_array((own, (by.cell_cluster, by.cell_class)), shape=shape)
    sums = np.bincount(by.cells, column, minlength=len(by.cell_class))
    mass = sparse.csr_array((sums, (by.cell_cluster, by.cell_class)), shape=shape)
    rows = given.miss
    false = sparse.csr_array((column[rows], (by.codes[rows], given.predicted[rows])), shape=shape)
    # Σ_g (A - B Q)² and Σ_g E (A - B Q), class by class, with A the false calls, B the mass.
    excess = false - mass @ given.rates
    of_false, both = _products(excess, excess), _products(residual, excess)
    gain, loss = given.balance
    of_f1 = gain**2 * of_recall + loss**2 * of_false - 2 * gain * loss * both
    return replace(
        found,
        recall_variance=factor * of_recall,
        fpr_variance=factor * of_false,
        f1_variance=factor * np.maximum(of_f1, 0.0),
    )


def cluster_sums(column: Floats, given: Responses, by: Clusters) -> Floats:
    """Sum of ``(right - recall of the class) · x`` in each cluster × class.

    Parameters
    ----------
    column : ndarray of float64, shape (N,)
        Any column.
    given : Responses
        The predictions.
    by : Clusters
        The clusters.

    Returns
    -------
    ndarray of float64, shape (M,)
        One per cluster × class that occurs.

    Examples
    --------
    >>> from sensitivity.stats.scores import responses
    >>> given = responses(np.zeros(4, dtype=int), np.array([0, 0, 0, 1]), 2)
    >>> cluster_sums(np.ones(4), given, clusters(np.array([0, 0, 1, 1]), given))
    array([ 0.5, -0.5])
    """
    product = -np.nan_to_num(given.recall)[given.by.codes] * column
    product[given.hit] += column[given.hit]
    return np.bincount(by.cells, product, minlength=len(by.cell_class)).astype(np.float64)


def pooled_variance(column: Floats, given: Responses, by: Clusters) -> float:
    """Clustered variance of recall's sum over all classes.

    Parameters
    ----------
    column : ndarray of float64, shape (N,)
        Mean 0 within each class.
    given : Responses
        The predictions.
    by : Clusters
        The clusters.

    Returns
    -------
    float
        NaN with a single cluster.

    Examples
    --------
    >>> from sensitivity.stats.scores import responses
    >>> given = responses(np.zeros(4, dtype=int), np.array([0, 0, 0, 1]), 2)
    >>> pooled_variance(np.ones(4), given, clusters(np.array([0, 0, 1, 1]), given))
    1.0
    """
    own = cluster_sums(column, given, by)
    return by.factor * float((np.bincount(by.cell_cluster, own) ** 2).sum())


def degrees(given: Responses, by: Clusters) -> tuple[Floats, Floats]:
    """Degrees of freedom of the clustered variances: what the clusters are worth, less one.

    Clusters of unequal size are worth fewer of equal size: ``(Σ size)² / Σ size²`` (Kish). A
    variance is mostly that of the largest, and what is estimated follows the largest: counted
    as one of hundreds, it would make chance look real.

    Parameters
    ----------
    given : Responses
        The predictions.
    by : Clusters
        The clusters.

    Returns
    -------
    of_recall : ndarray of float64, shape (C,)
        Of the clusters' samples of the class; -1 for a class without samples.
    of_all : ndarray of float64, shape (C,)
        Of all their samples: for false positives and F1.

    References
    ----------
    Kish (1965), Survey Sampling; Carter, Schnepel & Steigerwald (2017), Review of Economics
    and Statistics 99:698.

    Examples
    --------
    >>> from sensitivity.stats.scores import responses
    >>> given = responses(np.array([0, 0, 1]), np.array([0, 0, 1]), 2)
    >>> degrees(given, clusters(np.array([7, 9, 7]), given))
    (array([1., 0.]), array([0.8, 0.8]))
    """
    n_classes = given.by.n_classes
    sizes = np.bincount(by.cells, minlength=len(by.cell_class)).astype(np.float64)
    total = np.bincount(by.cell_class, sizes, minlength=n_classes)
    squares = np.bincount(by.cell_class, sizes**2, minlength=n_classes)
    own = np.divide(total**2, squares, out=np.zeros(n_classes), where=squares > 0)
    return own - 1, np.full(n_classes, by.worth - 1)


def _products(one: sparse.csr_array, other: sparse.csr_array) -> Floats:
    return np.asarray(one.multiply(other).sum(axis=0), dtype=np.float64).ravel()


def design_effect(residuals: Floats, cells: Integers, within: Integers) -> Floats:
    """How much wider clusters make an interval: the ratio of the two variances, at least 1.

    Parameters
    ----------
    residuals : ndarray of float64, shape (R,)
        What each sample adds to a metric, less the metric's own; mean about 0 in each cell.
    cells : ndarray of int, shape (R,)
        Cell (class, or class and bin) × cluster of each residual, 0 … M-1.
    within : ndarray of int, shape (M,)
        Class of each of those.

    Returns
    -------
    ndarray of float64, shape (C,)
        ``Σ (sum of a cluster)² / Σ residual²``; 1 for classes without residuals.

    Examples
    --------
    >>> design_effect(np.array([1.0, 1.0, -1.0, -1.0]), np.array([0, 0, 1, 1]), np.array([0, 0]))
    array([2.])
    """
    sums = np.bincount(cells, residuals, minlength=len(within))
    between = np.bincount(within, sums**2)
    alone = np.bincount(within[cells], residuals**2, minlength=len(between))
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(alone > 0, between / alone, 1.0)
    return np.maximum(effect, 1.0)


_DIGITS = re.compile(r"\d+")


def natural_order(names: Sequence[str]) -> npt.NDArray[np.intp]:
    """Order of names in which ``img_9`` comes before ``img_10``.

    Parameters
    ----------
    names : sequence of str, length N
        Image names.

    Returns
    -------
    ndarray of int, shape (N,)
        Places, first name first; equal names in their given order.

    Examples
    --------
    >>> natural_order(["img_10.png", "img_9.png"]).tolist()
    [1, 0]
    """
    # Often they are in order; ten million keys at once would take a gigabyte.
    if all(one <= other for one, other in pairwise(map(_key, names))):
        return np.arange(len(names), dtype=np.intp)
    keys = [_key(name) for name in names]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)


def _key(name: str) -> str:
    return _DIGITS.sub(_padded, name)


def _padded(found: re.Match[str]) -> str:
    digits = found.group().lstrip("0")
    return f"{len(digits):04d}{digits}"


def serial_dependence(
    residuals: Floats, y: Integers, place: Integers, rng: np.random.Generator
) -> tuple[float, float]:
    """Whether errors of neighbours are alike: over-dispersion in blocks of 20 within a class.

    Parameters
    ----------
    residuals : ndarray of float64, shape (N,)
        Right (0 or 1) less what is expected.
    y : ndarray of int, shape (N,)
        True class.
    place : ndarray of int, shape (N,)
        Place of each sample in the order of names.
    rng : numpy.random.Generator
        For the permutations within classes.

    Returns
    -------
    ratio, p : float
        ``Σ_blocks (Σ e)² / Σ e²``, about 1 where neighbours are unlike, and its permutation p.
        NaN with fewer than two full blocks or without errors.

    Examples
    --------
    >>> right, y = np.repeat([1, 0], 200), np.zeros(400, dtype=int)
    >>> ratio, p = serial_dependence(right - 0.5, y, np.arange(400), np.random.default_rng(0))
    >>> ratio, p
    (20.0, 0.001)
    """
    order = np.lexsort((place, y))
    starts = np.concatenate(([0], np.cumsum(np.bincount(y)))) if len(y) else np.zeros(1, np.int64)
    blocks = np.concatenate(
        [np.arange(start, stop - BLOCK + 1, BLOCK) for start, stop in pairwise(starts)]
        or [np.empty(0, dtype=np.int64)]
    )
    if len(blocks) > MAX_BLOCKS:
        blocks = np.sort(rng.choice(blocks, MAX_BLOCKS, replace=False))
    kept = blocks[:, None] + np.arange(BLOCK)
    found = residuals[order][kept]
    of = y[order][kept[:, 0]]
    total = float((found**2).sum())
    if len(blocks) < 2 or total < 1e-9:
        return float("nan"), float("nan")
    observed = float((found.sum(axis=1) ** 2).sum())
    bounds = np.flatnonzero(np.diff(of)) + 1
    parts = np.split(np.arange(len(of)), bounds)
    as_far, done, shuffled = 1, 0, found.ravel().copy()
    while done < PERMUTATIONS and as_far <= ENOUGH:
        done += 1
        for rows in parts:
            rng.shuffle(shuffled[rows[0] * BLOCK : (rows[-1] + 1) * BLOCK])
        sums = shuffled.reshape(found.shape).sum(axis=1)
        as_far += bool((sums**2).sum() >= observed - 1e-9)
    return observed / total, as_far / (done + 1)
