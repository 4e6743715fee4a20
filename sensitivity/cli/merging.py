"""``sensitivity merge``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ..errors import OptionError
from .printing import Flag, print_analysis


def merge(
    *results: Path,
    out: Annotated[Path, Parameter(name=["--out", "--save-path"])] = Path("merged-results"),
    edges: Path | None = None,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    json: Flag = False,
) -> int:
    """Judge the images of several RESULTs of one model as one data set, and write the result.

    The results must have the same classes, features and settings, and their tables/ beside
    them. ROC curves and AUC are left out: results do not keep the scores that they need.

    Parameters
    ----------
    results
        Folders that analyse wrote, or their JSON files; two or more, each of other images.
    out
        Folder for the merged result.
    edges
        An earlier RESULT whose bin edges are to be used again. Default: cut anew, over all images.
    all_
        Show every row, not only the widest.
    json
        Print the result as JSON.
    """
    from ..result import Analysis
    from ..shards import merge_results

    if len(results) < 2:
        raise OptionError("results", "expected two or more", got=str(len(results)))
    for path in results:
        folder = path if path.is_dir() else path.parent
        if out.resolve() == folder.resolve():
            raise OptionError("out", "expected another folder than those merged", got=str(out))
    analysis = merge_results(
        results, save_path=out, edges=None if edges is None else Analysis.load(edges)
    )
    return print_analysis(analysis, out, json=json, everything=all_)
