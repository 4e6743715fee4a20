"""The overview as text for a terminal: what the run found, and the rows behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..advice.facts import ALL, REAL
from ..advice.figures import points, probability
from ..glance import NO_EVIDENCE, NOT_TESTED, verdict_text
from ..labels import shown_label
from .cell_text import (
    WIDTH,
    finding_lines,
    interval,
    proportion,
    spread_text,
    verdict_cell,
)
from .columns import (
    Cell,
    clean,
    display_width,
    fitted,
    render_columns,
    styled,
    table_width,
    wrapped,
)

MAX_ROWS = 12
MAX_SENTENCES = 5

#: What no cell is cut below: a range of shares as the strongest one.
_LEAST = len("→ 80–100%")

_HEAD = (
    "Weakest and strongest range by F1 (all: accuracy) at an equal class mix{}; the spread over "
    "the ranges that is beyond chance, in brackets how much of it is sure."
)

_HEAD_CALLS = (
    " Where false calls move and not recall: share of other images that are called the class in "
    "the worst range (in the rest)."
)

Row = Mapping[str, Any]


def render_summary(
    summary: Mapping[str, Any],
    *,
    colour: bool,
    everything: bool = False,
    lang: str = "en",
    width: int = WIDTH,
    cut: bool = True,
) -> str:
    """The run, what it found in one sentence, a table of rows, and the first findings in words.

    Parameters
    ----------
    summary : mapping
        From :func:`sensitivity.report.summary.summary`.
    colour : bool
        Whether to use ANSI styles: rows that are not real are grey.
    everything : bool, default False
        All rows, with their q, grade and change of recall, which stand below where there is no
        room beside; else at most 12: those of class ``"all"`` and those of a class that say
        something.
    lang : {"en", "zh"}, default "en"
        Language of the sentences.
    width : int, default 100
        Columns that sentences are wrapped at.
    cut : bool, default True
        Whether class names and labels of ranges are cut with ``…`` until the table has that
        width. Names of features, which the next command takes, are whole in any case.

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
    >>> print(render_summary(summary(analysis), colour=False).splitlines()[0])
    100 images · 2 classes · accuracy .75 [.66–.82]
    """
    found = summary["rows"]
    shown = found if everything else _selected(found)
    lines = [styled(_run_line(summary["run"]), "bold", colour=colour), ""]
    lines += wrapped(clean(summary[f"headline_{lang}"]), width)
    if shown:
        bounds = "" if everything else f" [{100 * summary['run']['confidence']:g} % interval]"
        head = _HEAD.format(bounds) + (_HEAD_CALLS if everything and _has_calls(shown) else "")
        lines += ["", *wrapped(head, width), ""]
        room = width if cut else None
        lines += _table(shown, everything=everything, colour=colour, width=room)
    notes = _hidden_note(found, shown) + _skipped_lines(summary, width)
    lines += ["", *(styled(note, "dim", colour=colour) for note in notes)] if notes else []
    # Of two rows that mirror each other, the sentence of one tells of both.
    own = [row for row in shown if _says_something(row) and not row["told_by"]]
    for row in own[:MAX_SENTENCES]:
        label = f"{row['feature']} · {row['class']}"
        lines += ["", *finding_lines(label, row[f"sentence_{lang}"], width, colour=colour)]
    return "\n".join(lines)


def _run_line(run: Mapping[str, Any]) -> str:
    n_classes = len(run["classes"])
    line = (
        f"{run['n']:,} images · {n_classes:,} {'class' if n_classes == 1 else 'classes'}"
        f" · accuracy {interval(run['accuracy'])}"
    )
    return line + (f" · {run['n_failed']:,} could not be measured" if run["n_failed"] else "")


def _selected(rows: Sequence[Row]) -> list[Row]:
    """Rows of all classes and rows that say something, in their order; the latter go first."""
    speaking = [index for index, row in enumerate(rows) if _says_something(row)]
    others = [
        index for index, row in enumerate(rows) if row["class"] == ALL and not _says_something(row)
    ]
    return [rows[index] for index in sorted([*speaking, *others][:MAX_ROWS])]


def _has_calls(rows: Sequence[Row]) -> bool:
    return any(row["false_calls"] is not None for row in rows)


def _says_something(row: Row) -> bool:
    return verdict_text(row) not in (NO_EVIDENCE, NOT_TESTED)


def _table(rows: Sequence[Row], *, everything: bool, colour: bool, width: int | None) -> list[str]:
    header = ["feature", "class", "n", "weakest", "", "strongest", "", "spread (≥)"]
    header += ["q", "recall change", "grade"] if everything else []
    cells = [[Cell(name, "bold") for name in (*header, "verdict")]]
    cells += [_row(row, everything=everything) for row in rows]
    right = (2, 8, 9) if everything else (2,)
    if width is None:
        return render_columns(cells, right=right, colour=colour)
    least = _LEAST if everything else 6
    cut = fitted(cells, elastic=(1, 3, 5), width=width, least=least)
    if not everything or table_width(cut) <= width:
        return render_columns(cut, right=right, colour=colour)
    # In two parts rather than in ranges that nobody can read.
    first = fitted([row[:8] for row in cells], elastic=(1, 3, 5), width=width, least=least)
    rest = fitted([row[:2] + row[8:] for row in cells], elastic=(1,), width=width, least=least)
    return [
        *render_columns(first, right=(2,), colour=colour),
        "",
        *render_columns(rest, right=(2, 3), colour=colour),
    ]


def _row(row: Row, *, everything: bool) -> list[Cell]:
    style = "" if row["strength"] == REAL else "dim"
    none: dict[str, Any] = {"label": "", "value": None, "low": None, "high": None}
    worst, best = row["worst"] or none, row["best"] or none
    arrow = "→ " if row["worst"] else "  "

    def level(cell: Mapping[str, Any]) -> str:
        return proportion(cell["value"]) if everything else interval(cell)

    texts = [
        clean(row["feature"]),
        clean(row["class"]),
        f"{row['n']:,}",
        clean(shown_label(worst["label"], row["kind"])),
        level(worst),
        arrow + clean(shown_label(best["label"], row["kind"])),
        level(best),
        spread_text(row),
    ]
    texts += [_q(row["q"]), _change(row), row["grade"]] if everything else []
    return [*(Cell(text, style) for text in texts), verdict_cell(row)]


def _q(value: float | None) -> str:
    return "–" if value is None else probability(value).replace("0.", ".").removeprefix("= ")


def _change(row: Row) -> str:
    """The change of recall in points; of a finding in false calls their share."""
    if row["false_calls"] is not None:
        worst, rest = (f"{100 * row['false_calls'][key]:.0f}" for key in ("worst", "rest"))
        return f"false {worst} ({rest}) %"
    bounds = [row[f"recall_change{end}"] for end in ("", "_low", "_high")]
    if None in bounds:
        return "–"
    change, low, high = points(bounds)
    return f"{change} ({low}…{high})"


def _hidden_note(found: Sequence[Row], shown: Sequence[Row]) -> list[str]:
    hidden = len(found) - len(shown)
    if not hidden:
        return []
    speaking = sum(map(_says_something, found)) - sum(map(_says_something, shown))
    rows = f"{hidden:,} more {'row' if hidden == 1 else 'rows'}"
    if not speaking:
        return [f"{rows}: no evidence; --all"]
    return [f"{rows}, {speaking:,} of them with a verdict: --all"]


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
