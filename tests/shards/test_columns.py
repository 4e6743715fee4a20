"""Columns end to end: as one table would have had them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sensitivity.bins import bin_values
from sensitivity.errors import InputError
from sensitivity.shards.columns import joined_columns


def joined(*pieces: pd.Series) -> pd.Series:
    frames = [pd.DataFrame({"name": "x", "own": piece}) for piece in pieces]
    return joined_columns(frames)["own"]


@pytest.mark.parametrize(
    ("dtypes", "expected"),
    [
        (("float32", "float32"), "float32"),
        (("float32", "float64"), "float64"),
        (("int64", "int64"), "int64"),
        (("int64", "float64"), "float64"),
        (("bool", "bool"), "bool"),
        (("str", "str"), "str"),
    ],
)
def test_types_hold_all_values(dtypes: tuple[str, str], expected: str):
    pieces = [pd.Series([1, 0, 1]).astype(dtype) for dtype in dtypes]
    found = joined(*pieces)
    assert found.dtype == expected
    assert found.to_list() == [value for piece in pieces for value in piece]


@pytest.mark.parametrize("nothing", [None, np.nan], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "str", "category"])
def test_a_piece_without_values_has_no_say(nothing: object, dtype: str):
    piece = pd.Series([1, 2]).astype(dtype)
    found = joined(pd.Series([nothing] * 3, dtype=object), piece)
    assert found.isna().to_list() == [True] * 3 + [False] * 2
    if dtype != "str":
        assert found.dtype == piece.dtype
    assert bin_values(found).kind == bin_values(piece).kind


def test_no_value_anywhere_is_a_column_without_values():
    found = joined(pd.Series([None, None], dtype=object), pd.Series([np.nan]))
    assert len(found) == 3
    assert not bin_values(found).counts.any()


def test_categories_keep_their_order_and_new_ones_follow():
    sizes = pd.CategoricalDtype(["small", "large"], ordered=True)
    more = pd.CategoricalDtype(["large", "huge"], ordered=True)
    found = joined(pd.Series(["large", "small"], dtype=sizes), pd.Series(["huge"], dtype=more))
    assert list(found.cat.categories) == ["small", "large", "huge"]
    assert found.cat.ordered
    assert found.to_list() == ["large", "small", "huge"]


def test_categories_and_plain_text_are_text():
    found = joined(pd.Series(["b"], dtype="category"), pd.Series(["a"], dtype="str"))
    assert found.to_list() == ["b", "a"]
    assert bin_values(found).categories == ("a", "b")


def test_numbers_here_and_text_there_are_refused():
    nothing = pd.Series([np.nan])
    with pytest.raises(InputError, match=r"column own: .*numbers in result 2, text in result 3"):
        joined(nothing, pd.Series([1.5]), pd.Series(["x"]))
