"""Transforms of a training become views; the classes here have the names and attributes of those.

The attributes were taken from torchvision 0.28 (v1 and v2) and albumentations 2.0.8.
"""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from sensitivity.tta.training_steps import READERS
from sensitivity.tta.transforms import TrainingTransforms, read_transforms


def step(kind: str, *bases: type, **attributes: Any) -> Any:
    """An instance of a class of some name."""
    made = type(kind, bases, {})()
    vars(made).update(attributes)
    return made


def read(*steps: Any) -> dict[str, float | None]:
    return {view.name: view.share for view in read_transforms(list(steps)).views}


def notes(*steps: Any) -> tuple[str, ...]:
    return read_transforms(list(steps)).notes


FLIP = step("RandomHorizontalFlip", p=0.5)


def test_a_training_on_imagenet() -> None:
    found = read_transforms(
        step(
            "Compose",
            transforms=[
                step("RandomResizedCrop", size=(224, 224), scale=(0.5, 1), ratio=(0.75, 1.33)),
                step("RandomHorizontalFlip", p=0.5),
                step("ToTensor"),
                step("Normalize", mean=[0.485, 0.456, 0.406], std=(0.229, 0.224, 0.225)),
            ],
        )
    )
    assert [view.name for view in found.views] == ["zoom(1.1)", "zoom(1.25)", "hflip"]
    assert {view.source for view in found.views} == {"training"}
    assert found.views[2].share == 0.5
    assert found.mean == (0.485, 0.456, 0.406)
    assert found.std == (0.229, 0.224, 0.225)
    assert found.size == (224, 224)
    assert found.notes == ()


def test_nothing_is_nothing() -> None:
    for empty in (None, [], (), step("Compose", transforms=[]), step("Sequential", list)):
        assert read_transforms(empty) == TrainingTransforms()


# Symmetries


@pytest.mark.parametrize(
    ("kind", "views"),
    [
        ("RandomHorizontalFlip", {"hflip": 0.4}),
        ("HorizontalFlip", {"hflip": 0.4}),
        ("RandomVerticalFlip", {"vflip": 0.4}),
        ("VerticalFlip", {"vflip": 0.4}),
        ("RandomRotate90", {"rot90(1)": 0.1, "rot90(2)": 0.1, "rot90(3)": 0.1}),
        ("D4", dict.fromkeys(("hflip", "vflip", "rot90(1)", "rot90(2)", "rot90(3)"), 0.05)),
        ("ChannelShuffle", {"channel_flip": 0.0667}),
    ],
)
def test_flips_and_turns(kind: str, views: dict[str, float]) -> None:
    assert read(step(kind, p=0.4)) == views


@pytest.mark.parametrize(
    ("degrees", "views"),
    [
        ([-180.0, 180.0], {"rot90(1)": None, "rot90(2)": None, "rot90(3)": None}),
        ((0.0, 90.0), {"rot90(1)": None}),
        ((90, 90), {"rot90(1)": 1.0}),
        ((-100, -80), {"rot90(3)": None}),
        ((-30, 30), {}),
    ],
)
def test_rotations_only_where_they_cover_a_quarter(degrees: Any, views: dict[str, Any]) -> None:
    assert read(step("RandomRotation", degrees=degrees)) == views
    assert bool(notes(step("RandomRotation", degrees=degrees))) == (not views)


def test_angles_run_as_each_library_has_them() -> None:
    """A quarter turn of each was compared with numpy.rot90."""
    assert read(step("RandomAffine", degrees=(90, 90), translate=None, shear=None)) == {
        "rot90(3)": 1.0  # clockwise, alone of all
    }
    assert read(step("Rotate", limit=(90, 90), p=0.5)) == {"rot90(1)": 0.5}
    assert read(step("Affine", rotate=(90, 90), p=0.5)) == {"rot90(1)": 0.5}


def test_affine() -> None:
    shifted = step(
        "RandomAffine", degrees=[0.0, 0.0], translate=(0.1, 0.1), scale=(0.9, 1.2), shear=None
    )
    assert read(shifted) == {"zoom(1.1)": 1.0}
    assert notes(shifted) == ("RandomAffine: translate: has no view",)
    both = {"x": (0.0, 0.0), "y": (0.0, 0.0)}
    still = step(
        "Affine",
        rotate=(0.0, 0.0),
        scale={"x": (1.0, 1.0), "y": (1.0, 1.0)},
        translate_percent=None,
        translate_px={"x": (0, 0), "y": (0, 0)},
        shear=both,
        p=0.5,
    )
    assert read_transforms(still) == TrainingTransforms()


# Light, colour, detail


