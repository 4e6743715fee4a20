"""True classes from elsewhere than the file of predictions: a table, a folder, a list."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from .arrays import as_array, as_names
from .columns import LABEL_HEADERS, NAME_HEADERS
from .folders import PathIndex, labels_from_folder
from .tabular import SEPARATORS, Table, read_table, texts, values


def read_truth(source: object, names: Sequence[str]) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """Return the true class of each name.

    Parameters
    ----------
    source : path or array-like
        A CSV, TSV or Parquet file with columns of names and labels; a folder with a folder
        per class; a ``.npy`` or ``.txt`` file (one per line) or a list, in the order of
        `names`.
    names : sequence of str
        N names.

    Returns
    -------
    labels : numpy.ndarray
        N classes, as numbers or as names; for a folder the names of the class folders.
    classes : tuple of str
        For a folder all its classes in order, else empty.

    Raises
    ------
    InputError
        The source cannot be read, or names are not found in it.

    Examples
    --------
    >>> read_truth([1, 0], ["a.png", "b.png"])
    (array([1, 0]), ())
    """
    if not isinstance(source, (str, os.PathLike)):
        return _one_per_name(as_array(source, "labels", len(names)), names), ()
    path = Path(source)
    if path.is_dir():
        labels, label_map = labels_from_folder(path, names)
        classes = tuple(label_map.values())
        return np.array(classes)[labels], classes
    if path.suffix.lower() in SEPARATORS:
        return _from_table(read_table(path), names), ()
    return _one_per_name(as_array(read_list(path, "labels"), "labels"), names), ()


def read_names(source: object) -> list[str]:
    """Return names from a file or a list.

    Parameters
    ----------
    source : path or array-like
        A ``.txt`` file with one name per line, a CSV, TSV or Parquet file with a column of
        names, a ``.npy`` file, or a list.

    Returns
    -------
    list of str
        N names.

    Raises
    ------
    InputError
        The source cannot be read or has no names.

    Examples
    --------
    >>> read_names(["a.png", "b.png"])
    ['a.png', 'b.png']
    """
    if not isinstance(source, (str, os.PathLike)):
        return list(as_names(source))
    path = Path(source)
    if path.suffix.lower() in SEPARATORS:
        table = read_table(path)
        return texts(table, _header(table, NAME_HEADERS))
    return list(as_names(read_list(path, "names")))


def read_list(path: Path, what: str) -> list[str] | npt.NDArray[Any]:
    r"""Return the lines of a text file or the array of a ``.npy`` file.

    Parameters
    ----------
    path : Path
        The file; text in UTF-8.
    what : str
        How messages call the content.

    Returns
    -------
    list of str or numpy.ndarray
        Lines without their ends; empty ones at the end of the file do not count.

    Raises
    ------
    InputError
        No such file, another suffix, or not readable.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "names.txt"
    >>> _ = path.write_text("a.png\nb.png\n")
    >>> read_list(path, "names")
    ['a.png', 'b.png']
    """
    if not path.is_file():
        raise InputError(what, "expected an existing file or folder", got=str(path))
    try:
        match path.suffix.lower():
            case ".txt":
                return path.read_text(encoding="utf-8-sig").rstrip().splitlines()
            case ".npy":
                return np.asarray(np.load(path, allow_pickle=False))
    except (ValueError, OSError, EOFError) as error:
        where = path.name
        raise InputError(what, "expected a readable file", got=str(error), where=where) from error
    suffixes = ", ".join([*SEPARATORS, ".npy", ".txt"])
    raise InputError(what, f"expected a file of {suffixes}", got=path.name)


def _from_table(table: Table, names: Sequence[str]) -> npt.NDArray[Any]:
    labels = values(table, _header(table, LABEL_HEADERS))
    known = texts(table, _header(table, NAME_HEADERS))
    distinct, codes = np.unique(labels, return_inverse=True)
    if known == list(names):
        return labels
    found = PathIndex(known, codes.reshape(-1).tolist(), f"names in {table.path.name}").find(names)
    return distinct[found]


def _header(table: Table, wanted: Sequence[str]) -> str:
    by_lower = {header.lower(): header for header in table.headers}
    header = next((by_lower[name] for name in wanted if name in by_lower), None)
    if header is None:
        raise InputError(
            "columns",
            f"expected one of {', '.join(wanted)}",
            got=", ".join(table.headers)[:200],
            where=table.path.name,
        )
    return header


def _one_per_name(labels: npt.NDArray[Any], names: Sequence[str]) -> npt.NDArray[Any]:
    if labels.shape[:1] != (len(names),):
        n = labels.shape[0] if labels.ndim else 1
        raise InputError(
            "labels", "expected one per name", got=f"{n:,} labels for {len(names):,} names"
        )
    return labels.reshape(-1) if labels.shape[1:] == (1,) else labels
