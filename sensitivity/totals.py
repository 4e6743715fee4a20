"""The whole set: metrics with intervals, the confusion table, ROC curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import tables
from .cells import CLASS_METRICS, Judged, class_cells, design_effects
from .metrics import classification as metrics
from .metrics.calibration import calibration_cells
from .metrics.macro import macro_bootstrap, macro_scores
from .metrics.roc import RocCurve, roc_curve
from .outcomes import softmax_sums
from .stats import intervals

#: One curve per class takes a sort of all samples; beyond this many classes none is drawn.
MAX_ROC_CLASSES = 100


def overall_rows(
    judged: Judged,
    *,
    curves: Sequence[RocCurve | None] = (),
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Metrics of the whole set, with intervals.

    Parameters
    ----------
    judged : Judged
        The samples.
    curves : sequence of RocCurve or None, length C, optional
        One curve per class; empty without scores.
    rng : numpy.random.Generator
        For the bootstrap.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.OVERALL`. Intervals: Wilson (accuracy, recall,
        precision), Wilson on the Jaccard index (F1), count-table bootstrap (balanced accuracy,
        macro F1), DeLong on the logit scale (AUC), normal (confidence gap). Clusters widen the
        intervals of Wilson only.
    """
    pooled, confidence = judged.pooled, judged.confidence
    cells = metrics.cells(pooled, pooled=pooled, prior=np.full(pooled.n_classes, np.nan))
    codes = np.zeros(len(judged.y), dtype=np.int64)
    effects = design_effects(cells, pooled, codes, judged)
    n, right = int(cells.n.sum()), int(cells.hits.sum())
    accuracy_low, accuracy_high = intervals.wilson(
        right / effects.accuracy, n / effects.accuracy, confidence=confidence
    )
    balanced, macro = macro_scores(pooled)
    of_balanced, of_macro = macro_bootstrap(pooled, rng=rng, confidence=confidence)
    rows: list[tuple[str, str, int, float, float, float]] = [
        ("all", "accuracy", n, right / n, float(accuracy_low), float(accuracy_high)),
        ("all", "balanced_accuracy", n, balanced, *of_balanced),
        ("all", "macro_f1", n, macro, *of_macro),
    ]
    if judged.sureness is not None:
        right_ones = judged.y == judged.predicted
        found = calibration_cells(
            judged.sureness, right_ones, codes, 1, confidence_level=confidence
        )
        gap, lowest, highest = (float(number[0]) for number in found[1:])
        rows.append(("all", "confidence_gap", n, gap, lowest, highest))
    for part in class_rows(judged, curves):
        rows += part
    frame = pd.DataFrame(rows, columns=list(tables.OVERALL.names))
    return tables.check(frame, tables.OVERALL)


def class_rows(
    judged: Judged, curves: Sequence[RocCurve | None] = ()
) -> list[list[tuple[str, str, int, float, float, float]]]:
    """Each class's rows of the table of the whole set.

    Parameters
    ----------
    judged : Judged
        The samples.
    curves : sequence of RocCurve or None, length C, optional
        One curve per class; empty without scores.

    Returns
    -------
    list of list of tuple
        Per class: class, metric, n, value, low, high.
    """
    pooled, confidence = judged.pooled, judged.confidence
    cells = metrics.cells(pooled, pooled=pooled, prior=np.full(pooled.n_classes, np.nan))
    codes = np.zeros(len(judged.y), dtype=np.int64)
    effects = design_effects(cells, pooled, codes, judged)
    numbers = class_cells(cells, confidence, effects)[0]
    found = []
    for c, name in enumerate(judged.classes):
        support = int(cells.n[0, c])
        rows: list[tuple[str, str, int, float, float, float]] = []
        for m, metric in enumerate(CLASS_METRICS[:3]):
            value, low, high = (float(number) for number in numbers[c, m, :3])
            rows.append((name, metric, support, value, low, high))
        curve = curves[c] if curves else None
        if curve is not None:
            bounds = intervals.auc_interval(curve.auc, curve.variance, confidence=confidence)
            rows.append((name, "auc", support, curve.auc, *bounds))
        found.append(rows)
    return found


def confusion_rows(pooled: metrics.Confusion, classes: Sequence[str]) -> pd.DataFrame:
    """The confusion table in long form, pairs that occur only.

    Parameters
    ----------
    pooled : Confusion
        The whole set as one bin.
    classes : sequence of str, length C
        Class names.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.CONFUSION`.
    """
    names = list(classes)
    frame = pd.DataFrame(
        {
            "class": tables.coded(pooled.true, names),
            "predicted": tables.coded(pooled.called, names),
            "n": pooled.samples,
        }
    )
    return tables.check(frame, tables.CONFUSION)


def class_curves(
    scores: npt.NDArray[np.floating] | None, score_kind: str, y: npt.NDArray[np.int64]
) -> list[RocCurve | None]:
    """ROC curve of each class against the rest.

    Parameters
    ----------
    scores : ndarray of float, shape (N, C), or None
        Logits or probabilities.
    score_kind : {"logits", "probabilities", "labels"}
        What they are. Classes are ranked by probability; with two classes by the
        difference of the logits, which ranks alike and does not saturate.
    y : ndarray of int64, shape (N,)
        True class.

    Returns
    -------
    list of RocCurve or None
        Empty without scores or with more than 100 classes; None for a class that all
        samples or no samples have.
    """
    if scores is None or scores.shape[1] > MAX_ROC_CLASSES:
        return []
    if scores.shape[1] == 2 and score_kind == "logits":
        margin = scores[:, 1].astype(np.float64) - scores[:, 0]
        return [roc_curve(sign * margin, y == c) for c, sign in ((0, -1), (1, 1))]
    columns = (scores[:, c].astype(np.float64) for c in range(scores.shape[1]))
    if score_kind == "logits":
        top, total = softmax_sums(scores)
        columns = (np.exp(column - top) / total for column in columns)
    # One column at a time: all probabilities would take twice the memory of the scores.
    return [roc_curve(column, y == c) for c, column in enumerate(columns)]


def roc_rows(curves: Sequence[RocCurve | None], classes: Sequence[str]) -> pd.DataFrame:
    """All ROC curves in one long table.

    Parameters
    ----------
    curves : sequence of RocCurve or None
        One per class, or empty.
    classes : sequence of str
        Class names.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.ROC`; empty without curves.
    """
    frames = [
        pd.DataFrame(
            {
                "class": name,
                "threshold": np.where(np.isinf(curve.thresholds), np.nan, curve.thresholds),
                "fpr": curve.fpr,
                "tpr": curve.tpr,
            }
        )
        for name, curve in zip(classes, curves, strict=False)
        if curve is not None
    ]
    if not frames:
        return pd.DataFrame(columns=list(tables.ROC.names))
    return tables.check(pd.concat(frames, ignore_index=True), tables.ROC)
