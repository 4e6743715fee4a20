"""The example on Fashion-MNIST: reading the package's files, degrading, the stored model."""

from __future__ import annotations

import gzip
import importlib.util
import struct
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "fashion"


def load(name: str) -> ModuleType:
    """A file of the example as a module, under a name that no other example has."""
    spec = importlib.util.spec_from_file_location(f"fashion_{name}", EXAMPLE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


data = load("data")
degrade = load("degrade")

installed = pytest.mark.skipif(
    not (data.FOLDER / "t10k-images-idx3-ubyte.gz").is_file(),
    reason="Debian's package dataset-fashion-mnist is not installed",
)


def clothes(n: int = 4) -> np.ndarray:
    """Grey discs on black, brighter from one to the next."""
    rows, columns = np.mgrid[:28, :28]
    disc = np.hypot(rows - 13.5, columns - 13.5) < 9
    return np.stack([disc * np.uint8(120 + 3 * i) for i in range(n)]).astype(np.uint8)


def write_idx(file: Path, values: np.ndarray) -> None:
    head = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    file.write_bytes(gzip.compress(head + values.tobytes()))


# Reading


def test_idx_comes_back_as_written(tmp_path):
    values = np.random.default_rng(0).integers(0, 256, (3, 4, 5)).astype(np.uint8)
    write_idx(tmp_path / "a.gz", values)
    np.testing.assert_array_equal(data.read_idx(tmp_path / "a.gz"), values)


def test_cut_off_idx_is_refused(tmp_path):
    values = np.zeros((3, 4), np.uint8)
    write_idx(tmp_path / "a.gz", values)
    whole = gzip.decompress((tmp_path / "a.gz").read_bytes())
    (tmp_path / "b.gz").write_bytes(gzip.compress(whole[:-1]))
    with pytest.raises(ValueError, match="expected 12 values, got 11"):
        data.read_idx(tmp_path / "b.gz")
    (tmp_path / "c.gz").write_bytes(gzip.compress(b"text"))
    with pytest.raises(ValueError, match="idx file"):
        data.read_idx(tmp_path / "c.gz")


def test_missing_package_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="apt-get install dataset-fashion-mnist"):
        data.load("test", tmp_path)


def test_unknown_part_is_refused():
    with pytest.raises(ValueError, match="expected one of train, test"):
        data.load("validation")


@installed
def test_package_holds_ten_classes_alike():
    images, classes = data.load("test")
    assert images.shape == (10_000, 28, 28)
    assert np.bincount(classes).tolist() == [1_000] * len(data.CLASSES)


# Degrading


def test_degrading_is_reproducible_and_leaves_its_input():
    images = clothes(40)
    before = images.copy()
    first, kinds, strengths = degrade.degraded(images)
    again, _, _ = degrade.degraded(images)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(images, before)
    assert set(kinds) == set(degrade.STRENGTHS)
    for kind, (low, high) in degrade.STRENGTHS.items():
        assert ((low <= strengths[kinds == kind]) & (strengths[kinds == kind] <= high)).all()
    assert (first != images).any((1, 2)).all()


def test_draw_of_an_image_does_not_depend_on_how_many_there_are():
    few, _, _ = degrade.degraded(clothes(3))
    many, _, _ = degrade.degraded(clothes(6))
    np.testing.assert_array_equal(few, many[:3])
    np.testing.assert_array_equal(degrade.moved(clothes(3)), degrade.moved(clothes(6))[:3])
    other, _, _ = degrade.degraded(clothes(3), seed=1)
    assert (other != few).any()


def test_each_kind_does_what_it_is_called_after():
    image = clothes(1)[0]
    random = np.random.default_rng(0)

    def spread(kind: str, strength: float) -> float:
        return float(degrade.spoil(image, kind, strength, random).std())

    assert degrade.spoil(image, "darkness", 0.5, random).max() == 60
    assert np.unique(degrade.spoil(image, "contrast", 0.2, random)).tolist() == [102, 126]
    assert spread("blur", 2.0) < spread("blur", 0.6) < image.std()
    assert spread("noise", 0.3) > spread("noise", 0.1)
    rough, fine = (degrade.spoil(image, "jpeg", q, random).astype(float) for q in (5, 90))
    assert np.abs(rough - image).mean() > np.abs(fine - image).mean()
    with pytest.raises(ValueError, match="expected one of noise"):
        degrade.spoil(image, "rain", 1.0, random)


def test_moved_image_is_the_same_picture_elsewhere():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 10:18, 10:18] = np.arange(1, 65).reshape(8, 8)
    for seed in range(20):
        moved = degrade.moved(image, seed)[0]
        rows, columns = np.nonzero(moved)
        top, left = rows.min(), columns.min()
        np.testing.assert_array_equal(moved[top : top + 8, left : left + 8], image[0, 10:18, 10:18])
        assert 3 <= np.hypot(top - 10, left - 10) <= 8


def test_no_images_give_none():
    images, kinds, strengths = degrade.degraded(np.empty((0, 28, 28), np.uint8))
    assert (images.shape, len(kinds), len(strengths)) == ((0, 28, 28), 0, 0)


# The stored model


@installed
def test_stored_model_is_small_and_as_good_as_said():
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    model = load("model")
    assert model.TRAINED_FILE.stat().st_size <= 400_000
    net = model.load()
    assert sum(p.numel() for p in net.parameters()) == 52_314
    images, classes = data.load("test")
    inputs = torch.stack([model.preprocess(image) for image in images[:1_000]])
    with torch.inference_mode():
        found = net(inputs).argmax(1).numpy()
    assert (found == classes[:1_000]).mean() >= 0.9


def test_preprocess_takes_grey_and_colour_alike():
    pytest.importorskip("torch")
    model = load("model")
    image = clothes(1)[0]
    grey, colour = model.preprocess(image), model.preprocess(np.stack([image] * 3, axis=-1))
    assert tuple(grey.shape) == (model.FashionNet.channels, 28, 28)
    assert (grey == colour).all()
    with pytest.raises(ValueError, match="expected uint8"):
        model.preprocess(image.astype(float))


# What is collected


def test_views_are_all_registered_ones_that_fit_grey_images(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.syspath_prepend(str(EXAMPLE))
    for name in ("data", "degrade", "model"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    collect = load("collect")
    for name in ("data", "degrade", "model"):
        monkeypatch.delitem(sys.modules, name)
    ops = {view.op for view in collect.views()}
    assert {"gaussian_blur", "contrast", "gamma", "bilateral", "jpeg", "zoom"} <= ops
    assert not ops & {"saturation", "warmth", "hflip", "vflip", "rot90", "channel_flip"}
    assert len(collect.views()) == 22
    with pytest.raises(ValueError, match="expected one of degraded"):
        collect.images("rotated", 1)
