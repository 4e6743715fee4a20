"""Collect what a model says of every view of every image: the only long part, done once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..catalogue import ORIGINAL, ViewSpec
from ..encoding import plain
from ..errors import InputError, OptionError
from ..extract.progress import Progress, shown
from .batches import Batch, read_batches
from .fingerprints import digest, stamp_of
from .forward import Model, Task, check_count, evaluating, run_batch, stacked, task_of
from .logits import ViewLogits
from .parts import SAME, SAME_IN_HALF, Arrays, Stored, joined


def collect(
    model: Model,
    data: Any,
    views: Sequence[ViewSpec],
    *,
    classes: Sequence[str],
    labels: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
    images: Any = None,
    preprocess: Callable[[npt.NDArray[np.uint8]], Tensor] | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    features: Sequence[str] = (),
    device: str | torch.device | None = None,
    batch_size: int = 32,
    precision: str = "float32",
    max_batch: int | None = None,
    cache: str | os.PathLike[str] | None = None,
    announce: Callable[[str], object] | None = None,
    progress: Progress = None,
) -> ViewLogits:
    """Run a model over views of images, and measure the features of what it sees.

    Parameters
    ----------
    model : nn.Module or callable
        From N×C×H×W to N×K logits or probabilities: a tensor; or a tuple whose first entry, or a
        mapping or object whose ``logits`` is one. A module is in evaluation mode meanwhile.
    data : DataLoader, iterable of batches, or sequence of str
        Batches of (images, labels) or (images, labels, names), or mappings with these, unshuffled;
        or names, with `labels` and `preprocess`.
    views : sequence of ViewSpec
        The original comes first, whether it is among them or not.
    classes : sequence of str, length K
        In the order of the model's outputs.
    labels, groups : array_like, shape (N,), optional
        True classes (for names), and what belongs together.
    images : path, sequence or callable, optional
        Where names lie: as in :func:`sensitivity.analyse`.
    preprocess : callable, optional
        From an H×W×3 array of uint8, blue-green-red as OpenCV has it, to the C×H×W tensor that
        the model takes: RGB, normalised or not.
    mean, std : sequence of float, optional
        Normalisation of what the model takes; None: attributes ``mean`` and ``std`` of the model
        or its timm configuration, if it has them; else RGB in [0, 1].
    features : sequence of str
        Features to measure on every view.
    device : str or torch.device, optional
        None: where the model's parameters are. The model is there meanwhile.
    batch_size : int, default 32
        Images at a time, for names.
    precision : {"float32", "bfloat16", "float16"}
        Of the forward pass; the outputs are kept as float32.
    max_batch : int, optional
        Most images in one forward pass, whatever a batch holds. What does not fit an
        accelerator's memory is halved in any case.
    cache : path, optional
        Folder for finished batches: a run that was killed goes on where it was. A batch is known
        by its inputs, the views and the model's parameters; it counts only while the model says
        the same of the first of them.
    announce : callable, optional
        Gets a line of text if an earlier run is found in `cache`: whether it counts.
    progress : bool or callable, optional
        True draws a bar on stderr; a callable gets (images done, images in all).

    Returns
    -------
    ViewLogits
        An image that cannot be read, or that `preprocess` fails on, is left out and listed in
        ``preprocessing["failures"]``.

    Raises
    ------
    InputError
        Outputs of another shape or not finite, labels that are no classes, a loader that shuffles,
        images that look normalised where no `mean` and `std` are known (or the other way round),
        no image that can be read.
    OptionError
        As for :func:`sensitivity.tta.forward.task_of`.

    Examples
    --------
    >>> from torch.utils.data import DataLoader
    >>> pictures = torch.rand(6, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    >>> loader = DataLoader([(picture, 0) for picture in pictures], batch_size=4)
    >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 8 * 8, 2))
    >>> found = collect(model, loader, [ViewSpec("gaussian_blur", 1.0)], classes=("a", "b"))
    >>> found.z.shape, found.views[0].name
    ((2, 6, 2), 'original')
    """
    task = task_of(
        model,
        views,
        features=features,
        mean=mean,
        std=std,
        device=device,
        precision=precision,
        max_batch=max_batch,
    )
    check_count("batch_size", batch_size)
    named = _class_names(classes)
    _check_lists(labels, groups, named)
    kept = None if cache is None else _stored(Path(cache), task, announce)
    failures: list[dict[str, str]] = []
    total, batches = read_batches(data, labels, images, preprocess, batch_size, failures)
    parts: list[Arrays] = []
    size, done = None, 0
    with evaluating(task), shown(progress) as show, torch.no_grad():
        for batch in batches:
            _check_classes(batch.y, named, batch.names)
            try:
                part, shape = _batch(batch, task, kept, named)
            except InputError as error:
                raise _placed(error, batch, done, kept) from error
            parts.append(part)
            size = size or shape
            done += len(batch.rows)
            show(done, max(total, done))
    if not sum(len(part["y"]) for part in parts):
        got = failures[0]["reason"] if failures else "an empty data set"
        where = f"{failures[0]['name']}, and {len(failures) - 1:,} more" if failures else None
        raise InputError("images", "expected at least one that can be read", got=got, where=where)
    if groups is not None and len(np.asarray(groups)) != done:
        got = f"{len(np.asarray(groups)):,}"
        raise InputError("groups", f"expected one per image ({done:,})", got=got)
    about = {"mean": plain(task.mean), "std": plain(task.std), "size": size}
    about |= {"precision": precision, "failures": failures}
    return joined(parts, task.views, task.features, named, groups, about)


def _class_names(classes: Sequence[str]) -> tuple[str, ...]:
    if isinstance(classes, (str, bytes)) or not isinstance(classes, Iterable):
        raise InputError("classes", "expected a list of names", got=repr(classes))
    names = tuple(map(str, classes))
    if len(set(names)) < len(names) or not names:
        raise InputError("classes", "expected one or more, each once", got=", ".join(names) or "0")
    return names


def _stored(folder: Path, task: Task, announce: Callable[[str], object] | None) -> Stored:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError("cache", "expected a folder to write to", got=str(error)) from error
    tolerance = SAME if task.precision is None else SAME_IN_HALF
    return Stored(folder, stamp_of(task), tolerance, announce or (lambda line: None))


def _placed(error: InputError, batch: Batch, done: int, kept: Stored | None) -> InputError:
    """An error of one batch, with its images and with what is kept."""
    told = [error.where]
    if batch.names and (error.where is None or error.where.startswith("view ")):
        told.append(f"images {batch.names[0]} to {batch.names[-1]}")
    if done:
        told.append(
            f"the {done:,} before are " + (f"kept in {kept.folder}" if kept else "not kept")
        )
    where = "; ".join(filter(None, told))
    return InputError(error.what, error.rule, got=error.got, where=where or None)


def _batch(
    batch: Batch, task: Task, kept: Stored | None, classes: tuple[str, ...]
) -> tuple[Arrays, list[int] | None]:
    """What is found of one batch, and height and width of its images."""
    inputs, rows = batch.load()
    readable = np.isin(batch.rows, rows)
    names = np.array([n for n, k in zip(batch.names, readable, strict=True) if k], dtype="U")
    told: Arrays = {"names": names, "y": batch.y[readable], "rows": np.asarray(rows)}
    if not len(rows):
        return told, None
    images = stacked(inputs)

    def make() -> Arrays:
        found = run_batch(images, task)
        _check_outputs(found["z"], task, classes, names)
        return found

    def again() -> npt.NDArray[Any]:
        found = run_batch(images, replace(task, views=(ORIGINAL,), features=()))["z"]
        originals: npt.NDArray[Any] = found[0]
        return originals

    if kept is None:
        return told | make(), list(images.shape[2:])
    # The inputs themselves: files, preprocessing and loader may all have changed meanwhile.
    return told | kept.batch(digest(images), make, again), list(images.shape[2:])


def _check_lists(
    labels: npt.ArrayLike | None, groups: npt.ArrayLike | None, classes: tuple[str, ...]
) -> None:
    """What can be said before the first forward pass."""
    if labels is None:
        return
    y = np.asarray(labels)
    if np.issubdtype(y.dtype, np.integer):
        _check_classes(y.ravel(), classes, ())
    if groups is not None and len(np.asarray(groups)) != len(y):
        got = f"{len(np.asarray(groups)):,}"
        raise InputError("groups", f"expected one per image ({len(y):,})", got=got)


def _check_classes(y: npt.NDArray[Any], classes: tuple[str, ...], names: Sequence[str]) -> None:
    wrong = (y < 0) | (y >= len(classes))
    if wrong.any():
        place = int(wrong.argmax())
        where = names[place] if len(names) else f"row {place}"
        rule = f"expected classes from 0 to {len(classes) - 1}"
        raise InputError("labels", rule, got=str(y[place]), where=where)


def _check_outputs(
    z: npt.NDArray[np.float32], task: Task, classes: tuple[str, ...], names: npt.NDArray[Any]
) -> None:
    if z.shape[2] != len(classes):
        few = f"{', '.join(classes[:5])}{' …' if len(classes) > 5 else ''}"
        rule = f"expected {len(classes)} classes ({few})"
        raise InputError("outputs of the model", rule, got=str(z.shape[2]))
    bad = ~np.isfinite(z).all(axis=2)
    if bad.any():
        view, row = np.argwhere(bad)[0]
        where = f"{names[row]}, view {task.views[view].name}"
        if task.precision is torch.float16:
            where += "; float16 overflows early: try bfloat16"
        got = str(z[view, row][~np.isfinite(z[view, row])][0])
        raise InputError("outputs of the model", "expected finite numbers", got=got, where=where)
