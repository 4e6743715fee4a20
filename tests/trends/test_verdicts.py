"""All rows judged as one family: q, strength, words, order."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from statsmodels.stats.multitest import multipletests

from sensitivity import tables
from sensitivity.trends import CellFigures, trend_table
from sensitivity.trends.rows import Rows

CLASSES = ("cat", "dog", "owl")
FEATURES = ("blur", "dust", "site")  # the last one has categories
SHAPE = (len(FEATURES), 1 + len(CLASSES))
MIX, ODDS = "mix", "odds"


def figures(**given: np.ndarray) -> dict[str, CellFigures]:
    """What bins say, plain where nothing else is given; arrays of features × rows."""
    plain = {field.name: np.full(SHAPE, np.nan) for field in fields(CellFigures)}
    plain |= {"n": np.full(SHAPE, 100), "mix": np.zeros(SHAPE, dtype=bool)} | given
    return {
        name: CellFigures(**{key: value[j] for key, value in plain.items()})
        for j, name in enumerate(FEATURES)
    }


def nothing_beside(flagged: np.ndarray, driver: np.ndarray) -> dict[str, np.ndarray]:
    empty = np.full(SHAPE, "", dtype=object)
    return {
        "partial_z": np.where(flagged, driver, np.nan).astype(float),
        "vif": np.ones(SHAPE),
        "travels_with": empty,
        "explained_by": empty,
    }


def table(bins=None, capped=False, confidence=0.95, beside=nothing_beside, **given):
    """The table of rows that are empty but for what is given; arrays of features × rows."""
    rows = {name: Rows.empty(len(CLASSES)) for name in FEATURES}
    for key, values in given.items():
        for row, part in zip(rows.values(), values, strict=True):
            setattr(row, key, np.array(part, dtype=float))
    return trend_table(
        rows, bins or figures(), CLASSES, numeric=FEATURES[:2], capped=capped, beside=beside,
        confidence=confidence,
    )  # fmt: skip


def judged(**given) -> pd.DataFrame:
    """The same, by feature and class."""
    return table(**given).set_index(["feature", "class"])


def constant(value: float) -> np.ndarray:
    return np.full(SHAPE, float(value))


def one(value: float, rest: float = 0.5, at: tuple[int, int] = (0, 1)) -> np.ndarray:
    """Everywhere the same but in one place, "blur" and "cat" unless given."""
    found = constant(rest)
    found[at] = value
    return found


HERE = ("blur", "cat")


# The family


def test_rows_of_all_share_half_of_the_weight() -> None:
    """12 rows: one of 3 "all" rows weighs 2, one of 9 class rows 2/3."""
    in_all = judged(p_recall=one(0.005, at=(0, 0)))
    in_class = judged(p_recall=one(0.005))
    assert in_all.loc[("blur", "all"), "q"] == pytest.approx(0.005 * 12 / 2)
    assert in_class.loc[HERE, "q"] == pytest.approx(0.005 * 12 * 3 / 2)
    assert in_all.loc[("blur", "all"), "strength"] == "real"
    assert in_class.loc[HERE, "strength"] == "candidate"


def test_q_are_weighted_benjamini_hochberg() -> None:
    p = np.random.default_rng(0).random(SHAPE) ** 3
    p[1, 2] = np.nan
    found = judged(p_recall=p)
    flat = found["p_recall"].dropna()
    is_all = flat.index.get_level_values("class") == "all"
    weights = np.where(is_all, 11 / 2 / 3, 11 / 2 / 8)
    assert weights.mean() == pytest.approx(1)
    # statsmodels knows no weights: p / w, which may exceed 1, scaled to be p.
    scaled = (flat / weights).to_numpy()
    largest = scaled.max()
    q = multipletests(scaled / largest, method="fdr_bh")[1] * largest
    expected = np.maximum(np.minimum(q, 1), flat)  # never surer than by itself
    np.testing.assert_allclose(found.loc[flat.index, "q"], expected, rtol=1e-9)
    assert found["q"].isna().sum() == 1


def test_rows_that_cannot_be_tested_are_not_in_the_family() -> None:
    p = one(0.005)
    alone = np.full(SHAPE, np.nan)
    alone[0, 1] = 0.005
    assert judged(p_recall=alone).loc[HERE, "q"] == pytest.approx(0.005)
    assert judged(p_recall=p).loc[HERE, "q"] == pytest.approx(0.09)


def test_p_is_the_cauchy_combination_of_those_that_there_are() -> None:
    parts = {"p_recall": 0.01, "p_fpr": 0.2, "p_f1": 0.03, "p_shape": np.nan}
    found = judged(**{key: constant(value) for key, value in parts.items()})
    cotangents = 1 / np.tan(np.pi * np.array([0.01, 0.2, 0.03]))
    expected = scipy.stats.cauchy.sf(cotangents.mean())
    np.testing.assert_allclose(found["p"], expected, rtol=1e-9)
    assert set(found["driver"]) == {"recall"}


def test_margins_are_a_family_of_their_own() -> None:
    found = judged(p_recall=constant(0.5), p_margin=one(0.001, at=(1, 0)))
    assert found.loc[("dust", "all"), "q_margin"] == pytest.approx(0.006)
    assert (found["strength"] == "none").all()


# Strength and verdict


@pytest.mark.parametrize(
    ("p", "capped", "strength"),
    [
        (0.0001, False, "real"),
        (0.0001, True, "candidate"),
        (0.005, False, "candidate"),
        (0.005, True, "candidate"),
        (0.05, False, "none"),
        (np.nan, False, "none"),
    ],
)
def test_strength(p: float, capped: bool, strength: str) -> None:
    found = judged(capped=capped, p_recall=one(p))
    assert found.loc[HERE, "strength"] == strength
    assert (found["strength"] != "none").sum() == (strength != "none")


VERDICTS = [
    # p, capped, what the bins say, verdict
    (0.0001, False, "", tables.ASSOCIATED),
    (0.0001, False, "mix odds", tables.ASSOCIATED),
    (0.0001, True, "", tables.CHANCE),
    (0.0001, True, "mix", tables.CHANCE),
    (0.005, False, "", tables.CHANCE),
    (0.5, False, "", tables.CHANCE),
    (0.5, False, "mix", tables.CLASS_MIX),
    (0.5, True, "mix", tables.CLASS_MIX),
    (0.5, False, "mix odds", tables.CLASS_MIX),
    (0.5, False, "odds", tables.MARGIN),
    (0.5, True, "odds", tables.CHANCE),
    (0.05, False, "mix", tables.CHANCE),
    (0.5, False, "odds less", tables.CHANCE),
    (0.5, False, "odds by chance", tables.CHANCE),
    (0.005, False, "odds", tables.CHANCE),
    (np.nan, False, "", tables.CHANCE),
    (np.nan, False, "odds", tables.MARGIN),
]


@pytest.mark.parametrize(("p", "capped", "said", "verdict"), VERDICTS)
def test_verdict(p: float, capped: bool, said: str, verdict: str) -> None:
    mix = np.zeros(SHAPE, dtype=bool)
    mix[0, 1] = MIX in said
    change = np.log(1.4 if "less" in said else 1.6)
    bins = figures(
        mix=mix, margin_first=constant(2.0), margin_last=constant(2.0 - change * (ODDS in said))
    )
    p_margin = constant(0.5 if "chance" in said else 1e-9)
    found = judged(bins=bins, capped=capped, p_recall=one(p), p_margin=p_margin)
    assert found.loc[HERE, "verdict"] == verdict
    assert set(found["verdict"]) <= set(tables.VERDICTS)


def test_odds_that_rise_erode_nothing_less_than_those_that_fall() -> None:
    bins = figures(margin_first=constant(1.0), margin_last=constant(3.0))
    found = judged(bins=bins, p_recall=constant(0.5), p_margin=constant(1e-9))
    assert set(found["verdict"]) == {tables.MARGIN}


# Words


@pytest.mark.parametrize(
    ("smallest", "z", "driver", "direction", "shape"),
    [
        ("p_recall", {"z_recall": -3}, "recall", "falls", "trend"),
        ("p_recall", {"z_recall": 3}, "recall", "rises", "trend"),
        ("p_fpr", {"z_fpr": 3}, "false positives", "falls", "trend"),
        ("p_fpr", {"z_fpr": -3}, "false positives", "rises", "trend"),
        ("p_f1", {"z_f1": -3}, "f1", "falls", "trend"),
        ("p_shape", {"z_shape": -3, "z_recall": 1}, "shape", "", "middle best"),
        ("p_shape", {"z_shape": 3, "z_recall": 1}, "shape", "", "middle worst"),
    ],
)
def test_words_follow_the_smallest_p(smallest, z, driver, direction, shape) -> None:
    p = {name: constant(0.3) for name in ("p_recall", "p_fpr", "p_f1", "p_shape")}
    p[smallest] = constant(0.001)
    found = judged(**p, **{name: constant(value) for name, value in z.items()})
    row = found.loc[HERE]
    assert (row["driver"], row["direction"], row["shape"]) == (driver, direction, shape)


@pytest.mark.parametrize("off", [-1e-15, 0.0, 1e-15])
def test_a_tie_but_for_rounding_is_told_by_the_first(off: float) -> None:
    found = judged(p_recall=constant(0.3), p_fpr=constant(0.001), p_f1=constant(0.001 + off))
    assert found.loc[HERE, "driver"] == "false positives"


def test_categories_have_no_direction() -> None:
    found = judged(p_recall=constant(0.2), p_fpr=one(0.001, at=(2, 1)))
    row = found.loc[("site", "cat")]
    assert (row["driver"], row["direction"], row["shape"]) == ("false positives", "", "categories")


def test_rows_that_were_not_tested_have_no_words() -> None:
    found = judged()
    assert not found[["driver", "direction", "shape", "pattern", "grade"]].to_numpy().any()
    assert set(found["strength"]) == {"none"}


def patterns(z_recall: list[float], z_fpr: list[float], p: float = 1e-4) -> list[str]:
    """Of "all" and three classes whose scores have variance 1."""
    z_all = sum(z_recall) / np.sqrt(3)
    scores = constant(0.0)
    scores[:] = [sum(z_recall), *z_recall]
    variance = constant(1.0)
    variance[:, 0] = 3
    found = judged(
        p_recall=constant(p), total=scores, variance=variance,
        z_recall=np.tile([z_all, *z_recall], (3, 1)), z_fpr=np.tile([np.nan, *z_fpr], (3, 1)),
    )  # fmt: skip
    return [found.loc[("blur", name), "pattern"] for name in ("all", *CLASSES)]


SHIFT, LOSS = "criterion shift", "information loss"


@pytest.mark.parametrize(
    ("z_recall", "z_fpr", "expected"),
    [
        # recall and false positives of cat rise, recall of dog falls
        ([4, -3, 0], [3, -2.5, 0], ["", SHIFT, SHIFT, ""]),
        # all fall, false positives rise
        ([-4, -3, -3], [3, 3, 3], [LOSS, LOSS, LOSS, LOSS]),
        # only one class moves, by itself
        ([-4, 0, 0], [0.1, 0, 0], ["", "", "", ""]),
        # two of three do
        ([-4, -3, 0], [0, 0, 0], [LOSS, LOSS, LOSS, ""]),
        # the others move against it, false positives do not
        ([-4, 3, 3], [0, 0, 0], ["", "", "", ""]),
    ],
)
def test_pattern(z_recall, z_fpr, expected) -> None:
    assert patterns(z_recall, z_fpr) == expected
    mirrored = patterns([-z for z in z_recall], [-z for z in z_fpr])
    assert mirrored == expected
    assert patterns(z_recall, z_fpr, p=0.9) == ["", "", "", ""]


# Numbers


def test_interval_of_the_change() -> None:
    found = judged(change=constant(-0.1), error=constant(0.02), confidence=0.9)
    row = found.loc[HERE]
    half = 0.02 * scipy.stats.norm.ppf(0.95)
    assert row["recall_change_low"] == pytest.approx(-0.1 - half)
    assert row["recall_change_high"] == pytest.approx(-0.1 + half)


@pytest.mark.parametrize("n_real", [0, 1, 3])
def test_detectable_change_is_what_80_percent_would_show(n_real: int) -> None:
    p = constant(0.5)
    p[:n_real, 0] = 1e-9
    found = judged(p_recall=p, error=constant(0.02))
    for name, weight in (("all", 2), ("cat", 2 / 3)):
        alpha = 0.05 * weight * max(n_real, 1) / 12
        change = 0.02 * (scipy.stats.norm.isf(alpha / 2) + scipy.stats.norm.ppf(0.8))
        assert found.loc[("blur", name), "detectable_change"] == pytest.approx(change)


def test_detectable_change_is_at_most_1_and_unknown_without_error() -> None:
    found = judged(p_recall=constant(0.5), error=one(0.0, rest=3.0))
    assert np.isnan(found.loc[HERE, "detectable_change"])
    assert found["detectable_change"].drop(HERE).tolist() == [1.0] * 11


def test_power_of_the_detectable_change_is_80_percent() -> None:
    """A normal z of that mean passes the two-sided level in four of five."""
    alpha = 0.004
    mean = scipy.stats.norm.isf(alpha / 2) + scipy.stats.norm.ppf(0.8)
    assert scipy.stats.norm.sf(scipy.stats.norm.isf(alpha / 2) - mean) == pytest.approx(0.8)


def test_flagged_rows_are_looked_at_beside_the_others() -> None:
    seen = []

    def spy(flagged, driver):
        seen.append((flagged, driver))
        return nothing_beside(flagged, driver)

    p = one(0.0001)
    p[1, 2] = 0.005  # a candidate
    found = judged(p_recall=constant(0.5), p_fpr=p, beside=spy).loc[[HERE, ("dust", "dog")]]
    ((flagged, driver),) = seen
    assert set(found["strength"]) == {"real", "candidate"}
    assert np.argwhere(flagged).tolist() == [[0, 1], [1, 2]]
    assert driver[flagged].tolist() == [1, 1]
    assert found["partial_z"].tolist() == [1.0, 1.0]


def test_only_real_rows_are_graded() -> None:
    bins = figures(std=constant(0.15), std_chance=constant(0.01))
    found = judged(bins=bins, p_recall=one(1e-5))
    assert found.loc[HERE, "grade"] == "medium"
    assert (found["grade"] == "").sum() == 11


def test_what_the_bins_say_is_handed_on() -> None:
    numbers = np.arange(12.0).reshape(SHAPE)
    keys = ("std", "std_chance", "spread", "spread_low", "spread_high", "impact")
    given = {key: numbers + k for k, key in enumerate(keys)}
    bins = figures(**given, margin_first=-numbers, n=numbers.astype(int))
    found = judged(bins=bins)
    for j, feature in enumerate(FEATURES):
        for c, name in enumerate(("all", *CLASSES)):
            row = found.loc[(feature, name)]
            assert [row[key] for key in keys] == [given[key][j, c] for key in keys]
            assert (row["margin_first"], row["n"]) == (-numbers[j, c], numbers[j, c])


# Order


def test_real_rows_come_first_then_candidates_then_the_rest() -> None:
    p = constant(0.5)
    p[2, 3], p[1, 0] = 1e-6, 0.025
    low = np.zeros(SHAPE)
    low[0, 2] = 0.3
    found = judged(p_recall=p, bins=figures(spread_low=low))
    assert found["strength"].tolist()[:3] == ["real", "candidate", "none"]
    assert [*found.index[:2]] == [("site", "owl"), ("dust", "all")]
    rest = found.index[2:]
    assert [name for _, name in rest[:2]] == ["all", "all"]
    assert rest[2] == ("blur", "dog")


def test_within_the_strength_all_comes_first_then_the_lower_bound() -> None:
    low = np.arange(12.0).reshape(SHAPE)
    low[0] = np.nan
    found = judged(p_recall=constant(1e-6), bins=figures(spread_low=low))
    assert [*found.index[:3]] == [("site", "all"), ("dust", "all"), ("blur", "all")]
    assert [*found.index[3:5]] == [("site", "owl"), ("site", "dog")]
    assert {feature for feature, _ in found.index[-3:]} == {"blur"}


def test_table_has_its_columns_and_kinds() -> None:
    found = table()
    assert tables.check(found, tables.TRENDS) is found
    assert len(found) == 12
    assert isinstance(found["verdict"].dtype, pd.StringDtype)


def test_no_features_are_an_empty_table() -> None:
    found = trend_table({}, {}, CLASSES, numeric=(), capped=False, beside=nothing_beside)
    assert list(found.columns) == list(tables.TRENDS.names)
    assert len(found) == 0
