"""Parts of what is collected, one per batch: stored as they are finished, joined at the end."""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..catalogue import ViewSpec
from ..encoding import encode, write_atomically
from .logits import ViewLogits

Arrays = dict[str, npt.NDArray[Any]]


def remembered(folder: Path | None, key: str, make: Callable[[], Arrays]) -> Arrays:
    """One batch's arrays: as stored by an earlier run, or made now and stored.

    Parameters
    ----------
    folder : pathlib.Path or None
        Where they are stored; None: nowhere.
    key : str
        What they depend on.
    make : callable
        Gives ``z``, ``features`` and ``seconds``.

    Returns
    -------
    dict of ndarray
        A file that is damaged is made anew.

    Examples
    --------
    >>> remembered(None, "", lambda: {"z": np.ones((1, 1, 2))})["z"].shape
    (1, 1, 2)
    """
    if folder is None:
        return make()
    name = hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
    path = folder / f"views-{name}.npz"
    if path.is_file():
        damage = contextlib.suppress(EOFError, OSError, ValueError, zipfile.BadZipFile)
        with damage, path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    made = make()

    def write(part: Path) -> None:
        with part.open("wb") as stream:
            np.savez(stream, **made)  # type: ignore[arg-type]

    write_atomically(path, write)
    return made


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
        From :func:`remembered`, with ``names``, ``y`` and ``rows``; those of batches without an
        image are left out.
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
    given = z[0].astype(np.float64)
    is_probability = bool((given >= 0).all() and np.allclose(given.sum(axis=1), 1, atol=1e-3))
    if is_probability:
        z = np.log(np.clip(z, 1e-12, None))
    rows = np.concatenate([part["rows"] for part in some])
    by = None
    if groups is not None:
        try:
            _, codes = np.unique(np.asarray(groups), return_inverse=True)
        except TypeError:
            # None among texts, say: they have no order.
            _, codes = np.unique([repr(group) for group in np.asarray(groups)], return_inverse=True)
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
