import re

import numpy as np
import pytest

from sensitivity.advice.overview import headline
from sensitivity.errors import OptionError

BLOCKS = {"kind": "blocks", "n_clusters": 19, "p": 0.001, "ratio": 7.34}
CELLS = {("sharpness", "defect", "recall"): [0.58, 0.7, 0.73, 0.78, 0.81]}


def numbers(text: str) -> list[str]:
    return sorted(re.findall(r"\d[\d,.]*\d|\d", text))


def test_null_says_that_nothing_was_found_and_what_would_have_been_seen(made, rows):
    analysis = made(
        {**rows["nothing"], "class": "all", "detectable_change": 0.05},
        {**rows["nothing"], "detectable_change": 0.1},
        {**rows["nothing"], "class": "normal", "detectable_change": 0.2},
    )
    assert headline(analysis) == (
        "3 pairs of feature and class were tested, and nothing was found in the errors beyond "
        "chance; a change of about 5 points in accuracy or 15 points in the recall of a typical "
        "class would have been seen."
    )
    assert "没有发现超出偶然的结果" in headline(analysis, lang="zh")


def test_rows_that_could_not_be_tested_are_not_counted(made, rows):
    analysis = made(rows["nothing"], {**rows["untested"], "class": "normal"})
    assert headline(analysis).startswith("1 pair of feature and class was tested, and nothing")


def test_a_set_that_is_too_small_says_so(made, rows):
    text = headline(made({**rows["nothing"], "detectable_change": 1.3}))
    assert text.endswith("beyond chance; these images are too few to see any change reliably.")


def test_real_rows_are_counted_and_the_first_is_told(made, rows):
    analysis = made(
        rows["real"], {**rows["candidate"], "class": "a"}, {**rows["nothing"], "class": "b"},
        cells=CELLS,
    )  # fmt: skip
    assert headline(analysis) == (
        "3 pairs of feature and class were tested; real (q ≤ 0.05): 1, candidates: 1; first of "
        "all, recall of defect rises as clarity rises: 58 % in the lowest fifth (0–12.3), 81 % in "
        "the highest fifth (62.5–192)."
    )


def test_the_errors_of_two_classes_are_counted_once(made, rows):
    calls = {"p_recall": 0.4, "p_fpr": 0.001, "driver": "false positives"}
    given = [
        {**rows["real"], "p_recall": 0.001},
        {**rows["real"], **calls, "class": "normal", "spread_low": 0.07},
        {**rows["nothing"], "class": "all", "n": 712},
    ]
    text = headline(made(*given, cells=CELLS))
    assert "real (q ≤ 0.05): 1, candidates: 0, the same errors seen from the other class: 1" in text
    assert "first of all, recall of defect" in text
    assert "成立（q ≤ 0.05）1个，迹象0个，从另一类别看到的同一批错误1个" in headline(
        made(*given), lang="zh"
    )
    three = made(*given, {**rows["nothing"], "class": "third"})
    assert "real (q ≤ 0.05): 2, candidates: 0;" in headline(three)


def test_categories_of_all_classes_are_told_in_accuracy_alone(made, rows):
    row = {**rows["real"], "class": "all", "feature": "camera", "shape": "categories"}
    text = headline(made(row, cells={("camera", "all", "accuracy"): [0.6, 0.9, 0.8, 0.8, 0.8]}))
    assert "first of all, accuracy at an equal class mix differs by camera: 60 % for" in text
    assert "recall" not in text


def test_candidates_alone_are_hints(made, rows):
    text = headline(made(rows["candidate"]))
    assert "none is real (q ≤ 0.05), candidates: 1; the first of these hints: recall of" in text
    assert text.endswith("would have been seen.")


def test_what_is_no_effect_on_errors_is_not_passed_over(made, rows):
    text = headline(made(rows["margin"], {**rows["mix"], "class": "normal"}))
    assert "nothing was found in the errors beyond chance" in text
    assert "less certainty only: 1, class mix only: 1" in text


def test_alike_neighbours_are_explained_and_groups_asked_for(made, rows):
    analysis = made(rows["capped"], dependence=BLOCKS)
    text = headline(analysis)
    for words in ("neighbouring names", "7.3 times", "no verdict goes beyond candidate", "groups="):
        assert words in text
    for words in ("相邻", "7.3倍", "迹象", "groups="):
        assert words in headline(analysis, lang="zh")
    assert "groups=" not in headline(made(rows["candidate"]))


@pytest.mark.parametrize(
    ("given", "options", "why"),
    [
        ((), {}, "no feature was analysed"),
        (("untested",), {"accuracy": 1.0}, "no prediction was wrong"),
        (("untested",), {}, "too few errors or too few different values"),
    ],
)
def test_where_nothing_was_tested_it_says_why(made, rows, given, options, why):
    analysis = made(*(rows[kind] for kind in given), **options)
    assert headline(analysis) == f"Nothing was tested: {why}."
    assert headline(analysis, lang="zh").startswith("没有进行检验：")


@pytest.mark.parametrize("kind", ["nothing", "real", "candidate", "mix", "margin", "untested"])
def test_both_languages_carry_the_same_numbers(made, rows, kind):
    analysis = made(rows[kind], {**rows["nothing"], "class": "all"}, cells=CELLS, dependence=BLOCKS)
    assert numbers(headline(analysis)) == numbers(headline(analysis, lang="zh"))


def test_only_real_rows_make_it_speak_of_real_ones(made, rows):
    for kind in ("nothing", "mix", "margin", "untested"):
        text = headline(made(rows[kind]))
        assert "real" not in text
        assert "sensitive" not in text


def test_order_of_the_rows_changes_nothing(made, rows):
    given = [rows["real"], {**rows["candidate"], "class": "a"}, {**rows["nothing"], "class": "b"}]
    assert headline(made(*given)) == headline(made(*given[::-1]))


def test_another_language_is_refused(made, rows):
    with pytest.raises(OptionError, match="lang: expected one of en, zh"):
        headline(made(rows["nothing"]), lang="de")
    with pytest.raises(OptionError):
        headline(made({**rows["nothing"], "q": np.nan}), lang="de")
