"""Collect for a result: its images, with the views that its weaknesses ask for."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..catalogue import ViewSpec
from ..errors import DependencyError, ResultError
from ..extract.progress import Progress
from ..features import FEATURES
from ..result import Analysis
from .batches import read_batches
from .logits import ViewLogits
from .planning import Sampler, plan_views
from .weaknesses import check_agreement, seen_by_model, weaknesses

#: Features that belong to the file, not to what a model of one input size sees.
NATIVE = ("resolution", "aspect_ratio", "bits_per_pixel")

#: Measured on every view.
SEEN = tuple(f.name for f in FEATURES if f.default and f.name not in NATIVE)


def collect_for(
    analysis: Analysis,
    model: Any,
    preprocess: Callable[[npt.NDArray[np.uint8]], Any],
    *,
    images: str | os.PathLike[str] | None = None,
    always: Sequence[ViewSpec] = (),
    move: bool = True,
    max_views: int = 32,
    of_class: str | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    device: str | None = None,
    batch_size: int = 32,
    precision: str = "float32",
    cache: str | os.PathLike[str] | None = None,
    announce: Callable[[str], None] | None = None,
    progress: Progress = None,
    rng: int = 0,
) -> ViewLogits:
    """Run the model that made a result over views of its images.

    The original comes first: where the model is weak, by what it sees, decides which views are
    made and how strong they are. Then these are collected.

    Parameters
    ----------
    analysis : Analysis
        With its per-image tables; one class per image.
    model : nn.Module or callable
        The model that made its predictions.
    preprocess : callable
        From an H×W×3 array of uint8, blue-green-red, to what the model takes of one image.
    images : path, optional
        Folder that the result's names are relative to.
    always : sequence of ViewSpec
        Views to collect in any case: declared symmetries, those of the training, mixtures.
    move : bool, default True
        Whether also to move images on purpose, to test the findings.
    max_views : int, default 32
        Beside the original.
    of_class : str, optional
        Only what concerns this class.
    mean, std, device, batch_size, precision, cache, progress
        As for :func:`sensitivity.tta.collect.collect`.
    announce : callable, optional
        Gets lines of text: what is done, and how long it will take.
    rng : int, default 0
        Seed.

    Returns
    -------
    ViewLogits

    Raises
    ------
    ResultError
        A result without per-image tables, or of several labels per image.
    InputError
        A model that predicts otherwise than the result says, or as `collect`.
    DependencyError
        PyTorch is not installed.
    """
    tell = announce or (lambda line: None)
    classes = tuple(analysis.settings["classes"])
    names, y, groups = _images_of(analysis, classes)
    torch_collect = _torch()
    given = {
        "classes": classes,
        "labels": y,
        "groups": groups,
        "images": images,
        "preprocess": preprocess,
        "mean": mean,
        "std": std,
        "features": SEEN,
        "device": device,
        "batch_size": batch_size,
        "precision": precision,
        "announce": tell,
        "progress": progress,
    }
    folder = None if cache is None else Path(cache)
    tell(f"the original: {len(names):,} images")
    start = time.perf_counter()
    first: ViewLogits = torch_collect.collect(model, names, (), cache=folder, **given)
    # Features are measured too; what came from the cache took no time.
    spent = max(time.perf_counter() - start, first.seconds[0])
    check_agreement(analysis, first)
    sampler = _sampler(first, preprocess, images, rng)
    found = weaknesses(seen_by_model(first, rng=rng), of_class=of_class)
    views = plan_views(first, found, sampler, always=always, move=move, max_views=max_views)
    if not views:
        return first
    passes = len(views)
    told = f"{passes} views: {', '.join(view.name for view in views)}"
    tell(f"{told}; about {_duration(passes * spent)}")
    further: ViewLogits = torch_collect.collect(model, names, views, cache=folder, **given)
    return dataclasses.replace(
        further, preprocessing={**further.preprocessing, "planned": [v.name for v in views]}
    )


def _torch() -> Any:
    if find_spec("torch") is None:
        rule = "expected PyTorch to be installed: pip install torch"
        raise DependencyError("collecting views", rule)
    from . import collect

    return collect


def _images_of(
    analysis: Analysis, classes: tuple[str, ...]
) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.object_] | None]:
    """Names, classes and groups of the result's images."""
    if analysis.settings["task"] != "image_classification":
        rule = "expected one class per image"
        raise ResultError("result", rule, got=analysis.settings["task"])
    outcomes = analysis.outcomes
    if not len(outcomes):
        raise ResultError("result", "expected its per-image tables: tables/ beside the JSON file")
    place = {name: number for number, name in enumerate(classes)}
    y = np.array([place[str(name)] for name in outcomes["class"]], dtype=np.int64)
    names = [str(name) for name in outcomes["name"]]
    groups = outcomes["group"].astype(object).to_numpy()
    is_grouped = any(str(group) not in ("", "nan", "None") for group in groups[:1])
    return names, y, groups if is_grouped else None


def _sampler(first: ViewLogits, preprocess: Any, images: Any, rng: int) -> Sampler:
    stacked = _torch().stacked

    def load(places: npt.NDArray[np.intp]) -> Any:
        chosen = [first.names[place] for place in places]
        none = np.zeros(len(chosen), dtype=np.int64)
        _, batches = read_batches(chosen, none, images, preprocess, max(len(chosen), 1), [])
        inputs = [one for batch in batches for one in batch.load()[0]]
        return stacked(inputs)

    about = first.preprocessing
    return Sampler(load, about["mean"], about["std"], rng)


def _duration(seconds: float) -> str:
    if not np.isfinite(seconds):
        return "an unknown time"
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
