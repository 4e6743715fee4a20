"""Two features at once: cells, slices, and the same from a result that was read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as reference

from sensitivity import Analysis, tables
from sensitivity.bins import bin_features, bin_values
from sensitivity.crossed import METRICS, crossed_table, slice_table, stored_cells
from sensitivity.errors import InputError, ResultError
from sensitivity.stats.intervals import wilson

CLASSES = ("ok", "crack", "scratch")


def make(seed: int = 0, n: int = 1500) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Features with missing values and text; recall falls where it is dark at site north."""
    rng = np.random.default_rng(seed)
    y = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    light = rng.normal(size=n).astype(np.float32) + (y == 1)
    light[rng.choice(n, 60, replace=False)] = np.nan
    site = rng.choice(["north", "south", "west"], n, p=[0.4, 0.4, 0.2]).astype(object)
    site[rng.choice(n, 30, replace=False)] = None
    hard = (light < np.nanquantile(light, 0.25)) & (site == "north")
    wrong = rng.random(n) < np.where(hard, 0.45, 0.12)
    predicted = np.where(wrong, (y + rng.integers(1, 3, n)) % 3, y)
    table = pd.DataFrame({"light": light, "site": site, "hour": rng.integers(0, 3, n)})
    return table, y, predicted


def crossed(seed: int = 0, **changes) -> pd.DataFrame:
    table, y, predicted = make(seed)
    given = {"prior": np.bincount(y) / len(y)} | changes
    one, other = (bin_values(table[name], n_bins=4) for name in ("light", "site"))
    return crossed_table(one, other, y, predicted, CLASSES, **given)


# Cells


def test_every_cell_is_there_once_and_in_order() -> None:
    table = crossed()
    assert len(table) == 5 * 4 * (1 + 4 * 3)
    assert not table.duplicated(["bin", "bin_2", "class", "metric"]).any()
    assert table["bin"].drop_duplicates().tolist() == [0, 1, 2, 3, -1]
    assert list(table["label"].drop_duplicates())[-1] == "missing"
    assert list(table["label_2"].drop_duplicates()) == ["north", "south", "west", "missing"]
    assert table["class"].iloc[:13].tolist() == ["all"] + [c for c in CLASSES for _ in METRICS]


def test_cells_are_those_of_scikit_learn() -> None:
    features, y, predicted = make()
    table = crossed()
    light = pd.qcut(features["light"], 4, labels=False)
    for b, name in ((0, "north"), (3, "west"), (2, "south")):
        inside = ((light == b) & (features["site"] == name)).to_numpy()
        cell = table[(table["bin"] == b) & (table["label_2"] == name)].set_index(
            ["class", "metric"]
        )
        accuracy = reference.accuracy_score(y[inside], predicted[inside])
        assert cell.at[("all", "accuracy"), "value"] == pytest.approx(accuracy)
        assert cell.at[("all", "accuracy"), "n"] == inside.sum()
        found = reference.precision_recall_fscore_support(y[inside], predicted[inside])
        for values, metric in zip(found, ("precision", "recall", "f1"), strict=False):
            for c, value in zip(CLASSES, values, strict=True):
                assert cell.at[(c, metric), "value"] == pytest.approx(value)
                assert cell.at[(c, metric), "n"] == (inside & (y == CLASSES.index(c))).sum()


def test_counts_add_up() -> None:
    _, y, _ = make()
    table = crossed()
    n = table.groupby(["class", "metric"], observed=True)["n"].sum()
    assert n["all", "accuracy"] == len(y)
    for c, name in enumerate(CLASSES):
        assert (n[name] == (y == c).sum()).all()


def test_crossing_with_itself_is_the_feature_alone() -> None:
    table, y, predicted = make()
    light = bin_values(table["light"])
    cells = crossed_table(light, light, y, predicted, CLASSES, prior=np.full(3, 1 / 3))
    assert (cells.loc[cells["bin"] != cells["bin_2"], "n"] == 0).all()
    own = cells[(cells["bin"] == cells["bin_2"]) & (cells["class"] == "all") & (cells["bin"] >= 0)]
    assert own["n"].tolist() == light.counts.tolist()


