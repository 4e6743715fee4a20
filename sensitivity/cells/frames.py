"""All cells of a feature as one long table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import tables
from ..bins import MISSING, Binning
from ..metrics import classification as metrics
from ..metrics.calibration import calibration_cells
from ..stats import intervals, spread
from .judged import LOW_SUPPORT, Effects, Floats, Judged

CLASS_METRICS = ("recall", "precision", "f1", "f1_star")
ALL_METRICS = ("accuracy", "accuracy_star", "confidence_gap")


def bin_frame(
    feature: str,
    binning: Binning,
    counts: metrics.Confusion,
    cells: metrics.Cells,
    codes: npt.NDArray[np.integer],
    judged: Judged,
    effects: Effects,
) -> pd.DataFrame:
    """Long table of all cells: bins outside, classes next ('all' first), metrics inside."""
    n_cells, n_classes = counts.n_bins, len(judged.classes)
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
    edge_low, edge_high = bin_edges(binning, n_cells)
    of = np.concatenate((np.zeros(len(names)), np.repeat(np.arange(1, n_classes + 1), width)))
    kinds = np.concatenate(
        (np.arange(len(names)), np.tile(np.arange(width), n_classes) + len(names))
    )
    frame = pd.DataFrame(
        {
            "feature": tables.coded(np.zeros(len(which)), [feature]),
            "bin": np.where(which == binning.n_bins, MISSING, which),
            "label": tables.coded(which, bin_labels(binning, n_cells)),
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
    counts: metrics.Confusion,
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


def bin_edges(binning: Binning, n_cells: int) -> tuple[Floats, Floats]:
    """Lower and upper edge of each bin.

    Parameters
    ----------
    binning : Binning
        A feature's bins.
    n_cells : int
        Their number, the missing one counted if there is one.

    Returns
    -------
    low, high : ndarray of float64, shape (n_cells,)
        NaN where the bin is open, a category, or the missing one.

    Examples
    --------
    >>> from sensitivity.bins import bin_values
    >>> bin_edges(bin_values(pd.Series(range(100)), n_bins=2), 2)
    (array([nan, 49.]), array([49., nan]))
    """
    low, high = np.full(n_cells, np.nan), np.full(n_cells, np.nan)
    inner = np.asarray(binning.edges)
    if len(inner):
        low[1 : len(inner) + 1] = inner
        high[: len(inner)] = inner
    return low, high


def bin_labels(binning: Binning, n_cells: int) -> list[str]:
    """Label of each bin, ``"missing"`` for the missing one if no category is called so.

    Parameters
    ----------
    binning : Binning
        A feature's bins.
    n_cells : int
        Their number, the missing one counted if there is one.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from sensitivity.bins import bin_values
    >>> bin_labels(bin_values(pd.Series(["a", "b", None])), 3)
    ['a', 'b', 'missing']
    """
    labels = list(binning.labels)
    if n_cells > len(labels):
        name = "missing"
        while name in labels:
            name += " value"
        labels.append(name)
    return labels
