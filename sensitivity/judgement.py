"""Judgement: everything that follows from samples and their bins, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from . import tables
from .bins import Binning
from .cells import Judged, feature_cells
from .inputs.samples import Samples
from .metrics import classification as metrics
from .totals import class_curves, confusion_rows, overall_rows, roc_rows
from .trends import gather, trend_table

Floats = npt.NDArray[np.float64]


def classification_tables(
    samples: Samples,
    table: pd.DataFrame,
    outcomes: pd.DataFrame,
    binnings: Mapping[str, Binning],
    shares: Floats,
    *,
    confidence: float = 0.95,
    rng: int | np.random.Generator = 0,
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """All tables that are not per image.

    Parameters
    ----------
    samples : Samples
        N samples of C classes.
    table : pandas.DataFrame
        The feature table, N rows.
    outcomes : pandas.DataFrame
        The table of outcomes, N rows: groups, scores and margins are taken from it.
    binnings : mapping
        From feature to its bins.
    shares : ndarray of float64, shape (C,)
        Class shares for F1 at an equal class mix.
    confidence : float, default 0.95
        Coverage of the intervals.
    rng : int or numpy.random.Generator, default 0
        For the intervals of macro scores, the check of dependence, and p of few events.

    Returns
    -------
    tables : dict
        ``bins``, ``trends``, ``overall``, ``confusion`` and ``roc``.
    dependence : dict
        ``kind``, ``n_clusters``, ``ratio`` and ``p``: see :class:`sensitivity.trends.Evidence`.
    """
    y, predicted, classes = samples.y, samples.predicted, samples.classes
    # Streams of their own: what is tested does not move the intervals of macro scores.
    seeds = np.random.default_rng(rng).integers(2**63, size=2)
    of_tests, of_totals = (np.random.default_rng(int(seed)) for seed in seeds)
    pooled = metrics.confusion_counts(y, predicted, len(classes))[0]
    margin, sureness = _given(outcomes["margin"]), _given(outcomes["score"])
    # One thread: the last digit of a product must not depend on the machine's cores.
    with threadpool_limits(1, "blas"):
        evidence = gather(
            table,
            binnings,
            y,
            predicted,
            len(classes),
            names=samples.names,
            groups=_group_codes(outcomes["group"]),
            margin=margin,
            rng=of_tests,
        )
        judged = Judged(y, predicted, classes, pooled, shares, sureness, margin)
        judged = replace(judged, clusters=_numbered(evidence.clusters), confidence=confidence)
        found = {name: feature_cells(name, binnings[name], judged) for name in binnings}
        trends = trend_table(
            evidence,
            {name: figures for name, (_, figures) in found.items()},
            classes,
            confidence=confidence,
        )
        curves = class_curves(samples.scores, samples.score_kind, y)
        whole = overall_rows(judged, curves=curves, rng=of_totals)
    return {
        "bins": _stacked([bins for bins, _ in found.values()], tables.BINS),
        "trends": trends,
        "slices": pd.DataFrame(columns=list(tables.SLICES.names)),
        "overall": whole,
        "confusion": confusion_rows(pooled, classes),
        "roc": roc_rows(curves, classes),
    }, evidence.dependence


def _given(values: pd.Series) -> npt.NDArray[np.floating] | None:
    found = values.to_numpy()
    return None if np.isnan(found).any() else found


def _group_codes(groups: pd.Series) -> npt.NDArray[np.int64] | None:
    if groups.isna().all():
        return None
    return groups.astype("category").cat.codes.to_numpy().astype(np.int64)


def _numbered(codes: npt.NDArray[np.int64] | None) -> npt.NDArray[np.int64] | None:
    return None if codes is None else np.unique(codes, return_inverse=True)[1].astype(np.int64)


def _stacked(frames: list[pd.DataFrame], schema: tables.Schema) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame(columns=list(schema.names))
    texts = {column.name: "str" for column in schema.columns if column.kind == "text"}
    stacked = pd.concat([frame.astype(texts) for frame in frames], ignore_index=True)
    return tables.check(stacked, schema)
