"""False calls per bin, counted and from the table of bins alone: against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sensitivity import Analysis, analyse
from sensitivity.cells.called import FalseCalls, counted_calls, false_calls, worst_and_rest


def analysed(seed: int, classes: int = 3, n: int = 400) -> tuple[Any, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y, x = rng.integers(0, classes, n), np.arange(n)
    wrong = rng.random(n) < 0.1 + 0.3 * x / n
    predicted = np.where(wrong, (y + rng.integers(1, classes, n)) % classes, y)
    found = analyse(
        predicted, y, [f"{i}.png" for i in range(n)],
        columns={"x": x}, features=(), save_path=None,
    )  # fmt: skip
    return found, y, predicted


@pytest.mark.parametrize("seed", range(3))
def test_they_are_those_that_are_counted(seed: int) -> None:
    found, y, predicted = analysed(seed)
    table = false_calls(found.bins).set_index(["class", "bin"])
    fifth = np.arange(400) // 80
    for c in range(3):
        shares = [(predicted[(fifth == k) & (y != c)] == c).mean() for k in range(5)]
        np.testing.assert_allclose(table.loc[str(c)].loc[range(5), "value"], shares, atol=1e-8)
        told = worst_and_rest(found.bins)["x", str(c)]
        worst = int(np.argmax(shares))
        assert told.bin == worst
        assert told.worst == pytest.approx(max(shares))
        rest = (predicted[(fifth != worst) & (y != c)] == c).mean()
        assert told.rest == pytest.approx(rest)
        assert (told.false, told.others) == (((predicted == c) & (y != c)).sum(), (y != c).sum())
        assert told.n_bins == 5


def sorted_by_class(called: int) -> Any:
    """The first half holds class 0 alone, of which some are called 1."""
    y = np.repeat([0, 1], 100)
    predicted = y.copy()
    predicted[:called] = 1
    return analyse(
        predicted, y, [f"{i}.png" for i in range(200)],
        columns={"x": np.arange(200)}, features=(), n_bins=2, save_path=None,
    )  # fmt: skip


def test_without_a_call_there_is_no_false_one() -> None:
    bins = sorted_by_class(0).bins
    table = false_calls(bins).set_index(["class", "bin"])
    assert table.loc[("1", 0), "value"] == 0


def test_a_bin_of_precision_0_is_not_known() -> None:
    """F1 is 0 there as well: neither says how many were called."""
    found = sorted_by_class(7)
    bins = found.bins
    cell = bins[(bins["class"] == "1") & (bins["bin"] == 0)].set_index("metric")["value"]
    assert cell["f1"] == cell["precision"] == 0
    assert np.isnan(cell["recall"])
    assert np.isnan(cell["f1_star"])
    assert np.isnan(false_calls(bins).set_index(["class", "bin"]).loc[("1", 0), "value"])
    assert ("x", "1") not in worst_and_rest(bins)
    told = false_calls(bins, counted(found)).set_index(["class", "bin"])
    assert told.loc[("1", 0), "value"] == 0.07


# Counted from the images


def counted(found: Analysis) -> pd.DataFrame | None:
    return counted_calls(found.bins, found.features, found.outcomes, found.settings)


def mixed(n: int = 1200) -> Analysis:
    """Classes that are absent from bins, a category, missing values, and errors of every kind."""
    rng = np.random.default_rng(1)
    x = rng.random(n)
    y = rng.integers(0, 4, n)
    y[(x < 0.25) & (y == 3)] = 0
    predicted = np.where(rng.random(n) < 0.2, rng.integers(0, 4, n), y)
    predicted[(x < 0.2) & (rng.random(n) < 0.3)] = 3
    camera = pd.Series(rng.choice(["a", "b", "c"], n), dtype=object).mask(rng.random(n) < 0.1)
    return analyse(
        predicted, y, [f"{i}.png" for i in range(n)],
        label_map_dict=dict(enumerate(["ok", "dirt", "crack", "dark"])),
        columns={"x": np.where(rng.random(n) < 0.1, np.nan, x), "camera": camera},
        features=(), save_path=None,
    )  # fmt: skip


def by_pandas(found: Analysis, feature: str) -> pd.Series:
    """Share of the other classes' images that are called the class, by class and bin."""
    entry = next(entry for entry in found.settings["features"] if entry["name"] == feature)
    values = found.features[feature]
    if entry["kind"] == "numeric":
        codes = pd.cut(values, [-np.inf, *entry["edges"], np.inf], labels=False).fillna(-1)
    else:
        codes = values.astype(object).map({v: k for k, v in enumerate(entry["categories"])})
        codes = codes.astype(float).fillna(-1)
    parts = {}
    for name in found.settings["classes"]:
        others = found.outcomes["class"].astype(str) != name
        called = found.outcomes["predicted"].astype(str)[others] == name
        parts[name] = called.groupby(codes[others].astype(int)).mean()
    return pd.concat(parts)


