"""Score tests of predictions against a feature, given the true class.

The null hypothesis: within each true class, what is predicted does not depend on the feature.
Notation, for class *c*: ``n`` samples, ``T`` of them predicted right, ``P`` predicted as *c*;
``R = T / n``, ``F = 2 T / (n + P)``, ``Q[y, c]`` the rate at which class *y* is called *c*.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .calls import Sparse, call_noise, call_rates, pair_counts
from .ranks import Floats, Integers, Strata, class_sums, strata

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Responses:
    """What was predicted, counted. Samples are sorted by their true class.

    Attributes
    ----------
    by : Strata
        The true classes; sample i is the i-th of `by.order`.
    predicted : ndarray of int, shape (N,)
        Predicted class.
    hit, miss : ndarray of int64
        Rows predicted right, and rows predicted wrong.
    counts : sparse array of int64, shape (C, C)
        ``counts[true, predicted]``.
    recall, f1 : ndarray of float64, shape (C,)
        NaN for classes without samples (and, for F1, without predictions).
    rates : sparse array of float64, shape (C, C)
        Q with a zero diagonal.
    noise : sparse array of float64, shape (C, C)
        Q(1 - Q) with a zero diagonal: the variance of one sample's false call.
    """

    by: Strata
    predicted: Integers
    hit: Counts
    miss: Counts
    counts: Sparse
    recall: Floats
    f1: Floats
    rates: Sparse
    noise: Sparse

    @property
    def n(self) -> Counts:
        """Samples of each class."""
        return self.by.n

    @property
    def hits(self) -> Counts:
        """Samples of each class that were predicted right."""
        return np.asarray(self.counts.diagonal())

    @property
    def false(self) -> Counts:
        """Samples of other classes that were called the class."""
        return np.asarray(self.counts.sum(axis=0) - self.hits)

    def sources(self, c: int) -> Counts:
        """True class of each sample of another class that was called `c`, ascending."""
        here = slice(*self.counts.indptr[c : c + 2])
        of = np.repeat(self.counts.indices[here], self.counts.data[here])
        return np.asarray(of[of != c], dtype=np.int64)

    @property
    def balance(self) -> tuple[Floats, Floats]:
        """How much a step of recall and a step of false positives move F1: (2 - F, F)."""
        f1 = np.nan_to_num(self.f1)
        return 2 - f1, f1


def responses(y: Integers, predicted: Integers, n_classes: int) -> Responses:
    """Count predictions of samples that are sorted by class.

    Parameters
    ----------
    y : ndarray of int, shape (N,)
        True class, ascending.
    predicted : ndarray of int, shape (N,)
        Predicted class.
    n_classes : int
        C.

    Returns
    -------
    Responses

    Examples
    --------
    >>> found = responses(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 2)
    >>> found.recall, found.f1.round(2), found.rates.toarray()
    (array([0.5, 1. ]), array([0.67, 0.8 ]), array([[0. , 0.5],
           [0. , 0. ]]))
    """
    y = y.astype(np.int64)
    counts = pair_counts(y, predicted, np.ones(len(y), dtype=np.int64), n_classes)
    recall, f1, rates = call_rates(counts)
    right = y == predicted
    return Responses(
        by=strata(y, n_classes),
        predicted=predicted,
        hit=np.flatnonzero(right),
        miss=np.flatnonzero(~right),
        counts=counts,
        recall=recall,
        f1=f1,
        rates=rates,
        noise=call_noise(rates),
    )


@dataclass(frozen=True, eq=False)
class Score:
    """Sums of a column over predictions, and their variance under the null; shapes (C,).

    Attributes
    ----------
    recall, fpr, f1 : ndarray of float64
        ``Σ x`` over the samples of c predicted right; over those of other classes called c;
        and ``(2 - F) · recall - F · fpr``, the direction in which F1 at an equal mix moves.
    recall_variance, fpr_variance, f1_variance : ndarray of float64
        Exact for samples that are independent given their class.
    squares : ndarray of float64
        ``Σ x² · n / (n - 1)`` over the samples of c; 0 with fewer than two.
    """

    recall: Floats
    fpr: Floats
    f1: Floats
    recall_variance: Floats
    fpr_variance: Floats
    f1_variance: Floats
    squares: Floats

    @property
    def z(self) -> tuple[Floats, Floats, Floats]:
        """Z of recall, of false positives, and of F1; NaN without variance."""
        return (
            ratio(self.recall, self.recall_variance),
            ratio(self.fpr, self.fpr_variance),
            ratio(self.f1, self.f1_variance),
        )


def ratio(total: npt.ArrayLike, variance: npt.ArrayLike) -> Floats:
    """A sum in units of its standard deviation.

    Parameters
    ----------
    total, variance : array_like
        The sum, and its variance under the null.

    Returns
    -------
    ndarray of float64
        NaN where the variance is 0 but for rounding.

    Examples
    --------
    >>> ratio([3.0, 1.0], [4.0, 0.0])
    array([1.5, nan])
    """
    total, variance = np.asarray(total, np.float64), np.asarray(variance, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(variance > 1e-12, total / np.sqrt(variance), np.nan)


def score(column: Floats, given: Responses) -> Score:
    """Score test of one column.

    Parameters
    ----------
    column : ndarray of float64, shape (N,)
        Mean 0 within each class: ranks, or their quadratic companion.
    given : Responses
        The predictions.

    Returns
    -------
    Score
        For every class. The z of recall is the Mann-Whitney z between the class's right and
        wrong samples.

    Examples
    --------
    >>> from sensitivity.stats.ranks import within_ranks
    >>> found = responses(np.zeros(6, dtype=int), np.array([0, 0, 0, 0, 1, 1]), 2)
    >>> result = score(within_ranks(np.arange(6.0), found.by), found)
    >>> float(result.z[0][0].round(3))
    -1.852
    """
    n_classes = given.by.n_classes
    on_hits = np.bincount(given.by.codes[given.hit], column[given.hit], minlength=n_classes).astype(
        np.float64
    )
    on_false = np.bincount(
        given.predicted[given.miss], column[given.miss], minlength=n_classes
    ).astype(np.float64)  # without a miss it would be of whole numbers
    n = given.n
    squares = class_sums(column * column, given.by) * np.where(n > 1, n / np.maximum(n - 1, 1), 0)
    return score_of_sums(
        on_hits, on_false, squares, recall=given.recall, f1=given.f1, noise=given.noise
    )


def score_of_sums(
    on_hits: Floats, on_false: Floats, squares: Floats, *, recall: Floats, f1: Floats, noise: Sparse
) -> Score:
    """Score test from the sums of a column that it takes.

    Parameters
    ----------
    on_hits, on_false, squares : ndarray of float64, shape (C,)
        Sums over the samples predicted right, over those falsely called the class, and of the
        squares: see :class:`Score`.
    recall, f1 : ndarray of float64, shape (C,)
        NaN counts as 0.
    noise : sparse array of float64, shape (C, C)
        Q(1 - Q) with a zero diagonal.

    Returns
    -------
    Score

    Examples
    --------
    >>> from scipy import sparse
    >>> found = score_of_sums(np.array([0.5]), np.zeros(1), np.array([4.0]),
    ...                       recall=np.array([0.5]), f1=np.array([0.6]),
    ...                       noise=sparse.csc_array((1, 1)))
    >>> found.recall_variance, found.z[0]
    (array([1.]), array([0.5]))
    """
    recall, f1 = np.nan_to_num(recall), np.nan_to_num(f1)
    of_recall = recall * (1 - recall) * squares
    of_false = squares @ noise
    gain, loss = 2 - f1, f1
    return Score(
        recall=on_hits,
        fpr=on_false,
        f1=gain * on_hits - loss * on_false,
        recall_variance=of_recall,
        fpr_variance=of_false,
        f1_variance=gain**2 * of_recall + loss**2 * of_false,
        squares=squares,
    )


def pooled(found: Score) -> tuple[float, float, float]:
    """Recall of all classes together, stratified by class.

    Parameters
    ----------
    found : Score
        Of one column.

    Returns
    -------
    total, variance, squares : float
        Sums over the classes.

    Examples
    --------
    >>> from sensitivity.stats.ranks import within_ranks
    >>> given = responses(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), 2)
    >>> pooled(score(within_ranks(np.arange(4.0), given.by), given))
    (0.0, 0.125, 0.5)
    """
    return (
        float(found.recall.sum()),
        float(found.recall_variance.sum()),
        float(found.squares.sum()),
    )


def two_sided(z: npt.ArrayLike, df: npt.ArrayLike = np.inf) -> Floats:
    """Two-sided p of a z.

    Parameters
    ----------
    z : array_like
        Standardised sums.
    df : array_like, default inf
        Degrees of freedom of the variance (Student's t); infinite: the normal distribution.

    Returns
    -------
    ndarray of float64
        NaN where z is NaN or df is below 1.

    Examples
    --------
    >>> two_sided([1.96, -1.96]).round(4)
    array([0.05, 0.05])
    >>> float(two_sided(1.96, 5).round(3))
    0.107
    """
    from scipy.special import ndtr, stdtr

    z, df = np.broadcast_arrays(-np.abs(np.asarray(z, np.float64)), np.asarray(df, np.float64))
    finite = np.isfinite(df)
    with np.errstate(invalid="ignore"):
        p = np.where(finite, stdtr(np.where(finite & (df >= 1), df, np.nan), z), ndtr(z))
    return np.asarray(2 * p)


def area(found: Score, given: Responses) -> tuple[Floats, float]:
    """Chance that a right sample has the higher value of a right and a wrong one.

    Parameters
    ----------
    found : Score
        Of within-class ranks.
    given : Responses
        The predictions.

    Returns
    -------
    of_classes : ndarray of float64, shape (C,)
        In [0, 1]; NaN for classes with no right or no wrong sample.
    of_all : float
        The same for pairs within any one class.

    Examples
    --------
    >>> from sensitivity.stats.ranks import within_ranks
    >>> given = responses(np.zeros(4, dtype=int), np.array([1, 0, 0, 0]), 2)
    >>> area(score(within_ranks(np.arange(4.0), given.by), given), given)[0]
    array([ 1., nan])
    """
    pairs = given.hits * (given.n - given.hits)
    scaled = given.n * found.recall
    with np.errstate(divide="ignore", invalid="ignore"):
        of_classes = np.where(pairs > 0, 0.5 + scaled / pairs, np.nan)
    total = float(pairs.sum())
    return of_classes, 0.5 + float(scaled.sum()) / total if total else float("nan")
