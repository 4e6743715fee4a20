"""Bins: equal counts, ties whole, the same again from the same edges."""

import json
from fractions import Fraction
from math import ceil

import numpy as np
import pandas as pd
import pytest

from sensitivity.bins import (
    MAX_CATEGORIES,
    MISSING,
    Binning,
    assign,
    bin_features,
    bin_values,
    is_categorical,
    quantile_edges,
    share_labels,
)
from sensitivity.errors import InputError

INF = np.inf


def columns_to_cut(n: int = 1_000) -> dict[str, np.ndarray]:
    """Columns of many shapes: continuous, skewed, tied, spiked, with infinities and gaps."""
    rng = np.random.default_rng(0)
    spiked = np.where(rng.random(n) < 0.5, 0.0, rng.random(n))
    infinite = np.where(rng.random(n) < 0.1, -INF, rng.normal(size=n))
    infinite[rng.random(n) < 0.1] = INF
    gaps = np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n))
    return {
        "normal": rng.normal(size=n),
        "skewed": rng.lognormal(sigma=3, size=n),
        "tied": rng.poisson(6, n).astype(float),
        "spiked": spiked,
        "infinite": infinite,
        "gaps": gaps,
        "few": rng.integers(0, 4, n).astype(float),
        "single": rng.normal(size=n).astype(np.float32),
    }


COLUMNS = columns_to_cut()


@pytest.fixture(params=COLUMNS)
def values(request: pytest.FixtureRequest) -> pd.Series:
    return pd.Series(COLUMNS[request.param].copy(), name=request.param)


def same(first: Binning, second: Binning) -> bool:
    return first.edges == second.edges and np.array_equal(first.codes, second.codes)


# Laws


def test_order_of_the_samples_does_not_matter(values: pd.Series) -> None:
    order = np.random.default_rng(1).permutation(len(values))
    straight, shuffled = bin_values(values), bin_values(values.iloc[order])
    assert straight.edges == shuffled.edges
    assert straight.labels == shuffled.labels
    assert np.array_equal(straight.codes[order], shuffled.codes)


@pytest.mark.parametrize("times", [2, 3])
def test_repeating_every_sample_changes_no_edge(values: pd.Series, times: int) -> None:
    once, often = bin_values(values), bin_values(values.repeat(times))
    assert once.edges == often.edges
    assert once.labels == often.labels
    assert np.array_equal(np.repeat(once.codes, times), often.codes)
    assert np.array_equal(once.counts * times, often.counts)


def test_bins_are_in_the_order_of_the_values_and_ties_are_whole(values: pd.Series) -> None:
    found = bin_values(values)
    present = values.notna().to_numpy()
    order = np.argsort(values[present].to_numpy(), kind="stable")
    assert (np.diff(found.codes[present][order]) >= 0).all()
    per_value = pd.Series(found.codes[present]).groupby(values[present].to_numpy()).nunique()
    assert (per_value == 1).all()


def test_counts_add_up(values: pd.Series) -> None:
    found = bin_values(values)
    assert found.counts.sum() + found.n_missing == len(values)
    assert found.n_missing == values.isna().sum() == (found.codes == MISSING).sum()
    assert np.array_equal(found.counts, [(found.codes == k).sum() for k in range(found.n_bins)])
    assert (found.counts > 0).all()


def test_every_edge_is_a_value_below_the_largest(values: pd.Series) -> None:
    edges = bin_values(values).edges
    lowest = np.finfo(float).min  # stands for -inf
    assert set(edges) <= {*values.astype(float), lowest}
    assert np.nanmax(values) > max(edges)
    assert (np.diff(edges) > 0).all()


def test_an_edge_belongs_to_the_bin_below_it(values: pd.Series) -> None:
    found = bin_values(values)
    for k, edge in enumerate(found.edges):
        assert (found.codes[values.to_numpy() == edge] == k).all()
        assert found.counts[: k + 1].sum() == (values <= edge).sum()


