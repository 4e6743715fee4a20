"""Moving a feature on purpose, beside what is observed where it differs by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from .axes import LEFT, RIGHT, axis_names, bottom_axis, left_axis
from .elements import WIDTH, element, empty, group, svg, tip
from .marks import Key, Point, broken_line, dot, legend, marked, square, whisker
from .scales import Scale, fine, finite, gap, named_ticks, percent, plain_number, zoomed

#: Height of the plot, room for marks at its ends, the least range that it shows.
_HEIGHT, _INSET, _LEAST = 180, 10, 0.1


def response(data: Mapping[str, Any]) -> Markup:
    """An intervention curve over the observed one.

    Parameters
    ----------
    data : mapping
        - ``title``, ``desc``, ``no_data``: texts;
        - ``x_name``: what is moved, with its unit;
        - ``observed``, ``moved``: mappings with lists ``x``, ``y`` and its interval ``low`` and
          ``high``; y is a share 0…1, None for a gap;
        - ``names``: ``observed`` and ``moved``.

    Returns
    -------
    Markup

    Examples
    --------
    >>> curve = {"x": [1, 2], "y": [0.9, 0.6], "low": [0.8, 0.5], "high": [0.95, 0.7]}
    >>> drawn = response({
    ...     "title": "blur", "desc": "", "no_data": "no data", "x_name": "sharpness",
    ...     "observed": curve, "moved": {"x": [], "y": [], "low": [], "high": []},
    ...     "names": {"observed": "observed", "moved": "moved"}})
    >>> drawn.count('<circle class="observed"'), "line moved" in drawn
    (3, False)
    """
    kinds = [kind for kind in ("observed", "moved") if _there(data[kind])]
    if not kinds:
        return empty(data, "response")
    marks = {"observed": dot, "moved": square}
    keys, top = legend(
        [Key(data["names"][kind], marked(f"line {kind}", marks[kind], kind)) for kind in kinds],
        LEFT,
    )
    box = (LEFT, top + 8, WIDTH - RIGHT, top + 8 + _HEIGHT)
    x = finite(value for kind in kinds for value in data[kind]["x"])
    ends = (min(x), max(x)) if max(x) > min(x) else (min(x) - 0.5, max(x) + 0.5)
    across = Scale(*ends, box[0] + _INSET, box[2] - _INSET)
    y = finite(v for kind in kinds for key in ("y", "low", "high") for v in data[kind][key])
    low, high = zoomed(y, least=_LEAST, limits=(0, 1))
    up = Scale(low, high, box[3], box[1])
    return svg(
        data,
        "response",
        (WIDTH, box[3] + 40),
        [
            keys,
            left_axis(up, named_ticks(low, high, as_percent=True), box[0], box[2]),
            bottom_axis(across, named_ticks(*ends), box[1], box[3]),
            axis_names(data["x_name"], "", box, box[3] + 34),
            *(_curve(data, kind, across, up) for kind in kinds),
        ],
    )


def _there(curve: Mapping[str, Any]) -> bool:
    return any(not (gap(x) or gap(y)) for x, y in zip(curve["x"], curve["y"], strict=True))


def _curve(data: Mapping[str, Any], kind: str, across: Scale, up: Scale) -> Markup:
    """A line, and at each of its points a mark with its interval."""
    curve, drawn = data[kind], []
    points: list[Point | None] = []
    step = fine(across.low, across.high)
    rows = zip(*(curve[key] for key in ("x", "y", "low", "high")), strict=True)
    for x, y, low, high in rows:
        if gap(x) or gap(y):
            points.append(None)
            continue
        place = across(x), up(y)
        points.append(place)
        told = f"{data['names'][kind]}, {plain_number(x, step)}: {percent(y, 0.001)}"
        marks = []
        if len(finite([low, high])) == 2:
            told += f" [{percent(low, 0.001)}, {percent(high, 0.001)}]"
            marks.append(whisker(place[0], up(low), up(high), f"whisker {kind}"))
        mark = dot if kind == "observed" else square
        drawn.append(element("g", {}, tip(told), *marks, mark(*place, kind)))
    return group(f"{kind}-curve", broken_line(points, f"line {kind}"), *drawn)
