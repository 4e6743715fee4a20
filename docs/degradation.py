"""How each feature answers to images made worse on purpose, at three resolutions.

One list says what is done to an image, which way the feature must move, and by which doses. The
tests demand that every image follows at every resolution; the documentation prints the
means. Images: three photographs that scikit-image ships, and one that is made of noise alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd
from skimage import data

from sensitivity.features import FEATURES
from sensitivity.images import Picture, decode, from_array

Pixels = npt.NDArray[Any]
SHORTER_SIDES = (96, 192, 384)
IMAGES = ("astronaut", "coffee", "rocket", "synthetic")


@dataclass(frozen=True)
class Degradation:
    """One thing done to an image: the first dose leaves it as it is."""

    feature: str
    name: str
    apply: Callable[[Pixels, float], Pixels | bytes]
    doses: tuple[float, ...]
    rises: bool


def blur(image: Pixels, sigma: float) -> Pixels:
    """Gaussian blur; pixels."""
    return cv2.GaussianBlur(image, (0, 0), sigma) if sigma else image


def noise(image: Pixels, sigma: float) -> Pixels:
    """Gaussian noise, the same in every channel; grey levels."""
    grain = np.random.default_rng(0).normal(0, 1, image.shape[:2])[..., None]
    return _levels(image + sigma * grain)


def gamma(image: Pixels, exponent: float) -> Pixels:
    """Level to the power: above 1 darker, below brighter."""
    return _levels(255 * (image / 255) ** exponent)


def gain(image: Pixels, factor: float) -> Pixels:
    """Level times a factor, clipped: over- and underexposure."""
    return _levels(image * float(factor))


def flatten(image: Pixels, share: float) -> Pixels:
    """Blend with the mean colour: less contrast."""
    return _levels(image * (1 - share) + image.mean(axis=(0, 1)) * share)


def drain(image: Pixels, share: float) -> Pixels:
    """Blend with grey: less colour."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None]
    return _levels(image * (1 - share) + grey * share)


def warm(image: Pixels, share: float) -> Pixels:
    """Take away blue: a warmer light."""
    return _levels(image * np.array([1, 1, 1 - share]))


def compress(image: Pixels, quality: float) -> bytes:
    """JPEG of a quality of 100 and less."""
    encoded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    return bytes(encoded)


def shrink(image: Pixels, scale: float) -> Pixels:
    """Fewer pixels in both directions."""
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def crop(image: Pixels, share: float) -> Pixels:
    """Cut off the lower part."""
    return image[: round(len(image) * share)]


_BLUR, _NOISE = (0, 0.7, 1.4, 2.8), (0, 5, 10, 20)
_SHARES, _QUALITIES = (0, 0.3, 0.6, 0.9), (95, 50, 25, 10)

DEGRADATIONS = (
    Degradation("sharpness", "blur σ", blur, _BLUR, rises=False),
    Degradation("sharpness", "noise σ", noise, _NOISE, rises=True),
    Degradation("blur_effect", "blur σ", blur, _BLUR, rises=True),
    Degradation("brightness", "gamma", gamma, (1, 1.4, 2, 3), rises=False),
    Degradation("brightness", "gamma", gamma, (1, 0.8, 0.6, 0.4), rises=True),
    Degradation("contrast", "blend with mean", flatten, _SHARES, rises=False),
    Degradation("dynamic_range", "blend with mean", flatten, _SHARES, rises=False),
    Degradation("saturation", "blend with grey", drain, _SHARES, rises=False),
    Degradation("colorfulness", "blend with grey", drain, _SHARES, rises=False),
    Degradation("warmth", "less blue", warm, _SHARES, rises=True),
    Degradation("noise", "noise σ", noise, _NOISE, rises=True),
    Degradation("noise", "blur σ", blur, _BLUR, rises=False),
    Degradation("entropy", "blend with mean", flatten, _SHARES, rises=False),
    Degradation("edge_density", "blur σ", blur, _BLUR, rises=False),
    Degradation("underexposed", "gain", gain, (1, 0.15, 0.08, 0.04), rises=True),
    Degradation("overexposed", "gain", gain, (1, 1.5, 2, 3), rises=True),
    Degradation("blockiness", "JPEG quality", compress, _QUALITIES, rises=True),
    Degradation("spectral_slope", "blur σ", blur, _BLUR, rises=False),
    Degradation("spectral_slope", "noise σ", noise, _NOISE, rises=True),
    Degradation("resolution", "scale", shrink, (1, 0.75, 0.5, 0.25), rises=False),
    Degradation("aspect_ratio", "height kept", crop, (1, 0.8, 0.6, 0.4), rises=False),
    Degradation("bits_per_pixel", "JPEG quality", compress, _QUALITIES, rises=False),
)


def table() -> pd.DataFrame:
    """Return one row per degradation and resolution: the means over the images.

    Columns: feature, degradation, expected (rises, falls), shorter_side (pixels), doses, values
    (one per dose, as text), monotone (yes where every image by itself follows).
    """
    return pd.DataFrame([_row(*case) for case in cases()])


def cases() -> Iterator[tuple[Degradation, int]]:
    """Every degradation at every resolution."""
    for degradation in DEGRADATIONS:
        for shorter_side in SHORTER_SIDES:
            yield degradation, shorter_side


def responses(degradation: Degradation, shorter_side: int) -> npt.NDArray[np.float64]:
    """Return the feature's values, one row per image and one column per dose."""
    function = next(f.function for f in FEATURES if f.name == degradation.feature)
    return np.array(
        [
            [function(_picture(degradation.apply(image, dose))) for dose in degradation.doses]
            for image in (_image(name, shorter_side) for name in IMAGES)
        ]
    )


def is_monotone(values: npt.NDArray[np.float64], *, rises: bool) -> bool:
    """Whether every row moves the way expected at every step."""
    steps = np.diff(values, axis=1)
    return bool((steps > 0).all() if rises else (steps < 0).all())


def _row(degradation: Degradation, shorter_side: int) -> dict[str, object]:
    values = responses(degradation, shorter_side)
    follows = is_monotone(values, rises=degradation.rises)
    return {
        "feature": degradation.feature,
        "degradation": degradation.name,
        "expected": "rises" if degradation.rises else "falls",
        "shorter_side": shorter_side,
        "doses": ", ".join(f"{dose:g}" for dose in degradation.doses),
        "values": ", ".join(f"{value:.3g}" for value in values.mean(axis=0)),
        "monotone": "yes" if follows else "no",
    }


def _image(name: str, shorter_side: int) -> Pixels:
    image = _synthetic() if name == "synthetic" else getattr(data, name)()
    return shrink(image, shorter_side / min(image.shape[:2]))


def _synthetic() -> Pixels:
    """Coloured noise whose octaves are equally strong, as in photographs."""
    rng = np.random.default_rng(0)
    image = np.full((400, 500, 3), 120.0)
    for n in (4, 8, 16, 32, 64, 128, 256):
        octave = rng.normal(0, 20, (n, n, 3))
        image += cv2.resize(octave, (500, 400), interpolation=cv2.INTER_CUBIC)
    return _levels(image)


def _picture(image: Pixels | bytes) -> Picture:
    return decode(image) if isinstance(image, bytes) else from_array(image)


def _levels(values: Pixels) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
