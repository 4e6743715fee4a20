"""Cells: where features' bins and classification metrics meet.

One row per feature × bin × class × metric, and what the bins of a feature say of each class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import tables
from .bins import MISSING, Binning
from .metrics import classification as metrics
from .metrics.calibration import calibration_cells
from .stats import intervals, spread
from .stats.dependence import design_effect
from .trends import CellFigures

Floats = npt.NDArray[np.float64]

#: Cells with fewer samples of the class are shown grey and carry no statement.
LOW_SUPPORT = 10

CLASS_METRICS = ("recall", "precision", "f1", "f1_star")
ALL_METRICS = ("accuracy", "accuracy_star", "confidence_gap")

#: Share of chance-only rows whose std counts as beyond chance.
CHANCE_TAIL = 0.05

#: p below which the share of a class counts as varying over the bins.
MIX_ALPHA = 0.01


@dataclass(frozen=True, eq=False)
class Judged:
    """The samples whose predictions are judged.

    Attributes
    ----------
    y, predicted : ndarray of int64, shape (N,)
        True and predicted class.
    classes : sequence of str, length C
        Class names.
    pooled : ndarray of int64, shape (C, C)
        ``counts[true, predicted]`` of the whole set.
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
    pooled: metrics.Counts
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


def feature_cells(
    feature: str, binning: Binning, judged: Judged
) -> tuple[pd.DataFrame, CellFigures]:
    """One feature's rows in the table of bins, and what they say of each class.

    Parameters
    ----------
    feature : str
        Its name.
    binning : Binning
        Its bins.
    judged : Judged
        The samples.

    Returns
    -------
    bins : pandas.DataFrame
        Rows of :data:`sensitivity.tables.BINS`.
    figures : CellFigures
        For the table of trends.
    """
    n_bins, n_classes = binning.n_bins, len(judged.classes)
    has_missing = binning.n_missing > 0
    codes = np.where(binning.codes < 0, n_bins, binning.codes) if has_missing else binning.codes
    n_cells = n_bins + int(has_missing)
    counts = metrics.confusion_counts(judged.y, judged.predicted, n_classes, codes, n_cells)
    cells = metrics.cells(counts, pooled=judged.pooled, prior=judged.prior)
    effects = design_effects(cells, counts, codes, judged)
    figures = _figures(counts[:n_bins], cells, binning, judged, effects)
    frame = _bin_frame(feature, binning, counts, cells, codes, judged, effects)
    return frame, figures


