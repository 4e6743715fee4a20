"""Operations that move pixels: flips, rotations, zoom, lower resolution."""

from __future__ import annotations

import torch
from torch.nn import functional

from ...errors import InputError, OptionError
from .doses import Tensor, check_batch, graded


def flip(images: Tensor, dim: int) -> Tensor:
    """Reverse one axis of a batch.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        Not modified.
    dim : {2, 3, 1}
        2: upside down. 3: left and right. 1: the channels.

    Returns
    -------
    Tensor, N×C×H×W
        A new tensor.

    Raises
    ------
    InputError
        Not a batch of floats.
    OptionError
        Another axis.

    Examples
    --------
    >>> flip(torch.tensor([1.0, 2.0, 3.0]).reshape(1, 1, 1, 3), 3).flatten().tolist()
    [3.0, 2.0, 1.0]
    """
    check_batch(images)
    if dim not in (1, 2, 3):
        rule = "expected 2 (upside down), 3 (left and right) or 1 (channels)"
        raise OptionError("dim", rule, got=repr(dim))
    return torch.flip(images, (dim,))


def hflip(images: Tensor, dose: float | Tensor = 1.0) -> Tensor:
    """Swap left and right.

    Parameters
    ----------
    images : Tensor, N×C×H×W
    dose : float or Tensor of shape (N,), default 1
        0 changes nothing.

    Returns
    -------
    Tensor, N×C×H×W

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`.

    Examples
    --------
    >>> hflip(torch.tensor([1.0, 2.0]).reshape(1, 1, 1, 2)).flatten().tolist()
    [2.0, 1.0]
    """
    return _switched(images, dose, 3)


def vflip(images: Tensor, dose: float | Tensor = 1.0) -> Tensor:
    """Swap top and bottom.

    Parameters
    ----------
    images : Tensor, N×C×H×W
    dose : float or Tensor of shape (N,), default 1
        0 changes nothing.

    Returns
    -------
    Tensor, N×C×H×W

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`.

    Examples
    --------
    >>> vflip(torch.tensor([1.0, 2.0]).reshape(1, 1, 2, 1)).flatten().tolist()
    [2.0, 1.0]
    """
    return _switched(images, dose, 2)


def channel_flip(images: Tensor, dose: float | Tensor = 1.0) -> Tensor:
    """Reverse the channels: red-green-blue to blue-green-red.

    Parameters
    ----------
    images : Tensor, N×C×H×W
    dose : float or Tensor of shape (N,), default 1
        0 changes nothing.

    Returns
    -------
    Tensor, N×C×H×W

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`.

    Examples
    --------
    >>> channel_flip(torch.tensor([1.0, 2.0, 3.0]).reshape(1, 3, 1, 1)).flatten().tolist()
    [3.0, 2.0, 1.0]
    """
    return _switched(images, dose, 1)


def rot90(images: Tensor, dose: float | Tensor) -> Tensor:
    """Turn by quarters, counter-clockwise.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        Square, unless the dose is 0 or 2: another shape cannot stand in the same batch.
    dose : float or Tensor of shape (N,)
        Number of quarter turns: 0 to 3.

    Returns
    -------
    Tensor, N×C×H×W

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`; or an odd number of
        turns of images that are not square.

    Examples
    --------
    >>> rot90(torch.tensor([[1.0, 2.0], [3.0, 4.0]])[None, None], 1.0)[0, 0].tolist()
    [[2.0, 4.0], [1.0, 3.0]]
    """
    return graded(images, dose, _turn, identity=0.0, low=0.0, high=3.0, whole=True, apart=True)


def zoom(images: Tensor, dose: float | Tensor) -> Tensor:
    """Enlarge about the centre; the size stays, the borders are lost.

    Parameters
    ----------
    images : Tensor, N×C×H×W
    dose : float or Tensor of shape (N,)
        Factor, ≥ 1; 1 changes nothing. Any number: the crop need not be of whole pixels.

    Returns
    -------
    Tensor, N×C×H×W
        Bilinear.

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`.

    Examples
    --------
    >>> ramp = torch.arange(8.0).reshape(1, 1, 1, 8)
    >>> zoom(ramp, 2.0).flatten().tolist()
    [1.75, 2.25, 2.75, 3.25, 3.75, 4.25, 4.75, 5.25]
    """
    return graded(images, dose, _zoom, identity=1.0, low=1.0, apart=True)


def down_up(images: Tensor, dose: float | Tensor) -> Tensor:
    """Shrink without aliasing and enlarge again, both bilinear: detail is lost, the size stays.

    Parameters
    ----------
    images : Tensor, N×C×H×W
    dose : float or Tensor of shape (N,)
        Factor, ≥ 1; 1 changes nothing. The smaller size is rounded to whole pixels, at least 1.

    Returns
    -------
    Tensor, N×C×H×W

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`.

    Examples
    --------
    >>> stripes = torch.tensor([0.0, 1.0] * 8).expand(1, 1, 16, 16)
    >>> bool(down_up(stripes, 2.0).std() < stripes.std() / 2)
    True
    """
    return graded(images, dose, _down_up, identity=1.0, low=1.0, apart=True)


def _switched(images: Tensor, dose: float | Tensor, axis: int) -> Tensor:
    def flipped(values: Tensor, _: object) -> Tensor:
        return torch.flip(values, (axis,))

    return graded(images, dose, flipped, identity=0.0, low=0.0, high=1.0, whole=True)


def _turn(images: Tensor, turns: float) -> Tensor:
    height, width = images.shape[2:]
    if turns % 2 and height != width:
        rule = "expected square images for a quarter turn: the model takes one shape"
        raise InputError("images", rule, got=f"{height}×{width}")
    return torch.rot90(images, int(turns), (2, 3))


def _zoom(images: Tensor, factor: float) -> Tensor:
    n = images.shape[0]
    if n == 0:
        return images
    shrink = torch.tensor([[[1 / factor, 0.0, 0.0], [0.0, 1 / factor, 0.0]]]).to(images)
    places = functional.affine_grid(shrink, [1, *images.shape[1:]], align_corners=False)
    places = places.expand(n, -1, -1, -1)
    return functional.grid_sample(images, places, padding_mode="border", align_corners=False)


def _down_up(images: Tensor, factor: float) -> Tensor:
    height, width = images.shape[2:]
    if images.shape[0] == 0:
        return images
    smaller = [max(1, round(n / factor)) for n in (height, width)]
    small = functional.interpolate(
        images, size=smaller, mode="bilinear", align_corners=False, antialias=True
    )
    return functional.interpolate(small, size=(height, width), mode="bilinear", align_corners=False)
