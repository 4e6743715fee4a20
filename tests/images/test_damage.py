"""What is wrong with a file is a status and a reason, and never half a picture."""

import struct
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFile

from sensitivity.errors import ImageError
from sensitivity.images import STATUSES, decode

NOISY = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
SMALL = NOISY[:48, :64].copy()
FORMATS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "WEBP": {"lossless": True},
    "TIFF": {},
    "BMP": {},
    "JPEG": {"quality": 95},
}


@pytest.mark.parametrize("tolerant", [False, True], ids=["", "LOAD_TRUNCATED_IMAGES"])
@pytest.mark.parametrize("share", [0.001, 0.02, 0.3, 0.7, 0.95, 1])
@pytest.mark.parametrize("kind", [*FORMATS, "PNG with alpha", "TIFF with alpha", "TIFF lzw"])
def test_truncated(
    encoded: Any,
    status_of: Any,
    kind: str,
    share: float,
    tolerant: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", tolerant)
    kind, _, variant = kind.partition(" ")
    image = Image.fromarray(NOISY)
    if variant == "with alpha":
        image.putalpha(100)
    options = {"compression": "tiff_lzw"} if variant == "lzw" else FORMATS[kind]
    whole = encoded(image, kind, **options)
    cut = whole[: max(12, int(len(whole) * share) - 2)]
    expected = {"truncated"} if len(cut) > 60 else {"truncated", "corrupt", "unsupported"}
    if (kind == "BMP" and tolerant) or (variant == "lzw" and share == 1):
        expected.add("corrupt")  # nothing in the file says which
    assert status_of(cut) in expected


@pytest.mark.parametrize("tolerant", [False, True], ids=["", "LOAD_TRUNCATED_IMAGES"])
def test_truncated_jpeg_with_a_whole_thumbnail(
    encoded: Any, status_of: Any, tolerant: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", tolerant)
    thumbnail = encoded(SMALL, "JPEG")
    exif = b"Exif\0\0" + thumbnail
    data = encoded(NOISY, "JPEG", exif=exif)
    assert decode(data).width == 120
    for share in (0.5, 0.9, 0.99):
        assert status_of(data[: int(len(data) * share)]) == "truncated"


def test_truncated_and_filled_with_zeros(encoded: Any, status_of: Any) -> None:
    data = encoded(NOISY, "JPEG")
    half = len(data) // 2
    assert status_of(data[:half] + bytes(len(data) - half)) == "truncated"


@pytest.mark.parametrize("kind", FORMATS)
def test_bytes_after_the_end_do_no_harm(encoded: Any, kind: str) -> None:
    data = encoded(NOISY, kind, **FORMATS[kind])
    assert np.array_equal(decode(data + b"\0trailing" * 20).bgr, decode(data).bgr)


def test_png_with_a_wrong_checksum(
    encoded: Any, status_of: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(encoded(NOISY, "PNG"))
    data[len(data) // 2] ^= 1
    assert status_of(bytes(data)) == "corrupt"
    assert capfd.readouterr().err == ""  # found before the PNG library can complain


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
def test_flipped_bytes_end_in_a_picture_or_a_status(encoded: Any, kind: str) -> None:
    whole = encoded(Image.fromarray(NOISY), kind, **FORMATS.get(kind, {}))
    for seed in range(40):
        rng = np.random.default_rng(seed)
        data = bytearray(whole)
        for place in rng.integers(0, len(data) if seed % 2 else 60, 3):
            data[place] = rng.integers(256)
        try:
            decode(bytes(data), max_pixels=10**6)
        except ImageError as error:
            assert error.status in STATUSES[1:]  # noqa: PT017 (no error is fine, too)


def test_empty(status_of: Any) -> None:
    assert status_of(b"") == "empty"


@pytest.mark.parametrize(
    "data",
    [
        b"hello, no picture\n" * 9,
        b"<html>404</html>",
        bytes(500),
        b"\xff",
        b"BMW is a car",
        b"\n",
        b"%!PS-Adobe-3.0\n",
        b"RIFF\x24\0\0\0WAVEfmt ",
    ],
)
def test_no_picture(status_of: Any, data: bytes) -> None:
    assert status_of(data) == "unsupported"


@pytest.mark.parametrize("magic", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"II*\0\xff\xff\0\0"])
def test_nothing_after_the_magic(status_of: Any, magic: bytes) -> None:
    assert status_of(magic) == "truncated"


# Size


def bomb(width: int, height: int) -> bytes:
    """Build a PNG whose header promises what its data do not hold."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(9))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


@pytest.mark.parametrize("side", [10_001, 60_000, 2**31 - 1])
def test_bomb_is_refused_before_decoding(status_of: Any, side: int) -> None:
    assert status_of(bomb(side, side)) == "too_large"


def test_max_pixels_is_inclusive(encoded: Any, status_of: Any) -> None:
    data = encoded(SMALL, "PNG")
    assert decode(data, max_pixels=64 * 48).width == 64
    assert status_of(data, max_pixels=64 * 48 - 1) == "too_large"


def test_the_limit_is_ours_not_pillows(encoded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    rgba = np.dstack([SMALL, SMALL[..., 0]])
    for data in (encoded(SMALL, "PNG"), encoded(rgba, "PNG"), encoded(SMALL, "TIFF")):
        assert decode(data).width == 64


# Side effects


def test_silent_and_the_log_level_comes_back(
    encoded: Any, status_of: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    log: Any = getattr(cv2.utils, "logging", cv2)
    before = log.getLogLevel()
    for kind in ("TIFF", "BMP", "WEBP", "PNG"):
        data = encoded(NOISY, kind, **FORMATS[kind])
        for cut in (data[: len(data) // 2], data[:200]):
            status_of(cut)
    assert capfd.readouterr() == ("", "")
    assert log.getLogLevel() == before