def test_jitter_takes_the_usual_doses_inside_its_range() -> None:
    wide = step(
        "ColorJitter",
        brightness=(0.4, 1.6),
        contrast=(0.4, 1.6),
        saturation=(0.4, 1.6),
        hue=(-0.1, 0.1),
    )
    assert list(read(wide)) == [
        *("gamma(1.5)", "gamma(0.67)", "contrast(0.7)", "contrast(0.5)", "contrast(1.5)"),
        *("saturation(0.5)", "saturation(1.5)"),
    ]
    assert notes(wide) == ("ColorJitter: changes of hue have no view",)


def test_jitter_takes_the_ends_of_a_narrow_range() -> None:
    narrow = step(
        "ColorJitter", brightness=(0.9, 1.1), contrast=(0.8, 1.1), saturation=None, hue=None
    )
    names = list(read(narrow))
    assert names == ["gamma(1.13)", "gamma(0.881)", "contrast(0.8)", "contrast(1.1)"]
    # At a middle grey, both darken as much.
    darker = read_transforms(narrow).views[0].dose
    np.testing.assert_allclose(0.45**darker, 0.45 * 0.9, rtol=1e-3)
    none = step("ColorJitter", brightness=None, contrast=(1.0, 1.0), saturation=None, hue=None)
    assert read_transforms(none) == TrainingTransforms()


def test_albumentations_changes_of_light() -> None:
    mixed = step(
        "RandomBrightnessContrast", brightness_limit=(-0.2, 0.2), contrast_limit=(-0.3, 0.3), p=0.4
    )
    assert list(read(mixed)) == ["gamma(1.5)", "gamma(0.67)", "contrast(0.7)", "contrast(1.3)"]
    assert set(read(mixed).values()) == {0.4}
    assert read(step("RandomGamma", gamma_limit=(60.0, 150.0), p=0.5)) == {
        "gamma(1.5)": 0.5,
        "gamma(0.67)": 0.5,
    }


@pytest.mark.parametrize(
    ("given", "view", "share"),
    [
        (step("GaussianBlur", kernel_size=(3, 3), sigma=(0.1, 2.0)), "gaussian_blur(1.05)", 1.0),
        (step("GaussianBlur", sigma_limit=(0.1, 2.0), p=0.5), "gaussian_blur(1.05)", 0.5),
        (step("GaussianBlur", sigma_limit=(0, 0), blur_limit=(3, 7), p=1), "gaussian_blur(1.1)", 1),
        (step("GaussianBlur", sigma=(2.0, 20.0)), "gaussian_blur(4)", 1.0),
        (step("Blur", blur_limit=(3, 7), p=0.5), "box_blur(5)", 0.5),
        (step("RandomAdjustSharpness", sharpness_factor=2, p=0.3), "unsharp(1)", 0.3),
        (step("RandomAdjustSharpness", sharpness_factor=0, p=0.3), "gaussian_blur(0.679)", 0.3),
        (step("UnsharpMask", alpha=(0.2, 0.5), p=0.5), "unsharp(0.35)", 0.5),
        (step("GaussianNoise", mean=0, sigma=0.1), "gaussian_noise(0.1)", 1.0),
        (step("GaussNoise", std_range=(0.05, 0.15), p=0.5), "gaussian_noise(0.1)", 0.5),
        (step("GaussNoise", var_limit=(100.0, 100.0), p=0.5), "gaussian_noise(0.0392)", 0.5),
        (step("JPEG", quality=(10, 90)), "jpeg(50)", 1.0),
        (
            step("ImageCompression", quality_range=(40, 90), compression_type="jpeg", p=0.5),
            "jpeg(35)",
            0.5,
        ),
        (step("ImageCompression", quality_lower=40, quality_upper=90, p=0.5), "jpeg(35)", 0.5),
        (step("Downscale", scale_range=(0.25, 0.75), p=0.5), "down_up(2)", 0.5),
        (step("RandomGrayscale", p=0.2), "saturation(0)", 0.2),
        (step("ToGray", p=0.2), "saturation(0)", 0.2),
    ],
)
def test_one_dose(given: Any, view: str, share: float) -> None:
    assert read(given) == {view: share}


def test_views_say_what_they_move() -> None:
    found = read_transforms(
        [step("GaussianBlur", sigma=(1.0, 2.0)), step("RandomGrayscale", p=0.2)]
    )
    assert [(v.feature, v.direction) for v in found.views] == [
        ("sharpness", "down"),
        ("saturation", "down"),
    ]


# Groups


