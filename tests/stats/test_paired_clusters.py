"""Pairs that belong together."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats as scipy_stats

from sensitivity.stats.paired import mcnemar
from sensitivity.stats.paired_clusters import (
    cluster_inflation,
    clustered_mcnemar,
    clustered_squares,
    clustered_z,
)


def clustered(rng: np.random.Generator, n_groups: int, size: int, share: float = 0.3):
    """Differences that a whole group has in common, with mean 0, and the groups."""
    moved = rng.random(n_groups) < share
    sign = rng.choice([-1, 1], n_groups)
    own = rng.random((n_groups, size)) < 0.7
    change = (moved * sign)[:, None] * own
    return change.ravel(), np.repeat(np.arange(n_groups), size)


def test_squares_are_those_of_statsmodels():
    rng = np.random.default_rng(0)
    groups, scores = rng.integers(0, 30, 400), rng.normal(size=400)
    scores -= scores.mean()
    fit = sm.OLS(scores, np.ones(400)).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    found, count = clustered_squares(np.zeros(400, dtype=int), groups, scores, 1)
    assert count[0] == 30
    assert found[0] / 400**2 == pytest.approx(fit.cov_params()[0, 0] * 30 / 29, rel=1e-9)


def test_cells_do_not_mix():
    rng = np.random.default_rng(1)
    cells, groups = rng.integers(0, 5, 300), rng.integers(0, 20, 300)
    scores = rng.normal(size=300)
    found, count = clustered_squares(cells, groups, scores, 6)
    for k in range(5):
        rows = cells == k
        alone = clustered_squares(np.zeros(rows.sum(), dtype=int), groups[rows], scores[rows], 1)
        assert (found[k], count[k]) == pytest.approx((alone[0][0], alone[1][0]))
    assert (found[5], count[5]) == (0, 0)


def test_order_and_numbers_of_groups_do_not_matter():
    rng = np.random.default_rng(2)
    cells, groups, scores = rng.integers(0, 3, 90), rng.integers(0, 9, 90), rng.normal(size=90)
    order, names = rng.permutation(90), rng.permutation(9) * 7
    np.testing.assert_allclose(
        clustered_squares(cells, groups, scores, 3)[0],
        clustered_squares(cells[order], names[groups[order]], scores[order], 3)[0],
    )


def test_samples_on_their_own_inflate_next_to_nothing():
    scores = np.random.default_rng(3).normal(size=2_000)
    found = cluster_inflation(np.zeros(2_000, dtype=int), np.arange(2_000), scores, 1)
    assert found[0] == pytest.approx(1, abs=0.003)


def test_samples_twice_over_inflate_twofold():
    scores = np.random.default_rng(3).normal(size=2_000)
    groups = np.tile(np.arange(2_000), 2)
    found = cluster_inflation(np.zeros(4_000, dtype=int), groups, np.tile(scores, 2), 1)
    assert found[0] == pytest.approx(2, abs=0.006)


def test_one_cluster_tells_nothing_and_no_sample_needs_nothing():
    found = cluster_inflation(np.zeros(4, dtype=int), np.zeros(4, dtype=int), np.ones(4), 2)
    assert np.isnan(found[0])
    assert found[1] == 1


def test_clustered_differences_of_equal_models_are_not_called_a_change():
    rng = np.random.default_rng(4)
    naive, ours = [], []
    for _ in range(1_000):
        change, groups = clustered(rng, 60, 20)
        naive.append(mcnemar((change > 0).sum(), (change < 0).sum()))
        ours.append(clustered_mcnemar(np.zeros(1_200, dtype=int), groups, change, 1)[0])
    assert np.mean(np.array(naive) <= 0.05) > 0.4
    assert 0.02 < np.mean(np.array(ours) <= 0.05) < 0.065


@pytest.mark.parametrize(("n_groups", "size", "most"), [(10, 20, 0.08), (19, 60, 0.06)])
def test_few_clusters_are_not_called_a_change_either(n_groups: int, size: int, most: float):
    rng = np.random.default_rng(5)
    p = []
    for _ in range(1_500):
        change, groups = clustered(rng, n_groups, size, share=0.6)
        p.append(clustered_mcnemar(np.zeros(len(change), dtype=int), groups, change, 1)[0])
    assert 0.03 < np.mean(np.array(p) <= 0.05) < most
    assert np.mean(np.array(p) <= 0.01) < most / 4


def test_z_is_the_t_test_of_the_sums():
    rng = np.random.default_rng(6)
    sums = rng.normal(0.5, 1, 12)
    variance = 12 / 11 * (sums**2).sum()
    z = clustered_z(np.array([sums.sum()]), np.array([variance]), np.array([12]))
    expected = scipy_stats.ttest_1samp(sums, 0)
    assert 2 * scipy_stats.norm.sf(abs(z[0])) == pytest.approx(expected.pvalue)
    assert np.sign(z[0]) == np.sign(expected.statistic)


def test_z_of_nothing():
    z = clustered_z(np.array([1.0, 0.0, 0.0]), np.array([2.0, 0.0, 3.0]), np.array([1, 4, 4]))
    assert np.isnan(z[:2]).all()
    assert z[2] == 0


def test_p_where_nothing_differs_and_where_one_cluster_does():
    cells, groups = np.array([0, 0, 1, 1, 1, 2]), np.array([0, 1, 2, 2, 3, 4])
    p = clustered_mcnemar(cells, groups, np.array([0, 0, 1, 1, 0, 1]), 3)
    assert p[0] == 1
    assert p[1] > 0.3
    assert np.isnan(p[2])
