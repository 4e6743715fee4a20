"""Results merged: the same as the analysis of all images, and clear about what cannot be."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import sensitivity
from sensitivity import Analysis, tables
from sensitivity.errors import InputError, OptionError, ResultError
from sensitivity.report.modelarts import layout
from sensitivity.result import FILE_NAME
from sensitivity.shards import merge_results

CUTS = (0, 300, 700, 720, 1_400)


def data(*, n_classes: int = 3, labels_only: bool = False, groups: bool = False) -> dict[str, Any]:
    """1,400 samples with columns of every kind, and a trend that is real."""
    rng = np.random.default_rng(7)
    n = CUTS[-1]
    y = rng.integers(0, n_classes, n)
    blur = (rng.normal(size=n) + 0.3 * y).astype(np.float32)
    wrong = rng.random(n) < 0.15 + 0.12 * np.tanh(blur)
    called = np.where(wrong, (y + rng.integers(1, n_classes, n)) % n_classes, y)
    logits = rng.normal(size=(n, n_classes)) + 4 * np.eye(n_classes)[called]
    glare = np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n).round(1))
    glare[:5] = [np.inf, -np.inf, 0.0, -0.0, np.inf]
    site = rng.choice(["north", "south", "east"], n)
    sizes = pd.CategoricalDtype(["small", "medium", "large", "huge"], ordered=True)
    return {
        "pred_list": called if labels_only else logits,
        "label_list": y,
        "name_list": [f"day{i // 100}/{i}.png" for i in range(n)],
        "columns": pd.DataFrame(
            {
                "blur": blur,
                "glare": glare,
                "hour": rng.integers(0, 24, n),
                "site": site,
                "wet": rng.random(n) < 0.3,
                "size": pd.Series(rng.choice(["small", "medium", "huge"], n)).astype(sizes),
                "constant": 1.0,
            }
        ),
        "groups": [f"video {i // 20}" for i in range(n)] if groups else None,
        "label_map_dict": {c: f"class {c}" for c in range(n_classes)},
    }


def run(given: dict[str, Any], rows: slice = slice(None), **options: Any) -> Analysis:
    cut = {
        key: None if value is None else value[rows]
        for key, value in given.items()
        if key not in ("columns", "label_map_dict")
    }
    columns = given["columns"].iloc[rows].reset_index(drop=True)
    fixed = {"features": (), "save_path": None, "label_map_dict": given["label_map_dict"]}
    return sensitivity.analyse(columns=columns, **cut, **{**fixed, **options})


def pieces(
    given: dict[str, Any], cuts: tuple[int, ...] = (0, 500, CUTS[-1]), **options: Any
) -> list[Analysis]:
    return [run(given, slice(a, b), **options) for a, b in pairwise(cuts)]


@cache
def plain() -> tuple[Analysis, ...]:
    """The whole, and its four pieces: made once, and not to be changed."""
    given = data()
    return run(given), *pieces(given, CUTS)


def same(merged: Analysis, whole: Analysis) -> None:
    """Counts and edges to the last bit, numbers of trends within 1e-12."""
    assert_frame_equal(merged.features, whole.features, check_exact=True)
    assert_frame_equal(merged.outcomes, whole.outcomes, check_exact=True)
    assert_frame_equal(merged.bins, whole.bins, check_exact=True)
    assert_frame_equal(merged.trends, whole.trends, rtol=1e-12, atol=1e-12)
    assert_frame_equal(merged.confusion, whole.confusion, check_exact=True)
    kept = whole.overall[whole.overall["metric"] != "auc"].reset_index(drop=True)
    assert_frame_equal(merged.overall, kept, check_exact=True)
    own = ("notes", "merged")
    for key, value in whole.settings.items():
        if key not in own:
            assert merged.settings[key] == value, key


def test_four_shards_are_the_whole():
    whole, *parts = plain()
    merged = merge_results(parts)
    same(merged, whole)
    assert merged.outcomes["name"].tolist() == data()["name_list"]
    assert (whole.trends["strength"] == "real").any(), "a trend is planted"
    assert [entry["n"] for entry in merged.settings["merged"]] == [300, 400, 20, 680]


@pytest.mark.parametrize("kind", ["labels_only", "groups"])
def test_so_they_are_without_scores_and_with_groups(kind: str):
    given = data(**{kind: True})
    same(merge_results(pieces(given)), run(given))


def test_options_and_the_seed_are_kept():
    given = data(labels_only=True)
    options = {"n_bins": 4, "confidence": 0.9, "rng": 3, "prior": [0.5, 0.25, 0.25]}
    same(merge_results(pieces(given, **options)), run(given, **options))


def test_edges_of_an_earlier_run_cut_the_whole():
    edges = {"blur": [-1.0, 0.5], "site": ["west", "north"]}
    _, *parts = plain()
    merged = merge_results(parts, edges=edges)
    same(merged, run(data(), edges=edges))
    again = merge_results(parts, edges=merged)
    assert again.edges == merged.edges
    assert again.edges["blur"] == [-1.0, 0.5]
    with pytest.raises(InputError, match=r"expected names among blur, .* got depth"):
        merge_results(parts, edges={"depth": [1.0]})


def test_saved_results_and_objects_mix(tmp_path: Path):
    whole, *parts = plain()
    given: list[Any] = list(parts)
    for k in (0, 2):
        given[k] = parts[k].save(tmp_path / str(k)).parent
    merged = merge_results(given, save_path=tmp_path / "merged")
    same(merged, whole)
    again = Analysis.load(tmp_path / "merged" / FILE_NAME)
    assert again.settings["merged"] == merged.settings["merged"]
    assert_frame_equal(again.trends, merged.trends)


def test_merged_results_can_be_merged():
    whole, a, b, c, d = plain()
    merged = merge_results([merge_results([a, b]), merge_results([c, d])])
    same(merged, whole)
    assert len([note for note in merged.settings["notes"] if "ROC" in note]) == 1


def test_errors_of_neighbours_are_found_across_the_seams():
    given = data()
    rng = np.random.default_rng(0)
    bad = np.repeat(rng.random(70) < 0.25, 20)
    called = np.where(
        bad & (rng.random(1_400) < 0.8), (given["label_list"] + 1) % 3, given["label_list"]
    )
    given["pred_list"] = called
    whole, merged = run(given), merge_results(pieces(given))
    same(merged, whole)
    assert merged.settings["dependence"]["kind"] == "blocks"


def test_a_camera_per_shard_is_constant_in_each_and_a_feature_of_the_whole():
    given = data()
    camera, depth = np.repeat(list("AB"), [500, 900]), np.repeat([1.0, 2.0], [500, 900])
    given["columns"] = given["columns"].assign(camera=camera, depth=depth)
    parts = pieces(given)
    assert "camera" in {entry["name"] for entry in parts[0].settings["skipped"]}
    merged = merge_results(parts)
    same(merged, run(given))
    assert merged.edges["camera"] == ["A", "B"]


def test_images_that_failed_are_failures_of_the_whole(tmp_path: Path):
    rng = np.random.default_rng(1)
    names, labels = [], [0, 1] * 30
    for i in range(60):
        path = tmp_path / f"{i:02}.png"
        pixels = rng.integers(0, 40 + 3 * i, (24, 24, 3)).astype(np.uint8)
        path.write_bytes(b"" if i in (7, 44) else cv2.imencode(".png", pixels)[1].tobytes())
        names.append(str(path))

    def measured(rows: slice) -> Analysis:
        return sensitivity.analyse(
            labels[rows], labels[rows], names[rows], features=["brightness"], save_path=None
        )

    merged = merge_results([measured(slice(0, 30)), measured(slice(30, 60))])
    same(merged, measured(slice(0, 60)))
    assert_frame_equal(merged.failures, measured(slice(0, 60)).failures)
    assert merged.settings["n_failed"] == 2
    assert merged.settings["features"][0]["source"] == "image"
    assert merged.settings["features"][0]["title_zh"] != "brightness"


# What is said


def test_curves_are_left_out_and_said_to_be():
    merged = merge_results(two())
    assert merged.roc.empty
    assert "auc" not in set(merged.overall["metric"])
    assert any("ROC curves and AUC" in note for note in merged.settings["notes"])
    page = layout(merged)
    assert "Not drawn: merged from results" in str(page["en-us"])
    assert "由多个结果合并而成" in str(page["zh-cn"])
    labels = merge_results([changed(part, score_kind="labels") for part in two()])
    assert not any("ROC" in note for note in labels.settings["notes"])


def test_names_in_more_than_one_result_are_counted_and_told():
    a, b = two()
    names = [f"{i}.png" for i in range(600)]
    a = replace(a, outcomes=a.outcomes.assign(name=names[:300]))
    merged = merge_results([a, replace(b, outcomes=b.outcomes.assign(name=names[200:]))])
    told = [note for note in merged.settings["notes"] if "in more than one result" in note]
    assert told == [
        "100 names are in more than one result: each time they count as a sample of its own"
    ]
    assert merged.settings["n"] == 700


def test_notes_of_one_result_name_it_and_those_of_all_stand_once():
    a, b = two()
    given = [changed(a, notes=["once", "in all"]), changed(b, notes=["in all", "here"])]
    notes = merge_results(given).settings["notes"]
    assert notes[:3] == ["in all", "result 1: once", "result 2: here"]
    assert len(notes) == 4, "and that there are no curves"


def test_what_the_caller_noted_is_kept_where_it_is_the_same():
    parts = [changed(part, meta={"model": "m1", "day": k}) for k, part in enumerate(two(), 1)]
    merged = merge_results(parts)
    assert merged.settings["meta"] == {"model": "m1"}
    assert [entry["meta"]["day"] for entry in merged.settings["merged"]] == [1, 2]


# What cannot be merged


def two() -> tuple[Analysis, Analysis]:
    _, a, b, *_ = plain()
    return a, b


def changed(analysis: Analysis, **settings: Any) -> Analysis:
    return replace(analysis, settings={**analysis.settings, **settings})


@pytest.mark.parametrize("key", ["n_bins", "confidence"])
def test_other_settings_are_refused(key: str):
    value = {"n_bins": 4, "confidence": 0.9}[key]
    a, b = two()
    rule = rf"{key}: expected the same in all results, got .* and {value} \(results 1 and 2\)"
    with pytest.raises(OptionError, match=rule):
        merge_results([a, changed(b, **{key: value})])


def test_other_classes_are_refused():
    a, b = two()
    other = changed(b, classes=["class 0", "class 1", "cat"])
    with pytest.raises(InputError, match="got only in the first: class 2; only in the second: cat"):
        merge_results([a, other])
    turned = changed(b, classes=["class 1", "class 0", "class 2"])
    with pytest.raises(InputError, match=r"classes: expected the same .* got another order"):
        merge_results([a, turned])


def test_other_features_priors_and_groups_are_refused():
    a, b = two()
    more = replace(b, features=b.features.assign(depth=1.0))
    with pytest.raises(InputError, match=r"features: .* got only in the second: depth"):
        merge_results([a, more])
    with pytest.raises(InputError, match="prior: expected the same in all results"):
        merge_results([a, changed(b, prior_given=True)])
    with pytest.raises(InputError, match="groups: expected in all results or in none"):
        merge_results([a, replace(b, outcomes=b.outcomes.assign(group="x"))])


def test_the_same_images_twice_are_refused():
    a, b = two()
    with pytest.raises(InputError, match=r"expected other images in each.*\(results 1 and 3\)"):
        merge_results([a, b, a])
    # The same names alone are no proof: files of different folders may be called alike.
    names = [f"{i}.png" for i in range(400)]
    alike = [
        replace(
            part,
            outcomes=part.outcomes.assign(name=names[:n]),
            features=part.features.assign(name=names[:n]),
        )
        for part, n in ((a, 300), (b, 400))
    ]
    assert merge_results(alike).settings["n"] == 700


def test_fewer_than_two_are_refused(tmp_path: Path):
    a, _ = two()
    for given, got in (([], "got 0"), ([a], "got 1"), (a, "got one"), (str(tmp_path), "got one")):
        with pytest.raises(InputError, match=f"results: expected at least two.*{got}"):
            merge_results(given)


def test_results_without_their_tables_are_refused(tmp_path: Path):
    a, b = two()
    file = b.save(tmp_path / "b")
    (tmp_path / "b" / "tables" / "outcomes.parquet").unlink()
    with pytest.raises(ResultError, match=r"expected the Parquet tables .*model_analysis_results"):
        merge_results([a, file])
    with pytest.raises(ResultError, match="expected a folder with"):
        merge_results([a, tmp_path / "none"])


def test_other_tasks_are_refused():
    a, b = two()
    other = changed(b, task="multi_label_classification")
    with pytest.raises(InputError, match=r"task: expected image_classification.*\(result 2\)"):
        merge_results([a, other])


def test_tables_have_the_columns_that_they_must_have():
    merged = merge_results(two())
    for schema in tables.TABLES:
        tables.check(getattr(merged, schema.name), schema)
