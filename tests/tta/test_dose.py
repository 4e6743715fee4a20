"""Doses: laws of the bisection against responses that are known, and views of photographs."""

import numpy as np
import pytest

from sensitivity.catalogue import DOWN, UP, VIEWS, View, ViewSpec
from sensitivity.errors import InputError
from sensitivity.synthetic import photograph

torch = pytest.importorskip("torch")

from sensitivity.features import measure, select  # noqa: E402
from sensitivity.images import from_array  # noqa: E402
from sensitivity.tta.dose import find_dose, measured, per_image_doses  # noqa: E402
from sensitivity.tta.views import apply  # noqa: E402

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def view_of(op: str, direction: str, feature: str | None = None) -> View:
    wanted = (op, direction)
    found = [v for v in VIEWS if (v.op, v.direction) == wanted and feature in (None, v.feature)]
    return found[0]


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def photographs():
    shots = [photograph(48, kind=kind % 3, rng=kind) for kind in range(6)]
    return torch.stack([torch.tensor(shot).permute(2, 0, 1) for shot in shots]).float() / 255


def normalised(images):
    mean, std = (torch.tensor(values).reshape(1, 3, 1, 1) for values in (MEAN, STD))
    return (images - mean) / std


# What is measured


def test_features_are_those_of_the_picture_itself(photographs) -> None:
    names = ["sharpness", "brightness", "warmth", "noise", "entropy"]
    level = (photographs[0].permute(1, 2, 0) * 255).round().byte().numpy()
    expected = measure(from_array(level), select(names))
    np.testing.assert_allclose(
        measured(photographs[:1], names)[0], list(expected.values()), rtol=1e-6
    )


def test_red_is_red() -> None:
    red = torch.zeros(1, 3, 4, 4)
    red[:, 0] = 1
    assert measured(red, ["warmth"]).item() > 0.5


def test_normalised_images_have_the_same_features(photographs) -> None:
    names = ["sharpness", "brightness", "contrast"]
    plain = measured(photographs, names)
    again = measured(normalised(photographs), names, mean=MEAN, std=STD)
    np.testing.assert_array_equal(plain, again)


def test_one_channel_half_precision_and_nothing() -> None:
    grey = torch.full((2, 1, 5, 7), 0.5, dtype=torch.bfloat16)
    np.testing.assert_allclose(measured(grey, ["brightness"]), 0.5, atol=0.01)
    assert measured(torch.empty(0, 3, 4, 4), ["brightness", "noise"]).shape == (0, 2)
    assert measured(grey, []).shape == (2, 0)


def test_what_cannot_be_measured_is_nan() -> None:
    images = torch.full((2, 3, 1, 1), 0.5)
    images[1, 0] = float("nan")
    found = measured(images, ["brightness", "blur_effect", "bits_per_pixel"])
    assert np.isnan(found).tolist() == [[False, True, True], [True, True, True]]


def test_a_feature_that_fails_is_nan_and_the_others_are_not() -> None:
    def fails(picture):
        raise ValueError(picture)

    found = measured(torch.full((1, 3, 4, 4), 0.5), [fails, "brightness"])
    assert np.isnan(found[0, 0])
    assert found[0, 1] == pytest.approx(0.5, abs=0.01)


def test_other_channels_are_refused() -> None:
    with pytest.raises(InputError, match="one channel or three"):
        measured(torch.zeros(1, 4, 8, 8), ["brightness"])


# One dose for a set


@pytest.mark.parametrize("target", [0.3, 0.45, 0.7])
def test_brightness_of_flat_images_has_a_known_dose(target) -> None:
    start = np.array([0.5, 0.5, 0.5])
    images = torch.full((3, 3, 8, 8), 0.5)
    direction = UP if target > 0.5 else DOWN
    found = find_dose(images, view_of("gamma", direction), "brightness", target)
    assert found.dose == pytest.approx(np.log(target) / np.log(start[0]), abs=0.03)
    assert (found.reached, found.flat, found.capped_by) == (1.0, 0.0, "")


@pytest.mark.parametrize("part", [0.5, 1.0])
def test_the_dose_takes_the_median_image_part_of_the_way(photographs, part) -> None:
    view = view_of("gaussian_blur", DOWN)
    before = measured(photographs, ["sharpness"])[:, 0].astype(float)
    target = float(before.min()) * 0.2
    found = find_dose(photographs, view, "sharpness", target, part=part)
    after = measured(apply(photographs, ViewSpec(view.op, found.dose)), ["sharpness"])[:, 0]
    way = (before - after) / (before - target)
    assert np.median(way) == pytest.approx(part, abs=0.05)
    assert found.reached == 1.0


def test_images_at_the_target_need_nothing(photographs) -> None:
    before = measured(photographs, ["contrast"])[:, 0]
    found = find_dose(photographs, view_of("contrast", DOWN), "contrast", float(before.max()))
    assert (found.dose, found.reached, found.flat) == (1.0, 1.0, 0.0)


def test_a_feature_that_goes_against_its_operation(photographs) -> None:
    """Blurring lowers sharpness and raises the blur effect; sharpening does the opposite."""
    before = measured(photographs, ["blur_effect"])[:, 0].astype(float)
    more = find_dose(photographs, view_of("gaussian_blur", DOWN), "blur_effect", before.max() + 0.1)
    less = find_dose(photographs, view_of("unsharp", UP), "blur_effect", before.min() - 0.02)
    assert more.dose > 0
    assert more.reached == 1.0
    assert less.dose > 0
    after = measured(apply(photographs, ViewSpec("unsharp", less.dose)), ["blur_effect"])[:, 0]
    assert np.median(after) < np.median(before)


