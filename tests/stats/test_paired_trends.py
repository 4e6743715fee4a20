"""Trends of paired differences within the true class."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from sensitivity.stats.paired_trends import paired_homogeneity, paired_trend


def ranks(values: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mid-ranks within the class, the plain way."""
    found = np.empty(len(values))
    for c in np.unique(y):
        rows = y == c
        found[rows] = (scipy_stats.rankdata(values[rows]) - 0.5) / rows.sum() - 0.5
    return found


def drawn(rng: np.random.Generator, n: int, n_classes: int = 3):
    """A feature with ties that goes with the class, and differences that do not go with it."""
    y = rng.integers(0, n_classes, n)
    values = np.round(rng.lognormal(y / 2, 1, n), 1)
    change = (rng.random(n) < 0.1 + 0.1 * y) * rng.choice([-1, 1], n, p=[0.3, 0.7])
    return values, y, change


# Trend


def test_z_is_the_permutation_z():
    values = np.array([1.0, 2.0, 2.0, 5.0, 9.0, 9.5, 10.0])
    change = np.array([0, -1, 1, 0, 1, 0, 1])
    r = ranks(values, np.zeros(7, dtype=int))
    every = np.array([r @ np.array(order) for order in permutations(change)])
    repeated = 20  # enough pairs that differ; z of such a table follows from n alone
    z, _ = paired_trend(
        np.tile(values, repeated), np.zeros(7 * repeated, dtype=int), np.tile(change, repeated), 1
    )
    expected = (r @ change) / every.std()
    scale = np.sqrt(repeated * (7 * repeated - 1) / (7 * repeated) / (6 / 7))
    assert z[1] == pytest.approx(expected * scale, rel=1e-9)


def test_all_classes_add_up():
    rng = np.random.default_rng(0)
    values, y, change = drawn(rng, 600)
    r = ranks(values, y)
    u, v = 0.0, 0.0
    z, p = paired_trend(values, y, change, 3)
    for c in range(3):
        rows = y == c
        own_u = r[rows] @ change[rows]
        own_v = (r[rows] ** 2).sum() * change[rows].var(ddof=1)
        assert z[c + 1] == pytest.approx(own_u / np.sqrt(own_v))
        u, v = u + own_u, v + own_v
    assert z[0] == pytest.approx(u / np.sqrt(v))
    np.testing.assert_allclose(p, 2 * scipy_stats.norm.sf(np.abs(z)))


def test_order_of_samples_and_units_of_the_feature_do_not_matter():
    rng = np.random.default_rng(1)
    values, y, change = drawn(rng, 300)
    order = rng.permutation(300)
    one, _ = paired_trend(values, y, change, 3)
    np.testing.assert_allclose(paired_trend(values[order], y[order], change[order], 3)[0], one)
    np.testing.assert_allclose(paired_trend(np.exp(values), y, change, 3)[0], one)
    np.testing.assert_allclose(paired_trend(-values, y, change, 3)[0], -one)
    np.testing.assert_allclose(paired_trend(values, y, -change, 3)[0], -one)


def test_samples_as_clusters_change_next_to_nothing():
    values, y, change = drawn(np.random.default_rng(2), 6_000)
    alone, _ = paired_trend(values, y, change, 3)
    grouped, _ = paired_trend(values, y, change, 3, groups=np.arange(6_000))
    np.testing.assert_allclose(grouped, alone, rtol=0.1)
    assert (np.abs(grouped) <= np.abs(alone) + 1e-12).all()


def test_null_is_rejected_as_often_as_it_says_although_the_mix_moves():
    rng = np.random.default_rng(3)
    p = np.array([paired_trend(*drawn(rng, 300), 3)[1] for _ in range(1_500)])
    assert scipy_stats.kstest(p[:, 0], "uniform").pvalue > 0.001
    assert 0.035 < (p[:, 0] <= 0.05).mean() < 0.065
    assert (p[:, 1] <= 0.05).mean() < 0.07


def test_clusters_are_not_called_a_trend():
    rng = np.random.default_rng(4)
    groups, y = np.repeat(np.arange(60), 20), np.zeros(1_200, dtype=int)
    naive, ours = [], []
    for _ in range(800):
        values = np.repeat(rng.normal(size=60), 20) + 0.3 * rng.normal(size=1_200)
        moved = np.repeat((rng.random(60) < 0.3) * rng.choice([-1, 1], 60), 20)
        change = moved * (rng.random(1_200) < 0.7)
        naive.append(paired_trend(values, y, change, 1)[1][0])
        ours.append(paired_trend(values, y, change, 1, groups=groups)[1][0])
    assert np.mean(np.array(naive) <= 0.05) > 0.4
    assert 0.02 < np.mean(np.array(ours) <= 0.05) < 0.065


def test_a_gain_in_the_blurred_bins_is_found():
    rng = np.random.default_rng(5)
    found = []
    for _ in range(200):
        blur = rng.random(1_000)
        corrected = rng.random(1_000) < 0.02 + 0.12 * blur
        corrupted = rng.random(1_000) < 0.03
        change = corrected.astype(int) - (corrupted & ~corrected)
        found.append(paired_trend(blur, np.zeros(1_000, dtype=int), change, 1)[0][0])
    assert np.mean(np.array(found) > 1.96) > 0.95


