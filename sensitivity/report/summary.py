"""What a reader is shown, as plain dicts: the writers format it and compute nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..advice.facts import ALL, Facts, collect
from ..advice.levels import Level, weakest_and_strongest
from ..advice.overview import headline
from ..advice.places import value_ranges
from ..advice.templates import LANGUAGES
from ..advice.values import number, span
from ..advice.wording import sentence
from ..bins import MISSING
from ..errors import InputError
from ..result import Analysis
from ..stats.spread import spread_std
from ..trends import FALSE_CALLS, in_order

METRICS = ("f1", "f1_star", "recall", "precision")

#: What a row takes over from the trends.
NUMBERS = (
    "std",
    "std_chance",
    "spread",
    "spread_low",
    "impact",
    "q",
    "recall_change",
    "recall_change_low",
    "recall_change_high",
    "detectable_change",
)
TEXTS = (
    "grade",
    "strength",
    "verdict",
    "driver",
    "direction",
    "shape",
    "pattern",
    "travels_with",
    "explained_by",
)


def summary(analysis: Analysis) -> dict[str, Any]:
    """The run, the whole set, and what was found of every feature × class.

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
        - ``headline_en``, ``headline_zh``: the run in one sentence.
        - ``totals``: ``metric``, ``value``, ``low``, ``high`` over all classes.
        - ``classes``: ``class``, ``n``, and per metric ``value``, ``low``, ``high``.
        - ``rows``: one per feature × class and ``"all"``: ``feature``, ``title_en``,
          ``title_zh``, ``kind``, ``unit``, ``class``, ``n``; ``metric`` (``f1_star``; for
          ``"all"`` ``accuracy``) of the ``worst`` and the ``best`` bin (``bin``, ``label``,
          ``value``, ``low``, ``high``, ``n``) among those with at least 10 samples, None
          when fewer than two have; :data:`NUMBERS` and :data:`TEXTS` of the trends;
          ``false_calls`` (``bin``, ``worst``, ``rest``) of a finding in these, else None;
          ``told_by``: the other of two classes where its row tells of the same errors; and
          ``sentence_en``, ``sentence_zh``. Real rows come first, then candidates, then those
          of larger ``spread_low``.
        - ``skipped`` (``name``, ``reason``) and ``notes``.

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
        **{f"headline_{lang}": headline(analysis, lang=lang) for lang in LANGUAGES},
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
        and ``accuracy`` (the same); ``std``, ``std_chance`` (known for F1 and accuracy only),
        and of the trends ``spread``, ``spread_low``, ``strength``, ``verdict``, ``q``,
        ``sentence_en`` and ``sentence_zh``: one value per class and one more for the accuracy.

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
    kept = [totals[code] for code in order if code != MISSING]
    labels = [str(row["label"]) for row in kept]
    ranges = value_ranges(labels, [row["edge_high"] for row in kept], entry)
    bins = [
        {
            "label": str(totals[code]["label"]),
            "range": span(*ranges[code]) if code != MISSING and ranges else "",
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
    levels = {
        name: weakest_and_strongest(analysis.bins, name) for name in ("f1_star", "accuracy_star")
    }
    entries = {entry["name"]: _entry(analysis, entry["name"]) for entry in _listed(analysis)}
    facts = {(each.feature, each.name): each for each in collect(analysis, analysis.trends)}
    rows = []
    for row in in_order(analysis.trends).to_dict("records"):
        key = str(row["feature"]), str(row["class"])
        metric = "accuracy_star" if key[1] == ALL else "f1_star"
        none: tuple[Level | None, Level | None] = (None, None)
        worst, best = levels[metric].get(key, none)
        rows.append(
            {
                **entries[key[0]],
                "class": key[1],
                "n": int(row["n"]),
                "metric": metric,
                "worst": worst,
                "best": best,
                **{name: number(row[name]) for name in NUMBERS},
                **{name: _text(row[name]) for name in TEXTS},
                "false_calls": _false_calls(facts[key]),
                "told_by": facts[key].told_by,
                **_in_words(facts[key]),
            }
        )
    return rows


def _false_calls(facts: Facts) -> dict[str, float] | None:
    calls = facts.calls
    if facts.strength == "none" or FALSE_CALLS not in facts.moving[:1] or calls is None:
        return None
    return {"bin": calls.bin, "worst": calls.worst, "rest": calls.rest}


def _in_words(facts: Facts) -> dict[str, str]:
    return {f"sentence_{lang}": sentence(facts, lang) for lang in LANGUAGES}


def _sentences(analysis: Analysis, trends: pd.DataFrame) -> dict[tuple[str, str], dict[str, str]]:
    """Every row's sentence in every language."""
    return {(facts.feature, facts.name): _in_words(facts) for facts in collect(analysis, trends)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


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


def _bounds(row: Any) -> dict[str, float | None]:
    return {key: number(row[key]) for key in ("value", "low", "high")}


def _cell(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {**_bounds(row), "n": int(row["n"]), "low_support": bool(row["low_support"])}


def _spreads(
    analysis: Analysis, feature: str, metric: str, bins: Sequence[Mapping[str, Any]]
) -> dict[str, list[Any]]:
    """Std, spread and verdict per class and for the accuracy, as lists."""
    trends = analysis.trends[analysis.trends["feature"] == feature]
    rows = {str(row["class"]): row for row in trends.to_dict("records")}
    sentences = _sentences(analysis, trends)
    kept = [row for row in bins if not row["missing"]]
    found = []
    for index, name in enumerate([*analysis.settings["classes"], ALL]):
        cells = [row["accuracy"] if name == ALL else row["cells"][index] for row in kept]
        values = np.array([np.nan if c["value"] is None else c["value"] for c in cells])
        if metric == "f1_star" and name != ALL:
            values[[c["low_support"] for c in cells]] = np.nan
        known = metric == "f1" or name == ALL
        row = rows[name]
        found.append(
            {
                "std": number(spread_std(values)),
                "std_chance": number(row["std_chance"]) if known else None,
                **{key: number(row[key]) for key in ("spread", "spread_low", "q")},
                **{key: _text(row[key]) for key in ("strength", "verdict")},
                **sentences[feature, name],
            }
        )
    return {key: [column[key] for column in found] for key in found[0]}
