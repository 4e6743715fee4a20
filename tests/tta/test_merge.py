"""Merging, as the docstring of a policy defines it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.errors import InputError, OptionError
from sensitivity.policies import Cell, Policy, Where
from sensitivity.tta.logits import ViewLogits
from sensitivity.tta.merge import entropy, image_weights, members, merge, passes, view_places

VIEWS = (ORIGINAL, ViewSpec("vflip", 1.0), ViewSpec("gaussian_blur", 1.5))
CLASSES = ("ok", "crack", "stain")


def collected(n=40, rng=0, scale=2.0) -> ViewLogits:
    random = np.random.default_rng(rng)
    z = scale * random.normal(size=(3, n, 3))
    features = random.uniform(size=(3, n, 1))
    return ViewLogits(
        tuple(f"{i}.png" for i in range(n)),
        random.integers(0, 3, n),
        VIEWS,
        z.astype(np.float32),
        CLASSES,
        feature_names=("noise",),
        features=features.astype(np.float32),
    )


def by_hand(logits, weights, pool, shift=0.0):
    """Image by image, as the formula is written."""
    found = []
    for n, v in enumerate(weights):
        if pool == "logits":
            found.append(sum(v[m] * logits.z[m, n].astype(float) for m in range(len(v))) + shift)
            continue
        heat = v.sum()
        p = sum(v[m] / heat * softmax(heat * logits.z[m, n].astype(float)) for m in range(len(v)))
        found.append(np.log(p) + shift)
    return np.array(found)


@pytest.mark.parametrize("pool", ["logits", "probabilities"])
@pytest.mark.parametrize("entropy_limit", [None, 0.5])
def test_the_formula_by_hand(pool, entropy_limit) -> None:
    logits = collected()
    cells = (
        Cell((0.0, 2.0, 0.0), (Where("noise", 0.5, None),)),
        Cell((0.2, 0.0, 0.3), (), "crack"),
    )
    policy = Policy(VIEWS, (0.5, 0.25, 0.25), cells, pool, entropy_limit, (0.1, 0.0, -0.2), CLASSES)
    weights = np.tile([0.5, 0.25, 0.25], (40, 1))
    for n in range(40):
        if logits.features[0, n, 0] > 0.5:
            weights[n] = cells[0].weights
        elif logits.z[0, n].argmax() == 1:
            weights[n] = cells[1].weights
        p = softmax(weights[n].sum() * logits.z[0, n].astype(float))
        if entropy_limit is not None and -(p * np.log(p)).sum() <= entropy_limit:
            weights[n] = [weights[n].sum(), 0.0, 0.0]
    assert image_weights(logits, policy) == pytest.approx(weights)
    expected = by_hand(logits, weights, pool, np.array([0.1, 0.0, -0.2]))
    assert merge(logits, policy) == pytest.approx(expected, abs=1e-9)
    asked = (weights > 0) | (np.arange(3) == 0)
    assert passes(logits, policy).tolist() == asked.sum(1).tolist()


@given(st.integers(0, 10_000), st.floats(0.1, 3.0), st.sampled_from(["logits", "probabilities"]))
@settings(max_examples=30, deadline=None)
def test_laws_of_a_mixture(seed, heat, pool) -> None:
    logits = collected(n=6, rng=seed)
    v = np.random.default_rng(seed).dirichlet(np.ones(3)) * heat
    named = {view.name: weight for view, weight in zip(VIEWS, v, strict=True)}
    scores = merge(logits, named, pool=pool)
    # The order of the views is of no matter, nor is a number added to all logits of a view.
    assert merge(logits, dict(reversed(named.items())), pool=pool) == pytest.approx(scores)
    moved = logits.only([0, 1, 2])
    moved.z[1] += 5.0
    assert softmax(merge(moved, named, pool=pool), axis=1) == pytest.approx(
        softmax(scores, axis=1), abs=1e-5
    )
    # Views that agree say what each says.
    same = logits.only([0, 0, 0])
    same = ViewLogits(logits.names, logits.y, VIEWS, same.z, CLASSES)
    alone = softmax(heat * logits.z[0].astype(float), axis=1)
    assert softmax(merge(same, named, pool=pool), axis=1) == pytest.approx(alone, abs=1e-9)


def test_probabilities_lie_between_those_of_the_views() -> None:
    logits = collected()
    merged = np.exp(merge(logits, {"original": 0.3, "vflip": 0.7}, pool="probabilities"))
    parts = softmax(logits.z[:2].astype(float), axis=2)
    assert merged.sum(1) == pytest.approx(1)
    assert (merged <= parts.max(0) + 1e-12).all()
    assert (merged >= parts.min(0) - 1e-12).all()


def test_huge_logits_stay_finite() -> None:
    logits = collected(scale=1e4)
    for pool in ("logits", "probabilities"):
        found = merge(logits, {"original": 1.0, "vflip": 1.0}, pool=pool)
        assert np.isfinite(found).all()


def test_the_identity_is_the_model() -> None:
    logits = collected()
    assert (merge(logits, Policy()) == logits.z[0]).all()
    assert (passes(logits, Policy()) == 1).all()


def test_a_view_instead_of_the_original_costs_one_pass() -> None:
    logits = collected()
    instead = Policy(VIEWS[:2], (0.0, 1.0))
    assert (passes(logits, instead) == 1).all()
    assert (merge(logits, instead) == logits.z[1]).all()
    asked = Policy(VIEWS[:2], (0.0, 1.0), (Cell((0.0, 2.0), (), "ok"),))
    assert (passes(logits, asked) == 2).all()


def test_views_are_found_by_what_they_do() -> None:
    logits = collected()
    same = ViewSpec("gaussian_blur", 1.5, "sharpness", "down", "trend")
    assert view_places(logits, Policy((ORIGINAL, same), (0.5, 0.5))) == [0, 2]
    other = ViewSpec("gaussian_blur", 1.5, "sharpness", "down", "trend", target=0.3)
    with pytest.raises(InputError, match="original, vflip"):
        view_places(logits, Policy((ORIGINAL, other), (0.5, 0.5)))


def test_what_cannot_be_merged_is_refused() -> None:
    logits = collected()
    with pytest.raises(InputError, match=r"original, vflip, gaussian_blur\(1.5\)\), got hflip"):
        merge(logits, {"original": 0.5, "hflip": 0.5})
    with pytest.raises(OptionError, match="16 points"):
        merge(logits, {"original": 0.5, "vflip": 0.5}, pool="max")
    with pytest.raises(OptionError, match="0 or more"):
        merge(logits, {"original": 1.5, "vflip": -0.5})
    with pytest.raises(InputError, match="those of the policy"):
        merge(logits, Policy(classes=("a", "b", "c")))
    with pytest.raises(InputError, match="class"):
        members(logits, (), "dent")
    with pytest.raises(InputError, match="noise"):
        members(logits, (Where("glare", 0.1, None),))


def test_entropy() -> None:
    assert entropy(np.array([[0.0, 0.0], [800.0, 0.0]])) == pytest.approx([np.log(2), 0.0])


def test_no_images() -> None:
    empty = collected().rows(np.zeros(40, dtype=bool))
    policy = Policy(VIEWS, (0.5, 0.5, 0.0), entropy=0.1)
    assert merge(empty, policy).shape == (0, 3)
    assert passes(empty, policy).shape == (0,)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (None, "weights: expected a Policy, or a mapping from views to weights, got NoneType"),
        ({"original": "x"}, "weights: expected numbers"),
        ({}, "weights: expected numbers of 0 or more, not all 0"),
        (Policy(shift=(0.0,) * 9), "shift: expected one per class"),
    ],
)
def test_weights_that_are_none_are_refused(weights, message) -> None:
    with pytest.raises((InputError, OptionError), match=message):
        merge(collected(), weights)
