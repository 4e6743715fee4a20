"""Feature columns of several tables, end to end, in the type that one table would have had."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..bins import is_categorical
from ..errors import InputError


def joined_columns(parts: Sequence[pd.DataFrame]) -> dict[str, pd.Series]:
    """Every feature over all tables.

    Parameters
    ----------
    parts : sequence of DataFrame
        Tables :data:`sensitivity.tables.FEATURES` with the same columns.

    Returns
    -------
    dict
        From feature to its values, those of the first table first. Numbers get the type that
        holds all; categories that differ are joined in the order in which they come.

    Raises
    ------
    InputError
        A column of numbers in one table and of text in another.

    Examples
    --------
    >>> a = pd.DataFrame({"name": ["a"], "hour": [7]})
    >>> b = pd.DataFrame({"name": ["b"], "hour": [7.5]})
    >>> joined_columns([a, b])["hour"].to_list()
    [7.0, 7.5]
    """
    names = [str(name) for name in parts[0].columns if name != "name"]
    return {name: _joined(name, [part[name] for part in parts]) for name in names}


def _joined(name: str, pieces: Sequence[pd.Series]) -> pd.Series:
    # A column without any value has a type by accident.
    told = [(k, piece) for k, piece in enumerate(pieces, 1) if piece.notna().any()]
    if not told:
        return pd.Series(np.full(sum(map(len, pieces)), np.nan, dtype=np.float32), name=name)
    texts = [(k, piece) for k, piece in told if is_categorical(piece)]
    numbers = [(k, piece) for k, piece in told if not is_categorical(piece)]
    if texts and numbers:
        rule = "expected numbers in all results, or text in all"
        where = f"numbers in result {numbers[0][0]}, text in result {texts[0][0]}"
        raise InputError(f"column {name}", rule, where=where)
    if numbers:
        return pd.concat([_numbers(piece) for piece in pieces], ignore_index=True)
    if all(isinstance(piece.dtype, pd.CategoricalDtype) for _, piece in texts):
        return _categories(pieces, [piece for _, piece in texts])
    if all(pd.api.types.is_bool_dtype(piece.dtype) for piece in pieces):
        return pd.concat(pieces, ignore_index=True)
    return pd.concat([piece.astype("str") for piece in pieces], ignore_index=True)


def _numbers(piece: pd.Series) -> pd.Series:
    if piece.notna().any():
        return piece
    return pd.Series(np.full(len(piece), np.nan, dtype=np.float32), name=piece.name)


def _categories(pieces: Sequence[pd.Series], told: Sequence[pd.Series]) -> pd.Series:
    union = list(dict.fromkeys(c for piece in told for c in piece.cat.categories))
    dtype = pd.CategoricalDtype(union, ordered=all(piece.cat.ordered for piece in told))
    return pd.concat([piece.astype(dtype) for piece in pieces], ignore_index=True)
