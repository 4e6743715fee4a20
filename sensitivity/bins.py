"""Bins: edges, assignment, labels.

Bins hold equal numbers of samples, counted over all classes together. The inner edges are
the quantiles 1/K … (K-1)/K by the inverted empirical distribution, so every edge is a value
that occurs; a bin holds the values above its lower edge up to and including its upper one.
Equal values always share a bin. Missing values have a bin of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .errors import InputError
from .times import time_texts

MISSING = -1

#: A categorical column with more values than this is no way to split a data set.
MAX_CATEGORIES = 200

#: Numbers outside of the fullest bin: fewer than this, and the bin holds more than this share.
FEW_OTHERS, MOST_ALIKE = 10, 0.9


@dataclass(frozen=True)
class Binning:
    """One feature's bins and the bin of every sample.

    Attributes
    ----------
    kind : {"numeric", "categorical"}
        How the values were split.
    codes : ndarray of int32, shape (N,)
        Bin of each sample, 0 … K-1 from low to high; -1 where the value is missing.
    labels : tuple of str
        One label per bin: the realised shares of the samples (``"0%-20%"``), the value
        itself where a bin holds one value, or the value range where edges were given.
    edges : tuple of float
        The K-1 inner edges, ascending; empty for categories.
    categories : tuple of str
        The K categories; empty for numbers.
    counts : ndarray of int64, shape (K,)
        Samples in each bin.
    n_missing : int
        Samples whose value is missing.
    """

    kind: str
    codes: npt.NDArray[np.int32]
    labels: tuple[str, ...]
    edges: tuple[float, ...]
    categories: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    n_missing: int

    @property
    def n_bins(self) -> int:
        """Number of bins, the missing one not counted."""
        return len(self.labels)


def bin_features(
    table: pd.DataFrame,
    *,
    n_bins: int = 5,
    edges: Mapping[str, Sequence[Any]] | None = None,
    times: Collection[str] = (),
) -> tuple[dict[str, Binning], list[dict[str, str]]]:
    """Split the samples by every column of a feature table.

    Parameters
    ----------
    table : pandas.DataFrame
        The table :data:`sensitivity.tables.FEATURES`.
    n_bins : int, default 5
        Wanted number of bins of numeric features.
    edges : mapping, optional
        Inner edges or categories of some features.
    times : collection of str, optional
        Columns of seconds since 1970: where a label names values, it names dates.

    Returns
    -------
    binnings : dict
        From feature to its bins.
    skipped : list of dict
        ``name`` and ``reason`` of each feature that splits nothing: no value, one value
        only, numbers of which fewer than 10 (and a tenth) lie outside of one bin, or more than
        200 categories.

    Examples
    --------
    >>> table = pd.DataFrame({"name": ["a", "b"], "hour": [1, 2], "site": ["x", "x"]})
    >>> binnings, skipped = bin_features(table)
    >>> list(binnings), skipped
    (['hour'], [{'name': 'site', 'reason': 'constant: x'}])
    """
    binnings: dict[str, Binning] = {}
    skipped: list[dict[str, str]] = []
    for name in table.columns.drop("name"):
        given, as_time = (edges or {}).get(name), name in times
        binning = bin_values(table[name], n_bins=n_bins, edges=given, as_time=as_time)
        if not binning.counts.any():
            reason = "no value"
        elif binning.n_bins == 1:
            reason = f"constant: {_shown(table[name], as_time=as_time)}"
        elif _nearly_constant(binning) and not given:
            n, same = int(binning.counts.sum()), int(binning.counts.max())
            reason = f"nearly constant: {same:,} of {n:,} values fall into one bin"
        elif binning.kind == "categorical" and binning.n_bins > MAX_CATEGORIES:
            reason = f"{binning.n_bins:,} different values that are no numbers"
        else:
            binnings[str(name)] = binning
            continue
        skipped.append({"name": str(name), "reason": reason})
    return binnings, skipped


def _nearly_constant(binning: Binning) -> bool:
    """Whether too few numbers differ from the rest to speak of: they would decide alone."""
    n, same = int(binning.counts.sum()), int(binning.counts.max())
    return binning.kind == "numeric" and n - same < FEW_OTHERS and same > MOST_ALIKE * n


def _shown(values: pd.Series, *, as_time: bool) -> str:
    first = values.dropna().iloc[0]
    return str(first) if is_categorical(values) else _texts([first], as_time=as_time)[0]


def is_categorical(values: pd.Series) -> bool:
    """Whether a column is split by its values (text, booleans, categories).

    Parameters
    ----------
    values : pandas.Series
        One column.

    Returns
    -------
    bool
        False for numbers, which have an order to be cut by.

    Examples
    --------
    >>> is_categorical(pd.Series(["day", "night"])), is_categorical(pd.Series([0.5, 2.0]))
    (True, False)
    """
    if pd.api.types.is_bool_dtype(values.dtype):
        return True
    return not pd.api.types.is_numeric_dtype(values.dtype)


def bin_values(
    values: pd.Series,
    *,
    n_bins: int = 5,
    edges: Sequence[float] | Sequence[str] | None = None,
    as_time: bool = False,
) -> Binning:
    """Split the samples by one feature.

    Parameters
    ----------
    values : pandas.Series, shape (N,)
        Numbers (missing values as NaN, infinities sort to the ends) or categories.
    n_bins : int, default 5
        Wanted number of bins; fewer are made when there are fewer than 20 samples a bin
        (never fewer than 2) or when ties make quantiles coincide.
    edges : sequence, optional
        Inner edges of an earlier analysis (numbers, ascending), or its categories (text).
    as_time : bool, default False
        Numbers are seconds since 1970: where a label names values, it names dates.

    Returns
    -------
    Binning
        With a single bin when all values are equal, and none when all are missing.

    Raises
    ------
    InputError
        No edge, edges that do not ascend, or that are no numbers for a numeric feature.

    Examples
    --------
    >>> result = bin_values(pd.Series(range(100)), n_bins=4)
    >>> result.labels, result.edges
    (('0%-25%', '25%-50%', '50%-75%', '75%-100%'), (24.0, 49.0, 74.0))
    """
    if is_categorical(values):
        return _bin_categories(values, edges)
    numbers = values.to_numpy(dtype=_float_type(values), na_value=np.nan)
    inner = None if edges is None else _checked_edges(edges, f"edges of {values.name}")
    return _bin_numbers(numbers, n_bins, inner, as_time=as_time)


def _float_type(values: pd.Series) -> type[np.floating]:
    return np.float32 if values.dtype == np.float32 else np.float64


def _bin_numbers(
    numbers: npt.NDArray[np.floating],
    n_bins: int,
    given: npt.NDArray[np.float64] | None,
    *,
    as_time: bool,
) -> Binning:
    present = ~np.isnan(numbers)
    kept = numbers if present.all() else numbers[present]
    distinct = None if given is not None else _few_distinct(kept, n_bins)
    if given is not None:
        inner = given
    elif distinct is not None:
        inner = _finite(distinct[:-1])
    else:
        inner = quantile_edges(kept, min(n_bins, max(2, len(kept) // 20)))

    codes = assign(numbers, inner)
    counts = np.bincount(codes[present], minlength=len(inner) + 1).astype(np.int64)
    if not len(kept):
        counts = counts[:0]
    if given is not None:
        labels = _range_labels(_texts(inner, as_time=as_time))
    elif distinct is not None:
        labels = tuple(_texts(distinct, as_time=as_time))
    else:
        labels = share_labels(counts)
    return Binning(
        "numeric", codes, labels, tuple(map(float, inner)), (), counts, int((~present).sum())
    )


def _few_distinct(kept: npt.NDArray[np.floating], n_bins: int) -> npt.NDArray[np.floating] | None:
    """Return the distinct values when they are no more than `n_bins`, else None."""
    if len(np.unique(kept[:1000])) > n_bins:
        return None
    distinct = np.unique(kept)
    return distinct if len(distinct) <= n_bins else None


def _checked_edges(edges: Sequence[float] | Sequence[str], what: str) -> npt.NDArray[np.float64]:
    given = np.asarray(edges)
    if given.ndim != 1 or not len(given):
        raise InputError(what, "expected at least one number", got=repr(given.tolist()))
    if given.dtype.kind not in "iuf":
        rule = "expected numbers for a numeric feature"
        raise InputError(what, rule, got=repr(given.tolist()))
    inner = given.astype(np.float64)
    if not np.isfinite(inner).all() or (np.diff(inner) <= 0).any():
        rule = "expected finite numbers in ascending order"
        raise InputError(what, rule, got=repr(inner.tolist()))
    return inner


def _finite(edges: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """An edge of -inf splits as the lowest finite number does, which JSON can hold."""
    return np.maximum(edges.astype(np.float64), np.finfo(np.float64).min)


def quantile_edges(values: npt.NDArray[np.floating], n_bins: int) -> npt.NDArray[np.float64]:
    """Inner edges of equal-count bins: distinct quantiles below the largest value.

    Parameters
    ----------
    values : ndarray, shape (N,)
        Numbers without NaN.
    n_bins : int
        Number of bins K.

    Returns
    -------
    ndarray of float64
        At most K-1 ascending edges ``x_(ceil(N·k/K))``; empty for no values.

    Examples
    --------
    >>> quantile_edges(np.array([1.0, 1, 1, 1, 2, 3, 4, 5, 6, 7]), 5)
    array([1., 3., 5.])
    """
    n = len(values)
    if not n:
        return np.empty(0, dtype=np.float64)
    ranks = sorted({-(-n * k // n_bins) - 1 for k in range(1, n_bins)} - {-1})
    found = np.partition(values, [*ranks, n - 1])
    edges = np.unique(found[ranks])
    return _finite(edges[edges < found[n - 1]])


def assign(
    values: npt.NDArray[np.floating], edges: npt.NDArray[np.float64]
) -> npt.NDArray[np.int32]:
    """Bin of each value: the number of edges below it; -1 for NaN.

    Parameters
    ----------
    values : ndarray, shape (N,)
        Numbers, NaN allowed.
    edges : ndarray of float64, shape (K-1,)
        Ascending inner edges.

    Returns
    -------
    ndarray of int32, shape (N,)
        The same as ``searchsorted(edges, values, side="left")`` but for NaN.

    Examples
    --------
    >>> assign(np.array([0.5, 1.0, 1.5, np.nan]), np.array([1.0]))
    array([ 0,  0,  1, -1], dtype=int32)
    """
    codes = np.zeros(len(values), dtype=np.int32)
    # Arrays, not scalars: beside those, NumPy 1 would round the edge to float32.
    for edge in edges[:, None]:
        codes += values > edge
    codes[np.isnan(values)] = MISSING
    return codes


def share_labels(counts: npt.NDArray[np.int64]) -> tuple[str, ...]:
    """Labels of bins by their realised cumulative shares, in whole percent where that tells.

    Parameters
    ----------
    counts : ndarray of int64, shape (K,)
        Samples in each bin.

    Returns
    -------
    tuple of str
        As many decimals as it takes to tell all bounds apart.

    Examples
    --------
    >>> share_labels(np.array([222, 222, 222, 222, 222]))
    ('0%-20%', '20%-40%', '40%-60%', '60%-80%', '80%-100%')
    >>> share_labels(np.array([500, 3, 497]))
    ('0%-50.0%', '50.0%-50.3%', '50.3%-100%')
    """
    if not counts.sum():
        return tuple(f"bin {k}" for k in range(len(counts)))
    bounds = 100 * np.concatenate(([0], np.cumsum(counts))) / counts.sum()
    for decimals in range(8):
        texts = ["0", *(f"{bound:.{decimals}f}" for bound in bounds[1:-1]), "100"]
        if len({float(text) for text in texts}) == len(bounds):
            break
    return tuple(f"{low}%-{high}%" for low, high in pairwise(texts))


def _texts(values: Iterable[float], *, as_time: bool) -> list[str]:
    """Numbers in six digits, or as many as it takes to tell them all apart; or dates."""
    values = [float(value) for value in values]
    if as_time:
        return time_texts(values)
    for digits in range(6, 18):
        texts = [f"{value:.{digits}g}" for value in values]
        if len(set(texts)) == len(texts):
            break
    return texts


def _range_labels(texts: Sequence[str]) -> tuple[str, ...]:
    middle = [f"{low} to {high}" for low, high in pairwise(texts)]
    return (f"up to {texts[0]}", *middle, f"above {texts[-1]}")


def _bin_categories(values: pd.Series, given: Sequence[float] | Sequence[str] | None) -> Binning:
    text = values.astype("string")
    found = sorted(text.dropna().unique())
    known: list[str] = []
    if given is not None:
        known = [str(category) for category in given]
    elif isinstance(values.dtype, pd.CategoricalDtype):
        present = set(found)
        known = [c for c in map(str, values.cat.categories) if c in present]
    # Categories of an earlier analysis keep their place; new ones follow.
    categories = list(dict.fromkeys([*known, *found]))
    codes = pd.Categorical(text, categories=categories).codes.astype(np.int32)
    counts = np.bincount(codes[codes >= 0], minlength=len(categories)).astype(np.int64)
    return Binning(
        "categorical",
        codes,
        tuple(categories),
        (),
        tuple(categories),
        counts,
        int((codes < 0).sum()),
    )
