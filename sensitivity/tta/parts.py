"""Parts of what is collected, one per batch: stored as they are finished, joined at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..catalogue import ViewSpec
from ..encoding import encode, write_atomically
from ..errors import InputError
from .batches import Batch
from .logits import ViewLogits

Arrays = dict[str, npt.NDArray[Any]]


def remembered(
    folder: Path | None,
    stamp: str,
    batch: Batch,
    make: Callable[[Any], Arrays],
    failures: list[dict[str, str]],
) -> Arrays:
    """One batch's arrays: as stored by an earlier run, or made now and stored.

    Parameters
    ----------
    folder : pathlib.Path or None
        Where they are stored; None: nowhere.
    stamp : str
        What they depend on beside the images.
    batch : Batch
        Its images are loaded only if they are needed.
    make : callable
        From the images to ``z``, ``features`` and ``seconds``.
    failures : list of dict
        Images of the batch that cannot be read are added.

    Returns
    -------
    dict of ndarray
        ``names``, ``y`` and ``rows`` too, of the images that could be read.

    Raises
    ------
    InputError
        An output that is not finite.

    Examples
    --------
    >>> one = np.array([0])
    >>> batch = Batch(lambda: (np.ones((1, 2)), one), ("a",), np.array([1]), one)
    >>> found = remembered(None, "", batch, lambda x: {"z": x[None]}, [])
    >>> found["z"].shape, found["names"].tolist()
    ((1, 1, 2), ['a'])
    """
    path = None if folder is None else folder / _file_name(stamp, batch)
    if path is not None and path.is_file():
        with np.load(path, allow_pickle=False) as stored:
            found = {key: stored[key] for key in stored.files}
        failed = found.pop("failed").tolist()
        if np.array_equal(found["y"], batch.y[np.isin(batch.rows, found["rows"])]):
            failures += [{"name": n, "status": s, "reason": r} for n, s, r in failed]
            return found
    before = len(failures)
    inputs, rows = batch.load()
    kept = np.isin(batch.rows, rows)
    names = np.array([n for n, k in zip(batch.names, kept, strict=True) if k], dtype="U")
    made: Arrays = {"y": batch.y[kept], "rows": np.asarray(rows), "names": names}
    if len(rows):
        made |= make(inputs)
        bad = ~np.isfinite(made["z"]).all(axis=(0, 2))
        if bad.any():
            rule, where = "expected finite numbers", str(names[int(bad.argmax())])
            raise InputError("outputs of the model", rule, where=where)
    if path is not None:
        listed = [[row["name"], row["status"], row["reason"]] for row in failures[before:]]
        failed = np.array(listed, dtype="U").reshape(-1, 3)

        def write(part: Path) -> None:
            with part.open("wb") as stream:
                np.savez(stream, failed=failed, **made)  # type: ignore[arg-type]

        write_atomically(path, write)
    return made


def _file_name(stamp: str, batch: Batch) -> str:
    content = "\0".join((stamp, *map(str, batch.rows), *batch.names))
    return f"views-{hashlib.blake2b(content.encode(), digest_size=16).hexdigest()}.npz"


def joined(
    parts: Sequence[Arrays],
    views: tuple[ViewSpec, ...],
    features: tuple[str, ...],
    classes: tuple[str, ...],
    groups: npt.ArrayLike | None,
    about: dict[str, Any],
) -> ViewLogits:
    """Join the batches of a run.

    Parameters
    ----------
    parts : sequence of dict of ndarray
        From :func:`remembered`; those of batches without an image are left out.
    views : tuple of ViewSpec
        The original first.
    features, classes : tuple of str
        Names of the features measured, and of the classes.
    groups : array_like, shape (N,), optional
        What belongs together, of all images of the data.
    about : dict
        Becomes ``preprocessing``, with a ``hash``.

    Returns
    -------
    ViewLogits
        Outputs of which every row of the originals sums to 1 are taken for probabilities, and
        their logarithms kept.

    Raises
    ------
    InputError
        Another number of classes.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> part = {"z": np.full((1, 1, 2), 0.5), "y": np.array([0]), "rows": np.array([0]),
    ...         "names": np.array(["a"]), "features": np.empty((1, 1, 0)), "seconds": np.ones(1)}
    >>> joined([part], (ORIGINAL,), (), ("ok", "defect"), None, {}).output
    'probabilities'
    """
    some = [part for part in parts if len(part["y"])]
    z = np.concatenate([part["z"] for part in some], axis=1)
    if z.shape[2] != len(classes):
        rule = f"expected {len(classes)} classes ({', '.join(classes[:5])} …)"
        raise InputError("outputs of the model", rule, got=str(z.shape[2]))
    given = z[0].astype(np.float64)
    is_probability = bool((given >= 0).all() and np.allclose(given.sum(axis=1), 1, atol=1e-3))
    if is_probability:
        z = np.log(np.clip(z, 1e-12, None))
    rows = np.concatenate([part["rows"] for part in some])
    by = None
    if groups is not None:
        _, codes = np.unique(np.asarray(groups), return_inverse=True)
        by = codes.astype(np.int64)[rows]
    told = {**about, "hash": hashlib.blake2b(encode(about), digest_size=8).hexdigest()}
    return ViewLogits(
        names=tuple(str(name) for part in some for name in part["names"]),
        y=np.concatenate([part["y"] for part in some]),
        views=views,
        z=z.astype(np.float32),
        classes=classes,
        groups=by,
        output="probabilities" if is_probability else "logits",
        feature_names=features,
        features=np.concatenate([part["features"] for part in some], axis=1),
        preprocessing=told,
        seconds=tuple(np.sum([part["seconds"] for part in some], axis=0).tolist()),
    )
