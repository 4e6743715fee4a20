from itertools import pairwise

import pytest

from sensitivity.report.charts import trend

NAMES = {
    "value": "F1",
    "star": "at an equal class mix",
    "band": "what chance and class mix alone give",
    "n": "n",
    "mean": "all bins",
    "low_support": "fewer than 10 images",
}


def example(**changed):
    told = {
        "title": "F1 of defect over the bins of sharpness, with 95 % intervals",
        "desc": "F1 falls from 94 % to 71 % as sharpness grows.",
        "bins": ["0%-20%", "20%-40%", "40%-60%", "60%-80%", "80%-100%"],
        "ranges": ["< 12.3", "12.3–45.6", "45.6–78.9", "78.9–123", "≥ 123"],
        "value": [0.94, 0.91, None, 0.8, 0.71],
        "low": [0.9, 0.86, None, 0.74, 0.6],
        "high": [0.97, 0.95, None, 0.86, 0.8],
        "star": [0.93, 0.92, None, 0.82, 0.74],
        "band": [[0.8, 0.9], [0.81, 0.9], None, [0.8, 0.9], [0.79, 0.91]],
        "n_bin": [525, 525, 7, 1234, 7],
        "low_support": [False, False, True, False, True],
        "mean": 0.85,
        "names": NAMES,
        "no_data": "no data",
    }
    return told | changed


def heights(nodes):
    return [float(node.get("cy")) for node in nodes]


def test_a_higher_value_stands_higher_and_a_gap_draws_nothing(parse, of_class):
    bins = of_class(parse(trend(example())), "bin")
    assert [node.get("data-bin") for node in bins] == ["0", "1", "2", "3", "4"]
    marks = [[c for c in node if c.tag == "circle"] for node in bins]
    assert [len(found) for found in marks] == [1, 1, 0, 1, 1]
    y = heights([found[0] for found in marks if found])
    assert y == sorted(y)
    assert y[2] - y[1] == pytest.approx((0.91 - 0.8) / 0.09 * (y[3] - y[2]), abs=0.3)


def test_the_line_is_broken_at_a_gap(parse, of_class):
    line, *_ = of_class(parse(trend(example())), "line", "value", tag="path")[1:]
    assert line.get("d").count("M") == 2


def line_of(root, of_class, name="value"):
    """Places of the line's points, left to right; the first element is that of the legend."""
    (line,) = of_class(root, "line", name, tag="path")[1:]
    return [point.split() for run in line.get("d").split("M")[1:] for point in run.split("L")]


def test_a_line_goes_on_without_bins_that_hold_no_image(parse, of_class):
    told = example(value=[0.94, 0.91, 0, 0.8, 0.71], star=[0.9] * 5, n_bin=[525, 525, 0, 1234, 70])
    root = parse(trend(told))
    for name in ("value", "star"):
        assert len(line_of(root, of_class, name)) == 4
    (line,) = of_class(root, "line", "value", tag="path")[1:]
    assert line.get("d").count("M") == 1
    # The 0 is there, as a mark of its own.
    assert of_class(of_class(root, "bin")[2], "few", tag="circle")


def middles(root, of_class):
    return [float(hit.get("x")) + float(hit.get("width")) / 2 for hit in of_class(root, "hit")]


def test_the_missing_bin_stands_apart(parse, of_class):
    value = [0.94, 0.91, 0.85, 0.8, 0.71]
    joined = parse(trend(example(value=value, star=value)))
    apart = parse(trend(example(value=value, star=value, apart=True)))
    assert len(line_of(joined, of_class)) == 5
    assert len(line_of(apart, of_class)) == len(line_of(apart, of_class, "star")) == 4
    x = middles(apart, of_class)
    steps = [b - a for a, b in pairwise(x)]
    assert steps[3] == pytest.approx(1.5 * steps[0], abs=0.2)
    assert float(line_of(apart, of_class)[-1][0]) == pytest.approx(x[3], abs=0.2)


