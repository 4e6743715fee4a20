"""Operations that mix a pixel with its neighbours: blur, sharpening, smoothing.

Sums of shifted images: they need no convolution kernel, work on images smaller than their
window, and cannot mix channels or images. Beyond its borders an image goes on mirrored,
without repeating the edge.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.nn import functional

from ...errors import OptionError
from .doses import Tensor, check_batch, graded

#: The Gaussian is cut off where it is 1 % of its height.
_CUT = 3.0
#: Beyond this nothing is left of any image, and a slip such as 1e9 would take for ever.
_WIDEST = 1000.0
#: Window of :func:`bilateral`: its reach from the centre, and σ of its spatial weights.
_REACH, _SPATIAL = 2, 1.5
#: Weights end at e⁻⁶⁰: smaller ones change no pixel, and a processor takes 100 times as long for
#: numbers near the least that it knows.
_FAINTEST = -60.0


def gaussian_blur(images: Tensor, dose: float | Tensor) -> Tensor:
    """Gaussian blur.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        Any size from 1×1 on.
    dose : float or Tensor of shape (N,)
        σ in pixels, 0 to 1000; 0 changes nothing. The window reaches 3 σ to each side.

    Returns
    -------
    Tensor, N×C×H×W

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`.

    Examples
    --------
    >>> step = torch.tensor([0.0, 0, 0, 1, 1, 1]).double().expand(1, 1, 6, 6)
    >>> gaussian_blur(step, 1.0)[0, 0, 0].round(decimals=2).tolist()
    [0.01, 0.06, 0.3, 0.7, 0.94, 0.99]
    """
    return graded(images, dose, _gaussian, identity=0.0, low=0.0, high=_WIDEST, in_pieces=True)


def box_blur(images: Tensor, dose: float | Tensor) -> Tensor:
    """Mean over a square window.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        Any size from 1×1 on.
    dose : float or Tensor of shape (N,)
        Side of the window in pixels, 1 to 1000; 1 changes nothing. Between odd numbers the
        outermost pixels count in part; sharpness falls from odd number to odd number, not
        everywhere in between: a Gaussian is the better dial.

    Returns
    -------
    Tensor, N×C×H×W

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`.

    Examples
    --------
    >>> point = torch.zeros(1, 1, 1, 5)
    >>> point[..., 2] = 1
    >>> box_blur(point, 3.0).flatten().mul(3).round().tolist()
    [0.0, 1.0, 1.0, 1.0, 0.0]
    """
    return graded(images, dose, _box, identity=1.0, low=1.0, high=_WIDEST, in_pieces=True)


def blur(images: Tensor, size: int | tuple[int, int]) -> Tensor:
    """Mean over a window of each image and channel for itself.

    The published recipe hands a C×H×W array to a function that takes it as height × width ×
    channels: it blurs one image of the batch, over its channels and rows, and overwrites the
    original. This is what was meant.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        Raw or normalised: a mean commutes with the normalisation.
    size : int or (int, int)
        Height and width of the window in pixels: odd, so that it has a centre.

    Returns
    -------
    Tensor, N×C×H×W
        A new tensor; `images` is not modified.

    Raises
    ------
    InputError
        Not a batch of floats.
    OptionError
        A side is not an odd number of at least 1.

    Examples
    --------
    >>> rows = torch.tensor([[0.0, 3.0, 6.0]]).T.expand(1, 1, 3, 3)
    >>> blur(rows, (3, 1))[0, 0, :, 0].tolist(), blur(rows, (1, 3))[0, 0, :, 0].tolist()
    ([2.0, 3.0, 4.0], [0.0, 3.0, 6.0])
    """
    check_batch(images)
    sides = (size, size) if isinstance(size, (int, float)) else tuple(size)
    if len(sides) != 2 or not all(side >= 1 and side % 2 == 1 for side in sides):
        raise OptionError("size", "expected one or two odd numbers of at least 1", got=repr(size))
    exact = images.float() if images.dtype.itemsize < 4 else images
    for dim, side in zip((2, 3), sides, strict=True):
        exact = _along(exact, [1 / side] * side, dim)
    return exact.to(images.dtype)


def unsharp(images: Tensor, dose: float | Tensor) -> Tensor:
    """Unsharp mask: adds `dose` times what a Gaussian blur of σ = 1 pixel takes away.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        Any size from 1×1 on.
    dose : float or Tensor of shape (N,)
        Amount, ≥ 0; 0 changes nothing.

    Returns
    -------
    Tensor, N×C×H×W
        May leave [0, 1]; :func:`sensitivity.tta.views.apply` cuts it.

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`.

    Examples
    --------
    >>> step = torch.tensor([0.2, 0.2, 0.8, 0.8]).double().expand(1, 1, 4, 4)
    >>> unsharp(step, 1.0)[0, 0, 0].round(decimals=2).tolist()
    [0.13, 0.02, 0.98, 0.87]
    """
    return graded(images, dose, _unsharp, identity=0.0, low=0.0, in_pieces=True)


def bilateral(images: Tensor, dose: float | Tensor) -> Tensor:
    """Bilateral filter: a mean of 5×5 neighbours, of which those that look alike count.

    A neighbour weighs exp(−distance²/(2·1.5²)) · exp(−difference²/(2·dose²)), where the
    difference is the root mean square over the channels: all channels of a pixel are mixed
    with the same weights.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        Any size from 1×1 on.
    dose : float or Tensor of shape (N,)
        σ of the difference, ≥ 0, on the scale of [0, 1]; 0 changes nothing.

    Returns
    -------
    Tensor, N×C×H×W

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`.

    References
    ----------
    Tomasi & Manduchi 1998, Bilateral filtering for gray and color images, ICCV.

    Examples
    --------
    >>> step = torch.tensor([0.1, 0.12, 0.1, 0.9, 0.92, 0.9]).double().expand(1, 1, 6, 6)
    >>> bilateral(step, 0.05)[0, 0, 0].round(decimals=2).tolist()
    [0.11, 0.11, 0.11, 0.91, 0.91, 0.91]
    """
    return graded(images, dose, _bilateral, identity=0.0, low=0.0, in_pieces=True)


def _gaussian(images: Tensor, sigma: Any) -> Tensor:
    if not torch.is_tensor(sigma):
        radius = int(_CUT * sigma + 0.5)
        places = range(-radius, radius + 1)
        weights: list[Any] = [math.exp(-0.5 * (k / sigma) ** 2) for k in places]
    else:
        # Every image has its own window, so that its neighbours in the batch do not matter.
        reach = torch.floor(_CUT * sigma + 0.5)
        radius = int(reach.max()) if reach.numel() else 0
        safe = sigma.clamp_min(1e-3)
        places = range(-radius, radius + 1)
        weights = [torch.exp(-0.5 * (k / safe) ** 2) * (reach >= abs(k)) for k in places]
    return _squarely(images, weights)


def _box(images: Tensor, side: Any) -> Tensor:
    if not torch.is_tensor(side):
        radius = math.ceil((side - 1) / 2)
        places = range(-radius, radius + 1)
        return _squarely(images, [min(1.0, side / 2 + 0.5 - abs(k)) for k in places])
    radius = math.ceil((float(side.max()) - 1) / 2) if side.numel() else 0
    places = range(-radius, radius + 1)
    return _squarely(images, [(side / 2 + 0.5 - abs(k)).clamp(0.0, 1.0) for k in places])


def _unsharp(images: Tensor, amount: Any) -> Tensor:
    return images + (images - _gaussian(images, 1.0)) * amount


def _bilateral(images: Tensor, sigma: Any) -> Tensor:
    """Each pair of neighbours is compared once, and moves both towards each other."""
    height, width = images.shape[2:]
    around = _mirrored(_mirrored(images, _REACH, 2), _REACH, 3)
    # Rows one after the other, so that a neighbour is a fixed number of places away. The margin
    # keeps the pixels that are asked for from neighbours beyond the ends of a row.
    stride = width + 2 * _REACH
    row = around.flatten(2)
    farthest = start = _REACH * stride + _REACH
    n = (height - 1) * stride + width
    rooms = _rooms(row, n + farthest)
    narrowest = max(sigma, 1e-6) if not torch.is_tensor(sigma) else sigma.clamp_min(1e-6).flatten(2)
    factor = -0.5 / (images.shape[1] * narrowest**2)
    whole_moved = row.new_zeros((*row.shape[:2], height * stride))
    whole_total = row.new_ones((row.shape[0], 1, height * stride))
    moved, total = whole_moved[..., :n], whole_total[..., :n]
    for down in range(_REACH + 1):
        for right in range(-_REACH, _REACH + 1):
            if (down, right) <= (0, 0):
                continue
            away = down * stride + right
            here, there = row[..., start - away : start + n], row[..., start : start + n + away]
            room, small_room = (None if r is None else r[..., : n + away] for r in rooms)
            difference = torch.sub(there, here, out=room)
            first, *others = difference.split(1, dim=1)
            square = torch.mul(first, first, out=small_room)
            for other in others:
                square = square.addcmul_(other, other)
            alike = square.mul_(factor).clamp_min_(_FAINTEST).exp_()
            near = math.exp(-0.5 * (down**2 + right**2) / _SPATIAL**2)
            # The pixel is once the first of its pair, once the second.
            later, earlier = alike[..., away:], alike[..., :n]
            moved = moved.addcmul_(difference[..., away:], later, value=near)
            moved = moved.addcmul_(difference[..., :n], earlier, value=-near)
            total = total.add_(later, alpha=near).add_(earlier, alpha=near)
    steps = (whole_moved / whole_total).unflatten(2, (height, stride))
    return images + steps[..., :width]


def _rooms(row: Tensor, n: int) -> tuple[Tensor | None, Tensor | None]:
    """Room for what a pair of neighbours needs, used again by the next; a gradient needs it all."""
    if torch.compiler.is_compiling() or torch.is_grad_enabled():
        return None, None
    return row.new_empty((*row.shape[:2], n)), row.new_empty((row.shape[0], 1, n))


def _squarely(images: Tensor, weights: list[Any]) -> Tensor:
    total = sum(weights)
    shares = [weight / total for weight in weights]
    return _along(_along(images, shares, 3), shares, 2)


def _along(images: Tensor, weights: list[Any], dim: int) -> Tensor:
    """Sum of shifted images along one axis; weights are numbers, or N×1×1×1."""
    n = images.shape[dim]
    around = _mirrored(images, len(weights) // 2, dim)
    total = around.narrow(dim, 0, n) * weights[0]
    for shift, weight in enumerate(weights[1:], 1):
        part = around.narrow(dim, shift, n)
        if torch.is_tensor(weight):
            total = torch.addcmul(total, part, weight)
        else:
            total = total.add_(part, alpha=weight)
    return total


def _mirrored(images: Tensor, reach: int, dim: int) -> Tensor:
    n = images.shape[dim]
    if reach == 0:
        return images
    if reach < n:
        sides = (reach, reach, 0, 0) if dim == 3 else (0, 0, reach, reach)
        return functional.pad(images, sides, mode="reflect")
    # Smaller than the window: back and forth as often as it takes.
    period = max(2 * (n - 1), 1)
    places = [k % period for k in range(-reach, n + reach)]
    folded = torch.tensor([min(k, period - k) if n > 1 else 0 for k in places])
    return images.index_select(dim, folded.to(images.device))
