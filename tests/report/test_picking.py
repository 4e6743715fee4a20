"""Which images a report shows."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sensitivity import analyse
from sensitivity.errors import OptionError
from sensitivity.image_outcomes import has_images, image_outcomes
from sensitivity.picking import CONFIDENT, RIGHT, WRONG, by_importance, pick
from sensitivity.result import Analysis


@pytest.fixture(scope="module")
def weak(build_case: Callable) -> Analysis:
    """Scores, missing values and categories; one class is worse in sharp images."""
    analysis: Analysis = build_case(classes=3, n=3000, seed=4).analysis
    return analysis


def bin_of(analysis: Analysis, feature: str) -> pd.Series:
    """Bins of every image, by the edges and labels that the result tells of."""
    entry = next(e for e in analysis.settings["features"] if e["name"] == feature)
    values = analysis.features[feature]
    if entry["categories"]:
        return values.map({name: k for k, name in enumerate(entry["categories"])}).fillna(-1)
    codes = np.searchsorted(entry["edges"], values.to_numpy(float), side="left")
    return pd.Series(np.where(values.isna(), -1, codes))


def cells(picked: pd.DataFrame) -> pd.DataFrame:
    return picked[picked["class"] == "all"]


# Laws


def test_every_image_lies_in_its_bin_and_plays_its_role(weak: Analysis) -> None:
    picked = cells(pick(weak))
    right = weak.outcomes["right"].to_numpy()
    for feature, rows in picked.groupby("feature"):
        codes = bin_of(weak, str(feature)).to_numpy()
        assert (codes[rows["position"]] == rows["bin"]).all()
    assert (right[picked["position"]] == (picked["role"] == RIGHT)).all()


def test_every_bin_gets_as_many_as_it_has_up_to_the_limit(weak: Analysis) -> None:
    picked = cells(pick(weak, per_cell=5))
    sizes = picked.groupby(["feature", "bin", "role"]).size()
    wrong = ~weak.outcomes["right"]
    for feature in weak.edges:
        codes = bin_of(weak, feature)
        for code in sorted(set(codes)):
            inside = codes == code
            for role, members in ((WRONG, wrong), (CONFIDENT, wrong), (RIGHT, ~wrong)):
                expected = min(5, int((inside & members).sum()))
                assert sizes.get((feature, code, role), 0) == expected


def test_missing_values_have_a_bin_which_comes_last(weak: Analysis) -> None:
    rows = cells(pick(weak)).query("feature == 'brightness'")
    assert list(dict.fromkeys(rows["bin"])) == [0, 1, 2, 3, 4, -1]


def test_confident_are_those_with_the_highest_score_of_what_was_predicted(weak: Analysis) -> None:
    picked = pick(weak, per_cell=3).query("role == @CONFIDENT and feature == 'camera'")
    score = weak.outcomes["score"]
    codes, wrong = bin_of(weak, "camera"), ~weak.outcomes["right"]
    for code, rows in picked.groupby("bin"):
        expected = score[wrong & (codes == code)].sort_values(ascending=False).head(3)
        assert score[rows["position"]].to_list() == expected.to_list()


def test_ranks_count_from_zero_and_no_image_comes_twice_in_a_row(weak: Analysis) -> None:
    for _, rows in pick(weak).groupby(["feature", "bin", "class", "role"]):
        assert rows["rank"].to_list() == list(range(len(rows)))
        assert rows["position"].is_unique


def test_same_seed_same_images_and_another_seed_others(weak: Analysis) -> None:
    first = pick(weak, rng=0)
    pd.testing.assert_frame_equal(first, pick(weak, rng=0))
    pd.testing.assert_frame_equal(first, pick(weak, rng=np.random.default_rng(0)))
    assert not first["position"].equals(pick(weak, rng=1)["position"])


def test_samples_are_random_within_their_bin(weak: Analysis) -> None:
    """Every wrong image of a bin is equally likely to be shown first."""
    hours = [entry for entry in weak.settings["features"] if entry["name"] == "hour"]
    only = replace(weak, settings=weak.settings | {"features": hours})
    codes = bin_of(weak, "hour")
    members = np.flatnonzero((codes == 0) & ~weak.outcomes["right"])
    first = [
        pick(only, per_cell=1, rng=seed)
        .query("feature == 'hour' and bin == 0 and role == 'wrong' and `class` == 'all'")[
            "position"
        ]
        .iloc[0]
        for seed in range(40)
    ]
    assert set(first) <= set(members)
    # 40 draws from more than 100 images: the same one five times would have p < 1e-3.
    assert len(members) > 100
    assert max(np.bincount(first)) < 5


def test_bins_of_different_features_share_their_images(weak: Analysis) -> None:
    picked = cells(pick(weak)).query("role != 'confident'")
    drawn_apart = sum(len(rows) for _, rows in picked.groupby("feature"))
    assert picked["position"].nunique() < 0.6 * drawn_apart


def test_few_images_are_shared_out_over_all_bins(weak: Analysis) -> None:
    whole, short = pick(weak), pick(weak, most=40)
    assert short["position"].nunique() == 40
    assert set(short["position"]) == set(by_importance(whole)[:40])
    keys = ["feature", "bin", "class", "role", "rank", "position"]
    assert len(short.merge(whole, on=keys)) == len(short)
    # Everything of rank 0 that is wrong, before the second of anything.
    n_first = whole.query("rank == 0 and role == 'wrong'")["position"].nunique()
    just = pick(weak, most=n_first)
    assert (
        just.query("rank == 0 and role == 'wrong'")
        .reset_index(drop=True)
        .equals(whole.query("rank == 0 and role == 'wrong'").reset_index(drop=True))
    )
    assert pick(weak, most=0).empty


def test_importance_names_every_image_once(weak: Analysis) -> None:
    picked = pick(weak)
    ordered = by_importance(picked)
    assert sorted(ordered) == sorted(set(picked["position"]))
    assert all(type(position) is int for position in ordered)


# Classes with a finding


def test_class_with_a_finding_has_errors_of_its_own_in_its_worst_bin(weak: Analysis) -> None:
    row = weak.trends.query("feature == 'sharpness' and `class` == '2'").iloc[0]
    assert row["strength"] == "real"
    assert row["driver"] == "recall"
    found = pick(weak).query("feature == 'sharpness' and `class` == '2'")
    recall = weak.bins.query("feature == 'sharpness' and `class` == '2' and metric == 'recall'")
    worst = recall.loc[recall["value"].idxmin(), "bin"]
    assert set(found["bin"]) == {worst}
    assert len(found) == 4
    shown = weak.outcomes.iloc[found["position"]]
    assert (shown["class"] == "2").all()
    assert not shown["right"].any()


@pytest.mark.parametrize("driver", ["recall", "false positives", "f1", "shape"])
def test_errors_follow_what_moves(weak: Analysis, driver: str) -> None:
    trends = weak.trends.assign(strength="none", driver=driver)
    mine = (trends["feature"] == "hour") & (trends["class"] == "1")
    trends.loc[mine, "strength"] = "candidate"
    picked = pick(replace(weak, trends=trends), per_cell=10_000).query("`class` != 'all'")
    assert set(picked["feature"]) == {"hour"}
    assert set(picked["class"]) == {"1"}

    codes = bin_of(weak, "hour")
    of_it, called = weak.outcomes["class"] == "1", weak.outcomes["predicted"] == "1"
    errors, exposed = {
        "recall": (of_it & ~called, of_it),
        "shape": (of_it & ~called, of_it),
        "false positives": (called & ~of_it, ~of_it),
        "f1": (of_it ^ called, of_it | called),
    }[driver]
    worst = (errors.groupby(codes).sum() / exposed.groupby(codes).sum()).idxmax()
    assert set(picked["bin"]) == {worst}
    assert set(picked["position"]) == set(np.flatnonzero(errors & (codes == worst)))


def test_class_without_an_error_in_its_bins_has_no_row() -> None:
    hour = np.repeat([1, 2], 50)
    analysis = analyse(
        hour * 0, hour - 1, [str(i) for i in range(100)], columns={"hour": hour}, features=(),
        save_path=None, label_map_dict={0: "a", 1: "b"},
    )  # fmt: skip
    trends = pd.DataFrame(
        {"feature": "hour", "class": ["a", "b"], "strength": "real", "driver": "recall"}
    )
    picked = pick(replace(analysis, trends=trends)).query("`class` != 'all'")
    assert picked[["class", "bin"]].drop_duplicates().to_numpy().tolist() == [["b", 1]]


def test_worst_bin_has_enough_images_where_any_has() -> None:
    """One of two images wrong is worse than 10 of 50, but says less."""
    hour = np.repeat([1, 2, 3], [2, 50, 50])
    wrong = np.zeros(102, bool)
    wrong[[0, *range(2, 12)]] = True
    analysis = analyse(
        wrong * 1, hour * 0, [str(i) for i in range(102)], columns={"hour": hour}, features=(),
        save_path=None, label_map_dict={0: "a", 1: "b"},
    )  # fmt: skip
    trends = analysis.trends.assign(strength="real", driver="recall")
    found = pick(replace(analysis, trends=trends)).query("`class` == 'a'")
    assert set(found["bin"]) == {1}


# Several labels per image


@pytest.fixture(scope="module")
def labelled() -> Analysis:
    rng = np.random.default_rng(0)
    truth = (rng.random((400, 3)) < 0.3).astype(int)
    scores = 0.3 * truth + 0.6 * rng.random((400, 3))
    return analyse(
        scores,
        truth,
        [f"{i}.png" for i in range(400)],
        "multi_label_classification",
        columns={"hour": np.arange(400) % 7, "site": np.array(["a", "b"])[np.arange(400) % 2]},
        features=(),
        save_path=None,
        label_map_dict={0: "cat", 1: "dog", 2: "sea"},
        threshold=0.5,
    )


def test_of_several_labels_any_error_makes_an_image_wrong(labelled: Analysis) -> None:
    assert len(labelled.outcomes) != 400
    wrong_names = set(labelled.outcomes.loc[~labelled.outcomes["right"], "name"])
    picked = cells(pick(labelled, per_cell=400))
    names = labelled.features["name"].to_numpy()[picked["position"]]
    assert ([name in wrong_names for name in names] == (picked["role"] != RIGHT)).all()
    # Images without any label, rightly, are in no row of the outcomes and still shown as right.
    shown = picked.query("feature == 'site'")
    assert set(shown["position"]) == set(range(400))


def test_confidence_of_several_labels_is_that_of_the_surest_error(labelled: Analysis) -> None:
    found = image_outcomes(labelled)
    rows = labelled.outcomes[~labelled.outcomes["right"]]
    sure = rows["score"].where(rows["kind"] == "false alarm", 1 - rows["score"])
    expected = sure.groupby(rows["name"]).max()
    names = labelled.features["name"]
    assert found.confidence[found.wrong].tolist() == expected[names[found.wrong]].tolist()
    assert np.isnan(found.confidence[~found.wrong]).all()


def test_label_with_a_finding_shows_the_images_that_missed_it(labelled: Analysis) -> None:
    for driver, kind in (("recall", "missed"), ("false positives", "false alarm")):
        trends = labelled.trends.assign(driver=driver, strength="none")
        mine = (trends["feature"] == "site") & (trends["class"] != "all")
        trends.loc[mine, "strength"] = "real"
        picked = pick(replace(labelled, trends=trends)).query("`class` != 'all'")
        errors = labelled.outcomes[labelled.outcomes["kind"] == kind]
        label = errors["class" if kind == "missed" else "predicted"]
        assert set(picked["class"]) == {"cat", "dog", "sea"}
        for _, row in picked.iterrows():
            name = labelled.features["name"].iloc[row["position"]]
            assert row["class"] in set(label[errors["name"] == name])


# What there is not


def test_without_scores_nothing_is_confident(build_case: Callable) -> None:
    picked = pick(build_case(scores=False).analysis)
    assert set(picked["role"]) == {WRONG, RIGHT}


def test_result_without_tables_per_image_gives_nothing(weak: Analysis, tmp_path) -> None:
    file = weak.save(tmp_path)
    for path in (tmp_path / "tables").iterdir():
        path.unlink()
    read = Analysis.load(file)
    assert not has_images(read)
    assert has_images(weak)
    empty, whole = pick(read), pick(weak)
    assert empty.empty
    assert (empty.dtypes == whole.dtypes).all()
    assert by_importance(empty) == []


def test_feature_whose_values_are_all_missing(weak: Analysis) -> None:
    features = weak.features.assign(sharpness=np.nan)
    found = pick(replace(weak, features=features)).query("feature == 'sharpness'")
    assert set(found["bin"]) == {-1}
    assert set(found["class"]) == {"all"}


def test_result_read_back_shows_the_same(weak: Analysis, tmp_path) -> None:
    weak.save(tmp_path)
    pd.testing.assert_frame_equal(pick(Analysis.load(tmp_path)), pick(weak))


def test_without_features_nothing(build_case: Callable) -> None:
    assert pick(build_case(columns={}, n=50).analysis).empty


def test_what_cannot_be_opened_comes_last(weak: Analysis) -> None:
    names = weak.features["name"]
    lost = names[::2]
    failures = pd.DataFrame({"name": lost, "stage": "decode", "status": "corrupt", "reason": "bad"})
    picked = cells(pick(replace(weak, failures=failures))).query("role != 'confident'")
    odd = picked["position"] % 2 == 1
    wrong = ~weak.outcomes["right"]
    codes = bin_of(weak, "hour")
    for code in range(3):
        assert (wrong & (codes == code)).iloc[1::2].sum() >= 4
    assert odd[picked["feature"] == "hour"].all()
    measured = replace(weak, failures=failures.assign(stage="measure"))
    pd.testing.assert_frame_equal(pick(measured), pick(weak))


@pytest.mark.parametrize("given", [{"per_cell": 0}, {"per_cell": 1.5}, {"most": -1}])
def test_options_are_checked(weak: Analysis, given: dict) -> None:
    with pytest.raises(OptionError, match=next(iter(given))):
        pick(weak, **given)


# Frozen


def test_the_first_images_of_a_small_set() -> None:
    hour = np.arange(40)
    analysis = analyse(
        hour % 2, np.where(hour % 5 == 0, 0, hour % 2), [str(i) for i in hour],
        columns={"hour": hour}, features=(), save_path=None,
    )  # fmt: skip
    picked = cells(pick(analysis, per_cell=2))
    assert picked["bin"].to_list() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert picked["role"].to_list() == ["wrong", "wrong", "right", "right"] * 2
    wrong = picked.query("role == 'wrong'")
    assert (wrong["position"] % 10 == 5).all()
