"""Gains of an objective, their bounds, and the images that a gain needs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import balanced_accuracy_score, log_loss, recall_score

from sensitivity.errors import InputError, OptionError
from sensitivity.stats.paired import proportion_change
from sensitivity.tta.gains import class_of, needed_for, needed_images, paired_gain
from sensitivity.tta.tallies import called_class, image_nll

CLASSES = ["a", "b", "c"]


def pair(seed: int, n: int = 400, gain: float = 0.1, prior=(0.5, 0.3, 0.2), size: int = 1):
    rng = np.random.default_rng(seed)
    y = rng.choice(3, n, p=prior)
    cluster = np.arange(n) // size
    shared = rng.standard_normal((n, 3))
    own = 0.4 * rng.standard_normal((cluster.max() + 1, 3))[cluster]
    before = 1.5 * np.eye(3)[y] + shared + 0.3 * rng.standard_normal((n, 3))
    after = 1.5 * np.eye(3)[y] + shared + 0.3 * rng.standard_normal((n, 3)) + own
    after[np.arange(n), y] += gain
    return y, before, after


def test_gains_are_differences_of_the_metrics():
    y, before, after = pair(0)
    called = [called_class(s) for s in (before, after)]

    def chance(s):
        return np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)

    expected = {
        "nll": log_loss(y, chance(before)) - log_loss(y, chance(after)),
        "accuracy": np.mean(called[1] == y) - np.mean(called[0] == y),
        "balanced_accuracy": np.subtract(*(balanced_accuracy_score(y, c) for c in called[::-1])),
        "recall:c": np.subtract(*(recall_score(y, c, average=None)[2] for c in called[::-1])),
    }
    for objective, value in expected.items():
        found = paired_gain(y, before, after, CLASSES, objective=objective)
        assert found.value == pytest.approx(value, abs=1e-12)
        back = paired_gain(y, after, before, CLASSES, objective=objective)
        assert (back.value, back.low) == pytest.approx((-found.value, -found.high))


def test_discordance_is_the_mean_square_of_accuracy():
    y, before, after = pair(1)
    found = paired_gain(y, before, after, CLASSES, objective="accuracy")
    assert found.square == np.mean((called_class(before) == y) != (called_class(after) == y))
    assert (found.inflation, found.effective) == (1.0, 400)


def test_bounds_of_a_proportion_are_those_of_the_paired_formula():
    y, before, after = pair(2, prior=(1.0, 0.0, 0.0))
    found = paired_gain(y, before, after, CLASSES, objective="accuracy")
    right = [called_class(s) == y for s in (before, after)]
    counts = (right[1] & ~right[0]).sum(), (right[0] & ~right[1]).sum()
    _, low, high = proportion_change(*counts, 400, confidence=0.9)
    assert found.low == pytest.approx(float(low), abs=1e-3)
    assert found.high == pytest.approx(float(high), abs=1e-3)


def test_bounds_of_likelihood_are_students():
    y, before, after = pair(3, prior=(1.0, 0.0, 0.0))
    gains = image_nll(y, before) - image_nll(y, after)
    low = stats.ttest_1samp(gains, 0).confidence_interval(0.9).low
    assert paired_gain(y, before, after, CLASSES).low == pytest.approx(low)


def test_groups_widen_and_cost():
    y, before, after = pair(4, n=800, size=40)
    plain = paired_gain(y, before, after, CLASSES)
    found = paired_gain(y, before, after, CLASSES, groups=np.arange(800) // 40)
    assert found.value == plain.value
    assert found.low < plain.low
    assert found.inflation > 1.5
    assert found.effective == pytest.approx(20)
    one = paired_gain(y, before, after, CLASSES, groups=np.zeros(800, dtype=int))
    assert np.isnan(one.low)


@pytest.mark.parametrize("size", [1, 20])
@pytest.mark.parametrize("objective", ["nll", "accuracy", "balanced_accuracy", "recall:c"])
def test_bounds_cover_on_either_side(objective, size):
    true = paired_gain(*pair(0, 400_000, size=size), CLASSES, objective=objective).value
    groups = None if size == 1 else np.arange(400) // size
    found = [
        paired_gain(*pair(seed, size=size), CLASSES, objective=objective, groups=groups)
        for seed in range(1, 301)
    ]
    # 300 seeds: 0.95 ± 0.035
    assert 0.915 <= np.mean([gain.low <= true for gain in found]) <= 0.99
    assert 0.915 <= np.mean([true <= gain.high for gain in found]) <= 0.99


def test_objectives_are_known_by_name():
    assert class_of("recall:b", CLASSES) == 1
    assert class_of("balanced_accuracy", CLASSES) is None
    for wrong in ("recall:d", "recall", "f1"):
        with pytest.raises(OptionError, match="objective: expected"):
            class_of(wrong, CLASSES)
    y, before, after = pair(0)
    with pytest.raises(InputError, match="of the class"):
        paired_gain(y[y < 2], before[y < 2], after[y < 2], CLASSES, objective="recall:c")
    with pytest.raises(InputError, match="one image"):
        paired_gain(y[:0], before[:0], after[:0], CLASSES)


# How many images


def test_one_point_with_five_per_cent_discordant_needs_3900():
    assert needed_images(0.01, 0.05) == pytest.approx(3900, abs=50)


def test_more_gain_or_less_discordance_needs_fewer():
    assert needed_images(0.02, 0.05) < needed_images(0.01, 0.05) / 3.5
    assert needed_images(0.01, 0.02) < needed_images(0.01, 0.05)
    assert needed_images(0.01, 0.05, power=0.9) > needed_images(0.01, 0.05)


def test_so_many_images_find_it_as_often_as_said():
    n, rng = needed_images(0.03, 0.10), np.random.default_rng(0)
    drawn = rng.multinomial(n, [0.065, 0.035, 0.9], 4000)
    gained, lost = drawn[:, 0], drawn[:, 1]
    found = (gained - lost) / np.sqrt(np.maximum(gained + lost, 1)) > stats.norm.ppf(0.975)
    assert found.mean() == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(
    ("gain", "discordant", "options"),
    [(0, 0.1, {}), (0.5, 0.1, {}), (0.01, 0.1, {"power": 1.0}), (0.01, 0.1, {"alpha": 0.0})],
)
def test_impossible_needs_are_refused(gain, discordant, options):
    with pytest.raises(OptionError):
        needed_images(gain, discordant, **options)


def test_recall_needs_images_of_its_class():
    y = np.repeat([0, 1], [900, 100])
    scores = np.log(np.where(np.eye(2)[np.zeros(1000, dtype=int)] > 0, 0.9, 0.1))
    other = scores.copy()
    other[900:910] = other[900:910, ::-1]
    gain = paired_gain(y, scores, other, ["a", "b"], objective="recall:b")
    assert needed_for(y, gain, 0.1, ["a", "b"]) == pytest.approx(
        10 * needed_images(0.1, 0.1), rel=0.03
    )


def test_no_discordance_seen_is_not_none():
    y = np.repeat([0, 1], 20)
    gain = paired_gain(y, np.eye(2)[y], np.eye(2)[y], ["a", "b"], objective="accuracy")
    assert needed_for(y, gain, 0.01, ["a", "b"]) == needed_images(0.01, 0.01)
