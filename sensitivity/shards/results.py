"""Results of pieces of one data set, put together and judged as one."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import __version__, tables
from ..analysis import checked_edges, nothing_analysed
from ..assembled import assemble, titles_of
from ..errors import InputError, OptionError, ResultError
from ..features import FEATURES
from ..inputs.samples import TASKS, Samples
from ..judgement import shares_of
from ..outcomes import group_codes, outcome_table
from ..pairs import has_images
from ..report.modelarts import layout
from ..result import Analysis
from .columns import joined_columns

Path = str | os.PathLike[str]

#: What the results must have been made with alike.
_ALIKE = ("score_kind", "threshold", "size", "bit_depth", "max_pixels", "n_bins", "confidence")

_NO_CURVES = (
    "ROC curves and AUC need the scores of all classes, which results do not keep: "
    "they are left out"
)


def merge_results(
    results: Iterable[Analysis | Path],
    *,
    save_path: Path | None = None,
    edges: Analysis | Mapping[str, Sequence[Any]] | None = None,
) -> Analysis:
    """Judge the images of several results of one model as one data set.

    Parameters
    ----------
    results : iterable of Analysis or path
        At least two results of the same model, each of other images, with their per-image
        tables; or the folders that they were saved to.
    save_path : path, optional
        Folder for the merged result, as :func:`sensitivity.analyse` writes it.
    edges : Analysis or mapping, optional
        Inner edges (or categories) per feature, to cut as an earlier run did. None: all
        features are cut anew, over all images.

    Returns
    -------
    Analysis
        What :func:`sensitivity.analyse` gives for all images in this order, to the last count,
        but without ROC curves and AUC. A group of one name is one group, in whichever result.

    Raises
    ------
    InputError
        Other classes, features, priors or groups; the same images twice; fewer than two.
    OptionError
        Results that were made with different settings.
    ResultError
        A result that cannot be read, or that has no per-image tables.

    Notes
    -----
    The seed is that of the results where they have the same one, else 0. A name that is in
    more than one result counts each time, and a note says how many are.

    Examples
    --------
    >>> import sensitivity
    >>> def piece(day):
    ...     return sensitivity.analyse([0, 1] * 20, [0, 1] * 20,
    ...         [f"{day}/{i}.png" for i in range(40)], columns={"hour": range(40)},
    ...         features=(), save_path=None)
    >>> whole = merge_results([piece("monday"), piece("tuesday")])
    >>> whole.settings["n"], whole.edges["hour"]
    (80, [9.0, 19.0, 29.0])
    """
    parts = _opened(results)
    _check_settings(parts)
    _check_distinct(parts)
    columns = joined_columns([part.features for part in parts])
    cuts = checked_edges(edges, names=list(columns))
    settings = _settings(parts)
    samples = _samples(parts, settings)
    groups = _groups(parts)
    outcomes = _outcomes(parts, samples, groups)
    prior = parts[0].settings["prior"] if settings["prior_given"] else None
    analysis = assemble(
        samples,
        tables.check(pd.DataFrame({"name": outcomes["name"], **columns}), tables.FEATURES),
        outcomes,
        _failures(parts),
        settings,
        groups=group_codes(groups, len(samples)),
        shares=shares_of(samples, prior),
        edges=cuts,
        titles={name: _titles(name, parts) for name in columns},
        rng=settings["rng"],
    )
    if save_path is not None:
        analysis.save(save_path, layout=layout(analysis))
    if told := nothing_analysed(analysis):
        warnings.warn(told, stacklevel=2)
    return analysis


def _opened(results: Iterable[Analysis | Path]) -> list[Analysis]:
    rule = "expected at least two: results of other images, by the same model"
    if isinstance(results, (str, bytes, os.PathLike, Analysis)):
        raise InputError("results", rule, got="one")
    given = list(results)
    if len(given) < 2:
        raise InputError("results", rule, got=str(len(given)))
    parts = [part if isinstance(part, Analysis) else Analysis.load(part) for part in given]
    for k, (part, source) in enumerate(zip(parts, given, strict=True), 1):
        where = f"result {k}" if isinstance(source, Analysis) else str(source)
        if part.settings["task"] != TASKS[0]:
            raise InputError("task", f"expected {TASKS[0]}", got=part.settings["task"], where=where)
        if not has_images(part):
            rule = "expected the Parquet tables beside the JSON file"
            raise ResultError("table outcomes", rule, where=where)
    return parts


def _check_settings(parts: Sequence[Analysis]) -> None:
    first = parts[0].settings
    for k, part in enumerate(parts[1:], 2):
        own, where = part.settings, f"results 1 and {k}"
        if own["classes"] != first["classes"]:
            raise InputError(
                "classes",
                "expected the same in the same order in all results (name them: label_map_dict)",
                got=_difference(first["classes"], own["classes"]),
                where=where,
            )
        for key in _ALIKE:
            if own[key] != first[key]:
                got = f"{first[key]!r} and {own[key]!r}"
                raise OptionError(key, "expected the same in all results", got=got, where=where)
        given = own["prior_given"], first["prior_given"]
        if any(given) and not (all(given) and np.allclose(own["prior"], first["prior"])):
            raise InputError("prior", "expected the same in all results", where=where)
        names = [list(table.columns) for table in (parts[0].features, part.features)]
        if names[0] != names[1]:
            rule = "expected the same in the same order in all results"
            raise InputError("features", rule, got=_difference(*names), where=where)
        if part.outcomes["group"].isna().all() != parts[0].outcomes["group"].isna().all():
            raise InputError("groups", "expected in all results or in none", where=where)


def _difference(one: Sequence[str], other: Sequence[str]) -> str:
    told = []
    for which, here, there in (("first", one, other), ("second", other, one)):
        only = sorted({*here} - {*there})
        if only:
            more = f" and {len(only) - 3:,} more" if len(only) > 3 else ""
            told.append(f"only in the {which}: {', '.join(only[:3])}{more}")
    return "; ".join(told) or "another order"


def _check_distinct(parts: Sequence[Analysis]) -> None:
    """A result that is given twice would count twice, and make everything look surer."""
    keys = [
        (
            len(part.outcomes),
            int(pd.util.hash_pandas_object(part.outcomes["name"], index=False).sum()),
        )
        for part in parts
    ]
    for (i, a), (k, b) in combinations(enumerate(parts), 2):
        if keys[i] == keys[k] and _same_rows(a, b):
            rule = "expected other images in each"
            got = "the same names, predictions and features"
            raise InputError("results", rule, got=got, where=f"results {i + 1} and {k + 1}")


def _same_rows(a: Analysis, b: Analysis) -> bool:
    for name in ("name", "class", "predicted"):
        one, other = (part.outcomes[name].astype("str") for part in (a, b))
        if not one.reset_index(drop=True).equals(other.reset_index(drop=True)):
            return False
    return a.features.equals(b.features)


def _settings(parts: Sequence[Analysis]) -> dict[str, Any]:
    every = [part.settings for part in parts]
    kept = ("task", "classes", *_ALIKE, "prior_given")
    seed = _common(every, "rng")
    units = {name: unit for own in every for name, unit in own.get("units", {}).items()}
    return {
        "version": __version__,
        **{key: every[0][key] for key in kept},
        "n": sum(own["n"] for own in every),
        "n_failed": sum(own["n_failed"] for own in every),
        "notes": _notes(parts),
        "extraction": {
            key: sum(own["extraction"][key] for own in every) for key in ("decoded", "cached")
        },
        "rng": 0 if seed is None else seed,
        "units": units,
        "custom_metric": _common(every, "custom_metric"),
        "op_list": _common(every, "op_list") or [],
        "meta": {
            key: value
            for key, value in every[0]["meta"].items()
            if all(key in own["meta"] and own["meta"][key] == value for own in every)
        },
        "merged": [
            {key: own[key] for key in ("n", "n_failed", "version", "meta")} for own in every
        ],
    }


def _common(every: Sequence[Mapping[str, Any]], key: str) -> Any:
    """What all settings have, or None."""
    return every[0][key] if all(own[key] == every[0][key] for own in every) else None


def _notes(parts: Sequence[Analysis]) -> list[str]:
    """What all results noted, what single ones did, and what merging brings."""
    lists = [part.settings["notes"] for part in parts]
    common = [note for note in lists[0] if all(note in notes for notes in lists)]
    own = [
        f"result {k}: {note}"
        for k, notes in enumerate(lists, 1)
        for note in notes
        if note not in common and note != _NO_CURVES
    ]
    notes = [note for note in common if note != _NO_CURVES] + own
    n = _shared_names(parts)
    if n:
        notes.append(
            f"{n:,} names are in more than one result: each time they count as a sample of its own"
        )
    versions = sorted({part.settings["version"] for part in parts})
    if len(versions) > 1:
        notes.append(f"the results were made by different versions: {', '.join(versions)}")
    if parts[0].settings["score_kind"] != "labels":
        notes.append(_NO_CURVES)
    return notes


def _shared_names(parts: Sequence[Analysis]) -> int:
    names = [part.outcomes["name"].astype("str").drop_duplicates() for part in parts]
    counts = pd.concat(names, ignore_index=True).value_counts()
    return int((counts > 1).sum())


def _samples(parts: Sequence[Analysis], settings: Mapping[str, Any]) -> Samples:
    """All samples, without the scores that results do not keep."""
    texts = {
        name: pd.concat([part.outcomes[name].astype("str") for part in parts], ignore_index=True)
        for name in ("name", "class", "predicted")
    }
    return Samples(
        task=settings["task"],
        names=texts["name"].to_numpy(dtype=object),
        y=_codes(texts["class"], settings["classes"]),
        predicted=_codes(texts["predicted"], settings["classes"]),
        scores=None,
        score_kind=settings["score_kind"],
        classes=tuple(settings["classes"]),
        notes=tuple(settings["notes"]),
    )


def _groups(parts: Sequence[Analysis]) -> npt.NDArray[np.object_] | None:
    if parts[0].outcomes["group"].isna().all():
        return None
    return np.concatenate([part.outcomes["group"].astype("str") for part in parts]).astype(object)


def _outcomes(
    parts: Sequence[Analysis], samples: Samples, groups: npt.NDArray[np.object_] | None
) -> pd.DataFrame:
    """One row per sample, with what the results kept of its scores."""
    kept = {
        name: np.concatenate([part.outcomes[name].to_numpy(dtype=np.float32) for part in parts])
        for name in ("score", "score_true", "margin")
    }
    return tables.check(outcome_table(samples, groups=groups).assign(**kept), tables.OUTCOMES)


def _codes(names: pd.Series, classes: Sequence[str]) -> npt.NDArray[np.int64]:
    codes = pd.Categorical(names.to_numpy(dtype=object), categories=list(classes)).codes
    if (codes < 0).any():
        got = repr(names.iloc[int((codes < 0).argmax())])
        raise ResultError("table outcomes", "expected the classes of its settings", got=got)
    return codes.astype(np.int64)


def _failures(parts: Sequence[Analysis]) -> pd.DataFrame:
    filled = [part.failures for part in parts if len(part.failures)]
    if not filled:
        return parts[0].failures
    return tables.check(pd.concat(filled, ignore_index=True), tables.FAILURES)


def _titles(name: str, parts: Sequence[Analysis]) -> dict[str, str]:
    """As any of the results says; where all left the feature out, what is known of its name."""
    for part in parts:
        for entry in part.settings["features"]:
            if entry["name"] == name:
                return {key: entry[key] for key in ("source", "unit", "title_en", "title_zh")}
    opened = any(sum(part.settings["extraction"].values()) for part in parts)
    units = {key: unit for part in parts for key, unit in part.settings.get("units", {}).items()}
    return titles_of([name], FEATURES if opened else (), units)[name]
