"""ROC curves and the areas under them, one class against the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Points of a curve that is drawn; the area is taken over all samples.
MAX_POINTS = 201


@dataclass(frozen=True)
class RocCurve:
    """One class against the rest.

    Attributes
    ----------
    thresholds, fpr, tpr : ndarray of float64, shape (M,)
        From (0, 0) to (1, 1), at most 201 points; the first threshold is infinite.
    auc : float
        Probability that a sample of the class scores above one of the rest (ties count
        half), in [0, 1].
    variance : float
        DeLong's variance of `auc`; NaN with fewer than two samples on either side.
    """

    thresholds: Floats
    fpr: Floats
    tpr: Floats
    auc: float
    variance: float


def roc_curve(scores: Floats, positive: npt.NDArray[np.bool_]) -> RocCurve | None:
    """ROC curve of a score.

    Parameters
    ----------
    scores : ndarray of float, shape (N,)
        Higher speaks for the class.
    positive : ndarray of bool, shape (N,)
        Samples of the class.

    Returns
    -------
    RocCurve or None
        None when all samples are on one side.

    References
    ----------
    DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44:837.

    Examples
    --------
    >>> curve = roc_curve(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    >>> curve.auc
    0.75
    """
    n_positive = int(positive.sum())
    n_negative = len(positive) - n_positive
    if not n_positive or not n_negative:
        return None
    order = np.argsort(scores, kind="stable")[::-1]
    ranked, hit = scores[order], positive[order]
    last = np.flatnonzero(ranked[1:] != ranked[:-1])
    last = np.concatenate((last, [len(ranked) - 1]))
    true = np.cumsum(hit)[last]
    false = last + 1 - true
    tpr = np.concatenate(([0.0], true / n_positive))
    fpr = np.concatenate(([0.0], false / n_negative))
    thresholds = np.concatenate(([np.inf], ranked[last].astype(np.float64)))

    auc, variance = _area(tpr, fpr, n_positive, n_negative)
    kept = _thinned(tpr, fpr)
    return RocCurve(thresholds[kept], fpr[kept], tpr[kept], auc, variance)


def _area(tpr: Floats, fpr: Floats, n_positive: int, n_negative: int) -> tuple[float, float]:
    """Area and DeLong variance, from the placements of each distinct score."""
    positives, negatives = np.diff(tpr), np.diff(fpr)
    # Share of the negatives below a positive's score, and of the positives above a negative's.
    below = 1 - (fpr[1:] + fpr[:-1]) / 2
    above = (tpr[1:] + tpr[:-1]) / 2
    auc = float(positives @ below)
    if min(n_positive, n_negative) < 2:
        return auc, float("nan")
    of_positives = positives @ (below - auc) ** 2 / (n_positive - 1)
    of_negatives = negatives @ (above - auc) ** 2 / (n_negative - 1)
    return auc, float(of_positives + of_negatives)


def _thinned(tpr: Floats, fpr: Floats) -> npt.NDArray[np.intp]:
    """Points spaced evenly along the curve, both ends kept."""
    if len(tpr) <= MAX_POINTS:
        return np.arange(len(tpr))
    length = tpr + fpr
    return np.unique(np.searchsorted(length, np.linspace(0, length[-1], MAX_POINTS)))