def test_the_same_edges_give_the_same_bins(values: pd.Series) -> None:
    found = bin_values(values)
    stored = json.loads(json.dumps(found.edges, allow_nan=False))
    assert same(found, bin_values(values, edges=stored))
    assert same(found, bin_values(values, edges=np.array(stored)))


@pytest.mark.parametrize(
    "transform", [np.exp, lambda x: 5 * x - 3, lambda x: x**3, np.arctan], ids=range(4)
)
def test_a_rising_transform_leaves_the_bins_alone(transform) -> None:
    values = np.random.default_rng(2).integers(-30, 30, 500) / 7.0
    before, after = bin_values(pd.Series(values)), bin_values(pd.Series(transform(values)))
    assert np.array_equal(before.codes, after.codes)
    assert np.allclose(transform(np.array(before.edges)), after.edges, rtol=1e-15)


@pytest.mark.parametrize("n_bins", [2, 3, 5, 7, 10])
@pytest.mark.parametrize("n", [400, 403, 1_110])
def test_distinct_values_fill_the_bins_equally(n: int, n_bins: int) -> None:
    values = np.random.default_rng(3).permutation(n) / 8
    counts = bin_values(pd.Series(values), n_bins=n_bins).counts
    assert len(counts) == n_bins
    assert counts.max() - counts.min() <= (n % n_bins > 0)


def test_bins_ignore_what_else_is_in_the_table() -> None:
    table = pd.DataFrame({"name": [f"{i}.png" for i in range(1_000)], **COLUMNS})
    together, skipped = bin_features(table)
    assert skipped == []
    assert list(together) == list(COLUMNS)
    for name, binning in together.items():
        assert same(binning, bin_values(table[name]))


def test_missing_values_do_not_move_the_others() -> None:
    values = pd.Series(COLUMNS["normal"])
    holes = pd.concat([values, pd.Series([np.nan] * 300)], ignore_index=True)
    alone, among = bin_values(values), bin_values(holes)
    assert alone.edges == among.edges
    assert np.array_equal(alone.codes, among.codes[:1_000])
    assert (among.codes[1_000:] == MISSING).all()
    assert among.n_missing == 300


def test_the_input_is_left_as_it_was(values: pd.Series) -> None:
    before = values.copy()
    bin_values(values)
    pd.testing.assert_series_equal(values, before)


def test_float32_is_cut_where_its_float64_copy_is() -> None:
    narrow = pd.Series(COLUMNS["single"])
    assert same(bin_values(narrow), bin_values(narrow.astype(np.float64)))


def test_edges_are_not_rounded_to_the_values() -> None:
    tenth = pd.Series(np.float32([0.1, 0.1]))  # as float32 a little above 0.1
    assert bin_values(tenth, edges=[0.1]).codes.tolist() == [1, 1]
    assert bin_values(tenth, edges=[float(np.float32(0.1))]).codes.tolist() == [0, 0]


# Independent references


@pytest.mark.parametrize("n_bins", [2, 3, 4, 5, 8, 10])
def test_edges_are_the_inverted_cdf(n_bins: int) -> None:
    rng = np.random.default_rng(n_bins)
    for n in [*range(1, 60), 99, 100, 101, 1_110, 12_345]:
        values = rng.integers(0, 3 * n, n) / 3
        expected = np.unique(
            np.quantile(values, np.arange(1, n_bins) / n_bins, method="inverted_cdf")
        )
        expected = expected[expected < values.max()]
        assert np.array_equal(quantile_edges(values, n_bins), expected)


def test_edges_are_exact_where_floating_ranks_are_not() -> None:
    # 9 / 11 · 77 is 63.00000000000001 in floating point; the rank is 63.
    for n, n_bins in ((77, 11), (143, 11), (250, 11), (999, 13)):
        values = np.random.default_rng(n).permutation(n).astype(float)
        ranks = [ceil(Fraction(n * k, n_bins)) for k in range(1, n_bins)]
        assert quantile_edges(values, n_bins).tolist() == [rank - 1 for rank in ranks]


