"""What all operations share: the check of a batch, and one dose for all or one per image."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import torch

from ...errors import InputError, OptionError

Tensor: TypeAlias = torch.Tensor

#: From images and a dose, which is a number or has the shape N×1×1×1, to images.
Work = Callable[[Tensor, Any], Tensor]

#: Values that stay in a processor's cache while they are worked on.
_PIECE = 2**18


def check_batch(images: Tensor) -> None:
    """Raise unless images are a batch of floats.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        N may be 0.

    Raises
    ------
    InputError
        Not a tensor of floats with four axes, or images without pixels.

    Examples
    --------
    >>> check_batch(torch.zeros(3, 8, 8))
    Traceback (most recent call last):
    ...
    sensitivity.errors.InputError: images: expected a tensor N×C×H×W of floats, got torch.float32
    of shape (3, 8, 8)
    """
    if not torch.is_tensor(images):
        rule = "expected a tensor N×C×H×W of floats"
        raise InputError("images", rule, got=type(images).__name__)
    shape = tuple(images.shape)
    if images.dim() != 4 or not images.is_floating_point():
        rule = "expected a tensor N×C×H×W of floats"
        raise InputError("images", rule, got=f"{images.dtype} of shape {shape}")
    if 0 in shape[1:]:
        raise InputError("images", "expected at least one pixel", got=f"shape {shape}")


def in_colour(images: Tensor) -> bool:
    """Whether a batch is red-green-blue, and not grey.

    Parameters
    ----------
    images : Tensor, N×C×H×W

    Returns
    -------
    bool

    Raises
    ------
    InputError
        Neither one channel nor three.

    Examples
    --------
    >>> in_colour(torch.zeros(1, 1, 4, 4))
    False
    """
    n_channels = images.shape[1]
    if n_channels not in (1, 3):
        rule = "expected 1 channel (grey) or 3 (red, green, blue)"
        raise InputError("images", rule, got=str(n_channels))
    return bool(n_channels == 3)


def graded(
    images: Tensor,
    dose: float | Tensor,
    work: Work,
    *,
    identity: float,
    low: float = -math.inf,
    high: float = math.inf,
    whole: bool = False,
    apart: bool = False,
    in_pieces: bool = False,
) -> Tensor:
    """Do an operation with one dose for all images, or with one for each.

    Half precision is computed in float32. Where the dose is `identity`, the image stays as it
    is, bit by bit.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        Not modified.
    dose : float or Tensor of shape (N,)
        From `low` to `high`.
    work : callable
        What is done with images in float32 or float64.
    identity : float
        The dose that changes nothing.
    low, high : float
        Bounds of the dose.
    whole : bool, default False
        Whether doses are whole numbers.
    apart : bool, default False
        Whether `work` takes numbers only, so that images of different doses go one after the
        other.
    in_pieces : bool, default False
        Whether a processor does better on a few images at a time, which stay in its cache.

    Returns
    -------
    Tensor, N×C×H×W
        With the dtype and on the device of `images`; `images` itself where one dose changes
        nothing.

    Raises
    ------
    InputError
        Not a batch of floats, or not one dose per image.
    OptionError
        No number, or a dose out of bounds.

    Examples
    --------
    >>> halved = graded(torch.ones(2, 1, 1, 1), torch.tensor([1.0, 0.5]), torch.mul, identity=1.0)
    >>> halved.flatten().tolist()
    [1.0, 0.5]
    """
    check_batch(images)
    exact = images.float() if images.dtype.itemsize < 4 else images
    if not torch.is_tensor(dose):
        value = _number(dose)
        _check_doses([value], low, high, whole=whole)
        if value == identity:
            return images
        done = piecewise(exact, value, work) if in_pieces else work(exact, value)
        return done.to(images.dtype)

    doses = _per_image(dose, exact)
    values: list[float] = [] if torch.compiler.is_compiling() else doses.tolist()
    _check_doses(values, low, high, whole=whole)
    if apart:
        moved = exact.clone()
        for value in sorted(set(values) - {identity}):
            rows = doses == value
            moved[rows] = work(exact[rows], value)
    else:
        moved = work(exact, doses.reshape(-1, 1, 1, 1))
    return torch.where((doses == identity).reshape(-1, 1, 1, 1), images, moved.to(images.dtype))


def piecewise(images: Tensor, dose: float | Tensor, work: Work) -> Tensor:
    """Do an operation on a few images at a time, which stay in a processor's cache meanwhile.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        On another device, or while a program is traced, they are worked on all at once.
    dose : float or Tensor of shape (N,)
        One for all, or one per image.
    work : callable
        From a part of the images, and its dose or doses, to new images.

    Returns
    -------
    Tensor, N×C×H×W

    Raises
    ------
    InputError
        Not one dose per image.

    Examples
    --------
    >>> piecewise(torch.ones(2, 1, 1, 1), 3.0, torch.mul).flatten().tolist()
    [3.0, 3.0]
    """
    if torch.is_tensor(dose):
        _check_one_per_image(dose, images)
    if torch.compiler.is_compiling() or images.device.type != "cpu" or not len(images):
        return work(images, dose)
    n = max(1, _PIECE // images[0].numel())
    if n >= len(images):
        return work(images, dose)
    parts = images.split(n)
    doses = torch.as_tensor(dose).split(n) if torch.is_tensor(dose) else [dose] * len(parts)
    return torch.cat([work(part, own) for part, own in zip(parts, doses, strict=True)])


def _number(dose: Any) -> float:
    try:
        return float(dose)
    except (TypeError, ValueError):
        rule = "expected a number, or a tensor of one per image"
        raise OptionError("dose", rule, got=repr(dose)[:60]) from None


def _per_image(dose: Tensor, images: Tensor) -> Tensor:
    _check_one_per_image(dose, images)
    return dose.to(device=images.device, dtype=images.dtype)


def _check_one_per_image(dose: Tensor, images: Tensor) -> None:
    if dose.shape != images.shape[:1]:
        rule = f"expected one per image ({images.shape[0]})"
        raise InputError("doses", rule, got=f"shape {tuple(dose.shape)}")


def _check_doses(values: list[float], low: float, high: float, *, whole: bool) -> None:
    for value in values:
        if not (math.isfinite(value) and low <= value <= high) or (whole and value % 1):
            kind = "a whole number" if whole else "a number"
            rule = f"expected {kind} from {low:g} to {high:g}"
            raise OptionError("dose", rule, got=f"{value:g}")
