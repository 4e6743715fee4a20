"""What tells one model, and one batch, from another."""

from __future__ import annotations

import hashlib
import inspect
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from .forward import Task


def stamp_of(task: Task) -> str:
    """What the outputs depend on beside the images: views, normalisation, weights, device's kind.

    Parameters
    ----------
    task : Task
        What is done. Of a callable, the modules that it refers to are looked into; one that
        hides them cannot be told from another.

    Returns
    -------
    str
        32 hexadecimal digits.

    Examples
    --------
    >>> from sensitivity.tta.forward import task_of
    >>> one, other = (task_of(nn.Linear(2, 2), []) for _ in range(2))
    >>> stamp_of(one) == stamp_of(one), stamp_of(one) == stamp_of(other)
    (True, False)
    """
    mark = hashlib.blake2b(digest_size=16)
    told = (task.views, task.features, task.mean, task.std, task.precision, task.device.type)
    mark.update(repr(told).encode())
    for module in _modules_of(task.model):
        mark.update(repr(module).encode())
        for name, value in module.state_dict().items():
            mark.update(name.encode())
            mark.update(_bytes_of(value))
    return mark.hexdigest()


def digest(images: Tensor) -> str:
    """Tells one batch from another.

    Parameters
    ----------
    images : Tensor
        Of any kind and shape.

    Returns
    -------
    str
        32 hexadecimal digits.

    Examples
    --------
    >>> digest(torch.zeros(2, 1)) == digest(torch.zeros(1, 2))
    False
    """
    return hashlib.blake2b(_bytes_of(images), digest_size=16).hexdigest()


def _modules_of(model: Any) -> list[nn.Module]:
    """The modules that a model is, holds or refers to."""
    if isinstance(model, nn.Module):
        return [model]
    held: list[Any] = []
    if isinstance(model, partial):
        held += [model.func, *model.args, *model.keywords.values()]
    if inspect.ismethod(model):
        held.append(model.__self__)
    if inspect.isfunction(model):
        seen = inspect.getclosurevars(model)
        held += [*seen.nonlocals.values(), *seen.globals.values()]
    held += vars(model).values() if hasattr(model, "__dict__") else []
    return [module for module in held if isinstance(module, nn.Module)]


def _bytes_of(value: Any) -> bytes:
    if not isinstance(value, Tensor):
        return repr(value).encode()
    about = f"{value.dtype} {tuple(value.shape)}".encode()
    plain = value.detach().int_repr() if value.is_quantized else value.detach()
    flat = plain.cpu().contiguous().reshape(-1)
    return about + (flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b"")
