"""``sensitivity demo``."""

from __future__ import annotations

import sys
from pathlib import Path

from .printing import Flag, in_colour, print_analysis, width
from .reporting import FILE_NAME

_AGAIN = "sensitivity demo"
ANOTHER = "sensitivity tta {out} --objective recall:defective"


def demo(*, out: Path = Path("sensitivity-demo"), json: Flag = False) -> None:
    """Analyse the predictions that come with this package, on real photos if they are installed.

    The photos are electroluminescence images of solar cells from the package elpv-dataset.
    It ends with test-time augmentation, tried and judged on them, and with report.html: open it
    in a browser. Without the photos, images
    with a planted weakness of known size are made and analysed instead.

    Parameters
    ----------
    out
        Folder for the result.
    json
        Print the result as JSON.
    """
    from ..demo import run
    from ..remedies import POLICY_FILE
    from ..report.feature_text import render_feature
    from ..report.remedy_text import render_remedy
    from ..report.summary import feature_table
    from ..report.writing import write_report

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
    remedy = found.analysis.remedy
    if remedy is not None and not json:
        text = render_remedy(
            remedy, colour=in_colour(), width=width(), policy_file=str(out / POLICY_FILE)
        )
        print(f"\n{text}")
        print(f"by another objective: {ANOTHER.format(out=out)}", file=sys.stderr)
    file = write_report(found.analysis, out / FILE_NAME, images=found.images, command=_AGAIN)
    print(f"report: {file}", file=sys.stderr)
