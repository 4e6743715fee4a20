"""Counts that add up: exact in sums, bins and files; scores those of the fine cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import pytest

from sensitivity.bins import assign, quantile_edges
from sensitivity.errors import InputError, ResultError
from sensitivity.metrics.classification import confusion_counts
from sensitivity.stats.ranks import bend, companion, within_ranks
from sensitivity.stats.scores import responses, score
from sensitivity.stats.shard_counts import CellCounts, ShardCounts, count_cells

SCORES = ("recall", "fpr", "f1", "recall_variance", "fpr_variance", "f1_variance", "squares")


@dataclass(frozen=True)
class Data:
    values: np.ndarray
    y: np.ndarray
    predicted: np.ndarray
    n_classes: int
    fine: np.ndarray
    edges: np.ndarray

    def counted(self, rows: np.ndarray | slice = slice(None)) -> CellCounts:
        return count_cells(
            self.values[rows],
            self.y[rows],
            self.predicted[rows],
            self.n_classes,
            fine=self.fine,
            edges=self.edges,
        )

    def parts(self, n: int, seed: int = 0) -> list[CellCounts]:
        owner = np.random.default_rng(seed).integers(0, n, len(self.y))
        return [self.counted(owner == k) for k in range(n)]


def made(
    n: int = 4_000, n_classes: int = 5, n_fine: int = 300, *, missing: float = 0.0, seed: int = 0
) -> Data:
    """Features that depend on the class, recall that depends on the feature."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_classes, n)
    values = (rng.normal(size=n) + 0.5 * (y % 4)).astype(np.float32)
    right = rng.random(n) < 0.85 - 0.1 * np.tanh(values)
    predicted = np.where(right, y, rng.integers(0, n_classes, n))
    edges = quantile_edges(values, 5)
    fine = np.union1d(edges, quantile_edges(values, n_fine))
    values[rng.random(n) < missing] = np.nan
    return Data(values, y, predicted, n_classes, fine, edges)


