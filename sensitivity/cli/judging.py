"""``sensitivity compare`` and ``check``: two results side by side, and gates for CI."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ..errors import OptionError
from ..records import FAIL, INCONCLUSIVE
from .printing import Flag, Language, in_colour, print_json, width

if TYPE_CHECKING:
    from ..records import Gate
    from ..result import Analysis

Limits = Annotated[list[str] | None, Parameter(negative="")]

#: What a judged gate makes the program return.
EXIT = {FAIL: 4, INCONCLUSIVE: 5}

#: Most that a metric may drop, where --max-drop-from stands alone.
MAX_DROP = "0.02"


def compare(
    first: Path,
    second: Path,
    *,
    feature: str | None = None,
    out: Path | None = None,
    confidence: float | None = None,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    json: Flag = False,
) -> None:
    """Compare two models on the same images: what changed, and where.

    Images are matched by name. Each is compared with itself, which shows
    differences that two separate accuracies cannot. Features and their ranges
    are those of the first result.

    Parameters
    ----------
    first
        Result of the first model (the old one): folder that analyse wrote, or its JSON file
        with tables/ beside it.
    second
        Result of the second model (the new one).
    feature
        Show the ranges of this feature or column instead.
    out
        Folder for comparison.json and tables/compared_*.parquet. Default: nothing is written.
    confidence
        Coverage of the intervals. Default: that of the first result.
    all_
        Show every row; with --feature F1 too.
    json
        Print the comparison as JSON.
    """
    from ..comparison import compare as compare_results
    from ..report.compared import render_changes, render_comparison
    from ..result import Analysis

    found = compare_results(Analysis.load(first), Analysis.load(second), confidence=confidence)
    colour, columns = in_colour(), width()
    if feature is None:
        rows = None if all_ else 12
        text = render_comparison(found, colour=colour, rows=rows, width=columns)
    else:
        text = render_changes(found, feature, colour=colour, everything=all_, width=columns)
    written = None if out is None else found.save(out)
    if json:
        print_json(found.to_dict())
    else:
        print(text)
    for note in found.settings["notes"]:
        print(f"note: {note}", file=sys.stderr)
    if written is not None:
        print(f"comparison: {written}", file=sys.stderr)


def check(
    result: Path,
    *,
    max_spread: Limits = None,
    min_f1: Annotated[list[str] | None, Parameter(name="--min-f1", negative="")] = None,
    max_drop_from: Path | None = None,
    max_drop: Limits = None,
    junit: Path | None = None,
    summary: Path | None = None,
    lang: Language = "en",
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    json: Flag = False,
) -> int:
    """Judge a result by gates, for CI: exit 0 all pass, 4 one fails, 5 one is inconclusive.

    A gate is judged by the interval of what was measured. It fails if the whole
    interval lies on the wrong side of the limit, passes if it lies on the right
    side, and is inconclusive if the limit lies within: then it says how many
    images it would take. So no gate fails or passes by luck. One that fails
    outweighs one that is inconclusive. A gate may be given several times.

    Parameters
    ----------
    result
        Folder that analyse wrote, or its JSON file.
    max_spread
        Fails if a class does too unequally from range to range of a feature. The spread is the
        standard deviation of F1 over the ranges (of accuracy for "all") at an equal class mix,
        less what chance gives; 0.1 is a lot. LIMIT, CLASS=LIMIT or CLASS:FEATURE=LIMIT.
    min_f1
        Fails if F1 is too low. LIMIT for every class over all images, CLASS=LIMIT for one,
        CLASS:FEATURE=LIMIT in each range of a feature, CLASS:FEATURE:RANGE=LIMIT in one range,
        CLASS:RANGE=LIMIT in that range of every feature. A RANGE is its label, such as 0-20%,
        or its number from 0.
    max_drop_from
        An earlier result to compare with. The same images are compared one by one.
    max_drop
        With --max-drop-from: fails if accuracy, or a class's F1, is lower by more than this.
        LIMIT (default 0.02) or CLASS=LIMIT, where the class "all" is accuracy.
    junit
        Write the gates as JUnit XML. A gate that is inconclusive is an error there, since CI
        servers count skipped tests as good.
    summary
        Append gates, findings and classes as Markdown to this file, up to the size that GitHub
        takes. In a GitHub workflow: --summary "$GITHUB_STEP_SUMMARY".
    lang
        Language of --summary.
    all_
        Show every row that broke a gate, not only the worst.
    json
        Print the gates as JSON.
    """
    from ..encoding import write_atomically
    from ..gates import judge, worst_status
    from ..report.gated import junit_xml, render_gates
    from ..result import Analysis

    if max_drop and max_drop_from is None:
        raise OptionError("max-drop", "expected the earlier result: --max-drop-from OLD")
    if not (max_spread or min_f1 or max_drop_from):
        rule = "expected at least one of --max-spread, --min-f1 and --max-drop-from"
        raise OptionError("gates", rule)
    analysis = Analysis.load(result)
    gates = judge(
        analysis,
        max_spread=max_spread or (),
        min_f1=min_f1 or (),
        max_drop=_drops(max_drop, max_drop_from),
        old=None if max_drop_from is None else Analysis.load(max_drop_from),
    )
    status = worst_status(gates)
    if junit is not None:
        try:
            junit.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(junit, lambda part: part.write_bytes(junit_xml(gates)))
        except OSError as error:
            rule = "expected a file that can be written"
            raise OptionError("junit", rule, got=str(error)) from error
        print(f"junit: {junit}", file=sys.stderr)
    if summary is not None:
        _append(summary, analysis, gates, lang)
    if json:
        print_json({"status": status, "gates": [gate.to_dict() for gate in gates]})
    else:
        print(render_gates(gates, colour=in_colour(), rows=None if all_ else 12, width=width()))
    return EXIT.get(status, 0)


def _append(file: Path, analysis: Analysis, gates: Sequence[Gate], lang: Language) -> None:
    """What earlier commands of the same step wrote stays, and counts."""
    from ..report.github import MOST_BYTES, step_summary

    try:
        held = file.stat().st_size if file.exists() else 0
        room = MOST_BYTES - held
        if room < 1_000:
            print(f"note: {file} is full: nothing was added to it", file=sys.stderr)
            return
        page = step_summary(analysis, gates=gates, lang=lang, most_bytes=room)
        with file.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(page)
    except OSError as error:
        rule = "expected a file that can be written"
        raise OptionError("summary", rule, got=str(error)) from error
    print(f"summary: {file}", file=sys.stderr)


def _drops(given: Sequence[str] | None, old: Path | None) -> Sequence[str]:
    if old is None:
        return ()
    return given or (MAX_DROP,)
