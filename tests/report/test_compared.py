"""A comparison as text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sensitivity.comparison import compare
from sensitivity.errors import InputError
from sensitivity.report.columns import display_width
from sensitivity.report.compared import p_text, render_changes, render_comparison, signed


@pytest.fixture(scope="module")
def comparison(make_analysis):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 800)
    blur = rng.random(800)
    wrong = rng.random(800) < 0.05 + 0.4 * blur
    mended = wrong & (rng.random(800) < 0.7)
    columns = {"blur": blur, "camera": rng.choice(["a", "屋顶", "c"], 800), "hour": rng.random(800)}
    a, b = (
        make_analysis(np.where(x, 1 - y, y), y, columns=columns, classes=("normal", "defect\n"))
        for x in (wrong, wrong & ~mended)
    )
    return compare(a, b)


def many_classes(make_analysis, n_classes: int = 9):
    y = np.arange(900) % n_classes
    called = [np.where(np.arange(900) % k == 0, (y + 1) % n_classes, y) for k in (5, 9)]
    classes = [f"class {c}" for c in range(n_classes)]
    return compare(
        *(make_analysis(x, y, classes=classes, columns={"dose": np.arange(900)}) for x in called)
    )


def test_whole_set_comes_first(comparison):
    lines = render_comparison(comparison, colour=False).splitlines()
    row = comparison.overall.iloc[0]
    assert lines[0].startswith("800 images in both results · 2 classes · accuracy .")
    assert f"{signed(row['change'])} [{signed(row['low'])} to {signed(row['high'])}]" in lines[0]
    assert sum(line.startswith(("normal", "defect\\n")) for line in lines[:12]) == 4


def test_trend_is_said_in_words(comparison):
    text = render_comparison(comparison, colour=False)
    blur = next(line for line in text.splitlines() if line.startswith("blur     all"))
    assert "rises" in blur
    assert "<.001" in blur
    assert "No evidence" not in text


def test_rows_that_chance_explains_are_grey(comparison):
    text = render_comparison(comparison, colour=True, rows=None)
    grey = [line for line in text.splitlines() if line.startswith("\x1b[2m")]
    assert any("hour" in line for line in grey)
    assert not any("<.001" in line for line in grey)


def test_where_all_classes_have_a_trend_it_is_said_to_be_within_them(comparison):
    found = comparison.trends
    assert (found.loc[found["class"] == "all", "q"] <= 0.1).any()
    text = " ".join(render_comparison(comparison, colour=False).split())
    assert "The trend is within the true class, the ranges are as they are" in text
    # Alone, a class's recall is within the class anyway.
    alone = found[found["class"] != "all"]
    text = render_comparison(replace(comparison, trends=alone), colour=False)
    assert "within the true class" not in text


def test_without_a_trend_it_says_so(make_analysis):
    y = np.arange(400) % 2
    wrong = np.arange(400) % 5 == 0
    columns = {"hour": np.random.default_rng(1).random(400)}
    a, b = (
        make_analysis(np.where(x, 1 - y, y), y, columns=columns) for x in (wrong, ~wrong & wrong)
    )
    text = render_comparison(compare(a, b), colour=False)
    assert "No evidence that the change depends on any feature." in text
    same = render_comparison(compare(a, a), colour=False)
    assert "3 rows not tested: fewer than 10 images on which the two differ" in same


@pytest.mark.parametrize("width", [100, 120])
def test_lines_fit(comparison, width: int):
    for text in (
        render_comparison(comparison, colour=False, rows=None, width=width),
        render_changes(comparison, "camera", colour=False, everything=True, width=width),
    ):
        assert max(map(display_width, text.splitlines())) <= width


def test_ranges_of_a_feature(comparison):
    lines = render_changes(comparison, "blur", colour=False).splitlines()
    assert lines[0] == "blur"
    assert sum(line.startswith("80–100%") for line in lines) == 3
    assert not any("F1" in line for line in lines)
    everything = render_changes(comparison, "blur", colour=False, everything=True)
    assert everything.count("F1") == 10
    assert "屋顶" in render_changes(comparison, "camera", colour=False)
    with pytest.raises(InputError, match="feature noise: expected one of blur, camera, hour"):
        render_changes(comparison, "noise", colour=False)


def test_many_classes_are_shown_on_demand(make_analysis):
    found = many_classes(make_analysis)
    short = render_comparison(found, colour=False)
    assert "class 3  recall" not in short
    assert "9 classes one by one: --all" in short
    assert "class 3  recall" in render_comparison(found, colour=False, rows=None)
    assert "class 3" not in render_changes(found, "dose", colour=False)
    assert "class 3" in render_changes(found, "dose", colour=False, everything=True)


def test_more_rows_are_counted(comparison):
    text = render_comparison(comparison, colour=False, rows=2)
    assert "7 more rows: --all" in text


def test_no_feature_leaves_the_whole_set(make_analysis):
    a = make_analysis([0, 1, 1], [0, 1, 0])
    text = render_comparison(compare(a, a), colour=False)
    assert "range" not in text
    assert len(text.splitlines()) == 11


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "+1.0"), (-1.0, "−1.0"), (-0.004, ".00"), (np.nan, "–"), (0.5, "+.50")],
)
def test_signed(value: float, text: str):
    assert signed(value) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0, "<.001"), (0.0009, "<.001"), (0.001, ".001"), (0.9999, "1"), (np.nan, "–")],
)
def test_p_text(p: float, text: str):
    assert p_text(p) == text
