"""Every feature against every class: how far a metric varies, and what is more than chance."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from .elements import SIZE, SMALL, WIDTH, element, empty, group, label, svg, text_width, tip
from .marks import dot, shades
from .scales import finite, gap, plain_number

#: A field, and the longest label beside and above the fields.
_FIELD, _ROW, _BESIDE, _ABOVE = 50, 24, 170, 120

#: Up to so many labels above may lie flat, over fields up to so wide.
_FLAT, _WIDEST = 6, 76

#: Spread in points from which each level begins, the same in every report.
LEVELS = (1, 2, 5, 10, 20)

#: Strengths that have a sign of their own.
SIGNS = {"real": "●", "candidate": "○"}


def heat_map(data: Mapping[str, Any]) -> Markup:
    """Spread of a metric over the bins of each feature, for each class.

    Parameters
    ----------
    data : mapping
        With F features and C classes:

        - ``title``, ``desc``, ``no_data``: texts;
        - ``features``: F mappings with ``id``, which the row is a link to, and ``title``;
        - ``classes``: C names;
        - ``spread``: F lists of C shares 0…1, None for a gap; written in points;
        - ``strength``: F lists of C words; "real" and "candidate" have a sign;
        - ``names``, may be left out: ``real`` and ``candidate`` explain the signs, ``points``
          the shades.

    Returns
    -------
    Markup
        Fields have the classes ``level0`` (less than 1 point) … ``level5`` (20 and more).

    Examples
    --------
    >>> drawn = heat_map({
    ...     "title": "map", "desc": "", "no_data": "no data", "classes": ["ok", "defect"],
    ...     "features": [{"id": "f0", "title": "sharpness"}],
    ...     "spread": [[0.123, None]], "strength": [["real", ""]]})
    >>> "12.3" in drawn, "level4" in drawn, '<a href="#f0"' in drawn
    (True, True, True)
    """
    if not finite(value for row in data["spread"] for value in row):
        return empty(data, "map")
    titles = [feature["title"] for feature in data["features"]]
    # Some systems' letters are wider than most: a little room more.
    left = 14 + min(_BESIDE, 1.12 * max(map(text_width, titles)))
    longest = max(map(text_width, data["classes"]))
    widest = min(_WIDEST, (WIDTH - left - 4) / len(data["classes"]))
    turned = len(data["classes"]) > _FLAT or longest > widest - 4
    field = _FIELD if turned else max(_FIELD, longest + 4)
    top, over = _heads(longest, turned=turned)
    rows = [_row(data, place, (left, top + place * _ROW), field) for place in range(len(titles))]
    right = left + field * len(data["classes"])
    bottom = top + _ROW * len(titles)
    keys, key_right = _keys(data.get("names", {}), bottom + 20)
    width = max(right + over, key_right)
    heads = _labels(data["classes"], (left, top), field, turned=turned)
    return svg(data, "map", (width, bottom + 32), [heads, *rows, keys])


def _heads(longest: float, *, turned: bool) -> tuple[float, float]:
    """Height of the labels above the fields, and how far they reach over the right end."""
    if not turned:
        return 24, 4
    long = min(_ABOVE, longest)
    return 16 + 0.71 * long, max(4, 0.71 * long + SIZE - _FIELD / 2)


def _labels(
    classes: Sequence[str], start: tuple[float, float], field: float, *, turned: bool
) -> Markup:
    """Names of the classes, above their columns."""
    (left, top), drawn = start, []
    for place, name in enumerate(classes):
        x = left + (place + 0.5) * field
        drawn.append(
            label(name, x, top - 6, width=_ABOVE + 1, turn=-45)
            if turned
            else label(name, x, top - 8, anchor="middle", width=field - 2)
        )
    return group("heads", *drawn)


def _row(data: Mapping[str, Any], place: int, start: tuple[float, float], field: float) -> Markup:
    """A feature's fields in one link, so that the keyboard stops once per row."""
    feature, (left, y) = data["features"][place], start
    name = label(feature["title"], left - 8, y + 16, anchor="end", width=_BESIDE + 1)
    drawn = [name]
    fields = zip(data["classes"], data["spread"][place], data["strength"][place], strict=True)
    for column, (class_, spread, strength) in enumerate(fields):
        x, sign = left + column * field, SIGNS.get(strength, "")
        box = {"x": x + 0.5, "y": y + 0.5, "width": field - 1, "height": _ROW - 1}
        if gap(spread):
            drawn.append(element("rect", {"class": "gap", **box}))
            if sign:
                drawn.append(dot(x + 8, y + _ROW / 2, strength, r=3.5))
            continue
        points = 100 * spread
        value = plain_number(points, 0.1)
        level = f"level{bisect_right(LEVELS, points)}"
        told = tip(f"{feature['title']} · {class_}: {value} {sign}".rstrip())
        shown = [element("rect", box), label(value, x + field - 5, y + 16, anchor="end")]
        if sign:
            shown.append(dot(x + 8, y + _ROW / 2, strength, r=3.5))
        drawn.append(group(f"field {level}", told, *shown))
    return element("a", {"href": f"#{feature['id']}"}, *drawn)


def _keys(names: Mapping[str, str], y: float) -> tuple[Markup, float]:
    """Shades with the points that they begin at, and the signs; where they end."""
    drawn, x = shades(["0", *map(str, LEVELS)], 4, y)
    words = [("", names.get("points")), *((sign, names.get(sign)) for sign in SIGNS)]
    for sign, word in words:
        if not word:
            continue
        x += 8
        if sign:
            drawn += dot(x + 4, y - 4, sign, r=3.5)
            x += 12
        room = min(text_width(word, SMALL) + 2, WIDTH)
        drawn += label(word, x, y, "small", width=room)
        x += room
    return group("legend", drawn), x + 4
