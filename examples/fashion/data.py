"""Fashion-MNIST as Debian's package `dataset-fashion-mnist` brings it: no download.

70,000 grey photos of clothes, 28 × 28 pixels, in ten classes: 60,000 to train on and 10,000 to
test. Needs numpy only.
"""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

FOLDER = Path("/usr/share/datasets/fashion-mnist")
"""Where the package puts its files."""

CLASSES = (
    "t-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)
PARTS = {"train": "train", "test": "t10k"}
INSTALL = "apt-get install dataset-fashion-mnist"

_UNSIGNED_BYTES = 8


def folder(path: Path = FOLDER) -> Path:
    """Folder of the four files.

    Parameters
    ----------
    path : Path
        Where they are looked for.

    Returns
    -------
    Path
        The same.

    Raises
    ------
    FileNotFoundError
        If the package is not installed.
    """
    missing = [name for part in PARTS for name in _files(part) if not (path / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"Fashion-MNIST: no {missing[0]} in {path}; install Debian's package "
            f"dataset-fashion-mnist: {INSTALL}"
        )
    return path


def load(part: str, path: Path = FOLDER) -> tuple[np.ndarray, np.ndarray]:
    """Read the images and classes of one part.

    Parameters
    ----------
    part : {"train", "test"}
        Which part.
    path : Path
        Folder of the files.

    Returns
    -------
    images : ndarray of uint8, shape (N, 28, 28)
        Light clothes on black.
    classes : ndarray of int64, shape (N,)
        Places in `CLASSES`.

    Raises
    ------
    FileNotFoundError
        If the package is not installed.
    ValueError
        An unknown part, or a file that is no such data.
    """
    if part not in PARTS:
        raise ValueError(f"part: expected one of {', '.join(PARTS)}, got {part}")
    images, classes = (read_idx(folder(path) / name) for name in _files(part))
    if len(images) != len(classes):
        raise ValueError(f"{part}: {len(images)} images, {len(classes)} classes")
    return images, classes.astype(np.int64)


def read_idx(file: Path) -> np.ndarray:
    """Read one file of the idx format, gzipped.

    Parameters
    ----------
    file : Path
        The file.

    Returns
    -------
    ndarray of uint8
        Of the shape that the file's head tells.

    Raises
    ------
    ValueError
        Not such a file, or one that was cut off.
    """
    content = gzip.decompress(file.read_bytes())
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _UNSIGNED_BYTES:
        raise ValueError(f"{file.name}: expected an idx file of bytes")
    n_axes = content[3]
    start = 4 + 4 * n_axes
    shape = struct.unpack(f">{n_axes}I", content[4:start])
    values = np.frombuffer(content, dtype=np.uint8, offset=start)
    if values.size != np.prod(shape):
        raise ValueError(f"{file.name}: expected {np.prod(shape)} values, got {values.size}")
    return values.reshape(shape)


def _files(part: str) -> tuple[str, str]:
    stem = PARTS[part]
    return f"{stem}-images-idx3-ubyte.gz", f"{stem}-labels-idx1-ubyte.gz"
