"""Collect what the model says of every registered view of three sets of test images.

    python collect.py                 all 10,000 images of each set; minutes
    python collect.py --images 2000   the first so many

Writes one npz file per set into a cache folder beside this file. What is there already is kept.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import data
import degrade
import model
import numpy as np
import torch
from torch.utils.data import DataLoader

from sensitivity.catalogue import VIEWS, ViewSpec
from sensitivity.tta.collect import collect
from sensitivity.tta.logits import ViewLogits

CACHE = Path(__file__).resolve().parent / ".sensitivity-cache"
SETS = ("degraded", "clean", "moved")
FEATURES = (
    "sharpness",
    "blur_effect",
    "brightness",
    "contrast",
    "dynamic_range",
    "noise",
    "entropy",
    "edge_density",
    "underexposed",
    "overexposed",
    "blockiness",
)
BATCH = 250
OF_COLOUR = ("saturation", "warmth", "channel_flip")
"""Operations that do nothing to a grey image."""


def views() -> tuple[ViewSpec, ...]:
    """Every registered view in its usual doses, as far as it applies to grey images.

    Returns
    -------
    tuple of ViewSpec
        Without the original, and without symmetries: the training used none.
    """
    found = []
    for view in VIEWS:
        if view.op in OF_COLOUR or view.symmetric:
            continue
        for dose in view.usual:
            found.append(ViewSpec(view.op, dose, view.feature, view.direction, "registered"))
    return tuple(found)


def images(name: str, count: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """One of the three sets.

    Parameters
    ----------
    name : {"degraded", "clean", "moved"}
        Which.
    count : int, optional
        The first so many images; None: all.

    Returns
    -------
    images : ndarray of uint8, shape (N, 28, 28)
    classes : ndarray of int64, shape (N,)
    """
    found, classes = data.load("test")
    found, classes = found[:count], classes[:count]
    if name == "degraded":
        found = degrade.degraded(found)[0]
    elif name == "moved":
        found = degrade.moved(found)
    elif name != "clean":
        raise ValueError(f"set: expected one of {', '.join(SETS)}, got {name}")
    return found, classes


def collected(name: str, count: int | None = None, cache: Path = CACHE) -> ViewLogits:
    """Outputs and features of one set, from the cache where they are there.

    Parameters
    ----------
    name : str
        One of `SETS`.
    count : int, optional
        The first so many images; None: all.
    cache : Path
        Folder of the npz files.

    Returns
    -------
    ViewLogits
    """
    file = cache / f"{name}-{count or 'all'}.npz"
    if file.is_file():
        return ViewLogits.load(file)
    found, classes = images(name, count)
    rows = [
        (model.preprocess(image), int(label), f"{name}-{place:05d}")
        for place, (image, label) in enumerate(zip(found, classes, strict=True))
    ]
    logits = collect(
        model.load(),
        DataLoader(rows, batch_size=BATCH),
        views(),
        classes=data.CLASSES,
        features=FEATURES,
    )
    cache.mkdir(exist_ok=True)
    logits.save(file)
    return logits


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, help="the first so many images (default: all)")
    parser.add_argument("--threads", type=int, default=1, help="threads to use (default: 1)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for name in SETS:
        start = time.perf_counter()
        logits = collected(name, options.images)
        taken = time.perf_counter() - start
        print(f"{name}: {len(logits.views)} views of {len(logits):,} images, {taken:.0f} s")


if __name__ == "__main__":
    main()
