"""Tests of numeric features: effect sizes, p of few events, clusters, margins."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
import scipy.stats

from sensitivity.stats.dependence import clustered, clusters
from sensitivity.stats.exact import FEW
from sensitivity.stats.ranks import Floats, bend, companion, within_ranks
from sensitivity.stats.scores import Responses, responses, score
from sensitivity.trends.numeric import SPAN, margin_p, numeric_rows
from sensitivity.trends.rows import Rows

P = ("p_recall", "p_fpr", "p_f1", "p_shape")
Z = ("z_recall", "z_fpr", "z_f1", "z_shape")


def drawn(seed: int = 0, n: int = 400, n_classes: int = 3, recall: float = 0.7, levels: int = 0):
    """Predictions sorted by class, and within-class ranks."""
    rng = np.random.default_rng(seed)
    y = np.sort(rng.integers(n_classes, size=n))
    other = (y + rng.integers(1, n_classes, size=n)) % n_classes
    given = responses(y, np.where(rng.random(n) < recall, y, other), n_classes)
    values = rng.normal(size=n) if not levels else rng.integers(levels, size=n).astype(float)
    return given, within_ranks(values, given.by)


def rows_of(ranks: Floats, given: Responses, groups=None, seed: int = 0) -> Rows:
    by = None if groups is None else clusters(groups, given)
    return numeric_rows([ranks], given, clusters=by, margin=None, seed=seed)[0]


def stacked(rows: Rows, names) -> np.ndarray:
    return np.stack([getattr(rows, name) for name in names])


def mixed_up(given: Responses, ranks: Floats, seed: int = 0) -> tuple[Responses, Floats]:
    """The same samples, those of each class in another order."""
    order = np.lexsort((np.random.default_rng(seed).permutation(len(ranks)), given.by.codes))
    again = responses(given.by.codes[order], given.predicted[order], given.by.n_classes)
    return again, ranks[order]


# Many events


def test_rows_are_the_scores_of_the_ranks_and_of_their_companion() -> None:
    given, ranks = drawn()
    bent = companion(ranks, given.by, *bend(ranks, given.by))
    linear, curved = score(ranks, given), score(bent, given)
    rows = rows_of(ranks, given)
    for z, expected in zip(Z, (*linear.z, curved.z[2]), strict=True):
        np.testing.assert_allclose(getattr(rows, z)[1:], expected)
    np.testing.assert_allclose(stacked(rows, P), 2 * scipy.stats.norm.sf(np.abs(stacked(rows, Z))))
    of_all = linear.recall.sum() / np.sqrt(linear.recall_variance.sum())
    assert rows.z_recall[0] == pytest.approx(of_all)
    bent_all = curved.recall.sum() / np.sqrt(curved.recall_variance.sum())
    assert rows.z_shape[0] == pytest.approx(bent_all)
    assert np.isnan([rows.z_fpr[0], rows.p_fpr[0], rows.z_f1[0], rows.p_f1[0]]).all()
    assert np.isnan(rows.p_margin).all()


def test_change_is_the_slope_of_recall_from_the_10th_to_the_90th_percentile() -> None:
    """Of the least-squares line of right on rank; (n - 1) / n is all that differs."""
    given, ranks = drawn(1)
    rows = rows_of(ranks, given)
    right = given.predicted == given.by.codes
    for c in range(3):
        mine = given.by.codes == c
        n = mine.sum()
        fit = scipy.stats.linregress(ranks[mine], right[mine].astype(float))
        assert rows.change[c + 1] == pytest.approx(SPAN * fit.slope * (n - 1) / n)
        # Under the null the residual variance is R (1 - R), not what the line leaves.
        null = np.sqrt(right[mine].var() / (ranks[mine] ** 2).sum() * (n - 1) / n)
        assert rows.error[c + 1] == pytest.approx(SPAN * null)
    squares = score(ranks, given).squares
    expected = (rows.change[1:] * squares).sum() / squares.sum()
    assert rows.change[0] == pytest.approx(expected)


def test_change_of_a_planted_slope_comes_back() -> None:
    rng = np.random.default_rng(2)
    n = 100_000
    y, x = np.zeros(n, dtype=int), rng.random(n)
    given = responses(y, (rng.random(n) > 0.6 + 0.3 * x).astype(int), 2)
    rows = rows_of(within_ranks(x, given.by), given)
    assert rows.change[1] == pytest.approx(0.24, abs=4 * rows.error[1])
    assert rows.error[1] < 0.005


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
def test_change_along_a_feature_of_two_values_is_the_difference_between_them(share) -> None:
    rng = np.random.default_rng(1)
    y = np.repeat([0, 1], 1000)
    high = rng.random(2000) < share
    given = responses(y, np.where(rng.random(2000) < np.where(high, 0.5, 0.9), y, 1 - y), 2)
    rows = rows_of(within_ranks(high.astype(float), given.by), given)
    for c in (0, 1):
        right = (given.predicted == y)[y == c]
        of_class = high[y == c]
        gap = right[of_class].mean() - right[~of_class].mean()
        assert rows.change[c + 1] == pytest.approx(gap, rel=0.003)
    assert min(rows.change[1:]) <= rows.change[0] <= max(rows.change[1:])


def test_a_reversed_feature_flips_signs_only() -> None:
    given, ranks = drawn(3, levels=9)
    one, other = rows_of(ranks, given), rows_of(-ranks, given)
    flips = ("z_recall", "z_fpr", "z_f1", "total", "change")
    np.testing.assert_allclose(stacked(other, flips), -stacked(one, flips), atol=1e-9)
    stays = (*P, "z_shape", "variance", "error")
    np.testing.assert_allclose(stacked(other, stays), stacked(one, stays), rtol=1e-9)
    np.testing.assert_allclose(other.auc, 1 - one.auc, atol=1e-12)


def test_two_distinct_values_have_no_bend() -> None:
    given, ranks = drawn(4, levels=2)
    rows = rows_of(ranks, given)
    assert np.isnan(rows.p_shape).all()
    assert np.isfinite(rows.p_recall).all()


def test_a_class_with_two_distinct_values_has_none_the_others_do() -> None:
    given, _ = drawn(5)
    values = np.random.default_rng(0).normal(size=400)
    values[given.by.codes == 1] = values[given.by.codes == 1] > 0
    rows = rows_of(within_ranks(values, given.by), given)
    # F1 of class 1 still bends by what the other classes are called.
    assert rows.z_shape[2] == pytest.approx(score_of_others(values, given, 1))


def score_of_others(values: Floats, given: Responses, c: int) -> float:
    ranks = within_ranks(values, given.by)
    curved = score(companion(ranks, given.by, *bend(ranks, given.by)), given)
    assert np.isnan(curved.z[0][c])
    return float(-curved.z[1][c])


# Few events


def few(errors: int, false: int, seed: int = 0, levels: int = 1000):
    """Class 0 with 9 samples and some errors, class 1 with 8 and some false calls."""
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [9, 8])
    predicted = y.copy()
    predicted[rng.choice(9, errors, replace=False)] = 1
    predicted[9 + rng.choice(8, false, replace=False)] = 0
    given = responses(y, predicted, 2)
    return given, within_ranks(rng.integers(levels, size=17).astype(float), given.by)


def of_all_ways(ranks: Floats, given: Responses) -> np.ndarray:
    """Mid-p of recall, false positives, F1 and shape of class 0, and of "all" the two."""
    bent = companion(ranks, given.by, *bend(ranks, given.by))
    errors, false = int(given.counts[0, 1]), int(given.counts[1, 0])

    def statistics(predicted: np.ndarray) -> list[float]:
        again = responses(given.by.codes, predicted, 2)
        linear, curved = score(ranks, again), score(bent, again)
        return [
            linear.recall[0], linear.fpr[0], linear.f1[0], curved.f1[0],
            linear.recall.sum(), curved.recall.sum(),
        ]  # fmt: skip

    every = []
    for one, two in product(combinations(range(9), errors), combinations(range(9, 17), false)):
        predicted = given.by.codes.astype(int)
        predicted[list(one)], predicted[list(two)] = 1, 0
        every.append(statistics(predicted))
    every, observed = np.abs(every), np.abs(statistics(given.predicted))
    as_far = np.isclose(every, observed, atol=1e-9)
    return ((every > observed) & ~as_far).mean(axis=0) + 0.5 * as_far.mean(axis=0)


@pytest.mark.parametrize(("errors", "false"), [(1, 1), (2, 1), (1, 2), (2, 2)])
@pytest.mark.parametrize("levels", [3, 1000])
def test_p_of_few_events_is_that_of_all_ways(errors: int, false: int, levels: int) -> None:
    given, ranks = few(errors, false, seed=errors + 5 * false, levels=levels)
    expected = of_all_ways(ranks, given)
    runs = [rows_of(ranks, given, seed=seed) for seed in range(40)]
    found = np.array([[*(getattr(r, p)[1] for p in P), r.p_recall[0], r.p_shape[0]] for r in runs])
    # 200 draws or more each; the data count as one more.
    np.testing.assert_allclose(found.mean(axis=0), expected, atol=0.02)


def test_no_false_calls_leave_recall_alone() -> None:
    given, ranks = few(2, 0)
    rows = rows_of(ranks, given)
    assert np.isnan(rows.p_fpr[1])
    assert rows.p_recall[1] == rows.p_f1[1]
    assert rows.p_recall[1] == pytest.approx(of_all_ways(ranks, given)[0], abs=0.1)


@pytest.mark.parametrize("recall", [0.03, 0.97])
@pytest.mark.parametrize("levels", [0, 2, 5])
def test_simulated_p_do_not_depend_on_the_order_of_the_samples(recall: float, levels: int) -> None:
    given, ranks = drawn(6, recall=recall, levels=levels)
    assert (np.minimum(given.hits, given.n - given.hits) < FEW).all()
    again, mixed = mixed_up(given, ranks)
    one, two = rows_of(ranks, given), rows_of(mixed, again)
    np.testing.assert_allclose(stacked(one, P), stacked(two, P), rtol=1e-9)
    np.testing.assert_allclose(stacked(one, Z), stacked(two, Z), atol=1e-9)


def test_simulated_p_of_a_feature_do_not_depend_on_the_others() -> None:
    given, ranks = drawn(7, recall=0.97)
    other = drawn(8, recall=0.97)[1]
    together = numeric_rows([ranks, other], given, clusters=None, margin=None, seed=0)
    for rows, column in zip(together, (ranks, other), strict=True):
        assert np.array_equal(stacked(rows, P), stacked(rows_of(column, given), P), equal_nan=True)


def test_simulated_p_join_up_with_normal_ones() -> None:
    """With nine events and with ten, p of the same trend is about the same."""
    y, x = np.repeat([0, 1], 500), np.tile(np.arange(500.0), 2)
    found = []
    for errors in (9, 10):
        predicted = y.copy()
        predicted[np.linspace(180, 499, errors).astype(int)] = 1
        given = responses(y, predicted, 2)
        found.append(rows_of(within_ranks(x, given.by), given).p_recall[1])
    assert 0.01 < found[1] < 0.06
    assert found[0] == pytest.approx(found[1], abs=0.02)


def test_few_errors_and_many_false_calls_make_one_p_of_f1() -> None:
    """The false calls' part is normal: p agrees with the normal z of both."""
    rng = np.random.default_rng(9)
    y, x = np.repeat([0, 1], [300, 700]), rng.normal(size=1000)
    predicted = y.copy()
    predicted[:5] = 1
    predicted[300:1000][x[300:] > 0.9] = 0
    given = responses(y, predicted, 2)
    ranks = within_ranks(x, given.by)
    rows = rows_of(ranks, given)
    assert rows.p_f1[1] < 1e-3
    mild = predicted.copy()
    mild[300:1000] = np.where(rng.random(700) < 0.1 + 0.04 * (x[300:] > 0), 0, 1)
    given = responses(y, mild, 2)
    rows = rows_of(within_ranks(x, given.by), given)
    normal = 2 * scipy.stats.norm.sf(abs(rows.z_f1[1]))
    assert rows.p_f1[1] == pytest.approx(normal, abs=0.03)
    assert rows.p_f1[1] != normal


