"""The penalty is chosen by cross-validation; small shares go."""

import numpy as np
import pytest

from sensitivity.synthetic import plant_views
from sensitivity.tta.penalties import LEAST_SHARE, PENALTIES, fit_penalised, nll_rows, pooled
from sensitivity.tta.pooling import fit_weights

BAD = (0.0,) + (0.15,) * 8
GOOD = (0.0, -0.1) + (0.15,) * 7
ORIGINAL = np.eye(9)[0]


def fitted(views, rng, n=150, prior=ORIGINAL, **options):
    z, y = plant_views(n, penalties=views, rng=rng)
    return fit_penalised(z, y, np.arange(n) % 5, prior=prior, **options)


def gain(weights, penalties):
    """Points of accuracy, which follow from the shares: see benchmarks/tta_truth.py."""
    from scipy.stats import norm

    shares = weights / weights.sum()
    signal = 1.6 * (shares @ (1 - np.array(penalties)))
    accuracy = norm.cdf(signal / np.sqrt(2 * (0.9 + 0.1 * shares @ shares)))
    return 100 * (accuracy - norm.cdf(1.6 / np.sqrt(2)))


def test_pulled_to_the_original_bad_views_cost_next_to_nothing() -> None:
    lost = [gain(fitted(BAD, rng).weights, BAD) for rng in range(12)]
    assert np.mean(lost) > -0.15


def test_pulled_to_equal_shares_they_cost_points() -> None:
    even = np.full(9, 1 / 9)
    lost = []
    for rng in range(12):
        z, y = plant_views(150, penalties=BAD, rng=rng)
        lost.append(gain(fit_weights(z, y, prior=even, penalty=0.1), BAD))
    assert -2.3 < np.mean(lost) < -1.4


def test_a_good_view_is_found_all_the_same() -> None:
    gained = [gain(fitted(GOOD, rng).weights, GOOD) for rng in range(12)]
    assert np.mean(gained) > 1.8


def test_the_penalty_is_that_of_the_least_loss_out_of_fold() -> None:
    z, y = plant_views(200, penalties=(0.0, 0.1, -0.05), rng=1)
    fold, prior = np.arange(200) % 4, np.eye(3)[0]
    losses = []
    for penalty in PENALTIES:
        total = 0.0
        for number in range(4):
            train, test = fold != number, fold == number
            v = fit_weights(z[:, train], y[train], prior=prior, penalty=penalty, smoothing=1 / 201)
            total += nll_rows(np.tensordot(v, z[:, test], 1), y[test]).sum()
        losses.append(total)
    assert fit_penalised(z, y, fold, prior=prior).penalty == PENALTIES[int(np.argmin(losses))]


def test_no_small_share_is_left() -> None:
    for rng in range(10):
        v = fitted(GOOD, rng, n=300, penalties=(0.0,)).weights
        assert (v == 0).sum() > 0
        assert v[v > 0].min() >= LEAST_SHARE * v.sum()


def test_one_view_gets_its_temperature() -> None:
    z, y = plant_views(400, rng=2)
    found = fit_penalised(z, y, np.arange(400) % 5, prior=np.ones(1))
    assert found.weights == pytest.approx(fit_weights(z, y), rel=0.02)


def test_the_negative_log_likelihood_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import log_loss

    z, y = plant_views(100, n_classes=4, rng=3)
    p = np.exp(z[0]) / np.exp(z[0]).sum(1, keepdims=True)
    assert nll_rows(z[0], y).mean() == pytest.approx(log_loss(y, p / p.sum(1, keepdims=True)))


def test_pooled_probabilities_with_weights_of_zero() -> None:
    z, _ = plant_views(10, penalties=(0.0, 0.0), rng=4)
    with np.errstate(divide="ignore"):
        found = pooled(z, np.array([0.0, 1.5]), "probabilities")
    p = np.exp(1.5 * z[1].astype(float))
    assert np.exp(found) == pytest.approx(p / p.sum(1, keepdims=True), abs=1e-9)
