"""What a file is, whether it is whole, and its content where Pillow decodes it."""

from __future__ import annotations

import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageOps

from ..errors import ImageError

#: A status and a reason.
Damage = tuple[str, str]

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "WEBP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
)
# Pillow knows these, but has another program draw them, or does not at all.
_NO_PIXELS = ("BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF")
_JPEG_END = b"\xff\xd9"
_ORIENTATION = 0x0112
_BITS_PER_SAMPLE = 258
_TIFF_PARTS = ((273, 279), (324, 325))  # offsets and byte counts of strips, of tiles

# catch_warnings swaps the filters of the whole process: one thread at a time.
_lock = threading.Lock()


@contextmanager
def _quiet_pillow() -> Iterator[None]:
    """Let Pillow's warnings neither reach the caller nor, made errors, fail a good file."""
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def open_header(data: bytes) -> Image.Image:
    """Read format, mode and size; no pixel is decoded.

    Parameters
    ----------
    data : bytes
        A whole file, not empty.

    Returns
    -------
    PIL.Image.Image
        Not loaded yet.

    Raises
    ------
    ImageError
        No format claims the bytes (``unsupported``), or the one that they begin like cannot
        be opened (``truncated``, ``corrupt``).

    Examples
    --------
    >>> open_header(b"GIF89a")
    Traceback (most recent call last):
    ...
    sensitivity.errors.ImageError: image corrupt: a GIF whose header is damaged
    """
    with _quiet_pillow():
        header = _claimed(data)
    if header is not None:
        return header

    begins_like = next((name for magic, name in _MAGIC if data.startswith(magic)), None)
    if begins_like == "WEBP" and data[8:12] != b"WEBP":  # sound and video are RIFF, too
        begins_like = None
    if begins_like is None:
        raise ImageError("unsupported", f"no known image format, begins with {data[:8]!r}")
    reason = f"a {begins_like} whose header is damaged"
    raise ImageError(*(damage(data, begins_like) or ("corrupt", reason)))


def _claimed(data: bytes) -> Image.Image | None:
    # Image.open would do, but for its own limit of pixels, which warns and raises.
    for register in (Image.preinit, Image.init):
        register()
        for name in [name for name in Image.ID if name not in _NO_PIXELS]:
            factory, accept = Image.OPEN[name]
            try:
                claim = accept(data[:16]) if accept is not None else False
                if claim and not isinstance(claim, str):
                    return factory(io.BytesIO(data), "")
            except Exception:  # noqa: S112 (no format left: the caller says so)
                continue
    return None


def load(image: Image.Image) -> Image.Image:
    """Decode by Pillow and turn upright.

    Raises
    ------
    ImageError
        ``truncated`` or ``corrupt``.
    """
    try:
        with _quiet_pillow():
            image.load()
            return ImageOps.exif_transpose(image)
    except Exception as error:
        raise ImageError(*_told(error)) from error


def orientation(header: Image.Image) -> int:
    """Return the EXIF orientation, 1 (upright) to 8; 1 where none is given."""
    with _quiet_pillow():
        return int(header.getexif().get(_ORIENTATION, 1))


def stores_16_bits(data: bytes, header: Image.Image) -> bool:
    """Return whether a channel holds 16-bit whole numbers (Pillow's mode tells for grey only)."""
    if header.format == "PNG":
        return data[24] == 16
    if header.format == "TIFF" and header.mode not in ("F", "I"):
        return max(_tags(header).get(_BITS_PER_SAMPLE, (1,))) == 16
    return header.mode.startswith("I;16")


def damage(data: bytes, kind: str | None, header: Image.Image | None = None) -> Damage | None:
    """Look for what the structure alone shows, before any decoder sees the file.

    Parameters
    ----------
    data : bytes
        A whole file.
    kind : str or None
        Its format as Pillow names it.
    header : PIL.Image.Image, optional
        Its header, where that could be read.

    Returns
    -------
    (str, str) or None
        Status and reason; None where nothing is wrong or the format is another one.

    Examples
    --------
    >>> damage(bytes.fromhex("ffd8ffe0"), "JPEG")
    ('truncated', 'a JPEG without its end marker')
    """
    match kind:
        case "PNG":
            return _png_damage(data)
        case "JPEG" | "MPO" if data.rfind(_JPEG_END) < 0:
            return "truncated", "a JPEG without its end marker"
        case "WEBP" if len(data) < 8 + int.from_bytes(data[4:8], "little"):
            return "truncated", f"a WebP cut off after {len(data):,} bytes"
        case "TIFF" if len(data) < _tiff_length(data, header):
            return "truncated", f"a TIFF cut off after {len(data):,} bytes"
    return None


def _png_damage(data: bytes) -> Damage | None:
    """Walk the chunks: a missing end, or a wrong checksum in one that the pixels depend on."""
    at, view = 8, memoryview(data)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        if end + 4 > len(data):
            break
        (checksum,) = struct.unpack_from(">I", data, end)
        is_critical = kind[:1].isupper()
        if is_critical and zlib.crc32(view[at + 4 : end]) != checksum:
            return "corrupt", f"a PNG with a wrong checksum at byte {end:,}"
        if kind == b"IEND":
            return None
        at = end + 4
    return "truncated", f"a PNG cut off after {len(data):,} bytes"


def _tiff_length(data: bytes, header: Image.Image | None) -> int:
    """Return the bytes that the file must have for its pixels, or at least its directory."""
    if header is None:
        return int.from_bytes(data[4:8], "little" if data[:1] == b"I" else "big")

    tags = _tags(header)
    ends = [0]
    for offsets, counts in _TIFF_PARTS:
        ends += [a + n for a, n in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False)]
    return max(ends)


def _tags(header: Image.Image) -> dict[int, tuple[int, ...]]:
    tags: dict[int, tuple[int, ...]] = getattr(header, "tag_v2", {})
    return tags


def refusal(data: bytes, header: Image.Image) -> Damage:
    """Return why OpenCV may have refused a file whose structure looks whole.

    Returns
    -------
    (str, str)
        Status (``truncated`` or ``corrupt``) and reason.
    """
    is_jpeg = header.format in ("JPEG", "MPO")
    if is_jpeg and not data.rstrip(b"\0").endswith(_JPEG_END):
        # The end marker that damage() found is that of a thumbnail in the header.
        return "truncated", "a JPEG whose data stop early"
    try:
        with _quiet_pillow():
            header.load()
    except Exception as error:
        return _told(error)
    return "corrupt", f"a {header.format} that its decoder refuses"


def _told(error: Exception) -> Damage:
    text = " ".join(str(error).split()) or type(error).__name__
    is_cut = any(word in text for word in ("truncated", "Truncated", "not processed"))
    return ("truncated" if is_cut else "corrupt"), text