# Clusters


def worth(sizes: np.ndarray) -> float:
    return sizes.sum() ** 2 / (sizes**2).sum()


def test_clustered_rows_use_t_with_what_the_clusters_are_worth() -> None:
    given, ranks = drawn(10, recall=0.6)
    groups = np.random.default_rng(0).integers(12, size=400)
    rows = rows_of(ranks, given, groups)
    by = clusters(groups, given)
    linear = clustered(score(ranks, given), ranks, given, by)
    np.testing.assert_allclose(rows.z_recall[1:], linear.z[0])
    df = worth(np.bincount(groups)) - 1
    np.testing.assert_allclose(rows.p_f1[1:], 2 * scipy.stats.t.sf(np.abs(linear.z[2]), df))
    own = [worth(np.bincount(groups[given.by.codes == c])) - 1 for c in range(3)]
    p = 2 * scipy.stats.t.sf(np.abs(rows.z_recall), [df, *own])
    np.testing.assert_allclose(rows.p_recall, p)
    np.testing.assert_allclose(
        rows.error[1:], SPAN * np.sqrt(linear.recall_variance) / linear.squares
    )


def test_effects_do_not_depend_on_clusters() -> None:
    given, ranks = drawn(11)
    groups = np.random.default_rng(1).integers(20, size=400)
    one, two = rows_of(ranks, given), rows_of(ranks, given, groups)
    for name in ("change", "auc", "total"):
        assert np.array_equal(getattr(one, name), getattr(two, name))


