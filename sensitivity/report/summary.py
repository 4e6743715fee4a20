"""What a reader is shown, as plain dicts: the writers format it and compute nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from ..advice.values import is_share_label, number, span, told_apart
from ..bins import MISSING
from ..errors import InputError
from ..result import Analysis
from ..stats.spread import spread_std
from .chance import against_chance

METRICS = ("f1", "f1_star", "recall", "precision")


def summary(analysis: Analysis) -> dict[str, Any]:
    """The run, the whole set, and every feature × class from its weakest to its strongest bin.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.

    Returns
    -------
    dict
        JSON-able; undefined numbers are None.

        - ``run``: ``task``, ``n``, ``n_failed``, ``n_measured`` (None when no image was
          opened), ``classes``, ``n_bins``, ``confidence``, ``accuracy`` (``value``, ``low``,
          ``high``) and ``failures`` (``status``, ``n``; most frequent first).
        - ``totals``: ``metric``, ``value``, ``low``, ``high`` over all classes.
        - ``classes``: ``class``, ``n``, and per metric ``value``, ``low``, ``high``.
        - ``rows``: one per feature × class and ``"all"``: ``feature``, ``title_en``,
          ``title_zh``, ``kind``, ``unit``, ``class``, ``n``; ``metric`` (``f1_star``; for
          ``"all"`` ``accuracy``) of the ``worst`` and the ``best`` bin (``label``,
          ``value``, ``low``, ``high``, ``n``) among those with at least 10 samples, None
          when fewer than two have; of the same metric and bins ``std``, ``std_chance``,
          ``excess = √max(0, std² - std_chance²)``, ``times_chance = std / std_chance`` and
          ``beyond_chance``. Rows beyond chance come first, then those with more excess.
        - ``skipped`` (``name``, ``reason``) and ``notes``.

    Notes
    -----
    ``beyond_chance`` holds when ``(std / std_chance)²`` exceeds the 95 % point of
    χ²/(K-1), K the number of bins with a value: where nothing is real, about one row in
    twenty still does. It says which rows to look at, and is no test. It looks at F1 at an
    equal class mix: the spread of plain F1 also goes beyond chance where only the mix shifts.

    Examples
    --------
    >>> import sensitivity
    >>> right = [1] * 50 + [1, 0] * 25
    >>> analysis = sensitivity.analyse(
    ...     right, [1] * 100, [f"{i}.png" for i in range(100)],
    ...     columns={"dose": range(100)}, features=(), save_path=None)
    >>> row = summary(analysis)["rows"][0]
    >>> row["class"], row["worst"]["value"], row["best"]["value"]
    ('all', 0.5, 1.0)
    """
    settings = analysis.settings
    return {
        "run": _run(analysis),
        "totals": _totals(analysis),
        "classes": _classes(analysis),
        "rows": _ranked(analysis),
        "skipped": [dict(entry) for entry in settings["skipped"]],
        "notes": list(settings["notes"]),
    }


def feature_table(analysis: Analysis, feature: str, *, metric: str = "f1") -> dict[str, Any]:
    """One feature's bins with every class's cell, and the std below.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    feature : str
        A feature or column of it.
    metric : {"f1", "f1_star", "recall", "precision"}, default "f1"
        What the cells hold.

    Returns
    -------
    dict
        JSON-able; undefined numbers are None. ``feature``, ``title_en``, ``title_zh``,
        ``unit``, ``kind``, ``metric``, ``confidence``, ``n_missing``, ``classes``;
        ``bins``: from low to high, the missing one last, each with ``label``, ``range``
        (the values it spans; empty when the label says it), ``missing``, ``share``, ``n``,
        ``cells`` (``value``, ``low``, ``high``, ``n``, ``low_support``; one per class)
        and ``accuracy`` (the same); ``std``, ``std_chance``, ``times_chance``,
        ``beyond_chance`` and ``excess``: one value per class and one more for the accuracy
        (chance is known for F1 and accuracy only).

    Raises
    ------
    InputError
        No such feature, or no such metric.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> [(row["label"], row["range"], row["n"]) for row in feature_table(analysis, "hour")["bins"]]
    [('0%-50%', '0 … 19', 20), ('50%-100%', '19 … 39', 20)]
    """
    if metric not in METRICS:
        raise InputError(f"metric {metric}", f"expected one of {', '.join(METRICS)}")
    rows = analysis.bins[analysis.bins["feature"] == feature].to_dict("records")
    if not rows:
        analysis.table(feature)  # says what is wrong
    cells = {(row["bin"], row["class"]): row for row in rows if row["metric"] == metric}
    entry = _entry(analysis, feature)
    classes = list(analysis.settings["classes"])
    totals = {row["bin"]: row for row in rows if row["metric"] == "accuracy"}
    order = sorted(totals, key=lambda code: (code == MISSING, code))
    ranges = _ranges([totals[code] for code in order if code != MISSING], entry)
    bins = [
        {
            "label": str(totals[code]["label"]),
            "range": ranges.get(code, ""),
            "missing": code == MISSING,
            "share": number(totals[code]["share"]),
            "n": int(totals[code]["n"]),
            "cells": [_cell(cells[code, name]) for name in classes],
            "accuracy": _cell(totals[code]),
        }
        for code in order
    ]
    return {
        **entry,
        "metric": metric,
        "confidence": analysis.settings["confidence"],
        "n_missing": sum(row["n"] for row in bins if row["missing"]),
        "classes": classes,
        "bins": bins,
        **_spreads(analysis, feature, metric, bins),
    }


def _run(analysis: Analysis) -> dict[str, Any]:
    settings = analysis.settings
    accuracy = next(row for row in _totals(analysis) if row["metric"] == "accuracy")
    by_status = analysis.failures["status"].astype(str).value_counts()
    opened = settings["n_failed"] > 0 or any(e["source"] == "image" for e in _listed(analysis))
    return {
        "task": settings["task"],
        "n": settings["n"],
        "n_failed": settings["n_failed"],
        "n_measured": settings["n"] - settings["n_failed"] if opened else None,
        "classes": list(settings["classes"]),
        "n_bins": settings["n_bins"],
        "confidence": settings["confidence"],
        "accuracy": {key: accuracy[key] for key in ("value", "low", "high")},
        "failures": [{"status": str(key), "n": int(n)} for key, n in by_status.items()],
    }


def _totals(analysis: Analysis) -> list[dict[str, Any]]:
    rows = analysis.overall[analysis.overall["class"] == "all"]
    return [{"metric": str(row["metric"]), **_bounds(row)} for row in rows.to_dict("records")]


def _classes(analysis: Analysis) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        name: {"class": name, "n": 0} for name in analysis.settings["classes"]
    }
    rows = analysis.overall[analysis.overall["class"] != "all"]
    for row in rows.to_dict("records"):
        target = found[str(row["class"])]
        target["n"] = int(row["n"])
        target[str(row["metric"])] = _bounds(row)
    return list(found.values())


def _ranked(analysis: Analysis) -> list[dict[str, Any]]:
    """Rows beyond chance first, then by excess; equal ones in the order of the trends table."""
    ends = _weakest_and_strongest(analysis.bins)
    n_bins = _bins_with_value(analysis.bins)
    entries = {entry["name"]: _entry(analysis, entry["name"]) for entry in _listed(analysis)}
    rows = []
    for row in analysis.trends.to_dict("records"):
        key = str(row["feature"]), str(row["class"])
        worst, best = ends.get(key, (None, None))
        rows.append(
            {
                **entries[key[0]],
                "class": key[1],
                "n": int(row["n"]),
                "metric": "accuracy" if key[1] == "all" else "f1_star",
                "worst": worst,
                "best": best,
                **against_chance(row["std_star"], row["std_star_chance"], n_bins.get(key, 0)),
            }
        )
    return sorted(rows, key=lambda row: (not row["beyond_chance"], -(row["excess"] or 0.0)))


def _listed(analysis: Analysis) -> Sequence[Mapping[str, Any]]:
    listed: Sequence[Mapping[str, Any]] = analysis.settings["features"]
    return listed


def _entry(analysis: Analysis, feature: str) -> dict[str, Any]:
    found = next(entry for entry in _listed(analysis) if entry["name"] == feature)
    return {
        "feature": feature,
        "title_en": found["title_en"] or feature,
        "title_zh": found["title_zh"] or feature,
        "kind": found["kind"],
        "unit": found["unit"] or "",
        "minimum": found["minimum"],
        "maximum": found["maximum"],
    }


def _weakest_and_strongest(
    bins: pd.DataFrame,
) -> dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]]:
    """Worst and best cell of every feature × class that has two cells to go by."""
    shown = (bins["metric"] == "f1_star") | (bins["metric"] == "accuracy")
    solid = (bins["bin"] != MISSING) & ~bins["low_support"] & bins["value"].notna()
    usable = bins[shown & solid].reset_index(drop=True)
    ends: dict[tuple[str, str], list[dict[Any, Any]]] = {}
    for row in usable.sort_values("value", kind="stable").to_dict("records"):
        ends.setdefault((str(row["feature"]), str(row["class"])), []).append(row)
    return {
        key: (_end(found[0]), _end(found[-1])) for key, found in ends.items() if len(found) >= 2
    }


def _end(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {"label": str(row["label"]), **_bounds(row), "n": int(row["n"])}


def _bins_with_value(bins: pd.DataFrame) -> dict[tuple[str, str], int]:
    counted = bins[
        ((bins["metric"] == "f1_star") | (bins["metric"] == "accuracy"))
        & (bins["bin"] != MISSING)
        & ~bins["low_support"]
        & bins["value"].notna()
    ]
    sizes: dict[tuple[str, str], int] = {}
    for feature, name in zip(counted["feature"], counted["class"], strict=True):
        sizes[str(feature), str(name)] = sizes.get((str(feature), str(name)), 0) + 1
    return sizes


def _bounds(row: Any) -> dict[str, float | None]:
    return {key: number(row[key]) for key in ("value", "low", "high")}


def _cell(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {**_bounds(row), "n": int(row["n"]), "low_support": bool(row["low_support"])}


def _spreads(
    analysis: Analysis, feature: str, metric: str, bins: Sequence[Mapping[str, Any]]
) -> dict[str, list[Any]]:
    """Std and its comparison with chance, per class and for the accuracy, as lists."""
    rows = analysis.trends[analysis.trends["feature"] == feature].set_index("class")
    kept = [row for row in bins if not row["missing"]]
    found = []
    for index, name in enumerate([*analysis.settings["classes"], "all"]):
        cells = [row["accuracy"] if name == "all" else row["cells"][index] for row in kept]
        values = np.array([np.nan if c["value"] is None else c["value"] for c in cells])
        chance = rows.at[name, "std_chance"] if metric == "f1" or name == "all" else None
        if metric == "f1_star" and name != "all":
            values[[c["low_support"] for c in cells]] = np.nan
            chance = rows.at[name, "std_star_chance"]
        n_bins = int(np.isfinite(values).sum())
        found.append(against_chance(float(spread_std(values)), chance, n_bins))
    return {key: [column[key] for column in found] for key in found[0]}


def _ranges(rows: Sequence[Mapping[Any, Any]], entry: Mapping[str, Any]) -> dict[int, str]:
    """The values that each share bin spans; other labels say it themselves."""
    if entry["kind"] != "numeric" or not all(is_share_label(str(row["label"])) for row in rows):
        return {}
    bounds = [entry["minimum"], *(row["edge_high"] for row in rows[:-1]), entry["maximum"]]
    texts = told_apart([number(bound) for bound in bounds])
    return {row["bin"]: span(*pair) for row, pair in zip(rows, pairwise(texts), strict=True)}
