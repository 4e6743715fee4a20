"""Doses of blur, brightness and noise show in plain measurements of the pixels."""

import cv2
import numpy as np
import pytest
from PIL import Image

from sensitivity.errors import InputError, OptionError
from sensitivity.synthetic import degrade, photograph, write_images

SIZES = [48, 128, (200, 320)]


def luma(image):
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(float)


def detail(image):
    return cv2.Laplacian(luma(image), cv2.CV_64F).var()


def grain(image):
    """Standard deviation of what a 3×3 median takes away."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return (grey.astype(float) - cv2.medianBlur(grey, 3)).std()


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    ("dose", "levels", "measured", "sign"),
    [
        ("blur", (0, 0.5, 1, 2, 4), detail, -1),
        ("brightness", (0.2, 0.5, 0.8, 1, 1.5, 2.5), lambda image: luma(image).mean(), 1),
        ("noise", (0, 4, 8, 16, 32), grain, 1),
    ],
    ids=["blur", "brightness", "noise"],
)
def test_a_higher_dose_shows(size, dose, levels, measured, sign):
    for kind in range(6):
        image = photograph(size, kind=kind, rng=kind)
        values = [measured(degrade(image, **{dose: level})) for level in levels]
        assert (sign * np.diff(values) > 0).all(), values


def test_doses_are_in_the_units_that_they_claim():
    grey = np.full((200, 200, 3), 120, np.uint8)
    assert luma(degrade(grey, noise=10)).std() == pytest.approx(10, abs=0.2)
    assert degrade(grey, brightness=1.5).mean() == 180
    assert degrade(grey, brightness=3).max() == 255

    point = np.zeros((61, 61), np.uint8)
    point[30, 30] = 255
    spread = degrade(np.clip(point * 1.0, 0, 255).astype(np.uint8), blur=1.0).astype(float)
    weights = spread.sum(axis=0) / spread.sum()
    sigma = np.sqrt((weights * (np.arange(61) - 30) ** 2).sum())
    assert sigma == pytest.approx(1.0, abs=0.1)


def test_no_dose_changes_nothing_and_the_input_is_never_changed():
    image = photograph()
    before = image.copy()

    same = degrade(image)
    assert (same == image).all()
    assert same is not image
    degrade(image, blur=2, brightness=0.5, noise=9)
    assert (image == before).all()
    assert degrade(image[..., 0], blur=1, noise=3).shape == (128, 128)


def test_a_photograph_has_the_spectrum_of_one_and_room_above_and_below():
    images = [photograph(128, kind=i % 5, rng=i) for i in range(30)]
    power = np.mean([np.abs(np.fft.fft2(luma(image))) ** 2 for image in images], axis=0)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(128), np.fft.fftfreq(128)))
    used = (frequency > 0.02) & (frequency < 0.4)
    slope = np.polyfit(np.log(frequency[used]), np.log(power[used]), 1)[0]

    assert -2.6 < slope < -1.4
    assert 95 < np.mean(images) < 140
    assert np.mean([(image < 5).mean() + (image > 250).mean() for image in images]) < 0.01


def test_seeds_and_classes():
    assert (photograph(kind=2, rng=0) == photograph(kind=2, rng=0)).all()
    assert (photograph(kind=2, rng=0) != photograph(kind=2, rng=1)).mean() > 0.9
    difference = (photograph(kind=0, rng=4) != photograph(kind=1, rng=4)).any(axis=2)
    assert 0 < difference.mean() < 0.6  # the same scene, with other shapes
    noisy = [degrade(photograph(), noise=5, rng=seed) for seed in (0, 0, 1)]
    assert (noisy[0] == noisy[1]).all()
    assert (noisy[0] != noisy[2]).any()


@pytest.mark.parametrize("size", [1, 2, (1, 7)], ids=str)
def test_tiny_images(size):
    image = photograph(size, kind=3)
    shape = (size, size) if isinstance(size, int) else size
    assert degrade(image, blur=2, noise=3).shape == (*shape, 3)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_written_images_hold_the_doses_of_the_table(tmp_path, suffix):
    table = write_images(tmp_path, 120, n_classes=3, size=64, suffix=suffix, rng=5)

    assert list(table.columns) == ["name", "class", "blur", "brightness", "noise"]
    assert len(list(tmp_path.rglob(f"*{suffix}"))) == 120
    assert set(table["class"]) == {0, 1, 2}
    folders = table["name"].map(lambda name: int(name.split("/")[-2]))
    assert (folders == table["class"]).all()
    images = [np.asarray(Image.open(name)) for name in table["name"]]
    assert {image.shape for image in images} == {(64, 64, 3)}

    table["mean"] = [image.mean() for image in images]
    table["detail"] = [detail(cv2.GaussianBlur(image, (0, 0), 1.0)) for image in images]
    rank = table[["blur", "brightness", "noise", "mean", "detail", "class"]].corr("spearman")
    assert rank.loc["brightness", "mean"] > 0.9
    assert rank.loc["blur", "detail"] < -0.6
    assert abs(rank.loc["class", ["blur", "brightness", "noise"]]).max() < 0.25
    assert table["blur"].between(0, 3).all()
    assert table["brightness"].between(0.4, 1.2).all()


def test_colours_are_written_in_their_order(tmp_path):
    name = write_images(tmp_path, 1, size=32, blur=0.0, brightness=1.0, noise=0.0)["name"][0]
    written = np.asarray(Image.open(name)).astype(int)
    again = write_images(tmp_path / "again", 1, size=32, blur=0.0, brightness=1.0, noise=0.0)
    assert (np.asarray(Image.open(again["name"][0])) == written).all()

    random = np.random.default_rng(0)
    kind = int(random.integers(2, size=1)[0])
    random.uniform(size=3)  # the doses
    assert (written == photograph(32, kind=kind, rng=random)).all()


def test_no_images(tmp_path):
    table = write_images(tmp_path / "new", 0)
    assert len(table) == 0
    assert list(table.columns) == ["name", "class", "blur", "brightness", "noise"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: photograph(0), "size: expected a number ≥ 1, got 0"),
        (lambda: photograph(kind=-1), "kind: expected a number ≥ 0, got -1"),
        (lambda: photograph(kind=0.5), "kind: expected a whole number, got 0.5"),
        (lambda: degrade(photograph(8), blur=-1), "blur: expected a number ≥ 0, got -1"),
        (lambda: degrade(photograph(8), noise=np.nan), "noise: expected a number ≥ 0, got nan"),
        (
            lambda: degrade(np.zeros((4, 4, 4), np.uint8)),
            "image: expected uint8, H×W or H×W×3, got uint8 of shape (4, 4, 4)",
        ),
        (lambda: degrade(np.zeros((4, 4))), "image: expected uint8, H×W or H×W×3, got float64"),
        (lambda: write_images("x", 1, suffix=".gif"), "suffix: expected one of .png, .jpg"),
        (lambda: write_images("x", 1, blur=(3, 1)), "blur: expected a number ≥ 3, got 1"),
        (lambda: write_images("x", -1), "n: expected a number ≥ 0, got -1"),
    ],
)
def test_messages(tmp_path, monkeypatch, call, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((OptionError, InputError)) as caught:
        call()
    assert message in str(caught.value)
    assert not list(tmp_path.iterdir())
