"""Forward passes over views of a batch: what a model is given, and what it gives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ..catalogue import ORIGINAL, ViewSpec
from ..errors import InputError, OptionError
from ..features import select
from ..policies import check_normalisation
from .dose import measured, per_image_doses
from .parts import Arrays
from .preprocessing import preprocessing_of
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
    is_told : bool
        Whether `mean` and `std` were given by the caller, not by the model's attributes.
    fits : list of int
        Images that fit the memory at once, as far as that is known; the least counts.
    """

    model: Model
    views: tuple[ViewSpec, ...]
    features: tuple[str, ...]
    mean: Sequence[float] | None
    std: Sequence[float] | None
    device: torch.device
    precision: torch.dtype | None
    is_told: bool = True
    fits: list[int] = field(default_factory=list)


def task_of(
    model: Model,
    views: Sequence[ViewSpec],
    *,
    features: Sequence[str] = (),
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    device: str | torch.device | None = None,
    precision: str = "float32",
    max_batch: int | None = None,
) -> Task:
    """Check what is to be done with every batch.

    Parameters
    ----------
    model, views, features, mean, std, device, precision, max_batch
        As for :func:`sensitivity.tta.collect.collect`.

    Returns
    -------
    Task

    Raises
    ------
    OptionError
        A symmetry that the training did not use and nobody declared, a feature, precision or
        device that there is not, a `max_batch` below 1, a mean or std that are no numbers.

    Examples
    --------
    >>> task_of(nn.Identity(), [ViewSpec("vflip", 1.0)])
    Traceback (most recent call last):
    ...
    sensitivity.errors.OptionError: view vflip: expected a symmetry that the training used or that
    is declared: elsewhere it may turn one class into another
    """
    listed: Any = views
    if not isinstance(listed, Iterable) or not all(isinstance(view, ViewSpec) for view in listed):
        raise OptionError("views", "expected a list of ViewSpec", got=repr(views)[:60])
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
    if max_batch is not None:
        check_count("max_batch", max_batch)
    select(list(features))
    is_told = mean is not None or std is not None
    if not is_told:
        known = preprocessing_of(model)
        mean, std = known["mean"], known["std"]
    check_normalisation(mean, std)
    specs = (ORIGINAL, *(view for view in views if view != ORIGINAL))
    fits = [] if max_batch is None else [max_batch]
    place, kind = _place(model, device), PRECISIONS[precision]
    return Task(model, specs, tuple(features), mean, std, place, kind, is_told, fits)


