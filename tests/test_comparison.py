"""Two models on the same images."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from sklearn.metrics import f1_score, recall_score

from sensitivity import tables
from sensitivity.comparison import compare
from sensitivity.encoding import encode
from sensitivity.errors import OptionError, ResultError

N = 600
CLASSES = ("ok", "scratch", "crack")


def case(make_analysis, seed: int = 0, **options):
    """Two results: the second model corrects more where the image is blurred."""
    rng = np.random.default_rng(seed)
    y = rng.choice(3, N, p=[0.5, 0.3, 0.2])
    blur = rng.random(N)
    blur[rng.random(N) < 0.05] = np.nan
    camera = rng.choice(["north", "south", "roof"], N)
    missed = rng.random(N) < 0.05 + 0.45 * np.nan_to_num(blur)
    first = np.where(missed, (y + rng.integers(1, 3, N)) % 3, y)
    again = rng.random(N) < np.where(missed, 0.5, 0.97)
    second = np.where(again, y, (y + 1) % 3)
    columns = {"blur": blur, "camera": camera}
    names = [f"{i}.png" for i in range(N)]
    a = make_analysis(first, y, names, columns=columns, classes=CLASSES, **options)
    b = make_analysis(second, y, names, columns=columns, classes=CLASSES, **options)
    return a, b


def reordered(analysis, order: np.ndarray):
    kept = {
        name: getattr(analysis, name).iloc[order].reset_index(drop=True)
        for name in ("features", "outcomes")
    }
    return replace(analysis, **kept, settings={**analysis.settings, "n": len(order)})


# What the rows say


def test_tables_have_their_columns_and_all_rows(make_analysis):
    found = compare(*case(make_analysis))
    for schema, table in zip(
        tables.COMPARED, (found.bins, found.trends, found.overall), strict=True
    ):
        tables.check(table, schema)
    assert len(found.overall) == 1 + 2 * 3
    assert len(found.bins) == (5 + 1 + 3) * 7  # five bins and the missing one; three cameras
    assert len(found.trends) == 2 * 4


def test_values_are_those_of_scikit_learn(make_analysis):
    a, b = case(make_analysis)
    found = compare(a, b).overall
    for side, analysis in (("value_a", a), ("value_b", b)):
        truth, called = (analysis.outcomes[key].astype(str) for key in ("class", "predicted"))
        for metric, score in (("recall", recall_score), ("f1", f1_score)):
            expected = score(truth, called, labels=list(CLASSES), average=None)
            np.testing.assert_allclose(found.loc[found["metric"] == metric, side], expected)
        assert found.loc[0, side] == pytest.approx(analysis.outcomes["right"].mean())


def test_change_is_the_difference_and_lies_in_its_interval(make_analysis):
    found = compare(*case(make_analysis)).bins.dropna(subset="change")
    np.testing.assert_allclose(found["change"], found["value_b"] - found["value_a"], atol=1e-12)
    assert ((found["low"] <= found["change"]) & (found["change"] <= found["high"])).all()
    recall = found[found["metric"] != "f1"]
    moved = (recall["corrected"] - recall["corrupted"]) / recall["n"]
    np.testing.assert_allclose(recall["change"], moved)


@pytest.mark.parametrize("feature", ["blur", "camera"])
def test_counts_of_the_bins_add_up(make_analysis, feature: str):
    found = compare(*case(make_analysis))
    rows = found.bins[found.bins["feature"] == feature]
    counts = ["n", "corrected", "corrupted"]
    summed = rows.groupby(["class", "metric"], sort=False)[counts].sum()
    expected = found.overall.set_index(["class", "metric"])[counts]
    pd.testing.assert_frame_equal(summed, expected)


def test_p_is_the_exact_mcnemar_of_the_row(make_analysis):
    found = compare(*case(make_analysis)).bins
    for row in found[found["metric"] == "recall"].itertuples():
        k, n = min(row.corrected, row.corrupted), row.corrected + row.corrupted
        exact = scipy_stats.binomtest(k, n).pvalue if n else 1.0
        step = scipy_stats.binom.pmf(k, n, 0.5) if n and row.corrected != row.corrupted else 0.0
        assert row.p == pytest.approx(min(exact, 1.0) - step)


def test_bins_and_labels_are_those_of_the_first(make_analysis):
    a, b = case(make_analysis)
    coarse = make_analysis(
        *(pd.Categorical(b.outcomes[key], CLASSES).codes for key in ("predicted", "class")),
        list(b.outcomes["name"]),
        columns={"other": np.arange(N)},
        classes=CLASSES,
    )
    one, other = compare(a, b), compare(a, coarse)
    pd.testing.assert_frame_equal(one.bins, other.bins)
    found = one.bins[one.bins["feature"] == "blur"].drop_duplicates("bin")
    own = a.bins[a.bins["feature"] == "blur"].drop_duplicates("bin")
    assert found["label"].to_list() == own["label"].to_list()
    assert found["label"].to_list()[-1] == "missing"
    n = a.bins.query("feature == 'blur' and metric == 'accuracy'")["n"].to_list()
    assert one.bins.query("feature == 'blur' and metric == 'accuracy'")["n"].to_list() == n


def test_labels_of_given_edges_are_kept(make_analysis):
    a, b = case(make_analysis, edges={"blur": [0.3, 0.6]})
    labels = compare(a, b).bins.query("feature == 'blur'")["label"].unique().tolist()
    assert labels == ["up to 0.3", "0.3 to 0.6", "above 0.6", "missing"]


def test_a_model_beside_itself_is_no_change(make_analysis):
    a, _ = case(make_analysis)
    found = compare(a, a)
    for table in (found.bins, found.overall):
        known = table.dropna(subset="change")
        assert (known["change"] == 0).all()
        assert (known["p"] == 1).all()
        assert ((known["low"] < 0) & (known["high"] > 0)).all()
    assert found.trends["p"].isna().all()


def test_swapping_the_models_turns_all_round(make_analysis):
    a, b = case(make_analysis)
    one, other = compare(a, b), compare(b, a)
    for x, y in ((one.bins, other.bins), (one.overall, other.overall)):
        np.testing.assert_allclose(x["change"], -y["change"])
        np.testing.assert_allclose(x["low"], -y["high"])
        np.testing.assert_allclose(x["p"], y["p"])
        np.testing.assert_array_equal(x["corrected"], y["corrupted"])
    np.testing.assert_allclose(one.trends["z"], -other.trends["z"])


def test_a_confidence_of_ones_own(make_analysis):
    a, b = case(make_analysis)
    narrow, wide = compare(a, b, confidence=0.5), compare(a, b)
    assert narrow.settings["confidence"] == 0.5
    assert wide.settings["confidence"] == 0.95
    assert (narrow.overall["low"] > wide.overall["low"]).all()
    for wrong in (0, 1, "high"):
        with pytest.raises(OptionError, match="confidence: expected a number between 0 and 1"):
            compare(a, b, confidence=wrong)


# Trends


def test_trend_says_where_the_second_model_gains(make_analysis):
    found = compare(*case(make_analysis)).trends
    row = found[(found["feature"] == "blur") & (found["class"] == "all")].iloc[0]
    assert row["z"] > 3
    assert row["q"] < 0.05
    assert row["change_last"] > row["change_first"] + 0.1
    assert found["q"].is_monotonic_increasing


def test_ends_of_the_trend_are_the_outer_bins(make_analysis):
    found = compare(*case(make_analysis))
    cells = found.bins.query("feature == 'blur' and metric != 'f1'").set_index(["bin", "class"])
    for row in found.trends.query("feature == 'blur'").itertuples():
        owner = row[2]  # "class" is no name that itertuples can give
        assert row.change_first == cells.loc[(0, owner), "change"]
        assert row.change_last == cells.loc[(4, owner), "change"]
    assert found.trends.query("feature == 'camera'")[["z", "change_last"]].isna().all(axis=None)


def test_images_without_a_value_are_no_part_of_the_trend(make_analysis):
    found = compare(*case(make_analysis))
    missing = found.bins.query("feature == 'blur' and bin == -1 and metric == 'accuracy'")["n"]
    of_blur = found.trends.query("feature == 'blur' and `class` == 'all'")
    assert of_blur["n"].item() == N - missing.item()


def test_null_trends_are_not_called_real(make_analysis):
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(10):
        y = rng.integers(0, 2, 400)
        columns = {f"x{i}": rng.normal(y) for i in range(3)}
        wrong = [rng.random(400) < 0.1 + 0.2 * y for _ in range(2)]
        a, b = (make_analysis(np.where(w, 1 - y, y), y, columns=columns) for w in wrong)
        found += bool((compare(a, b).trends["q"] <= 0.05).any())
    assert found <= 2


def test_q_is_of_one_family_in_which_whole_rows_weigh_half(make_analysis):
    found = compare(*case(make_analysis)).trends
    p, whole = found["p"].to_numpy(), (found["class"] == "all").to_numpy()
    weight = np.where(whole, len(p) / 2 / whole.sum(), len(p) / 2 / (~whole).sum())
    expected = scipy_stats.false_discovery_control(np.minimum(p / weight, 1))
    # No row is surer in its family than by itself.
    np.testing.assert_allclose(found["q"], np.maximum(expected, p))


# Matching


def test_order_of_the_images_does_not_matter(make_analysis):
    a, b = case(make_analysis)
    found = compare(a, reordered(b, np.random.default_rng(2).permutation(N)))
    expected = compare(a, b)
    for name in ("bins", "trends", "overall"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(expected, name))


def test_images_of_one_result_only_are_left_out_and_counted(make_analysis):
    a, b = case(make_analysis)
    found = compare(reordered(a, np.arange(0, 500)), reordered(b, np.arange(40, N)))
    counted = {key: found.settings[key] for key in ("n", "n_a", "n_b", "only_in_a", "only_in_b")}
    assert counted == {"n": 460, "n_a": 500, "n_b": 560, "only_in_a": 40, "only_in_b": 100}
    assert found.settings["notes"][0].startswith(
        "40 images are only in the first result and 100 only in the second"
    )
    assert found.overall["n"][0] == 460


def test_bins_do_not_move_with_what_is_left_out(make_analysis):
    a, b = case(make_analysis)
    found = compare(a, reordered(b, np.flatnonzero(a.features["blur"] < 0.5)))
    n = found.bins.query("feature == 'blur' and metric == 'accuracy'")["n"].to_list()
    assert n[-2:] == [0, 0]
    assert found.bins["change"].isna().any()
    assert compare(a, b).settings["features"] == found.settings["features"]


def test_classes_in_another_order_are_the_same(make_analysis):
    a = make_analysis([0, 1, 1], [0, 1, 0], classes=("normal", "defect"))
    b = make_analysis([1, 0, 0], [1, 0, 1], classes=("defect", "normal"))
    found = compare(a, b)
    assert (found.overall["change"].dropna() == 0).all()
    assert found.settings["classes"] == ["normal", "defect"]


@pytest.mark.parametrize("which", ["first", "second"])
def test_json_alone_is_an_error(make_analysis, which: str):
    a, b = case(make_analysis)
    none = {name: getattr(a, name).iloc[:0] for name in ("features", "outcomes")}
    both = (replace(a, **none), b) if which == "first" else (a, replace(b, **none))
    with pytest.raises(ResultError, match=f"of the {which} result: expected Parquet tables"):
        compare(*both)


# Groups


def test_groups_widen_the_intervals(make_analysis):
    rng = np.random.default_rng(3)
    groups = np.arange(N) // 10
    moved = np.repeat(rng.random(N // 10) < 0.2, 10)
    y = rng.integers(0, 2, N)
    first = np.where(moved & (rng.random(N) < 0.8), 1 - y, y)
    columns = {"blur": np.repeat(rng.random(N // 10), 10)}
    free, held = (
        compare(*(make_analysis(x, y, columns=columns, groups=given) for x in (first, y)))
        for given in (None, groups)
    )
    assert held.settings["clusters"] == {"kind": "groups", "n_clusters": 60}
    assert free.settings["clusters"] == {"kind": "none", "n_clusters": None}
    wider = (held.overall["high"] - held.overall["low"]) / (
        free.overall["high"] - free.overall["low"]
    )
    assert (wider > 1.8).all()
    assert (held.overall["p"] >= free.overall["p"]).all()
    assert held.overall["change"].equals(free.overall["change"])
    both = [found.trends.set_index(["feature", "class"])["z"] for found in (held, free)]
    assert (both[0].abs() < both[1].abs()).all()


def test_groups_of_the_second_result_will_do(make_analysis):
    a, b = case(make_analysis)
    grouped = replace(b, outcomes=b.outcomes.assign(group=[str(i // 6) for i in range(N)]))
    assert compare(a, grouped).settings["clusters"] == {"kind": "groups", "n_clusters": 100}


def test_images_as_groups_change_next_to_nothing(make_analysis):
    a, b = case(make_analysis)
    grouped = replace(a, outcomes=a.outcomes.assign(group=[str(i) for i in range(N)]))
    one, other = compare(a, b).overall, compare(grouped, b).overall
    np.testing.assert_allclose(one[["low", "high"]], other[["low", "high"]], atol=3e-3)


def test_a_single_group_has_no_interval(make_analysis):
    a, b = case(make_analysis)
    found = compare(replace(a, outcomes=a.outcomes.assign(group="one")), b)
    assert found.overall[["low", "high", "p"]].isna().all(axis=None)
    assert found.overall["change"].notna().all()
    assert found.trends["p"].isna().all()


def test_neighbours_that_err_alike_are_taken_as_groups(make_analysis):
    a, b = case(make_analysis, dependence={"kind": "blocks"})
    order = np.random.default_rng(4).permutation(N)  # of the rows: names tell the neighbours
    a = reordered(a, order)
    found = compare(a, b)
    assert found.settings["clusters"] == {"kind": "blocks", "n_clusters": 10}
    assert any("analyse with groups" in note for note in found.settings["notes"])
    groups = [str(int(name.removesuffix(".png")) // 60) for name in a.outcomes["name"]]
    grouped = compare(replace(a, outcomes=a.outcomes.assign(group=groups)), b)
    pd.testing.assert_frame_equal(found.overall, grouped.overall)


# Nothing to compare by


def test_no_feature_leaves_the_whole_set(make_analysis):
    a, b = (make_analysis([0, 1, 1], [0, 1, 0]) for _ in range(2))
    found = compare(a, b)
    assert (len(found.bins), len(found.trends), len(found.overall)) == (0, 0, 5)
    json.loads(encode(found.to_dict()))


def test_a_class_without_images_is_empty(make_analysis):
    a, b = (make_analysis([0, 0], [0, 0], classes=("0", "1")) for _ in range(2))
    found = compare(a, b).overall.set_index(["class", "metric"])
    assert found.loc[("1", "recall"), ["value_a", "change", "low", "p"]].isna().all()
    assert found.loc[("1", "recall"), "n"] == 0
