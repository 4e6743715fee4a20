"""Features of the colour of a whole image; a grey image has 0 in each.

Each is a pure function of a :class:`~sensitivity.images.Picture`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from ..images import Picture
from .strips import buffer, strips

Plane = npt.NDArray[np.uint8]


def saturation(picture: Picture) -> float:
    """Mean HSV saturation: S = 255 · (max − min) / max of each pixel's channels, / 255.

    S is rounded to a whole level, halves upwards; black has 0. OpenCV's 8-bit HSV multiplies by
    rounded reciprocals instead, and is one level off for 207 of the 32,896 possible pairs of
    max − min and max: the means of a photograph agree to 1e-4.

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        0 to 1; more is purer colour. 0 for a grey image; dark pixels count as much as bright
        ones, so that noise in the dark raises it.

    References
    ----------
    Smith 1978, Color gamut transform pairs, SIGGRAPH 78.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> saturation(from_array(np.array([[[255, 0, 0], [9, 9, 9]]], np.uint8)))
    0.5
    """
    if picture.is_grey:
        return 0.0
    total = 0
    for blue, green, red in _planes(picture):
        highest = buffer("highest", blue.shape, np.uint8)
        highest = cv2.max(cv2.max(blue, green, dst=highest), red, dst=highest)
        lowest = cv2.min(cv2.min(blue, green, dst=blue), red, dst=blue)
        spread = cv2.subtract(highest, lowest, dst=lowest)
        # A hair above 255 sends exact halves upwards. x / 0 is 0 in OpenCV.
        levels = cv2.divide(spread, highest, dst=spread, scale=255.0001)
        total += round(cv2.sumElems(levels)[0])
    return total / picture.luma.size / 255


def colorfulness(picture: Picture) -> float:
    """Colourfulness M3 = σ + 0.3·μ of the opponent colours rg = R − G and yb = (R + G)/2 − B.

    σ = √(var rg + var yb), μ = √(mean² rg + mean² yb).

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        ≥ 0, without unit: 15 slightly, 45 averagely, 82 highly colourful by the judgement of
        the paper's observers. 0 for a grey image; 0.3·μ for a constant one.

    References
    ----------
    Hasler & Süsstrunk 2003, Measuring colourfulness in natural images, SPIE 5007.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> grey, red = from_array(np.full((2, 2), 9, np.uint8)), np.zeros((2, 2, 3), np.uint8)
    >>> red[..., 0] = 200
    >>> colorfulness(grey), round(colorfulness(from_array(red)), 3)
    (0.0, 67.082)
    """
    if picture.is_grey:
        return 0.0
    n = picture.luma.size
    blue, green, red = (round(total) for total in cv2.sumElems(picture.bgr)[:3])
    rg, yb2 = red - green, red + green - 2 * blue  # Σ rg, and 2·Σ yb to stay with whole numbers

    # The squares follow from three sums that OpenCV has at hand:
    # (2·yb)² = 2·(R − B)² + 2·(G − B)² − (R − G)².
    red_green, red_blue, green_blue = _squared_distances(picture)
    rg_variance = (n * red_green - rg**2) / n**2
    yb_variance = (n * (2 * red_blue + 2 * green_blue - red_green) - yb2**2) / (4 * n**2)
    return math.sqrt(rg_variance + yb_variance) + 0.3 * math.hypot(rg / n, yb2 / (2 * n))


def _squared_distances(picture: Picture) -> tuple[int, int, int]:
    """Return Σ (R − G)², Σ (R − B)² and Σ (G − B)²."""
    red_green = red_blue = green_blue = 0
    for blue, green, red in _planes(picture):
        red_green += round(cv2.norm(red, green, cv2.NORM_L2SQR))
        red_blue += round(cv2.norm(red, blue, cv2.NORM_L2SQR))
        green_blue += round(cv2.norm(green, blue, cv2.NORM_L2SQR))
    return red_green, red_blue, green_blue


def _planes(picture: Picture) -> Iterator[tuple[Plane, Plane, Plane]]:
    """Walk in strips whose channels lie apart, valid until the next strip; may be overwritten."""
    height, width = picture.luma.shape
    for top, bottom in strips(0, height, width):
        shape = (bottom - top, width)
        kept = [buffer(name, shape, np.uint8) for name in ("blue", "green", "red")]
        planes = cast("Sequence[Plane]", cv2.split(picture.bgr[top:bottom], kept))
        yield planes[0], planes[1], planes[2]


def warmth(picture: Picture) -> float:
    """Mean of (R − B) / 255.

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        −1 (blue) to 1 (red or yellow); more is warmer. 0 for a grey image.

    References
    ----------
    Own definition: a plain measure of white balance.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> warmth(from_array(np.array([[[255, 0, 0], [0, 0, 0]]], np.uint8)))
    0.5
    """
    if picture.is_grey:
        return 0.0
    blue, _, red = cv2.sumElems(picture.bgr)[:3]
    return (red - blue) / picture.luma.size / 255
