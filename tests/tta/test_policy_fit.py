"""Policies: the identity unless proven, and within what was asked."""

import time

import numpy as np
import pytest

from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.errors import OptionError
from sensitivity.policies import Policy, Where
from sensitivity.synthetic import plant_views
from sensitivity.tta.attempts import divided
from sensitivity.tta.logits import ViewLogits
from sensitivity.tta.merge import merge, passes
from sensitivity.tta.policy_fit import fit_policy

GOOD = (0.0, -0.1, 0.15, 0.15)


def collected(z, y, groups=None, features=None, views=None) -> ViewLogits:
    views = views or (ORIGINAL, *(ViewSpec("gaussian_blur", 0.1 * m) for m in range(1, len(z))))
    more = {}
    if features is not None:
        stack = np.tile(features[None, :, None], (len(z), 1, 1)).astype(np.float32)
        more = {"feature_names": ("noise",), "features": stack}
    names = tuple(f"{i}.png" for i in range(len(y)))
    classes = tuple(f"class {k}" for k in range(z.shape[2]))
    return ViewLogits(names, y, tuple(views), z.astype(np.float32), classes, groups, **more)


def planted(n=500, rng=0, **dials) -> ViewLogits:
    return collected(*plant_views(n, rng=rng, **dials))


def accuracy(scores, y) -> float:
    return float((scores.argmax(1) == y).mean())


# What is true (benchmarks/tta_truth.py has the 100 seeds)


@pytest.mark.parametrize(
    "dials",
    [
        {"noise_views": 3},
        {"noisy_copies": 3},
        {"noisy_copies": 3, "signal": 4.0},
        {"penalties": (0.0, 0.15, 0.15)},
    ],
)
def test_views_that_tell_nothing_end_in_the_identity(dials) -> None:
    policies = [fit_policy(planted(300, rng, **dials), gate=None) for rng in range(3)]
    assert sum(policy.is_identity for policy in policies) >= 2
    for policy in policies:
        if policy.is_identity:
            assert policy.weights == (1.0,)
            assert policy.notes["accepted"] is False
            assert policy.notes["reason"] == "no gain proven out of fold"


def test_views_equal_to_the_original_gain_nothing() -> None:
    z, y = plant_views(300, rng=0)
    assert fit_policy(collected(np.concatenate([z, z, z]), y)).is_identity


def test_a_view_worth_2_points_is_accepted() -> None:
    fresh = planted(20_000, 99, penalties=GOOD)
    was = accuracy(fresh.z[0], fresh.y)
    for rng in range(4):
        policy = fit_policy(planted(600, rng, penalties=GOOD), gate=None)
        assert policy.notes["accepted"] is True
        assert accuracy(merge(fresh, policy), fresh.y) - was == pytest.approx(0.02, abs=0.007)
        assert 0 < policy.notes["gain_low"] < policy.notes["gain"]
        assert policy.notes["shares"]["gaussian_blur(0.1)"][0] > 0.5


def test_the_gain_out_of_fold_is_that_of_new_images() -> None:
    from sensitivity.tta.penalties import nll_rows
    from sensitivity.tta.pooling import fit_weights

    fresh = planted(20_000, 99, penalties=GOOD)
    told, true = [], []
    for rng in range(4):
        logits = planted(600, rng, penalties=GOOD)
        policy = fit_policy(logits, gate=None)
        heat = fit_weights(logits.z[:1], logits.y)[0]
        before, after = heat * fresh.z[0], merge(fresh, policy)
        true.append((nll_rows(before, fresh.y) - nll_rows(after, fresh.y)).mean())
        told.append(policy.notes["gain"])
    assert np.mean(told) == pytest.approx(np.mean(true), abs=0.012)


def test_copies_of_images_prove_nothing_when_grouped() -> None:
    accepted = []
    for rng in range(4):
        z, y = plant_views(50, noisy_copies=2, rng=rng)
        groups = np.repeat(np.arange(50), 5)
        logits = collected(z.repeat(5, 1), y.repeat(5), groups)
        accepted.append(not fit_policy(logits, gate=None).is_identity)
    assert sum(accepted) <= 1


# What was asked


