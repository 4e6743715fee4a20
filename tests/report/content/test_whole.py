"""The numbers of the report are those of the analysis's tables."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sensitivity.encoding import encode
from sensitivity.report.content import content
from sensitivity.result import Analysis
from sensitivity.trends import mirrored, moving


@pytest.fixture(scope="module", params=["two", "three", "twelve"])
def case(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def told(case: Any) -> Any:
    return content(case.analysis)


def same(value: float | None, table: float) -> bool:
    return bool(np.isnan(table)) if value is None else abs(value - table) <= 5.1e-5


def test_cells_are_those_of_the_bins(case: Any, told: Any) -> None:
    bins = case.analysis.bins.set_index(["feature", "class", "metric", "bin"]).sort_index()
    n = 0
    for feature in told["features"]:
        for panel in feature["panels"]:
            raw = "accuracy" if panel["class"] == "all" else "f1"
            for place, row in enumerate(feature["bins"]):
                cell = bins.loc[(feature["feature"], panel["class"], raw, row["code"])]
                assert same(panel["value"][place], cell["value"])
                assert same(panel["low"][place], cell["low"])
                assert same(panel["high"][place], cell["high"])
                assert panel["n_bin"][place] == cell["n"]
                assert panel["low_support"][place] == (cell["n"] < 10)
                n += 1
    assert n > 40


def test_rows_are_those_of_the_trends(case: Any, told: Any) -> None:
    trends = case.analysis.trends.set_index(["feature", "class"])
    panels = {(f["feature"], p["class"]): p for f in told["features"] for p in f["panels"]}
    assert set(panels) == set(trends.index)
    for key, panel in panels.items():
        row = trends.loc[key]
        for name in ("std", "std_chance", "spread", "spread_low", "q", "recall_change"):
            assert same(panel[name], row[name]), name
        assert panel["n"] == row["n"]
        assert panel["strength"] == row["strength"]
        if row["strength"] == "real":
            assert panel["verdict"] == row["verdict"]


def test_each_feature_with_a_verdict_is_found_once(case: Any, told: Any) -> None:
    trends = case.analysis.trends
    verdicts = trends[trends["strength"].isin(["real", "candidate"])]
    features = list(dict.fromkeys(verdicts["feature"]))
    assert [found["feature"] for found in told["findings"]] == features[:5]
    known = set(zip(verdicts["feature"], verdicts["class"], strict=True))
    assert {(found["feature"], found["class"]) for found in told["findings"]} <= known
    mirrors = mirrored(trends)
    assert sum(found["n_rows"] for found in told["findings"]) == len(verdicts) - len(mirrors)
    assert not {(f["feature"], f["class"]) for f in told["findings"]} & set(mirrors)


def test_what_two_classes_mirror_stands_in_one_card(two: Any) -> None:
    (key,) = mirrored(two.analysis.trends)
    (found,) = [f for f in content(two.analysis)["findings"] if f["feature"] == key[0]]
    assert found["class"] != key[1]
    assert (
        f"Seen from the other class: the share of other images that are called {key[1]}"
        in (found["sentence"])
    )
    assert key[1] not in [other["name"] for other in found["also"]]


def test_a_finding_is_drawn_in_what_moves(case: Any, told: Any) -> None:
    rows = case.analysis.trends.set_index(["feature", "class"])
    bins = case.analysis.bins.set_index(["feature", "class", "metric", "bin"]).sort_index()
    seen = set()
    for feature in told["features"]:
        for panel in feature["panels"]:
            row = rows.loc[(feature["feature"], panel["class"])]
            moves = moving({**row, "class": panel["class"]})
            if panel["class"] == "all" or row["strength"] == "none":
                assert panel["recall"] is panel["calls"] is None
                continue
            assert (panel["calls"] is not None) == ("false calls" in moves)
            assert (panel["recall"] is not None) == ("recall" in moves or not moves)
            seen |= set(moves)
            if panel["calls"] is None or len(rows.index.unique("class")) != 3:
                continue
            other = ({*case.analysis.settings["classes"]} - {panel["class"]}).pop()
            for place, each in enumerate(feature["bins"]):
                missed = bins.loc[(feature["feature"], other, "recall", each["code"])]
                assert panel["calls"]["n_bin"][place] == missed["n"]
                if panel["calls"]["value"][place] is not None:
                    assert same(panel["calls"]["value"][place], 1 - missed["value"])
    assert seen or not told["findings"]


@pytest.fixture
def intertwined(two: Any) -> Analysis:
    """Two features with findings, each of which accounts for the other's."""
    trends = two.analysis.trends.copy()
    for name, other in (("sharpness", "brightness"), ("brightness", "sharpness")):
        rows = (trends["feature"] == name) & (trends["class"] == "defect")
        trends.loc[rows, "strength"] = "real"
        trends.loc[rows, "explained_by"] = other
    trends.loc[trends["class"] != "defect", "strength"] = "none"
    return replace(two.analysis, trends=trends)


