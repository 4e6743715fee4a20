"""What a model says of every view of every image, collected once and judged without it."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..catalogue import ORIGINAL, ViewSpec
from ..encoding import plain, typed, write_atomically
from ..errors import InputError, ResultError, SensitivityError
from ..policies import POOLS

VERSION = 1

#: What reading a damaged archive may raise.
DAMAGE = (
    EOFError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    KeyError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ViewLogits:
    """Outputs of a model on M views of N images, and the features of what it saw.

    Attributes
    ----------
    names : tuple of str, length N
        The images.
    y : ndarray of int64, shape (N,)
        True classes.
    views : tuple of ViewSpec, length M
        The original first.
    z : ndarray of float32, shape (M, N, C)
        Logits; of a model that gives probabilities, their logarithms.
    classes : tuple of str, length C
    groups : ndarray of int64, shape (N,), or None
        What belongs together.
    output : {"logits", "probabilities"}
        What the model gave.
    feature_names : tuple of str, length F
        Image features, measured at the size and on the pixels that the model sees.
    features : ndarray of float32, shape (M, N, F)
        Their values on every view; NaN where one could not be measured.
    preprocessing : mapping
        ``mean``, ``std``, ``size``, ``hash``, and what else is worth keeping.
    seconds : tuple of float, length M
        Time of one forward pass over all images, its view included; NaN: not measured.
    """

    names: tuple[str, ...]
    y: npt.NDArray[np.int64]
    views: tuple[ViewSpec, ...]
    z: Floats
    classes: tuple[str, ...]
    groups: npt.NDArray[np.int64] | None = None
    output: str = "logits"
    feature_names: tuple[str, ...] = ()
    features: Floats = field(default_factory=lambda: np.empty((0, 0, 0), dtype=np.float32))
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    seconds: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        m, n, c = len(self.views), len(self.names), len(self.classes)
        if not self.views or self.views[0] != ORIGINAL:
            raise InputError("views", "expected the original first")
        _check_kind("logits", self.z, "f")
        _check_kind("labels", self.y, "iu")
        _check_kind("features", self.features, "f")
        if self.groups is not None:
            _check_kind("groups", self.groups, "iu")
        for what, listed in (("classes", self.classes), ("feature names", self.feature_names)):
            if len(set(listed)) < len(listed):
                raise InputError(what, "expected each once", got=", ".join(listed))
        if self.output not in POOLS:
            raise InputError("output", "expected logits or probabilities", got=self.output)
        if self.z.shape != (m, n, c):
            rule = f"expected {m} views × {n:,} images × {c} classes"
            raise InputError("logits", rule, got=str(self.z.shape))
        if not np.isfinite(self.z).all():
            raise InputError("logits", "expected finite numbers")
        if self.y.shape != (n,) or (n and not 0 <= self.y.min() <= self.y.max() < c):
            raise InputError("labels", f"expected {n:,} classes from 0 to {c - 1}")
        if self.groups is not None and self.groups.shape != (n,):
            raise InputError("groups", f"expected {n:,} values", got=str(self.groups.shape))
        if self.feature_names and self.features.shape != (m, n, len(self.feature_names)):
            rule = f"expected {m} views × {n:,} images × {len(self.feature_names)}"
            raise InputError("features", rule, got=str(self.features.shape))
        if len(self.seconds) not in (0, m):
            rule = f"expected one per view ({m}), or none"
            raise InputError("seconds", rule, got=str(len(self.seconds)))

    def __len__(self) -> int:
        return len(self.names)

    def feature(self, name: str, view: int = 0) -> Floats:
        """One feature of the images in one view.

        Parameters
        ----------
        name : str
            One of `feature_names`.
        view : int, default 0
            Place of the view; 0 is the original.

        Returns
        -------
        ndarray of float32, shape (N,)

        Raises
        ------
        InputError
            It was not measured.
        """
        if name not in self.feature_names:
            known = ", ".join(self.feature_names) or "none"
            raise InputError("feature", f"expected one that was measured ({known})", got=name)
        return self.features[view, :, self.feature_names.index(name)]

    def rows(self, chosen: npt.ArrayLike) -> ViewLogits:
        """Some of the images.

        Parameters
        ----------
        chosen : array_like of int or bool
            Which.

        Returns
        -------
        ViewLogits
        """
        picked = np.asarray(chosen)
        places = np.arange(len(self))[picked if picked.size else picked.astype(np.int64)]
        return replace(
            self,
            names=tuple(self.names[i] for i in places),
            y=self.y[places],
            z=self.z[:, places],
            groups=None if self.groups is None else self.groups[places],
            features=self.features[:, places] if self.feature_names else self.features,
        )

    def only(self, chosen: Sequence[int]) -> ViewLogits:
        """Some of the views.

        Parameters
        ----------
        chosen : sequence of int
            Their places; the first must be 0, the original.

        Returns
        -------
        ViewLogits
        """
        places = list(chosen)
        return replace(
            self,
            views=tuple(self.views[i] for i in places),
            z=self.z[places],
            features=self.features[places] if self.feature_names else self.features,
            seconds=tuple(self.seconds[i] for i in places) if self.seconds else (),
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write one compressed npz file, the descriptions in it as JSON.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        pathlib.Path
        """
        about = {
            "version": VERSION,
            "views": [view.to_dict() for view in self.views],
            "classes": list(self.classes),
            "output": self.output,
            "feature_names": list(self.feature_names),
            "preprocessing": plain(self.preprocessing),
            "seconds": [None if np.isnan(s) else float(s) for s in self.seconds],
        }
        arrays: dict[str, npt.NDArray[Any]] = {
            "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
            "names": np.frombuffer(json.dumps(list(self.names)).encode(), dtype=np.uint8),
            "y": self.y,
            "z": self.z,
            "features": self.features,
        }
        if self.groups is not None:
            arrays["groups"] = self.groups
        file = Path(path)

        def write(part: Path) -> None:
            with part.open("wb") as stream:
                np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]

        write_atomically(file, write)
        return file

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> ViewLogits:
        """Read what :meth:`save` wrote.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        ViewLogits
            Equal to the one saved.

        Raises
        ------
        ResultError
            No such file, or not one of these: the message names what is wrong with it.
        """
        try:
            arrays = _arrays_of(Path(path))
            about = arrays["about"]
            if not isinstance(about, dict) or about.get("version") != VERSION:
                found = about.get("version") if isinstance(about, dict) else None
                rule = f"expected version {VERSION}"
                raise ResultError("view logits", rule, got=repr(found))
            told = typed(about, _About, "view logits")
            return cls(
                names=typed(arrays["names"], tuple[str, ...], "names"),
                y=arrays["y"],
                views=told.views,
                z=arrays["z"],
                classes=told.classes,
                groups=arrays.get("groups"),
                output=told.output,
                feature_names=told.feature_names,
                features=arrays["features"],
                preprocessing=told.preprocessing,
                seconds=tuple(np.nan if s is None else s for s in told.seconds),
            )
        except SensitivityError as error:
            where = ", ".join(filter(None, (error.where, str(path))))
            raise ResultError(error.what, error.rule, got=error.got, where=where) from error


