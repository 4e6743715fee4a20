"""What each image adds to every metric, and the metrics from sums of it.

A metric of a resampled set needs only sums over images: true positives and calls per class, the
negative log-likelihood, and the calibration gap in each interval of confidence. They stand in
one sparse row per image, so that thousands of resampled sets are one matrix product.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ..errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Metrics of all images, in their order.
OVERALL_METRICS = ("accuracy", "balanced_accuracy", "macro_f1", "nll", "ece")

#: Intervals of confidence, with equal numbers of images, of the expected calibration error.
N_INTERVALS = 15

#: Numbers of a score table that are worked on at once.
_AT_ONCE = 4_000_000


def called_class(scores: npt.NDArray[np.floating]) -> Ints:
    """The class that is called: the largest score, the first of equal ones.

    Parameters
    ----------
    scores : ndarray of float, shape (N, C)

    Returns
    -------
    ndarray of int64, shape (N,)

    Examples
    --------
    >>> called_class(np.array([[0.0, 1.0], [2.0, 2.0]])).tolist()
    [1, 0]
    """
    return np.asarray(np.argmax(scores, axis=1), dtype=np.int64)


def image_nll(y: Ints, scores: npt.NDArray[np.floating]) -> Floats:
    """Negative log-likelihood of the true class under the softmax of the scores.

    Parameters
    ----------
    y : ndarray of int64, shape (N,)
        True class.
    scores : ndarray of float, shape (N, C)
        Logits or log-probabilities.

    Returns
    -------
    ndarray of float64, shape (N,)
        In nats, 0 or more.

    Examples
    --------
    >>> image_nll(np.array([0, 1]), np.array([[0.0, 0.0], [0.0, 100.0]])).round(4).tolist()
    [0.6931, 0.0]
    """
    return log_evidence(scores) - scores[np.arange(len(y)), y]


def log_evidence(scores: npt.NDArray[np.floating]) -> Floats:
    """Logarithm of the sum of the exponentials of each row, in float64 whatever the scores are.

    Parameters
    ----------
    scores : ndarray of float, shape (N, C)
        Logits or log-probabilities (whose log-evidence is 0).

    Returns
    -------
    ndarray of float64, shape (N,)

    Examples
    --------
    >>> log_evidence(np.log([[0.25, 0.75]])).round(9).tolist()
    [0.0]
    """
    from scipy.special import logsumexp

    found = np.empty(len(scores))
    step = max(1, _AT_ONCE // scores.shape[1])
    for start in range(0, len(scores), step):
        rows = slice(start, start + step)
        found[rows] = logsumexp(scores[rows].astype(np.float64), axis=1)
    return found


def tallied(y: Ints, scores: npt.NDArray[np.floating]) -> sparse.csr_array:
    """What each image adds to every metric of a strategy.

    Parameters
    ----------
    y : ndarray of int64, shape (N,)
        True class.
    scores : ndarray of float, shape (N, C)
        Logits or log-probabilities.

    Returns
    -------
    scipy.sparse.csr_array of float64, shape (N, 2 C + 1 + 15)
        True positives by class, calls by class, negative log-likelihood, and ``confidence -
        right`` in the column of the image's interval of confidence. The 15 intervals hold equal
        numbers of images (``inverted_cdf`` quantiles; equal confidences are not split).

    Examples
    --------
    >>> found = tallied(np.array([0, 1]), np.log([[0.75, 0.25], [0.6, 0.4]])).toarray()
    >>> found[:, :4].tolist()
    [[1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0]]
    """
    n, n_classes = scores.shape
    called, rows = called_class(scores), np.arange(n)
    evidence = log_evidence(scores)
    right = called == y
    gap = np.exp(scores[rows, called] - evidence) - right
    interval = confidence_interval_of(gap + right)
    columns = np.stack([y, n_classes + called, np.full(n, 2 * n_classes), interval])
    columns[3] += 2 * n_classes + 1
    values = np.stack([right, np.ones(n), evidence - scores[rows, y], gap])
    shape = (n, 2 * n_classes + 1 + N_INTERVALS)
    return sparse.csr_array((values.ravel(), (np.tile(rows, 4), columns.ravel())), shape=shape)


def confidence_interval_of(confidence: Floats) -> Ints:
    """The interval of confidence that each image falls into: equal numbers of images.

    Parameters
    ----------
    confidence : ndarray of float64, shape (N,)
        Probability of the class that is called.

    Returns
    -------
    ndarray of int64, shape (N,)
        0 … 14; equal confidences share an interval.

    Examples
    --------
    >>> confidence_interval_of(np.array([0.9, 0.5, 0.9])).tolist()
    [1, 0, 1]
    """
    if not len(confidence):
        return np.zeros(0, dtype=np.int64)
    inner = np.arange(1, N_INTERVALS) / N_INTERVALS
    edges = np.unique(np.quantile(confidence, inner, method="inverted_cdf"))
    return np.searchsorted(edges[edges < confidence.max()], confidence).astype(np.int64)


def measured(sums: Floats, n: Floats) -> tuple[Floats, Floats, Floats]:
    """Every metric of a set of images, or of many resampled sets, from sums of tallies.

    Parameters
    ----------
    sums : ndarray of float64, shape (..., 2 C + 16)
        Sums of the rows of :func:`tallied`.
    n : ndarray of float64, shape (..., C)
        Images of each class.

    Returns
    -------
    overall : ndarray of float64, shape (..., 5)
        :data:`OVERALL_METRICS`. Accuracy; mean recall of the classes that have images; mean F1
        of those that have images or calls; mean negative log-likelihood (nats); expected
        calibration error, ``Σ |Σ (confidence - right)| / N`` over the intervals. NaN for no images.
    recall, precision : ndarray of float64, shape (..., C)
        NaN where nothing is, or nothing is called, the class.

    Examples
    --------
    >>> y, scores = np.array([0, 0, 1, 1]), np.log([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]])
    >>> sums = tallied(y, scores).sum(axis=0)
    >>> overall, recall, precision = measured(sums, np.array([2.0, 2.0]))
    >>> overall.round(3).tolist(), recall.tolist(), precision.round(3).tolist()
    ([0.75, 0.75, 0.733, 0.4, 0.3], [0.5, 1.0], [1.0, 0.667])
    """
    n_classes = n.shape[-1]
    hits, called = sums[..., :n_classes], sums[..., n_classes : 2 * n_classes]
    loss, gaps = sums[..., 2 * n_classes], sums[..., 2 * n_classes + 1 :]
    total = n.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        recall, precision = hits / n, hits / called
        f1 = 2 * hits / (n + called)
        overall = [
            hits.sum(axis=-1) / total,
            _mean_of_defined(recall, n > 0),
            _mean_of_defined(f1, n + called > 0),
            loss / total,
            np.abs(gaps).sum(axis=-1) / total,
        ]
    return np.stack(overall, axis=-1), recall, precision


def _mean_of_defined(values: Floats, defined: npt.NDArray[np.bool_]) -> Floats:
    found: Floats = np.where(defined, values, 0.0).sum(axis=-1) / defined.sum(axis=-1)
    return found


def check_scores(what: str, scores: npt.NDArray[np.floating], n: int, n_classes: int) -> None:
    """Refuse scores that are not one finite number per image and class.

    Parameters
    ----------
    what : str
        How the message calls them.
    scores : ndarray
        What was given.
    n, n_classes : int
        Images and classes.

    Raises
    ------
    InputError
        Another shape, or a number that is not finite.

    Examples
    --------
    >>> check_scores("scores of blur", np.zeros((3, 2)), 3, 3)
    Traceback (most recent call last):
    ...
    sensitivity.errors.InputError: scores of blur: expected 3 images × 3 classes, got (3, 2)
    """
    if scores.shape != (n, n_classes):
        rule = f"expected {n:,} images × {n_classes:,} classes"
        raise InputError(what, rule, got=str(scores.shape))
    if not np.isfinite(scores).all():
        raise InputError(what, "expected finite numbers")
