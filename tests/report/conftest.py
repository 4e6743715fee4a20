"""Results of made-up predictions that open no image, their tables computed the plain way."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sensitivity import tables
from sensitivity.bins import Binning, bin_features
from sensitivity.cells import class_curves, confusion_rows, overall_rows, roc_rows
from sensitivity.inputs.samples import Samples, read_samples
from sensitivity.result import Analysis
from sensitivity.stats.intervals import wilson
from sensitivity.synthetic import published_table


@dataclass(frozen=True)
class Case:
    """A result beside the raw lists that it came from."""

    analysis: Analysis
    y: np.ndarray
    predicted: np.ndarray
    scores: np.ndarray | None
    columns: Mapping[str, Any]


def by_hand(
    pred_list: Any,
    label_list: Any,
    name_list: Sequence[str],
    *,
    columns: Mapping[str, Any],
    label_map_dict: Mapping[int, str] | None = None,
    confidence: float = 0.95,
    edges: Mapping[str, Sequence[float]] | None = None,
    custom_metric: Any = None,
    op_list: Sequence[str] | None = None,
) -> Analysis:
    """What ``sensitivity.analyse`` gives, so far as the report layer looks at it."""
    samples = read_samples(pred_list, label_list, name_list, label_map_dict=label_map_dict)
    table = pd.DataFrame({"name": list(name_list), **columns})
    binnings, skipped = bin_features(table, edges=edges)
    n_classes = len(samples.classes)
    pooled = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(pooled, (samples.y, samples.predicted), 1)
    curves = class_curves(samples.scores, samples.score_kind, samples.y)
    bins = [bin_rows(name, binning, samples, confidence) for name, binning in binnings.items()]
    frames = {
        "features": table,
        "outcomes": pd.DataFrame(columns=list(tables.OUTCOMES.names)),
        "bins": pd.concat(bins, ignore_index=True)
        if bins
        else pd.DataFrame(columns=list(tables.BINS.names)),
        "trends": trend_rows(binnings, table, samples, bins),
        "overall": overall_rows(
            pooled, samples.classes, curves=curves, rng=np.random.default_rng(0)
        ),
        "confusion": confusion_rows(pooled, samples.classes),
        "roc": roc_rows(curves, samples.classes),
        "failures": pd.DataFrame(columns=list(tables.FAILURES.names)),
        "slices": pd.DataFrame(columns=list(tables.SLICES.names)),
    }
    settings = {
        "version": "0",
        "task": samples.task,
        "classes": list(samples.classes),
        "score_kind": samples.score_kind,
        "threshold": None,
        "n": len(samples),
        "n_failed": 0,
        "n_bins": 5,
        "confidence": confidence,
        "prior": (pooled.sum(axis=1) / pooled.sum()).tolist(),
        "prior_given": False,
        "features": [feature_entry(name, table[name], b) for name, b in binnings.items()],
        "skipped": skipped,
        "notes": [],
        "custom_metric": custom_metric,
        "op_list": list(op_list or ()),
        "dependence": {"kind": "none", "n_clusters": None, "p": None, "ratio": None},
        "extraction": {"decoded": 0, "cached": 0},
    }
    wanted = {field.name for field in dataclasses.fields(Analysis)} - {"settings"}
    return Analysis(settings=settings, **{name: frames[name] for name in wanted})


def feature_entry(name: str, values: pd.Series, binning: Binning) -> dict[str, Any]:
    numeric = binning.kind == "numeric"
    return {
        "name": name,
        "source": "column",
        "unit": "",
        "title_en": name,
        "title_zh": name,
        "kind": binning.kind,
        "edges": list(binning.edges),
        "categories": list(binning.categories),
        "n_missing": binning.n_missing,
        "minimum": float(values.min()) if numeric else None,
        "maximum": float(values.max()) if numeric else None,
    }


def bin_rows(name: str, binning: Binning, samples: Samples, confidence: float) -> pd.DataFrame:
    """All cells of a feature, one at a time."""
    y, predicted, classes = samples.y, samples.predicted, samples.classes
    codes = [*range(binning.n_bins), *([-1] if binning.n_missing else [])]
    prior = np.bincount(y, minlength=len(classes)) / len(y)
    called = np.array([[(predicted[y == k] == c).mean() if (y == k).any() else 0.0
                        for c in range(len(classes))] for k in range(len(classes))])  # fmt: skip
    edges = [np.nan, *binning.edges, np.nan] if binning.edges else None
    rows = []
    for code in codes:
        here = binning.codes == code
        head = {
            "feature": name,
            "bin": code,
            "label": "missing" if code < 0 else binning.labels[code],
            "edge_low": edges[code] if edges and code >= 0 else np.nan,
            "edge_high": edges[code + 1] if edges and code >= 0 else np.nan,
            "share": here.mean(),
        }
        right = (y == predicted)[here]
        rows.append(head | cell("all", "accuracy", right.sum(), len(right), len(right), confidence))
        members = [here & (y == k) for k in range(len(classes))]
        for c, of_class in enumerate(classes):
            n, p = int(members[c].sum()), int((here & (predicted == c)).sum())
            hits = int((members[c] & (predicted == c)).sum())
            rates = [(predicted[m] == c).mean() if m.any() else called[k, c]
                     for k, m in enumerate(members)]  # fmt: skip
            mean = (prior[c] + np.dot(prior, rates)) / 2
            star = prior[c] * hits / n / mean if n and mean else np.nan
            rows += [
                head | cell(of_class, "recall", hits, n, n, confidence),
                head | cell(of_class, "precision", hits, p, n, confidence),
                head | cell(of_class, "f1", hits, (n + p) / 2, n, confidence),
                head | cell(of_class, "f1_star", star * n, n, n, confidence),
            ]
    return pd.DataFrame(rows, columns=list(tables.BINS.names))


def cell(name: str, metric: str, hits: float, of: float, n: int, confidence: float) -> dict:
    value = hits / of if of else np.nan
    low, high = wilson(min(hits, of), of, confidence=confidence)
    found = {"class": name, "metric": metric, "n": int(n), "value": value, "shrunk": value}
    return found | {"low": float(low), "high": float(high), "low_support": n < 10}


def trend_rows(
    binnings: Mapping[str, Binning], table: pd.DataFrame, samples: Samples, bins: list[pd.DataFrame]
) -> pd.DataFrame:
    """One row per feature × class: a rank test of recall, and the std over the bins."""
    right, rows = samples.y == samples.predicted, []
    for (name, binning), cells in zip(binnings.items(), bins, strict=True):
        for c, of_class in enumerate(["all", *samples.classes], start=-1):
            kept = (binning.codes >= 0) & ((samples.y == c) | (c < 0))
            values = np.where(binning.codes < 0, np.nan, binning.codes)
            if binning.kind == "numeric":
                values = table[name].to_numpy(np.float64)
            rows.append(
                {"feature": name, "class": of_class, "n": int(kept.sum())}
                | spread_of(cells[(cells["class"] == of_class) & (cells["bin"] >= 0)])
                | tested(values[kept], right[kept], numeric=binning.kind == "numeric")
            )
    frame = pd.DataFrame(rows, columns=list(tables.TRENDS.names))
    known = frame["p"].notna()
    frame.loc[known, "q"] = stats.false_discovery_control(frame.loc[known, "p"].to_numpy(float))
    real, hint = frame["q"] <= 0.05, frame["q"] <= 0.1
    frame["strength"] = np.where(real, "real", np.where(hint, "candidate", "none"))
    frame["verdict"] = np.where(real, tables.ASSOCIATED, tables.CHANCE)
    frame["grade"] = np.where(
        real & (frame["std"] > 0.1), "medium", np.where(real, "slight", "none")
    )
    for column in tables.TRENDS.columns:
        if column.kind == "text":
            frame[column.name] = frame[column.name].astype("str").fillna("")
        elif column.kind == "number":
            frame[column.name] = frame[column.name].astype(np.float64)
    return tables.check(frame, tables.TRENDS)


def spread_of(cells: pd.DataFrame) -> dict[str, float]:
    raw = cells[cells["metric"].isin(("f1", "accuracy"))]
    star = cells[cells["metric"].isin(("f1_star", "accuracy")) & ~cells["low_support"]]
    chance = ((raw["high"] - raw["low"]) / 4).pow(2).mean() ** 0.5
    noise = ((star["high"] - star["low"]) / 4).pow(2).mean()
    values = star["value"].dropna()
    spread = max(values.var(ddof=0) - noise, 0.0) ** 0.5 if len(values) >= 3 else np.nan
    return {
        "std": raw["value"].std(ddof=0) if raw["value"].notna().sum() > 1 else np.nan,
        "std_chance": chance,
        "spread": spread,
        "spread_low": spread / 2,
        "spread_high": spread * 2,
    }


def tested(values: np.ndarray, right: np.ndarray, *, numeric: bool) -> dict[str, Any]:
    """Mann–Whitney's test of the values of right against wrong samples; χ² for categories."""
    found: dict[str, Any] = {"driver": "recall", "shape": "trend" if numeric else "categories"}
    if right.all() or not right.any() or len(np.unique(values)) < 2:
        return found
    if not numeric:
        return found | {"p": float(stats.chi2_contingency(pd.crosstab(values, right))[1])}
    rank = stats.rankdata(values) / len(values)
    rank -= rank.mean()
    slope, error = rank @ right / (rank @ rank), right.std() / np.sqrt(rank @ rank)
    low, high = slope - 2 * error, slope + 2 * error
    return found | {
        "p": float(stats.mannwhitneyu(values[right], values[~right]).pvalue),
        "direction": "rises" if slope > 0 else "falls",
        "recall_change": 0.8 * slope,
        "recall_change_low": 0.8 * low,
        "recall_change_high": 0.8 * high,
        "detectable_change": 0.8 * 3.5 * error,
    }


