import dataclasses
import json

import numpy as np
import pytest

from sensitivity.advice.findings import findings
from sensitivity.advice.overview import headline
from sensitivity.errors import InputError
from sensitivity.report.summary import NUMBERS, TEXTS, feature_table, summary


def by_key(rows):
    return {(row["feature"], row["class"]): row for row in rows}


def test_has_a_row_for_every_feature_and_class_and_all(three):
    rows = summary(three.analysis)["rows"]
    expected = {
        (feature, name)
        for feature in ("sharpness", "brightness", "camera", "hour")
        for name in ("all", "正常", "划痕", "隐裂")
    }
    assert len(rows) == len(expected)
    assert set(by_key(rows)) == expected


def test_on_null_data_nothing_is_real_and_it_is_said(null):
    content = summary(null.analysis)
    assert {row["strength"] for row in content["rows"]} == {"none"}
    assert {row["verdict"] for row in content["rows"]} <= {
        "class mix",
        "not distinguishable from chance",
    }
    assert "nothing was found in the errors beyond chance" in content["headline_en"]
    assert "没有发现超出偶然的结果" in content["headline_zh"]


def test_order_of_the_samples_changes_nothing(build_case):
    order = np.random.default_rng(5).permutation(600)
    one, other = (summary(build_case(order=order).analysis) for order in (None, order))
    assert one["headline_en"] == other["headline_en"]
    for row, again in zip(one["rows"], other["rows"], strict=True):
        assert (row["feature"], row["class"]) == (again["feature"], again["class"])
        for key in ("worst", "best", "strength", "verdict", "sentence_en", "sentence_zh"):
            assert row[key] == again[key]
        for key in NUMBERS:
            assert (row[key] is None) == (again[key] is None)
            assert row[key] is None or row[key] == pytest.approx(again[key], rel=1e-9, abs=1e-12)


def test_real_rows_come_first_then_candidates_then_by_the_sure_spread(three):
    trends = three.analysis.trends.copy()
    trends.loc[trends.index[2:5], "strength"] = "candidate"
    trends.loc[trends.index[7:9], "strength"] = "real"
    rows = summary(dataclasses.replace(three.analysis, trends=trends))["rows"]
    place = {"real": 0, "candidate": 1, "none": 2}
    keys = [
        (place[row["strength"]], row["class"] != "all", -(row["spread_low"] or 0.0)) for row in rows
    ]
    assert keys == sorted(keys)
    assert {row["strength"] for row in rows} == set(place)


def test_the_planted_fall_leads_and_is_real(two):
    first = next(row for row in summary(two.analysis)["rows"] if row["class"] != "all")
    assert (first["feature"], first["class"]) == ("sharpness", "defect")
    assert first["worst"]["label"] == "80%-100%"
    assert first["best"]["label"] == "0%-20%"
    assert (first["strength"], first["direction"]) == ("real", "falls")
    assert first["recall_change_low"] <= first["recall_change"] <= first["recall_change_high"] < 0


def test_worst_and_best_are_the_extremes_of_solid_cells(three):
    analysis = three.analysis
    for row in summary(analysis)["rows"]:
        cells = analysis.bins[
            (analysis.bins["feature"] == row["feature"])
            & (analysis.bins["class"] == row["class"])
            & (analysis.bins["metric"] == row["metric"])
            & (analysis.bins["bin"] >= 0)
            & (analysis.bins["n"] >= 10)
        ]
        if len(cells) < 2:
            assert row["worst"] is None
            assert row["best"] is None
        else:
            assert row["worst"]["value"] == cells["value"].min()
            assert row["best"]["value"] == cells["value"].max()
            assert row["worst"]["low"] <= row["worst"]["value"] <= row["worst"]["high"]


def test_a_feature_with_one_solid_bin_has_no_extremes(build_case):
    few = np.array(["usual"] * 595 + ["rare"] * 5)
    rows = by_key(summary(build_case(columns={"site": few}).analysis)["rows"])
    assert rows["site", "1"]["worst"] is None
    assert rows["site", "1"]["spread"] is None, "a spread needs more solid bins, too"


def test_numbers_and_texts_are_those_of_the_trends_table(two):
    trends = two.analysis.trends.set_index(["feature", "class"])
    for row in summary(two.analysis)["rows"]:
        found = trends.loc[(row["feature"], row["class"])]
        for key in NUMBERS:
            expected = None if np.isnan(found[key]) else found[key]
            assert row[key] == expected, key
        for key in TEXTS:
            assert row[key] == found[key]


def test_sentences_are_the_findings_in_both_languages(two):
    content = summary(two.analysis)
    for lang in ("en", "zh"):
        assert content[f"headline_{lang}"] == headline(two.analysis, lang=lang)
        said = [finding.sentence for finding in findings(two.analysis, lang=lang)]
        assert [row[f"sentence_{lang}"] for row in content["rows"]] == said


def test_undefined_numbers_are_none_and_the_summary_is_strict_json(build_case):
    # Class 1 has no image at night, class 0 none at day: several cells are undefined.
    case = build_case(scores=False)
    columns = {"when": np.where(case.y == 1, "day", "night"), "sharpness": np.arange(600.0)}
    content = summary(build_case(scores=False, columns=columns).analysis)
    json.dumps(content, allow_nan=False)
    nothing = build_case(classes=1, scores=False, label_map_dict={0: "only", 1: "unseen"}).analysis
    content = summary(nothing)
    json.dumps(content, allow_nan=False)
    unseen = by_key(content["rows"])["sharpness", "unseen"]
    assert unseen["std"] is None
    assert unseen["spread"] is None
    assert unseen["sentence_en"] == "Not tested: there is no image of unseen (0 images)."