def test_symmetries_of_the_training_share_the_prior() -> None:
    z, y = plant_views(500, penalties=(0.0, 0.0), shared=0.5, rng=3)
    declared = collected(z, y, views=(ORIGINAL, ViewSpec("vflip", 1.0, source="declared")))
    policy = fit_policy(declared, penalties=(1e4,), gate=None)
    v = np.array(policy.weights)
    assert v / v.sum() == pytest.approx([0.5, 0.5], abs=0.02)


def test_no_more_passes_than_allowed() -> None:
    logits = planted(600, 1, penalties=(0.0, 0.0, 0.0, 0.0), shared=0.4)
    assert passes(logits, fit_policy(logits, gate=None)).mean() > 2
    for budget in (1.5, 2.0):
        policy = fit_policy(logits, max_passes=budget)
        assert policy.notes["accepted"] is True
        assert 1 < passes(logits, policy).mean() <= budget


def test_one_view_instead_of_the_original() -> None:
    logits = planted(800, 2, penalties=(0.0, -0.3, 0.2))
    policy = fit_policy(logits, max_passes=1)
    assert policy.weights[0] == 0
    assert policy.weights[1] > 0
    assert (passes(logits, policy) == 1).all()


def test_the_gate_keeps_the_gain_and_saves_passes() -> None:
    logits = planted(1500, 3, penalties=(0.0, 0.0), shared=0.3, signal=3.0)
    fixed = fit_policy(logits, gate=None)
    gated = fit_policy(logits)
    assert fixed.entropy is None
    assert passes(logits, fixed).mean() == 2
    assert gated.entropy is not None
    assert passes(logits, gated).mean() < 1.6
    fresh = planted(20_000, 98, penalties=(0.0, 0.0), shared=0.3, signal=3.0)
    full = accuracy(merge(fresh, fixed), fresh.y) - accuracy(fresh.z[0], fresh.y)
    some = accuracy(merge(fresh, gated), fresh.y) - accuracy(fresh.z[0], fresh.y)
    assert full > 0.005
    assert some > 0.8 * full


def test_a_cell_has_weights_of_its_own() -> None:
    z, y = plant_views(1000, penalties=(0.0, 0.0), rng=4)
    noisy = np.arange(1000) % 2 == 0
    helpful = plant_views(1000, penalties=(0.0, -0.5), rng=5)[0][1]
    z[1, noisy] = (2 * 2.2 * np.eye(2)[y] + helpful - helpful.mean())[noisy] / 2
    z[1, ~noisy] = np.random.default_rng(0).normal(size=(500, 2))
    where = (Where("noise", 0.5, None),)
    policy = fit_policy(collected(z, y, features=noisy * 1.0), cells=[where], gate=None)
    assert policy.cells[0].where == where
    assert policy.cells[0].weights[1] > 0
    assert policy.weights[1] == 0


def turned(n=1500, rng=0):
    """A view that is right about class 1 wherever the original says so, and else misleads."""
    random = np.random.default_rng(rng)
    y = random.integers(0, 2, n)
    z0 = 1.5 * np.eye(2)[y] + random.normal(size=(n, 2))
    says = z0.argmax(1)[:, None]
    view = np.where(says == 1, 3.0 * np.eye(2)[y], 0.0) + random.normal(size=(n, 2))
    return collected(np.stack([z0, view]), y)


def test_weights_may_depend_on_the_predicted_class() -> None:
    logits = turned()
    common = fit_policy(logits, gate=None)
    policy = fit_policy(logits, gate=None, by_predicted=True)
    by_class = {cell.predicted: np.array(cell.weights) for cell in policy.cells}
    share = {name: v[-1] / v.sum() if len(v) > 1 else 0.0 for name, v in by_class.items()}
    assert share["class 1"] > share["class 0"] + 0.2
    fresh = turned(rng=9)
    assert accuracy(merge(fresh, policy), fresh.y) > accuracy(merge(fresh, common), fresh.y)
    assert (passes(fresh, policy) >= 1).all()
    with pytest.raises(OptionError, match="2 or more where weights depend"):
        fit_policy(logits, by_predicted=True, max_passes=1)


def test_rare_classes_share_weights() -> None:
    logits = planted(300, n_classes=10, rng=6)
    kept, codes = divided(logits, (), by_predicted=True)
    assert kept == ()
    assert set(codes) == {0}


