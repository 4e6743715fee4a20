"""The demonstration: real predictions on real photos, or a planted weakness without them.

With the photos it goes on to test-time augmentation, from what the model said of changed copies of
them: that was collected once and comes with the package, so neither model nor PyTorch is needed.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .analysis import analyse
from .errors import DependencyError
from .remedies import VIEW_LOGITS_FILE
from .report.modelarts import layout
from .result import Analysis

Progress = bool | Callable[[int, int], None] | None

INSTALL = "pip install elpv-dataset==1.0.0.post1"
NO_PHOTOS = (
    "the photos of solar cells are not installed, so images are made up and analysed instead; "
    f"for the photos (95 MB, licence CC-BY-NC-SA 4.0): {INSTALL}"
)

#: What the model said of views of the same cells.
VIEWS_NAME = "elpv_views.npz"

#: The two mixtures of the published example, by the names of their rows.
MIXTURES = {
    ".5 original + .5 vflip": {"original": 0.5, "vflip": 0.5},
    ".5 original + .5 box_blur(3)": {"original": 0.5, "box_blur(3)": 0.5},
}


@dataclass(frozen=True)
class Demonstration:
    """What was analysed.

    Attributes
    ----------
    analysis : Analysis
        The result; of the photos with what became of test-time augmentation.
    feature : str
        The feature to look at first.
    images : pathlib.Path
        The folder that the images' names are under.
    note : str
        What was planted in made-up images; empty for the photos.
    """

    analysis: Analysis
    feature: str
    images: Path
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
    return Demonstration(try_views(analysis, out), "sharpness", photos)


def try_views(analysis: Analysis, out: Path) -> Analysis:
    """Judge test-time augmentation on the solar cells, and write it beside the result.

    Parameters
    ----------
    analysis : Analysis
        Of the solar cells.
    out : pathlib.Path
        Folder of the result; receives what the model said of the views, too, so that
        ``sensitivity tta`` can judge it by another objective.

    Returns
    -------
    Analysis
        With `remedy`; unchanged where the package comes without the views.
    """
    stored = files("sensitivity") / "data" / VIEWS_NAME
    if not stored.is_file():
        return analysis
    from .tta.logits import ViewLogits
    from .tta.run import try_remedies

    with as_file(stored) as path:
        logits = ViewLogits.load(path)
    judged = try_remedies(analysis, logits, mixtures=MIXTURES)
    judged.save(out, layout=layout(judged))
    logits.save(out / VIEW_LOGITS_FILE)
    return judged


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
    return Demonstration(analysis, "lens_blur", Path(), note)
