"""Use, do not use, or not enough data."""

from __future__ import annotations

import numpy as np
import pytest

from sensitivity.tables import DO_NOT_USE, NOT_ENOUGH, USE
from sensitivity.tta.biases import cross_fitted_bias
from sensitivity.tta.gains import needed_images
from sensitivity.tta.judging import REASONS, decide
from sensitivity.tta.shifting import cross_fitted_shift, shifted

CLASSES = ["a", "b"]


def flipped(n: int, wrong: int, gained: int, lost: int) -> tuple[np.ndarray, ...]:
    """Two balanced classes; scores before and after that differ on `gained` and `lost` images."""
    y = np.arange(n) % 2
    order = np.random.default_rng(0).permutation(n)
    before, after = 2.0 * np.eye(2)[y], 2.0 * np.eye(2)[y]
    before[order[:wrong]] = before[order[:wrong], ::-1]
    kept = np.append(order[gained:wrong], order[wrong : wrong + lost])
    after[kept] = after[kept, ::-1]
    return y, before, after


def verdict(*sample, **options):
    return decide(*sample, CLASSES, **{"objective": "accuracy", **options})


def said(decision):
    return decision.verdict, decision.reason


def test_every_reason_goes_with_one_verdict():
    assert {v for _, v, _ in REASONS} == {USE, DO_NOT_USE, NOT_ENOUGH}
    assert len({key for key, _, _ in REASONS}) == len(REASONS)


def test_a_gain_that_is_real_is_used():
    sample = flipped(2000, 300, 100, 20)
    found = verdict(*sample)
    assert said(found) == (USE, "gain")
    assert found.gain.value == pytest.approx(0.04)
    assert found.n_needed is None
    assert said(verdict(*sample, baseline=sample[1])) == (USE, "gain")


def test_a_worse_policy_is_not_used():
    for n in (200, 2000):
        y, before, after = flipped(n, n // 10, n // 20, 0)
        found = verdict(y, after, before, max_accuracy_loss=1.0)
        assert said(found) == (DO_NOT_USE, "harm")


def test_a_loss_of_accuracy_is_not_used_whatever_it_gains():
    y, before, after = flipped(2000, 200, 100, 0)
    found = decide(y, after, 3 * before, CLASSES, objective="recall:a")
    assert said(found) == (DO_NOT_USE, "accuracy_lost")


def test_a_worthwhile_gain_that_is_ruled_out_is_not_used():
    found = verdict(*flipped(20_000, 2000, 40, 39))
    assert said(found) == (DO_NOT_USE, "too_small")


def test_few_images_say_how_many_are_needed():
    n, gained, lost = 400, 11, 9
    found = verdict(*flipped(n, 60, gained, lost))
    assert said(found) == (NOT_ENOUGH, "too_few_images")
    assert found.n_needed == needed_images(0.01, 0.05)
    assert found.n_needed == pytest.approx(3900, abs=50)


def test_enough_images_and_still_unsure_say_how_many_decide():
    found = verdict(*flipped(5000, 500, 137, 113))
    assert said(found) == (NOT_ENOUGH, "undecided")
    assert found.n_needed > 5000
    assert found.n_needed == needed_images(0.0048, 0.05)


def test_nothing_accepted():
    y, before, after = flipped(300, 40, 9, 8)
    identity = {"accepted": False}
    assert said(verdict(y, before, before, **identity)) == (DO_NOT_USE, "no_candidate")
    found = verdict(y, before, before, tried=[after], **identity)
    assert said(found) == (NOT_ENOUGH, "too_few_images")
    assert found.n_needed == pytest.approx(4445, abs=30)
    y, before, after = flipped(30_000, 4000, 900, 890)
    found = verdict(y, before, before, tried=[after, before], **identity)
    assert said(found) == (DO_NOT_USE, "nothing_accepted")
    assert found.n_needed is None


def test_so_many_images_are_enough_to_refuse():
    y, before, after = flipped(300, 40, 9, 8)
    options = {"tried": [after], "accepted": False}
    needed = verdict(y, before, before, **options).n_needed
    y, before, after = flipped(
        needed + 50, 40 * needed // 300, 9 * needed // 300, 9 * needed // 300
    )
    assert verdict(y, before, before, **{**options, "tried": [after]}).verdict == DO_NOT_USE


def test_one_group_tells_nothing_and_groups_cost():
    sample = flipped(2000, 300, 100, 20)
    found = verdict(*sample, groups=np.zeros(2000, dtype=int))
    assert said(found) == (NOT_ENOUGH, "one_group")
    y, before, after = flipped(400, 60, 11, 9)
    clustered = np.arange(400) // 40
    moved = np.where(clustered[:, None] < 5, after, before)
    few = verdict(y, before, moved, groups=clustered)
    assert few.n_needed is None or few.n_needed >= verdict(y, before, moved).n_needed


def test_a_gain_that_a_shift_has_too_is_not_used():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 4000)
    margin = np.where(y == 1, 0.8, -2.0) + rng.standard_normal(4000)
    z0 = np.stack([np.zeros(4000), margin], axis=1)
    policy = shifted(z0, 1, 0.6)
    baseline, _ = cross_fitted_shift(z0, y, 1, policy, np.arange(4000) % 5)
    options = {"objective": "recall:b", "k": 1}
    assert said(decide(y, z0, policy, CLASSES, **options)) == (USE, "gain")
    found = decide(y, z0, policy, CLASSES, baseline=baseline, **options)
    assert found.verdict != USE
    assert found.reason in ("shift", "shift_unsure")
    nothing = decide(y, z0, policy, CLASSES, baseline=policy, **options)
    assert said(nothing) == (DO_NOT_USE, "shift")
    assert nothing.beaten_by_shift is True


