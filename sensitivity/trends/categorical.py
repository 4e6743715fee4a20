"""Tests of categorical features: recall and false positives, the same in all categories or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..stats.dependence import Clusters, cluster_sums
from ..stats.exact import FEW, simulated_p
from ..stats.ranks import Floats
from ..stats.scores import Responses
from .rows import Rows

#: A response with fewer events than this per category is simulated.
FEW_PER_CATEGORY = 5

#: Beyond this many numbers, clustered false positives borrow recall's design effect.
MAX_DENSE = 20_000_000

Categories = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Table:
    """Sums per category and their covariance under the null.

    Attributes
    ----------
    excess : ndarray of float64, shape (C, K)
        Events in each category, less those expected.
    covariance : ndarray of float64, shape (C, K, K)
        Of `excess`.
    """

    excess: Floats
    covariance: Floats


def categorical_rows(
    codes: Categories, given: Responses, *, clusters: Clusters | None, seed: int
) -> Rows:
    """Test one categorical feature against every class, and against all together.

    Homogeneity of recall within the class, and of false positives within the true classes that
    they come from: χ² with one degree of freedom less than categories. No trend.

    Parameters
    ----------
    codes : ndarray of int64, shape (N,)
        Category of each sample, 0 … K-1.
    given : Responses
        The predictions, sorted by class.
    clusters : Clusters or None
        What belongs together.
    seed : int
        For responses with few events, whose p is simulated.

    Returns
    -------
    Rows
        ``p_recall`` and ``p_fpr``; the rest is NaN.
    """
    n_classes, n_categories = given.by.n_classes, int(codes.max(initial=0)) + 1
    held = _counts(given.by.codes, codes, n_classes, n_categories)
    recall, fpr = _recall_table(codes, given, held), _fpr_table(codes, given, held)
    of_all = Table(recall.excess.sum(axis=0)[None], recall.covariance.sum(axis=0)[None])
    clean = (of_all, recall, fpr)
    tables = clean if clusters is None else _clustered(clean, codes, given, clusters)
    df = None if clusters is None else clusters.worth
    rows = Rows.empty(n_classes)
    rows.p_recall = np.concatenate([homogeneity_p(part, df) for part in tables[:2]])
    rows.p_fpr[1:] = homogeneity_p(tables[2], df)
    rows.error = np.concatenate(
        [
            _error(part, size)
            for part, size in ((tables[0], held.sum(axis=0)[None]), (tables[1], held))
        ]
    )
    _simulate(rows, codes, given, clean, seed=seed, as_well=clusters is not None)
    return rows


def _error(table: Table, held: Floats) -> Floats:
    """Standard error of recall in a category of middling size, against the rest."""
    n = held.sum(axis=1)
    found = np.full(len(n), np.nan)
    for row in range(len(n)):
        sizes = np.flatnonzero(held[row])
        if len(sizes) < 2:
            continue
        k = sizes[np.argsort(held[row, sizes], kind="stable")[len(sizes) // 2]]
        inside = held[row, k]
        # The sum less its expectation is this share of the difference of the two recalls.
        found[row] = np.sqrt(table.covariance[row, k, k]) * n[row] / (inside * (n[row] - inside))
    return found


def _counts(
    classes: npt.NDArray[np.integer], codes: Categories, n_classes: int, n_categories: int
) -> Floats:
    cells = classes.astype(np.int64) * n_categories + codes
    found = np.bincount(cells, minlength=n_classes * n_categories)
    return found.reshape(n_classes, n_categories).astype(np.float64)


def _spread(held: Floats, n: npt.NDArray[np.int64]) -> Floats:
    """Covariance of the category of one sample of each class, times n²/(n - 1)."""
    size = np.maximum(n, 1)[:, None, None].astype(np.float64)
    found = -held[:, :, None] * held[:, None, :] / size
    index = np.arange(held.shape[1])
    found[:, index, index] += held
    return found * np.where(n > 1, n / np.maximum(n - 1, 1), 0.0)[:, None, None]


def _recall_table(codes: Categories, given: Responses, held: Floats) -> Table:
    recall = np.nan_to_num(given.recall)
    hits = _counts(given.by.codes[given.hit], codes[given.hit], *held.shape)
    covariance = (recall * (1 - recall))[:, None, None] * _spread(held, given.n)
    return Table(hits - recall[:, None] * held, covariance)


def _fpr_table(codes: Categories, given: Responses, held: Floats) -> Table:
    false = _counts(given.predicted[given.miss], codes[given.miss], *held.shape)
    spread = _spread(held, given.n)
    covariance = (given.noise.T @ spread.reshape(len(spread), -1)).reshape(spread.shape)
    return Table(false - given.rates.T @ held, covariance)


def homogeneity_p(table: Table, n_clusters: float | None) -> Floats:
    """P of "the same in all categories", for each row of a table.

    Parameters
    ----------
    table : Table
        Sums and covariances.
    n_clusters : float or None
        Where the covariance was estimated from clusters, how many of equal size they are worth:
        Hotelling's T² is used.

    Returns
    -------
    ndarray of float64, shape (C,)
        NaN where nothing can vary.

    Examples
    --------
    >>> found = Table(np.array([[3.0, -3.0]]), np.array([[[1.0, -1.0], [-1.0, 1.0]]]))
    >>> homogeneity_p(found, None).round(4)
    array([0.0027])
    """
    from scipy.special import chdtrc, fdtrc

    chi2, df = quadratic_forms(table.excess, *inverses(table.covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = chdtrc(df, chi2)
        if n_clusters is not None:
            left = n_clusters - df
            p = np.where(left > 0, fdtrc(df, left, chi2 * left / (df * (n_clusters - 1))), np.nan)
    return np.asarray(np.where(df > 0, p, np.nan))


def inverses(covariance: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Pseudo-inverses of covariances, and their ranks.

    Parameters
    ----------
    covariance : ndarray of float64, shape (C, K, K)
        Symmetric, not negative.

    Returns
    -------
    inverse : ndarray of float64, shape (C, K, K)
    rank : ndarray of int64, shape (C,)

    Examples
    --------
    >>> inverse, rank = inverses(np.array([[[1.0, -1.0], [-1.0, 1.0]]]))
    >>> inverse.round(2).tolist(), rank.tolist()
    ([[[0.25, -0.25], [-0.25, 0.25]]], [1])
    """
    values, vectors = np.linalg.eigh(np.nan_to_num(covariance))
    largest = np.maximum(values.max(axis=1, keepdims=True), 1e-9)
    kept = values > 1e-9 * largest
    with np.errstate(divide="ignore"):
        scale = np.where(kept, 1 / values, 0.0)
    return (vectors * scale[:, None, :]) @ vectors.transpose(0, 2, 1), kept.sum(axis=1)