def test_the_first_cell_counts() -> None:
    z, y = plant_views(400, rng=6)
    logits = collected(z, y, features=np.arange(400) / 400)
    cells = [(Where("noise", 0.5, None),), (Where("noise", 0.2, None),), (Where("noise", 0.95),)]
    kept, codes = divided(logits, cells)
    assert [where for where, _ in kept] == cells[:2]
    assert np.bincount(codes).tolist() == [199, 120, 81]


# Objectives


def one_sided(n, rng, strength=1.5):
    """A view that knows class 1 better and class 0 worse."""
    z, y = plant_views(n, penalties=(0.0, 0.0), rng=rng)
    z[1, :, 1] += strength * (2.0 * (y == 1) + 0.6)
    return collected(z, y)


def test_the_recall_of_a_class_within_the_accuracy_allowed() -> None:
    logits, fresh = one_sided(800, 0), one_sided(20_000, 99)
    policy = fit_policy(logits, objective="recall:class 1", gate=None)
    assert policy.notes["accepted"] is True
    assert policy.notes["accuracy_loss"] <= 0.01
    was, now = fresh.z[0].argmax(1) == fresh.y, merge(fresh, policy).argmax(1) == fresh.y
    rare = fresh.y == 1
    assert now[rare].mean() - was[rare].mean() == pytest.approx(policy.notes["gain"], abs=0.03)
    assert now.mean() > was.mean() - 0.02


def test_no_recall_out_of_noise() -> None:
    policies = [
        fit_policy(planted(150, rng, noisy_copies=2), objective="recall:class 1")
        for rng in range(2)
    ]
    assert all(policy.is_identity for policy in policies)


def test_balanced_accuracy_counts_the_classes_the_same() -> None:
    logits = one_sided(1500, 1)
    rare = np.flatnonzero((logits.y == 0) | (np.arange(1500) % 8 == 0))
    policy = fit_policy(logits.rows(rare), objective="balanced_accuracy", gate=None)
    assert policy.notes["objective"] == "balanced_accuracy"
    assert policy.notes["accepted"] is True
    fresh = one_sided(20_000, 99)
    scores = merge(fresh, policy)
    balanced = [accuracy(s[fresh.y == k], k) for s in (scores, fresh.z[0]) for k in (0, 1)]
    assert sum(balanced[:2]) > sum(balanced[2:])


# Small, odd, refused


def test_few_images_one_group_no_candidate() -> None:
    for n in (0, 1, 2, 5):
        policy = fit_policy(planted(n, penalties=(0.0, 0.0)))
        assert policy.is_identity
    one = collected(*plant_views(30, penalties=(0.0, 0.0)), groups=np.zeros(30, int))
    assert fit_policy(one).notes["reason"] == "too few images or groups"
    assert fit_policy(planted(100)).notes["reason"] == "no candidate"
    assert fit_policy(planted(100, penalties=GOOD), candidates=[]).is_identity


def test_all_right_and_a_class_missing() -> None:
    y = np.arange(80) % 2
    z = np.stack([np.eye(3)[y] * 9, np.eye(3)[y] * 8])
    policy = fit_policy(collected(z, y))
    assert policy.is_identity
    assert np.isfinite(policy.notes["gain"])


@pytest.mark.parametrize("pool", ["logits", "probabilities"])
def test_a_policy_says_the_same_again(pool, tmp_path) -> None:
    logits = planted(300, 7, penalties=(0.0, -0.3))
    policy = fit_policy(logits, pool=pool)
    assert policy == fit_policy(logits, pool=pool)
    assert policy.pool == pool or policy.is_identity
    assert policy.classes == logits.classes
    again = Policy.load(policy.save(tmp_path / "policy.json"))
    assert merge(logits, again) == pytest.approx(merge(logits, policy))


@pytest.mark.parametrize(
    "wrong",
    [
        {"objective": "f1"},
        {"objective": "recall:dent"},
        {"gate": "always"},
        {"max_passes": 0.5},
        {"pool": "max"},
        {"penalties": (-1.0,)},
        {"folds": 1},
    ],
)
def test_what_is_refused(wrong) -> None:
    with pytest.raises(OptionError, match="expected"):
        fit_policy(planted(100, penalties=GOOD), **wrong)


def test_it_is_fast() -> None:
    logits = planted(1000, 8, penalties=(0.0, -0.1) + (0.15,) * 8)
    start = time.process_time()
    fit_policy(logits)
    assert time.process_time() - start < 4