def same(a: CellCounts, b: CellCounts) -> None:
    assert a.n_classes == b.n_classes
    for name in ("fine", "edges", "keys", "counts"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
        assert getattr(a, name).dtype == getattr(b, name).dtype


# Sums


def test_parts_add_up_to_the_whole():
    data = made(missing=0.1)
    same(reduce(add, data.parts(4)), data.counted())


def test_neither_order_nor_grouping_matters():
    a, b, c = made().parts(3)
    same(a + b, b + a)
    same((a + b) + c, a + (b + c))


def test_nothing_added_changes_nothing():
    data = made()
    whole, nothing = data.counted(), data.counted(slice(0, 0))
    assert len(nothing.keys) == 0
    same(whole + nothing, whole)
    same(nothing + whole, whole)


def test_the_order_of_the_samples_changes_nothing():
    data = made(missing=0.1)
    same(data.counted(np.random.default_rng(1).permutation(len(data.y))), data.counted())


def test_the_same_part_twice_doubles_every_count():
    whole = made().counted()
    np.testing.assert_array_equal((whole + whole).counts, 2 * whole.counts)
    np.testing.assert_array_equal((whole + whole).keys, whole.keys)


@pytest.mark.parametrize("n_classes", [3, 40_000])
def test_keys_take_as_many_bits_as_they_need(n_classes: int):
    rng = np.random.default_rng(2)
    y, called = rng.integers(0, n_classes, (2, 50))
    cut = np.array([0.5])
    found = count_cells(rng.random(50), y, called, n_classes, fine=cut, edges=cut)
    assert found.keys.dtype == (np.uint32 if n_classes == 3 else np.uint64)
    keys = np.repeat(found.keys.astype(object), found.counts)
    pairs = zip(keys // n_classes // 3, keys % n_classes, strict=True)
    assert sorted(pairs) == sorted(zip(y.tolist(), called.tolist(), strict=True))


@pytest.mark.parametrize("what", ["fine", "edges", "n_classes"])
def test_parts_of_different_wholes_do_not_add_up(what: str):
    data = made()
    cut = {"fine": data.fine, "edges": data.edges}
    other = {"fine": data.fine[1:], "edges": data.edges[1:]}
    n_classes = data.n_classes + 1 if what == "n_classes" else data.n_classes
    cut |= {what: other[what]} if what in cut else {}
    different = count_cells(data.values, data.y, data.predicted, n_classes, **cut)
    with pytest.raises(InputError, match="expected the same classes and edges"):
        data.counted() + different


# Bins


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_bins_hold_what_they_hold_of_the_whole(missing: float):
    data = made(missing=missing)
    found = reduce(add, data.parts(4)).confusion()
    codes = assign(data.values, data.edges)
    expected = confusion_counts(data.y, data.predicted, data.n_classes, codes, len(data.edges) + 1)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, expected.table())


@pytest.mark.parametrize("chosen", [slice(0, 0), slice(0, None, 40), slice(None)])
def test_any_of_the_fine_edges_will_do(chosen: slice):
    data = made(missing=0.1)
    edges = data.fine[chosen]
    expected = confusion_counts(
        data.y, data.predicted, data.n_classes, assign(data.values, edges), len(edges) + 1
    )
    np.testing.assert_array_equal(data.counted().confusion(edges), expected.table())


def test_infinities_and_values_on_an_edge_fall_where_they_fall():
    values = np.array([-np.inf, -np.inf, 0.0, -0.0, 1.0, 2.0, np.inf], dtype=np.float32)
    fine = quantile_edges(values, 7)
    zeros = np.zeros(len(values), dtype=np.int64)
    found = count_cells(values, zeros, zeros, 1, fine=fine, edges=fine[:1]).confusion(fine)
    expected = np.bincount(assign(values, fine), minlength=len(fine) + 1)
    np.testing.assert_array_equal(found[:, 0, 0], expected)


@pytest.mark.parametrize("edge", [-1e9, 0.123, 1e9])
def test_an_edge_within_a_cell_is_refused(edge: float):
    with pytest.raises(InputError, match=f"expected edges of the fine cells, got {edge}"):
        made().counted().confusion([edge])


def test_missing_values_are_counted_apart():
    data = made(missing=0.3)
    found = data.counted()
    assert found.n_missing == np.isnan(data.values).sum()
    assert found.pooled().sum() == len(data.y) - found.n_missing


# Scores


def exact(values: np.ndarray, data: Data):
    """Both scores of a column without NaN, as they are made from samples."""
    order = np.argsort(data.y, kind="stable")
    given = responses(data.y[order], data.predicted[order], data.n_classes)
    ranks = within_ranks(values[order], given.by)
    bent = companion(ranks, given.by, *bend(ranks, given.by))
    return score(ranks, given), score(bent, given)


@pytest.mark.parametrize("n_classes", [1, 2, 5, 60])
@pytest.mark.parametrize("n_fine", [2, 7, 300])
def test_scores_are_those_of_the_fine_cells(n_classes: int, n_fine: int):
    data = made(n_classes=n_classes, n_fine=n_fine)
    found = reduce(add, data.parts(4)).scores()
    cells = np.searchsorted(data.fine, data.values).astype(np.float64)
    for mine, theirs in zip(found, exact(cells, data), strict=True):
        for name in SCORES:
            one, other = getattr(mine, name), getattr(theirs, name)
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9, err_msg=name)
        np.testing.assert_allclose(mine.z, theirs.z, rtol=1e-9, atol=1e-9)


def test_scores_leave_out_missing_values():
    data = made(missing=0.2)
    kept = ~np.isnan(data.values)
    present = Data(data.values[kept], data.y[kept], data.predicted[kept], 5, data.fine, data.edges)
    for mine, theirs in zip(data.counted().scores(), present.counted().scores(), strict=True):
        np.testing.assert_array_equal(mine.z, theirs.z)


def test_cells_of_one_value_each_give_the_exact_scores():
    data = made(n=2_000)
    rounded = data.values.round(1)
    fine = np.unique(rounded)[:-1].astype(np.float64)
    data = Data(rounded, data.y, data.predicted, 5, fine, fine[:3])
    found = data.counted().scores()
    for mine, theirs in zip(found, exact(rounded, data), strict=True):
        np.testing.assert_allclose(mine.z, theirs.z, rtol=1e-9, atol=1e-9)


def test_one_cell_tells_nothing():
    data = made()
    none = np.empty(0)
    found = count_cells(data.values, data.y, data.predicted, 5, fine=none, edges=none)
    for part in found.scores():
        assert np.isnan(part.z).all()


