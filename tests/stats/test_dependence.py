"""Clusters: variances against loops over clusters, and the check for clusters nobody named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as cases
from hypothesis import strategies as st

from sensitivity.stats.dependence import (
    BLOCK,
    cluster_sums,
    clustered,
    clusters,
    degrees,
    design_effect,
    natural_order,
    pooled_variance,
    serial_dependence,
)
from sensitivity.stats.ranks import bend, companion, within_ranks
from sensitivity.stats.scores import Responses, responses, score

VARIANCES = ("recall_variance", "fpr_variance", "f1_variance")


def drawn(seed: int = 0, n: int = 300, n_classes: int = 3, n_groups: int = 25):
    """True classes in ascending order, predictions, a tied feature and groups."""
    rng = np.random.default_rng(seed)
    y = np.sort(rng.integers(n_classes, size=n))
    other = (y + rng.integers(1, n_classes, size=n)) % n_classes
    groups = rng.integers(n_groups, size=n)
    luck = rng.normal(size=n_groups)[groups] / 3
    predicted = np.where(rng.random(n) < np.clip(0.7 + luck, 0, 1), y, other)
    return y, predicted, np.round(rng.normal(size=n) + groups / 10, 1), groups


def looped(column: np.ndarray, y: np.ndarray, predicted: np.ndarray, groups: np.ndarray, c: int):
    """Variances of recall, of false positives and of F1 of class c, and of recall of all."""
    n, called = (y == c).sum(), (predicted == c).sum()
    f1 = 2 * ((y == c) & (predicted == c)).sum() / (n + called)
    totals = np.zeros(4)
    for group in np.unique(groups):
        recall = false = of_all = 0.0
        for i in np.flatnonzero(groups == group):
            rate = (predicted[y == y[i]] == c).mean()
            residual = ((predicted[i] == c) - rate) * column[i]
            if y[i] == c:
                recall += residual
            else:
                false += residual
            of_all += ((predicted[i] == y[i]) - (predicted == y)[y == y[i]].mean()) * column[i]
        f1_part = (2 - f1) * recall - f1 * false
        totals += np.array([recall, false, f1_part, of_all]) ** 2
    count = len(np.unique(groups))
    return totals * count / (count - 1)


def found_variances(column: np.ndarray, given: Responses, groups: np.ndarray) -> np.ndarray:
    found = clustered(score(column, given), column, given, clusters(groups, given))
    return np.stack([getattr(found, name) for name in VARIANCES], axis=1)


# Variances


@pytest.mark.parametrize("n_classes", [2, 3, 6])
@pytest.mark.parametrize("bent", [False, True])
def test_variances_are_those_of_a_loop_over_clusters(n_classes: int, bent: bool) -> None:
    y, predicted, x, groups = drawn(n_classes=n_classes)
    given = responses(y, predicted, n_classes)
    column = within_ranks(x, given.by)
    if bent:
        column = companion(column, given.by, *bend(column, given.by))
    found = found_variances(column, given, groups)
    of_all = pooled_variance(column, given, clusters(groups, given))
    for c in range(n_classes):
        expected = looped(column, y, predicted, groups, c)
        np.testing.assert_allclose([*found[c], of_all], expected, rtol=1e-9)


def test_only_variances_change() -> None:
    y, predicted, x, groups = drawn(1)
    given = responses(y, predicted, 3)
    column = within_ranks(x, given.by)
    alone = score(column, given)
    found = clustered(alone, column, given, clusters(groups, given))
    for name in ("recall", "fpr", "f1", "squares"):
        assert np.array_equal(getattr(found, name), getattr(alone, name))


def test_samples_of_a_class_may_come_in_any_order_and_groups_have_any_numbers() -> None:
    y, predicted, x, groups = drawn(2)
    rng = np.random.default_rng(0)
    order = np.lexsort((rng.permutation(len(y)), y))
    renumbered = (rng.permutation(25) * 7 - 40)[groups]
    given = responses(y, predicted, 3)
    again = responses(y, predicted[order], 3)
    np.testing.assert_allclose(
        found_variances(within_ranks(x[order], again.by), again, renumbered[order]),
        found_variances(within_ranks(x, given.by), given, groups),
        rtol=1e-9,
    )


def test_every_sample_its_own_cluster_is_nearly_no_cluster() -> None:
    """Σ (residual · x)² in place of R (1 - R) Σ x²: the same on average."""
    y, predicted, x, _ = drawn(3, n=20_000)
    given = responses(y, predicted, 3)
    column, alone = within_ranks(x, given.by), np.arange(len(y))
    free = score(column, given)
    found = found_variances(column, given, alone)
    for k, name in enumerate(VARIANCES):
        np.testing.assert_allclose(found[:, k], getattr(free, name), rtol=0.05)


def test_samples_in_twos_double_the_variance() -> None:
    """Everything twice, the copies in one cluster: twice the evidence is no evidence."""
    y, predicted, x, _ = drawn(4)
    alone, twice = np.arange(len(y)), np.repeat(np.arange(len(y)), 2)
    given = responses(y, predicted, 3)
    double = responses(*(np.repeat(part, 2) for part in (y, predicted)), 3)
    np.testing.assert_allclose(
        found_variances(within_ranks(np.repeat(x, 2), double.by), double, twice),
        4 * found_variances(within_ranks(x, given.by), given, alone),
        rtol=1e-9,
    )


def test_one_cluster_has_no_variance() -> None:
    y, predicted, x, _ = drawn(5, n=30)
    given = responses(y, predicted, 3)
    column, one = within_ranks(x, given.by), np.zeros(30, dtype=int)
    assert np.isnan(found_variances(column, given, one)).all()
    assert np.isnan(pooled_variance(column, given, clusters(one, given)))


def test_a_class_without_samples_has_variance_of_false_positives_only() -> None:
    y, predicted, x, groups = drawn(6)
    given = responses(y, np.where(x > 0.9, 3, predicted), 5)
    found = found_variances(within_ranks(x, given.by), given, groups)
    assert found[3, 0] == 0
    assert found[3, 1] > 0
    assert found[4].tolist() == [0, 0, 0]


def test_sums_of_clusters_are_by_cluster_and_class() -> None:
    y, predicted, x, groups = drawn(7)
    given = responses(y, predicted, 3)
    by = clusters(groups, given)
    found = cluster_sums(x, given, by)
    residual = (predicted == y) - given.recall[y]
    for value, group, c in zip(found, by.cell_cluster, by.cell_class, strict=True):
        mine = (groups == group) & (y == c)
        assert mine.any()
        assert value == pytest.approx((residual * x)[mine].sum(), abs=1e-10)
    assert len(found) == len(np.unique(groups * 3 + y))


def test_degrees_are_what_the_clusters_that_take_part_are_worth() -> None:
    y, predicted, _, groups = drawn(8, n=60)
    given = responses(y, predicted, 4)
    own, every = degrees(given, clusters(groups, given))

    def worth(sizes: np.ndarray) -> float:
        return sizes.sum() ** 2 / (sizes**2).sum()

    expected = [worth(np.bincount(groups[y == c])) - 1 for c in range(3)]
    assert own[:3] == pytest.approx(expected, rel=1e-12)
    assert own[3] == -1
    assert every == pytest.approx([worth(np.bincount(groups)) - 1] * 4, rel=1e-12)


def test_clusters_of_equal_size_are_worth_their_number() -> None:
    given = responses(np.repeat([0, 1], 12), np.zeros(24, dtype=int), 2)
    own, every = degrees(given, clusters(np.arange(24) % 6, given))
    assert own.tolist() == every.tolist() == [5.0, 5.0]


# Design effects


def test_design_effect_by_hand() -> None:
    """Three cells of class 0 and one of class 1; class 2 has residuals of 0."""
    residuals = np.array([1.0, 1, -1, 0.5, -0.5, 2, 2, 0])
    cells = np.array([0, 0, 1, 1, 2, 3, 3, 4])
    within = np.array([0, 0, 0, 1, 2])
    # (2² + .5² + .5²) / (1 + 1 + 1 + .25 + .25); 4² / 8
    assert design_effect(residuals, cells, within).tolist() == pytest.approx([4.5 / 3.5, 2, 1])


def test_design_effect_is_never_below_1() -> None:
    assert design_effect(np.array([1.0, -1.0]), np.array([0, 0]), np.array([0])).tolist() == [1]


# Names


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["b1", "a10", "a9", "a09", "a", "a9b2", "a9b10", "", "10", "9", "a10"]
    expected = ["", "9", "10", "a", "a9", "a09", "a9b2", "a9b10", "a10", "a10", "b1"]
    assert [names[i] for i in natural_order(names)] == expected


@cases(st.lists(st.integers(0, 10**25), max_size=20))
def test_names_of_whole_numbers_are_in_their_order(numbers: list[int]) -> None:
    order = natural_order([f"f{number}.png" for number in numbers])
    assert [numbers[i] for i in order] == sorted(numbers)


def test_equal_names_keep_their_order() -> None:
    assert natural_order(["b", "a", "b", "a"]).tolist() == [1, 3, 0, 2]
    assert natural_order([]).tolist() == []


# Neighbours


def alike(seed: int, n: int = 2000, run: int = 20, strength: float = 0.0):
    """Residuals of two classes, luck being shared by runs of neighbours, and places."""
    rng = np.random.default_rng(seed)
    luck = np.repeat(rng.normal(size=-(-n // run)), run)[:n]
    right = strength * luck + np.sqrt(1 - strength**2) * rng.normal(size=n) < 0.8
    y = rng.integers(2, size=n)
    recall = np.array([right[y == c].mean() for c in range(2)])
    return right - recall[y], y, np.arange(n)


def checked(seed: int, **how) -> tuple[float, float]:
    return serial_dependence(*alike(seed, **how), np.random.default_rng(seed))


def test_planted_dependence_is_found() -> None:
    for seed in range(5):
        ratio, p = checked(seed, strength=0.7)
        assert p <= 0.01
        assert ratio > 1.5


def test_independent_errors_are_not_alike() -> None:
    """p is uniform; the ratio is about 1, less what residuals that sum to 0 take off it."""
    found = np.array([checked(seed, n=600) for seed in range(200)])
    assert np.mean(found[:, 1] <= 0.05) < 0.05 + 3.1 * np.sqrt(0.05 * 0.95 / 200)
    assert np.mean(found[:, 1] <= 0.5) == pytest.approx(0.5, abs=0.12)
    assert found[:, 0].mean() == pytest.approx(1 - 19 / 299, abs=0.05)


def test_another_order_of_the_names_hides_it() -> None:
    residuals, y, place = alike(0, strength=0.7)
    mixed = np.random.default_rng(1).permutation(place)
    assert serial_dependence(residuals, y, mixed, np.random.default_rng(0))[1] > 0.01


def test_the_check_does_not_care_how_samples_are_laid_out() -> None:
    parts = alike(1, strength=0.3)
    order = np.random.default_rng(2).permutation(2000)
    one = serial_dependence(*parts, np.random.default_rng(0))
    two = serial_dependence(*(part[order] for part in parts), np.random.default_rng(0))
    assert two == pytest.approx(one)


def test_neighbours_are_compared_within_the_class() -> None:
    """Blocks of one class that is always right and of one that is not are no dependence."""
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(50) % 2, 20)
    right = (rng.random(1000) < 0.7) | (y == 0)
    residuals = right - np.where(y == 0, 1.0, right[y == 1].mean())
    assert serial_dependence(residuals, y, np.arange(1000), rng)[1] > 0.01
    assert serial_dependence(right - right.mean(), 0 * y, np.arange(1000), rng)[1] <= 0.01


def test_ratio_by_hand() -> None:
    residuals = np.tile([1.0, -1, 1, 1], 10)
    y = np.zeros(40, dtype=int)
    ratio, _ = serial_dependence(residuals, y, np.arange(40), np.random.default_rng(0))
    assert ratio == pytest.approx(2 * 10**2 / 40)


@pytest.mark.parametrize("n", [0, 1, BLOCK, 2 * BLOCK - 1])
def test_fewer_than_two_full_blocks_say_nothing(n: int) -> None:
    y = np.zeros(n, dtype=int)
    found = serial_dependence(np.ones(n), y, np.arange(n), np.random.default_rng(0))
    assert np.isnan(found).all()


def test_no_errors_say_nothing() -> None:
    y = np.zeros(100, dtype=int)
    found = serial_dependence(np.zeros(100), y, np.arange(100), np.random.default_rng(0))
    assert np.isnan(found).all()


def test_very_many_blocks_are_sampled() -> None:
    ratio, p = serial_dependence(*alike(2, n=90_000, strength=0.5), np.random.default_rng(0))
    assert p <= 0.01
    assert ratio > 1.2
