"""Labels listed for each image, as indices or names: told from rows of numbers, and numbered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from .arrays import as_array, is_array_like
from .classes import MAX_CLASSES, as_text, is_index, natural_order

_SHOWN = 5  # names listed in a message


@dataclass(frozen=True, eq=False)
class Listed:
    """Labels listed for each image.

    Attributes
    ----------
    rows : numpy.ndarray of int64
        The image of each item, ascending.
    items : numpy.ndarray
        The items: indices, or names (of kind U).
    """

    rows: npt.NDArray[np.int64]
    items: npt.NDArray[Any]

    def hot(self, n: int, n_labels: int) -> npt.NDArray[np.bool_]:
        """Return the same as N×L flags.

        Examples
        --------
        >>> Listed(np.array([0, 0]), np.array([0, 2])).hot(2, 3).tolist()
        [[True, False, True], [False, False, False]]
        """
        found = np.zeros((n, n_labels), dtype=np.bool_)
        found[self.rows, self.items] = True
        return found


def label_rows(
    value: object, what: str, names: npt.NDArray[np.object_]
) -> npt.NDArray[Any] | Listed:
    """Return N rows of numbers, or what is listed for N images.

    Parameters
    ----------
    value : object
        Array, tensor or table of N rows of numbers; or N lists, sets or arrays of indices or
        of names, of any lengths.
    what : str
        How messages call it: "labels", "predictions".
    names : numpy.ndarray of str
        N names, for messages.

    Returns
    -------
    numpy.ndarray or Listed
        Numbers of kind b, i, u or f and shape N×k; whole numbers other than 0 and 1 are
        listed.

    Raises
    ------
    InputError
        None, another number of rows than names, one number or name per image, or a list that
        holds neither indices nor names.

    Examples
    --------
    >>> names = np.array(["a.png", "b.png"], dtype=object)
    >>> label_rows([["cat", "dog"], []], "labels", names).items.tolist()
    ['cat', 'dog']
    >>> label_rows([[0.1, 0.9], [0.2, 0.8]], "predictions", names).shape
    (2, 2)
    """
    items = _items(value)
    if items is not None and _are_lists(items):
        _check_count(len(items), what, names)
        return _listed(items, what, names)

    array = as_array(value if items is None else items, what, len(names))
    _check_count(len(array) if array.ndim else 1, what, names)
    if array.ndim != 2 or 0 in array.shape:
        rule = "expected a row of numbers, or a list of labels, for each image"
        got = "one value each" if array.ndim == 1 else "×".join(map(str, array.shape))
        raise InputError(what, rule, got=got)
    if array.dtype.kind in "US":
        return Listed(_row_numbers(array), np.array(as_text(array.ravel()), dtype=np.str_))
    if array.dtype.kind in "iu" and not ((array == 0) | (array == 1)).all():
        return Listed(_row_numbers(array), array.ravel())
    return array


def as_listed(
    rows: npt.NDArray[Any] | Listed, width: int | None, what: str, notes: list[str]
) -> npt.NDArray[Any] | Listed:
    """Take zeros and ones that are not as many as there are labels for indices.

    Parameters
    ----------
    rows : numpy.ndarray or Listed
        What :func:`label_rows` returned.
    width : int or None
        L, where it is known.
    what : str
        How messages call it.
    notes : list of str
        A sentence is appended where indices are listed.

    Returns
    -------
    numpy.ndarray or Listed
        An array has L columns.

    Raises
    ------
    InputError
        Another number of columns, and an index twice in a row.

    Examples
    --------
    >>> as_listed(np.array([[0], [1]]), 3, "labels", []).items.tolist()
    [0, 1]
    """
    if isinstance(rows, np.ndarray) and width is not None and rows.shape[1] != width:
        n_columns = rows.shape[1]
        is_set = (
            rows.dtype.kind in "iu" and n_columns <= 2 and not (rows[:, 1:] == rows[:, :1]).any()
        )
        if not is_set:
            rule = f"expected {width:,} columns, one for each label"
            raise InputError(what, rule, got=f"{n_columns:,}")
        rows = Listed(_row_numbers(rows), rows.ravel())
    if isinstance(rows, Listed) and len(rows.items) and rows.items.dtype.kind != "U":
        notes.append(f"{what}: whole numbers were read as the indices of each image's labels")
    return rows


def numbered(
    given: Mapping[str, npt.NDArray[Any] | Listed],
    label_map: Mapping[int, str],
    width: int | None,
    names: npt.NDArray[np.object_],
    notes: list[str],
) -> tuple[dict[str, Listed], dict[int, str]]:
    """Turn listed names into indices, and check all indices.

    Parameters
    ----------
    given : mapping
        Labels and predictions; rows of numbers are passed over.
    label_map : mapping of int to str
        May be empty.
    width : int or None
        L, where it is known.
    names : numpy.ndarray of str
        N names, for messages.
    notes : list of str
        A sentence for every guess is appended.

    Returns
    -------
    listed : dict
        The lists among `given`, all of indices.
    label_map : dict of int to str
        Without a map, names in both become the labels in natural order.

    Raises
    ------
    InputError
        A name that the map does not have, no way to tell its index, or an index out of range.

    Examples
    --------
    >>> labels = Listed(np.array([0, 0, 1]), np.array(["dog", "cat", "dog"]))
    >>> listed, label_map = numbered(
    ...     {"labels": labels, "predictions": labels}, {}, None, np.array(["a.png", "b.png"]), [])
    >>> listed["labels"].items.tolist(), label_map
    ([1, 0, 1], {0: 'cat', 1: 'dog'})
    """
    listed = {what: rows for what, rows in given.items() if isinstance(rows, Listed)}
    texts = {what: one for what, one in listed.items() if one.items.dtype.kind == "U"}
    label_map = dict(label_map)
    occurring = {str(name) for one in texts.values() for name in np.unique(one.items)}
    if occurring and all(map(is_index, occurring)) and not occurring <= set(label_map.values()):
        notes.append(f"{' and '.join(texts)}: text that holds numbers only was read as indices")
        index_of = {name: int(name) for name in occurring}
    elif occurring:
        if not label_map:
            _check_names_suffice(given, texts, names)
            label_map = dict(enumerate(natural_order(occurring)))
            notes.append("labels are numbered by the sorted names in labels and predictions")
        index_of = {name: index for index, name in label_map.items()}

    for what, one in texts.items():
        unknown = ~np.isin(one.items, list(index_of))
        rule = f"expected labels of the label map ({shown(index_of)})"
        _reject_item(unknown, what, rule, one, names)
        found = np.array([index_of[name] for name in one.items.tolist()], dtype=np.int64)
        listed[what] = Listed(one.rows, found)
    for what, one in listed.items():
        limit, why = MAX_CLASSES, ""
        if width is not None:
            limit, why = width, f", as there are {width:,} labels"
        bad = (one.items < 0) | (one.items >= limit)
        _reject_item(bad, what, f"expected indices 0 to {limit - 1:,}{why}", one, names)
    return listed, label_map


def shown(names: Iterable[str]) -> str:
    """Return the first names, for messages.

    Parameters
    ----------
    names : iterable of str
        Any number of names.

    Returns
    -------
    str
        At most five, by comma.

    Examples
    --------
    >>> shown("abcdefg")
    'a, b, c, d, e, …'
    """
    names = list(names)
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _check_names_suffice(
    given: Mapping[str, npt.NDArray[Any] | Listed],
    texts: Mapping[str, Listed],
    names: npt.NDArray[np.object_],
) -> None:
    """Names number the labels only where nothing else numbers them."""
    for what, other in given.items():
        is_empty = isinstance(other, Listed) and not len(other.items)
        if what in texts or is_empty:
            continue
        name, one = next(iter(texts.items()))
        reason = "are numbers" if isinstance(other, Listed) else "are columns without names"
        rule = f"expected label_map_dict to tell the index of each label, as the {what} {reason}"
        _reject_item(np.ones(len(one.items), dtype=bool), name, rule, one, names)


def _items(value: object) -> list[Any] | None:
    """Return what `value` is a list of; None for an array of numbers or text."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if value is None or isinstance(value, (str, bytes, Mapping)):
        return None
    if not is_array_like(value):
        return list(value) if isinstance(value, Iterable) else None
    array: Any = value.to_numpy() if hasattr(value, "to_numpy") else value
    is_object = getattr(array, "dtype", None) == np.object_ and array.ndim == 1
    return array.tolist() if is_object else None


