"""``sensitivity table``, ``samples`` and ``features``: look into a result."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from ..errors import OptionError
from .printing import Flag, Language, in_colour, print_json, width


def table(
    result: Path,
    feature: str | None = None,
    other: str | None = None,
    *,
    metric: Literal["f1", "f1_star", "recall", "precision"] | None = None,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    lang: Language = "en",
    json: Flag = False,
) -> None:
    """Print a feature's bins and verdicts, two features' cells, or without one the overview.

    Parameters
    ----------
    result
        Folder that analyse wrote, or its JSON file.
    feature
        A feature or column of it.
    other
        Another feature: a grid per class, the first feature down and this one across.
    metric
        What a feature's cells hold: f1 by default; f1_star is F1 at an equal class mix.
    all_
        Show every row and every class, with q, grade and change of recall.
    lang
        Language of the sentences.
    json
        Print the table as JSON.
    """
    from ..report.crossed_text import crossed_grid, render_crossed
    from ..report.feature_text import render_feature
    from ..report.summary import feature_table, summary
    from ..report.terminal import render_summary
    from ..result import Analysis

    if metric is not None and feature is None:
        raise OptionError("metric", "expected a feature to show it of")
    analysis = Analysis.load(result)
    colour, columns = in_colour(), width()
    if feature is None:
        content = summary(analysis)
        text = render_summary(
            content,
            colour=colour,
            everything=all_,
            lang=lang,
            width=columns,
            cut=sys.stdout.isatty(),
        )
    elif other is not None:
        content = crossed_grid(analysis, feature, other, metric=metric or "f1")
        text = render_crossed(content, colour=colour, everything=all_, width=columns)
    else:
        content = feature_table(analysis, feature, metric=metric or "f1")
        text = render_feature(content, colour=colour, everything=all_, lang=lang, width=columns)
    if json:
        print_json(content)
    else:
        print(text)


def samples(
    result: Path,
    *,
    feature: str | None = None,
    bin_: Annotated[str | None, Parameter(name="--bin")] = None,
    class_: Annotated[str | None, Parameter(name="--class")] = None,
    wrong: Flag = False,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    json: Flag = False,
) -> None:
    """List the images of a bin, of a class, or those that were wrong.

    Parameters
    ----------
    result
        Folder that analyse wrote, or its JSON file.
    feature
        The feature that --bin is of; its values are listed too.
    bin_
        The bin's label (0-20%), its number from 0, or missing.
    class_
        True class.
    wrong
        Only images whose predicted class is not the true one.
    output
        Write a CSV file instead of printing one.
    json
        Print a JSON list.
    """
    from ..encoding import write_atomically
    from ..report.listing import sample_rows
    from ..result import Analysis

    analysis = Analysis.load(result)
    rows = sample_rows(analysis, feature=feature, bin_=bin_, class_=class_, wrong=wrong)
    if json:
        print_json(rows.astype(object).where(rows.notna(), None).to_dict("records"))
    elif output is not None:
        write_atomically(output, lambda part: rows.to_csv(part, index=False))
        print(f"{len(rows):,} images: {output}", file=sys.stderr)
    else:
        # Bytes, as in a file: no locale may change a name.
        rows.to_csv(sys.stdout.buffer, index=False)


def features(*, json: Flag = False) -> None:
    """List the image features: name, unit, what more of it means; a dot marks the default set.

    Parameters
    ----------
    json
        Print a JSON list.
    """
    from ..features import FEATURES

    rows = [
        {
            "name": feature.name,
            "default": feature.default,
            "unit": feature.unit,
            "more": feature.more,
            "title_en": feature.title_en,
            "title_zh": feature.title_zh,
        }
        for feature in FEATURES
    ]
    if json:
        print_json(rows)
        return
    widths = [max(len(str(row[key])) for row in rows) for key in ("name", "unit")]
    for row in rows:
        mark = "•" if row["default"] else " "
        print(f"{mark} {row['name']:<{widths[0]}}  {row['unit']:<{widths[1]}}  {row['more']}")