def test_order_of_features_turns_the_table() -> None:
    table, y, predicted = make()
    one, other = (bin_values(table[name]) for name in ("light", "site"))
    prior = np.full(3, 1 / 3)
    first = crossed_table(one, other, y, predicted, CLASSES, prior=prior)
    second = crossed_table(other, one, y, predicted, CLASSES, prior=prior)
    keys = ["bin", "bin_2", "class", "metric"]
    turned = second.rename(columns={"bin": "bin_2", "bin_2": "bin"})
    columns = ["n", "value", "low", "high", "low_support"]
    pd.testing.assert_frame_equal(
        first.set_index(keys).sort_index()[columns], turned.set_index(keys).sort_index()[columns]
    )


def test_order_of_the_samples_changes_nothing() -> None:
    table, y, predicted = make()
    order = np.random.default_rng(1).permutation(len(y))
    moved = table.iloc[order].reset_index(drop=True)
    tables_ = [
        crossed_table(
            *(bin_values(t[name]) for name in ("light", "site")),
            a,
            b,
            CLASSES,
            prior=np.ones(3) / 3,
        )
        for t, a, b in ((table, y, predicted), (moved, y[order], predicted[order]))
    ]
    pd.testing.assert_frame_equal(*tables_)


def test_an_empty_cell_says_so() -> None:
    hour = bin_values(pd.Series([1, 2] * 20))
    y = np.zeros(40, np.int64)
    table = crossed_table(hour, hour, y, y, ["a", "b"], prior=np.array([1.0, 0.0]))
    empty = table[(table["bin"] == 0) & (table["bin_2"] == 1)]
    assert (empty["n"] == 0).all()
    assert empty["low_support"].all()
    assert empty[["value", "low", "high"]].isna().all(axis=None)


def test_intervals_hold_their_value_and_accuracy_has_wilsons() -> None:
    table = crossed(confidence=0.9)
    defined = table.dropna(subset="value")
    assert ((defined["low"] <= defined["value"]) & (defined["value"] <= defined["high"])).all()
    total = table[table["class"] == "all"]
    low, _ = wilson((total["value"] * total["n"]).round(), total["n"], confidence=0.9)
    assert np.allclose(total["low"], low, equal_nan=True)


def test_the_mix_is_taken_out_of_f1_star() -> None:
    """Recall and false positives are the same in all cells; only the mix differs."""
    a, b = np.repeat([0, 0, 1, 1], 2000), np.repeat([0, 1, 0, 1], 2000)
    share = np.repeat([0.1, 0.3, 0.5, 0.7], 2000)
    place = (np.arange(8000) % 2000) / 2000
    y = (place < share).astype(np.int64)
    within = np.where(y == 1, place / share, (place - share) / (1 - share))
    predicted = np.where(within < np.where(y == 1, 0.2, 0.05), 1 - y, y)
    table = crossed_table(
        *(bin_values(pd.Series(x)) for x in (a, b)), y, predicted, ["no", "yes"],
        prior=np.array([0.5, 0.5]),
    )  # fmt: skip
    of = table[table["class"] == "yes"].set_index("metric")["value"]
    assert np.ptp(of["f1_star"]) < 0.01
    assert np.ptp(of["f1"]) > 0.1


# Slices


def slices(seed: int = 0, **options) -> pd.DataFrame:
    table, y, predicted = make(seed, 3000)
    binnings, _ = bin_features(table.assign(name="x"), n_bins=4)
    return slice_table(binnings, y, predicted, CLASSES, **options)


def test_the_planted_slice_comes_first() -> None:
    found = slices()
    first = found.iloc[0]
    assert (first["feature"], first["feature_2"]) == ("light", "site")
    assert (first["label"], first["label_2"]) == ("0%-25%", "north")
    assert first["p_holm"] < 0.001
    assert first["low"] <= first["value"] <= first["high"] < first["expected"]
    assert found["p"].is_monotonic_increasing
    assert set(found["class"]) <= {"all", *CLASSES}


def test_the_seed_says_which_half() -> None:
    pd.testing.assert_frame_equal(slices(rng=3), slices(rng=np.random.default_rng(3)))
    assert not slices(rng=3).equals(slices(rng=4))


