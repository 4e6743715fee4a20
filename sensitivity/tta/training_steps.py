"""One reader for each step of a training that is known by its name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..catalogue import VIEWS, ViewSpec

#: Luma of a middling photograph: the gamma that stands for a gain is the one that moves it as
#: far.
_MIDDLE = 0.45

#: Steps that change nothing that a view could.
SILENT = frozenset(
    (
        *("ToTensor", "ToTensorV2", "ToImage", "ToImageTensor", "PILToTensor", "ToPILImage"),
        *("ToPureTensor", "ToDtype", "ToFloat", "FromFloat", "ConvertImageDtype", "ConvertDtype"),
        *("ConvertImageType", "RGB", "ToRGB", "Identity", "NoOp", "ToNumpy", "MaybeToTensor"),
    )
)


class Reading:
    """What has been found so far.

    Attributes
    ----------
    views : dict of (str, float) to ViewSpec
        By operation and dose, in the order of the steps.
    mean, std, size
        As in :class:`sensitivity.tta.transforms.TrainingTransforms`.
    notes : list of str
    unsized : str
        Why the size is not known, where it is not.
    """

    def __init__(self) -> None:
        self.views: dict[tuple[str, float], ViewSpec] = {}
        self.mean: tuple[float, ...] | None = None
        self.std: tuple[float, ...] | None = None
        self.size: tuple[int, int] | None = None
        self.notes: list[str] = []
        self.unsized = ""

    def note(self, step: object, why: str) -> None:
        """Keep what a person should know of a step."""
        self.notes.append(f"{getattr(step, '__name__', type(step).__name__)}: {why}")

    def add(self, op: str, dose: float, share: float | None) -> None:
        """Keep a view, its dose brought into the catalogue's range; the identity is none."""
        rows = [view for view in VIEWS if view.op == op]
        ends = [end for view in rows for end in (view.identity, view.strongest)]
        dose = round(min(max(float(dose), min(ends)), max(ends)), 4)
        if dose == rows[0].identity:
            return
        # Which of the two rows, downwards or upwards: the one on whose side the dose lies.
        row = next(v for v in rows if (dose - v.identity) * (v.strongest - v.identity) > 0)
        kept = self.views.get((op, dose))
        if kept is not None and kept.share is not None and share is not None:
            share = 1 - (1 - kept.share) * (1 - share)  # either step
        part = None if share is None else round(share, 4)
        view = ViewSpec(op, dose, row.feature, row.direction, source="training", share=part)
        self.views[op, dose] = view

    def add_range(self, op: str, low: float, high: float, share: float | None) -> None:
        """Keep the usual doses from `low` to `high` on either side, or the end of the range."""
        for view in VIEWS:
            if view.op != op:
                continue
            upwards = view.strongest > view.identity
            end = high if upwards else low
            if (end <= view.identity) if upwards else (end >= view.identity):
                continue
            inside = [dose for dose in view.usual if (dose <= end if upwards else dose >= end)]
            for dose in inside or [end]:
                self.add(op, dose, share)


Reader = Callable[[Reading, Any, float], None]


def _always(op: str, dose: float, part: float = 1.0) -> Reader:
    def read(reading: Reading, _: Any, share: float) -> None:
        reading.add(op, dose, share * part)

    return read


def _several(*views: tuple[str, float], part: float) -> Reader:
    def read(reading: Reading, _: Any, share: float) -> None:
        for op, dose in views:
            reading.add(op, dose, share * part)

    return read


def _noted(why: str) -> Reader:
    def read(reading: Reading, step: Any, _: float) -> None:
        reading.note(step, why)

    return read


def _ends(value: Any) -> tuple[float, float]:
    """A range, of which one number is both ends."""
    if isinstance(value, (int, float)):
        return float(value), float(value)
    low, high = value
    return float(low), float(high)


def _attribute(step: Any, *names: str) -> Any:
    """The first of some attributes, whose names have changed between versions."""
    for name in names:
        if getattr(step, name, None) is not None:
            return getattr(step, name)
    raise AttributeError(f"no {' or '.join(names)}")


def _middle(value: Any) -> float:
    return sum(_ends(value)) / 2


# Symmetries


def _turned(*names: str, sign: int = 1) -> Reader:
    """Angles, counter-clockwise where `sign` is 1."""

    def read(reading: Reading, step: Any, share: float) -> None:
        low, high = _ends(_attribute(step, *names))
        quarters = range(math.ceil(low / 90), math.floor(high / 90) + 1)
        turns = sorted({sign * k % 4 for k in quarters} - {0})
        for turn in turns:
            # Between the ends every angle is as likely: none has a share of its own.
            reading.add("rot90", turn, share if low == high else None)
        if not turns and (low, high) != (0.0, 0.0):
            reading.note(step, f"angles from {low:g}° to {high:g}° cover no quarter turn: no view")

    return read


