"""Columns whose cells are lists: one score per class, or the best classes in their order.

Parquet holds them as lists; in text they look as NumPy prints them, ``[0.1 0.9]``.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from .tabular import Table, texts, values


def listed_scores(table: Table, header: str) -> npt.NDArray[np.floating[Any]] | None:
    """Return a column whose cells are lists, ``[0.1 0.9]`` in text, as one array.

    Parameters
    ----------
    table : Table
        A table.
    header : str
        One of its columns.

    Returns
    -------
    numpy.ndarray or None
        N×C; None when the column holds no lists.

    Raises
    ------
    InputError
        Lists of different lengths (which row), or with something else than numbers.

    Examples
    --------
    >>> from pathlib import Path
    >>> import pyarrow as pa
    >>> table = Table(Path("p.csv"), ("x",), {"x": pa.chunked_array([["[0.1 0.9]"]])})
    >>> listed_scores(table, "x")
    array([[0.1, 0.9]])
    """
    import pyarrow as pa

    column = table.columns[header]
    if pa.types.is_nested(column.type):
        rows = column.to_pylist()
    elif _is_text(column.type) and texts(table, header)[0].startswith("["):
        rows = [re.split(r"[\s,]+", text.strip("[] \n")) for text in texts(table, header)]
    else:
        return None
    for row, cells in enumerate(rows):
        if len(cells or ()) != len(rows[0]):
            rule = f"expected {len(rows[0])} numbers in each list"
            got = str(len(cells or ()))
            raise InputError(f"column {header}", rule, got=got, where=table.where(row))
    try:
        return np.array(rows, dtype=np.float64)
    except (TypeError, ValueError) as error:
        where = table.path.name
        raise InputError(
            f"column {header}", "expected lists of numbers", got=str(error), where=where
        ) from error


def first_of_lists(table: Table, header: str) -> npt.NDArray[Any]:
    """Return a column of classes, of lists (best first) the first.

    Parameters
    ----------
    table : Table
        A table.
    header : str
        One of its columns.

    Returns
    -------
    numpy.ndarray
        One number or text per row.

    Raises
    ------
    InputError
        A missing value (which row).

    Examples
    --------
    >>> from pathlib import Path
    >>> import pyarrow as pa
    >>> table = Table(Path("p.csv"), ("x",), {"x": pa.chunked_array([["[3 0]", "[1 3]"]])})
    >>> first_of_lists(table, "x")
    array([3, 1])
    """
    import pyarrow as pa

    column = table.columns[header]
    if pa.types.is_nested(column.type):
        return np.array([cells[0] for cells in column.to_pylist()])
    array = values(table, header)
    if array.dtype.kind != "U" or not str(array[0]).startswith("["):
        return array
    inner = [
        re.match(r"\[\s*(?:'([^']*)'|\"([^\"]*)\"|([^\s,\]]+))", text) for text in array.tolist()
    ]
    first = [next(filter(None, m.groups()), "") if m else "" for m in inner]
    is_index = all(item.isdecimal() for item in first)
    return np.array([int(item) for item in first] if is_index else first)


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind))
