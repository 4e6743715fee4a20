"""What became of test-time augmentation: verdict, strategies, views, moved images."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ...advice.remedy_names import (
    feature_title,
    policy_sentence,
    strategy_title,
    view_title,
    where_text,
)
from ...advice.remedy_templates import reason_text, remedy_text
from ...advice.remedy_wording import (
    ALL,
    ORIGINAL,
    POLICY,
    intervention_sentence,
    objective_row,
    refusal_sentence,
    verdict_sentence,
)
from ...advice.values import number
from ...bins import MISSING, bin_values
from ...policies import Where
from ...remedies import Remedy
from ...result import Analysis
from ..remedy_tables import objective_title, shown_classes

#: Curves of moved images; candidates; points of the front.
MOST_RESPONSES, MOST_CANDIDATES, MOST_POINTS = 24, 60, 120


def trial(analysis: Analysis, lang: str) -> dict[str, Any] | None:
    """What was tried at test time, and what is to be done.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    dict or None
        None where nothing was tried. ``verdict`` (use, do not use, not enough data), the sentences
        ``sentence``, ``refusal``, ``policy``; ``run``: how it was judged; ``objective``;
        ``recalls``: keys of the classes whose recall is shown; ``strategies``: ``title``,
        ``is_policy``, ``is_original``, ``passes``, ``milliseconds``, ``in_sample`` and
        ``metrics``: from
        ``accuracy``, ``nll`` … and ``recall:CLASS`` to ``value``, ``change``, ``low``, ``high``;
        ``candidates``; ``front``: ``class`` and ``points``, or None; ``interventions``:
        ``feature``, ``class``, ``verdict``, ``sentence``; ``responses``: the curves of the moved
        images with the observed ones; ``notes``.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse([0, 1, 1, 1], [0, 0, 1, 1], list("abcd"), features=(),
    ...                                save_path=None)
    >>> trial(analysis, "en") is None
    True
    """
    remedy = analysis.remedy
    if remedy is None:
        return None
    told = remedy.settings
    shown = shown_classes(remedy, everything=False) if len(remedy.strategies) else []
    design = remedy_text(f"design.{told['design']}", lang)
    judged = remedy.strategies[remedy.strategies["strategy"] == ORIGINAL]["n"]
    return {
        "verdict": told["verdict"],
        "sentence": verdict_sentence(remedy, lang),
        "refusal": refusal_sentence(remedy, lang),
        "policy": policy_sentence(remedy.policy, lang, recommended=told["verdict"] == "use"),
        "run": remedy_text("run", lang).format(
            n=f"{told['n']:,}",
            design=design.format(
                folds=told.get("folds"), judged=f"{int(judged.max()) if len(judged) else 0:,}"
            ),
            objective=objective_title(remedy, lang),
        ),
        "objective": objective_title(remedy, lang),
        "recalls": [f"recall:{name}" for name in shown],
        "strategies": _strategies(remedy, lang),
        "candidates": _candidates(remedy, lang),
        "front": _front(remedy, lang),
        "interventions": _interventions(remedy, lang),
        "responses": _responses(analysis, remedy, lang),
        "notes": [str(note) for note in told.get("notes", ())],
    }


def _strategies(remedy: Remedy, lang: str) -> list[dict[str, Any]]:
    aim = objective_row(remedy)
    by_name: dict[str, dict[str, Any]] = {}
    inside: dict[str, float | None] = {}
    for row in remedy.strategies.to_dict("records"):
        name, pair = str(row["strategy"]), (str(row["class"]), str(row["metric"]))
        key = pair[1] if pair[0] == ALL else f"{pair[1]}:{pair[0]}"
        numbers = {key: number(row[key], 5) for key in ("value", "change", "low", "high")}
        by_name.setdefault(name, {})[key] = numbers | {"n": int(row["n"])}
        if pair == aim:
            inside[name] = number(row["in_sample"], 5)
    return [
        {
            "title": strategy_title(str(row["strategy"]), lang).replace("  ", "↳ "),
            "is_policy": row["strategy"] == POLICY,
            "is_original": row["strategy"] == ORIGINAL,
            "passes": number(row["passes"], 3),
            "milliseconds": number(row["milliseconds"], 3),
            "in_sample": inside.get(str(row["strategy"])),
            "metrics": by_name.get(str(row["strategy"]), {}),
        }
        for row in remedy.costs.to_dict("records")
    ]


def _candidates(remedy: Remedy, lang: str) -> list[dict[str, Any]]:
    table = remedy.candidates.sort_values("weight", ascending=False, kind="stable")
    return [
        {
            "view": str(row["view"]),
            "moves": feature_title(str(row["feature"]), lang) if row["feature"] else "",
            "direction": str(row["direction"]),
            "images": _images(row, lang),
            "reached": number(row["reached"], 3),
            "weight": number(row["weight"], 3),
            "folds": int(row["folds"]),
            "source": str(row["source"]),
            "reason": reason_text(str(row["reason"]), lang),
        }
        for row in table.head(MOST_CANDIDATES).to_dict("records")
    ]


def _images(row: Mapping[Any, Any], lang: str) -> str:
    low, high = (row[name] if math.isfinite(row[name]) else None for name in ("low", "high"))
    if low is None and high is None:
        return remedy_text("all images", lang)
    return where_text(Where(str(row["feature"]), low, high))


def _front(remedy: Remedy, lang: str) -> dict[str, Any] | None:
    """Recall against accuracy, thinned evenly where there are many points."""
    if remedy.front.empty:
        return None
    points = []
    for name, rows in remedy.front.groupby("strategy", sort=False, observed=True):
        step = -(-len(rows) // (MOST_POINTS // 2))
        points += [
            {
                "strategy": str(name),
                "name": strategy_title(str(name), lang),
                "recall": number(row["recall"], 4),
                "accuracy": number(row["accuracy"], 4),
                "passes": number(row["passes"], 3),
            }
            for row in rows.iloc[::step].to_dict("records")
        ]
    return {"class": str(remedy.front["class"].iloc[0]), "points": points}


def _interventions(remedy: Remedy, lang: str) -> list[dict[str, Any]]:
    confidence = float(remedy.settings.get("confidence", 0.95))
    return [
        {
            "feature": str(row["feature"]),
            "title": feature_title(str(row["feature"]), lang),
            "class": str(row["class"]),
            "verdict": str(row["verdict"]),
            "sentence": intervention_sentence(row, lang, confidence=confidence),
        }
        for row in remedy.interventions.to_dict("records")
    ]


def _responses(analysis: Analysis, remedy: Remedy, lang: str) -> list[dict[str, Any]]:
    """Every operation's curve over the observed one, for all classes and for those checked."""
    table = remedy.responses
    if table.empty:
        return []
    checked = set(zip(remedy.interventions["feature"], remedy.interventions["class"], strict=True))
    wanted = table[table["metric"].isin(["accuracy", "recall"])]
    found = []
    for (op, feature, name), rows in wanted.groupby(
        ["op", "feature", "class"], sort=False, observed=True
    ):
        if name != ALL and (feature, name) not in checked:
            continue
        observed = _observed(analysis, str(feature), str(name))
        if observed is None or len(rows) < 2:
            continue
        rows = rows.sort_values("position", kind="stable")
        found.append(
            {
                "op": view_title(str(op), "", lang),
                "feature": str(feature),
                "title": feature_title(str(feature), lang),
                "class": str(name),
                "observed": observed,
                "moved": {
                    "x": _plain(rows["position"], 6),
                    **{key: _plain(rows[src], 4) for key, src in _AS.items()},
                    "dose": _plain(rows["dose"], 4),
                },
                "n": int(rows["n"].iloc[0]),
            }
        )
    return found[:MOST_RESPONSES]


