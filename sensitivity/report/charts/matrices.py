"""Which class is taken for which."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from .elements import SIZE, WIDTH, element, empty, group, label, svg, text_width, tip
from .marks import shades
from .scales import finite, percent

#: Up to so many classes the counts are written into the fields.
MOST_NUMBERS = 12

#: Longest label beside and above the fields.
_LABEL = 120

#: Fields are at most so wide that their labels can lie flat.
_WIDEST = 76

#: Share of a row from which each level begins; the first is for any image at all.
LEVELS = (0.0, 0.05, 0.2, 0.5, 0.8)


def confusion(data: Mapping[str, Any]) -> Markup:
    """Counts of true × predicted class, shaded by the share of the true class.

    Parameters
    ----------
    data : mapping
        With C classes:

        - ``title``, ``desc``, ``no_data``: texts;
        - ``classes``: C names;
        - ``counts``: C lists of C images; a row is a true class;
        - ``names``: ``true`` and ``predicted``.

    Returns
    -------
    Markup
        Fields have the classes ``level0`` (none) … ``level5`` (more than 80 % of the true class),
        those of the right answers ``right`` too. Counts are written for at most 12 classes.

    Examples
    --------
    >>> drawn = confusion({
    ...     "title": "confusion", "desc": "", "no_data": "no data", "classes": ["ok", "defect"],
    ...     "counts": [[90, 10], [0, 7]], "names": {"true": "true", "predicted": "predicted"}})
    >>> drawn.count(" right"), "ok → defect: 10 (10.0%)" in drawn
    (2, True)
    """
    counts = data["counts"]
    if not any(finite(count for row in counts for count in row)):
        return empty(data, "confusion")
    classes = data["classes"]
    longest = max(map(text_width, classes))
    long = min(_LABEL, longest)
    left = 30 + long
    side_x, side_y = _sides(counts)
    if side_x < longest + 4 <= min(_WIDEST, (WIDTH - left - 6) / len(classes)):
        side_x = longest + 4
    turned = longest > side_x - 4
    top = 26 + (0.71 * long + SIZE if turned else 18)
    over = max(6.0, 0.71 * long + SIZE - side_x / 2) if turned else 6.0
    rows = [
        _row(data, place, (left, top + place * side_y), (side_x, side_y))
        for place in range(len(classes))
    ]
    right, bottom = left + side_x * len(classes), top + side_y * len(classes)
    names = data["names"]
    heads = [
        label(names["predicted"], left, 14, "note", width=right - left + over),
        label(names["true"], 13, top, "note", anchor="end", width=bottom - top + 20, turn=-90),
    ]
    for place, name in enumerate(classes):
        y = top + (place + 0.5) * side_y + SIZE / 3
        heads.append(label(name, left - 8, y, anchor="end", width=_LABEL + 1))
        x = left + (place + 0.5) * side_x
        heads.append(
            label(name, x + SIZE / 3, top - 6, width=_LABEL + 1, turn=-45)
            if turned
            else label(name, x, top - 8, anchor="middle", width=side_x)
        )
    keys, end = shades(["0", *(f">{percent(level)}" for level in LEVELS)], 30, bottom + 20)
    size = (max(right + over, end), bottom + 28)
    return svg(data, "confusion", size, [group("heads", *heads), *rows, group("legend", keys)])


def _sides(counts: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Width and height of a field."""
    if len(counts) > MOST_NUMBERS:
        return 16, 16
    longest = max(text_width(f"{count:,}") for row in counts for count in row)
    return max(36, longest + 12), 28


def _row(
    data: Mapping[str, Any], place: int, start: tuple[float, float], sides: tuple[float, float]
) -> Markup:
    """A true class."""
    counts, classes = data["counts"][place], data["classes"]
    total, y, drawn = sum(counts), start[1], []
    many = len(counts) > MOST_NUMBERS
    if many:
        # One field for all that never happened: most of a large table.
        ground = {"x": start[0], "y": y, "width": sides[0] * len(counts), "height": sides[1]}
        drawn.append(element("rect", {"class": "field level0", **ground}))
    for column, count in enumerate(counts):
        if many and not count and column != place:
            continue
        x, share = start[0] + column * sides[0], count / total if total else 0
        box = {"x": x + 0.5, "y": y + 0.5, "width": sides[0] - 1, "height": sides[1] - 1}
        name = f"field level{bisect_left(LEVELS, share)}"
        name += " right" if column == place else ""
        told = f"{classes[place]} → {classes[column]}: {count:,} ({percent(share, 0.001)})"
        if many:
            drawn.append(element("rect", {"class": name, **box}, tip(told)))
            continue
        middle, line = x + sides[0] / 2, y + sides[1] / 2 + SIZE / 3
        text = label(f"{count:,}", middle, line, anchor="middle")
        drawn.append(group(name, tip(told), element("rect", box), text))
    return group("row", *drawn)
