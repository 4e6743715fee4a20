import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensitivity.report.columns import (
    Cell,
    clean,
    display_width,
    fitted,
    render_columns,
    shortened,
    table_width,
    wrapped,
)

WORDS = st.text(st.sampled_from("aé缺陷Ｆ–…1 "), max_size=12)


@given(WORDS, WORDS)
def test_width_adds_up(first, second):
    assert display_width(first + second) == display_width(first) + display_width(second)


def test_wide_forms_take_two_columns_and_accents_none():
    assert [display_width(char) for char in ("a", "缺", "Ｆ", "–", "\u0301")] == [1, 2, 2, 1, 0]


@given(WORDS, st.integers(1, 12))
def test_shortened_texts_fit(text, width):
    found = shortened(text, width)
    assert display_width(found) <= width
    assert found == text or found.endswith("…")


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6))
def test_columns_begin_at_one_place(pairs):
    rows = [[Cell(left), Cell("|" + right)] for left, right in pairs]
    places = {
        display_width(line[: line.index("|")])
        for line in render_columns(rows, right=[], colour=False)
        if "|" not in line[: line.index("|")]
    }
    assert len(places) == 1


def test_styles_take_no_room():
    rows = [[Cell("缺陷", "bold"), Cell("1", "dim")], [Cell("a"), Cell("22")]]
    plain = render_columns(rows, right=[1], colour=False)
    coloured = render_columns(rows, right=[1], colour=True)
    stripped = [
        line.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")
        for line in coloured
    ]
    assert stripped == plain == ["缺陷   1", "a     22"]
    assert coloured != plain


def test_a_table_that_fits_is_left_alone():
    rows = [[Cell("monocrystalline"), Cell("1")]]
    assert fitted(rows, elastic=[0], width=18) == rows


def test_the_widest_elastic_column_is_cut_first():
    rows = [[Cell("x" * 20), Cell("y" * 10), Cell("z" * 20)]]
    found = fitted(rows, elastic=[0, 1], width=44)
    assert [display_width(cell.text) for cell in found[0]] == [10, 10, 20]
    assert table_width(found) == 44


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[31mred", "back\x08", "‮reversed", "a\tb"])
def test_control_characters_do_nothing(text):
    assert clean(text).isprintable()
    assert clean(text) != text


def test_other_languages_stay_as_they_are():
    assert clean("有瑕疵 Ünïcode") == "有瑕疵 Ünïcode"


SENTENCES = st.text(st.sampled_from("aé缺陷Ｆ–…1 ，。（）%="), max_size=60)


@given(SENTENCES, st.integers(4, 30), st.sampled_from(["", "  "]))
def test_wrapped_lines_fit_and_lose_nothing(text, width, indent):
    lines = wrapped(text, width, indent=indent)
    assert max(map(display_width, lines)) <= width
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(line.startswith(indent) for line in lines[1:])


def test_wrapped_keeps_numbers_with_their_signs():
    for width in range(12, 40):
        for line in wrapped("about 58 % of them (q = 0.003; 95 % interval)", width):
            assert not line.startswith(("%", "=", "0.003"))
            assert not line.endswith(("58", "q", "="))


def test_wrapped_keeps_punctuation_off_the_ends():
    for width in range(8, 40):
        for line in wrapped("召回率下降（区间较宽），并非偶然；尚未验证。", width):
            assert line[0] not in "，。；：）"
            assert line[-1] != "（"


def test_nothing_is_one_empty_line():
    assert wrapped("", 10) == [""]