def test_groups_multiply_shares() -> None:
    blur = step("GaussianBlur", sigma=(1.0, 2.0))
    assert read(step("RandomApply", transforms=[blur, FLIP], p=0.4)) == {
        "gaussian_blur(1.5)": 0.4,
        "hflip": 0.2,
    }
    nested = step("Compose", transforms=[step("RandomApply", transforms=[[FLIP]], p=0.5)])
    assert read(nested) == {"hflip": 0.25}
    assert read(step("RandomOrder", transforms=[FLIP])) == {"hflip": 0.5}
    assert read(step("Sequential", list)) == {}
    sequential = step("Sequential", list)
    sequential.append(FLIP)
    assert read(sequential) == {"hflip": 0.5}, "torch.nn.Sequential holds its steps itself"


def test_one_of_several() -> None:
    vflip = step("RandomVerticalFlip", p=1.0)
    assert read(step("RandomChoice", transforms=[FLIP, vflip], p=None)) == {
        "hflip": 0.25,
        "vflip": 0.5,
    }
    assert read(step("RandomChoice", transforms=[FLIP, vflip], p=[3, 1])) == {
        "hflip": 0.375,
        "vflip": 0.25,
    }
    one = step("OneOf", transforms=[FLIP, vflip], p=0.8, transforms_ps=[1 / 3, 2 / 3])
    assert read(one) == {"hflip": 0.2667, "vflip": 0.5333}, "a step's own p is its weight here"
    assert read(step("SomeOf", transforms=[FLIP, vflip], n=1, p=1)) == {"hflip": 0.25, "vflip": 0.5}


def test_the_same_view_twice() -> None:
    assert read(FLIP, FLIP) == {"hflip": 0.75}


def test_subclasses_are_what_they_are_made_of() -> None:
    base = type(FLIP)
    assert read(step("OurFlip", base, p=0.5)) == {"hflip": 0.5}


# Size and normalisation


def test_sizes() -> None:
    def size(*steps: Any) -> tuple[int, int] | None:
        return read_transforms(list(steps)).size

    shorter = step("Resize", size=256)
    assert size(step("Resize", size=[200, 220])) == (200, 220)
    assert size(step("Resize", height=224, width=256)) == (224, 256)
    assert size(shorter) is None
    assert notes(shorter) == ("Resize: sets one side, the other depends on the image",)
    assert size(step("Resize", size=[256])) is None
    assert size(shorter, step("CenterCrop", size=(224, 224))) == (224, 224)
    assert notes(shorter, step("CenterCrop", size=(224, 224))) == ()
    assert size(step("CenterCrop", size=(224, 224)), step("SmallestMaxSize", max_size=99)) is None


def test_normalisation() -> None:
    def pair(**attributes: Any) -> tuple[Any, Any]:
        found = read_transforms(step("Normalize", **attributes))
        return found.mean, found.std

    assert pair(mean=0.5, std=0.25) == ((0.5,), (0.25,))
    mean = np.array([0.5, 0.25])
    assert pair(mean=mean, std=mean, max_pixel_value=255.0) == ((0.5, 0.25), (0.5, 0.25))
    assert pair(mean=[0.5], std=[0.2], normalization="image") == (None, None)
    assert pair(mean=[0.5], std=[0.2], max_pixel_value=4095) == (None, None)
    twice = [step("Normalize", mean=[m], std=[1.0]) for m in (0.1, 0.2)]
    assert read_transforms(twice).mean == (0.2,)
    assert notes(*twice) == ("Normalize: a second one: mean and std are those of the last",)


# What is not known


def test_unknown_steps_are_noted_once() -> None:
    strange = step("Kaleidoscope", p=0.5)
    assert read(strange, FLIP) == {"hflip": 0.5}
    assert notes(strange, FLIP, strange) == ("Kaleidoscope: not known here",)
    assert notes(lambda image: image) == ("<lambda>: not known here",)


def test_what_has_no_view_is_noted() -> None:
    for kind in ("RandomInvert", "CLAHE", "Transpose", "RandAugment", "RandomErasing", "Grayscale"):
        (note,) = notes(step(kind, p=0.5))
        assert note.startswith(f"{kind}: ")
    assert read(step("CLAHE", p=0.5)) == {}


@pytest.mark.parametrize("kind", READERS)
def test_steps_of_another_version_are_noted_and_never_an_error(kind: str) -> None:
    odd = dict.fromkeys(
        ("degrees", "limit", "rotate", "sigma", "scale", "size", "mean", "std", "quality"), "odd"
    )
    for attributes in ({}, odd):
        found = read_transforms([step(kind, p="often", **attributes), FLIP])
        assert "hflip" in {view.name for view in found.views}, "what follows is read"
        # A jitter may leave out all that it can do; a flip has nothing that could be odd.
        silent = kind.endswith(("HorizontalFlip", "Jitter", "Distort"))
        assert silent or found.notes or len(found.views) > 1
    assert notes(step("OneOf", transforms=[FLIP]))[0].startswith("OneOf: could not be read")


def test_torch_is_not_imported() -> None:
    code = "import sys, sensitivity.tta.transforms; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
