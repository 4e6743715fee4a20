"""Judged gates as text for a terminal and as JUnit XML for a CI server."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree import ElementTree

from ..labels import shown_label
from ..records import FAIL, INCONCLUSIVE, PASS, Gate, GateRow
from .cell_text import WIDTH, interval, proportion
from .columns import Cell, clean, fitted, render_columns, styled, wrapped
from .compared import signed

_WORDS = {PASS: "PASS", FAIL: "FAIL", INCONCLUSIVE: "INCONCLUSIVE"}


def render_gates(
    gates: Sequence[Gate], *, colour: bool, rows: int | None = 12, width: int = WIDTH
) -> str:
    """Each gate with its status, its number, and the rows that broke it or left it open.

    Parameters
    ----------
    gates : sequence of Gate
        From :func:`sensitivity.gates.judge`.
    colour : bool
        Whether to use ANSI styles.
    rows : int or None, default 12
        Rows shown of each gate, worst first; None: all.
    width : int, default 100
        Columns; long names are cut with ``…``.

    Returns
    -------
    str
        Lines without a last newline.

    Examples
    --------
    >>> row = GateRow("", "", "crack", "f1", FAIL, 0.7, 0.65, 0.74, 300)
    >>> gate = Gate("min-f1 crack=0.8", "F1 of crack: at least 0.8", FAIL, 0.8, 0.7, 0.65, 0.74,
    ...             300, None, None, 1, (row,))
    >>> print(render_gates([gate], colour=False))
    FAIL  min-f1 crack=0.8
    F1 of crack: at least 0.8; .70 [.65–.74], 300 images
    """
    blocks = []
    for gate in gates:
        head = f"{_WORDS[gate.status]}  {clean(gate.name)}"
        lines = [styled(head, "bold", colour=colour), *wrapped(sentence_of(gate), width)]
        if len(gate.rows) > 1:
            shown = gate.rows if rows is None else gate.rows[:rows]
            lines += _row_lines(gate, shown, width, colour=colour)
            if len(shown) < len(gate.rows):
                more = f"{len(gate.rows) - len(shown):,} more rows: --all"
                lines.append(styled(more, "dim", colour=colour))
        for note in gate.notes:
            lines += [styled(line, "dim", colour=colour) for line in wrapped(clean(note), width)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def junit_xml(gates: Sequence[Gate]) -> bytes:
    """JUnit XML: one test case per gate.

    A gate that fails is a ``failure``. One that is inconclusive is an ``error``: CI servers show
    it as not passed, while they count a skipped test as good.

    Parameters
    ----------
    gates : sequence of Gate
        From :func:`sensitivity.gates.judge`.

    Returns
    -------
    bytes
        UTF-8 with an XML declaration.

    Examples
    --------
    >>> gate = Gate("max-drop 0.02", "…", PASS, 0.02, 0.0, -0.01, 0.01, 300, None, None, 3)
    >>> print(junit_xml([gate]).decode().splitlines()[1][:47])
    <testsuites><testsuite name="sensitivity" tests
    """
    counted = {status: sum(gate.status == status for gate in gates) for status in _WORDS}
    root = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name="sensitivity",
        tests=str(len(gates)),
        failures=str(counted[FAIL]),
        errors=str(counted[INCONCLUSIVE]),
        skipped="0",
    )
    for gate in gates:
        case = ElementTree.SubElement(
            suite, "testcase", classname="sensitivity.check", name=clean(gate.name)
        )
        if gate.status == PASS:
            continue
        tag, kind = ("failure", "fail") if gate.status == FAIL else ("error", "inconclusive")
        found = ElementTree.SubElement(case, tag, message=clean(sentence_of(gate)), type=kind)
        lines = _row_lines(gate, gate.rows, 1_000, colour=False)
        found.text = "\n".join([*lines, *map(clean, gate.notes)])
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def about(n: int) -> str:
    """A number of images to ask for: two digits, rounded up.

    Parameters
    ----------
    n : int
        At least 0.

    Returns
    -------
    str

    Examples
    --------
    >>> about(4_213), about(97), about(8)
    ('4,300', '97', '8')
    """
    unit = 10 ** max(0, len(str(n)) - 2)
    return f"{-(-n // unit) * unit:,}"


def needs(row: Gate | GateRow) -> str:
    """How many images it would take to decide.

    Parameters
    ----------
    row : Gate or GateRow
        Judged.

    Returns
    -------
    str
        Empty where it is decided, or where no number would.

    Examples
    --------
    >>> needs(GateRow("", "", "crack", "f1", INCONCLUSIVE, 0.8, 0.7, 0.9, 30, 97, 4_213))
    'needs about 97 of the class, 4,300 in all'
    """
    if row.n_needed is None or row.n_total is None:
        return ""
    if row.n_needed == row.n_total:
        return f"needs about {about(row.n_total)}"
    return f"needs about {about(row.n_needed)} of the class, {about(row.n_total)} in all"


def sentence_of(gate: Gate) -> str:
    """What a gate asks, what was measured, and what is missing.

    Parameters
    ----------
    gate : Gate
        Judged.

    Returns
    -------
    str
        One line; control characters of names are visible and harmless.

    Examples
    --------
    >>> sentence_of(Gate("min-f1 0.8", "F1: at least 0.8", PASS, 0.8, 0.9, 0.85, 0.94, 300,
    ...                  None, None, 1))
    'F1: at least 0.8; .90 [.85–.94], 300 images'
    """
    what, judged, n_rows = clean(gate.what), gate.n_judged, len(gate.rows)
    if not judged:
        return what
    found = f"{measured(gate, gate)}, {gate.n:,} images"
    found = f"a drop of {found}" if _is_drop(gate) else found
    if gate.status == PASS:
        many = f"all {judged:,} rows pass, the closest at "
        return f"{what}; {many if judged > 1 else ''}{found}"
    verb = {FAIL: ("fails", "fail"), INCONCLUSIVE: ("is open", "are open")}[gate.status]
    parts = [what]
    if n_rows > 1:
        parts.append(f"{n_rows:,} of {judged:,} rows {verb[1]}")
    else:
        where = f"1 of {judged:,} rows {verb[0]}: {place_of(gate.rows[0])} " if judged > 1 else ""
        parts.append(f"{where}{found}")
        parts += [gate.rows[0].reason] if gate.rows[0].reason else []
    wanted = needs(gate) if n_rows == 1 else _needs_in_all(gate)
    return "; ".join([*parts, f"{wanted}, if the measured value is the truth"] if wanted else parts)


def _needs_in_all(gate: Gate) -> str:
    if any(row.n_total is None for row in gate.rows):
        return ""
    return f"needs about {about(max(row.n_total or 0 for row in gate.rows))} in all"


def _is_drop(gate: Gate) -> bool:
    return gate.name.startswith("max-drop")


def measured(row: Gate | GateRow, gate: Gate) -> str:
    """A number with its interval; signed where the gate is about a drop.

    Parameters
    ----------
    row : Gate or GateRow
        Whose number.
    gate : Gate
        The gate it belongs to.

    Returns
    -------
    str
        ``–`` where it is undefined.

    Examples
    --------
    >>> gate = Gate("max-drop 0.02", "…", PASS, 0.02, 0.0, -0.01, 0.01, 300, None, None, 3)
    >>> measured(gate, gate)
    '.00 [−.01 to +.01]'
    """
    if _is_drop(gate):
        if not math.isfinite(row.low) or not math.isfinite(row.high):
            return signed(row.value)
        return f"{signed(row.value)} [{signed(row.low)} to {signed(row.high)}]"
    found = {"value": row.value, "low": row.low, "high": row.high}
    plain = {key: value if math.isfinite(value) else None for key, value in found.items()}
    return interval(plain) if plain["value"] is not None else proportion(None)


def place_of(row: GateRow) -> str:
    """Where a row is: feature, range and class, as far as it has them.

    Parameters
    ----------
    row : GateRow
        Judged.

    Returns
    -------
    str

    Examples
    --------
    >>> place_of(GateRow("blur", "0%-20%", "crack", "f1", FAIL, 0.7, 0.65, 0.74, 300))
    'blur, 0–20%, crack'
    """
    return ", ".join(
        clean(text) for text in (row.feature, shown_label(row.label), row.class_name) if text
    )


def _row_lines(gate: Gate, rows: Sequence[GateRow], width: int, *, colour: bool) -> list[str]:
    """A table of rows; columns that are empty throughout are left out."""
    if not rows:
        return []
    value = "drop" if _is_drop(gate) else "value"
    head = ["feature", "range", "class", value, "n", "needs about", "in all", "because"]
    cells = [[Cell(name, "bold") for name in head]]
    for row in rows:
        wanted = [about(n) if n is not None else "" for n in (row.n_needed, row.n_total)]
        texts = [
            row.feature,
            shown_label(row.label),
            row.class_name,
            measured(row, gate),
            f"{row.n:,}",
        ]
        cells.append([Cell(clean(text)) for text in [*texts, *wanted, row.reason]])
    kept = [i for i in range(len(head)) if any(row[i].text for row in cells[1:])]
    cells = [[row[i] for i in kept] for row in cells]
    elastic = [kept.index(i) for i in (0, 1, 2, 7) if i in kept]
    shown = fitted(cells, elastic=elastic, width=width)
    numbers = [kept.index(i) for i in (4, 5, 6) if i in kept]
    return render_columns(shown, right=numbers, colour=colour)
