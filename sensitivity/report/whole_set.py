"""The sections ``common`` and ``precision_performance`` of the page layout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..advice.values import number
from ..result import Analysis
from .titles import DIGITS, text

#: Beyond this many classes the confusion matrix and the ROC curves are left out of the page
#: (a thousand classes would be a million cells, twice); the tables of the result keep them.
MAX_CLASSES = 100

CLASS_METRICS = ("precision", "recall", "f1")


def overall_entry(analysis: Analysis, locale: str) -> dict[str, Any]:
    """The overall evaluation: how many images, and metrics with their intervals.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    locale : {"en-us", "zh-cn"}
        Language.

    Returns
    -------
    dict
        One entry of the page.
    """
    run = analysis.settings
    entry = _headed("overall", locale)
    entry["description"] = entry["description"].format(confidence=f"{100 * run['confidence']:g}%")
    counts = {"images": run["n"], "classes": len(run["classes"])}
    if run["n_failed"]:
        counts |= {"measured": run["n"] - run["n_failed"], "failed": run["n_failed"]}
    entry["value"] = {text(f"overall.{key}", locale): int(n) for key, n in counts.items()}
    rows = analysis.overall[analysis.overall["class"] == "all"]
    entry["table"] = {
        text("overall.table", locale): {
            "top_left_cell": text("metric", locale),
            "row_labels": [text(str(metric), locale) for metric in rows["metric"]],
            "col_labels": [text(key, locale) for key in ("value", "low", "high")],
            "cell_value": _rounded(rows[["value", "low", "high"]]),
        }
    }
    return entry


def precision_entries(analysis: Analysis, locale: str) -> dict[str, dict[str, Any]]:
    """Class distribution, accuracy, metrics per class, ROC curves, confusion matrix.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    locale : {"en-us", "zh-cn"}
        Language.

    Returns
    -------
    dict
        From operation name to entry.
    """
    return {
        "class_distribution": _class_distribution(analysis, locale),
        "accuracy": _accuracy(analysis, locale),
        "precision_recall_f1": _class_metrics(analysis, locale),
        "roc_curve": _roc(analysis, locale),
        "confusion_matrix": _confusion(analysis, locale),
    }


def _headed(name: str, locale: str) -> dict[str, Any]:
    return {
        "title": text(f"{name}.title", locale),
        "description": text(f"{name}.description", locale),
    }


def _rounded(table: pd.DataFrame) -> list[list[float | None]]:
    return [[number(value, DIGITS) for value in row] for row in table.to_numpy(np.float64).tolist()]


def _class_distribution(analysis: Analysis, locale: str) -> dict[str, Any]:
    classes = list(analysis.settings["classes"])
    counts = analysis.confusion.groupby("class", observed=True)["n"].sum()
    values = counts.reindex(classes, fill_value=0)
    chart = {"label": classes, "value": [int(n) for n in values]}
    entry = _headed("class_distribution", locale)
    return {**entry, "pie_chart": {entry["title"]: chart}}


def _accuracy(analysis: Analysis, locale: str) -> dict[str, Any]:
    accuracy = next(
        row for row in analysis.overall.to_dict("records") if row["metric"] == "accuracy"
    )
    value = {text("accuracy", locale): number(accuracy["value"], DIGITS)}
    return {**_headed("accuracy", locale), "value": value}


def _class_metrics(analysis: Analysis, locale: str) -> dict[str, Any]:
    entry = _headed("precision_recall_f1", locale)
    table = {
        "top_left_cell": text("class", locale),
        "row_labels": list(analysis.settings["classes"]),
        "col_labels": [text(metric, locale) for metric in CLASS_METRICS],
        "cell_value": _rounded(_per_class(analysis)[list(CLASS_METRICS)]),
    }
    return {**entry, "table": {entry["title"]: table}}


def _per_class(analysis: Analysis) -> pd.DataFrame:
    """Metrics as columns, all classes as rows, in their order."""
    rows = analysis.overall[analysis.overall["class"] != "all"]
    wide = rows.pivot(index="class", columns="metric", values="value")
    names = [*CLASS_METRICS, "auc"]
    return wide.reindex(index=list(analysis.settings["classes"]), columns=names)


def _roc(analysis: Analysis, locale: str) -> dict[str, Any]:
    entry = _headed("roc_curve", locale)
    n_classes = len(analysis.settings["classes"])
    if analysis.settings["score_kind"] == "labels":
        return {**entry, "description": text("roc_curve.none", locale)}
    if "merged" in analysis.settings:
        return {**entry, "description": text("roc_curve.merged", locale)}
    if n_classes > MAX_CLASSES:
        about = text("roc_curve.many", locale).format(n=n_classes, most=MAX_CLASSES)
        return {**entry, "description": about}
    if analysis.roc.empty:
        return {**entry, "description": text("roc_curve.one_sided", locale)}
    curves = {
        str(name): points[["fpr", "tpr"]].to_numpy(np.float64).round(DIGITS).tolist()
        for name, points in analysis.roc.groupby("class", sort=False, observed=True)
    }
    areas = _per_class(analysis)["auc"]
    entry["value"] = {name: number(areas[name], DIGITS) for name in curves}
    chart = {
        "x_axis_name": text("roc_curve.x", locale),
        "y_axis_name": text("roc_curve.y", locale),
        "x_axis_range": [0, 1],
        "y_axis_range": [0, 1],
        "curve": curves,
    }
    return {**entry, "line_chart": {entry["title"]: chart}}


def _confusion(analysis: Analysis, locale: str) -> dict[str, Any]:
    entry = _headed("confusion_matrix", locale)
    classes = list(analysis.settings["classes"])
    if len(classes) > MAX_CLASSES:
        about = text("confusion_matrix.many", locale).format(n=len(classes), most=MAX_CLASSES)
        return {**entry, "description": about}
    rows = analysis.confusion
    if "" in {*rows["class"], *rows["predicted"]}:
        classes.append("")  # of several labels per image: the one that is not there
    place = {name: index for index, name in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
    predicted = rows["predicted"].astype(object).map(place)
    true = rows["class"].astype(object).map(place)
    counts[predicted.to_numpy(np.int64), true.to_numpy(np.int64)] = rows["n"].to_numpy()
    table = {
        "top_left_cell": text("confusion_matrix.corner", locale),
        "row_labels": [name or "–" for name in classes],
        "col_labels": [name or "–" for name in classes],
        "cell_value": counts.tolist(),
    }
    return {**entry, "table": {entry["title"]: table}}
