"""Features as columns, sorted by class."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sensitivity.bins import bin_features
from sensitivity.stats.ranks import strata, within_ranks
from sensitivity.stats.scores import responses
from sensitivity.trends.columns import (
    MAX_CATEGORIES,
    MAX_PARTIAL,
    Column,
    Sorted,
    merge_rare,
    partial_columns,
    sort_by_class,
)


def drawn(seed: int = 0, n: int = 200) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "name": [f"{i}.png" for i in range(n)],
            "blur": rng.normal(size=n),
            "noise": np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n)),
            "dust": rng.normal(size=n),
            "site": rng.choice(["a", "b", "c"], n),
        }
    )
    table["dust"] = table["dust"].mask(table["noise"].isna())  # the same samples are missing
    table["single"] = table["blur"].astype(np.float32)
    y = rng.integers(3, size=n)
    return table, y, np.where(rng.random(n) < 0.8, y, (y + 1) % 3)


def made(table: pd.DataFrame, y: np.ndarray, predicted: np.ndarray) -> Sorted:
    return sort_by_class(table, bin_features(table)[0], y, predicted, 3)


# Sorting


def test_samples_are_sorted_by_class_and_keep_their_order_within() -> None:
    table, y, predicted = drawn()
    found = made(table, y, predicted)
    assert y[found.order].tolist() == sorted(y)
    assert all((np.diff(found.order[y[found.order] == c]) > 0).all() for c in range(3))
    assert found.given.predicted.tolist() == predicted[found.order].tolist()
    assert [column.name for column in found.columns] == list(table.columns[1:])


def test_numeric_columns_are_ranks_within_the_class() -> None:
    table, y, predicted = drawn()
    found = made(table, y, predicted)
    expected = within_ranks(table["blur"].to_numpy(), strata(y, 3))
    assert np.array_equal(found.columns[0].ranks, expected[found.order])
    assert found.columns[0].present is found.columns[0].categories is None
    assert np.array_equal(
        found.columns[4].ranks,
        within_ranks(table["blur"].to_numpy(np.float32), strata(y, 3))[found.order],
    )


def test_missing_values_are_left_out_of_ranks_and_predictions() -> None:
    table, y, predicted = drawn()
    found = made(table, y, predicted)
    kept = table["noise"].notna().to_numpy()
    without = made(table[kept].reset_index(drop=True), y[kept], predicted[kept])
    column, given = found.columns[1], found.parts[found.part_of[1]][1]
    assert np.array_equal(column.present, kept[found.order])
    assert np.array_equal(column.ranks, without.columns[1].ranks)
    assert np.array_equal(given.counts.toarray(), without.given.counts.toarray())


def test_columns_that_miss_the_same_samples_share_predictions() -> None:
    found = made(*drawn())
    assert found.part_of == (0, 1, 1, 0, 0)
    assert len(found.parts) == 2


def test_categories_keep_their_groups() -> None:
    table, y, predicted = drawn()
    found = made(table, y, predicted)
    codes = found.columns[3].categories
    assert found.columns[3].ranks is None
    pairs = set(zip(codes, table["site"].to_numpy()[found.order], strict=True))
    assert len(pairs) == 3


def test_missing_categories_are_left_out() -> None:
    table, y, predicted = drawn()
    table["site"] = table["site"].mask(table["blur"] > 0)
    found = made(table, y, predicted)
    column = found.columns[3]
    assert np.array_equal(column.present, (table["blur"] <= 0).to_numpy()[found.order])
    assert len(column.categories) == column.present.sum()


def test_no_features_are_no_columns() -> None:
    table, y, predicted = drawn()
    found = made(table[["name"]], y, predicted)
    assert found.columns == ()
    assert len(found.parts) == 1


# Rare categories


@pytest.mark.parametrize("most", [2, 4, 8, 12])
def test_the_rarest_categories_are_merged(most: int) -> None:
    counts = np.array([5, 90, 30, 1, 60, 2, 40, 10])
    codes = np.random.default_rng(0).permutation(np.repeat(np.arange(8), counts))
    found = merge_rare(codes, 8, most)
    sizes = np.bincount(found)
    assert (sizes > 0).all()
    assert len(sizes) == min(most, 8)
    if most < 8:
        kept = np.sort(counts)[::-1][: most - 1]
        assert sorted(sizes[:-1]) == sorted(kept)
        assert sizes[-1] == counts.sum() - kept.sum()
    else:
        assert np.array_equal(found, codes)


def test_merging_does_not_depend_on_the_order_of_the_samples() -> None:
    rng = np.random.default_rng(1)
    codes, order = rng.integers(30, size=500), rng.permutation(500)
    assert np.array_equal(merge_rare(codes[order], 30, 7), merge_rare(codes, 30, 7)[order])


def test_categories_that_do_not_occur_leave_no_gap() -> None:
    assert merge_rare(np.array([4, 1, 4]), 6, 20).tolist() == [1, 0, 1]
    assert merge_rare(np.array([4, 1, 4]), 6, 2).tolist() == [1, 0, 1]
    assert merge_rare(np.empty(0, dtype=int), 3, 2).tolist() == []


def test_many_categories_are_tested_as_so_many() -> None:
    table, y, predicted = drawn(n=600)
    table["site"] = np.random.default_rng(2).permutation(np.arange(600) % 40).astype(str)
    found = made(table, y, predicted)
    assert len(np.unique(found.columns[3].categories)) == MAX_CATEGORIES


# Columns beside others


def test_a_numeric_feature_is_its_ranks_and_0_where_it_is_missing() -> None:
    found = made(*drawn())
    column, given = found.columns[1], found.parts[1][1]
    wide = partial_columns(column, given, 200)
    assert np.array_equal(wide[0, column.present], column.ranks)
    assert not wide[0, ~column.present].any()


def test_categories_are_centred_indicators_but_the_last() -> None:
    found = made(*drawn())
    codes = found.columns[3].categories
    wide = partial_columns(found.columns[3], found.given, 200)
    assert len(wide) == 2
    for k, row in enumerate(wide):
        for c in range(3):
            mine = found.given.by.codes == c
            inside = (codes == k)[mine]
            np.testing.assert_allclose(row[mine], inside - inside.mean(), atol=1e-12)


def test_many_categories_cost_few_columns() -> None:
    codes = np.arange(300) % 20
    given = responses(np.zeros(300, dtype=int), np.zeros(300, dtype=int), 1)
    assert len(partial_columns(Column("site", None, None, codes), given, 300)) == MAX_PARTIAL - 1


def test_one_category_is_no_column() -> None:
    given = responses(np.zeros(3, dtype=int), np.zeros(3, dtype=int), 1)
    column = Column("site", None, None, np.zeros(3, dtype=np.int64))
    assert partial_columns(column, given, 3).shape == (0, 3)
