"""Several labels per image: every label is a binary problem of its own, judged in one family.

Classes here are 0, not having the label, and 1, having it. The row "all" is about all pairs of
image and label together; the pairs of one image are never taken for independent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import tables
from ..bins import MISSING, Binning
from ..cells import CellFigures, Judged, all_rows, feature_cells, figures_of_all
from ..inputs.multilabel import LabelSamples
from ..metrics import classification as metrics
from ..metrics.multilabel import label_scores
from ..metrics.roc import roc_curve
from ..stats import intervals
from ..stats.dependence import design_effect
from ..stats.scores import ratio, two_sided
from ..totals import class_rows, roc_rows
from ..trends import (
    Evidence,
    Rows,
    beside_others,
    fitted_residuals,
    gather,
    prepare,
    settle,
    trend_table,
)
from ..trends.numeric import SPAN
from .parts import Floats, no_slices, numbered, numeric_names, stacked_bins

#: Labels that the check for dependence looks at: the most frequent ones.
MAX_CHECKED = 20

#: Log-odds of a probability beyond this say no more.
MARGIN = 50.0

Codes = npt.NDArray[np.int64]


@dataclass(eq=False)
class Pooled:
    """Sums over all labels for the row "all" of one feature.

    Attributes
    ----------
    linear, bent : ndarray of float64, shape (N,)
        What each image adds to the score of recall, and to its bend.
    squares : float
        ``Σ x²`` of the ranks.
    reach : float
        The same, times how far of the ranks a change is told.
    """

    linear: Floats
    bent: Floats
    squares: float = 0.0
    reach: float = 0.0


def label_tables(
    samples: LabelSamples,
    table: pd.DataFrame,
    binnings: Mapping[str, Binning],
    shares: Floats,
    *,
    groups: Codes | None = None,
    confidence: float = 0.95,
    rng: int | np.random.Generator = 0,
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """All tables that are not per image, one class row per label.

    Parameters
    ----------
    samples : LabelSamples
        N images, L labels.
    table : pandas.DataFrame
        The feature table, N rows.
    binnings : mapping
        From feature to its bins.
    shares : ndarray of float64, shape (L,)
        Share of the images that have each label, for F1 at an equal mix.
    groups : ndarray of int64, shape (N,), optional
        What belongs together.
    confidence : float, default 0.95
        Coverage of the intervals.
    rng : int or numpy.random.Generator, default 0
        For the check of dependence, and p of few events.

    Returns
    -------
    tables : dict
        ``bins``, ``trends``, ``slices`` (empty), ``overall``, ``confusion`` and ``roc``.
    dependence : dict
        See :func:`sensitivity.trends.settle`.
    """
    seeds = np.random.default_rng(rng).integers(2**63, size=2)
    clusters, dependence = _settled(samples, table, binnings, groups, int(seeds[0]))
    seed, n_labels = int(seeds[1]), len(samples.classes)
    pooled = {name: Pooled(np.zeros(len(samples)), np.zeros(len(samples))) for name in binnings}
    rows: dict[str, list[Rows]] = {name: [] for name in binnings}
    figures: dict[str, list[CellFigures]] = {name: [] for name in binnings}
    frames: dict[str, list[pd.DataFrame]] = {name: [] for name in binnings}
    for label in range(n_labels):
        evidence = _evidence(samples, table, binnings, label, clusters, seed)
        judged = _judged(samples, label, shares, clusters, confidence)
        for name, binning in binnings.items():
            frame, found = feature_cells(name, binning, judged)
            frames[name].append(frame[frame["class"] == samples.classes[label]])
            figures[name].append(found)
            rows[name].append(evidence.rows[name])
            _add(pooled[name], evidence, name, judged)
    by = numbered(np.arange(len(samples)) if clusters is None else clusters)
    right = (samples.truth == samples.called).mean(axis=1)
    joined = {
        name: _joined_rows(rows[name], pooled[name], samples, by, binning)
        for name, binning in binnings.items()
    }
    of_all = {name: figures_of_all(binning, right, by) for name, binning in binnings.items()}
    trends = trend_table(
        joined,
        {name: _joined_figures(of_all[name], figures[name]) for name in binnings},
        samples.classes,
        numeric=numeric_names(binnings),
        capped=dependence["kind"] == "blocks",
        beside=partial(_beside, samples, table, binnings, rows, clusters),
        confidence=confidence,
    )
    stacked = stacked_bins(
        [
            _in_order(name, binning, frames[name], right, by, confidence)
            for name, binning in binnings.items()
        ]
    )
    overall, roc = _overall(samples, shares, clusters, confidence)
    return {
        "bins": stacked,
        "trends": trends,
        "slices": no_slices(),
        "overall": overall,
        "confusion": _confusion(samples),
        "roc": roc,
    }, dependence


def _settled(
    samples: LabelSamples,
    table: pd.DataFrame,
    binnings: Mapping[str, Binning],
    groups: Codes | None,
    seed: int,
) -> tuple[Codes | None, dict[str, Any]]:
    """Clusters of images; without groups, by the errors of an image's labels together."""

    def residuals() -> Floats:
        total = np.zeros(len(samples))
        for label in np.argsort(-samples.support, kind="stable")[:MAX_CHECKED]:
            y, called = _of(samples, int(label))
            total += fitted_residuals(prepare(table, binnings, y, called, 2))
        return total

    rng = np.random.default_rng(seed)
    same = np.zeros(len(samples), dtype=np.int64)
    return settle(groups, residuals, same, samples.names, rng)