def test_few_events_in_clusters_take_the_larger_p() -> None:
    given, ranks = drawn(12, recall=0.98)
    groups = np.random.default_rng(2).integers(50, size=400)
    alone, together = rows_of(ranks, given), rows_of(ranks, given, groups)
    by = clusters(groups, given)
    bare = clustered(score(ranks, given), ranks, given, by)
    of_t = 2 * scipy.stats.t.sf(np.abs(bare.z[1]), by.worth - 1)
    assert (given.false[given.false > 0] < FEW).all()
    np.testing.assert_allclose(together.p_fpr[1:], np.fmax(alone.p_fpr[1:], of_t))


def test_a_single_cluster_is_not_rows_of() -> None:
    given, ranks = drawn(13)
    rows = rows_of(ranks, given, np.zeros(400, dtype=int))
    assert np.isnan(stacked(rows, (*P, *Z))).all()
    assert np.isfinite(rows.change).all()


# Nothing to test


@pytest.mark.parametrize(
    ("y", "predicted", "x"),
    [
        ([], [], []),
        ([0], [0], [1]),
        ([0], [1], [1]),
        ([0, 1], [1, 0], [1, 2]),
        ([0, 0, 0], [0, 0, 0], [1, 2, 3]),
        ([0, 0, 1, 1], [1, 1, 0, 0], [1, 2, 3, 4]),
        ([0, 0, 1, 1], [1, 0, 1, 0], [5, 5, 6, 6]),
    ],
)
def test_what_cannot_vary_is_not_rows_of(y: list, predicted: list, x: list) -> None:
    given = responses(np.array(y, dtype=int), np.array(predicted, dtype=int), 2)
    rows = rows_of(within_ranks(np.array(x, dtype=float), given.by), given)
    assert np.isnan(rows.p_recall).all()
    assert np.isnan(rows.z_recall).all()


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_very_few_samples_are_never_sure(n: int) -> None:
    given = responses(np.zeros(n, dtype=int), (np.arange(n) > n / 2).astype(int), 2)
    rows = rows_of(within_ranks(np.arange(float(n)), given.by), given)
    p = stacked(rows, P)
    assert (p[~np.isnan(p)] > 0.05).all()


