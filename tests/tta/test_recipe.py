"""The whole recipe on views whose worth is known."""

import numpy as np
import pytest

from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.policies import Where
from sensitivity.tta.candidates import candidates
from sensitivity.tta.logits import ViewLogits
from sensitivity.tta.recipe import Options, divide, try_recipe
from sensitivity.tta.weaknesses import Weakness

DOSES = (0.1, 0.25, 0.5)


def seen(n, *, causal, rng=0, groups=None, declared=()):
    """Noise lowers the margin (causal) or only goes with it; denoising moves the feature."""
    random = np.random.default_rng(rng)
    y = random.integers(0, 2, n)
    noise, light = random.gamma(2, 1, n), random.uniform(0, 1, n)
    views = (
        ORIGINAL,
        *(ViewSpec("bilateral", d, "noise", "down", "trend") for d in DOSES),
        ViewSpec("gamma", 0.4, "brightness", "up", "trend"),
        *(ViewSpec(op, 1.0, source="declared") for op in declared),
    )
    own = random.normal(size=(n, 2))
    z, features = [], []
    for view in views:
        left = noise * np.exp(-3 * view.dose) if view.op == "bilateral" else noise
        margin = 2.8 - 0.8 * (left if causal else noise)
        if view.op == "bilateral":
            margin = margin - 0.6 * view.dose
        z.append(np.eye(2)[y] * np.maximum(margin, 0.1)[:, None] + own)
        z[-1] = z[-1] + 0.15 * random.normal(size=(n, 2))
        features.append(np.stack([left, light**0.4 if view.op == "gamma" else light], axis=1))
    return ViewLogits(
        tuple(f"{i}.png" for i in range(n)),
        y,
        views,
        np.array(z, dtype=np.float32),
        ("ok", "defect"),
        groups=groups,
        feature_names=("noise", "brightness"),
        features=np.array(features, dtype=np.float32),
    )


def accuracy(scores, y):
    return (scores.argmax(1) == y).mean()


# Dividing


@pytest.mark.parametrize("n", [30, 1999, 2000, 3001])
def test_no_image_judges_what_it_helped_to_fit(n) -> None:
    logits = seen(n, causal=False)
    _, parts = divide(logits)
    for part in parts:
        assert not np.intersect1d(part.judge, np.union1d(part.find, part.fit)).size
    judged = np.concatenate([part.judge for part in parts])
    assert len(np.unique(judged)) == len(judged)
    assert len(judged) == n if n < 2000 else n / 4 < len(judged) < n / 2


def test_a_group_is_never_divided() -> None:
    groups = np.arange(600) // 6
    for part in divide(seen(600, causal=False, groups=groups))[1]:
        assert not np.intersect1d(groups[part.judge], groups[part.fit]).size


# Candidates


def weakness(logits, direction="down"):
    noise = logits.feature("noise")
    return Weakness(
        "noise", "all", direction, Where("noise", float(np.quantile(noise, 0.6))), 3.0, 1.0, 0.01
    )


def test_doses_come_nearest_to_half_of_the_way_and_the_whole() -> None:
    logits = seen(500, causal=True)
    chosen = candidates(logits, [weakness(logits)])
    assert [c.view.dose for c in chosen] == [0.1, 0.25]
    assert all(c.where == weakness(logits).where for c in chosen)
    assert 0 <= chosen[0].reached <= chosen[1].reached <= 1


def test_no_view_that_moves_the_other_way() -> None:
    logits = seen(500, causal=True)
    assert candidates(logits, [weakness(logits, "up")]) == ()


def test_a_view_that_moves_another_feature_too_far_is_refused() -> None:
    logits = seen(500, causal=True)
    features = logits.features.copy()
    features[1:4, :, 1] += 2.0
    moved = ViewLogits(
        logits.names,
        logits.y,
        logits.views,
        logits.z,
        logits.classes,
        feature_names=logits.feature_names,
        features=features,
    )
    chosen = candidates(moved, [weakness(moved)])
    assert chosen
    assert all(c.refused.startswith("moves brightness by") for c in chosen)


def test_declared_views_are_candidates_whatever_was_found() -> None:
    logits = seen(100, causal=False, declared=("hflip",))
    assert [c.view.name for c in candidates(logits, ())] == ["hflip"]
    assert candidates(logits, (), max_views=0) == ()


# The recipe


@pytest.mark.parametrize("n", [900, 2400])
def test_a_view_that_mends_the_cause_is_found_and_used_where_it_helps(n) -> None:
    logits = seen(n, causal=True)
    tried = try_recipe(logits, Options())
    y = logits.y[tried.judged]
    before = accuracy(logits.z[0, tried.judged], y)
    assert accuracy(tried.scores, y) > before + 0.05
    assert {view.op for view in tried.policy.views[1:]} == {"bilateral"}
    assert tried.policy.features == ("noise",)
    assert tried.passes.mean() <= 2.0
    assert set(tried.folds.values()) <= set(range(1, len(tried.parts) + 1))


def test_a_feature_that_only_goes_with_errors_gives_the_identity() -> None:
    identities = [
        try_recipe(seen(600, causal=False, rng=seed), Options()).policy.is_identity
        for seed in range(4)
    ]
    assert sum(identities) >= 3


def test_order_of_the_images_does_not_matter_to_what_is_found() -> None:
    logits = seen(900, causal=True)
    turned = logits.rows(np.arange(900)[::-1])
    first, second = (try_recipe(some, Options()).policy for some in (logits, turned))
    assert {v.op for v in first.views} == {v.op for v in second.views}


def test_the_same_seed_gives_the_same_policy() -> None:
    logits = seen(900, causal=True)
    assert try_recipe(logits, Options()).policy == try_recipe(logits, Options()).policy


def test_progress_counts_the_parts() -> None:
    done = []
    try_recipe(seen(200, causal=False), Options(), progress=lambda k, n: done.append((k, n)))
    assert done == [(k, 6) for k in range(1, 7)]


def test_few_images_end_in_the_identity() -> None:
    logits = seen(300, causal=True)
    for n in (1, 3):
        assert try_recipe(logits.rows(np.arange(n)), Options()).policy.is_identity


def test_one_class_alone_can_be_tried() -> None:
    logits = seen(300, causal=True)
    one = logits.rows(logits.y == 1)
    assert len(try_recipe(one, Options()).scores) == len(one)
