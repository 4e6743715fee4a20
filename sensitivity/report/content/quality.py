"""The whole set: totals, every class, which classes are taken for which, ROC and PR curves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...advice.facts import ALL
from ...advice.values import number
from ...grids import confusion
from ...result import Analysis
from .words import WORDS, word

#: Classes of the confusion matrix; curves; pairs of classes; rows of the table of classes.
MOST_CONFUSED, MOST_CURVES, MOST_PAIRS, MOST_CLASSES = 30, 6, 10, 1000

CLASS_METRICS = ("recall", "precision", "f1", "auc")


def quality(analysis: Analysis, lang: str) -> dict[str, Any]:
    """How good the model is over all images.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    dict
        ``totals``: ``metric``, ``name``, ``value``, ``low``, ``high``, ``n``; ``classes``:
        ``class``, ``n`` and per metric ``value``, ``low``, ``high``, the lowest F1 first where
        not all are listed; ``n_classes``; ``confusion``: ``classes`` and ``counts`` (row: true
        class) of those that are confused most, or None where images have several labels;
        ``pairs``: ``class``, ``predicted``, ``n``, ``share`` of the class; ``roc`` and ``pr``:
        ``name``, ``x``, ``y``, ``auc``, of the classes with the lowest AUC.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse([0, 1, 1, 1], [0, 0, 1, 1], list("abcd"), features=(),
    ...                                save_path=None)
    >>> told = quality(analysis, "en")
    >>> told["pairs"]
    [{'class': '0', 'predicted': '1', 'n': 1, 'share': 0.5}]
    """
    rows = analysis.overall[analysis.overall["class"] == ALL].to_dict("records")
    totals = [
        {
            "metric": str(row["metric"]),
            "name": word(key, lang) if (key := f"metric.{row['metric']}") in WORDS else key[7:],
            "n": int(row["n"]),
            **_bounds(row),
        }
        for row in rows
    ]
    classes = _classes(analysis)
    return {
        "totals": totals,
        "classes": classes[:MOST_CLASSES],
        "n_classes": len(classes),
        "has_auc": any(entry["auc"]["value"] is not None for entry in classes),
        **_confused(analysis),
        **_curves(analysis, classes),
    }


def _bounds(row: Any) -> dict[str, float | None]:
    return {key: number(row[key], 4) for key in ("value", "low", "high")}


def _classes(analysis: Analysis) -> list[dict[str, Any]]:
    """In their own order; where they are many, those with the lowest F1 first."""
    none = dict.fromkeys(("value", "low", "high"))
    found: dict[str, dict[str, Any]] = {
        name: {"class": name, "n": 0} | dict.fromkeys(CLASS_METRICS, none)
        for name in analysis.settings["classes"]
    }
    rows = analysis.overall[analysis.overall["class"] != ALL]
    for row in rows.to_dict("records"):
        target = found[str(row["class"])]
        target["n"] = int(row["n"])
        target[str(row["metric"])] = _bounds(row)
    listed = list(found.values())
    if len(listed) <= MOST_CLASSES:
        return listed

    def weakness(entry: dict[str, Any]) -> float:
        return 2.0 if entry["f1"]["value"] is None else float(entry["f1"]["value"])

    return sorted(listed, key=weakness)


def _confused(analysis: Analysis) -> dict[str, Any]:
    if analysis.settings["task"] != "image_classification":
        return {"confusion": None, "pairs": []}
    classes = list(analysis.settings["classes"])
    counts = confusion(analysis)
    totals = counts.sum(axis=1)
    off = totals + counts.sum(axis=0) - 2 * counts.diagonal()
    kept = np.sort(np.argsort(-off, kind="stable")[:MOST_CONFUSED])
    cells = counts.tocoo()
    true, called = cells.coords
    false = np.flatnonzero((true != called) & (cells.data > 0))
    most = false[np.lexsort((called[false], true[false], -cells.data[false]))][:MOST_PAIRS]
    return {
        "confusion": {
            "classes": [classes[place] for place in kept],
            "counts": counts[kept][:, kept].toarray().tolist(),
        },
        "pairs": [
            {
                "class": classes[y],
                "predicted": classes[c],
                "n": int(n),
                "share": number(n / totals[y], 4),
            }
            for y, c, n in zip(true[most], called[most], cells.data[most], strict=True)
        ],
    }


def _curves(analysis: Analysis, classes: list[dict[str, Any]]) -> dict[str, Any]:
    """ROC as stored; precision follows from it and the number of images of the class."""
    table = analysis.roc
    known = set(table["class"].astype(str)) if len(table) else set()
    drawn = [entry for entry in classes if entry["class"] in known]
    drawn = sorted(drawn, key=lambda entry: entry["auc"]["value"] or 0.0)[:MOST_CURVES]
    roc, pr = [], []
    by_class = dict(tuple(table.groupby(table["class"].astype(str)))) if known else {}
    for entry in drawn:
        rows = by_class[entry["class"]]
        fpr, tpr = (rows[key].to_numpy(np.float64) for key in ("fpr", "tpr"))
        n_true = entry["n"]
        hits, false = tpr * n_true, fpr * (analysis.settings["n"] - n_true)
        called = hits + false
        above = called > 0
        curve = {"name": entry["class"]}
        roc.append({**curve, "auc": entry["auc"]["value"], "x": _rounded(fpr), "y": _rounded(tpr)})
        precision = hits[above] / called[above]
        # Without the AUC, which is the area under the other curve.
        pr.append({**curve, "x": _rounded(tpr[above]), "y": _rounded(precision)})
    return {"roc": roc, "pr": pr}


def _rounded(values: Any) -> list[float]:
    return [round(float(value), 4) for value in pd.Series(values).to_numpy()]
