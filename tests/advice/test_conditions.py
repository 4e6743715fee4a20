"""Rules on data, confidence and a trial: first that they do not fire."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sensitivity import analyse, recommend
from sensitivity.synthetic import Trend, plant


def codes(found):
    return {advice.code for advice in found.fired}


def only(found, code):
    (advice,) = [advice for advice in found.fired if advice.code == code]
    return advice


def note(found, code, where="passed"):
    (one,) = [one for one in getattr(found, where) if one.code == code]
    return one


def analysed(scores, labels, *, columns=None, groups=None, **options):
    names = [f"{i:06d}.png" for i in range(len(labels))]
    given = {"columns": columns, "groups": groups, "features": (), "save_path": None}
    return analyse(scores, labels, names, **given, **options)


def probabilities(n, *, sure=0.0, seed=0, hard=None):
    """Two classes, right as often as the model says, or surer by `sure` (where `hard`)."""
    rng = np.random.default_rng(seed)
    true = rng.uniform(0.6, 0.95, n)
    told = np.minimum(true + sure * (1.0 if hard is None else hard), 0.99)
    labels, predicted = rng.integers(0, 2, n), None
    right = rng.random(n) < true - (0.0 if hard is None else 0.25 * hard)
    predicted = np.where(right, labels, 1 - labels)
    first = np.where(predicted == 0, told, 1 - told)
    return np.column_stack([first, 1 - first]), labels


def test_independent_neighbours_need_no_groups():
    made = plant(1500, rng=1)
    found = recommend(analysed(made.pred_list, made.label_list, columns=made.columns))
    assert "D201" not in codes(found)
    assert note(found, "D201")


def test_neighbours_that_err_alike_ask_for_groups():
    made = plant(2000, group_size=40, icc=0.5)
    given = (made.pred_list, made.label_list)
    found = recommend(analysed(*given, columns=made.columns))
    advice = only(found, "D201")
    assert advice.severity == "high"
    assert advice.evidence["ratio"] > 1.5
    assert "groups=" in advice.remedy[0].text
    with_groups = recommend(analysed(*given, columns=made.columns, groups=made.groups))
    assert note(with_groups, "D201", "not_applicable").reason == "Groups are given."


@pytest.mark.parametrize(("broken", "fires"), [(0, False), (1, False), (12, True)])
def test_failures_are_said_from_one_in_a_hundred_on(broken, fires):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (8, 8), dtype=np.uint8) for _ in range(150)]
    pictures[:broken] = [np.zeros((0, 0), np.uint8)] * broken
    labels = [0, 1] * 75
    names = [f"{i}.png" for i in range(150)]
    given = {"images": pictures, "features": ["brightness"], "save_path": None, "n_bins": 2}
    found = recommend(analyse(labels, labels, names, **given))
    if not fires:
        assert f"{broken} of 150 images" in note(found, "D202").reason
        return
    advice = only(found, "D202")
    assert (advice.evidence["failed"], advice.evidence["share"]) == (12, 0.08)
    assert "12 of 150 images (8 %)" in advice.text


def test_large_classes_are_not_small():
    labels = [0, 1] * 50
    assert note(recommend(analysed(labels, labels)), "D203")


def test_small_class_says_how_many_are_missing():
    labels = [0] * 100 + [1] * 12 + [2] * 49
    found = recommend(analysed(labels, labels))
    advice = only(found, "D203")
    assert advice.evidence["classes"] == {"1": 12, "2": 49}
    assert advice.remedy[0].details["more"] == {"1": 38, "2": 1}
    assert "class 1 (12), class 2 (49)" in advice.text


def test_rare_class_that_is_recognised_alike_is_no_matter():
    fired = []
    for seed in range(6):
        made = plant(1500, prevalence=(0.9, 0.1), rng=seed)
        fired.append("D204" in codes(recommend(analysed(made.pred_list, made.label_list))))
    assert not any(fired)


def test_rare_class_that_lags_says_by_how_much():
    made = plant(1500, recall=(0.9, 0.6), prevalence=(0.9, 0.1))
    advice = only(recommend(analysed(made.pred_list, made.label_list)), "D204")
    assert advice.evidence["classes"] == ["1"]
    assert advice.evidence["recall"] == pytest.approx(0.6, abs=0.1)
    n = int((made.label_list == 1).sum())
    assert advice.remedy[0].details["more"] == 1500 - 2 * n


def test_common_class_that_lags_is_not_rare():
    made = plant(1500, recall=(0.6, 0.9), prevalence=(0.9, 0.1))
    assert "D204" not in codes(recommend(analysed(made.pred_list, made.label_list)))


def test_calibrated_confidence_is_left_alone():
    fired = [
        codes(recommend(analysed(*probabilities(1500, seed=seed)))) & {"C301", "C302"}
        for seed in range(6)
    ]
    assert sum(map(bool, fired)) <= 1


@pytest.mark.parametrize(("sure", "said"), [(0.15, "too sure"), (-0.15, "surer in fact")])
def test_confidence_that_is_off_gets_a_temperature(sure, said):
    advice = only(recommend(analysed(*probabilities(2000, sure=sure))), "C301")
    assert said in advice.text
    assert advice.evidence["confidence_gap"] == pytest.approx(sure, abs=0.06)
    assert ("above 1" if sure > 0 else "below 1") in advice.remedy[0].text
    assert advice.remedy[0].kind == "operating point"


def test_without_scores_nothing_is_said_of_confidence():
    labels = [0, 1] * 50
    assert note(recommend(analysed(labels, labels)), "C301", "not_applicable")


def test_model_that_does_not_know_where_it_is_weak():
    dark = np.random.default_rng(2).random(3000)
    given = probabilities(3000, sure=0.1, hard=(dark < 0.3).astype(float))
    advice = only(recommend(analysed(*given, columns={"brightness": dark})), "C302")
    assert advice.evidence["feature"] == "brightness"
    assert advice.evidence["confidence_gap"] > advice.evidence["overall"] + 0.1
    assert "brightness ≤" in advice.text


def test_model_that_knows_where_it_is_weak_is_left_alone():
    # The more the lower its confidence: right as often as it says, everywhere.
    rng = np.random.default_rng(1)
    dark = rng.random(3000)
    true = 0.6 + 0.35 * dark
    labels = rng.integers(0, 2, 3000)
    predicted = np.where(rng.random(3000) < true, labels, 1 - labels)
    first = np.where(predicted == 0, true, 1 - true)
    scores = np.column_stack([first, 1 - first])
    found = recommend(analysed(scores, labels, columns={"brightness": dark}))
    assert codes(found) & {"S101", "S104"}
    assert "C302" not in codes(found)


def with_remedy(analysis, remedy):
    copy = dataclasses.replace(analysis)
    object.__setattr__(copy, "remedy", remedy)
    return copy


@pytest.fixture(scope="module")
def plain():
    made = plant(1000, recall=(0.9, Trend(0.5, 0.95)))
    return analysed(made.pred_list, made.label_list, columns=made.columns)


def test_without_a_trial_nothing_is_said_of_it(plain):
    assert "sensitivity tta" in note(recommend(plain), "T401", "not_applicable").reason


def test_trial_that_gains_fires_with_its_figures(plain, trial):
    advice = only(recommend(with_remedy(plain, trial("use"))), "T401")
    assert advice.evidence["change"] == pytest.approx(0.02)
    assert "accuracy +2.0 points out of fold (+0.5 to +3.5), 1.5" in advice.text
    assert advice.remedy[0].details["views"] == ["original", "unsharp(1)"]


def test_trial_that_a_shift_beats_says_so(plain, trial):
    found = recommend(with_remedy(plain, trial("do not use", beaten_by_shift=True)))
    assert "a shift of the threshold does as much" in note(found, "T401").reason


def test_trial_without_enough_data_is_not_decided(plain, trial):
    found = recommend(with_remedy(plain, trial("not enough data")))
    assert "about 3,900" in note(found, "T401", "skipped").reason
