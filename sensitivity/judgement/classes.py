"""One class per image: all tables that are not per image."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..bins import Binning
from ..cells import Judged, feature_cells
from ..crossed import slice_table
from ..inputs.samples import Samples
from ..metrics import classification as metrics
from ..totals import class_curves, confusion_rows, overall_rows, roc_rows
from ..trends import beside_others, fitted_residuals, gather, prepare, settle, trend_table
from .parts import Floats, known, numbered, numeric_names, stacked_bins


def classification_tables(
    samples: Samples,
    table: pd.DataFrame,
    outcomes: pd.DataFrame,
    binnings: Mapping[str, Binning],
    shares: Floats,
    *,
    groups: npt.NDArray[np.int64] | None = None,
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
        The table of outcomes, N rows: probabilities and margins are taken from it.
    binnings : mapping
        From feature to its bins.
    shares : ndarray of float64, shape (C,)
        Class shares for F1 at an equal class mix.
    groups : ndarray of int64, shape (N,), optional
        What belongs together.
    confidence : float, default 0.95
        Coverage of the intervals.
    rng : int or numpy.random.Generator, default 0
        For the intervals of macro scores, the check of dependence, and p of few events.

    Returns
    -------
    tables : dict
        ``bins``, ``trends``, ``slices``, ``overall``, ``confusion`` and ``roc``.
    dependence : dict
        See :func:`sensitivity.trends.settle`.
    """
    y, predicted, classes = samples.y, samples.predicted, samples.classes
    # Streams of their own: what is tested does not move the intervals of macro scores.
    seeds = np.random.default_rng(rng).integers(2**63, size=4)
    of_check, of_totals, of_slices = (np.random.default_rng(int(seed)) for seed in seeds[:3])
    margin, sureness = known(outcomes["margin"]), known(outcomes["score"])
    prepared = prepare(table, binnings, y, predicted, len(classes))
    residuals = partial(fitted_residuals, prepared)
    clusters, dependence = settle(groups, residuals, y, samples.names, of_check)
    evidence = gather(prepared, clusters, margin=margin, seed=int(seeds[3]))
    judged = Judged(
        y,
        predicted,
        classes,
        pooled=metrics.confusion_counts(y, predicted, len(classes)),
        prior=shares,
        sureness=sureness,
        margin=margin,
        clusters=None if clusters is None else numbered(clusters),
        confidence=confidence,
    )
    found = {name: feature_cells(name, binnings[name], judged) for name in binnings}
    trends = trend_table(
        evidence.rows,
        {name: figures for name, (_, figures) in found.items()},
        classes,
        numeric=numeric_names(binnings),
        capped=dependence["kind"] == "blocks",
        beside=partial(beside_others, evidence),
        confidence=confidence,
    )
    curves = class_curves(samples.scores, samples.score_kind, y)
    return {
        "bins": stacked_bins([bins for bins, _ in found.values()]),
        "trends": trends,
        "slices": slice_table(
            binnings,
            y,
            predicted,
            classes,
            groups=judged.clusters,
            confidence=confidence,
            rng=of_slices,
        ),
        "overall": overall_rows(judged, curves=curves, rng=of_totals),
        "confusion": confusion_rows(judged.pooled, classes),
        "roc": roc_rows(curves, classes),
    }, dependence
