"""One shard: a pure, importable function from a list of images to rows of features.

Whatever runs it (a loop, threads, processes, a cluster) gets the same rows, so the results
do not depend on the engine, the number of workers or the order of the shards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from .. import tables
from ..errors import ImageError
from ..features import Feature
from ..images import check_options
from . import parts

if TYPE_CHECKING:
    from ..images import Picture

#: Images in a shard, and so in a part of the cache: what an interrupted worker loses.
SHARD_SIZE = 64

#: Raised whenever a feature's values change, so that old caches are not read.
MEASURE_VERSION = 1


@dataclass(frozen=True)
class Config:
    """Everything that a measured value depends on besides the image itself.

    Attributes
    ----------
    features : tuple of Feature
        What is measured.
    size : int or tuple of int, optional
        Size at which it is measured (:func:`sensitivity.images.decode`); None: native.
    bit_depth : int, optional
        Used bits of 16-bit images.
    max_pixels : int
        Larger images are refused before they are decoded.

    Raises
    ------
    OptionError
        An option out of its range: said once, not of every image.
    """

    features: tuple[Feature, ...]
    size: int | tuple[int, int] | None = None
    bit_depth: int | None = None
    max_pixels: int = 100_000_000

    def __post_init__(self) -> None:
        check_options(self.bit_depth, self.size, self.max_pixels)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features, in order."""
        return tuple(feature.name for feature in self.features)

    def hash(self) -> str:
        """Sixteen hex digits that name the configuration in the cache."""
        import cv2

        decoder = ".".join(cv2.__version__.split(".")[:2])
        content = [MEASURE_VERSION, decoder, self.names, self.size, self.bit_depth, self.max_pixels]
        return hashlib.blake2b(json.dumps(content).encode(), digest_size=8).hexdigest()


class Source(Protocol):
    """Where pictures come from."""

    def keys(self) -> Sequence[str | None]:
        """One key per image that changes when the image does; None: do not cache."""
        ...

    def picture(self, row: int, config: Config) -> Picture:
        """Decode one image; raises :class:`~sensitivity.errors.ImageError`."""
        ...


@dataclass(frozen=True)
class Shard:
    """Rows of the data set to measure together, and their cache keys."""

    rows: tuple[int, ...]
    names: tuple[str, ...]
    keys: tuple[str | None, ...]

    @property
    def id(self) -> str:
        """Names the shard's part: the same images give the same id."""
        content = json.dumps([self.names, self.keys]).encode()
        return hashlib.blake2b(content, digest_size=12).hexdigest()


@dataclass(frozen=True)
class ShardRows:
    """What a shard gave: one entry per image, in the shard's order.

    Attributes
    ----------
    rows : tuple of int
        Rows of the data set.
    values : ndarray of float32, shape (n, F)
        NaN where an image could not be measured.
    failures : tuple of (position, stage, status, reason)
        The images that could not, by position in the shard.
    """

    rows: tuple[int, ...]
    values: npt.NDArray[np.float32]
    failures: tuple[tuple[int, str, str, str], ...]


class Interrupted(Exception):  # noqa: N818  (no error: the caller asked for it)
    """The run was stopped; the shard's work is dropped."""


def extract_shard(
    shard: Shard,
    *,
    source: Source,
    config: Config,
    folder: Path | None = None,
    stopped: Callable[[], bool] | None = None,
) -> ShardRows:
    """Measure the images of one shard, and keep the rows as a part of the cache.

    Parameters
    ----------
    shard : Shard
        The images.
    source : Source
        Gives their pictures.
    config : Config
        What to measure, and how.
    folder : pathlib.Path, optional
        Where the part is written, under a temporary name first; None: nowhere.
    stopped : callable, optional
        Asked before each image whether to give up.

    Returns
    -------
    ShardRows
        One row per image; failures are rows too.

    Raises
    ------
    Interrupted
        `stopped` said so. No part is written.
    """
    values = np.full((len(shard.rows), len(config.features)), np.nan, dtype=np.float32)
    failures: list[tuple[int, str, str, str]] = []
    for position, row in enumerate(shard.rows):
        if stopped is not None and stopped():
            raise Interrupted
        measured, failure = measure_image(row, source=source, config=config)
        values[position] = measured
        if failure is not None:
            failures.append((position, *failure))
    found = ShardRows(shard.rows, values, tuple(failures))
    if folder is not None and any(shard.keys):
        parts.write_part(folder, shard, found, config.names)
    return found


def measure_image(
    row: int, *, source: Source, config: Config
) -> tuple[list[float], tuple[str, str, str] | None]:
    """Measure one image; a failure is a stage, a status and a reason, never an exception.

    Parameters
    ----------
    row : int
        Row of the data set.
    source : Source
        Gives the picture.
    config : Config
        What to measure, and how.

    Returns
    -------
    values : list of float
        One per feature; NaN where it could not be measured.
    failure : tuple of str or None
        (stage, status, reason).
    """
    nothing = [float("nan")] * len(config.features)
    try:
        picture = source.picture(row, config)
    except ImageError as error:
        stage = "read" if error.status in ("missing", "empty") else "decode"
        return nothing, (stage, error.status, error.reason)
    except Exception as error:
        # A decoder or a caller's own loader failed in a way of its own: one row, not the end.
        return nothing, ("decode", "crashed", _said(error))
    return measure_picture(picture, config.features)


def measure_picture(
    picture: Picture, features: Sequence[Feature]
) -> tuple[list[float], tuple[str, str, str] | None]:
    """Measure one picture; a feature that fails is NaN, never an exception.

    Parameters
    ----------
    picture : Picture
        From :mod:`sensitivity.images`.
    features : sequence of Feature
        From :func:`sensitivity.features.select`.

    Returns
    -------
    values : list of float
        One per feature.
    failure : tuple of str or None
        (stage, status, reason) of the first that failed.

    Examples
    --------
    >>> from sensitivity.features import select
    >>> from sensitivity.images import from_array
    >>> white = from_array(np.full((4, 4), 255, np.uint8))
    >>> measure_picture(white, select(["brightness"]))
    ([1.0], None)
    """
    values: list[float] = []
    failure = None
    for feature in features:
        try:
            values.append(_number(feature.function(picture)))
        except Exception as error:
            values.append(float("nan"))
            failure = failure or ("measure", "crashed", f"{feature.name}: {_said(error)}")
    return values, failure


def _said(error: Exception) -> str:
    """One line that any table can hold, whatever the caller's own code raised."""
    line = " ".join(f"{type(error).__name__}: {error}".split())
    return tables.storable([line])[0]


def _number(value: Any) -> float:
    number = float(value)
    limit = float(np.finfo(np.float32).max)
    if abs(number) > limit and np.isfinite(number):
        raise OverflowError(f"expected a number that float32 holds, got {number:g}")
    return number
