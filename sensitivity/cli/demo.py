"""``sensitivity demo``."""

from __future__ import annotations

import sys
from pathlib import Path

from .printing import Flag, in_colour, print_analysis, width


def demo(*, out: Path = Path("sensitivity-demo"), json: Flag = False) -> None:
    """Analyse the predictions that come with this package, on real photos if they are installed.

    The photos are electroluminescence images of solar cells from the package elpv-dataset.
    Without it, images with a planted weakness of known size are made and analysed instead.

    Parameters
    ----------
    out
        Folder for the result.
    json
        Print the result as JSON.
    """
    from ..demo import run
    from ..report.feature_text import render_feature
    from ..report.summary import feature_table

    progress = sys.stderr.isatty()
    found = run(out, progress=progress)
    if found.note:
        print(found.note, file=sys.stderr)
    print_analysis(found.analysis, out, json=json, everything=False)
    if not json:
        print()
        # Recall is what was planted, and what a reader can check.
        metric = "recall" if found.note else "f1"
        shown = feature_table(found.analysis, found.feature, metric=metric)
        print(render_feature(shown, colour=in_colour(), width=width()))
