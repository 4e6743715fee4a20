"""Sources of pictures: files by name, and arrays that the caller holds or makes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import images as decoding
from .. import stores
from ..errors import InputError
from ..images import Picture
from .shard import Config


@dataclass(frozen=True)
class Files:
    """Images in files.

    Attributes
    ----------
    paths : tuple of str
        One path per row.
    """

    paths: tuple[str, ...]

    def keys(self) -> list[str | None]:
        """Hash of path, size and time of last change; None for what is not there."""
        return [_key(path) for path in self.paths]

    def picture(self, row: int, config: Config) -> Picture:
        """Read and decode one file."""
        return decoding.decode(
            stores.read_bytes(self.paths[row]),
            bit_depth=config.bit_depth,
            max_pixels=config.max_pixels,
            size=config.size,
        )


@dataclass(frozen=True)
class Arrays:
    """Images as arrays: a sequence, or a function from a name to an array. Never cached.

    Attributes
    ----------
    names : tuple of str
        One name per row.
    arrays : sequence or callable
        H×W, H×W×3 (RGB) or H×W×4 arrays.
    """

    names: tuple[str, ...]
    arrays: Sequence[Any] | Callable[[str], Any]

    def keys(self) -> list[str | None]:
        """None throughout: an array has no date to know it by."""
        return [None] * len(self.names)

    def picture(self, row: int, config: Config) -> Picture:
        """Take one array."""
        array = self.arrays(self.names[row]) if callable(self.arrays) else self.arrays[row]
        return decoding.from_array(array, bit_depth=config.bit_depth, size=config.size)


def picture_source(
    names: npt.NDArray[np.object_],
    images: str | os.PathLike[str] | Sequence[Any] | Callable[[str], Any] | None,
) -> Files | Arrays:
    """Where the pictures of these names come from.

    Parameters
    ----------
    names : ndarray of str, shape (N,)
        Image names.
    images : path, sequence, callable or None
        The folder that relative names are under; or arrays, one per image; or a function
        from a name to an array. None: names are paths.

    Returns
    -------
    Files or Arrays
        A source for :func:`sensitivity.extract.extract`.

    Raises
    ------
    InputError
        Another number of arrays than of names, or a folder that is not there.
    """
    if images is None or isinstance(images, (str, os.PathLike)):
        root = None if images is None else os.fspath(images)
        if root is not None and not os.path.isdir(root):
            raise InputError("images", "expected a folder that exists", got=root)
        return Files(tuple(stores.resolve(list(names), root)))
    if callable(images):
        return Arrays(tuple(names), images)
    if not (hasattr(images, "__len__") and hasattr(images, "__getitem__")):
        rule = "expected a folder, a list of arrays or a function"
        raise InputError("images", rule, got=type(images).__name__)
    if len(images) != len(names):
        raise InputError(
            "images", "expected one array per name", got=f"{len(images):,} for {len(names):,} names"
        )
    return Arrays(tuple(names), images)


def _key(path: str) -> str | None:
    found = stores.stat(path)
    if found is None:
        return None
    size, changed = found
    content = f"{path}\0{size}\0{changed}".encode(errors="surrogateescape")
    return hashlib.blake2b(content, digest_size=16).hexdigest()
