"""The section ``feature_sensitivity`` of the page layout: one entry per feature."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..advice.values import is_share_label, number, range_label
from ..bins import MISSING
from ..result import Analysis
from ..times import is_time
from .titles import DIGITS, feature_title, text

HISTOGRAM_BINS = 20

_DATE = re.compile(r"-?\d{4,}-\d\d-\d\d")


def sensitivity_entries(analysis: Analysis, locale: str) -> dict[str, dict[str, Any]]:
    """Every feature's F1 table, accuracy per range and distribution.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    locale : {"en-us", "zh-cn"}
        Language of titles and labels.

    Returns
    -------
    dict
        From operation name (:func:`operation_names`) to entry; empty without features.
    """
    listed, skipped = analysis.settings["features"], analysis.settings["skipped"]
    names = operation_names([entry["name"] for entry in (*listed, *skipped)])
    by_feature = dict(list(analysis.bins.groupby("feature", sort=False, observed=True)))
    classes = list(analysis.settings["classes"])
    return {
        names[entry["name"]]: _entry(
            entry, by_feature[entry["name"]], classes, _values(analysis, entry), locale
        )
        for entry in listed
    }


def operation_names(features: Sequence[str]) -> dict[str, str]:
    """Snake-case names of the features' entries, distinct.

    Parameters
    ----------
    features : sequence of str
        Feature and column names, distinct.

    Returns
    -------
    dict
        From feature to operation name.

    Examples
    --------
    >>> operation_names(["sharpness", "Camera ID", "camera-id", "时段"])
    {'sharpness': 'sharpness', 'Camera ID': 'camera_id', 'camera-id': 'camera_id_2', '时段': '时段'}
    """
    found: dict[str, str] = {}
    for feature in features:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", feature)
        name = stem = re.sub(r"\W+", "_", words).strip("_").lower() or "feature"
        repeat = 1
        while name in found.values():
            repeat += 1
            name = f"{stem}_{repeat}"
        found[feature] = name
    return found


def _entry(
    entry: Mapping[str, Any],
    bins: pd.DataFrame,
    classes: Sequence[str],
    values: npt.NDArray[np.float64],
    locale: str,
) -> dict[str, Any]:
    kept = bins[bins["bin"] != MISSING]
    totals = kept[kept["metric"] == "accuracy"].sort_values("bin")
    own = (entry["title_en"] or "", entry["title_zh"] or "")
    title = feature_title(entry["name"], entry["source"], own, locale)
    numeric = entry["kind"] == "numeric"
    labels = [str(label) for label in totals["label"]]
    if numeric:
        labels = [range_label(label, locale) for label in labels]

    description = text(f"sensitivity.cut_by_{_way_of_cutting(totals, numeric=numeric)}", locale)
    if entry["n_missing"]:
        description += text("sensitivity.missing", locale).format(n=entry["n_missing"])
    found: dict[str, Any] = {
        "title": text("sensitivity.title", locale).format(feature=title),
        "description": description,
        "table": {text("sensitivity.table", locale): _f1_table(kept, labels, classes, locale)},
    }
    if numeric:
        chart = _accuracy_chart(totals, entry, title, locale)
        found["line_chart"] = {text("sensitivity.accuracy", locale): chart}
        histogram = _histogram(values, title, locale)
        if histogram:
            found["column_chart"] = {text("sensitivity.histogram", locale): histogram}
        return found
    name = text("sensitivity.accuracy_of_values", locale)
    found["table"][name] = _accuracy_table(totals, labels, title, locale)
    found["pie_chart"] = {
        text("sensitivity.histogram", locale): {
            "label": labels,
            "value": [int(n) for n in totals["n"]],
        }
    }
    return found


def _f1_table(
    kept: pd.DataFrame, labels: Sequence[str], classes: Sequence[str], locale: str
) -> dict[str, Any]:
    rows = kept[kept["metric"] == "f1"]
    wide = rows.pivot(index="bin", columns="class", values="value")
    # As the service prints it: a class without a hit counts as 0, in the std too.
    cells = wide.reindex(columns=list(classes)).sort_index().fillna(0.0).to_numpy(np.float64)
    with_std = np.vstack((cells, cells.std(axis=0)))
    return {
        "top_left_cell": text("sensitivity.corner", locale),
        "row_labels": [*labels, text("sensitivity.std", locale)],
        "col_labels": list(classes),
        "cell_value": [[round(value, DIGITS) for value in row] for row in with_std.tolist()],
    }


def _way_of_cutting(totals: pd.DataFrame, *, numeric: bool) -> str:
    """How the bins came about: equal shares, single values, or edges that were given."""
    labels = [str(label) for label in totals["label"]]
    if numeric and all(map(is_share_label, labels)):
        return "shares"
    if not numeric or all(_is_number(label) or _DATE.match(label) for label in labels):
        return "values"
    return "edges"


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True


def _accuracy_chart(
    totals: pd.DataFrame, entry: Mapping[str, Any], title: str, locale: str
) -> dict[str, Any]:
    """Accuracy by the upper share of a range, by its one value, or by its number."""
    x: list[float] = [float(k + 1) for k in range(len(totals))]
    chart: dict[str, Any] = {"x_axis_name": text("sensitivity.order", locale)}
    match _way_of_cutting(totals, numeric=True):
        case "shares":
            n = totals["n"].to_numpy(np.float64)
            x = (100 * np.cumsum(n) / max(n.sum(), 1.0)).round(DIGITS).tolist()
            chart = {"x_axis_name": text("sensitivity.share", locale), "x_axis_range": [0, 100]}
        case "values":
            x = [*entry["edges"], entry["maximum"]]
            if not is_time(entry["unit"]):
                x = [float(label) for label in totals["label"]]
            chart = {"x_axis_name": title}
    points = [
        [at, number(value, DIGITS)]
        for at, value in zip(x, totals["value"], strict=True)
        if np.isfinite(at) and np.isfinite(value)
    ]
    name = text("accuracy", locale)
    return {**chart, "y_axis_name": name, "y_axis_range": [0, 1], "curve": {name: points}}


def _accuracy_table(
    totals: pd.DataFrame, labels: Sequence[str], title: str, locale: str
) -> dict[str, Any]:
    shown = zip(totals["value"], totals["n"], strict=True)
    return {
        "top_left_cell": title,
        "row_labels": list(labels),
        "col_labels": [text("accuracy", locale), text("n", locale)],
        "cell_value": [[number(value, DIGITS), int(n)] for value, n in shown],
    }


def _values(analysis: Analysis, entry: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """A numeric feature's finite values; empty when they were not loaded."""
    if entry["kind"] != "numeric" or entry["name"] not in analysis.features:
        return np.empty(0)
    column = analysis.features[entry["name"]]
    values: npt.NDArray[np.float64] = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return values[np.isfinite(values)]


def _histogram(values: npt.NDArray[np.float64], title: str, locale: str) -> dict[str, Any] | None:
    if not len(values):
        return None
    low, high = float(values.min()), float(values.max())
    # Weighted ends, since the difference of two finite numbers need not be finite.
    part = np.linspace(0, 1, HISTOGRAM_BINS + 1)
    edges = low * (1 - part) + high * part
    if not (edges[1:] > edges[:-1]).all():
        return None
    counts, _ = np.histogram(values, edges)
    return {
        "x_axis_name": title,
        "y_axis_name": text("sensitivity.images", locale),
        "x_value": [low, *(float(f"{edge:.12g}") for edge in edges[1:-1]), high],
        "y_value": counts.tolist(),
    }
