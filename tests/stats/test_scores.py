"""Score tests given the class: laws, scipy and statsmodels, brute force, and permutations."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import statsmodels.api as sm
from sklearn.metrics import confusion_matrix, f1_score, recall_score, roc_auc_score

from sensitivity.stats.ranks import bend, companion, within_ranks
from sensitivity.stats.scores import (
    Responses,
    Score,
    area,
    pooled,
    ratio,
    responses,
    score,
    two_sided,
)

NAMES = ("recall", "fpr", "f1")
VARIANCES = ("recall_variance", "fpr_variance", "f1_variance")


def drawn(seed: int = 0, n: int = 400, n_classes: int = 4, levels: int = 0, trend: float = 0.0):
    """True classes in ascending order, predictions, and a feature."""
    rng = np.random.default_rng(seed)
    y = np.sort(rng.integers(n_classes, size=n))
    x = rng.normal(size=n) if not levels else rng.integers(levels, size=n).astype(float)
    right = rng.random(n) < np.clip(0.7 + trend * x, 0, 1)
    other = (y + rng.integers(1, n_classes, size=n)) % n_classes
    return y, np.where(right, y, other), x


def scored(y: np.ndarray, predicted: np.ndarray, x: np.ndarray, n_classes: int = 4):
    found = responses(y, predicted, n_classes)
    return found, score(within_ranks(x, found.by), found)


def all_numbers(found: Score) -> np.ndarray:
    return np.stack([getattr(found, name) for name in (*NAMES, *VARIANCES, "squares")])


# What was predicted


def test_responses_are_sklearns() -> None:
    y, predicted, _ = drawn()
    found = responses(y, predicted, 4)
    counts = confusion_matrix(y, predicted)
    assert np.array_equal(found.counts.toarray(), counts)
    np.testing.assert_allclose(found.recall, recall_score(y, predicted, average=None))
    np.testing.assert_allclose(found.f1, f1_score(y, predicted, average=None))
    rates = counts / counts.sum(axis=1, keepdims=True)
    np.fill_diagonal(rates, 0)
    np.testing.assert_allclose(found.rates.toarray(), rates)
    np.testing.assert_allclose(found.noise.toarray(), rates * (1 - rates))
    assert found.false.tolist() == [((predicted == c) & (y != c)).sum() for c in range(4)]
    assert found.hits.tolist() == np.diag(counts).tolist()
    assert np.array_equal(np.sort(np.append(found.hit, found.miss)), np.arange(len(y)))


def test_sources_of_false_calls_are_the_column_without_its_own() -> None:
    y, predicted, _ = drawn()
    found = responses(y, predicted, 4)
    for c in range(4):
        expected = np.sort(y[(predicted == c) & (y != c)])
        assert np.array_equal(found.sources(c), expected)


def test_responses_of_a_class_without_samples_or_predictions() -> None:
    found = responses(np.array([0, 0, 2]), np.array([0, 3, 2]), 5)
    assert np.isnan(found.recall).tolist() == [False, True, False, True, True]
    assert np.isnan(found.f1).tolist() == [False, True, False, False, True]
    assert found.f1[3] == 0
    assert np.isfinite(found.balance).all()


def test_responses_of_nothing() -> None:
    found, result = scored(np.empty(0, dtype=int), np.empty(0, dtype=int), np.empty(0), 2)
    assert found.counts.sum() == 0
    assert not np.nan_to_num(np.stack(result.z)).any()


# Laws of the scores


@pytest.mark.parametrize("levels", [0, 3])
def test_samples_of_a_class_may_come_in_any_order(levels: int) -> None:
    y, predicted, x = drawn(1, levels=levels)
    order = np.lexsort((np.random.default_rng(0).permutation(len(y)), y))
    np.testing.assert_allclose(
        all_numbers(scored(y, predicted[order], x[order])[1]),
        all_numbers(scored(y, predicted, x)[1]),
        atol=1e-12,
    )


@pytest.mark.parametrize("levels", [0, 3])
def test_a_reversed_feature_flips_signs_only(levels: int) -> None:
    y, predicted, x = drawn(2, levels=levels)
    one, other = scored(y, predicted, x)[1], scored(y, predicted, -x)[1]
    for name in NAMES:
        np.testing.assert_allclose(getattr(other, name), -getattr(one, name), atol=1e-12)
    for name in (*VARIANCES, "squares"):
        np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-12)


def test_other_names_of_the_classes_move_rows() -> None:
    y, predicted, x = drawn(3)
    place = np.array([2, 0, 3, 1])
    order = np.argsort(place[y], kind="stable")
    before = scored(y, predicted, x)[1]
    after = scored(place[y][order], place[predicted][order], x[order])[1]
    np.testing.assert_allclose(all_numbers(after)[:, place], all_numbers(before), atol=1e-12)


def test_repeated_samples_repeat_the_sums() -> None:
    """z grows with the root of the number; n / (n - 1) is all that differs."""
    y, predicted, x = drawn(4, levels=5)
    found, one = scored(y, predicted, x)
    many = scored(*(np.repeat(part, 9) for part in (y, predicted, x)))[1]
    np.testing.assert_allclose(many.recall, 9 * one.recall, rtol=1e-9)
    np.testing.assert_allclose(many.fpr, 9 * one.fpr, rtol=1e-9)
    n = found.n
    smaller = n * (9 * n - 1) / (9 * n * (n - 1))
    np.testing.assert_allclose(many.squares * smaller, 9 * one.squares, rtol=1e-9)


def test_what_is_right_or_wrong_alone_counts_for_recall() -> None:
    """Recall does not care what the errors are called."""
    y, predicted, x = drawn(5)
    other = np.where(predicted == y, y, (y + 1) % 4)
    one, two = scored(y, predicted, x)[1], scored(y, other, x)[1]
    np.testing.assert_allclose(two.recall, one.recall)
    np.testing.assert_allclose(two.recall_variance, one.recall_variance)
    assert not np.allclose(two.fpr, one.fpr)


def test_f1_is_the_direction_in_which_f1_at_an_equal_mix_moves() -> None:
    """A step of the rates along the feature, and the derivative of 2πR / (π + πR + q)."""
    y, predicted, x = drawn(6)
    found, result = scored(y, predicted, x)
    share = found.n / len(y)

    def f1_star(recall: float, false: float, pi: float) -> float:
        return 2 * pi * recall / (pi + pi * recall + false)

    for c in range(4):
        recall, pi = found.recall[c], share[c]
        false = float(share @ found.rates.toarray()[:, c])
        step = 1e-6
        by_recall = f1_star(recall + step, false, pi) - f1_star(recall - step, false, pi)
        by_false = f1_star(recall, false + step, pi) - f1_star(recall, false - step, pi)
        gain, loss = (side[c] for side in found.balance)
        # A step of recall is worth one of π R; the two weights are in proportion.
        assert by_recall / pi / by_false == pytest.approx(-gain / loss, rel=1e-6)
        assert result.f1[c] == pytest.approx(gain * result.recall[c] - loss * result.fpr[c])


# Independent references


@pytest.mark.parametrize("levels", [0, 2, 4])
@pytest.mark.parametrize("seed", range(3))
def test_z_of_recall_is_mann_whitneys(levels: int, seed: int) -> None:
    y, predicted, x = drawn(seed, levels=levels, trend=0.1)
    found, result = scored(y, predicted, x)
    z = result.z[0]
    of_classes, _ = area(result, found)
    for c in range(4):
        right = predicted[y == c] == c
        ours = x[y == c]
        test = scipy.stats.mannwhitneyu(
            ours[right], ours[~right], use_continuity=False, method="asymptotic"
        )
        assert two_sided(z[c]) == pytest.approx(test.pvalue, rel=1e-9)
        pairs = right.sum() * (~right).sum()
        assert of_classes[c] == pytest.approx(test.statistic / pairs, abs=1e-12)
        assert np.sign(z[c]) == np.sign(np.round(test.statistic - pairs / 2, 9))


def logistic_score(response: np.ndarray, strata: np.ndarray, x: np.ndarray) -> float:
    """χ² of statsmodels' score test of x beside one dummy per stratum."""
    dummies = np.equal(strata[:, None], np.unique(strata)).astype(float)
    model = sm.GLM(response.astype(float), dummies, family=sm.families.Binomial())
    return float(model.score_test(model.fit(tol=1e-12).params, exog_extra=x)[0].item())


