import pytest

from sensitivity.report.charts import heat_map


def test_points_stand_in_the_fields_and_gaps_stay_empty(example, parse, of_class, words):
    root = parse(heat_map(example("heat_map")))
    assert {"12.3", "0.4", "25.6"} <= set(words(root))
    assert len(of_class(root, "gap")) == 1


@pytest.mark.parametrize(
    ("spread", "level"), [(0, 0), (0.0099, 0), (0.01, 1), (0.02, 2), (0.07, 3), (0.1, 4), (0.9, 5)]
)
def test_shades_follow_the_points(spread, level, example, parse, of_class):
    told = example("heat_map", spread=[[spread, None], [None, None]])
    row = parse(heat_map(told)).find("a")
    assert len(of_class(row, f"level{level}")) == 1


def test_signs_follow_the_strength_not_the_shade(example, parse, of_class):
    root = parse(heat_map(example("heat_map")))
    rows = list(root.iter("a"))
    signs = [[mark.get("class") for mark in row.iter("circle")] for row in rows]
    assert signs == [["real"], ["candidate"]]


def test_a_row_is_one_link_to_its_feature(example, parse):
    root = parse(heat_map(example("heat_map")))
    assert [link.get("href") for link in root.iter("a")] == ["#f0", "#f1"]


def test_signs_are_explained_where_there_are_words(example, parse, words):
    names = {"real": "beyond chance", "candidate": "a hint", "points": "points"}
    assert set(names.values()) <= set(words(parse(heat_map(example("heat_map", names=names)))))


@pytest.mark.parametrize(("n", "turned"), [(2, False), (6, False), (7, True), (40, True)])
def test_many_labels_are_turned_and_inside(n, turned, example, parse, of_class):
    told = example(
        "heat_map",
        classes=[f"c{i}" for i in range(n)],
        features=[{"id": f"f{i}", "title": "sharpness"} for i in range(n)],
        spread=[[0.1] * n] * n,
        strength=[["real"] * n] * n,
    )
    root = parse(heat_map(told))
    heads = of_class(root, "heads")[0]
    assert all((text.get("transform") is not None) == turned for text in heads)
    width, height = float(root.get("width")), float(root.get("height"))
    fields = [box for field in of_class(root, "field") for box in field.iter("rect")]
    assert max(float(box.get("x")) + float(box.get("width")) for box in fields) <= width
    assert max(float(box.get("y")) + float(box.get("height")) for box in fields) <= height
    assert ("wide" in root.get("class")) == (width > 480)


def test_the_largest_one_is_no_burden(example):
    told = example(
        "heat_map",
        classes=[f"class {i}" for i in range(40)],
        features=[{"id": f"f{i}", "title": f"feature {i}"} for i in range(40)],
        spread=[[0.1] * 40] * 40,
        strength=[["real"] * 40] * 40,
    )
    assert len(heat_map(told)) < 500_000
