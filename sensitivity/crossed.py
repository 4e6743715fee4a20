"""Two features at once: their cells, and the slices in which a class is weak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import tables
from .bins import MISSING, Binning, bin_values
from .errors import InputError, ResultError
from .metrics import classification as metrics
from .stats import intervals
from .stats.slices import ALL, search_slices

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Cells with fewer samples of the class are shown grey and carry no statement.
LOW_SUPPORT = 10

METRICS = ("recall", "precision", "f1", "f1_star")


def slice_table(
    binnings: Mapping[str, Binning],
    y: Ints,
    predicted: Ints,
    classes: Sequence[str],
    *,
    groups: npt.NDArray[np.integer] | None = None,
    confidence: float = 0.95,
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """The weakest slices of two features, found on one half and judged on the other.

    Parameters
    ----------
    binnings : mapping
        From feature to its bins. Missing values lie in no slice, and features with more than
        20 bins or categories take no part.
    y, predicted : ndarray of int64, shape (N,)
        True and predicted class.
    classes : sequence of str, length C
        Class names. With more than 50, only "all" and the classes that hold at least 1/50 of
        the samples are searched.
    groups : ndarray of int, shape (N,), optional
        What belongs together, 0 … G-1.
    confidence : float, default 0.95
        Coverage of the intervals.
    rng : int or numpy.random.Generator, default 0
        For the halves.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.SLICES`, at most ten rows, the smallest p first;
        empty when nothing qualifies.

    Examples
    --------
    >>> n = np.arange(4000)
    >>> two = pd.DataFrame({"wet": n % 2, "dark": n // 2 % 2})
    >>> binnings = {name: bin_values(two[name]) for name in two}
    >>> predicted = np.where((two.sum(axis=1) == 2) & (n % 5 > 2), 1, 0)
    >>> found = slice_table(binnings, 0 * n, predicted, ["dry", "rain"])
    >>> found[["feature", "label", "feature_2", "label_2", "class"]].to_dict("records")[0]
    {'feature': 'wet', 'label': '1', 'feature_2': 'dark', 'label_2': '1', 'class': 'all'}
    """
    found, judged = search_slices(
        [binning.codes for binning in binnings.values()],
        [binning.n_bins for binning in binnings.values()],
        y,
        y == predicted,
        n_classes=len(classes),
        groups=groups,
        confidence=confidence,
        rng=np.random.default_rng(rng),
    )
    names, labels = list(binnings), [binning.labels for binning in binnings.values()]
    pairs = [found.features[:, side] for side in (0, 1)]
    bins = [found.bins[:, side] for side in (0, 1)]
    table = pd.DataFrame(
        {
            "feature": [names[f] for f in pairs[0]],
            "label": [labels[f][b] for f, b in zip(pairs[0], bins[0], strict=True)],
            "feature_2": [names[f] for f in pairs[1]],
            "label_2": [labels[f][b] for f, b in zip(pairs[1], bins[1], strict=True)],
            "class": ["all" if row == ALL else classes[row] for row in found.rows],
            "z_found": found.z,
            **{key: getattr(judged, key) for key in tables.SLICES.names[6:]},
        }
    )
    texts = {column.name: "str" for column in tables.SLICES.columns if column.kind == "text"}
    table = table.astype(texts).sort_values(["p", "z_found"], kind="stable", ignore_index=True)
    return tables.check(table, tables.SLICES)


def crossed_table(
    one: Binning,
    other: Binning,
    y: Ints,
    predicted: Ints,
    classes: Sequence[str],
    *,
    prior: Floats,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Every cell of two features, with the metrics of every class in it.

    Parameters
    ----------
    one, other : Binning
        The bins of the two features.
    y, predicted : ndarray of int64, shape (N,)
        True and predicted class.
    classes : sequence of str, length C
        Class names.
    prior : ndarray of float64, shape (C,)
        Class shares for F1 at an equal class mix.
    confidence : float, default 0.95
        Coverage of the intervals: those of :mod:`sensitivity.stats.intervals`.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.CROSSED`: bins of `one` outside, of `other` next,
        the missing one (-1) last where a value is missing; then "all" and the classes. Empty
        cells have n 0 and NaN.

    Examples
    --------
    >>> hour, wet = (bin_values(pd.Series(x * 20)) for x in ([7, 7, 19, 19], [0, 1, 0, 1]))
    >>> y, predicted = np.zeros(80, np.int64), np.tile([0, 0, 0, 1], 20)
    >>> table = crossed_table(hour, wet, y, predicted, ["a", "b"], prior=np.array([1.0, 0.0]))
    >>> accuracy = table[table["metric"] == "accuracy"]
    >>> print(accuracy.pivot(index="label", columns="label_2", values="value").to_string())
    label_2    0    1
    label
    7        1.0  1.0
    19       1.0  0.0
    """
    pooled = metrics.confusion_counts(y, predicted, len(classes))
    places = [_places(binning) for binning in (one, other)]
    codes = np.where(other.codes < 0, other.n_bins, other.codes)
    per_row = []
    # Row by row: the counts of all cells at once would be C² for each of them.
    for code in places[0][0]:
        kept = one.codes == code
        counts = metrics.confusion_counts(
            y[kept], predicted[kept], len(classes), codes[kept], len(places[1][0])
        )
        per_row.append(_measured(counts, pooled, prior, confidence))
    n, value, low, high = (np.concatenate(parts).ravel() for parts in zip(*per_row, strict=True))
    return _framed(places, list(classes), n.astype(np.int64), value, low, high)


def _places(binning: Binning) -> tuple[list[int], list[str]]:
    """Codes and labels of the bins, the missing one last."""
    codes, labels = list(range(binning.n_bins)), list(binning.labels)
    if binning.n_missing:
        name = "missing"
        while name in labels:
            name += " value"
        codes, labels = [*codes, MISSING], [*labels, name]
    return codes, labels


def _measured(
    counts: metrics.Confusion, pooled: metrics.Confusion, prior: Floats, confidence: float
) -> tuple[Floats, ...]:
    """n, value, low and high, each of shape (K, 1 + 4 C): accuracy, then class by class."""
    cells = metrics.cells(counts, pooled=pooled, prior=prior)
    right, total, accuracy, _ = metrics.accuracy_cells(counts)
    bounds = (
        intervals.wilson(cells.hits, cells.n, confidence=confidence),
        intervals.wilson(cells.hits, cells.called, confidence=confidence),
        intervals.f1_interval(cells.hits, cells.n, cells.called, confidence=confidence),
        intervals.f1_star_interval(
            cells.f1_star, cells.f1_star_variance, cells.n, confidence=confidence
        ),
    )
    values = (cells.recall, cells.precision, cells.f1, cells.f1_star)
    body = (
        (cells.n,) * len(METRICS),
        values,
        tuple(low for low, _ in bounds),
        tuple(high for _, high in bounds),
    )
    head = (total, accuracy, *intervals.wilson(right, total, confidence=confidence))
    return tuple(
        np.concatenate((first[:, None], np.stack(rest, axis=2).reshape(counts.n_bins, -1)), axis=1)
        for first, rest in zip(head, body, strict=True)
    )


def _framed(
    places: Sequence[tuple[list[int], list[str]]],
    classes: list[str],
    n: Ints,
    value: Floats,
    low: Floats,
    high: Floats,
) -> pd.DataFrame:
    shape = (*(len(codes) for codes, _ in places), 1 + len(METRICS) * len(classes))
    first, second, column = (index.ravel() for index in np.indices(shape))
    row, metric = np.divmod(column - 1, len(METRICS))
    frame = pd.DataFrame(
        {
            "bin": np.array(places[0][0])[first],
            "label": tables.coded(first, places[0][1]),
            "bin_2": np.array(places[1][0])[second],
            "label_2": tables.coded(second, places[1][1]),
            "class": tables.coded(row + 1, ["all", *classes]),
            "metric": tables.coded(np.where(column, metric + 1, 0), ["accuracy", *METRICS]),
            "n": n,
            "value": value,
            "low": low,
            "high": high,
            "low_support": n < LOW_SUPPORT,
        }
    )
    return tables.check(frame, tables.CROSSED)


def stored_cells(
    features: pd.DataFrame,
    outcomes: pd.DataFrame,
    bins: pd.DataFrame,
    settings: Mapping[str, Any],
    *,
    pair: tuple[str, str],
    metric: str = "f1",
) -> pd.DataFrame:
    """Every cell of two features of a result, by the bins that the result has.

    Parameters
    ----------
    features, outcomes, bins : pandas.DataFrame
        Tables of the result.
    settings : mapping
        Its settings.
    pair : tuple of two str
        Two features that have bins.
    metric : {"f1", "f1_star", "recall", "precision"}, default "f1"
        What the classes' rows hold.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.CROSSED`, of this metric and accuracy.

    Raises
    ------
    InputError
        The same feature twice.
    ResultError
        The result has no per-image tables.

    Examples
    --------
    >>> settings = {"n": 2, "features": []}
    >>> stored_cells(*[pd.DataFrame()] * 3, settings, pair=("hour", "site"))
    Traceback (most recent call last):
    ...
    sensitivity.errors.ResultError: table outcomes: expected Parquet tables beside the JSON file
    """
    if pair[0] == pair[1]:
        raise InputError(f"feature {pair[1]}", "expected another feature than the first")
    if settings.get("task") == "multi_label_classification":
        raise InputError("crossed", "expected one class per image", got="several labels per image")
    if len(outcomes) != settings["n"] or len(features) != settings["n"]:
        raise ResultError("table outcomes", "expected Parquet tables beside the JSON file")
    entries = {entry["name"]: entry for entry in settings["features"]}
    one, other = (_stored_binning(features[name], bins, entries[name]) for name in pair)
    classes = list(settings["classes"])
    y, predicted = (class_codes(outcomes[name], classes) for name in ("class", "predicted"))
    prior = np.array(settings["prior"], dtype=np.float64)
    cells = crossed_table(
        one, other, y, predicted, classes, prior=prior, confidence=settings["confidence"]
    )
    return cells[cells["metric"].isin([metric, "accuracy"])].reset_index(drop=True)


def _stored_binning(values: pd.Series, bins: pd.DataFrame, entry: Mapping[str, Any]) -> Binning:
    """The bins again, with the labels that the result gave them."""
    found = bin_values(values, edges=entry["edges"] or entry["categories"])
    rows = bins[(bins["feature"] == entry["name"]) & (bins["bin"] != MISSING)]
    labels = rows.drop_duplicates("bin").sort_values("bin")["label"]
    return replace(found, labels=tuple(map(str, labels)))


def class_codes(column: pd.Series, classes: Sequence[str]) -> Ints:
    """Classes as numbers.

    Parameters
    ----------
    column : pandas.Series
        Class names of N rows.
    classes : sequence of str, length C
        The classes, in their order.

    Returns
    -------
    ndarray of int64, shape (N,)
        0 … C-1; -1 for a name that is none of them.

    Examples
    --------
    >>> class_codes(pd.Series(["b", "a", ""]), ["a", "b"]).tolist()
    [1, 0, -1]
    """
    found = column.astype("category")
    places = pd.Index(list(classes)).get_indexer(found.cat.categories.astype("str"))
    codes: Ints = places.astype(np.int64)[found.cat.codes.to_numpy()]
    return codes