@pytest.mark.parametrize("levels", [0, 3])
def test_squared_z_are_statsmodels_score_tests(levels: int) -> None:
    """Logistic regression with a dummy per class; its variance lacks our n / (n - 1)."""
    y, predicted, x = drawn(7, levels=levels, trend=0.1)
    found, result = scored(y, predicted, x)
    ranks = within_ranks(x, found.by)
    shrink = (found.n - 1) / found.n
    for c in range(4):
        own, others = y == c, y != c
        recall = logistic_score(predicted[own] == c, y[own], ranks[own])
        assert result.recall[c] ** 2 / (result.recall_variance[c] * shrink[c]) == pytest.approx(
            recall, rel=1e-9
        )
        variance = (result.squares * shrink) @ found.noise.toarray()[:, c]
        false = logistic_score(predicted[others] == c, y[others], ranks[others])
        assert result.fpr[c] ** 2 / variance == pytest.approx(false, rel=1e-9)
    of_all = logistic_score(predicted == y, y, ranks)
    variance = (result.recall_variance * shrink).sum()
    assert pooled(result)[0] ** 2 / variance == pytest.approx(of_all, rel=1e-9)


def test_variance_of_false_positives_by_brute_force() -> None:
    """Sample by sample, over all samples of the other classes."""
    y, predicted, x = drawn(8, n=120)
    found, result = scored(y, predicted, x)
    ranks = within_ranks(x, found.by)
    n = np.bincount(y)
    for c in range(4):
        variance = 0.0
        for i in range(len(y)):
            if y[i] != c:
                rate = ((predicted == c) & (y == y[i])).sum() / n[y[i]]
                variance += rate * (1 - rate) * ranks[i] ** 2 * n[y[i]] / (n[y[i]] - 1)
        assert result.fpr_variance[c] == pytest.approx(variance, rel=1e-10)


