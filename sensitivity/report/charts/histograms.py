"""How many images have which value of a feature."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from .axes import LEFT, RIGHT, bottom_axis, column_labels, columns, left_axis
from .elements import WIDTH, element, empty, group, label, number, svg, tip
from .scales import Scale, fine, finite, named_ticks, plain_number, ticks

#: Height of the plot, and what stands above it.
_HEIGHT, _TOP = 110, 22


def distribution(data: Mapping[str, Any]) -> Markup:
    """A histogram with the bins' edges, or one bar per category.

    Parameters
    ----------
    data : mapping
        - ``title``, ``desc``, ``no_data``: texts;
        - ``counts``: one per bar;
        - numbers: ``edges``, one more than counts, ascending, and ``bin_edges``, where the bins
          are cut; ``texts``, where these are no plain numbers: a text for each of ``edges`` and of
          ``bin_edges``, and ``ticks``, places on the axis with their texts;
        - categories: ``labels`` instead, one per bar;
        - ``names``: ``images``, what is counted.

    Returns
    -------
    Markup

    Examples
    --------
    >>> drawn = distribution({
    ...     "title": "images by hour", "desc": "", "no_data": "no data", "counts": [3, 9],
    ...     "edges": [0, 12, 24], "bin_edges": [8], "names": {"images": "images"}})
    >>> drawn.count('class="bar"'), drawn.count('class="cut"')
    (2, 1)
    """
    counts = finite(data["counts"])
    if not any(counts):
        return empty(data, "distribution")
    bottom = _TOP + _HEIGHT
    scale = Scale(0, max(counts) * 1.05, bottom, _TOP)
    named = [(tick, f"{tick:,.0f}") for tick in ticks(0, max(counts)) if tick == int(tick)]
    told = label(data["names"]["images"], 4, 13, "note", width=WIDTH - 10)
    if data.get("labels"):
        places = columns(len(counts))
        labels, room = column_labels(places, data["labels"], None, bottom)
        inset = min(8, places.width / 6)
        spans = [(places.start(i) + inset, places.start(i + 1) - inset) for i in range(places.n)]
        bars = _bars(data, data["labels"], spans, scale)
        axis = left_axis(scale, named, places.left, places.right)
        size = (places.right + RIGHT, bottom + room)
        return svg(data, "distribution", size, [told, axis, bars, *labels])

    edges = [float(edge) for edge in data["edges"]]
    low, high = edges[0], edges[-1]
    if not high > low:
        low, high = low - 0.5, high + 0.5
        edges = [low, high] if len(counts) == 1 else edges
    across = Scale(low, high, LEFT, WIDTH - RIGHT)
    spans = [(across(a), across(b)) for a, b in pairwise(edges)]
    texts = data.get("texts") or {}
    step = fine(low, high)
    named_edges = texts.get("edges") or [plain_number(edge, step) for edge in edges]
    names = [f"{a}…{b}" for a, b in pairwise(named_edges)]
    return svg(
        data,
        "distribution",
        (WIDTH, bottom + 24),
        [
            told,
            left_axis(scale, named, LEFT, WIDTH - RIGHT),
            bottom_axis(across, texts.get("ticks") or named_ticks(low, high), bottom, bottom + 4),
            _bars(data, names, spans, scale),
            _cuts(data, across, bottom),
        ],
    )


def _bars(
    data: Mapping[str, Any],
    names: list[str],
    spans: list[tuple[float, float]],
    scale: Scale,
) -> Markup:
    """One bar per count, from the ground up."""
    drawn = []
    for name, count, (start, end) in zip(names, data["counts"], spans, strict=True):
        height = scale.start - scale(count or 0)
        box = {
            "class": "bar",
            "x": start + 0.5,
            "y": scale.start - height,
            "width": max(0.5, end - start - 1),
            "height": height,
        }
        told = tip(f"{name}: {plain_number(count or 0)} {data['names']['images']}")
        drawn.append(element("rect", box, told))
    return group("bars", *drawn)


def _cuts(data: Mapping[str, Any], across: Scale, bottom: float) -> Markup:
    """Dashed lines where the bins are cut, each with its value where the pointer rests on it."""
    step = fine(across.low, across.high)
    drawn = []
    edges = data.get("bin_edges") or ()
    texts = (data.get("texts") or {}).get("bin_edges") or [plain_number(e, step) for e in edges]
    for edge, text in zip(edges, texts, strict=True):
        if across.low <= edge <= across.high:
            d = f"M{number(across(edge))} {number(_TOP - 4)}V{number(bottom)}"
            drawn.append(element("path", {"class": "cut", "d": d}, tip(text)))
    return Markup("").join(drawn)
