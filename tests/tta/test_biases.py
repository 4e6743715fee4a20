"""Temperature and biases by cross-entropy."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sensitivity.errors import InputError
from sensitivity.tta.biases import cross_fitted_bias, fit_bias
from sensitivity.tta.tallies import image_nll


def biased(seed: int, n: int = 2000, n_classes: int = 3):
    rng = np.random.default_rng(seed)
    b = np.array([1.0, 0.0, -1.0])[:n_classes]
    z0 = 2 * rng.standard_normal((n, n_classes))
    chance = np.exp(0.5 * z0 + b)
    y = (chance.cumsum(axis=1) / chance.sum(axis=1, keepdims=True) < rng.random((n, 1))).sum(axis=1)
    return y, z0, b - b.mean()


def test_true_values_are_found():
    y, z0, b = biased(0, 20_000)
    a, found = fit_bias(z0, y)
    assert a == pytest.approx(0.5, abs=0.02)
    np.testing.assert_allclose(found, b, atol=0.05)


def test_two_classes_are_a_logistic_regression():
    rng = np.random.default_rng(1)
    margin = 2 * rng.standard_normal(500)
    y = (rng.random(500) < 1 / (1 + np.exp(-(0.7 * margin + 0.4)))).astype(int)
    z0 = np.stack([np.zeros(500), margin], axis=1)
    a, b = fit_bias(z0, y)
    # b = (-β/2, β/2) has |b|²/2 = β²/4: the prior of an intercept of variance 2
    design = np.stack([margin, np.full(500, np.sqrt(2.0))], axis=1)

    def penalised(theta):
        return image_nll(y, np.stack([np.zeros(500), design @ theta], axis=1)).sum()

    beta = b[1] - b[0]
    loss = penalised([a, beta / np.sqrt(2)]) + beta**2 / 4
    for step in ([1e-3, 0], [-1e-3, 0], [0, 1e-3], [0, -1e-3]):
        other = beta + step[1]
        assert penalised([a + step[0], other / np.sqrt(2)]) + other**2 / 4 > loss
    free = LogisticRegression(C=np.inf, tol=1e-8).fit(margin[:, None], y)
    assert a == pytest.approx(free.coef_[0, 0], abs=0.02)
    assert beta == pytest.approx(free.intercept_[0], abs=0.02)


def test_a_constant_added_to_an_image_changes_nothing():
    y, z0, _ = biased(2)
    moved = z0 + np.random.default_rng(0).standard_normal((len(y), 1))
    one, other = fit_bias(z0, y), fit_bias(moved, y)
    assert one[0] == pytest.approx(other[0], abs=1e-5)
    np.testing.assert_allclose(one[1], other[1], atol=1e-5)


def test_a_class_without_images_stays_finite():
    y, z0, _ = biased(3)
    a, b = fit_bias(z0[y < 2], y[y < 2])
    assert np.isfinite([a, *b]).all()
    assert b[2] < b[:2].min()
    assert fit_bias(z0[:0], y[:0])[0] == 1
    assert fit_bias(z0[:0], y[:0])[1].tolist() == [0, 0, 0]


def test_a_useless_model_is_switched_off():
    y, z0, _ = biased(4)
    a, _ = fit_bias(-z0, y)
    assert a == 0


def test_in_sample_flatters():
    better = []
    for seed in range(20):
        y, z0, _ = biased(seed, 60)
        scores, in_sample = cross_fitted_bias(z0, y, np.arange(60) % 5)
        better.append(image_nll(y, scores).mean() - image_nll(y, in_sample).mean())
    assert np.mean(better) > 0.02
    with pytest.raises(InputError, match="folds"):
        cross_fitted_bias(z0, y, np.zeros(60, dtype=int))
