"""The little pictures of a report."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sensitivity.errors import InputError, OptionError
from sensitivity.images import decode
from sensitivity.report import thumbnails as module
from sensitivity.report.thumbnails import Thumbnail, thumbnails


def texture(height: int, width: int, *, seed: int = 0, channels: int = 3) -> np.ndarray:
    """A gradient with some grain: neither flat nor noise alone."""
    ramp = np.add.outer(np.arange(height), 2 * np.arange(width)) % 200
    grain = np.random.default_rng(seed).integers(0, 50, (height, width, channels))
    pixels = (ramp[..., None] + grain).astype(np.uint8)
    return pixels if channels > 1 else pixels[..., 0]


def opened(thumbnail: Thumbnail) -> Image.Image:
    kind, _, content = thumbnail.uri.partition(",")
    assert kind == "data:image/webp;base64"
    image = Image.open(io.BytesIO(base64.b64decode(content, validate=True)))
    image.load()
    assert image.format == "WEBP"
    assert image.size == (thumbnail.width, thumbnail.height)
    return image.convert("RGB")


def mean(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"), float).mean(axis=(0, 1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty photos, and one of each thing that can be wrong."""
    path = tmp_path_factory.mktemp("photos")
    (path / "sub").mkdir()
    for place in range(40):
        Image.fromarray(texture(90, 120, seed=place)).save(path / "sub" / f"{place}.png")
    whole = (path / "sub" / "0.png").read_bytes()
    (path / "empty.png").write_bytes(b"")
    (path / "text.png").write_bytes(b"no picture")
    (path / "cut.png").write_bytes(whole[:500])
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 255
    (path / "damaged.png").write_bytes(damaged)
    return path


GOOD = [f"sub/{place}.png" for place in range(40)]


# Which images, and how large


def test_each_position_has_the_picture_of_its_name(folder: Path) -> None:
    names = [*GOOD[:3], "nowhere.png"]
    levels = [20, 120, 220]
    images = {name: np.full((30, 60), v, np.uint8) for name, v in zip(names, levels, strict=False)}
    found = thumbnails(names, [2, 0], images=lambda name: images[name])
    assert list(found.pictures) == [2, 0]
    assert mean(opened(found.pictures[2])) == pytest.approx([220] * 3, abs=3)
    assert mean(opened(found.pictures[0])) == pytest.approx([20] * 3, abs=3)


def test_arrays_go_by_row_and_files_by_folder_as_in_the_analysis(folder: Path) -> None:
    arrays = [np.full((10, 10), 25 * k, np.uint8) for k in range(10)]
    found = thumbnails([f"{k}" for k in range(10)], [7, 3], images=arrays)
    assert mean(opened(found.pictures[7])) == pytest.approx([175] * 3, abs=3)

    relative = thumbnails(GOOD, [5], images=folder)
    absolute = thumbnails([str(folder / name) for name in GOOD], [5])
    address = thumbnails([(folder / name).as_uri() for name in GOOD], [5], images="/tmp")
    assert relative.pictures == absolute.pictures == address.pictures


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((90, 120), (80, 60)), ((120, 90), (60, 80)), ((20, 30), (30, 20)), ((1, 900), (80, 1))],
)
def test_long_side_is_the_size_and_nothing_is_enlarged(shape, expected) -> None:
    found = thumbnails(["a"], images=[texture(*shape)], size=80)
    image = opened(found.pictures[0])
    assert image.size == expected


def test_picture_looks_like_the_image() -> None:
    pixels = np.zeros((200, 400, 3), np.uint8)
    pixels[:, :200] = (250, 30, 30)
    pixels[:, 200:] = (20, 40, 240)
    found = np.asarray(opened(thumbnails(["a"], images=[pixels]).pictures[0]), float)
    assert found[:, :75].mean(axis=(0, 1)) == pytest.approx([250, 30, 30], abs=6)
    assert found[:, 85:].mean(axis=(0, 1)) == pytest.approx([20, 40, 240], abs=6)


