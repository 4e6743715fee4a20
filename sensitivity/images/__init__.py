"""Bytes to :class:`Picture`: one decode, cached views, and a status for every failure.

``bytes -> header (Pillow) -> size limit -> pixels (OpenCV, else Pillow) -> Picture``

Whatever is wrong with an image is raised as one :class:`~sensitivity.errors.ImageError` with
a status of :data:`STATUSES` and a reason, never as an exception of a decoder. The content
decides, not the suffix. What is promised:

==============================  ============================================================
input                           result
==============================  ============================================================
grey, 1 bit, palette            as grey or colour
16 bits (or 9…15 in 16)         scaled to 8 bits and rounded, by `bit_depth`
alpha, transparent palette      composited on black
CMYK                            as colour
EXIF orientation                applied
float TIFF in [0, 1]            scaled to 8 bits; other ranges ``unsupported``
animation, several pages        the first frame
0 bytes                         ``empty``
no picture, or unknown format   ``unsupported``
cut off                         ``truncated`` (no partly grey picture)
more than `max_pixels`          ``too_large``, before anything is decoded
PNG with a wrong checksum       ``corrupt``
other flipped bytes             ``corrupt`` or a damaged picture: JPEG and WebP cannot tell
==============================  ============================================================

The JPEG library may still write to stderr about a damaged file; OpenCV's log is silent here.
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from ..errors import ImageError, OptionError
from . import headers
from .levels import Bytes, on_black, to_8_bits, turn, without_alpha

Size = int | tuple[int, int]

#: Every status an image can have; the last is given to a decoder that took its process along.
STATUSES = (
    "ok",
    "missing",
    "empty",
    "unsupported",
    "truncated",
    "corrupt",
    "too_large",
    "crashed",
)

# Formats that OpenCV reads in every form: what it refuses is damaged. Pillow, which may have
# been told to accept truncated files, is not asked for pixels then.
_OPENCV_DECIDES = ("JPEG", "MPO", "PNG", "WEBP", "BMP")
_GREY_MODES = ("1", "L")
_ALPHA_MODES = ("LA", "La", "PA", "RGBA", "RGBa")
_PILLOW_MODES = ("F", "I", "LAB", "HSV")


class Picture:
    """One decoded image, 8 bits a channel, with views that are computed once on demand.

    Parameters
    ----------
    pixels : ndarray of uint8, H×W (grey) or H×W×3 (BGR)
        The image as it is to be measured.
    width, height : int, optional
        Native size in pixels (upright, before any resizing); that of `pixels` when left out.
    n_bytes : int, optional
        Size of the file; None when the image came from none.

    Attributes
    ----------
    bgr : ndarray of uint8, H×W×3
    luma : ndarray of uint8, H×W
        Rec. 601 grey as OpenCV computes it; exactly the image where that is grey.
    hsv : ndarray of uint8, H×W×3
        OpenCV's 8-bit HSV (hue 0…179).
    laplacian : ndarray of int16, H×W
        4-neighbour Laplacian of `luma`, borders mirrored without repeating the edge.
    histogram : ndarray of int64, 256
        Number of pixels of each luma.

    Examples
    --------
    >>> import numpy as np
    >>> picture = from_array(np.full((2, 3), 7, np.uint8))
    >>> picture.bgr.shape, int(picture.histogram[7])
    ((2, 3, 3), 6)
    """

    def __init__(
        self,
        pixels: Bytes,
        *,
        width: int | None = None,
        height: int | None = None,
        n_bytes: int | None = None,
    ) -> None:
        self._pixels = _view(np.ascontiguousarray(pixels).view())
        self.width = pixels.shape[1] if width is None else width
        self.height = pixels.shape[0] if height is None else height
        self.n_bytes = n_bytes

    def __repr__(self) -> str:
        return f"<Picture {self.width}×{self.height} {'grey' if self.is_grey else 'colour'}>"

    @property
    def is_grey(self) -> bool:
        """Whether the image has one channel (a colour image may still hold only greys)."""
        return self._pixels.ndim == 2

    @cached_property
    def bgr(self) -> Bytes:
        """Blue, green, red; three equal channels of a grey image."""
        return (
            _view(cv2.cvtColor(self._pixels, cv2.COLOR_GRAY2BGR)) if self.is_grey else self._pixels
        )

    @cached_property
    def luma(self) -> Bytes:
        """Rec. 601 grey."""
        return (
            self._pixels if self.is_grey else _view(cv2.cvtColor(self._pixels, cv2.COLOR_BGR2GRAY))
        )

    @cached_property
    def hsv(self) -> Bytes:
        """Hue 0…179, saturation and value 0…255."""
        return _view(cv2.cvtColor(self.bgr, cv2.COLOR_BGR2HSV))

    @cached_property
    def laplacian(self) -> npt.NDArray[np.int16]:
        """Second differences of luma."""
        values = cast("npt.NDArray[np.int16]", cv2.Laplacian(self.luma, cv2.CV_16S))
        values.flags.writeable = False
        return values

    @cached_property
    def histogram(self) -> npt.NDArray[np.int64]:
        """Pixels per luma."""
        # OpenCV counts in float32, which is exact up to 2^24 pixels: count slabs.
        n_rows = max(1, 2**24 // self.luma.shape[1])
        counts = np.zeros(256, np.int64)
        for top in range(0, self.luma.shape[0], n_rows):
            slab = cv2.calcHist([self.luma[top : top + n_rows]], [0], None, [256], [0, 256])
            counts += slab.ravel().astype(np.int64)
        return counts


def decode(
    data: bytes,
    *,
    bit_depth: int | None = None,
    max_pixels: int = 100_000_000,
    size: Size | None = None,
) -> Picture:
    """Decode the content of an image file.

    Parameters
    ----------
    data : bytes
        A whole file: PNG, JPEG, WebP, TIFF, BMP, or whatever else OpenCV or Pillow reads.
    bit_depth : int, optional
        Bits in use, 9 to 16, of images that store 16 (a 12-bit camera: 12). All of them when
        left out; 8-bit images are not touched.
    max_pixels : int
        Width × height above which nothing is decoded.
    size : int or (int, int), optional
        Measure a resized image: its shorter side, or its width and height, in pixels.

    Returns
    -------
    Picture
        Upright, 8 bits a channel. Its ``width`` and ``height`` are native, whatever `size`.

    Raises
    ------
    ImageError
        With the status of the table at the head of this module.
    OptionError
        `bit_depth` or `size` is out of range.

    Examples
    --------
    >>> decode(b"hello")
    Traceback (most recent call last):
    ...
    sensitivity.errors.ImageError: image unsupported: no known image format, begins with b'hello'
    """
    check_options(bit_depth, size)
    if not data:
        raise ImageError("empty", "the file holds no bytes")

    header = headers.open_header(data)
    n_pixels = header.width * header.height
    if n_pixels > max_pixels:
        raise ImageError(
            "too_large",
            f"{header.width:,} × {header.height:,} pixels are more than max_pixels={max_pixels:,}",
        )
    return _picture(_pixels_of(data, header, bit_depth), size, n_bytes=len(data))


def from_array(
    array: npt.ArrayLike | Image.Image,
    *,
    bit_depth: int | None = None,
    size: Size | None = None,
) -> Picture:
    """Take an image that is already decoded.

    Parameters
    ----------
    array : array, tensor or PIL.Image.Image
        H×W grey, H×W×3 red-green-blue, H×W×4 with straight alpha (composited on black) or
        H×W×1; uint8, uint16, bool, or floats in [0, 1]. It is not modified.
    bit_depth, size
        As for :func:`decode`; `bit_depth` concerns uint16 only.

    Returns
    -------
    Picture
        With ``n_bytes`` None.

    Raises
    ------
    ImageError
        ``unsupported``: another shape or dtype, or floats outside [0, 1]. ``corrupt``: NaN, or
        values above `bit_depth`. ``empty``: no pixels.

    Examples
    --------
    >>> import numpy as np
    >>> red = np.zeros((4, 6, 3))
    >>> red[..., 0] = 1.0
    >>> from_array(red).bgr[0, 0].tolist()
    [0, 0, 255]
    """
    check_options(bit_depth, size)
    if isinstance(array, Image.Image):
        return _picture(_pillow_pixels(array, bit_depth), size)

    given: Any = array.detach().cpu() if hasattr(array, "detach") else array
    values = np.asarray(given)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    if values.ndim != 2 and not (values.ndim == 3 and values.shape[2] in (3, 4)):
        raise ImageError("unsupported", f"expected H×W, H×W×3 or H×W×4, got shape {values.shape}")
    if not values.size:
        raise ImageError("empty", f"no pixels: shape {values.shape}")

    if values.ndim == 2:
        return _picture(to_8_bits(values, bit_depth), size)
    has_alpha = values.shape[2] == 4
    rgb = without_alpha(values, bit_depth) if has_alpha else to_8_bits(values, bit_depth)
    return _picture(rgb[..., ::-1], size)


def check_options(bit_depth: int | None, size: Size | None, max_pixels: Any = 1) -> None:
    """Raise an OptionError unless the options of :func:`decode` are in their ranges.

    Examples
    --------
    >>> check_options(12, (224, 224))
    """
    if not isinstance(max_pixels, (int, np.integer)) or max_pixels < 1:
        raise OptionError("max_pixels", "expected a whole number from 1", got=repr(max_pixels))
    if bit_depth is not None and not 9 <= bit_depth <= 16:
        raise OptionError("bit_depth", "expected 9 to 16", got=str(bit_depth))
    if size is None:
        return
    sides = np.atleast_1d(np.asarray(size))
    if sides.shape not in ((1,), (2,)) or sides.dtype.kind not in "iu" or sides.min() < 1:
        rule = "expected the shorter side, or (width, height), in pixels"
        raise OptionError("size", rule, got=repr(size))


def _picture(pixels: Bytes, size: Size | None, n_bytes: int | None = None) -> Picture:
    height, width = pixels.shape[:2]
    if size is not None:
        pixels = _resize(np.ascontiguousarray(pixels), size)
    return Picture(pixels, width=width, height=height, n_bytes=n_bytes)


def _resize(pixels: Bytes, size: Size) -> Bytes:
    height, width = pixels.shape[:2]
    sides = [int(side) for side in np.atleast_1d(size)]
    if len(sides) == 1:
        sides = [max(sides[0], round(n * sides[0] / min(height, width))) for n in (width, height)]
    if sides == [width, height]:
        return pixels
    shrinks = sides[0] <= width and sides[1] <= height
    return _view(
        cv2.resize(pixels, sides, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    )


# --- decoding -------------------------------------------------------------------------------


def _pixels_of(data: bytes, header: Image.Image, bit_depth: int | None) -> Bytes:
    """Decode the first frame by OpenCV where that is exact, else by Pillow; H×W or BGR."""
    damage = headers.damage(data, header.format, header)
    if damage:
        raise ImageError(*damage)
    if headers.stores_16_bits(data, header):
        return _deep_pixels(data, header, bit_depth)
    has_alpha = header.mode in _ALPHA_MODES or "transparency" in header.info
    if has_alpha or header.mode in _PILLOW_MODES:
        return _pillow_pixels(headers.load(header), bit_depth)

    flag = cv2.IMREAD_GRAYSCALE if header.mode in _GREY_MODES else cv2.IMREAD_COLOR
    is_webp = header.format == "WEBP"  # not every version turns it
    pixels = _imdecode(data, flag | cv2.IMREAD_IGNORE_ORIENTATION if is_webp else flag)
    if pixels is not None:
        return _view(turn(pixels, headers.orientation(header)) if is_webp else pixels)
    if header.format in _OPENCV_DECIDES:
        raise ImageError(*headers.refusal(data, header))
    return _pillow_pixels(headers.load(header), bit_depth)


def _deep_pixels(data: bytes, header: Image.Image, bit_depth: int | None) -> Bytes:
    values = _imdecode(data, cv2.IMREAD_UNCHANGED)
    if values is None:
        raise ImageError(*headers.refusal(data, header))
    if header.format != "TIFF":  # the one format that IMREAD_UNCHANGED turns
        values = turn(values, headers.orientation(header))
    has_alpha = values.ndim == 3 and values.shape[2] == 4
    return without_alpha(values, bit_depth) if has_alpha else to_8_bits(values, bit_depth)


def _pillow_pixels(image: Image.Image, bit_depth: int | None) -> Bytes:
    if image.mode in ("F", "I") or image.mode.startswith("I;16"):
        return to_8_bits(np.asarray(image), bit_depth)
    if image.mode in ("LA", "La"):
        grey, alpha = np.asarray(image.convert("LA")).transpose(2, 0, 1)
        return on_black(grey, alpha)
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        return without_alpha(np.asarray(image.convert("RGBA")), None)[..., ::-1]
    if image.mode in _GREY_MODES:
        return np.asarray(image.convert("L"))
    return np.asarray(image.convert("RGB"))[..., ::-1]


def _imdecode(data: bytes, flag: int) -> npt.NDArray[Any] | None:
    with _silent_opencv:
        try:
            return cv2.imdecode(np.frombuffer(data, np.uint8), flag)
        except cv2.error:
            return None


class _SilentOpenCV:
    """Switches OpenCV's log off while at least one thread decodes, and back afterwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._level = 0
        # 4.11 has these functions in cv2 itself, later versions in a module.
        self._log: Any = getattr(getattr(cv2, "utils", None), "logging", cv2)

    def __enter__(self) -> None:
        with self._lock:
            if self._users == 0:
                self._level = self._log.getLogLevel()
                self._log.setLogLevel(0)
            self._users += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._log.setLogLevel(self._level)


_silent_opencv = _SilentOpenCV()


def _view(pixels: object) -> Bytes:
    view = cast("Bytes", pixels)
    view.flags.writeable = False  # no feature changes what the next one sees
    return view
