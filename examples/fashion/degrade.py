"""The test images, degraded: what the model was never shown.

Uses numpy and OpenCV only, none of the toolkit's views: what mends an image here is not what
spoilt it. Each image's draw depends on the seed and the image's place alone.
"""

from __future__ import annotations

import cv2
import numpy as np

SEED = 2024

STRENGTHS = {
    "noise": (0.05, 0.25),
    "blur": (0.5, 1.5),
    "jpeg": (2.0, 25.0),
    "darkness": (0.05, 0.5),
    "contrast": (0.3, 0.9),
}
"""Kinds, and the range that a strength is drawn from.

noise: standard deviation, of 1. blur: σ in pixels. jpeg: quality. darkness: factor of all
levels. contrast: factor of the distance from middle grey.
"""

SHIFT = (4, 7)
"""Pixels by which `moved` moves an image, fewest and most."""


def spoil(image: np.ndarray, kind: str, strength: float, random: np.random.Generator) -> np.ndarray:
    """Degrade one image.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W)
        It is not modified.
    kind : str
        One of `STRENGTHS`.
    strength : float
        In the kind's unit.
    random : Generator
        Source of the noise.

    Returns
    -------
    ndarray of uint8, shape (H, W)
    """
    levels = image.astype(np.float64)
    if kind == "noise":
        return _rounded(levels + random.normal(0, 255 * strength, image.shape))
    if kind == "blur":
        return _rounded(cv2.GaussianBlur(levels, (0, 0), strength, borderType=cv2.BORDER_REFLECT))
    if kind == "jpeg":
        quality = [cv2.IMWRITE_JPEG_QUALITY, round(strength)]
        return cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_GRAYSCALE)
    if kind == "darkness":
        return _rounded(levels * strength)
    if kind == "contrast":
        return _rounded(127.5 + (levels - 127.5) * strength)
    raise ValueError(f"kind: expected one of {', '.join(STRENGTHS)}, got {kind}")


def degraded(images: np.ndarray, seed: int = SEED) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Degrade each image in one way and strength, both drawn at random.

    Parameters
    ----------
    images : ndarray of uint8, shape (N, H, W)
        Clean images.
    seed : int
        Seed of the draws.

    Returns
    -------
    images : ndarray of uint8, shape (N, H, W)
    kinds : ndarray of str, shape (N,)
        For the reader of a report: the toolkit is told neither kind nor strength.
    strengths : ndarray of float, shape (N,)
    """
    found, kinds, strengths = [], [], []
    for place, image in enumerate(images):
        random = np.random.default_rng((seed, place))
        kind = tuple(STRENGTHS)[random.integers(len(STRENGTHS))]
        strength = random.uniform(*STRENGTHS[kind])
        found.append(spoil(image, kind, strength, random))
        kinds.append(kind)
        strengths.append(strength)
    shape = (0, *images.shape[1:])
    stacked = np.stack(found) if found else np.empty(shape, dtype=np.uint8)
    return stacked, np.array(kinds, dtype=str), np.array(strengths, dtype=np.float64)


def moved(images: np.ndarray, seed: int = SEED) -> np.ndarray:
    """Move each image by several pixels in a random direction, black coming in behind it.

    The class stays the same. What left the frame is gone, and no view of the toolkit moves an
    image back.

    Parameters
    ----------
    images : ndarray of uint8, shape (N, H, W)
        Clean images.
    seed : int
        Seed of the draws.

    Returns
    -------
    ndarray of uint8, shape (N, H, W)
    """
    found = np.zeros_like(images)
    for place, image in enumerate(images):
        random = np.random.default_rng((seed, place))
        distance, angle = random.uniform(*SHIFT), random.uniform(0, 2 * np.pi)
        down, right = round(distance * np.sin(angle)), round(distance * np.cos(angle))
        height, width = image.shape
        source = image[
            max(-down, 0) : height - max(down, 0), max(-right, 0) : width - max(right, 0)
        ]
        target = found[place, max(down, 0) :, max(right, 0) :]
        target[: source.shape[0], : source.shape[1]] = source
    return found


def _rounded(levels: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)
