"""A matrix as shaded cells with their texts: what tables, maps and confusions are drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .axes import GREY, INK, SHADES, SMALL, TINY
from .names import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

Floats = npt.NDArray[np.float64]

#: More columns than this have narrower cells and smaller print.
ROOMY = 12

#: Room of a letter in small print, in inches, at most.
LETTER = 0.09

#: Letters of a turned name for which there is room anyway.
USUAL = 16

#: More columns than this have no texts in their cells but marks.
READABLE = 24


def shaded_size(rows: Sequence[str], columns: Sequence[str]) -> tuple[float, float]:
    """Width and height of a figure in which such a matrix can be read.

    Parameters
    ----------
    rows, columns : sequence of str
        Names, which take their room.

    Returns
    -------
    tuple of float
        In inches.

    Examples
    --------
    >>> shaded_size(["0%-20%"] * 5, ["class cat", "class dog"])
    (4.8, 3.0)
    """
    n_columns = len(columns)
    cell = 0.5 if n_columns <= READABLE else 0.28
    if n_columns <= ROOMY:
        cell = min(max(0.85, LETTER * _longest(columns)), 1.3)
    width = max(4.8, 1.0 + LETTER * _longest(rows) + cell * n_columns)
    height = 1.5 + 0.3 * len(rows)
    if _turned(columns):
        height += 0.7 * LETTER * max(0, _longest(columns) - USUAL)
    return min(width, 24.0), min(height, 24.0)


def shaded(
    ax: Axes,
    values: Floats,
    texts: Sequence[Sequence[str]],
    rows: Sequence[str],
    columns: Sequence[str],
    limits: tuple[float, float],
) -> AxesImage:
    """Draw a matrix: cells shaded by value, with a text each; undefined ones are white.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    values : ndarray of float64, shape (R, C)
        NaN: undefined.
    texts : sequence of sequence of str, R × C
        Left out where there are too many columns to read them, but for a single mark.
    rows, columns : sequence of str
        Names.
    limits : tuple of float
        Values of the darkest and the lightest shade.

    Returns
    -------
    matplotlib.image.AxesImage
        Its array is `values`, undefined ones masked.
    """
    low, high = limits
    image = ax.imshow(
        np.ma.masked_invalid(values),
        cmap=SHADES,
        vmin=low,
        vmax=high if high > low else low + 1,
        aspect="auto",
        interpolation="nearest",
    )
    n_columns = len(columns)
    size = SMALL if n_columns <= ROOMY else TINY
    for row, column in np.ndindex(values.shape):
        text = texts[row][column]
        if n_columns > READABLE:
            text = text if len(text) == 1 else text[-1:] if text[-1:] in "●○" else ""
        if text:
            colour = _readable(image, float(values[row, column]))
            ax.text(column, row, plain(text), ha="center", va="center", fontsize=size, color=colour)
    turned = _turned(columns)
    ax.set_xticks(
        range(n_columns),
        [plain(name) for name in columns],
        rotation=45 if turned else 0,
        ha="right" if turned else "center",
        rotation_mode="anchor" if turned else "default",
        fontsize=size,
    )
    ax.set_yticks(range(len(rows)), [plain(name) for name in rows], fontsize=SMALL)
    ax.tick_params(length=0)
    for edge in range(1, len(rows)):
        ax.axhline(edge - 0.5, color="white", lw=0.8)
    for edge in range(1, n_columns):
        ax.axvline(edge - 0.5, color="white", lw=0.8)
    return image


def _turned(columns: Sequence[str]) -> bool:
    return len(columns) > ROOMY or LETTER * _longest(columns) > 1.5


def _longest(names: Sequence[str]) -> int:
    return max((len(line) for name in names for line in name.split("\n")), default=0)


def _readable(image: AxesImage, value: float) -> str:
    """Dark print on light shades, white on dark ones, grey where there is no shade."""
    if not np.isfinite(value):
        return GREY
    red, green, blue, _ = image.to_rgba(np.array([value]))[0]
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"
