"""All rules asked: each answers once, in two languages with the same numbers."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from sensitivity import analyse, recommend
from sensitivity.advice.answers import KINDS, SEVERITIES
from sensitivity.advice.rules import RULES
from sensitivity.errors import OptionError
from sensitivity.synthetic import Covariate, Trend, plant

LISTS = ("fired", "passed", "not_applicable", "skipped")


@pytest.fixture(scope="module")
def analysis():
    """Several things wrong at once."""
    made = plant(
        3000,
        recall=(0.9, Trend(0.5, 0.95)),
        prevalence=(0.75, 0.25),
        output="logits",
        companions=[Covariate("blur_effect", -0.9), Covariate("hour", 0.0)],
    )
    camera = np.random.default_rng(0).choice(["A", "B"], 3000)
    columns = made.columns.assign(camera=camera)
    return analyse(
        3 * np.asarray(made.pred_list),
        made.label_list,
        made.name_list,
        columns=columns,
        label_map_dict=["normal", "defect"],
        features=(),
        save_path=None,
    )


def test_each_rule_is_in_one_list(analysis):
    found = recommend(analysis)
    codes = [{entry.code for entry in getattr(found, name)} for name in LISTS]
    assert sum(map(len, codes)) == len(RULES)
    assert set.union(*codes) == {rule.code for rule in RULES}
    assert [rule.code for rule in RULES if rule.code.startswith("B")] == [
        note.code for note in found.not_applicable if note.code.startswith("B")
    ]


def test_codes_are_unique_and_severities_known():
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert {rule.severity for rule in RULES} <= set(SEVERITIES)


def test_severe_ones_come_first(analysis):
    places = [SEVERITIES.index(advice.severity) for advice in recommend(analysis).fired]
    assert len(places) >= 3
    assert places == sorted(places)


def test_both_languages_carry_the_same_numbers(analysis):
    english, chinese = recommend(analysis), recommend(analysis, lang="zh")
    for name in LISTS:
        pairs = zip(getattr(english, name), getattr(chinese, name), strict=True)
        for one, other in pairs:
            assert one.code == other.code
            if name == "fired":
                assert one.evidence == other.evidence
                assert numbers(one.text) == numbers(other.text)
                for step, same in zip(one.remedy, other.remedy, strict=True):
                    assert (step.kind, step.details) == (same.kind, same.details)
                    assert numbers(step.text) == numbers(same.text)
            else:
                assert numbers(one.reason) == numbers(other.reason)


def numbers(text: str) -> list[str]:
    """Figures in order of size; parts of scales are words in one of the languages."""
    return sorted(re.findall(r"\d[\d,.]*\d|\d", text.replace("10th", "10").replace("90th", "90")))


def test_every_step_is_of_a_known_kind(analysis):
    for advice in recommend(analysis).fired:
        assert advice.remedy
        assert {step.kind for step in advice.remedy} <= set(KINDS)


def test_dict_is_strict_json(analysis):
    found = recommend(analysis).to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert list(found) == list(LISTS)


def test_order_of_the_images_changes_nothing(analysis):
    order = np.random.default_rng(1).permutation(1200)
    made = plant(1200, recall=(0.9, Trend(0.5, 0.95)), prevalence=(0.75, 0.25))

    def advised(rows):
        return recommend(
            analyse(
                made.pred_list[rows],
                made.label_list[rows],
                [f"{i}.png" for i in range(1200)],
                columns=pd.DataFrame(made.columns.iloc[rows]).reset_index(drop=True),
                features=(),
                groups=np.arange(1200)[rows],
                save_path=None,
            )
        )

    one, other = advised(np.arange(1200)), advised(order)
    assert [(a.code, a.text) for a in one.fired] == [(a.code, a.text) for a in other.fired]
    assert one.fired


def test_saved_and_read_back_says_the_same(analysis, tmp_path):
    analysis.save(tmp_path)
    read = type(analysis).load(tmp_path / "model_analysis_results.json")
    assert recommend(read) == recommend(analysis)


def test_several_labels_and_no_feature_are_answered():
    scores = np.random.default_rng(0).random((60, 3))
    labels = [[0], [1, 2], []] * 20
    names = [f"{i}.png" for i in range(60)]
    given = {"features": (), "save_path": None, "task_type": "multi_label_classification"}
    found = recommend(analyse(scores.tolist(), labels, names, **given))
    reasons = {note.code: note.reason for note in found.not_applicable}
    assert reasons["S101"] == "No image feature was analysed."
    assert "one label per image" in reasons["C301"]


def test_another_language_is_refused(analysis):
    with pytest.raises(OptionError, match="lang: expected one of en, zh, got 'fr'"):
        recommend(analysis, lang="fr")


@pytest.mark.parametrize("usual_is_weak", [True, False])
def test_nothing_is_augmented_towards_what_nearly_all_images_are_like(usual_is_weak) -> None:
    rng = np.random.default_rng(0)
    n = 4000
    value = np.where(rng.random(n) < 0.9, 0.0, rng.random(n))
    weak = (value == 0) == usual_is_weak
    y = rng.integers(0, 2, n)
    called = np.where(rng.random(n) < np.where(weak & (y == 1), 0.6, 0.95), y, 1 - y)
    made = analyse(
        called, y, [f"{i}.png" for i in range(n)], columns={"brightness": value}, features=(),
        groups=[str(i) for i in range(n)], save_path=None,
    )  # fmt: skip
    steps = [step.kind for found in recommend(made).fired for step in found.remedy]
    assert steps
    assert ("augment" in steps) != usual_is_weak
