"""One metric of one class over the bins of a feature, beside what chance would give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from .axes import LEFT, RIGHT, Columns, column_labels, columns, left_axis
from .elements import element, empty, label, number, svg, tip
from .marks import (
    Key,
    broken_line,
    dashes,
    diamond,
    dot,
    legend,
    marked,
    patch,
    path,
    whisker,
)
from .scales import Scale, finite, gap, named_ticks, percent, zoomed

#: Height of the plot, and the least range that it shows.
HEIGHT, _LEAST = 170, 0.1


def trend(data: Mapping[str, Any]) -> Markup:
    """A metric bin by bin with its intervals, the same at an equal class mix, and chance.

    Parameters
    ----------
    data : mapping
        With B bins:

        - ``title``, ``desc``, ``no_data``: texts;
        - ``bins``, ``ranges``: B labels, and what values each bin holds (may be left out);
        - ``value``, ``low``, ``high``: the metric and its interval, 0…1, None for a gap;
        - ``star``: the metric at an equal class mix;
        - ``band``: per bin the pair of ends that chance gives, or None;
        - ``n_bin``: images; ``low_support``: whether they are too few to go by;
        - ``apart``: whether the last bin is no part of the feature's values: those that are
          missing (may be left out);
        - ``mean``: the metric over all bins, or None;
        - ``names``: words of the legend: ``value``, ``star``, ``band``, ``n``, ``mean``, and if
          wanted ``low_support``.

    Returns
    -------
    Markup
        Each bin is ``<g class="bin" data-bin="i">`` with a transparent ``rect.hit`` over its
        whole column. Lines join neither the bin that stands apart nor those without an image;
        intervals and bands of bins with few images do not widen the axis, and are cut at its ends.

    Examples
    --------
    >>> drawn = trend({
    ...     "title": "F1", "desc": "", "no_data": "no data", "bins": ["dark", "bright"],
    ...     "ranges": ["< 9", "≥ 9"], "value": [0.9, 0.6], "low": [0.8, 0.5], "high": [0.95, 0.7],
    ...     "star": [0.9, 0.7], "band": [[0.7, 0.8], None], "n_bin": [50, 9], "mean": 0.8,
    ...     "low_support": [False, True],
    ...     "names": {"value": "F1", "star": "equal mix", "band": "chance", "n": "n",
    ...               "mean": "all bins"}})
    >>> drawn.count('class="bin"'), drawn.count("<circle")
    (2, 3)
    """
    shown = finite(data["value"])
    if not shown:
        return empty(data, "trend")
    places = columns(len(data["bins"]), apart=bool(data.get("apart")))
    keys, top = legend(_keys(data), LEFT, places.right)
    bottom = top + 8 + HEIGHT
    low, high = zoomed([*shown, *_around(data)], least=_LEAST, limits=(0, 1))
    scale = Scale(low, high, bottom, top + 8)
    labels, room = column_labels(places, data["bins"], data["n_bin"], bottom)
    body = [
        keys,
        _band(data, scale, places),
        left_axis(scale, named_ticks(low, high, as_percent=True), places.left, places.right),
        _mean(data["mean"], scale, places),
        broken_line(_points(data, "star", scale, places), "line star"),
        broken_line(_points(data, "value", scale, places), "line value"),
    ]
    if room < HEIGHT / 4:
        name = data["names"]["n"]
        body.append(label(name, LEFT - 6, bottom + 32, "small n", anchor="end", width=LEFT - 8))
    body += [
        _bin(data, i, scale, places, labels[i], bottom + room) for i in range(len(data["bins"]))
    ]
    return svg(data, "trend", (places.right + RIGHT, bottom + room), body)


def _keys(data: Mapping[str, Any]) -> list[Key]:
    """Words for what is there."""
    names = data["names"]
    keys = [Key(names["value"], marked("line value", dot, "value"))]
    if finite(data["star"]):
        keys.append(Key(names["star"], marked("line star", diamond, "star")))
    if any(data["band"]):
        keys.append(Key(names["band"], patch("band")))
    if not gap(data["mean"]):
        keys.append(Key(names["mean"], dashes("mean")))
    if any(data["low_support"]) and names.get("low_support"):
        keys.append(Key(names["low_support"], marked("", dot, "few")))
    return keys


def _around(data: Mapping[str, Any]) -> list[float]:
    """What the axis has to hold besides the values: intervals and bands that enough images have."""
    few = data["low_support"]
    # Where no bin has enough images, theirs are all there is.
    kept = [i for i in range(len(few)) if not few[i] or all(few)]
    ends = [end for i in kept for end in data["band"][i] or ()]
    bounds = [data[key][i] for key in ("low", "high") for i in kept]
    return finite([*bounds, *data["star"], *ends, data["mean"]])


def _points(
    data: Mapping[str, Any], key: str, scale: Scale, places: Columns
) -> list[tuple[float, float] | None]:
    """Places of a line's points, None for gaps; bins without an image are passed over."""
    values = data[key][: len(data[key]) - places.apart]
    return [
        None if value is None or gap(value) else (places.middle(i), scale(value))
        for i, value in enumerate(values)
        if data["n_bin"][i]
    ]


