"""Summaries of shards: edges and counts those of the whole, tests within the stated tolerance."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import pairwise
from operator import add
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sensitivity
from sensitivity.bins import assign, bin_values
from sensitivity.errors import InputError, OptionError, ResultError
from sensitivity.metrics.classification import confusion_counts
from sensitivity.shards import (
    Cuts,
    ShardCounts,
    count_shard,
    fine_edges,
    summarise_shards,
    trend_tests,
)

N, CUTS = 3_000, (0, 0, 900, 1_000, 2_200, 3_000)

Piece = Callable[[], tuple[np.ndarray, np.ndarray, dict[str, Any]]]


def data(n_classes: int = 4) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Labels, predictions, and features of every kind; recall falls with blur."""
    rng = np.random.default_rng(11)
    y = rng.integers(0, n_classes, N)
    blur = (rng.normal(size=N) + 0.2 * y).astype(np.float32)
    right = rng.random(N) > 0.2 + 0.15 * np.tanh(blur)
    predicted = np.where(right, y, (y + rng.integers(1, n_classes, N)) % n_classes)
    noise = rng.lognormal(size=N)
    noise[rng.random(N) < 0.2] = np.nan
    noise[:2] = [np.inf, -np.inf]
    features = {
        "blur": blur,
        "noise": noise,
        "hour": rng.integers(0, 24, N),
        "rare": np.where(rng.random(N) < 0.001, 7.0, 1.0),
        "level": rng.choice(np.array([0.1, 0.2, 0.3], np.float32), N),
        "late": np.where(np.arange(N) < 2_000, np.nan, rng.normal(size=N)),
        "few": np.where(rng.random(N) < 0.01, rng.normal(size=N), np.nan),
        "constant": np.full(N, 2.5),
        "nothing": np.full(N, np.nan, np.float32),
    }
    return y, predicted, features


def pieces(**changed: Any) -> list[Piece]:
    y, predicted, features = data()
    features = features | changed

    def piece(a: int, b: int) -> Piece:
        rows = slice(a, b)
        return lambda: (y[rows], predicted[rows], {k: x[rows] for k, x in features.items()})

    return [piece(a, b) for a, b in pairwise(CUTS)]


@pytest.mark.parametrize("n_bins", [2, 5, 9])
@pytest.mark.parametrize("feature", list(data()[2]))
def test_edges_and_counts_are_those_of_the_whole(feature: str, n_bins: int):
    y, predicted, features = data()
    counts = summarise_shards(pieces(), [feature], 4, n_bins=n_bins, fine=64)
    found = counts.features[feature]
    whole = bin_values(pd.Series(features[feature]), n_bins=n_bins)
    np.testing.assert_array_equal(found.edges, whole.edges)
    expected = confusion_counts(y, predicted, 4, assign(features[feature], found.edges), 10).table()
    np.testing.assert_array_equal(found.confusion(), expected[: len(whole.edges) + 1])
    assert found.n_missing == whole.n_missing
    assert np.isin(found.edges, found.fine).all()
    assert len(found.fine) <= 64 + n_bins


def test_all_features_at_once_are_each_as_alone():
    together = summarise_shards(pieces(), n_classes=4, fine=64)
    assert list(together.features) == list(data()[2])
    for name, part in together.features.items():
        alone = summarise_shards(pieces(), [name], 4, fine=64).features[name]
        np.testing.assert_array_equal(part.fine, alone.fine)
        np.testing.assert_array_equal(part.keys, alone.keys)
        np.testing.assert_array_equal(part.counts, alone.counts)


def test_the_order_and_the_number_of_pieces_change_nothing():
    whole = [lambda: data()]
    given = [pieces(), pieces()[::-1], whole]
    found = [summarise_shards(part, n_classes=4, fine=300) for part in given]
    for other in found[1:]:
        for name, part in found[0].features.items():
            np.testing.assert_array_equal(part.keys, other.features[name].keys)
            np.testing.assert_array_equal(part.counts, other.features[name].counts)


def test_pieces_counted_elsewhere_add_up_to_the_same(tmp_path: Path):
    cuts = fine_edges(pieces(), fine=100)
    for k, piece in enumerate(pieces()):
        count_shard(piece, cuts, 4).save(tmp_path / f"{k}.npz")
    loaded = [ShardCounts.load(tmp_path / f"{k}.npz") for k in range(len(pieces()))]
    total, direct = reduce(add, loaded), summarise_shards(pieces(), n_classes=4, fine=100)
    for name, part in direct.features.items():
        np.testing.assert_array_equal(part.keys, total.features[name].keys)
        np.testing.assert_array_equal(part.counts, total.features[name].counts)