def _of(samples: LabelSamples, label: int) -> tuple[Codes, Codes]:
    truth, called = samples.truth[:, label], samples.called[:, label]
    return truth.astype(np.int64), called.astype(np.int64)


def _evidence(
    samples: LabelSamples,
    table: pd.DataFrame,
    binnings: Mapping[str, Binning],
    label: int,
    clusters: Codes | None,
    seed: int,
) -> Evidence:
    prepared = prepare(table, binnings, *_of(samples, label), 2)
    margin = _margin(samples, label)
    return gather(prepared, clusters, margin=margin, seed=seed + label)


def _margin(samples: LabelSamples, label: int) -> Floats | None:
    """Log-odds of the truth about the label."""
    from scipy.special import logit

    if samples.scores is None:
        return None
    odds = np.clip(logit(samples.scores[:, label].astype(np.float64)), -MARGIN, MARGIN)
    return np.where(samples.truth[:, label], odds, -odds)


def _judged(
    samples: LabelSamples,
    label: int,
    shares: Floats,
    clusters: Codes | None,
    confidence: float,
) -> Judged:
    y, called = _of(samples, label)
    return Judged(
        y,
        called,
        (f"not {samples.classes[label]}", samples.classes[label]),
        pooled=metrics.confusion_counts(y, called, 2),
        prior=np.array([1 - shares[label], shares[label]]),
        margin=_margin(samples, label),
        clusters=None if clusters is None else numbered(clusters),
        confidence=confidence,
    )


def _add(pooled: Pooled, evidence: Evidence, name: str, judged: Judged) -> None:
    """Add one label to the sums of the row "all" of a numeric feature."""
    samples = evidence.prepared.samples
    place = list(evidence.rows).index(name)
    column = samples.columns[place]
    if column.ranks is None:
        return
    from ..stats.ranks import bend, class_extents, class_sums, companion

    given = samples.parts[samples.part_of[place]][1]
    order = samples.order if column.present is None else samples.order[column.present]
    residual = -np.nan_to_num(given.recall)[given.by.codes]
    residual[given.hit] += 1
    bent = companion(column.ranks, given.by, *bend(column.ranks, given.by))
    pooled.linear[order] += residual * column.ranks
    pooled.bent[order] += residual * bent
    squares = class_sums(column.ranks**2, given.by)
    pooled.squares += float(squares.sum())
    pooled.reach += float(squares @ np.minimum(SPAN, class_extents(column.ranks, given.by)))


def _joined_rows(
    rows: list[Rows], pooled: Pooled, samples: LabelSamples, by: Codes, binning: Binning
) -> Rows:
    """Row 0 from the sums over all labels, then row 2 (having it) of every label."""
    found = Rows.empty(len(rows))
    for field in vars(found):
        getattr(found, field)[1:] = [getattr(each, field)[2] for each in rows]
    if binning.kind == "categorical" or not pooled.squares:
        return found
    count = int(by.max()) + 1
    factor = count / max(count - 1, 1)
    variance, of_bend = (
        factor * float((np.bincount(by, each) ** 2).sum()) for each in (pooled.linear, pooled.bent)
    )
    total = float(pooled.linear.sum())
    z, z_bend = ratio(total, variance), ratio(pooled.bent.sum(), of_bend)
    found.z_recall[0], found.z_shape[0] = z, z_bend
    found.p_recall[0], found.p_shape[0] = two_sided(z, count - 1.0), two_sided(z_bend, count - 1.0)
    found.total[0], found.variance[0] = total, variance
    span = pooled.reach / pooled.squares
    found.change[0] = span * total / pooled.squares
    found.error[0] = span * np.sqrt(variance) / pooled.squares
    return found


