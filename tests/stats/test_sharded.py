"""Quantiles of numbers that lie in parts: always those of all numbers together, to the last bit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sensitivity.bins import quantile_edges
from sensitivity.errors import InputError
from sensitivity.stats.sharded import (
    MAX_COUNTERS,
    begin,
    digit_counts,
    found_values,
    narrowed,
    quantile_edges_of,
    quantile_ranks,
)

Parts = Sequence[np.ndarray]


def of_all(parts: Parts, n_bins: int) -> np.ndarray:
    whole = np.concatenate(parts)
    return quantile_edges(whole[~np.isnan(whole)], n_bins)


def passes(parts: Parts, n_bins: int) -> tuple[np.ndarray, int]:
    """The edges, and how often the parts were asked for."""
    asked = []

    def give() -> Parts:
        asked.append(1)
        return parts

    return quantile_edges_of(give, n_bins), len(asked)


def shards(values: np.ndarray, rng: np.random.Generator, n: int = 4) -> Parts:
    cuts = np.sort(rng.integers(0, len(values) + 1, n - 1))
    return np.split(values, cuts)


# Edges


@pytest.mark.parametrize("n_bins", [2, 5, 64, 700])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "kind", ["normal", "lognormal", "narrow", "ties", "few", "integers", "constant"]
)
def test_edges_are_those_of_all_numbers(kind: str, dtype: type, n_bins: int):
    rng = np.random.default_rng(n_bins)
    n = 3_000
    numbers = {
        "normal": rng.normal(size=n),
        "lognormal": np.exp(3 * rng.normal(size=n)),
        # All high digits are alike: everything is decided in the last pass.
        "narrow": 1 + rng.random(n) * 1e-5,
        "ties": rng.normal(size=n).round(1),
        "few": rng.choice([-2.0, 0.0, 3.5], n),
        "integers": rng.integers(-300, 300, n),
        "constant": np.full(n, 7.0),
    }[kind].astype(dtype)
    parts = shards(numbers, rng)
    edges, _ = passes(parts, n_bins)
    assert edges.dtype == np.float64
    np.testing.assert_array_equal(edges, of_all(parts, n_bins))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        arrays.arrays(
            np.float32,
            st.integers(0, 30),
            elements=st.one_of(
                st.floats(width=32), st.sampled_from([0.0, -0.0, 1.0, np.inf, -np.inf, np.nan])
            ),
        ),
        min_size=1,
        max_size=5,
    ),
    st.integers(2, 40),
)
def test_edges_of_any_parts(parts: list[np.ndarray], n_bins: int):
    np.testing.assert_array_equal(passes(parts, n_bins)[0], of_all(parts, n_bins))


def test_infinities_lie_at_the_ends_and_the_lowest_edge_is_finite():
    numbers = np.array([-np.inf] * 6 + [1.0, 2.0] + [np.inf] * 2, dtype=np.float32)
    edges, _ = passes([numbers[::-1], numbers[:0]], 5)
    np.testing.assert_array_equal(edges, [np.finfo(np.float64).min, 2.0])
    np.testing.assert_array_equal(edges, of_all([numbers], 5))


def test_empty_parts_and_parts_without_a_number_change_nothing():
    numbers = np.random.default_rng(0).normal(size=500).astype(np.float32)
    nothing, missing = numbers[:0], np.full(40, np.nan, dtype=np.float32)
    parts = [nothing, missing, numbers[:100], nothing, numbers[100:], missing]
    np.testing.assert_array_equal(passes(parts, 5)[0], quantile_edges(numbers, 5))


@pytest.mark.parametrize(
    "parts", [[], [np.empty(0, np.float32)], [np.full(3, np.nan)], [np.ones(5, np.float32)]]
)
def test_nothing_to_cut_has_no_edge(parts: Parts):
    assert passes(parts, 5)[0].tolist() == []


def test_the_order_of_the_parts_and_in_them_changes_nothing():
    rng = np.random.default_rng(3)
    numbers = rng.lognormal(size=1_000).astype(np.float32)
    edges = passes(shards(numbers, rng), 7)[0]
    again = passes(shards(rng.permutation(numbers), rng)[::-1], 7)[0]
    np.testing.assert_array_equal(edges, again)


def test_the_parts_twice_are_the_same_distribution():
    rng = np.random.default_rng(4)
    numbers = rng.normal(size=997).astype(np.float32)
    once, twice = passes([numbers], 9)[0], passes([numbers, numbers], 9)[0]
    np.testing.assert_array_equal(once, twice)


@pytest.mark.parametrize(
    ("dtype", "n_bins", "most"),
    [(np.float32, 5, 2), (np.float32, 4096, 3), (np.float64, 5, 4), (np.float64, 4096, 7)],
)
def test_number_of_passes(dtype: type, n_bins: int, most: int):
    numbers = np.random.default_rng(5).lognormal(size=20_000).astype(dtype)
    edges, asked = passes([numbers], n_bins)
    assert asked == most
    np.testing.assert_array_equal(edges, quantile_edges(numbers, n_bins))


def test_a_pass_never_holds_more_counters_than_allowed():
    numbers = np.random.default_rng(6).normal(size=50_000).astype(np.float32)
    search, held = begin(np.float32), []
    ranks = quantile_ranks(len(numbers), 4096)
    while search.left:
        counts = digit_counts(numbers, search)
        held.append(counts.size)
        search = narrowed(search, counts, ranks)
    assert max(held) <= MAX_COUNTERS
    np.testing.assert_array_equal(found_values(search), np.sort(numbers)[ranks])


def test_counts_of_a_pass_add_up():
    rng = np.random.default_rng(7)
    numbers = rng.normal(size=2_000).astype(np.float32)
    search = begin(np.float32)
    search = narrowed(search, digit_counts(numbers, search), np.array([10, 1_000]))
    total = sum(digit_counts(part, search) for part in shards(numbers, rng))
    np.testing.assert_array_equal(total, digit_counts(numbers, search))


# What goes wrong


@pytest.mark.parametrize("dtype", [np.int64, np.float16, np.uint32])
def test_other_types_are_refused(dtype: type):
    with pytest.raises(InputError, match="expected float32 or float64, got"):
        begin(dtype)


def test_parts_of_two_types_are_refused():
    parts = [np.zeros(3, np.float32), np.zeros(3, np.float64)]
    with pytest.raises(InputError, match="expected float32 in every part, got float64"):
        passes(parts, 5)


@pytest.mark.parametrize("change", [lambda x: x[:-3], lambda x: x + np.float32(0.5)])
def test_parts_that_change_between_passes_are_noticed(change):
    numbers = np.random.default_rng(8).normal(size=400).astype(np.float32)
    given_ones = iter([numbers, change(numbers), numbers])
    with pytest.raises(InputError, match="expected the same numbers in every pass"):
        quantile_edges_of(lambda: [next(given_ones)], 5)
