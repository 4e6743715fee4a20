"""Ranks within the true class, and their quadratic companions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as cases
from hypothesis import strategies as st
from scipy.stats import rankdata

from sensitivity.stats.ranks import bend, class_sums, companion, strata, within_ranks


def drawn(seed: int = 0, n: int = 300, n_classes: int = 4, levels: int = 0):
    """Values (tied if there are levels) and classes."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=n) if not levels else rng.integers(levels, size=n).astype(float)
    return values, rng.integers(n_classes, size=n)


def slow_ranks(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    found = np.empty(len(values))
    for c in np.unique(codes):
        mine = codes == c
        n = mine.sum()
        found[mine] = (rankdata(values[mine]) - (n + 1) / 2) / n
    return found


def curved(values: np.ndarray, codes: np.ndarray, n_classes: int) -> np.ndarray:
    by = strata(codes, n_classes)
    ranks = within_ranks(values, by)
    return companion(ranks, by, *bend(ranks, by))


# Strata


@cases(st.lists(st.integers(0, 5), max_size=30))
def test_strata_hold_every_sample_once_in_its_order(codes: list[int]) -> None:
    found = strata(np.array(codes, dtype=np.int64), 7)
    assert found.n.tolist() == [codes.count(c) for c in range(7)]
    assert found.n_classes == 7
    for c, (start, stop) in enumerate(zip(found.starts[:-1], found.starts[1:], strict=True)):
        assert found.order[start:stop].tolist() == [i for i, code in enumerate(codes) if code == c]


def test_strata_of_more_classes_than_16_bits_hold() -> None:
    codes = np.array([70_000, 3, 70_000, 66_000])
    found = strata(codes, 70_001)
    assert found.codes.tolist() == codes.tolist()
    assert found.order.tolist() == [1, 3, 0, 2]


# Ranks


@pytest.mark.parametrize("levels", [0, 2, 5])
def test_ranks_are_scipys_class_by_class(levels: int) -> None:
    values, codes = drawn(levels=levels)
    found = within_ranks(values, strata(codes, 4))
    np.testing.assert_allclose(found, slow_ranks(values, codes), atol=1e-14)
    assert np.abs(found).max() < 0.5


@pytest.mark.parametrize("levels", [0, 3])
def test_ranks_go_along_when_samples_are_permuted(levels: int) -> None:
    values, codes = drawn(1, levels=levels)
    order = np.random.default_rng(2).permutation(len(values))
    found = within_ranks(values, strata(codes, 4))
    again = within_ranks(values[order], strata(codes[order], 4))
    assert np.array_equal(again, found[order])


@pytest.mark.parametrize("levels", [0, 3])
def test_ranks_know_no_unit(levels: int) -> None:
    values, codes = drawn(3, levels=levels)
    by = strata(codes, 4)
    found = within_ranks(values, by)
    assert np.array_equal(within_ranks(np.exp(values / 7) * 1e9, by), found)
    np.testing.assert_allclose(within_ranks(-values, by), -found, atol=1e-15)


def test_a_shift_of_a_whole_class_is_not_seen() -> None:
    values, codes = drawn(4)
    by = strata(codes, 4)
    shifted = values + np.array([0, 100, -50, 7])[codes]
    assert np.array_equal(within_ranks(shifted, by), within_ranks(values, by))


def test_duplicated_rows_keep_their_ranks() -> None:
    values, codes = drawn(5, levels=6)
    found = within_ranks(values, strata(codes, 4))
    again = within_ranks(np.repeat(values, 3), strata(np.repeat(codes, 3), 4))
    np.testing.assert_allclose(again, np.repeat(found, 3), atol=1e-14)


def test_ranks_have_mean_0_in_each_class_and_are_0_where_nothing_varies() -> None:
    values, codes = drawn(6, levels=4)
    values[codes == 2] = 1.5
    by = strata(codes, 5)
    found = within_ranks(values, by)
    np.testing.assert_allclose(class_sums(found, by), 0, atol=1e-12)
    assert not found[codes == 2].any()


def test_infinities_sort_to_the_ends_and_tie_among_themselves() -> None:
    values = np.array([np.inf, 3.0, -np.inf, np.inf, 1e308])
    by = strata(np.zeros(5, dtype=int), 1)
    found = within_ranks(values, by)
    assert np.array_equal(found, within_ranks(np.array([9.0, 1.0, 0.0, 9.0, 2.0]), by))


@pytest.mark.parametrize("n", range(6))
def test_ranks_of_few_samples(n: int) -> None:
    by = strata(np.zeros(n, dtype=int), 2)
    found = within_ranks(np.arange(float(n)), by)
    expected = (np.arange(n) - (n - 1) / 2) / max(n, 1)
    np.testing.assert_allclose(found, expected, atol=1e-15)


def test_ranks_of_single_precision_are_those_of_its_values() -> None:
    values, codes = drawn(7)
    by, single = strata(codes, 4), values.astype(np.float32)
    assert np.array_equal(within_ranks(single, by), within_ranks(single.astype(float), by))


# Companions


@pytest.mark.parametrize("levels", [0, 3, 6])
def test_companion_is_what_a_line_leaves_of_the_square(levels: int) -> None:
    values, codes = drawn(8, levels=levels)
    ranks = slow_ranks(values, codes)
    found = curved(values, codes, 4)
    for c in range(4):
        r = ranks[codes == c]
        rest = r**2 - np.polyval(np.polyfit(r, r**2, 1), r)
        np.testing.assert_allclose(found[codes == c], rest, atol=1e-12)
        assert abs(found[codes == c].sum()) < 1e-10
        assert abs((found[codes == c] * r).sum()) < 1e-10


def test_companion_of_a_reversed_feature_is_the_same() -> None:
    values, codes = drawn(9, levels=7)
    np.testing.assert_allclose(curved(-values, codes, 4), curved(values, codes, 4), atol=1e-14)


@pytest.mark.parametrize("share", [0.001, 0.03, 0.5])
def test_companion_of_one_or_two_values_is_exactly_0(share: float) -> None:
    rng = np.random.default_rng(10)
    values, codes = (rng.random(30_000) < share).astype(float), rng.integers(3, size=30_000)
    values[codes == 1] = 0
    assert not curved(values, codes, 4).any()


def test_companion_of_three_values_is_not_0() -> None:
    values, codes = drawn(11, levels=3)
    assert np.abs(curved(values, codes, 4)).max() > 0.01


def test_bend_of_a_class_without_samples_is_0() -> None:
    by = strata(np.array([0, 0, 0]), 3)
    mean, slope = bend(within_ranks(np.array([1.0, 2.0, 4.0]), by), by)
    assert mean[1:].tolist() == slope[1:].tolist() == [0, 0]


def test_class_sums_are_sums() -> None:
    values, codes = drawn(12)
    found = class_sums(values, strata(codes, 6))
    np.testing.assert_allclose(found[:4], [values[codes == c].sum() for c in range(4)], rtol=1e-12)
    assert found[4:].tolist() == [0, 0]
    assert class_sums(np.empty(0), strata(np.empty(0, dtype=int), 2)).tolist() == [0, 0]
