"""Any list-like object → NumPy: lists, arrays, tables, tensors on any device.

Nothing is imported for it: a tensor is what has ``detach`` and ``cpu``, a table column what
has ``to_numpy``, everything else what NumPy itself understands. An object that already is
an array, or shares its memory with one, is not copied.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError


def as_array(value: object, what: str, n: int | None = None) -> npt.NDArray[Any]:
    """Return what the caller gave as a numeric or text array.

    Parameters
    ----------
    value : object
        Array, tensor, Series, DataFrame, or an iterable of numbers, names, rows or batches.
    what : str
        How messages call it: "labels", "predictions".
    n : int, optional
        The number of samples, by which a list of batches is told from a list of rows.

    Returns
    -------
    numpy.ndarray
        Of any shape; of kind bool, integer, float or text. The memory is the caller's
        wherever no conversion was needed. An empty list gives shape ``(0,)``.

    Raises
    ------
    InputError
        No list, ragged rows, mixed numbers and text, missing or masked values.

    Examples
    --------
    >>> as_array([[0.1, 0.9], (0.8, 0.2)], "predictions").shape
    (2, 2)
    >>> as_array([np.array([0, 1, 1]), np.array([0])], "labels", n=4)
    array([0, 1, 1, 0])
    """
    if isinstance(value, (str, bytes, Mapping)) or value is None:
        raise InputError(what, "expected a list or an array", got=_described(value))
    if not is_array_like(value):
        if not isinstance(value, Iterable):
            raise InputError(what, "expected a list or an array", got=_described(value))
        items = value if isinstance(value, (list, tuple)) else list(value)
        return _from_items(items, what, n)

    array = _unwrapped(value, what)
    if array.dtype.kind == "O" and array.ndim >= 1:
        return _from_items(array.tolist(), what, n)
    if array.dtype.kind not in "biufUS":
        raise InputError(what, "expected numbers or class names", got=f"dtype {array.dtype}")
    return array


def as_names(value: object) -> npt.NDArray[np.object_]:
    """Return the sample names as an array of ``str``.

    Parameters
    ----------
    value : object
        List, array or Series of ``str``, ``bytes``, ``os.PathLike`` or whole numbers.

    Returns
    -------
    numpy.ndarray
        N names, a new array.

    Raises
    ------
    InputError
        Not a list, empty, or an element that is no name (which row).

    Examples
    --------
    >>> from pathlib import PurePosixPath
    >>> as_names(["a.png", PurePosixPath("b/c.png"), b"d.png", 7]).tolist()
    ['a.png', 'b/c.png', 'd.png', '7']
    """
    if isinstance(value, (str, bytes, Mapping)) or value is None or not _is_listable(value):
        raise InputError("names", "expected a list of one name per sample", got=_described(value))
    given: Any = value
    if is_array_like(given) and not hasattr(given, "tolist"):
        given = np.asarray(given)
    items = given.tolist() if hasattr(given, "tolist") else list(given)
    if not isinstance(items, list):
        raise InputError("names", "expected a list of one name per sample", got=repr(items))
    if not items:
        raise InputError("names", "expected at least one sample", got="an empty list")

    names = np.empty(len(items), dtype=np.object_)
    if set(map(type, items)) == {str}:
        names[:] = items
    else:
        names[:] = [_name(item, row) for row, item in enumerate(items)]
    return names


def is_array_like(value: object) -> bool:
    """Tell whether `value` is an array, a tensor or a table: one object, not a list of them.

    Examples
    --------
    >>> is_array_like(np.zeros(2)), is_array_like([0, 0]), is_array_like("ab")
    (True, False, False)
    """
    return any(hasattr(value, name) for name in ("__array__", "to_numpy", "detach"))


def read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a view that cannot be written to; the array itself stays as it is.

    Parameters
    ----------
    array : numpy.ndarray
        Any array.

    Returns
    -------
    numpy.ndarray
        The same memory.

    Examples
    --------
    >>> read_only(np.zeros(2)).flags.writeable
    False
    """
    view = array.view()
    view.flags.writeable = False
    return view


def _is_listable(value: object) -> bool:
    return is_array_like(value) or isinstance(value, Iterable)


def _described(value: object) -> str:
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return "None" if value is None else type(value).__name__


