"""The samples that are judged, and how much their clusters widen intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..metrics import classification as metrics
from ..stats.dependence import design_effect

Floats = npt.NDArray[np.float64]

#: Cells with fewer samples of the class are shown grey and carry no statement.
LOW_SUPPORT = 10


@dataclass(frozen=True, eq=False)
class Judged:
    """The samples whose predictions are judged.

    Attributes
    ----------
    y, predicted : ndarray of int64, shape (N,)
        True and predicted class.
    classes : sequence of str, length C
        Class names.
    pooled : Confusion
        The whole set as one bin.
    prior : ndarray of float64, shape (C,)
        Class shares for metrics at an equal class mix.
    sureness : ndarray of float, shape (N,), or None
        Probability of the predicted class.
    margin : ndarray of float, shape (N,), or None
        Log-odds of the true class over the runner-up.
    clusters : ndarray of int64, shape (N,), or None
        What belongs together.
    confidence : float
        Coverage of the intervals.
    """

    y: npt.NDArray[np.int64]
    predicted: npt.NDArray[np.int64]
    classes: Sequence[str]
    pooled: metrics.Confusion
    prior: Floats
    sureness: npt.NDArray[np.floating] | None = None
    margin: npt.NDArray[np.floating] | None = None
    clusters: npt.NDArray[np.int64] | None = None
    confidence: float = 0.95


@dataclass(frozen=True, eq=False)
class Effects:
    """How much wider clusters make intervals: design effects, 1 where samples are independent.

    Attributes
    ----------
    recall, precision, f1 : ndarray of float64, shape (C,)
        Of each class.
    accuracy : float
        Of all samples.
    """

    recall: Floats
    precision: Floats
    f1: Floats
    accuracy: float


def design_effects(
    cells: metrics.Cells,
    counts: metrics.Confusion,
    codes: npt.NDArray[np.integer],
    judged: Judged,
) -> Effects:
    """Design effects of the clusters on each class's metrics, over all bins together.

    Parameters
    ----------
    cells : metrics.Cells
        Metrics in every bin.
    counts : Confusion
        What they were made from.
    codes : ndarray of int, shape (N,)
        Bin of each sample.
    judged : Judged
        The samples.

    Returns
    -------
    Effects
        1 throughout without clusters.
    """
    n_classes = len(judged.classes)
    clusters = judged.clusters
    if clusters is None:
        one = np.ones(n_classes)
        return Effects(one, one, one, 1.0)
    n_groups = int(clusters.max()) + 1
    y, called = judged.y, judged.predicted
    right = (y == called).astype(np.float64)
    wrong = np.flatnonzero(y != called)
    f1 = np.nan_to_num(cells.f1)
    _, _, accuracy, _ = metrics.accuracy_cells(counts)

    def effect(
        residuals: Floats, of: npt.NDArray[np.int64], rows: npt.NDArray[np.intp] | None = None
    ) -> Floats:
        bins = codes if rows is None else codes[rows]
        groups = clusters if rows is None else clusters[rows]
        keys = (bins.astype(np.int64) * n_classes + of) * n_groups + groups
        found, places = np.unique(keys, return_inverse=True)
        values = design_effect(residuals, places, found // n_groups % n_classes)
        return np.concatenate((values, np.ones(n_classes - len(values))))

    both = np.concatenate((np.arange(len(y)), wrong))
    of = np.concatenate((y, called[wrong]))
    along = -f1[codes[both], of]
    along[: len(y)] += right * (2 - f1[codes, y])
    return Effects(
        effect(right - np.nan_to_num(cells.recall)[codes, y], y),
        effect(right - np.nan_to_num(cells.precision)[codes, called], called),
        effect(along, of, both),
        float(effect(right - np.nan_to_num(accuracy)[codes], np.zeros_like(y))[0]),
    )
