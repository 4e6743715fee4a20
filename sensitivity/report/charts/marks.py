"""What stands for a value: dots, diamonds, whiskers, lines with gaps, and the legend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from .elements import SIZE, SMALL, WIDTH, element, group, label, number, text_width

Point = tuple[float, float]

#: Drawn at a place: the symbol before a word of the legend.
Symbol = Callable[[float, float], Markup]

#: Width of a symbol in the legend, between it and its word, between words; height of a line.
_SYMBOL, _NEAR, _FAR, _LINE = 26, 6, 16, 19


class Key(NamedTuple):
    """A word of the legend and the symbol before it."""

    text: str
    symbol: Symbol


def dot(x: float, y: float, name: str, *, r: float = 4) -> Markup:
    """A circle.

    Parameters
    ----------
    x, y : float
        Its middle.
    name : str
        Class.
    r : float, default 4
        Radius.

    Returns
    -------
    Markup

    Examples
    --------
    >>> print(dot(1, 2, "value"))
    <circle class="value" cx="1" cy="2" r="4"/>
    """
    return element("circle", {"class": name, "cx": x, "cy": y, "r": r})


def diamond(x: float, y: float, name: str, *, r: float = 6) -> Markup:
    """A square on its tip.

    Parameters
    ----------
    x, y : float
        Its middle.
    name : str
        Class.
    r : float, default 6
        From the middle to a tip.

    Returns
    -------
    Markup

    Examples
    --------
    >>> print(diamond(10, 20, "star"))
    <path class="star" d="M10 14l6 6l-6 6l-6-6z"/>
    """
    a = number(r)
    return path(f"M{number(x)} {number(y - r)}l{a} {a}l-{a} {a}l-{a}-{a}z", name)


def square(x: float, y: float, name: str, *, r: float = 4) -> Markup:
    """A square.

    Parameters
    ----------
    x, y : float
        Its middle.
    name : str
        Class.
    r : float, default 4
        Half its side.

    Returns
    -------
    Markup

    Examples
    --------
    >>> print(square(10, 20, "moved"))
    <path class="moved" d="M6 16h8v8h-8z"/>
    """
    side = number(2 * r)
    return path(f"M{number(x - r)} {number(y - r)}h{side}v{side}h-{side}z", name)


def triangle(x: float, y: float, name: str, *, r: float = 5) -> Markup:
    """A triangle that points up, or down for a negative size.

    Parameters
    ----------
    x, y : float
        Its middle.
    name : str
        Class.
    r : float, default 5
        Half its height.

    Returns
    -------
    Markup

    Examples
    --------
    >>> print(triangle(10, 20, "good"))
    <path class="good" d="M10 15L15 25L5 25z"/>
    """
    places = [(x, y - r), (x + r, y + r), (x - r, y + r)]
    return path("M" + "L".join(f"{number(a)} {number(b)}" for a, b in places) + "z", name)


def path(d: str, name: str) -> Markup:
    """A path.

    Parameters
    ----------
    d : str
        Where it goes.
    name : str
        Class.

    Returns
    -------
    Markup
        Empty for a path that goes nowhere.

    Examples
    --------
    >>> print(path("M0 0h9", "grid"))
    <path class="grid" d="M0 0h9"/>
    """
    return element("path", {"class": name or None, "d": d}) if d else Markup("")


def broken_line(points: Sequence[Point | None], name: str) -> Markup:
    """A line from point to point, broken at gaps.

    Parameters
    ----------
    points : sequence of tuple of float or None
        None is a gap; a point between two gaps draws nothing, its mark has to.
    name : str
        Class.

    Returns
    -------
    Markup

    Examples
    --------
    >>> print(broken_line([(0, 0), (5, 1), None, (9, 9), (10, 10)], "value"))
    <path class="value" d="M0 0L5 1M9 9L10 10"/>
    """
    runs: list[list[str]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(f"{number(point[0])} {number(point[1])}")
    return path("".join("M" + "L".join(run) for run in runs if len(run) > 1), name)


def whisker(
    x: float, start: float, end: float, name: str, *, within: tuple[float, float] | None = None
) -> Markup:
    """An upright interval with a bar at either end.

    Parameters
    ----------
    x : float
        Its place.
    start, end : float
        Its ends.
    name : str
        Class.
    within : tuple of float, optional
        Top and bottom of the frame: an end beyond is cut there, and has no bar.

    Returns
    -------
    Markup
        Empty where all of it is beyond the frame.

    Examples
    --------
    >>> print(whisker(10, 80, 40, "whisker"))
    <path class="whisker" d="M6 80h8M10 80V40M6 40h8"/>
    >>> print(whisker(10, 80, 40, "whisker", within=(20, 60)))
    <path class="whisker" d="M10 60V40M6 40h8"/>
    """
    x0, bars = number(x - 4), [start, end]
    if within is not None:
        top, bottom = within
        if min(bars) > bottom or max(bars) < top:
            return Markup("")
        start, end = (min(max(y, top), bottom) for y in bars)
    first, last = (
        f"M{x0} {number(y)}h8" if y == was else ""
        for y, was in zip((start, end), bars, strict=True)
    )
    return path(f"{first}M{number(x)} {number(start)}V{number(end)}{last}", name)


def dashes(name: str) -> Symbol:
    """The symbol of a line.

    Parameters
    ----------
    name : str
        Class of the line.

    Returns
    -------
    callable

    Examples
    --------
    >>> print(dashes("mean")(10, 20))
    <path class="mean" d="M10 20h26"/>
    """
    return lambda x, y: path(f"M{number(x)} {number(y)}h{_SYMBOL}", name)


def patch(name: str) -> Symbol:
    """The symbol of a surface.

    Parameters
    ----------
    name : str
        Class of the surface.

    Returns
    -------
    callable

    Examples
    --------
    >>> print(patch("band")(10, 20))
    <path class="band" d="M10 14h26v12h-26z"/>
    """
    return lambda x, y: path(f"M{number(x)} {number(y - 6)}h{_SYMBOL}v12h-{_SYMBOL}z", name)


def marked(line: str, mark: Callable[[float, float, str], Markup], name: str) -> Symbol:
    """The symbol of a line with marks on it.

    Parameters
    ----------
    line : str
        Class of the line; empty: the mark alone.
    mark : callable
        One of the marks of this module.
    name : str
        Class of the mark.

    Returns
    -------
    callable

    Examples
    --------
    >>> print(marked("line", square, "moved")(10, 20))
    <path class="line" d="M10 20h26"/><path class="moved" d="M19 16h8v8h-8z"/>
    """

    def symbol(x: float, y: float) -> Markup:
        drawn = mark(x + _SYMBOL / 2, y, name)
        return dashes(line)(x, y) + drawn if line else drawn

    return symbol


def legend(keys: Sequence[Key], left: float, width: float = WIDTH) -> tuple[Markup, float]:
    """Symbols and their words, in as many lines as they need.

    Parameters
    ----------
    keys : sequence of Key
        In reading order.
    left : float
        Where the lines begin.
    width : float, default 480
        Where they end.

    Returns
    -------
    tuple of Markup and float
        The legend, and its height in user units: 0 without keys.

    Examples
    --------
    >>> keys = [Key("F1", dashes("value")), Key("all bins", dashes("mean"))]
    >>> legend(keys, 40)[1], legend(keys, 400)[1], legend([], 40)
    (19, 38, (Markup(''), 0))
    """
    x, y, drawn = left, 12.0, []
    for key in keys:
        room = width - left - _SYMBOL - _NEAR
        step = _SYMBOL + _NEAR + min(text_width(key.text), room)
        if x > left and x + step > width:
            x, y = left, y + _LINE
        drawn.append(key.symbol(x, y - SIZE / 3))
        drawn.append(label(key.text, x + _SYMBOL + _NEAR, y, width=room))
        x += step + _FAR
    return group("legend", *drawn), int(y - 12) + _LINE if keys else 0


def shades(words: Sequence[str], x: float, y: float) -> tuple[Markup, float]:
    """Fields of ``level0``, ``level1``, … side by side, each with what it stands for.

    Parameters
    ----------
    words : sequence of str
        One per level.
    x : float
        Where they begin.
    y : float
        Base line of the words.

    Returns
    -------
    tuple of Markup and float
        The fields, and where they end.

    Examples
    --------
    >>> drawn, end = shades(["0", ">0"], 0, 20)
    >>> print(drawn)
    <g class="field level0"><rect x="0" y="9" ...>0</text></g><g class="field level1">...</g>
    """
    width = max(26.0, *(text_width(word, SMALL) + 13 for word in words))
    drawn = Markup("")
    for level, word in enumerate(words):
        box = {"x": x, "y": y - 11, "width": width - 2, "height": 15}
        text = label(word, x + width / 2 - 1, y, "small", anchor="middle")
        drawn += group(f"field level{level}", element("rect", box), text)
        x += width
    return drawn, x
