"""Columns: the caller's own covariates, row for row, and what they were joined to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionArray, ExtensionDtype

from .. import tables
from ..errors import InputError
from ..times import SECONDS, SINCE_1970, SINCE_1970_UTC

#: Under what a column of times keeps its unit.
_UNIT = "unit"


def own_columns(
    columns: pd.DataFrame | Mapping[str, Any] | None, n: int, *, taken: Collection[str] = ()
) -> dict[str, pd.Series]:
    """The caller's own columns, checked.

    Parameters
    ----------
    columns : DataFrame or mapping, optional
        Own columns: numbers, text, booleans, categories or times, one value per image in the
        order of the images (an index is not looked at).
    n : int
        Number of images.
    taken : collection of str
        Names of the features beside them.

    Returns
    -------
    dict
        From name to values; times as seconds since 1970, which :func:`units_of` tells. Empty
        for None.

    Raises
    ------
    InputError
        Another number of rows, or a column with the name of a feature or of another column.

    Examples
    --------
    >>> own_columns({"hour": [7, 19]}, 2)["hour"].to_list()
    [7, 19]
    """
    try:
        own = _own_columns(columns, n)
    except UnicodeEncodeError as error:
        rule = "expected text that UTF-8 can hold"
        raise InputError("columns", rule, got=repr(error.object[error.start : error.end])) from None
    for name in own:
        if name == "name" or name in taken:
            raise InputError(
                f"column {name}", "expected a name that no feature and no other column has"
            )
    return own


def units_of(own: Mapping[str, pd.Series]) -> dict[str, str]:
    """Units of the caller's own columns, as far as these say them.

    Parameters
    ----------
    own : mapping
        From :func:`own_columns`.

    Returns
    -------
    dict
        From name to unit, of times and durations only.

    Examples
    --------
    >>> units_of(own_columns({"day": [pd.Timestamp("2024-03-01")], "hour": [7]}, 1))
    {'day': 'seconds since 1970-01-01'}
    """
    return {name: str(series.attrs[_UNIT]) for name, series in own.items() if _UNIT in series.attrs}


def feature_table(
    names: npt.NDArray[np.object_], measured: pd.DataFrame, own: Mapping[str, pd.Series]
) -> pd.DataFrame:
    """Names, measured features and the caller's own columns, side by side.

    Parameters
    ----------
    names : ndarray of str, shape (N,)
        Image names.
    measured : pandas.DataFrame, shape (N, F)
        Measured features.
    own : mapping
        Own columns, from :func:`own_columns`.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.FEATURES`.

    Examples
    --------
    >>> names = np.array(["a.png", "b.png"], dtype=object)
    >>> feature_table(names, pd.DataFrame(index=range(2)), own_columns({"hour": [7, 19]}, 2))
        name  hour
    0  a.png     7
    1  b.png    19
    """
    parts = {"name": pd.Series(tables.storable(names), dtype="str")}
    parts |= {str(name): measured[name] for name in measured.columns}
    return tables.check(pd.DataFrame(parts | dict(own)), tables.FEATURES)


def _own_columns(columns: pd.DataFrame | Mapping[str, Any] | None, n: int) -> dict[str, pd.Series]:
    if columns is None:
        return {}
    if not isinstance(columns, (pd.DataFrame, Mapping)):
        raise InputError(
            "columns",
            "expected a DataFrame or a mapping from name to values",
            got=type(columns).__name__,
        )
    names = pd.Series([str(name) for name in columns], dtype="str")
    if names.duplicated().any():
        twice = names[names.duplicated()].iloc[0]
        raise InputError("columns", "expected each name once", got=f"{twice!r} twice")
    return {str(name): _series(str(name), values, n) for name, values in columns.items()}


def _series(name: str, values: Any, n: int) -> pd.Series:
    what, rule = f"column {name}", "expected one value per image"
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    if isinstance(values, (str, bytes, Mapping, Set)) or not hasattr(values, "__len__"):
        raise InputError(what, rule, got=f"a {type(values).__name__}")
    if len(values) != n:
        raise InputError(what, rule, got=f"{len(values):,} for {n:,}")
    if getattr(values, "ndim", 1) != 1:
        raise InputError(what, rule, got="a table")
    # What has a type of its own, such as categories in an order, keeps it.
    typed = isinstance(values, (pd.Series, pd.Index, ExtensionArray, np.ndarray))
    series = pd.Series(values if typed else list(values), name=name).reset_index(drop=True)
    series = _out_of_objects(series.infer_objects(), what)
    if pd.api.types.is_complex_dtype(series.dtype):
        raise InputError(what, "expected real numbers", got="complex ones")
    return _plain(series)


def _out_of_objects(series: pd.Series, what: str) -> pd.Series:
    """Numbers, days and text that came as Python objects; a mixture of kinds becomes text."""
    if series.dtype.kind not in "OS" or isinstance(series.dtype, ExtensionDtype):
        return series
    match pd.api.types.infer_dtype(series, skipna=True):
        case "integer" | "floating" | "mixed-integer-float" | "decimal":
            return series.where(series.notna(), np.nan).astype(np.float64)
        case "date":
            return pd.to_datetime(series)
        case "bytes":
            return series.astype(object).str.decode("utf-8", errors="replace")
        case "string":
            return series.astype("str")
        case "boolean" | "empty":
            return series
    if series.map(pd.api.types.is_list_like).any():
        raise InputError(what, "expected one value per image", got="a table")
    return series.map(str, na_action="ignore")


def _plain(series: pd.Series) -> pd.Series:
    """Times as seconds, categories by their names: what any table format can hold."""
    match series.dtype:
        case pd.PeriodDtype():
            return _plain(series.dt.to_timestamp())
        case pd.IntervalDtype():
            return _plain(series.astype("category"))
        case pd.CategoricalDtype():
            return _named_categories(series)
        case pd.SparseDtype() | np.dtypes.LongDoubleDType():
            return pd.Series(np.asarray(series, dtype=np.float64), name=series.name)
    unit = SECONDS
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        zone = getattr(series.dt, "tz", None)
        unit = SINCE_1970 if zone is None else SINCE_1970_UTC
        series -= pd.Timestamp(0, tz=zone)
    if pd.api.types.is_timedelta64_dtype(series.dtype):
        seconds: pd.Series = series.dt.total_seconds()
        seconds.attrs[_UNIT] = unit
        return seconds
    return series


def _named_categories(series: pd.Series) -> pd.Series:
    texts = [str(category) for category in series.cat.categories]
    rank = {name: k for k, name in enumerate(dict.fromkeys(texts))}
    place = np.array([*map(rank.__getitem__, texts), -1], dtype=np.int64)  # -1: missing
    dtype = pd.CategoricalDtype(list(rank), ordered=series.cat.ordered)
    return pd.Series(
        pd.Categorical.from_codes(place[series.cat.codes], dtype=dtype), name=series.name
    )
