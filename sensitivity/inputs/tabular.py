"""CSV, TSV and Parquet files → columns: read once, checked, and turned into arrays."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError

if TYPE_CHECKING:
    import pandas as pd

#: Suffixes of tables, with the character between fields ("" for Parquet).
SEPARATORS = {".csv": ",", ".tsv": "\t", ".parquet": ""}


@dataclass(frozen=True, eq=False)
class Table:
    """A file's columns by header, and how to call a row of it.

    Attributes
    ----------
    path : Path
        The file.
    headers : tuple of str
        Column names without surrounding blanks; for all but duplicates the keys of `columns`.
    columns : dict
        A ``pyarrow.ChunkedArray`` per header.
    """

    path: Path
    headers: tuple[str, ...]
    columns: dict[str, Any]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def where(self, row: int) -> str:
        """Say where a row is: by line in a text file, the header being line 1.

        Examples
        --------
        >>> Table(Path("a.csv"), (), {}).where(0), Table(Path("a.parquet"), (), {}).where(0)
        ('a.csv, line 2', 'a.parquet, row 0')
        """
        is_text = SEPARATORS.get(self.path.suffix.lower())
        return f"{self.path.name}, " + (f"line {row + 2}" if is_text else f"row {row}")


def read_table(path: Path) -> Table:
    r"""Read a CSV, TSV or Parquet file.

    Parameters
    ----------
    path : Path
        UTF-8 text, with a header; or Parquet.

    Returns
    -------
    Table
        Columns of text stay text as far as they name things: see :func:`texts`.

    Raises
    ------
    InputError
        No such file, empty, no rows, or not readable.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "p.csv"
    >>> _ = path.write_text("name, label\na.png,1\n")
    >>> table = read_table(path)
    >>> table.headers, texts(table, "name"), values(table, "label")
    (('name', 'label'), ['a.png'], array([1]))
    """
    import pyarrow as pa

    if not path.is_file():
        raise InputError("file", "expected an existing file", got=str(path))
    separator = SEPARATORS[path.suffix.lower()]
    try:
        raw = _read_csv(path, separator) if separator else _read_parquet(path)
    except (pa.ArrowException, UnicodeDecodeError, csv.Error) as error:
        reason = " ".join(str(error).split())[:200]
        kind = f"{path.suffix[1:].upper()} file"
        rule = f"expected a readable {kind}" + (" in UTF-8 with a header" if separator else "")
        raise InputError("file", rule, got=reason, where=path.name) from error

    headers = tuple(str(header).strip() for header in raw.column_names)
    table = Table(path, headers, dict(zip(headers, raw.columns, strict=True)))
    if not len(table):
        raise InputError("file", "expected at least one row", got="none", where=path.name)
    return table


def texts(table: Table, header: str) -> list[str]:
    """Return a column as text.

    Parameters
    ----------
    table : Table
        A table.
    header : str
        One of its columns.

    Returns
    -------
    list of str
        One per row.

    Raises
    ------
    InputError
        An empty value (which row), or no text.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = Table(Path("p.csv"), ("x",), {"x": pa.chunked_array([["a", "b"]])})
    >>> texts(table, "x")
    ['a', 'b']
    """
    import pyarrow as pa

    try:
        items: list[str] = table.columns[header].cast(pa.string()).to_pylist()
    except pa.ArrowException as error:
        got, where = str(table.columns[header].type), table.path.name
        raise InputError(f"column {header}", "expected text", got=got, where=where) from error
    row = next((i for i, item in enumerate(items) if not item), None)
    if row is not None:
        raise InputError(f"column {header}", "expected a value", got="none", where=table.where(row))
    return items


def values(table: Table, header: str) -> npt.NDArray[Any]:
    """Return a column of classes: numbers as they are, anything else as text.

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
    >>> import pyarrow as pa
    >>> table = Table(Path("p.csv"), ("x",), {"x": pa.chunked_array([[2, 0]])})
    >>> values(table, "x")
    array([2, 0])
    """
    import pyarrow as pa

    column = table.columns[header]
    if not _is_number(column.type):
        return np.array(texts(table, header))
    array = column.to_numpy()
    is_missing = np.asarray(column.is_null(nan_is_null=pa.types.is_floating(column.type)))
    if is_missing.any():
        row = int(is_missing.argmax())
        raise InputError(f"column {header}", "expected a value", got="none", where=table.where(row))
    return np.asarray(array)


def scores(table: Table, headers: tuple[str, ...]) -> npt.NDArray[np.floating[Any]]:
    """Return columns of scores as one array.

    Parameters
    ----------
    table : Table
        A table.
    headers : tuple of str
        C of its columns.

    Returns
    -------
    numpy.ndarray
        N×C, float32 when all columns are, else float64; missing values are NaN.

    Raises
    ------
    InputError
        A column that holds no numbers (which value, where).

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = Table(Path("p.csv"), ("x",), {"x": pa.chunked_array([[0.5, None]])})
    >>> scores(table, ("x",)).tolist()
    [[0.5], [nan]]
    """
    import pyarrow as pa

    for header in headers:
        if not _is_number(table.columns[header].type):
            _raise_no_number(table, header)
    types = {table.columns[header].type for header in headers}
    result = np.empty(
        (len(table), len(headers)), np.float32 if types == {pa.float32()} else np.float64
    )
    for index, header in enumerate(headers):
        result[:, index] = table.columns[header].to_numpy()
    return result


def covariates(table: Table, headers: tuple[str, ...], notes: list[str]) -> pd.DataFrame | None:
    """Return the other columns: numbers as they are, anything else as text.

    Parameters
    ----------
    table : Table
        A table.
    headers : tuple of str
        The columns wanted.
    notes : list of str
        Columns of lists cannot be used: a sentence is appended.

    Returns
    -------
    pandas.DataFrame or None
        One row per row; missing values stay missing. None without any column.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = Table(Path("p.csv"), ("x",), {"x": pa.chunked_array([[True, False]])})
    >>> covariates(table, ("x",), notes=[])["x"].tolist()
    ['true', 'false']
    """
    import pandas as pd
    import pyarrow as pa

    columns: dict[str, pd.Series[Any]] = {}
    for header in headers:
        column = table.columns[header]
        if pa.types.is_nested(column.type):
            notes.append(f"column {header} was left out, as it holds lists")
        elif pa.types.is_null(column.type) or pa.types.is_decimal(column.type):
            columns[header] = column.cast(pa.float64()).to_pandas()
        elif _is_number(column.type) and not pa.types.is_boolean(column.type):
            columns[header] = column.to_pandas()
        elif pa.types.is_date(column.type):
            columns[header] = column.cast(pa.timestamp("s")).to_pandas()
        elif pa.types.is_timestamp(column.type):
            columns[header] = column.to_pandas()
        else:
            columns[header] = column.cast(pa.string()).to_pandas()
    return pd.DataFrame(columns) if columns else None


def _read_csv(path: Path, separator: str) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    with path.open(encoding="utf-8-sig", newline="") as file:
        headers = next(csv.reader(file, delimiter=separator), [])
    # Names are text, also where they look like numbers: 007 is not 7.
    from .columns import NAME_HEADERS

    names = [header for header in headers if header.strip().lower() in NAME_HEADERS]
    return arrow_csv.read_csv(
        path,
        parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )


def _read_parquet(path: Path) -> Any:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        raw = file.read()
    nameless = [name for name in raw.column_names if name.startswith("__index_level_")]
    return raw.drop_columns(nameless)


def _is_number(kind: Any) -> bool:
    from pyarrow import types

    return bool(
        types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_boolean(kind)
        or types.is_null(kind)
    )


def _raise_no_number(table: Table, header: str) -> None:
    items = texts(table, header)
    row = next((i for i, item in enumerate(items) if not _is_float(item)), 0)
    raise InputError(
        f"column {header}", "expected numbers", got=repr(items[row])[:60], where=table.where(row)
    )


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
