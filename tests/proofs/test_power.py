"""What is there is found, as often as promised, and is called what it is.

The whole table is `make bench-power`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sensitivity
from sensitivity.synthetic import Planted, Trend, plant


def analyse(planted: Planted, **options) -> sensitivity.Analysis:
    return sensitivity.analyse(
        planted.pred_list, planted.label_list, planted.name_list, columns=planted.columns,
        features=(), save_path=None, **options,
    )  # fmt: skip


def setting(benchmarks, name: str):
    (found,) = (one for one in benchmarks.power.SETTINGS if one.name == name)
    return found


# The figures of the documentation


@pytest.mark.parametrize(
    ("name", "promised"),
    [
        ("recall .92 → .78", 0.955),
        ("recall .78 → .92, class ever rarer", 0.845),
        ("false positives .02 → .08", 0.96),
    ],
)
def test_promised_power_is_there(benchmarks, name: str, promised: float) -> None:
    """One of the four tests of the class that changes: the row's driver."""
    found = benchmarks.power.answers(setting(benchmarks, f"{name}: its driver's p ≤ .05"), 200)
    assert found.mean() == pytest.approx(promised, abs=0.05)


def test_nothing_is_found_where_nothing_changes(benchmarks) -> None:
    """The same count of drivers, with four tests at .05 each, where all bins are alike."""
    trials = [
        benchmarks.trials.tried(plant(**benchmarks.power.BINARY, rng=seed)) for seed in range(100)
    ]
    assert 0.08 < np.mean([benchmarks.power.smallest_p(trial) for trial in trials]) < 0.27


def test_detectable_change_is_found_in_three_or_four_of_five(benchmarks) -> None:
    """And the interval of the change holds what was planted."""
    dials = benchmarks.power.DETECTABLE
    rows, truth = [], plant(**dials).truth.recall_change[1]
    for seed in range(100):
        trial = benchmarks.trials.tried(plant(**dials, rng=seed), seed=seed)
        rows.append(benchmarks.power.row(trial))
    found = pd.DataFrame(rows)
    assert found["detectable_change"].median() == pytest.approx(truth, rel=0.1)
    # Of the four tests that a row combines, bends and false positives say nothing here.
    assert 0.63 <= found["strength"].eq("real").mean() <= 0.87
    inside = found["recall_change_low"].le(truth) & found["recall_change_high"].ge(truth)
    assert 0.88 <= inside.mean() <= 0.995
    assert found["recall_change"].mean() == pytest.approx(truth, abs=0.01)


def test_of_a_thousand_classes_only_all_together_tell(benchmarks) -> None:
    """1,000 classes of 50 images, recall 8 points lower at one end in each."""
    trial = benchmarks.trials.tried(plant(**benchmarks.power.MANY))
    assert benchmarks.power.z_of_all(trial) == pytest.approx(-15, abs=2.5)
    found = trial.trends()
    assert found["strength"].eq("real").sum() == 1
    first = found.iloc[0]
    assert (first["class"], first["strength"], first["direction"]) == ("all", "real", "falls")
    assert first["pattern"] == "information loss"
    assert first["recall_change"] == pytest.approx(-0.064, abs=0.015)


# What it is called


def test_a_trend_that_the_class_mix_masks_is_found() -> None:
    """Recall rises while the class becomes rare: plain F1 falls, and the row rises."""
    from_common = [(1 - share, share) for share in (0.6, 0.45, 0.3, 0.2, 0.1)]
    said = []
    for seed in range(8):
        planted = plant(
            6000, recall=Trend(0.76, 0.94), false_positives=0.05, prevalence=from_common, rng=seed
        )
        analysis = analyse(planted)
        f1 = analysis.table("sharpness")["1"].iloc[:5]
        row = analysis.trends.query("`class` == '1'").iloc[0]
        assert f1.iloc[4] < f1.iloc[0] + 0.01
        said.append((row["strength"], row["driver"], row["direction"], row["recall_change"] > 0.08))
    assert said.count(("real", "recall", "rises", True)) >= 7


