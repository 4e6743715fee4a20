"""What each bin is made of."""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_uppercase
from typing import Any

from markupsafe import Markup

from .axes import LEFT, RIGHT, Columns, column_labels, columns, left_axis
from .elements import SIZE, SMALL, element, empty, group, label, svg, text_width, tip
from .marks import Key, Symbol, legend, patch
from .scales import Scale, finite, percent

#: Height of the plot; the lowest part that a letter fits in.
_HEIGHT, _LETTER = 150, 13

#: Colours of the style sheet.
_COLOURS = 8


def shares(data: Mapping[str, Any]) -> Markup:
    """One stack per bin, as high as all, of the shares of the classes.

    Each part bears the letter of its class and its share where there is room.

    Parameters
    ----------
    data : mapping
        With B bins and C classes, at most eight:

        - ``title``, ``desc``, ``no_data``: texts;
        - ``bins``: B labels; ``classes``: C names;
        - ``shares``: B lists of C shares 0…1, all 0 for an empty bin.

    Returns
    -------
    Markup

    Examples
    --------
    >>> drawn = shares({
    ...     "title": "mix", "desc": "", "no_data": "no data", "bins": ["dark", "bright"],
    ...     "classes": ["ok", "defect"], "shares": [[0.75, 0.25], [0, 0]]})
    >>> drawn.count('<rect class="part'), "A 75%" in drawn
    (2, True)
    """
    if not any(finite(value for row in data["shares"] for value in row)):
        return empty(data, "shares")
    places = columns(len(data["bins"]))
    names = [
        Key(f"{ascii_uppercase[i % 26]} {name}", _patch(i))
        for i, name in enumerate(data["classes"])
    ]
    keys, top = legend(names, LEFT, places.right)
    bottom = top + 8 + _HEIGHT
    scale = Scale(0, 1, bottom, top + 8)
    labels, room = column_labels(places, data["bins"], None, bottom)
    ticks = [(value, percent(value)) for value in (0, 0.5, 1)]
    stacks = [_stack(data, place, scale, places) for place in range(places.n)]
    axis = left_axis(scale, ticks, places.left, places.right)
    return svg(
        data, "shares", (places.right + RIGHT, bottom + room), [keys, axis, *stacks, *labels]
    )


def _colour(place: int) -> str:
    return f"part c{place % _COLOURS + 1}"


def _patch(place: int) -> Symbol:
    return patch(_colour(place))


def _stack(data: Mapping[str, Any], place: int, scale: Scale, places: Columns) -> Markup:
    """The parts of one bin, the first class lowest."""
    inset = min(8, places.width / 10)
    width, below, drawn = places.width - 2 * inset, 0.0, []
    for i, share in enumerate(data["shares"][place]):
        if not any(finite([share])):
            continue
        top, height = scale(below + share), scale(below) - scale(below + share)
        box = {
            "class": _colour(i),
            "x": places.start(place) + inset,
            "y": top,
            "width": width,
            "height": height,
        }
        told = f"{data['bins'][place]} · {data['classes'][i]}: {percent(share, 0.001)}"
        drawn.append(element("rect", box, tip(told)))
        letter = ascii_uppercase[i % 26]
        text = f"{letter} {percent(share)}"
        if text_width(text, SMALL) > width:
            text = letter
        if height > _LETTER and text_width(text, SMALL) <= width:
            y = top + height / 2 + SIZE / 3
            wide = text_width(text, SMALL) + 4
            plate = {
                "class": "plate",
                "x": places.middle(place) - wide / 2,
                "y": y - 10,
                "width": wide,
                "height": _LETTER,
                "rx": 2,
            }
            drawn.append(element("rect", plate))
            drawn.append(label(text, places.middle(place), y, "small", anchor="middle"))
        below += share
    return group("stack", *drawn)
