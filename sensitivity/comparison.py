"""The door :func:`compare`: two models on the same images, bin by bin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import __version__, tables
from .bins import MISSING, Binning, bin_values
from .errors import OptionError
from .pairs import Pairs, match
from .records import Comparison
from .result import Analysis
from .stats import paired, paired_clusters, paired_trends
from .stats.multiplicity import family_weights, weighted_bh

Floats = npt.NDArray[np.float64]

_METRICS = ("accuracy", "recall", "f1")


def compare(a: Analysis, b: Analysis, *, confidence: float | None = None) -> Comparison:
    """What a second model does better or worse than a first, over all and in every bin.

    Both judged the same images, so each image is compared with itself: that is worth several
    times as many images as two separate test sets.

    Parameters
    ----------
    a, b : Analysis
        Results of the first and of the second model, with their per-image tables. Images are
        matched by name, repeated names in their order. Features and bins are those of `a`.
    confidence : float, optional
        Coverage of the intervals; None: as in `a`.

    Returns
    -------
    Comparison
        ``overall``, ``bins`` and ``trends``; see :data:`sensitivity.tables.COMPARED`.

    Raises
    ------
    InputError
        No name occurs in both, an image's class differs, or the classes do.
    ResultError
        A result that has no per-image tables (its JSON file alone).
    OptionError
        A confidence outside (0, 1).

    Notes
    -----
    Images that only one result has are left out, and counted in ``settings``. With groups
    (those of `a`, else of `b`) all intervals and p allow for images of a group being alike.
    Without, where either analysis found that errors of neighbouring names are alike, 60
    neighbouring names are taken as a group.

    Examples
    --------
    >>> import sensitivity
    >>> labels, names = [0, 1] * 100, [f"{i}.png" for i in range(200)]
    >>> def run(wrong):
    ...     called = [1 - y if i in wrong else y for i, y in enumerate(labels)]
    ...     return sensitivity.analyse(called, labels, names, columns={"blur": range(200)},
    ...                                features=(), save_path=None)
    >>> change = compare(run(range(150, 190)), run(range(150, 160)))
    >>> columns = ["class", "metric", "value_a", "value_b", "corrected", "corrupted"]
    >>> print(change.overall[columns].head(1).to_string(index=False))
    class   metric  value_a  value_b  corrected  corrupted
      all accuracy      0.8     0.95         30          0
    """
    level = a.settings["confidence"] if confidence is None else _checked(confidence)
    pairs = match(a, b)
    frames, trends = [], []
    for entry in a.settings["features"]:
        name = entry["name"]
        cut = bin_values(a.features[name], edges=entry["edges"] or entry["categories"])
        rows = _feature_rows(a, name, cut, pairs, level)
        frames.append(rows)
        values = a.features[name].iloc[pairs.rows_a]
        trends.append(_trend_rows(name, values, cut, pairs, rows))
    return Comparison(
        bins=_stacked(frames, tables.COMPARED_BINS),
        trends=_ranked(_stacked(trends, tables.COMPARED_TRENDS)),
        overall=_overall(pairs, level),
        settings=_settings(a, b, pairs, level),
    )


def _checked(confidence: Any) -> float:
    is_number = isinstance(confidence, (int, float, np.number))
    if not (is_number and 0 < confidence < 1):
        raise OptionError("confidence", "expected a number between 0 and 1", got=repr(confidence))
    return float(confidence)


def _settings(a: Analysis, b: Analysis, pairs: Pairs, level: float) -> dict[str, Any]:
    kept = ("name", "title_en", "title_zh", "unit", "kind", "edges", "categories")
    return {
        "version": __version__,
        "task": a.settings["task"],
        "classes": list(pairs.classes),
        "n": len(pairs.y),
        "n_a": a.settings["n"],
        "n_b": b.settings["n"],
        "only_in_a": a.settings["n"] - len(pairs.y),
        "only_in_b": b.settings["n"] - len(pairs.y),
        "confidence": level,
        "clusters": {"kind": pairs.dependence, "n_clusters": pairs.n_groups},
        "features": [{key: entry[key] for key in kept} for entry in a.settings["features"]],
        "meta_a": a.settings["meta"],
        "meta_b": b.settings["meta"],
        "notes": list(pairs.notes),
    }


def _stacked(frames: Sequence[pd.DataFrame], schema: tables.Schema) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame(columns=list(schema.names))
    texts = {column.name: "str" for column in schema.columns if column.kind == "text"}
    stacked = pd.concat([frame.astype(texts) for frame in frames], ignore_index=True)
    return tables.check(stacked, schema)


def _overall(pairs: Pairs, level: float) -> pd.DataFrame:
    columns = _changes(pairs, np.zeros(len(pairs.y), dtype=np.int64), 1, level)
    frame = pd.DataFrame({key: column[0] for key, column in columns.items()})
    names = _row_names(pairs.classes, 1)
    return _stacked([pd.concat([names, frame], axis=1)], tables.COMPARED_OVERALL)


def _feature_rows(
    a: Analysis, feature: str, cut: Binning, pairs: Pairs, level: float
) -> pd.DataFrame:
    """Rows of one feature in the table of bins; the missing bin, if any image is in it, last."""
    codes = cut.codes[pairs.rows_a].astype(np.int64)
    missing = bool((codes < 0).any())
    n_bins = cut.n_bins + int(missing)
    columns = _changes(pairs, np.where(codes < 0, cut.n_bins, codes), n_bins, level)
    per_bin = 1 + 2 * len(pairs.classes)
    which = np.repeat(np.arange(n_bins), per_bin)
    numbers = np.where(which == cut.n_bins, MISSING, which)
    own = a.bins[a.bins["feature"] == feature].drop_duplicates("bin")
    labels = dict(zip(own["bin"].astype(int), own["label"].astype("str"), strict=True))
    head = pd.DataFrame(
        {
            "feature": feature,
            "bin": numbers,
            "label": [labels[int(number)] for number in numbers],
        }
    )
    body = pd.DataFrame({key: column.ravel() for key, column in columns.items()})
    return pd.concat([head, _row_names(pairs.classes, n_bins), body], axis=1)


def _row_names(classes: Sequence[str], n_bins: int) -> pd.DataFrame:
    """'all' with its accuracy, then recall and F1 of each class, once per bin."""
    owners = ["all", *(name for name in classes for _ in range(2))]
    metrics = ["accuracy", *("recall", "f1") * len(classes)]
    return pd.DataFrame({"class": owners * n_bins, "metric": metrics * n_bins})


def _changes(
    pairs: Pairs, codes: npt.NDArray[np.int64], n_bins: int, level: float
) -> dict[str, npt.NDArray[Any]]:
    """Every column of a change, each of shape (bins, 1 + 2 · classes)."""
    n_classes = len(pairs.classes)
    counts = paired.paired_counts(pairs.y, pairs.first, pairs.second, n_classes, codes, n_bins)
    inflation, clustered = _cluster_terms(pairs, codes, counts, level)
    own = counts[..., 1, :, :]
    recall = _proportions(own, inflation["recall"], clustered["recall"], level)
    accuracy = _proportions(
        own.sum(axis=1, keepdims=True), inflation["accuracy"], clustered["accuracy"], level
    )
    values = paired.f1_values(counts)
    change, low, high, p = paired.f1_change(counts, inflation=inflation["f1"], confidence=level)
    f1 = {
        "n": recall["n"],
        "value_a": values[..., 0],
        "value_b": values[..., 1],
        "change": change,
        "low": low,
        "high": high,
        "p": p,
        "corrected": counts[..., 1, 0, 1] + counts[..., 0, 1, 0],
        "corrupted": counts[..., 1, 1, 0] + counts[..., 0, 0, 1],
    }
    both = {key: np.stack((recall[key], f1[key]), axis=2).reshape(n_bins, -1) for key in recall}
    return {key: np.concatenate((accuracy[key], both[key]), axis=1) for key in recall}


def _proportions(
    counts: npt.NDArray[np.int64],
    inflation: Floats | float,
    clustered: Floats | float,
    level: float,
) -> dict[str, npt.NDArray[Any]]:
    """Columns of recall or accuracy, from ``counts[..., first right, second right]``."""
    n = counts.sum(axis=(-2, -1))
    corrected, corrupted = counts[..., 0, 1], counts[..., 1, 0]
    change, low, high = paired.proportion_change(
        corrected, corrupted, n, inflation=inflation, confidence=level
    )
    p = np.maximum(paired.mcnemar(corrected, corrupted), clustered)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = [counts[..., 1, :].sum(-1) / n, counts[..., :, 1].sum(-1) / n]
    return {
        "n": n,
        "value_a": values[0],
        "value_b": values[1],
        "change": change,
        "low": low,
        "high": high,
        "p": np.where(n > 0, p, np.nan),
        "corrected": corrected,
        "corrupted": corrupted,
    }


def _cluster_terms(
    pairs: Pairs, codes: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], level: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """By metric: how much clusters inflate the variance, and the p that allows for them."""
    if pairs.groups is None:
        return dict.fromkeys(_METRICS, 1.0), dict.fromkeys(_METRICS, 0.0)
    n_bins, n_classes = counts.shape[:2]
    shapes = {"accuracy": (n_bins, 1), "recall": (n_bins, n_classes)}
    cells = {"accuracy": codes, "recall": codes * n_classes + pairs.y}
    inflation, clustered = {}, {}
    for metric, cell in cells.items():
        size = n_bins * shapes[metric][1]
        with np.errstate(invalid="ignore"):
            mean = np.bincount(cell, pairs.change, minlength=size) / np.bincount(
                cell, minlength=size
            )
        found = paired_clusters.cluster_inflation(
            cell, pairs.groups, pairs.change - mean[cell], size, confidence=level
        )
        inflation[metric] = found.reshape(shapes[metric])
        p = paired_clusters.clustered_mcnemar(cell, pairs.groups, pairs.change, size)
        clustered[metric] = p.reshape(shapes[metric])
    inflation["f1"] = _f1_inflation(pairs, codes, counts, level)
    return inflation, clustered


def _f1_inflation(
    pairs: Pairs, codes: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], level: float
) -> Floats:
    """Each image adds to the F1 of its own class and of the classes that it is called."""
    n_bins, n_classes = counts.shape[:2]
    influences = paired.f1_influences(counts)
    everyone = np.ones(len(pairs.y), dtype=np.bool_)
    wrong_a, wrong_b = pairs.first != pairs.y, pairs.second != pairs.y
    parts = [
        (pairs.y, everyone),
        (pairs.first, wrong_a),
        (pairs.second, wrong_b & (pairs.first != pairs.second)),
    ]
    cells, scores, groups = [], [], []
    for classes, kept in parts:
        c, bins = classes[kept], codes[kept]
        told = [(x[kept] == c).astype(np.int64) for x in (pairs.y, pairs.first, pairs.second)]
        cells.append(bins * n_classes + c)
        scores.append(np.nan_to_num(influences[bins, c, told[0], told[1], told[2]]))
        groups.append(np.asarray(pairs.groups)[kept])
    found = paired_clusters.cluster_inflation(
        np.concatenate(cells),
        np.concatenate(groups),
        np.concatenate(scores),
        n_bins * n_classes,
        confidence=level,
    )
    return found.reshape(n_bins, n_classes)


def _trend_rows(
    feature: str, values: pd.Series, cut: Binning, pairs: Pairs, rows: pd.DataFrame
) -> pd.DataFrame:
    """One row for 'all' and one per class; `rows` are the feature's own in the table of bins."""
    n_classes = len(pairs.classes)
    codes = cut.codes[pairs.rows_a].astype(np.int64)
    kept = codes >= 0
    y, change = pairs.y[kept], pairs.change[kept]
    groups = None if pairs.groups is None else pairs.groups[kept]
    ends = np.full((2, n_classes + 1), np.nan)
    if cut.kind == "numeric":
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)[kept]
        z, p = paired_trends.paired_trend(numbers, y, change, n_classes, groups=groups)
        shown = rows[rows["metric"] != "f1"]
        for end, number in enumerate((0, cut.n_bins - 1)):
            ends[end] = shown.loc[shown["bin"] == number, "change"]
    else:
        z = np.full(n_classes + 1, np.nan)
        p = paired_trends.paired_homogeneity(
            codes[kept], y, change, n_classes, cut.n_bins, groups=groups
        )

    def tally(chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        own = np.bincount(y[chosen], minlength=n_classes)
        return np.append(own.sum(), own).astype(np.int64)

    return pd.DataFrame(
        {
            "feature": feature,
            "class": ["all", *pairs.classes],
            "n": tally(np.ones(len(y), dtype=np.bool_)),
            "corrected": tally(change > 0),
            "corrupted": tally(change < 0),
            "change_first": ends[0],
            "change_last": ends[1],
            "z": z,
            "p": p,
            "q": np.nan,
        }
    )


def _ranked(trends: pd.DataFrame) -> pd.DataFrame:
    """With q, the smallest first; rows that could not be tested last."""
    if trends.empty:
        return trends
    p, whole = trends["p"].to_numpy(), (trends["class"] == "all").to_numpy()
    q = weighted_bh(p, family_weights(whole, tested=~np.isnan(p)))
    return trends.assign(q=q).sort_values(["q", "p"], kind="stable", ignore_index=True)
