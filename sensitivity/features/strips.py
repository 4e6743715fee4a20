"""Images in strips of rows, on memory that each thread uses again.

Fresh memory can cost more than the sums that are done on it: the system hands it out page by
page, and takes it back after every image. Strips bound what is needed at a time, so that it can
stay: about 6 MB a thread. Nor does a large image need large temporaries then.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

_STRIP_PIXELS = 2**19
_FEWEST_ROWS = 16
_KEPT_BYTES = 2**22


class _Kept(threading.local):
    def __init__(self) -> None:
        self.memory: dict[str, npt.NDArray[np.uint8]] = {}


_kept = _Kept()


def strips(first: int, last: int, width: int) -> Iterator[tuple[int, int]]:
    """Cut the rows from `first` to before `last` into strips.

    Parameters
    ----------
    first, last, width : int
        Rows, and pixels in a row.

    Yields
    ------
    (int, int)
        First row, and the row after the last, of each strip.

    Examples
    --------
    >>> list(strips(0, 1200, 1024))
    [(0, 512), (512, 1024), (1024, 1200)]
    """
    n_rows = max(_FEWEST_ROWS, _STRIP_PIXELS // width)
    for top in range(first, last, n_rows):
        yield top, min(top + n_rows, last)


def buffer(name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return an array with any content, valid until this thread asks for `name` again.

    Parameters
    ----------
    name : str
        Two arrays in use at a time need two names.
    shape : tuple of int
    dtype : dtype

    Returns
    -------
    ndarray

    Examples
    --------
    >>> import numpy as np
    >>> buffer("steps", (2, 3), np.int16).shape
    (2, 3)
    """
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    memory = _kept.memory.get(name)
    if memory is None or memory.size < n_bytes:
        memory = np.empty(n_bytes, np.uint8)
        if n_bytes <= _KEPT_BYTES:
            _kept.memory[name] = memory
    return memory[:n_bytes].view(dtype).reshape(shape)
