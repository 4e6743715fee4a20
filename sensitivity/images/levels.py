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


def without_alpha(values: Values, bit_depth: int | None) -> Bytes:
    """Composite four channels on black, and scale them to 8 bits.

    Parameters
    ----------
    values : ndarray, H×W×4
        Straight alpha last, of any dtype that :func:`to_8_bits` takes.
    bit_depth : int or None
        Of the colours; the alpha of 16 bits is taken to use them all.

    Returns
    -------
    ndarray of uint8, H×W×3

    Examples
    --------
    >>> import numpy as np
    >>> without_alpha(np.array([[[1.0, 0.5, 0.0, 0.5]]]), None).tolist()
    [[[128, 64, 0]]]
    """
    colour, alpha = values[..., :3], values[..., 3]
    if values.dtype == np.uint16:
        return to_8_bits(on_black(colour, alpha), bit_depth)
    return on_black(to_8_bits(colour, None), to_8_bits(alpha, None))


def on_black(colour: Values, alpha: Values) -> Values:
    """Composite straight alpha on black: colour · alpha / top, rounded to the nearest level.

    Parameters
    ----------
    colour : ndarray of uint8 or uint16, H×W or H×W×3
    alpha : ndarray of the same dtype, H×W
        The top level of the dtype is opaque.

    Returns
    -------
    ndarray
        Of the shape and dtype of `colour`.

    Examples
    --------
    >>> import numpy as np
    >>> on_black(np.full((1, 3), 200, np.uint8), np.array([[0, 128, 255]], np.uint8)).tolist()
    [[0, 100, 200]]
    """
    top = np.iinfo(colour.dtype).max
    wide = np.dtype(np.uint16 if top == 255 else np.uint32)  # top² + top / 2 just fits
    weight = alpha.astype(wide)
    if colour.ndim == 3:
        weight = weight[..., None]
    return ((colour * weight + wide.type(top // 2)) // wide.type(top)).astype(colour.dtype)


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