def build(
    *,
    classes: int = 2,
    n: int = 600,
    seed: int = 0,
    scores: bool = True,
    columns: Mapping[str, Any] | None = None,
    order: np.ndarray | None = None,
    fall: float = 0.4,
    **options: Any,
) -> Case:
    rng = np.random.default_rng(seed)
    share = np.r_[0.5, np.full(classes - 1, 0.5 / max(classes - 1, 1))]
    y = rng.choice(classes, n, p=share / share.sum())
    sharpness = rng.lognormal(5, 1, n)
    brightness = rng.random(n)
    brightness[rng.random(n) < 0.05] = np.nan
    camera = rng.choice(["north", "south", "屋顶"], n, p=[0.7, 0.28, 0.02])
    # The last class is missed more often the sharper the image is.
    rank = sharpness.argsort().argsort() / n
    missed = rng.random(n) < 0.08 + fall * rank * (y == classes - 1)
    predicted = np.where(missed, (y + 1 + rng.integers(0, max(classes - 1, 1), n)) % classes, y)
    logits = rng.normal(0, 1, (n, classes))
    logits[np.arange(n), predicted] = logits.max(axis=1) + rng.random(n)
    given = {"sharpness": sharpness, "brightness": brightness, "camera": camera}
    given |= {"hour": rng.choice([6, 12, 18], n)}
    given = dict(given if columns is None else columns)
    pick = np.arange(n) if order is None else order
    given = {name: np.asarray(values)[pick] for name, values in given.items()}
    analysis = by_hand(
        logits[pick] if scores else predicted[pick],
        y[pick],
        [f"{i}.png" for i in pick],
        columns=given,
        **options,
    )
    return Case(analysis, y[pick], predicted[pick], logits[pick] if scores else None, given)


@pytest.fixture(scope="session")
def build_case() -> Callable[..., Case]:
    return build


@pytest.fixture(scope="session")
def published() -> Analysis:
    page = published_table()
    return by_hand(page.pred_list, page.label_list, page.name_list, columns=page.columns)


@pytest.fixture(scope="session")
def two() -> Case:
    return build(label_map_dict={0: "normal", 1: "defect"})


@pytest.fixture(scope="session")
def three() -> Case:
    return build(classes=3, seed=1, label_map_dict={0: "正常", 1: "划痕", 2: "隐裂"})


@pytest.fixture(scope="session")
def twelve() -> Case:
    return build(classes=12, n=1500, seed=2)


@pytest.fixture(scope="session")
def null() -> Case:
    """Nothing depends on anything."""
    return build(fall=0.0, seed=3, label_map_dict={0: "normal", 1: "defect"})
