import re

import pytest

from sensitivity.report.charts import changes


def ends(row, of_class):
    start, _, end = re.findall(r"M([\d.]+)", of_class(row, "whisker")[0].get("d"))
    return float(start), float(end)


def zero(root, of_class):
    return float(of_class(root, "zero")[0].get("d")[1:].split()[0])


def test_gains_stand_to_the_right_of_zero_and_losses_to_the_left(example, parse, of_class):
    root = parse(changes(example("changes")))
    good, bad, _, _ = of_class(root, "row")
    assert min(ends(good, of_class)) > zero(root, of_class) > max(ends(bad, of_class))


def test_intervals_are_as_long_as_they_are_wide(example, parse, of_class):
    root = parse(changes(example("changes")))
    rows = of_class(root, "row")
    (a, b), (c, d) = ends(rows[0], of_class), ends(rows[1], of_class)
    assert (b - a) / (d - c) == pytest.approx(1.8 / 2, abs=0.01)


def test_kinds_differ_by_shape(example, parse, of_class):
    shapes = [
        (mark.tag, (mark.get("d") or "").count("L"))
        for mark in of_class(parse(changes(example("changes"))), "mark")
    ]
    assert shapes == [("path", 2), ("path", 2), ("circle", 0), ("path", 0)]
    up, down = (of_class(parse(changes(example("changes"))), "mark")[i].get("d") for i in (0, 1))
    tip, base = (float(value) for value in re.findall(r" ([\d.]+)", up)[:2])
    assert tip < base
    tip, base = (float(value) for value in re.findall(r" ([\d.]+)", down)[:2])
    assert tip > base


def test_numbers_are_written_beside(example, parse, words):
    shown = words(parse(changes(example("changes"))))
    assert {"+1.2 [0.3, 2.1]", "−2.0 [−3.0, −1.0]", "0.0", "n 9"} <= set(shown)


def test_a_row_without_a_number_stays(example, parse, of_class, words):
    rows = example("changes")["rows"]
    rows[0] |= {"value": None, "low": None, "high": float("nan")}
    root = parse(changes(example("changes", rows=rows)))
    assert len(of_class(root, "row")) == 4
    assert "–" in words(root)
    assert len(of_class(root, "mark")) == 3


def test_no_change_at_all_is_drawn(example, parse, of_class):
    row = {"name": "a", "value": 0.0, "low": 0.0, "high": 0.0, "note": "", "kind": "neutral"}
    root = parse(changes(example("changes", rows=[row])))
    assert float(of_class(root, "mark")[0].get("cx")) == zero(root, of_class)