_AS = {"y": "value", "low": "low", "high": "high"}


def _observed(analysis: Analysis, feature: str, name: str) -> dict[str, Any] | None:
    """Recall (accuracy) of each bin, at the median of the feature in it."""
    entries = {entry["name"]: entry for entry in analysis.settings["features"]}
    if feature not in entries or feature not in analysis.features:
        return None
    if entries[feature]["kind"] != "numeric":
        return None
    metric = "accuracy" if name == ALL else "recall"
    rows = analysis.bins[
        (analysis.bins["feature"] == feature)
        & (analysis.bins["class"].astype(str) == name)
        & (analysis.bins["metric"] == metric)
        & (analysis.bins["bin"] != MISSING)
    ].sort_values("bin", kind="stable")
    values = analysis.features[feature]
    codes = bin_values(values, edges=entries[feature]["edges"]).codes
    medians = pd.to_numeric(values).groupby(codes).median()
    at = medians.reindex(rows["bin"]).to_numpy(np.float64)
    found = {key: _plain(rows[source], 4) for key, source in _AS.items()}
    return {"x": _plain(pd.Series(at), 6), **found, "n": rows["n"].astype(int).to_list()}


def _plain(values: Any, digits: int) -> list[float | None]:
    return [number(value, digits) for value in values]
