"""How many images it takes: laws, and statsmodels as the reference."""

import numpy as np
import pytest

from sensitivity.advice.amounts import images_needed, lower_by_chance, widening
from sensitivity.stats.intervals import wilson


def test_number_has_the_power_that_it_promises():
    rng = np.random.default_rng(0)
    n, half, best = images_needed(0.6, 0.9), 0.75, 0.9
    weak, strong = rng.binomial(n, half, 20_000) / n, rng.binomial(n, best, 20_000) / n
    error = np.sqrt((weak * (1 - weak) + strong * (1 - strong)) / n)
    power = (np.abs(strong - weak) > 1.96 * error).mean()
    assert power == pytest.approx(0.8, abs=0.03)


def test_smaller_gaps_take_more_and_direction_does_not_matter():
    assert images_needed(0.8, 0.9) > images_needed(0.6, 0.9)
    assert images_needed(0.4, 0.1) == images_needed(0.6, 0.9)


def test_no_gap_has_no_number():
    with pytest.raises(ValueError, match="no gap"):
        images_needed(0.5, 0.5)


def test_p_is_that_of_two_proportions():
    reference = pytest.importorskip("statsmodels.stats.proportion")
    _, p = reference.proportions_ztest([60, 720], [100, 900], alternative="smaller")
    assert lower_by_chance(0.6, 100, 0.8, 900) == pytest.approx(p, rel=1e-9)
    assert lower_by_chance(0.6, 100, 0.8, 900, widened=2.0) > p


def test_p_of_nothing_is_one():
    assert lower_by_chance(0.5, 0, 0.5, 9) == 1.0
    assert lower_by_chance(1.0, 9, 1.0, 9) == 1.0


def test_widening_of_independent_images_is_about_one():
    low, high = (float(bound) for bound in wilson(160, 200))
    assert widening(0.8, low, high, 200, confidence=0.95) == pytest.approx(1.0, abs=0.02)
    low, high = (float(bound) for bound in wilson(40, 50))
    assert widening(0.8, low, high, 200, confidence=0.95) == pytest.approx(2.0, abs=0.1)
    assert widening(1.0, 0.9, 1.0, 20, confidence=0.95) == 1.0
