"""The slices of two features: what was searched and what holds, as a dict and in words."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..advice.values import number
from ..labels import shown_label
from ..stats.slices import MAX_BINS, MAX_CLASSES, MIN_SHARE, MIN_SUPPORT
from .cell_text import WIDTH, interval, proportion
from .columns import Cell, clean, fitted, render_columns, styled

#: A slice holds where its p on the other half, corrected for all judged, is no larger.
LIMIT = 0.05


def slices_summary(slices: pd.DataFrame, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What was searched, and what the other half says of what was found.

    Parameters
    ----------
    slices : pandas.DataFrame
        The table :data:`sensitivity.tables.SLICES` of a result.
    settings : mapping
        The settings of the result.

    Returns
    -------
    dict
        JSON-able; undefined numbers are None. ``n`` images; ``features``: number of those that
        took part; ``classes``: number of classes, ``every_class``: whether each was searched;
        ``kept_together``: "groups", "blocks" of neighbouring names, or "none"; ``support``: least
        images of a slice; ``confidence``; ``limit``; ``n_holding``; ``slices``: in order of p,
        with ``feature``, ``label``, ``feature_2``, ``label_2``, ``class``, ``metric``, and of the
        other half ``n``, ``value``, ``low``, ``high``, ``expected``, ``p``, ``p_holm``, ``holds``.

    Examples
    --------
    >>> entries = [{"edges": [0.5], "categories": []}, {"edges": [], "categories": ["A", "B"]}]
    >>> settings = {"n": 200, "classes": ["a", "b"], "features": entries, "confidence": 0.95}
    >>> found = slices_summary(pd.DataFrame(), settings)
    >>> found["features"], found["support"], found["n_holding"]
    (2, 30, 0)
    """
    rows = [
        {key: str(row[key]) for key in ("feature", "label", "feature_2", "label_2", "class")}
        | {"metric": "accuracy" if row["class"] == "all" else "recall", "n": int(row["n"])}
        | {key: number(row[key]) for key in ("value", "low", "high", "expected", "p", "p_holm")}
        | {"holds": bool(row["p_holm"] <= LIMIT)}
        for row in slices.to_dict("records")
    ]
    sizes = [
        len(e["edges"]) + 1 if e["edges"] else len(e["categories"]) for e in settings["features"]
    ]
    return {
        "n": settings["n"],
        "several_labels": settings.get("task") == "multi_label_classification",
        "features": sum(2 <= size <= MAX_BINS for size in sizes),
        "classes": len(settings["classes"]),
        "every_class": len(settings["classes"]) <= MAX_CLASSES,
        "kept_together": settings.get("dependence", {}).get("kind", "none"),
        "support": max(MIN_SUPPORT, -int(-MIN_SHARE * settings["n"] // 1)),
        "confidence": settings["confidence"],
        "limit": LIMIT,
        "n_holding": sum(row["holds"] for row in rows),
        "slices": rows,
    }


def render_slices(summary: Mapping[str, Any], *, colour: bool, width: int = WIDTH) -> str:
    """What was searched, then the slices that hold on the other half, or that none does.

    Parameters
    ----------
    summary : mapping
        From :func:`slices_summary`.
    colour : bool
        Whether to use ANSI styles.
    width : int, default 100
        Columns; long names are cut with ``…``.

    Returns
    -------
    str
        Lines without a last newline.

    Examples
    --------
    >>> settings = {"n": 200, "classes": ["a", "b"], "features": [], "confidence": 0.95}
    >>> found = slices_summary(pd.DataFrame(), settings)
    >>> print(render_slices(found, colour=False, width=75))
    Slices: where two features together make a class weak
    <BLANKLINE>
    Nothing was searched. It takes two features of 2 to 20 bins or categories,
    and slices of at least 30 images.
    """
    title = styled("Slices: where two features together make a class weak", "bold", colour=colour)
    found, holding = summary["slices"], summary["n_holding"]
    if not found:
        return "\n".join([title, "", *textwrap.wrap(_nothing_judged(summary), width)])
    lines = [title, "", *textwrap.wrap(_searched(summary), width), ""]
    judged = f"the {len(found)} slices" if len(found) > 1 else "the one slice"
    if not holding:
        text = (
            f"Nothing was found. Of {judged} none is weaker on the other half than chance allows"
            f" (p > {proportion(summary['limit'])}, corrected for their number). A search always"
            " finds something on the half that it searches; it did not show again."
        )
        return "\n".join([*lines, *textwrap.wrap(text, width)])
    lines += textwrap.wrap(
        f"{holding} of {judged} hold{'s' if holding == 1 else ''} on the other half"
        f" (p ≤ {proportion(summary['limit'])}, corrected for their number). Value: recall of the"
        f" class (all: accuracy) [{100 * summary['confidence']:g} % interval] of n images."
        " Expected: what the same classes have in the whole other half.",
        width,
    )
    header = ["class", "where", "", "and", "", "n", "value", "expected", "p"]
    rows = [[Cell(text, "bold") for text in header]]
    rows += [_row(row) for row in found if row["holds"]]
    table = fitted(rows, elastic=(0, 1, 2, 3, 4), width=width)
    lines += ["", *render_columns(table, right=(5, 8), colour=colour)]
    notes = []
    if holding < len(found):
        notes.append(f"{len(found) - holding} more do not hold: --json lists them")
    if summary["kept_together"] == "blocks":
        notes.append("Without groups these are hints: give the groups (video, patient, module).")
    lines += ["", *(styled(note, "dim", colour=colour) for note in notes)] if notes else []
    return "\n".join(lines)


def _searched(summary: Mapping[str, Any]) -> str:
    if summary["every_class"]:
        rows = f"all classes together and each of {summary['classes']:,} classes"
    else:
        rows = (
            f"all classes together, and each that has {100 // MAX_CLASSES} % of the images or more"
        )
    together = {
        "groups": "; no group lies in both halves",
        "blocks": "; errors of neighbouring names are alike, so neighbours stay together",
    }.get(summary["kept_together"], "")
    n_judged = len(summary["slices"])
    return (
        f"Searched: every bin of {summary['features']} features crossed with every bin of another,"
        f" for {rows}, on a random half of {summary['n']:,} images{together}. A slice has at least"
        f" {summary['support']:,} images. The {n_judged} weakest were then judged on the other"
        " half, which took no part in the search; the figures are of that half alone."
    )


def _nothing_judged(summary: Mapping[str, Any]) -> str:
    if summary["several_labels"]:
        return "Nothing was searched: slices are looked for where every image has one class."
    if summary["features"] < 2:
        return (
            f"Nothing was searched. It takes two features of 2 to {MAX_BINS} bins or categories,"
            f" and slices of at least {summary['support']:,} images."
        )
    return (
        f"Nothing was found. Of the slices of {summary['features']} features that have at least"
        f" {summary['support']:,} images, none is weaker than its features alone."
    )


def _row(row: Mapping[str, Any]) -> list[Cell]:
    texts = [
        clean(row["class"]),
        clean(row["feature"]),
        clean(shown_label(row["label"])),
        clean(row["feature_2"]),
        clean(shown_label(row["label_2"])),
        f"{row['n']:,}",
        interval(row),
        proportion(row["expected"]),
        _p_text(row["p_holm"]),
    ]
    return [Cell(text) for text in texts]


def _p_text(p: float | None) -> str:
    if p is None:
        return "–"
    if p < 0.0001:
        return "<.0001"
    return f"{p:.4f}"[1:] if p < 0.001 else f"{p:.3f}"[1:] if p < 0.01 else proportion(p)
