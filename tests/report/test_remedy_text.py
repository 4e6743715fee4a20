"""What became of test-time augmentation, as text."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from sensitivity.advice.remedy_names import strategy_title
from sensitivity.advice.remedy_wording import verdict_sentence
from sensitivity.errors import OptionError
from sensitivity.report.columns import display_width
from sensitivity.report.remedy_candidates import front_lines
from sensitivity.report.remedy_tables import shown_classes, shown_strategies
from sensitivity.report.remedy_text import render_remedy
from sensitivity.tables import DO_NOT_USE, NOT_ENOUGH, USE

MANY = tuple(f"第{k}类 class\n{k}" for k in range(9))
CASES = {
    "use": {},
    "no": {"verdict": DO_NOT_USE},
    "identity": {"verdict": DO_NOT_USE, "identity": True},
    "few": {"verdict": NOT_ENOUGH},
    "many classes": {"classes": MANY, "objective": f"recall:{MANY[1]}"},
    "three splits": {"design": "three splits"},
}


def cells(text: str, start: str) -> list[list[str]]:
    """Cells of the rows that begin so, one list per table."""
    rows = [line for line in text.splitlines() if line.startswith(start + "  ")]
    return [re.split(r" {2,}", row) for row in rows]


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("width", [100, 110])
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", CASES)
def test_lines_fit(make_remedy, name, lang, width, everything):
    remedy = make_remedy(**CASES[name])
    text = render_remedy(remedy, colour=False, lang=lang, width=width, everything=everything)
    assert max(map(display_width, text.splitlines())) <= width


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", CASES)
def test_verdict_comes_last(make_remedy, name, lang):
    remedy = make_remedy(**CASES[name])
    last = render_remedy(remedy, colour=False, lang=lang, width=110).rpartition("\n\n")[2]
    told = verdict_sentence(remedy, lang).replace("\n", "\\n")
    assert last.replace("\n", "").replace(" ", "") == told.replace(" ", "")


@pytest.mark.parametrize("name", CASES)
def test_both_languages_show_the_same_figures(make_remedy, name):
    remedy = make_remedy(**CASES[name])
    both = [
        render_remedy(remedy, colour=False, lang=lang, width=110, everything=True)
        for lang in ("en", "zh")
    ]
    # Tables may be broken differently, which repeats the strategies' names.
    found = [set(re.findall(r"[+−]?\d*[.,]?\d+", re.sub(r"\w+\([\d.]+\)", "", t))) for t in both]
    assert found[0] == found[1]


def test_values_are_those_of_the_tables(make_remedy):
    remedy = make_remedy()
    text = render_remedy(remedy, colour=False, width=130)
    values, changes = cells(text, "mix .5 original + .5 box_blur(3)")[:2]
    assert values[1:] == ["84.1", "86.5", "91.9", "81.2", ".362", "2", "9"]
    assert changes[1:4] == ["+.031 [+.019, +.044]", "−2.1 [−3.3, −0.8]", "+2.2 [+1.0, +3.5]"]
    assert cells(text, "policy")[1][1:3] == ["−.032 [−.044, −.019]", "−.049"]


def test_every_row_of_the_issue_is_there(make_remedy):
    text = render_remedy(make_remedy(), colour=False)
    for name in make_remedy().costs["strategy"]:
        assert f"\n{strategy_title(name, 'en')}  " in text


def test_policy_and_its_file_are_named(make_remedy):
    text = render_remedy(make_remedy(), colour=False, policy_file="out/policy.json")
    assert (
        "policy: where noise > 3.25: .75 original + .25 bilateral(0.1); else original alone;"
        in text
    )
    assert "out/policy.json" in text
    refused = render_remedy(make_remedy(DO_NOT_USE), colour=False)
    assert "policy that was tried, and is not recommended: where noise > 3.25" in refused
    identity = make_remedy(DO_NOT_USE, identity=True)
    assert "policy.json" not in render_remedy(identity, colour=False, policy_file="out/policy.json")


def test_reasons_of_refusal_are_shown_and_translated(make_remedy):
    english = render_remedy(make_remedy(), colour=False)
    assert "vflip: neither used in training nor declared" in english
    assert "hflip" in english
    chinese = render_remedy(make_remedy(), colour=False, lang="zh")
    assert "vflip：训练中未使用，也未声明" in chinese
    assert "使entropy移动1.4个标准差" in chinese


def test_what_chance_explains_is_grey_and_the_policy_bold(make_remedy):
    text = render_remedy(make_remedy(), colour=True)
    lines = text.splitlines()
    assert any(line.startswith("\x1b[2mtemperature") for line in lines)
    assert any(line.startswith("\x1b[1mpolicy") for line in lines)
    assert not any(line.startswith("\x1b[2mreplace box_blur") for line in lines)
    assert "grey: the interval of the change of NLL holds 0" in text
    off = render_remedy(make_remedy(), colour=False)
    assert "\x1b" not in off
    plain = [x for x in re.sub(r"\x1b\[\d+m", "", text).splitlines() if not x.startswith("grey")]
    assert list(filter(None, plain)) == list(filter(None, off.splitlines()))


def test_whole_reasons_stand_below_with_everything(make_remedy):
    assert "defective is worse where noise is high" not in render_remedy(
        make_remedy(), colour=False
    )
    text = render_remedy(make_remedy(), colour=False, everything=True)
    assert "\nbilateral(0.1): defective is worse where noise is high\n" in text


def test_interventions_are_labelled_and_counted(make_remedy):
    remedy = make_remedy()
    text = render_remedy(remedy, colour=False)
    assert "\nnoise · defective: confirmed: noise lowered" in text
    assert "\nsharpness · all: contradicted: " in text
    assert "\nbrightness · all: not checked (brightness raised)" in text
    rows = remedy.interventions.iloc[[2] * 5]
    few = render_remedy(replace(remedy, interventions=rows), colour=False)
    assert few.count("not checked") == 2
    assert "3 more findings, moved in the same images: --all" in few
    every = render_remedy(replace(remedy, interventions=rows), colour=False, everything=True)
    assert every.count("not checked") == 5


def test_of_many_classes_the_weakest_are_shown(make_remedy):
    remedy = make_remedy(classes=[f"c{k}" for k in range(9)], objective="recall:c0")
    assert shown_classes(remedy, everything=False) == ["c0", "c6", "c7", "c8"]
    assert len(shown_classes(remedy, everything=True)) == 9
    text = render_remedy(remedy, colour=False)
    assert "recall of 4 of 9 classes, the weakest; each class: --all" in text
    assert "recall c3" not in text
    assert "recall c3" in render_remedy(remedy, colour=False, everything=True)


def test_names_cannot_break_the_lines(make_remedy):
    text = render_remedy(make_remedy(**CASES["many classes"]), colour=False)
    assert "class\\n" in text


def test_of_views_that_stand_alone_the_best_are_shown(make_remedy):
    remedy = make_remedy()
    old = "replace box_blur(3)"
    table, costs = remedy.strategies, remedy.costs
    for k in range(5):
        extra = table[table["strategy"] == old].assign(strategy=f"replace gamma({k})")
        extra["value"] = extra["value"] - k / 100
        table = type(table)(np.r_[table.to_numpy(), extra.to_numpy()], columns=table.columns)
        costs = type(costs)(
            np.r_[costs.to_numpy(), [[f"replace gamma({k})", 1.0, 4.0, 1, 1]]],
            columns=costs.columns,
        )
    more = replace(
        remedy,
        strategies=table.astype(remedy.strategies.dtypes),
        costs=costs.astype(remedy.costs.dtypes),
    )
    shown = [n for n in shown_strategies(more, everything=False) if n.startswith("replace")]
    assert shown == ["replace gamma(2)", "replace gamma(3)", "replace gamma(4)"], "lowest NLL"
    assert "3 more rows: --all" in render_remedy(more, colour=False)
    assert len(shown_strategies(more, everything=True)) == 14


def test_candidates_beyond_eight_are_counted(make_remedy):
    remedy = make_remedy()
    many = remedy.candidates.iloc[[1] * 9 + [0]]
    text = render_remedy(replace(remedy, candidates=many), colour=False)
    assert "2 more rows: --all" in text
    first = text[text.index("why considered") :].splitlines()[1]
    assert first.startswith("bilateral(0.1)"), "those with a weight come first"


def test_front_is_shown_with_everything(make_remedy):
    remedy = make_remedy()
    assert "What more recall of defective costs" not in render_remedy(remedy, colour=False)
    text = render_remedy(remedy, colour=False, everything=True)
    assert "What more recall of defective costs in accuracy, in %." in text
    assert re.search(r"^policy +\+\.500 +81\.5 +85\.0 +1$", text, re.MULTILINE)
    assert front_lines(replace(remedy, front=remedy.front[:0]), "en", colour=False) == []


def test_what_is_undefined_is_a_dash(make_remedy):
    remedy = make_remedy()
    table = remedy.strategies.copy()
    gone = (table["strategy"] == "policy") & (table["class"] == "defective")
    table.loc[gone, ["value", "change", "low", "high"]] = np.nan
    costs = remedy.costs.assign(milliseconds=np.nan)
    text = render_remedy(replace(remedy, strategies=table, costs=costs), colour=False, width=130)
    assert cells(text, "policy")[0][-4:] == ["–", ".299", "1.62", "–"]


def test_three_splits_say_how_many_judge(make_remedy):
    text = render_remedy(make_remedy(USE, design="three splits", n=3333), colour=False)
    assert text.startswith("3,333 images · 1,111 of them judge, the others are fitted on · ")


def test_another_language_is_refused(make_remedy):
    with pytest.raises(OptionError, match="lang"):
        render_remedy(make_remedy(), colour=False, lang="fr")
