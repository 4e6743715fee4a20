"""``sensitivity report``: a result as one file for people."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ..errors import OptionError
from .printing import Language

if TYPE_CHECKING:
    from ..result import Analysis

#: Beside the result, where no name is given.
FILE_NAME = "report.html"


def report(
    result: Path,
    *,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    images: Path | None = None,
    thumbnails: str = "3000",
    compared_to: Path | None = None,
    lang: Language = "en",
    open_: Annotated[bool, Parameter(name="--open", negative="")] = False,
) -> None:
    """Write a result as one HTML file that opens from disk and fetches nothing.

    Findings in words, a map of features and classes, every feature's chart
    with intervals and the images of each bin, overall quality, test-time
    augmentation if it was tried, failures, settings.

    Parameters
    ----------
    result
        Folder that analyse wrote, or its JSON file.
    out
        The file: .html, .md for Markdown, or .json. By default report.html beside the result.
    images
        Folder that the images' names are relative to.
    thumbnails
        Little pictures in the page: at most so many different images (10 MB at most), "none",
        or "folder": as files in a folder beside the page.
    compared_to
        The result of another model on the same images, the baseline: what this one does better or
        worse than it.
    lang
        Language.
    open_
        Open the page in the browser.
    """
    from ..comparison import compare
    from ..report.writing import write_report
    from ..result import Analysis

    analysis = Analysis.load(result)
    folder = result if result.is_dir() else result.parent
    file = out or folder / FILE_NAME
    comparison = None if compared_to is None else compare(Analysis.load(compared_to), analysis)
    try:
        written = write_report(
            analysis,
            file,
            lang=lang,
            comparison=comparison,
            images=images,
            thumbnails=_number(thumbnails),
            command=_command(),
        )
    except OSError as error:
        rule = "expected a file that can be written"
        raise OptionError("out", rule, got=str(error)) from error
    print(f"report: {written}", file=sys.stderr)
    note = _no_pictures(analysis, images)
    if note and thumbnails not in ("none", "0") and file.suffix.lower() in (".html", ".htm"):
        print(note, file=sys.stderr)
    if open_:
        import webbrowser

        webbrowser.open(written.resolve().as_uri())


def _no_pictures(analysis: Analysis, images: Path | None) -> str:
    """What to say where the images that were measured are not where they are looked for."""
    opened = any(entry["source"] == "image" for entry in analysis.settings["features"])
    if not opened or not len(analysis.features):
        return ""
    name = str(analysis.features["name"].iloc[0])
    place = Path(name) if images is None else images / name
    if place.exists():
        return ""
    return f"note: no picture of {name}: name the folder of the images, --images DIR"


def _number(thumbnails: str) -> str | int:
    return int(thumbnails) if thumbnails.isascii() and thumbnails.isdigit() else thumbnails


def _command() -> str:
    """What was typed, to make the report again."""
    return shlex.join(["sensitivity", *sys.argv[1:]])
