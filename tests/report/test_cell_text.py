import pytest

from sensitivity.report.cell_text import (
    finding_lines,
    interval,
    proportion,
    spread_text,
    std_text,
)
from sensitivity.report.columns import display_width


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, ".00"), (0.995, ".99"), (0.9951, "1.0"), (0.126, ".13"), (None, "–")]
)
def test_proportions_take_three_characters(value, text):
    assert proportion(value) == text


def test_what_is_unknown_is_a_dash():
    assert interval({"value": None, "low": None, "high": None}) == "–"
    assert std_text(None, 0.01) == "– (.010)"


@pytest.mark.parametrize("strength", ["real", "candidate"])
def test_a_bound_is_shown_of_rows_that_are_worth_it(strength):
    given = {"spread": 0.085, "spread_low": 0.0, "strength": strength}
    assert spread_text(given) == ".085 (.000)"
    assert spread_text(given | {"strength": "none"}) == ".085"
    assert spread_text(given | {"spread_low": None}) == ".085"


def test_a_label_is_bold_and_changes_nothing_else():
    plain = finding_lines("noise · ok", "word " * 40, 40, colour=False)
    bold = finding_lines("noise · ok", "word " * 40, 40, colour=True)
    assert bold[0] == f"\x1b[1mnoise · ok:\x1b[0m{plain[0].removeprefix('noise · ok:')}"
    assert bold[1:] == plain[1:]
    assert max(map(display_width, plain)) <= 40


def test_control_characters_do_not_reach_the_terminal():
    lines = finding_lines("a\x1b[2J", "b\rc", 40, colour=False)
    assert lines == ["a\\x1b[2J: b\\rc"]
