"""Which views are planned: doses that are distinct and measured, controls that are matched."""

import numpy as np
import pytest

from sensitivity.catalogue import DOWN, ORIGINAL, UP, VIEWS, ViewSpec
from sensitivity.policies import Where
from sensitivity.synthetic import degrade, photograph
from sensitivity.tta.logits import ViewLogits
from sensitivity.tta.moves import Measured, find_control, find_moves
from sensitivity.tta.planning import Sampler, plan_views
from sensitivity.tta.weaknesses import Weakness

torch = pytest.importorskip("torch")

from sensitivity.tta.dose import measured  # noqa: E402
from sensitivity.tta.views import apply  # noqa: E402

FEATURES = ("sharpness", "blur_effect", "brightness", "contrast", "noise", "underexposed")
N = 60


@pytest.fixture(scope="module")
def images():
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    shots = []
    for number in range(N):
        shot = photograph(32, kind=number % 3, rng=number)
        blurred = degrade(shot, blur=rng.uniform(0, 1.5), rng=number)
        shots.append(torch.tensor(blurred).permute(2, 0, 1).float() / 255)
    gains = torch.tensor(rng.uniform(0.5, 1.0, N)).float().reshape(-1, 1, 1, 1)
    return torch.stack(shots) * gains


def as_logits(images, views=(ORIGINAL,)):
    features = np.stack([measured(apply(images, view), FEATURES) for view in views])
    names = tuple(map(str, range(len(images))))
    z = np.zeros((len(views), len(images), 2), dtype=np.float32)
    y = np.arange(len(images)) % 2
    return ViewLogits(names, y, views, z, ("0", "1"), feature_names=FEATURES, features=features)


def weakness(first, feature, direction):
    values = first.feature(feature).astype(float)
    low, high = np.quantile(values, (0.2, 0.8))
    where = Where(feature, low=high) if direction == DOWN else Where(feature, high=low)
    start, target = np.median(values), low if direction == DOWN else high
    return Weakness(feature, "all", direction, where, float(start), float(target), 0.01)


@pytest.fixture(scope="module")
def planned(images):
    first = as_logits(images)
    found = [weakness(first, "sharpness", UP), weakness(first, "brightness", DOWN)]
    return plan_views(first, found, Sampler(lambda places: images[places]))


def share_of(view):
    way = next(v for v in VIEWS if v.op == view.op)
    return (view.dose - way.identity) / (way.strongest - way.identity)


def test_every_weakness_has_views_that_mend_it_and_views_that_test_it(planned) -> None:
    ways = {(view.op, view.direction) for view in planned if view.source == "trend"}
    assert {("unsharp", UP), ("gaussian_blur", DOWN), ("gamma", UP), ("gamma", DOWN)} <= ways
    assert {view.source for view in planned} == {"trend", "control"}


def test_no_two_views_are_nearly_the_same(planned) -> None:
    for op in {view.op for view in planned}:
        shares = [share_of(view) for view in planned if view.op == op]
        assert all(
            abs(one - other) > 0.049 * max(abs(one), abs(other))
            for k, one in enumerate(shares)
            for other in shares[:k]
        )


def test_moves_stay_where_images_were_observed_and_get_controls(images, planned) -> None:
    logits = as_logits(images, (ORIGINAL, *planned))
    know = Measured(logits)
    everyone = np.arange(N)
    for feature, direction in (("sharpness", DOWN), ("brightness", UP), ("brightness", DOWN)):
        moves = find_moves(know, feature, direction, everyone)
        best = max(moves, key=lambda move: abs(move.moved_sd))
        assert len(best.rows) > N / 2
        assert abs(best.moved_sd) > 0.3
        assert find_control(know, feature, best) is not None


def test_a_feature_against_its_operation_is_labelled_by_its_own_way(images) -> None:
    """To lower the blur effect, sharpen."""
    first = as_logits(images)
    found = [weakness(first, "blur_effect", DOWN)]
    views = plan_views(first, found, Sampler(lambda places: images[places]), move=False)
    assert {(view.op, view.feature, view.direction) for view in views} == {
        ("unsharp", "blur_effect", DOWN)
    }
    logits = as_logits(images, (ORIGINAL, *views))
    weak = np.flatnonzero(first.feature("blur_effect") >= found[0].where.low)
    for place in range(1, len(logits.views)):
        assert (
            np.median(
                logits.feature("blur_effect", place)[weak] - first.feature("blur_effect")[weak]
            )
            < 0
        )


def test_views_of_a_kindred_feature_move_it_too(images) -> None:
    """A blur that was planned for the blur effect moves sharpness as well."""
    views = (ORIGINAL, ViewSpec("gaussian_blur", 0.6, "blur_effect", UP, "trend"))
    know = Measured(as_logits(images, views))
    assert [move.op for move in find_moves(know, "sharpness", DOWN, np.arange(N))] == [
        "gaussian_blur"
    ]
    assert find_moves(know, "sharpness", UP, np.arange(N)) == []


def test_a_feature_whose_median_is_an_end(images) -> None:
    """Nothing lies below it, so nothing is moved from there."""
    bright = images.clamp_min(0.2)
    first = as_logits(bright)
    assert np.median(first.feature("underexposed")) == first.feature("underexposed").min()
    found = [weakness(first, "underexposed", DOWN)]
    views = plan_views(first, found, Sampler(lambda places: bright[places]))
    assert all(view.op != "gamma" or view.feature != "underexposed" for view in views)


def test_what_is_to_be_collected_in_any_case_comes_first(images) -> None:
    flip = ViewSpec("hflip", 1.0, source="declared")
    first = as_logits(images)
    found = [weakness(first, "brightness", DOWN)]
    sampler = Sampler(lambda places: images[places])
    views = plan_views(first, found, sampler, always=[flip], max_views=2)
    assert views[0] == flip
    assert len(views) == 2
    again = plan_views(first, found, sampler, always=[flip], max_views=2)
    assert again == views
