"""Which feature it is: each one beside all the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .ranks import Floats
from .scores import Responses

#: Added to the diagonal of the information, as a share of it: features that are copies of
#: each other must not make it singular.
RIDGE = 1e-3

#: Features that are this alike are one cluster.
ALIKE = 0.7


@dataclass(frozen=True, eq=False)
class Design:
    """Columns of all features, mean 0 within each class; samples are sorted by class.

    Attributes
    ----------
    columns : ndarray of float64, shape (D, N)
        Ranks of a numeric feature, or one column per category.
    blocks : tuple of slice, length F
        The columns of each feature.
    products : ndarray of float64, shape (C, D, D)
        ``Σ x xᵀ`` over the samples of each class.
    """

    columns: Floats
    blocks: tuple[slice, ...]
    products: Floats


def design(columns: Sequence[Floats], given: Responses) -> Design:
    """Lay the columns of all features side by side.

    Parameters
    ----------
    columns : sequence of ndarray of float64, each of shape (D_f, N)
        The columns of each feature.
    given : Responses
        The predictions.

    Returns
    -------
    Design

    Examples
    --------
    >>> from sensitivity.stats.scores import responses
    >>> given = responses(np.zeros(2, dtype=int), np.array([0, 1]), 2)
    >>> design([np.array([[-0.25, 0.25]])], given).products[0]
    array([[0.125]])
    """
    stacked = np.concatenate(columns) if columns else np.empty((0, len(given.predicted)))
    widths = np.cumsum([0, *(len(part) for part in columns)])
    products = np.empty((given.by.n_classes, len(stacked), len(stacked)))
    for c, (start, stop) in enumerate(pairwise(given.by.starts)):
        part = stacked[:, start:stop]
        products[c] = part @ part.T
    blocks = tuple(slice(int(a), int(b)) for a, b in pairwise(widths))
    return Design(stacked, blocks, products)


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums of every column over what was predicted.

    Attributes
    ----------
    recall, fpr : ndarray of float64, shape (C, D)
        Over the samples of a class predicted right, and over others called the class.
    """

    recall: Floats
    fpr: Floats


def response_sums(given: Responses, by: Design) -> Sums:
    """Sums of every column over what was predicted.

    Parameters
    ----------
    given : Responses
        The predictions.
    by : Design
        The columns.

    Returns
    -------
    Sums

    Examples
    --------
    >>> from sensitivity.stats.scores import responses
    >>> given = responses(np.zeros(2, dtype=int), np.array([0, 1]), 2)
    >>> response_sums(given, design([np.array([[-0.25, 0.25]])], given)).fpr.tolist()
    [[0.0], [0.25]]
    """
    n_classes = given.by.n_classes
    hit = given.by.codes[given.hit]
    miss = given.predicted[given.miss]
    recall = [np.bincount(hit, x[given.hit], minlength=n_classes) for x in by.columns]
    fpr = [np.bincount(miss, x[given.miss], minlength=n_classes) for x in by.columns]
    empty = np.empty((n_classes, 0))
    return Sums(
        np.stack(recall, axis=1) if recall else empty, np.stack(fpr, axis=1) if fpr else empty
    )


def information(
    given: Responses, by: Design, of: int | None, response: str
) -> tuple[Floats, Floats]:
    """Score vector weights and information of one response.

    Parameters
    ----------
    given : Responses
        The predictions.
    by : Design
        The columns.
    of : int or None
        The class; None: recall of all classes together.
    response : {"recall", "false positives", "f1"}
        What is predicted.

    Returns
    -------
    weights : tuple of (gain, loss)
        The score is ``gain · Σ recall sums - loss · Σ false-positive sums``.
    information : ndarray of float64, shape (D, D)

    Examples
    --------
    >>> from sensitivity.stats.scores import responses
    >>> given = responses(np.zeros(2, dtype=int), np.array([0, 1]), 2)
    >>> by = design([np.array([[-0.25, 0.25]])], given)
    >>> information(given, by, 0, "recall")[1]
    array([[0.03125]])
    """
    recall = np.nan_to_num(given.recall)
    own = recall * (1 - recall)
    if of is None:
        return np.array([1.0, 0.0]), np.tensordot(own, by.products, axes=1)
    gain, loss = (float(side[of]) for side in given.balance)
    match response:
        case "recall":
            gain, loss = 1.0, 0.0
        case "false positives":
            gain, loss = 0.0, -1.0
    weights = gain**2 * np.where(np.arange(len(own)) == of, own, 0.0)
    weights = weights + loss**2 * given.noise[:, [of]].toarray()[:, 0]
    return np.array([gain, loss]), np.tensordot(weights, by.products, axes=1)


def partial_z(
    total: Floats, information: Floats, blocks: Sequence[slice], *, ridge: float = RIDGE
) -> Floats:
    """Z of each feature beside all others, from one step of a logistic regression.

    ``β = I⁻¹ U``, ``z_j = β_j / √(I⁻¹)_jj``. For a feature of several columns their joint χ²
    is turned into the z of the same p.

    Parameters
    ----------
    total : ndarray of float64, shape (D,)
        Score vector U.
    information : ndarray of float64, shape (D, D)
        Its variance I.
    blocks : sequence of slice, length F
        The columns of each feature.
    ridge : float, default 0.001
        Added to the diagonal, as a share of it.

    Returns
    -------
    ndarray of float64, shape (F,)
        NaN for a feature without information; never negative for several columns.

    Examples
    --------
    >>> partial_z(np.array([3.0, 0.0]), np.eye(2), [slice(0, 1), slice(1, 2)], ridge=0.0)
    array([3., 0.])
    """
    found = np.full(len(blocks), np.nan)
    kept = np.diagonal(information) > 1e-12
    if not kept.any():
        return found
    place = np.cumsum(kept) - 1
    used = information[np.ix_(kept, kept)]
    used = used + ridge * np.diag(np.diagonal(used))
    inverse = np.linalg.pinv(used, hermitian=True)
    beta = inverse @ total[kept]
    for j, block in enumerate(blocks):
        rows = place[block][kept[block]]
        if not len(rows):
            continue
        part = inverse[np.ix_(rows, rows)]
        if block.stop - block.start == 1:
            found[j] = beta[rows[0]] / np.sqrt(part[0, 0])
        else:
            chi2 = float(beta[rows] @ np.linalg.pinv(part, hermitian=True) @ beta[rows])
            found[j] = z_of_chi2(chi2, int(np.linalg.matrix_rank(part, hermitian=True)))
    return found