def quadratic_forms(
    excess: Floats, inverse: Floats, rank: npt.NDArray[np.int64]
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """``uᵀ V⁻¹ u`` of each row, with its degrees of freedom.

    Parameters
    ----------
    excess : ndarray of float64, shape (C, K)
        u.
    inverse : ndarray of float64, shape (C, K, K)
        Pseudo-inverse of V.
    rank : ndarray of int64, shape (C,)
        Rank of V.

    Returns
    -------
    chi2 : ndarray of float64, shape (C,)
    df : ndarray of int64, shape (C,)

    Examples
    --------
    >>> quadratic_forms(np.array([[2.0]]), np.array([[[0.5]]]), np.array([1]))
    (array([2.]), array([1]))
    """
    return np.einsum("ck,ckl,cl->c", excess, inverse, excess), rank


def _clustered(
    tables: tuple[Table, Table, Table], codes: Categories, given: Responses, by: Clusters
) -> tuple[Table, Table, Table]:
    """The same sums with covariances between clusters."""
    of_all, recall, fpr = tables
    n_classes, n_categories = recall.excess.shape
    inside = np.equal(codes, np.arange(n_categories)[:, None]).astype(np.float64)
    held = _counts(given.by.codes, codes, n_classes, n_categories)
    share = held / np.maximum(given.n, 1)[:, None]
    centred = inside - share.T[:, given.by.codes]
    sums = np.stack([cluster_sums(x, given, by) for x in centred], axis=1)
    own = np.empty_like(recall.covariance)
    for c in range(n_classes):
        part = sums[by.cell_class == c]
        own[c] = part.T @ part
    whole = np.stack([np.bincount(by.cell_cluster, x, minlength=by.count) for x in sums.T], axis=1)
    alone = np.trace(recall.covariance, axis1=1, axis2=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(alone > 0, by.factor * np.trace(own, axis1=1, axis2=2) / alone, 1.0)
    if by.count * n_classes * n_categories <= MAX_DENSE:
        false = by.factor * _false_products(centred, given, by)
    else:
        false = fpr.covariance * np.maximum(effect, 1.0)[:, None, None]
    return (
        Table(of_all.excess, np.asarray(by.factor * (whole.T @ whole)[None], dtype=np.float64)),
        Table(recall.excess, np.asarray(by.factor * own)),
        Table(fpr.excess, false),
    )


def _false_products(centred: Floats, given: Responses, by: Clusters) -> Floats:
    """``Σ_g d dᵀ`` of each class, d a cluster's false calls less those expected."""
    n_classes, shape = given.by.n_classes, (by.count, given.by.n_classes)
    found = np.empty((*shape, len(centred)))
    place = by.codes[given.miss] * n_classes + given.predicted[given.miss]
    for k, column in enumerate(centred):
        false = np.bincount(place, column[given.miss], minlength=by.count * n_classes)
        mass = np.zeros(shape)
        sums = np.bincount(by.cells, column, minlength=len(by.cell_class))
        mass[by.cell_cluster, by.cell_class] = sums
        found[:, :, k] = false.reshape(shape) - mass @ given.rates
    return np.asarray(np.einsum("gck,gcl->ckl", found, found))


def _simulate(
    rows: Rows,
    codes: Categories,
    given: Responses,
    tables: tuple[Table, Table, Table],
    *,
    seed: int,
    as_well: bool,
) -> None:
    n_categories = tables[1].excess.shape[1]
    limit = max(FEW, FEW_PER_CATEGORY * n_categories)
    errors, hits = given.n - given.hits, given.hits

    held = _counts(given.by.codes, codes, given.by.n_classes, n_categories)
    share = held / np.maximum(given.n, 1)[:, None]
    codes = codes[np.lexsort((codes, given.by.codes))]

    def replace(target: Floats, row: int, table: Table, index: int, of: Categories) -> None:
        if np.isnan(target[row]) or not 0 < len(of) < limit:
            return
        rng = np.random.default_rng((seed, row, int(target is rows.p_fpr)))
        part = Table(table.excess[[index]], table.covariance[[index]])
        p = _simulated(codes, given, part, of, share, rng)
        target[row] = max(target[row], p) if as_well else p

    rarer = errors if errors.sum() <= hits.sum() else hits
    replace(rows.p_recall, 0, tables[0], 0, np.repeat(np.arange(len(rarer)), rarer))
    for c in range(len(errors)):
        replace(rows.p_recall, c + 1, tables[1], c, np.full(min(errors[c], hits[c]), c))
        replace(rows.p_fpr, c + 1, tables[2], c, given.sources(c))


def _simulated(
    codes: Categories,
    given: Responses,
    table: Table,
    of: Categories,
    share: Floats,
    rng: np.random.Generator,
) -> float:
    """Share of draws of the events whose χ² is as large; a sign does not matter to a χ²."""
    inverse, rank = inverses(table.covariance)
    chi2, _ = quadratic_forms(table.excess, inverse, rank)
    expected, n_categories = share[of].sum(axis=0), share.shape[1]

    def statistic(places: npt.NDArray[np.int64], _: npt.NDArray[np.intp]) -> Floats:
        drawn = codes[places]
        excess = np.stack([(drawn == k).sum(axis=1) for k in range(n_categories)], axis=1)
        excess = excess - expected
        return np.asarray(((excess @ inverse[0]) * excess).sum(axis=1)[None, None])

    return float(simulated_p(chi2[:, None], statistic, of, given.by.starts, rng)[0, 0])
