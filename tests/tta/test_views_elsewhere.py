"""Operations beside SciPy's, OpenCV's and PyTorch's own, and beside the published recipe."""

from importlib import import_module

import cv2
import numpy as np
import pytest
from scipy import ndimage

from sensitivity.catalogue import ViewSpec
from sensitivity.synthetic import photograph

torch = pytest.importorskip("torch")
views = import_module("sensitivity.tta.views")
apply, blur = views.apply, views.blur

torch.set_num_threads(1)

OPS = {operation.__name__: operation for operation in views.OPERATIONS}
SIDE = 40


def photographs(n: int = 3, size: int | tuple[int, int] = SIDE) -> torch.Tensor:
    pixels = np.stack([photograph(size, kind=i % 4, rng=i) for i in range(n)])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).double() / 255


def as_opencv(images: torch.Tensor) -> list[np.ndarray]:
    return [image.permute(1, 2, 0).numpy().copy() for image in images]


@pytest.mark.parametrize("sigma", [0.4, 0.7, 1.5, 4.0])
@pytest.mark.parametrize("size", [SIDE, 9, 3])
def test_gaussian_blur_is_scipys(sigma: float, size: int) -> None:
    images = photographs(size=size)
    ours = OPS["gaussian_blur"](images, sigma).numpy()
    theirs = ndimage.gaussian_filter(
        images.numpy(), sigma, mode="mirror", truncate=3.0, axes=(2, 3)
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("size", [3, 5, (1, 3), (7, 1), (3, 9)])
def test_blur_is_opencvs_on_each_image(size: int | tuple[int, int]) -> None:
    images = photographs()
    height, width = (size, size) if isinstance(size, int) else size
    theirs = [cv2.blur(image, (width, height)) for image in as_opencv(images)]
    np.testing.assert_allclose(blur(images, size).permute(0, 2, 3, 1), np.stack(theirs), atol=1e-12)


def test_box_blur_of_an_odd_side_is_blur() -> None:
    images = photographs()
    for side in (3, 5, 9):
        assert torch.allclose(OPS["box_blur"](images, float(side)), blur(images, side))
    point = torch.zeros(1, 1, 9, 9)
    point[..., 4, 4] = 1
    between = OPS["box_blur"](point, 4.0)[0, 0]
    assert between.sum() == pytest.approx(1), "a side in between keeps the mean, too"
    assert (between > 0).sum() == 25


def test_blur_commutes_with_the_normalisation() -> None:
    images = photographs()
    assert torch.allclose(blur(images * 4 - 2, 3), blur(images, 3) * 4 - 2)


def test_unsharp_is_the_formula() -> None:
    images = photographs()
    soft = ndimage.gaussian_filter(images.numpy(), 1.0, mode="mirror", truncate=3.0, axes=(2, 3))
    expected = images.numpy() + 1.5 * (images.numpy() - soft)
    np.testing.assert_allclose(OPS["unsharp"](images, 1.5).numpy(), expected, atol=1e-12)


def test_bilateral_is_the_formula() -> None:
    images = photographs(1, 12)
    padded = np.pad(images[0].numpy(), ((0, 0), (2, 2), (2, 2)), mode="reflect")
    total, weights = np.zeros((3, 12, 12)), np.zeros((12, 12))
    for down in range(5):
        for right in range(5):
            there = padded[:, down : down + 12, right : right + 12]
            distance = ((there - images[0].numpy()) ** 2).mean(axis=0)
            weight = np.exp(-distance / (2 * 0.1**2))
            weight *= np.exp(-((down - 2) ** 2 + (right - 2) ** 2) / (2 * 1.5**2))
            total, weights = total + weight * there, weights + weight
    np.testing.assert_allclose(
        OPS["bilateral"](images, 0.1)[0].numpy(), total / weights, atol=1e-12
    )


@pytest.mark.parametrize("dose", [0.01, 0.1, [0.02, 0.3]])
def test_bilateral_is_the_same_with_and_without_gradients(dose: float | list[float]) -> None:
    images = photographs(2, 12).float()
    doses = torch.tensor(dose) if isinstance(dose, list) else dose
    moved = OPS["bilateral"](images, doses)
    with torch.inference_mode():
        assert torch.equal(OPS["bilateral"](images, doses), moved)


def test_tones_are_the_formulas() -> None:
    images = photographs()
    values = images.numpy()
    luma = np.einsum("nchw,c->nhw", values, [0.299, 0.587, 0.114])[:, None]
    mean = luma.mean(axis=(1, 2, 3), keepdims=True)
    expected = {
        ("gamma", 2.5): values**2.5,
        ("gamma", 0.4): values**0.4,
        ("contrast", 1.5): mean + 1.5 * (values - mean),
        ("saturation", 0.0): np.repeat(luma, 3, axis=1),
        ("saturation", 1.5): luma + 1.5 * (values - luma),
        ("warmth", 0.1): values * np.array([1.1, 1.0, 0.9]).reshape(3, 1, 1),
    }
    for (op, dose), wanted in expected.items():
        np.testing.assert_allclose(OPS[op](images, dose).numpy(), wanted, atol=1e-12, err_msg=op)


def test_jpeg_is_opencvs() -> None:
    images = photographs()
    ours = (OPS["jpeg"](images, 70.0) * 255).round().byte().permute(0, 2, 3, 1).numpy()
    for image, got in zip(as_opencv(images), ours, strict=True):
        levels = np.ascontiguousarray((image * 255).round().astype(np.uint8)[..., ::-1])
        data = cv2.imencode(".jpg", levels, [int(cv2.IMWRITE_JPEG_QUALITY), 30])[1]
        assert np.array_equal(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1], got)


