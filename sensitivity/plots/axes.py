"""What all plots share: axes, colours that tell apart, headings, names as they are shown."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..advice.facts import CANDIDATE, REAL, REAL_Q
from ..errors import InputError, did_you_mean, listed
from ..result import Analysis
from ..trends import in_order
from .names import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Told apart by those who confuse red and green, and in grey (Okabe and Ito 2008).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

INK, GREY, PALE = "#222222", "#666666", "#d9d9d9"

#: Sequential, even in lightness, the same to those who confuse red and green.
SHADES = "cividis"

SMALL, TINY = "small", "x-small"

#: Letters of small print in an inch.
LETTERS = 15

#: How matplotlib labels the axes of a colour bar.
COLOUR_BAR = "<colorbar>"

#: What marks a row of the trends.
MARKS = {REAL: "●", CANDIDATE: "○"}


def new_axes(ax: Axes | None, width: float = 6.4, height: float = 4.2) -> Axes:
    """The axes given, or those of a new figure.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
        What the caller passed.
    width, height : float
        Of a new figure, in inches.

    Returns
    -------
    matplotlib.axes.Axes
    """
    if ax is not None:
        return ax
    # Only here: whoever brings axes of their own chose how figures are shown.
    from matplotlib import pyplot

    made: Axes = pyplot.subplots(figsize=(width, height), layout="constrained")[1]
    return made


def heading(ax: Axes, title: str, note: str = "") -> None:
    """A title on the left, and what is to be said of it in small print below.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    title, note : str
        Texts, which may hold names that users gave.
    """
    width = max(24, round(LETTERS * _room(ax)))
    note = "\n".join(textwrap.fill(line, width) for line in note.split("\n"))
    lines = note.count("\n") + 1 if note else 0
    pad = 6 + 11 * lines
    ax.set_title(plain(title), loc="left", fontsize="medium", fontweight="bold", pad=pad)
    if note:
        ax.annotate(
            plain(note),
            (0, 1),
            (0, 4),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=SMALL,
            color=GREY,
            va="bottom",
            linespacing=1.1,
        )


def _room(ax: Axes) -> float:
    """Inches from the left of the axes to where the next ones begin, or the figure ends."""
    figure = ax.figure
    engine = figure.get_layout_engine()
    if engine is not None:
        # Names along the y axis take from the width what they need.
        engine.execute(figure.figure)
    others = [each for each in figure.axes if each is not ax and each.get_label() != COLOUR_BAR]
    end = ax.bbox.x1 if others else figure.bbox.x1
    return float(end - ax.bbox.x0) / figure.dpi


def entry_of(analysis: Analysis, feature: str) -> Mapping[str, Any]:
    """What the settings tell of a feature.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    feature : str
        A feature or column.

    Returns
    -------
    mapping
        ``name``, ``kind``, ``edges``, ``unit``, titles …

    Raises
    ------
    InputError
        No such feature, or one that was left out.
    """
    analysis.table(feature)  # says what is wrong with the name
    found: Mapping[str, Any] = next(
        entry for entry in analysis.settings["features"] if entry["name"] == feature
    )
    return found


def classes_of(
    analysis: Analysis, classes: Sequence[str] | str | None, *, of: Sequence[str], most: int
) -> list[str]:
    """The classes to draw: those asked for, or those that fit.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    classes : sequence of str, str or None
        What the caller passed.
    of : sequence of str
        What can be drawn; ``"all"`` among them if it can.
    most : int
        Without `classes`: if there are more, those that come first in the trends.

    Returns
    -------
    list of str
        Without `classes`, in the order of `of`.

    Raises
    ------
    InputError
        A class that cannot be drawn, or none.
    """
    if classes is not None:
        asked = [classes] if isinstance(classes, str) else [str(name) for name in classes]
        unknown = [name for name in asked if name not in of]
        if unknown or not asked:
            near = did_you_mean(unknown[0], of) if unknown else None
            got = ", ".join(unknown) or "none"
            raise InputError("classes", f"expected some of {listed(of)}", got=got, where=near)
        return list(dict.fromkeys(asked))
    if len(of) <= most:
        return list(of)
    ranked = dict.fromkeys(in_order(analysis.trends)["class"].astype(str))
    kept = [name for name in [*ranked, *of] if name in of]
    first = set(list(dict.fromkeys(kept))[:most])
    return [name for name in of if name in first]


def row_of(analysis: Analysis, feature: str, name: str) -> Mapping[str, Any]:
    """A feature's row of the trends.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    feature, name : str
        The feature, and the class or ``"all"``.

    Returns
    -------
    mapping
    """
    trends = analysis.trends
    mine = (trends["feature"] == feature) & (trends["class"] == name)
    found: dict[Any, Any] = trends[mine].iloc[0].to_dict()
    return found


def verdict_text(row: Mapping[str, Any]) -> str:
    """The verdict of a row with its q, in a few words.

    Parameters
    ----------
    row : mapping
        Of the trends.

    Returns
    -------
    str
        "not tested" without q; "candidate" for a hint that is no finding.

    Examples
    --------
    >>> verdict_text({"strength": "none", "q": 0.17, "verdict": "not distinguishable from chance"})
    'not distinguishable from chance (q = 0.17)'
    >>> verdict_text({"strength": "candidate", "q": 0.071, "verdict": "associated"})
    'candidate (q = 0.071)'
    """
    if pd.isna(row["q"]):
        return "not tested"
    verdict = CANDIDATE if row["strength"] == CANDIDATE else row["verdict"]
    return f"{verdict} ({p_text('q', float(row['q']))})"


def p_text(letter: str, value: float) -> str:
    """A p or q as papers write it.

    Parameters
    ----------
    letter : str
        What it is called.
    value : float
        0…1.

    Returns
    -------
    str

    Examples
    --------
    >>> p_text("q", 0.00004), p_text("p", 0.25)
    ('q < 0.001', 'p = 0.25')
    """
    return f"{letter} < 0.001" if value < 0.001 else f"{letter} = {value:.2g}"


def marks_note(n_marked: int, n_rows: int) -> str:
    """What the marks of a picture mean, or that there are none.

    Parameters
    ----------
    n_marked, n_rows : int
        Rows of the trends that are real or candidates, of those that are drawn.

    Returns
    -------
    str

    Examples
    --------
    >>> marks_note(0, 12)
    'nothing found: none of 12 is distinguishable from chance'
    """
    if not n_marked:
        return f"nothing found: none of {n_rows:,} is distinguishable from chance"
    return f"● real (q ≤ {REAL_Q:g})   ○ candidate   ({n_marked:,} of {n_rows:,})"


def percent(confidence: float) -> str:
    """A confidence as a percentage.

    Parameters
    ----------
    confidence : float
        0…1.

    Returns
    -------
    str

    Examples
    --------
    >>> percent(0.95), percent(0.999)
    ('95 %', '99.9 %')
    """
    return f"{100 * confidence:g} %"


def capital(text: str) -> str:
    """The text with its first letter large.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str

    Examples
    --------
    >>> capital("all classes")
    'All classes'
    """
    return text[:1].upper() + text[1:]


def legend_below(
    ax: Axes, handles: Sequence[Any], labels: Sequence[str], *, tick_lines: int
) -> None:
    """A legend under the axes, clear of tick labels and axis label.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    handles : sequence of artist
        What is explained.
    labels : sequence of str
        The explanations.
    tick_lines : int
        How many lines the tick labels of the x axis have.
    """
    from matplotlib.transforms import ScaledTranslation

    depth = (22 + 11 * tick_lines) / 72
    below = ScaledTranslation(0, -depth, ax.figure.dpi_scale_trans)
    ax.legend(
        handles,
        labels,
        fontsize=SMALL,
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=ax.transAxes + below,
        borderaxespad=0.2,
    )
