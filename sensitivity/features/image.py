"""Features of the light and the shape of a whole image.

Each is a pure function of a :class:`~sensitivity.images.Picture`. Those of light come from the
one histogram of luma by sums of whole numbers.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..images import Picture

_POWERS = np.stack([np.arange(256), np.arange(256) ** 2], axis=1)

# --- light ----------------------------------------------------------------------------------


def brightness(picture: Picture) -> float:
    """Mean of luma / 255.

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        0 (black) to 1 (white); more is brighter. A constant image has its own level.

    References
    ----------
    Rec. ITU-R BT.601 (luma).

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> brightness(from_array(np.full((4, 4), 51, np.uint8)))
    0.2
    """
    total, _ = _moments(picture.histogram)
    return total / _n(picture) / 255


def contrast(picture: Picture) -> float:
    """RMS contrast: population standard deviation of luma / 255.

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        0 to 0.5; more is more contrast. 0 for a constant or 1×1 image.

    References
    ----------
    Peli 1990, Contrast in complex images, J. Opt. Soc. Am. A 7(10).

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> contrast(from_array(np.array([[0, 255]], np.uint8)))
    0.5
    """
    total, squares = _moments(picture.histogram)
    n = _n(picture)
    # Whole numbers up to here: no cancellation, however large the image.
    return math.sqrt(n * squares - total * total) / n / 255


def dynamic_range(picture: Picture) -> float:
    """Distance from the 5th to the 95th percentile of luma, / 255.

    The p-th percentile is the smallest level that at least p % of the pixels do not exceed
    (the inverted distribution function: always a level that occurs).

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        0 to 1; more is a wider range of tones. 0 for a constant or 1×1 image.

    References
    ----------
    Hyndman & Fan 1996, Sample quantiles in statistical packages, definition 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> dynamic_range(from_array(np.arange(256, dtype=np.uint8).reshape(16, 16))) * 255
    231.0
    """
    n = _n(picture)
    below = np.cumsum(picture.histogram)
    low, high = np.searchsorted(below, [-(-5 * n // 100), -(-95 * n // 100)])
    return int(high - low) / 255


def entropy(picture: Picture) -> float:
    """Shannon entropy of the 256-bin histogram of luma: −Σ p·log2 p.

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        Bits, 0 to 8; more is more different tones, evenly used (noise raises it too). 0 for a
        constant or 1×1 image.

    References
    ----------
    Shannon 1948, A mathematical theory of communication, Bell Syst. Tech. J. 27.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> entropy(from_array(np.array([[1, 2, 3, 4]], np.uint8)))
    2.0
    """
    n = _n(picture)
    counts = picture.histogram[picture.histogram > 0]
    return max(0.0, math.log2(n) - float(counts @ np.log2(counts)) / n)


def underexposed(picture: Picture) -> float:
    """Share of pixels whose luma is at most 5.

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        0 to 1; more is more lost in black. A constant image has 0 or 1.

    References
    ----------
    Own definition: the darkest 2 % of the scale, where 8-bit files hold no detail.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> underexposed(from_array(np.array([[0, 5, 6, 7]], np.uint8)))
    0.5
    """
    return int(picture.histogram[:6].sum()) / _n(picture)


def overexposed(picture: Picture) -> float:
    """Share of pixels whose luma is at least 250.

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        0 to 1; more is more burnt out. A constant image has 0 or 1.

    References
    ----------
    Own definition: the brightest 2 % of the scale.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> overexposed(from_array(np.array([[249, 250, 255, 0]], np.uint8)))
    0.5
    """
    return int(picture.histogram[250:].sum()) / _n(picture)


def _n(picture: Picture) -> int:
    return picture.luma.size


def _moments(histogram: npt.NDArray[np.int64]) -> tuple[int, int]:
    """Return Σ luma and Σ luma² as whole numbers of any size."""
    total, squares = (histogram @ _POWERS).tolist()
    return total, squares


# --- shape ----------------------------------------------------------------------------------


def resolution(picture: Picture) -> float:
    """Width × height of the image at native size, whatever size it is measured at.

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        Pixels, ≥ 1; more is larger.

    References
    ----------
    Own definition.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> resolution(from_array(np.zeros((480, 640), np.uint8), size=64))
    307200.0
    """
    return float(picture.width * picture.height)


def aspect_ratio(picture: Picture) -> float:
    """Height / width of the image at native size.

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        > 0; 1 is square, more is taller.

    References
    ----------
    The definition of ModelArts; many tools divide the other way.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> aspect_ratio(from_array(np.zeros((480, 640), np.uint8)))
    0.75
    """
    return picture.height / picture.width


def bits_per_pixel(picture: Picture) -> float:
    """File size in bits / number of pixels at native size.

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        Bits, > 0; more is less compressed or more detailed. NaN for images without a file.

    References
    ----------
    Own definition.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import Picture
    >>> bits_per_pixel(Picture(np.zeros((10, 10), np.uint8), n_bytes=50))
    4.0
    """
    if picture.n_bytes is None:
        return math.nan
    return picture.n_bytes * 8 / (picture.width * picture.height)
