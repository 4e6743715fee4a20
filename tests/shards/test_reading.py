"""Pieces, read: numbers as numbers, classes as indices, whatever they came as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sensitivity
from sensitivity.errors import InputError, ResultError
from sensitivity.shards.reading import feature_values, shard_classes, shard_features, shard_rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sensitivity.analyse(
        [0, 1, 1, 0] * 10,
        [0, 1, 0, 0] * 10,
        [f"{i}.png" for i in range(40)],
        columns={
            "blur": np.linspace(0, 1, 40, dtype=np.float32),
            "hour": pd.array([7, None] * 20, dtype="Int64"),
            "site": ["north", "south"] * 20,
        },
        label_map_dict={0: "sound", 1: "cracked"},
        features=(),
        save_path=tmp_path / "result",
    )
    return tmp_path / "result"


def test_a_folder_is_read_column_by_column(folder: Path):
    assert shard_features(folder) == ["blur", "hour", "site"]
    assert shard_classes(folder) == ["sound", "cracked"]
    values = feature_values(str(folder), ["hour", "blur"], "shard 1")
    assert list(values) == ["hour", "blur"]
    assert [values[name].dtype for name in values] == [np.float64, np.float32]
    assert np.isnan(values["hour"]).sum() == 20


def test_outcomes_of_a_folder_become_indices(folder: Path):
    y, predicted, _ = shard_rows(folder, ["blur"], 2, "shard 1")
    assert y.tolist() == [0, 1, 0, 0] * 10
    assert predicted.tolist() == [0, 1, 1, 0] * 10
    with pytest.raises(InputError, match=r"classes: expected 3, got 2 \(shard 1\)"):
        shard_rows(folder, ["blur"], 3, "shard 1")


def test_what_is_no_feature_or_no_result_is_named(folder: Path, tmp_path: Path):
    with pytest.raises(
        InputError, match=r"expected depth in every shard, got blur, hour, site \(sh"
    ):
        feature_values(folder, ["blur", "depth"], "shard 3")
    with pytest.raises(InputError, match="feature site: expected numbers"):
        feature_values(folder, ["site"], "shard 3")
    with pytest.raises(ResultError, match="expected a folder with model_analysis_results"):
        shard_classes(tmp_path)
    (tmp_path / "model_analysis_results.json").write_text("[]")
    with pytest.raises(ResultError, match="expected a folder with model_analysis_results"):
        shard_classes(tmp_path)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1, 2], np.float64),
        (np.float32([1, 2]), np.float32),
        (np.float16([1, 2]), np.float64),
        (pd.Series([1.0, 2.0], dtype="float32"), np.float32),
        (pd.Series([None, None]), np.float64),
        ([], np.float64),
    ],
)
def test_numbers_are_float32_as_given_or_else_float64(values: Any, dtype: type):
    found = feature_values(lambda: ([], [], {"x": values}), ["x"], "shard 1")["x"]
    assert found.dtype == dtype
    assert len(found) == len(values)


def test_a_function_is_asked_once_for_all_rows():
    asked = []

    def piece():
        asked.append(1)
        return np.array([0, 1]), pd.Series([1, 1]), {"x": [0.5, 1.5], "y": [1, 2]}

    y, predicted, values = shard_rows(piece, ["x", "y"], 2, "shard 1")
    assert (y.tolist(), predicted.tolist(), len(values), len(asked)) == ([0, 1], [1, 1], 2, 1)
    assert shard_classes(piece) is None
