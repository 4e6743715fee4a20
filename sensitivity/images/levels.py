"""Pixels of any depth to 8 bits, upright and without transparency."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ImageError

Bytes = npt.NDArray[np.uint8]
Values = npt.NDArray[Any]


def to_8_bits(values: Values, bit_depth: int | None) -> Bytes:
    """Scale to 0…255, rounded to the nearest level.

    Parameters
    ----------
    values : ndarray
        uint8 (returned as it is), bool, uint16, or floats in [0, 1]; any shape.
    bit_depth : int or None
        Bits in use of uint16; None: all 16.

    Returns
    -------
    ndarray of uint8
        Of the same shape.

    Raises
    ------
    ImageError
        ``unsupported`` for another dtype or range, ``corrupt`` for values above `bit_depth`
        or not finite.

    Examples
    --------
    >>> import numpy as np
    >>> to_8_bits(np.array([0, 2048, 4095], np.uint16), 12).tolist()
    [0, 128, 255]
    """
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind == "f":
        return _unit_to_8_bits(values)
    if values.dtype != np.uint16:
        raise ImageError("unsupported", f"expected uint8, uint16 or floats, got {values.dtype}")

    depth = bit_depth or 16
    top = int(values.max(initial=0))
    if top >= 2**depth:
        raise ImageError("corrupt", f"expected values of {depth} bits (bit_depth), got {top:,}")
    levels: Bytes = _scale(depth)[values]
    return levels


def on_black(colour: Bytes, alpha: Bytes) -> Bytes:
    """Composite straight alpha on black: colour · alpha / 255, rounded to the nearest level.

    Parameters
    ----------
    colour : ndarray of uint8, H×W or H×W×3
    alpha : ndarray of uint8, H×W
        255 is opaque.

    Returns
    -------
    ndarray of uint8
        Of the shape of `colour`.

    Examples
    --------
    >>> import numpy as np
    >>> on_black(np.full((1, 3), 200, np.uint8), np.array([[0, 128, 255]], np.uint8)).tolist()
    [[0, 100, 200]]
    """
    weight = alpha.astype(np.uint16)
    if colour.ndim == 3:
        weight = weight[..., None]
    levels: Bytes = ((colour * weight + np.uint16(127)) // np.uint16(255)).astype(np.uint8)
    return levels


def turn(pixels: Values, orientation: int) -> Values:
    """Turn an image upright.

    Parameters
    ----------
    pixels : ndarray, H×W or H×W×C
    orientation : int
        EXIF orientation, 1 to 8; 1 and anything else change nothing.

    Returns
    -------
    ndarray
        A view.

    Examples
    --------
    >>> import numpy as np
    >>> turn(np.array([[1, 2, 3]]), 6).tolist()
    [[1], [2], [3]]
    """
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


@lru_cache(maxsize=8)
def _scale(depth: int) -> Bytes:
    top = 2**depth - 1  # odd, so that no value lies halfway between two levels
    levels: Bytes = ((np.arange(top + 1) * 255 + top // 2) // top).astype(np.uint8)
    return levels


def _unit_to_8_bits(values: Values) -> Bytes:
    if not np.isfinite(values).all():
        raise ImageError("corrupt", "holds values that are not finite")
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 1:
        raise ImageError("unsupported", f"expected floats in [0, 1], got {low:g} to {high:g}")
    levels: Bytes = np.rint(values * 255).astype(np.uint8)
    return levels
