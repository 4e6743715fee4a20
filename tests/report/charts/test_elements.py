import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensitivity.report.charts.elements import cut, element, label, number, svg, text_width


@given(text=st.text())
def test_any_text_makes_whole_markup(text, parse):
    told = {"title": text, "desc": text}
    root = parse(svg(told, "trend", (480, 100), [label(text, 1, 2, width=50)]))
    assert (root.find("title").text or "").count("<") == text.count("<")


@given(text=st.text(), width=st.floats(30, 200))
def test_a_cut_text_fits(text, width):
    assert text_width(cut(text, width)) <= width


def test_a_long_text_is_cut_without_delay():
    assert len(cut("a" * 1_000_000, 60)) < 12


def test_half_an_emoji_is_not_left():
    assert cut("👩\u200d🔧👩\u200d🔧👩\u200d🔧👩\u200d🔧", 60).endswith(("👩…", "🔧…"))


@pytest.mark.parametrize(
    ("value", "told"), [(0.04, "0"), (-0.04, "0"), (1.25, "1.2"), (-3.0, "-3"), (True, "1")]
)
def test_coordinates_are_short(value, told):
    assert number(value) == told


def test_attributes_are_escaped():
    drawn = element("a", {"href": '#"><script>'})
    assert drawn == '<a href="#&#34;&gt;&lt;script&gt;"/>'


def test_what_is_no_markup_is_escaped():
    assert element("text", {}, "a & b") == "<text>a &amp; b</text>"