def z_of_chi2(chi2: float, df: int) -> float:
    """The positive z whose two-sided p is that of a χ².

    Parameters
    ----------
    chi2 : float
        The statistic, at least 0.
    df : int
        Its degrees of freedom, at least 1.

    Returns
    -------
    float

    Examples
    --------
    >>> round(z_of_chi2(9.0, 1), 6), round(z_of_chi2(9.0, 4), 2)
    (3.0, 1.87)
    """
    from scipy.special import chdtrc, gammaln, ndtri

    p = float(chdtrc(df, max(chi2, 0.0)))
    # Beyond the smallest p that a float holds: the two tails by their leading terms.
    if p < 1e-300:
        square = chi2 - (df - 2) * np.log(chi2 / 2) + 2 * gammaln(df / 2)
        return float(np.sqrt(square - np.log(np.pi / 2 * chi2)))
    return float(max(0.0, -ndtri(p / 2)))


def likeness(products: Floats, blocks: Sequence[slice]) -> Floats:
    """How alike features are within the classes.

    Parameters
    ----------
    products : ndarray of float64, shape (D, D)
        ``Σ x xᵀ`` over all samples.
    blocks : sequence of slice, length F
        The columns of each feature.

    Returns
    -------
    ndarray of float64, shape (F, F)
        |ρ| in [0, 1]: the rank correlation within the class of two numeric features, the
        largest canonical correlation where a feature has several columns; 1 on the diagonal.

    Examples
    --------
    >>> likeness(np.array([[4.0, -2.0], [-2.0, 4.0]]), [slice(0, 1), slice(1, 2)])
    array([[1. , 0.5],
           [0.5, 1. ]])
    """
    roots = [_inverse_root(products[block, block]) for block in blocks]
    found = np.eye(len(blocks))
    for i, one in enumerate(blocks):
        for j in range(i):
            shared = roots[i] @ products[one, blocks[j]] @ roots[j]
            found[i, j] = found[j, i] = min(1.0, float(np.linalg.norm(shared, ord=2)))
    return found


def _inverse_root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    kept = values > 1e-9 * max(float(values.max(initial=0.0)), 1e-300)
    return np.asarray((vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T)


def feature_clusters(alike: Floats, *, limit: float = ALIKE) -> npt.NDArray[np.int64]:
    """Features that go together: average linkage, joined while |ρ| exceeds the limit.

    Parameters
    ----------
    alike : ndarray of float64, shape (F, F)
        From :func:`likeness`.
    limit : float, default 0.7
        |ρ| beyond which two clusters are joined.

    Returns
    -------
    ndarray of int64, shape (F,)
        Cluster of each feature.

    Examples
    --------
    >>> found = feature_clusters(np.array([[1, 0.9, 0.1], [0.9, 1, 0.2], [0.1, 0.2, 1]]))
    >>> bool(found[0] == found[1] != found[2])
    True
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(alike) < 2:
        return np.zeros(len(alike), dtype=np.int64)
    distance = squareform(np.clip(1 - alike, 0.0, None), checks=False)
    return np.asarray(
        fcluster(linkage(distance, "average"), 1 - limit, criterion="distance"), dtype=np.int64
    )


def inflation(information: Floats, blocks: Sequence[slice], *, ridge: float = RIDGE) -> Floats:
    """Variance inflation: how much of a feature the other features tell.

    Parameters
    ----------
    information : ndarray of float64, shape (D, D)
        Of the response of all classes together.
    blocks : sequence of slice, length F
        The columns of each feature.
    ridge : float, default 0.001
        As in :func:`partial_z`.

    Returns
    -------
    ndarray of float64, shape (F,)
        ``I_jj (I⁻¹)_jj``, 1 for a feature that stands alone; for several columns the
        generalised one, per column.

    References
    ----------
    Fox & Monette (1992), JASA 87:178 (several columns).

    Examples
    --------
    >>> inflation(np.array([[1.0, 0.6], [0.6, 1.0]]), [slice(0, 1), slice(1, 2)], ridge=0.0)
    array([1.5625, 1.5625])
    """
    found = np.full(len(blocks), np.nan)
    kept = np.diagonal(information) > 1e-12
    place = np.cumsum(kept) - 1
    used = information[np.ix_(kept, kept)]
    used = used + ridge * np.diag(np.diagonal(used))
    inverse = np.linalg.pinv(used, hermitian=True)
    for j, block in enumerate(blocks):
        rows = place[block][kept[block]]
        if len(rows):
            _, one = np.linalg.slogdet(used[np.ix_(rows, rows)])
            _, other = np.linalg.slogdet(inverse[np.ix_(rows, rows)])
            found[j] = float(np.exp(min((one + other) / len(rows), 700.0)))
    return found
