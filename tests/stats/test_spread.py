"""The spread over bins, and what chance alone gives."""

import numpy as np
import pytest
import scipy.stats

from sensitivity.metrics.classification import Confusion, accuracy_cells, f1_variance
from sensitivity.stats.spread import (
    grade,
    impact,
    shrunk,
    spread,
    spread_bounds,
    spread_std,
    std_chance,
)

# Source: published sensitivity table for image clarity, 1,110 solar cells (classes normal and
# defective, five equal bins of sharpness).
TRUE_NEGATIVES = np.array([67, 134, 169, 167, 196])
TRUE_POSITIVES = np.array([120, 52, 30, 36, 16])
ERRORS = np.array([35, 36, 23, 19, 10])

RELATIVE_SIZES = np.array([0.4, 0.7, 1, 1.3, 1.6])


def test_published_table() -> None:
    f1 = [2 * hits / (2 * hits + ERRORS) for hits in (TRUE_NEGATIVES, TRUE_POSITIVES)]
    assert f1[0].round(4).tolist() == [0.7929, 0.8816, 0.9363, 0.9462, 0.9751]
    assert f1[1].round(4).tolist() == [0.8727, 0.7429, 0.7229, 0.7912, 0.7619]
    assert spread_std(np.array(f1).T).round(4).tolist() == [0.0643, 0.0523]


# Laws


def test_std_is_numpys_over_the_defined_bins() -> None:
    values = np.random.default_rng(0).random((5, 40))
    values[np.random.default_rng(1).random(values.shape) < 0.2] = np.nan
    assert np.allclose(spread_std(values), np.nanstd(values, axis=0), rtol=1e-13)


def test_order_of_the_bins_does_not_matter_and_equal_bins_have_none() -> None:
    values, variances = np.random.default_rng(0).random((2, 5, 3))
    assert np.allclose(spread_std(values[::-1]), spread_std(values))
    assert np.allclose(std_chance(values[::-1], variances[::-1]), std_chance(values, variances))
    assert spread_std([0.7, 0.7, 0.7]) == pytest.approx(0, abs=1e-15)


def test_an_undefined_bin_is_as_none() -> None:
    values, variances = np.array([0.7, np.nan, 0.9, 0.8]), np.array([0.01, 5, 0.02, 0.01])
    kept = [0, 2, 3]
    assert spread_std(values) == pytest.approx(spread_std(values[kept]))
    assert std_chance(values, variances) == pytest.approx(std_chance(values[kept], variances[kept]))
    assert np.isfinite(std_chance(values, np.where(np.isnan(values), np.nan, variances)))


@pytest.mark.parametrize("values", [[], [0.5], [0.5, np.nan], [np.nan, np.nan]])
def test_fewer_than_two_bins_have_no_spread(values: list[float]) -> None:
    assert np.isnan(spread_std(values))
    assert np.isnan(std_chance(values, np.full(len(values), 0.01)))


def test_std_chance_by_its_formula() -> None:
    variances = np.array([0.01, 0.02, 0.06])
    assert std_chance([0.5, 0.6, 0.7], variances) == pytest.approx(np.sqrt(2 / 3 * 0.03))


def test_four_times_the_samples_halve_what_chance_gives() -> None:
    values, variances = np.array([0.5, 0.6, 0.7]), np.array([0.01, 0.02, 0.06])
    assert std_chance(values, variances / 4) == pytest.approx(std_chance(values, variances) / 2)


# Against simulation, no effect planted


