"""The shifted threshold: exact, out of fold, and what it beats."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from sensitivity import tables
from sensitivity.errors import InputError
from sensitivity.tta.shifting import (
    beaten_by_shift,
    cross_fitted_shift,
    fit_shift,
    front,
    shift_curve,
    shifted,
    shifted_class,
)
from sensitivity.tta.tallies import called_class


def sample(seed: int, n: int = 200, n_classes: int = 3, signal: float = 1.2):
    rng = np.random.default_rng(seed)
    y = rng.choice(n_classes, n)
    return y, signal * np.eye(n_classes)[y] + rng.standard_normal((n, n_classes))


def judged(y, scores, k):
    called = called_class(scores)
    return (called == y).mean(), (called[y == k] == k).mean()


def test_the_curve_is_what_each_shift_gives():
    y, z0 = sample(0)
    for k in range(3):
        shifts, accuracy, recall = shift_curve(z0, y, k)
        assert (np.diff(shifts) > 0).all()
        assert (np.diff(recall) >= 0).all()
        assert (recall[0], recall[-1]) == (0, 1)
        for b, a, r in zip(shifts, accuracy, recall, strict=True):
            assert judged(y, shifted(z0, k, b), k) == pytest.approx((a, r))
    assert 0.0 in shifts


def test_no_shift_on_a_fine_grid_is_better():
    for seed in range(6):
        y, z0 = sample(seed, n=80)
        least = judged(y, z0, 1)[0] - 0.03
        best = fit_shift(z0, y, 1, min_accuracy=least)
        accuracy, recall = judged(y, shifted(z0, 1, best), 1)
        assert accuracy >= least - 1e-12
        for b in np.linspace(-8, 8, 1500):
            other = judged(y, shifted(z0, 1, b), 1)
            assert other[0] < least - 1e-12 or other[1] <= recall + 1e-12


def test_two_classes_are_the_points_of_the_roc_curve():
    y, z0 = sample(1, n_classes=2)
    _, accuracy, recall = shift_curve(z0, y, 1)
    false, true, _ = roc_curve(y, z0[:, 1] - z0[:, 0], drop_intermediate=False)
    np.testing.assert_allclose(recall, true)
    share = y.mean()
    np.testing.assert_allclose(accuracy, share * true + (1 - share) * (1 - false))


def test_equal_margins_move_together():
    z0 = np.repeat([[1.0, 0.0], [3.0, 0.0]], 5, axis=0)
    y = np.repeat([1, 0], 5)
    shifts, accuracy, _ = shift_curve(z0, y, 1)
    assert shifts.tolist() == [0, 2, 4]
    assert accuracy.tolist() == [0.5, 1, 0.5]


def test_an_accuracy_out_of_reach_gives_the_most_accurate():
    y, z0 = sample(2)
    best = fit_shift(z0, y, 0, min_accuracy=2.0)
    assert judged(y, shifted(z0, 0, best), 0)[0] == shift_curve(z0, y, 0)[1].max()


def test_nothing_to_gain_shifts_nothing():
    y, z0 = sample(3, signal=50)
    assert fit_shift(z0, y, 1, min_accuracy=1.0) == 0
    assert fit_shift(z0[:0], y[:0], 1, min_accuracy=1.0) == 0
    kept = y != 1
    assert fit_shift(z0[kept], y[kept], 1, min_accuracy=1.0) == 0


def test_the_class_is_the_objectives_or_the_one_that_gains_most():
    y, z0 = sample(4)
    like = shifted(z0, 2, 1.0)
    assert shifted_class(y, z0, like, "abc") == 2
    assert shifted_class(y, z0, like, "abc", objective="recall:a") == 0


def test_a_shift_is_found_out_of_fold():
    y, z0 = sample(5, n=3000)
    folds = np.arange(3000) % 5
    like = shifted(z0, 1, 0.8)
    scores, in_sample = cross_fitted_shift(z0, y, 1, like, folds)
    np.testing.assert_allclose(judged(y, in_sample, 1), judged(y, like, 1), atol=0.01)
    np.testing.assert_allclose(judged(y, scores, 1), judged(y, like, 1), atol=0.02)
    moves = scores - z0
    assert (moves[:, [0, 2]] == 0).all()
    for fold in range(5):
        assert len(np.unique(moves[folds == fold, 1].round(9))) == 1
    # labels of a fold do not reach its own shift
    fooled = y.copy()
    fooled[folds == 0] = 2
    again, _ = cross_fitted_shift(z0, fooled, 1, like, folds)
    np.testing.assert_array_equal(again[folds == 0], scores[folds == 0])


def test_in_sample_the_shift_is_at_least_as_good_as_any_strategy_that_is_one():
    for seed in range(5):
        y, z0 = sample(seed)
        like = shifted(z0, 0, 0.6)
        _, in_sample = cross_fitted_shift(z0, y, 0, like, np.arange(200) % 4)
        mine, its = judged(y, in_sample, 0), judged(y, like, 0)
        assert mine[0] >= its[0] - 1e-12
        assert mine[1] >= its[1] - 1e-12


def test_a_strategy_that_is_a_shift_is_beaten():
    answers = []
    for seed in range(20):
        y, z0 = sample(seed, n=2000)
        like = shifted(z0, 1, 0.7)
        scores, _ = cross_fitted_shift(z0, y, 1, like, np.arange(2000) % 5)
        answers.append(beaten_by_shift(y, like, scores, "abc", k=1, objective="recall:b"))
    assert False not in answers
    assert answers.count(True) >= 12


def test_a_strategy_that_knows_more_is_not_beaten():
    for objective in ("accuracy", "balanced_accuracy", "recall:b"):
        y, z0 = sample(6, n=2000)
        like = z0 + 0.6 * np.eye(3)[y]
        k = shifted_class(y, z0, like, "abc", objective=objective)
        scores, _ = cross_fitted_shift(z0, y, k, like, np.arange(2000) % 5)
        assert beaten_by_shift(y, like, scores, "abc", k=k, objective=objective) is False


def test_few_images_cannot_tell():
    y, z0 = sample(7, n=60)
    like = z0.copy()
    missed = np.flatnonzero((called_class(z0) != y) & (y == 1))[:1]
    like[missed] = 3 * np.eye(3)[y[missed]]
    assert beaten_by_shift(y, like, z0, "abc", k=1, objective="recall:b") is None


def test_likelihood_is_compared_by_itself():
    y, z0 = sample(8, n=500)
    said = {"k": 0, "objective": "nll"}
    assert beaten_by_shift(y, z0 + 0.5 * np.eye(3)[y], z0, "abc", **said) is False
    assert beaten_by_shift(y, z0, z0, "abc", **said) is True
    assert beaten_by_shift(y, 30 * z0, z0, "abc", **said) is True


# Front


def test_the_front_keeps_both_ends_and_the_place_of_no_shift():
    y, z0 = sample(9, n=2000)
    better = z0 + 0.5 * np.eye(3)[y]
    table = front(y, ["a", "b", "c"], 1, {"threshold shift": (z0, 1.0), "policy": (better, 2.5)})
    tables.check(table, tables.FRONT)
    for name, scores, passes in (("threshold shift", z0, 1.0), ("policy", better, 2.5)):
        part = table[table["strategy"] == name]
        assert 30 <= len(part) <= 50
        assert part["setting"].is_monotonic_increasing
        assert (part["recall"].iloc[0], part["recall"].iloc[-1]) == (0, 1)
        assert (part["passes"] == passes).all()
        neutral = part[part["setting"] == 0].iloc[0]
        assert (neutral["accuracy"], neutral["recall"]) == pytest.approx(judged(y, scores, 1))
    # a policy that knows more has more recall at every accuracy between
    part, other = (table[table["strategy"] == x] for x in ("policy", "threshold shift"))
    assert part["accuracy"].max() > other["accuracy"].max() + 0.05


def test_few_images_make_a_short_front():
    y, z0 = sample(10, n=10)
    table = front(y, "abc", 0, {"threshold shift": (z0, 1.0)}, max_points=50)
    assert len(table) == len(shift_curve(z0, y, 0)[0])
    with pytest.raises(InputError):
        front(y[:0], "abc", 0, {"threshold shift": (z0[:0], 1.0)})


def test_the_published_gain_is_a_shift():
    """Blur raises recall of defects by two points and lowers that of normal cells."""
    answers, gains = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        y = np.repeat([0, 1], [754, 356])
        margin = np.where(y == 1, 0.7, -1.9) + rng.standard_normal(len(y))
        z0 = np.stack([np.zeros(len(y)), margin], axis=1)
        blur = shifted(z0 + np.array([0, 0.25]) * rng.standard_normal((len(y), 1)), 1, 0.25)
        folds = rng.permutation(len(y)) % 5
        scores, _ = cross_fitted_shift(z0, y, 1, blur, folds)
        gains.append(judged(y, blur, 1)[1] - judged(y, z0, 1)[1])
        answers.append(beaten_by_shift(y, blur, scores, "nd", k=1, objective="recall:d"))
    assert np.mean(gains) > 0.01
    assert False not in answers
    assert answers.count(True) >= 6