def test_grey_deep_transparent_and_palette_images(tmp_path: Path) -> None:
    deep = np.full((40, 40), 30_000, np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    Image.fromarray(np.full((40, 40), 100, np.uint8)).save(tmp_path / "grey.png")
    clear = np.full((40, 40, 4), 200, np.uint8)
    clear[..., 3] = 128
    Image.fromarray(clear).save(tmp_path / "clear.png")
    Image.fromarray(np.full((40, 40, 3), (10, 200, 90), np.uint8)).quantize(4).save(
        tmp_path / "palette.png"
    )
    Image.new("CMYK", (40, 40), (0, 255, 255, 0)).save(tmp_path / "print.jpg")
    names = ["deep.png", "grey.png", "clear.png", "palette.png", "print.jpg"]
    found = thumbnails(names, images=tmp_path)
    expected = [[117] * 3, [100] * 3, [100] * 3, [10, 200, 90], [255, 0, 0]]
    for place, colour in enumerate(expected):
        assert mean(opened(found.pictures[place])) == pytest.approx(colour, abs=8), names[place]
    twelve = thumbnails(["deep.png"], images=tmp_path, bit_depth=15)
    assert mean(opened(twelve.pictures[0])) == pytest.approx([30_000 / 32_767 * 255] * 3, abs=3)


# Large JPEGs are decoded at a fraction of their size


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_coarse_jpeg_looks_like_the_whole_one(tmp_path: Path, mode: str, orientation: int) -> None:
    pixels = np.zeros((600, 1000, 3), np.uint8)
    pixels[:300, :500], pixels[300:, :500], pixels[:300, 500:] = (240, 60, 60), 200, (60, 60, 200)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "large.jpg"
    Image.fromarray(pixels).convert(mode).save(path, quality=95, exif=exif)
    coarse = module._coarse_jpeg(str(path), 100, 10**8)
    assert coarse is not None
    assert max(coarse.luma.shape) < 600

    whole = decode(path.read_bytes()).bgr
    expected = module._shrunk(whole, 100)[..., ::-1].astype(float)
    found = np.asarray(opened(thumbnails([str(path)], size=100).pictures[0]), float)
    assert found.shape == expected.shape
    assert np.abs(found - expected).mean() < 4


def test_small_or_damaged_jpeg_is_left_to_whole_decoding(tmp_path: Path) -> None:
    small, large = tmp_path / "small.jpg", tmp_path / "large.jpg"
    Image.fromarray(texture(100, 150)).save(small)
    Image.fromarray(texture(800, 900)).save(large)
    assert module._coarse_jpeg(str(small), 100, 10**8) is None
    assert module._coarse_jpeg(str(large), 100, 100) is None
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(large.read_bytes()[:5000])
    names = [str(small), str(large), str(cut)]
    found = thumbnails(names, size=100)
    assert list(found.pictures) == [0, 1]
    assert found.failures[2][0] == "truncated"
    strict = thumbnails(names, [1], size=100, max_pixels=100_000)
    assert strict.failures[1][0] == "too_large"


# What goes wrong is a reason


def test_whatever_is_wrong_with_an_image_is_a_reason(folder: Path) -> None:
    names = ["nowhere.png", "empty.png", "text.png", "cut.png", "damaged.png", "sub", GOOD[0]]
    names += ["s3://bucket/a.png", "nul\0.png", "<script>alert(1)</script>", ""]
    found = thumbnails(names, images=folder)
    statuses = [found.failures[place][0] for place in range(len(names)) if place != 6]
    expected = ["missing", "empty", "unsupported", "truncated", "corrupt", "unsupported"]
    assert statuses == [*expected, "unsupported", "missing", "missing", "unsupported"]
    assert all(reason and "\n" not in reason for _, reason in found.failures.values())
    assert list(found.pictures) == [6]


def test_whatever_a_function_of_the_caller_does_is_a_reason() -> None:
    def read(name: str):
        if name == "raises":
            raise ValueError("two\nlines \udcff")
        return {"nothing": None, "text": "abc", "nan": np.full((4, 4), np.nan)}[name]

    found = thumbnails(["raises", "nothing", "text", "nan", "unknown"], images=read)
    assert not found.pictures
    assert found.failures[0] == ("crashed", "ValueError: two lines \\udcff")
    assert [found.failures[k][0] for k in (1, 2, 3)] == ["unsupported", "unsupported", "corrupt"]
    assert found.failures[4] == ("crashed", "KeyError: 'unknown'")


def test_interruption_is_not_swallowed() -> None:
    def read(name: str):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        thumbnails(["a"], images=read)


def test_nothing_to_show() -> None:
    for found in (thumbnails([]), thumbnails(["a.png"], [])):
        assert (found.pictures, found.failures, found.left_out, found.n_bytes) == ({}, {}, (), 0)


# The limit


def test_every_position_is_a_picture_or_a_failure_or_left_out(folder: Path) -> None:
    names = [*GOOD, "nowhere.png"]
    for most_bytes in (1, 5_000, 60_000, 10_000_000, None):
        found = thumbnails(names, images=folder, most_bytes=most_bytes)
        parts = [*found.pictures, *found.failures, *found.left_out]
        assert sorted(parts) == list(range(len(names)))
        weight = sum(len(picture.uri) for picture in found.pictures.values())
        assert found.n_bytes == weight
        assert weight <= (most_bytes or float("inf"))


def test_pictures_get_plainer_before_any_is_left_out(folder: Path) -> None:
    free = thumbnails(GOOD, images=folder, size=120)
    assert (free.size, free.quality) == (120, 80)
    tight = thumbnails(GOOD, images=folder, size=120, most_bytes=free.n_bytes // 3)
    assert (tight.size, tight.quality) < (free.size, free.quality)
    assert not tight.left_out
    assert tight.n_bytes > free.n_bytes // 10


def test_most_important_pictures_stay(folder: Path) -> None:
    order = list(range(39, -1, -1))
    least = thumbnails(GOOD, order, images=folder, most_bytes=9_000)
    assert least.left_out
    assert (least.size, least.quality) == (64, 40)
    assert list(least.pictures)[:5] == order[:5]
    assert min(least.pictures) > 10


def test_step_is_chosen_by_a_spread_of_images(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module._spread(0) == []
    assert module._spread(3) == [0, 1, 2]
    assert len(module._spread(100_000)) == module.N_TRIED
    monkeypatch.setattr(module, "N_TRIED", 8)
    arrays = [texture(64, 64, seed=k) for k in range(60)]
    names = [str(k) for k in range(60)]
    whole = thumbnails(names, images=arrays, most_bytes=None).n_bytes
    found = thumbnails(names, images=arrays, most_bytes=whole // 2)
    assert not found.left_out
    assert found.n_bytes <= whole // 2


# The same again


def test_bytes_do_not_depend_on_threads_or_order(folder: Path) -> None:
    names = [*GOOD, "nowhere.png"]
    one = thumbnails(names, images=folder, workers=1)
    four = thumbnails(names, images=folder, workers=4)
    assert one == four
    back = thumbnails(names, range(40, -1, -1), images=folder)
    assert back.pictures == one.pictures


def test_position_twice_is_one_picture(folder: Path) -> None:
    assert list(thumbnails(GOOD, [3, 1, 3], images=folder).pictures) == [3, 1]


# Files beside the report


def test_files_are_named_by_content_and_equal_ones_are_one(folder: Path, tmp_path: Path) -> None:
    names = [GOOD[0], GOOD[1], GOOD[0], "nowhere.png"]
    beside = tmp_path / "a report's pictures"
    found = thumbnails(names, images=folder, folder=beside)
    uris = [found.pictures[place].uri for place in (0, 1, 2)]
    assert uris[0] == uris[2] != uris[1]
    assert all(re.fullmatch(r"a%20report%27s%20pictures/[0-9a-f]{24}\.webp", uri) for uri in uris)
    files = sorted(beside.iterdir())
    assert {file.name for file in files} == {uri.rpartition("/")[2] for uri in uris}
    assert found.n_bytes == sum(file.stat().st_size for file in files)
    assert list(found.failures) == [3]

    embedded = thumbnails(names, images=folder)
    assert (
        opened(embedded.pictures[1]).tobytes()
        == Image.open(beside / uris[1].rpartition("/")[2]).convert("RGB").tobytes()
    )
    again = thumbnails(names, images=folder, folder=beside)
    assert again == found
    assert sorted(beside.iterdir()) == files


def test_folder_that_cannot_be_made(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OptionError, match="folder: expected a folder that can be made"):
        thumbnails(GOOD, images=folder, folder=tmp_path / "file")


# Options


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"size": 0}, "size"),
        ({"size": 9.5}, "size"),
        ({"most_bytes": 0}, "most_bytes"),
        ({"workers": 0}, "workers"),
        ({"bit_depth": 3}, "bit_depth"),
        ({"max_pixels": 0}, "max_pixels"),
    ],
)
def test_options_are_checked(given: dict, what: str) -> None:
    with pytest.raises(OptionError, match=what):
        thumbnails(["a.png"], **given)


def test_images_and_positions_are_checked() -> None:
    with pytest.raises(InputError, match="images: expected a folder that exists, got nowhere"):
        thumbnails(["a.png"], images="nowhere")
    with pytest.raises(InputError, match="expected one array per name, got 1 for 2 names"):
        thumbnails(["a", "b"], [0], images=[np.zeros((2, 2))])
    for position in (-1, 2):
        with pytest.raises(InputError, match="positions: expected rows of the 2 names"):
            thumbnails(["a", "b"], [0, position], images=[np.zeros((2, 2))] * 2)