def recalls(mean: int, n_draws: int = 20_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    n = np.round(RELATIVE_SIZES * mean).astype(int)[:, None]
    hits = rng.binomial(n, 0.85, (5, n_draws))
    return hits, np.broadcast_to(n, hits.shape), hits / n


@pytest.mark.parametrize(
    ("mean", "expected", "tolerance"),
    [(5, 0.147, 0.002), (20, 0.075, 0.001), (100, 0.034, 0.001), (1_000, 0.0105, 0.0002)],
)
def test_std_of_a_recall_that_never_changes(mean: int, expected: float, tolerance: float) -> None:
    """Simulated for this package: recall .85 throughout, bins of unequal size."""
    assert spread_std(recalls(mean)[2]).mean() == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize(("mean", "tolerance"), [(20, 0.05), (100, 0.02), (1_000, 0.01)])
def test_std_chance_of_recall_is_the_root_mean_square_of_the_std(
    mean: int, tolerance: float
) -> None:
    hits, n, values = recalls(mean)
    table = np.zeros((*hits.shape, 2, 2), dtype=np.int64)
    table[..., 1, 1], table[..., 1, 0] = hits, n - hits
    _, _, accuracy, variance = accuracy_cells(Confusion.of(table.reshape(-1, 2, 2)))
    chance = std_chance(accuracy.reshape(hits.shape), variance.reshape(hits.shape))
    drawn = np.sqrt((spread_std(values) ** 2).mean())
    assert np.sqrt((chance**2).mean()) == pytest.approx(drawn, rel=tolerance)


@pytest.mark.parametrize(
    ("n", "prevalence", "recall", "fpr"),
    [
        (50, 0.3, 0.85, 0.05),
        (50, 0.5, 0.6, 0.1),
        (100, 0.3, 0.6, 0.1),
        (200, 0.3, 0.85, 0.05),
        (1_000, 0.1, 0.85, 0.05),
        (1_000, 0.1, 0.95, 0.01),
    ],
)
def test_std_chance_of_f1_is_the_root_mean_square_of_the_std(
    n: int, prevalence: float, recall: float, fpr: float
) -> None:
    rng = np.random.default_rng(0)
    positives = rng.binomial(n, prevalence, (5, 8_000))
    hits = rng.binomial(positives, recall)
    called = hits + rng.binomial(n - positives, fpr)
    f1 = 2 * hits / (positives + called)
    chance = std_chance(f1, f1_variance(hits, positives, called))
    drawn = np.sqrt((spread_std(f1) ** 2).mean())
    assert np.sqrt((chance**2).mean()) == pytest.approx(drawn, rel=0.04)


def test_std_chance_of_f1_errs_upwards_where_few_errors_are_seen() -> None:
    rng = np.random.default_rng(0)
    positives = rng.binomial(50, 0.3, (5, 8_000))
    hits = rng.binomial(positives, 0.98)
    called = hits + rng.binomial(50 - positives, 0.005)
    f1 = 2 * hits / (positives + called)
    chance = std_chance(f1, f1_variance(hits, positives, called))
    assert 1 < np.sqrt((chance**2).mean() / (spread_std(f1) ** 2).mean()) < 1.6


def test_a_planted_fall_stands_out() -> None:
    rng = np.random.default_rng(0)
    n = np.full((5, 2_000), 200)
    hits = rng.binomial(n, np.array([0.65, 0.75, 0.85, 0.9, 0.95])[:, None])
    called = hits + 20
    f1 = 2 * hits / (n + called)
    assert (spread_std(f1) > 2 * std_chance(f1, f1_variance(hits, n, called))).mean() > 0.95


# What is left after chance


def metric(n_rows: int = 40, k: int = 5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Values whose bins differ by about as much as chance moves them, and variances."""
    rng = np.random.default_rng(seed)
    variances = rng.uniform(0.0005, 0.003, (k, n_rows))
    values = 0.8 + rng.normal(0, 0.05, (k, n_rows)) + rng.normal(0, np.sqrt(variances))
    return values, variances


def everything(values: np.ndarray, variances: np.ndarray) -> list[np.ndarray]:
    n = np.full(np.shape(values), 50)
    found = [spread(values, variances), *spread_bounds(values, variances)]
    return [*found, impact(values, variances, n, shares=n / 250)]


def test_order_of_the_bins_does_not_matter() -> None:
    values, variances = metric()
    order = [3, 0, 4, 1, 2]
    for plain, moved in zip(
        everything(values, variances), everything(values[order], variances[order]), strict=True
    ):
        assert np.allclose(plain, moved, rtol=1e-9, atol=1e-12)
    assert np.allclose(shrunk(values, variances)[order], shrunk(values[order], variances[order]))


def test_a_bin_that_is_left_out_is_as_none() -> None:
    values, variances = metric()
    holed, kept = values.copy(), [0, 1, 3, 4]
    holed[2] = np.nan
    for noise in (variances[2], np.nan, 1e9):
        filled = variances.copy()
        filled[2] = noise
        for with_hole, without in zip(
            everything(holed, filled), everything(values[kept], variances[kept]), strict=True
        ):
            assert np.allclose(with_hole, without, rtol=1e-9, atol=1e-12)
        pulled = shrunk(holed, filled)
        assert np.isnan(pulled[2]).all()
        assert np.allclose(pulled[kept], shrunk(values[kept], variances[kept]))


def test_rows_do_not_know_each_other_and_any_shape_will_do() -> None:
    values, variances = metric()
    for together, cube in zip(
        everything(values, variances),
        everything(values.reshape(5, 8, 5), variances.reshape(5, 8, 5)),
        strict=True,
    ):
        assert np.array_equal(together, cube.ravel())
    low = [float(spread_bounds(values[:, i], variances[:, i])[0]) for i in range(40)]
    assert np.allclose(spread_bounds(values, variances)[0], low, rtol=1e-9)


def test_the_metrics_unit_scales_all() -> None:
    values, variances = metric()
    for once, tenfold in zip(
        everything(values, variances), everything(10 * values, 100 * variances), strict=True
    ):
        assert np.allclose(10 * once, tenfold, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("values", [[], [0.5], [0.5, 0.9], [0.5, 0.9, np.nan], [np.nan] * 5])
def test_fewer_than_three_bins_say_nothing(values: list[float]) -> None:
    variances = np.full(len(values), 1e-4)
    for found in everything(np.array(values), variances):
        assert np.isnan(found)
    assert np.isnan(shrunk(values, variances)).all()


def test_spread_by_its_formula() -> None:
    values, variances = metric()
    square = values.var(axis=0) - 4 / 5 * variances.mean(axis=0)
    assert (square < 0).any()
    assert np.allclose(spread(values, variances), np.sqrt(np.maximum(square, 0)), rtol=1e-9)


def test_equal_bins_have_no_spread() -> None:
    values, variances = np.full(5, 0.8), np.full(5, 0.001)
    assert [float(found) for found in everything(values, variances)] == [0, 0, 0, 0]
    assert shrunk(values, variances).tolist() == [0.8] * 5


# Its bounds


def test_bounds_hold_chi_square_at_their_level() -> None:
    """At the lower bound Q is at its 95th percentile, at the upper one at its 5th."""
    values, variances = metric()
    low, high = spread_bounds(values, variances)
    precision = 1 / variances
    mean = (precision * values).sum(axis=0) / precision.sum(axis=0)
    q = (precision * (values - mean) ** 2).sum(axis=0)
    for tau, level in ((low, 0.95), (high, 0.05)):
        some = tau > 0
        assert some.sum() > 15
        below = scipy.stats.ncx2.cdf(q, 4, tau**2 * precision.sum(axis=0))
        assert np.allclose(below[some], level, atol=1e-6)
        assert (scipy.stats.chi2.cdf(q, 4)[~some] <= level).all()
    assert (low <= high).all()


def test_more_confidence_is_wider() -> None:
    values, variances = metric()
    low, high = spread_bounds(values, variances)
    lower, higher = spread_bounds(values, variances, confidence=0.99)
    assert ((lower < low) | (low == 0)).all()
    assert ((higher > high) | (high == 0)).all()


def test_bins_without_variance_are_left_out() -> None:
    values, variances = np.array([0.7, 0.8, 0.9, 0.75]), np.array([0.001, 0.001, 0.001, 0])
    assert spread_bounds(values, variances) == spread_bounds(values[:3], variances[:3])
    assert np.isnan(spread_bounds(values, np.zeros(4))).all()
    assert np.isnan(shrunk(values, variances)[3])


@pytest.mark.parametrize("variance", [1e-5, 1e-6, 1e-8, 1e-12, 1e-20])
def test_bounds_close_in_where_chi_square_is_huge(variance: float) -> None:
    """Far from 0: τ ± 1.645 standard errors √(V / K), also where SciPy's inverse fails."""
    values = np.array([0.5, 0.6, 0.7, 0.8, 0.9])
    low, high = spread_bounds(values, np.full(5, variance))
    half = 1.6449 * np.sqrt(variance / 5)
    std = values.std()
    assert low == pytest.approx(std - half, rel=2e-4)
    assert high == pytest.approx(std + half, rel=2e-4)
    assert std - low == pytest.approx(half, rel=0.02)
    assert high - std == pytest.approx(half, rel=0.02)


@pytest.mark.parametrize("k", [3, 5, 20, 200])
def test_bounds_are_smooth_where_the_approximation_takes_over(k: int) -> None:
    values = np.linspace(0, 1, k)
    q = np.array([9_999, 10_001])
    variances = np.broadcast_to(k * values.var() / q, (k, 2))
    for bound in spread_bounds(np.stack([values, values], axis=1), variances):
        assert bound[0] == pytest.approx(bound[1], rel=3e-4)


@pytest.mark.parametrize("mean", [20, 100, 1_000])
@pytest.mark.parametrize("slope", [0, 0.02, 0.05])
def test_the_lower_bound_is_above_the_truth_once_in_twenty(mean: int, slope: float) -> None:
    """Recall .85, five equal bins, a trend of `slope` a bin; variances from the pooled recall."""
    recall = 0.85 + slope * np.arange(-2, 3)
    hits = np.random.default_rng(0).binomial(mean, recall[:, None], (5, 10_000))
    pooled = (hits.sum(axis=0) + 0.5) / (5 * mean + 1)
    low, high = spread_bounds(hits / mean, pooled * (1 - pooled) / mean)
    assert 0.025 < (low > recall.std() + 1e-12).mean() < 0.055
    assert (high < recall.std() - 1e-12).mean() < 0.06


# Empirical Bayes


def test_shrunk_by_its_formula() -> None:
    values, variances = metric(n_rows=30, k=3)
    tau2 = spread(values, variances) ** 2
    mean = np.average(values, axis=0, weights=1 / variances)
    expected = mean + tau2 / (tau2 + variances) * (values - mean)
    assert np.allclose(shrunk(values, variances), expected, rtol=1e-12)


def test_shrunk_lies_between_the_mean_and_the_value() -> None:
    values, variances = metric()
    mean = np.average(values, axis=0, weights=1 / variances)
    moved = (shrunk(values, variances) - mean) / (values - mean)
    assert ((moved >= -1e-9) & (moved <= 1 + 1e-9)).all()


def test_the_noisier_of_two_equal_bins_is_pulled_further() -> None:
    pulled = shrunk([0.9, 0.9, 0.6, 0.7], [0.0001, 0.005, 0.001, 0.001])
    assert pulled[1] < pulled[0] < 0.9


def test_shrunk_bins_are_nearer_to_the_truth_than_the_bins() -> None:
    rng = np.random.default_rng(0)
    truth = 0.8 + rng.normal(0, 0.03, (5, 2_000))
    variances = np.broadcast_to(
        np.array([[0.004], [0.002], [0.001], [0.001], [0.0005]]), (5, 2_000)
    )
    values = truth + rng.normal(0, np.sqrt(variances))
    errors = [((found - truth) ** 2).mean() for found in (shrunk(values, variances), values)]
    assert errors[0] < 0.7 * errors[1]


# Impact


def test_impact_by_its_formula() -> None:
    values, variances = metric()
    n = np.random.default_rng(3).integers(20, 300, values.shape)
    pulled = shrunk(values, variances)
    expected = (n / n.sum(axis=0) * (pulled.max(axis=0) - pulled)).sum(axis=0)
    assert np.allclose(impact(values, variances, n), expected, rtol=1e-12)
    assert np.allclose(impact(values, variances, n, shares=n / n.sum(axis=0)), expected)


def test_a_small_bin_is_never_the_best() -> None:
    values, variances = np.array([0.7, 0.8, 0.99]), np.full(3, 1e-6)
    assert impact(values, variances, [100, 100, 19]) == pytest.approx(0.1 * 100 / 219, rel=1e-3)
    assert impact(values, variances, [100, 100, 20]) == pytest.approx(
        (0.29 * 100 + 0.19 * 100) / 220, rel=1e-3
    )
    assert np.isnan(impact(values, variances, [19, 19, 19]))


def test_a_bin_that_is_left_out_gains_nothing_but_has_its_share() -> None:
    values, variances = np.array([0.7, 0.8, 0.9, np.nan]), np.full(4, 1e-8)
    found = impact(values, variances, [100, 100, 100, 100])
    assert found == pytest.approx((0.2 + 0.1) / 4, rel=1e-4)


# Grade


def test_grade_of_the_published_sentences_and_at_the_cuts() -> None:
    published = grade([0.074, 0.143, 0.343, 0.383])
    assert published.tolist() == ["slight", "medium", "major", "major"]
    cuts = np.array([0.03, 0.1, 0.25])
    assert grade(cuts).tolist() == ["slight", "medium", "major"]
    assert grade(np.nextafter(cuts, 0)).tolist() == ["none", "slight", "medium"]
    assert grade([0, np.nan]).tolist() == ["none", ""]
    assert grade(0.2) == "medium"
    assert grade([]).shape == (0,)
