"""Sentences on test-time augmentation: what they must hold, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from sensitivity.advice.remedy_names import policy_sentence
from sensitivity.advice.remedy_templates import REMEDY_TEXTS
from sensitivity.advice.remedy_wording import (
    intervention_sentence,
    refusal_sentence,
    refusals,
    verdict_sentence,
)
from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.policies import Cell, Policy, Where
from sensitivity.tables import DO_NOT_USE, NOT_ENOUGH

CASES = {
    "use": {},
    "recall": {"objective": "recall:defective"},
    "balanced": {"objective": "balanced_accuracy"},
    "no": {"verdict": DO_NOT_USE},
    "identity": {"verdict": DO_NOT_USE, "identity": True},
    "few": {"verdict": NOT_ENOUGH},
    "few, no number": {"verdict": NOT_ENOUGH, "n_needed": None},
}


def figures(text: str) -> list[str]:
    """Numbers and the signs before them; two languages may order them differently."""
    return sorted(re.findall(r"[+−]?\d*[.,]?\d+", re.sub(r"\w+\([\d.]+\)", "", text)))


@pytest.mark.parametrize("name", CASES)
def test_verdict_has_the_same_numbers_in_both_languages(make_remedy, name):
    remedy = make_remedy(**CASES[name])
    english, chinese = (verdict_sentence(remedy, lang) for lang in ("en", "zh"))
    assert figures(english) == figures(chinese)
    assert english.endswith(".")
    assert english.count(". ") == 0, "one sentence"
    assert chinese.count("。") == 1


def test_use_tells_gain_cost_optimism_and_shift(make_remedy):
    text = verdict_sentence(make_remedy(), "en")
    for part in (
        "Use the policy",
        "NLL −.021 nats against the temperature-scaled original (one-sided 95 % bound −.010)",
        "accuracy +1.5 points (95 % interval +0.3 to +2.8)",
        "on 1,111 images that its weights were not fitted on",
        "looks like −.032 nats",
        "1.62 forward passes per image instead of 1, 6.75 ms instead of 4.25",
        "shifting all thresholds, for no extra pass, does not do as well (NLL −.004 nats)",
    ):
        assert part in text


def test_shift_that_does_as_well_is_said(make_remedy):
    text = verdict_sentence(make_remedy(DO_NOT_USE, reason="shift"), "en")
    assert text.startswith("Do not use test-time augmentation: a shifted threshold does as well;")
    assert "shifting all thresholds does as well for no extra pass (NLL −.004 nats)" in text
    text = verdict_sentence(make_remedy(beaten_by_shift=None), "en")
    assert "shifting all thresholds, for no extra pass, gives NLL −.004 nats" in text
    recall = verdict_sentence(make_remedy(objective="recall:defective"), "en")
    assert "shifting a threshold, for no extra pass, does not do as well (recall of" in recall


def test_too_few_images_say_how_many_it_takes(make_remedy):
    text = verdict_sentence(make_remedy(NOT_ENOUGH), "en")
    assert text.startswith("Not enough data (1,111 images; needs about 3,900): ")


def test_identity_claims_nothing(make_remedy):
    text = verdict_sentence(make_remedy(DO_NOT_USE, identity=True), "en")
    assert "points" not in text
    assert "no part of the 1,111 images that were judged had weights" in text


def test_without_a_gain_of_its_own_the_table_is_told(make_remedy):
    text = verdict_sentence(make_remedy(gain=None), "en")
    assert "NLL −.032 nats (95 % interval −.044 to −.019)" in text
    assert "looks like −.049 nats" in text


def test_every_reason_has_a_text():
    judging = pytest.importorskip("sensitivity.tta.judging")
    assert {f"why.{key}" for key, *_ in judging.REASONS} <= set(REMEDY_TEXTS)
    found = pytest.importorskip("sensitivity.tta.interventions")
    told = set(found.REASONS) - {"reproduced", "no change", "opposite", "less than half"}
    assert {f"checked.{key}" for key in told} <= set(REMEDY_TEXTS)


def test_unknown_reason_is_shown_as_it_is(make_remedy):
    text = verdict_sentence(make_remedy(DO_NOT_USE, reason="the moon is full"), "en")
    assert text.startswith("Do not use test-time augmentation: the moon is full;")


def test_no_time_no_milliseconds(make_remedy):
    remedy = make_remedy()
    costs = remedy.costs.assign(milliseconds=float("nan"))
    text = verdict_sentence(replace(remedy, costs=costs), "en")
    assert "1.62 forward passes per image instead of 1;" in text
    assert "ms" not in text


def test_each_refusal_has_its_reason_once(make_remedy):
    remedy = make_remedy(refused=[{"what": "hflip", "why": "not declared"}])
    assert refusals(remedy) == [
        ("hflip", "not declared"),
        ("bilateral(0.25)", "moves entropy by 1.4 SD"),
    ]
    assert refusal_sentence(remedy, "en").startswith("Refused, 2 of 3 views: hflip: not declared;")
    assert refusal_sentence(remedy, "zh").startswith("3个视图中有2个被拒绝：")


def test_many_refusals_are_summed_up(make_remedy):
    refused = [{"what": f"v{k}", "why": f"reason {min(k, 5)}"} for k in range(10)]
    text = refusal_sentence(make_remedy(refused=refused), "en")
    assert text.startswith("Refused, 12 of 13 views: v5, v6, v7 and 2 more: reason 5; ")
    assert text.endswith(" and 5 more.")


def test_nothing_refused(make_remedy):
    remedy = make_remedy(refused=[])
    kept = remedy.candidates[remedy.candidates["weight"] > 0]
    assert refusal_sentence(replace(remedy, candidates=kept), "en") == "No view was refused."


def test_interventions_say_what_was_found(make_remedy):
    rows = make_remedy().interventions.to_dict("records")
    english = [intervention_sentence(row, "en") for row in rows]
    chinese = [intervention_sentence(row, "zh") for row in rows]
    assert list(map(figures, english)) == list(map(figures, chinese))
    assert english[0].startswith("confirmed: noise lowered by 1.2 SD in the same 181 images")
    assert "an unrelated move as far (gamma(0.67)) changes it by +1.1" in english[0]
    assert english[1].startswith("contradicted: ")
    assert "changes accuracy by 0 points" in english[1]
    assert (
        english[2] == "not checked (brightness raised): no view moves an unrelated feature as far."
    )


def test_policy_names_every_part():
    views = (ORIGINAL, ViewSpec("vflip", 1.0), ViewSpec("gamma", 0.67))
    policy = Policy(
        views,
        (0.5, 0.5, 0.0),
        cells=(
            Cell((1.0, 0.0, 0.0), predicted="b"),
            Cell((0.2, 0.0, 0.6), where=(Where("noise", 1.5), Where("contrast", None, 9.0))),
        ),
        pool="probabilities",
        entropy=0.25,
        shift=(0.0, 0.25),
        classes=("a", "b"),
    )
    assert policy_sentence(policy, "en") == (
        "policy: where called b: original alone; where noise > 1.5 and contrast ≤ 9: "
        ".25 original + .75 gamma(0.67); else .5 original + .5 vflip; further views only for "
        "uncertain images (entropy of the original above 0.25); log-odds of b +.250; "
        "temperature 1.00 to 1.25; probabilities are averaged."
    )
    assert figures(policy_sentence(policy, "zh")) == figures(policy_sentence(policy, "en"))
    assert "nothing is changed" in policy_sentence(Policy(), "en")


def test_of_many_cells_the_first_are_told():
    cells = tuple(Cell((1.0,), where=(Where("noise", float(k)),)) for k in range(5))
    policy = Policy(cells=cells, shift=(0.1,), classes=("a",))
    assert "where noise > 2: original alone; 2 more cells; else original" in policy_sentence(
        policy, "en"
    )
