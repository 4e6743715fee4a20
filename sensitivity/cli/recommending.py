"""``sensitivity recommend``: what to do about a result."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from .printing import Flag, Language, in_colour, print_json, width


def recommend(
    result: Path,
    *,
    lang: Language = "en",
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    json: Flag = False,
) -> None:
    """Print what to do about the weaknesses of a result, with the evidence for it.

    Views at test time, augmentation, images to collect, thresholds. Only what is real is advised
    on, and nothing of it is proven to help: it says where to look first.

    Parameters
    ----------
    result
        Folder that analyse wrote, or its JSON file.
    lang
        Language.
    all_
        Also what was looked at and not found, and what does not apply, with the reasons.
    json
        Print all answers as JSON, with their numbers.
    """
    from ..report.advice_text import advice_summary, render_advice
    from ..result import Analysis

    content = advice_summary(Analysis.load(result), lang=lang)
    if json:
        print_json(content)
    else:
        print(render_advice(content, colour=in_colour(), everything=all_, width=width()))