def test_groups_widen_the_interval() -> None:
    first = slices(groups=np.arange(3000) % 1000).iloc[0]
    assert (first["label"], first["label_2"]) == ("0%-25%", "north")
    clustered = slices(groups=np.arange(3000) // 750)
    assert (clustered["p_holm"] > 0.05).all()


@pytest.mark.parametrize("columns", [[], ["site"], ["hour"]])
def test_without_two_features_the_table_is_empty(columns: list[str]) -> None:
    table, y, predicted = make()
    binnings, _ = bin_features(table[columns].assign(name="x"))
    found = slice_table(binnings, y, predicted, CLASSES)
    assert len(found) == 0
    assert tuple(found.columns) == tables.SLICES.names
    tables.check(found, tables.SLICES)


# From a result


def stored(n: int = 1500, **settings) -> Analysis:
    """A result whose other tables are empty."""
    table, y, predicted = make(0, n)
    table.insert(0, "name", [f"{i}.png" for i in range(n)])
    binnings, _ = bin_features(table, n_bins=4)
    bins = pd.concat(
        pd.DataFrame({"feature": name, "bin": range(b.n_bins), "label": b.labels, "metric": m})
        for name, b in binnings.items()
        for m in METRICS
    ).assign(**{"class": "ok", "value": 0.5})
    columns = {"class": y, "predicted": predicted}
    outcomes = pd.DataFrame({key: tables.coded(codes, CLASSES) for key, codes in columns.items()})
    empty = {s.name: pd.DataFrame(columns=list(s.names)) for s in tables.TABLES}
    found = {"features": table, "outcomes": outcomes, "bins": bins.reset_index(drop=True)}
    entries = [
        {"name": name, "edges": list(b.edges), "categories": list(b.categories)}
        for name, b in binnings.items()
    ]
    settings = {
        "n": n,
        "classes": list(CLASSES),
        "features": entries,
        "skipped": [{"name": "same", "reason": "constant: 1"}],
        "prior": (np.bincount(y) / n).tolist(),
        "confidence": 0.95,
    } | settings
    return Analysis(**(empty | found), settings=settings)


def test_a_result_gives_the_cells_of_the_analysis() -> None:
    table = stored().crossed("light", "site", metric="recall")
    expected = crossed()
    kept = expected["metric"].isin(["recall", "accuracy"])
    pd.testing.assert_frame_equal(table, expected[kept].reset_index(drop=True))


def test_tables_may_come_from_parquet(tmp_path: Path) -> None:
    analysis = stored()
    for name in ("features", "outcomes"):
        getattr(analysis, name).to_parquet(tmp_path / name, index=False)
    read = {name: pd.read_parquet(tmp_path / name) for name in ("features", "outcomes")}
    again = stored_cells(
        read["features"], read["outcomes"], analysis.bins, analysis.settings, pair=("light", "hour")
    )
    given = analysis.features, analysis.outcomes, analysis.bins, analysis.settings
    pd.testing.assert_frame_equal(again, stored_cells(*given, pair=("light", "hour")))


def test_what_is_wrong_with_the_names_is_said() -> None:
    analysis = stored()
    with pytest.raises(InputError, match="feature sit: expected one of light, site, hour"):
        analysis.crossed("light", "sit")
    with pytest.raises(InputError, match="feature same: has no table: constant: 1"):
        analysis.crossed("same", "light")
    with pytest.raises(InputError, match="feature site: expected another feature than the first"):
        analysis.crossed("site", "site")
    with pytest.raises(InputError, match="metric auc: expected f1, f1_star, recall or precision"):
        analysis.crossed("light", "site", metric="auc")


@pytest.mark.parametrize("name", ["features", "outcomes"])
def test_without_tables_per_image_there_are_no_cells(name: str) -> None:
    analysis = stored()
    tables_ = {"features": analysis.features, "outcomes": analysis.outcomes}
    tables_[name] = tables_[name].iloc[:0]
    with pytest.raises(ResultError, match="table outcomes: expected Parquet tables beside"):
        stored_cells(*tables_.values(), analysis.bins, analysis.settings, pair=("light", "site"))
