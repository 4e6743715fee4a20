"""The views that were considered, and what more recall costs, as tables for a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..advice.remedy_names import nats, passes_text, share_text, strategy_title, where_text
from ..advice.remedy_templates import reason_text, remedy_text
from ..policies import Where
from ..remedies import Remedy
from .cell_text import finding_lines
from .columns import Cell, clean, fitted, render_columns
from .remedy_tables import percent

#: Rows of candidates, unless all is asked for.
MAX_CANDIDATES = 8

_ARROWS = {"down": " ↓", "up": " ↑", "": ""}


def candidate_lines(
    remedy: Remedy, lang: str, *, everything: bool, width: int, colour: bool
) -> list[str]:
    """The views that were considered: what for, with which weight, or why refused.

    Parameters
    ----------
    remedy : Remedy
        What was tried.
    lang : {"en", "zh"}
        Language of heads and reasons.
    everything : bool
        All of them, else eight, those with a weight first.
    width : int
        Columns; long reasons are cut, or stand below with `everything`.
    colour : bool
        Whether to use ANSI styles: refused ones are grey.

    Returns
    -------
    list of str
        Empty without candidates.

    Examples
    --------
    >>> import pandas as pd
    >>> from types import SimpleNamespace
    >>> row = {"view": "vflip", "feature": "", "direction": "", "source": "declared"}
    >>> row |= {"low": math.nan, "high": math.nan, "reached": math.nan, "weight": 0.5, "folds": 5}
    >>> tried = SimpleNamespace(candidates=pd.DataFrame([{**row, "reason": "for all"}]))
    >>> print(candidate_lines(tried, "en", everything=False, width=100, colour=False)[1])
    vflip         all                            .5      5  declared  for all
    """
    table = remedy.candidates.sort_values("weight", ascending=False, kind="stable")
    if table.empty:
        return []
    shown = table if everything else table.head(MAX_CANDIDATES)
    keys = ("view", "moves", "images", "reached", "weight", "folds", "source", "reason")
    cells = [[Cell(remedy_text(f"head.{key}", lang), "bold") for key in keys]]
    for row in shown.to_dict("records"):
        texts = [
            clean(row["view"]),
            row["feature"] + _ARROWS.get(row["direction"], "") if row["feature"] else "",
            _images(row, lang),
            f"{100 * row['reached']:.0f} %" if math.isfinite(row["reached"]) else "",
            share_text(row["weight"]) if row["weight"] else "–",
            f"{row['folds']:,}",
            row["source"],
            clean(reason_text(row["reason"], lang)),
        ]
        cells.append([Cell(text, "" if row["weight"] else "dim") for text in texts])
    if everything:
        # Whole reasons do not fit beside the rest.
        told = [(row[0].text, row.pop().text) for row in cells][1:]
    cut = fitted(cells, elastic=(2,) if everything else (2, 7), width=width, least=12)
    lines = render_columns(cut, right=(3, 4, 5), colour=colour)
    if everything:
        lines.append("")
        for view, reason in told:
            lines += finding_lines(view, reason, width, colour=colour)
    more = len(table) - len(shown)
    return [*lines, remedy_text("note.rows", lang).format(n=f"{more:,}")] if more else lines


def front_lines(remedy: Remedy, lang: str, *, colour: bool) -> list[str]:
    """Points of recall against accuracy.

    Parameters
    ----------
    remedy : Remedy
        What was tried.
    lang : {"en", "zh"}
        Language of the heads.
    colour : bool
        Whether to use ANSI styles.

    Returns
    -------
    list of str
        Empty where no front was made.

    Examples
    --------
    >>> import pandas as pd
    >>> from types import SimpleNamespace
    >>> front_lines(SimpleNamespace(front=pd.DataFrame()), "en", colour=False)
    []
    """
    if remedy.front.empty:
        return []
    keys = ("strategy", "setting", "recall", "accuracy", "passes")
    cells = [[Cell(remedy_text(f"head.{k}", lang).format(name="").strip(), "bold") for k in keys]]
    for row in remedy.front.to_dict("records"):
        texts = [
            strategy_title(row["strategy"], lang),
            nats(row["setting"]),
            percent(row["recall"]),
            percent(row["accuracy"]),
            passes_text(row["passes"]),
        ]
        cells.append([Cell(text) for text in texts])
    return render_columns(cells, right=(1, 2, 3, 4), colour=colour)


def _images(row: Mapping[Any, Any], lang: str) -> str:
    bounds = [row[name] if math.isfinite(row[name]) else None for name in ("low", "high")]
    if bounds == [None, None]:
        return remedy_text("all images", lang)
    return where_text(Where(row["feature"], *bounds))