def test_a_class_without_samples_is_not_tested():
    data = made(n_classes=3)
    kept = data.y != 1
    present = Data(data.values[kept], data.y[kept], data.predicted[kept], 3, data.fine, data.edges)
    linear, _ = present.counted().scores()
    assert np.isnan(linear.z[0][1])
    assert np.isfinite(linear.z[0][[0, 2]]).all()
    assert np.isnan(present.counted().z_error()[1])


def test_no_sample_is_no_finding():
    for part in made().counted(slice(0, 0)).scores():
        assert np.isnan(part.z).all()


# The tolerance


@pytest.mark.parametrize("n_classes", [2, 30])
@pytest.mark.parametrize("n_fine", [16, 256])
def test_ranks_are_off_by_no_more_than_is_said(n_classes: int, n_fine: int):
    data = made(n_classes=n_classes, n_fine=n_fine, n=6_000)
    found = data.counted()
    order = np.argsort(data.y, kind="stable")
    by = responses(data.y[order], data.predicted[order], n_classes).by
    cells = np.searchsorted(data.fine, data.values).astype(np.float64)
    off = np.abs(within_ranks(cells[order], by) - within_ranks(data.values[order], by))
    worst = np.zeros(n_classes)
    np.maximum.at(worst, data.y[order], off)
    assert (worst <= found.rank_error() + 1e-12).all()
    # Values differ but for a few: the bound is reached.
    np.testing.assert_allclose(worst, found.rank_error(), rtol=0.2)


@pytest.mark.parametrize("n_fine", [16, 256])
def test_z_moves_as_far_as_is_said(n_fine: int):
    """Over many classes the shift of z of recall has the standard deviation that is stated."""
    data = made(n=60_000, n_classes=300, n_fine=n_fine)
    found, (linear, curved) = data.counted(), exact(data.values, data)
    coarse, bent = found.scores()
    moved = (coarse.z[0] - linear.z[0]) / found.z_error()
    assert 0.85 < np.sqrt(np.mean(moved**2)) < 1.15
    assert np.abs(moved).max() < 4.5
    assert np.sqrt(np.mean(((bent.z[2] - curved.z[2]) / found.z_error()) ** 2)) < 3


def test_the_stated_figures_of_4096_cells():
    data = made(n=200_000, n_classes=10, n_fine=4096)
    found, exactly = data.counted().scores(), exact(data.values, data)
    assert np.abs(np.subtract(found[0].z, exactly[0].z)).max() < 0.01
    assert np.abs(np.subtract(found[1].z, exactly[1].z)).max() < 0.02
    assert np.abs(exactly[0].z).max() > 10, "a trend is planted"


# Files


def shard_counts(**options) -> ShardCounts:
    return ShardCounts(
        {"blur": made(missing=0.1, **options).counted(), "größe": made(seed=1, **options).counted()}
    )


def test_saved_counts_come_back(tmp_path: Path):
    counts = shard_counts()
    path = counts.save(tmp_path / "counts.npz")
    again = ShardCounts.load(path)
    assert list(again.features) == ["blur", "größe"]
    for name, part in counts.features.items():
        same(again.features[name], part)


def test_counts_from_files_add_up(tmp_path: Path):
    data = made()
    for k, part in enumerate(data.parts(3)):
        ShardCounts({"x": part}).save(tmp_path / f"{k}.npz")
    total = reduce(add, [ShardCounts.load(tmp_path / f"{k}.npz") for k in range(3)])
    same(total.features["x"], data.counted())
    assert total.n_cells == len(data.counted().keys)


def test_parts_with_other_features_do_not_add_up():
    counts = shard_counts()
    with pytest.raises(InputError, match=r"expected the same features .*, got größe"):
        counts + ShardCounts({"blur": counts.features["blur"]})
    turned = ShardCounts(dict(reversed(counts.features.items())))
    with pytest.raises(InputError, match="got another order"):
        counts + turned


def test_what_is_no_file_of_counts_is_said_to_be_none(tmp_path: Path):
    with pytest.raises(ResultError, match=r"expected a file that ShardCounts\.save wrote"):
        ShardCounts.load(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(ResultError, match=r"ShardCounts\.save wrote"):
        ShardCounts.load(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    with pytest.raises(ResultError, match=r"ShardCounts\.save wrote"):
        ShardCounts.load(tmp_path / "other.npz")
    np.savez(tmp_path / "newer.npz", format=np.array(99))
    with pytest.raises(ResultError, match="got format 99"):
        ShardCounts.load(tmp_path / "newer.npz")
