"""What judging classes and judging labels have in common."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import tables
from ..bins import Binning

Floats = npt.NDArray[np.float64]


def known(values: pd.Series) -> npt.NDArray[np.floating] | None:
    """A column of numbers, or None where it has none.

    Parameters
    ----------
    values : pandas.Series
        One column of the outcomes.

    Returns
    -------
    ndarray of float or None
        None when any is missing.

    Examples
    --------
    >>> known(pd.Series([0.5, np.nan])) is None
    True
    """
    found = values.to_numpy()
    return None if np.isnan(found).any() else found


def numbered(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Clusters numbered from 0 without gaps.

    Parameters
    ----------
    codes : ndarray of int64, shape (N,)
        Any whole numbers.

    Returns
    -------
    ndarray of int64, shape (N,)

    Examples
    --------
    >>> numbered(np.array([7, 3, 7])).tolist()
    [1, 0, 1]
    """
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def numeric_names(binnings: Mapping[str, Binning]) -> set[str]:
    """The features that have an order.

    Parameters
    ----------
    binnings : mapping
        From feature to its bins.

    Returns
    -------
    set of str

    Examples
    --------
    >>> from sensitivity.bins import bin_values
    >>> numeric_names({"hour": bin_values(pd.Series([1, 2])), "site": bin_values(pd.Series(["a"]))})
    {'hour'}
    """
    return {name for name, binning in binnings.items() if binning.kind != "categorical"}


def stacked_bins(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all features in one table.

    Parameters
    ----------
    frames : list of pandas.DataFrame
        One per feature.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.BINS`; empty without features.

    Examples
    --------
    >>> len(stacked_bins([]))
    0
    """
    if not frames:
        return pd.DataFrame(columns=list(tables.BINS.names))
    texts = {column.name: "str" for column in tables.BINS.columns if column.kind == "text"}
    stacked = pd.concat([frame.astype(texts) for frame in frames], ignore_index=True)
    return tables.check(stacked, tables.BINS)


def no_slices() -> pd.DataFrame:
    """The table of slices where none was looked for.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.SLICES`, empty.

    Examples
    --------
    >>> len(no_slices())
    0
    """
    return pd.DataFrame(columns=list(tables.SLICES.names))
