"""Intervals: laws, statsmodels, and the share of repeated draws that they hold."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from sensitivity.metrics.classification import Confusion, cells
from sensitivity.stats.intervals import (
    auc_interval,
    f1_interval,
    f1_of_jaccard,
    f1_star_interval,
    normal_quantile,
    wilson,
)

CONFIDENCE = [0.5, 0.8, 0.95, 0.999]


@pytest.fixture
def counts() -> tuple[np.ndarray, np.ndarray]:
    n = np.array([1, 2, 3, 5, 10, 33, 222, 10_000, 10_000_000])
    successes = np.unique(np.outer(n, [0, 0.01, 0.3, 0.5, 0.999, 1]).astype(int), axis=0)
    return successes.T, np.broadcast_to(n, successes.T.shape)


# Proportions


@pytest.mark.parametrize("confidence", CONFIDENCE)
def test_wilson_is_statsmodels(counts, confidence: float) -> None:
    successes, n = counts
    low, high = wilson(successes, n, confidence=confidence)
    expected = proportion_confint(successes, n, alpha=1 - confidence, method="wilson")
    assert np.allclose(low, expected[0], rtol=0, atol=1e-12)
    assert np.allclose(high, expected[1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("confidence", CONFIDENCE)
def test_normal_quantile_is_scipys(confidence: float) -> None:
    assert normal_quantile(confidence) == pytest.approx(-stats.norm.ppf((1 - confidence) / 2))


def test_wilson_holds_the_value_and_ends_exactly(counts) -> None:
    successes, n = counts
    low, high = wilson(successes, n)
    assert (low <= successes / n).all()
    assert (high >= successes / n).all()
    assert (low[successes == 0] == 0).all()
    assert (high[successes == n] == 1).all()
    assert (low[successes > 0] > 0).all()
    assert (high[successes < n] < 1).all()


def test_wilson_mirrors(counts) -> None:
    successes, n = counts
    low, high = wilson(successes, n)
    other_low, other_high = wilson(n - successes, n)
    assert np.allclose(other_low, 1 - high, atol=1e-15)
    assert np.allclose(other_high, 1 - low, atol=1e-15)


def test_wilson_of_nothing_is_undefined() -> None:
    assert np.isnan(wilson(0, 0)).all()
    low, high = wilson([0, 1], [0, 1])
    assert np.isnan([low[0], high[0]]).all()
    assert high[1] == 1


# F1


def test_f1_interval_by_its_definition() -> None:
    hits, n, called = np.array([67, 3, 10]), np.array([88, 9, 10]), np.array([81, 4, 10])
    low, high = f1_interval(hits, n, called)
    j_low, j_high = proportion_confint(hits, n + called - hits, method="wilson")
    assert np.allclose(low, 2 * j_low / (1 + j_low), atol=1e-12)
    assert np.allclose(high, 2 * j_high / (1 + j_high), atol=1e-12)


def test_f1_interval_holds_the_value_and_lies_in_0_to_1() -> None:
    rng = np.random.default_rng(0)
    n, called = rng.integers(0, 30, (2, 5_000))
    hits = rng.integers(0, np.minimum(n, called) + 1)
    low, high = f1_interval(hits, n, called)
    some = n + called > 0
    f1 = 2 * hits[some] / (n + called)[some]
    assert (low[some] <= f1 + 1e-15).all()
    assert (f1 <= high[some] + 1e-15).all()
    assert ((low[some] >= 0) & (high[some] <= 1) & (low[some] < high[some])).all()
    assert np.isnan(low[~some]).all()
    assert np.isnan(high[~some]).all()


def test_more_samples_narrow_and_more_confidence_widens() -> None:
    def width(times: int, confidence: float) -> np.ndarray:
        bounds = (
            wilson(8 * times, 10 * times, confidence=confidence),
            f1_interval(8 * times, 10 * times, 9 * times, confidence=confidence),
            f1_star_interval(0.84, 0.01 / times, 10 * times, confidence=confidence),
            auc_interval(0.84, 0.01 / times, confidence=confidence),
        )
        return np.array([high - low for low, high in bounds])

    for times in (1, 2, 10):
        assert (width(2 * times, 0.95) < width(times, 0.95)).all()
        assert (width(times, 0.99) > width(times, 0.95)).all()


def test_f1_of_jaccard_and_back() -> None:
    jaccard = np.linspace(0, 1, 11)
    f1 = f1_of_jaccard(jaccard)
    assert np.allclose(f1 / (2 - f1), jaccard)


# F1 at an equal class mix


def test_f1_star_interval_by_its_definition() -> None:
    for value, variance, n in ((0.8, 4e-4, 200), (1.0, 2e-3, 12), (0.0, 5e-3, 20), (0.3, 0.02, 5)):
        margin = 0.5 / (n + 1)
        f1 = min(max(value, margin), 1 - margin)
        jaccard = f1 / (2 - f1)
        effective = jaccard * (1 - jaccard) * (2 - f1) ** 4 / (4 * variance)
        z2 = stats.norm.ppf(0.975) ** 2
        centre = (jaccard + z2 / (2 * effective)) / (1 + z2 / effective)
        half = np.sqrt(z2 / effective * (jaccard * (1 - jaccard) + z2 / (4 * effective)))
        half /= 1 + z2 / effective
        j_low, j_high = centre - half, centre + half
        low, high = f1_star_interval(value, variance, n)
        assert low == pytest.approx(min(2 * j_low / (1 + j_low), value), abs=1e-12)
        assert high == pytest.approx(max(2 * j_high / (1 + j_high), value), abs=1e-12)


def test_f1_star_interval_agrees_with_that_of_f1_in_large_cells() -> None:
    table = Confusion.of(np.array([[6_900, 100], [600, 2_400]]))
    found = cells(table, pooled=table, prior=np.array([0.7, 0.3]))
    equal_mix = f1_star_interval(found.f1_star, found.f1_star_variance, found.n)
    plain = f1_interval(found.hits, found.n, found.called)
    assert np.allclose(equal_mix, plain, atol=0.003)


def test_f1_star_interval_holds_the_value() -> None:
    value = np.array([0.0, 0.5, 1.0, np.nan])
    low, high = f1_star_interval(value, np.full(4, 0.01), np.full(4, 30))
    assert (low[:3] <= value[:3]).all()
    assert (high[:3] >= value[:3]).all()
    assert (low[0], high[2]) == (0, 1)
    assert high[0] > 0.02
    assert low[2] < 0.98
    assert np.isnan([low[3], high[3]]).all()


# AUC


@pytest.mark.parametrize("confidence", CONFIDENCE)
def test_auc_interval_is_symmetric_on_the_logit_scale(confidence: float) -> None:
    auc, variance = 0.9, 0.0004
    low, high = auc_interval(auc, variance, confidence=confidence)
    z = stats.norm.ppf(0.5 + confidence / 2)
    half = z * np.sqrt(variance) / (auc * (1 - auc))
    middle = np.log(auc / (1 - auc))
    assert np.log(low / (1 - low)) == pytest.approx(middle - half)
    assert np.log(high / (1 - high)) == pytest.approx(middle + half)


@pytest.mark.parametrize(
    ("auc", "variance"), [(1.0, 0.0), (0.0, 0.0), (0.7, np.nan), (np.nan, 0.1), (0.7, 0.0)]
)
def test_no_auc_interval_without_a_variance(auc: float, variance: float) -> None:
    assert np.isnan(auc_interval(auc, variance)).all()


# Coverage: the share of repeated draws whose interval holds the truth


def wald(hits: np.ndarray, n: np.ndarray, called: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    f1 = 2 * hits / (n + called)
    half = 1.96 * np.sqrt(f1 * (1 - f1) * (2 - f1) / (n + called))
    return f1 - half, f1 + half


def coverage_of_f1(interval, n_positive: int, recall: float, fpr: float) -> float:
    """Samples drawn at random, 30 % of them of the class."""
    rng = np.random.default_rng(0)
    n_all = round(n_positive / 0.3)
    n = rng.binomial(n_all, 0.3, 20_000)
    hits = rng.binomial(n, recall)
    called = hits + rng.binomial(n_all - n, fpr)
    hits, n, called = (x[n + called > 0] for x in (hits, n, called))
    truth = 2 * 0.3 * recall / (0.3 + 0.3 * recall + 0.7 * fpr)
    low, high = interval(hits, n, called)
    return float(((low <= truth) & (truth <= high)).mean())


@pytest.mark.parametrize("n_positive", [5, 20, 100])
@pytest.mark.parametrize(("recall", "fpr"), [(0.6, 0.1), (0.8, 0.05), (0.9, 0.02), (0.99, 0.002)])
def test_f1_interval_covers(n_positive: int, recall: float, fpr: float) -> None:
    assert 0.90 <= coverage_of_f1(f1_interval, n_positive, recall, fpr) <= 0.965


def test_wald_interval_of_f1_does_not_cover_near_1() -> None:
    shares = [coverage_of_f1(wald, n, 0.99, 0.002) for n in (5, 20, 100)]
    assert shares == sorted(shares)
    assert shares[0] < 0.1
    assert shares[1] < 0.3
    assert shares[2] < 0.85


def multiclass_draws(n_classes: int, n_draws: int, per_class: int) -> tuple:
    """Tables of one bin each, its class mix far from that of the whole set; and the truth."""
    rng = np.random.default_rng(n_classes)
    prior = rng.dirichlet(np.full(n_classes, 8.0))
    mix = rng.dirichlet(np.full(n_classes, 20.0))
    recall = rng.uniform(0.5, 0.98, n_classes)
    confused = rng.dirichlet(np.full(n_classes, 0.5), n_classes)
    np.fill_diagonal(confused, 0)
    rates = confused * ((1 - recall) / confused.sum(axis=1))[:, None]
    np.fill_diagonal(rates, recall)
    n = rng.multinomial(n_classes * per_class, mix, n_draws)
    counts = np.stack([rng.multinomial(row, rates) for row in n])
    pooled = rng.multinomial(np.full(n_classes, 50 * per_class), rates)
    return counts, pooled, prior, 2 * prior * recall / (prior + prior @ rates)


@pytest.mark.parametrize(
    ("n_classes", "n_draws", "per_class"),
    [
        (2, 4_000, 100),
        (2, 4_000, 20),
        (10, 1_000, 40),
        (10, 1_000, 15),
        (100, 80, 20),
        (1_000, 3, 12),
    ],
)
def test_f1_star_interval_covers(n_classes: int, n_draws: int, per_class: int) -> None:
    counts, pooled, prior, truth = multiclass_draws(n_classes, n_draws, per_class)
    found = cells(Confusion.of(counts), pooled=Confusion.of(pooled), prior=prior)
    low, high = f1_star_interval(found.f1_star, found.f1_star_variance, found.n)
    defined = found.n >= 10
    covered = ((low <= truth) & (truth <= high))[defined].mean()
    assert 0.945 <= covered <= 0.977


def test_f1_star_interval_of_recall_alone_would_not_cover() -> None:
    counts, pooled, prior, truth = multiclass_draws(100, 80, 20)
    found = cells(Confusion.of(counts), pooled=Confusion.of(pooled), prior=prior)
    seen = (found.n >= 10) & (found.hits > 0)
    value, n = found.f1_star[seen], found.n[seen]
    recall = (found.hits[seen] + 0.5) / (n + 1)
    weight = (2 - value) * value / (2 * found.recall[seen])  # (2 - F) π / (π + q)
    low, high = f1_star_interval(value, weight**2 * recall * (1 - recall) / n, n)
    truth = np.broadcast_to(truth, seen.shape)[seen]
    assert ((low <= truth) & (truth <= high)).mean() < 0.90
