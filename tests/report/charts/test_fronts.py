import re
from itertools import combinations

import pytest

from sensitivity.report.charts import pareto
from sensitivity.report.charts.elements import text_width


def marks(root, of_class):
    return {node.find("title").text.split(":")[0]: node for node in of_class(root, "point")}


def test_marks_stand_at_their_values(example, parse, of_class):
    root = parse(pareto(example("pareto")))
    circles = {name: node.find("circle") for name, node in marks(root, of_class).items()}
    assert float(circles["no view"].get("cx")) > float(circles["all"].get("cx"))
    assert float(circles["no view"].get("cy")) > float(circles["all"].get("cy"))


def test_the_chosen_one_has_a_shape_and_a_name(example, parse, of_class, words):
    root = parse(pareto(example("pareto")))
    assert marks(root, of_class)["flip"].find("path") is not None
    assert [node.text for node in of_class(root, "name", "chosen")] == ["flip"]
    assert "blur" not in words(root)


def test_steps_stay_below_the_front_where_one_costs_the_other(example, parse, of_class):
    """All first: down to the recall of the next, then on to its accuracy."""
    d = of_class(parse(pareto(example("pareto"))), "front-line")[0].get("d")
    assert re.fullmatch(r"M[\d.]+ [\d.]+(V[\d.]+H[\d.]+){2}", d)


def test_steps_rise_at_the_price_of_the_next_where_both_grow(example, parse, of_class):
    points = [
        {"name": name, "x": x, "y": y, "kind": "front"}
        for name, x, y in [("1 view", 1, 0.8), ("8 views", 8, 0.85), ("2 views", 2, 0.82)]
    ]
    d = of_class(parse(pareto(example("pareto", points=points))), "front-line")[0].get("d")
    assert re.fullmatch(r"M[\d.]+ [\d.]+(H[\d.]+V[\d.]+){2}", d)
    x = [float(value) for value in re.findall(r"H([\d.]+)", d)]
    assert x == sorted(x)


def test_a_point_without_a_number_is_left_out(example, parse, of_class):
    points = example("pareto")["points"]
    points[0]["y"] = float("nan")
    root = parse(pareto(example("pareto", points=points)))
    assert set(marks(root, of_class)) == {"flip", "all", "blur"}


def test_names_do_not_cover_one_another(example, parse, of_class):
    points = [
        {"name": f"strategy {i}", "x": 0.9 + i / 1e4, "y": 0.8 - i / 1e4, "kind": "front"}
        for i in range(9)
    ]
    points.append({"name": "kept", "x": 0.5, "y": 0.9, "kind": "chosen"})
    root = parse(pareto(example("pareto", points=points)))
    texts = of_class(root, "name", tag="text")
    assert "kept" in [text.text for text in texts]
    places = [(float(text.get("x")), float(text.get("y")), text_width(text.text)) for text in texts]
    for (x, y, width), (other_x, other_y, other) in combinations(places, 2):
        assert abs(y - other_y) >= 13 or x + width <= other_x or other_x + other <= x


@pytest.mark.parametrize(("percent", "tick"), [(True, "90%"), (False, "0.90")])
def test_numbers_are_written_as_asked(percent, tick, example, parse, words):
    assert tick in words(parse(pareto(example("pareto", percent=percent))))


def test_one_point_is_no_error(example, parse, of_class):
    points = [{"name": "only", "x": 0.9, "y": 0.9, "kind": "chosen"}]
    root = parse(pareto(example("pareto", points=points)))
    assert not of_class(root, "front-line")
    assert len(of_class(root, "point")) == 1
