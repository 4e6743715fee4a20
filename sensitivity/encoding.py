"""Tables and settings as strict JSON, and files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import numbers
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from . import tables
from .errors import ResultError, SensitivityError

if TYPE_CHECKING:
    import msgspec

_Record = TypeVar("_Record")

#: What JSON's own words are for what it was expected to hold.
_KINDS = {"float": "a number", "int": "a whole number", "str": "text", "bool": "true or false"}
_KINDS |= {"NoneType": "null", "list": "a list", "dict": "an object"}
_KINDS |= {"array": "a list", "object": "an object", "null": "null"}

_CALLED = {"integer": "whole numbers", "number": "numbers", "boolean": "true or false"}
_CALLED |= {"text": "text"}
#: What a column may hold, by its kind, of JSON or NumPy; numbers may be missing, True is none.
_TYPES: dict[str, tuple[type, ...]] = {
    "integer": (numbers.Real,),
    "number": (numbers.Real, type(None)),
    "boolean": (bool, np.bool_),
    "text": (str,),
}
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
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        # The caller's own name, not that of a part.
        raise type(error)(error.errno, error.strerror, str(path)) from None
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
    return {str(name): _listed(table[name]) for name in table.columns}


def _listed(values: pd.Series) -> list[Any]:
    missing = values.isna().to_numpy()
    if not missing.any():
        return values.to_list()
    listed = values.astype(object).to_list()
    return [None if gone else value for value, gone in zip(listed, missing.tolist(), strict=True)]


def encoded_columns(table: pd.DataFrame) -> dict[str, msgspec.Raw]:
    r"""What :func:`table_columns` gives, each column as JSON, in a tenth of the memory.

    Parameters
    ----------
    table : pandas.DataFrame
        Any table.

    Returns
    -------
    dict
        From column name to what :func:`encode` puts in as it is.

    Examples
    --------
    >>> encode(encoded_columns(pd.DataFrame({"n": [3, 0]})))
    b'{"n":[3,0]}\n'
    """
    import msgspec

    return {
        str(name): msgspec.Raw(msgspec.json.encode(_listed(table[name]))) for name in table.columns
    }


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
    ResultError
        A column is missing, or damaged.

    Examples
    --------
    >>> columns = {"class": ["ok"], "predicted": ["ok"], "n": [3]}
    >>> int(table_frame(columns, tables.CONFUSION)["n"].sum())
    3
    """
    what = f"table {schema.name}"
    if not isinstance(columns, Mapping):
        raise ResultError(what, "expected an object of columns", got=type(columns).__name__)
    listed = [name for name in schema.names if isinstance(columns.get(name), list)]
    if len(listed) < len(schema.names):
        missing = next(name for name in schema.names if name not in listed)
        raise ResultError(what, f"expected a list of values as column {missing}")
    if len({len(columns[name]) for name in listed}) > 1:
        raise ResultError(what, "expected columns of one length")
    for column in schema.columns:
        strange = {
            found
            for found in set(map(type, columns[column.name]))
            if not issubclass(found, _TYPES[column.kind])
            or (found is bool and column.kind != "boolean")
        }
        if strange:
            got = _KINDS.get(min(found.__name__ for found in strange), "something else")
            raise ResultError(f"{what}.{column.name}", f"expected {_CALLED[column.kind]}", got=got)
    try:
        data = {
            column.name: pd.Series(columns[column.name], dtype=_DTYPES[column.kind])
            for column in schema.columns
        }
        return tables.check(pd.DataFrame(data, columns=list(schema.names)), schema)
    except (SensitivityError, TypeError, ValueError) as error:
        raise ResultError(what, "expected the values of its columns", got=str(error)) from error


def typed(content: object, kind: type[_Record], what: str) -> _Record:
    """A record of what JSON gave back, with a check of every field.

    Parameters
    ----------
    content : object
        Of JSON.
    kind : type
        A dataclass, its fields annotated; what its own checks raise is passed on.
    what : str
        What it is, for messages.

    Returns
    -------
    object of type `kind`

    Raises
    ------
    ResultError
        A field is missing, of another type, or unknown. The message names it.

    Examples
    --------
    >>> from sensitivity.policies import Where
    >>> typed({"feature": "noise", "low": "1"}, Where, "policy")
    Traceback (most recent call last):
    ...
    sensitivity.errors.ResultError: policy.low: expected a number or null, got text
    """
    import msgspec

    found = formed(content, kind, what)
    unknown = _strange(content, msgspec.to_builtins(found))
    if unknown is not None:
        raise ResultError(f"{what}{unknown}", "expected no such field")
    return found


def formed(content: object, kind: type[_Record], what: str) -> _Record:
    """A record as :func:`typed`, of what may hold further fields.

    Parameters
    ----------
    content : object
        Of JSON.
    kind : type
        A dataclass or TypedDict, its fields annotated.
    what : str
        What it is, for messages.

    Returns
    -------
    object of type `kind`
        Without the further fields.

    Raises
    ------
    ResultError
        A field is missing or of another type. The message names it.

    Examples
    --------
    >>> from sensitivity.policies import Where
    >>> formed({"feature": "noise", "low": 1, "new": 2}, Where, "policy")
    Where(feature='noise', low=1.0, high=None)
    """
    import msgspec

    try:
        found = msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `$")
        place = place.removesuffix("`")
        if isinstance(error.__cause__, SensitivityError):
            told = error.__cause__
            where = told.where or place.removeprefix(".") or None
            raise type(told)(told.what, told.rule, got=told.got, where=where) from None
        text = re.sub(r"\w+", lambda word: _KINDS.get(word[0], word[0]), text.replace("`", ""))
        rule, _, got = text.replace(" | ", " or ").partition(", got ")
        raise ResultError(f"{what}{place}", rule[:1].lower() + rule[1:], got=got or None) from None
    return found


def _strange(given: object, known: object) -> str | None:
    """The place of a field that was given and is not known."""
    if isinstance(given, Mapping) and isinstance(known, dict):
        pairs = [(f".{key}", key, value) for key, value in given.items()]
        inner = [(name, value, known[str(key)]) for name, key, value in pairs if str(key) in known]
        if len(inner) < len(pairs):
            return next(name for name, key, _ in pairs if str(key) not in known)
    elif isinstance(given, (list, tuple)) and isinstance(known, (list, tuple)):
        inner = [(f"[{i}]", *pair) for i, pair in enumerate(zip(given, known, strict=True))]
    else:
        return None
    found = ((name, _strange(value, of)) for name, value, of in inner)
    return next((name + rest for name, rest in found if rest is not None), None)
