"""The parts of the documentation that are written by the code they describe.

A page marks the place with ``<!-- generated: NAME -->``; the mark is replaced whenever the page is
read, so that nothing generated lies in the repository or goes stale.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sensitivity import FEATURES, tables

MARK = re.compile(r"^<!-- generated: (?P<name>\w+)(?P<words>[ \w]*) -->$", re.MULTILINE)


def fill(app: Any, page: str, source: list[str]) -> None:
    """Replace the marks of one page; called by Sphinx for every page that it reads."""
    source[0] = MARK.sub(lambda m: WRITERS[m["name"]](*m["words"].split()), source[0])


def pages(folder: Path) -> list[str]:
    """Pages with marks: they are read again in every build, whatever their own date."""
    return [p.stem for p in sorted(folder.glob("*.md")) if MARK.search(p.read_text("utf-8"))]


def markdown_table(header: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """A table; the cells' own ``|`` are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    escaped = [[str(cell).replace("|", "\\|") for cell in line] for line in lines]
    escaped[1] = ["---"] * len(header)
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped)


def features() -> str:
    """One row per image feature; the default set is marked."""
    rows = [
        (
            f"[`{feature.name}`](#{feature.name.replace('_', '-')})",
            "•" if feature.default else "",
            feature.unit or "–",
            _bounds(feature.low, feature.high),
            feature.more,
            feature.title_en,
            feature.title_zh,
        )
        for feature in FEATURES
    ]
    header = ("name", "default", "unit", "range", "more means", "title", "中文")
    return markdown_table(header, rows)


def formulas() -> str:
    """One section per image feature: its docstring, and where the formula comes from."""
    return "\n\n".join(
        f"### {feature.name}\n\n```{{eval-rst}}\n"
        f".. autofunction:: {feature.function.__module__}.{feature.function.__qualname__}\n"
        "   :no-index:\n```"
        for feature in FEATURES
    )


def schemas(*names: str) -> str:
    """Every column of the tables named, or of all tables of a result."""
    further = (tables.CROSSED, *tables.COMPARED, *tables.TTA_TABLES)
    known = (*tables.TABLES, *further) if names else tables.TABLES
    chosen = [schema for schema in known if not names or schema.name in names]
    return "\n\n".join(
        f"### `{schema.name}`: one row per {schema.row}\n\n"
        + markdown_table(
            ("column", "kind", "meaning"),
            [(f"`{c.name}`", c.kind, c.meaning) for c in schema.columns],
        )
        + ("\n\nThen one column per feature." if schema.open else "")
        for schema in chosen
    )


def commands() -> str:
    """The help of the program and of each command, as it is printed."""
    from sensitivity.cli.app import COMMANDS

    names = [command.__name__.strip("_") for command in COMMANDS]
    whole = f"```text\n{_printed('--help')}\n```"
    each = [f"## {name}\n\n```text\n{_printed(name, '--help')}\n```" for name in names]
    return "\n\n".join([whole, *each])


def rules() -> str:
    """One row per rule of the recommendations."""
    from sensitivity.advice.rules import RULES

    header = ("code", "severity", "fires when", "advises", "中文")
    rows = [(r.code, r.severity, r.title(), r.does(), r.title("zh")) for r in RULES]
    return markdown_table(header, rows)


def degradation() -> str:
    """How each feature answers to images made worse on purpose."""
    from degradation import table

    rows = []
    for (feature, damage, expected), group in table().groupby(
        ["feature", "degradation", "expected"], sort=False
    ):
        ends = [_ends(values) for values in group["values"]]
        follows = "yes" if (group["monotone"] == "yes").all() else "no"
        rows.append([f"`{feature}`", damage, group["doses"].iloc[0], expected, *ends, follows])
        sides = [f"at {side} px" for side in group["shorter_side"]]
    return markdown_table(["feature", "damage", "doses", "must", *sides, "does"], rows)


WRITERS = {
    "features": features,
    "formulas": formulas,
    "schemas": schemas,
    "commands": commands,
    "degradation": degradation,
    "rules": rules,
}


def _bounds(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return "any"
    if low is None:
        return f"≤ {high:g}"
    return f"≥ {low:g}" if high is None else f"{low:g} … {high:g}"


def _ends(values: str) -> str:
    first, *_, last = (float(value) for value in values.split(", "))
    return " → ".join(f"{v:,.0f}" if abs(v) >= 100 else f"{v:.3g}" for v in (first, last))


def _printed(*words: str) -> str:
    from sensitivity.cli import main

    os.environ["COLUMNS"] = "96"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        main(words)
    return "\n".join(line.rstrip() for line in printed.getvalue().strip().splitlines())