@pytest.mark.parametrize(
    ("values", "change"),
    [
        (np.arange(50.0), np.r_[np.ones(9), np.zeros(41)]),
        (np.ones(50), np.r_[np.ones(20), np.zeros(30)]),
        (np.arange(50.0), np.ones(50)),
        (np.array([]), np.array([])),
    ],
    ids=["few differ", "constant feature", "all alike", "no pair"],
)
def test_nothing_is_told_of(values: np.ndarray, change: np.ndarray):
    y = np.zeros(len(values), dtype=int)
    for found in paired_trend(values, y, change.astype(int), 1):
        assert np.isnan(found).all()


def test_one_cluster_tells_nothing():
    values, y, change = drawn(np.random.default_rng(6), 300)
    z, _ = paired_trend(values, y, change, 3, groups=np.zeros(300, dtype=int))
    assert np.isnan(z).all()


def test_class_without_samples_is_empty():
    values, y, change = drawn(np.random.default_rng(7), 600)
    z, p = paired_trend(values, y, change, 5)
    assert np.isnan([z[4:], p[4:]]).all()
    assert np.isfinite(z[:4]).all()


# Categories


def test_two_categories_are_a_trend_of_two_values():
    rng = np.random.default_rng(8)
    _, y, change = drawn(rng, 500)
    codes = rng.integers(0, 2, 500)
    z, p = paired_trend(codes.astype(float), y, change, 3)
    homogeneity = paired_homogeneity(codes, y, change, 3, 2)
    np.testing.assert_allclose(homogeneity[1:], p[1:])
    assert homogeneity[0] == pytest.approx(p[0], rel=0.1)
    assert np.isfinite(z).all()


def test_categories_are_told_apart_as_the_kruskal_wallis_test_does():
    rng = np.random.default_rng(9)
    codes = rng.integers(0, 4, 400)
    change = rng.choice([-1, 0, 1], 400, p=[0.1, 0.7, 0.2])
    p = paired_homogeneity(codes, np.zeros(400, dtype=int), change, 1, 4)
    # Kruskal and Wallis take ranks, which are linear in d where both signs are ties apart.
    mean = [change[codes == k].mean() for k in range(4)]
    size = np.bincount(codes)
    statistic = (size * (mean - change.mean()) ** 2).sum() / change.var(ddof=1)
    assert p[1] == pytest.approx(scipy_stats.chi2.sf(statistic, 3))
    assert p[0] == pytest.approx(p[1])


def test_null_categories_are_rejected_as_often_as_it_says():
    rng = np.random.default_rng(10)
    found = []
    for _ in range(1_000):
        y = rng.integers(0, 2, 300)
        codes = np.minimum(rng.integers(0, 4, 300) + y, 3)
        change = (rng.random(300) < 0.1 + 0.2 * y) * rng.choice([-1, 1], 300, p=[0.3, 0.7])
        found.append(paired_homogeneity(codes, y, change, 2, 4)[0])
    assert 0.035 < (np.array(found) <= 0.05).mean() < 0.065


def test_clusters_are_not_called_a_difference_of_categories():
    rng = np.random.default_rng(11)
    groups, y = np.repeat(np.arange(80), 15), np.zeros(1_200, dtype=int)
    naive, ours = [], []
    for _ in range(500):
        codes = np.repeat(rng.integers(0, 3, 80), 15)
        moved = np.repeat((rng.random(80) < 0.3) * rng.choice([-1, 1], 80), 15)
        change = moved * (rng.random(1_200) < 0.7)
        naive.append(paired_homogeneity(codes, y, change, 1, 3)[0])
        ours.append(paired_homogeneity(codes, y, change, 1, 3, groups=groups)[0])
    assert np.mean(np.array(naive) <= 0.05) > 0.4
    assert np.mean(np.array(ours) <= 0.05) < 0.07


def test_a_camera_that_gains_is_found():
    rng = np.random.default_rng(12)
    codes = rng.integers(0, 4, 800)
    change = (rng.random(800) < np.where(codes == 2, 0.2, 0.05)).astype(int)
    p = paired_homogeneity(codes, np.zeros(800, dtype=int), change, 1, 4)
    assert p[0] < 1e-4


def test_categories_that_tell_nothing():
    y, change = np.zeros(60, dtype=int), np.r_[np.ones(20), np.zeros(40)].astype(int)
    assert np.isnan(paired_homogeneity(np.zeros(60, dtype=int), y, change, 1, 2)).all()
    few = np.r_[np.ones(9), np.zeros(51)].astype(int)
    assert np.isnan(paired_homogeneity(np.arange(60) % 2, y, few, 1, 2)).all()
    none = np.array([], dtype=int)
    assert np.isnan(paired_homogeneity(none, none, none, 1, 2)).all()


def test_classes_with_a_category_each_tell_nothing():
    y = np.arange(100) % 2
    change = (np.arange(100) % 3 == 0).astype(int)
    assert np.isnan(paired_homogeneity(y, y, change, 2, 2)).all()
