"""Confidence against accuracy: laws, references, and why it is no ECE."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from sensitivity.metrics.calibration import calibration_cells


def made(n: int, seed: int, *, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Confidences, and outcomes that are right as often as they say, less `shift`."""
    rng = np.random.default_rng(seed)
    confidence = rng.beta(6, 2, n)
    return confidence, rng.random(n) < confidence - shift


def expected_calibration_error(confidence: np.ndarray, right: np.ndarray, k: int = 10) -> float:
    place = np.minimum((confidence * k).astype(int), k - 1)
    gaps = [abs((confidence - right)[place == b].sum()) for b in range(k)]
    return sum(gaps) / len(right)


# Laws


def test_order_changes_nothing() -> None:
    confidence, right = made(500, 0)
    codes = np.random.default_rng(1).integers(-1, 4, 500)
    order = np.random.default_rng(2).permutation(500)
    one = calibration_cells(confidence, right, codes, 4)
    two = calibration_cells(confidence[order], right[order], codes[order], 4)
    assert np.array_equal(one[0], two[0])
    assert np.allclose(one[1:], two[1:], rtol=1e-12)


def test_doubling_keeps_the_gap_and_narrows_the_interval() -> None:
    confidence, right = made(200, 0)
    _, gap, low, high = calibration_cells(confidence, right)
    n, gap_2, low_2, high_2 = calibration_cells(np.tile(confidence, 2), np.tile(right, 2))
    assert n[0] == 400
    assert gap_2 == pytest.approx(gap)
    assert (high_2 - low_2) / (high - low) == pytest.approx(np.sqrt(199 / 399))


def test_a_bin_is_the_set_of_its_samples_alone() -> None:
    confidence, right = made(600, 3)
    codes = np.random.default_rng(1).integers(0, 3, 600)
    found = np.array(calibration_cells(confidence, right, codes, 4))
    for b in range(3):
        alone = np.array(calibration_cells(confidence[codes == b], right[codes == b]))
        assert np.allclose(found[:, b], alone[:, 0], rtol=1e-12)
    assert found[0].tolist() == [*np.bincount(codes), 0]
    assert found[1, :3] @ found[0, :3] == pytest.approx((confidence - right).sum())


def test_the_sign_says_who_is_too_sure() -> None:
    assert calibration_cells([0.9, 0.9], [True, False])[1][0] == pytest.approx(0.4)
    assert calibration_cells([0.6, 0.6], [True, True])[1][0] == pytest.approx(-0.4)


# Empty and degenerate


def test_nothing_to_go_by_is_nan() -> None:
    for confidence, codes in (
        ([], np.zeros(0, int)),
        ([np.nan, np.nan], np.zeros(2, int)),
        ([0.5, 0.7], np.array([-1, -1])),
    ):
        n, *rest = calibration_cells(confidence, [True] * len(confidence), codes, 2)
        assert n.tolist() == [0, 0]
        assert np.isnan(rest).all()


def test_one_sample_has_a_gap_and_no_interval() -> None:
    n, gap, low, high = calibration_cells([0.75], [False])
    assert (n[0], gap[0]) == (1, 0.75)
    assert np.isnan([low, high]).all()


def test_samples_without_confidence_are_left_out() -> None:
    confidence, right = made(50, 0)
    holes = np.append(confidence, [np.nan] * 7)
    one = calibration_cells(confidence, right)
    two = calibration_cells(holes, np.append(right, [True] * 7))
    assert np.array_equal(one, two)


def test_bounds_stay_between_minus_one_and_one() -> None:
    _, _, low, high = calibration_cells(
        [1.0, 1.0, 0.0, 0.0], [0, 1, 1, 1], np.array([0, 0, 1, 1]), 2
    )
    assert low.min() >= -1
    assert high.max() <= 1
    assert high[0] == 1


def test_float32_of_a_large_set_loses_nothing() -> None:
    confidence, right = made(400_000, 0)
    one = calibration_cells(confidence.astype(np.float32), right)
    assert one[1][0] == pytest.approx((confidence - right).mean(), abs=1e-8)


# References


def test_interval_is_that_of_a_mean() -> None:
    confidence, right = made(300, 5, shift=0.1)
    _, gap, low, high = calibration_cells(confidence, right, confidence_level=0.9)
    mean = DescrStatsW(confidence - right)
    assert (low[0], high[0]) == pytest.approx(mean.zconfint_mean(alpha=0.1))
    assert gap[0] == pytest.approx(mean.mean)


@pytest.mark.parametrize("shift", [0.0, 0.15])
def test_interval_covers_the_truth(shift: float) -> None:
    inside = 0
    for seed in range(400):
        _, _, low, high = calibration_cells(*made(100, seed, shift=shift))
        inside += low[0] <= shift <= high[0]
    assert 0.92 <= inside / 400 <= 0.98


def test_ece_is_biased_by_n_and_the_gap_is_not() -> None:
    """The model is perfectly calibrated; only the number of samples differs."""
    gaps, eces = {}, {}
    for n in (40, 400, 4000):
        data = [made(n, seed) for seed in range(200)]
        gaps[n] = np.array([calibration_cells(*each)[1][0] for each in data])
        eces[n] = np.mean([expected_calibration_error(*each) for each in data])
    for n, found in gaps.items():
        assert stats.ttest_1samp(found, 0).pvalue > 0.01, n
    assert eces[40] > 0.1
    assert 0.03 < eces[400] < 0.06
    assert eces[4000] < 0.02