def design_effects(
    cells: metrics.Cells,
    counts: metrics.Counts,
    codes: npt.NDArray[np.integer],
    judged: Judged,
) -> Effects:
    """Design effects of the clusters on each class's metrics, over all bins together.

    Parameters
    ----------
    cells : metrics.Cells
        Metrics in every bin.
    counts : ndarray of int64, shape (K, C, C)
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


def _figures(
    counts: metrics.Counts,
    cells: metrics.Cells,
    binning: Binning,
    judged: Judged,
    effects: Effects,
) -> CellFigures:
    """Std, spread and impact of each class over the bins (not the missing one), 'all' first."""
    real = slice(0, len(counts))
    n_class = cells.n[real]
    _, n_all, accuracy, accuracy_variance = metrics.accuracy_cells(counts)
    pooled, prior = judged.pooled, judged.prior
    level, level_variance = metrics.equal_mix_accuracy(counts, pooled=pooled, prior=prior)
    n = np.concatenate((n_all[:, None], n_class), axis=1)
    usable = n >= LOW_SUPPORT
    plain = np.concatenate((accuracy[:, None], cells.f1[real]), axis=1)
    f1_variance = metrics.f1_variance(cells.hits, cells.n, cells.called)[real]
    plain_variance = np.concatenate(
        (accuracy_variance[:, None] * effects.accuracy, f1_variance * effects.f1), axis=1
    )
    star = np.concatenate((level[:, None], cells.f1_star[real]), axis=1)
    star = np.where(usable, star, np.nan)
    wider = np.concatenate(([effects.accuracy], effects.f1))
    own = np.concatenate((level_variance[:, None], cells.f1_star_variance[real]), axis=1) * wider
    expected = wider * metrics.pooled_variances(n_class, pooled=pooled, prior=prior)
    low, high = spread.spread_bounds(star, expected)
    first, last = _margins(binning, judged)
    return CellFigures(
        n=n.sum(axis=0),
        std=spread.spread_std(plain),
        std_chance=spread.std_chance(plain, plain_variance),
        spread=spread.spread(star, own),
        spread_low=low,
        spread_high=high,
        impact=spread.impact(star, own, n),
        mix=_class_mix(plain, plain_variance, star, own, n, effects),
        margin_first=first,
        margin_last=last,
    )


def _class_mix(
    plain: Floats,
    plain_variance: Floats,
    star: Floats,
    own: Floats,
    n: npt.NDArray[np.int64],
    effects: Effects,
) -> npt.NDArray[np.bool_]:
    """Plain F1 varies beyond chance, at an equal mix it does not, and the shares do."""
    from scipy.special import chdtrc

    def beyond(values: Floats, variances: Floats) -> npt.NDArray[np.bool_]:
        df = (~np.isnan(values)).sum(axis=0) - 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            times = (spread.spread_std(values) / spread.std_chance(values, variances)) ** 2
            unlikely = chdtrc(np.maximum(df, 1), times * df) < CHANCE_TAIL
            return np.asarray(unlikely & (df >= 1), dtype=np.bool_)

    totals = n[:, :1].astype(np.float64)
    share = n.sum(axis=0) / np.maximum(totals.sum(), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = (n - totals * share) ** 2 / (totals * share * (1 - share)) / effects.accuracy
    chi2 = np.nansum(np.where(totals > 0, each, np.nan), axis=0)
    varies = chdtrc(max(int((totals > 0).sum()) - 1, 1), chi2) < MIX_ALPHA
    varies[0] = varies[1:].any()
    high = spread.grade(spread.spread_std(plain)) != "none"
    only = beyond(plain, plain_variance) & ~beyond(star, own)
    return np.asarray(high & only & varies, dtype=np.bool_)


def _margins(binning: Binning, judged: Judged) -> tuple[Floats, Floats]:
    """Mean log-odds of the true class in the first and in the last bin, 'all' first."""
    n_classes = len(judged.classes)
    none = np.full(1 + n_classes, np.nan)
    if judged.margin is None or binning.kind == "categorical" or not binning.n_bins:
        return none, none
    found = []
    for k in (0, binning.n_bins - 1):
        rows = np.flatnonzero(binning.codes == k)
        of = judged.y[rows]
        total = np.bincount(of, judged.margin[rows], minlength=n_classes)
        n = np.bincount(of, minlength=n_classes)
        with np.errstate(divide="ignore", invalid="ignore"):
            found.append(np.concatenate(([total.sum() / n.sum()], total / n)))
    return found[0], found[1]


def _bin_frame(
    feature: str,
    binning: Binning,
    counts: metrics.Counts,
    cells: metrics.Cells,
    codes: npt.NDArray[np.integer],
    judged: Judged,
    effects: Effects,
) -> pd.DataFrame:
    """Long table of all cells: bins outside, classes next ('all' first), metrics inside."""
    n_cells, n_classes = len(counts), len(judged.classes)
    head, n_all = _all_cells(counts, codes, judged, effects)
    names = ALL_METRICS if head.shape[1] == len(ALL_METRICS) else ALL_METRICS[:-1]
    body = class_cells(cells, judged.confidence, effects)
    width = len(CLASS_METRICS)
    per_bin = len(names) + n_classes * width
    which = np.repeat(np.arange(n_cells), per_bin)
    n = np.concatenate(
        (np.repeat(n_all[:, None], len(names), axis=1), np.repeat(cells.n, width, axis=1)), axis=1
    ).ravel()
    numbers = np.concatenate((head, body.reshape(n_cells, -1, 4)), axis=1).reshape(-1, 4)
    edge_low, edge_high = _edges(binning, n_cells)
    of = np.concatenate((np.zeros(len(names)), np.repeat(np.arange(1, n_classes + 1), width)))
    kinds = np.concatenate(
        (np.arange(len(names)), np.tile(np.arange(width), n_classes) + len(names))
    )
    frame = pd.DataFrame(
        {
            "feature": tables.coded(np.zeros(len(which)), [feature]),
            "bin": np.where(which == binning.n_bins, MISSING, which),
            "label": tables.coded(which, _labels(binning, n_cells)),
            "class": tables.coded(np.tile(of, n_cells), ["all", *judged.classes]),
            "metric": tables.coded(np.tile(kinds, n_cells), [*names, *CLASS_METRICS]),
            "edge_low": edge_low[which],
            "edge_high": edge_high[which],
            "share": (n_all / max(n_all.sum(), 1))[which],
            "n": n,
            **dict(zip(("value", "low", "high", "shrunk"), numbers.T, strict=True)),
            "low_support": n < LOW_SUPPORT,
        }
    )
    return tables.check(frame, tables.BINS)


def _all_cells(
    counts: metrics.Counts,
    codes: npt.NDArray[np.integer],
    judged: Judged,
    effects: Effects,
) -> tuple[Floats, metrics.Counts]:
    """Value, low, high and shrunk of the metrics of all classes together, shape (K, M, 4)."""
    right, n, accuracy, _ = metrics.accuracy_cells(counts)
    low, high = intervals.wilson(
        right / effects.accuracy, n / effects.accuracy, confidence=judged.confidence
    )
    none = np.full(len(n), np.nan)
    rows = [(accuracy, low, high, none)]
    level, variance = metrics.equal_mix_accuracy(counts, pooled=judged.pooled, prior=judged.prior)
    variance = variance * effects.accuracy
    solid = np.where(n >= LOW_SUPPORT, level, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.where(n > 0, np.clip(level * (1 - level) / variance, 1, None), 0)
    low, high = intervals.wilson(level * worth, worth, confidence=judged.confidence)
    pulled = spread.shrunk(solid, variance)
    rows.append((level, np.fmin(low, level), np.fmax(high, level), pulled))
    if judged.sureness is not None:
        correct = judged.y == judged.predicted
        _, gap, low, high = calibration_cells(
            judged.sureness, correct, codes, len(n), confidence_level=judged.confidence
        )
        rows.append((gap, low, high, none))
    return np.stack([np.stack(row, axis=1) for row in rows], axis=1), n


def class_cells(cells: metrics.Cells, confidence: float, effects: Effects | None = None) -> Floats:
    """Value, low, high and shrunk of every class metric.

    Parameters
    ----------
    cells : metrics.Cells
        K bins of C classes.
    confidence : float
        Coverage.
    effects : Effects, optional
        Design effects of clusters.

    Returns
    -------
    ndarray of float64, shape (K, C, 4, 4)
        By metric (recall, precision, F1, F1*), then value, low, high, shrunk (of F1* alone).
    """
    recall, precision, f1 = (
        (1.0, 1.0, 1.0) if effects is None else (effects.recall, effects.precision, effects.f1)
    )
    variance = cells.f1_star_variance * f1
    bounds = (
        intervals.wilson(cells.hits / recall, cells.n / recall, confidence=confidence),
        intervals.wilson(cells.hits / precision, cells.called / precision, confidence=confidence),
        intervals.f1_interval(
            cells.hits / f1, cells.n / f1, cells.called / f1, confidence=confidence
        ),
        intervals.f1_star_interval(cells.f1_star, variance, cells.n, confidence=confidence),
    )
    values = (cells.recall, cells.precision, cells.f1, cells.f1_star)
    none = np.full(cells.f1.shape, np.nan)
    solid = np.where(cells.n >= LOW_SUPPORT, cells.f1_star, np.nan)
    pulled = (none, none, none, spread.shrunk(solid, variance))
    rows = [
        np.stack((value, low, high, own), axis=2)
        for value, (low, high), own in zip(values, bounds, pulled, strict=True)
    ]
    return np.stack(rows, axis=2)


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
