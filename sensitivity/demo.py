"""The demonstration: real predictions on real photos, or a planted weakness without them."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .analysis import analyse
from .errors import DependencyError
from .result import Analysis

Progress = bool | Callable[[int, int], None] | None

INSTALL = "pip install elpv-dataset==1.0.0.post1"
NO_PHOTOS = (
    "the photos of solar cells are not installed, so images are made up and analysed instead; "
    f"for the photos (95 MB, licence CC-BY-NC-SA 4.0): {INSTALL}"
)


@dataclass(frozen=True)
class Demonstration:
    """What was analysed.

    Attributes
    ----------
    analysis : Analysis
        The result.
    feature : str
        The feature to look at first.
    note : str
        What was planted in made-up images; empty for the photos.
    """

    analysis: Analysis
    feature: str
    note: str = ""


def run(out: str | os.PathLike[str], *, progress: Progress = None) -> Demonstration:
    """Analyse the solar cells, or made-up images where their photos are not installed.

    Parameters
    ----------
    out : path
        Folder for the result.
    progress : bool or callable, optional
        As in :func:`sensitivity.analyse`.

    Returns
    -------
    Demonstration
        The result and how it came about.
    """
    try:
        photos = photo_folder()
    except DependencyError:
        return _synthetic(Path(out), progress)
    return _solar_cells(photos, Path(out), progress)


def photo_folder() -> Path:
    """Folder of the installed photos; they are never loaded by importing the package.

    Returns
    -------
    pathlib.Path
        Holds ``labels.csv`` and ``images/``.

    Raises
    ------
    DependencyError
        The package elpv-dataset is not installed.
    """
    spec = find_spec("elpv_dataset")
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        folder = Path(place) / "data"
        if (folder / "labels.csv").is_file():
            return folder
    raise DependencyError("elpv-dataset", f"expected it to be installed: {INSTALL}")


def _solar_cells(photos: Path, out: Path, progress: Progress) -> Demonstration:
    lines = (photos / "labels.csv").read_text(encoding="utf-8").splitlines()
    about = {name: (float(p), module) for name, p, module in map(str.split, filter(None, lines))}
    with (files("sensitivity") / "data" / "elpv.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [row["name"] for row in rows]
    analysis = analyse(
        np.array([[float(row["logit_0"]), float(row["logit_1"])] for row in rows]),
        # A cell counts as defective from the probability that its annotators gave: 0 or 1.
        [int(about[name][0]) for name in names],
        names,
        label_map_dict={0: "normal", 1: "defective"},
        columns={"module_type": [about[name][1] for name in names]},
        images=photos,
        save_path=out,
        progress=progress,
    )
    return Demonstration(analysis, "sharpness")


def _synthetic(out: Path, progress: Progress) -> Demonstration:
    from .synthetic import Trend, plant, write_images

    made = write_images(out / "images", 1000, size=96)
    planted = plant(
        recall=(0.9, Trend(0.95, 0.55)),
        feature="blur",
        values=made["blur"],
        labels=made["class"],
        names=made["name"].to_list(),
    )
    analysis = analyse(
        planted.pred_list,
        planted.label_list,
        planted.name_list,
        columns={"lens_blur": made["blur"]},
        save_path=out,
        progress=progress,
    )
    first, last = planted.truth.recall_lowest, planted.truth.recall_highest
    note = (
        f"{NO_PHOTOS}\nplanted: recall of class 1 falls from {first[1]:.2f} in the least blurred "
        f"fifth to {last[1]:.2f} in the most blurred; that of class 0 is {first[0]:.2f} throughout"
    )
    return Demonstration(analysis, "lens_blur", note)
