"""Files to pictures: every format and depth that is promised."""

import io
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from sensitivity import stores
from sensitivity.errors import OptionError
from sensitivity.images import Picture, decode

RNG = np.random.default_rng(0)
# Smooth, so that lossy formats come close, and different in every corner.
ROWS, COLUMNS = np.mgrid[0:48, 0:64]
COLOUR = np.stack([ROWS * 4, COLUMNS * 3, 200 - ROWS - COLUMNS], axis=2).astype(np.uint8)
GREY = COLOUR[..., 0] // 2 + COLOUR[..., 1] // 2
ALPHA = (COLUMNS * 4).astype(np.uint8)
NOISY = RNG.integers(0, 256, (90, 120, 3), dtype=np.uint8)
LOSSLESS: dict[str, dict[str, Any]] = {"PNG": {}, "WEBP": {"lossless": True}, "TIFF": {}, "BMP": {}}
FORMATS = {**LOSSLESS, "JPEG": {"quality": 95}}


def cv2_encoded(pixels: Any, suffix: str) -> bytes:
    return bytes(cv2.imencode(suffix, pixels)[1])


def rgb(picture: Picture) -> Any:
    return picture.bgr[..., ::-1]


def on_black(colour: Any, alpha: Any) -> Any:
    return np.rint(colour * (alpha[..., None] / 255)).astype(np.uint8)


# Formats


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_colour(encoded: Any, kind: str) -> None:
    data = encoded(COLOUR, kind, **LOSSLESS[kind])
    picture = decode(data)
    assert np.array_equal(rgb(picture), COLOUR)
    assert (picture.width, picture.height, picture.n_bytes) == (64, 48, len(data))
    assert not picture.is_grey


@pytest.mark.parametrize("kind", FORMATS)
def test_grey_is_its_own_luma(encoded: Any, kind: str) -> None:
    picture = decode(encoded(GREY, kind, **FORMATS[kind]))
    assert np.abs(picture.luma.astype(int) - GREY).max() <= (2 if kind == "JPEG" else 0)
    assert all(np.array_equal(picture.bgr[..., i], picture.luma) for i in range(3))


def test_jpeg_is_what_opencv_decodes(encoded: Any) -> None:
    data = encoded(NOISY, "JPEG", progressive=True)
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(decode(data).bgr, expected)


