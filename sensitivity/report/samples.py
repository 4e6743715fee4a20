"""The images that a report shows, with what the model said of each: a dict for its script."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..advice.values import number
from ..image_outcomes import image_outcomes
from ..picking import ALL, by_importance, pick
from ..result import Analysis
from ..times import is_time, time_texts
from .thumbnails import MOST_BYTES, thumbnails

#: What ``images=`` of :func:`sensitivity.analyse` may be.
Source = str | os.PathLike[str] | Sequence[Any] | Callable[[str], Any] | None

#: Different images at most; images of each kind in every bin.
MOST_IMAGES, PER_CELL = 3000, 6


def samples(
    analysis: Analysis,
    features: Sequence[Mapping[str, Any]],
    *,
    images: Source = None,
    most: int = MOST_IMAGES,
    pictures: bool | None = None,
    folder: str | os.PathLike[str] | None = None,
    most_bytes: int = MOST_BYTES,
) -> dict[str, Any]:
    """Choose images for every bin, and make their little pictures.

    Parameters
    ----------
    analysis : Analysis
        With its per-image tables; else nothing is shown.
    features : sequence of mapping
        Of the report: ``id`` and ``feature``.
    images : path, sequence, callable or None
        As in :func:`sensitivity.analyse`.
    most : int, default 3000
        Different images at most; 0: none.
    pictures : bool, optional
        Whether to make little pictures; None: where any image was opened, or `images` is given.
    folder : path, optional
        Write the pictures there rather than into the report.
    most_bytes : int, default 10,000,000
        What the pictures within the report may weigh.

    Returns
    -------
    dict
        ``images``: per image ``[name, label, predicted, score, score_true, values, thumb,
        failure]``, `thumb` a place in ``thumbs`` or None; ``thumbs``: ``[uri, width, height]``;
        ``bins``: feature id → bin → role → places in ``images``; ``errors``: feature id → class →
        ``[bin, places]``; ``has_pictures``; ``n_bytes``.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0] * 20 + [0, 1] * 10, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> found = samples(analysis, [{"id": "f0", "feature": "hour"}])
    >>> sorted(found["bins"]["f0"]["0"]), found["has_pictures"]
    (['right', 'wrong'], False)
    """
    picked = pick(analysis, per_cell=PER_CELL, most=most)
    order = by_importance(picked)
    wanted = pictures
    if wanted is None:
        wanted = images is not None or _opened(analysis)
    uris: list[list[Any]] = []
    place_of: dict[int, int] = {}
    failures: dict[int, str] = {}
    n_bytes = 0
    if wanted and order:
        made = thumbnails(
            analysis.features["name"].to_numpy(object),
            order,
            images=images,
            most_bytes=None if folder is not None else most_bytes,
            folder=folder,
            bit_depth=analysis.settings["bit_depth"],
            max_pixels=analysis.settings["max_pixels"],
        )
        for position, picture in made.pictures.items():
            place_of[position] = len(uris)
            uris.append([picture.uri, picture.width, picture.height])
        failures = {position: reason for position, (_, reason) in made.failures.items()}
        n_bytes = made.n_bytes
    index = {position: place for place, position in enumerate(order)}
    rows = _rows(analysis, features, order)
    for position, row in zip(order, rows, strict=True):
        row += [place_of.get(position), failures.get(position)]
    bins, errors = _places(picked, features, index)
    return {
        "images": rows,
        "thumbs": uris,
        "bins": bins,
        "errors": errors,
        "has_pictures": bool(uris),
        "n_bytes": n_bytes,
    }


def _opened(analysis: Analysis) -> bool:
    return any(entry["source"] == "image" for entry in analysis.settings["features"])


def _rows(
    analysis: Analysis, features: Sequence[Mapping[str, Any]], order: list[int]
) -> list[list[Any]]:
    """Name, label, predicted, scores, and the values of all features, of each image."""
    if not order:
        return []
    table = analysis.features.iloc[order]
    units = {entry["name"]: entry["unit"] for entry in analysis.settings["features"]}
    columns = [_values(table[entry["feature"]], units[entry["feature"]]) for entry in features]
    values = [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in order]
    names = [str(name) for name in table["name"]]
    outcomes = analysis.outcomes
    if len(outcomes) == len(analysis.features):
        told = outcomes.iloc[order]
        said = [
            [str(row["class"]), str(row["predicted"])]
            + [number(row[key], 4) for key in ("score", "score_true")]
            for row in told[["class", "predicted", "score", "score_true"]].to_dict("records")
        ]
    else:
        said = _several(analysis, order)
    return [[name, *what, row] for name, what, row in zip(names, said, values, strict=True)]


def _several(analysis: Analysis, order: Sequence[int]) -> list[list[Any]]:
    """Of several labels: those that are there, and those that were given."""
    rows = image_outcomes(analysis).rows
    kept = np.flatnonzero(np.isin(rows, order))
    told: dict[int, tuple[list[str], list[str]]] = {position: ([], []) for position in order}
    outcomes = analysis.outcomes.iloc[kept]
    for position, true, called in zip(
        rows[kept], outcomes["class"], outcomes["predicted"], strict=True
    ):
        for text, names in zip((str(true), str(called)), told[int(position)], strict=True):
            if text:
                names.append(text)
    return [[", ".join(true), ", ".join(called), None, None] for true, called in told.values()]


def _values(column: pd.Series, unit: str) -> list[Any]:
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        found = column.to_numpy(np.float64, na_value=np.nan)
        if is_time(unit):
            return [text or None for text in time_texts([number(value) for value in found])]
        return [float(f"{value:.4g}") if np.isfinite(value) else None for value in found]
    return [None if pd.isna(value) else str(value) for value in column]


def _places(
    picked: pd.DataFrame, features: Sequence[Mapping[str, Any]], index: Mapping[int, int]
) -> tuple[dict[str, Any], dict[str, Any]]:
    ids = {entry["feature"]: entry["id"] for entry in features}
    bins: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    columns = [picked[name] for name in ("feature", "bin", "class", "role", "position")]
    for feature, code, name, role, position in zip(*columns, strict=True):
        place = index[int(position)]
        if name == ALL:
            roles = bins.setdefault(ids[feature], {}).setdefault(str(int(code)), {})
            roles.setdefault(role, []).append(place)
        else:
            of_class = errors.setdefault(ids[feature], {}).setdefault(str(name), [int(code), []])
            of_class[1].append(place)
    return bins, errors
