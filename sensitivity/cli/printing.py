"""Where output goes: results to stdout, notes to stderr, colour only for a terminal."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

if TYPE_CHECKING:
    from ..result import Analysis

Flag = Annotated[bool, Parameter(negative="")]
Language = Literal["en", "zh"]


def print_analysis(
    analysis: Analysis, out: Path, *, json: bool, everything: bool, lang: Language = "en"
) -> int:
    """Print what an analysis found, and say on stderr where it lies.

    Parameters
    ----------
    analysis : Analysis
        The result.
    out : pathlib.Path
        Where it was written.
    json : bool
        Print the machine-readable result instead of the table.
    everything : bool
        All rows of the table.
    lang : {"en", "zh"}, default "en"
        Language of the sentences.

    Returns
    -------
    int
        The exit code: 3 where nothing was analysed, which a warning says.
    """
    from ..analysis import nothing_analysed
    from ..report.summary import summary
    from ..report.terminal import render_summary
    from ..result import FILE_NAME

    if json:
        print_json(analysis.to_dict())
    else:
        text = render_summary(
            summary(analysis),
            colour=in_colour(),
            everything=everything,
            lang=lang,
            width=width(),
            cut=sys.stdout.isatty(),
        )
        print(text)
    for note in analysis.settings["notes"]:
        print(f"note: {note}", file=sys.stderr)
    for line in (
        measuring_line(analysis),
        f"result: {out / FILE_NAME}, {out / 'tables'}/*.parquet",
    ):
        if line:
            print(line, file=sys.stderr)
    return 3 if nothing_analysed(analysis) else 0


def measuring_line(analysis: Analysis) -> str:
    """One line on the images: how many were measured, and how many could not be.

    Parameters
    ----------
    analysis : Analysis
        The result.

    Returns
    -------
    str
        Empty when no image was opened.
    """
    counts = analysis.settings["extraction"]
    total, failed = analysis.settings["n"], analysis.settings["n_failed"]
    if not counts["decoded"] + counts["cached"]:
        return ""
    line = (
        f"images: {total - failed:,} of {total:,} measured"
        f" ({counts['decoded']:,} decoded now, {counts['cached']:,} from the cache)"
    )
    if failed:
        by_status = analysis.failures["status"].astype("str").value_counts()
        listed = ", ".join(f"{n:,} {status}" for status, n in by_status.items())
        line += f"; {failed:,} could not be: {listed} (table failures)"
    if failed == total and set(by_status.index) == {"missing"}:
        line += "; are the names relative to a folder? name it: --images DIR"
    return line


def print_json(content: Mapping[str, Any] | list[Any]) -> None:
    """Print strict JSON.

    Parameters
    ----------
    content : mapping or list
        JSON-able; NaN becomes null.
    """
    import msgspec

    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")


def width() -> int:
    """Columns to print into: those of the terminal, at least 100; 110 into a pipe.

    Returns
    -------
    int
        What COLUMNS says, where it is set.
    """
    return max(100, shutil.get_terminal_size((110, 24)).columns)


def in_colour() -> bool:
    """Whether stdout is a terminal that wants colour (NO_COLOR is honoured).

    Returns
    -------
    bool
        False when piped.
    """
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
