"""Cells: where features' bins and classification metrics meet.

One row per feature × bin × class × metric, one per feature × class, and the whole set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import tables
from .bins import Binning
from .inputs.samples import Samples
from .metrics import classification as metrics
from .metrics.roc import RocCurve, roc_curve
from .outcomes import softmax_sums
from .stats import intervals, spread

Floats = npt.NDArray[np.float64]

#: Cells with fewer samples of the class are shown grey and carry no statement.
LOW_SUPPORT = 10

#: One curve per class takes a sort of all samples; beyond this many classes none is drawn.
MAX_ROC_CLASSES = 100

METRICS = ("recall", "precision", "f1", "f1_star")


def classification_tables(
    samples: Samples,
    binnings: Mapping[str, Binning],
    shares: Floats,
    *,
    confidence: float = 0.95,
    rng: int | np.random.Generator = 0,
) -> dict[str, pd.DataFrame]:
    """All tables that are not per image.

    Parameters
    ----------
    samples : Samples
        N samples of C classes.
    binnings : mapping
        From feature to its bins.
    shares : ndarray of float64, shape (C,)
        Class shares for F1 at an equal class mix.
    confidence : float, default 0.95
        Coverage of the intervals.
    rng : int or numpy.random.Generator, default 0
        For the intervals of macro scores.

    Returns
    -------
    dict
        ``bins``, ``trends``, ``overall``, ``confusion`` and ``roc``.
    """
    y, predicted, classes = samples.y, samples.predicted, samples.classes
    pooled = metrics.confusion_counts(y, predicted, len(classes))[0]
    frames = [
        feature_rows(
            name,
            binning,
            y,
            predicted,
            classes,
            pooled=pooled,
            prior=shares,
            confidence=confidence,
        )
        for name, binning in binnings.items()
    ]
    curves = class_curves(samples.scores, samples.score_kind, y)
    random = np.random.default_rng(rng)
    return {
        "bins": _stacked([bins for bins, _ in frames], tables.BINS),
        "trends": _stacked([trends for _, trends in frames], tables.TRENDS),
        "overall": overall_rows(pooled, classes, curves=curves, confidence=confidence, rng=random),
        "confusion": confusion_rows(pooled, classes),
        "roc": roc_rows(curves, classes),
    }


def _stacked(frames: list[pd.DataFrame], schema: tables.Schema) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame(columns=list(schema.names))
    texts = {column.name: "str" for column in schema.columns if column.kind == "text"}
    stacked = pd.concat([frame.astype(texts) for frame in frames], ignore_index=True)
    return tables.check(stacked, schema)


def feature_rows(
    feature: str,
    binning: Binning,
    y: npt.NDArray[np.int64],
    predicted: npt.NDArray[np.int64],
    classes: Sequence[str],
    *,
    pooled: metrics.Counts,
    prior: Floats,
    confidence: float = 0.95,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of one feature in the tables of bins and of trends.

    Parameters
    ----------
    feature : str
        Its name.
    binning : Binning
        Its bins.
    y, predicted : ndarray of int64, shape (N,)
        True and predicted class.
    classes : sequence of str, length C
        Class names.
    pooled : ndarray of int64, shape (C, C)
        ``counts[true, predicted]`` of the whole set.
    prior : ndarray of float64, shape (C,)
        Class shares for F1 at an equal class mix.
    confidence : float, default 0.95
        Coverage of the intervals.

    Returns
    -------
    bins, trends : pandas.DataFrame
        Rows of :data:`sensitivity.tables.BINS` and :data:`sensitivity.tables.TRENDS`.
    """
    n_bins = binning.n_bins
    has_missing = binning.n_missing > 0
    codes = np.where(binning.codes < 0, n_bins, binning.codes) if has_missing else binning.codes
    counts = metrics.confusion_counts(y, predicted, len(classes), codes, n_bins + int(has_missing))
    cells = metrics.cells(counts, pooled=pooled, prior=prior)
    frame = _bin_frame(feature, binning, counts, cells, list(classes), confidence)

    real = slice(0, n_bins)
    variances = metrics.f1_variance(cells.hits, cells.n, cells.called)[real]
    _, n, accuracy, accuracy_variance = metrics.accuracy_cells(counts[real])
    solid = np.where(n >= LOW_SUPPORT, accuracy, np.nan)
    star = np.where(cells.n[real] >= LOW_SUPPORT, cells.f1_star[real], np.nan)
    trends = pd.DataFrame(
        {
            "feature": feature,
            "class": ["all", *classes],
            "n": np.concatenate(([n.sum()], cells.n[real].sum(axis=0))),
            "std": np.concatenate(
                ([spread.spread_std(accuracy)], spread.spread_std(cells.f1[real]))
            ),
            "std_chance": np.concatenate(
                (
                    [spread.std_chance(accuracy, accuracy_variance)],
                    spread.std_chance(cells.f1[real], variances),
                )
            ),
            "std_star": np.concatenate(([spread.spread_std(solid)], spread.spread_std(star))),
            "std_star_chance": np.concatenate(
                (
                    [spread.std_chance(solid, accuracy_variance)],
                    spread.std_chance(star, cells.f1_star_variance[real]),
                )
            ),
        }
    )
    return frame, tables.check(trends, tables.TRENDS)