def test_huge_ties_are_rows_of() -> None:
    given, _ = drawn(14, n=3000)
    x = np.zeros(3000)
    x[::100] = np.arange(30)
    rows = rows_of(within_ranks(x, given.by), given)
    assert np.isfinite(rows.p_recall).all()


def test_no_columns_are_no_rows() -> None:
    given, _ = drawn()
    assert numeric_rows([], given, clusters=None, margin=None, seed=0) == []


# Margins


def test_margin_p_is_spearmans_within_the_class() -> None:
    given, ranks = drawn(15, levels=7)
    rng = np.random.default_rng(0)
    margin = within_ranks(ranks + rng.normal(size=400), given.by)
    found = margin_p(ranks, margin, given, None)
    for c in range(3):
        mine = given.by.codes == c
        rho = scipy.stats.spearmanr(ranks[mine], margin[mine]).statistic
        z = rho * np.sqrt(mine.sum() - 1)
        assert found[c + 1] == pytest.approx(2 * scipy.stats.norm.sf(abs(z)), rel=1e-9)


def test_variance_of_the_margin_agrees_with_permutations() -> None:
    given, ranks = drawn(16, n=120)
    rng = np.random.default_rng(1)
    found = []
    for _ in range(800):
        margin = within_ranks(rng.random(120), given.by)
        found.append(margin_p(ranks, margin, given, None))
    share = (np.array(found) <= 0.1).mean(axis=0)
    np.testing.assert_allclose(share, 0.1, atol=4 * np.sqrt(0.09 / 800))


def test_clustered_margin_by_hand() -> None:
    given, ranks = drawn(17)
    rng = np.random.default_rng(2)
    margin = within_ranks(ranks + 2 * rng.normal(size=400), given.by)
    groups = rng.integers(15, size=400)
    found = margin_p(ranks, margin, given, clusters(groups, given))
    product = ranks * margin
    sums = np.bincount(groups, product)
    z = product.sum() / np.sqrt(15 / 14 * (sums**2).sum())
    assert found[0] == pytest.approx(2 * scipy.stats.t.sf(abs(z), worth(np.bincount(groups)) - 1))
    own = product * (given.by.codes == 1)
    z = own.sum() / np.sqrt(15 / 14 * (np.bincount(groups, own) ** 2).sum())
    df = worth(np.bincount(groups[given.by.codes == 1])) - 1
    assert found[2] == pytest.approx(2 * scipy.stats.t.sf(abs(z), df))


def test_margin_without_variation_is_not_rows_of() -> None:
    given, ranks = drawn(18)
    assert np.isnan(margin_p(ranks, np.zeros(400), given, None)).all()
    assert np.isnan(margin_p(np.zeros(400), ranks, given, None)).all()