@dataclass(frozen=True)
class _About:
    """What stands in a file beside its arrays."""

    version: int
    views: tuple[ViewSpec, ...]
    classes: tuple[str, ...]
    output: str
    feature_names: tuple[str, ...]
    preprocessing: dict[str, Any]
    seconds: tuple[float | None, ...]


def _arrays_of(path: Path) -> dict[str, Any]:
    """What lies in a file; the two that are JSON are read."""
    if path.is_file() and not zipfile.is_zipfile(path):
        got = "no archive, or the beginning of one"
        raise ResultError("view logits", "expected an npz file of them", got=got)
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays: dict[str, Any] = {name: stored[name] for name in stored.files}
    except FileNotFoundError:
        raise ResultError("view logits", "expected an npz file", got="no such file") from None
    except DAMAGE as error:
        raise ResultError("view logits", "expected an npz file of them", got=str(error)) from error
    missing = [name for name in ("about", "names", "y", "z", "features") if name not in arrays]
    if missing:
        raise ResultError("view logits", f"expected an array {missing[0]}", got="none")
    for name in ("about", "names"):
        try:
            arrays[name] = json.loads(arrays[name].tobytes())
        except (ValueError, RecursionError) as error:
            raise ResultError(f"view logits, {name}", "expected JSON", got=str(error)) from error
    return arrays


def _check_kind(what: str, values: Any, kinds: str) -> None:
    dtype = getattr(values, "dtype", None)
    if getattr(dtype, "kind", "") not in tuple(kinds):
        numbers = "floating-point numbers" if kinds == "f" else "whole numbers"
        got = str(dtype or type(values).__name__)
        raise InputError(what, f"expected an array of {numbers}", got=got)