@pytest.mark.parametrize(("features", "most"), [(["blur"], 4), (["blur", "noise"], 8)])
def test_each_piece_is_read_as_often_as_is_said(features: list[str], most: int):
    asked = []

    def counted(piece: Piece) -> Piece:
        def give() -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
            asked.append(1)
            return piece()

        return give

    summarise_shards([counted(piece) for piece in pieces()], features, 4)
    assert len(asked) <= most * len(pieces())


# Tests


def analysed() -> sensitivity.Analysis:
    y, predicted, features = data()
    return sensitivity.analyse(
        predicted,
        y,
        [f"{i}.png" for i in np.random.default_rng(0).permutation(N)],
        columns={name: features[name] for name in ("blur", "noise", "hour")},
        features=(),
        save_path=None,
    )


def side_by_side(fine: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tests of counts, and the analysis of all samples, row by row."""
    table = trend_tests(summarise_shards(pieces(), ["blur", "noise", "hour"], 4, fine=fine))
    keys = ["feature", "class"]
    other = analysed().trends.set_index(keys)
    mine = table.set_index(keys)
    return mine, other.loc[mine.index]


def test_trends_are_those_of_the_samples():
    mine, other = side_by_side(4096)
    # Nearly every sample has a fine cell of its own here.
    assert mine.loc[["blur", "noise"], "z_error"].max() < 1e-3
    for column in ("recall_change", "recall_change_low", "p_recall", "p_fpr", "p_f1", "p_shape"):
        np.testing.assert_allclose(mine[column], other[column], atol=5e-3, err_msg=column)
    np.testing.assert_array_equal(mine["q"] <= 0.05, other["q"] <= 0.05)
    assert (mine["q"] <= 0.05).any(), "a trend is planted"


def test_features_of_few_values_are_tested_exactly():
    mine, other = side_by_side(256)
    hour, same = mine.loc["hour"], other.loc["hour"]
    for column in ("recall_change", "recall_change_high", "p_recall", "p_fpr", "p_f1", "p_shape"):
        np.testing.assert_allclose(hour[column], same[column], rtol=1e-9, err_msg=column)
    blur, exact = mine.loc["blur"], other.loc["blur"]
    assert not np.allclose(blur["recall_change"], exact["recall_change"], rtol=1e-9)


def test_the_tolerance_of_all_classes_together_is_that_of_the_sum():
    coarse, exact = (
        trend_tests(summarise_shards(pieces(), ["blur"], 4, fine=fine)) for fine in (12, 4096)
    )
    moved = np.abs(coarse["z_recall"] - exact["z_recall"])
    assert (moved <= 4 * coarse["z_error"]).all()
    assert coarse["z_error"][0] < coarse["z_error"][1:].max()
    assert coarse["z_error"][0] > coarse["z_error"][1:].min()


def test_rows_with_few_events_are_not_tested():
    y, predicted, features = data()
    predicted = np.where((y == 2) & (np.arange(N) > 20), 2, np.where(predicted == 2, 3, predicted))
    counts = summarise_shards([lambda: (y, predicted, {"blur": features["blur"]})], None, 4)
    row = trend_tests(counts, list("abcd")).set_index("class").loc["c"]
    assert np.isnan(row[["p_recall", "p_fpr", "p_f1", "p_shape", "p", "q"]].astype(float)).all()
    assert np.isfinite(row["z_recall"])


def test_a_constant_and_a_missing_feature_are_not_tested():
    table = trend_tests(summarise_shards(pieces(), ["constant", "nothing", "blur"], 4))
    untold = table[table["feature"] != "blur"]
    assert untold[["p", "q", "recall_change"]].isna().all(axis=None)
    assert table.loc[table["feature"] == "blur", "p"].notna().all()


# Saved results


def saved(folder: Path, rows: slice, **options: Any) -> Path:
    y, predicted, features = data()
    names = {c: f"class {c}" for c in range(4)}
    columns = {name: features[name][rows] for name in ("blur", "noise", "hour", "late")}
    analysis = sensitivity.analyse(
        predicted[rows],
        y[rows],
        [f"{i}.png" for i in range(N)][rows],
        columns=pd.DataFrame(columns).assign(site="north"),
        features=(),
        save_path=folder,
        **{"label_map_dict": names, **options},
    )
    assert analysis.settings["n"] == len(y[rows])
    return folder


def test_saved_results_are_pieces(tmp_path: Path):
    paths: list[Any] = [saved(tmp_path / "a", slice(0, 800)), saved(tmp_path / "b", slice(800, N))]
    names = ["blur", "noise", "hour", "late"]
    found = summarise_shards(paths, names, fine=128)
    expected = summarise_shards(pieces(), names, 4, fine=128)
    for name in names:
        np.testing.assert_array_equal(found.features[name].fine, expected.features[name].fine)
        np.testing.assert_array_equal(found.features[name].keys, expected.features[name].keys)
        np.testing.assert_array_equal(found.features[name].counts, expected.features[name].counts)
    with pytest.raises(InputError, match=r"feature site: expected numbers .*\(shard 1\)"):
        summarise_shards(paths)
    other = saved(tmp_path / "c", slice(0, 400), label_map_dict=dict(enumerate("abcd")))
    with pytest.raises(InputError, match=r"classes: expected the same .* got a, b, c, d"):
        summarise_shards([*paths, other], ["blur"])


def test_a_folder_without_a_result_is_refused(tmp_path: Path):
    with pytest.raises(ResultError, match="expected a folder with model_analysis_results"):
        summarise_shards([tmp_path], ["blur"])
    path = saved(tmp_path / "a", slice(0, 400))
    (path / "tables" / "outcomes.parquet").unlink()
    with pytest.raises(ResultError, match=r"outcomes\.parquet"):
        summarise_shards([path], ["blur"])


# What cannot be summarised


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shards": []}, "shards: expected a list of at least one"),
        ({"shards": "results"}, "shards: expected a list of at least one, got 'results'"),
        ({"n_classes": None}, "n_classes: expected the number of classes"),
        ({"n_bins": 1}, "n_bins: expected a whole number from 2, got 1"),
        ({"fine": 2.5}, r"fine: expected a whole number from 2, got 2\.5"),
        ({"features": []}, "features: expected at least one"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], message: str):
    given = {"shards": pieces(), "features": ["blur"], "n_classes": 4} | options
    with pytest.raises(OptionError, match=message):
        summarise_shards(**given)


@pytest.mark.parametrize(
    ("y", "predicted", "values", "message"),
    [
        ([0, 4], [0, 0], [1.0, 2.0], "labels: expected classes 0 … 3, got 4"),
        ([0, 0], [0, -1], [1.0, 2.0], "predictions: expected classes 0 … 3, got -1"),
        ([0, 0], [0.0, 0.5], [1.0, 2.0], "predictions: expected one whole number per sample"),
        ([0, 0], [0], [1.0, 2.0], "predictions: expected one per label, got 1 for 2"),
        ([0, 0], [0, 0], [1.0], "blur: expected one per label, got 1 for 2"),
        ([0, 0], [0, 0], ["a", "b"], "feature blur: expected numbers"),
        ([0, 0], [0, 0], pd.Series(["a", "b"]), "feature blur: expected numbers"),
        ([0, 0], [0, 0], np.float32([1, 2]), "feature blur: expected float64 .* got float32"),
    ],
)
def test_a_bad_piece_is_named(y: Any, predicted: Any, values: Any, message: str):
    good = ([0, 1], [0, 1], {"blur": [1.0, 2.0]})
    with pytest.raises(InputError, match=rf"{message}.*\(shard 2\)"):
        summarise_shards([lambda: good, lambda: (y, predicted, {"blur": values})], None, 4)


def test_a_feature_that_a_piece_lacks_is_named():
    shards = [pieces()[1], lambda: ([0], [0], {"hour": [1]})]
    with pytest.raises(InputError, match=r"expected blur in every shard, got hour \(shard 2\)"):
        summarise_shards(shards, ["hour", "blur"], 4)


def test_numbers_of_any_kind_are_numbers():
    kinds = [[1, 2], (1.5, 2.5), pd.Series([1, None], dtype="Int64"), np.array([True, False])]
    shards = [lambda values=values: ([0, 1], [0, 1], {"x": values}) for values in kinds]
    found = summarise_shards(shards, None, 2).features["x"]
    assert found.n_missing == 1
    assert found.confusion().sum() == 7


def test_cuts_of_one_edge_count_both_sides():
    noon = np.array([12.0])
    piece = lambda: ([0, 1, 1], [0, 0, 1], {"hour": [7, 12, 19]})  # noqa: E731
    found = count_shard(piece, {"hour": Cuts(noon, noon)}, 2).features["hour"].confusion()
    assert found.tolist() == [[[1, 0], [1, 0]], [[0, 0], [0, 1]]]


def test_names_of_classes_must_be_as_many():
    counts = summarise_shards(pieces(), ["hour"], 4)
    assert trend_tests(counts)["class"].to_list() == ["all", "0", "1", "2", "3"]
    with pytest.raises(InputError, match="classes: expected 4 names, got 2"):
        trend_tests(counts, ["a", "b"])