def test_zoom_by_two_is_an_enlarged_crop() -> None:
    images = photographs()
    crop = images[..., SIDE // 4 : -SIDE // 4, SIDE // 4 : -SIDE // 4]
    large = torch.nn.functional.interpolate(crop, size=SIDE, mode="bilinear", align_corners=False)
    ours = OPS["zoom"](images, 2.0)
    # Beyond the crop's border PyTorch repeats it; there is more image to look at.
    assert torch.allclose(ours[..., 1:-1, 1:-1], large[..., 1:-1, 1:-1])


@pytest.mark.parametrize("factor", [1.1, 1.25, 1.7])
def test_zoom_keeps_the_centre(factor: float) -> None:
    images = photographs()
    flipped = torch.flip(OPS["zoom"](torch.flip(images, (2, 3)), factor), (2, 3))
    assert torch.allclose(flipped, OPS["zoom"](images, factor))


def test_down_up_takes_the_fine_stripes_and_leaves_the_coarse() -> None:
    place = torch.arange(64.0)
    fine, coarse = ((2 * torch.pi * place / n).sin().expand(1, 1, 64, 64) for n in (3, 32))
    assert OPS["down_up"](fine, 2.0).std() < 0.25 * fine.std()
    assert OPS["down_up"](coarse, 2.0).std() > 0.95 * coarse.std()


# The published recipe


def published(images: torch.Tensor) -> torch.Tensor:
    img = images.numpy()
    img[0] = cv2.blur(img[0], (3, 3))
    return torch.from_numpy(img.copy())


def test_the_published_blur_is_wrong_and_ours_is_right() -> None:
    images = photographs(2).float()
    images[0] = 0
    images[0, 2, 20, 20] = 1  # an impulse in blue
    before = images.clone()

    theirs = published(images)
    assert theirs[0, 1].abs().max() > 0, "it leaks into green: channels are taken for rows"
    assert torch.equal(theirs[0, :, :, 19], torch.zeros(3, SIDE)), "and columns are not blurred"
    assert torch.equal(theirs[1], before[1]), "only one image of the batch is blurred"
    assert not torch.equal(images, before), "and the original is overwritten"

    images = before.clone()
    ours = blur(images, 3)
    assert ours[0, :2].abs().max() == 0
    assert torch.allclose(ours[0, 2, 19:22, 19:22], torch.full((3, 3), 1 / 9))
    assert not torch.equal(ours[1], images[1])
    assert torch.equal(images, before)
    theirs_done_right = np.stack([cv2.blur(image, (3, 3)) for image in as_opencv(before)])
    np.testing.assert_allclose(ours.permute(0, 2, 3, 1), theirs_done_right, atol=1e-6)


def test_wide_images_break_the_published_blur_only() -> None:
    images = photographs(1, (8, 600)).float()
    with pytest.raises(cv2.error):
        published(images.clone())  # 600 columns taken for channels, of which OpenCV has 512
    assert blur(images, 3).shape == images.shape
    assert apply(images, ViewSpec("gaussian_blur", 1.5)).shape == images.shape
