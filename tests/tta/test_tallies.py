"""Metrics from sums over images."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
)

from sensitivity.errors import InputError
from sensitivity.metrics.calibration import calibration_cells
from sensitivity.tta.tallies import (
    N_INTERVALS,
    called_class,
    check_scores,
    confidence_interval_of,
    image_nll,
    measured,
    tallied,
)


def sample(seed: int, n: int = 300, n_classes: int = 4):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_classes, n)
    return y, 1.5 * np.eye(n_classes)[y] + rng.standard_normal((n, n_classes))


def metrics(y: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None):
    weights = np.ones(len(y)) if weights is None else weights
    sums = weights @ tallied(y, scores)
    return measured(sums, np.bincount(y, weights, minlength=scores.shape[1]))


def test_metrics_are_those_of_scikit_learn():
    y, scores = sample(0)
    overall, recall, precision = metrics(y, scores)
    called, labels = called_class(scores), list(range(4))
    expected = [
        accuracy_score(y, called),
        balanced_accuracy_score(y, called),
        f1_score(y, called, average="macro"),
        log_loss(y, np.exp(log_softmax(scores, axis=1))),
    ]
    np.testing.assert_allclose(overall[:4], expected, atol=1e-12)
    np.testing.assert_allclose(recall, recall_score(y, called, average=None, labels=labels))
    np.testing.assert_allclose(precision, precision_score(y, called, average=None, labels=labels))


def test_calibration_error_is_the_mean_of_the_absolute_gaps():
    y, scores = sample(1)
    called = called_class(scores)
    confidence = np.exp(log_softmax(scores, axis=1)).max(axis=1)
    codes = confidence_interval_of(confidence)
    assert np.bincount(codes).tolist() == [20] * N_INTERVALS
    n, gap, _, _ = calibration_cells(confidence, called == y, codes, N_INTERVALS)
    expected = (n * np.abs(gap)).sum() / len(y)
    np.testing.assert_allclose(metrics(y, scores)[0][4], expected, atol=1e-12)


def test_a_weight_of_two_is_an_image_twice():
    y, scores = sample(2, n=60)
    weights = np.random.default_rng(3).integers(0, 3, 60)
    twice = np.repeat(np.arange(60), weights)
    one, other = metrics(y, scores, weights.astype(float)), metrics(y[twice], scores[twice])
    # intervals of confidence stay those of the 60 images
    np.testing.assert_allclose(one[0][:4], other[0][:4])
    np.testing.assert_allclose(one[1], other[1])


def test_log_probabilities_and_logits_are_the_same():
    y, scores = sample(4)
    np.testing.assert_allclose(
        metrics(y, scores)[0], metrics(y, log_softmax(scores, axis=1))[0], atol=1e-12
    )


def test_scores_in_single_precision_do_not_lose_the_likelihood():
    y, scores = sample(5)
    large = (1000 + scores).astype(np.float32)
    np.testing.assert_allclose(image_nll(y, large), image_nll(y, scores), atol=1e-3)


def test_many_classes_are_worked_on_in_parts(monkeypatch):
    y, scores = sample(6)
    whole = image_nll(y, scores)
    monkeypatch.setattr("sensitivity.tta.tallies._AT_ONCE", 40)
    np.testing.assert_array_equal(image_nll(y, scores), whole)


def test_absent_classes_are_undefined_and_do_not_count():
    y = np.array([0, 0, 1, 1])
    scores = np.zeros((4, 4))
    scores[[0, 1, 2, 3], [0, 2, 1, 1]] = 1
    overall, recall, precision = metrics(y, scores)
    assert overall[1] == 0.75  # of two classes
    assert np.isnan(recall).tolist() == [False, False, True, True]
    assert precision[2] == 0
    assert np.isnan(precision[3])


def test_equal_scores_call_the_first_class():
    assert called_class(np.zeros((2, 3))).tolist() == [0, 0]


def test_equal_confidences_share_an_interval():
    codes = confidence_interval_of(np.array([0.5] * 50 + [0.9] * 50))
    assert len(np.unique(codes[:50])) == len(np.unique(codes[50:])) == 1
    assert confidence_interval_of(np.array([])).shape == (0,)
    assert confidence_interval_of(np.ones(5)).tolist() == [0] * 5


@pytest.mark.parametrize("scores", [np.zeros((3, 3)), np.array([[0.0, np.nan]] * 2)])
def test_scores_that_do_not_fit_are_refused(scores):
    with pytest.raises(InputError, match="scores of x: expected"):
        check_scores("scores of x", scores, 2, 2)
