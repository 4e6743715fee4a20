"""A metric from bin to bin of a feature, class by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..advice.facts import ALL
from ..bins import MISSING
from ..cells.judged import LOW_SUPPORT
from ..errors import OptionError
from ..grids import Grid, bands, grid, rates, recall_bands
from ..result import Analysis
from .axes import (
    COLOURS,
    GREY,
    PALE,
    TINY,
    classes_of,
    entry_of,
    heading,
    legend_below,
    new_axes,
    percent,
    row_of,
    verdict_text,
)
from .names import brief, class_text, plain, title_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

TITLES = {"f1": "F1", "recall": "Recall", "precision": "Precision"}

#: Lines in one picture, unless more are asked for.
MOST_LINES = 5

#: How far the classes of one bin are drawn apart, in bins.
DODGE = 0.12


def plot_trend(
    analysis: Analysis,
    feature: str,
    classes: Sequence[str] | str | None = None,
    *,
    metric: str = "f1",
    ax: Axes | None = None,
) -> Axes:
    """Draw a metric over the bins of a feature, with its intervals, one line per class.

    Dashed: the metric at an equal class mix, where it depends on the mix (F1, accuracy). Of one
    class alone, grey bars show where the values of all bins would lie, with the confidence of the
    analysis, if nothing but chance and the class mix told them apart.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    feature : str
        A feature or column of it.
    classes : sequence of str or str, optional
        Classes to draw; ``"all"`` for the accuracy of all together. None: every class; of more
        than five, those that vary most.
    metric : {"f1", "recall", "precision"}, default "f1"
        What is drawn of a class. There is no grey bar for precision.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Bins at 0 … K-1 on the x axis, the missing one apart at the right. Hollow: fewer than 10
        images, no ground for a statement; their intervals do not widen the y axis, and lines pass
        over bins without an image. The legend gives each class's verdict.

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
    >>> ax = plot_trend(analysis, "hour", "1", metric="recall")
    >>> ax.get_ylabel()
    'Recall (0…1, 95 % interval)'
    """
    if metric not in TITLES:
        raise OptionError("metric", f"expected one of {', '.join(TITLES)}", got=repr(metric))
    entry = entry_of(analysis, feature)
    every = [str(name) for name in analysis.settings["classes"]]
    if classes is None:
        names = classes_of(analysis, None, of=every, most=MOST_LINES)
    else:
        names = classes_of(analysis, classes, of=[ALL, *every], most=MOST_LINES)
    found = grid(analysis.bins[analysis.bins["feature"] == feature], entry, every)
    columns = {name: None if name == ALL else every.index(name) for name in names}
    ax = new_axes(ax, max(6.4, 1.15 * len(found.codes) + 1))

    x = bin_places(found.codes)
    ns = found.n if columns[names[0]] is None else found.counts[:, columns[names[0]]]
    band = _band(analysis, found, columns[names[0]], metric) if len(names) == 1 else None
    if band is not None:
        _draw_band(ax, x, band, analysis)
    joined = entry["kind"] == "numeric"
    within = [] if band is None else [end for ends in band for end in ends[_sure(ns)]]
    for place, name in enumerate(names):
        dodge = DODGE * (place - (len(names) - 1) / 2)
        label = f"{class_text(name)}: {verdict_text(row_of(analysis, feature, name))}"
        colour = COLOURS[place % len(COLOURS)]
        within += _draw_class(
            ax, x + dodge, found, columns[name], metric, label, colour, joined=joined
        )
    _zoom(ax, [end for end in within if np.isfinite(end)])

    bin_ticks(ax, found, ns if len(names) == 1 else found.n)
    ax.set_xlabel(plain(f"{title_of(entry, unit=True)}, by bin"))
    called = "Accuracy" if names == [ALL] else TITLES[metric]
    beside = "; all classes: accuracy\n" if ALL in names and len(names) > 1 else " "
    interval = f"(0…1, {percent(analysis.settings['confidence'])} interval)"
    ax.set_ylabel(f"{called}{beside}{interval}")
    note = _note(names, found, columns, len(every))
    heading(ax, f"{called} by {title_of(entry)}", note)
    _legend(ax, found, mixed=metric == "f1" or ALL in names, joined=joined)
    return ax


def bin_places(codes: npt.NDArray[np.int64]) -> Floats:
    """Where the bins stand on an axis: in steps of 1, the missing one half a step apart.

    Parameters
    ----------
    codes : ndarray of int64, shape (B,)
        -1 is the missing bin, which is last.

    Returns
    -------
    ndarray of float64, shape (B,)

    Examples
    --------
    >>> bin_places(np.array([0, 1, -1])).tolist()
    [0.0, 1.0, 2.5]
    """
    return np.where(codes == MISSING, 0.5, 0.0) + np.arange(len(codes))


def bin_ticks(ax: Axes, found: Grid, ns: npt.NDArray[np.int64]) -> None:
    """Name the bins below the x axis: label, range of values, number of images.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where bins stand at :func:`bin_places`.
    found : Grid
        The bins.
    ns : ndarray of int64, shape (B,)
        Images to state.
    """
    texts = [
        plain("\n".join(filter(None, (brief(label), span, f"n {n:,}"))))
        for label, span, n in zip(found.shown(), found.ranges, ns, strict=True)
    ]
    ax.set_xticks(bin_places(found.codes), texts, fontsize=TINY)


def _draw_class(
    ax: Axes,
    x: Floats,
    found: Grid,
    column: int | None,
    metric: str,
    label: str,
    colour: str,
    *,
    joined: bool,
) -> list[float]:
    """Draw one class, and return what the y axis has to hold of it."""
    raw, star = ("accuracy", "accuracy_star") if column is None else (metric, f"{metric}_star")

    def of(arrays: Mapping[str, Floats], name: str) -> Floats:
        return arrays[name] if column is None else arrays[name][:, column]

    value = of(found.values, raw)
    # An exact bound can be off by the last bit.
    below = np.maximum(value - of(found.lows, raw), 0)
    above = np.maximum(of(found.highs, raw) - value, 0)
    n = found.n if column is None else found.counts[:, column]
    kept = (found.codes != MISSING) & (n > 0)
    ax.errorbar(
        x, value, [below, above], fmt="o", color=colour, capsize=2.5, ms=5, lw=1.2,
        label=plain(label), zorder=3,
    )  # fmt: skip
    if joined:
        ax.plot(x[kept], value[kept], "-", color=colour, lw=1.4, zorder=2)
    few = (n < LOW_SUPPORT) & np.isfinite(value)
    if few.any():
        style: dict[str, Any] = {"mfc": "white", "mec": colour, "ms": 5, "zorder": 4}
        ax.plot(x[few], value[few], "o", **style)
    if star in found.values:
        style = {"ls": "--"} if joined else {"ls": "", "marker": "_", "ms": 12}
        ax.plot(x[kept], of(found.values, star)[kept], color=colour, lw=1.0, **style)
    sure = _sure(n)
    ends = [value, (value - below)[sure], (value + above)[sure]]
    ends += [of(found.values, star)[kept]] if star in found.values else []
    return [float(end) for end in np.concatenate(ends)]


def _sure(n: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Bins with enough images; where none has, all."""
    enough = n >= LOW_SUPPORT
    return np.asarray(enough if enough.any() else ~enough)


