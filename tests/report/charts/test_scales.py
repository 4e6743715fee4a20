import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensitivity.report.charts.scales import (
    Scale,
    named_ticks,
    percent,
    plain_number,
    ticks,
    zoomed,
)

numbers = st.floats(-1e6, 1e6)


@given(numbers, st.floats(1e-3, 1e6))
def test_ticks_are_few_ascending_and_inside(low, width):
    found = ticks(low, low + width)
    assert 1 <= len(found) <= 6
    assert found == sorted(set(found))
    assert all(low - 1e-6 * width <= tick <= low + width * (1 + 1e-6) for tick in found)


@given(st.lists(st.floats(0, 1), min_size=1))
def test_a_zoomed_range_holds_all_values(values):
    low, high = zoomed(values, least=0.1, limits=(0, 1))
    assert 0 <= low <= min(values) <= max(values) <= high <= 1
    assert high - low >= 0.05


@given(st.lists(st.floats(-1e3, 1e3), min_size=1))
def test_a_zoomed_range_ends_at_ticks(values):
    low, high = zoomed(values, least=0.1)
    found = ticks(low, high)
    assert (found[0], found[-1]) == pytest.approx((low, high), abs=1e-6)


@given(numbers, numbers)
def test_a_scale_keeps_order(a, b):
    up = Scale(-1e6, 1e6, 300, 0)
    assert (up(a) <= up(b)) == (a >= b) or abs(a - b) < 1e-6


@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e6))
def test_ticks_are_told_apart(low, width):
    names = [name for _, name in named_ticks(low, low + width)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("value", "step", "told"),
    [(0.5, 0.25, "0.50"), (-0.0, 1, "0"), (-3, 1, "−3"), (12, 2.5, "12.0"), (1e-9, 1e-9, "1e−09")],
)
def test_numbers_have_the_decimals_of_their_step(value, step, told):
    assert plain_number(value, step) == told


def test_shares_are_told_as_per_cent():
    assert [percent(0.025, 0.025), percent(1), percent(0)] == ["2.5%", "100%", "0%"]