def _affine(*names: str, sign: int) -> Reader:
    """A rotation that may also shift, shear and scale."""
    turned = _turned(*names, sign=sign)

    def read(reading: Reading, step: Any, share: float) -> None:
        turned(reading, step, share)
        for what in ("translate", "translate_percent", "translate_px", "shear"):
            given = getattr(step, what, None)
            values = given.values() if isinstance(given, dict) else [given or 0.0]
            if any(abs(end) > 0 for value in values for end in _flat(value)):
                reading.note(step, f"{what.partition('_')[0]}: has no view")
        scale = getattr(step, "scale", None)
        if scale:
            reading.add_range(
                "zoom", *_ends(scale["x"] if isinstance(scale, dict) else scale), share
            )

    return read


def _flat(value: Any) -> tuple[float, ...]:
    return (value,) if isinstance(value, (int, float)) else tuple(value)


# Light and colour


def _gain_to_gamma(gain: float) -> float:
    level = min(max(_MIDDLE * gain, 0.01), 0.99)
    return math.log(level) / math.log(_MIDDLE)


def _jitter(reading: Reading, step: Any, share: float) -> None:
    brightness = getattr(step, "brightness", None)
    if brightness is not None:
        low, high = _ends(brightness)
        reading.add_range("gamma", _gain_to_gamma(high), _gain_to_gamma(low), share)
    for op in ("contrast", "saturation"):
        if getattr(step, op, None) is not None:
            reading.add_range(op, *_ends(getattr(step, op)), share)
    hue = getattr(step, "hue", None)
    if hue is not None and _ends(hue) != (0.0, 0.0):
        reading.note(step, "changes of hue have no view")


def _brightness_contrast(reading: Reading, step: Any, share: float) -> None:
    by = 1 / _MIDDLE if getattr(step, "brightness_by_max", True) else 1.0
    low, high = (1 + by * end for end in _ends(step.brightness_limit))
    reading.add_range("gamma", _gain_to_gamma(high), _gain_to_gamma(low), share)
    low, high = (1 + end for end in _ends(step.contrast_limit))
    reading.add_range("contrast", low, high, share)


def _random_gamma(reading: Reading, step: Any, share: float) -> None:
    low, high = _ends(step.gamma_limit)
    reading.add_range("gamma", low / 100, high / 100, share)


# Detail


def _gaussian_blur(reading: Reading, step: Any, share: float) -> None:
    sigma = _middle(_attribute(step, "sigma", "sigma_limit"))
    if sigma == 0:  # taken from the window's side, as OpenCV does
        sigma = 0.3 * ((_middle(step.blur_limit) - 1) / 2 - 1) + 0.8
    reading.add("gaussian_blur", sigma, share)


def _box_blur(reading: Reading, step: Any, share: float) -> None:
    side = _middle(step.blur_limit)
    reading.add("box_blur", 2 * round((side - 1) / 2) + 1, share)


def _sharpness(reading: Reading, step: Any, share: float) -> None:
    factor = float(step.sharpness_factor)
    if factor >= 1:
        reading.add("unsharp", factor - 1, share)
    else:  # blends with a 3×3 mean of σ = √(6/13)
        reading.add("gaussian_blur", math.sqrt((1 - factor) * 6 / 13), share)


def _unsharp(reading: Reading, step: Any, share: float) -> None:
    reading.add("unsharp", _middle(step.alpha), share)


def _noise(reading: Reading, step: Any, share: float) -> None:
    if hasattr(step, "var_limit"):  # albumentations 1: variance of 8-bit levels
        reading.add("gaussian_noise", math.sqrt(_middle(step.var_limit)) / 255, share)
        return
    reading.add("gaussian_noise", _middle(_attribute(step, "std_range", "sigma")), share)


def _jpeg(reading: Reading, step: Any, share: float) -> None:
    if getattr(step, "compression_type", "jpeg") not in ("jpeg", 0):
        reading.note(step, "only JPEG has a view")
        return
    if hasattr(step, "quality_lower"):  # albumentations 1
        quality = (step.quality_lower + step.quality_upper) / 2
    else:
        quality = _middle(_attribute(step, "quality", "quality_range"))
    reading.add("jpeg", 100 - quality, share)


def _downscale(reading: Reading, step: Any, share: float) -> None:
    if hasattr(step, "scale_min"):  # albumentations 1
        reading.add("down_up", 2 / (step.scale_min + step.scale_max), share)
    else:
        reading.add("down_up", 1 / _middle(step.scale_range), share)


# Size and normalisation


def _sized(reading: Reading, step: Any, share: float) -> None:
    if hasattr(step, "height") and hasattr(step, "width"):
        reading.size = int(step.height), int(step.width)
        return
    size = step.size
    sides = [int(size)] if isinstance(size, (int, float)) else [int(side) for side in size]
    if len(sides) == 2:
        reading.size = sides[0], sides[1]
        return
    _unsized(reading, step, share)


