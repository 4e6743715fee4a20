"""A small network for Fashion-MNIST, trained on clean images only by `train.py`."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

TRAINED_FILE = Path(__file__).resolve().parent / "model.pt"

INPUT_SIZE = 28
MEAN = (0.2860,)
STD = (0.3530,)
"""The normalisation of grey in [0, 1]: mean and spread of the training images."""


class FashionNet(nn.Sequential):
    """Four convolutions and one linear layer: 52,314 parameters, ten classes.

    Attributes
    ----------
    input_size : int
        Height and width of the input in pixels.
    mean, std : tuple of float
        Normalisation of grey in [0, 1].
    channels : int
        Channels of the input: 1, grey.
    """

    input_size: int = INPUT_SIZE
    mean: tuple[float, ...] = MEAN
    std: tuple[float, ...] = STD
    channels: int = 1

    def __init__(self) -> None:
        super().__init__(
            *_block(1, 16),
            nn.MaxPool2d(2),
            *_block(16, 32),
            *_block(32, 48),
            nn.MaxPool2d(2),
            *_block(48, 64),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(64 * 3 * 3, 10),
        )


def _block(n_in: int, n_out: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)
    return convolution, nn.BatchNorm2d(n_out), nn.ReLU()


def load(path: Path = TRAINED_FILE) -> nn.Module:
    """Load the trained model.

    Parameters
    ----------
    path : Path
        The file that `train.py` wrote.

    Returns
    -------
    nn.Module
        The model in evaluation mode; it gives ten logits and has the attributes `input_size`,
        `mean`, `std` and `channels`.
    """
    net = FashionNet()
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    net.requires_grad_(False)
    return net.eval()


def preprocess(image: np.ndarray) -> torch.Tensor:
    """Turn a decoded photo into the model's input.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width) or (height, width, 3)
        Grey, or BGR as `cv2.imread` gives it.

    Returns
    -------
    Tensor of float32, shape (1, 28, 28)
        The input of one photo, without the batch's dimension.
    """
    if image.dtype != np.uint8 or image.ndim not in (2, 3):
        raise ValueError(f"expected uint8, grey or BGR, got {image.dtype} of shape {image.shape}")
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image
    if grey.shape != (INPUT_SIZE, INPUT_SIZE):
        grey = cv2.resize(grey, (INPUT_SIZE, INPUT_SIZE), interpolation=cv2.INTER_AREA)
    scaled = torch.tensor(grey).float().unsqueeze(0) / 255
    return (scaled - MEAN[0]) / STD[0]