def _band(data: Mapping[str, Any], scale: Scale, places: Columns) -> Markup:
    """One step per bin that chance has a range for."""
    width = number(places.width)
    steps = []
    for i, pair in enumerate(data["band"]):
        if pair is None or len(finite(pair)) < 2:
            continue
        if pair[0] > scale.high or pair[1] < scale.low:
            continue
        upper, lower = scale(min(pair[1], scale.high)), scale(max(pair[0], scale.low))
        start = f"M{number(places.start(i))} {number(upper)}"
        steps.append(f"{start}h{width}v{number(lower - upper)}h-{width}z")
    return path("".join(steps), "band")


def _mean(mean: float | None, scale: Scale, places: Columns) -> Markup:
    if mean is None or gap(mean):
        return Markup("")
    length = number(places.right - places.left)
    return path(f"M{number(places.left)} {number(scale(mean))}h{length}", "mean")


def _bin(
    data: Mapping[str, Any],
    place: int,
    scale: Scale,
    places: Columns,
    labels: Markup,
    depth: float,
) -> Markup:
    """The marks of one bin in a group that can be chosen as a whole."""
    value, low, high, star = (data[key][place] for key in ("value", "low", "high", "star"))
    x, few = places.middle(place), data["low_support"][place]
    hit = {
        "class": "hit",
        "x": places.start(place),
        "y": scale.end,
        "width": places.width,
        "height": depth - scale.end,
    }
    drawn = [tip(_told(data, place)), element("rect", hit)]
    if len(finite([low, high])) == 2:
        name = "whisker few" if few else "whisker"
        within = scale.end, scale.start
        drawn.append(whisker(x, scale(low), scale(high), name, within=within))
    if not gap(star):
        drawn.append(diamond(x, scale(star), "star"))
    if not gap(value):
        drawn.append(dot(x, scale(value), "few" if few else "value"))
    return element("g", {"class": "bin", "data-bin": str(place)}, *drawn, labels)


def _told(data: Mapping[str, Any], place: int) -> str:
    """What the pointer is told about a bin."""
    value, low, high = (data[key][place] for key in ("value", "low", "high"))
    label_, ranges = data["bins"][place], data.get("ranges")
    told = f"{label_} ({ranges[place]})" if ranges and ranges[place] != label_ else label_
    if not gap(value):
        told += f": {percent(value, 0.001)}"
    if len(finite([low, high])) == 2:
        told += f" [{percent(low, 0.001)}, {percent(high, 0.001)}]"
    return f"{told}, {data['names']['n']} {data['n_bin'][place]:,}"
