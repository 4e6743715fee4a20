"""One piece of a data set, read: from a function, or from the tables of a saved result."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError, ResultError
from ..result import FILE_NAME, KEY

#: True classes, predicted classes, and the values of each feature.
Rows = tuple[Any, Any, Mapping[str, Any]]

Shard = Callable[[], Rows] | str | os.PathLike[str]

Numbers = npt.NDArray[np.floating]
Codes = npt.NDArray[np.int64]


def shard_features(shard: Shard) -> list[str]:
    """Names of the features of one piece.

    Parameters
    ----------
    shard : callable or path
        The piece.

    Returns
    -------
    list of str
        In their order.

    Examples
    --------
    >>> shard_features(lambda: ([0], [0], {"blur": [0.5], "hour": [7]}))
    ['blur', 'hour']
    """
    if callable(shard):
        return [str(name) for name in shard()[2]]
    import pyarrow.parquet as pq

    names = pq.read_schema(_table(shard, "features")).names
    return [name for name in names if name != "name"]


def shard_classes(shard: Shard) -> list[str] | None:
    """Class names of one piece.

    Parameters
    ----------
    shard : callable or path
        The piece.

    Returns
    -------
    list of str or None
        None for a function, which gives numbers.

    Raises
    ------
    ResultError
        No saved result.
    """
    if callable(shard):
        return None
    import msgspec

    file = Path(shard) / FILE_NAME
    kind = msgspec.defstruct("Result", [(KEY, dict[str, msgspec.Raw])])
    try:
        content = msgspec.json.decode(file.read_bytes(), type=kind)
        settings = msgspec.json.decode(getattr(content, KEY)["settings"])
        return [str(name) for name in settings["classes"]]
    except (OSError, msgspec.MsgspecError, KeyError) as error:
        rule = f"expected a folder with {FILE_NAME} and tables"
        raise ResultError("result", rule, got=str(error), where=str(shard)) from error


def feature_values(shard: Shard, features: Sequence[str], where: str) -> dict[str, Numbers]:
    """Values of one piece, as numbers.

    Parameters
    ----------
    shard : callable or path
        The piece.
    features : sequence of str
        Which of its features.
    where : str
        What to call the piece in messages.

    Returns
    -------
    dict
        From feature to float32 (as given) or float64 (whatever else was given), NaN where it
        is missing.

    Raises
    ------
    InputError
        A feature that the piece does not have, or that is no number.

    Examples
    --------
    >>> feature_values(lambda: ([0], [0], {"hour": [7]}), ["hour"], "shard 1")
    {'hour': array([7.])}
    """
    if callable(shard):
        return _as_numbers(shard()[2], features, where)
    _check_known(features, shard_features(shard), where)
    return _as_numbers(
        pd.read_parquet(_table(shard, "features"), columns=list(features)), features, where
    )


def _as_numbers(columns: Any, features: Sequence[str], where: str) -> dict[str, Numbers]:
    _check_known(features, list(columns), where)
    return {name: _numbers(name, columns[name], where) for name in features}


def _check_known(features: Sequence[str], known: Sequence[str], where: str) -> None:
    missing = [name for name in features if name not in known]
    if missing:
        got = ", ".join(map(str, known)) or "none"
        raise InputError("features", f"expected {missing[0]} in every shard", got=got, where=where)


def shard_rows(
    shard: Shard,
    features: Sequence[str],
    n_classes: int,
    where: str,
    *,
    classes: Sequence[str] | None = None,
) -> tuple[Codes, Codes, dict[str, Numbers]]:
    """All of one piece, checked.

    Parameters
    ----------
    shard : callable or path
        The piece.
    features : sequence of str
        Which of its features.
    n_classes : int
        C.
    where : str
        What to call the piece in messages.
    classes : sequence of str, length C, optional
        Class names, which a path's outcomes have instead of numbers.

    Returns
    -------
    y, predicted : ndarray of int64, shape (N,)
        0 … C-1.
    values : dict
        As of :func:`feature_values`.

    Raises
    ------
    InputError
        Classes out of range, or columns of different lengths.

    Examples
    --------
    >>> shard_rows(lambda: ([0, 1], [1, 1], {"hour": [7, 9]}), ["hour"], 2, "shard 1")[:2]
    (array([0, 1]), array([1, 1]))
    """
    if callable(shard):
        given = shard()
        names = ("labels", "predictions")
        pair = [_codes(given[k], what, n_classes, where) for k, what in enumerate(names)]
        values = _as_numbers(given[2], features, where)
    else:
        known = classes if classes is not None else shard_classes(shard)
        table = pd.read_parquet(_table(shard, "outcomes"), columns=["class", "predicted"])
        pair = [_named(table[name], list(known or ()), n_classes, where) for name in table]
        values = feature_values(shard, features, where)
    for name, column in (("predictions", pair[1]), *values.items()):
        if len(column) != len(pair[0]):
            got = f"{len(column):,} for {len(pair[0]):,}"
            raise InputError(name, "expected one per label", got=got, where=where)
    return pair[0], pair[1], values


def _table(shard: str | os.PathLike[str], name: str) -> Path:
    path = Path(shard) / "tables" / f"{name}.parquet"
    if not path.is_file():
        rule = f"expected a folder with {FILE_NAME} and tables"
        raise ResultError("result", rule, where=str(path))
    return path


def _numbers(name: str, values: Any, where: str) -> Numbers:
    array = values if isinstance(values, (pd.Series, np.ndarray)) else np.asarray(values)
    if isinstance(array, pd.Series):
        if not pd.api.types.is_numeric_dtype(array.dtype) and array.notna().any():
            raise _no_numbers(name, str(array.dtype), where)
        kind = np.float32 if array.dtype == np.float32 else np.float64
        array = array.to_numpy(dtype=kind, na_value=np.nan)
    if array.ndim != 1 or array.dtype.kind not in "biuf":
        raise _no_numbers(name, f"{array.dtype}, {array.ndim} axes", where)
    return array if array.dtype == np.float32 else array.astype(np.float64, copy=False)


def _no_numbers(name: str, got: str, where: str) -> InputError:
    rule = "expected numbers (leave it out here; merge_results takes text)"
    return InputError(f"feature {name}", rule, got=got, where=where)


def _codes(codes: Any, what: str, n_classes: int, where: str) -> Codes:
    array = np.asarray(codes)
    if array.ndim != 1 or (array.dtype.kind not in "iu" and len(array)):
        got = f"{array.dtype}, {array.ndim} axes"
        raise InputError(what, "expected one whole number per sample", got=got, where=where)
    out = (array < 0) | (array >= n_classes)
    if out.any():
        rule = f"expected classes 0 … {n_classes - 1}"
        raise InputError(what, rule, got=str(array[out][0]), where=where)
    return array.astype(np.int64)


def _named(names: pd.Series, classes: list[str], n_classes: int, where: str) -> Codes:
    if len(classes) != n_classes:
        got = f"{len(classes):,}"
        raise InputError("classes", f"expected {n_classes:,}", got=got, where=where)
    text = names.astype("str").to_numpy(dtype=object)
    codes = pd.Categorical(text, categories=classes).codes.astype(np.int64)
    if (codes < 0).any():
        got = repr(names.iloc[int((codes < 0).argmax())])
        raise InputError("classes", "expected those of the first shard", got=got, where=where)
    return codes
