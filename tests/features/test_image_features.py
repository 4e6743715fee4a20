"""The features of an image against independent implementations, and at the edges."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
import pytest
from scipy import ndimage
from skimage import data
from skimage.measure import blur_effect as skimage_blur_effect
from skimage.measure import shannon_entropy

from sensitivity.features import FEATURES, measure, strips
from sensitivity.images import Picture, from_array

RNG = np.random.default_rng(0)
IMAGES = {
    "astronaut": data.astronaut(),
    "coffee": data.coffee(),
    "camera": data.camera(),
    "noise": RNG.integers(0, 256, (61, 83, 3), dtype=np.uint8),
    "low contrast": RNG.integers(120, 123, (40, 30), dtype=np.uint8),
    "checkerboard": np.indices((33, 47)).sum(axis=0).astype(np.uint8) % 2 * 255,
    "small": RNG.integers(0, 256, (4, 5), dtype=np.uint8),
}


@pytest.fixture(params=IMAGES)
def image(request: pytest.FixtureRequest) -> Any:
    return IMAGES[request.param]


def value(name: str, image: Any) -> float:
    picture = image if isinstance(image, Picture) else from_array(image)
    return next(feature for feature in FEATURES if feature.name == name).function(picture)


def luma_of(image: Any) -> Any:
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def channels(image: Any) -> Any:
    rgb = image if image.ndim == 3 else np.stack([image] * 3, axis=2)
    return rgb.astype(np.float64).transpose(2, 0, 1)


# Independent implementations


def test_sharpness_is_opencvs(image: Any) -> None:
    expected = cv2.Laplacian(luma_of(image), cv2.CV_64F).var()
    assert value("sharpness", image) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (2, 9), (3, 1)])
def test_sharpness_is_opencvs_for_narrow_images(shape: tuple[int, int]) -> None:
    image = RNG.integers(0, 256, shape, dtype=np.uint8)
    expected = cv2.Laplacian(image, cv2.CV_64F).var()
    assert value("sharpness", image) == pytest.approx(expected, rel=1e-9)


def test_blur_effect_is_scikit_images(image: Any) -> None:
    assert value("blur_effect", image) == pytest.approx(
        skimage_blur_effect(luma_of(image)), abs=1e-9
    )


@pytest.mark.parametrize("shape", [(4, 4), (4, 40), (5, 7), (11, 4), (12, 13)])
def test_blur_effect_is_scikit_images_for_narrow_images(shape: tuple[int, int]) -> None:
    image = RNG.integers(0, 256, shape, dtype=np.uint8)
    assert value("blur_effect", image) == pytest.approx(skimage_blur_effect(image), abs=1e-9)


def test_noise_is_the_papers(image: Any) -> None:
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]])
    filtered = ndimage.convolve(luma_of(image).astype(np.float64), mask)[1:-1, 1:-1]
    expected = math.sqrt(math.pi / 2) / 6 * np.abs(filtered).mean()
    assert value("noise", image) == pytest.approx(expected, rel=1e-12)


def test_entropy_is_scikit_images(image: Any) -> None:
    assert value("entropy", image) == pytest.approx(shannon_entropy(luma_of(image)), abs=1e-9)


def test_colorfulness_is_the_papers(image: Any) -> None:
    red, green, blue = channels(image)
    rg, yb = red - green, (red + green) / 2 - blue
    expected = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    assert value("colorfulness", image) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_saturation_is_the_definition_and_close_to_opencvs(image: Any) -> None:
    rgb = channels(image)
    high, low = rgb.max(axis=0), rgb.min(axis=0)
    levels = np.floor(255 * (high - low) / np.where(high, high, 1) + 0.5)
    assert value("saturation", image) == pytest.approx(levels.mean() / 255, rel=1e-12)
    assert value("saturation", image) == pytest.approx(
        from_array(image).hsv[..., 1].mean() / 255, abs=1e-4
    )


def test_saturation_of_every_pair_of_levels() -> None:
    high, spread = np.mgrid[0:256, 0:256]
    high, spread = high[spread <= high], spread[spread <= high]
    low = high - spread
    pairs = np.stack([low, high, low], axis=1).astype(np.uint8)[None]
    top = np.maximum(high, 1)
    levels = (2 * 255 * spread + top) // (2 * top)  # whole numbers: halves upwards
    assert value("saturation", pairs) == pytest.approx(levels.mean() / 255, rel=1e-12)
    difference = levels - from_array(pairs).hsv[0, :, 1]
    assert np.abs(difference).max() == 1
    assert np.count_nonzero(difference) == 207


def test_light_is_numpys(image: Any) -> None:
    luma = luma_of(image).astype(np.float64)
    assert value("brightness", image) == pytest.approx(luma.mean() / 255, rel=1e-12)
    assert value("contrast", image) == pytest.approx(luma.std() / 255, rel=1e-9)
    assert value("underexposed", image) == np.mean(luma <= 5)
    assert value("overexposed", image) == np.mean(luma >= 250)
    low, high = np.percentile(luma, [5, 95], method="inverted_cdf")
    assert value("dynamic_range", image) == (high - low) / 255


@pytest.mark.parametrize("n", [1, 2, 19, 20, 21, 39, 40, 41, 100, 255])
def test_percentiles_at_every_kind_of_count(n: int) -> None:
    row = np.arange(n, dtype=np.uint8)[None]
    low, high = np.percentile(row, [5, 95], method="inverted_cdf")
    assert value("dynamic_range", row) * 255 == pytest.approx(high - low)


def test_warmth_is_numpys(image: Any) -> None:
    red, _, blue = channels(image)
    assert value("warmth", image) == pytest.approx((red - blue).mean() / 255, abs=1e-12)


def test_edge_density_is_numpys(image: Any) -> None:
    luma = luma_of(image).astype(np.float64)
    gx, gy = (ndimage.sobel(luma, axis=axis, mode="mirror") for axis in (1, 0))
    assert value("edge_density", image) == np.mean(np.hypot(gx, gy) > 100)


def test_blockiness_is_the_definition(image: Any) -> None:
    luma = luma_of(image).astype(np.float64)
    on_grid, elsewhere = [], []
    for steps in (np.abs(np.diff(luma, axis=1)), np.abs(np.diff(luma, axis=0)).T):
        is_line = np.arange(steps.shape[1]) % 8 == 7
        on_grid.append(steps[:, is_line].ravel())
        elsewhere.append(steps[:, ~is_line].ravel())
    if min(luma.shape) < 9:
        return
    expected = np.concatenate(on_grid).mean() / np.concatenate(elsewhere).mean()
    assert value("blockiness", image) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 3.0])
def test_spectral_slope_finds_a_planted_slope(exponent: float) -> None:
    fy, fx = np.fft.fftfreq(256), np.fft.rfftfreq(256)
    frequency = np.hypot(fy[:, None], fx)
    frequency[0, 0] = 1
    phases = np.fft.rfft2(RNG.normal(size=(256, 256)))
    field = np.fft.irfft2(phases / frequency ** (exponent / 2))
    image = np.clip(np.rint(128 + 40 * field / field.std()), 0, 255).astype(np.uint8)
    assert value("spectral_slope", image) == pytest.approx(-exponent, abs=0.25)


def test_shape_is_native() -> None:
    picture = from_array(IMAGES["coffee"], size=50)
    assert value("resolution", picture) == 400 * 600
    assert value("aspect_ratio", picture) == 400 / 600
    assert value("bits_per_pixel", Picture(picture.luma, width=40, height=20, n_bytes=300)) == 3
    assert math.isnan(value("bits_per_pixel", picture))


# Laws


def test_values_stay_within_their_bounds(image: Any) -> None:
    for feature in FEATURES:
        measured = feature.function(from_array(image))
        assert isinstance(measured, float)
        if math.isnan(measured):
            continue
        assert feature.low is None or measured >= feature.low
        assert feature.high is None or measured <= feature.high


def test_a_half_turn_changes_no_value(image: Any) -> None:
    turned = np.ascontiguousarray(image[::-1, ::-1])
    before, after = (measure(from_array(pixels), FEATURES) for pixels in (image, turned))
    # those that depend on where the image begins
    for name in ("blockiness", "blur_effect", "spectral_slope"):
        del before[name], after[name]
    assert before == pytest.approx(after, rel=1e-12, nan_ok=True)


def test_grey_is_measured_like_the_same_grey_in_colour() -> None:
    grey = IMAGES["camera"]
    colour = np.stack([grey] * 3, axis=2)
    expected = measure(from_array(colour), FEATURES)
    assert measure(from_array(grey), FEATURES) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("pixels", [1, 2000, 30_000])
def test_strips_change_no_value(pixels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [measure(from_array(image), FEATURES) for image in IMAGES.values()]
    monkeypatch.setattr(strips, "_STRIP_PIXELS", pixels)
    monkeypatch.setattr(strips, "_FEWEST_ROWS", 1)
    cut = [measure(from_array(image), FEATURES) for image in IMAGES.values()]
    assert str(cut) == str(whole)  # to the last bit, NaN included


def test_buffers_larger_than_what_is_kept_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strips, "_KEPT_BYTES", 10)
    first, again = (strips.buffer("a test's own", (4,), np.uint16) for _ in range(2))
    assert np.shares_memory(first, again)
    first, again = (strips.buffer("a test's own", (6,), np.uint16) for _ in range(2))
    assert not np.shares_memory(first, again)


def test_threads_agree() -> None:
    work = [image for image in IMAGES.values() for _ in range(8)]
    alone = [measure(from_array(image), FEATURES) for image in work]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda image: measure(from_array(image), FEATURES), work))
    assert str(together) == str(alone)


# Edges

CONSTANT = {
    "sharpness": 0.0,
    "blur_effect": 1.0,
    "brightness": 0.8,
    "contrast": 0.0,
    "dynamic_range": 0.0,
    "saturation": 0.0,
    "colorfulness": 0.0,
    "warmth": 0.0,
    "noise": 0.0,
    "entropy": 0.0,
    "edge_density": 0.0,
    "underexposed": 0.0,
    "overexposed": 0.0,
    "blockiness": 1.0,
    "spectral_slope": math.nan,
    "resolution": 1200.0,
    "aspect_ratio": 0.75,
    "bits_per_pixel": math.nan,
}


def test_constant_image() -> None:
    picture = from_array(np.full((30, 40, 3), 204, np.uint8))
    assert measure(picture, FEATURES) == pytest.approx(CONSTANT, nan_ok=True)


def test_one_pixel() -> None:
    expected = CONSTANT | {"resolution": 1.0, "aspect_ratio": 1.0}
    expected |= dict.fromkeys(("blur_effect", "noise", "blockiness"), math.nan)
    picture = from_array(np.full((1, 1), 204, np.uint8))
    assert measure(picture, FEATURES) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("shape", [(1, 50), (50, 1), (2, 2), (3, 3), (8, 8), (1, 300_000)])
def test_odd_shapes_are_measured(shape: tuple[int, int]) -> None:
    measured = measure(from_array(RNG.integers(0, 256, shape, dtype=np.uint8)), FEATURES)
    undefined = {name for name, number in measured.items() if math.isnan(number)}
    may_be = {"blur_effect", "noise", "blockiness", "spectral_slope", "bits_per_pixel"}
    assert undefined <= may_be
    assert ("noise" in undefined) == (min(shape) < 3)
    assert ("blur_effect" in undefined) == (min(shape) < 4)


def test_stripes_count_as_blurred_along_themselves() -> None:
    stripes = np.tile(np.array([0, 200], np.uint8), (30, 15))
    assert value("blur_effect", stripes) == pytest.approx(skimage_blur_effect(stripes))
    assert value("blur_effect", stripes) == 1.0
