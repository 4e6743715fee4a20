"""Where nothing is real, p is as often small as it says; the whole table is `make bench-null`.

Each bound is one that p of the right size breaks less than once in 1,000 tries.
"""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

import sensitivity
from sensitivity.synthetic import Covariate, Trend, plant

SETS = 30

#: Far enough above the mean of so many data sets, in standard errors.
FAR = 3.3

SETTINGS = (
    "2 classes, recall .70",
    "2 classes, recall .99",
    "2 classes, recall .95/.75, n 500",
    "40 classes, recall .70",
    "40 classes, recall .99",
    "clusters of 20, given",
    "clusters of 20, feature constant, given",
    "clusters of 20, neighbours, not given",
    "clusters of 20, constant, not given",
)


def complaints(benchmarks, setting, sets: int) -> list[str]:
    """What is wrong with the p-values of data sets in which nothing is real."""
    runs = [benchmarks.null.one(setting, seed) for seed in range(sets)]
    told, found = benchmarks.null.summary(runs), []
    for key, least, most in (("share_05", 0.035, 0.065), ("share_001", 0.0, 0.004)):
        values = np.array([run[key] for run in runs])
        slack = FAR * values.std() / np.sqrt(sets)
        if values.mean() - slack > most:
            found.append(f"{key} {values.mean():.3f}, of every row")
        # Blocks that are larger than the clusters make larger p.
        if values.mean() + slack < least and setting.groups != "hidden":
            found.append(f"{key} only {values.mean():.3f}")
    for name in benchmarks.null.COMPONENTS:
        values = np.array([run[name] for run in runs])
        tested = values[~np.isnan(values)]
        if (tested <= 0.05).sum() > scipy.stats.binom.ppf(0.999, len(tested), 0.065):
            found.append(f"{name} ≤ .05 in {(tested <= 0.05).mean():.3f}")
        if told[f"ks_{name}"] < 1e-5 and setting.groups != "hidden":
            found.append(f"{name} is not uniform")
    if told["any_q"] * sets > scipy.stats.binom.ppf(0.999, sets, 0.07):
        found.append(f"a finding in {told['any_q']:.3f} of the runs")
    return found


@pytest.mark.parametrize("name", SETTINGS)
def test_p_are_calibrated(benchmarks, name: str) -> None:
    (setting,) = (one for one in benchmarks.null.SETTINGS if one.name == name)
    assert complaints(benchmarks, setting, SETS) == []


def test_a_test_that_knows_no_clusters_is_not_calibrated(benchmarks) -> None:
    """The bounds above do notice: samples taken as independent, though they are not."""
    found = complaints(benchmarks, benchmarks.null.NAIVE, 15)
    assert any("of every row" in complaint for complaint in found)
    assert any("of the runs" in complaint for complaint in found)


def test_clusters_of_neighbours_are_found_and_nothing_is_called_real(benchmarks) -> None:
    kinds = []
    for seed in range(15):
        planted = plant(2000, feature=Covariate("dose"), rng=seed, **benchmarks.null.CONSTANT)
        trial = benchmarks.trials.tried(planted, seed=seed)
        kinds.append(trial.dependence["kind"])
        if kinds[-1] == "blocks":
            assert "real" not in set(trial.trends()["strength"])
    assert kinds.count("blocks") >= 13


def test_the_short_way_is_what_analyse_says(benchmarks) -> None:
    """The trials above leave out what bins say; the tests are those of a whole analysis."""
    planted = plant(
        1500, recall=Trend(0.7, 0.85), n_classes=3, companions=benchmarks.null.COMPANIONS
    )
    short = benchmarks.trials.tried(planted).trends()
    whole = sensitivity.analyse(
        planted.pred_list, planted.label_list, planted.name_list, columns=planted.columns,
        features=(), save_path=None,
    ).trends  # fmt: skip
    rows = [frame.set_index(["feature", "class"]) for frame in (short, whole)]
    rows[1] = rows[1].loc[rows[0].index]
    for name in ("p_recall", "p_fpr", "p_f1", "p_shape", "p", "q", "partial_z", "strength",
                 "driver", "direction", "pattern", "explained_by", "travels_with"):  # fmt: skip
        one, two = (frame[name] for frame in rows)
        if name.startswith("p") and name != "pattern":
            np.testing.assert_allclose(one, two, rtol=1e-9)
        else:
            assert one.equals(two)


def test_one_real_feature_among_many_brings_few_false_findings(benchmarks) -> None:
    """The expected share of false findings is at most .05, whatever is real."""
    shares = []
    for seed in range(60):
        companions = [Covariate(f"other {k}", 0.0) for k in range(5)]
        planted = plant(1000, recall=Trend(0.65, 0.95), companions=companions, rng=seed)
        found = benchmarks.trials.tried(planted, seed=seed).trends()
        real = found[found["strength"] == "real"]
        assert (real["feature"] == "sharpness").any()
        shares.append((real["feature"] != "sharpness").mean())
    assert np.mean(shares) - FAR * np.std(shares) / np.sqrt(60) <= 0.05
    assert np.mean(shares) < 0.12
