"""The published table, by plain arithmetic on the lists."""

import numpy as np
import pytest

from sensitivity.errors import OptionError
from sensitivity.synthetic import PUBLISHED_F1, PUBLISHED_STD, published_table

ERRORS = (35, 36, 23, 19, 10)


def f1_by_fifth(table, c):
    """F1 of class c in five equal bins of the column, from the lowest."""
    order = np.argsort(table.columns["sharpness"].to_numpy())
    y, p = table.label_list[order].reshape(5, 222), table.pred_list[order].reshape(5, 222)
    hits = ((y == c) & (p == c)).sum(axis=1)
    return 2 * hits / ((y == c).sum(axis=1) + (p == c).sum(axis=1))


def random_splits():
    random = np.random.default_rng(0)
    return [[int(random.integers(limit + 1)) for limit in ERRORS] for _ in range(5)]


@pytest.mark.parametrize("split", ["proportional", "fp", "fn", *random_splits()], ids=str)
def test_every_split_gives_the_published_table_to_four_decimals(split):
    table = published_table(split)

    for c in (0, 1):
        f1 = f1_by_fifth(table, c)
        assert f1.round(4).tolist() == list(PUBLISHED_F1[c])
        assert np.sqrt(((f1 - f1.mean()) ** 2).mean()).round(4) == PUBLISHED_STD[c]
    assert PUBLISHED_F1[0] == (0.7929, 0.8816, 0.9363, 0.9462, 0.9751)
    assert PUBLISHED_F1[1] == (0.8727, 0.7429, 0.7229, 0.7912, 0.7619)
    assert PUBLISHED_STD == (0.0643, 0.0523)


def test_the_proportional_split_has_the_published_recalls_and_class_totals():
    table = published_table()
    y, p = table.label_list, table.pred_list

    assert len(y) == len(p) == len(set(table.name_list)) == len(table.columns) == 1110
    assert (np.sum(y == 0), np.sum(y == 1)) == (754, 356)
    assert (np.sum((y == 0) & (p == 1)), np.sum((y == 1) & (p == 0))) == (21, 102)
    assert round((p[y == 0] == 0).mean(), 3) == 0.972
    assert round((p[y == 1] == 1).mean(), 3) == 0.713
    assert table.counts[["tn", "tp", "fp", "fn"]].sum(axis=1).tolist() == [222] * 5
    assert (table.counts["fp"] + table.counts["fn"]).tolist() == list(ERRORS)
    exact = 21 * np.array(ERRORS) / 123
    assert (abs(table.counts["fp"] - exact) < 1).all()


def test_the_one_sided_splits_leave_no_error_of_the_other_kind():
    assert published_table("fp").counts["fn"].tolist() == [0] * 5
    assert published_table("fn").counts["fp"].tolist() == [0] * 5
    assert published_table((1, 2, 3, 4, 5)).counts["fp"].tolist() == [1, 2, 3, 4, 5]


def test_values_are_distinct_and_neither_they_nor_the_outcomes_follow_the_names():
    table = published_table()
    value = table.columns["sharpness"].to_numpy()
    right = table.label_list == table.pred_list

    assert len(set(value)) == 1110
    number = np.arange(1110)
    assert table.name_list == sorted(table.name_list)
    for k in range(5):
        rows = np.argsort(value)[222 * k : 222 * (k + 1)]
        assert abs(np.corrcoef(number[rows], value[rows])[0, 1]) < 0.2
        assert abs(np.corrcoef(number[rows], right[rows])[0, 1]) < 0.2
        assert abs(np.corrcoef(value[rows], right[rows])[0, 1]) < 0.2


def test_seeds_change_the_order_and_not_the_counts():
    first, again, other = (published_table(rng=seed) for seed in (0, 0, 1))
    assert first.columns.equals(again.columns)
    assert not first.columns.equals(other.columns)
    assert first.counts.equals(other.counts)


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ("half", "split: expected proportional, fp, fn or five counts, got half"),
        ((1, 2), "split: expected five counts of at most 35, 36, 23, 19, 10, got 1, 2"),
        ((36, 0, 0, 0, 0), "got 36, 0, 0, 0, 0"),
        ((-1, 0, 0, 0, 0), "got -1, 0, 0, 0, 0"),
    ],
)
def test_an_impossible_split_says_so(split, message):
    with pytest.raises(OptionError) as caught:
        published_table(split)
    assert message in str(caught.value)