def test_intervals_of_few_images_are_cut_at_the_frame(parse, of_class, words):
    told = example(
        value=[0.94, 0.91, 0.9, 0.92, 0.95],
        low=[0.9, 0.86, 0.85, 0.88, 0.05],
        high=[0.97, 0.95, 0.94, 0.95, 0.99],
        star=[None] * 5,
        band=[None] * 4 + [[0.1, 1]],
        low_support=[False] * 4 + [True],
        mean=None,
    )
    root = parse(trend(told))
    assert "0%" not in words(root)
    assert "75%" not in words(root)
    band = of_class(root, "band")[-1].get("d")
    grid = of_class(root, "grid")[0].get("d")
    lowest = max(float(run.split()[1].split("h")[0]) for run in grid.split("M")[1:])
    cut = of_class(root, "whisker", "few")[0].get("d")
    # No bar at the end that is cut, one at the other.
    assert cut.count("h8") == 1
    assert float(cut.split("V")[0].split()[1]) == pytest.approx(lowest, abs=0.2)
    top, height = float(band.split()[1].split("h")[0]), float(band.split("v")[1].split("h")[0])
    assert top + height == pytest.approx(lowest, abs=0.3)
    # Where all have few, theirs is the range.
    every = parse(trend(told | {"low_support": [True] * 5}))
    assert "0%" in words(every)


def test_few_images_look_different(parse, of_class):
    bins = of_class(parse(trend(example())), "bin")
    assert [bool(of_class(node, "few", tag="circle")) for node in bins] == [0, 0, 0, 0, 1]
    assert [bool(of_class(node, "value", tag="circle")) for node in bins] == [1, 1, 0, 1, 0]


def test_the_axis_is_in_per_cent_around_the_data(parse, words):
    shown = [word for word in words(parse(trend(example()))) if word.endswith("%")]
    assert shown[:3] == ["70%", "80%", "90%"]
    assert "0%" not in shown


def test_nothing_leaves_the_picture(parse, of_class):
    told = example(value=[1, 0, 0.5, 1, 0], low=[0.9, 0, 0.3, 1, 0], high=[1, 0.2, 0.8, 1, 0.1])
    root = parse(trend(told))
    _, _, width, height = map(float, root.get("viewBox").split())
    for hit in of_class(root, "hit"):
        x, y, w, h = (float(hit.get(key)) for key in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
    for mark in root.iter("circle"):
        assert 4 <= float(mark.get("cy")) <= height - 37


def test_the_pointer_is_told_value_interval_and_n(parse, of_class):
    first = of_class(parse(trend(example())), "bin")[0]
    assert first.find("title").text == "0%-20% (< 12.3): 94.0% [90.0%, 97.0%], n 525"


def test_the_legend_names_only_what_is_there(parse, words):
    bare = example(star=[None] * 5, band=[None] * 5, mean=float("nan"), low_support=[False] * 5)
    shown = words(parse(trend(bare)))
    assert NAMES["value"] in shown
    assert not {NAMES["star"], NAMES["band"], NAMES["mean"]} & set(shown)


def test_a_band_is_one_step_per_bin(parse, of_class):
    band = of_class(parse(trend(example())), "band")[-1]
    assert band.get("d").count("z") == 4


def test_it_is_small():
    assert len(trend(example()).encode()) <= 4096


def test_without_a_value_it_says_so(parse, words):
    nothing = example(value=[None, float("nan"), None, None, None])
    assert words(parse(trend(nothing))) == ["no data"]


def test_names_from_the_outside_stay_text(parse, words, hostile):
    told = example(title=hostile, bins=[hostile] * 5, names=NAMES | {"value": hostile})
    root = parse(trend(told))
    assert root.find("title").text.startswith('<script>alert("1")</script>')
    assert "\x00" not in trend(told)
    assert all(len(word) < 80 for word in words(root))


@pytest.mark.parametrize("n", [1, 8, 25, 60])
def test_any_number_of_bins_finds_room(n, parse, of_class):
    told = example(
        bins=["קטגוריה ארוכה מאוד"] * n,
        ranges=[""] * n,
        low_support=[False] * n,
        n_bin=[12345] * n,
        band=[None] * n,
        **{key: [0.5] * n for key in ("value", "low", "high", "star")},
    )
    root = parse(trend(told))
    assert len(of_class(root, "bin")) == n
    assert all(float(hit.get("width")) >= 18 for hit in of_class(root, "hit"))
