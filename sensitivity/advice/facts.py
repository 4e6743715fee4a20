"""What is known of a row, before it is put into words: numbers and names, no language."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ..bins import MISSING
from ..cells.called import FalseCalls, counted_calls, worst_and_rest
from ..result import Analysis
from ..tables import ASSOCIATED, CLASS_MIX, CONFIRMED, CONTRADICTED, MARGIN, REPRODUCED
from ..trends import mirrored, moving
from .levels import Level, weakest_and_strongest
from .places import Scale, scales
from .values import number

ALL = "all"
REAL = "real"
CANDIDATE = "candidate"

#: Up to this q a row is real, unless its verdict is capped.
REAL_Q = 0.05

Cells = dict[tuple[str, str, str], dict[int, dict[Any, Any]]]


@dataclass(frozen=True)
class ClassMix:
    """How F1 and the share of a class move between two bins.

    Attributes
    ----------
    codes : tuple of int
        The two bins.
    raw : tuple of float
        In both: F1; of all classes accuracy.
    share, star : tuple of float or None
        In both: the class's share of the samples, and F1 at an equal class mix; of all
        classes there is none.
    """

    codes: tuple[int, int]
    raw: tuple[float, float]
    share: tuple[float, float] | None
    star: tuple[float, float] | None


@dataclass(frozen=True)
class Moved:
    """What became of recall when the same images were moved along the feature.

    Attributes
    ----------
    agrees : bool
        Whether it did what the row shows; else it is contradicted.
    direction : {"down", "up"}
        Which way they were moved.
    change : tuple of four float
        Change of recall, its interval, and what the bins let one expect of such a move.
    confidence : float
        Of the interval.
    """

    agrees: bool
    direction: str
    change: tuple[float, ...]
    confidence: float


@dataclass(frozen=True)
class Facts:
    """One row of the trends with all that its sentence needs; None where it is undefined.

    Attributes
    ----------
    feature, name : str
        Feature and class (or ``"all"``).
    scale : Scale
        The feature's.
    titles : mapping
        From every feature to its scale.
    kind : str
        The sentence it gets: ``real``, ``candidate``, ``class mix``, ``margin``, ``none`` or
        ``untested``.
    metric : {"recall", "false_calls", "f1_star", "accuracy_star"}
        Of the levels.
    levels : tuple of two dict or None
        Worst and best usable bin; of false calls `calls` says where they are.
    moving : tuple of str
        What of the class moves, its recall or false calls of it: from
        :func:`sensitivity.trends.moving`.
    change : tuple of three float or None
        Recall at the 90th percentile less at the 10th, with its interval.
    calls : FalseCalls or None
        How often other images are called the class.
    seen : float or None
        The change that would be seen.
    n, clusters : int
        Samples of the class; groups or blocks of the whole set, None where there are none.
    told_by : str
        The other of two classes whose row tells of the same errors; empty: this one speaks.
    mirror : Facts or None
        The row of the other class that this one tells of.
    """

    feature: str
    name: str
    scale: Scale
    titles: Mapping[str, Scale]
    kind: str
    metric: str
    levels: tuple[Level, Level] | None
    moving: tuple[str, ...]
    change: tuple[float, ...] | None
    calls: FalseCalls | None
    seen: float | None
    n: int
    clusters: int | None
    dependence: str
    confidence: float
    q: float | None
    q_margin: float | None
    margin: tuple[float, ...] | None
    mix: ClassMix | None
    recall: float | None
    strength: str
    verdict: str
    grade: str
    driver: str
    direction: str
    shape: str
    pattern: str
    travels_with: tuple[str, ...]
    explained_by: str
    moved: Moved | None = None
    told_by: str = ""
    mirror: Facts | None = None

    @property
    def capped(self) -> bool:
        """Whether it would be real if errors of neighbouring names were not alike."""
        return self.strength == CANDIDATE and self.q is not None and self.q <= REAL_Q


def collect(analysis: Analysis, trends: pd.DataFrame) -> list[Facts]:
    """The facts of some rows.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    trends : pandas.DataFrame
        Rows of its trends.

    Returns
    -------
    list of Facts
        One per row, in their order.

    Examples
    --------
    >>> from sensitivity import analyse
    >>> analysis = analyse([0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...                    columns={"hour": range(40)}, features=(), save_path=None)
    >>> {facts.kind for facts in collect(analysis, analysis.trends)}  # nothing was wrong
    {'untested'}
    """
    titles = scales(analysis)
    told_by = mirrored(analysis.trends)
    mirrors = {(feature, by): name for (feature, name), by in told_by.items()}
    known = set(zip(trends["feature"].astype(str), trends["class"].astype(str), strict=True))
    # What a row mirrors is told with it, be it asked for or not.
    extra = {(key[0], mirrors[key]) for key in known & set(mirrors)} - known
    rows = [*trends.to_dict("records"), *_rows_of(analysis.trends, extra)]
    bins = analysis.bins
    bins = bins[bins["feature"].isin({row["feature"] for row in rows})]
    make = _maker(analysis, bins, {str(row["class"]) for row in rows}, trends, titles)
    found = {(str(row["feature"]), str(row["class"])): make(row) for row in rows}
    for key, name in mirrors.items():
        if key in found:
            found[key] = replace(found[key], mirror=found[key[0], name])
    for key in told_by.keys() & found.keys():
        found[key] = replace(found[key], told_by=told_by[key])
    return [
        found[str(feature), str(name)]
        for feature, name in zip(trends["feature"], trends["class"], strict=True)
    ]


def _rows_of(trends: pd.DataFrame, keys: set[tuple[str, str]]) -> list[dict[Any, Any]]:
    if not keys:
        return []
    return [
        row for row in trends.to_dict("records") if (str(row["feature"]), str(row["class"])) in keys
    ]


def _maker(
    analysis: Analysis,
    bins: pd.DataFrame,
    classes: set[str],
    trends: pd.DataFrame,
    titles: Mapping[str, Scale],
) -> Callable[[Mapping[Any, Any]], Facts]:
    # What all classes together come to depends on each of them.
    levels = {"accuracy_star": weakest_and_strongest(bins, "accuracy_star")}
    bins = bins[bins["class"].isin({*classes, ALL})]
    levels |= {metric: weakest_and_strongest(bins, metric) for metric in ("recall", "f1_star")}
    counted = counted_calls(bins, analysis.features, analysis.outcomes, analysis.settings)
    called = worst_and_rest(bins, counted)
    cells = _cells(bins, trends[trends["verdict"] == CLASS_MIX])
    total = analysis.overall[analysis.overall["metric"].isin(("recall", "accuracy"))]
    recalls = dict(zip(map(str, total["class"]), total["value"], strict=True))
    moves = _moves(analysis)

    def make(row: Mapping[Any, Any]) -> Facts:
        key = str(row["feature"]), str(row["class"])
        facts = _facts(row, titles, levels, cells, recalls, analysis.settings)
        return replace(facts, moved=moves.get(key), calls=called.get(key))

    return make


def _moves(analysis: Analysis) -> dict[tuple[str, str], Moved]:
    """The intervention on each finding that decides: one that agrees, else the largest."""
    remedy: Any = getattr(analysis, "remedy", None)
    if remedy is None:
        return {}
    rows = remedy.interventions
    rows = rows[rows["verdict"].isin((REPRODUCED, CONTRADICTED))]
    confidence = remedy.settings.get("confidence", analysis.settings["confidence"])
    found: dict[tuple[str, str], Moved] = {}
    for row in rows.to_dict("records"):
        change = tuple(float(row[k]) for k in ("change", "change_low", "change_high", "observed"))
        moved = Moved(row["verdict"] == REPRODUCED, str(row["direction"]), change, confidence)
        key = str(row["feature"]), str(row["class"])
        if key not in found or _weight(moved) > _weight(found[key]):
            found[key] = moved
    return found


def _weight(moved: Moved) -> tuple[bool, float]:
    return moved.agrees, abs(moved.change[-1])


def _facts(
    row: Mapping[Any, Any],
    titles: Mapping[str, Scale],
    levels: Mapping[str, Mapping[tuple[str, str], tuple[Level, Level]]],
    cells: Cells,
    recalls: Mapping[str, float],
    settings: Mapping[str, Any],
) -> Facts:
    feature, name = str(row["feature"]), str(row["class"])
    scale, driver = titles[feature], _text(row["driver"])
    by_driver = {"recall": "recall", "false positives": "false_calls"}
    metric = "accuracy_star" if name == ALL else by_driver.get(driver, "f1_star")
    dependence = settings["dependence"]
    clustered = dependence["kind"] != "none"
    mix = _class_mix(cells, feature, name, scale) if row["verdict"] == CLASS_MIX else None
    seen = number(row["detectable_change"])
    return Facts(
        feature=feature,
        name=name,
        scale=scale,
        titles=titles,
        kind=_kind(row, mix),
        metric=metric,
        levels=levels.get(metric, {}).get((feature, name)),
        moving=moving(row),
        change=_finite(row, "recall_change", "recall_change_low", "recall_change_high"),
        calls=None,
        seen=seen if seen is not None and seen > 0 else None,
        n=int(row["n"]),
        clusters=dependence["n_clusters"] if clustered else None,
        dependence=dependence["kind"],
        confidence=settings["confidence"],
        q=number(row["q"]),
        q_margin=number(row["q_margin"]),
        margin=_finite(row, "margin_first", "margin_last"),
        mix=mix,
        recall=number(recalls.get(name)),
        driver=driver,
        moved=None,
        told_by="",
        mirror=None,
        travels_with=tuple(filter(None, _text(row["travels_with"]).split(", "))),
        **{
            key: _text(row[key])
            for key in (
                "strength",
                "verdict",
                "grade",
                "direction",
                "shape",
                "pattern",
                "explained_by",
            )
        },
    )


def _kind(row: Mapping[Any, Any], mix: ClassMix | None) -> str:
    if row["verdict"] in (CONFIRMED, ASSOCIATED):
        return "real"
    if row["verdict"] == MARGIN and math.isfinite(row["margin_last"] - row["margin_first"]):
        return "margin"
    if mix is not None:
        return "class mix"
    if row["strength"] == CANDIDATE:
        return "candidate"
    return "none" if math.isfinite(row["q"]) else "untested"


def _finite(row: Mapping[Any, Any], *keys: str) -> tuple[float, ...] | None:
    values = tuple(float(row[key]) for key in keys)
    return values if all(map(math.isfinite, values)) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _cells(bins: pd.DataFrame, mixed: pd.DataFrame) -> Cells:
    """F1, F1* and accuracy of the features whose class mix matters, by bin."""
    kept = bins[
        bins["feature"].isin(set(mixed["feature"]))
        & bins["class"].isin({*mixed["class"], ALL})
        & bins["metric"].isin(("f1", "f1_star", "accuracy", "accuracy_star"))
        & (bins["bin"] != MISSING)
    ][["feature", "class", "metric", "bin", "n", "value", "low_support"]]
    found: Cells = {}
    for row in kept.sort_values("bin", kind="stable").to_dict("records"):
        key = str(row["feature"]), str(row["class"]), str(row["metric"])
        found.setdefault(key, {})[int(row["bin"])] = row
    return found


def _class_mix(cells: Cells, feature: str, name: str, scale: Scale) -> ClassMix | None:
    total = cells[feature, ALL, "accuracy"]
    raw, star = total, cells[feature, ALL, "accuracy_star"]
    if name != ALL:
        raw, star = cells[feature, name, "f1"], cells[feature, name, "f1_star"]
    known = [k for k in raw if math.isfinite(raw[k]["value"]) and math.isfinite(star[k]["value"])]
    solid = [k for k in known if not raw[k]["low_support"]]
    codes = _telling_pair({k: raw[k]["value"] for k in (solid if len(solid) > 1 else known)}, scale)
    if codes is None:
        return None

    def both(table: Mapping[int, Mapping[Any, Any]]) -> tuple[float, float]:
        return float(table[codes[0]]["value"]), float(table[codes[1]]["value"])

    if name == ALL:
        return ClassMix(codes, both(raw), None, None)
    first, last = (float(raw[k]["n"] / total[k]["n"]) for k in codes)
    return ClassMix(codes, both(raw), (first, last), both(star))


def _telling_pair(values: Mapping[int, float], scale: Scale) -> tuple[int, int] | None:
    """First and last bin, or the two extremes where those hide what lies between."""
    if len(values) < 2:
        return None
    worst, best = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
    if scale.kind != "numeric":
        return best, worst
    first, last = min(values), max(values)
    if abs(values[last] - values[first]) >= 0.5 * (values[best] - values[worst]):
        return first, last
    return min(worst, best), max(worst, best)