def _joined_figures(of_all: CellFigures, figures: list[CellFigures]) -> CellFigures:
    return CellFigures(
        **{
            name: np.array([value[0], *(getattr(each, name)[2] for each in figures)])
            for name, value in vars(of_all).items()
        }
    )


def _in_order(
    name: str,
    binning: Binning,
    frames: list[pd.DataFrame],
    right: Floats,
    by: Codes,
    confidence: float,
) -> pd.DataFrame:
    """Bins outside, classes inside, as with one class per image."""
    texts = {column.name: "str" for column in tables.BINS.columns if column.kind == "text"}
    parts = [all_rows(name, binning, right, by, confidence), *frames]
    stacked = pd.concat([part.astype(texts) for part in parts], ignore_index=True)
    place = stacked["bin"].where(stacked["bin"] != MISSING, binning.n_bins)
    return stacked.loc[place.sort_values(kind="stable").index].reset_index(drop=True)


def _beside(
    samples: LabelSamples,
    table: pd.DataFrame,
    binnings: Mapping[str, Binning],
    rows: Mapping[str, list[Rows]],
    clusters: Codes | None,
    flagged: npt.NDArray[np.bool_],
    driver: npt.NDArray[np.int64],
) -> dict[str, npt.NDArray[Any]]:
    """Each label's flagged rows beside the other features; the row "all" has no partial z."""
    shape = flagged.shape
    found: dict[str, npt.NDArray[Any]] = {
        "partial_z": np.full(shape, np.nan),
        "vif": np.full(shape, np.nan),
        "travels_with": np.full(shape, "", dtype=object),
        "explained_by": np.full(shape, "", dtype=object),
    }
    wanted = np.flatnonzero(flagged[:, 1:].any(axis=0))
    for label in map(int, wanted if len(wanted) else [0]):
        prepared = prepare(table, binnings, *_of(samples, label), 2)
        own = {name: each[label] for name, each in rows.items()}
        mine = np.zeros((shape[0], 3), dtype=np.bool_)
        mine[:, 2] = flagged[:, 1 + label]
        drivers = np.repeat(driver[:, 1 + label][:, None], 3, axis=1)
        part = beside_others(Evidence(prepared, own, clusters), mine, drivers)
        for key in ("partial_z", "explained_by"):
            found[key][:, 1 + label] = part[key][:, 2]
        for key in ("vif", "travels_with"):
            found[key][:] = part[key][:, [2]]
    return found


def _overall(
    samples: LabelSamples, shares: Floats, clusters: Codes | None, confidence: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    whole = label_scores(samples.truth, samples.called)
    n, half = whole.n, intervals.normal_quantile(confidence)
    effect, exact = 1.0, (samples.truth == samples.called).all(axis=1)
    if clusters is not None:
        by = numbered(clusters)
        share = (samples.truth == samples.called).mean(axis=1) - whole.accuracy
        effect = float(design_effect(share, by, np.zeros(int(by.max()) + 1, dtype=np.int64))[0])
    rows: list[tuple[str, str, int, float, float, float]] = []
    for name, value, variance in (
        ("accuracy", whole.accuracy, whole.accuracy_variance),
        ("macro_f1", whole.macro_f1, whole.macro_f1_variance),
    ):
        error = half * float(np.sqrt(variance * effect))
        rows.append(("all", name, n, value, max(0.0, value - error), min(1.0, value + error)))
    low, high = intervals.wilson(exact.sum() / effect, n / effect, confidence=confidence)
    rows.append(("all", "exact_match", n, whole.exact_match, float(low), float(high)))
    curves = []
    for label in range(len(samples.classes)):
        judged = _judged(samples, label, shares, clusters, confidence)
        curve = None
        if samples.scores is not None:
            scores = samples.scores[:, label].astype(np.float64)
            curve = roc_curve(scores, samples.truth[:, label])
        curves.append(curve)
        rows += class_rows(judged, [None, curve])[1]
    frame = pd.DataFrame(rows, columns=list(tables.OVERALL.names))
    return tables.check(frame, tables.OVERALL), roc_rows(curves, samples.classes)


def _confusion(samples: LabelSamples) -> pd.DataFrame:
    """Per label: had and given, had only, given only; the empty text is "not the label"."""
    rows = []
    for label, name in enumerate(samples.classes):
        truth, called = samples.truth[:, label], samples.called[:, label]
        for true, given, count in (
            (name, name, truth & called),
            (name, "", truth & ~called),
            ("", name, ~truth & called),
        ):
            rows.append((true, given, int(count.sum())))
    frame = pd.DataFrame(rows, columns=list(tables.CONFUSION.names))
    return tables.check(frame[frame["n"] > 0].reset_index(drop=True), tables.CONFUSION)
