"""Axes: grid lines with their numbers, and columns that bins stand in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .elements import SIZE, SMALL, WIDTH, cut, group, label, number, text_width
from .marks import path
from .scales import Scale

#: Room to the left of a plot for the numbers of its axis, and to the right.
LEFT, RIGHT = 48, 12

#: The narrowest column, and the narrowest one whose label lies flat though it is cut.
_NARROWEST, _FLAT = 18, 54

#: Degrees that labels are turned where columns are narrow, and their length then.
_TURN, _LENGTH = -65, 140


@dataclass(frozen=True)
class Columns:
    """Places side by side, one per bin.

    Attributes
    ----------
    left, right : float
        Where the first begins and the last ends.
    n : int
        How many there are, at least 1.
    apart : bool, default False
        Whether half a column is left free before the last one.

    Examples
    --------
    >>> places = Columns(40, 140, 5)
    >>> places.width, places.start(1), places.middle(1)
    (20.0, 60.0, 70.0)
    >>> places = Columns(40, 150, 5, apart=True)
    >>> places.width, places.start(3), places.start(4)
    (20.0, 100.0, 130.0)
    """

    left: float
    right: float
    n: int
    apart: bool = False

    @property
    def width(self) -> float:
        """Width of one."""
        return (self.right - self.left) / (self.n + 0.5 * self.apart)

    def start(self, place: int) -> float:
        """Where one begins."""
        free = 0.5 if self.apart and place == self.n - 1 else 0
        return self.left + (place + free) * self.width

    def middle(self, place: int) -> float:
        """The middle of one."""
        return self.start(place) + 0.5 * self.width


def columns(n: int, *, apart: bool = False) -> Columns:
    """Columns for a chart as wide as most, or wider where there are many.

    Parameters
    ----------
    n : int
        How many, at least 1.
    apart : bool, default False
        Whether the last one stands apart from the others; of one alone it does not matter.

    Returns
    -------
    Columns

    Examples
    --------
    >>> columns(5).right, columns(40).right, columns(1, apart=True).apart
    (468, 768, False)
    """
    apart = apart and n > 1
    needed = LEFT + math.ceil((n + 0.5 * apart) * _NARROWEST)
    return Columns(LEFT, max(WIDTH - RIGHT, needed), n, apart)


def column_labels(
    places: Columns, labels: Sequence[str], n: Sequence[int] | None, bottom: float
) -> tuple[list[Markup], float]:
    """What each column is called, and below it how much is in it.

    Parameters
    ----------
    places : Columns
        The columns.
    labels : sequence of str
        One per column.
    n : sequence of int or None
        One per column.
    bottom : float
        Where the plot ends.

    Returns
    -------
    tuple of list of Markup and float
        Labels of each column, turned where columns are narrow; the room they take downwards.

    Examples
    --------
    >>> drawn, room = column_labels(Columns(0, 200, 2), ["dark", "bright"], [9, 1234], 100)
    >>> print(drawn[1], room)
    <text x="150" y="116" text-anchor="middle">bright</text><text ...>1,234</text> 37
    """
    room = places.width - 6
    longest = max((text_width(text) for text in labels), default=0)
    counts = [f"{count:,}" for count in n] if n is not None else []
    if max((text_width(count, SMALL) for count in counts), default=0) > room or (
        longest > room and places.width < _FLAT
    ):
        return _turned(places, labels, counts, bottom)
    drawn = []
    for i, text in enumerate(labels):
        x = places.middle(i)
        below = Markup("")
        if counts:
            below = label(counts[i], x, bottom + 32, "small n", anchor="middle")
        drawn.append(label(text, x, bottom + 16, anchor="middle", width=room) + below)
    return drawn, 37 if counts else 22


def _turned(
    places: Columns, labels: Sequence[str], counts: Sequence[str], bottom: float
) -> tuple[list[Markup], float]:
    """Labels and counts on one turned line."""
    texts = list(labels)
    if counts:
        texts = [
            f"{cut(text, _LENGTH - text_width(f' · {count}'))} · {count}"
            for text, count in zip(labels, counts, strict=True)
        ]
    drawn = [
        label(
            text,
            places.middle(i) + SIZE / 3,
            bottom + 12,
            anchor="end",
            width=_LENGTH + 8,
            turn=_TURN,
        )
        for i, text in enumerate(texts)
    ]
    length = min(_LENGTH, max(map(text_width, texts)))
    return drawn, round(18 + 0.91 * length)


def left_axis(
    scale: Scale, named: Sequence[tuple[float, str]], left: float, right: float
) -> Markup:
    """Level grid lines and their numbers.

    Parameters
    ----------
    scale : Scale
        From values to heights.
    named : sequence of tuple of float and str
        Values and what they are called.
    left, right : float
        Ends of the lines.

    Returns
    -------
    Markup

    Examples
    --------
    >>> print(left_axis(Scale(0, 1, 100, 0), [(0.5, "50%")], 40, 140))
    <g class="axis"><path class="grid" d="M40 50h100"/><text x="34" y="54.3" ...>50%</text></g>
    """
    start, length = number(left), number(right - left)
    lines = "".join(f"M{start} {number(scale(value))}h{length}" for value, _ in named)
    texts = [label(text, left - 6, scale(value) + SIZE / 3, anchor="end") for value, text in named]
    return group("axis", path(lines, "grid"), *texts)


def bottom_axis(
    scale: Scale,
    named: Sequence[tuple[float, str]],
    top: float,
    bottom: float,
) -> Markup:
    """Upright grid lines and their numbers; numbers that would touch are left out.

    Parameters
    ----------
    scale : Scale
        From values to places.
    named : sequence of tuple of float and str
        Ascending values and what they are called.
    top, bottom : float
        Ends of the lines.

    Returns
    -------
    Markup

    Examples
    --------
    >>> print(bottom_axis(Scale(0, 10, 0, 100), [(5, "5")], 0, 80))
    <g class="axis"><path class="grid" d="M50 0V80"/><text x="50" y="96" ...>5</text></g>
    """
    end = number(bottom)
    lines = "".join(f"M{number(scale(value))} {number(top)}V{end}" for value, _ in named)
    texts, free = [], -float("inf")
    for value, text in named:
        half = text_width(text) / 2
        # Long names of ends, such as dates, stay within the chart.
        x = min(scale(value), scale.end + RIGHT - half)
        if x - half < free:
            continue
        texts.append(label(text, x, bottom + 16, anchor="middle"))
        free = x + half + 6
    return group("axis", path(lines, "grid"), *texts)


def axis_names(
    x_name: str, y_name: str, box: tuple[float, float, float, float], below: float
) -> Markup:
    """What the axes of a plot of two numbers show.

    Parameters
    ----------
    x_name, y_name : str
        Their names; empty: none.
    box : tuple of four float
        Left, top, right and bottom of the plot.
    below : float
        Base line of the lower name.

    Returns
    -------
    Markup

    Examples
    --------
    >>> print(axis_names("recall", "", (40, 0, 140, 80), 110))
    <g class="names"><text x="90" y="110" text-anchor="middle">recall</text></g>
    """
    left, top, right, bottom = box
    drawn = []
    if x_name:
        middle = (left + right) / 2
        drawn.append(label(x_name, middle, below, anchor="middle", width=right - left))
    if y_name:
        middle = (top + bottom) / 2
        drawn.append(label(y_name, SIZE, middle, anchor="middle", width=bottom - top, turn=-90))
    return group("names", *drawn)
