"""A comparison saved and read back; records are frozen."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensitivity import tables
from sensitivity.comparison import compare
from sensitivity.encoding import encode
from sensitivity.errors import ResultError
from sensitivity.records import COMPARISON_FILE, FAIL, Comparison, Gate, GateRow


@pytest.fixture
def comparison(make_analysis) -> Comparison:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    columns = {"hour": rng.random(200), "site": rng.choice(["北", "south"], 200)}
    a, b = (
        make_analysis(np.where(rng.random(200) < 0.8, y, 1 - y), y, columns=columns)
        for _ in range(2)
    )
    return compare(a, b)


def assert_same(one: Comparison, other: Comparison) -> None:
    for name in ("bins", "trends", "overall"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert one.settings == other.settings


@pytest.mark.parametrize("path", ["", COMPARISON_FILE])
def test_load_gives_back_what_was_saved(comparison: Comparison, tmp_path: Path, path: str):
    assert comparison.save(tmp_path / "there") == tmp_path / "there" / COMPARISON_FILE
    assert_same(Comparison.load(tmp_path / "there" / path), comparison)


def test_json_is_strict_and_whole(comparison: Comparison, tmp_path: Path):
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    path = comparison.save(tmp_path)
    content = json.loads(path.read_text("utf-8"), parse_constant=refuse)
    assert content["schema_version"] == 1
    assert list(content["tables"]) == [schema.name for schema in tables.COMPARED]
    moved = tmp_path / "moved.json"
    moved.write_bytes(path.read_bytes())
    assert_same(Comparison.load(moved), comparison)


def test_parquet_tables_lie_beside_those_of_a_result(comparison: Comparison, tmp_path: Path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "bins.parquet").write_text("another's")
    comparison.save(tmp_path)
    assert (tmp_path / "tables" / "bins.parquet").read_text() == "another's"
    found = pd.read_parquet(tmp_path / "tables" / "compared_bins.parquet")
    pd.testing.assert_frame_equal(found, comparison.bins)


def test_empty_tables_come_back(make_analysis, tmp_path: Path):
    a = make_analysis([0, 1], [0, 1])
    compare(a, a).save(tmp_path)
    found = Comparison.load(tmp_path)
    assert (len(found.bins), len(found.trends), len(found.overall)) == (0, 0, 5)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "comparison: expected a JSON file"),
        ("[]", "expected a comparison of schema version 1, got None"),
        ('{"schema_version": 9, "tables": {}}', "schema version 1, got 9"),
        ('{"sensitivity": {"schema_version": 1}}', "schema version 1, got None"),
    ],
)
def test_what_is_no_comparison(tmp_path: Path, content: str, message: str):
    (tmp_path / COMPARISON_FILE).write_text(content)
    with pytest.raises(ResultError, match=message):
        Comparison.load(tmp_path)


def test_absent_comparison(tmp_path: Path):
    with pytest.raises(ResultError, match=r"expected a folder with comparison\.json"):
        Comparison.load(tmp_path)


def test_records_are_frozen(comparison: Comparison):
    row = GateRow("", "", "1", "f1", FAIL, 0.5, 0.4, 0.6, 20)
    gate = Gate("min-f1 0.8", "…", FAIL, 0.8, 0.5, 0.4, 0.6, 20, None, None, 1, (row,))
    for record, name in ((comparison, "settings"), (gate, "status"), (row, "n")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, name, None)


def test_gate_is_json(comparison: Comparison):
    row = GateRow("", "", "1", "f1", FAIL, float("nan"), 0.4, 0.6, 20)
    gate = Gate("min-f1 0.8", "…", FAIL, 0.8, 0.5, 0.4, 0.6, 20, None, None, 1, (row,), ("a note",))
    found = json.loads(encode(gate.to_dict()))
    assert found["notes"] == ["a note"]
    assert found["rows"] == [
        {
            "feature": "", "label": "", "class": "1", "metric": "f1", "status": "fail",
            "value": None, "low": 0.4, "high": 0.6, "n": 20, "n_needed": None, "n_total": None,
            "reason": "",
        }
    ]  # fmt: skip
