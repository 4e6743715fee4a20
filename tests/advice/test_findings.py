import itertools
import re

import numpy as np
import pandas as pd
import pytest

from sensitivity import analyse
from sensitivity.advice.findings import Finding, findings
from sensitivity.errors import OptionError
from sensitivity.trends import in_order

BLOCKS = {"kind": "blocks", "n_clusters": 19, "p": 0.001, "ratio": 7.3}
GROUPS = {"kind": "groups", "n_clusters": 38, "p": None, "ratio": None}
CHECKED = {"kind": "none", "n_clusters": None, "p": 0.4, "ratio": None}

CELLS = {
    ("sharpness", "defect", "recall"): [0.58, 0.7, 0.73, 0.78, 0.81],
    ("sharpness", "defect", "f1"): [0.87, 0.85, 0.8, 0.77, 0.73],
    ("sharpness", "defect", "f1_star"): [0.8, 0.81, 0.8, 0.79, 0.79],
    ("sharpness", "all", "accuracy"): [0.72, 0.8, 0.84, 0.88, 0.9],
    ("camera", "defect", "recall"): [0.64, 0.78, 0.7],
    ("camera", "defect", "f1_star"): [0.62, 0.71, 0.7],
    ("camera", "defect", "f1"): [0.65, 0.7, 0.5],
}
COUNTS = {("sharpness", "defect"): [120, 80, 60, 50, 20], ("camera", "defect"): [60, 90, 30]}
CAMERAS = {"camera": ("north", "south", "roof")}


@pytest.fixture
def said(made):
    """The one sentence on a row, in a language."""

    def sentence(row, lang="en", *others, **options) -> str:
        options = {"cells": CELLS, "counts": COUNTS, "labels": CAMERAS} | options
        analysis = made(row, *others, **options)
        found = {(f.feature, f.of_class): f for f in findings(analysis, lang=lang)}
        key = row.get("feature", "sharpness"), row.get("class", "defect")
        return found[key].sentence

    return sentence


def numbers(text: str) -> list[float]:
    """All numbers of a sentence, as a reader would read them."""
    found = re.findall(r"(?<![A-Za-z\d.,])[+−]?\d[\d,]*(?:\.\d+)?", text)
    return [float(number.replace(",", "").replace("−", "-")) for number in found]


# Does not fire


@pytest.mark.parametrize("kind", ["nothing", "candidate", "capped", "mix", "margin", "untested"])
@pytest.mark.parametrize("of_class", ["defect", "all"])
def test_no_row_that_is_not_real_is_called_a_finding(said, rows, kind, of_class):
    row = {**rows[kind], "class": of_class}
    english, chinese = said(row), said(row, "zh")
    for word in ("sensitive", "Not chance", "confirmed", "rebalance", "augment"):
        assert word not in english
    for word in ("敏感", "并非偶然", "重新平衡", "数据增强"):
        assert word not in chinese


def test_chance_is_no_evidence_and_says_what_would_have_been_seen(said, rows):
    assert said(rows["nothing"]) == (
        "No evidence that clarity matters for defect (q = 0.71). With 356 images, only a change "
        "of about 18 points in recall would be seen reliably; 9 points need about 1,400."
    )


def test_without_a_detectable_change_none_is_claimed(said, rows):
    text = said({**rows["nothing"], "detectable_change": np.nan})
    assert text == "No evidence that clarity matters for defect (q = 0.71; 356 images)."


def test_a_set_that_can_show_nothing_is_called_too_small(said, rows):
    text = said({**rows["nothing"], "detectable_change": 1.2, "n": 4})
    assert text.endswith("but 4 images are too few to see any change reliably.")
    assert "points" not in text


def test_a_candidate_is_a_hint_and_says_what_would_settle_it(said, rows):
    text = said(rows["candidate"])
    assert text.startswith("A hint, not a finding. Recall of defect rises as clarity rises: ")
    assert "q = 0.070 lies between 0.05 and 0.10" in text
    assert "9 points need about 1,400" in text
    assert said(rows["candidate"], "zh").startswith("仅为迹象，尚不是结论。")


