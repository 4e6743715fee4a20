"""Every number of a feature's bins as arrays, bins × classes: what charts and tables draw from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from .advice.places import value_ranges
from .advice.values import span
from .bins import MISSING
from .labels import shown_label
from .metrics.classification import f1_variance
from .result import Analysis
from .stats.intervals import normal_quantile, wilson

Floats = npt.NDArray[np.float64]

METRICS = ("f1", "f1_star", "recall", "precision")
TOTALS = ("accuracy", "accuracy_star")


@dataclass(frozen=True)
class Grid:
    """One feature's bins, from low to high, the missing one last.

    Attributes
    ----------
    kind : {"numeric", "categorical"}
        How the values were split.
    codes : ndarray of int64, shape (B,)
        -1 is the missing bin.
    labels, ranges : list of str, length B
        Labels as in the tables; ``ranges`` are empty where the label says it.
    n : ndarray of int64, shape (B,)
        Samples of the bin.
    share : ndarray of float64, shape (B,)
        Of all samples.
    counts : ndarray of int64, shape (B, C)
        Samples of each class.
    values, lows, highs : dict of ndarray of float64
        For f1, f1_star, recall, precision: shape (B, C); for accuracy, accuracy_star: shape (B,).
    """

    kind: str
    codes: npt.NDArray[np.int64]
    labels: list[str]
    ranges: list[str]
    n: npt.NDArray[np.int64]
    share: Floats
    counts: npt.NDArray[np.int64]
    values: dict[str, Floats]
    lows: dict[str, Floats]
    highs: dict[str, Floats]

    def shown(self, lang: str = "en") -> list[str]:
        """The labels as people read them."""
        return [shown_label(label, self.kind, lang) for label in self.labels]


def grid(bins: pd.DataFrame, entry: Mapping[str, Any], classes: list[str]) -> Grid:
    """Turn one feature's rows of the bins into arrays.

    Parameters
    ----------
    bins : pandas.DataFrame
        Rows of :data:`sensitivity.tables.BINS`, of one feature.
    entry : mapping
        The feature in the settings.
    classes : list of str, length C
        Class names, which are the columns.

    Returns
    -------
    Grid

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> found = grid(analysis.bins, analysis.settings["features"][0], ["0", "1"])
    >>> found.labels, found.counts.tolist(), found.values["f1"].tolist()
    (['0%-50%', '50%-100%'], [[10, 10], [10, 10]], [[1.0, 1.0], [1.0, 1.0]])
    """
    totals = bins[bins["metric"] == "accuracy"].sort_values("bin", kind="stable")
    totals = pd.concat([totals[totals["bin"] != MISSING], totals[totals["bin"] == MISSING]])
    codes = totals["bin"].to_numpy(np.int64)
    kept = totals[totals["bin"] != MISSING]
    spans = value_ranges(kept["label"].astype(str).to_list(), kept["edge_high"].to_list(), entry)
    ranges = [span(*spans[code]) if code != MISSING and spans else "" for code in codes]
    row = pd.Index(codes).get_indexer(pd.Index(bins["bin"]))
    column = pd.Index(classes).get_indexer(pd.Index(bins["class"].astype("str")))
    shape = (len(codes), len(classes))
    counts = np.zeros(shape, np.int64)
    kinds = bins["metric"].astype(str).to_numpy()
    found: dict[str, dict[str, Floats]] = {"value": {}, "low": {}, "high": {}}
    for metric in (*METRICS, *TOTALS):
        mine = kinds == metric
        place = (row[mine], column[mine]) if metric in METRICS else (row[mine],)
        for key, arrays in found.items():
            array = np.full(shape if metric in METRICS else len(codes), np.nan)
            array[place] = bins[key].to_numpy(np.float64)[mine]
            arrays[metric] = array
        if metric == "recall":
            counts[place] = bins["n"].to_numpy(np.int64)[mine]
    return Grid(
        entry["kind"],
        codes,
        totals["label"].astype(str).to_list(),
        ranges,
        totals["n"].to_numpy(np.int64),
        totals["share"].to_numpy(np.float64),
        counts,
        found["value"],
        found["low"],
        found["high"],
    )


def rates(analysis: Analysis) -> sparse.csc_array | None:
    """How often each true class is called each class, over the whole set.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.

    Returns
    -------
    sparse array of float64, shape (C, C), or None
        Row: true class; rows sum to 1, or are 0 for a class without samples. None where images
        have several labels: then there is no such table.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse([0, 1, 1, 1], [0, 0, 1, 1], list("abcd"), features=(),
    ...                                save_path=None)
    >>> rates(analysis).toarray().tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """
    if analysis.settings["task"] != "image_classification":
        return None
    counts = confusion(analysis).tocoo()
    true, called = counts.coords
    share = counts.data / counts.sum(axis=1)[true]
    return sparse.csc_array((share, (true, called)), shape=counts.shape)


def confusion(analysis: Analysis) -> sparse.csr_array:
    """Counts of true × predicted class.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.

    Returns
    -------
    sparse array of int64, shape (C, C)
        Row: true class. Of many classes nearly all pairs are never confused.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse([0, 1, 1, 1], [0, 0, 1, 1], list("abcd"), features=(),
    ...                                save_path=None)
    >>> confusion(analysis).toarray().tolist()
    [[1, 1], [0, 2]]
    """
    index = pd.Index(analysis.settings["classes"])
    table = analysis.confusion
    true, called = (
        index.get_indexer(pd.Index(table[key].astype("str"))) for key in ("class", "predicted")
    )
    n, size = table["n"].to_numpy(np.int64), len(index)
    return sparse.csr_array((n, (true, called)), shape=(size, size))


def bands(
    found: Grid, pooled: sparse.csc_array | None, *, confidence: float
) -> tuple[Floats, Floats] | None:
    """What F1 and accuracy would be if nothing but chance and the class mix differed.

    Every class keeps the rates of the whole set, ``P[y, c]``; a bin's own class mix ``n_y`` then
    gives ``T = n_c P[c, c]`` true positives among ``Σ_y n_y P[y, c]`` calls. Around the F1 of
    these lies the normal interval of F1's sampling variance.

    Parameters
    ----------
    found : Grid
        B bins × C classes.
    pooled : sparse array of float64, shape (C, C), or None
        From :func:`rates`.
    confidence : float
        Share of bins that lie within, if nothing differs.

    Returns
    -------
    tuple of two ndarrays of float64, shape (B, 1 + C), or None
        Lower and upper ends, 0…1: accuracy first, then every class's F1; NaN where the class has
        no sample in the bin. None without rates.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 40, [0, 1, 1, 1] * 20, [f"{i}.png" for i in range(80)],
    ...     columns={"hour": range(80)}, features=(), save_path=None, n_bins=2)
    >>> found = grid(analysis.bins, analysis.settings["features"][0], ["0", "1"])
    >>> low, high = bands(found, rates(analysis), confidence=0.95)
    >>> low.shape, bool((low < high).all())
    ((2, 3), True)
    """
    if pooled is None:
        return None
    z = normal_quantile(confidence)
    n = found.counts.astype(np.float64)
    own = pooled.diagonal()
    hits, called = n * own, n @ pooled
    with np.errstate(divide="ignore", invalid="ignore"):
        f1 = np.where(n > 0, 2 * hits / (n + called), np.nan)
        width = z * np.sqrt(f1_variance(hits, n, called))
        total = n.sum(axis=1)
        accuracy = hits.sum(axis=1) / total
        wide = z * np.sqrt((hits * (1 - own)).sum(axis=1)) / total
    middle = np.column_stack([accuracy, f1])
    half = np.column_stack([wide, width])
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def recall_bands(
    found: Grid, pooled: sparse.csc_array | None, *, confidence: float
) -> tuple[Floats, Floats]:
    """What recall would be if nothing but chance differed.

    Around every class's recall in the whole set, ``P[c, c]``, lies Wilson's interval for the
    images that the class has in the bin; the class mix does not matter to recall.

    Parameters
    ----------
    found : Grid
        B bins × C classes.
    pooled : sparse array of float64, shape (C, C), or None
        From :func:`rates`.
    confidence : float
        Share of bins that lie within, if nothing differs.

    Returns
    -------
    tuple of two ndarrays of float64, shape (B, C)
        Lower and upper ends, 0…1; NaN where the class has no sample in the bin, and without rates.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 40, [0, 1, 1, 1] * 20, [f"{i}.png" for i in range(80)],
    ...     columns={"hour": range(80)}, features=(), save_path=None, n_bins=2)
    >>> found = grid(analysis.bins, analysis.settings["features"][0], ["0", "1"])
    >>> low, high = recall_bands(found, rates(analysis), confidence=0.95)
    >>> low.round(2).tolist()
    [[0.72, 0.49], [0.72, 0.49]]
    """
    n = found.counts.astype(np.float64)
    if pooled is None:
        return np.full(n.shape, np.nan), np.full(n.shape, np.nan)
    low, high = wilson(n * pooled.diagonal(), n, confidence=confidence)
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)