def _unwrapped(value: Any, what: str) -> npt.NDArray[Any]:
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise InputError(what, "expected no masked values", got="a masked array")
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = _from_tensor(value)
    elif not isinstance(value, np.ndarray) and hasattr(value, "to_numpy"):
        value = value.to_numpy()
    array = np.asarray(value)
    if array.dtype.name.startswith(("bfloat", "float8")):  # extension types outside NumPy
        array = array.astype(np.float32)
    return array


def _from_tensor(tensor: Any) -> npt.NDArray[Any]:
    tensor = tensor.detach().cpu()
    try:
        array = tensor.numpy()
    except TypeError:  # NumPy has no bfloat16
        array = tensor.float().numpy()
    return np.asarray(array)


def _from_items(items: Sequence[Any], what: str, n: int | None) -> npt.NDArray[Any]:
    if not items:
        return np.empty(0)
    if is_array_like(items[0]) and not isinstance(items[0], np.generic):
        return _joined([as_array(item, what) for item in items], what, n)

    try:
        array = np.asarray(items)
    except (ValueError, TypeError, RuntimeError) as error:  # ragged, or tensors deeper down
        if not all(_is_row(item) for item in items):
            raise _mixture(items, what) from error
        return _joined([as_array(item, what) for item in items], what, n)
    is_text = array.dtype.kind in "US"
    if is_text and array.ndim == 1 and not all(isinstance(item, (str, bytes)) for item in items):
        raise _mixture(items, what)
    if not is_text and array.dtype.kind not in "biuf":
        raise _mixture(items, what)
    return array


def _is_row(item: object) -> bool:
    return _is_listable(item) and not isinstance(item, (str, bytes))


def _joined(parts: list[npt.NDArray[Any]], what: str, n: int | None) -> npt.NDArray[Any]:
    """Join one array per sample, or one per batch."""
    dimensions = {part.ndim for part in parts}
    if len(dimensions) > 1:
        row = next(i for i, part in enumerate(parts) if part.ndim != parts[0].ndim)
        raise InputError(
            what,
            f"expected items of one shape, the first has {_shape(parts[0])}",
            got=_shape(parts[row]),
            where=f"item {row}",
        )
    are_batches = dimensions == {1} and len(parts) != n and sum(map(len, parts)) == n
    if are_batches:
        return np.concatenate(parts)

    row = next((i for i, part in enumerate(parts) if part.shape[-1:] != parts[0].shape[-1:]), -1)
    if row >= 0:
        raise InputError(
            what,
            f"expected {parts[0].shape[-1]:,} values in each row, as in the first",
            got=f"{parts[row].shape[-1]:,}",
            where=f"row {row}" if dimensions == {1} else f"batch {row}",
        )
    return np.concatenate(parts) if dimensions == {2} else np.stack(parts)


def _shape(array: npt.NDArray[Any]) -> str:
    return "×".join(map(str, array.shape)) or "one number"


def _mixture(items: Sequence[Any], what: str) -> InputError:
    """Name the first item that is not of the kind of the first."""
    match items[0]:
        case str() | bytes():
            rule, fits = "expected class names only", _is_text
        case list() | tuple():
            rule, fits = "expected rows of numbers", _is_row_of_numbers
        case _:
            rule, fits = "expected numbers", _is_number
    row = next((i for i, item in enumerate(items) if not fits(item)), 0)
    return InputError(what, rule, got=repr(items[row])[:60], where=f"row {row}")


def _is_text(item: object) -> bool:
    return isinstance(item, (str, bytes))


def _is_number(item: object) -> bool:
    return isinstance(item, (int, float, np.number, np.bool_))


def _is_row_of_numbers(item: object) -> bool:
    return isinstance(item, (list, tuple)) and all(map(_is_number, item))


def _name(item: Any, row: int) -> str:
    if isinstance(item, str):
        return str(item)
    if isinstance(item, (bytes, os.PathLike)):
        return os.fsdecode(item)
    if isinstance(item, (int, np.integer)) and not isinstance(item, bool):
        return str(item)
    if is_array_like(item) and np.ndim(item) == 0:  # a tensor or NumPy scalar that holds an index
        return _name(as_array(item, "names").item(), row)
    raise InputError(
        "names", "expected a path or a name", got=f"{type(item).__name__}", where=f"row {row}"
    )