def test_a_capped_row_asks_for_groups_and_not_for_images(said, rows):
    for lang in ("en", "zh"):
        text = said(rows["capped"], lang, dependence=BLOCKS)
        assert "groups=" in text
        assert "1,400" not in text


def test_an_uncapped_candidate_does_not_ask_for_groups(said, rows):
    assert "groups" not in said(rows["candidate"], dependence=CHECKED)


def test_a_class_mix_is_nothing_to_fix(said, rows):
    assert said(rows["mix"]) == (
        "Along clarity, F1 of defect falls from 0.87 in the lowest fifth (0–12.3) to 0.73 in the "
        "highest fifth (62.5–192) because the class becomes rarer (54→9 % of the images); at an "
        "equal mix it is 0.80 against 0.79 (q = 0.71; 356 images). Nothing to fix in the model."
    )
    assert said(rows["mix"], "zh").endswith("模型无需修正。")


def test_a_class_mix_that_f1_does_not_follow_is_not_given_as_the_cause(said, rows):
    text = said(rows["mix"], counts={("sharpness", "defect"): [20, 30, 40, 50, 90]})
    assert "because" not in text
    assert "while the share of the class moves (9→41 %" in text


def test_a_class_mix_of_categories_goes_from_the_best_to_the_worst(said, rows):
    text = said({**rows["mix"], "feature": "camera"})
    assert text.startswith("By camera, F1 of defect falls from 0.70 for south to 0.50 for roof")
    assert "(41→14 % of the images)" in text


def test_a_class_mix_of_all_classes_speaks_of_accuracy(said, rows):
    row = {**rows["mix"], "class": "all", "n": 1110}
    assert said(row) == (
        "Along clarity, accuracy rises from 72 % in the lowest fifth (0–12.3) to 90 % in the "
        "highest fifth (62.5–192) because the mix of classes changes; within the classes there is "
        "no evidence of a change (q = 0.71; 1,110 images). Nothing to fix in the model."
    )
    assert "准确率从最低的五分之一（0–12.3）的72%升至" in said(row, "zh")


def test_a_class_mix_hidden_between_the_ends_shows_the_extremes(said, rows):
    cells = {**CELLS, ("sharpness", "defect", "f1"): [0.8, 0.9, 0.75, 0.7, 0.79]}
    assert "falls from 0.90 in the range 20–40 % (12.3–20) to 0.70 in" in said(
        rows["mix"], cells=cells
    )


def test_bins_with_few_images_are_no_ground_for_a_statement(said, rows):
    counts = {("sharpness", "defect"): [9, 80, 60, 50, 9]}
    assert "70 % in the range 20–40 %" in said(rows["real"], counts=counts)
    assert "(12.3–20) to 0.77 in the range 60–80 %" in said(rows["mix"], counts=counts)


def test_margin_says_that_there_are_no_more_errors(said, rows):
    assert said(rows["margin"]) == (
        "No more errors yet, but the model is less sure of defect as clarity rises: the odds of "
        "the right class over the runner-up fall from 22:1 to 4:1 (q = 0.004; 356 images). Watch."
    )


def test_a_margin_that_rises_erodes_towards_low_values(said, rows):
    turned = {"margin_first": rows["margin"]["margin_last"]}
    turned["margin_last"] = rows["margin"]["margin_first"]
    text = said({**rows["margin"], **turned})
    assert "as clarity falls" in text
    assert "fall from 22:1 to 4:1" in text


@pytest.mark.parametrize("kind", ["mix", "margin"])
def test_a_hint_beside_another_verdict_stays_a_hint(said, rows, kind):
    text = said({**rows[kind], "strength": "candidate", "q": 0.08})
    assert text.endswith("; that errors change too is a hint, not a finding.")
    assert "hint" not in said(rows[kind])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"n": 0}, "there is no image of defect (0 images)"),
        ({}, "too few errors of defect or too few values of clarity (356 images)"),
    ],
)
def test_what_was_not_tested_says_why(said, rows, changes, why):
    assert said({**rows["untested"], **changes}) == f"Not tested: {why}."


