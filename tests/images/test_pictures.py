"""Arrays to pictures, and the views of a picture."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from sensitivity.errors import ImageError
from sensitivity.images import Picture, decode, from_array

ROWS, COLUMNS = np.mgrid[0:48, 0:64]
COLOUR = np.stack([ROWS * 4, COLUMNS * 3, 200 - ROWS - COLUMNS], axis=2).astype(np.uint8)
GREY = COLOUR[..., 0] // 2 + COLOUR[..., 1] // 2
ALPHA = (COLUMNS * 4).astype(np.uint8)
NOISY = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)


def rgb(picture: Picture) -> Any:
    return picture.bgr[..., ::-1]


def on_black(colour: Any, alpha: Any) -> Any:
    return np.rint(colour * (alpha[..., None] / 255)).astype(np.uint8)


def test_from_array_takes_what_models_are_fed() -> None:
    expected = COLOUR[..., ::-1]
    for array in (COLOUR, COLOUR.astype(np.uint16) * 257, COLOUR / 255, COLOUR.tolist()):
        shown = from_array(np.asarray(array, np.uint8) if isinstance(array, list) else array)
        assert np.array_equal(shown.bgr, expected)
        assert shown.n_bytes is None
    assert np.array_equal(from_array(GREY[..., None]).luma, GREY)
    assert np.array_equal(from_array(GREY > 99).luma, (GREY > 99) * 255)
    twelve = np.rint(GREY / 255 * 4095).astype(np.uint16)
    assert np.array_equal(from_array(twelve, bit_depth=12).luma, GREY)
    rgba = np.dstack([COLOUR, ALPHA])
    assert np.array_equal(rgb(from_array(rgba)), on_black(COLOUR, ALPHA))


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "CMYK", "1", "LA", "I;16"])
def test_from_array_takes_pillow_images(mode: str) -> None:
    image = Image.fromarray(GREY if mode in ("1", "I;16") else COLOUR)
    image = Image.fromarray(GREY.astype(np.uint16)) if mode == "I;16" else image.convert(mode)
    expected = image if mode == "I;16" else image.convert("RGB")
    shown = from_array(image)
    assert (shown.width, shown.height) == (64, 48)
    if mode != "I;16":
        assert np.array_equal(rgb(shown), np.array(expected))


@pytest.mark.parametrize(
    ("array", "status"),
    [
        (np.zeros((3, 8, 8), np.uint8), "unsupported"),
        (np.zeros(8, np.uint8), "unsupported"),
        (np.zeros((8, 8, 2), np.uint8), "unsupported"),
        (np.zeros((8, 8), np.int64), "unsupported"),
        (np.full((8, 8), 255.0), "unsupported"),
        (np.full((8, 8), -0.1), "unsupported"),
        (np.full((8, 8), np.nan), "corrupt"),
        (np.zeros((0, 8), np.uint8), "empty"),
    ],
)
def test_from_array_refuses(array: Any, status: str) -> None:
    with pytest.raises(ImageError) as caught:
        from_array(array)
    assert caught.value.status == status


def test_from_array_leaves_the_callers_array_alone() -> None:
    array, before = NOISY.copy(), NOISY.copy()
    picture = from_array(array, size=20)
    _ = picture.bgr, picture.luma, picture.hsv, picture.histogram
    assert np.array_equal(array, before)


@pytest.mark.parametrize("array", [NOISY, np.ascontiguousarray(NOISY[..., 0])], ids=["rgb", "grey"])
def test_no_feature_can_change_what_the_next_one_sees(array: Any) -> None:
    picture = from_array(array)
    for view in (picture.bgr, picture.luma, picture.hsv, picture.laplacian):
        with pytest.raises(ValueError, match="read-only"):
            view[:] = 0


def test_from_array_takes_tensors_that_have_a_gradient() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.full((4, 6, 3), 0.5, requires_grad=True)
    assert from_array(tensor).luma.tolist() == [[128] * 6] * 4


# Views


def test_views_are_opencvs() -> None:
    picture, bgr = from_array(NOISY), np.ascontiguousarray(NOISY[..., ::-1])
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    assert np.array_equal(picture.luma, grey)
    assert np.array_equal(picture.hsv, cv2.cvtColor(bgr, cv2.COLOR_BGR2HSV))
    assert np.array_equal(picture.laplacian, cv2.Laplacian(grey, cv2.CV_64F))
    assert np.array_equal(picture.histogram, np.bincount(grey.ravel(), minlength=256))
    assert picture.luma is picture.luma


def test_histogram_counts_beyond_float32() -> None:
    n = 4097 * 4097  # odd, and above 2^24
    picture = from_array(np.full((4097, 4097), 7, np.uint8))
    assert picture.histogram[7] == n
    assert picture.histogram.sum() == n


def test_threads_agree(encoded: Any) -> None:
    files = [encoded(NOISY, kind) for kind in ("PNG", "JPEG", "WEBP", "TIFF")] * 20
    files += [encoded(np.dstack([COLOUR, ALPHA]), "PNG")] * 20
    alone = [decode(data).bgr for data in files]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda data: decode(data).bgr, files))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))
