"""What can be had at which price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from .axes import RIGHT, axis_names, bottom_axis, left_axis
from .elements import SIZE, WIDTH, cut, element, empty, group, label, number, svg, text_width, tip
from .marks import Point, diamond, dot, path
from .scales import Scale, fine, gap, named_ticks, percent, plain_number, zoomed

#: Room to the left, height of the plot, room for marks at its ends, the longest label.
_LEFT, _HEIGHT, _INSET, _LABEL = 72, 240, 14, 170

#: Space around a label that is kept free of others.
_PAD = 3

Box = tuple[float, float, float, float]


def pareto(data: Mapping[str, Any]) -> Markup:
    """Points of two numbers, the front joined by steps and the chosen one named.

    Parameters
    ----------
    data : mapping
        - ``title``, ``desc``, ``no_data``: texts;
        - ``x_name``, ``y_name``: of the axes, with their units;
        - ``points``: mappings with ``name``, ``x``, ``y`` (a point without either is left out)
          and ``kind``: "front", "chosen" (one of the front) or "other";
        - ``percent``, may be left out: whether both are shares that are written as per cent.

    Returns
    -------
    Markup
        Points of the front are named where there is room, the chosen one always.

    Examples
    --------
    >>> drawn = pareto({
    ...     "title": "price", "desc": "", "no_data": "no data", "x_name": "accuracy",
    ...     "y_name": "recall", "points": [
    ...         {"name": "none", "x": 0.95, "y": 0.7, "kind": "front"},
    ...         {"name": "flip", "x": 0.94, "y": 0.8, "kind": "chosen"},
    ...         {"name": "blur", "x": 0.90, "y": 0.6, "kind": "other"}]})
    >>> drawn.count('class="point'), "flip</text>" in drawn, "blur</text>" in drawn
    (3, True, False)
    """
    shown = [p for p in data["points"] if not (gap(p["x"]) or gap(p["y"]))]
    if not shown:
        return empty(data, "pareto")
    box = (_LEFT, 10.0, WIDTH - RIGHT, 10.0 + _HEIGHT)
    ranges = [zoomed([float(p[key]) for p in shown], least=0) for key in ("x", "y")]
    across = Scale(*ranges[0], box[0] + _INSET, box[2] - _INSET)
    up = Scale(*ranges[1], box[3] - _INSET, box[1] + _INSET)
    as_percent = bool(data.get("percent"))
    # The chosen one is drawn over the others.
    order = sorted(shown, key=lambda p: ("other", "front", "chosen").index(p["kind"]))
    places = [(across(p["x"]), up(p["y"])) for p in order]
    write = partial(_written, as_percent=as_percent)
    names = [f"{p['name']}: {write(p['x'], across)}, {write(p['y'], up)}" for p in order]
    marks = [
        element("g", {"class": f"point {p['kind']}"}, tip(name), _mark(p["kind"], *place))
        for p, name, place in zip(order, names, places, strict=True)
    ]
    front = sorted(place for p, place in zip(order, places, strict=True) if p["kind"] != "other")
    return svg(
        data,
        "pareto",
        (WIDTH, box[3] + 40),
        [
            left_axis(up, named_ticks(*ranges[1], as_percent=as_percent), box[0], box[2]),
            bottom_axis(across, named_ticks(*ranges[0], as_percent=as_percent), box[1], box[3]),
            axis_names(data["x_name"], data["y_name"], box, box[3] + 34),
            _steps(front),
            *marks,
            _labels(order, places, front, box),
        ],
    )


def _written(value: float, scale: Scale, *, as_percent: bool) -> str:
    step = fine(scale.low, scale.high)
    return percent(value, step) if as_percent else plain_number(value, step)


def _mark(kind: str, x: float, y: float) -> Markup:
    match kind:
        case "chosen":
            return diamond(x, y, "mark", r=8)
        case "front":
            return dot(x, y, "mark", r=5)
        case _:
            return dot(x, y, "mark", r=4)


def _steps(front: Sequence[Point]) -> Markup:
    """From point to point around what the front makes possible.

    Where more of one costs the other, the corner lies below the points; where both grow, one
    is a price, and the corner lies at the price of the next. Heights are counted downwards.
    """
    if len(front) < 2:
        return Markup("")
    (x, y), *others = front
    d = f"M{number(x)} {number(y)}"
    for x, after in others:
        corner = f"V{number(after)}H{number(x)}" if after > y else f"H{number(x)}V{number(after)}"
        d, y = d + corner, after
    return path(d, "front-line")


def _labels(
    order: Sequence[Mapping[str, Any]],
    places: Sequence[Point],
    front: Sequence[Point],
    box: Box,
) -> Markup:
    """Names of the chosen point and, where they hide nothing, of the front."""
    taken: list[Box] = [(x - 5, y - 5, x + 5, y + 5) for x, y in places]
    for (x, y), (after_x, after_y) in pairwise(front):
        level, edge = max(y, after_y), x if after_y > y else after_x
        taken += [
            (x, level, after_x, level),
            (edge, min(y, after_y), edge, level),
        ]
    drawn = []
    for point, (x, y) in reversed(list(zip(order, places, strict=True))):
        if point["kind"] == "other":
            continue
        width = min(_LABEL, text_width(cut(point["name"], _LABEL)))
        spots = [
            (x + 11, y - 6),
            (x - 11 - width, y - 6),
            (x + 11, y + 16),
            (x - 11 - width, y + 16),
        ]
        free = [spot for spot in spots if _fits(spot, width, box, taken)]
        inside = [spot for spot in spots if _inside(spot, width, box)] or spots
        if not free and point["kind"] != "chosen":
            continue
        left, line = (free or inside)[0]
        taken.append(_around(left, line, width))
        name = "name chosen" if point["kind"] == "chosen" else "name"
        drawn.append(label(point["name"], left, line, name, width=_LABEL))
    return group("labels", *drawn)


def _around(left: float, line: float, width: float) -> Box:
    return left - _PAD, line - SIZE + 1, left + width + _PAD, line + _PAD


def _inside(spot: Point, width: float, box: Box) -> bool:
    left, top, right, bottom = _around(*spot, width)
    return left >= box[0] and right <= box[2] and top >= box[1] and bottom <= box[3]


def _fits(spot: Point, width: float, box: Box, taken: Sequence[Box]) -> bool:
    left, top, right, bottom = _around(*spot, width)
    return _inside(spot, width, box) and not any(
        left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
        for other in taken
    )
