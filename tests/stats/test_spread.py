"""The spread over bins, and what chance alone gives."""

import numpy as np
import pytest

from sensitivity.metrics.classification import accuracy_cells, f1_variance
from sensitivity.stats.spread import spread_std, std_chance

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
    _, _, accuracy, variance = accuracy_cells(table.reshape(-1, 2, 2))
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
