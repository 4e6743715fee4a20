"""Two models on the same samples: changes of recall, accuracy and F1, with intervals.

A pair is one sample that both models judged. What tells models apart are the pairs on which
one is right and the other wrong: *corrected* (only the second is right) and *corrupted* (only
the first is). All that both get right, or wrong, says nothing about their difference, which is
why paired intervals are so much narrower than two separate ones.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .intervals import normal_quantile

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer]

#: Added, in variances only, to each kind of pair on which the models differ: that no pair
#: differs among twenty is no proof that none ever will.
_PRIOR_PAIRS = 0.25
_DIFFERING = ((1, 0, 1), (1, 1, 0), (0, 0, 1), (0, 1, 0))


def paired_counts(
    y: Integers,
    first: Integers,
    second: Integers,
    n_classes: int,
    codes: Integers | None = None,
    n_bins: int = 1,
) -> npt.NDArray[np.int64]:
    """Count pairs by bin, and for each class by what is true and what either model says.

    Parameters
    ----------
    y, first, second : ndarray of int, shape (N,)
        True class, and the class that either model calls, 0 … C-1.
    n_classes : int
        Number of classes C.
    codes : ndarray of int, shape (N,), optional
        Bin of each pair, 0 … K-1; None: all in one.
    n_bins : int, default 1
        Number of bins K.

    Returns
    -------
    ndarray of int64, shape (K, C, 2, 2, 2)
        ``counts[bin, c, is c, first says c, second says c]``; each class's eight counts add up
        to the pairs of the bin. All zero for no pairs.

    Examples
    --------
    >>> y, first, second = np.array([1, 1, 0]), np.array([0, 1, 1]), np.array([1, 1, 1])
    >>> counts = paired_counts(y, first, second, 2)
    >>> int(counts[0, 1, 1, 0, 1]), int(counts[0, 1, 1, 1, 1]), int(counts[0, 1, 0, 1, 1])
    (1, 1, 1)
    """
    shape = (n_bins, n_classes)
    place = (np.zeros(len(y), dtype=np.int64) if codes is None else codes) * n_classes

    def tally(rows: npt.NDArray[np.bool_], classes: Integers) -> npt.NDArray[np.int64]:
        found = np.bincount(place[rows] + classes[rows], minlength=n_bins * n_classes)
        return found.astype(np.int64).reshape(shape)

    counts = np.zeros((*shape, 2, 2, 2), dtype=np.int64)
    right, also = first == y, second == y
    for a in (0, 1):
        for b in (0, 1):
            counts[..., 1, a, b] = tally((right == bool(a)) & (also == bool(b)), y)
    counts[..., 0, 1, 1] = tally(~right & (first == second), first)
    counts[..., 0, 1, 0] = tally(~right & (first != second), first)
    counts[..., 0, 0, 1] = tally(~also & (first != second), second)
    sizes = np.bincount(place // n_classes, minlength=n_bins).astype(np.int64)
    counts[..., 0, 0, 0] = sizes[:, None] - counts.sum(axis=(2, 3, 4))
    return counts


def mcnemar(corrected: npt.ArrayLike, corrupted: npt.ArrayLike) -> Floats:
    """P of the exact McNemar test (mid-p): corrections and corruptions equally likely.

    ``2 · (P(X ≤ k) - ½ P(X = k))`` for X binomial with ``n = corrected + corrupted`` trials of
    one half, k the smaller count.

    Parameters
    ----------
    corrected, corrupted : array_like of int
        Pairs that only the second, and only the first model got right.

    Returns
    -------
    ndarray of float64
        In (0, 1]; 1 where both counts are equal, and where no pair differs.

    References
    ----------
    Fagerland, Lydersen & Laake (2013), BMC Medical Research Methodology 13:91.

    Examples
    --------
    >>> round(float(mcnemar(12, 4)), 3)
    0.049
    >>> float(mcnemar(0, 0))
    1.0
    """
    from scipy.special import bdtr, gammaln

    corrected, corrupted = np.broadcast_arrays(
        np.asarray(corrected, dtype=np.float64), np.asarray(corrupted, dtype=np.float64)
    )
    n, k = corrected + corrupted, np.minimum(corrected, corrupted)
    point = np.exp(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) - n * np.log(2))
    p = 2 * bdtr(k, n.astype(np.int64), 0.5) - point
    return np.where(corrected == corrupted, 1.0, np.clip(p, 0.0, 1.0))


def proportion_change(
    corrected: npt.ArrayLike,
    corrupted: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    inflation: npt.ArrayLike = 1.0,
    confidence: float = 0.95,
) -> tuple[Floats, Floats, Floats]:
    """Change of a proportion (recall, accuracy) between two models on the same samples.

    The interval is Wald's with one pair added to either kind of difference, so that it has a
    width where no pair differs.

    Parameters
    ----------
    corrected, corrupted, n : array_like
        Pairs that only the second, and only the first model got right, of n pairs.
    inflation : array_like, default 1
        How many times wider, squared, clusters make the interval: see
        :func:`cluster_inflation`. Counts are divided by it.
    confidence : float, default 0.95
        Coverage.

    Returns
    -------
    change, low, high : ndarray of float64
        ``(corrected - corrupted) / n`` in [-1, 1] and its bounds; NaN where n is 0, bounds also
        where `inflation` is.

    References
    ----------
    Bonett & Price (2012), Journal of Educational and Behavioral Statistics 37:479.

    Examples
    --------
    >>> change, low, high = proportion_change(12, 4, 100)
    >>> round(float(change), 3), round(float(low), 3), round(float(high), 3)
    (0.08, -0.002, 0.159)
    """
    gained, lost, n, inflation = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (corrected, corrupted, n, inflation))
    )
    z = normal_quantile(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = (gained - lost) / n
        up, down = ((x / inflation + 1) / (n / inflation + 2) for x in (gained, lost))
        centre = up - down
        half = z * np.sqrt((up + down - centre**2) / (n / inflation + 2))
    empty = ~(n > 0)
    bounds = centre - half, centre + half
    low, high = (np.where(empty, np.nan, np.clip(bound, -1, 1)) for bound in bounds)
    return np.where(empty, np.nan, change), np.minimum(low, change), np.maximum(high, change)


def f1_change(
    counts: npt.ArrayLike, *, inflation: npt.ArrayLike = 1.0, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats, Floats]:
    """Change of F1 of one class between two models on the same samples.

    With the influence functions ``IF = (2YA - F (Y + A)) / D`` of both models, Y whether a
    sample is the class, A whether it is called it, ``D = Σ (Y + A)``, the variance of
    ``F_B - F_A`` is ``Σ (IF_B - IF_A)²``. To that end ¼ is added to each count of pairs that
    differ; the change itself is the plain one.

    Parameters
    ----------
    counts : array_like, shape (..., 2, 2, 2)
        From :func:`paired_counts`.
    inflation : array_like, shape (...), default 1
        Factor of the variance that clusters bring, see :func:`cluster_inflation`.
    confidence : float, default 0.95
        Coverage.

    Returns
    -------
    change, low, high : ndarray of float64, shape (...)
        In [-1, 1]; NaN where either F1 is undefined.
    p : ndarray of float64, shape (...)
        Two-sided; below ``1 - confidence`` where the interval leaves 0 out.

    References
    ----------
    Hampel (1974), JASA 69:383 (influence functions).

    Examples
    --------
    >>> counts = np.zeros((2, 2, 2))
    >>> counts[1, 1, 1], counts[1, 0, 1], counts[1, 1, 0], counts[0, 1, 0] = 70, 12, 4, 9
    >>> change, low, high, p = f1_change(counts)
    >>> round(float(change), 3), round(float(low), 3), round(float(high), 3), round(float(p), 4)
    (0.1, 0.04, 0.16, 0.001)
    """
    from scipy.special import ndtr

    plain = np.asarray(counts, dtype=np.float64)
    smoothed = plain.copy()
    for kind in _DIFFERING:
        smoothed[(..., *kind)] += _PRIOR_PAIRS
    values = f1_values(plain)
    change = values[..., 1] - values[..., 0]
    scores = f1_influences(smoothed)
    error = np.sqrt(inflation * (smoothed * scores**2).sum(axis=(-3, -2, -1)))
    half = normal_quantile(confidence) * error
    p = np.asarray(2 * ndtr(-np.abs(change) / error))
    return change, np.maximum(change - half, -1), np.minimum(change + half, 1), p


def f1_values(counts: npt.ArrayLike) -> Floats:
    """F1 of both models.

    Parameters
    ----------
    counts : array_like, shape (..., 2, 2, 2)
        From :func:`paired_counts`.

    Returns
    -------
    ndarray of float64, shape (..., 2)
        First and second model, in [0, 1]; NaN where nothing is the class or called it.

    Examples
    --------
    >>> f1_values(paired_counts(np.array([1, 1]), np.array([0, 1]), np.array([1, 1]), 2)[0, 1])
    array([0.66666667, 1.        ])
    """
    hits, sums = _hits_and_sums(np.asarray(counts, dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(2 * hits / sums)


def f1_influences(counts: npt.ArrayLike) -> Floats:
    """What a pair of each kind adds to the change of F1: ``IF_B - IF_A``.

    Parameters
    ----------
    counts : array_like, shape (..., 2, 2, 2)
        From :func:`paired_counts`.

    Returns
    -------
    ndarray of float64, shape (..., 2, 2, 2)
        In the places of the counts; their sum, times the counts, is 0. NaN where either F1 is.

    Examples
    --------
    >>> counts = paired_counts(np.array([1, 1, 0]), np.array([0, 1, 1]), np.array([1, 1, 0]), 2)
    >>> found = f1_influences(counts[0, 1])
    >>> round(float((found * counts[0, 1]).sum()), 9), round(float(found[1, 0, 1]), 3)
    (0.0, 0.125)
    """
    hits, sums = _hits_and_sums(np.asarray(counts, dtype=np.float64))
    is_class = np.array([0.0, 1.0])[:, None]
    called = np.array([0.0, 1.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        f1, sums = (2 * hits / sums)[..., None, None], sums[..., None, None]
        # (..., model, Y, called by it)
        parts = (2 * is_class * called - f1 * (is_class + called)) / sums
    return np.asarray(parts[..., 1, :, None, :] - parts[..., 0, :, :, None])


def _hits_and_sums(counts: Floats) -> tuple[Floats, Floats]:
    """True positives T and ``n + P`` of both models, each of shape (..., 2)."""
    n = counts[..., 1, :, :].sum(axis=(-2, -1))
    hits = np.stack([counts[..., 1, 1, :].sum(-1), counts[..., 1, :, 1].sum(-1)], axis=-1)
    first, second = counts[..., :, 1, :], counts[..., :, :, 1]
    called = np.stack([first.sum(axis=(-2, -1)), second.sum(axis=(-2, -1))], axis=-1)
    return hits, n[..., None] + called


def unpaired_change(
    first: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    second: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
) -> tuple[Floats, Floats, Floats]:
    """Change of a metric between two models that judged different samples.

    Square-and-add (MOVER): each bound takes the distances to the bounds of the two intervals.
    From two Wilson intervals it is Newcombe's interval of a difference of proportions.

    Parameters
    ----------
    first, second : tuple of three array_like
        Value, lower and upper bound of either metric.

    Returns
    -------
    change, low, high : ndarray of float64
        ``second - first``, at the confidence of the two intervals; NaN where any is.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873; Zou & Donner (2008), ibid. 27:1693.

    Examples
    --------
    >>> from sensitivity.stats.intervals import wilson
    >>> found = unpaired_change((0.8, *wilson(80, 100)), (0.9, *wilson(90, 100)))
    >>> [round(float(bound), 3) for bound in found]
    [0.1, 0.0, 0.199]
    """
    value_a, low_a, high_a = (np.asarray(x, dtype=np.float64) for x in first)
    value_b, low_b, high_b = (np.asarray(x, dtype=np.float64) for x in second)
    change = value_b - value_a
    down = np.hypot(value_b - low_b, high_a - value_a)
    up = np.hypot(high_b - value_b, value_a - low_a)
    return np.asarray(change), np.asarray(change - down), np.asarray(change + up)
