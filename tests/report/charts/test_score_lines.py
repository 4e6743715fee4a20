import re

import numpy as np
import pytest

from sensitivity.report.charts import curves


def places(path):
    return [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) ([\d.]+)", path.get("d"))]


def test_points_stand_at_their_values(example, parse, of_class):
    line = of_class(parse(curves(example("curves"))), "curve", "c1")[-1]
    (x0, y0), (x1, y1), (x2, y2) = places(line)
    assert (x1 - x0) / (x2 - x0) == pytest.approx(0.2, abs=0.001)
    assert (y0 - y1) / (y0 - y2) == pytest.approx(0.9, abs=0.001)
    assert y2 < y0


def test_a_line_is_broken_at_a_gap(example, parse, of_class):
    second = of_class(parse(curves(example("curves"))), "curve", "c2")[-1]
    assert len(places(second)) == 2


def test_lines_differ_by_dashes_too(example, parse, of_class):
    line = example("curves")["lines"][0]
    root = parse(curves(example("curves", lines=[line] * 9)))
    looks = {node.get("class") for node in of_class(root, "curve")}
    assert looks == {f"curve c{i} dash{i}" for i in range(1, 9)}


def test_notes_stand_in_the_legend(example, parse, words):
    assert {"ok · AUC 0.85", "defect"} <= set(words(parse(curves(example("curves")))))


@pytest.mark.parametrize("diagonal", [True, False])
def test_the_line_of_no_knowledge_is_drawn_on_demand(diagonal, example, parse, of_class):
    root = parse(curves(example("curves", diagonal=diagonal)))
    assert len(of_class(root, "mean")) == diagonal


def test_thousands_of_points_are_thinned_and_keep_their_ends(example, parse, of_class):
    x = np.linspace(0, 1, 20_000)
    lines = [{"name": "a", "x": x.tolist(), "y": np.sqrt(x).tolist(), "note": ""}]
    drawn = curves(example("curves", lines=lines))
    assert len(drawn) < 12_000
    kept = places(of_class(parse(drawn), "curve")[-1])
    assert kept[0][1] - kept[-1][1] == pytest.approx(300, abs=0.1)
