"""Parts of what is collected, one per batch: stored as they are finished, joined at the end."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..catalogue import ViewSpec
from ..encoding import encode, write_atomically
from .logits import DAMAGE, ViewLogits

Arrays = dict[str, npt.NDArray[Any]]


#: How much the same model may differ from itself, of its largest output: another order of sums,
#: or half precision.
SAME, SAME_IN_HALF = 1e-3, 2e-2


_GOING_ON = "going on: an earlier run is kept, and the model still says the same"
_ANEW = "starting anew: an earlier run is kept, but the model now says something else"


class Stored:
    """Batches that are kept, and counted again while the model still says the same.

    Weights that changed give a batch another key; code that changed does not. So the first batch
    of every earlier run is asked of the model once more, and decides for all of that run.

    Parameters
    ----------
    folder : pathlib.Path
        Where they are kept.
    stamp : str
        What all of them depend on.
    tolerance : float
        How much outputs may differ, of the largest.
    tell : callable
        Gets a line where an earlier run is found.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> ones = {"z": np.ones((1, 1, 2)), "features": np.empty((1, 1, 0)), "seconds": np.ones(1)}
    >>> with TemporaryDirectory() as name:
    ...     first, later = (Stored(Path(name), "", 1e-3, print) for _ in range(2))
    ...     _ = first.batch("a", lambda: ones, lambda: ones["z"][0])
    ...     found = later.batch("a", lambda: 1 / 0, lambda: np.ones((1, 2)))
    going on: an earlier run is kept, and the model still says the same
    >>> found["z"].tolist()
    [[[1.0, 1.0]]]
    """

    def __init__(
        self, folder: Path, stamp: str, tolerance: float, tell: Callable[[str], object]
    ) -> None:
        self.folder, self._stamp = folder, stamp
        self._tolerance, self._tell = tolerance, tell
        self._run = secrets.token_hex(8)
        self._trusted = {self._run: True}
        self._told: set[bool] = set()

    def batch(
        self, key: str, make: Callable[[], Arrays], again: Callable[[], npt.NDArray[Any]]
    ) -> Arrays:
        """One batch's arrays: as an earlier run kept them, or made now and kept.

        Parameters
        ----------
        key : str
            What they depend on beside.
        make : callable
            Gives ``z``, ``features`` and ``seconds``.
        again : callable
            Gives what the model says of the originals now.

        Returns
        -------
        dict of ndarray
            A file that is damaged is made anew.
        """
        name = hashlib.blake2b(f"{self._stamp}{key}".encode(), digest_size=16).hexdigest()
        path = self.folder / f"views-{name}.npz"
        kept = _read(path) if path.is_file() else None
        if kept is not None and self._is_trusted(str(kept.pop("run")), kept, again):
            return kept
        made = make()

        def write(part: Path) -> None:
            with part.open("wb") as stream:
                np.savez(stream, run=np.array(self._run), **made)  # type: ignore[arg-type]

        write_atomically(path, write)
        return made

    def _is_trusted(self, run: str, kept: Arrays, again: Callable[[], npt.NDArray[Any]]) -> bool:
        if run not in self._trusted:
            then, now = kept["z"][0], again()
            within = self._tolerance * max(float(np.abs(then).max(initial=0)), 1e-6)
            same = then.shape == now.shape and bool(np.abs(then - now).max(initial=0) <= within)
            if same not in self._told:
                self._tell(_GOING_ON if same else _ANEW)
            self._told.add(same)
            self._trusted[run] = same
        return self._trusted[run]


def _read(path: Path) -> Arrays | None:
    """What a file holds; None if it is damaged, or not one of these."""
    with contextlib.suppress(*DAMAGE), path.open("rb") as stream:
        with np.load(stream, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        if arrays.keys() >= {"z", "features", "seconds", "run"}:
            return arrays
    return None


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
        From :class:`Stored`, with ``names``, ``y`` and ``rows``; those of batches without an
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
