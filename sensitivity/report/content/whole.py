"""The dict of a whole report, section by section."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import pandas as pd

from ...advice.facts import ALL, CANDIDATE, REAL, collect
from ...advice.overview import headline
from ...advice.recommending import recommend
from ...advice.values import number
from ...advice.wording import sentence
from ...cells.called import counted_calls, false_calls
from ...glance import NO_EVIDENCE, NOT_TESTED, verdict_text
from ...grids import bands, grid, rates, recall_bands
from ...labels import edge_texts
from ...records import Comparison
from ...result import Analysis
from ...times import shown_unit
from ...trends import in_order, own_rows
from .compared import compared
from .leading import findings
from .panels import bin_rows, class_mix, distribution, panel, verdict_key
from .quality import quality
from .run import failures, run
from .slicing import crossings, slices
from .trial import trial
from .words import word

#: Feature × class rows with a panel of their own, besides those of all classes together.
MOST_PANELS = 1000

#: Codes of the rules that are for detection.
OTHER_TASKS = "B5"

#: Panels of a feature that are open: of classes with a verdict, or of so few classes all.
MOST_OPEN, FEW_CLASSES = 8, 2

#: Of a row, what its verdict is made of; verdicts that tell nothing.
_OF_VERDICT = ("verdict", "strength", "q")
SILENT = (NO_EVIDENCE, NOT_TESTED)

#: Classes in the map.
MOST_MAPPED = 40


def content(
    analysis: Analysis,
    *,
    lang: str = "en",
    comparison: Comparison | None = None,
    command: str = "",
) -> dict[str, Any]:
    """Everything a report says, in one language.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis; where it holds a trial of test-time augmentation, that too.
    lang : {"en", "zh"}, default "en"
        Language of all texts.
    comparison : Comparison, optional
        Of this result with that of another model.
    command : str, default ""
        What makes this report again, to be shown.

    Returns
    -------
    dict
        JSON-able; undefined numbers are None. ``lang``, ``run``, ``headline``, ``findings``,
        ``n_tested``, ``n_further``, ``quality``, ``map``, ``features``, ``n_folded`` (features
        with ``folded``: of which nothing is told), ``two_way``, ``slices``, ``advice``, ``trial``,
        ``comparison``, ``failures``, ``settings``. Every sentence on a feature and a class is
        that of :func:`sensitivity.advice.findings.findings`.

    Raises
    ------
    OptionError
        Another language.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0] * 20 + [0, 1] * 10, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> told = content(analysis)
    >>> told["features"][0]["title"], told["run"]["n"]
    ('hour', 40)
    """
    word("title", lang)  # refuses another language
    ranked = in_order(analysis.trends)
    advice = recommend(analysis, lang=lang).to_dict()
    # Rules of another task are no news here.
    advice["not_applicable"] = [
        rule for rule in advice["not_applicable"] if not rule["code"].startswith(OTHER_TASKS)
    ]
    tried = trial(analysis, lang)
    features = _features(analysis, ranked, _speaking(ranked, tried), lang)
    own = own_rows(ranked)
    own = own[own["strength"].isin([REAL, CANDIDATE])]
    leading = findings(features, own, advice)
    return {
        "lang": lang,
        "run": run(analysis, lang),
        "headline": headline(analysis, lang=lang),
        "findings": leading,
        "n_tested": int(ranked["q"].notna().sum()),
        "n_further": len(own) - sum(found["n_rows"] for found in leading),
        "quality": quality(analysis, lang),
        "map": _map(analysis, ranked, features),
        "features": features,
        "n_folded": sum(feature["folded"] for feature in features),
        "two_way": crossings(analysis, features),
        "slices": slices(analysis, lang),
        "advice": advice,
        "trial": tried,
        "comparison": None if comparison is None else compared(comparison, lang),
        "failures": failures(analysis),
        "settings": _settings(analysis, command),
    }


def _speaking(ranked: pd.DataFrame, tried: Mapping[str, Any] | None) -> set[str]:
    """Features of which there is something to tell: a verdict, or images moved along them."""
    found = set()
    for feature, *of_row in zip(*(ranked[key] for key in ("feature", *_OF_VERDICT)), strict=True):
        if verdict_text(dict(zip(_OF_VERDICT, of_row, strict=True))) not in SILENT:
            found.add(str(feature))
    moved = [*tried["responses"], *tried["interventions"]] if tried else []
    return found | {row["feature"] for row in moved}


def _features(
    analysis: Analysis, ranked: pd.DataFrame, speaking: Set[str], lang: str
) -> list[dict[str, Any]]:
    """Every feature in the order of its strongest row, with the panels that are shown."""
    classes = list(analysis.settings["classes"])
    column = {name: place for place, name in enumerate(classes)}
    shown = _shown(ranked)
    sentences = {
        (facts.feature, facts.name): sentence(facts, lang) for facts in collect(analysis, shown)
    }
    calls = _false_calls(analysis, shown)
    pooled = rates(analysis)
    entries = {entry["name"]: entry for entry in analysis.settings["features"]}
    by_feature = dict(tuple(analysis.bins.groupby("feature", observed=True)))
    rows_of = dict(tuple(shown.groupby("feature", sort=False, observed=True)))
    n_rows = ranked["feature"].astype(str).value_counts()
    found = []
    for place, feature in enumerate(dict.fromkeys(ranked["feature"].astype(str))):
        entry = entries[feature]
        cells = grid(by_feature[feature], entry, classes)
        confidence = analysis.settings["confidence"]
        band = bands(cells, pooled, confidence=confidence)
        of_recall = recall_bands(cells, pooled, confidence=confidence)
        bins = bin_rows(cells, lang)
        rows = rows_of[feature].to_dict("records")
        panels = [
            panel(
                row,
                sentences[feature, str(row["class"])],
                cells,
                None if str(row["class"]) == ALL else column[str(row["class"])],
                band,
                of_recall,
                calls.get((feature, str(row["class"])), {}),
                lang,
            )
            # All classes together first, then those with a verdict, then those that vary most.
            for row in sorted(rows, key=lambda row: (str(row["class"]) != ALL, _silent(row)))
        ]
        found.append(
            {
                "id": f"f{place}",
                "feature": feature,
                "title": entry[f"title_{lang}"] or feature,
                "unit": shown_unit(entry["unit"]),
                "kind": entry["kind"],
                "folded": feature not in speaking,
                "bins": bins,
                "panels": panels,
                "n_open": _n_open(panels),
                "n_left_out": int(n_rows[feature]) - len(panels),
                "distribution": distribution(analysis, entry, bins),
                "mix": class_mix(cells, classes, lang),
            }
        )
    return found


def _false_calls(analysis: Analysis, rows: pd.DataFrame) -> dict[tuple[str, str], dict[int, float]]:
    """The share of false calls in each bin, by feature and class of what was found."""
    rows, bins = rows[rows["strength"].isin([REAL, CANDIDATE])], analysis.bins
    kept = bins["feature"].isin(rows["feature"]) & bins["class"].isin([*rows["class"], ALL])
    bins = bins[kept]
    counted = counted_calls(bins, analysis.features, analysis.outcomes, analysis.settings)
    found: dict[tuple[str, str], dict[int, float]] = {}
    table = false_calls(bins, counted)
    keys = zip(table["feature"].astype(str), table["class"].astype(str), strict=True)
    for key, code, value in zip(keys, table["bin"], table["value"], strict=True):
        found.setdefault(key, {})[int(code)] = float(value)
    return found


def _n_open(panels: list[dict[str, Any]]) -> int:
    """How many of the first panels are shown at once; the others where they are asked for."""
    of_class = panels[1:]
    if len(of_class) <= FEW_CLASSES:
        return len(panels)
    return 1 + min(sum(not _silent(row) for row in of_class), MOST_OPEN)


def _silent(row: Mapping[Any, Any]) -> bool:
    """Whether a row has no verdict that tells anything."""
    return verdict_text({key: row[key] for key in _OF_VERDICT}) in SILENT


def _shown(ranked: pd.DataFrame) -> pd.DataFrame:
    """The rows with a panel: all classes together, and the first of the others."""
    of_all = ranked["class"].astype(str) == ALL
    others = ranked[~of_all]
    return ranked[of_all | ranked.index.isin(others.index[:MOST_PANELS])]


def _map(
    analysis: Analysis, ranked: pd.DataFrame, features: list[dict[str, Any]]
) -> dict[str, Any]:
    """Spread of every feature × class; with many classes those that come first."""
    classes = [*analysis.settings["classes"]]
    order = [name for name in dict.fromkeys(ranked["class"].astype(str)) if name != ALL]
    kept = set(order[:MOST_MAPPED])
    names = [ALL, *(name for name in classes if name in kept)]
    rows = {
        (str(row["feature"]), str(row["class"])): row
        for row in ranked[ranked["class"].astype(str).isin(names)].to_dict("records")
    }
    table = [[rows.get((feature["feature"], name)) for name in names] for feature in features]
    return {
        "features": [
            {key: feature[key] for key in ("id", "feature", "title")} for feature in features
        ],
        "classes": names,
        "n_classes": len(classes),
        "spread": [[row and number(row["spread"], 4) for row in line] for line in table],
        "strength": [[str(row["strength"]) if row else "" for row in line] for line in table],
        "verdict": [[verdict_key(row) if row else "" for row in line] for line in table],
    }


def _settings(analysis: Analysis, command: str) -> dict[str, Any]:
    from ...encoding import plain

    told = {key: value for key, value in analysis.settings.items() if key != "features"}
    return {
        "command": command,
        "values": plain(told),
        "edges": [
            {"feature": entry["name"], "edges": edge_texts(entry)}
            for entry in analysis.settings["features"]
        ],
    }
