"""What was planted comes back with the size that was planted; and nothing where nothing was."""

from __future__ import annotations

import numpy as np
import pytest

import sensitivity
from sensitivity.report.summary import summary
from sensitivity.synthetic import Covariate, Planted, Trend, plant, signal_detection


def analyse(planted: Planted, **options) -> sensitivity.Analysis:
    return sensitivity.analyse(
        planted.pred_list,
        planted.label_list,
        planted.name_list,
        columns=planted.columns,
        features=(),
        save_path=None,
        **options,
    )


def recalls(analysis: sensitivity.Analysis, feature: str) -> np.ndarray:
    return analysis.table(feature, metric="recall").iloc[:5].to_numpy()


@pytest.mark.parametrize("form", ["linear", "step", "logistic"])
def test_planted_recall_comes_back_bin_by_bin(form: str):
    planted = plant(60_000, recall=(0.95, Trend(0.6, 0.9, form=form)), confounding=0.5)
    found = recalls(analyse(planted), "sharpness")
    np.testing.assert_allclose(found[0], planted.truth.recall_lowest, atol=0.02)
    np.testing.assert_allclose(found[4], planted.truth.recall_highest, atol=0.02)


def test_planted_recall_lies_in_its_interval_as_often_as_said():
    inside = []
    for seed in range(60):
        planted = plant(1500, recall=Trend(0.7, 0.9), rng=seed)
        bins = analyse(planted).bins.query("metric == 'recall' and bin == 0")
        truth = planted.truth.recall_lowest
        inside += ((bins["low"].to_numpy() <= truth) & (truth <= bins["high"].to_numpy())).tolist()
    assert 0.89 <= np.mean(inside) <= 0.99


def test_null_has_the_std_that_chance_gives():
    """With nothing planted, std² and std_chance² agree on average, confounding and all."""
    squares, chances = [], []
    for seed in range(40):
        planted = plant(
            1500, prevalence=(0.5, 0.5), confounding=0.4, rng=seed,
            companions=[Covariate("companion", correlation=0.8)],
        )  # fmt: skip
        trends = analyse(planted).trends.query("feature == 'companion' and `class` == 'all'")
        squares.append(trends["std"].iloc[0] ** 2)
        chances.append(trends["std_chance"].iloc[0] ** 2)
    assert np.mean(squares) / np.mean(chances) == pytest.approx(1, abs=0.3)


def test_planted_row_is_ranked_first_and_the_others_are_rarely_real():
    """Of all that is called real, about one in twenty is not: a false one now and then."""
    false, real = 0, 0
    for seed in range(12):
        planted = plant(
            2000,
            recall=Trend(0.6, 0.95),
            companions=[Covariate("unrelated", correlation=0), Covariate("other", correlation=0)],
            rng=seed,
        )
        rows = summary(analyse(planted))["rows"]
        assert (rows[0]["feature"], rows[0]["strength"]) == ("sharpness", "real")
        found = [row["feature"] for row in rows if row["strength"] == "real"]
        real += len(found)
        false += len(found) - found.count("sharpness")
    assert real - false == 36
    assert false <= 6


def test_class_mix_moves_f1_and_not_f1_star():
    """The model is the same everywhere; the class gets rarer, and F1 falls all the same."""
    planted = plant(
        60_000, recall=0.8, false_positives=0.05, target=1,
        prevalence=[(0.4, 0.6), (0.55, 0.45), (0.7, 0.3), (0.8, 0.2), (0.92, 0.08)],
    )  # fmt: skip
    analysis = analyse(planted)
    raw = analysis.table("sharpness")["1"]
    star = analysis.table("sharpness", metric="f1_star")["1"]
    assert raw.iloc[0] - raw.iloc[4] > 0.15
    assert star.loc["std"] < 0.015


def test_criterion_shift_moves_two_recalls_in_opposite_directions():
    planted = plant(40_000, recall=signal_detection(2.5, Trend(0.0, 0.75)))
    found = recalls(analyse(planted), "sharpness")
    assert found[0, 1] - found[4, 1] > 0.1
    assert found[4, 0] - found[0, 0] > 0.01


@pytest.mark.parametrize("recall", [0.7, 0.9])
def test_a_shifting_class_mix_alone_is_not_called_real(recall: float):
    """The null with the mix shifting along the feature: about one run in twenty, no more."""
    real, plain = [], []
    for seed in range(60):
        analysis = analyse(plant(1000, recall=recall, confounding=0.8, rng=seed))
        real.append(analysis.trends["strength"].eq("real").any())
        trends = analysis.trends.query("`class` != 'all'")
        plain += (trends["std"] / trends["std_chance"] > 1.54).tolist()
    assert np.mean(real) < 0.15
    assert np.mean(plain) > 0.4, "plain F1 does vary: this is what must not be reported"
