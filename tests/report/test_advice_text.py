"""Recommendations as text."""

from __future__ import annotations

import pytest

from sensitivity import analyse
from sensitivity.report.advice_text import advice_summary, render_advice
from sensitivity.report.columns import display_width
from sensitivity.synthetic import Trend, plant


@pytest.fixture(scope="module")
def analysis():
    made = plant(2000, recall=(0.9, Trend(0.5, 0.95)), prevalence=(0.75, 0.25))
    return analyse(
        made.pred_list,
        made.label_list,
        made.name_list,
        columns=made.columns,
        label_map_dict=["normal", "de\x1bfect"],
        features=(),
        save_path=None,
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [60, 100])
def test_lines_fit(analysis, lang, width):
    text = render_advice(
        advice_summary(analysis, lang=lang), colour=False, everything=True, width=width
    )
    assert max(map(display_width, text.splitlines())) <= width
    assert "\x1b" not in text


def test_advice_has_its_evidence_and_its_steps(analysis):
    text = render_advice(advice_summary(analysis), colour=False)
    head = text.index("S102 Only a rare class loses recall along an image feature (high)")
    assert head < text.index("→ training") < text.index("→ at test time") < text.index("→ data")
    assert "Passed: S101" in text
    assert "No image feature costs" not in text


def test_all_gives_the_reasons(analysis):
    text = render_advice(advice_summary(analysis), colour=False, everything=True)
    assert "No image feature costs all classes recall" in text
    assert "For detection; this is classification." in text
    assert "--all" not in text


def test_nothing_found_is_said():
    made = plant(1000)
    null = analyse(made.pred_list, made.label_list, made.name_list, features=(), save_path=None)
    text = render_advice(advice_summary(null), colour=False)
    assert "Nothing to recommend" in text
    assert "Nothing was tested" in text


def test_colour_is_only_style(analysis):
    import re

    found = advice_summary(analysis)
    plain, styled = (render_advice(found, colour=colour) for colour in (False, True))
    assert re.sub(r"\x1b\[\d*m", "", styled) == plain != styled
