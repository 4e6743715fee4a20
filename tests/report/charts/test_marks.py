import re

import pytest

from sensitivity.report.charts.marks import (
    Key,
    broken_line,
    dashes,
    diamond,
    dot,
    legend,
    shades,
    square,
    triangle,
)


@pytest.mark.parametrize("points", [[], [None], [(1, 1)], [None, (1, 1), None]])
def test_what_is_no_line_is_not_drawn(points):
    assert broken_line(points, "line") == ""


def test_shapes_differ():
    shapes = {str(mark(10, 10, "a")) for mark in (dot, diamond, square, triangle)}
    assert len(shapes) == 4


def test_a_legend_breaks_its_lines():
    keys = [Key("a rather long word", dashes("mean"))] * 4
    drawn, height = legend(keys, 40, 400)
    x = [float(value) for value in re.findall(r'<text x="([\d.]+)"', drawn)]
    assert height == 38
    assert len(set(x)) == 2
    assert max(x) < 400


def test_a_word_too_long_for_a_line_is_cut():
    drawn, height = legend([Key("y" * 500, dashes("mean"))], 40, 400)
    assert height == 19
    assert "…" in drawn


def test_shades_count_up():
    drawn, end = shades(["0", "1", "2"], 0, 20)
    assert [int(level) for level in re.findall(r"level(\d)", drawn)] == [0, 1, 2]
    assert end > 60
