"""Features as columns that a test can take: mean 0 within each true class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..bins import MISSING, Binning
from ..stats.ranks import Floats, within_ranks
from ..stats.scores import Responses, responses

Mask = npt.NDArray[np.bool_]

#: Categories that take part in a test by themselves; the rarer ones are taken together.
MAX_CATEGORIES = 20

#: The same beside other features, where every category costs a column of all samples.
MAX_PARTIAL = 8


@dataclass(frozen=True, eq=False)
class Column:
    """One feature over the samples, which are sorted by class.

    Attributes
    ----------
    name : str
        The feature.
    present : ndarray of bool, shape (N,), or None
        Samples with a value; None: all.
    ranks : ndarray of float64, shape (n present,), or None
        Within-class mid-ranks; None for a categorical feature.
    categories : ndarray of int64, shape (n present,), or None
        Category of each sample, rare ones merged; None for a numeric feature.
    """

    name: str
    present: Mask | None
    ranks: Floats | None
    categories: npt.NDArray[np.int64] | None


@dataclass(frozen=True, eq=False)
class Sorted:
    """Samples sorted by true class, with every feature's column.

    Attributes
    ----------
    order : ndarray of int, shape (N,)
        The i-th sample here is the ``order[i]``-th of the caller.
    given : Responses
        Predictions of all samples.
    columns : tuple of Column
        One per feature.
    parts : tuple of (mask or None, Responses)
        Predictions of the samples that have a value, once per pattern of missing values.
    part_of : tuple of int
        Which part each column belongs to.
    """

    order: npt.NDArray[np.intp]
    given: Responses
    columns: tuple[Column, ...]
    parts: tuple[tuple[Mask | None, Responses], ...]
    part_of: tuple[int, ...]


def sort_by_class(
    table: pd.DataFrame,
    binnings: Mapping[str, Binning],
    y: npt.NDArray[np.int64],
    predicted: npt.NDArray[np.int64],
    n_classes: int,
) -> Sorted:
    """Sort the samples by class and rank every feature within the classes.

    Parameters
    ----------
    table : pandas.DataFrame
        The feature table, N rows.
    binnings : mapping
        From feature to its bins; only these features take part.
    y, predicted : ndarray of int64, shape (N,)
        True and predicted class.
    n_classes : int
        Number of classes C.

    Returns
    -------
    Sorted

    Examples
    --------
    >>> from sensitivity.bins import bin_features
    >>> table = pd.DataFrame({"name": ["a", "b", "c"], "hour": [3.0, 1.0, np.nan]})
    >>> found = sort_by_class(table, bin_features(table)[0], np.array([1, 0, 1]),
    ...                       np.array([1, 1, 1]), 2)
    >>> found.order.tolist(), found.columns[0].present.tolist()
    ([1, 0, 2], [True, True, False])
    """
    order = np.argsort(y, kind="stable")
    ordered, called = y[order], predicted[order]
    given = responses(ordered, called, n_classes)
    parts: list[tuple[Mask | None, Responses]] = [(None, given)]
    known: dict[bytes, int] = {b"": 0}
    columns, part_of = [], []
    for name, binning in binnings.items():
        codes = binning.codes[order]
        present = codes != MISSING if binning.n_missing else None
        key = b"" if present is None else np.packbits(present).tobytes()
        if key not in known:
            known[key] = len(parts)
            parts.append((present, responses(ordered[present], called[present], n_classes)))
        part_of.append(known[key])
        of = parts[known[key]][1]
        kept = slice(None) if present is None else present
        if binning.kind == "categorical":
            merged = merge_rare(codes[kept], binning.n_bins, MAX_CATEGORIES)
            columns.append(Column(name, present, None, merged))
        else:
            values = _numbers(table[name])[order][kept]
            columns.append(Column(name, present, within_ranks(values, of.by), None))
    return Sorted(order, given, tuple(columns), tuple(parts), tuple(part_of))


def _numbers(values: pd.Series) -> npt.NDArray[np.floating]:
    kind = np.float32 if values.dtype == np.float32 else np.float64
    return values.to_numpy(dtype=kind, na_value=np.nan)


def merge_rare(
    codes: npt.NDArray[np.integer], n_categories: int, most: int
) -> npt.NDArray[np.int64]:
    """Number the categories anew, the rarest of them together.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Category of each sample, 0 … n_categories-1.
    n_categories : int
        Number of categories.
    most : int
        Categories that may remain, the merged ones counted as one.

    Returns
    -------
    ndarray of int64, shape (n,)
        Without gaps.

    Examples
    --------
    >>> merge_rare(np.array([0, 0, 1, 2, 2, 3]), 4, 3).tolist()
    [0, 0, 2, 1, 1, 2]
    """
    counts = np.bincount(codes, minlength=n_categories)
    frequent = np.argsort(-counts, kind="stable")
    kept = frequent[:most] if (counts > 0).sum() <= most else frequent[: most - 1]
    place = np.full(n_categories, len(kept), dtype=np.int64)
    place[np.sort(kept)] = np.arange(len(kept))
    merged = place[codes]
    return np.unique(merged, return_inverse=True)[1].astype(np.int64).reshape(merged.shape)


def partial_columns(column: Column, given: Responses, n: int) -> Floats:
    """One feature's columns beside those of other features, 0 where it is missing.

    Parameters
    ----------
    column : Column
        The feature.
    given : Responses
        Predictions of the samples that have a value.
    n : int
        Number of samples N.

    Returns
    -------
    ndarray of float64, shape (D, N)
        One row of ranks; or one per category but the last, mean 0 within the class.

    Examples
    --------
    >>> given = responses(np.zeros(4, dtype=int), np.zeros(4, dtype=int), 1)
    >>> partial_columns(Column("site", None, None, np.array([0, 1, 1, 1])), given, 4)
    array([[ 0.75, -0.25, -0.25, -0.25]])
    """
    if column.ranks is not None:
        found = column.ranks[None]
    elif column.categories is not None:
        codes = merge_rare(column.categories, int(column.categories.max()) + 1, MAX_PARTIAL)
        found = np.equal(codes, np.arange(codes.max())[:, None]).astype(np.float64)
        for row in found:
            share = np.bincount(given.by.codes, row, minlength=given.by.n_classes)
            row -= (share / np.maximum(given.n, 1))[given.by.codes]
    if column.present is None:
        return found
    filled = np.zeros((len(found), n))
    filled[:, column.present] = found
    return filled
