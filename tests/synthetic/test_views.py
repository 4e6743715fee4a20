"""Planted views are worth what they are said to be."""

import numpy as np
import pytest
from scipy.stats import norm

from sensitivity import SensitivityError
from sensitivity.synthetic import plant_views

N = 60_000


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_accuracy_follows_from_signal_and_penalty(scale) -> None:
    z, y = plant_views(N, penalties=(0.0, 0.15, -0.1, 1.0), scale=scale)
    expected = norm.cdf(1.6 * np.array([1.0, 0.85, 1.1, 0.0]) / np.sqrt(2))
    assert (z.argmax(2) == y).mean(1) == pytest.approx(expected, abs=0.007)


def test_noise_is_shared_as_asked() -> None:
    z, y = plant_views(N, penalties=(0.0, 0.0), shared=0.9, n_classes=3)
    noise = z / 2 - 1.6 * np.eye(3)[y]
    assert noise.var() == pytest.approx(1, abs=0.02)
    assert np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1] == pytest.approx(0.9, abs=0.01)
    assert (np.bincount(y) / N) == pytest.approx(1 / 3, abs=0.01)


def test_views_that_tell_nothing() -> None:
    z, y = plant_views(N, noise_views=1, noisy_copies=1)
    assert z.shape == (3, N, 2)
    truth = np.eye(2)[y].ravel()
    assert abs(np.corrcoef(z[1].ravel(), truth)[0, 1]) < 0.01
    added = (z[2] - z[0]) / 2
    assert abs(np.corrcoef(added.ravel(), truth)[0, 1]) < 0.01
    assert added.var() == pytest.approx(1, abs=0.02)


def test_a_seed_is_a_seed() -> None:
    again = plant_views(50, penalties=(0.0, 0.1), rng=0)[0]
    assert (plant_views(50, penalties=(0.0, 0.1))[0] == again).all()
    assert (plant_views(50, penalties=(0.0, 0.1), rng=1)[0] != again).any()
    assert plant_views(0)[0].shape == (1, 0, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n": -1},
        {"n": 5, "n_classes": 1},
        {"n": 5, "penalties": ()},
        {"n": 5, "penalties": (np.nan,)},
        {"n": 5, "shared": 1.5},
        {"n": 5, "scale": 0.0},
        {"n": 5, "noise_views": -1},
    ],
)
def test_dials_out_of_range_are_refused(wrong) -> None:
    with pytest.raises(SensitivityError, match="expected"):
        plant_views(**wrong)
