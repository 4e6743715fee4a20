"""Curves of two rates: ROC, precision against recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from .axes import LEFT, RIGHT, axis_names, bottom_axis, left_axis
from .elements import WIDTH, empty, number, svg
from .marks import Key, Point, broken_line, dashes, legend, path
from .scales import Scale, gap, named_ticks

#: Height of the plot; the distance that the next point of a line is away, at least.
_HEIGHT, _STEP = 300, 1.0

#: Looks of lines in the style sheet.
MOST = 8


def curves(data: Mapping[str, Any]) -> Markup:
    """Up to eight lines in a unit square.

    Parameters
    ----------
    data : mapping
        - ``title``, ``desc``, ``no_data``: texts;
        - ``x_name``, ``y_name``: of the axes, both 0…1;
        - ``lines``: mappings with ``name``, ``x`` and ``y`` (None for a gap) and ``note``, which
          stands behind the name and may be empty; those after the eighth are not drawn;
        - ``diagonal``: whether the line of no knowledge is drawn.

    Returns
    -------
    Markup
        Every line has a colour and dashes of its own.

    Examples
    --------
    >>> drawn = curves({
    ...     "title": "ROC", "desc": "", "no_data": "no data", "x_name": "false positives",
    ...     "y_name": "recall", "diagonal": True,
    ...     "lines": [{"name": "defect", "x": [0, 0.2, 1], "y": [0, 0.9, 1], "note": "AUC 0.85"}]})
    >>> "defect · AUC 0.85" in drawn, drawn.count('class="curve c1 dash1"')
    (True, 2)
    """
    lines = list(data["lines"])[:MOST]
    points = [_points(line) for line in lines]
    if not any(point is not None for line in points for point in line):
        return empty(data, "curves")
    keys, top = legend(
        [
            Key(f"{line['name']} · {line['note']}" if line.get("note") else line["name"], symbol)
            for line, symbol in zip(lines, _symbols(len(lines)), strict=True)
        ],
        LEFT + 14,
    )
    box = (LEFT + 14, top + 10, WIDTH - RIGHT, top + 10 + _HEIGHT)
    across, up = Scale(0, 1, box[0], box[2]), Scale(0, 1, box[3], box[1])
    drawn = [broken_line(_thinned(line, across, up), _class(i)) for i, line in enumerate(points)]
    ends = "M{} {}L{} {}".format(*map(number, (box[0], box[3], box[2], box[1])))
    return svg(
        data,
        "curves",
        (WIDTH, box[3] + 40),
        [
            keys,
            left_axis(up, named_ticks(0, 1), box[0], box[2]),
            bottom_axis(across, named_ticks(0, 1), box[1], box[3]),
            axis_names(data["x_name"], data["y_name"], box, box[3] + 34),
            path(ends if data["diagonal"] else "", "mean"),
            *drawn,
        ],
    )


def _class(place: int) -> str:
    return f"curve c{place + 1} dash{place + 1}"


def _symbols(n: int) -> list[Any]:
    return [dashes(_class(place)) for place in range(n)]


def _points(line: Mapping[str, Any]) -> list[Point | None]:
    return [None if gap(x) or gap(y) else (x, y) for x, y in zip(line["x"], line["y"], strict=True)]


def _thinned(points: Sequence[Point | None], across: Scale, up: Scale) -> list[Point | None]:
    """Places on the chart; of thousands of points only those that the eye can tell apart."""
    kept: list[Point | None] = []
    for i, point in enumerate(points):
        if point is None:
            kept.append(None)
            continue
        place = across(point[0]), up(point[1])
        last = kept[-1] if kept else None
        at_end = i + 1 == len(points) or points[i + 1] is None
        if last is None or at_end or max(_apart(last, place)) >= _STEP:
            kept.append(place)
    return kept


def _apart(a: Point, b: Point) -> Point:
    return abs(a[0] - b[0]), abs(a[1] - b[1])
