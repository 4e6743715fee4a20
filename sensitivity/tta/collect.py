"""Collect what a model says of every view of every image: the only long part, done once."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ..catalogue import ORIGINAL, ViewSpec
from ..encoding import encode, plain
from ..errors import InputError, OptionError
from ..extract.progress import Progress, shown
from .batches import read_batches
from .dose import measured, per_image_doses
from .logits import ViewLogits
from .parts import Arrays, joined, remembered
from .views import apply, check_range

Model: TypeAlias = nn.Module | Callable[[Tensor], Any]

PRECISIONS = {"float32": None, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class Task:
    """What is done with a batch, the same for all of them.

    Attributes
    ----------
    model : nn.Module or callable
    views : tuple of ViewSpec, length M
        The original first.
    features : tuple of str
        Measured on every view.
    mean, std : sequence of float or None
        Normalisation of what the model takes.
    device : torch.device
    precision : torch.dtype or None
        Of the forward pass.
    """

    model: Model
    views: tuple[ViewSpec, ...]
    features: tuple[str, ...]
    mean: Sequence[float] | None
    std: Sequence[float] | None
    device: torch.device
    precision: torch.dtype | None


def task_of(
    model: Model,
    views: Sequence[ViewSpec],
    *,
    features: Sequence[str] = (),
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    device: str | torch.device | None = None,
    precision: str = "float32",
) -> Task:
    """Check what is to be done with every batch.

    Parameters
    ----------
    model, views, features, mean, std, device, precision
        As for :func:`collect`.

    Returns
    -------
    Task

    Raises
    ------
    OptionError
        A symmetry that the training did not use and nobody declared, or another precision.

    Examples
    --------
    >>> task_of(nn.Identity(), [ViewSpec("vflip", 1.0)])
    Traceback (most recent call last):
    ...
    sensitivity.errors.OptionError: view vflip: expected a symmetry that the training used or that
    is declared: elsewhere it may turn one class into another
    """
    for view in views:
        if view.is_symmetric and view.source not in ("training", "declared"):
            rule = (
                "expected a symmetry that the training used or that is declared: "
                "elsewhere it may turn one class into another"
            )
            raise OptionError(f"view {view.name}", rule)
    if precision not in PRECISIONS:
        rule = f"expected one of {', '.join(PRECISIONS)}"
        raise OptionError("precision", rule, got=repr(precision))
    known = preprocessing_of(model)
    mean, std = (known["mean"], known["std"]) if mean is None and std is None else (mean, std)
    specs = (ORIGINAL, *(view for view in views if view != ORIGINAL))
    place = _place(model, device)
    return Task(model, specs, tuple(features), mean, std, place, PRECISIONS[precision])


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
    cache: str | os.PathLike[str] | None = None,
    progress: Progress = None,
) -> ViewLogits:
    """Run a model over views of images, and measure the features of what it sees.

    Parameters
    ----------
    model : nn.Module or callable
        From N×C×H×W to N×K logits or probabilities: a tensor; or a tuple whose first entry, or a
        mapping or object whose ``logits`` is one. A module is in evaluation mode meanwhile.
    data : DataLoader or sequence of str
        Batches of (images, labels) or (images, labels, names), or mappings with these; or names,
        with `labels` and `preprocess`.
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
        the model takes.
    mean, std : sequence of float, optional
        Normalisation of what the model takes; None: attributes ``mean`` and ``std`` of the model,
        if it has them; else RGB in [0, 1].
    features : sequence of str
        Features to measure on every view.
    device : str or torch.device, optional
        None: where the model's parameters are.
    batch_size : int, default 32
        Images at a time, for names. What does not fit an accelerator's memory is halved.
    precision : {"float32", "bfloat16", "float16"}
        Of the forward pass; the outputs are kept as float32.
    cache : path, optional
        Folder for finished batches: a run that was killed goes on where it was.
    progress : bool or callable, optional
        True draws a bar on stderr; a callable gets (images done, images in all).

    Returns
    -------
    ViewLogits
        An image that cannot be read is left out, and listed in ``preprocessing["failures"]``.

    Raises
    ------
    InputError
        Outputs of another shape or not finite, images that look normalised where no `mean` and
        `std` are known, no image that can be read.
    OptionError
        As for :func:`task_of`.

    Examples
    --------
    >>> from torch.utils.data import DataLoader
    >>> pictures = torch.rand(6, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    >>> loader = DataLoader([(picture, 0) for picture in pictures], batch_size=4)
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 2))
    >>> found = collect(model, loader, [ViewSpec("gaussian_blur", 1.0)], classes=("a", "b"))
    >>> found.z.shape, found.views[0].name
    ((2, 6, 2), 'original')
    """
    options = {"mean": mean, "std": std, "device": device, "precision": precision}
    task = task_of(model, views, features=features, **options)  # type: ignore[arg-type]
    about = {"mean": plain(task.mean), "std": plain(task.std), "precision": precision}
    stamp = _stamp(task, about)
    folder = None if cache is None else Path(cache)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    failures: list[dict[str, str]] = []
    run = partial(_run, task)
    total, batches = read_batches(data, labels, images, preprocess, batch_size, failures)
    parts: list[Arrays] = []
    with _evaluating(model), shown(progress) as show, torch.no_grad():
        for batch in batches:
            parts.append(remembered(folder, stamp, batch, run, failures))
            done = int(batch.rows[-1]) + 1
            show(done, max(total, done))
    if not sum(len(part["y"]) for part in parts):
        got = failures[0]["reason"] if failures else "an empty data set"
        raise InputError("images", "expected at least one that can be read", got=got)
    about |= {"failures": failures}
    return joined(parts, task.views, task.features, tuple(classes), groups, about)


def preprocessing_of(model: Any) -> dict[str, Any]:
    """What a model says of its input.

    Parameters
    ----------
    model : object
        With attributes ``mean``, ``std`` and ``input_size``, or a configuration as timm has it.

    Returns
    -------
    dict
        ``mean``, ``std`` and ``size``; None where it says nothing.

    Examples
    --------
    >>> preprocessing_of(nn.Identity())
    {'mean': None, 'std': None, 'size': None}
    """
    config = getattr(model, "pretrained_cfg", None) or getattr(model, "default_cfg", None) or {}

    def told(name: str) -> Any:
        value = getattr(model, name, None)
        if value is None and isinstance(config, Mapping):
            value = config.get(name)
        if value is None or callable(value):
            return None
        return value.tolist() if hasattr(value, "tolist") else value

    mean, std = told("mean"), told("std")
    if mean is None or std is None:
        mean = std = None
    return {"mean": mean, "std": std, "size": told("input_size")}


def run_batch(images: Tensor, task: Task) -> Arrays:
    """Outputs and features of every view of one batch.

    Parameters
    ----------
    images : Tensor, B×C×H×W
        As the model takes them.
    task : Task
        What is done.

    Returns
    -------
    dict of ndarray
        ``z`` float32 (M, B, K) as the model gives it, ``features`` float32 (M, B, F), ``seconds``
        float64 (M,) of view and forward pass.

    Raises
    ------
    InputError
        As for :func:`collect`.

    Examples
    --------
    >>> task = task_of(nn.Flatten(), [], features=["brightness"])
    >>> found = run_batch(torch.full((2, 1, 1, 2), 0.5), task)
    >>> found["z"].tolist(), found["features"].round(2).tolist()
    ([[[0.5, 0.5], [0.5, 0.5]]], [[[0.5], [0.5]]])
    """
    check_range(images, task.mean, task.std)
    images = images.to(task.device)
    how = {"mean": task.mean, "std": task.std}
    z, features, seconds = [], [], []
    for view in task.views:
        start = time.perf_counter()
        doses = None if view.target is None else per_image_doses(images, view, **how)
        moved = apply(images, view, doses=doses, **how)
        z.append(_forward(task, moved))
        seconds.append(time.perf_counter() - start)
        if task.features:
            features.append(measured(moved, task.features, **how))
    shape = (len(task.views), len(images), 0)
    return {
        "z": np.stack(z),
        "features": np.stack(features) if features else np.empty(shape, dtype=np.float32),
        "seconds": np.array(seconds),
    }


def _forward(task: Task, images: Tensor) -> npt.NDArray[np.float32]:
    """Outputs of one view; what does not fit the accelerator's memory goes in halves."""
    half = task.precision
    try:
        with torch.autocast(images.device.type, dtype=half) if half else nullcontext():
            found = _tensor(task.model(images))
    except torch.cuda.OutOfMemoryError:
        if len(images) == 1:
            raise
        torch.cuda.empty_cache()
        n = len(images) // 2
        return np.concatenate([_forward(task, images[:n]), _forward(task, images[n:])])
    if found.ndim != 2 or len(found) != len(images) or found.shape[1] < 2:
        rule = f"expected {len(images)} images × at least 2 classes"
        raise InputError("outputs of the model", rule, got=str(tuple(found.shape)))
    values: npt.NDArray[np.float32] = found.detach().float().cpu().numpy()
    return values


