"""Two features at once: their cells as a dict, and as a grid per class for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from ..advice.values import number
from ..labels import shown_label
from ..result import Analysis
from .cell_text import WIDTH, proportion
from .columns import Cell, blocks, clean, render_columns, shortened, styled
from .feature_text import CLASS_MIX, METRIC_NAMES

#: With more classes than this only some are shown: those with the weakest cells.
MAX_CLASSES = 6
SHOWN_CLASSES = 5

#: Labels of categories can be long; a grid has many.
LABEL_WIDTH = 18
ROW_LABEL_WIDTH = 30


def crossed_grid(
    analysis: Analysis, feature: str, other: str, *, metric: str = "f1"
) -> dict[str, Any]:
    """The cells of two features, class by class.

    Parameters
    ----------
    analysis : Analysis
        A result with its per-image tables.
    feature, other : str
        Two features or columns of it.
    metric : {"f1", "f1_star", "recall", "precision"}, default "f1"
        What the cells of classes hold.

    Returns
    -------
    dict
        JSON-able; undefined numbers are None. ``feature``, ``other``, ``metric``,
        ``confidence``; ``rows`` and ``columns``: the labels of the two features' bins, the
        missing one last; ``classes``: "all" (accuracy) and each class, with ``class``, ``n``
        and ``cells``, a list of rows of ``value``, ``low``, ``high``, ``n``, ``low_support``.

    Raises
    ------
    InputError, ResultError
        As :meth:`sensitivity.Analysis.crossed`.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40), "wet": [0, 0, 1, 1] * 10}, features=(), save_path=None)
    >>> grid = crossed_grid(analysis, "hour", "wet")
    >>> grid["rows"], grid["columns"], [entry["class"] for entry in grid["classes"]]
    (['0%-50%', '50%-100%'], ['0', '1'], ['all', '0', '1'])
    """
    table = analysis.crossed(feature, other, metric=metric)
    rows, columns = (
        [str(label) for label in table.drop_duplicates(code)[name]]
        for code, name in (("bin", "label"), ("bin_2", "label_2"))
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for cell in table.to_dict("records"):
        found.setdefault(str(cell["class"]), []).append(
            {key: number(cell[key]) for key in ("value", "low", "high")}
            | {"n": int(cell["n"]), "low_support": bool(cell["low_support"])}
        )
    size = len(columns)
    return {
        "feature": feature,
        "other": other,
        "metric": metric,
        "confidence": analysis.settings["confidence"],
        "rows": rows,
        "columns": columns,
        "classes": [
            {
                "class": name,
                "n": sum(cell["n"] for cell in cells),
                "cells": [cells[i : i + size] for i in range(0, len(cells), size)],
            }
            for name, cells in found.items()
        ],
    }


def render_crossed(
    grid: Mapping[str, Any], *, colour: bool, everything: bool = False, width: int = WIDTH
) -> str:
    r"""A grid per class: one feature's bins down, the other's across, n beside each value.

    Parameters
    ----------
    grid : mapping
        From :func:`crossed_grid`.
    colour : bool
        Whether to use ANSI styles: cells with fewer than 10 images of the class are grey;
        without colour they stand in parentheses.
    everything : bool, default False
        All classes; else, of more than six, the five with the weakest cells.
    width : int, default 100
        Columns; bins that do not fit are shown in further blocks below.

    Returns
    -------
    str
        Lines without a last newline.

    Examples
    --------
    >>> cell = {"value": 0.8, "low": 0.7, "high": 0.87, "n": 90, "low_support": False}
    >>> small = {"value": 0.5, "low": 0.1, "high": 0.9, "n": 2, "low_support": True}
    >>> grid = {"feature": "hour", "other": "site", "metric": "recall", "confidence": 0.95,
    ...         "rows": ["day"], "columns": ["A", "B"],
    ...         "classes": [{"class": "all", "n": 92, "cells": [[cell, small]]}]}
    >>> print(render_crossed(grid, colour=False).split("\n\n")[1])
    all: accuracy  A         n  B           n
    day             .80     90  (.50)       2
                    .70–.87     (.10–.90)
    """
    one, other = clean(grid["feature"]), clean(grid["other"])
    about = (
        f"Below each value its {100 * grid['confidence']:g} % interval, beside it n, the images of"
        " the class."
    )
    lines = [
        styled(shortened(f"{one} × {other}", width), "bold", colour=colour),
        shortened(f"Down: {one}. Across: {other}.", width),
        *textwrap.wrap(about, width),
    ]
    shown = _shown(grid["classes"], everything=everything)
    for entry in shown:
        left = _left(grid, entry)
        groups = [_group(grid, entry, j, colour=colour) for j in range(len(grid["columns"]))]
        for block in blocks(left, groups, width):
            rows = [list(chain.from_iterable(parts)) for parts in zip(left, *block, strict=True)]
            lines += ["", *render_columns(rows, right=range(2, len(rows[0]), 2), colour=colour)]
    notes = _notes(grid, shown, colour=colour)
    lines += ["", *(styled(note, "dim", colour=colour) for note in notes)] if notes else []
    return "\n".join(lines)


def _shown(
    classes: Sequence[Mapping[str, Any]], *, everything: bool
) -> Sequence[Mapping[str, Any]]:
    """All together first, then classes: all of few, of many those weakest in some cell."""
    total, rest = list(classes[:1]), list(classes[1:])
    if everything or len(rest) <= MAX_CLASSES:
        return total + rest
    return total + sorted(rest, key=_weakest)[:SHOWN_CLASSES]


def _weakest(entry: Mapping[str, Any]) -> float:
    """The least upper bound of a cell that is no small one."""
    bounds = [
        cell["high"]
        for cell in chain.from_iterable(entry["cells"])
        if cell["high"] is not None and not cell["low_support"]
    ]
    return min(bounds, default=2.0)


def _left(grid: Mapping[str, Any], entry: Mapping[str, Any]) -> list[list[Cell]]:
    of_all = entry["class"] == "all"
    metric = "accuracy" if of_all else METRIC_NAMES[grid["metric"]]
    name = "all" if of_all else shortened(clean(entry["class"]), LABEL_WIDTH)
    column = [Cell(f"{name}: {metric}", "bold")]
    for label in grid["rows"]:
        column += [Cell(shortened(clean(shown_label(label)), ROW_LABEL_WIDTH)), Cell("")]
    return [[cell] for cell in column]


def _group(
    grid: Mapping[str, Any], entry: Mapping[str, Any], j: int, *, colour: bool
) -> list[list[Cell]]:
    """The two columns of one bin of the second feature: values over intervals, and n."""
    column = [row[j] for row in entry["cells"]]
    # Room for the parentheses, so that the digits stay in line.
    pad = " " if not colour and any(cell["low_support"] and cell["n"] for cell in column) else ""
    rows = [
        [
            Cell(shortened(clean(shown_label(grid["columns"][j])), LABEL_WIDTH), "bold"),
            Cell("n", "bold"),
        ]
    ]
    for cell in column:
        texts = [proportion(cell["value"]), _range(cell)]
        style = "dim" if cell["low_support"] else ""
        if style and not colour:
            texts = [f"({text})" if text and text != "–" else pad + text for text in texts]
        else:
            texts = [pad + text for text in texts]
        rows += [
            [Cell(texts[0], style), Cell(f"{cell['n']:,}", style)],
            [Cell(texts[1].rstrip(), "dim"), Cell("")],
        ]
    return rows


def _range(cell: Mapping[str, Any]) -> str:
    if cell["low"] is None or cell["high"] is None:
        return ""
    return f"{proportion(cell['low'])}–{proportion(cell['high'])}"


def _notes(
    grid: Mapping[str, Any], shown: Sequence[Mapping[str, Any]], *, colour: bool
) -> list[str]:
    notes = []
    cells = chain.from_iterable(chain.from_iterable(entry["cells"] for entry in shown))
    if any(cell["low_support"] for cell in cells):
        mark = "grey" if colour else "(in brackets)"
        notes.append(f"{mark}: fewer than 10 images, no ground for a statement")
    if grid["metric"] == "f1":
        notes.append(CLASS_MIX)
    hidden = len(grid["classes"]) - len(shown)
    if hidden:
        notes.append(f"{hidden:,} more classes, whose weakest cells are less weak: --all")
    return notes
