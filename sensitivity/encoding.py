"""Tables and settings as strict JSON, and files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from . import tables

_DTYPES = {"integer": "int64", "number": "float64", "boolean": "bool", "text": "str"}


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under a temporary name in its folder, then rename it into place.

    Parameters
    ----------
    path : pathlib.Path
        The file to make or replace.
    write : callable
        Called with the temporary path.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        write(part)
        # mkstemp makes private files; the result is as readable as any other new file.
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
        part.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


def encode(content: Mapping[str, Any]) -> bytes:
    r"""Strict JSON in one line; NaN and infinities become null.

    Parameters
    ----------
    content : mapping
        JSON-able.

    Returns
    -------
    bytes
        UTF-8, with a line end.

    Raises
    ------
    TypeError, ValueError
        A value that JSON cannot hold.

    Examples
    --------
    >>> encode({"value": float("nan")})
    b'{"value":null}\n'
    """
    import msgspec

    return msgspec.json.encode(content) + b"\n"


def plain(value: Any) -> Any:
    """Settings with tuples, arrays and their scalars made plain.

    Parameters
    ----------
    value : object
        Anything; what is no container stays as it is.

    Returns
    -------
    object
        Dicts with text keys, lists, and values.

    Examples
    --------
    >>> import numpy as np
    >>> plain({"size": (2, np.int64(3)), "fps": np.array([30.0, 25.0])})
    {'size': [2, 3], 'fps': [30.0, 25.0]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return plain(value.tolist()) if hasattr(value, "tolist") else value


def table_columns(table: pd.DataFrame) -> dict[str, list[Any]]:
    """A table as JSON holds it: columns as plain lists, missing values as None.

    Parameters
    ----------
    table : pandas.DataFrame
        Any table.

    Returns
    -------
    dict
        From column name to one value per row.

    Examples
    --------
    >>> table_columns(pd.DataFrame({"n": [3, 0], "value": [0.5, float("nan")]}))
    {'n': [3, 0], 'value': [0.5, None]}
    """
    columns: dict[str, list[Any]] = {}
    for name in table.columns:
        values = table[name]
        listed = values.astype(object).to_list() if values.isna().any() else values.to_list()
        columns[str(name)] = [None if pd.isna(value) else value for value in listed]
    return columns


def table_frame(columns: Mapping[str, list[Any]], schema: tables.Schema) -> pd.DataFrame:
    """The table that :func:`table_columns` was made of.

    Parameters
    ----------
    columns : mapping
        From column name to values.
    schema : Schema
        What the table must be.

    Returns
    -------
    pandas.DataFrame
        With the columns and kinds of `schema`; missing numbers are NaN.

    Raises
    ------
    KeyError
        A column is missing.

    Examples
    --------
    >>> columns = {"class": ["ok"], "predicted": ["ok"], "n": [3]}
    >>> int(table_frame(columns, tables.CONFUSION)["n"].sum())
    3
    """
    data = {
        column.name: pd.Series(columns[column.name], dtype=_DTYPES[column.kind])
        for column in schema.columns
    }
    return tables.check(pd.DataFrame(data, columns=list(schema.names)), schema)
