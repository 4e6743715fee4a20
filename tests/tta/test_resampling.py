"""What is drawn, and how bounds are widened."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sensitivity.stats.paired import proportion_change
from sensitivity.tta.resampling import (
    drawn_weights,
    effective_number,
    resampling_units,
    widened,
)


def weights_of(units, n_boot: int = 40, seed: int = 1) -> np.ndarray:
    return np.concatenate(list(drawn_weights(units, n_boot, np.random.default_rng(seed))))


def test_every_class_keeps_its_number_of_images():
    y = np.random.default_rng(0).integers(0, 3, 100)
    units = resampling_units(y, None, rng=np.random.default_rng(0))
    assert sorted(units.place) == list(range(100))
    weights = weights_of(units)[:, units.place]
    for c in range(3):
        assert (weights[:, y == c].sum(axis=1) == (y == c).sum()).all()


def test_images_of_a_group_are_drawn_together():
    rng = np.random.default_rng(0)
    y, groups = rng.integers(0, 3, 100), rng.integers(5, 25, 100)
    units = resampling_units(y, groups, rng=rng)
    assert len(units) == len(np.unique(groups))
    for group in np.unique(groups):
        assert len(np.unique(units.place[groups == group])) == 1


def test_groups_of_one_class_each_are_drawn_within_it():
    groups = np.repeat(np.arange(20), 5)
    y = np.array([2, 0, 1, 0])[groups % 4]
    units = resampling_units(y, groups, rng=np.random.default_rng(0))
    weights = weights_of(units)[:, units.place]
    for c in range(3):
        assert (weights[:, y == c].sum(axis=1) == (y == c).sum()).all()


def test_many_images_are_drawn_in_blocks_of_one_class():
    y = np.repeat([0, 1, 2], [5000, 900, 10])
    units = resampling_units(y, None, rng=np.random.default_rng(0), max_units=500)
    classes = [np.unique(units.place[y == c]) for c in range(3)]
    assert [len(c) for c in classes] == [423, 76, 10]
    assert len(np.concatenate(classes)) == len(units)


def test_blocks_tell_the_same_variance_as_images():
    rng = np.random.default_rng(0)
    y, value = np.zeros(4000, dtype=np.int64), rng.standard_normal(4000)
    spreads = []
    for most in (4000, 1000):
        units = resampling_units(y, None, rng=rng, max_units=most)
        sums = np.bincount(units.place, value)
        spreads.append((weights_of(units, 1500) @ sums / 4000).std())
    assert abs(spreads[1] / spreads[0] - 1) < 0.1
    assert abs(spreads[0] * np.sqrt(4000) / value.std() - 1) < 0.08


def test_effective_number_is_that_of_equal_groups():
    assert effective_number(np.ones(40), np.repeat(np.arange(8), 5)) == pytest.approx(8)
    assert effective_number(np.ones(40), None) == pytest.approx(40)
    assert effective_number(np.ones(40), np.zeros(40, dtype=int)) == 1
    assert effective_number(np.zeros(3), None) == 0


def test_few_units_widen_by_students_t():
    se = 0.1
    z = stats.norm.ppf(0.975)
    shrunk = se * np.sqrt(7 / 8)  # what a bootstrap of 8 units gives
    low, high = widened(0.0, -z * shrunk, z * shrunk, effective=8, pair=0, confidence=0.95)
    assert float(high) == pytest.approx(stats.t.ppf(0.975, 7) * se)
    assert float(low) == pytest.approx(-float(high))


def test_no_difference_has_the_width_of_the_added_pairs():
    _, _, expected = proportion_change(0, 0, 200)
    _, high = widened(0.0, 0.0, 0.0, effective=200, pair=2 / 200**2, confidence=0.95)
    assert float(high) == pytest.approx(float(expected), rel=0.02)


def test_one_unit_tells_nothing():
    assert np.isnan(widened(0.1, 0.1, 0.1, effective=1, pair=0.01, confidence=0.95)).all()