def check_count(what: str, value: int) -> None:
    """Raise unless an option is a whole number of at least 1.

    Parameters
    ----------
    what : str
        The option.
    value : int
        What was given.

    Raises
    ------
    OptionError
        It is not.

    Examples
    --------
    >>> check_count("max_batch", 0)
    Traceback (most recent call last):
    ...
    sensitivity.errors.OptionError: max_batch: expected at least 1, got 0
    """
    if not isinstance(value, (int, np.integer)):
        raise OptionError(what, "expected a whole number", got=repr(value))
    if value < 1:
        raise OptionError(what, "expected at least 1", got=str(value))


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
        As for :func:`sensitivity.tta.collect.collect`.

    Examples
    --------
    >>> task = task_of(nn.Flatten(), [], features=["brightness"])
    >>> found = run_batch(torch.full((2, 1, 1, 2), 0.5), task)
    >>> found["z"].tolist(), found["features"].round(2).tolist()
    ([[[0.5, 0.5], [0.5, 0.5]]], [[[0.5], [0.5]]])
    """
    check_range(images, task.mean, task.std)
    if not task.is_told:
        _check_told(images, task)
    return _fitting(images, task)


def stacked(inputs: Any) -> Tensor:
    """One batch, also of inputs that were prepared one by one.

    Parameters
    ----------
    inputs : Tensor B×C×H×W, or sequence of Tensor C×H×W
        At least one, of one shape. A tensor is given back.

    Returns
    -------
    Tensor, B×C×H×W

    Raises
    ------
    InputError
        No input, no tensors, or several shapes.

    Examples
    --------
    >>> stacked([torch.zeros(3, 4, 4)] * 2).shape
    torch.Size([2, 3, 4, 4])
    """
    if isinstance(inputs, Tensor):
        return inputs
    try:
        tensors = [torch.as_tensor(each) for each in inputs]
    except (RuntimeError, TypeError, ValueError):
        got = ", ".join(sorted({type(each).__name__ for each in inputs}))
        raise InputError("images", "expected a tensor C×H×W of each", got=got) from None
    shapes = {tuple(tensor.shape) for tensor in tensors}
    if len(shapes) != 1:
        rule = "expected inputs of one shape: let preprocess resize them"
        got = " and ".join(map(str, sorted(shapes)[:2])) or "none"
        raise InputError("images", rule, got=got)
    return torch.stack(tensors)


@contextmanager
def evaluating(task: Task) -> Iterator[None]:
    """A module in evaluation mode and on its device; afterwards as it was.

    Parameters
    ----------
    task : Task
        A callable that is no module stays as it is.

    Yields
    ------
    None

    Examples
    --------
    >>> model = nn.Dropout()
    >>> with evaluating(task_of(model, [])):
    ...     print(model.training)
    False
    >>> model.training
    True
    """
    model = task.model
    if not isinstance(model, nn.Module):
        yield
        return
    modes = [(part, part.training) for part in model.modules()]
    before = _place(model, None)
    model.eval()
    if before != task.device:
        model.to(task.device)
    try:
        yield
    finally:
        if before != task.device:
            model.to(before)
        for part, mode in modes:
            part.training = mode


def _fitting(images: Tensor, task: Task) -> Arrays:
    """All views, in as many parts as the memory asks for."""
    done: list[Arrays] = []
    waiting = [images]
    while waiting:
        part = waiting.pop()
        size = min([len(part), *task.fits])
        if size < len(part):
            waiting += reversed(part.split(size))
            continue
        try:
            done.append(_views(part.to(task.device), task))
            continue
        except torch.cuda.OutOfMemoryError:
            if size == 1:
                raise
        # Not in the handler: its traceback would hold the memory of the pass that failed.
        torch.cuda.empty_cache()
        task.fits.append(size // 2)
        waiting.append(part)
    return done[0] if len(done) == 1 else _joined(done)


def _views(images: Tensor, task: Task) -> Arrays:
    how = {"mean": task.mean, "std": task.std}
    features = np.empty((len(task.views), len(images), len(task.features)), dtype=np.float32)
    z, seconds = [], []
    for place, view in enumerate(task.views):
        start = time.perf_counter()
        doses = None if view.target is None else per_image_doses(images, view, **how)
        moved = apply(images, view, doses=doses, **how)
        made = time.perf_counter() - start
        # Before the model gets it, which may work in place.
        if task.features:
            features[place] = measured(moved, task.features, **how)
        start = time.perf_counter()
        z.append(_forward(task, moved, view))
        seconds.append(made + time.perf_counter() - start)
    return {"z": np.stack(z), "features": features, "seconds": np.array(seconds)}


def _joined(parts: Sequence[Arrays]) -> Arrays:
    return {
        "z": np.concatenate([part["z"] for part in parts], axis=1),
        "features": np.concatenate([part["features"] for part in parts], axis=1),
        "seconds": np.sum([part["seconds"] for part in parts], axis=0),
    }


def _forward(task: Task, images: Tensor, view: ViewSpec) -> npt.NDArray[np.float32]:
    """Outputs of one view."""
    half = task.precision
    try:
        with torch.autocast(images.device.type, dtype=half) if half else nullcontext():
            given = task.model(images)
    except torch.cuda.OutOfMemoryError:
        raise
    except (Exception, SystemExit) as error:
        # The caller's own code: its words in one line, its traceback behind them.
        rule = f"expected it to run on images of shape {tuple(images.shape)}"
        got = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError("model", rule, got=got, where=f"view {view.name}") from error
    found = _tensor(given)
    n = len(images)
    if found.ndim <= 2 and found.numel() == n:
        rule = (
            "expected one column per class; where there is one output z for two classes, return "
            "torch.stack([-z, z], dim=1) / 2 for a logit, torch.stack([1 - z, z], dim=1) for a "
            "probability"
        )
        raise InputError("outputs of the model", rule, got=str(tuple(found.shape)))
    if found.ndim != 2 or len(found) != n:
        rule = f"expected {n} images × classes"
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
    if found.is_complex() or found.layout is not torch.strided:
        got = str(found.dtype if found.is_complex() else found.layout)
        raise InputError("outputs of the model", "expected a dense tensor of reals", got=got)
    return found


def _check_told(images: Tensor, task: Task) -> None:
    """A model that normalises by itself has a mean and a standard deviation too."""
    if task.mean is None or task.std is None or not images.numel():
        return
    middle, spread = (torch.as_tensor(value).flatten() for value in (task.mean, task.std))
    is_plain = bool((middle == 0).all() and (spread == 1).all())
    low, high = (float(end) for end in torch.aminmax(images))
    if not is_plain and low >= 0 and high <= 1:
        rule = (
            "expected them normalised by the model's own mean and std: give mean and std, "
            "(0,) and (1,) if the model normalises by itself"
        )
        raise InputError("images", rule, got=f"{low:.3g} to {high:.3g}, as RGB in [0, 1]")


def _place(model: Model, device: str | torch.device | None) -> torch.device:
    if device is not None:
        try:
            place = torch.device(device)
            torch.empty(0, device=place)
        except (AssertionError, NotImplementedError, RuntimeError, TypeError) as error:
            got = f"{device}: {str(error).splitlines()[0]}"
            raise OptionError("device", "expected one that is there", got=got) from error
        if place.type == "meta":
            raise OptionError("device", "expected one that computes", got="meta")
        return place
    if isinstance(model, nn.Module):
        for value in model.parameters():
            return value.device
    return torch.device("cpu")
