import pytest

from sensitivity.report.charts.axes import Columns, bottom_axis, column_labels, columns
from sensitivity.report.charts.scales import Scale


@pytest.mark.parametrize("n", [1, 5, 20, 200])
def test_columns_are_never_too_narrow(n):
    assert columns(n).width >= 18


def test_labels_that_fit_lie_flat():
    drawn, _ = column_labels(Columns(0, 400, 4), ["a", "b", "c", "d"], [1, 2, 3, 4], 100)
    assert all("rotate" not in text for text in drawn)
    assert "1</text>" in drawn[0]


def test_long_labels_are_turned_where_columns_are_narrow_and_keep_their_counts():
    drawn, room = column_labels(Columns(0, 400, 12), ["a long category"] * 12, [1234] * 12, 100)
    assert all("rotate" in text and "· 1,234" in text for text in drawn)
    assert room > 60


def test_long_labels_are_cut_where_columns_are_wide():
    drawn, _ = column_labels(Columns(0, 400, 4), ["a very long category"] * 4, None, 100)
    assert all("…" in text and "a very long category" in text for text in drawn)


def test_numbers_that_would_touch_are_left_out():
    scale = Scale(0, 10, 0, 60)
    drawn = bottom_axis(scale, [(value, f"{value:,}") for value in range(11)], 0, 10)
    assert 2 <= drawn.count("<text") <= 5
    assert drawn.count("V10") == 11
