"""The door: :func:`analyse` reads like the pipeline, and then writes."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from . import __version__
from .assembled import assemble, titles_of
from .encoding import encode, plain
from .errors import InputError, OptionError, did_you_mean, listed
from .extract import Config, Extracted, Progress, Run, extract, picture_source
from .features import select
from .features.columns import feature_table, own_columns, units_of
from .inputs.alignment import alignment_note
from .inputs.multilabel import LabelSamples
from .inputs.samples import Samples, read_samples
from .judgement import shares_of
from .outcomes import group_codes, outcome_table
from .report.modelarts import check_page, layout
from .result import Analysis
from .tables import storable

CACHE_NAME = ".sensitivity-cache"

Columns = pd.DataFrame | Mapping[str, Any]


def analyse(
    pred_list: Any,
    label_list: Any,
    name_list: Any,
    task_type: str = "image_classification",
    *,
    save_path: str | os.PathLike[str] | None = ".",
    label_map_dict: Mapping[Any, str] | str | None = None,
    custom_metric: Mapping[str, Any] | str | None = None,
    op_list: Sequence[str] | None = None,
    features: Sequence[str | Callable[..., float]] | None = None,
    columns: Columns | None = None,
    images: str | os.PathLike[str] | Sequence[Any] | Callable[[str], Any] | None = None,
    groups: Any = None,
    n_bins: int = 5,
    edges: Analysis | Mapping[str, Sequence[Any]] | None = None,
    size: int | tuple[int, int] | None = None,
    threshold: float | Sequence[float] | Mapping[str, float] | None = None,
    prior: Mapping[str, float] | Sequence[float] | None = None,
    confidence: float = 0.95,
    bit_depth: int | None = None,
    max_pixels: int = 100_000_000,
    workers: int | None = None,
    engine: str = "auto",
    cache: str | os.PathLike[str] | Literal[False] | None = None,
    errors: Literal["report", "raise"] = "report",
    progress: Progress = None,
    rng: int | np.random.Generator = 0,
    meta: Mapping[str, Any] | None = None,
) -> Analysis:
    """Measure the images, split the samples by each feature, and compare the classes' F1.

    Parameters
    ----------
    pred_list : array_like, shape (N, C) or (N,)
        One score vector per image (logits or probabilities; which is detected and recorded),
        or one predicted class per image, or with `threshold` one probability of class 1.
    label_list : array_like, shape (N,)
        True classes, 0 … C-1.
    name_list : sequence of str, length N
        Image paths, in the same order.
    task_type : str, default "image_classification"
        The task; or ``"multi_label_classification"``: N×L scores and N×L zeros and ones, or
        lists of labels per image.
    save_path : path or None, default "."
        Folder for ``model_analysis_results.json``, ``tables/*.parquet`` and the cache.
        None: nothing is written.
    label_map_dict : mapping or JSON text, optional
        From class index to name.
    custom_metric : mapping, optional
        Own figures that the result file is to carry.
    op_list : sequence of str, optional
        Entries of the result file to keep; None or empty: all.
    features : sequence of str or callable, optional
        Feature names and own functions of a picture; None: the default set; ``()`` opens
        no image.
    columns : DataFrame or mapping, optional
        Own covariates, one value per image: numbers, text, times.
    images : path, sequence or callable, optional
        The folder that relative names are under; or arrays, one per image; or a function
        from a name to an array. None: names are paths.
    groups : array_like, shape (N,), optional
        What belongs together (video, patient, module): tests compare groups, and intervals
        are as wide as that makes them. None: it is checked whether errors of neighbouring
        names are alike; if so, no row is more than a candidate.
    n_bins : int, default 5
        Bins per numeric feature.
    edges : Analysis or mapping, optional
        Inner edges (or categories) per feature, to cut as an earlier run did. Features that
        it does not name are cut anew.
    size : int or (width, height), optional
        Measure images at this size (an int is the shorter side); None: as they are.
    threshold : float, sequence or mapping, optional
        Makes a one-column `pred_list` scores: class 1 from this probability. With several
        labels per image: the probability from which a label is called, one for all (.5
        unless given), one each, or by label.
    prior : mapping or sequence, optional
        Class shares for F1 at an equal class mix; None: those of the data.
    confidence : float, default 0.95
        Coverage of all intervals.
    bit_depth : int, optional
        Used bits of 16-bit images, such as 12.
    max_pixels : int, default 100,000,000
        Larger images are refused before they are decoded.
    workers, engine : int, str, optional
        How images are measured: ``"serial"``, ``"threads"`` or ``"auto"``.
    cache : path or False, optional
        Folder of measured values; None: ``.sensitivity-cache`` under `save_path`; False: none.
    errors : {"report", "raise"}, default "report"
        Whether an image that cannot be measured is a row in ``failures`` or an exception.
    progress : bool or callable, optional
        True draws a bar on stderr; a callable gets (images done, images in all).
    rng : int or numpy.random.Generator, default 0
        For the intervals of macro scores, the check of neighbours, p of few events, and the
        halves of the slices.
    meta : mapping, optional
        Notes of the caller's own to keep with the result (JSON-able).

    Returns
    -------
    Analysis
        All tables. Also written to `save_path`.

    Raises
    ------
    InputError
        Lists, columns or shares that cannot be used; the message says what, rule, got, where.
    OptionError
        An option out of its range.
    ImageError
        With ``errors="raise"``, the first image that cannot be measured.

    Notes
    -----
    An image that cannot be measured keeps its place: its outcome counts in the whole set and
    it lies in the bin "missing" of every image feature. Where not one image can be measured and
    no own column splits them, the result holds the totals and the failures, and a warning says
    that nothing was analysed.

    Examples
    --------
    >>> from sensitivity.synthetic import published_table
    >>> page = published_table()
    >>> analysis = analyse(page.pred_list, page.label_list, page.name_list,
    ...                    columns=page.columns, features=(), save_path=None)
    >>> print(analysis.table("sharpness").round(4))
                   0       1
    0%-20%    0.7929  0.8727
    20%-40%   0.8816  0.7429
    40%-60%   0.9363  0.7229
    60%-80%   0.9462  0.7912
    80%-100%  0.9751  0.7619
    std       0.0643  0.0523
    """
    given = _checked(errors, n_bins=n_bins, confidence=confidence, threshold=threshold, rng=rng)
    lists = pred_list, label_list, name_list
    samples = read_samples(*lists, task_type, label_map_dict=label_map_dict, threshold=threshold)
    config = Config(select(features), size=size, bit_depth=bit_depth, max_pixels=max_pixels)
    own = own_columns(columns, len(samples), taken=config.names)
    cuts = checked_edges(edges, names=[*config.names, *own])
    extra = _page_options(custom_metric, op_list, meta, names=[*config.names, *own])
    extra |= {"prior_given": prior is not None, "units": units_of(own)}
    outcomes, by = outcome_table(samples, groups=groups), group_codes(groups, len(samples))
    shares = shares_of(samples, prior)
    source = picture_source(samples.names, images)
    _make(save_path)
    # What the caller could have got wrong is checked by now: hours of decoding may follow.
    run = Run(_cache_folder(cache, save_path), engine, workers, raise_first=errors == "raise")
    measured = extract(samples.names, source, config, run, progress=progress)
    table = feature_table(samples.names, measured.values, own)
    analysis = assemble(
        samples,
        table,
        outcomes,
        measured.failures,
        _settings(samples, measured, config) | given | extra,
        groups=by,
        shares=shares,
        edges=cuts,
        titles=titles_of(table.columns.drop("name"), config.features, extra["units"]),
        rng=rng,
    )
    _write(analysis, save_path)
    return analysis


def _write(analysis: Analysis, save_path: str | os.PathLike[str] | None) -> None:
    """Save it if asked, also where nothing was analysed, and warn of that."""
    if save_path is not None:
        analysis.save(save_path, layout=layout(analysis))
    if told := nothing_analysed(analysis):
        warnings.warn(told, stacklevel=3)


def nothing_analysed(analysis: Analysis) -> str:
    """What to say of a result whose images all failed, with nothing else to split them by.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.

    Returns
    -------
    str
        Empty where any feature was analysed, and where no image was to be opened.

    Examples
    --------
    >>> analysis = analyse([0, 1], [0, 1], ["a.png", "b.png"], features=(), save_path=None)
    >>> nothing_analysed(analysis)
    ''
    """
    settings = analysis.settings
    if settings["features"] or settings["n_failed"] < settings["n"]:
        return ""
    by_status = analysis.failures["status"].astype("str").value_counts()
    listed = ", ".join(f"{n:,} {status}" for status, n in by_status.items())
    rule = "expected at least one that can be opened"
    return f"images: {rule}, got {listed}; nothing was analysed (table failures)"


def _checked(
    errors: str, *, n_bins: Any, confidence: Any, threshold: Any, rng: Any
) -> dict[str, Any]:
    """Options as the result keeps them, checked; a generator has no seed to tell."""
    if not isinstance(n_bins, (int, np.integer)):
        raise OptionError("n_bins", "expected a whole number", got=repr(n_bins))
    if n_bins < 2:
        raise OptionError("n_bins", "expected at least 2", got=str(n_bins))
    is_number = isinstance(confidence, (int, float, np.number))
    if not (is_number and 0 < confidence < 1):
        raise OptionError("confidence", "expected a number between 0 and 1", got=repr(confidence))
    try:
        np.random.default_rng(rng)
    except (TypeError, ValueError):
        rule = "expected a whole number from 0, or a numpy generator"
        raise OptionError("rng", rule, got=repr(rng)) from None
    if errors not in ("report", "raise"):
        raise OptionError("errors", "expected 'report' or 'raise'", got=repr(errors))
    seed = rng if isinstance(rng, int) else None
    given = {"n_bins": n_bins, "confidence": confidence, "threshold": plain(threshold)}
    return {**given, "rng": seed}


def checked_edges(
    edges: Analysis | Mapping[str, Sequence[Any]] | None, *, names: Sequence[str]
) -> Mapping[str, Sequence[Any]]:
    """Edges by feature. An earlier analysis may have had more features; a mapping may not.

    Parameters
    ----------
    edges : Analysis or mapping, optional
        Of an earlier analysis, or from feature to inner edges or categories.
    names : sequence of str
        The features that there are.

    Returns
    -------
    mapping
        Empty for None.

    Raises
    ------
    InputError
        A mapping with another name.

    Examples
    --------
    >>> checked_edges({"hour": [6, 18]}, names=["hour", "site"])
    {'hour': [6, 18]}
    """
    if isinstance(edges, Analysis):
        return edges.edges
    unknown = sorted(set(map(str, edges or {})) - set(names))
    if unknown:
        rule, near = f"expected names among {listed(names)}", did_you_mean(unknown[0], names)
        raise InputError("edges", rule, got=unknown[0], where=near)
    return edges or {}


def _page_options(
    custom_metric: Mapping[str, Any] | str | None,
    op_list: Sequence[str] | None,
    meta: Mapping[str, Any] | None,
    *,
    names: Sequence[str],
) -> dict[str, Any]:
    """What the result file is to carry or to leave out, checked; empty means none."""
    check_page(custom_metric, op_list, names)
    found = {
        "custom_metric": custom_metric or None,
        "op_list": list(op_list or ()),
        "meta": dict(meta or {}),
    }
    for what, value in found.items():
        try:
            encode({what: plain(value)})
        except (TypeError, ValueError) as error:
            raise InputError(what, "expected what JSON can hold", got=str(error)) from error
    return found


def _make(folder: str | os.PathLike[str] | None) -> None:
    if folder is None:
        return
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError("save_path", "expected a folder", got=str(error)) from error


def _cache_folder(
    cache: str | os.PathLike[str] | Literal[False] | None,
    save_path: str | os.PathLike[str] | None,
) -> Path | None:
    if cache is False:
        return None
    if cache is not None:
        return Path(cache)
    return None if save_path is None else Path(save_path) / CACHE_NAME


def _settings(
    samples: Samples | LabelSamples, measured: Extracted, config: Config
) -> dict[str, Any]:
    """What the samples are; a mismatch of folders and labels is a note and a warning."""
    note = alignment_note(samples.names, samples.y) if isinstance(samples, Samples) else None
    if note:
        note = storable([note])[0]
        warnings.warn(note, stacklevel=3)
    return {
        "version": __version__,
        "task": samples.task,
        "classes": list(samples.classes),
        "score_kind": samples.score_kind,
        "n": len(samples.names),
        "n_failed": len(measured.failures),
        "size": config.size,
        "bit_depth": config.bit_depth,
        "max_pixels": config.max_pixels,
        "notes": [*samples.notes, *([note] if note else [])],
        "extraction": {"decoded": measured.decoded, "cached": measured.cached},
    }