def test_content_decides_not_the_suffix(encoded: Any, tmp_path: Any) -> None:
    (tmp_path / "a.png").write_bytes(encoded(COLOUR, "JPEG"))
    assert decode(stores.read_bytes("a.png")).width == 64


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "group4"})],
)
def test_one_bit(encoded: Any, kind: str, options: dict[str, Any]) -> None:
    bits = Image.fromarray(GREY).convert("1")
    picture = decode(encoded(bits, kind, **options))
    assert np.array_equal(picture.luma, np.array(bits.convert("L")))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_palette(encoded: Any, kind: str) -> None:
    image = Image.fromarray(COLOUR).quantize(50)
    assert np.array_equal(rgb(decode(encoded(image, kind))), np.array(image.convert("RGB")))


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk(encoded: Any, kind: str) -> None:
    image = Image.fromarray(COLOUR).convert("CMYK")
    data = encoded(image, kind, **({"quality": 95} if kind == "JPEG" else {}))
    expected = np.array(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    assert np.abs(rgb(decode(data)) - expected).max() <= 2
    assert np.abs(rgb(decode(data)).astype(int) - COLOUR).max() <= 12


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF", "PNG"])
def test_first_frame(encoded: Any, kind: str) -> None:
    frames = [Image.new("RGB", (12, 10), (level,) * 3) for level in (10, 100, 200)]
    options = {**FORMATS.get(kind, {}), "save_all": True, "append_images": frames[1:]}
    picture = decode(encoded(frames[0], kind, **options))
    assert (picture.bgr == 10).all()


# Depth


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("shape", [(30, 40), (30, 40, 3)])
def test_16_bits_are_scaled_and_rounded(suffix: str, shape: tuple[int, ...]) -> None:
    values = RNG.integers(0, 2**16, shape).astype(np.uint16)
    picture = decode(cv2_encoded(values, suffix))
    expected = np.rint(values / 257).astype(np.uint8)
    assert np.array_equal(picture.luma if values.ndim == 2 else picture.bgr, expected)
    assert picture.is_grey == (values.ndim == 2)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("depth", [10, 12, 15, 16])
def test_bit_depth(suffix: str, depth: int) -> None:
    top = 2**depth - 1
    values = np.linspace(0, top, 600).astype(np.uint16).reshape(20, 30)
    picture = decode(cv2_encoded(values, suffix), bit_depth=depth)
    assert np.array_equal(picture.luma, np.rint(values / top * 255))


def test_values_above_the_bit_depth_are_corrupt(status_of: Any) -> None:
    values = np.full((4, 4), 4096, np.uint16)
    assert status_of(cv2_encoded(values, ".png"), bit_depth=12) == "corrupt"


def test_bit_depth_leaves_8_bits_alone(encoded: Any) -> None:
    assert np.array_equal(decode(encoded(GREY, "PNG"), bit_depth=12).luma, GREY)


@pytest.mark.parametrize("depth", [0, 8, 17, -1])
def test_bit_depth_out_of_range(encoded: Any, depth: int) -> None:
    with pytest.raises(OptionError, match="9 to 16"):
        decode(encoded(GREY, "PNG"), bit_depth=depth)


def test_float_tiff(encoded: Any, status_of: Any) -> None:
    unit = (GREY / 255).astype(np.float32)
    assert np.array_equal(decode(encoded(unit, "TIFF")).luma, GREY)
    assert status_of(encoded(unit * 255, "TIFF")) == "unsupported"
    assert status_of(encoded(unit - 1, "TIFF")) == "unsupported"
    unit[3, 4] = np.nan
    assert status_of(encoded(unit, "TIFF")) == "corrupt"


def test_32_bit_integers_are_unsupported(encoded: Any, status_of: Any) -> None:
    assert status_of(encoded(GREY.astype(np.int32), "TIFF")) == "unsupported"


# Transparency


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_alpha_is_composited_on_black(encoded: Any, kind: str) -> None:
    exact = {"exact": True} if kind == "WEBP" else {}
    data = encoded(np.dstack([COLOUR, ALPHA]), kind, **LOSSLESS[kind], **exact)
    assert np.array_equal(rgb(decode(data)), on_black(COLOUR, ALPHA))


def test_hidden_colours_do_not_leak(encoded: Any) -> None:
    hidden = np.dstack([NOISY, np.zeros(NOISY.shape[:2], np.uint8)])
    assert not decode(encoded(hidden, "PNG")).bgr.any()


def test_opaque_alpha_changes_nothing(encoded: Any) -> None:
    opaque = np.dstack([COLOUR, np.full(GREY.shape, 255, np.uint8)])
    assert np.array_equal(rgb(decode(encoded(opaque, "PNG"))), COLOUR)


def test_grey_with_alpha_stays_grey(encoded: Any) -> None:
    picture = decode(encoded(Image.fromarray(np.dstack([GREY, ALPHA]), "LA"), "PNG"))
    assert picture.is_grey
    assert np.array_equal(picture.luma, on_black(GREY[..., None], ALPHA)[..., 0])


@pytest.mark.parametrize(
    ("kind", "transparency"), [("PNG", 3), ("GIF", 3), ("PNG", bytes(range(0, 250, 5)))]
)
def test_transparent_palette(encoded: Any, kind: str, transparency: int | bytes) -> None:
    image = Image.fromarray(COLOUR).quantize(50)
    data = encoded(image, kind, transparency=transparency)
    rgba = np.array(Image.open(io.BytesIO(data)).convert("RGBA"))
    assert rgba[..., 3].min() == 0
    assert np.array_equal(rgb(decode(data)), on_black(rgba[..., :3], rgba[..., 3]))


@pytest.mark.parametrize(("image", "key"), [(COLOUR, tuple(COLOUR[5, 6].tolist())), (GREY, 77)])
def test_transparent_colour(encoded: Any, image: Any, key: Any) -> None:
    picture = decode(encoded(image, "PNG", transparency=key))
    shown = picture.luma if image.ndim == 2 else rgb(picture)
    is_key = image == key if image.ndim == 2 else (image == key).all(axis=2)
    assert is_key.any()
    assert not shown[is_key].any()
    assert np.array_equal(shown[~is_key], image[~is_key])


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_16_bit_alpha(suffix: str) -> None:
    values = RNG.integers(0, 2**16, (20, 30, 4)).astype(np.uint16)
    picture = decode(cv2_encoded(values, suffix))
    expected = values[..., :3] / 65535 * values[..., 3:] / 65535 * 255
    assert np.abs(picture.bgr - expected).max() <= 1


# Orientation


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "PNG with alpha", "PNG 16"])
def test_exif_orientation(encoded: Any, kind: str, orientation: int) -> None:
    kind, _, variant = kind.partition(" ")
    image = Image.fromarray(COLOUR)
    if variant == "with alpha":
        image.putalpha(255)
    if variant == "16":
        image = Image.fromarray(GREY.astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode(encoded(image, kind, exif=exif, **FORMATS[kind]))

    flat = Image.fromarray(GREY if variant == "16" else COLOUR)
    flat.getexif()[0x0112] = orientation
    expected = np.array(ImageOps.exif_transpose(flat)).astype(int)
    assert (picture.height, picture.width) == expected.shape[:2]
    assert (picture.width, picture.height) == ((64, 48) if orientation < 5 else (48, 64))
    shown = picture.luma if variant == "16" else rgb(picture)
    assert np.abs(shown - expected).max() <= (6 if kind == "JPEG" else 0)


# Size


@pytest.mark.parametrize(
    ("size", "shape"),
    [(24, (24, 32)), (96, (96, 128)), ((10, 20), (20, 10)), ([64, 48], (48, 64)), (1, (1, 1))],
)
def test_size_resizes_and_keeps_the_native_one(
    encoded: Any, size: Any, shape: tuple[int, int]
) -> None:
    picture = decode(encoded(COLOUR, "PNG"), size=size)
    assert picture.bgr.shape[:2] == shape
    assert (picture.width, picture.height) == (64, 48)
    shrinks = shape[0] <= 48
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    assert np.array_equal(rgb(picture), cv2.resize(COLOUR, shape[::-1], interpolation=method))


@pytest.mark.parametrize("size", [0, -5, (3,) * 3, (0, 4), 2.5, "a"])
def test_size_out_of_range(encoded: Any, size: Any) -> None:
    with pytest.raises(OptionError, match="shorter side"):
        decode(encoded(COLOUR, "PNG"), size=size)