def _bin_frame(
    feature: str,
    binning: Binning,
    counts: metrics.Counts,
    cells: metrics.Cells,
    classes: list[str],
    confidence: float,
) -> pd.DataFrame:
    """Long table of all cells: bins outside, classes next ('all' first), metrics inside."""
    n_cells, n_classes = len(counts), len(classes)
    right, n_all, accuracy, _ = metrics.accuracy_cells(counts)
    low, high = intervals.wilson(right, n_all, confidence=confidence)
    head = [accuracy, low, high]
    body = _class_cells(cells, confidence)
    per_bin = 1 + n_classes * len(METRICS)

    def spread_out(first: npt.NDArray[np.generic], rest: npt.NDArray[np.generic]) -> Floats:
        return np.concatenate((first[:, None], rest.reshape(n_cells, -1)), axis=1).ravel()

    n = spread_out(n_all, np.repeat(cells.n, len(METRICS), axis=1)).astype(np.int64)
    which = np.repeat(np.arange(n_cells), per_bin)
    missing = which == binning.n_bins
    edge_low, edge_high = _edges(binning, n_cells)
    names = np.concatenate(([0], np.repeat(np.arange(1, n_classes + 1), len(METRICS))))
    kinds = np.concatenate(([0], np.tile(np.arange(1, len(METRICS) + 1), n_classes)))
    frame = pd.DataFrame(
        {
            "feature": tables.coded(np.zeros(len(which)), [feature]),
            "bin": np.where(missing, -1, which),
            "label": tables.coded(which, _labels(binning, n_cells)),
            "class": tables.coded(np.tile(names, n_cells), ["all", *classes]),
            "metric": tables.coded(np.tile(kinds, n_cells), ["accuracy", *METRICS]),
            "edge_low": edge_low[which],
            "edge_high": edge_high[which],
            "share": (n_all / max(n_all.sum(), 1))[which],
            "n": n,
            **{
                name: spread_out(first, rest)
                for name, first, rest in zip(("value", "low", "high"), head, body, strict=True)
            },
            "low_support": n < LOW_SUPPORT,
        }
    )
    return tables.check(frame, tables.BINS)


def _class_cells(cells: metrics.Cells, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Value, low and high of every class metric, each of shape (K, C, 4)."""
    bounds = (
        intervals.wilson(cells.hits, cells.n, confidence=confidence),
        intervals.wilson(cells.hits, cells.called, confidence=confidence),
        intervals.f1_interval(cells.hits, cells.n, cells.called, confidence=confidence),
        intervals.f1_star_interval(
            cells.f1_star, cells.f1_star_variance, cells.n, confidence=confidence
        ),
    )
    values = (cells.recall, cells.precision, cells.f1, cells.f1_star)
    lows, highs = zip(*bounds, strict=True)
    return np.stack(values, axis=2), np.stack(lows, axis=2), np.stack(highs, axis=2)


def _edges(binning: Binning, n_cells: int) -> tuple[Floats, Floats]:
    low, high = np.full(n_cells, np.nan), np.full(n_cells, np.nan)
    inner = np.asarray(binning.edges)
    if len(inner):
        low[1 : len(inner) + 1] = inner
        high[: len(inner)] = inner
    return low, high


def _labels(binning: Binning, n_cells: int) -> list[str]:
    labels = list(binning.labels)
    if n_cells > len(labels):
        name = "missing"
        while name in labels:
            name += " value"
        labels.append(name)
    return labels


def overall_rows(
    pooled: metrics.Counts,
    classes: Sequence[str],
    *,
    curves: Sequence[RocCurve | None] = (),
    confidence: float = 0.95,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Metrics of the whole set, with intervals.

    Parameters
    ----------
    pooled : ndarray of int64, shape (C, C)
        ``counts[true, predicted]``.
    classes : sequence of str, length C
        Class names.
    curves : sequence of RocCurve or None, length C, optional
        One curve per class; empty without scores.
    confidence : float, default 0.95
        Coverage: Wilson (accuracy, recall, precision), Wilson on the Jaccard index (F1),
        count-table bootstrap (balanced accuracy, macro F1), DeLong on the logit scale (AUC).
    rng : numpy.random.Generator
        For the bootstrap.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.OVERALL`.
    """
    cells = metrics.cells(pooled[None], pooled=pooled, prior=np.full(len(classes), np.nan))
    n, right = int(pooled.sum()), int(np.trace(pooled))
    accuracy_low, accuracy_high = intervals.wilson(right, n, confidence=confidence)
    balanced, macro = metrics.macro_scores(pooled)
    of_balanced, of_macro = metrics.macro_bootstrap(pooled, rng=rng, confidence=confidence)
    rows: list[tuple[str, str, int, float, float, float]] = [
        ("all", "accuracy", n, right / n, float(accuracy_low), float(accuracy_high)),
        ("all", "balanced_accuracy", n, balanced, *of_balanced),
        ("all", "macro_f1", n, macro, *of_macro),
    ]
    values, lows, highs = _class_cells(cells, confidence)
    for c, name in enumerate(classes):
        support = int(cells.n[0, c])
        for m, metric in enumerate(METRICS[:3]):
            bounds = float(lows[0, c, m]), float(highs[0, c, m])
            rows.append((name, metric, support, float(values[0, c, m]), *bounds))
        curve = curves[c] if curves else None
        if curve is not None:
            bounds = intervals.auc_interval(curve.auc, curve.variance, confidence=confidence)
            rows.append((name, "auc", support, curve.auc, *bounds))
    frame = pd.DataFrame(rows, columns=list(tables.OVERALL.names))
    return tables.check(frame, tables.OVERALL)


def confusion_rows(pooled: metrics.Counts, classes: Sequence[str]) -> pd.DataFrame:
    """The confusion table in long form, pairs that occur only.

    Parameters
    ----------
    pooled : ndarray of int64, shape (C, C)
        ``counts[true, predicted]``.
    classes : sequence of str, length C
        Class names.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.CONFUSION`.
    """
    true, predicted = np.nonzero(pooled)
    names = list(classes)
    frame = pd.DataFrame(
        {
            "class": tables.coded(true, names),
            "predicted": tables.coded(predicted, names),
            "n": pooled[true, predicted],
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
