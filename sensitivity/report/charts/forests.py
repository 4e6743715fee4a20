"""Changes with their intervals, one line each, around no change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from .axes import RIGHT, axis_names, bottom_axis
from .elements import SIZE, WIDTH, element, empty, label, number, svg, text_width, tip
from .marks import diamond, dot, path, triangle
from .scales import Scale, finite, gap, named_ticks, plain_number

#: Where names end and intervals begin, the room around numbers, a line's height.
_NAME, _START, _PAD, _LINE = 150, 160, 10, 36


def changes(data: Mapping[str, Any]) -> Markup:
    """A value with its interval per row, on both sides of zero.

    Parameters
    ----------
    data : mapping
        - ``title``, ``desc``, ``no_data``: texts;
        - ``x_name``: what changes, with its unit, in which all numbers are;
        - ``rows``: mappings with ``name``, ``value``, ``low``, ``high`` (None for a gap),
          ``note``, which stands below the name and may be empty, and ``kind``: "good" (a
          triangle upwards), "bad" (downwards), "neutral" (a dot) or "chosen" (a diamond).

    Returns
    -------
    Markup

    Examples
    --------
    >>> drawn = changes({
    ...     "title": "TTA", "desc": "", "no_data": "no data", "x_name": "points", "rows": [
    ...         {"name": "flip", "value": 1.2, "low": 0.3, "high": 2.1, "note": "n 123",
    ...          "kind": "good"}]})
    >>> "+1.2 [0.3, 2.1]" in drawn, "row good" in drawn
    (True, True)
    """
    rows = data["rows"]
    values = finite(row[key] for row in rows for key in ("value", "low", "high"))
    if not values:
        return empty(data, "changes")
    low, high = min(0.0, *values), max(0.0, *values)
    if not high > low:
        low, high = -1.0, 1.0
    room = 0.06 * (high - low)
    step = 10.0 ** _decade(high - low)
    told = [_told(row, step) for row in rows]
    end = WIDTH - 2 * _PAD - max(map(text_width, told))
    scale = Scale(low - room, high + room, _START, end)
    bottom = 8 + _LINE * len(rows)
    zero = number(scale(0))
    return svg(
        data,
        "changes",
        (WIDTH, bottom + 40),
        [
            bottom_axis(scale, named_ticks(low, high), 4, bottom),
            path(f"M{zero} 4V{number(bottom)}", "zero"),
            *(
                _row(row, text, 8 + _LINE * place, scale)
                for place, (row, text) in enumerate(zip(rows, told, strict=True))
            ),
            axis_names(data["x_name"], "", (0, 4, WIDTH - RIGHT, bottom), bottom + 34),
        ],
    )


def _decade(width: float) -> int:
    """Decimals that show a twentieth of the width, at most three."""
    for digits in (0, -1, -2):
        if 10.0**digits <= width / 20:
            return digits
    return -3


def _told(row: Mapping[str, Any], step: float) -> str:
    """The numbers of a row."""
    told = []
    if not gap(row["value"]):
        told.append(("+" if row["value"] > 0 else "") + plain_number(row["value"], step))
    if len(finite([row["low"], row["high"]])) == 2:
        told.append(f"[{plain_number(row['low'], step)}, {plain_number(row['high'], step)}]")
    return " ".join(told) or "–"


def _row(row: Mapping[str, Any], told: str, top: float, scale: Scale) -> Markup:
    """Name and note, the interval with its mark, and the numbers."""
    y = top + _LINE / 2
    note = row.get("note") or ""
    name_line = y if note else y + SIZE / 3
    drawn = [label(row["name"], _NAME, name_line, "name", anchor="end", width=_NAME - 4)]
    if note:
        drawn.append(label(note, _NAME, y + 13, "small note", anchor="end", width=_NAME - 4))
    if len(finite([row["low"], row["high"]])) == 2:
        a, b = number(scale(row["low"])), number(scale(row["high"]))
        y0 = number(y - 4)
        drawn.append(path(f"M{a} {y0}v8M{a} {number(y)}H{b}M{b} {y0}v8", "whisker"))
    if not gap(row["value"]):
        drawn.append(_mark(row["kind"], scale(row["value"]), y))
    drawn.append(label(told, scale.end + _PAD, y + SIZE / 3, "value"))
    name = f"row {row['kind']}"
    return element("g", {"class": name}, tip(f"{row['name']}: {told}"), *drawn)


def _mark(kind: str, x: float, y: float) -> Markup:
    match kind:
        case "good":
            return triangle(x, y, "mark")
        case "bad":
            return triangle(x, y, "mark", r=-5)
        case "chosen":
            return diamond(x, y, "mark", r=7)
        case _:
            return dot(x, y, "mark")
