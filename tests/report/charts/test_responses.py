import pytest

from sensitivity.report.charts import response


def test_marks_stand_at_their_values(example, parse, of_class):
    curve = of_class(parse(response(example("response"))), "observed-curve")[0]
    first, last = of_class(curve, "observed", tag="circle")
    assert float(first.get("cx")) < float(last.get("cx"))
    assert float(first.get("cy")) < float(last.get("cy"))


def test_the_two_curves_differ_by_shape(example, parse, of_class):
    root = parse(response(example("response")))
    moved = of_class(root, "moved-curve")[0]
    assert not list(moved.iter("circle"))
    assert len(of_class(moved, "moved", tag="path")) == 4


def test_intervals_are_drawn_where_there_are_any(example, parse, of_class):
    root = parse(response(example("response")))
    assert len(of_class(root, "whisker", "observed")) == 2
    assert not of_class(root, "whisker", "moved")


def test_one_curve_alone_is_drawn_and_named_alone(example, parse, words):
    nothing = {"x": [1.0], "y": [None], "low": [None], "high": [None]}
    shown = words(parse(response(example("response", observed=nothing))))
    assert "moved" in shown
    assert "as observed" not in shown


def test_a_single_place_is_no_error(example, parse, of_class):
    point = {"x": [3], "y": [0.5], "low": [0.4], "high": [0.6]}
    root = parse(response(example("response", observed=point, moved=point)))
    x = float(of_class(root, "observed", tag="circle")[-1].get("cx"))
    assert x == pytest.approx(258, abs=5)
