"""The report's file: HTML, Markdown or JSON, by the name's ending."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from ..encoding import encode, write_atomically
from ..errors import OptionError
from ..records import Comparison
from ..result import KEY, Analysis
from .content import content
from .page import page
from .samples import MOST_IMAGES, Source, samples
from .text import text

SUFFIXES = (".html", ".htm", ".md", ".json")

#: Values of ``thumbnails`` that are no number.
NO_PICTURES, FOLDER = "none", "folder"


def write_report(
    analysis: Analysis,
    path: str | os.PathLike[str],
    *,
    lang: str = "en",
    comparison: Comparison | None = None,
    images: Source = None,
    thumbnails: str | int = MOST_IMAGES,
    command: str = "",
) -> Path:
    """Write everything that was found as one file for people.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis; a trial of test-time augmentation that it holds is reported too.
    path : path
        The file. Its ending says what it is: ``.html`` a self-contained page that opens from
        disk and fetches nothing; ``.md`` Markdown; ``.json`` the same content for programs.
    lang : {"en", "zh"}, default "en"
        Language.
    comparison : Comparison, optional
        Of another model, the baseline, with this one: ``compare(baseline, analysis)``.
    images : path, sequence, callable or None
        Where the images are, as in :func:`sensitivity.analyse`. None: names are paths.
    thumbnails : int or {"none", "folder"}, default 3000
        Different images that the page shows at most, of all bins together, each with a little
        picture; these take 10 MB at most. ``"none"``, as 0: up to 3,000 images by name, without
        pictures; ``"folder"``: pictures as files in a folder beside the page, ``NAME_files``.
    command : str, default ""
        What makes this report again, to be shown.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OptionError
        Another ending, language or kind of thumbnails; a folder; or a file that holds a result or
        a policy, which would be lost.
    InputError
        No such folder of images, or another number of arrays than of images.

    Notes
    -----
    An image that cannot be opened is shown as the reason why. Without the per-image tables
    beside a result's JSON no image is shown.

    Examples
    --------
    >>> import tempfile
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0] * 20 + [0, 1] * 10, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = write_report(analysis, Path(folder) / "report.html")
    ...     file.read_text("utf-8").splitlines()[0]
    '<!DOCTYPE html>'
    """
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise OptionError(
            "report", f"expected a name that ends in {_listed(SUFFIXES)}", got=str(path)
        )
    if file.is_dir():
        raise OptionError("report", "expected a file, not a folder", got=str(path))
    if suffix == ".json" and _is_result(file):
        rule = "expected another name: this file holds a result, which a report would replace"
        raise OptionError("report", rule, got=str(path))
    most, folder = _wanted(thumbnails, file)
    told = content(analysis, lang=lang, comparison=comparison, command=command)
    if suffix == ".json":
        data = encode(told)
    elif suffix == ".md":
        data = text(told).encode()
    else:
        shown = samples(
            analysis,
            told["features"],
            images=images,
            most=most or MOST_IMAGES,
            pictures=None if most else False,
            folder=folder,
        )
        data = page(told, shown).encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, lambda part: part.write_bytes(data))
    return file


def _wanted(thumbnails: Any, file: Path) -> tuple[int, Path | None]:
    """How many images may have pictures, and the folder for these."""
    if thumbnails == NO_PICTURES:
        return 0, None
    if thumbnails == FOLDER:
        return MOST_IMAGES, file.with_name(f"{file.stem}_files")
    if (
        isinstance(thumbnails, (int, np.integer))
        and not isinstance(thumbnails, bool)
        and thumbnails >= 0
    ):
        return int(thumbnails), None
    rule = f"expected a whole number from 0, {NO_PICTURES!r} or {FOLDER!r}"
    raise OptionError("thumbnails", rule, got=repr(thumbnails))


def _is_result(file: Path) -> bool:
    """Whether a report under this name would replace what other commands read."""
    import msgspec

    try:
        found = msgspec.json.decode(file.read_bytes())
    except (OSError, msgspec.DecodeError):
        return False
    return isinstance(found, dict) and not {KEY, "policy_version"}.isdisjoint(found)


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
