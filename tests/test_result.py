"""The result: saved and read back whole, replaced in one step, never a mixture of two runs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sensitivity
from sensitivity import Analysis, tables
from sensitivity.errors import InputError, ResultError
from sensitivity.policies import Policy
from sensitivity.remedies import POLICY_FILE, Remedy
from sensitivity.result import FILE_NAME
from sensitivity.shards import merge_results


def make(n: int = 60, **options) -> Analysis:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, n)
    scores = rng.normal(size=(n, 3)) + 2 * np.eye(3)[labels]
    hour = rng.uniform(0, 24, n)
    hour[:4] = np.nan
    options = {"save_path": None, "features": ()} | options
    return sensitivity.analyse(
        scores,
        labels,
        [f"{i}.png" for i in range(n)],
        columns={"hour": hour, "site": rng.choice(["north", "south"], n), "same": np.ones(n)},
        **options,
    )


def strict(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def assert_same(one: Analysis, other: Analysis) -> None:
    for schema in tables.TABLES:
        pd.testing.assert_frame_equal(
            getattr(one, schema.name),
            getattr(other, schema.name),
            check_dtype=False,
            check_categorical=False,
            check_exact=True,
        )
    assert one.settings == other.settings


@pytest.mark.parametrize("path", ["", FILE_NAME])
def test_load_gives_back_what_was_saved(tmp_path: Path, path: str):
    analysis = make(groups=np.arange(60) // 4, meta={"run": "a"})
    analysis.save(tmp_path)
    assert_same(Analysis.load(tmp_path / path), analysis)


def test_numbers_survive_to_the_last_bit(tmp_path: Path):
    analysis = make()
    analysis.save(tmp_path)
    again = Analysis.load(tmp_path)
    for name in ("value", "low", "high", "edge_low"):
        assert (analysis.bins[name].to_numpy() == again.bins[name].to_numpy()).sum() > 10
        np.testing.assert_array_equal(analysis.bins[name], again.bins[name])


def test_json_is_strict_and_complete(tmp_path: Path):
    analysis = make()
    analysis.save(tmp_path)
    content = json.loads((tmp_path / FILE_NAME).read_text(), parse_constant=strict)["sensitivity"]
    assert content["schema_version"] == 2
    for schema in tables.TABLES:
        if schema.name in tables.PER_IMAGE:
            assert content["files"][schema.name]["rows"] == 60
        else:
            columns = content["tables"][schema.name]
            assert tuple(columns) == schema.names
            assert len(columns[schema.names[0]]) == len(getattr(analysis, schema.name))
    missing = [v for v in content["tables"]["bins"]["edge_low"] if v is None]
    assert missing, "open edges are null"


def test_parquet_tables_lie_beside(tmp_path: Path):
    make().save(tmp_path)
    found = {path.stem for path in (tmp_path / "tables").glob("*.parquet")}
    assert found == {schema.name for schema in tables.TABLES}
    assert pd.read_parquet(tmp_path / "tables" / "trends.parquet").shape[0] == 8


def test_json_alone_is_a_result_without_images(tmp_path: Path):
    analysis = make()
    path = analysis.save(tmp_path / "there")
    moved = tmp_path / "moved.json"
    moved.write_bytes(path.read_bytes())
    alone = Analysis.load(moved)
    assert alone.outcomes.empty
    pd.testing.assert_frame_equal(alone.table("hour"), analysis.table("hour"))


def test_tables_of_another_run_are_refused(tmp_path: Path):
    make().save(tmp_path)
    make(n=61).outcomes.to_parquet(tmp_path / "tables" / "outcomes.parquet", index=False)
    with pytest.raises(ResultError, match="belongs to another run"):
        Analysis.load(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "expected a JSON file"),
        ("[]", "expected the key 'sensitivity'"),
        ('{"sensitivity": {"schema_version": 99}}', "expected schema version 2, got 99"),
    ],
)
def test_what_is_no_result_is_said_to_be_none(tmp_path: Path, content: str, message: str):
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(ResultError, match=message):
        Analysis.load(tmp_path)


def test_absent_result(tmp_path: Path):
    with pytest.raises(ResultError, match=r"expected a folder with model_analysis_results\.json"):
        Analysis.load(tmp_path)


# What became of test-time augmentation


def assert_same_remedy(one: Remedy, other: Remedy) -> None:
    for schema in tables.TTA_TABLES:
        pd.testing.assert_frame_equal(
            getattr(one, schema.name), getattr(other, schema.name), check_exact=True
        )
    assert (one.policy, one.settings) == (other.policy, other.settings)


@pytest.mark.parametrize("identity", [True, False])
def test_remedy_is_saved_and_read_back_whole(tmp_path: Path, make_remedy, identity: bool):
    analysis = replace(make(), remedy=make_remedy(identity=identity))
    analysis.save(tmp_path)
    again = Analysis.load(tmp_path)
    assert_same(again, analysis)
    assert_same_remedy(again.remedy, analysis.remedy)
    stored = pd.read_parquet(tmp_path / "tables" / "tta_strategies.parquet")
    pd.testing.assert_frame_equal(stored, analysis.remedy.strategies)
    if identity:
        assert not (tmp_path / POLICY_FILE).exists()
    else:
        assert Policy.load(tmp_path / POLICY_FILE) == analysis.remedy.policy


def test_without_a_remedy_nothing_tells_of_one(tmp_path: Path):
    analysis = make()
    analysis.save(tmp_path)
    assert "remedy" not in analysis.to_dict()
    assert Analysis.load(tmp_path).remedy is None
    assert not list(tmp_path.rglob("tta_*")) + list(tmp_path.rglob(POLICY_FILE))


def test_a_new_run_leaves_nothing_of_an_old_remedy(tmp_path: Path, make_remedy):
    replace(make(), remedy=make_remedy()).save(tmp_path)
    make(save_path=tmp_path, cache=None)
    assert Analysis.load(tmp_path).remedy is None
    assert not list(tmp_path.rglob("tta_*")) + list(tmp_path.rglob(POLICY_FILE))


def test_a_new_remedy_replaces_the_old_one(tmp_path: Path, make_remedy):
    replace(make(), remedy=make_remedy()).save(tmp_path)
    replace(make(), remedy=make_remedy("do not use", identity=True)).save(tmp_path)
    assert not (tmp_path / POLICY_FILE).exists()
    assert Analysis.load(tmp_path).remedy.settings["verdict"] == "do not use"


def test_a_policy_of_somebody_else_stays(tmp_path: Path):
    (tmp_path / POLICY_FILE).write_text("{}")
    make(save_path=tmp_path, cache=None)
    assert (tmp_path / POLICY_FILE).read_text() == "{}"


def test_a_remedy_that_cannot_be_read_is_said_to_be_one(tmp_path: Path, make_remedy):
    path = replace(make(), remedy=make_remedy()).save(tmp_path)
    content = json.loads(path.read_text())
    content["sensitivity"]["remedy"]["remedy_version"] = 9
    path.write_text(json.dumps(content))
    with pytest.raises(ResultError, match="remedy: expected remedy version 1, got 9"):
        Analysis.load(tmp_path)
    content["sensitivity"]["remedy"] = {"remedy_version": 1, "policy": {}, "settings": {}}
    path.write_text(json.dumps(content))
    with pytest.raises(ResultError, match=r"remedy\.tables: expected an object"):
        Analysis.load(tmp_path)


def test_comparing_and_merging_leave_a_remedy_out(make_remedy):
    first = replace(make(groups=np.arange(60) // 4), remedy=make_remedy())
    compared = sensitivity.compare(first, make(groups=np.arange(60) // 4))
    assert compared.settings["n"] == 60
    features = first.features.assign(name=[f"b/{i}.png" for i in range(60)])
    outcomes = first.outcomes.assign(name=features["name"])
    second = replace(first, features=features, outcomes=outcomes)
    assert merge_results([first, second]).remedy is None


def test_table_shows_missing_last_but_std():
    table = make().table("hour")
    assert list(table.columns) == ["0", "1", "2"]
    assert list(table.index[-2:]) == ["missing", "std"]
    bins = table.iloc[:-2]
    np.testing.assert_allclose(table.loc["std"], bins.std(ddof=0))


def test_table_of_other_metrics_and_of_what_is_not_there():
    analysis = make()
    assert (analysis.table("site", metric="recall").loc[["north", "south"]] <= 1).all(axis=None)
    with pytest.raises(InputError, match="feature same: has no table: constant: 1"):
        analysis.table("same")
    with pytest.raises(InputError, match="feature minute: expected one of hour, site"):
        analysis.table("minute")
    with pytest.raises(InputError, match="metric auc: expected f1, f1_star, recall or precision"):
        analysis.table("hour", metric="auc")


def test_analysis_is_frozen():
    with pytest.raises(AttributeError):
        make().settings = {}


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    path = make().save(tmp_path)
    content = json.loads(path.read_text())
    for damage, message in (
        (lambda trends: trends.pop("class"), ": expected a list of values as column class"),
        (lambda trends: trends.update({"class": ["a"]}), ": expected columns of one length"),
        (
            lambda trends: trends.update(q=["x"] * len(trends["n"])),
            r"\.q: expected numbers, got text",
        ),
    ):
        wrong = json.loads(json.dumps(content))
        damage(wrong["sensitivity"]["tables"]["trends"])
        path.write_text(json.dumps(wrong))
        with pytest.raises(ResultError, match=f"table trends{message}"):
            Analysis.load(tmp_path)