def test_run_counts_failures_by_status_most_frequent_first(two):
    import pandas as pd

    failures = pd.DataFrame(
        {
            "name": ["a", "b", "c"],
            "stage": "decode",
            "status": ["empty", "corrupt", "corrupt"],
            "reason": "broken",
        }
    )
    settings = {**two.analysis.settings, "n_failed": 3}
    run = summary(dataclasses.replace(two.analysis, failures=failures, settings=settings))["run"]
    assert run["failures"] == [{"status": "corrupt", "n": 2}, {"status": "empty", "n": 1}]
    assert (run["n_failed"], run["n_measured"]) == (3, 597)


def test_without_images_nothing_is_said_to_be_measured(two):
    assert summary(two.analysis)["run"]["n_measured"] is None


def test_skipped_features_are_listed_with_their_reason(build_case):
    case = build_case(columns={"sharpness": np.arange(600), "site": ["one"] * 600})
    (skipped,) = summary(case.analysis)["skipped"]
    assert skipped["name"] == "site"
    assert skipped["reason"]


@pytest.mark.parametrize("metric", ["f1", "f1_star", "recall", "precision"])
@pytest.mark.parametrize("feature", ["sharpness", "brightness", "camera", "hour"])
def test_feature_table_holds_the_cells_of_the_published_form(three, feature, metric):
    wide = three.analysis.table(feature, metric=metric)
    found = feature_table(three.analysis, feature, metric=metric)
    assert [row["label"] for row in found["bins"]] == list(wide.index[:-1])
    values = [[cell["value"] for cell in row["cells"]] for row in found["bins"]]
    np.testing.assert_array_equal(np.array(values, dtype=float), wide.iloc[:-1].to_numpy())
    weak = np.array([[cell["low_support"] for cell in row["cells"]] for row in found["bins"]])
    if metric != "f1_star" or not weak.any():
        np.testing.assert_allclose(found["std"][:-1], wide.loc["std"], rtol=1e-12)


def test_std_at_an_equal_mix_is_of_solid_cells(three):
    found = feature_table(three.analysis, "camera", metric="f1_star")
    for index in range(3):
        cells = [row["cells"][index] for row in found["bins"] if not row["missing"]]
        values = [cell["value"] for cell in cells if not cell["low_support"]]
        assert found["std"][index] == pytest.approx(np.std(values))


@pytest.mark.parametrize("metric", ["f1", "f1_star", "recall", "precision"])
def test_feature_table_has_the_trends_of_every_class_and_the_accuracy(three, metric):
    found = feature_table(three.analysis, "sharpness", metric=metric)
    trends = three.analysis.trends.query("feature == 'sharpness'").set_index("class")
    trends = trends.loc[["正常", "划痕", "隐裂", "all"]]
    for key in ("spread", "spread_low", "q"):
        np.testing.assert_array_equal(np.array(found[key], dtype=float), trends[key])
    for key in ("strength", "verdict"):
        assert found[key] == trends[key].to_list()
    said = {(f.feature, f.of_class): f.sentence for f in findings(three.analysis, lang="zh")}
    assert found["sentence_zh"] == [said["sharpness", name] for name in trends.index]


def test_feature_table_reports_the_missing_bin_last_and_outside_the_std(two):
    found = feature_table(two.analysis, "brightness")
    assert [row["missing"] for row in found["bins"]] == [False] * 5 + [True]
    assert found["n_missing"] == found["bins"][-1]["n"] == np.isnan(two.columns["brightness"]).sum()
    accuracies = [row["accuracy"]["value"] for row in found["bins"][:-1]]
    assert found["std"][-1] == pytest.approx(np.std(accuracies))


def test_feature_table_ranges_hold_their_samples(two):
    values, right = two.columns["sharpness"], two.y == two.predicted
    edges = two.analysis.settings["features"][0]["edges"]
    for k, row in enumerate(feature_table(two.analysis, "sharpness")["bins"]):
        inside = np.searchsorted(edges, values) == k
        assert row["n"] == inside.sum()
        assert row["accuracy"]["value"] == pytest.approx(right[inside].mean())
        low, high = (float(text.replace(",", "")) for text in row["range"].split(" … "))
        assert low == pytest.approx(values[inside].min(), rel=0.02)
        assert high == pytest.approx(values[inside].max(), rel=0.01)


def test_labels_that_name_values_have_no_range(two):
    for feature in ("camera", "hour"):
        assert {row["range"] for row in feature_table(two.analysis, feature)["bins"]} == {""}


def test_chance_is_known_for_f1_and_accuracy_only(two):
    for metric in ("recall", "f1_star"):
        found = feature_table(two.analysis, "sharpness", metric=metric)
        assert found["std_chance"][:-1] == [None, None]
        assert found["std_chance"][-1] is not None
    assert None not in feature_table(two.analysis, "sharpness")["std_chance"]


@pytest.mark.parametrize("metric", ["accuracy", "kappa"])
def test_feature_table_of_an_unknown_metric_says_which_there_are(two, metric):
    with pytest.raises(InputError, match=f"metric {metric}: expected one of f1, f1_star"):
        feature_table(two.analysis, "sharpness", metric=metric)


def test_feature_table_of_an_unknown_feature_says_which_there_are(two):
    with pytest.raises(InputError, match="feature clarity: expected one of sharpness"):
        feature_table(two.analysis, "clarity")
