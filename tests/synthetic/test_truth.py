"""What is said about a planted sensitivity: plain numbers, and sums over the whole matrix."""

import numpy as np
import pytest
from scipy import stats

from sensitivity import tables
from sensitivity.synthetic import Trend, plant

N = 200_000


def expected(table, metric, c):
    rows = table[(table["metric"] == metric) & (table["class"] == str(c))]
    return rows.sort_values("bin")["value"].to_numpy()


def test_the_planted_size_is_told_in_plain_numbers():
    truth = plant(10, recall=(0.95, Trend(0.6, 0.9))).truth

    assert truth.recall_lowest == pytest.approx([0.95, 0.63])
    assert truth.recall_highest == pytest.approx([0.95, 0.87])
    assert truth.recall_change == pytest.approx([0.0, 0.24], abs=1e-9)
    assert truth.expected()["metric"].nunique() == 7
    assert set(truth.expected().columns) <= set(tables.BINS.names)


def test_a_class_that_does_not_occur_has_no_expected_values():
    truth = plant(labels=[0, 0, 2, 2], n_classes=3).truth

    assert np.isnan(truth.recall_change).tolist() == [False, True, False]
    table = truth.expected().query("`class` == '1'").set_index("metric")["value"]
    assert (table["prevalence"] == 0).all()
    assert table["recall"].isna().all()
    assert table["f1_star"].isna().all()


def test_recall_change_is_the_slope_on_the_rank_within_the_class():
    planted = plant(N, recall=Trend(0.9, 0.6, "step"), prevalence=(0.7, 0.3), confounding=1.0)

    for c in (0, 1):
        rows = planted.label_list == c
        rank = stats.rankdata(planted.rank[rows]) / rows.sum()
        slope = np.polyfit(rank, planted.pred_list[rows] == c, 1)[0]
        assert 0.8 * slope == pytest.approx(planted.truth.recall_change[c], abs=0.01)


def test_expected_values_equal_a_brute_force_average_over_the_whole_confusion_matrix():
    recall = [Trend(0.5, 0.9), 0.7, Trend(0.8, 0.4, "ushape"), 0.6]
    planted = plant(
        10,
        recall=recall,
        false_positives=Trend(0.02, 0.1),
        target=1,
        n_classes=4,
        prevalence=(0.4, 0.3, 0.2, 0.1),
        confounding=0.9,
    )
    rank = (np.arange(50_000) + 0.5) / 50_000
    right = np.stack(
        [0.5 + 0.4 * rank, 0.7 + 0 * rank, 0.4 + 0.4 * (2 * rank - 1) ** 2, 0.6 + 0 * rank]
    )
    drawn = 0.02 + 0.08 * rank
    chance = np.zeros((4, 4, len(rank)))  # true, predicted, rank
    for y in range(4):
        for c in range(4):
            rest = 1 - right[y] - (drawn if y != 1 else 0)
            wrong = drawn if c == 1 else rest / (3 if y == 1 else 2)
            chance[y, c] = right[y] if y == c else wrong
    assert chance.sum(axis=1) == pytest.approx(1)

    mass = planted.truth.prevalence(rank).T
    assert mass.mean(axis=1) == pytest.approx([0.4, 0.3, 0.2, 0.1], abs=1e-6)
    joint = (chance * mass[:, None]).reshape(4, 4, 5, -1).mean(axis=-1)  # true, predicted, fifth
    n, share = joint.sum(axis=1), mass.mean(axis=1)
    table = planted.truth.expected()
    for c in range(4):
        called, right_ones = joint[:, c].sum(axis=0), joint[c, c]
        even = (share[:, None] * joint[:, c] / n).sum(axis=0)
        values = {
            "prevalence": n[c] / n.sum(axis=0),
            "recall": right_ones / n[c],
            "false_positive_rate": (called - right_ones) / (n.sum(axis=0) - n[c]),
            "precision": right_ones / called,
            "f1": 2 * right_ones / (n[c] + called),
            "f1_star": 2 * share[c] * (right_ones / n[c]) / (share[c] + even),
        }
        for metric, value in values.items():
            assert expected(table, metric, c) == pytest.approx(value, abs=2e-6), metric
    accuracy = np.einsum("ccb->b", joint) / n.sum(axis=0)
    assert expected(table, "accuracy", "all") == pytest.approx(accuracy, abs=2e-6)


def test_prevalence_by_slice_of_the_rank():
    rows = [(0.4, 0.6), (0.7, 0.3), (0.92, 0.08)]
    planted = plant(600, recall=0.8, false_positives=0.05, prevalence=rows)
    table = planted.truth.expected(3).query("`class` == '1'").set_index(["metric", "bin"])["value"]

    # raw F1 follows the mix, F1 at the overall mix does not
    mix = np.array([0.6, 0.3, 0.08])
    raw = 2 * 0.8 * mix / (mix + 0.8 * mix + 0.05 * (1 - mix))
    assert table["prevalence"].to_numpy() == pytest.approx(mix)
    assert table["f1"].to_numpy() == pytest.approx(raw)
    assert np.ptp(table["f1_star"]) == pytest.approx(0.0, abs=1e-12)
