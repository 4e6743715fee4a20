"""Rows of the trends that belong together, as one weakness each: what advice is given on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..catalogue import DOWN, UP, views_moving
from ..result import Analysis
from ..trends import in_order
from .facts import ALL, Facts, collect
from .ranges import WeakRange, weak_ranges

#: What a feature is: measured on the image, a number of the caller's, categories of the caller's.
IMAGE, COLUMN, CATEGORY = "image", "column", "category"

#: How a class is weak.
ALL_LOSE = "information loss"
SHIFT = "criterion shift"
RARE_ONE = "only a rare class"
SOME_LOSE = "recall"
CALLED_WRONGLY = "false calls"

#: A class is rare with fewer images than this share of an equal part.
RARE = 0.8


@dataclass(frozen=True)
class Weakness:
    """What one feature, and those that travel with it, do to one or more classes.

    Attributes
    ----------
    form : str
        :data:`ALL_LOSE`, :data:`SHIFT`, :data:`RARE_ONE`, :data:`SOME_LOSE` or
        :data:`CALLED_WRONGLY`.
    source : {"image", "column", "category"}
        What the feature is.
    facts : Facts
        The row that speaks for it.
    classes : tuple of str
        The classes concerned, or ``"all"``.
    ranges : tuple of WeakRange
        Where.
    companions : tuple of str
        Features that travel with this one.
    """

    form: str
    source: str
    facts: Facts
    classes: tuple[str, ...]
    ranges: tuple[WeakRange, ...]
    companions: tuple[str, ...]


def source_of(entry: Mapping[str, Any]) -> str:
    """What a feature of the settings is.

    Parameters
    ----------
    entry : mapping
        With ``name``, ``kind`` and ``source``.

    Returns
    -------
    str
        A column that bears the name of an image feature which a view moves counts as that one.

    Examples
    --------
    >>> source_of({"name": "camera", "kind": "categorical", "source": "column"})
    'category'
    """
    if entry["kind"] != "numeric":
        return CATEGORY
    movable = any(views_moving(entry["name"], way) for way in (DOWN, UP))
    return IMAGE if entry["source"] == "image" or movable else COLUMN


def weaknesses(
    analysis: Analysis, strength: str, *, without: Iterable[str] = ()
) -> tuple[tuple[Weakness, ...], tuple[Facts, ...]]:
    """The weaknesses behind the rows of a strength.

    Features that travel together are one cause, told of by the feature that stands out most beside
    the others. Within it, a loss of all classes covers those of each; false calls of one class are
    the errors of another, and are told of only where no class loses recall.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    strength : {"real", "candidate"}
        Which rows.
    without : iterable of str
        Features that are left out, because more is known of them.

    Returns
    -------
    found : tuple of Weakness
        In the order of :func:`sensitivity.trends.in_order`.
    explained : tuple of Facts
        Rows that another feature accounts for, which itself has no such row.
    """
    table = in_order(analysis.trends)
    table = table[(table["strength"] == strength) & ~table["feature"].isin(set(without))]
    beside = dict(
        zip(
            zip(table["feature"].astype(str), table["class"].astype(str), strict=True),
            table["partial_z"].abs().fillna(0.0),
            strict=True,
        )
    )
    rows = collect(analysis, table)
    own = [row for row in rows if not row.explained_by]
    familiar = {name for row in own for name in (row.feature, *row.travels_with)}
    explained = tuple(row for row in rows if row.explained_by and row.explained_by not in familiar)
    found: list[Weakness] = []
    sources = {entry["name"]: source_of(entry) for entry in analysis.settings["features"]}
    sizes = _class_sizes(analysis)
    for family in _families(own):
        spoken = _speakers(family, beside)
        for form, named, facts in _forms(spoken, sizes, analysis.trends):
            classes = tuple(name for name in (ALL, *sizes) if name in named)
            ranges = weak_ranges(analysis, facts, _metric(form, facts))
            source = sources[facts.feature]
            found.append(Weakness(form, source, facts, classes, ranges, facts.travels_with))
    return tuple(found), explained


def _class_sizes(analysis: Analysis) -> dict[str, int]:
    rows = analysis.overall[analysis.overall["metric"] == "recall"]
    return {str(name): int(n) for name, n in zip(rows["class"], rows["n"], strict=True)}


def _families(rows: Sequence[Facts]) -> list[list[Facts]]:
    """Rows of features that travel together, in the order of the first."""
    found: dict[frozenset[str], list[Facts]] = {}
    for row in rows:
        found.setdefault(frozenset((row.feature, *row.travels_with)), []).append(row)
    return list(found.values())


def _speakers(family: Sequence[Facts], beside: Mapping[tuple[str, str], float]) -> list[Facts]:
    """One row per class: of the feature that stands out most, else of the first that has one."""
    lead = max(family, key=lambda row: beside[row.feature, row.name]).feature
    by_class: dict[str, Facts] = {}
    for row in sorted(family, key=lambda row: row.feature != lead):
        by_class.setdefault(row.name, row)
    return list(by_class.values())


def _forms(
    rows: Sequence[Facts], sizes: Mapping[str, int], trends: pd.DataFrame
) -> list[tuple[str, tuple[str, ...], Facts]]:
    """What the rows of one cause come to: form, classes, and the row that speaks for them."""
    total = next((row for row in rows if row.name == ALL), None)
    classes = [row for row in rows if row.name != ALL]
    shifts = _shifts([row for row in classes if row.pattern == SHIFT], len(sizes))
    losing = [row for row in classes if row.pattern != SHIFT and _loses(row)]
    calling = [row for row in classes if row.pattern != SHIFT and not _loses(row)]
    if len(sizes) <= 2 and shifts:
        losing = []  # of two classes, one's errors are the other's false calls
    found: list[tuple[str, tuple[str, ...], Facts]] = []
    for way in dict.fromkeys(_way(row) for row in losing):
        alike = [row for row in losing if _way(row) == way]
        names = tuple(row.name for row in alike)
        if _rest_loses(trends, alike[0], names, len(sizes)):
            # The row of all classes speaks for them, where it goes the same way.
            speaks = total if total is not None and _way(total) == way else alike[0]
            found.append((ALL_LOSE, (ALL,), speaks))
        elif len(losing) == 1 and _is_rare(names[0], sizes):
            found.append((RARE_ONE, names, alike[0]))
        else:
            found.append((SOME_LOSE, names, alike[0]))
    if total is not None and not losing and total.pattern == ALL_LOSE:
        found.append((ALL_LOSE, (ALL,), total))
    found += shifts
    if not found and total is not None:
        found.append((SOME_LOSE, (ALL,), total))
    if not found and calling:
        found.append((CALLED_WRONGLY, (calling[0].name,), calling[0]))
    return found


def _rest_loses(trends: pd.DataFrame, row: Facts, names: Sequence[str], n_classes: int) -> bool:
    """Whether the other classes, taken together, lose recall the same way, beyond chance.

    Their changes of recall are averaged with weights of 1 / variance. Without other classes: yes.
    """
    if len(names) == n_classes:
        return True
    if row.change is None or row.shape.startswith("middle"):
        return False
    rest = trends[(trends["feature"] == row.feature) & ~trends["class"].isin({ALL, *names})]
    width = (rest["recall_change_high"] - rest["recall_change_low"]).to_numpy()
    change = rest["recall_change"].to_numpy()
    known = np.isfinite(change) & (width > 0)
    if not known.any():
        return False
    weight = 1 / width[known] ** 2
    mean = float((weight * change[known]).sum() / weight.sum())
    half = 0.5 / math.sqrt(float(weight.sum()))
    return abs(mean) > half and (mean > 0) == (row.change[0] > 0)


def _shifts(rows: Sequence[Facts], n_classes: int) -> list[tuple[str, tuple[str, ...], Facts]]:
    """Of two classes one row says it for both: that of the class whose recall moves more."""
    if n_classes <= 2 and len(rows) > 1:
        rows = [max(rows, key=lambda row: abs(row.change[0]) if row.change else 0.0)]
    return [(SHIFT, (row.name,), row) for row in rows]


def _metric(form: str, facts: Facts) -> str:
    if form == CALLED_WRONGLY:
        return "false_calls"
    return "accuracy_star" if facts.name == ALL else "recall"


def _loses(row: Facts) -> bool:
    """Whether it is the class's own images that are missed more, and not others called it."""
    if row.metric == "recall":
        return True
    if row.metric == "false_calls":
        return False
    if row.scale.kind != "numeric" or row.shape.startswith("middle"):
        return True
    if row.change is None:
        return False
    change, low, high = row.change
    return low * high > 0 and (change > 0) == (row.direction == "rises")


def _way(row: Facts) -> str:
    if row.shape.startswith("middle") or row.change is None:
        return row.shape
    return "rises" if row.change[0] > 0 else "falls"


def _is_rare(name: str, sizes: Mapping[str, int]) -> bool:
    return len(sizes) > 1 and sizes[name] < RARE * float(np.mean(list(sizes.values())))


def flagged(analysis: Analysis, verdict: str) -> list[Facts]:
    """The facts of all rows with a verdict.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    verdict : str
        One of :data:`sensitivity.tables.VERDICTS`.

    Returns
    -------
    list of Facts
        In the order of :func:`sensitivity.trends.in_order`.
    """
    table: pd.DataFrame = in_order(analysis.trends)
    return collect(analysis, table[table["verdict"] == verdict])
