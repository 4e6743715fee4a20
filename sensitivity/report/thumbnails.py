"""The little pictures of a report: decoded in threads, small enough together.

What cannot be opened is a reason in place of a picture, never an exception.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from .. import images as decoding
from .. import stores
from ..encoding import write_atomically
from ..errors import ImageError, InputError, OptionError
from ..extract import Config, picture_source
from ..extract.executors import executor
from ..extract.sources import Files
from ..images import Picture, headers
from ..tables import storable

#: What all pictures together may weigh within a page, in bytes.
MOST_BYTES = 10_000_000

#: Share of the wanted long side, and quality: the first that fits is taken.
STEPS = ((1.0, 80), (1.0, 60), (0.8, 60), (0.6, 60), (0.6, 40), (0.4, 40))

#: No side is made smaller than this to fit.
LEAST_SIDE = 48

#: How many pictures are weighed to choose a step, and the share of the limit it may promise.
N_TRIED, PROMISED = 64, 0.9

_PREFIX = "data:image/webp;base64,"

Pixels = npt.NDArray[np.uint8]

#: Status and reason.
Failure = tuple[str, str]
Found = TypeVar("Found")

#: Width, height and content of a file.
_File = tuple[int, int, bytes]


@dataclass(frozen=True)
class Thumbnail:
    """One little picture.

    Attributes
    ----------
    uri : str
        A data URI, or the address of its file relative to the report. Safe in an attribute.
    width, height : int
        In pixels.
    """

    uri: str
    width: int
    height: int


@dataclass(frozen=True)
class Thumbnails:
    """The little pictures of some images.

    Attributes
    ----------
    pictures : dict
        From position to :class:`Thumbnail`.
    failures : dict
        From position to (status, reason), both text: the images that could not be opened. The
        statuses are those of :data:`sensitivity.images.STATUSES`.
    left_out : tuple of int
        Positions for whose pictures there was no room.
    size, quality : int
        Long side in pixels and WebP quality (0 … 100) that were chosen.
    n_bytes : int
        What the page grows by, or the size of all files.
    """

    pictures: dict[int, Thumbnail]
    failures: dict[int, Failure]
    left_out: tuple[int, ...]
    size: int
    quality: int
    n_bytes: int


def thumbnails(
    names: Sequence[str] | npt.NDArray[np.object_],
    positions: Sequence[int] | None = None,
    *,
    images: str | os.PathLike[str] | Sequence[Any] | Callable[[str], Any] | None = None,
    size: int = 160,
    most_bytes: int | None = MOST_BYTES,
    folder: str | os.PathLike[str] | None = None,
    bit_depth: int | None = None,
    max_pixels: int = 100_000_000,
    workers: int | None = None,
) -> Thumbnails:
    """Make little pictures of some images.

    Parameters
    ----------
    names : sequence of str, shape (N,)
        Names of all images, as the analysis was given them.
    positions : sequence of int, optional
        Which images, the most important first; None: all.
    images : path, sequence, callable or None
        As in :func:`sensitivity.analyse`: the folder that relative names are under; or N
        arrays; or a function from a name to an array. None: names are paths.
    size : int, default 160
        Long side in pixels, at most. Smaller images are not enlarged.
    most_bytes : int or None, default 10,000,000
        Limit of all pictures together. Pictures are made plainer and smaller to fit; if that is
        not enough, the last positions are left out. None: no limit.
    folder : path, optional
        Write files into this folder, made if need be, rather than data URIs. They are named by
        their content. The report is taken to lie beside the folder.
    bit_depth, max_pixels : int
        As in :func:`sensitivity.analyse`.
    workers : int, optional
        Threads; None: one per processor.

    Returns
    -------
    Thumbnails
        A picture, a failure or a place among those left out for every position. The same
        bytes whatever the number of threads.

    Raises
    ------
    InputError
        Another number of arrays than of names, no such folder of images, or a position that is
        no row of `names`.
    OptionError
        `size`, `most_bytes` or `workers` below 1, or `bit_depth` out of range.

    Examples
    --------
    >>> found = thumbnails(["a.png", "nowhere.png"], [0], images=[np.zeros((8, 16, 3)), None])
    >>> found.pictures[0].uri[:23], found.pictures[0].width, found.pictures[0].height
    ('data:image/webp;base64,', 16, 8)
    >>> thumbnails(["nowhere.png"]).failures
    {0: ('missing', 'no such file')}
    """
    _check_options(size, most_bytes)
    runner, n_workers = executor("auto", workers)
    listed = np.asarray(names, dtype=object)
    wanted = _wanted(positions, len(listed))
    config = Config((), bit_depth=bit_depth, max_pixels=max_pixels)
    opened = _opener(listed, wanted, images, config, int(size))
    limit = float("inf") if most_bytes is None else float(most_bytes)

    def run(task: Callable[[int], Found], places: Sequence[int]) -> dict[int, Found]:
        def numbered(place: int) -> tuple[int, Found]:
            return place, task(place)

        return dict(runner.map_unordered(numbered, places, in_flight=2 * n_workers))

    tried = run(opened, _spread(len(wanted)))
    side, quality = _step(tried, len(wanted), int(size), limit, embedded=folder is None)

    def made(place: int) -> _File | Failure:
        found = tried[place] if place in tried else opened(place)
        return found if isinstance(found, tuple) else _encoded(found, side, quality)

    files = run(made, range(len(wanted)))
    keep = _Embedded() if folder is None else _Beside(Path(folder))
    pictures, failures, left_out = {}, {}, []
    for place, position in enumerate(wanted):
        file = files[place]
        if len(file) == 2:
            failures[position] = file
        elif keep.n_bytes + keep.weight(file[2]) > limit:
            left_out.append(position)
        else:
            pictures[position] = Thumbnail(keep.add(file[2]), file[0], file[1])
    return Thumbnails(pictures, failures, tuple(left_out), side, quality, keep.n_bytes)


def _check_options(size: Any, most_bytes: Any) -> None:
    if not isinstance(size, (int, np.integer)) or size < 1:
        raise OptionError("size", "expected a whole number from 1", got=repr(size))
    if most_bytes is not None and not most_bytes >= 1:
        raise OptionError("most_bytes", "expected a number from 1, or None", got=repr(most_bytes))


def _wanted(positions: Sequence[int] | None, n: int) -> list[int]:
    if positions is None:
        return list(range(n))
    wanted = list(dict.fromkeys(map(int, positions)))
    wrong = next((position for position in wanted if not 0 <= position < n), None)
    if wrong is not None:
        raise InputError("positions", f"expected rows of the {n:,} names", got=str(wrong))
    return wanted


# --- from a name to a small image ------------------------------------------------------------


def _opener(
    names: npt.NDArray[np.object_],
    wanted: list[int],
    images: Any,
    config: Config,
    size: int,
) -> Callable[[int], Pixels | Failure]:
    """A function from a place in `wanted` to its image, `size` pixels long at most."""
    listed = not (images is None or isinstance(images, (str, os.PathLike)) or callable(images))
    # Arrays go by the row in the whole data set; a million names need not be made paths.
    source = picture_source(names if listed else names[wanted], images)
    rows = wanted if listed else range(len(wanted))

    def opened(place: int) -> Pixels | Failure:
        try:
            picture = None
            if isinstance(source, Files):
                picture = _coarse_jpeg(source.paths[rows[place]], size, config.max_pixels)
            return _shrunk(_pixels(picture or source.picture(rows[place], config)), size)
        except ImageError as error:
            return error.status, storable([error.reason])[0]
        except Exception as error:
            # A decoder or a caller's own loader failed in a way of its own.
            line = " ".join(f"{type(error).__name__}: {error}".split())
            return "crashed", storable([line])[0]

    return opened


def _coarse_jpeg(path: str, size: int, max_pixels: int) -> Picture | None:
    """A large JPEG at an eighth to a half of its size, which is quick; None: decode it whole."""
    data = stores.read_bytes(path)
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    try:
        header = headers.open_header(data)
        width, height = header.size
        if header.format != "JPEG" or header.mode not in ("L", "RGB"):
            return None
        if width * height > max_pixels or headers.damage(data, "JPEG", header):
            return None
        header.draft(header.mode, (2 * size, 2 * size))
        if header.size == (width, height):
            return None
        return decoding.from_array(headers.load(header))
    except ImageError:  # whole decoding says what is wrong
        return None


def _pixels(picture: Picture) -> Pixels:
    return picture.luma if picture.is_grey else picture.bgr


def _shrunk(pixels: Pixels, size: int) -> Pixels:
    height, width = pixels.shape[:2]
    longest = max(width, height)
    if longest <= size:
        return pixels
    sides = [max(1, round(side * size / longest)) for side in (width, height)]
    return cv2.resize(pixels, sides, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


# --- from a small image to bytes -------------------------------------------------------------


def _spread(n: int) -> list[int]:
    """Up to :data:`N_TRIED` places, evenly spread over n."""
    return sorted({place * n // N_TRIED for place in range(N_TRIED)}) if n else []


def _step(
    tried: dict[int, Pixels | Failure],
    n: int,
    size: int,
    limit: float,
    *,
    embedded: bool,
) -> tuple[int, int]:
    """Long side and quality at which n pictures like those tried should fit."""
    images = [found for found in tried.values() if not isinstance(found, tuple)]
    promised = limit if len(tried) == n else limit * PROMISED
    for share, quality in STEPS:
        side = min(size, max(LEAST_SIDE, round(share * size)))
        if limit == float("inf") or not images:
            break
        weights = [len(_encoded(image, side, quality)[2]) for image in images]
        total = sum(map(_embedded_weight if embedded else int, weights))
        if total / len(tried) * n <= promised:
            break
    return side, quality


def _encoded(pixels: Pixels, side: int, quality: int) -> _File:
    small = _shrunk(pixels, side)
    content = io.BytesIO()
    rgb = Image.fromarray(small if small.ndim == 2 else np.ascontiguousarray(small[..., ::-1]))
    # Method 2 takes a third of the time of the usual 4, for 4 % more bytes.
    rgb.save(content, "WEBP", quality=quality, method=2)
    return *rgb.size, content.getvalue()


def _embedded_weight(n_bytes: int) -> int:
    return len(_PREFIX) + 4 * -(-n_bytes // 3)


class _Embedded:
    """Pictures as data URIs."""

    def __init__(self) -> None:
        self.n_bytes = 0

    def weight(self, content: bytes) -> int:
        """What the page would grow by."""
        return _embedded_weight(len(content))

    def add(self, content: bytes) -> str:
        """The picture's address."""
        self.n_bytes += self.weight(content)
        return _PREFIX + base64.b64encode(content).decode()


class _Beside:
    """Pictures as files in a folder, equal ones once."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            rule = "expected a folder that can be made"
            raise OptionError("folder", rule, got=str(error)) from error
        self.folder, self.n_bytes = folder, 0
        self._known: set[str] = set()

    def weight(self, content: bytes) -> int:
        """What the folder would grow by."""
        return 0 if self._name(content) in self._known else len(content)

    def add(self, content: bytes) -> str:
        """The picture's address, once its file is written."""
        name = self._name(content)
        if name not in self._known:
            write_atomically(self.folder / name, lambda part: part.write_bytes(content))
            self.n_bytes += len(content)
            self._known.add(name)
        return f"{quote(self.folder.name)}/{name}"

    def _name(self, content: bytes) -> str:
        return hashlib.blake2b(content, digest_size=12).hexdigest() + ".webp"
