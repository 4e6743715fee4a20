"""The operations of :data:`sensitivity.catalogue.VIEWS` on batches of images.

All take N×C×H×W, RGB in [0, 1] **before** any normalisation, and a dose: one number, or one per
image. They never modify their input, keep its dtype and device, and with the dose that changes
nothing give it back bit by bit. :func:`apply` does them on what a model takes, normalised or
not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from ...catalogue import VIEWS, ViewSpec
from ...errors import InputError, OptionError
from .colour import contrast, gamma, saturation, warmth
from .degradation import gaussian_noise, jpeg
from .doses import Tensor, check_batch, piecewise
from .filters import bilateral, blur, box_blur, gaussian_blur, unsharp
from .geometry import channel_flip, down_up, flip, hflip, rot90, vflip, zoom

__all__ = ["OPERATIONS", "apply", "blur", "check_range", "flip", "looks_normalised", "undo"]

Operation = Callable[[Tensor, Any], Tensor]

#: All operations, each named as in the catalogue and in its order.
OPERATIONS: tuple[Operation, ...] = (
    gaussian_blur,
    box_blur,
    unsharp,
    gamma,
    contrast,
    saturation,
    warmth,
    bilateral,
    gaussian_noise,
    jpeg,
    down_up,
    zoom,
    hflip,
    vflip,
    rot90,
    channel_flip,
)
_BY_NAME = {operation.__name__: operation for operation in OPERATIONS}
_IDENTITY = {view.op: view.identity for view in VIEWS}
# They move values and change none, so that normalised images can be taken as they are.
_ONLY_MOVE = ("hflip", "vflip", "rot90")
#: How far beyond [0, 1] an antialiased or bicubic resize may reach.
_SLACK = 0.05
#: Above this, values are levels of 8 bits rather than normalised.
_HIGHEST = 20.0


def apply(
    images: Tensor,
    spec: ViewSpec,
    *,
    mean: Sequence[float] | Tensor | None = None,
    std: Sequence[float] | Tensor | None = None,
    doses: Tensor | None = None,
) -> Tensor:
    """One view of a batch, as the model takes it: un-normalise, operate, cut to [0, 1], normalise.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        As the model takes them; not modified.
    spec : ViewSpec
        The operation and its dose.
    mean, std : sequence of float or Tensor, length C or 1, optional
        The normalisation of `images`: (RGB − mean) / std. None: RGB in [0, 1]. Not checked
        against the values: see :func:`check_range`.
    doses : Tensor of shape (N,), optional
        A dose per image, instead of that of `spec`.

    Returns
    -------
    Tensor, N×C×H×W
        A new tensor with the dtype and on the device of `images`.

    Raises
    ------
    InputError
        Not a batch of floats, not one dose per image, channels that the operation cannot take,
        or a quarter turn of images that are not square.
    OptionError
        Only one of `mean` and `std`, or of another length; a dose out of bounds.

    Examples
    --------
    >>> images = torch.full((1, 3, 4, 4), -1.0)  # black, normalised
    >>> brighter = apply(images, ViewSpec("warmth", 0.1), mean=[0.5], std=[0.5])
    >>> float(brighter.max())
    -1.0
    """
    check_batch(images)
    shift, scale = normalisation(images, mean, std)
    if spec.op == "identity" or (doses is None and spec.dose == _IDENTITY[spec.op]):
        return images.clone()
    operation, dose = _BY_NAME[spec.op], spec.dose if doses is None else doses
    if spec.op in _ONLY_MOVE:
        return operation(images, dose)

    def view(part: Tensor, own: Any) -> Tensor:
        exact = part.float() if part.dtype.itemsize < 4 else part
        raw = exact if shift is None else torch.addcmul(shift, exact, scale)
        moved = operation(raw, own).clamp(0.0, 1.0)
        if shift is not None:
            moved = moved.sub_(shift).div_(scale)
        moved = moved.to(part.dtype)
        if doses is None:
            return moved
        same = own.to(device=exact.device, dtype=exact.dtype) == _IDENTITY[spec.op]
        return torch.where(same.reshape(-1, 1, 1, 1), part, moved)

    return piecewise(images, dose, view)


def undo(outputs: Tensor, spec: ViewSpec) -> Tensor:
    """Turn maps that a model made of a view back to the original's pixels.

    Parameters
    ----------
    outputs : Tensor, N×K×H×W or of any other shape
        Maps of K values per pixel; anything but four axes has no pixels, and stays.
    spec : ViewSpec
        The view.

    Returns
    -------
    Tensor
        `outputs` itself where the view moves no pixels.

    Raises
    ------
    OptionError
        The maps are of a zoom: what it cut off is lost.

    Examples
    --------
    >>> maps = torch.arange(4.0).reshape(1, 1, 2, 2)
    >>> turned = ViewSpec("rot90", 1.0, source="declared")
    >>> bool((undo(apply(maps, turned), turned) == maps).all())
    True
    """
    if outputs.dim() != 4 or spec.dose == _IDENTITY.get(spec.op):
        return outputs
    if spec.op == "zoom":
        raise OptionError("view", "expected one that has an inverse for maps", got=spec.name)
    if spec.op == "rot90":
        return torch.rot90(outputs, -int(spec.dose), (2, 3))
    if spec.op in ("hflip", "vflip"):
        return torch.flip(outputs, (3 if spec.op == "hflip" else 2,))
    return outputs


def normalisation(
    images: Tensor,
    mean: Sequence[float] | Tensor | None,
    std: Sequence[float] | Tensor | None,
) -> tuple[Tensor | None, Tensor | None]:
    """Mean and standard deviation in a shape that fits a batch.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        Of which the number of channels and the device are taken.
    mean, std : sequence of float or Tensor, length C or 1, or None
        Both or neither; `std` above 0.

    Returns
    -------
    (Tensor, Tensor) or (None, None)
        1×C×1×1 each (or 1×1×1×1), in float32, or float64 for images in float64.

    Raises
    ------
    OptionError
        Only one is given, their length fits neither, or a standard deviation is not above 0.

    Examples
    --------
    >>> normalisation(torch.zeros(2, 3, 4, 4), [0.5, 0.5, 0.5], [0.2, 0.2, 0.2])[0].shape
    torch.Size([1, 3, 1, 1])
    """
    if mean is None and std is None:
        return None, None
    if mean is None or std is None:
        raise OptionError("mean and std", "expected both or neither")
    dtype = torch.float64 if images.dtype == torch.float64 else torch.float32
    pair = [torch.as_tensor(value, dtype=dtype, device=images.device) for value in (mean, std)]
    n_channels = images.shape[1]
    if any(value.numel() not in (1, n_channels) for value in pair):
        rule = f"expected one value per channel ({n_channels})"
        raise OptionError("mean and std", rule, got=str([value.numel() for value in pair]))
    if not torch.compiler.is_compiling() and not bool((pair[1] > 0).all()):
        raise OptionError("std", "expected numbers above 0", got=str(pair[1].tolist()))
    return pair[0].reshape(1, -1, 1, 1), pair[1].reshape(1, -1, 1, 1)


def looks_normalised(images: Tensor) -> bool:
    """Whether values are clearly no RGB in [0, 1], and no levels of 8 bits either.

    Parameters
    ----------
    images : Tensor, N×C×H×W

    Returns
    -------
    bool
        False also for an empty batch, and where every value happens to lie in [0, 1].

    Examples
    --------
    >>> looks_normalised(torch.tensor([-2.1, 0.3, 2.6])), looks_normalised(torch.tensor([0.2, 1.0]))
    (True, False)
    """
    if images.numel() == 0:
        return False
    low, high = (float(end) for end in torch.aminmax(images))
    return low < -_SLACK or 1 + _SLACK < high <= _HIGHEST


def check_range(
    images: Tensor,
    mean: Sequence[float] | Tensor | None,
    std: Sequence[float] | Tensor | None,
) -> None:
    """Raise unless images are RGB in [0, 1], once un-normalised.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        As the model takes them.
    mean, std : sequence of float or Tensor, or None
        As for :func:`apply`.

    Raises
    ------
    InputError
        Values that are not finite, or lie outside [0, 1] by more than 0.05: normalised without
        saying how, levels of 8 bits, or another mean and std than those given.
    OptionError
        As for :func:`normalisation`.

    Examples
    --------
    >>> check_range(torch.full((1, 3, 2, 2), -1.5), None, None)
    Traceback (most recent call last):
    ...
    sensitivity.errors.InputError: images: expected RGB in [0, 1], or mean and std of their
    normalisation, got -1.5 to -1.5 (they look normalised)
    """
    check_batch(images)
    shift, scale = normalisation(images, mean, std)
    if images.numel() == 0:
        return
    ends = torch.stack([images.detach().amin((0, 2, 3)), images.detach().amax((0, 2, 3))])
    if shift is not None and scale is not None:
        ends = torch.addcmul(shift.flatten(), ends.to(shift.dtype), scale.flatten())
    low, high = float(ends[0].min()), float(ends[1].max())
    if low >= -_SLACK and high <= 1 + _SLACK:
        return
    got = f"{low:.3g} to {high:.3g}"
    if shift is not None:
        rule = "expected RGB in [0, 1] once un-normalised by mean and std"
        raise InputError("images", rule, got=got)
    rule = "expected RGB in [0, 1], or mean and std of their normalisation"
    where = None
    if looks_normalised(images):
        where = "they look normalised"
    elif high > _HIGHEST:
        where = "they look like levels from 0 to 255: divide by 255"
    raise InputError("images", rule, got=got, where=where)