def _tensor(found: Any) -> Tensor:
    if isinstance(found, Mapping):
        found = found.get("logits")
    found = getattr(found, "logits", found)
    if isinstance(found, (tuple, list)) and found:
        found = found[0]
    if not isinstance(found, Tensor):
        rule = "expected a tensor, or logits in a tuple or mapping"
        raise InputError("outputs of the model", rule, got=type(found).__name__)
    return found


def _run(task: Task, inputs: Any) -> Arrays:
    images = inputs if isinstance(inputs, Tensor) else stacked(inputs)
    return run_batch(images, task)


def stacked(inputs: Sequence[Any]) -> Tensor:
    """One batch of inputs that were prepared one by one.

    Parameters
    ----------
    inputs : sequence of Tensor, C×H×W
        At least one, of one shape.

    Returns
    -------
    Tensor, B×C×H×W

    Raises
    ------
    InputError
        No input, or several shapes.

    Examples
    --------
    >>> stacked([torch.zeros(3, 4, 4)] * 2).shape
    torch.Size([2, 3, 4, 4])
    """
    tensors = [torch.as_tensor(each) for each in inputs]
    shapes = {tuple(tensor.shape) for tensor in tensors}
    if len(shapes) != 1:
        rule = "expected inputs of one shape: let preprocess resize them"
        got = " and ".join(map(str, sorted(shapes)[:2])) or "none"
        raise InputError("images", rule, got=got)
    return torch.stack(tensors)


def _stamp(task: Task, about: Mapping[str, Any]) -> str:
    """What the outputs depend on, beside the images: views, features, preprocessing, weights."""
    mark = hashlib.blake2b(digest_size=16)
    mark.update(encode({**about, "views": [v.to_dict() for v in task.views]}))
    mark.update("\0".join(task.features).encode())
    if isinstance(task.model, nn.Module):
        for name, value in task.model.state_dict().items():
            mark.update(f"{name} {tuple(value.shape)}".encode())
            mark.update(value.detach().double().sum().cpu().numpy().tobytes())
    return mark.hexdigest()


def _place(model: Model, device: str | torch.device | None) -> torch.device:
    if device is not None:
        return torch.device(device)
    if isinstance(model, nn.Module):
        for value in model.parameters():
            return value.device
    return torch.device("cpu")


@contextmanager
def _evaluating(model: Model) -> Iterator[None]:
    """Evaluation mode, and afterwards whatever mode each part was in."""
    if not isinstance(model, nn.Module):
        yield
        return
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode
