"""Which feature matters to which class: the spread of every pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..advice.facts import ALL
from ..errors import ResultError
from ..result import Analysis
from ..trends import in_order
from .axes import MARKS, SMALL, classes_of, heading, marks_note, new_axes
from .names import class_text, title_of
from .shaded import shaded, shaded_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Classes in one map, unless more are asked for.
MOST_CLASSES = 40


def plot_map(
    analysis: Analysis, classes: Sequence[str] | str | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw how far every class varies over every feature, beyond chance and class mix.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    classes : sequence of str or str, optional
        Columns; ``"all"`` for all classes together. None: ``"all"`` and every class; of more than
        40, those that vary most.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Features as rows, those with the strongest finding first. A cell is the column `spread` of
        the trends: the population std over the bins of F1 at an equal class mix ("all": of
        accuracy), less what chance gives. ● real, ○ candidate.

    Raises
    ------
    InputError
        No such class.
    ResultError
        No feature was analysed.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0] * 20 + [0, 1] * 10, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> [label.get_text() for label in plot_map(analysis).get_xticklabels()]
    ['all classes', 'class 0', 'class 1']
    """
    every = [str(name) for name in analysis.settings["classes"]]
    names = classes_of(analysis, classes, of=[ALL, *every], most=MOST_CLASSES + 1)
    ranked = in_order(analysis.trends)
    keys = list(zip(ranked["feature"].astype(str), ranked["class"].astype(str), strict=True))
    features = list(dict.fromkeys(feature for feature, _ in keys))
    if not features:
        rule = "expected a feature that was analysed: none was, or none had values that differ"
        raise ResultError("result", rule)
    place = {key: row for row, key in enumerate(keys)}
    where = np.array([[place[feature, name] for name in names] for feature in features], np.int64)
    where = where.reshape(len(features), len(names))
    values = ranked["spread"].to_numpy(np.float64)[where]
    marks = np.array([MARKS.get(str(mark), "") for mark in ranked["strength"]], dtype=object)[where]

    titles = {entry["name"]: title_of(entry) for entry in analysis.settings["features"]}
    rows = [titles[feature] for feature in features]
    heads = [class_text(name) for name in names]
    width, height = shaded_size(rows, heads)
    ax = new_axes(ax, width + 0.8, height)
    texts = [
        [_cell(value, mark) for value, mark in zip(*line, strict=True)]
        for line in zip(values, marks, strict=True)
    ]
    top = float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
    image = shaded(ax, values, texts, rows, heads, (0.0, max(top, 0.05)))
    bar = ax.figure.colorbar(image, ax=ax)
    bar.set_label("spread (std)", fontsize=SMALL)
    bar.ax.tick_params(labelsize=SMALL)
    note = f"n {analysis.settings['n']:,} images · at an equal class mix"
    if ALL in names:
        note += " · all: of accuracy"
    if len(names) - (ALL in names) < len(every):
        note += f" · {len(names) - (ALL in names)} of {len(every):,} classes"
    note += "\n" + marks_note(int((marks != "").sum()), marks.size)
    heading(ax, "Spread of F1 over the bins, beyond chance", note)
    return ax


def _cell(value: float, mark: str) -> str:
    text = f"{value:.3f}" if np.isfinite(value) else "–"
    return f"{text} {mark}".rstrip()
