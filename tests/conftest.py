"""Results made by hand from small lists: what is read out of them is tested, not their making."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sensitivity import tables
from sensitivity.bins import Binning, bin_features
from sensitivity.metrics.classification import confusion_counts
from sensitivity.result import Analysis
from sensitivity.stats.intervals import f1_interval, wilson

Row = dict[str, Any]


def handmade(
    predicted: Sequence[int],
    labels: Sequence[int],
    names: Sequence[str] | None = None,
    *,
    columns: Mapping[str, Any] | None = None,
    classes: Sequence[str] = ("0", "1"),
    groups: Sequence[Any] | None = None,
    edges: Mapping[str, Sequence[Any]] | None = None,
    spread: Mapping[tuple[str, str], tuple[float, float, float]] | None = None,
    n_bins: int = 5,
    **settings: Any,
) -> Analysis:
    """A result as analyse() gives it, its trends empty but for the given spreads.

    Parameters
    ----------
    spread
        From (feature, class) to spread, spread_low, spread_high.
    settings
        Further settings, such as ``dependence``.
    """
    y, called = np.asarray(labels), np.asarray(predicted)
    listed = list(names) if names is not None else [f"{i}.png" for i in range(len(y))]
    table = pd.DataFrame({"name": pd.Series(listed, dtype="str")})
    for name, values in (columns or {}).items():
        table[name] = pd.Series(values)
    binnings, skipped = bin_features(table, n_bins=n_bins, edges=edges)
    bins = [row for name, cut in binnings.items() for row in _bins(name, cut, y, called, classes)]
    sizes = {"all": len(y), **{name: int((y == c).sum()) for c, name in enumerate(classes)}}
    owners = [(name, owner) for name in binnings for owner in ("all", *classes)]
    return Analysis(
        features=table,
        outcomes=_outcomes(table["name"], y, called, list(classes), groups),
        bins=_frame(bins, tables.BINS),
        trends=_frame([_trend(pair, sizes, spread or {}) for pair in owners], tables.TRENDS),
        overall=_frame(_overall(y, called, classes), tables.OVERALL),
        confusion=_frame([], tables.CONFUSION),
        roc=_frame([], tables.ROC),
        failures=_frame([], tables.FAILURES),
        settings={
            "version": "0",
            "task": "image_classification",
            "classes": list(classes),
            "n": len(y),
            "n_failed": 0,
            "confidence": 0.95,
            "features": [_entry(name, cut) for name, cut in binnings.items()],
            "skipped": skipped,
            "notes": [],
            "meta": {},
            **settings,
        },
        **({"slices": _frame([], tables.SLICES)} if "slices" in Analysis.__annotations__ else {}),
    )


def _outcomes(
    names: pd.Series, y: np.ndarray, called: np.ndarray, classes: list[str], groups: Any
) -> pd.DataFrame:
    empty = np.full(len(y), np.nan)
    frame = pd.DataFrame(
        {
            "name": names,
            "class": tables.coded(y, classes),
            "predicted": tables.coded(called, classes),
            "right": y == called,
            "kind": pd.Series(["right" if hit else "wrong" for hit in y == called], dtype="str"),
            "score": empty,
            "score_true": empty,
            "margin": empty,
            "group": pd.Series(
                [None] * len(y) if groups is None else map(str, groups), dtype=object
            ),
        }
    )
    return tables.check(frame, tables.OUTCOMES)


def _bins(
    feature: str, cut: Binning, y: np.ndarray, called: np.ndarray, classes: Sequence[str]
) -> list[Row]:
    codes = np.where(cut.codes < 0, cut.n_bins, cut.codes)
    n_cells = cut.n_bins + int(cut.n_missing > 0)
    labels = [*cut.labels, "missing"]
    rows = []
    for k, counts in enumerate(confusion_counts(y, called, len(classes), codes, n_cells)):
        where = {
            "feature": feature,
            "bin": -1 if k == cut.n_bins else k,
            "label": labels[k],
            "edge_low": np.nan,
            "edge_high": np.nan,
            "share": counts.sum() / len(y),
            "shrunk": np.nan,
        }
        for row in _metrics(counts, classes):
            rows.append({**where, **row, "low_support": row["n"] < 10})
    return rows


def _overall(y: np.ndarray, called: np.ndarray, classes: Sequence[str]) -> list[Row]:
    rows = _metrics(confusion_counts(y, called, len(classes))[0], classes)
    return [row for row in rows if row["metric"] != "f1_star"]


def _metrics(counts: np.ndarray, classes: Sequence[str]) -> list[Row]:
    n, called, hits = counts.sum(axis=1), counts.sum(axis=0), np.diag(counts)
    total, right = int(counts.sum()), int(hits.sum())
    rows = [("all", "accuracy", total, right / total if total else np.nan, wilson(right, total))]
    with np.errstate(invalid="ignore"):
        for c, name in enumerate(classes):
            f1 = 2 * hits[c] / (n[c] + called[c])
            of_f1 = f1_interval(hits[c], n[c], called[c])
            rows += [
                (name, "recall", n[c], hits[c] / n[c], wilson(hits[c], n[c])),
                (name, "precision", n[c], hits[c] / called[c], wilson(hits[c], called[c])),
                (name, "f1", n[c], f1, of_f1),
                (name, "f1_star", n[c], f1, of_f1),
            ]
    return [
        {
            "class": owner,
            "metric": metric,
            "n": int(size),
            "value": float(value),
            "low": float(bounds[0]),
            "high": float(bounds[1]),
        }
        for owner, metric, size, value, bounds in rows
    ]


def _trend(
    owner: tuple[str, str],
    sizes: Mapping[str, int],
    spread: Mapping[tuple[str, str], tuple[float, float, float]],
) -> Row:
    empty = {"text": "", "number": np.nan, "integer": sizes[owner[1]]}
    row: Row = {column.name: empty[column.kind] for column in tables.TRENDS.columns}
    row["feature"], row["class"] = owner
    row["spread"], row["spread_low"], row["spread_high"] = spread.get(owner, (np.nan,) * 3)
    return row


def _entry(name: str, cut: Binning) -> Row:
    return {
        "name": name,
        "source": "column",
        "title_en": name,
        "title_zh": name,
        "unit": "",
        "kind": cut.kind,
        "edges": list(cut.edges),
        "categories": list(cut.categories),
        "n_missing": cut.n_missing,
        "minimum": None,
        "maximum": None,
    }


def _frame(rows: list[Row], schema: tables.Schema) -> pd.DataFrame:
    if not rows:
        return pd.DataFrame(columns=list(schema.names))
    texts = {column.name: "str" for column in schema.columns if column.kind == "text"}
    return tables.check(pd.DataFrame(rows)[list(schema.names)].astype(texts), schema)


@pytest.fixture(scope="session")
def make_analysis() -> Callable[..., Analysis]:
    return handmade
