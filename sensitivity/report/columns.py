"""Aligned columns of text, by the width that characters take on a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

GAP = "  "

#: Units that a line may be broken between: blanks, words, single wide characters.
_UNITS = re.compile(r"[ \n]+|[^ \n\u2e80-\uffef]+|[\u2e80-\uffef]")

#: Blanks that a line may not be broken at: in "81 %" and in "q = 0.03".
_BOUND = re.compile(r" %|(?:\bq)? [=<≤] ")

#: What may not begin a line, and what may not end one.
_CLOSING = frozenset("，。；：、）”％")
_OPENING = frozenset("（“")

_STYLES = {"dim": "\x1b[2m", "bold": "\x1b[1m"}


@dataclass(frozen=True)
class Cell:
    """One text of a table and how it is shown: plain, ``"dim"`` or ``"bold"``."""

    text: str
    style: str = ""


def clean(text: str) -> str:
    r"""A name from the outside, with control characters made visible and harmless.

    Parameters
    ----------
    text : str
        A class name, a category, a column's name.

    Returns
    -------
    str
        On one line.

    Examples
    --------
    >>> clean("two\nlines")
    'two\\nlines'
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def display_width(text: str) -> int:
    r"""Columns that a text takes on a terminal: wide characters two, combining ones none.

    Parameters
    ----------
    text : str
        Without control characters.

    Returns
    -------
    int

    Examples
    --------
    >>> display_width("F1"), display_width("缺陷"), display_width("e\u0301")
    (2, 4, 1)
    """
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def shortened(text: str, width: int) -> str:
    """A text cut to a width, with ``…`` where something is missing.

    Parameters
    ----------
    text : str
        Any text.
    width : int
        Columns, at least 1.

    Returns
    -------
    str

    Examples
    --------
    >>> shortened("monocrystalline", 8), shortened("单晶硅电池", 6)
    ('monocry…', '单晶…')
    """
    if display_width(text) <= width:
        return text
    while display_width(text) > width - 1:
        text = text[:-1]
    return text + "…"


def wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """A text in lines of a width, broken at blanks and between wide characters.

    Parameters
    ----------
    text : str
        Without control characters. ``81 %`` and ``q = 0.03`` stay together.
    width : int
        Columns, at least two more than the indent; a longer word is cut.
    indent : str, default ""
        What stands before all lines but the first.

    Returns
    -------
    list of str
        At least one line.

    Examples
    --------
    >>> wrapped("58 % of them, 81 % of these", 11)
    ['58 % of', 'them, 81 %', 'of these']
    >>> wrapped("召回率下降，置信区间较宽。", 12, indent="  ")
    ['召回率下降，', '  置信区间较', '  宽。']
    """
    lines, line, blank = [], "", ""
    for unit in _units(text):
        if not unit.strip(" \n"):
            blank = " " if line.strip(" ") else ""
            continue
        if line.strip(" ") and display_width(line + blank + unit) > width:
            lines.append(line)
            line, blank = indent, ""
        line += blank + unit
        blank = ""
        while display_width(line) > width:
            head = line
            while display_width(head) > width:
                head = head[:-1]
            lines.append(head)
            line = indent + line.removeprefix(head)
    return [found.replace("\N{NO-BREAK SPACE}", " ") for found in (*lines, line)]


def _units(text: str) -> list[str]:
    """Blanks, words and wide characters, with the punctuation that belongs to them."""
    units: list[str] = []
    bound = _BOUND.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)
    for unit in _UNITS.findall(bound):
        if units and (unit in _CLOSING or units[-1][-1] in _OPENING):
            units[-1] += unit
        else:
            units.append(unit)
    return units


