"""The weak part of a feature: which bins, between which values, with how many images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from ..catalogue import DOWN, UP
from ..cells.called import counted_calls, false_calls
from ..result import Analysis
from .facts import ALL, Facts
from .levels import usable
from .templates import template
from .values import bounds_told


@dataclass(frozen=True)
class WeakRange:
    """Neighbouring bins, or categories, in which a class is weak.

    Attributes
    ----------
    labels : tuple of str
        The bins'.
    low, high : float or None
        The values are above `low` and up to `high`; None: open. Both None for categories.
    n : int
        Images of the class in these bins (of false calls: images of other classes).
    value, best : float
        The metric in these bins together, and in the best bin.
    n_best : int
        Images in the best bin.
    better : {"down", "up", ""}
        Which way the feature would have to move to come to the best bin; empty for categories.
    is_category : bool
        Whether the labels are categories.
    unit : str, default ""
        Of `low` and `high`.
    """

    labels: tuple[str, ...]
    low: float | None
    high: float | None
    n: int
    value: float
    best: float
    n_best: int
    better: str
    is_category: bool
    unit: str = ""

    @property
    def gap(self) -> float:
        """Distance from the best bin, 0…1."""
        return abs(self.best - self.value)


def weak_ranges(analysis: Analysis, facts: Facts, metric: str) -> tuple[WeakRange, ...]:
    """Where a feature makes a class weak.

    Weak are the bins whose value lies on the worse side of the middle between the worst and the
    best bin. Of a trend only those count that join the worst one; of a bend both ends may.

    Parameters
    ----------
    analysis : Analysis
        Bins without enough images are not used.
    facts : Facts
        The row.
    metric : {"recall", "accuracy_star", "f1_star", "false_calls"}
        What is compared; of false calls more is worse.

    Returns
    -------
    tuple of WeakRange
        From low to high values; empty where fewer than two bins can be used, or all are alike, or
        the false calls of one are not known.

    Examples
    --------
    >>> from sensitivity import analyse
    >>> from sensitivity.advice.facts import collect
    >>> analysis = analyse([0, 1] * 10 + [0] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...                    columns={"hour": range(40)}, features=(), save_path=None)
    >>> (facts,) = collect(analysis, analysis.trends[analysis.trends["class"] == "all"])
    >>> (weak,) = weak_ranges(analysis, facts, "accuracy_star")
    >>> weak.low, weak.high, weak.value, weak.better
    (19.0, None, 0.5, 'down')
    """
    rows = _rows(analysis, facts, metric)
    sign = -1.0 if metric == "false_calls" else 1.0
    score = sign * rows["value"].to_numpy()
    if len(rows) < 2 or score.min() == score.max():
        return ()
    worst, best = int(score.argmin()), int(score.argmax())
    weak = score <= (score.min() + score.max()) / 2
    places = [int(place) for place in weak.nonzero()[0]]
    if facts.scale.kind != "numeric":
        mean = float((rows["value"] * rows["n"]).sum() / rows["n"].sum())
        # One of many categories is low by chance: only those count whose interval says so.
        sure = [p for p in places if sign * rows["high" if sign > 0 else "value"].iloc[p] < mean]
        return (_range(rows, sorted({*sure, worst}), best, facts),)
    runs = _runs(places)
    if not facts.shape.startswith("middle"):
        runs = [run for run in runs if worst in run]
    return tuple(_range(rows, run, best, facts) for run in runs)


def where(feature: str, weak: WeakRange, lang: str) -> str:
    """A weak range as a condition: ``sharpness ≤ 9.78``.

    Parameters
    ----------
    feature : str
        What the feature is called.
    weak : WeakRange
        The range.
    lang : {"en", "zh"}
        Language, of what parts categories.

    Returns
    -------
    str

    Examples
    --------
    >>> ends = {"n": 9, "value": 0.5, "best": 0.9, "n_best": 9, "better": "up"}
    >>> where("noise", WeakRange(("a",), None, 9.7812, is_category=False, **ends), "en")
    'noise ≤ 9.78'
    >>> where("camera", WeakRange(("A", "B"), None, None, is_category=True, **ends), "en")
    'camera = A, B'
    """
    if weak.low is None and weak.high is None:
        separator = template("list", lang)
        return f"{feature} = {separator.join(weak.labels)}"
    low, high = bounds_told([weak.low, weak.high], weak.unit)
    if not low:
        return f"{feature} ≤ {high}"
    return f"{feature} > {low}" if not high else f"{low} < {feature} ≤ {high}"


def _rows(analysis: Analysis, facts: Facts, metric: str) -> pd.DataFrame:
    """The usable bins of a row's metric, from low to high."""
    bins = analysis.bins
    cells = bins[bins["feature"] == facts.feature]
    if facts.name != ALL:
        cells = cells[cells["class"].isin({facts.name, ALL})]
    if metric == "false_calls":
        given = analysis.features, analysis.outcomes, analysis.settings
        cells = false_calls(cells, counted_calls(cells, *given))
        if cells["value"].isna().any():
            return cells.iloc[:0]
    rows = usable(cells, metric)
    return rows[rows["class"] == facts.name].sort_values("bin").reset_index(drop=True)


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Places that follow one another, together."""
    runs = [[places[0]]]
    for before, after in pairwise(places):
        if after == before + 1:
            runs[-1].append(after)
        else:
            runs.append([after])
    return runs


def _range(rows: pd.DataFrame, places: list[int], best: int, facts: Facts) -> WeakRange:
    part = rows.iloc[places]
    n = int(part["n"].sum())
    numeric = facts.scale.kind == "numeric"
    return WeakRange(
        labels=tuple(str(label) for label in part["label"]),
        low=_edge(part["edge_low"].iloc[0]) if numeric else None,
        high=_edge(part["edge_high"].iloc[-1]) if numeric else None,
        n=n,
        value=float((part["value"] * part["n"]).sum() / n),
        best=float(rows["value"].iloc[best]),
        n_best=int(rows["n"].iloc[best]),
        better=(DOWN if places[0] > best else UP) if numeric else "",
        is_category=not numeric,
        unit=facts.scale.unit,
    )


def _edge(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
