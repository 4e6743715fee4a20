"""Results made by hand from small lists: what is read out of them is tested, not their making."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sensitivity import tables
from sensitivity.bins import Binning, bin_features
from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.metrics.classification import confusion_counts
from sensitivity.policies import Cell, Policy, Where
from sensitivity.remedies import Remedy
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
    counted = confusion_counts(y, called, len(classes), codes, n_cells)
    for k, counts in enumerate(counted.table()):
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
    rows = _metrics(confusion_counts(y, called, len(classes)).table()[0], classes)
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


# What became of test-time augmentation


def handmade_remedy(
    verdict: str = tables.USE,
    *,
    classes: Sequence[str] = ("normal", "defective"),
    objective: str = "nll",
    identity: bool = False,
    **settings: Any,
) -> Remedy:
    """A remedy as a trial on 1,111 images gives it: numbers made by hand, all of them told apart.

    Parameters
    ----------
    identity
        No fold found weights: the policy and its row are those of the original.
    settings
        Instead of those that are usual.
    """
    told = {
        "verdict": verdict,
        "reason": {tables.USE: "gain", tables.DO_NOT_USE: "too_small"}.get(verdict, "undecided"),
        "n": 1111,
        "n_needed": 3900 if verdict == tables.NOT_ENOUGH else None,
        "objective": objective,
        "design": "cross-fitted",
        "folds": 5,
        "confidence": 0.95,
        "gain": {"value": 0.0213, "low": 0.0101, "high": 0.0324},
        "beaten_by_shift": None if identity else verdict == tables.DO_NOT_USE,
        "refused": [{"what": "vflip", "why": "neither used in training nor declared"}],
        "seconds": 12.5,
        "notes": ["one note"],
        **settings,
    }
    views = (ORIGINAL, ViewSpec("bilateral", 0.1, feature="noise", direction="down"))
    noisy = Cell((0.6, 0.2), where=(Where("noise", 3.25),))
    policy = Policy(views, (0.8, 0.0), cells=(noisy,), entropy=0.42, classes=tuple(classes))
    return Remedy(
        interventions=_frame(_interventions(classes[-1]), tables.INTERVENTIONS),
        responses=_frame(_responses(), tables.RESPONSES),
        candidates=_frame(_candidates(identity=identity), tables.CANDIDATES),
        strategies=_frame(_strategies(classes, identity=identity), tables.STRATEGIES),
        costs=_frame(_costs(identity=identity), tables.COSTS),
        front=_frame(_front(classes[-1]), tables.FRONT),
        policy=Policy(classes=tuple(classes)) if identity else policy,
        settings=told,
    )


#: Name; change of accuracy, of NLL and of the classes' recalls; passes, milliseconds.
_TRIED = (
    ("original", 0.0, 0.0, 0.0, 1.0, 4.25),
    ("temperature", 0.0, -0.011, 0.0, 1.0, 4.25),
    ("threshold shift", 0.004, -0.012, 0.006, 1.0, 4.25),
    ("all thresholds", 0.0031, -0.0153, 0.0052, 1.0, 4.25),
    ("replace box_blur(3)", -0.052, 0.121, 0.041, 1.0, 4.75),
    ("mix .5 original + .5 vflip", 0.0071, -0.0143, 0.0031, 2.0, 8.75),
    ("mix .5 original + .5 box_blur(3)", -0.021, 0.031, 0.0224, 2.0, 9.0),
    (
        "threshold shift, as mix .5 original + .5 box_blur(3)",
        *(-0.018, 0.0215, 0.0243, 1.0, 4.25),
    ),
    ("policy", 0.0152, -0.0324, 0.0171, 1.625, 6.75),
)


def _strategies(classes: Sequence[str], *, identity: bool) -> list[Row]:
    rows = []
    for name, accuracy, nll, recall, *_ in _TRIED:
        scale = 0.0 if name == "original" or (identity and name == "policy") else 1.0
        fitted = name.startswith(("temperature", "threshold shift", "all", "policy"))
        changes = [
            ("all", "accuracy", 0.862, accuracy),
            ("all", "balanced_accuracy", 0.843, recall),
        ]
        changes += [("all", "macro_f1", 0.841, accuracy), ("all", "nll", 0.3312, nll)]
        changes += [("all", "ece", 0.031, nll / 3)]
        for place, owner in enumerate(classes):
            changes.append((owner, "recall", 0.897 - 0.107 * place / (len(classes) - 1), recall))
            changes.append((owner, "precision", 0.9 - 0.02 * place, accuracy / 2))
        for owner, metric, first, change in changes:
            change *= scale
            rows.append(
                {
                    "strategy": name,
                    "class": owner,
                    "metric": metric,
                    "n": 1111 if owner == "all" else 1111 // len(classes),
                    "value": first + change,
                    "change": change,
                    "low": change - 0.012 * scale,
                    "high": change + 0.013 * scale,
                    "in_sample": 1.5 * change if fitted else np.nan,
                    "p": 0.032 if scale and metric in ("accuracy", "recall") else np.nan,
                    "p_holm": 0.064 if scale and metric == "recall" else np.nan,
                }
            )
    return rows


def _costs(*, identity: bool) -> list[Row]:
    found = [
        {
            "strategy": name,
            "passes": passes,
            "milliseconds": milliseconds,
            "corrected": round(2000 * abs(accuracy)),
            "corrupted": round(900 * abs(accuracy)),
        }
        for name, accuracy, _, _, passes, milliseconds in _TRIED
    ]
    if identity:
        found[-1] |= {"passes": 1.0, "milliseconds": 4.25, "corrected": 0, "corrupted": 0}
    return found


def _candidates(*, identity: bool) -> list[Row]:
    none = {"low": np.nan, "high": np.nan, "reached": np.nan, "weight": 0.0, "folds": 0}
    weight = 0.0 if identity else 0.25
    return [
        {
            "view": "bilateral(0.1)", "feature": "noise", "direction": "down", "source": "trend",
            **none, "low": 3.25, "reached": 0.71, "weight": weight, "folds": 0 if identity else 5,
            "reason": "no gain out of fold" if identity
            else "defective is worse where noise is high",
        },
        {
            "view": "bilateral(0.25)", "feature": "noise", "direction": "down", "source": "trend",
            **none, "low": 3.25, "reached": 0.93, "reason": "moves entropy by 1.4 SD",
        },
        {
            "view": "hflip", "feature": "", "direction": "", "source": "training", **none,
            "folds": 1, "reason": "no gain out of fold",
        },
    ]  # fmt: skip


def _interventions(name: str) -> list[Row]:
    row = {
        "feature": "noise", "class": name, "op": "bilateral", "direction": "down", "dose": 0.1,
        "n": 181, "moved_sd": -1.23, "observed": 0.112, "change": 0.093, "change_low": 0.041,
        "change_high": 0.145, "control": "gamma(0.67)", "control_change": 0.011,
        "verdict": tables.REPRODUCED, "reason": "reproduced",
    }  # fmt: skip
    against = {
        "feature": "sharpness", "class": "all", "op": "unsharp", "direction": "up", "dose": 2.0,
        "n": 644, "moved_sd": 0.87, "observed": 0.061, "change": -0.004, "change_low": -0.019,
        "change_high": 0.012, "control": "", "control_change": np.nan,
        "verdict": tables.CONTRADICTED, "reason": "no change",
    }  # fmt: skip
    open_ = {
        **against, "feature": "brightness", "op": "", "dose": np.nan, "n": 0,
        "verdict": tables.NOT_CHECKED, "reason": "no control",
    }  # fmt: skip
    numbers = ("moved_sd", "observed", "change", "change_low", "change_high")
    return [row, against, {**open_, **dict.fromkeys(numbers, np.nan)}]


def _responses() -> list[Row]:
    return [
        {
            "op": "bilateral", "dose": dose, "feature": "noise", "position": 4 - 10 * dose,
            "class": "all", "metric": "accuracy", "n": 1111, "value": 0.86 + dose / 10,
            "low": 0.84, "high": 0.9,
        }
        for dose in (0.0, 0.1, 0.25)
    ]  # fmt: skip


def _front(name: str) -> list[Row]:
    return [
        {
            "strategy": strategy, "setting": shift, "class": name, "accuracy": 0.86 - shift / 50,
            "recall": 0.79 + shift / 20, "passes": 1.0,
        }
        for strategy in ("policy", "threshold shift")
        for shift in (0.0, 0.5, 1.0)
    ]  # fmt: skip


@pytest.fixture(scope="session")
def make_remedy() -> Callable[..., Remedy]:
    return handmade_remedy
