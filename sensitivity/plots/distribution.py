"""How many images have which value of a feature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..bins import MISSING
from ..errors import ResultError
from ..grids import grid
from ..result import Analysis
from ..times import is_time, time_ticks
from .axes import COLOURS, INK, entry_of, heading, legend_below, new_axes
from .names import plain, title_of
from .trend import bin_places, bin_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BARS = 30

#: Share of the images at either end that is counted into the first and last bar.
TAIL = 0.005


def plot_distribution(analysis: Analysis, feature: str, *, ax: Axes | None = None) -> Axes:
    """Draw a histogram of a feature, with the edges of its bins; of categories, a bar each.

    Parameters
    ----------
    analysis : Analysis
        With its per-image tables, for a numeric feature.
    feature : str
        A feature or column of it.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Of numbers, 30 bars of one width; the half per cent of the images with the smallest
        values is counted into the first bar, that with the largest into the last.

    Raises
    ------
    InputError
        No such feature.
    ResultError
        The per-image tables are needed, and not there.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> ax = plot_distribution(analysis, "hour")
    >>> int(sum(bar.get_height() for bar in ax.patches))
    40
    """
    entry = entry_of(analysis, feature)
    if entry["kind"] == "numeric":
        ax, n = _histogram(analysis, feature, entry, ax)
        ax.set_xlabel(plain(title_of(entry, unit=True)))
    else:
        ax, n = _bars(analysis, feature, entry, ax)
        ax.set_xlabel(plain(title_of(entry)))
    ax.set_ylabel("images")
    note = f"n {n:,} images"
    if entry["n_missing"]:
        note += f" · {entry['n_missing']:,} without a value"
    heading(ax, f"Distribution of {title_of(entry)}", note)
    return ax


def _histogram(
    analysis: Analysis, feature: str, entry: Mapping[str, Any], ax: Axes | None
) -> tuple[Axes, int]:
    if feature not in analysis.features or not len(analysis.features):
        rule = "expected the Parquet tables beside the JSON file: single values are needed"
        raise ResultError("table features", rule)
    column = pd.to_numeric(analysis.features[feature])
    values = column.to_numpy(np.float64, na_value=np.nan)
    values = values[np.isfinite(values)]
    low, high = np.quantile(values, [TAIL, 1 - TAIL])
    if not high > low:
        low, high = values.min(), values.max()
    counts, edges = np.histogram(np.clip(values, low, high), BARS)
    ax = new_axes(ax)
    ax.bar(edges[:-1], counts, np.diff(edges), align="edge", color=COLOURS[5], ec="white", lw=0.5)
    inner = [edge for edge in entry["edges"] if low < edge < high]
    if is_time(entry["unit"]):
        marks = time_ticks(float(low), float(high))
        ax.set_xticks([at for at, _ in marks], [text for _, text in marks])
    lines = [ax.axvline(edge, color=INK, lw=1.0, ls="--") for edge in inner]
    if lines:
        told = f"edges of the {len(entry['edges']) + 1} bins"
        legend_below(ax, lines[:1], [told], tick_lines=1)
    return ax, len(values)


def _bars(
    analysis: Analysis, feature: str, entry: Mapping[str, Any], ax: Axes | None
) -> tuple[Axes, int]:
    rows = analysis.bins[analysis.bins["feature"] == feature]
    cells = grid(rows, entry, [str(name) for name in analysis.settings["classes"]])
    ax = new_axes(ax, max(6.4, 0.8 * len(cells.n) + 1))
    colours = [COLOURS[5] if code != MISSING else "#bbbbbb" for code in cells.codes]
    ax.bar(bin_places(cells.codes), cells.n, 0.8, color=colours)
    bin_ticks(ax, cells, cells.n)
    return ax, int(cells.n[cells.codes != MISSING].sum())
