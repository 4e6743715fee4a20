"""Elements of SVG: rounded, escaped, and without an attribute that a strict page forbids."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ..columns import display_width, shortened

#: Width of most charts in user units; they are scaled to the page.
WIDTH = 480

#: Size of text in user units, as the style sheet sets it: labels, and what stands smaller.
SIZE, SMALL = 13, 12

#: Mean width of a narrow character, in sizes of the text.
_NARROW = 0.56

#: What joins letters and emoji, or tells a direction, and is not printed itself.
_JOINERS = frozenset("\u200c\u200d\u200e\u200f")


def spoken(text: str) -> str:
    r"""A text from the outside with what XML forbids made visible, emoji kept whole.

    Parameters
    ----------
    text : str
        A class name, a category, a title.

    Returns
    -------
    str
        On one line.

    Examples
    --------
    >>> spoken("two\nlines\x00"), spoken("猫 🐈\u200d⬛")
    ('two\\nlines\\x00', '猫 🐈\u200d⬛')
    """
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    if char.isprintable() or char in _JOINERS:
        return char
    if unicodedata.category(char) == "Zs":
        return " "
    return char.encode("unicode_escape").decode()


def number(value: float) -> str:
    """A coordinate, as short as one decimal allows.

    Parameters
    ----------
    value : float
        User units.

    Returns
    -------
    str

    Examples
    --------
    >>> number(12.04), number(-0.01), number(1234567.89)
    ('12', '0', '1234567.9')
    """
    rounded = f"{value:.1f}".removesuffix(".0")
    return "0" if rounded == "-0" else rounded


def element(tag: str, attributes: Mapping[str, Any], *children: str) -> Markup:
    """One element.

    Parameters
    ----------
    tag : str
        Its name.
    attributes : mapping
        Numbers are rounded to one decimal, texts escaped; None leaves the attribute out.
    *children : str
        What is not marked up yet is escaped.

    Returns
    -------
    Markup

    Examples
    --------
    >>> print(element("text", {"x": 1 / 3, "class": "tick", "y": None}, "<b>"))
    <text x="0.3" class="tick">&lt;b&gt;</text>
    >>> print(element("circle", {"r": 4}))
    <circle r="4"/>
    """
    inside = Markup("").join(children)
    told = Markup("").join(
        Markup(' {}="{}"').format(
            Markup(name), number(value) if isinstance(value, int | float) else spoken(value)
        )
        for name, value in attributes.items()
        if value is not None
    )
    name = Markup(tag)
    return (
        Markup("<{0}{1}>{2}</{0}>").format(name, told, inside)
        if inside
        else Markup("<{}{}/>").format(name, told)
    )


def group(name: str, *children: str) -> Markup:
    """Some elements of one class.

    Parameters
    ----------
    name : str
        The class.
    *children : str
        The elements.

    Returns
    -------
    Markup
        Empty without children.

    Examples
    --------
    >>> print(group("value", element("circle", {"r": 4})), group("value"))
    <g class="value"><circle r="4"/></g>
    """
    inside = Markup("").join(children)
    return element("g", {"class": name}, inside) if inside else Markup("")


def tip(text: str) -> Markup:
    """What a browser says when the pointer rests on the element around.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    Markup

    Examples
    --------
    >>> print(tip("a < b"))
    <title>a &lt; b</title>
    """
    return element("title", {}, spoken(text))


def text_width(text: str, size: float = SIZE) -> float:
    """About how wide a text is.

    Parameters
    ----------
    text : str
        Any text.
    size : float, default 13
        Of its letters, in user units.

    Returns
    -------
    float
        User units.

    Examples
    --------
    >>> round(text_width("F1"), 1), round(text_width("缺陷"), 1)
    (14.6, 29.1)
    """
    return display_width(spoken(text)) * size * _NARROW


def cut(text: str, width: float, size: float = SIZE) -> str:
    """A text cut to a width, with ``…`` where something is missing.

    Parameters
    ----------
    text : str
        Any text.
    width : float
        User units; at least one character is kept.
    size : float, default 13
        Of its letters.

    Returns
    -------
    str

    Examples
    --------
    >>> cut("monocrystalline", 70), cut("ok", 70)
    ('monocrys…', 'ok')
    """
    columns = max(2, int(width / (size * _NARROW) + 1e-6))
    shown = spoken(text)
    # Far more than is shown, cut at once: cutting goes character by character.
    if len(shown) > 20 * columns:
        shown = shown[: 20 * columns] + "…"
    short = shortened(shown, columns)
    return short if short == shown else short.removesuffix("…").rstrip(" \u200d") + "…"


def label(
    text: str,
    x: float,
    y: float,
    name: str = "",
    *,
    anchor: str | None = None,
    width: float | None = None,
    turn: float | None = None,
) -> Markup:
    """A text at a place, cut where it is too long, whole where the pointer rests on it.

    Parameters
    ----------
    text : str
        Any text.
    x, y : float
        Where it begins, ends or has its middle; the base line.
    name : str, default ""
        Class; ``small`` in it makes the text small.
    anchor : {"middle", "end"}, optional
        What of the text is at ``x``; by default its start.
    width : float, optional
        User units that there are.
    turn : float, optional
        Degrees that it is turned about its place.

    Returns
    -------
    Markup

    Examples
    --------
    >>> print(label("true", 10, 20, "axis", anchor="end"))
    <text x="10" y="20" class="axis" text-anchor="end">true</text>
    >>> print(label("a very long label", 0, 9, width=60))
    <text x="0" y="9"><title>a very long label</title>a very…</text>
    """
    shown = spoken(text)
    if width is not None:
        shown = cut(text, width, SMALL if "small" in name.split() else SIZE)
    place = {
        "x": x,
        "y": y,
        "class": name or None,
        "text-anchor": anchor,
        "transform": turn and f"rotate({number(turn)} {number(x)} {number(y)})",
    }
    whole = tip(text) if shown != spoken(text) else ""
    return element("text", place, whole, shown)


def svg(
    data: Mapping[str, Any],
    name: str,
    size: tuple[float, float],
    body: Sequence[str],
) -> Markup:
    """A whole chart around its body.

    Parameters
    ----------
    data : mapping
        ``title`` and ``desc`` of the chart.
    name : str
        Classes of the chart.
    size : tuple of two float
        Width and height in user units. A chart wider than 480 has the class ``wide`` too: it keeps
        its size and is meant to stand in a box that scrolls.
    body : sequence of str
        Elements.

    Returns
    -------
    Markup

    Examples
    --------
    >>> print(svg({"title": "F1", "desc": "of a"}, "trend", (480, 200), []))
    <svg class="chart trend" role="img" viewBox="0 0 480 200" width="480" height="200"><title>...
    """
    width, height = map(number, size)
    classes = f"chart {name} wide" if size[0] > WIDTH else f"chart {name}"
    told = {
        "class": classes,
        # What holds links is no picture to those who hear the page.
        "role": "group" if name == "map" else "img",
        "viewBox": f"0 0 {width} {height}",
        "width": width,
        "height": height,
    }
    desc = data.get("desc")
    described = element("desc", {}, spoken(desc)) if desc else ""
    return element("svg", told, tip(data["title"]), described, *body)


def empty(data: Mapping[str, Any], name: str) -> Markup:
    """A chart that has nothing to show, and says so.

    Parameters
    ----------
    data : mapping
        ``title``, ``desc`` and what it says, ``no_data``.
    name : str
        Classes of the chart.

    Returns
    -------
    Markup

    Examples
    --------
    >>> print(empty({"title": "F1", "no_data": "no data"}, "trend"))
    <svg class="chart trend" ...><title>F1</title><text x="240" y="44" class="none" ...
    """
    said = label(data["no_data"], WIDTH / 2, 44, "none", anchor="middle", width=WIDTH - 20)
    return svg(data, name, (WIDTH, 80), [said])