def test_of_two_that_explain_each_other_one_is_told(intertwined: Analysis) -> None:
    (found,) = content(intertwined)["findings"]
    other = {"sharpness": "brightness", "brightness": "sharpness"}[found["feature"]]
    assert found["explains"] == [other]
    assert found["n_rows"] == 2


def test_a_finding_without_a_panel_is_left_out(
    intertwined: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sensitivity.report.content.whole.MOST_PANELS", 0)
    assert content(intertwined)["findings"] == []


def test_the_map_holds_the_spreads(case: Any, told: Any) -> None:
    trends = case.analysis.trends.set_index(["feature", "class"])
    for feature, line, signs in zip(
        told["map"]["features"], told["map"]["spread"], told["map"]["strength"], strict=True
    ):
        for name, value, sign in zip(told["map"]["classes"], line, signs, strict=True):
            row = trends.loc[(feature["feature"], name)]
            assert same(value, row["spread"])
            assert sign == row["strength"]


def test_quality_is_that_of_the_overall_table(case: Any, told: Any) -> None:
    overall = case.analysis.overall.set_index(["class", "metric"])
    for row in told["quality"]["totals"]:
        assert same(row["value"], overall.loc[("all", row["metric"]), "value"])
    for row in told["quality"]["classes"]:
        for metric in ("recall", "precision", "f1", "auc"):
            for key in ("value", "low", "high"):
                assert same(row[metric][key], overall.loc[(row["class"], metric), key])
        assert row["n"] == overall.loc[(row["class"], "recall"), "n"]


def test_the_confusion_is_counted_right(case: Any, told: Any) -> None:
    classes = case.analysis.settings["classes"]
    counts = np.zeros((len(classes), len(classes)), int)
    np.add.at(counts, (case.y, case.predicted), 1)
    confusion = told["quality"]["confusion"]
    assert confusion["classes"] == list(classes)
    assert confusion["counts"] == counts.tolist()
    pair = told["quality"]["pairs"][0]
    np.fill_diagonal(counts, 0)
    assert pair["n"] == counts.max()


def test_the_shares_of_a_class_mix_sum_to_one(told: Any) -> None:
    for feature in told["features"]:
        for row in feature["mix"]["shares"]:
            assert sum(row) == pytest.approx(1, abs=1e-3)


def test_every_class_with_a_verdict_is_open_and_those_come_first(twelve: Any) -> None:
    trends = twelve.analysis.trends.copy()
    here = (trends["feature"] == "hour") & (trends["class"] != "all")
    names = list(trends.loc[here, "class"])

    def opened(some: list[str], verdict: str) -> list[str]:
        changed = trends.copy()
        chosen = here & changed["class"].isin(some)
        changed.loc[chosen, ["strength", "verdict"]] = [
            "real" if verdict == "associated" else "none", verdict,
        ]  # fmt: skip
        changed.loc[chosen, "q"] = 0.01
        told = content(replace(twelve.analysis, trends=changed))
        (feature,) = [each for each in told["features"] if each["feature"] == "hour"]
        return [panel["class"] for panel in feature["panels"][: feature["n_open"]]]

    # Five of them, which are more than stood open by their number alone, and the last ones too.
    for verdict in ("associated", "class mix"):
        assert set(opened(names[-5:], verdict)) == {"all", *names[-5:]}
    assert len(opened(names, "associated")) == 1 + 8
    assert opened([], "associated") == ["all"]


def test_a_distribution_says_whether_it_is_clipped(build_case: Any) -> None:
    for values, clipped in ((np.r_[np.zeros(300), np.ones(300)], False), (np.arange(600), True)):
        told = content(build_case(columns={"dose": values.astype(float)}).analysis)
        shown = told["features"][0]["distribution"]
        assert shown["clipped"] is clipped


def test_a_distribution_counts_every_known_value(case: Any, told: Any) -> None:
    values = case.analysis.features
    for feature in told["features"]:
        known = values[feature["feature"]].notna().sum()
        assert sum(feature["distribution"]["counts"]) == known


def test_it_is_strict_json(told: Any) -> None:
    def refused(name: str) -> None:
        raise AssertionError(name)

    assert json.loads(encode(told), parse_constant=refused)["run"] == told["run"]


def test_null_data_have_no_finding(null: Any) -> None:
    told = content(null.analysis)
    assert told["findings"] == []
    assert {panel["strength"] for f in told["features"] for panel in f["panels"]} <= {"", "none"}
    assert told["slices"]["rows"] == []


def test_many_classes_are_cut_to_those_that_vary_most(
    twelve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sensitivity.report.content.whole.MOST_PANELS", 5)
    monkeypatch.setattr("sensitivity.report.content.whole.MOST_MAPPED", 3)
    told = content(twelve.analysis)
    panels = [panel for feature in told["features"] for panel in feature["panels"]]
    n_features = len(told["features"])
    assert len(panels) == 5 + n_features
    assert sum(feature["n_left_out"] for feature in told["features"]) == 12 * n_features - 5
    assert len(told["map"]["classes"]) == 4
    strong = {(f["feature"], f["class"]) for f in told["findings"]}
    shown = {(f["feature"], p["class"]) for f in told["features"] for p in f["panels"]}
    assert strong <= shown
