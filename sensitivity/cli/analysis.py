"""``sensitivity analyse``."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from ..errors import OptionError, did_you_mean, listed
from .printing import Flag, Language, print_analysis

if TYPE_CHECKING:
    import pandas as pd

    from ..inputs.readers import Predictions
    from ..result import Analysis

Words = Annotated[list[str] | None, Parameter(consume_multiple=True, negative="")]
Task = Literal["image_classification", "multi_label_classification"]
Numbers = Annotated[list[int] | None, Parameter(consume_multiple=True, negative="")]


def analyse(
    predictions: Path,
    *,
    task: Annotated[Task, Parameter(name=["--task", "--task-type"])] = "image_classification",
    images: Path | None = None,
    out: Annotated[Path, Parameter(name=["--out", "--save-path"])] = Path("sensitivity-results"),
    labels: Path | None = None,
    names: Path | None = None,
    label_map: Annotated[str | None, Parameter(name=["--label-map", "--label-map-dict"])] = None,
    features: Words = None,
    no_images: Flag = False,
    groups: str | None = None,
    n_bins: int = 5,
    edges: Path | None = None,
    size: Numbers = None,
    threshold: float | None = None,
    prior: dict[str, float] | None = None,
    confidence: float = 0.95,
    bit_depth: int | None = None,
    max_pixels: int = 100_000_000,
    workers: int | None = None,
    engine: str = "auto",
    cache: Path | None = None,
    no_cache: Flag = False,
    errors: Literal["report", "raise"] = "report",
    meta: dict[str, str] | None = None,
    config: Path | None = None,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    lang: Language = "en",
    json: Flag = False,
) -> int:
    """Analyse a file of predictions and write the result.

    Parameters
    ----------
    predictions
        CSV, TSV or Parquet with name, label and pred (or score_0, score_1, … or logit_0, …);
        any other column is a covariate. Or npz, or npy with --names and --labels.
    task
        multi_label_classification: several labels per image; label as cat;dog or columns
        label_cat, label_dog of 0 and 1, and score_cat, score_dog, or pred as cat;dog.
    images
        Folder that the names are relative to.
    out
        Folder for model_analysis_results.json, tables/ and the cache.
    labels
        True classes: a CSV with name,label or an image folder with a folder per class.
    names
        Image names, one per line, for npy and npz files without them.
    label_map
        Class names as JSON: '{"0": "normal", "1": "defect"}'.
    features
        Features to measure; the default set without it ("sensitivity features" lists all).
    no_images
        Open no image; use the file's own columns only.
    groups
        Column that says which images belong together (video, patient, module).
    n_bins
        Bins per numeric feature.
    edges
        An earlier RESULT whose bin edges are to be used again.
    size
        Measure images at this size: shorter side, or width and height. Default: as they are.
    threshold
        Makes a single score the probability of class 1, called from this value on.
    prior
        Class shares for F1 at an equal class mix: --prior.NAME SHARE. Default: those of the data.
    confidence
        Coverage of all intervals.
    bit_depth
        Used bits of 16-bit images, such as 12.
    max_pixels
        Larger images are refused before they are decoded.
    workers
        Images measured at a time. Default: one per processor, at most 8.
    engine
        auto, serial or threads.
    cache
        Folder of measured values. Default: .sensitivity-cache in --out.
    no_cache
        Measure everything anew and keep nothing.
    errors
        An image that cannot be measured is a row in the table of failures, or the end.
    meta
        Notes to keep with the result: --meta.KEY VALUE.
    config
        TOML file of these options, by the same names (n_bins = 4).
    all_
        Show every row, not only those that say something.
    lang
        Language of the sentences.
    json
        Print the result as JSON.
    """
    from .. import analyse as analyse_lists

    read = _read(predictions, task, names=names, labels=labels, images=images)
    lists = read.pred_list, read.label_list, read.name_list
    analysis = analyse_lists(
        *lists,
        task,
        save_path=out,
        label_map_dict=_label_map(read, label_map),
        features=() if no_images else features,
        columns=_covariates(read, groups),
        images=images,
        groups=None if groups is None else _column(read, groups),
        n_bins=n_bins,
        edges=_earlier(edges),
        size=_size(size),
        threshold=threshold,
        prior=prior,
        confidence=confidence,
        bit_depth=bit_depth,
        max_pixels=max_pixels,
        workers=workers,
        engine=engine,
        cache=False if no_cache else cache,
        errors=errors,
        progress=sys.stderr.isatty(),
        meta={**(meta or {}), "reading": list(read.notes)},
    )
    return print_analysis(analysis, out, json=json, everything=all_, lang=lang)


def _read(
    path: Path, task: str, *, names: Path | None, labels: Path | None, images: Path | None
) -> Predictions:
    """The lists of a file, one class or several labels per image."""
    from ..inputs.label_tables import read_label_predictions
    from ..inputs.readers import read_predictions

    arrays = path.suffix in (".npz", ".npy")
    if task == "image_classification" or arrays:
        return read_predictions(path, names=names, labels=labels, images=images)
    for option, given in (("labels", labels), ("names", names)):
        if given is not None:
            raise OptionError(option, "expected none: the file's columns have the labels")
    return read_label_predictions(path, images=images)


def _label_map(read: Predictions, given: str | None) -> Mapping[int, str] | str | None:
    if given and read.label_map:
        raise OptionError("label-map", "expected none where the file's classes are names")
    return given or read.label_map


def _earlier(result: Path | None) -> Analysis | None:
    """The run whose edges are to be used again."""
    from ..result import Analysis

    return None if result is None else Analysis.load(result)


def _covariates(read: Predictions, groups: str | None) -> pd.DataFrame | None:
    """All further columns but that of the groups, which is no property of an image."""
    if read.columns is None or groups is None:
        return read.columns
    return read.columns.drop(columns=groups, errors="ignore")


def _column(read: Predictions, name: str) -> pd.Series:
    if read.columns is None or name not in read.columns:
        names = () if read.columns is None else [str(column) for column in read.columns]
        rule = f"expected a column of the file ({listed(names) if names else 'no further column'})"
        raise OptionError("groups", rule, got=name, where=did_you_mean(name, names))
    found: pd.Series = read.columns[name]
    return found


def _size(numbers: Sequence[int] | None) -> int | tuple[int, int] | None:
    match numbers:
        case None:
            return None
        case [side]:
            return side
        case [width, height]:
            return width, height
        case _:
            raise OptionError("size", "expected one or two numbers", got=str(numbers))
