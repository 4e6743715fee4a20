"""Means over the classes: balanced accuracy and macro F1, with their intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .counts import Confusion

#: With more cells than this the intervals are those of the delta method.
MAX_DRAWN = 20_000


def macro_scores(counts: Confusion) -> tuple[float, float]:
    """Balanced accuracy and macro F1 of one confusion table.

    Parameters
    ----------
    counts : Confusion
        One bin of C classes.

    Returns
    -------
    balanced_accuracy, macro_f1 : float
        Mean of recall over the classes that have samples, and of F1 over the classes that
        have samples or predictions (as scikit-learn takes them); NaN without any.

    Examples
    --------
    >>> balanced, macro = macro_scores(Confusion.of(np.array([[8, 2], [1, 9]])))
    >>> round(balanced, 3), round(macro, 3)
    (0.85, 0.85)
    """
    return _means(counts.hits[0], counts.n[0], counts.calls[0])


def _means(
    hits: npt.NDArray[Any], n: npt.NDArray[Any], called: npt.NDArray[Any]
) -> tuple[float, float]:
    present, seen = n > 0, n + called > 0
    if not present.any():
        return float("nan"), float("nan")
    recall = hits[present] / n[present]
    f1 = 2 * hits[seen] / (n + called)[seen]
    return float(recall.mean()), float(f1.mean())


def macro_bootstrap(
    counts: Confusion, *, rng: np.random.Generator, confidence: float = 0.95, draws: int = 1000
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Intervals of balanced accuracy and macro F1, from the count table alone.

    Percentiles of a bootstrap: every cell is drawn anew from a Poisson distribution with its
    count as mean, which is the bootstrap over samples to within 1/N and costs the same for ten
    samples or ten million.

    With more than 20,000 cells that are not empty (many classes), means are normal and the
    delta method gives the same at once.

    Parameters
    ----------
    counts : Confusion
        One bin of C classes.
    rng : numpy.random.Generator
        Source of the draws.
    confidence : float, default 0.95
        Coverage.
    draws : int, default 1000
        Number of tables drawn.

    Returns
    -------
    balanced_accuracy, macro_f1 : tuple of two floats
        Lower and upper bound of each; NaN without samples.

    Examples
    --------
    >>> table = Confusion.of(np.array([[80, 20], [10, 90]]))
    >>> low, high = macro_bootstrap(table, rng=np.random.default_rng(0))[0]
    >>> 0.78 < low < 0.85 < high < 0.92
    True
    """
    rows, columns, mean = counts.true, counts.called, counts.samples
    if not len(rows):
        nothing = float("nan"), float("nan")
        return nothing, nothing
    if len(rows) > MAX_DRAWN:
        return _macro_normal(counts, confidence)
    right, n_classes = rows == columns, counts.n_classes
    scores = np.empty((draws, 2))
    for draw in range(draws):
        drawn = rng.poisson(mean)
        # Only cells that are not empty are summed: with many classes few are.
        hits = np.bincount(rows[right], drawn[right], minlength=n_classes)
        n = np.bincount(rows, drawn, minlength=n_classes)
        scores[draw] = _means(hits, n, np.bincount(columns, drawn, minlength=n_classes))
    tail = (1 - confidence) / 2
    bounds = np.nanquantile(scores, [tail, 1 - tail], axis=0)
    return (float(bounds[0, 0]), float(bounds[1, 0])), (float(bounds[0, 1]), float(bounds[1, 1]))


def _macro_normal(
    counts: Confusion, confidence: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The same from the delta method: with many cells means of many classes are normal."""
    from scipy.special import ndtri

    n, called, hits = counts.n[0], counts.calls[0], counts.hits[0]
    present, seen = n > 0, n + called > 0
    balanced, macro = _means(hits, n, called)
    with np.errstate(divide="ignore", invalid="ignore"):
        recall = np.where(present, hits / n, 0.0)
        of_recall = np.where(present, recall * (1 - recall) / n, 0.0).sum() / present.sum() ** 2
        weight = np.where(seen, 1 / (n + called), 0.0)
        loss = np.where(seen, 2 * hits * weight**2, 0.0)
    rows, columns = counts.true, counts.called
    # What one sample adds to the sum of F1 over the classes.
    moved = np.where(rows == columns, 2 * weight[rows], 0.0) - loss[rows] - loss[columns]
    of_f1 = float((counts.samples * moved**2).sum()) / seen.sum() ** 2
    half = float(ndtri(0.5 + confidence / 2))

    def bounds(value: float, variance: float) -> tuple[float, float]:
        error = half * float(np.sqrt(variance))
        return max(0.0, value - error), min(1.0, value + error)

    return bounds(balanced, float(of_recall)), bounds(macro, of_f1)
