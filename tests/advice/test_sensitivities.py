"""One test or more per rule on what makes a class weak: first that it does not fire."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sensitivity import Analysis, analyse, recommend
from sensitivity.advice.answers import Recommendations
from sensitivity.remedies import Remedy
from sensitivity.synthetic import Covariate, Trend, plant

HALVES = ("S101", "S102", "S103", "S104", "S105", "S106", "S107", "S108", "S109")


def analysed(made, columns=None, groups=None) -> Analysis:
    return analyse(
        made.pred_list,
        made.label_list,
        made.name_list,
        columns=made.columns if columns is None else columns,
        groups=groups,
        features=(),
        save_path=None,
    )


def planted(n=3000, *, columns=None, **dials) -> Recommendations:
    made = plant(n, **dials)
    return recommend(analysed(made, columns))


def codes(found: Recommendations) -> set[str]:
    return {advice.code for advice in found.fired}


def only(found: Recommendations, code: str):
    (advice,) = [advice for advice in found.fired if advice.code == code]
    return advice


def steps(advice, kind: str):
    return [step for step in advice.remedy if step.kind == kind]


@pytest.fixture(scope="module")
def nulls() -> list[set[str]]:
    """What fires on null data of several kinds: class mix, groups, companions, categories."""
    kinds = (
        {"n": 900},
        {"n": 1200, "n_classes": 3, "prevalence": (0.6, 0.3, 0.1), "confounding": 0.6},
        {"n": 900, "group_size": 15, "icc": 0.2, "within_group": 0.6},
    )
    found = []
    for seed in range(5):
        for dials in kinds:
            beside = [Covariate("noise", 0.9), Covariate("hour", 0.0)]
            made = plant(rng=seed, companions=beside, **dials)
            camera = np.random.default_rng(seed).choice(["A", "B", "C"], len(made.columns))
            columns = made.columns.assign(camera=camera)
            groups = made.groups if "icc" in dials else None
            found.append(codes(recommend(analysed(made, columns, groups))))
    return found


def test_next_to_nothing_fires_where_nothing_is(nulls):
    # Each run may err in one of twenty; of 15 runs more than 3 do so once in 180.
    assert sum(map(bool, nulls)) <= 3


@pytest.mark.parametrize("code", HALVES)
def test_rule_does_not_fire_where_nothing_is(nulls, code):
    assert sum(code in fired for fired in nulls) <= 1


def test_class_mix_alone_fires_nothing_and_passes_with_its_reason():
    found = planted(6000, confounding=0.8, prevalence=None)
    assert not codes(found) & set(HALVES)
    (note,) = [note for note in found.passed if note.code == "S110"]
    assert "Nothing to fix in the model" in note.reason


def test_loss_in_all_classes_names_view_training_and_data():
    found = planted(recall=Trend(0.55, 0.95), feature="brightness", n_classes=3)
    advice = only(found, "S101")
    assert advice.severity == "high"
    assert advice.evidence["classes"] == ["all"]
    view, augment, collect = (steps(advice, kind)[0] for kind in ("view", "augment", "collect"))
    assert [v["op"] for v in view.details["views"]] == ["gamma"]
    assert view.details["direction"] == "up"
    assert view.details["views"][0]["doses"] == [0.67, 0.4]
    assert augment.details["views"][0]["direction"] == "down"
    assert "augment all classes" in augment.text
    assert collect.details["low"] is None
    assert collect.details["bins"][0] == "0%-20%"
    assert "sensitivity tta" in view.text


def test_classes_that_lose_together_are_told_of_once():
    falls = Trend(0.95, 0.55)
    found = planted(4000, recall=(falls, falls, 0.85, 0.85, 0.85), n_classes=5)
    advice = next(a for a in found.fired if a.code in ("S101", "S104"))
    assert not [a for a in found.fired if a.code[0] == "S" and a is not advice]
    augment, collect = (steps(advice, kind)[0] for kind in ("augment", "collect"))
    assert augment.details["classes"] == ["0", "1"]
    assert "augment class 0, class 1 only" in augment.text
    # The number is of one class; the other is said to be like it.
    other = {"0": "1", "1": "0"}[collect.details["class"]]
    assert collect.text.endswith(f"The same holds for class {other}.")


def test_other_end_asks_for_the_other_direction():
    found = planted(recall=Trend(0.95, 0.55), feature="noise", n_classes=3)
    advice = only(found, "S101")
    assert steps(advice, "view")[0].details["direction"] == "down"
    assert steps(advice, "augment")[0].details["views"][0]["op"] == "gaussian_noise"
    assert steps(advice, "collect")[0].details["high"] is None
    assert steps(advice, "collect")[0].details["bins"][-1] == "80%-100%"


def test_through_another_feature_the_direction_turns():
    found = planted(recall=Trend(0.95, 0.55), feature="blur_effect", n_classes=3)
    view = steps(only(found, "S101"), "view")[0]
    assert view.details["direction"] == "down"
    assert view.details["views"][0]["op"] == "unsharp"


def test_rare_class_alone_is_augmented_alone_and_the_check_is_quoted():
    found = planted(recall=(0.9, Trend(0.5, 0.95)), prevalence=(0.75, 0.25))
    assert not codes(found) & {"S101", "S103", "S104", "S107"}
    advice = only(found, "S102")
    augment = steps(advice, "augment")[0]
    assert augment.details["classes"] == ["1"]
    assert [v["op"] for v in augment.details["views"]] == ["gaussian_blur", "box_blur"]
    for figure in ("86.06", "89.13", "62.9", "71.3", "ModelArts documentation"):
        assert figure in augment.text


def test_common_class_alone_is_no_rare_class():
    found = planted(recall=(Trend(0.5, 0.95), 0.9), prevalence=(0.75, 0.25))
    assert "S102" not in codes(found)
    advice = only(found, "S104")
    assert advice.evidence["classes"] == ["0"]
    assert "published" not in "".join(step.text for step in advice.remedy).lower()


def test_criterion_shift_is_a_threshold_and_no_view():
    made = {"recall": Trend(0.9, 0.6), "false_positives": Trend(0.3, 0.05)}
    found = planted(**made)
    assert not codes(found) & {"S101", "S102", "S104", "S107"}
    advice = only(found, "S103")
    assert {step.kind for step in advice.remedy} == {"operating point"}
    shift = advice.remedy[0].details
    assert (shift["class"], shift["direction"]) == ("1", "lower")
    assert shift["high"] is None  # recall is low where the feature is high
    assert shift["called"] < shift["share"]


def test_column_is_looked_at_and_no_image_is_moved():
    found = planted(recall=(0.9, Trend(0.95, 0.5)), feature="hour")
    advice = only(found, "S105")
    assert [step.kind for step in advice.remedy] == ["check", "collect"]
    assert advice.remedy[1].details["class"] == "1"
    assert advice.remedy[1].details["low"] is not None


def test_category_names_the_weak_one():
    rng = np.random.default_rng(3)
    camera, label = rng.choice(["A", "B", "C"], 3000), rng.integers(0, 2, 3000)
    right = rng.random(3000) < np.where(camera == "B", 0.6, 0.9)
    analysis = analyse(
        np.where(right, label, 1 - label),
        label,
        [f"{i}.png" for i in range(3000)],
        columns={"camera": camera},
        features=(),
        save_path=None,
    )
    (advice,) = recommend(analysis).fired
    assert advice.code == "S106"
    assert advice.remedy[1].details["bins"] == ["B"]
    assert "camera = B" in advice.remedy[0].text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_category_names_the_class_that_most_misses_are_called(lang):
    rng = np.random.default_rng(3)
    names = {0: "ok", 1: "dirt", 2: "crack"}
    camera, label = rng.choice(["A", "B", "C"], 3000), rng.integers(0, 3, 3000)
    lost = (camera == "B") & (label != 1) & (rng.random(3000) < 0.4)
    other = (label + rng.integers(1, 3, 3000)) % 3
    called = np.where(lost, 1, np.where(rng.random(3000) < 0.1, other, label))
    analysis = analyse(
        called,
        label,
        [f"{i}.png" for i in range(3000)],
        label_map_dict=names,
        columns={"camera": camera},
        features=(),
        save_path=None,
    )
    advice = next(a for a in recommend(analysis, lang=lang).fired if a.code == "S106")
    classes = [k for k, name in names.items() if name in advice.evidence["classes"]]
    mine = (camera == "B") & (called != label)
    if "all" not in advice.evidence["classes"]:
        mine &= np.isin(label, classes)
    n, missed = int((mine & (called == 1)).sum()), int(mine.sum())
    assert n > missed / 2
    assert advice.evidence["mostly_called"] == {"class": "dirt", "n": n, "missed": missed}
    wanted = {
        "en": f"Where camera = B, these misses are mostly called dirt: {n} of {missed}.",
        "zh": f"camera = B 的图像中，这些漏判多被误判为dirt：{missed}张中有{n}张。",
    }
    assert wanted[lang] in advice.text


def test_false_calls_alone_ask_for_images_of_others():
    found = planted(
        6000,
        n_classes=4,
        recall=0.6,
        false_positives=Trend(0.02, 0.35),
        target=3,
    )
    assert not codes(found) & {"S101", "S102", "S104"}
    advice = only(found, "S107")
    assert [step.kind for step in advice.remedy] == ["collect", "operating point"]
    assert advice.remedy[0].details["not_class"] == "3"
    assert advice.remedy[1].details["direction"] == "raise"
    assert advice.remedy[1].details["high"] is None


def test_slice_of_two_features_is_collected():
    rng = np.random.default_rng(0)
    n = 4000
    label, brightness = rng.choice(2, n, p=[0.7, 0.3]), rng.normal(120, 30, n)
    camera = rng.choice(["A", "B"], n)
    hard = (label == 1) & (brightness < 95) & (camera == "B")
    right = rng.random(n) < np.where(hard, 0.5, 0.9)
    columns = {"brightness": brightness, "camera": camera}
    made = (np.where(right, label, 1 - label), label, [f"{i}.png" for i in range(n)])
    analysis = analyse(*made, columns=columns, features=(), save_path=None)
    advice = next(a for a in recommend(analysis).fired if a.code == "S108")
    assert advice.evidence["class"] == "1"
    assert {advice.evidence["label"], advice.evidence["label_2"]} == {"0%-20%", "B"}
    assert advice.evidence["value"] < advice.evidence["low"] + 0.3 < advice.evidence["expected"]
    assert advice.remedy[0].kind == "collect"


def test_margin_that_erodes_is_only_watched():
    found = planted(2000, recall=0.9, margin=Trend(4.0, 1.0), output="logits")
    advice = only(found, "S109")
    assert advice.severity == "low"
    assert [step.kind for step in advice.remedy] == ["check"]
    assert advice.evidence["margin_last"] < advice.evidence["margin_first"]


def test_companions_make_one_piece_of_advice():
    found = planted(
        recall=(0.9, Trend(0.5, 0.95)),
        prevalence=(0.75, 0.25),
        companions=[Covariate("edge_density", 0.95), Covariate("blur_effect", -0.95)],
    )
    advice = only(found, "S102")
    assert len(advice.evidence["travels_with"]) == 2
    assert advice.remedy[0].kind == "check"


def test_candidates_are_hints_and_never_fire(made, rows):
    analysis = made({**rows["candidate"], "feature": "noise"})
    found = recommend(analysis)
    assert not codes(found) & set(HALVES)
    (note,) = [note for note in found.skipped if note.code in HALVES]
    assert "A hint, not a finding" in note.reason
    assert "q = 0.070" in note.reason


def test_capped_candidates_ask_for_groups(made, rows):
    kind = {"kind": "blocks", "n_clusters": 19, "p": 0.001, "ratio": 3.0}
    found = recommend(made(rows["capped"], dependence=kind))
    (note,) = [note for note in found.skipped if note.code in HALVES]
    assert "groups=" in note.reason
    assert codes(found) == {"D201"}


def test_row_that_another_feature_explains_gets_no_advice(made, rows):
    found = recommend(made({**rows["real"], "explained_by": "noise"}, {"feature": "noise"}))
    assert not codes(found) & set(HALVES)
    (note,) = [note for note in found.skipped if note.code == "S104"]
    assert "noise accounts for it" in note.reason


def test_untested_is_skipped_and_not_passed():
    right = [0, 1] * 40
    names = [f"{i}.png" for i in range(80)]
    columns = {"noise": range(80)}
    found = recommend(analyse(right, right, names, columns=columns, features=(), save_path=None))
    assert "Not tested" in {note.code: note.reason for note in found.skipped}["S101"]


def with_remedy(analysis: Analysis, remedy: Remedy) -> Analysis:
    copy = dataclasses.replace(analysis)
    object.__setattr__(copy, "remedy", remedy)
    return copy


def test_contradicted_finding_gets_neither_view_nor_augmentation(trial):
    analysis = analysed(plant(3000, recall=(0.9, Trend(0.5, 0.95)), prevalence=(0.75, 0.25)))
    moved = pd.DataFrame(
        {"feature": ["sharpness"], "class": ["1"], "verdict": ["contradicted"], "op": ["unsharp"]}
        | {"direction": ["up"], "reason": ["no change"], "observed": [0.3], "change": [0.01]}
        | {"change_low": [-0.01], "change_high": [0.03]}
    )
    remedy = trial("not enough data", interventions=moved)
    advice = only(recommend(with_remedy(analysis, remedy)), "S102")
    assert [step.kind for step in advice.remedy] == ["check", "collect"]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("use", "policy that the trial fitted (original, unsharp(1))"),
        ("do not use", "the trial says: do not use"),
        ("not enough data", "it takes about 3,900"),
    ],
)
def test_view_says_what_a_trial_found(trial, verdict, said):
    analysis = analysed(plant(3000, recall=(0.9, Trend(0.5, 0.95)), prevalence=(0.75, 0.25)))
    found = recommend(with_remedy(analysis, trial(verdict)))
    (view,) = steps(only(found, "S102"), "view")
    assert said in view.text
    assert "Not proven" not in view.text
