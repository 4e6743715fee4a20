"""Analyses put together by hand: what a row of the trends says is given, not computed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sensitivity import tables
from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.policies import Policy
from sensitivity.remedies import Remedy
from sensitivity.result import Analysis

LABELS = ("0%-20%", "20%-40%", "40%-60%", "60%-80%", "80%-100%")

EDGES = (12.3, 20.0, 31.5, 62.5)

#: A row on which nothing was found.
NOTHING = {
    "feature": "sharpness",
    "class": "defect",
    "n": 356,
    "std": 0.04,
    "std_chance": 0.05,
    "spread": 0.0,
    "spread_low": 0.0,
    "spread_high": 0.06,
    "impact": 0.0,
    "grade": "none",
    "direction": "",
    "shape": "trend",
    "pattern": "",
    "recall_change": -0.02,
    "recall_change_low": -0.14,
    "recall_change_high": 0.1,
    "detectable_change": 0.176,
    "auc": 0.51,
    "p_recall": 0.5,
    "p_fpr": 0.6,
    "p_f1": 0.5,
    "p_shape": 0.7,
    "driver": "recall",
    "p": 0.5,
    "q": 0.71,
    "strength": "none",
    "p_margin": np.nan,
    "q_margin": np.nan,
    "margin_first": np.nan,
    "margin_last": np.nan,
    "partial_z": 0.3,
    "vif": 1.1,
    "travels_with": "",
    "explained_by": "",
    "verdict": tables.CHANCE,
}

#: A row with a finding: recall rises with sharpness.
REAL = {
    "spread": 0.08,
    "spread_low": 0.05,
    "grade": "medium",
    "direction": "rises",
    "recall_change": 0.23,
    "recall_change_low": 0.12,
    "recall_change_high": 0.34,
    "p": 0.001,
    "q": 0.003,
    "strength": "real",
    "verdict": tables.ASSOCIATED,
}

CANDIDATE = {**REAL, "spread_low": 0.01, "q": 0.07, "strength": "candidate"}
CANDIDATE["verdict"] = tables.CHANCE

MIX = {"std": 0.086, "spread": 0.001, "verdict": tables.CLASS_MIX}

MARGIN = {
    "q_margin": 0.004,
    "margin_first": float(np.log(22)),
    "margin_last": float(np.log(4)),
    "verdict": tables.MARGIN,
}

FEATURES = {
    "sharpness": ("image", "Clarity", "清晰度", "numeric"),
    "noise": ("image", "Noise", "噪声", "numeric"),
    "dose": ("column", "dose", "dose", "numeric"),
    "camera": ("column", "camera", "camera", "categorical"),
}


def make(
    *rows: Mapping[str, Any],
    cells: Mapping[tuple[str, str, str], Sequence[float]] | None = None,
    counts: Mapping[tuple[str, str], Sequence[int]] | None = None,
    labels: Mapping[str, Sequence[str]] | None = None,
    dependence: Mapping[str, Any] | None = None,
    accuracy: float = 0.86,
    n: int = 1110,
) -> Analysis:
    """An analysis with these rows, each given as what parts it from a row without a finding.

    `cells` are values by (feature, class, metric), `counts` samples by (feature, class).
    """
    trends = pd.DataFrame([{**NOTHING, **row} for row in rows], columns=list(tables.TRENDS.names))
    texts = {column.name: "str" for column in tables.TRENDS.columns if column.kind == "text"}
    trends = trends.astype(texts)
    names = list(dict.fromkeys(trends["feature"]))
    classes = list(dict.fromkeys([*trends["class"][trends["class"] != "all"], "normal"]))
    bins = [
        _bin_rows(name, classes, cells or {}, counts or {}, (labels or {}).get(name, LABELS))
        for name in names
    ]
    overall = [
        {"class": "all", "metric": "accuracy", "n": n, "value": accuracy},
        *({"class": name, "metric": "recall", "n": 300, "value": 0.8} for name in classes),
    ]
    settings = {
        "task": "image_classification",
        "n": n,
        "n_failed": 0,
        "n_bins": len(LABELS),
        "extraction": {"decoded": n, "cached": 0},
        "classes": classes,
        "confidence": 0.95,
        "features": [_entry(name, (labels or {}).get(name, LABELS)) for name in names],
        "dependence": dependence or {"kind": "none", "n_clusters": None, "p": None, "ratio": None},
    }
    frames = {
        "bins": pd.DataFrame([row for part in bins for row in part], columns=tables.BINS.names),
        "trends": trends,
        "overall": pd.DataFrame(overall, columns=tables.OVERALL.names),
    }
    empty = {
        field.name: pd.DataFrame()
        for field in dataclasses.fields(Analysis)
        if field.name not in frames and field.name not in ("settings", "remedy")
    }
    tables.check(frames["trends"], tables.TRENDS)
    return Analysis(**frames, **empty, settings=settings)


def _entry(name: str, labels: Sequence[str]) -> dict[str, Any]:
    source, title_en, title_zh, kind = FEATURES[name]
    numeric = kind == "numeric"
    return {
        "name": name,
        "source": source,
        "unit": "",
        "title_en": title_en,
        "title_zh": title_zh,
        "kind": kind,
        "edges": list(EDGES[: len(labels) - 1]) if numeric else [],
        "categories": [] if numeric else list(labels),
        "n_missing": 0,
        "minimum": 0.0 if numeric else None,
        "maximum": 192.0 if numeric else None,
    }


def _bin_rows(
    feature: str,
    classes: Sequence[str],
    cells: Mapping[tuple[str, str, str], Sequence[float]],
    counts: Mapping[tuple[str, str], Sequence[int]],
    labels: Sequence[str],
) -> list[dict[str, Any]]:
    edges = [*EDGES[: len(labels) - 1], np.nan]
    rows = []
    for k, label in enumerate(labels):
        for name in ("all", *classes):
            n = counts.get((feature, name), [222 if name == "all" else 71] * len(labels))[k]
            for metric in (
                ("accuracy", "accuracy_star")
                if name == "all"
                else ("recall", "precision", "f1", "f1_star")
            ):
                key = metric.removesuffix("_star") if name == "all" else metric
                value = cells.get((feature, name, key), [0.8] * len(labels))[k]
                rows.append(
                    {
                        "feature": feature,
                        "bin": k,
                        "label": label,
                        "class": name,
                        "metric": metric,
                        "edge_low": edges[k - 1] if k else np.nan,
                        "edge_high": edges[k],
                        "share": 1 / len(labels),
                        "n": n,
                        "value": value,
                        "low": value - 0.1,
                        "high": value + 0.1,
                        "shrunk": value,
                        "low_support": n < 10,
                    }
                )
    return rows


@pytest.fixture(scope="session")
def made() -> Callable[..., Analysis]:
    return make


@pytest.fixture(scope="session")
def rows() -> dict[str, dict[str, Any]]:
    """A row of each kind, as what parts it from a row without a finding."""
    return {
        "nothing": {},
        "real": REAL,
        "confirmed": {**REAL, "verdict": tables.CONFIRMED},
        "candidate": CANDIDATE,
        "capped": {**CANDIDATE, "q": 0.003},
        "mix": MIX,
        "margin": MARGIN,
        "untested": {"q": np.nan, "p": np.nan, "detectable_change": np.nan},
    }


def made_trial(
    verdict: str,
    *,
    interventions: pd.DataFrame | None = None,
    beaten_by_shift: bool = False,
) -> Remedy:
    """What a trial of test-time augmentation leaves, with this verdict."""
    empty = {s.name: pd.DataFrame(columns=list(s.names)) for s in tables.TTA_TABLES}
    row = {"strategy": "policy", "class": "all", "metric": "accuracy", "n": 1000, "value": 0.86}
    row |= {"change": 0.02, "low": 0.005, "high": 0.035}
    empty["strategies"] = pd.DataFrame([row])
    empty["costs"] = pd.DataFrame([{"strategy": "policy", "passes": 1.5}])
    if interventions is not None:
        empty["interventions"] = interventions
    settings = {
        "verdict": verdict,
        "n": 1000,
        "n_needed": 3900,
        "beaten_by_shift": beaten_by_shift,
    }
    views = (ORIGINAL, ViewSpec("unsharp", 1.0, "sharpness", "up", "trend"))
    return Remedy(**empty, policy=Policy(views, (0.5, 0.5)), settings=settings)


@pytest.fixture(scope="session")
def trial() -> Callable[..., Remedy]:
    return made_trial
