"""Columns: the caller's own covariates, row for row, and what they were joined to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import tables
from ..errors import InputError


def feature_table(
    names: npt.NDArray[np.object_],
    measured: pd.DataFrame,
    columns: pd.DataFrame | Mapping[str, Any] | None,
) -> pd.DataFrame:
    """Names, measured features and the caller's own columns, side by side.

    Parameters
    ----------
    names : ndarray of str, shape (N,)
        Image names.
    measured : pandas.DataFrame, shape (N, F)
        Measured features.
    columns : DataFrame or mapping, optional
        Own columns: numbers, text, booleans, categories or times, one value per image in the
        order of `names` (an index is not looked at).

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.FEATURES`; times as seconds since 1970.

    Raises
    ------
    InputError
        Another number of rows, or a column with the name of a feature or of another column.

    Examples
    --------
    >>> names = np.array(["a.png", "b.png"], dtype=object)
    >>> feature_table(names, pd.DataFrame(index=range(2)), {"hour": [7, 19]})
        name  hour
    0  a.png     7
    1  b.png    19
    """
    own = _own_columns(columns, len(names))
    taken = {"name", *measured.columns}
    for name in own:
        if name in taken:
            raise InputError(
                f"column {name}", "expected a name that no feature and no other column has"
            )
    parts = {"name": pd.Series(names, dtype="str")}
    parts |= {str(name): measured[name] for name in measured.columns}
    return tables.check(pd.DataFrame(parts | own), tables.FEATURES)


def _own_columns(columns: pd.DataFrame | Mapping[str, Any] | None, n: int) -> dict[str, pd.Series]:
    if columns is None:
        return {}
    if isinstance(columns, pd.DataFrame) and columns.columns.has_duplicates:
        twice = columns.columns[columns.columns.duplicated()][0]
        raise InputError("columns", "expected each name once", got=f"{twice!r} twice")
    if not isinstance(columns, (pd.DataFrame, Mapping)):
        raise InputError(
            "columns",
            "expected a DataFrame or a mapping from name to values",
            got=type(columns).__name__,
        )
    return {str(name): _series(str(name), values, n) for name, values in columns.items()}


def _series(name: str, values: Any, n: int) -> pd.Series:
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
        raise InputError(f"column {name}", "expected one value per image", got=repr(values))
    if len(values) != n:
        raise InputError(
            f"column {name}", "expected one value per image", got=f"{len(values):,} for {n:,}"
        )
    if not isinstance(values, pd.Series):
        values = np.asarray(values) if isinstance(values, np.ndarray) else list(values)
        if np.ndim(values) != 1:
            raise InputError(f"column {name}", "expected one value per image", got="a table")
    series = pd.Series(values, name=name).reset_index(drop=True).infer_objects()
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return _seconds(series)
    if pd.api.types.is_complex_dtype(series.dtype):
        raise InputError(f"column {name}", "expected real numbers", got="complex ones")
    return series


def _seconds(times: pd.Series) -> pd.Series:
    epoch = pd.Timestamp(0, tz=getattr(times.dt, "tz", None))
    return (times - epoch).dt.total_seconds()