def test_assign_is_searchsorted(values: pd.Series) -> None:
    edges = np.array([-1.0, 0.0, 0.5, 3.0])
    present = values.notna().to_numpy()
    expected = np.searchsorted(edges, values[present], side="left")
    codes = assign(values.to_numpy(), edges)
    assert codes.dtype == np.int32
    assert np.array_equal(codes[present], expected)
    assert (codes[~present] == MISSING).all()


def test_no_values_no_edges() -> None:
    assert quantile_edges(np.empty(0), 5).tolist() == []
    assert assign(np.empty(0), np.array([1.0])).tolist() == []


# Small and odd data


@pytest.mark.parametrize(
    ("n", "expected"), [(6, 2), (20, 2), (39, 2), (59, 2), (60, 3), (99, 4), (100, 5), (5_000, 5)]
)
def test_small_sets_get_fewer_bins(n: int, expected: int) -> None:
    assert bin_values(pd.Series(np.arange(n) * 1.5)).n_bins == expected


def test_one_bin_per_value_when_there_are_few() -> None:
    values = pd.Series([3.0] * 7 + [1.0] * 900 + [2.5] * 2)
    found = bin_values(values)
    assert found.labels == ("1", "2.5", "3")
    assert found.counts.tolist() == [900, 2, 7]
    assert found.edges == (1.0, 2.5)


def test_as_many_values_as_bins_are_one_bin_each() -> None:
    values = pd.Series([1.0] * 900 + [2.0, 3.0, 4.0] + [5.0] * 7)
    assert bin_values(values, n_bins=5).counts.tolist() == [900, 1, 1, 1, 7]
    assert bin_values(values, n_bins=4).n_bins < 4  # one more than bins: quantiles


def test_few_values_at_first_are_no_proof() -> None:
    values = pd.Series(np.concatenate((np.zeros(5_000), np.arange(5_000))))
    found = bin_values(values)
    assert found.edges == (0.0, 999.0, 2_999.0)
    assert found.counts.tolist() == [5_001, 999, 2_000, 2_000]


def test_labels_of_few_values_tell_them_apart() -> None:
    values = pd.Series([1_700_000_000.0, 1_700_000_001.0, 1_700_000_000.5] * 40)
    assert bin_values(values).labels == ("1700000000", "1700000000.5", "1700000001")


def test_infinities_sort_to_the_ends_and_edges_can_be_stored() -> None:
    values = pd.Series([-INF] * 50 + list(range(100)) + [INF] * 50)
    found = bin_values(values)
    json.dumps(found.edges, allow_nan=False)
    assert found.codes[0] == 0
    assert found.codes[-1] == found.n_bins - 1
    assert found.n_missing == 0
    few = bin_values(pd.Series([-INF, 0.0, INF] * 30))
    json.dumps(few.edges, allow_nan=False)
    assert few.labels == ("-inf", "0", "inf")
    assert few.codes.tolist() == [0, 1, 2] * 30
    assert same(few, bin_values(pd.Series([-INF, 0.0, INF] * 30), edges=few.edges))


@pytest.mark.parametrize("value", [0.0, -INF, INF, 7])
def test_a_constant_is_one_bin(value: float) -> None:
    found = bin_values(pd.Series([value] * 50))
    assert (found.n_bins, found.edges, found.counts.tolist()) == (1, (), [50])


@pytest.mark.parametrize("kind", [np.float64, "Float64", object, "str", "category"])
def test_nothing_but_missing_values_is_no_bin(kind: object) -> None:
    missing = np.nan if kind is np.float64 else None
    found = bin_values(pd.Series([missing] * 30, dtype=kind))
    assert (found.n_bins, found.n_missing, len(found.counts)) == (0, 30, 0)
    assert (found.codes == MISSING).all()


def test_no_samples() -> None:
    found = bin_values(pd.Series([], dtype=float))
    assert (found.n_bins, found.n_missing, len(found.codes)) == (0, 0, 0)


