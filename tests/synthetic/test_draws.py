"""Scores agree with the predictions, and their margins are those that were planted."""

import numpy as np
import pytest
from scipy import stats

from sensitivity.synthetic import Trend, plant, signal_detection

N = 200_000


def fifths(rank):
    return np.minimum((rank * 5).astype(int), 4)


@pytest.mark.parametrize("output", ["logits", "probabilities"])
@pytest.mark.parametrize("n_classes", [2, 5])
def test_scores_have_the_argmax_of_the_labels(output, n_classes):
    dials = {"recall": Trend(0.5, 1.0), "n_classes": n_classes, "false_positives": 0.0}
    labels = plant(20_000, **dials)
    scores = plant(20_000, output=output, **dials)

    assert scores.pred_list.shape == (20_000, n_classes)
    assert (scores.pred_list.argmax(axis=1) == labels.pred_list).all()
    assert (scores.label_list == labels.label_list).all()
    if output == "probabilities":
        assert scores.pred_list.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_the_margin_can_erode_without_more_errors():
    planted = plant(N, recall=0.9, margin=Trend(4.0, 1.0), output="logits", n_classes=3)
    y, bins = planted.label_list, fifths(planted.rank)
    own = planted.pred_list[np.arange(N), y]
    rival = np.where(np.eye(3, dtype=bool)[y], -np.inf, planted.pred_list).max(axis=1)

    middle = [np.median((own - rival)[bins == k]) for k in range(5)]
    planned = np.array([3.7, 3.1, 2.5, 1.9, 1.3]) * stats.norm.ppf(0.9)
    assert middle == pytest.approx(planned, abs=0.06)
    right = planted.pred_list.argmax(axis=1) == y
    assert right[bins == 4].mean() == pytest.approx(0.9, abs=0.007)


def test_signal_detection_scores_rank_the_classes_as_its_distance_says():
    planted = plant(20_000, recall=signal_detection(1.5), output="logits")
    score = planted.pred_list[:, 1] - planted.pred_list[:, 0]
    positive = planted.label_list == 1

    ranks = stats.rankdata(score)[positive]
    auc = (ranks.mean() - (positive.sum() + 1) / 2) / (~positive).sum()
    assert auc == pytest.approx(stats.norm.cdf(1.5 / np.sqrt(2)), abs=0.01)