def test_likelihood_that_a_bias_explains_is_not_used():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 3000)
    z0 = 1.5 * np.eye(2)[y] + rng.standard_normal((3000, 2)) + np.array([1.0, 0.0])
    baseline, _ = cross_fitted_bias(z0, y, np.arange(3000) % 5)
    policy = z0 - np.array([1.0, 0.0])
    assert said(decide(y, z0, policy, CLASSES)) == (USE, "gain")
    assert decide(y, z0, policy, CLASSES, baseline=baseline).verdict != USE
    informed = policy + 0.5 * np.eye(2)[y]
    assert said(decide(y, z0, informed, CLASSES, baseline=baseline)) == (USE, "gain")


def test_a_loss_that_may_be_too_much_is_not_enough():
    y = np.repeat([0, 1], 500)
    before = np.repeat([[1.0, 0.0]], 1000, axis=0)
    before[500:600] = [0.0, 1.0]
    after = before.copy()
    after[600:610], after[:25] = [0.0, 1.0], [0.0, 1.0]
    found = decide(y, before, after, CLASSES, objective="recall:b")
    assert said(found) == (NOT_ENOUGH, "accuracy_unsure")
    assert found.n_needed > 1000
    allowed = decide(y, before, after, CLASSES, objective="recall:b", max_accuracy_loss=0.02)
    assert said(allowed) == (USE, "gain")


def test_noise_is_hardly_ever_used():
    used = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 2, 400)
        shared = 1.5 * np.eye(2)[y] + rng.standard_normal((400, 2))
        before, after = (shared + 0.3 * rng.standard_normal((400, 2)) for _ in range(2))
        found = verdict(y, before, after)
        used += found.verdict == USE
        assert found.n_needed is None or found.n_needed > 400
    assert used <= 20  # 5 % of 200, and chance


def test_a_planted_gain_is_used_more_often_the_more_images_there_are():
    shares = []
    for n in (200, 2000):
        used = []
        for seed in range(60):
            rng = np.random.default_rng(seed)
            y = rng.integers(0, 2, n)
            shared = 1.2 * np.eye(2)[y] + rng.standard_normal((n, 2))
            before, after = (shared + 0.4 * rng.standard_normal((n, 2)) for _ in range(2))
            after[np.arange(n), y] += 0.15
            used.append(verdict(y, before, after).verdict == USE)
        shares.append(np.mean(used))
    assert shares[1] > 0.9
    assert shares[0] < shares[1] - 0.2