def test_what_does_not_move_a_feature_says_so() -> None:
    grey = torch.rand(3, 1, 1, 1, generator=torch.Generator().manual_seed(0))
    grey = grey.expand(3, 3, 8, 8).contiguous()
    found = find_dose(grey, view_of("saturation", UP), "saturation", 0.5)
    assert (found.dose, found.reached, found.flat) == (1.0, 0.0, 1.0)


def test_what_cannot_be_reached_is_told_and_taken_as_far_as_it_goes(photographs) -> None:
    found = find_dose(photographs, view_of("contrast", DOWN), "contrast", 0.0)
    assert (found.dose, found.reached, found.flat) == (0.2, 0.0, 0.0)


def test_a_response_that_turns_back_is_not_taken_to_its_end(photographs) -> None:
    """More contrast has more tones until the values are cut off; then fewer."""
    view = view_of("contrast", UP)
    entropy = [
        measured(apply(photographs[:1], ViewSpec("contrast", dose)), ["entropy"]).item()
        for dose in (1.0, 2.0, 3.0, 4.0, 5.0)
    ]
    assert max(entropy) > entropy[-1]
    found = find_dose(photographs[:1], view, "entropy", 8.0)
    assert found.dose == 1.0 + int(np.argmax(entropy))
    assert found.reached == 0.0


def test_the_cap_holds_at_the_dose_that_is_given(photographs) -> None:
    names = ["sharpness", "contrast", "noise", "brightness"]
    start = measured(photographs, names).astype(float)
    spreads = dict(zip(names, start.std(axis=0), strict=True))
    given = {"features": names, "spreads": spreads}
    free = find_dose(photographs, view_of("unsharp", UP), "sharpness", 1e5)
    held = find_dose(photographs, view_of("unsharp", UP), "sharpness", 1e5, max_move=0.2, **given)
    assert 0 < held.dose < free.dose
    assert held.capped_by in ("noise", "contrast")
    after = measured(apply(photographs, ViewSpec("unsharp", held.dose)), names)
    moves = (after - start).mean(axis=0) / start.std(axis=0)
    np.testing.assert_allclose(list(held.moved.values()), moves, rtol=1e-6)
    assert max(abs(held.moved[name]) for name in names[1:]) <= 0.2
    loose = find_dose(
        photographs,
        view_of("unsharp", UP),
        "sharpness",
        1e5,
        max_move=0.2,
        cluster=names,
        **given,
    )
    assert (loose.dose, loose.capped_by) == (free.dose, "")


def test_the_strongest_dose_is_itself(photographs) -> None:
    """1 − 0.8 is no 0.2 in floating point, and out of the operation's range."""
    spreads = {"brightness": 1.0}
    given = {"features": ["brightness"], "spreads": spreads}
    assert find_dose(photographs, view_of("contrast", DOWN), "contrast", 0.0, **given).dose == 0.2


def test_no_images() -> None:
    found = find_dose(torch.empty(0, 3, 8, 8), view_of("gamma", UP), "brightness", 0.5)
    assert found.dose == 1.0
    assert np.isnan(found.reached)


def test_normalised_images_have_the_same_dose(photographs) -> None:
    view = view_of("gamma", UP)
    plain = find_dose(photographs, view, "brightness", 0.7)
    again = find_dose(normalised(photographs), view, "brightness", 0.7, mean=MEAN, std=STD)
    assert again.dose == pytest.approx(plain.dose, abs=0.01)


def test_an_operation_that_is_not_known_to_move_the_feature(photographs) -> None:
    with pytest.raises(InputError, match="operation that moves noise"):
        find_dose(photographs, view_of("gamma", UP), "noise", 5.0)


@pytest.mark.parametrize("view", [v for v in VIEWS if v.feature and v.feature != "resolution"])
def test_every_operation_finds_a_dose_in_its_range(photographs, view) -> None:
    before = measured(photographs, [view.feature])[:, 0].astype(float)
    target = float(np.median(before) * (1.3 if view.direction == UP else 0.7))
    found = find_dose(photographs, view, view.feature, target)
    low, high = sorted((view.identity, view.strongest))
    assert low <= found.dose <= high
    ViewSpec(view.op, found.dose)


# A dose per image


def test_each_image_comes_to_the_target(photographs) -> None:
    before = measured(photographs, ["brightness"])[:, 0]
    target = float(np.median(before))
    spec = ViewSpec("gamma", 0.25, "brightness", UP, target=target)
    doses = per_image_doses(photographs, spec)
    after = measured(apply(photographs, spec, doses=doses), ["brightness"])[:, 0]
    np.testing.assert_allclose(after, np.maximum(before, target), atol=0.005)
    assert (doses.numpy()[before >= target] == 1).all()


def test_the_dose_of_a_view_is_the_most_that_an_image_gets(photographs) -> None:
    spec = ViewSpec("gaussian_blur", 0.5, "sharpness", DOWN, target=0.0)
    assert per_image_doses(photographs, spec).tolist() == [0.5] * len(photographs)


def test_an_images_dose_does_not_depend_on_its_neighbours(photographs) -> None:
    spec = ViewSpec("gaussian_blur", 4.0, "blur_effect", UP, target=0.5)
    together = per_image_doses(photographs, spec)
    alone = torch.cat([per_image_doses(image[None], spec) for image in photographs])
    assert torch.equal(together, alone)
    assert (together > 0).all()


@pytest.mark.parametrize(
    "spec", [ViewSpec("gamma", 0.5, "brightness", UP), ViewSpec("gamma", 0.5, target=0.5)]
)
def test_a_view_without_target_or_feature_has_no_doses_of_images(photographs, spec) -> None:
    with pytest.raises(InputError, match="a feature, a direction and a target"):
        per_image_doses(photographs, spec)
