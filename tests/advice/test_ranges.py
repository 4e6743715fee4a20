"""Which bins are weak."""

from __future__ import annotations

import pytest

from sensitivity.advice.facts import collect
from sensitivity.advice.ranges import weak_ranges, where


def ranges(made, values, *, feature="sharpness", metric="recall", counts=None, **row):
    cells = {(feature, "defect", "recall"): values}
    labels = {feature: tuple("ABCDE"[: len(values)])} if feature == "camera" else None
    given = {"feature": feature, **row}
    analysis = made(given, cells=cells, counts=counts, labels=labels)
    (facts,) = collect(analysis, analysis.trends)
    return weak_ranges(analysis, facts, metric)


def test_bins_that_join_the_worst_one_are_weak(made, rows):
    (weak,) = ranges(made, [0.5, 0.6, 0.8, 0.9, 0.95], **rows["real"])
    assert weak.labels == ("0%-20%", "20%-40%")
    assert (weak.low, weak.high, weak.better) == (None, 20.0, "up")
    assert (weak.n, weak.value, weak.best) == (142, pytest.approx(0.55), 0.95)
    assert weak.gap == pytest.approx(0.4)


def test_high_end_is_open_above(made, rows):
    (weak,) = ranges(made, [0.95, 0.9, 0.9, 0.85, 0.5], **rows["real"])
    assert (weak.low, weak.high, weak.better) == (62.5, None, "down")


def test_low_bin_on_its_own_is_not_joined_to_a_trend(made, rows):
    (weak,) = ranges(made, [0.5, 0.9, 0.9, 0.65, 0.95], **rows["real"])
    assert weak.labels == ("0%-20%",)


def test_bend_has_two_weak_ends_with_two_directions(made, rows):
    weak = ranges(made, [0.5, 0.9, 0.95, 0.9, 0.6], **{**rows["real"], "shape": "middle best"})
    assert [part.better for part in weak] == ["up", "down"]


def test_bins_with_few_images_are_no_ground(made, rows):
    counts = {("sharpness", "defect"): [5, 70, 70, 70, 70]}
    (weak,) = ranges(made, [0.1, 0.6, 0.8, 0.9, 0.95], counts=counts, **rows["real"])
    assert weak.labels == ("20%-40%",)


@pytest.mark.parametrize("values", [[0.8] * 5])
def test_bins_that_are_alike_have_no_weak_range(made, rows, values):
    assert ranges(made, values, **rows["real"]) == ()


def test_category_counts_where_its_interval_says_so(made, rows):
    row = {**rows["real"], "shape": "categories"}
    (weak,) = ranges(made, [0.9, 0.9, 0.5, 0.9, 0.69], feature="camera", **row)
    assert weak.labels == ("C",)  # E: .59 to .79 holds the mean
    assert (weak.better, where("camera", weak, "en")) == ("", "camera = C")


def test_edges_are_written_as_conditions(made, rows):
    (weak,) = ranges(made, [0.9, 0.5, 0.95, 0.95, 0.95], **rows["real"])
    assert where("clarity", weak, "en") == "12.3 < clarity ≤ 20"