@pytest.mark.parametrize("kind", ["int8", "uint8", "int64", "Int64", "float16", "Float32"])
def test_all_kinds_of_numbers(kind: str) -> None:
    values = np.arange(120) % 60
    expected = bin_values(pd.Series(values.astype(float)))
    assert same(bin_values(pd.Series(values).astype(kind)), expected)


def test_nullable_numbers_have_gaps() -> None:
    found = bin_values(pd.Series([1, None, 2, 3] * 20, dtype="Int64"))
    assert found.kind == "numeric"
    assert found.codes[:4].tolist() == [0, MISSING, 1, 2]


def test_whole_numbers_above_2_to_the_53_keep_their_order() -> None:
    values = 2**60 + np.arange(0, 2**20, 2**10, dtype=np.int64)
    found = bin_values(pd.Series(values))
    assert (np.diff(found.codes) >= 0).all()
    assert found.n_bins == 5
    assert (found.counts >= 100).all()


def test_fewer_bins_than_asked_where_ties_leave_no_more() -> None:
    values = pd.Series([0.0] * 90 + list(range(1, 11)))
    found = bin_values(values)
    assert found.edges == (0.0,)
    assert found.labels == ("0%-90%", "90%-100%")


# Edges that were given


def test_given_edges_are_used_as_they_are() -> None:
    found = bin_values(pd.Series([1.0, 2.0, 3.0, np.nan]), edges=[1, 2, 9])
    assert found.codes.tolist() == [0, 1, 2, MISSING]
    assert found.edges == (1.0, 2.0, 9.0)
    assert found.counts.tolist() == [1, 1, 1, 0]
    assert found.labels == ("up to 1", "1 to 2", "2 to 9", "above 9")


def test_given_edges_close_to_each_other_are_told_apart() -> None:
    edges = [1_700_000_001.0, 1_700_000_002.0, 1_700_000_003.0]
    labels = bin_values(pd.Series([1.7e9, 1.8e9]), edges=edges).labels
    assert len(set(labels)) == 4


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([2.0, 1.0], "ascending"),
        ([1.0, 1.0], "ascending"),
        ([1.0, np.nan], "ascending"),
        ([], "at least one"),
        ([[1.0, 2.0]], "at least one"),
        (["low", "high"], "numbers"),
        (["1", "2"], "numbers"),
    ],
)
def test_edges_that_are_none(edges: list[object], message: str) -> None:
    with pytest.raises(InputError, match=f"^edges of hour: expected .*{message}.*, got "):
        bin_values(pd.Series([1.0, 2.0], name="hour"), edges=edges)


def test_edges_of_one_feature_leave_the_others_alone() -> None:
    table = pd.DataFrame({"name": ["a"] * 100, "x": np.arange(100.0), "y": np.arange(100.0)})
    binnings, _ = bin_features(table, edges={"x": [9.0]})
    assert binnings["x"].counts.tolist() == [10, 90]
    assert binnings["y"].counts.tolist() == [20] * 5


def test_all_missing_under_given_edges_is_no_feature() -> None:
    table = pd.DataFrame({"name": ["a"] * 3, "x": [np.nan] * 3})
    assert bin_features(table, edges={"x": [9.0]}) == ({}, [{"name": "x", "reason": "no value"}])


# Categories


def test_categories_are_the_values() -> None:
    found = bin_values(pd.Series(["night", "day", None, "night"]))
    assert found.kind == "categorical"
    assert found.labels == found.categories == ("day", "night")
    assert found.codes.tolist() == [1, 0, MISSING, 1]
    assert found.counts.tolist() == [1, 2]
    assert found.edges == ()


def test_an_order_of_categories_is_kept() -> None:
    order = ["low", "mid", "never", "high"]
    values = pd.Series(pd.Categorical(["high", "low", "mid"], categories=order, ordered=True))
    assert bin_values(values).labels == ("low", "mid", "high")