def test_without_any_error_nothing_is_tested(said, rows):
    text = said({**rows["untested"], "class": "all"}, accuracy=1.0)
    assert text == "Not tested: no image of all classes together was wrong (356 images)."


# Fires


def test_real_says_what_how_big_how_sure_and_how_many(said, rows):
    assert said(rows["real"]) == (
        "Recall of defect rises as clarity rises: 58 % in the lowest fifth (0–12.3), 81 % in the "
        "highest fifth (62.5–192); recall +23 points from the 10th to the 90th percentile, 95 % "
        "interval +12 to +34; 356 images. Not chance (q = 0.003); whether clarity itself is the "
        "reason has not been checked."
    )
    assert said(rows["real"], "zh") == (
        "defect的召回率随清晰度升高而上升：最低的五分之一（0–12.3）为58%，"
        "最高的五分之一（62.5–192）为81%；从第10到第90百分位召回率变化+23个百分点，"
        "95%置信区间+12至+34；356张图像。并非偶然（q = 0.003）；是否由清晰度本身造成，尚未验证。"
    )


@pytest.mark.parametrize("kind", ["real", "confirmed"])
def test_confirmed_needs_no_intervention_entry(said, rows, kind):
    agreed = "and changing clarity in the same images does the same" in said(rows[kind])
    assert agreed == (kind == "confirmed")


def test_direction_is_that_of_recall_where_recall_is_quoted(said, rows):
    # F1 at an equal mix falls while recall rises: false positives weigh more.
    text = said({**rows["real"], "direction": "falls"})
    assert text.startswith("Recall of defect rises as clarity rises")
    text = said({**rows["real"], "direction": "falls", "driver": "f1"})
    assert text.startswith("F1 of defect at an equal class mix falls as clarity rises")


