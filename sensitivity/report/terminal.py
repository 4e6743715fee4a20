"""The summary and a feature's table as text for a terminal, no wider than 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from .columns import (
    GAP,
    Cell,
    clean,
    display_width,
    fitted,
    render_columns,
    shortened,
    styled,
    table_width,
)

WIDTH = 100

#: With more classes than this only some are shown: those that vary most beyond chance.
MAX_CLASSES = 6
SHOWN_CLASSES = 5

METRIC_NAMES = {
    "f1": "F1",
    "f1_star": "F1 at an equal class mix",
    "recall": "recall",
    "precision": "precision",
}

_SUMMARY_HEAD = (
    "Weakest and strongest range by F1 at an equal class mix [{:g} % interval] (all: accuracy);"
    " their std over the ranges, in brackets the one that chance alone gives, then how many"
    " times that."
)

CLASS_MIX = "F1 also moves with the class mix; at an equal mix: --metric f1_star"

WITHIN_CHANCE = "~: no more than chance alone gives in 19 of 20 such rows"


def render_summary(
    summary: Mapping[str, Any], *, colour: bool, rows: int | None = 12, width: int = WIDTH
) -> str:
    """The run in one line, then every feature × class from its weakest to its strongest bin.

    Parameters
    ----------
    summary : mapping
        From :func:`sensitivity.report.summary.summary`.
    colour : bool
        Whether to use ANSI styles.
    rows : int or None, default 12
        Rows shown, in the summary's order; None: all.
    width : int, default 100
        Columns; long names are cut with ``…``.

    Returns
    -------
    str
        Lines without a last newline.

    Examples
    --------
    >>> import sensitivity
    >>> from sensitivity.report.summary import summary
    >>> analysis = sensitivity.analyse(
    ...     [1] * 50 + [1, 0] * 25, [1] * 100, [f"{i}.png" for i in range(100)],
    ...     columns={"dose": range(100)}, features=(), save_path=None)
    >>> print(render_summary(summary(analysis), colour=False, rows=1).splitlines()[0])
    100 images · 2 classes · accuracy .75 [.66–.82]
    """
    found = summary["rows"]
    shown = found if rows is None else found[:rows]
    lines = [styled(_run_line(summary["run"]), "bold", colour=colour), ""]
    if not found:
        return "\n".join([*lines, "No feature was analysed.", *_skipped_lines(summary, width)])
    lines += paragraph(_SUMMARY_HEAD.format(100 * summary["run"]["confidence"]), width)
    header = ["feature", "class", "n", "weakest", "", "strongest", "", "std (chance)", "times"]
    cells = [[Cell(name, "bold") for name in header], *(_summary_row(row) for row in shown)]
    lines += [
        "",
        *render_columns(
            fitted(cells, elastic=(0, 1, 3, 5), width=width), right=(2, 8), colour=colour
        ),
    ]
    notes = []
    if any(row["beyond_chance"] is False for row in shown):
        notes.append(WITHIN_CHANCE)
    if len(shown) < len(found):
        notes.append(f"{len(found) - len(shown):,} more rows: --all")
    notes += _skipped_lines(summary, width)
    lines += ["", *(styled(note, "dim", colour=colour) for note in notes)] if notes else []
    return "\n".join(lines)


def render_feature(
    feature_table: Mapping[str, Any],
    *,
    colour: bool,
    everything: bool = False,
    width: int = WIDTH,
) -> str:
    """One feature's bins as rows, accuracy and classes as columns, with the std below.

    Parameters
    ----------
    feature_table : mapping
        From :func:`sensitivity.report.summary.feature_table`.
    colour : bool
        Whether to use ANSI styles: cells with fewer than 10 images of the class are grey;
        without colour they stand in parentheses.
    everything : bool, default False
        All classes; else, of more than six, the five that vary most beyond chance.
    width : int, default 100
        Columns; classes that do not fit are shown in further blocks below.

    Returns
    -------
    str
        Lines without a last newline.

    Examples
    --------
    >>> import sensitivity
    >>> from sensitivity.report.summary import feature_table
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> print(render_feature(feature_table(analysis, "hour"), colour=False).splitlines()[3])
    range         values   accuracy        n  0               n  1               n
    """
    classes = _shown_classes(feature_table, everything=everything)
    lines = _feature_head(feature_table, width, colour=colour)
    left = _left_columns(feature_table)
    groups = [_group(feature_table, index, colour=colour) for index in classes]
    for block in _blocks(left, groups, width):
        rows = [list(chain.from_iterable(parts)) for parts in zip(left, *block, strict=True)]
        n_left = len(left[0])
        right = range(n_left + 1, len(rows[0]), 2)
        lines += ["", *_ruled(render_columns(rows, right=right, colour=colour), rows)]
    notes = _feature_notes(feature_table, classes, colour=colour)
    lines += ["", *(styled(note, "dim", colour=colour) for note in notes)] if notes else []
    return "\n".join(lines)


def proportion(value: float | None) -> str:
    """A number between 0 and 1 in three characters.

    Parameters
    ----------
    value : float or None
        A proportion.

    Returns
    -------
    str
        Two decimals, without the leading 0; ``–`` for None.

    Examples
    --------
    >>> proportion(0.7929), proportion(1.0), proportion(None)
    ('.79', '1.0', '–')
    """
    if value is None:
        return "–"
    text = f"{value:.2f}"
    return "1.0" if text == "1.00" else text.removeprefix("0")


def interval(cell: Mapping[str, Any]) -> str:
    """A value with its interval.

    Parameters
    ----------
    cell : mapping
        With ``value``, ``low`` and ``high``.

    Returns
    -------
    str

    Examples
    --------
    >>> interval({"value": 0.79, "low": 0.724, "high": 0.851})
    '.79 [.72–.85]'
    """
    if cell["value"] is None or cell["low"] is None or cell["high"] is None:
        return proportion(cell["value"])
    return f"{proportion(cell['value'])} [{proportion(cell['low'])}–{proportion(cell['high'])}]"


def paragraph(text: str, width: int) -> list[str]:
    """Words on lines, a number and its unit on one.

    Parameters
    ----------
    text : str
        One paragraph.
    width : int
        Columns.

    Returns
    -------
    list of str

    Examples
    --------
    >>> paragraph("a share of 95 % of them", 12)
    ['a share of', '95 % of them']
    """
    lines = textwrap.wrap(text.replace(" %", "\N{NO-BREAK SPACE}%"), width)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def _run_line(run: Mapping[str, Any]) -> str:
    n_classes = len(run["classes"])
    line = (
        f"{run['n']:,} images · {n_classes:,} {'class' if n_classes == 1 else 'classes'}"
        f" · accuracy {interval(run['accuracy'])}"
    )
    return line + (f" · {run['n_failed']:,} could not be measured" if run["n_failed"] else "")


def _summary_row(row: Mapping[str, Any]) -> list[Cell]:
    style = "dim" if row["beyond_chance"] is False else ""
    none: dict[str, Any] = {"label": "", "value": None, "low": None, "high": None}
    worst, best = row["worst"] or none, row["best"] or none
    arrow = "→ " if row["worst"] else "  "
    texts = [
        clean(row["feature"]),
        clean(row["class"]),
        f"{row['n']:,}",
        clean(worst["label"]),
        interval(worst),
        arrow + clean(best["label"]),
        interval(best),
        _std(row["std"], row["std_chance"]),
        _times(row),
    ]
    return [Cell(text, style) for text in texts]


def _std(std: float | None, chance: float | None) -> str:
    def short(value: float | None) -> str:
        return "–" if value is None else f"{value:.3f}".removeprefix("0")

    return short(std) if chance is None else f"{short(std)} ({short(chance)})"


def _times(found: Mapping[str, Any]) -> str:
    if found["times_chance"] is None:
        return "–"
    return f"{'' if found['beyond_chance'] else '~'}{found['times_chance']:.1f}×"


def _skipped_lines(summary: Mapping[str, Any], width: int) -> list[str]:
    """What was left out, the reasons in brackets, on as few lines as hold it."""
    lines: list[str] = []
    for entry in summary["skipped"]:
        text = f"{clean(entry['name'])} ({clean(entry['reason'])})"
        if lines and display_width(lines[-1]) + display_width(text) + 2 <= width:
            lines[-1] += f", {text}"
        else:
            lines.append(f"{'           ' if lines else 'left out:  '}{text}")
    return lines


def _shown_classes(table: Mapping[str, Any], *, everything: bool) -> list[int]:
    """Places in the lists of spreads: the accuracy (last) first, then classes."""
    n = len(table["classes"])
    if everything or n <= MAX_CLASSES:
        return [n, *range(n)]
    excess = [-1.0 if value is None else value for value in table["excess"][:n]]
    return [n, *sorted(range(n), key=lambda index: -excess[index])[:SHOWN_CLASSES]]


def _feature_head(table: Mapping[str, Any], width: int, *, colour: bool) -> list[str]:
    name = clean(table["feature"])
    # "Dynamic range" says no more than dynamic_range.
    known = table["title_en"].lower().replace(" ", "_") == table["feature"].lower()
    about = ", ".join(clean(t) for t in ("" if known else table["title_en"], table["unit"]) if t)
    about = f"{name}: {about}" if about else name
    by = "range of values" if table["kind"] == "numeric" else "value"
    text = (
        f"Accuracy, and {METRIC_NAMES[table['metric']]} of each class"
        f" [{100 * table['confidence']:g} % interval] with its number of images n, per {by}."
    )
    return [styled(shortened(about, width), "bold", colour=colour), *paragraph(text, width)]


def _left_columns(table: Mapping[str, Any]) -> list[list[Cell]]:
    """Labels and value ranges of all rows, header and std rows included."""
    numeric = table["kind"] == "numeric"
    rows = [["range" if numeric else "value", "values"]]
    rows += [[shortened(clean(row["label"]), 30), row["range"]] for row in table["bins"]]
    rows += [["std (chance)", ""], ["times chance", ""]]
    if not any(row["range"] for row in table["bins"]):
        rows = [row[:1] for row in rows]
    last = len(rows) - (0 if any(table["times_chance"]) else 1)
    styles = ["bold"] + [""] * len(rows)
    return [
        [Cell(text, style) for text in row]
        for row, style in zip(rows[:last], styles[:last], strict=True)
    ]


def _group(table: Mapping[str, Any], index: int, *, colour: bool) -> list[list[Cell]]:
    """The two columns, value and n, of one class or of the accuracy (the last index)."""
    is_all = index == len(table["classes"])
    cells = [row["accuracy"] if is_all else row["cells"][index] for row in table["bins"]]
    # Room for the parentheses, so that the digits stay in line.
    open_ = not colour and any(cell["low_support"] for cell in cells)
    name = "accuracy" if is_all else shortened(clean(table["classes"][index]), 20)
    pad = " " if open_ else ""
    column = [Cell(pad + name, "bold")]
    for cell in cells:
        text = interval(cell)
        if cell["low_support"]:
            column.append(Cell(text if colour else f"({text})", "dim"))
        else:
            column.append(Cell(pad + text))
    column.append(Cell(pad + _std(table["std"][index], table["std_chance"][index])))
    against = {key: table[key][index] for key in ("times_chance", "beyond_chance")}
    column.append(Cell(pad + _times(against)))
    counts = [f"{cell['n']:,}" for cell in cells]
    rows = zip(column, ["n", *counts, "", ""], strict=True)
    pairs = [[cell, Cell(n, cell.style)] for cell, n in rows]
    return pairs if any(table["times_chance"]) else pairs[:-1]


def _blocks(
    left: Sequence[Sequence[Cell]], groups: Sequence[Sequence[Sequence[Cell]]], width: int
) -> list[list[Sequence[Sequence[Cell]]]]:
    """Groups of columns that fit beside the labels, at least one at a time."""
    blocks: list[list[Sequence[Sequence[Cell]]]] = []
    taken = width + 1
    for group in groups:
        needed = len(GAP) + table_width(group)
        if taken + needed > width:
            blocks.append([])
            taken = table_width(left)
        blocks[-1].append(group)
        taken += needed
    return blocks


def _ruled(lines: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[str]:
    """A thin line above the std rows."""
    first = next(i for i, row in enumerate(rows) if row[0].text == "std (chance)")
    return [*lines[:first], "─" * table_width(rows), *lines[first:]]


def _feature_notes(table: Mapping[str, Any], classes: Sequence[int], *, colour: bool) -> list[str]:
    notes = []
    shown = [
        row["accuracy"] if index == len(table["classes"]) else row["cells"][index]
        for row in table["bins"]
        for index in classes
    ]
    if any(cell["low_support"] for cell in shown):
        mark = "grey" if colour else "(in brackets)"
        notes.append(f"{mark}: fewer than 10 images, no ground for a statement")
    if any(row["missing"] for row in table["bins"]):
        notes.append("missing: images without a value, no part of the std")
    if any(table["beyond_chance"][index] is False for index in classes):
        notes.append(WITHIN_CHANCE)
    if table["metric"] == "f1":
        notes.append(CLASS_MIX)
    hidden = len(table["classes"]) + 1 - len(classes)
    if hidden:
        notes.append(f"{hidden:,} more classes, which vary less beyond chance: --all")
    return notes
