"""Operations that make images worse on purpose: noise and JPEG compression."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch

from .doses import Tensor, graded, in_colour

_SEED = 0


def gaussian_noise(images: Tensor, dose: float | Tensor) -> Tensor:
    """Add Gaussian noise: the same pattern to every image, whatever the batch and the run.

    Parameters
    ----------
    images : Tensor, N×C×H×W
    dose : float or Tensor of shape (N,)
        σ on the scale of [0, 1], ≥ 0; 0 changes nothing. The channels have noise of their
        own, so that the noise of luma is two thirds of it.

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
    >>> grey = torch.full((2, 3, 32, 32), 0.5)
    >>> noisy = gaussian_noise(grey, 0.1)
    >>> torch.equal(noisy[0], noisy[1]), round(float(noisy.std()), 2)
    (True, 0.1)
    """
    return graded(images, dose, lambda x, sigma: x + noise_like(x) * sigma, identity=0.0, low=0.0)


def jpeg(images: Tensor, dose: float | Tensor) -> Tensor:
    """Compress to JPEG and back; not differentiable.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        In [0, 1], rounded to 8 bits; one channel, or red, green and blue.
    dose : float or Tensor of shape (N,)
        100 less the quality, 0 to 99, rounded to a whole number; 0 changes nothing.

    Returns
    -------
    Tensor, N×C×H×W
        Multiples of 1/255, without a gradient.

    Raises
    ------
    InputError, OptionError
        As for all operations: see :func:`sensitivity.tta.views.doses.graded`; or neither 1 nor 3
        channels.

    Examples
    --------
    >>> ramp = torch.linspace(0, 1, 64).reshape(1, 1, 8, 8)
    >>> steps = jpeg(ramp, 90.0)
    >>> bool(0 < (steps - ramp).abs().max() < 0.2)
    True
    """
    return graded(images, dose, _jpeg, identity=0.0, low=0.0, high=99.0, apart=True)


def noise_like(images: Tensor) -> Tensor:
    """The one pattern of standard normal noise of a shape.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        Of which the shape C×H×W, the dtype and the device are taken.

    Returns
    -------
    Tensor, C×H×W

    Examples
    --------
    >>> noise_like(torch.zeros(5, 3, 4, 4)).shape
    torch.Size([3, 4, 4])
    """
    n_channels, height, width = images.shape[1:]
    pattern = torch.from_numpy(_pattern(int(n_channels), int(height), int(width)))
    return pattern.to(device=images.device, dtype=images.dtype)


@lru_cache(maxsize=8)
def _pattern(*shape: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(_SEED).standard_normal(shape, dtype=np.float32)


def _jpeg(images: Tensor, dose: float) -> Tensor:
    import cv2

    colour = in_colour(images)
    options = [int(cv2.IMWRITE_JPEG_QUALITY), round(100 - dose)]
    levels = images.detach().clamp(0, 1).mul_(255).round_().to(torch.uint8)
    planes = levels.contiguous().cpu().numpy()
    decoded = np.empty_like(planes)
    for image, place in zip(planes, decoded, strict=True):
        # Red-green-blue to OpenCV's order and back.
        _, data = cv2.imencode(".jpg", cv2.merge(image[::-1]) if colour else image[0], options)
        back = np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))
        if colour:
            cv2.split(back, list(place[::-1]))
        else:
            place[0] = back
    channels = torch.from_numpy(decoded)
    return channels.to(device=images.device, dtype=images.dtype).div_(255)