def render_columns(
    rows: Sequence[Sequence[Cell]], *, right: Sequence[int], colour: bool
) -> list[str]:
    """Lines of a table, its columns as wide as their widest cell.

    Parameters
    ----------
    rows : sequence of sequence of Cell
        All of one length; a header is a row like any other.
    right : sequence of int
        Indices of the columns that are flush right.
    colour : bool
        Whether styles are shown.

    Returns
    -------
    list of str
        One line per row, without trailing blanks.

    Examples
    --------
    >>> rows = [[Cell("a"), Cell("n")], [Cell("类"), Cell("10")]]
    >>> render_columns(rows, right=[1], colour=False)
    ['a    n', '类  10']
    """
    widths = [max(display_width(row[i].text) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        parts = []
        for i, cell in enumerate(row):
            blanks = " " * (widths[i] - display_width(cell.text))
            shown = styled(cell.text, cell.style, colour=colour)
            parts.append(blanks + shown if i in right else shown + blanks)
        lines.append(GAP.join(parts).rstrip())
    return lines


def table_width(rows: Sequence[Sequence[Cell]]) -> int:
    """Columns that the lines of :func:`render_columns` take.

    Parameters
    ----------
    rows : sequence of sequence of Cell
        All of one length.

    Returns
    -------
    int

    Examples
    --------
    >>> table_width([[Cell("a"), Cell("n")], [Cell("类"), Cell("10")]])
    6
    """
    widths = [max(display_width(row[i].text) for row in rows) for i in range(len(rows[0]))]
    return sum(widths) + len(GAP) * (len(widths) - 1)


def blocks(
    left: Sequence[Sequence[Cell]], groups: Sequence[Sequence[Sequence[Cell]]], width: int
) -> list[list[Sequence[Sequence[Cell]]]]:
    """Groups of columns that fit beside the labels, at least one at a time.

    Parameters
    ----------
    left : sequence of sequence of Cell
        Rows of the labels.
    groups : sequence of sequence of sequence of Cell
        Rows of each group of columns.
    width : int
        Columns that a table may take.

    Returns
    -------
    list of list
        The groups of each table.

    Examples
    --------
    >>> left, group = [[Cell("label")]], [[Cell("0.81")]]
    >>> [len(block) for block in blocks(left, [group] * 3, width=18)]
    [2, 1]
    """
    found: list[list[Sequence[Sequence[Cell]]]] = []
    taken = width + 1
    for group in groups:
        needed = len(GAP) + table_width(group)
        if taken + needed > width:
            found.append([])
            taken = table_width(left)
        found[-1].append(group)
        taken += needed
    return found


def fitted(
    rows: Sequence[Sequence[Cell]], *, elastic: Sequence[int], width: int, least: int = 6
) -> list[list[Cell]]:
    """The same rows with long texts of the elastic columns cut until the table fits.

    Parameters
    ----------
    rows : sequence of sequence of Cell
        All of one length.
    elastic : sequence of int
        Columns that may be cut; the widest is cut first.
    width : int
        Columns that the table may take.
    least : int, default 6
        No column is cut below this, whether the table fits or not.

    Returns
    -------
    list of list of Cell

    Examples
    --------
    >>> rows = [[Cell("monocrystalline"), Cell("0.81")]]
    >>> fitted(rows, elastic=[0], width=14)[0][0].text
    'monocry…'
    """
    limits = {i: max(display_width(row[i].text) for row in rows) for i in elastic}
    spare = width - table_width(rows)
    while spare < 0 and max(limits.values()) > least:
        widest = max(limits, key=lambda i: limits[i])
        limits[widest] -= 1
        spare += 1
    return [
        [
            Cell(shortened(cell.text, limits[i]), cell.style) if i in limits else cell
            for i, cell in enumerate(row)
        ]
        for row in rows
    ]


def styled(text: str, style: str, *, colour: bool) -> str:
    """A text in its style.

    Parameters
    ----------
    text : str
        Any text.
    style : {"", "dim", "bold"}
        The style.
    colour : bool
        Whether styles are shown.

    Returns
    -------
    str

    Examples
    --------
    >>> styled("n", "dim", colour=False)
    'n'
    """
    return f"{_STYLES[style]}{text}\x1b[0m" if style and colour and text else text
