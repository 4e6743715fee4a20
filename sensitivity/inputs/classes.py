"""Class names: label maps in any form, names instead of indices, and their rules.

A class is an index 0 … C-1 with a display name, by default the index itself. Names are
unique, none is empty, and none is "all", which the tables use for all classes together.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError

#: Every pair of classes is counted; an index above is mostly an id that was never a class.
MAX_CLASSES = 10_000

_MAP = "label_map_dict"


def read_label_map(label_map: object) -> dict[int, str]:
    """Return a label map as index → name.

    Parameters
    ----------
    label_map : dict, sequence or str or None
        ``{0: "cat"}``, ``{"0": "cat"}``, the same as a JSON object, the names in the order of
        their indices, or the other way round as torchvision's ``class_to_idx`` has it,
        ``{"cat": 0}``. ``None``, ``""`` and ``{}``: no map.

    Returns
    -------
    dict of int to str
        Empty without a map.

    Raises
    ------
    InputError
        Not a map, an index that is no whole number, negative or given twice, an empty name,
        a name given twice, a class named "all".

    Examples
    --------
    >>> read_label_map('{"0": "normal", "1": "defective"}')
    {0: 'normal', 1: 'defective'}
    >>> read_label_map({"cat": 0, "dog": 1}) == read_label_map(["cat", "dog"])
    True
    """
    if label_map is None or (isinstance(label_map, (str, Mapping)) and not label_map):
        return {}
    given = _parsed(label_map) if isinstance(label_map, str) else label_map
    if isinstance(given, Mapping):
        pairs = list(given.items())
    elif isinstance(given, Iterable) and not isinstance(given, (str, bytes)):
        pairs = list(given if isinstance(given, _Pairs) else enumerate(given))
    else:
        raise InputError(
            _MAP, "expected a dict, a list of names or a JSON object", got=type(given).__name__
        )
    if not pairs:
        return {}

    if not any(is_index(key) for key, _ in pairs) and all(is_index(v) for _, v in pairs):
        pairs = [(index, name) for name, index in pairs]
    names = [(_index(key), _display(value)) for key, value in pairs]
    _check_unique([index for index, _ in names], "index")
    check_class_names([name for _, name in names])
    return dict(names)


def check_class_names(names: Sequence[str], what: str = _MAP) -> None:
    """Raise unless the names are unique, not empty, text that can be stored, and none is "all".

    Parameters
    ----------
    names : sequence of str
        Display names of classes.
    what : str
        How the message calls their origin.

    Raises
    ------
    InputError
        Naming the first class that breaks a rule.

    Examples
    --------
    >>> check_class_names(["cat", "dog"])
    """
    if "all" in names:
        raise InputError(
            what, 'expected no class named "all", which stands for all classes together', got="all"
        )
    if not all(name.strip() for name in names):
        raise InputError(what, "expected a name for each class", got="an empty name")
    try:
        "".join(names).encode()
    except UnicodeEncodeError as error:
        got = repr(error.object[error.start : error.end])
        raise InputError(what, "expected text that UTF-8 can hold", got=got) from None
    _check_unique(names, "name", what)


def class_names(n_classes: int, label_map: Mapping[int, str]) -> tuple[str, ...]:
    """Return the display names of the classes 0 … C-1.

    Parameters
    ----------
    n_classes : int
        C, the number of classes.
    label_map : mapping of int to str
        Names by index; a class without an entry is called by its index.

    Returns
    -------
    tuple of str
        C names, unique.

    Raises
    ------
    InputError
        An index that serves as a name is the name of another class.

    Examples
    --------
    >>> class_names(3, {1: "dog"})
    ('0', 'dog', '2')
    """
    names = [label_map.get(index, str(index)) for index in range(n_classes)]
    check_class_names(names)
    return tuple(names)


def natural_order(names: Iterable[str]) -> list[str]:
    """Return the names sorted with numbers in them by value.

    Parameters
    ----------
    names : iterable of str
        Any names.

    Returns
    -------
    list of str
        Sorted; letter case does not count, except to break ties.

    Examples
    --------
    >>> natural_order(["class10", "class9", "Class1"])
    ['Class1', 'class9', 'class10']
    """

    def key(name: str) -> tuple[list[tuple[int, int, str]], str]:
        parts = re.split(r"([0-9]+)", name.lower())
        return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p], name

    return sorted(names, key=key)


def as_text(array: npt.NDArray[Any]) -> list[str]:
    """Return a text array of kind U or S as a list of ``str``.

    Parameters
    ----------
    array : numpy.ndarray
        One-dimensional.

    Returns
    -------
    list of str
        One per element; bytes are read as UTF-8.

    Examples
    --------
    >>> as_text(np.array([b"cat"]))
    ['cat']
    """
    items = array.tolist()
    return [item.decode() for item in items] if array.dtype.kind == "S" else items


def read_class_names(
    labels: npt.NDArray[Any] | None,
    predicted: npt.NDArray[Any] | None,
    label_map: dict[int, str],
    notes: list[str],
) -> tuple[npt.NDArray[Any] | None, npt.NDArray[Any] | None, dict[int, str]]:
    """Turn labels and predictions that are class names into indices.

    Parameters
    ----------
    labels : numpy.ndarray or None
        N true classes, as numbers or as names; None: there are none.
    predicted : numpy.ndarray or None
        N predicted classes, as numbers or as names; None: there are scores instead.
    label_map : dict of int to str
        May be empty.
    notes : list of str
        A sentence for every guess is appended.

    Returns
    -------
    labels, predicted, label_map
        The same with indices in the place of names. Names that are all digits are indices
        (unless the map has them as names). Without a map, names in both become the classes
        in natural order.

    Raises
    ------
    InputError
        A name that the map does not have (which row), or no way to tell which index it is.

    Examples
    --------
    >>> notes = []
    >>> read_class_names(np.array(["cat", "dog"]), np.array(["dog", "ant"]), {}, notes)
    (array([1, 2]), array([2, 0]), {0: 'ant', 1: 'cat', 2: 'dog'})
    """
    given = {"labels": labels, "predictions": predicted}
    texts = {
        what: as_text(a) for what, a in given.items() if a is not None and a.dtype.kind in "US"
    }
    if not texts:
        return labels, predicted, label_map

    occurring = set().union(*texts.values())
    if all(map(is_index, occurring)) and not occurring <= set(label_map.values()):
        notes.append(f"{' and '.join(texts)}: text that holds numbers only was read as indices")
        numbers = {what: np.array([int(t) for t in text]) for what, text in texts.items()}
        return numbers.get("labels", labels), numbers.get("predictions", predicted), label_map
    if not label_map:
        _check_names_suffice(texts, given)
        label_map = dict(enumerate(natural_order(occurring)))
        notes.append("classes are numbered by the sorted names in labels and predictions")

    index_of = {name: index for index, name in label_map.items()}
    read = {what: _indices(text, index_of, what) for what, text in texts.items()}
    return read.get("labels", labels), read.get("predictions", predicted), label_map


def _check_names_suffice(
    texts: Mapping[str, list[str]], given: Mapping[str, npt.NDArray[Any] | None]
) -> None:
    what, text = next(iter(texts.items()))
    other = "predictions" if what == "labels" else "labels"
    if other in texts or (other == "labels" and given["labels"] is None):
        return
    reason = f"the {other} are numbers" if given[other] is not None else "score columns have none"
    raise InputError(
        what,
        f"expected label_map_dict to tell the index of each class name, as {reason}",
        got=repr(text[0]),
        where="row 0",
    )


def _indices(text: list[str], index_of: Mapping[str, int], what: str) -> npt.NDArray[np.int64]:
    unknown = set(text) - set(index_of)
    if unknown:
        row = next(i for i, name in enumerate(text) if name in unknown)
        known = ", ".join(list(index_of)[:5]) + (", …" if len(index_of) > 5 else "")
        raise InputError(
            what, f"expected classes of the label map ({known})", got=repr(text[row]),
            where=f"row {row}",
        )  # fmt: skip
    return np.fromiter(map(index_of.__getitem__, text), dtype=np.int64, count=len(text))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_Pairs)
    except ValueError as error:
        raise InputError(_MAP, "expected JSON in the text", got=repr(text[:40])) from error


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object, none lost when a key is given twice."""


def is_index(value: object) -> bool:
    """Tell whether `value` can be the index of a class: a whole number, also as digits.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    bool
        False for negative numbers in text, and for flags.

    Examples
    --------
    >>> is_index("007"), is_index(7), is_index("cat"), is_index(True)
    (True, True, False, False)
    """
    if isinstance(value, str):
        return re.fullmatch(r"[0-9]{1,18}", value) is not None
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _index(key: object) -> int:
    index = int(str(key)) if is_index(key) else -1
    if not 0 <= index < MAX_CLASSES:
        raise InputError(_MAP, "expected class indices 0, 1, … as keys", got=repr(key))
    return index


def _display(value: object) -> str:
    if not isinstance(value, (str, int, float, np.number)):
        raise InputError(_MAP, "expected text as class names", got=repr(value)[:60])
    return str(value)


def _check_unique(values: Sequence[Any], kind: str, what: str = _MAP) -> None:
    value, count = Counter(values).most_common(1)[0]
    if count > 1:
        raise InputError(what, f"expected each {kind} once", got=f"{value!r} {count} times")