def _zoom(ax: Axes, within: Sequence[float]) -> None:
    """Let the y axis hold these values, with the usual margin; longer intervals are cut."""
    if within:
        low, high = min(within), max(within)
        margin = 0.05 * (high - low) or 0.05
        ax.set_ylim(low - margin, high + margin)


def _band(
    analysis: Analysis, found: Grid, column: int | None, metric: str
) -> tuple[Floats, Floats] | None:
    pooled = rates(analysis)
    confidence = analysis.settings["confidence"]
    if pooled is None or (column is not None and metric == "precision"):
        return None
    if column is not None and metric == "recall":
        low, high = recall_bands(found, pooled, confidence=confidence)
        return low[:, column], high[:, column]
    both = bands(found, pooled, confidence=confidence)
    place = 0 if column is None else 1 + column
    return None if both is None else (both[0][:, place], both[1][:, place])


def _draw_band(ax: Axes, x: Floats, band: tuple[Floats, Floats], analysis: Analysis) -> None:
    low, high = band
    told = f"{percent(analysis.settings['confidence'])} of bins, by chance and class mix alone"
    if analysis.settings["dependence"]["kind"] != "none":
        told += " (images independent)"
    ax.bar(x, high - low, 0.8, low, color=PALE, label=told, zorder=0)


def _note(
    names: Sequence[str],
    found: Grid,
    columns: Mapping[str, int | None],
    n_classes: int,
) -> str:
    parts = [f"n {int(found.n.sum()):,} images"]
    if len(names) == 1 and columns[names[0]] is not None:
        parts.append(f"{int(found.counts[:, columns[names[0]]].sum()):,} of {class_text(names[0])}")
    shown = [name for name in names if name != ALL]
    if 1 < len(shown) < n_classes:
        parts.append(f"{len(shown)} of {n_classes:,} classes")
    counts = [found.n if column is None else found.counts[:, column] for column in columns.values()]
    if any((n < LOW_SUPPORT).any() for n in counts):
        parts.append(f"hollow: n < {LOW_SUPPORT}")
    return " · ".join(parts)


def _legend(ax: Axes, found: Grid, *, mixed: bool, joined: bool) -> None:
    from matplotlib.lines import Line2D

    handles, labels = ax.get_legend_handles_labels()
    if mixed:
        style: dict[str, Any] = {"ls": "--"} if joined else {"ls": "", "marker": "_", "ms": 12}
        handles.append(Line2D([], [], color=GREY, lw=1.0, **style))
        labels.append("at an equal class mix")
    legend_below(ax, handles, labels, tick_lines=3 if any(found.ranges) else 2)