def test_false_positives_are_told_by_how_many_others_are_called_the_class(said, rows):
    row = {**rows["real"], "driver": "false positives", "p_fpr": 0.001}
    assert said(row) == (  # F1 rises: false calls fall
        "The share of other images that are called defect falls as clarity rises: 17 % in the "
        "lowest fifth (0–12.3) against 6 % in all the rest; 56 of 780 other images in all; the "
        "class itself has 356 images. Not chance (q = 0.003); whether clarity itself is the "
        "reason has not been checked."
    )
    assert said({**row, "direction": "falls"}).startswith(
        "The share of other images that are called defect rises as clarity rises"
    )
    assert said(row, "zh").startswith(
        "其他图像被误判为defect的比例随清晰度升高而下降：最低的五分之一（0–12.3）为17%，其余合计为6%；"
        "其他图像共780张，误判56张；该类别本身有356张图像。"
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_recall_is_quoted_only_where_recall_moves(said, rows, lang):
    quoted = {"en": "recall +23 points", "zh": "召回率变化+23个百分点"}[lang]
    called = {"en": "other images", "zh": "其他图像"}[lang]
    for driver, p_recall, p_fpr, recall, calls in (
        ("recall", 0.001, 0.001, True, False),
        ("false positives", 0.4, 0.001, False, True),
        ("false positives", 0.01, 0.001, True, True),
        ("f1", 0.001, 0.4, True, False),
        ("f1", 0.4, 0.001, False, True),
        ("f1", 0.06, 0.07, True, True),
    ):
        row = {**rows["real"], "driver": driver, "p_recall": p_recall, "p_fpr": p_fpr}
        assert (quoted in said(row, lang)) == recall, row
        assert (called in said(row, lang)) == calls, row


def test_a_hint_in_false_calls_does_not_say_what_recall_would_show(said, rows):
    row = {**rows["candidate"], "driver": "false positives", "p_fpr": 0.01}
    text = said(row)
    assert text.endswith("0.05 and 0.10: more images would settle it.")
    assert "recall" not in text


def test_where_false_calls_are_not_known_their_levels_are_not_told_of_all(said, rows):
    """Of precision 0 it is not known how many were called the class."""
    cells = {**CELLS, ("sharpness", "defect", "precision"): [0.8, 0.8, 0.8, 0.0, 0.8]}
    row = {**rows["real"], "driver": "false positives", "p_fpr": 0.001}
    text = said(row, cells=cells)
    assert "against" not in text
    assert "17 % in the lowest fifth" not in said(rows["real"], cells=cells)
    assert "%" not in text
    assert "recall" not in text


@pytest.mark.parametrize(
    ("precision", "levels"),
    [
        # The most lie at the better end, and the ends agree with the trend all the same.
        ([0.8, 0.8, 0.8, 0.5, 0.94], "in the lowest fifth (0–12.3), "),
        ([0.99, 0.8, 0.8, 0.5, 0.8], ""),
    ],
)
def test_the_shares_of_false_calls_do_not_contradict_their_direction(said, rows, precision, levels):
    cells = {**CELLS, ("sharpness", "defect", "precision"): precision}
    row = {**rows["real"], "driver": "false positives", "p_fpr": 0.001}
    text = said(row, cells=cells)
    assert text.startswith("The share of other images that are called defect falls as clarity")
    assert "against" not in text
    assert levels in text
    assert ("%" in text) == bool(levels)
    assert " other images in all; the class itself has 356 images" in text


# Two classes


def two_classes(rows, **mirror):
    """A class that is missed, and the other that is called instead."""
    sure = {"p_recall": 0.001, "p_fpr": 0.4, "driver": "recall"}
    calls = {"p_recall": 0.4, "p_fpr": 0.001, "driver": "false positives", "direction": "falls"}
    return (
        {**rows["real"], **sure, "class": "defect"},
        {**rows["real"], **calls, "class": "normal", **mirror},
        {**rows["nothing"], "class": "all", "n": 712},
    )


def test_of_two_that_mirror_each_other_one_tells_of_both(made, rows):
    found = {f.of_class: f for f in findings(made(*two_classes(rows), cells=CELLS))}
    assert found["defect"].sentence.endswith(
        "Seen from the other class: the share of other images that are called normal rises as "
        "clarity rises."
    )
    assert found["normal"].told_by == "defect"
    assert found["defect"].told_by == ""
    assert found["normal"].sentence.endswith(
        "These are the same errors as in the row of defect, seen from the other class: no finding "
        "of their own (q = 0.003)."
    )
    assert "Not chance" not in found["normal"].sentence
    for finding in found.values():
        printed = numbers(finding.sentence)
        assert all(is_printed(key, value, printed) for key, value in finding.evidence.items())
    zh = {f.of_class: f.sentence for f in findings(made(*two_classes(rows)), lang="zh")}
    assert zh["defect"].endswith("从另一类别来看：其他图像被误判为normal的比例随清晰度升高而上升。")
    assert "与defect一行是同一批错误" in zh["normal"]


def test_a_mirror_is_told_with_its_row_alone(made, rows):
    (first,) = findings(made(*two_classes(rows)), limit=1)
    assert "Seen from the other class" in first.sentence


def test_a_mirror_that_is_a_hint_stays_a_hint(made, rows):
    hint = {"strength": "candidate", "q": 0.07, "verdict": rows["candidate"]["verdict"]}
    found = {f.of_class: f for f in findings(made(*two_classes(rows, **hint)))}
    assert found["normal"].sentence.startswith("A hint, not a finding. ")
    assert "reliably" not in found["normal"].sentence
    assert found["normal"].told_by == "defect"


def test_of_two_classes_that_both_lose_recall_both_are_told(made, rows):
    found = {f.of_class: f for f in findings(made(*two_classes(rows, p_recall=0.01)))}
    assert "Seen from" not in found["defect"].sentence
    assert found["normal"].sentence.count("Not chance") == 1
    assert "recall +23 points" in found["normal"].sentence


def test_a_bend_has_its_middle_and_no_change_from_end_to_end(said, rows):
    row = {**rows["real"], "driver": "shape", "shape": "middle worst"}
    assert said(row).startswith("F1 of defect at an equal class mix is worst where clarity is in")
    assert "percentile" not in said(row)


def test_categories_bear_their_names_worst_first(said, rows):
    row = {**rows["real"], "feature": "camera", "shape": "categories", "direction": ""}
    row |= dict.fromkeys(("recall_change", "recall_change_low", "recall_change_high"), np.nan)
    assert said(row).startswith(
        "Recall of defect differs by camera: 64 % for north, 78 % for south; 356 images."
    )


def test_all_speaks_of_all_classes_together(said, rows):
    text = said({**rows["real"], "class": "all", "n": 1110})
    assert text.startswith(
        "Accuracy at an equal class mix rises as clarity rises: 72 % in the lowest"
    )
    assert "accuracy +23 points from the 10th" in text
    assert said({**rows["real"], "class": "all"}, "zh").startswith("同等类别构成下的准确率随清晰度")


@pytest.mark.parametrize("kind", ["nothing", "real", "candidate"])
@pytest.mark.parametrize("feature", ["sharpness", "camera"])
def test_a_row_has_one_word_for_its_metric(said, rows, kind, feature):
    row = {**rows[kind], "feature": feature, "class": "all", "n": 1110}
    if feature == "camera":
        row |= {"shape": "categories", "direction": ""}
    assert "recall" not in said(row).lower()
    assert "accuracy" in said(row).lower()
    assert "召回率" not in said(row, "zh")
    assert "accuracy" not in said({**row, "class": "defect"}).lower()


def test_what_else_it_could_be_is_named_by_its_title(said, rows):
    explained = {**rows["real"], "explained_by": "noise", "pattern": "criterion shift"}
    text = said(explained, "en", {"feature": "noise"})
    assert text.endswith("but noise accounts for it: compare noise first.")
    assert "可由噪声解释：请先比较噪声" in said(explained, "zh", {"feature": "noise"})
    travels = {**rows["real"], "travels_with": "noise, dose"}
    text = said(travels, "en", {"feature": "noise"}, {"feature": "dose"})
    assert "clarity travels with noise, dose, so any of these may be behind it" in text


def test_of_many_companions_the_first_are_named(said, rows):
    text = said({**rows["real"], "travels_with": ", ".join("abcdefg")})
    assert "travels with a, b, c, d …, so" in text


@pytest.mark.parametrize(
    ("pattern", "english", "chinese"),
    [
        ("criterion shift", "rebalance the classes or move a threshold", "重新平衡类别或调整阈值"),
        ("information loss", "augment or enhance the images", "数据增强或图像增强"),
    ],
)
def test_a_pattern_says_what_to_do(said, rows, pattern, english, chinese):
    assert english in said({**rows["real"], "pattern": pattern})
    assert chinese in said({**rows["real"], "pattern": pattern}, "zh")


@pytest.mark.parametrize("kind", ["real", "candidate", "mix", "margin", "nothing"])
def test_clusters_are_counted_where_errors_are_not_independent(said, rows, kind):
    assert "356 images, 38 groups in all" in said(rows[kind], dependence=GROUPS)
    assert "19 runs of neighbouring names in all" in said(rows[kind], dependence=BLOCKS)
    assert "in all" not in said(rows[kind], dependence=CHECKED)


def test_without_two_usable_bins_the_rest_is_said(said, rows):
    counts = {("sharpness", "defect"): [9, 9, 9, 9, 20]}
    text = said(rows["real"], counts=counts)
    assert text.startswith("Recall of defect rises as clarity rises: recall +23 points")


def test_bins_that_are_all_alike_are_not_quoted_as_a_difference(said, rows):
    """As where the only errors lie in a category of a few images."""
    text = said(rows["real"], cells={("sharpness", "defect", "recall"): [1.0] * 5})
    assert "100 %" not in text
    assert "Not chance" in text


# Laws


def random_rows(seed: int) -> dict:
    """What a row of any kind may hold: numbers of any size."""
    rng = np.random.default_rng(seed)
    change = rng.uniform(-0.4, 0.4) * rng.choice([0.02, 1.0])
    half = rng.uniform(0.01, 0.3) * rng.choice([0.02, 1.0])
    return {
        "n": int(rng.integers(2, 10 ** rng.integers(1, 7))),
        "q": float(rng.uniform(0, 0.05) ** rng.choice([1, 3])),
        "q_margin": float(rng.uniform(0, 0.05)),
        "recall_change": change,
        "recall_change_low": change - half,
        "recall_change_high": change + half,
        "detectable_change": float(rng.uniform(0.004, 1)),
        "margin_first": float(rng.normal(2, 3)),
        "margin_last": float(rng.normal(1, 3)),
        "driver": str(rng.choice(["recall", "false positives", "f1"])),
        "p_recall": float(rng.choice([0.001, 0.4])),
        "p_fpr": float(rng.choice([0.0005, 0.5])),
    }


#: How each entry of the evidence is printed: in which unit, and rounded to what.
UNITS = {
    **dict.fromkeys(("n", "n_clusters", "false_calls", "n_others"), (1, 0)),
    **dict.fromkeys(("worst", "best", "share_from", "share_to"), (100, 0.5)),
    **dict.fromkeys(("worst_calls", "rest_calls", "first_calls", "last_calls"), (100, 0.5)),
    **dict.fromkeys(("recall_change", "low", "high", "detectable_change", "half"), (100, 0.5)),
    **dict.fromkeys(("f1_from", "f1_to", "star_from", "star_to"), (1, 0.005)),
    **dict.fromkeys(("q", "q_margin"), (1, 0.005)),
}


def is_printed(key: str, value: float, found: list[float]) -> bool:
    if key.startswith("margin"):
        ratio = min(np.exp(abs(value)), 1e6)
        return any(abs(number - ratio) <= max(0.05, 0.5 * (ratio >= 9.95)) for number in found)
    if key == "n_for_half":
        return any(abs(number - value) <= 0.051 * value for number in found)
    unit, rounding = UNITS[key]
    return any(abs(number - unit * value) <= rounding + 1e-9 for number in found)


@pytest.fixture
def drawn(made, rows, kind, clusters):
    """An analysis whose classes are rows of one kind with random numbers."""
    low = {"nothing": 0.3, "candidate": 0.05, "untested": np.nan}.get(kind, 0.0)
    metrics = [key for key in CELLS if key[:2] == ("sharpness", "defect")]
    names = list("abcdefghijkl")
    given = [{**rows[kind], **random_rows(seed), "class": name} for seed, name in enumerate(names)]
    return made(
        *({**row, "q": row["q"] + low} for row in given),
        cells={("sharpness", name, key[2]): CELLS[key] for key in metrics for name in names},
        counts={("sharpness", name): COUNTS["sharpness", "defect"] for name in names},
        dependence=clusters,
    )


KINDS = pytest.mark.parametrize(
    "kind", ["nothing", "real", "candidate", "capped", "mix", "margin", "untested"]
)
DEPENDENCE = pytest.mark.parametrize(
    "clusters", [CHECKED, GROUPS, BLOCKS], ids=["none", "groups", "blocks"]
)


@KINDS
@DEPENDENCE
def test_every_number_of_the_evidence_stands_in_the_sentence(drawn, kind):
    shown = findings(drawn)
    assert len({finding.sentence for finding in shown}) > 5
    for finding in shown:
        found = numbers(finding.sentence)
        for key, value in finding.evidence.items():
            assert is_printed(key, value, found), (key, value, finding.sentence)


@KINDS
@DEPENDENCE
def test_both_languages_carry_the_same_numbers(drawn, kind):
    for english, chinese in zip(findings(drawn), findings(drawn, lang="zh"), strict=True):
        assert sorted(numbers(english.sentence)) == sorted(numbers(chinese.sentence))
        assert english.evidence == chinese.evidence
        assert "{" not in english.sentence + chinese.sentence


def test_evidence_holds_the_numbers_of_the_row(made, rows):
    (finding,) = findings(made(rows["real"], cells=CELLS, counts=COUNTS, dependence=GROUPS))
    assert finding.evidence == {
        "n": 356, "n_clusters": 38, "q": 0.003, "worst": 0.58, "best": 0.81,
        "recall_change": 0.23, "low": 0.12, "high": 0.34,
    }  # fmt: skip


def test_real_ones_come_first_then_candidates_then_by_the_sure_spread(made, rows):
    given = [
        {**rows["nothing"], "class": "a", "spread_low": 0.2, "spread": 0.2},
        {**rows["candidate"], "class": "b", "spread_low": 0.3},
        {**rows["real"], "class": "c", "spread_low": 0.01},
        {**rows["real"], "class": "d", "spread_low": 0.02},
        {**rows["nothing"], "class": "e", "spread": np.nan, "spread_low": np.nan},
        {**rows["nothing"], "class": "f", "spread_low": 0.2, "spread": 0.3},
    ]
    assert "".join(found.of_class for found in findings(made(*given))) == "dcbfae"
    table = pd.DataFrame(given)
    for order in itertools.islice(itertools.permutations(range(6)), 0, 720, 40):
        assert "".join(in_order(table.iloc[list(order)])["class"]) == "dcbfae"


def test_limit_takes_the_first_ones(made, rows):
    analysis = made({**rows["nothing"], "class": "a"}, {**rows["real"], "class": "b"})
    assert findings(analysis, limit=1) == findings(analysis)[:1]
    assert findings(analysis, limit=0) == ()
    assert len(findings(analysis, limit=9)) == 2


def test_a_finding_is_frozen_and_bears_the_row_s_verdict(made, rows):
    (finding,) = findings(made(rows["real"]))
    assert isinstance(finding, Finding)
    assert (finding.feature, finding.of_class) == ("sharpness", "defect")
    assert (finding.verdict, finding.strength, finding.grade) == ("associated", "real", "medium")
    with pytest.raises(AttributeError):
        finding.grade = "major"


def test_without_rows_there_are_no_findings(made):
    assert findings(made()) == ()


@pytest.mark.parametrize("options", [{"lang": "de"}, {"limit": -1}])
def test_wrong_options_are_refused(made, options):
    with pytest.raises(OptionError):
        findings(made(), **options)


def test_names_with_braces_are_names(said, rows):
    row = {**rows["real"], "class": "{0}"}
    assert said(row).startswith("Recall of {0} rises")


def test_a_result_read_back_has_missing_texts(said, rows):
    row = {**rows["real"], **dict.fromkeys(("travels_with", "explained_by", "pattern"), np.nan)}
    assert said(row) == said(rows["real"])


def test_a_bin_without_one_of_the_classes_is_no_level_of_all_of_them() -> None:
    """The lowest fifth holds one defect of 600: its accuracy is that of the other class."""
    rng = np.random.default_rng(0)
    n = 2000
    entropy = np.sort(rng.normal(size=n))
    y = np.where(np.arange(n) < 400, 0, rng.integers(0, 2, n))
    y[0] = 1
    right = rng.random(n) < np.where(y == 0, 0.97, np.linspace(0.4, 0.9, n))
    made = analyse(
        np.where(right, y, 1 - y), y, [f"{i}.png" for i in range(n)], columns={"entropy": entropy},
        features=(), groups=[str(i) for i in range(n)], save_path=None,
    )  # fmt: skip
    (row,) = (row for row in findings(made) if row.of_class == "all")
    assert row.sentence.startswith("Accuracy at an equal class mix rises as entropy rises: ")
    assert "lowest fifth" not in row.sentence
    low, high = re.search(r": (\d+) % .*?, (\d+) % in the highest", row.sentence).groups()
    assert int(low) < int(high)