def _are_lists(items: list[Any]) -> bool:
    """Tell whether every item is a list of labels: of any length, or of names."""
    if not all(isinstance(item, Iterable) and not isinstance(item, (str, bytes)) for item in items):
        return False
    if any(isinstance(item, (set, frozenset)) for item in items):
        return True
    if any(getattr(item, "ndim", 1) != 1 for item in items):  # one array per batch
        return False
    lengths = {len(item) if hasattr(item, "__len__") else -1 for item in items}
    first = next((item[0] for item in items if isinstance(item, (list, tuple)) and item), None)
    is_nested = isinstance(first, Iterable) and not isinstance(first, (str, bytes))
    return not is_nested and (len(lengths) > 1 or 0 in lengths or isinstance(first, str))


def _listed(items: list[Any], what: str, names: npt.NDArray[np.object_]) -> Listed:
    lists = [item.tolist() if hasattr(item, "tolist") else list(item) for item in items]
    rows = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
    flat = [item for one in lists for item in one]
    is_text = bool(flat) and isinstance(flat[0], str)
    wanted = str if is_text else (int, np.integer)
    if not all(issubclass(kind, wanted) and kind is not bool for kind in set(map(type, flat))):
        bad = [not isinstance(item, wanted) or isinstance(item, bool) for item in flat]
        first = bad.index(True)
        rule = "expected indices or names of labels, or equally many numbers in all rows"
        where = f"row {rows[first]}, {names[rows[first]]!r}"
        raise InputError(what, rule, got=repr(flat[first])[:60], where=where)
    try:
        return Listed(rows, np.array(flat, dtype=np.str_ if is_text else np.int64))
    except OverflowError as error:
        raise InputError(what, "expected indices of labels", got=str(error)) from None


def _check_count(n_rows: int, what: str, names: npt.NDArray[np.object_]) -> None:
    if n_rows != len(names):
        got = f"{n_rows:,} rows for {len(names):,} names"
        raise InputError(what, "expected one row per name", got=got)


def _row_numbers(array: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    return np.repeat(np.arange(len(array)), array.shape[1])


def _reject_item(
    bad: npt.NDArray[np.bool_], what: str, rule: str, one: Listed, names: npt.NDArray[np.object_]
) -> None:
    """Raise for the first bad item, naming its image."""
    if bad.any():
        first = int(bad.argmax())
        item, row = one.items[first].item(), int(one.rows[first])
        got = repr(item) if one.items.dtype.kind == "U" else f"{item:,}"
        raise InputError(what, rule, got=got, where=f"row {row}, {names[row]!r}")
