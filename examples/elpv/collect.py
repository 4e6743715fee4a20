"""Collect what the example's model says of views of the judged cells.

Run it from the folder of the repository, in an environment with PyTorch and the packages of
`README.md`::

    python examples/elpv/collect.py

It writes `sensitivity/data/elpv_views.npz`, from which the demonstration judges test-time
augmentation without PyTorch. It takes a quarter of an hour on two cores, or more; a run that was
stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

import labels
import model
import numpy as np
import torch

from sensitivity.catalogue import ViewSpec
from sensitivity.tta.collect import collect
from sensitivity.tta.logits import ViewLogits

VIEWS_FILE = Path(__file__).resolve().parents[2] / "sensitivity" / "data" / "elpv_views.npz"

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
)

# train.py shows each normal cell mirrored, each defective one also upside down and turned.
SYMMETRIES = (
    ViewSpec("hflip", 1.0, source="training", share=0.5),
    ViewSpec("vflip", 1.0, source="training", share=0.25),
    ViewSpec("rot90", 2.0, source="training", share=0.25),
)

MOVES = (
    *(ViewSpec("gaussian_blur", d, "sharpness", "down", "trend") for d in (0.6, 1.2)),
    *(ViewSpec("unsharp", d, "sharpness", "up", "trend") for d in (0.3, 0.7)),
    ViewSpec("gamma", 1.2, "brightness", "down", "trend"),
    ViewSpec("gamma", 0.85, "brightness", "up", "trend"),
    ViewSpec("contrast", 0.8, "contrast", "down", "trend"),
    ViewSpec("contrast", 1.25, "contrast", "up", "trend"),
    ViewSpec("gaussian_noise", 0.01, "noise", "up", "trend"),
)

# The published page blurs with a box of 3×3.
VIEWS = (*SYMMETRIES, ViewSpec("box_blur", 3.0, "sharpness", "down", "registered"), *MOVES)


def rounded(found: ViewLogits) -> ViewLogits:
    """Four decimals of the logits and four digits of the features: a file of a third the size.

    Parameters
    ----------
    found : ViewLogits
        As collected.

    Returns
    -------
    ViewLogits
        The same with rounded numbers; where two logits would be tied by it, they are kept.
    """
    z = np.round(found.z, 4)
    other = z.argmax(axis=2) != found.z.argmax(axis=2)
    z[other] = found.z[other]
    features = found.features.astype(np.float64)
    with np.errstate(divide="ignore"):
        power = 10.0 ** (3 - np.floor(np.log10(np.abs(features))))
    power = np.where(np.isfinite(power), power, 1.0)
    short = (np.round(features * power) / power).astype(np.float32)
    return dataclasses.replace(found, z=z, features=short)


def main() -> None:
    """Collect, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2, help="threads to use (default: 2)")
    parser.add_argument("--cache", type=Path, default=Path(".sensitivity-cache") / "elpv-views")
    parser.add_argument("--out", type=Path, default=VIEWS_FILE)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    names, y, folder = labels.judged()
    found = collect(
        model.load(),
        names,
        VIEWS,
        classes=tuple(labels.CLASS_NAMES.values()),
        labels=y,
        images=folder,
        preprocess=model.preprocess,
        features=FEATURES,
        batch_size=16,
        cache=options.cache,
        progress=sys.stderr.isatty() or None,
    )
    file = rounded(found).save(options.out)
    right = (found.z.argmax(axis=2) == found.y).mean(axis=1)
    for view, share, seconds in zip(found.views, right, found.seconds, strict=True):
        print(f"{view.name}: accuracy {share:.2%}, {1000 * seconds / len(found):.0f} ms per image")
    print(f"{file}: {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
