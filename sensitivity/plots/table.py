"""A feature's bins × classes as a shaded table, with the std below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..cells.judged import LOW_SUPPORT
from ..errors import OptionError
from ..grids import Grid, grid
from ..result import Analysis
from .axes import (
    INK,
    MARKS,
    SMALL,
    TINY,
    classes_of,
    entry_of,
    heading,
    marks_note,
    new_axes,
    row_of,
)
from .names import brief, class_text, plain, title_of
from .shaded import ROOMY, shaded, shaded_size
from .trend import TITLES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

#: Classes in one table, unless more are asked for.
MOST_CLASSES = 24


def plot_table(
    analysis: Analysis,
    feature: str,
    classes: Sequence[str] | str | None = None,
    *,
    metric: str = "f1",
    ax: Axes | None = None,
) -> Axes:
    """Draw the table of a feature: bins as rows, classes as columns, and the std over the bins.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    feature : str
        A feature or column of it.
    classes : sequence of str or str, optional
        Columns. None: every class; of more than 24, those that vary most.
    metric : {"f1", "recall", "precision"}, default "f1"
        What the cells hold.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The cells are those of :meth:`sensitivity.Analysis.table`; dark is low; in brackets, fewer
        than 10 images. Below lies the std, marked ● where the class's row of the trends is
        real and ○ where it is a candidate, and for F1 the std that chance alone would give.

    Raises
    ------
    InputError
        No such feature or class.
    OptionError
        No such metric.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0] * 20 + [0, 1] * 10, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> plot_table(analysis, "hour").get_images()[0].get_array().round(2).tolist()
    [[0.67, 0.0], [1.0, 1.0]]
    """
    if metric not in TITLES:
        raise OptionError("metric", f"expected one of {', '.join(TITLES)}", got=repr(metric))
    entry = entry_of(analysis, feature)
    every = [str(name) for name in analysis.settings["classes"]]
    names = classes_of(analysis, classes, of=every, most=MOST_CLASSES)
    cells = grid(analysis.bins[analysis.bins["feature"] == feature], entry, every)
    columns = [every.index(name) for name in names]
    values, counts = cells.values[metric][:, columns], cells.counts[:, columns]
    trends = [row_of(analysis, feature, name) for name in names]
    std = analysis.table(feature, metric=metric)[names].to_numpy(np.float64)[-1]
    below = _below(std, trends, metric)

    rows = [*_row_names(cells), *below]
    sums = cells.counts.sum(axis=0)[columns]
    heads = [f"{class_text(name)}\nn {n:,}" for name, n in zip(names, sums, strict=True)]
    ax = new_axes(ax, *shaded_size(rows, heads))
    known = values[np.isfinite(values)]
    limits = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    texts = [
        [_cell(value, int(n)) for value, n in zip(*line, strict=True)]
        for line in zip(values, counts, strict=True)
    ]
    shaded(ax, values, texts, rows[: len(values)], heads, limits)
    _draw_below(ax, rows, below, len(values), len(names))
    n_marked = sum(str(row["strength"]) in MARKS for row in trends)
    ax.set_ylabel(plain(f"{title_of(entry, unit=True)}, by bin"))
    heading(
        ax, f"{TITLES[metric]} (0…1) by {title_of(entry)}", _note(cells, names, n_marked, counts)
    )
    return ax


def _row_names(cells: Grid) -> list[str]:
    return [
        f"{brief(label)}  ({span})" if span else brief(label)
        for label, span in zip(cells.shown(), cells.ranges, strict=True)
    ]


def _cell(value: float, n: int) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{value:.3f}" if n >= LOW_SUPPORT else f"({value:.3f})"


def _below(std: Floats, trends: Sequence[Mapping[str, Any]], metric: str) -> dict[str, list[str]]:
    """Rows under the table: name, and a text per class."""
    found = {
        "std": [
            f"{_number(value)} {MARKS.get(str(row['strength']), '')}".rstrip()
            for value, row in zip(std, trends, strict=True)
        ]
    }
    if metric == "f1":
        found["std by chance"] = [_number(row["std_chance"]) for row in trends]
    return found


def _number(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) and np.isfinite(value) else "–"


def _draw_below(
    ax: Axes, rows: Sequence[str], below: dict[str, list[str]], n_bins: int, n_columns: int
) -> None:
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(range(len(rows)), [plain(name) for name in rows], fontsize=SMALL)
    ax.axhline(n_bins - 0.5, color=INK, lw=1.0)
    size = SMALL if n_columns <= ROOMY else TINY
    for place, texts in enumerate(below.values(), start=n_bins):
        for column, text in enumerate(texts):
            ax.text(column, place, text, ha="center", va="center", fontsize=size, color=INK)


def _note(cells: Grid, names: Sequence[str], n_marked: int, counts: npt.NDArray[np.int64]) -> str:
    parts = [f"n {int(cells.n.sum()):,} images"]
    if len(names) < cells.counts.shape[1]:
        parts.append(f"{len(names)} of {cells.counts.shape[1]:,} classes")
    if (counts < LOW_SUPPORT).any():
        parts.append(f"in brackets: n < {LOW_SUPPORT}")
    return " · ".join(parts) + "\n" + marks_note(n_marked, len(names))
