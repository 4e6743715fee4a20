"""One p from several, and the family of many."""

import numpy as np
import pytest
import scipy.stats
from statsmodels.stats.multitest import multipletests

from sensitivity.stats.multiplicity import (
    cauchy,
    detectable_alpha,
    family_weights,
    weighted_bh,
)


def some_p(n: int = 60, seed: int = 0) -> np.ndarray:
    """p-values, a third of them small, with ties."""
    rng = np.random.default_rng(seed)
    p = rng.random(n)
    p[: n // 3] = rng.random(n // 3) ** 6
    p[-3:] = p[0]
    return p


def some_weights(n: int = 60) -> np.ndarray:
    weights = np.random.default_rng(1).uniform(0.1, 3, n)
    return weights / weights.mean()


# Cauchy combination


def test_cauchy_by_its_definition() -> None:
    p, weights = some_p().reshape(4, 15), np.array([[1], [2], [0.5], [3]])
    statistic = (weights * np.tan((0.5 - p) * np.pi)).sum(axis=0) / weights.sum()
    assert np.allclose(cauchy(p, weights), scipy.stats.cauchy.sf(statistic), rtol=1e-9)


def test_cauchy_of_one_or_of_equal_p_is_that_p() -> None:
    p = np.array([1e-307, 1e-300, 1e-20, 0.01, 0.3, 0.5, 0.7, 0.999])
    assert np.allclose(cauchy(p[None]), p, rtol=1e-12, atol=0)
    assert np.allclose(cauchy(np.tile(p, (4, 1))), p, rtol=1e-12, atol=0)


def test_cauchy_knows_no_order_and_takes_any_axis() -> None:
    p = some_p().reshape(4, 15)
    assert np.allclose(cauchy(p[::-1]), cauchy(p), rtol=1e-13)
    assert np.array_equal(cauchy(p.T, axis=1), cauchy(p))
    assert cauchy(p.reshape(4, 3, 5)).shape == (3, 5)


def test_cauchy_leaves_out_what_is_nan_or_has_no_weight() -> None:
    assert cauchy([0.02, np.nan, 0.3, np.nan]) == pytest.approx(cauchy([0.02, 0.3]), rel=1e-14)
    assert cauchy([0.02, 1e-9, 0.3], [1, 0, 1]) == pytest.approx(cauchy([0.02, 0.3]), rel=1e-14)
    assert cauchy([0.02, np.nan], [1, 5]) == pytest.approx(0.02)
    assert np.isnan(cauchy([np.nan, np.nan]))
    assert np.isnan(cauchy([0.5, np.nan], [0, 1]))
    assert np.isnan(cauchy(np.empty((0, 2)))).tolist() == [True, True]


@pytest.mark.parametrize("small", [1e-8, 1e-16, 1e-100, 1e-300])
def test_cauchy_keeps_the_digits_of_a_small_p(small: float) -> None:
    """Of one small p among k the combined is k p: the others weigh nothing beside it."""
    assert cauchy([small, 0.5, 0.2, 0.9]) == pytest.approx(4 * small, rel=1e-7)
    assert cauchy([small, small / 2]) == pytest.approx(2 / 3 * small, rel=1e-12)


def test_cauchy_of_0_and_1_is_finite() -> None:
    assert 0 < cauchy([0, 0, 0, 0]) < 1e-300
    assert cauchy([1, 1]) == pytest.approx(0.999)
    assert cauchy([1, 1e-6]) == pytest.approx(2e-6, rel=0.01)  # a p of 1 does not cancel it


def test_cauchy_of_independent_p_rejects_no_more_than_nominal() -> None:
    p = cauchy(np.random.default_rng(0).random((4, 100_000)))
    assert 0.045 < (p <= 0.05).mean() < 0.055
    assert (p <= 0.001).mean() < 0.0015


# Weighted Benjamini-Hochberg


@pytest.mark.parametrize("seed", range(3))
def test_with_equal_weights_q_is_scipys_and_statsmodels(seed: int) -> None:
    p = some_p(seed=seed)
    assert np.allclose(weighted_bh(p), scipy.stats.false_discovery_control(p), rtol=1e-13)
    assert np.allclose(weighted_bh(p, np.full(60, 7.0)), multipletests(p, method="fdr_bh")[1])


def test_q_is_that_of_p_divided_by_the_weight() -> None:
    p, weights = some_p(), some_weights()
    expected = scipy.stats.false_discovery_control(np.fmin(p / weights, 1))
    expected = np.maximum(expected, p)  # no row is surer than by itself
    assert np.allclose(weighted_bh(p, weights), expected, rtol=1e-13)
    assert np.allclose(weighted_bh(p, 5 * weights), expected, rtol=1e-12)


def test_rows_without_p_are_not_in_the_family() -> None:
    p, weights = some_p(), some_weights()
    p[5:20] = np.nan
    kept = ~np.isnan(p)
    q = weighted_bh(p, weights)
    assert np.isnan(q[5:20]).all()
    assert np.allclose(q[kept], weighted_bh(p[kept], weights[kept]), rtol=1e-13)


def test_the_order_of_rows_does_not_matter() -> None:
    p, weights = some_p(), some_weights()
    order = np.random.default_rng(2).permutation(60)
    assert np.allclose(weighted_bh(p[order], weights[order]), weighted_bh(p, weights)[order])


def test_more_weight_never_raises_a_rows_q() -> None:
    p, weights = some_p(), some_weights()
    heavier = weights.copy()
    heavier[30] *= 4
    assert weighted_bh(p, heavier)[30] <= weighted_bh(p, weights)[30]


def test_q_of_nothing_and_of_no_weight() -> None:
    assert weighted_bh([]).shape == (0,)
    assert np.isnan(weighted_bh([np.nan])).all()
    assert weighted_bh([0.0, 0.0], [0, 1]).tolist() == [1, 0]
    assert weighted_bh([1.0, 1.0]).tolist() == [1, 1]


def test_the_share_of_false_findings_is_kept_with_unequal_weights() -> None:
    rng = np.random.default_rng(0)
    weights = np.repeat([3.0, 1 / 3], [15, 45])
    shares = []
    for _ in range(600):
        p = rng.random(60)
        p[::4] = scipy.stats.norm.sf(rng.normal(3, 1, 15))
        found = weighted_bh(p, weights) <= 0.05
        false = found.sum() - found[::4].sum()
        shares.append(false / max(found.sum(), 1))
    assert 0.02 < np.mean(shares) < 0.05


# What could have been seen


def test_alpha_parts_the_rejected_from_the_others() -> None:
    p, weights = some_p(), some_weights()
    p[3] = np.nan
    alpha, q = detectable_alpha(p, weights), weighted_bh(p, weights)
    tested = ~np.isnan(p)
    assert np.array_equal((p <= alpha)[tested], (q <= 0.05)[tested])
    assert np.array_equal(np.isnan(alpha), ~tested)
    assert 0 < (q <= 0.05).sum() < tested.sum()


def test_alpha_where_none_is_rejected_is_bonferronis() -> None:
    weights = np.array([2.0, 1, 0.5, 0.5])
    assert detectable_alpha([0.2, 0.3, 0.6, 0.9], weights) == pytest.approx(0.05 * weights / 4)
    unweighted = detectable_alpha([0.2, 0.3, np.nan, 0.9])
    assert unweighted == pytest.approx([0.05 / 3, 0.05 / 3, np.nan, 0.05 / 3], nan_ok=True)


def test_a_row_just_inside_alpha_is_found() -> None:
    p, weights = some_p() / 2 + 0.5, some_weights()
    for row in (0, 17, 42):
        moved = p.copy()
        moved[row] = detectable_alpha(p, weights)[row] * (1 - 1e-12)
        assert weighted_bh(moved, weights)[row] <= 0.05
        moved[row] *= 1.001
        assert weighted_bh(moved, weights)[row] > 0.05


def test_alpha_at_another_level_and_of_nothing() -> None:
    assert detectable_alpha([0.3, 0.6], level=0.1).tolist() == pytest.approx([0.05, 0.05])
    assert detectable_alpha([]).shape == (0,)
    assert np.isnan(detectable_alpha([np.nan])).all()


# Weights of a run


@pytest.mark.parametrize("n_classes", [1, 2, 1_000])
def test_the_rows_of_all_have_half_the_weight(n_classes: int) -> None:
    is_all = np.tile(np.arange(n_classes + 1) == 0, 7)
    weights = family_weights(is_all)
    assert weights.mean() == pytest.approx(1)
    assert weights[is_all].sum() == pytest.approx(weights[~is_all].sum())
    assert len(np.unique(weights[is_all])) == len(np.unique(weights[~is_all])) == 1


def test_halves_are_of_the_tested_rows() -> None:
    is_all = np.array([True, True, False, False, False, False])
    tested = np.array([True, False, True, True, True, False])
    weights = family_weights(is_all, tested=tested)
    assert weights.tolist() == pytest.approx([2, 0, 2 / 3, 2 / 3, 2 / 3, 0])
    assert weights[tested].mean() == pytest.approx(1)


@pytest.mark.parametrize("is_all", [[True] * 4, [False] * 4, []])
def test_one_kind_of_rows_is_not_weighted(is_all: list[bool]) -> None:
    assert family_weights(is_all).tolist() == [1] * len(is_all)


def test_a_heavy_row_among_many_rejected_ones_is_not_carried_along() -> None:
    p = np.array([*[0.3] * 30, *[1e-8] * 500, *[0.7] * 29_500])
    weights = family_weights(np.arange(len(p)) < 30)
    q = weighted_bh(p, weights)
    assert (q[:30] == 0.3).all()
    assert (q[30:530] < 0.05).all()
    assert (detectable_alpha(p, weights) <= 0.05).all()