@pytest.mark.parametrize("feature", ["x", "camera"])
def test_every_bin_is_counted_as_pandas_counts(feature: str) -> None:
    found = mixed()
    table = false_calls(found.bins, counted(found))
    mine = table[table["feature"] == feature]
    mine = mine.astype({"class": str}).set_index(["class", "bin"])["value"].sort_index()
    wanted = by_pandas(found, feature).sort_index()
    assert -1 in mine["ok"].index
    assert list(mine.index) == list(wanted.index)
    np.testing.assert_allclose(mine, wanted, atol=1e-12)


def test_a_class_absent_where_it_is_called_most_is_counted_there() -> None:
    found = mixed()
    told = worst_and_rest(found.bins, counted(found))["x", "dark"]
    assert told.bin == 0
    assert told.worst > 0.25 > 0.1 > told.rest
    cell = found.bins[(found.bins["class"] == "dark") & (found.bins["bin"] == 0)]
    assert cell.set_index(["feature", "metric"]).loc[("x", "recall"), "n"] == 0
    assert ("x", "dark") not in worst_and_rest(found.bins)  # the table does not say how many


def test_the_bins_of_some_rows_count_alike() -> None:
    """As where only the rows that are shown are asked for."""
    found = mixed()
    part = found.bins[(found.bins["feature"] == "x") & found.bins["class"].isin(["all", "dark"])]
    some = counted_calls(part, found.features, found.outcomes, found.settings)
    assert some is not None
    assert set(some["class"]) == {"dark"}
    assert worst_and_rest(part, some) == {
        ("x", "dark"): worst_and_rest(found.bins, counted(found))["x", "dark"]
    }


def test_of_several_labels_each_is_counted() -> None:
    rng = np.random.default_rng(2)
    x, truth = np.arange(600), rng.random((600, 3)) < 0.3
    truth[x < 120, 2] = False
    given = truth ^ (rng.random((600, 3)) < 0.1)
    found = analyse(
        given.astype(float), truth.astype(int), [f"{i}.png" for i in x],
        "multi_label_classification", columns={"x": x}, features=(), save_path=None,
    )  # fmt: skip
    table = false_calls(found.bins, counted(found)).astype({"class": str})
    values = table.set_index(["class", "bin"])["value"]
    for c, name in enumerate(found.settings["classes"]):
        for k in range(5):
            others = (x // 120 == k) & ~truth[:, c]
            assert values[name, k] == pytest.approx(given[others, c].mean()), (name, k)


def test_the_file_alone_is_not_counted(tmp_path: Any) -> None:
    found = mixed()
    path = found.save(tmp_path)
    whole = Analysis.load(path)
    pd.testing.assert_frame_equal(counted(whole), counted(found), check_dtype=False)
    (tmp_path / "tables" / "outcomes.parquet").unlink()
    assert counted(Analysis.load(path)) is None


# What would contradict the sentence


@pytest.mark.parametrize(
    ("worst", "last", "way", "told"),
    [
        (1, 0.04, "falls", None),
        (3, 0.06, "rises", None),
        (2, 0.06, "rises", None),
        (1, 0.06, "rises", ((0, 0.05), (4, 0.06))),
        (1, 0.05, "rises", ()),
        (3, 0.06, "falls", ()),
        (3, 0.04, "falls", ((0, 0.05), (4, 0.04))),
        (2, 0.04, "middle best", ()),
        (0, 0.04, "middle best", None),
        (1, 0.04, "middle worst", None),
        (4, 0.09, "middle worst", ()),
        (0, 0.04, "categories", None),
    ],
)
def test_worst_and_rest_are_replaced_where_they_contradict(
    worst: int, last: float, way: str, told: Any
) -> None:
    calls = FalseCalls(worst, 0.09, 0.05, 30, 600, 5, first=(0, 0.05), last=(4, last))
    assert calls.instead(way) == told