def _unsized(reading: Reading, step: Any, _: float) -> None:
    reading.size = None
    reading.unsized = f"{type(step).__name__}: sets one side, the other depends on the image"


def _crop(reading: Reading, step: Any, share: float) -> None:
    _sized(reading, step, share)
    reading.note(step, "shifts have no view")


def _resized_crop(reading: Reading, step: Any, share: float) -> None:
    _sized(reading, step, share)
    # Shares of the area: the side goes with the root.
    low, high = (1 / math.sqrt(end) for end in reversed(_ends(step.scale)))
    reading.add_range("zoom", low, high, share)


def _normalize(reading: Reading, step: Any, _: float) -> None:
    if getattr(step, "normalization", "standard") != "standard":
        reading.note(step, "takes mean and std of each image: they cannot be undone")
        return
    if getattr(step, "max_pixel_value", 255.0) not in (255, 1, 1.0, 255.0):
        reading.note(step, f"divides by {step.max_pixel_value:g}: give mean and std yourself")
        return
    if reading.mean is not None:
        reading.note(step, "a second one: mean and std are those of the last")
    reading.mean, reading.std = (
        tuple(float(value) for value in _listed(given)) for given in (step.mean, step.std)
    )


def _listed(values: Any) -> list[Any]:
    if isinstance(values, (int, float)):
        return [values]
    return list(values.tolist() if hasattr(values, "tolist") else values)


_EIGHT = (("hflip", 1.0), ("vflip", 1.0), ("rot90", 1.0), ("rot90", 2.0), ("rot90", 3.0))
_DRAWN = _noted("draws its operations by itself: choose views of your own")
_NO_VIEW = _noted("has no view")

#: From the name of a class to what reads it.
READERS: dict[str, Reader] = {
    "RandomHorizontalFlip": _always("hflip", 1.0),
    "HorizontalFlip": _always("hflip", 1.0),
    "RandomVerticalFlip": _always("vflip", 1.0),
    "VerticalFlip": _always("vflip", 1.0),
    "Flip": _several(("hflip", 1.0), ("vflip", 1.0), ("rot90", 2.0), part=1 / 3),
    "RandomRotate90": _several(*_EIGHT[2:], part=1 / 4),
    "D4": _several(*_EIGHT, part=1 / 8),
    "SquareSymmetry": _several(*_EIGHT, part=1 / 8),
    "RandomRotation": _turned("degrees"),
    "Rotate": _turned("limit"),
    "RandomAffine": _affine("degrees", sign=-1),
    "Affine": _affine("rotate", sign=1),
    "ShiftScaleRotate": _affine("rotate", "rotate_limit", sign=1),
    "ChannelShuffle": _always("channel_flip", 1.0, 1 / 6),
    "RandomChannelPermutation": _always("channel_flip", 1.0, 1 / 6),
    "ColorJitter": _jitter,
    "RandomPhotometricDistort": _jitter,
    "RandomBrightnessContrast": _brightness_contrast,
    "RandomGamma": _random_gamma,
    "RandomGrayscale": _always("saturation", 0.0),
    "ToGray": _always("saturation", 0.0),
    "GaussianBlur": _gaussian_blur,
    "Blur": _box_blur,
    "RandomAdjustSharpness": _sharpness,
    "Sharpen": _always("unsharp", 1.0),
    "UnsharpMask": _unsharp,
    "GaussianNoise": _noise,
    "GaussNoise": _noise,
    "JPEG": _jpeg,
    "ImageCompression": _jpeg,
    "JpegCompression": _jpeg,
    "Downscale": _downscale,
    "Resize": _sized,
    "CenterCrop": _sized,
    "RandomCrop": _crop,
    "SmallestMaxSize": _unsized,
    "LongestMaxSize": _unsized,
    "RandomResizedCrop": _resized_crop,
    "RandomResizedCropAndInterpolation": _resized_crop,
    "Normalize": _normalize,
    "Grayscale": _noted("the model sees no colour"),
    "Transpose": _noted("a transposition has no view"),
    "CLAHE": _noted("its strength is no dose of contrast: no view"),
    **dict.fromkeys(("RandAugment", "AutoAugment", "TrivialAugmentWide", "AugMix"), _DRAWN),
    **dict.fromkeys(
        (
            *("RandomInvert", "InvertImg", "RandomSolarize", "Solarize", "RandomPosterize"),
            *("Posterize", "RandomEqualize", "Equalize", "RandomAutocontrast", "MotionBlur"),
            *("MedianBlur", "HueSaturationValue", "RandomErasing", "CoarseDropout", "Pad"),
            *("RandomPerspective", "Perspective", "ElasticTransform", "GridDistortion"),
        ),
        _NO_VIEW,
    ),
}