def test_variance_of_few_samples_is_that_of_all_permutations() -> None:
    """Exact, not only asymptotic: every way to deal the predictions within each class."""
    from itertools import permutations

    y, x = np.array([0, 0, 0, 0, 1, 1, 1]), np.array([3.0, 1, 4, 1, 5, 9, 2])
    predicted = np.array([0, 1, 0, 0, 1, 0, 0])
    _, observed = scored(y, predicted, x, 2)
    every = [
        scored(y, np.array([*one, *two]), x, 2)[1]
        for one in set(permutations(predicted[:4].tolist()))
        for two in set(permutations(predicted[4:].tolist()))
    ]
    assert len(every) == 12
    for name, variance in zip(NAMES, VARIANCES, strict=True):
        totals = np.stack([getattr(one, name) for one in every])
        np.testing.assert_allclose(totals.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose((totals**2).mean(axis=0), getattr(observed, variance))


@pytest.mark.parametrize("bent", [False, True])
def test_variances_agree_with_permutations_within_the_class(bent: bool) -> None:
    y, predicted, x = drawn(9, n=200, levels=12)
    found = responses(y, predicted, 4)
    column = within_ranks(x, found.by)
    if bent:
        column = companion(column, found.by, *bend(column, found.by))
    observed, rng, draws = score(column, found), np.random.default_rng(0), 3000
    totals = np.empty((draws, 3, 4))
    for k in range(draws):
        mixed = predicted[np.lexsort((rng.random(len(y)), y))]
        again = score(column, responses(y, mixed, 4))
        totals[k] = [getattr(again, name) for name in NAMES]
    variances = np.stack([getattr(observed, name) for name in VARIANCES])
    # Four standard errors of a mean, and of a variance of normal numbers.
    assert (np.abs(totals.mean(axis=0)) < 4 * np.sqrt(variances / draws)).all()
    np.testing.assert_allclose(totals.var(axis=0) / variances, 1, atol=4 * np.sqrt(2 / draws))


def test_two_sided_p_are_scipys() -> None:
    z = np.array([-40.0, -3.0, 0.0, 0.5, 8.0, np.nan])
    np.testing.assert_allclose(two_sided(z), 2 * scipy.stats.norm.sf(np.abs(z)), rtol=1e-9)
    df = np.array([1.0, 4, 30, 7, 2, 5])
    np.testing.assert_allclose(two_sided(z, df), 2 * scipy.stats.t.sf(np.abs(z), df), rtol=1e-9)
    assert np.isnan(two_sided([2.0, 2.0], [0, 0.5])).all()
    assert two_sided([2.0, 2.0], [np.inf, 10]).tolist() == [two_sided(2.0), two_sided(2.0, 10)]


def test_area_of_all_classes_is_that_of_the_pairs_within_a_class() -> None:
    y, predicted, x = drawn(10, levels=6)
    of_classes, of_all = area(scored(y, predicted, x)[1], responses(y, predicted, 4))
    wins = total = 0.0
    for c in range(4):
        right = predicted[y == c] == c
        ours = x[y == c]
        pairs = ours[right][:, None] - ours[~right]
        wins += (pairs > 0).sum() + 0.5 * (pairs == 0).sum()
        total += pairs.size
        assert of_classes[c] == pytest.approx(roc_auc_score(right, ours), abs=1e-12)
    assert of_all == pytest.approx(wins / total, abs=1e-12)


# Where there is nothing to test


def nothing_to_test(y, predicted, x, n_classes=3) -> tuple[Responses, Score]:
    found, result = scored(np.array(y), np.array(predicted), np.array(x, dtype=float), n_classes)
    numbers = all_numbers(result)
    assert np.isfinite(numbers).all()
    assert (numbers[3:] >= 0).all()
    return found, result


def test_no_errors_are_no_variance() -> None:
    found, result = nothing_to_test([0, 0, 1, 1], [0, 0, 1, 1], [1, 2, 3, 4])
    assert np.isnan(np.stack(result.z)).all()
    assert np.isnan(area(result, found)[1])


def test_nothing_right_is_no_variance_of_recall() -> None:
    _, result = nothing_to_test([0, 0, 1, 1], [1, 2, 2, 0], [1, 2, 3, 4])
    assert np.isnan(result.z[0]).all()
    assert np.isfinite(result.z[1]).all()


def test_one_class_has_no_false_positives() -> None:
    _, result = nothing_to_test([0, 0, 0], [0, 1, 0], [1, 2, 3], 2)
    assert np.isnan(result.z[1][0])
    assert np.isfinite(result.z[0][0])
    assert np.isfinite(result.z[1][1])


def test_a_feature_constant_within_the_class_is_not_tested() -> None:
    _, result = nothing_to_test([0, 0, 0, 1, 1], [0, 1, 0, 1, 0], [7, 7, 7, 2, 2])
    assert np.isnan(np.stack(result.z)).all()


def test_a_single_sample_is_not_tested() -> None:
    _, result = nothing_to_test([0], [1], [3.0])
    assert np.isnan(np.stack(result.z)).all()
    _, result = nothing_to_test([0, 1], [1, 1], [3.0, 4.0])
    assert np.isnan(np.stack(result.z)).all()


def test_classes_without_samples_get_false_positives_only() -> None:
    _, result = nothing_to_test([0, 0, 0, 1, 1], [2, 0, 0, 1, 1], [1, 2, 3, 4, 5])
    assert np.isnan(result.z[0][2])
    assert result.z[1][2] == pytest.approx(-np.sqrt(1.5))


def test_ratio_of_no_variance_is_empty() -> None:
    assert np.isnan(ratio([1.0, 0.0, np.nan, 1.0], [0.0, 1e-15, 1.0, np.nan])).all()
