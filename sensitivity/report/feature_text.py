"""One feature's bins as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from ..advice.facts import ALL, CANDIDATE, REAL
from ..labels import shown_label
from ..times import shown_unit
from .cell_text import WIDTH, finding_lines, interval, spread_text, std_text, verdict_cell
from .columns import (
    Cell,
    blocks,
    clean,
    render_columns,
    shortened,
    styled,
    table_width,
    wrapped,
)

#: With more classes than this only some are shown: those that matter most.
MAX_CLASSES = 6
SHOWN_CLASSES = 5

METRIC_NAMES = {
    "f1": "F1",
    "f1_star": "F1 at an equal class mix",
    "recall": "recall",
    "precision": "precision",
}

CLASS_MIX = "F1 also moves with the class mix; at an equal mix: --metric f1_star"

SPREAD = (
    "spread: std of F1 (accuracy: of accuracy) at an equal class mix beyond chance, in brackets "
    "how much of it is sure"
)

NO_IMAGE = (
    "F1 0 with n 0: images of other classes were called it. As in published tables it is part of "
    "std; it is not of spread or verdict, and no weakest range"
)

#: What stands below the bins, from the label of its row.
BELOW = ("std (chance)", "spread (≥)", "verdict")


def render_feature(
    feature_table: Mapping[str, Any],
    *,
    colour: bool,
    everything: bool = False,
    lang: str = "en",
    width: int = WIDTH,
) -> str:
    """One feature's bins as rows, accuracy and classes as columns, and their verdicts below.

    Parameters
    ----------
    feature_table : mapping
        From :func:`sensitivity.report.summary.feature_table`.
    colour : bool
        Whether to use ANSI styles: cells with fewer than 10 images of the class are grey;
        without colour they stand in parentheses.
    everything : bool, default False
        All classes; else, of more than six, the five that matter most: real ones first, then
        candidates, then those of larger ``spread_low``.
    lang : {"en", "zh"}, default "en"
        Language of the sentences.
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
    lines = _head(feature_table, width, colour=colour)
    left = _left_columns(feature_table)
    groups = [_group(feature_table, index, colour=colour) for index in classes]
    for block in blocks(left, groups, width):
        rows = [list(chain.from_iterable(parts)) for parts in zip(left, *block, strict=True)]
        n_left = len(left[0])
        right = range(n_left + 1, len(rows[0]), 2)
        lines += ["", *_ruled(render_columns(rows, right=right, colour=colour), rows)]
    lines.append("")
    for index in classes:
        name, sentence = _names(feature_table)[index], feature_table[f"sentence_{lang}"][index]
        lines += finding_lines(name, sentence, width, colour=colour)
    notes = chain.from_iterable(
        wrapped(note, width) for note in _notes(feature_table, classes, colour=colour)
    )
    return "\n".join([*lines, "", *(styled(note, "dim", colour=colour) for note in notes)])


def _names(table: Mapping[str, Any]) -> list[str]:
    """What the entries of the lists are about: the classes, and last the accuracy."""
    return [*table["classes"], ALL]


def _row(table: Mapping[str, Any], index: int) -> dict[str, Any]:
    keys = ("std", "std_chance", "spread", "spread_low", "strength", "verdict", "q")
    return {key: table[key][index] for key in keys}


def _shown_classes(table: Mapping[str, Any], *, everything: bool) -> list[int]:
    """Places in the lists: the accuracy (last) first, then classes."""
    n = len(table["classes"])
    if everything or n <= MAX_CLASSES:
        return [n, *range(n)]

    def rank(index: int) -> tuple[int, float, float]:
        row = _row(table, index)
        place = {REAL: 0, CANDIDATE: 1}.get(row["strength"], 2)
        low, spread = (-1.0 if row[key] is None else row[key] for key in ("spread_low", "spread"))
        return place, -low, -spread

    return [n, *sorted(range(n), key=rank)[:SHOWN_CLASSES]]


def _head(table: Mapping[str, Any], width: int, *, colour: bool) -> list[str]:
    name = clean(table["feature"])
    # "Dynamic range" says no more than dynamic_range.
    known = table["title_en"].lower().replace(" ", "_") == table["feature"].lower()
    about = ", ".join(
        clean(t) for t in ("" if known else table["title_en"], shown_unit(table["unit"])) if t
    )
    about = f"{name}: {about}" if about else name
    by = "range of values" if table["kind"] == "numeric" else "value"
    text = (
        f"Accuracy, and {METRIC_NAMES[table['metric']]} of each class"
        f" [{100 * table['confidence']:g} % interval] with its number of images n, per {by}."
    )
    return [styled(shortened(about, width), "bold", colour=colour), *wrapped(text, width)]


def _left_columns(table: Mapping[str, Any]) -> list[list[Cell]]:
    """Labels and value ranges of all rows, header and the rows below the bins included."""
    numeric = table["kind"] == "numeric"
    rows = [["range" if numeric else "value", "values"]]
    rows += [
        [shortened(clean(shown_label(row["label"], table["kind"])), 30), row["range"]]
        for row in table["bins"]
    ]
    rows += [[label, ""] for label in BELOW]
    if not any(row["range"] for row in table["bins"]):
        rows = [row[:1] for row in rows]
    styles = ["bold"] + [""] * (len(rows) - 1)
    return [[Cell(text, style) for text in row] for row, style in zip(rows, styles, strict=True)]


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
    row = _row(table, index)
    column.append(Cell(pad + std_text(row["std"], row["std_chance"])))
    column.append(Cell(pad + spread_text(row)))
    column.append(verdict_cell(row, pad=pad))
    counts = ["n", *(f"{cell['n']:,}" for cell in cells), *("" for _ in BELOW)]
    return [[cell, Cell(n, cell.style)] for cell, n in zip(column, counts, strict=True)]


def _ruled(lines: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[str]:
    """A thin line above the rows that stand below the bins."""
    first = len(lines) - len(BELOW)
    return [*lines[:first], "─" * table_width(rows), *lines[first:]]


def _notes(table: Mapping[str, Any], classes: Sequence[int], *, colour: bool) -> list[str]:
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
        notes.append("missing: images without a value, no part of std and spread")
    notes.append(SPREAD)
    if table["metric"] == "f1":
        if any(cell["n"] == 0 and cell["value"] == 0 for cell in shown):
            notes.append(NO_IMAGE)
        notes.append(CLASS_MIX)
    hidden = len(table["classes"]) + 1 - len(classes)
    if hidden:
        notes.append(f"{hidden:,} more classes, which matter less: --all")
    return notes
