import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.isotonic import IsotonicRegression

from sensitivity.tta.observed import Curve, monotone, observed_curve, positions


def test_positions_are_mid_ranks_within_the_class(rng):
    y = rng.integers(3, size=200)
    values = rng.integers(12, size=200).astype(float)
    found = positions(values, values, y)
    for c in range(3):
        n = (y == c).sum()
        assert found[y == c] == pytest.approx((rankdata(values[y == c]) - 0.5) / n)


def test_positions_do_not_depend_on_a_monotone_scale(rng):
    y, original = rng.integers(2, size=100), rng.normal(size=100)
    moved = original - rng.exponential(size=100)
    expected = positions(moved, original, y)
    assert (positions(np.exp(moved), np.exp(original), y) == expected).all()


def test_missing_values_have_no_position():
    original = np.array([1.0, 2.0, np.nan])
    found = positions(np.array([np.nan, 5.0, 0.0]), original, np.zeros(3, dtype=int))
    assert np.isnan(found[0])
    assert found[1:].tolist() == [1.0, 0.0]


def test_a_class_without_any_value_has_no_positions():
    found = positions(np.ones(2), np.full(2, np.nan), np.zeros(2, dtype=int))
    assert np.isnan(found).all()


def test_monotone_is_isotonic_regression(rng):
    for n in (1, 2, 5, 9):
        values, weights = rng.normal(size=n), rng.uniform(0.5, 3, n)
        reference = IsotonicRegression().fit_transform(np.arange(n), values, sample_weight=weights)
        assert monotone(values, weights) == pytest.approx(reference)


@pytest.mark.parametrize("rising", [True, False])
def test_curve_finds_a_planted_step_and_no_step_the_other_way(rising):
    position = (np.arange(500) + 0.5) / 500
    right = (position > 0.2) == rising
    curve = observed_curve(position, right, np.zeros(500, dtype=int), rising=rising)
    assert curve.change == pytest.approx(1.0 if rising else -1.0)
    other = observed_curve(position, right, np.zeros(500, dtype=int), rising=not rising)
    assert other.change == 0


def test_a_shift_of_the_class_mix_is_no_change(rng):
    # Class 1 is harder, and lies at the high end: within the classes nothing changes.
    y = np.repeat([0, 1], 1000)
    value = np.concatenate([rng.uniform(0, 1, 1000), rng.uniform(2, 3, 1000)])
    right = np.tile([True] * 9 + [False], 200)
    right[1000:] = np.tile([True] * 6 + [False] * 4, 100)
    curve = observed_curve(positions(value, value, y), right, y, rising=False)
    assert abs(curve.change) < 0.06


def test_a_few_images_have_no_curve():
    curve = observed_curve(
        np.array([0.25, 0.75]), np.array([True, False]), np.zeros(2, dtype=int), rising=False
    )
    assert curve.change == 0


def test_nothing_is_extrapolated():
    curve = Curve(np.array([0.25, 0.75]), np.array([-0.2, 0.2]))
    assert curve([0.0, 0.25, 0.5, 0.75, 1.0]) == pytest.approx([-0.2, -0.2, 0.0, 0.2, 0.2])
    assert curve.change == pytest.approx(0.4)
    # Two halves, .5 apart: over .8 of the images it is as steep as .64.
    assert curve.steepness == pytest.approx(0.64)
    assert Curve(np.array([0.5]), np.array([0.0])).steepness == 0


@pytest.fixture
def rng():
    return np.random.default_rng(0)
