"""Features of detail: sharpness, blur, noise, edges, compression blocks, spectrum.

Each is a pure function of a :class:`~sensitivity.images.Picture`, computed on whole numbers of
8 and 16 bits.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ..images import Picture
from .strips import buffer, strips

Pixels = npt.NDArray[Any]

_SIDE = 256  # of the largest square that spectral_slope looks at


def sharpness(picture: Picture) -> float:
    """Clarity: variance of the 4-neighbour Laplacian of luma.

    Equal to ``cv2.Laplacian(luma, cv2.CV_64F).var()``, with sums of whole numbers.

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        Grey levels², ≥ 0; more is sharper, **but also noisier or more textured**: compare it
        with `noise` and `blur_effect`. It depends on the size at which it is measured. 0 for a
        constant or 1×1 image.

    References
    ----------
    Pech-Pacheco et al. 2000, Diatom autofocusing in brightfield microscopy, ICPR.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> sharpness(from_array(np.array([[0, 1, 0, 1]], np.uint8)))
    4.0
    """
    total = squares = 0
    height, width = picture.luma.shape
    for top, bottom in strips(0, height, width):
        rows = _mirrored(picture.luma, top - 1, bottom + 1, 1, cv2.BORDER_REFLECT_101)
        centre = rows[1:-1, 1:-1]
        around = (rows[1:-1, :-2], rows[1:-1, 2:], rows[:-2, 1:-1], rows[2:, 1:-1])
        total += sum(_sum(neighbour) for neighbour in around) - 4 * _sum(centre)
        # (Σ (nᵢ − c))² = 4·Σ (nᵢ − c)² − Σ (nᵢ − nⱼ)² over the pairs of the 4 neighbours:
        # sums of squares of differences, for which OpenCV needs no memory
        squares += 4 * sum(_squared_distance(neighbour, centre) for neighbour in around)
        squares -= sum(_squared_distance(*pair) for pair in combinations(around, 2))
    n = picture.luma.size
    return (n * squares - total * total) / n**2


def _sum(pixels: Pixels) -> int:
    return round(float(cv2.sumElems(pixels)[0]))


def _squared_distance(a: Pixels, b: Pixels) -> int:
    return round(float(cv2.norm(a, b, cv2.NORM_L2SQR)))


def _mirrored(luma: Pixels, top: int, bottom: int, n_columns: int, border: int) -> Pixels:
    """Return some rows, which may begin and end outside, with columns added on either side."""
    height, width = luma.shape
    rows = luma[max(top, 0) : min(bottom, height)]
    added = (max(-top, 0), max(bottom - height, 0), n_columns, n_columns)
    kept = buffer("mirrored", (bottom - top, width + 2 * n_columns), np.uint8)
    return cv2.copyMakeBorder(rows, *added, border, dst=kept)


def blur_effect(picture: Picture) -> float:
    """Share of the variation of luma that another blur would leave.

    Per axis: S = ``|Sobel|`` of luma, B = ``|Sobel|`` of luma averaged over 11 pixels along it;
    1 − Σ max(0, S − B) / Σ S over all pixels but 2 at the first and 1 at the last border. The
    larger of the two axes counts. These are the choices of scikit-image's
    ``measure.blur_effect``, whose value this is (the paper has 9 pixels and plain differences).

    Parameters
    ----------
    picture : Picture
        Grey or colour.

    Returns
    -------
    float
        0 (sharp) to 1 (blurred). An axis without any variation counts as 1, so that a constant
        image has 1. NaN for images of less than 4 pixels in width or height.

    References
    ----------
    Crété-Roffet et al. 2007, The blur effect: perception and estimation with a new
    no-reference perceptual blur metric, SPIE 6492.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> blur_effect(from_array(np.full((8, 8), 3, np.uint8)))
    1.0
    """
    height, width = picture.luma.shape
    if min(height, width) < 4:
        return math.nan

    totals = np.zeros((2, 2))
    for top, bottom in strips(2, height - 1, width):
        boxes = _box_sums(picture.luma, top - 6, bottom + 6)
        n = bottom - top
        down = buffer("sums", (n + 11, width - 3), np.uint16)
        totals[0] += _variation(cv2.add(boxes[:, 6:-6], boxes[:, 7:-5], dst=down), axis=0)
        across = buffer("sums", (n, width + 8), np.uint16)
        totals[1] += _variation(cv2.add(boxes[5:-6, 1:], boxes[6:-5, 1:], dst=across), axis=1)
    return max(1 - lost / total if total else 1.0 for total, lost in totals.tolist())


def _box_sums(luma: Pixels, top: int, bottom: int) -> Pixels:
    """Return the sums of 2×2 pixels of some rows, the image being mirrored beyond its borders.

    Entry (0, 0) belongs to the rows `top` and `top` + 1 and the columns −5 and −4.
    """
    mirrored = _mirrored(luma, top, bottom, 5, cv2.BORDER_REFLECT)
    shape = mirrored.shape
    wide = buffer("wide", shape, np.uint16)
    np.copyto(wide, mirrored)
    pairs = buffer("pairs", (shape[0], shape[1] - 1), np.uint16)
    pairs = cv2.add(wide[:, 1:], wide[:, :-1], dst=pairs)
    boxes = buffer("boxes", (shape[0] - 1, shape[1] - 1), np.uint16)
    return cv2.add(pairs[1:], pairs[:-1], dst=boxes)


def _variation(sums: Pixels, *, axis: int) -> tuple[float, float]:
    """Return 11·Σ S and 11·Σ max(0, S − B), from sums of 2 pixels along and [1 2 1] across.

    The Sobel filter is the difference of two neighbouring such sums, and the Sobel filter of
    the mean of 11 pixels the difference of two that lie 11 apart, / 11.
    """

    def part(start: int, stop: int | None) -> Pixels:
        return sums[:, start:stop] if axis else sums[start:stop]

    shape = part(11, None).shape
    sharp = cv2.absdiff(part(6, -5), part(5, -6), dst=buffer("sharp", shape, np.uint16))
    sharp *= 11
    blurred = cv2.absdiff(part(11, None), part(0, -11), dst=buffer("blurred", shape, np.uint16))
    total = float(cv2.norm(sharp, cv2.NORM_L1))
    # max(0, a − b) = (|a − b| + a − b) / 2
    lost = (cv2.norm(sharp, blurred, cv2.NORM_L1) + total - cv2.norm(blurred, cv2.NORM_L1)) / 2
    return total, float(lost)


def noise(picture: Picture) -> float:
    """Standard deviation of noise in luma, by a filter that is blind to edges and slopes.

    σ = √(π/2) / (6·(W − 2)·(H − 2)) · ``Σ |[1 −2 1; −2 4 −2; 1 −2 1] ∗ I|``, borders left out.

    Parameters
    ----------
    picture : Picture
        Grey or colour.

    Returns
    -------
    float
        Grey levels, ≥ 0; more is noisier (fine texture counts as noise, clipped noise too
        little). 0 for a constant image, NaN for images of less than 3 pixels in width or height.

    References
    ----------
    Immerkær 1996, Fast noise variance estimation, Computer Vision and Image Understanding 64(2).

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> rng = np.random.default_rng(0)
    >>> round(noise(from_array(rng.normal(128, 10, (500, 500)).round().astype(np.uint8))), 1)
    10.0
    """
    height, width = picture.luma.shape
    if min(height, width) < 3:
        return math.nan

    total = 0
    for top, bottom in strips(1, height - 1, width):
        rows = picture.luma[top - 1 : bottom + 1]
        # The second derivative along both axes is the filter of the paper.
        kept = buffer("filtered", rows.shape, np.int16)
        filtered = cv2.Sobel(rows, cv2.CV_16S, 2, 2, ksize=3, dst=kept)
        total += round(float(cv2.norm(filtered[1:-1, 1:-1], cv2.NORM_L1)))
    n_inside: int = (width - 2) * (height - 2)
    return math.sqrt(math.pi / 2) * total / (6 * n_inside)


def edge_density(picture: Picture) -> float:
    """Share of pixels whose Sobel magnitude √(gx² + gy²) of luma exceeds 100 (3×3 masks).

    Parameters
    ----------
    picture : Picture
        Grey or colour, any size.

    Returns
    -------
    float
        0 to 1; more is more edges. A step of 26 grey levels is one. 0 for a constant or 1×1
        image.

    References
    ----------
    Sobel & Feldman 1968, A 3×3 isotropic gradient operator; the threshold is our own.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> edge_density(from_array(np.repeat(np.array([[0, 0, 26, 26]], np.uint8), 4, axis=0)))
    0.5
    """
    n_edges = 0
    height, width = picture.luma.shape
    for top, bottom in strips(0, height, width):
        rows = _mirrored(picture.luma, top - 1, bottom + 1, 1, cv2.BORDER_REFLECT_101)
        gx, gy = (buffer(name, rows.shape, np.int16) for name in ("gx", "gy"))
        cv2.spatialGradient(rows, dx=gx, dy=gy)
        for gradient in (gx, gy):
            # 127 alone is above the threshold, and the sum of two squares of it fits 16 bits.
            np.clip(gradient, -127, 127, out=gradient)
            np.multiply(gradient, gradient, out=gradient)
        np.add(gx, gy, out=gx)
        n_edges += int(np.count_nonzero(gx[1:-1, 1:-1] > 100**2))
    return n_edges / picture.luma.size


def blockiness(picture: Picture) -> float:
    """Mean step of luma across the lines of the 8×8 grid / mean step elsewhere.

    A step is the absolute difference of two neighbours along a row or a column. Where there
    is none off the grid, it is taken to be one grey level in all.

    Parameters
    ----------
    picture : Picture
        Grey or colour. The grid is that of the file: measured at another size (``size=``), or
        on a crop, it means nothing.

    Returns
    -------
    float
        ≥ 0; about 1 without compression, more is blockier. 1 for a constant image, NaN where
        no line of the grid lies inside (8×8 and smaller).

    References
    ----------
    Wang, Sheikh & Bovik 2002, No-reference perceptual quality assessment of JPEG compressed
    images, ICIP (its blockiness term, as a ratio).

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> ramp = np.arange(16, dtype=np.uint8)[None].repeat(16, axis=0)
    >>> blockiness(from_array(ramp)), blockiness(from_array(ramp // 8 * 8)) > 100
    (1.0, True)
    """
    luma = picture.luma
    steps = (_steps(luma[:, 1:], luma[:, :-1]), _steps(luma[1:], luma[:-1]).T)
    on_grid = [along[:, 7::8] for along in steps if along.shape[1] > 7]
    n_grid = sum(part.size for part in on_grid)
    if n_grid == 0:
        return math.nan

    total = sum(int(along.sum(dtype=np.int64)) for along in steps)
    grid = sum(int(part.sum(dtype=np.int64)) for part in on_grid)
    if total == 0:
        return 1.0
    n_elsewhere = sum(along.size for along in steps) - n_grid
    return (grid / n_grid) / (max(total - grid, 1) / n_elsewhere)


def _steps(a: Pixels, b: Pixels) -> Pixels:
    return cv2.absdiff(a, b) if a.size else a


def spectral_slope(picture: Picture) -> float:
    """Slope of log power against log frequency, at no more than 256 pixels.

    Luma is scaled down to a shorter side of 256 pixels (smaller images stay); of the central
    square, less its mean and under a Hann window, the power is averaged over rings of equal
    frequency, from 2 cycles to half the side, and a straight line fitted by least squares.
    Rings below twice the power that rounding to whole levels has itself are left out.

    Parameters
    ----------
    picture : Picture
        Grey or colour.

    Returns
    -------
    float
        About −2.5 to −3.5 for photographs. Blur makes it steeper (more negative), noise flatter
        (white noise: 0): that tells apart what `sharpness` mixes. NaN where fewer than 3 rings
        are left: constant and 1×1 images, for example.

    References
    ----------
    Field 1987, Relations between the statistics of natural images and the response properties
    of cortical cells, J. Opt. Soc. Am. A 4(12).

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> white = np.random.default_rng(0).integers(0, 256, (256, 256), dtype=np.uint8)
    >>> abs(spectral_slope(from_array(white))) < 0.1
    True
    """
    square = _central_square(picture.luma).astype(np.float64)
    side = len(square)
    window = np.outer(np.hanning(side), np.hanning(side))
    power = np.abs(np.fft.rfft2((square - square.mean()) * window)) ** 2

    fy, fx = np.fft.fftfreq(side, 1 / side), np.fft.rfftfreq(side, 1 / side)
    ring = np.rint(np.hypot(fy[:, None], fx)).astype(np.intp).ravel()
    ring_power = np.bincount(ring, power.ravel()) / np.bincount(ring)
    frequency = np.arange(2, max(side // 2, 2))
    # Rounding to whole levels is white noise of variance 1/12.
    frequency = frequency[ring_power[frequency] > 2 / 12 * np.sum(window**2)]
    if len(frequency) < 3:
        return math.nan
    return float(np.polyfit(np.log(frequency), np.log(ring_power[frequency]), 1)[0])


def _central_square(luma: Pixels) -> Pixels:
    height, width = luma.shape
    scale = _SIDE / min(height, width)
    if scale < 1:
        width, height = max(_SIDE, round(width * scale)), max(_SIDE, round(height * scale))
        luma = cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA)
    side = min(height, width)
    left, top = (width - side) // 2, (height - side) // 2
    return luma[top : top + side, left : left + side]