@pytest.mark.parametrize(("form", "shape"), [((0.72, 0.9), "middle best"),
                                             ((0.9, 0.72), "middle worst")])  # fmt: skip
def test_a_bend_is_found_where_no_trend_is(benchmarks, form, shape: str) -> None:
    shapes = []
    for seed in range(10):
        planted = plant(2000, recall=Trend(*form, "ushape"), rng=seed)
        found = benchmarks.trials.tried(planted, seed=seed).trends()
        shapes += found.query("strength == 'real'")[["driver", "shape", "direction"]].agg(
            "|".join, axis=1
        ).tolist()  # fmt: skip
    assert shapes.count(f"shape|{shape}|") >= 27


@pytest.mark.parametrize("rho", [0.5, 0.7, 0.8, 0.95])
def test_a_mere_correlate_names_what_matters(benchmarks, rho: float) -> None:
    named, falls_away = [], []
    for seed in range(25):
        planted = plant(**benchmarks.power.correlated(rho), rng=seed)
        trial = benchmarks.trials.tried(planted, seed=seed)
        named.append(benchmarks.power.named(trial))
        falls_away.append(benchmarks.power.falls_away(trial))
    assert np.isfinite(named).all(), "by itself it looks real"
    assert np.mean(named) >= 0.9
    assert np.mean(falls_away) >= 0.91


def test_what_matters_is_not_explained_away(benchmarks) -> None:
    for rho in (0.5, 0.8):
        for seed in range(8):
            planted = plant(**benchmarks.power.correlated(rho), rng=seed)
            found = benchmarks.trials.tried(planted).trends().query("feature == 'sharpness'")
            assert (found["strength"] == "real").all()
            assert (found["explained_by"] == "").all()
            assert (found["partial_z"].abs() > 2).all()


def test_margins_erode_before_errors_appear() -> None:
    """The gap of the logits shrinks, their sign does not change."""
    said = []
    for seed in range(12):
        planted = plant(1500, recall=0.85, margin=Trend(4.0, 1.0), output="logits", rng=seed)
        found = analyse(planted).trends
        assert (found["q_margin"] < 0.001).all()
        assert (found["margin_first"] > found["margin_last"] + np.log(1.5)).all()
        said += found["verdict"].tolist()
    assert said.count("margin erodes") >= 0.75 * len(said)


def test_constant_margins_do_not_erode() -> None:
    said = []
    for seed in range(20):
        planted = plant(800, recall=0.85, output="logits", rng=seed)
        said.append("margin erodes" in set(analyse(planted).trends["verdict"]))
    assert sum(said) <= 4


def test_a_class_mix_is_called_one(benchmarks) -> None:
    """Recall .80 and false positives .05 everywhere; the class goes from .6 to .08."""
    prevalence = [(1 - share, share) for share in (0.6, 0.45, 0.3, 0.18, 0.08)]
    said = []
    for seed in range(20):
        planted = plant(3000, recall=0.8, false_positives=0.05, prevalence=prevalence, rng=seed)
        row = analyse(planted).trends.query("`class` == '1'").iloc[0]
        assert row["std"] > 2 * row["std_chance"], "plain F1 says that there is a problem"
        said.append(row["verdict"])
    assert said.count("class mix") >= 14
    assert said.count("associated") <= 4


def test_lost_information_and_a_shifted_criterion_are_told_apart(benchmarks) -> None:
    from sensitivity.synthetic import signal_detection

    for recall, pattern in (
        (signal_detection(Trend(3.0, 1.5)), "information loss"),
        (signal_detection(2.5, Trend(-0.4, 0.4)), "criterion shift"),
    ):
        found = benchmarks.trials.tried(plant(4000, recall=recall)).trends()
        found = found[found["class"] != "all"]
        assert (found["strength"] == "real").all()
        assert (found["pattern"] == pattern).all()