@pytest.mark.parametrize("kind", [bool, "boolean", object])
def test_booleans_are_categories(kind: object) -> None:
    found = bin_values(pd.Series([True, False, True], dtype=kind))
    assert found.kind == "categorical"
    assert found.labels == ("False", "True")
    assert found.codes.tolist() == [1, 0, 1]


def test_categories_of_the_same_name_are_one() -> None:
    found = bin_values(pd.Series(pd.Categorical([1, "1", 2])))
    assert sorted(found.labels) == ["1", "2"]
    assert found.counts.sum() == 3


@pytest.mark.parametrize("given", [["b", "c", "a"], ("b", "c", "a"), np.array(["b", "c", "a"])])
def test_given_categories_keep_their_place_and_new_ones_follow(given) -> None:
    found = bin_values(pd.Series(list("aabz")), edges=given)
    assert found.labels == ("b", "c", "a", "z")
    assert found.counts.tolist() == [1, 0, 2, 1]
    assert found.codes.tolist() == [2, 2, 0, 3]


def test_the_order_of_samples_does_not_order_categories() -> None:
    values = pd.Series(np.random.default_rng(4).choice(list("cabd"), 200))
    assert bin_values(values).labels == ("a", "b", "c", "d")
    assert bin_values(values[::-1]).labels == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pd.Series([1, 2]), False),
        (pd.Series([1.5, None], dtype="Float64"), False),
        (pd.Series([True, False]), True),
        (pd.Series([True, None], dtype="boolean"), True),
        (pd.Series(["a", "b"]), True),
        (pd.Series([1, 2], dtype="category"), True),
        (pd.Series([None, None], dtype=object), True),
    ],
    ids=lambda value: str(getattr(value, "dtype", value)),
)
def test_which_columns_are_split_by_value(values: pd.Series, expected: bool) -> None:
    assert is_categorical(values) is expected


# What splits nothing


def test_columns_that_split_nothing_are_named_with_a_reason() -> None:
    n = MAX_CATEGORIES + 1
    table = pd.DataFrame(
        {
            "name": [f"{i}.png" for i in range(n)],
            "constant": 2.5,
            "nearly": [np.nan, *[1.0] * (n - 1)],
            "site": "x",
            "flag": True,
            "empty": np.nan,
            "id": [f"id{i}" for i in range(n)],
            "sharpness": np.arange(n),
        }
    )
    binnings, skipped = bin_features(table)
    assert list(binnings) == ["sharpness"]
    assert {row["name"]: row["reason"] for row in skipped} == {
        "constant": "constant: 2.5",
        "nearly": "constant: 1",
        "site": "constant: x",
        "flag": "constant: True",
        "empty": "no value",
        "id": "201 different values that are no numbers",
    }


def test_as_many_categories_as_allowed() -> None:
    values = [f"camera {i}" for i in range(MAX_CATEGORIES)]
    table = pd.DataFrame({"name": values, "camera": values})
    assert bin_features(table)[0]["camera"].n_bins == MAX_CATEGORIES


# Labels


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([222] * 5, ("0%-20%", "20%-40%", "40%-60%", "60%-80%", "80%-100%")),
        ([1, 2], ("0%-33%", "33%-100%")),
        ([500, 3, 497], ("0%-50.0%", "50.0%-50.3%", "50.3%-100%")),
        ([1, 999], ("0%-0.1%", "0.1%-100%")),
        ([999, 1], ("0%-99.9%", "99.9%-100%")),
        ([10], ("0%-100%",)),
        ([], ()),
        ([0, 0], ("bin 0", "bin 1")),
    ],
)
def test_labels_are_the_realised_shares(counts: list[int], expected: tuple[str, ...]) -> None:
    assert share_labels(np.array(counts, dtype=np.int64)) == expected


def test_labels_are_always_distinct() -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        counts = rng.integers(1, 10 ** rng.integers(1, 7, 6))
        assert len(set(share_labels(counts))) == 6
