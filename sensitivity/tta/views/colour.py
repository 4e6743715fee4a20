"""Operations on tone and colour: each pixel for itself."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.nn import functional

from .doses import Tensor, graded, in_colour

#: Rec. 601, as in the features.
_LUMA = (0.299, 0.587, 0.114)


def gamma(images: Tensor, dose: float | Tensor) -> Tensor:
    """Raise every value to a power: above 1 darker, below 1 brighter; black and white stay.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        In [0, 1].
    dose : float or Tensor of shape (N,)
        The exponent, > 0; 1 changes nothing.

    Returns
    -------
    Tensor, N×C×H×W
        0 where a value is 0 or less.

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`.

    Examples
    --------
    >>> gamma(torch.tensor([0.0, 0.5, 1.0]).reshape(1, 1, 1, 3), 2.0).flatten().tolist()
    [0.0, 0.25, 1.0]
    """
    return graded(images, dose, _gamma, identity=1.0, low=1e-3)


def contrast(images: Tensor, dose: float | Tensor) -> Tensor:
    """Stretch or press every value about the image's own mean luma.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        One channel, or red, green and blue.
    dose : float or Tensor of shape (N,)
        Factor, ≥ 0; 1 changes nothing, 0 leaves the mean luma.

    Returns
    -------
    Tensor, N×C×H×W
        May leave [0, 1]; :func:`sensitivity.tta.views.apply` cuts it.

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`; or neither 1 nor 3
        channels.

    Examples
    --------
    >>> contrast(torch.tensor([0.25, 0.75]).reshape(1, 1, 1, 2), 0.5).flatten().tolist()
    [0.375, 0.625]
    """
    return graded(images, dose, _contrast, identity=1.0, low=0.0)


def saturation(images: Tensor, dose: float | Tensor) -> Tensor:
    """Blend with grey (Rec. 601 luma), or away from it.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        One channel (which stays as it is), or red, green and blue.
    dose : float or Tensor of shape (N,)
        Factor, ≥ 0: 0 is grey, 1 changes nothing, above 1 has more colour.

    Returns
    -------
    Tensor, N×C×H×W
        May leave [0, 1]; :func:`sensitivity.tta.views.apply` cuts it.

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`; or neither 1 nor 3
        channels.

    Examples
    --------
    >>> red = torch.tensor([1.0, 0.0, 0.0]).double().reshape(1, 3, 1, 1)
    >>> saturation(red, 0.0).flatten().round(decimals=3).tolist()
    [0.299, 0.299, 0.299]
    """
    return graded(images, dose, _saturation, identity=1.0, low=0.0)


def warmth(images: Tensor, dose: float | Tensor) -> Tensor:
    """Change the gains of red and blue: red × (1 + dose), blue × (1 − dose).

    Parameters
    ----------
    images : Tensor, N×C×H×W
        One channel (which stays as it is), or red, green and blue.
    dose : float or Tensor of shape (N,)
        From −1 (cooler) to 1 (warmer); 0 changes nothing.

    Returns
    -------
    Tensor, N×C×H×W
        May leave [0, 1]; :func:`sensitivity.tta.views.apply` cuts it.

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`; or neither 1 nor 3
        channels.

    Examples
    --------
    >>> grey = torch.full((1, 3, 1, 1), 0.5).double()
    >>> warmth(grey, 0.1).flatten().round(decimals=3).tolist()
    [0.55, 0.5, 0.45]
    """
    return graded(images, dose, _warmth, identity=0.0, low=-1.0, high=1.0)


def _gamma(images: Tensor, exponent: Any) -> Tensor:
    # exp2(log2) takes a fraction of the time of a power. Black, where the slope would be infinite,
    # gets a logarithm so low that every power of it is 0.
    darkest = torch.finfo(images.dtype).tiny
    logs = torch.log2(images.clamp_min(darkest))
    logs = functional.threshold(logs, math.log2(darkest) + 1, -1e30)
    return logs.mul_(exponent).exp2_()


def _contrast(images: Tensor, factor: Any) -> Tensor:
    mean = _luma(images.mean(dim=(2, 3), keepdim=True))
    return (images * factor).add_(mean * (1 - factor))


def _saturation(images: Tensor, factor: Any) -> Tensor:
    if not in_colour(images):
        return images
    return (images * factor).add_(_luma(images) * (1 - factor))


def _warmth(images: Tensor, gain: Any) -> Tensor:
    if not in_colour(images):
        return images
    red, green, blue = images.split(1, dim=1)
    return torch.cat([red * (1 + gain), green, blue * (1 - gain)], dim=1)


def _luma(images: Tensor) -> Tensor:
    if not in_colour(images):
        return images
    red, green, blue = images.split(1, dim=1)
    return (red * _LUMA[0]).add_(green, alpha=_LUMA[1]).add_(blue, alpha=_LUMA[2])
