"""``sensitivity slices``: where two features together make a class weak."""

from __future__ import annotations

from pathlib import Path

from .printing import Flag, in_colour, print_json, width


def slices(result: Path, *, json: Flag = False) -> None:
    """Print where two features together make a class weak, judged on images held out.

    Parameters
    ----------
    result
        Folder that analyse wrote, or its JSON file.
    json
        Print all slices that were judged as JSON.
    """
    from ..report.slices_text import render_slices, slices_summary
    from ..result import Analysis

    analysis = Analysis.load(result)
    content = slices_summary(analysis.slices, analysis.settings)
    if json:
        print_json(content)
    else:
        print(render_slices(content, colour=in_colour(), width=width()))
