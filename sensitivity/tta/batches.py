"""Batches of what a model takes: from a loader, or from names and a function that prepares one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ImageError, InputError
from ..extract import Config, picture_source
from ..inputs.arrays import as_names
from ..tables import storable

#: Keys of a batch that is a mapping.
IMAGE_KEYS = ("images", "image", "pixel_values", "inputs", "input", "x")
LABEL_KEYS = ("labels", "label", "targets", "target", "y")
NAME_KEYS = ("names", "name", "paths", "path", "files", "file")


@dataclass(frozen=True)
class Batch:
    """Some images.

    Attributes
    ----------
    load : callable
        Gives the images as the model takes them, a tensor B×C×H×W or a list of C×H×W, and the
        rows of those that could be read.
    names : tuple of str, length B
    y : ndarray of int64, shape (B,)
        True classes.
    rows : ndarray of int64, shape (B,)
        Places in the whole data.
    """

    load: Callable[[], Any]
    names: tuple[str, ...]
    y: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]


def read_batches(
    data: Any,
    labels: npt.ArrayLike | None,
    images: Any,
    prepared: Callable[[npt.NDArray[np.uint8]], Any] | None,
    batch_size: int,
    failures: list[dict[str, str]],
) -> tuple[int, Iterator[Batch]]:
    """Batches of a loader, or of names.

    Parameters
    ----------
    data : iterable of batches, or sequence of str
        As for :func:`sensitivity.tta.collect.collect`.
    labels : array_like of int, shape (N,), optional
        For names.
    images : path, sequence, callable or None
        Where names lie.
    prepared : callable, optional
        From an H×W×3 array of uint8 (blue-green-red) to one C×H×W input. For names.
    batch_size : int
        For names.
    failures : list of dict
        Images that cannot be read are added.

    Returns
    -------
    total : int
        Number of images; 0 if the loader does not tell.
    batches : iterator of Batch

    Raises
    ------
    InputError
        Labels or the function missing, or of another number; batches of another form; a loader
        that shuffles.

    Examples
    --------
    >>> rows = [(np.zeros((2, 1, 4, 4)), [0, 1], ["a.png", "b.png"])]
    >>> total, batches = read_batches(rows, None, None, None, 2, [])
    >>> [batch.names for batch in batches]
    [('a.png', 'b.png')]
    """
    if _are_names(data):
        names = as_names(list(data))
        y = _labels_of(labels, len(names))
        if prepared is None:
            rule = "expected a function from an image to what the model takes"
            raise InputError("preprocess", rule, got="None")
        source = picture_source(names, images)
        return len(names), _named(names, y, source, prepared, batch_size, failures)
    if type(getattr(data, "sampler", None)).__name__ == "RandomSampler":
        rule = "expected a loader that does not shuffle: images are told by their order"
        raise InputError("data", rule, got="shuffle=True")
    dataset = getattr(data, "dataset", None)
    total = len(dataset) if isinstance(dataset, Sized) else 0
    return total, _loaded(data)


def _are_names(data: Any) -> bool:
    if isinstance(data, (str, bytes)):
        raise InputError("data", "expected a loader, or a list of names", got=repr(data))
    if not isinstance(data, Iterable) and not hasattr(data, "__getitem__"):
        raise InputError("data", "expected a loader, or a list of names", got=type(data).__name__)
    if not (hasattr(data, "dtype") or isinstance(data, (list, tuple))) or not len(data):
        return False
    first = next(iter(data))
    return isinstance(first, (str, bytes)) or hasattr(first, "__fspath__")


def _labels_of(labels: npt.ArrayLike | None, n: int) -> npt.NDArray[np.int64]:
    if labels is None:
        raise InputError("labels", "expected one class per name", got="None")
    y = np.asarray(labels)
    if y.shape != (n,) or not np.issubdtype(y.dtype, np.integer):
        rule = f"expected {n:,} whole numbers"
        raise InputError("labels", rule, got=f"{y.dtype} of shape {y.shape}")
    return y.astype(np.int64)


def _named(
    names: npt.NDArray[np.object_],
    y: npt.NDArray[np.int64],
    source: Any,
    prepared: Callable[[npt.NDArray[np.uint8]], Any],
    batch_size: int,
    failures: list[dict[str, str]],
) -> Iterator[Batch]:
    """Batches of names; an image is opened when its batch is loaded."""
    config = Config(())
    for start in range(0, len(names), batch_size):
        rows = np.arange(start, min(start + batch_size, len(names)))

        def load(rows: npt.NDArray[np.int64] = rows) -> Any:
            inputs, kept = [], []
            for row in rows:
                try:
                    picture = source.picture(int(row), config)
                    inputs.append(prepared(np.array(picture.bgr)))
                except ImageError as error:
                    told = [str(names[row]), error.status, error.reason]
                except (Exception, SystemExit) as error:
                    # The caller's own function fails on one image: one row, not the end.
                    reason = " ".join(f"{type(error).__name__}: {error}".split())
                    told = [str(names[row]), "crashed", reason]
                else:
                    kept.append(row)
                    continue
                listed = zip(("name", "status", "reason"), storable(told), strict=True)
                failures.append(dict(listed))
            return inputs, np.array(kept, dtype=np.int64)

        yield Batch(load, tuple(storable(map(str, names[rows]))), y[rows], rows)


def _loaded(data: Iterable[Any]) -> Iterator[Batch]:
    """Batches of a loader."""
    start = 0
    for number, item in enumerate(data):
        inputs, labels, names = _parts(item, number)
        n = len(inputs)
        y = np.asarray(labels.cpu() if hasattr(labels, "cpu") else labels)
        if y.shape != (n,) or not np.issubdtype(y.dtype, np.integer):
            rule = f"expected {n} classes as whole numbers"
            got = f"{y.dtype} of shape {y.shape}"
            raise InputError("labels", rule, got=got, where=f"batch {number}")
        rows = np.arange(start, start + n)
        listed = [str(name) for name in (rows if names is None else names)]
        if len(listed) != n:
            rule = f"expected {n}, one per image"
            raise InputError("names", rule, got=str(len(listed)), where=f"batch {number}")
        load = partial(_given, (inputs, rows))
        yield Batch(load, tuple(storable(listed)), y.astype(np.int64), rows)
        start += n


def _given(found: Any) -> Any:
    return found


def _parts(item: Any, number: int) -> tuple[Any, Any, Any]:
    if isinstance(item, Mapping):
        found = [_first(item, keys) for keys in (IMAGE_KEYS, LABEL_KEYS, NAME_KEYS)]
    elif isinstance(item, Sequence):
        found = list(itertools.islice(itertools.chain(item, (None,)), 3))
    else:
        found = []
    if len(found) < 3 or found[0] is None or found[1] is None:
        rule = "expected (images, labels) or (images, labels, names), or a mapping of these"
        raise InputError("data", rule, got=type(item).__name__, where=f"batch {number}")
    return found[0], found[1], found[2]


def _first(item: Mapping[str, Any], keys: Sequence[str]) -> Any:
    return next((item[key] for key in keys if key in item), None)
