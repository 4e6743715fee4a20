"""A comparison of two models as text for a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ..errors import InputError, did_you_mean, listed
from ..labels import shown_label
from ..records import Comparison
from .cell_text import WIDTH, proportion
from .columns import Cell, clean, fitted, render_columns, styled, wrapped
from .feature_text import METRIC_NAMES

#: With more classes than this the tables show all classes together, unless all is asked for.
MAX_CLASSES = 6

#: As for trends of one model.
REAL_Q, CANDIDATE_Q = 0.05, 0.10

_OVERALL_HEAD = (
    "The first and the second model on the same images; the change [{:g} % interval]; how many"
    " images only the second has right (corrected), and how many only the first (corrupted);"
    " p that nothing changed."
)

_TRENDS_HEAD = (
    "Where the second model gains or loses: change of recall (all: accuracy) in the lowest and in"
    " the highest range of a feature's values; whether the change rises or falls along the feature"
    " (differs: between categories); q, the p of that corrected for all rows."
)

_HINT = "?: a hint and no more: q is between .05 and .10, or errors of neighbouring names are alike"
_WITHIN = (
    "The trend is within the true class, the ranges are as they are: where the class mix differs"
    " between ranges, the accuracy of all may rise while the trend falls."
)
_NO_TREND = "No evidence that the change depends on any feature."


def render_comparison(
    comparison: Comparison, *, colour: bool, rows: int | None = 12, width: int = WIDTH
) -> str:
    """The whole set, then the features along which the change varies most.

    Parameters
    ----------
    comparison : Comparison
        From :func:`sensitivity.compare`.
    colour : bool
        Whether to use ANSI styles: what chance explains is grey.
    rows : int or None, default 12
        Rows of features shown, most telling first; None: all.
    width : int, default 100
        Columns; long names are cut with ``…``.

    Returns
    -------
    str
        Lines without a last newline.

    Examples
    --------
    >>> import sensitivity
    >>> labels, names = [0, 1] * 50, [f"{i}.png" for i in range(100)]
    >>> a, b = (sensitivity.analyse([1 - y if i % 10 < wrong else y for i, y in enumerate(labels)],
    ...                             labels, names, features=(), save_path=None)
    ...         for wrong in (2, 1))
    >>> print(render_comparison(sensitivity.compare(a, b), colour=False).splitlines()[0])
    100 images in both results · 2 classes · accuracy .80 → .90, +.10 [+.03 to +.16]
    """
    settings = comparison.settings
    lines = [styled(_head(comparison), "bold", colour=colour), ""]
    lines += wrapped(_OVERALL_HEAD.format(100 * settings["confidence"]), width)
    many = rows is not None and len(settings["classes"]) > MAX_CLASSES
    overall = _only_all(comparison.overall) if many else comparison.overall
    lines += ["", *_table(_change_rows(overall), (0,), width, colour=colour)]
    notes = [_more_classes(settings)] if many else []
    tested = comparison.trends[comparison.trends["p"].notna()]
    if len(comparison.trends):
        shown = tested if rows is None else tested.head(rows)
        lines += ["", *wrapped(_TRENDS_HEAD, width), ""]
        lines += _table(_trend_rows(comparison, shown), (0, 1), width, colour=colour)
        if (_only_all(shown)["q"] <= CANDIDATE_Q).any():
            notes += wrapped(_WITHIN, width)
        if not (tested["q"] <= CANDIDATE_Q).any():
            notes.append(_NO_TREND)
        if any("?" in line for line in lines[-len(shown) :]):
            notes.append(_HINT)
        notes += _left_out(len(tested) - len(shown), len(comparison.trends) - len(tested))
    lines += ["", *(styled(note, "dim", colour=colour) for note in notes)] if notes else []
    return "\n".join(lines)


def render_changes(
    comparison: Comparison,
    feature: str,
    *,
    colour: bool,
    everything: bool = False,
    width: int = WIDTH,
) -> str:
    """One feature's ranges with the change of accuracy and of each class's recall.

    Parameters
    ----------
    comparison : Comparison
        From :func:`sensitivity.compare`.
    feature : str
        A feature or column of it.
    colour : bool
        Whether to use ANSI styles.
    everything : bool, default False
        F1 too, and all classes where there are more than six.
    width : int, default 100
        Columns; long names are cut with ``…``.

    Returns
    -------
    str
        Lines without a last newline.

    Raises
    ------
    InputError
        No such feature.

    Examples
    --------
    >>> import sensitivity
    >>> labels, names = [0, 1] * 50, [f"{i}.png" for i in range(100)]
    >>> a, b = (sensitivity.analyse([1 - y if i % 10 < wrong else y for i, y in enumerate(labels)],
    ...                             labels, names, columns={"dose": range(100)}, features=(),
    ...                             save_path=None)
    ...         for wrong in (2, 1))
    >>> print(render_changes(sensitivity.compare(a, b), "dose", colour=False).splitlines()[-3])
    80–100%  all    accuracy  20  .80    .90     +.10 [−.08 to +.26]  2          0          .250
    """
    entries = {entry["name"]: entry for entry in comparison.settings["features"]}
    if feature not in entries:
        near = did_you_mean(feature, entries)
        raise InputError(f"feature {feature}", f"expected one of {listed(entries)}", where=near)
    found = comparison.bins[comparison.bins["feature"] == feature]
    many = not everything and len(comparison.settings["classes"]) > MAX_CLASSES
    found = _only_all(found) if many else found
    found = found if everything else found[found["metric"] != "f1"]
    lines = [styled(clean(feature), "bold", colour=colour)]
    lines += wrapped(_OVERALL_HEAD.format(100 * comparison.settings["confidence"]), width)
    kind = entries[feature]["kind"]
    first = "range" if kind == "numeric" else "value"
    lines += ["", *_table(_change_rows(found, first, kind), (0, 1), width, colour=colour)]
    if many:
        lines += ["", styled(_more_classes(comparison.settings), "dim", colour=colour)]
    return "\n".join(lines)


def signed(value: float | None) -> str:
    """A change in four characters.

    Parameters
    ----------
    value : float or None
        In [-1, 1].

    Returns
    -------
    str
        With its sign, without the leading 0; ``–`` for None and NaN.

    Examples
    --------
    >>> signed(0.042), signed(-0.3), signed(0.001), signed(None)
    ('+.04', '−.30', '.00', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    text = proportion(abs(value))
    return text if text == ".00" else f"{'+' if value > 0 else '−'}{text}"


def p_text(p: float | None) -> str:
    """A p or q in three decimals.

    Parameters
    ----------
    p : float or None
        In [0, 1].

    Returns
    -------
    str
        ``<.001`` below that; ``–`` for None and NaN.

    Examples
    --------
    >>> p_text(0.0123), p_text(2e-9), p_text(1.0), p_text(None)
    ('.012', '<.001', '1', '–')
    """
    if p is None or not math.isfinite(p):
        return "–"
    if p < 0.001:
        return "<.001"
    return "1" if p > 0.9995 else f"{p:.3f}".removeprefix("0")


def _head(comparison: Comparison) -> str:
    settings = comparison.settings
    whole = comparison.overall.iloc[0]
    n_classes = len(settings["classes"])
    values = " → ".join(_value(whole[key]) for key in ("value_a", "value_b"))
    return (
        f"{settings['n']:,} images in both results · {n_classes:,} "
        f"{'class' if n_classes == 1 else 'classes'} · accuracy {values}, {_interval(whole)}"
    )


def _value(value: float) -> str:
    return proportion(value if math.isfinite(value) else None)


def _interval(row: Any) -> str:
    if not math.isfinite(row["low"]) or not math.isfinite(row["high"]):
        return signed(row["change"])
    return f"{signed(row['change'])} [{signed(row['low'])} to {signed(row['high'])}]"


def _change_rows(table: pd.DataFrame, first: str = "", kind: str = "") -> list[list[Cell]]:
    """Rows of a change; `first` is the head of a column of ranges before them."""
    head = ["class", "metric", "n", "first", "second", "change", "corrected", "corrupted", "p"]
    found = [[Cell(name, "bold") for name in ([first] if first else []) + head]]
    for row in table.to_dict("records"):
        texts = [clean(shown_label(str(row["label"]), kind))] if first else []
        texts += [
            clean(str(row["class"])),
            METRIC_NAMES.get(str(row["metric"]), str(row["metric"])),
            f"{row['n']:,}",
            _value(row["value_a"]),
            _value(row["value_b"]),
            _interval(row),
            f"{row['corrected']:,}",
            f"{row['corrupted']:,}",
            p_text(row["p"]),
        ]
        style = "" if row["p"] <= REAL_Q else "dim"
        found.append([Cell(text, style) for text in texts])
    return found


def _trend_rows(comparison: Comparison, trends: pd.DataFrame) -> list[list[Cell]]:
    names = ["feature", "class", "n", "differ", "lowest range", "highest range", "trend", "q"]
    found = [[Cell(name, "bold") for name in names]]
    ends = _ends(comparison.bins)
    capped = comparison.settings["clusters"]["kind"] == "blocks"
    for row in trends.to_dict("records"):
        first, last = ends.get((row["feature"], row["class"]), ({}, {}))
        categories = not math.isfinite(row["z"])
        texts = [
            clean(row["feature"]),
            clean(row["class"]),
            f"{row['n']:,}",
            f"{row['corrected'] + row['corrupted']:,}",
            "" if categories else _interval(first),
            "" if categories else _interval(last),
            _direction(row, capped=capped),
            p_text(row["q"]),
        ]
        style = "" if row["q"] <= CANDIDATE_Q else "dim"
        found.append([Cell(text, style) for text in texts])
    return found


def _direction(row: Mapping[Any, Any], *, capped: bool) -> str:
    """In a word, with a question mark where it is no more than a hint."""
    if row["q"] > CANDIDATE_Q:
        return "~"
    word = "differs" if not math.isfinite(row["z"]) else "rises" if row["z"] > 0 else "falls"
    return word if row["q"] <= REAL_Q and not capped else f"{word}?"


def _ends(bins: pd.DataFrame) -> dict[tuple[str, str], tuple[dict[Any, Any], dict[Any, Any]]]:
    """Rows of recall (all: accuracy) in the lowest and the highest bin."""
    shown = bins[(bins["metric"] != "f1") & (bins["bin"] >= 0)].sort_values("bin", kind="stable")
    keys = ["feature", "class"]
    both = [shown.drop_duplicates(keys, keep=keep) for keep in ("first", "last")]
    first, last = (
        {(row["feature"], row["class"]): row for row in frame.to_dict("records")} for frame in both
    )
    return {key: (row, last[key]) for key, row in first.items()}


def _table(
    cells: Sequence[Sequence[Cell]], elastic: Sequence[int], width: int, *, colour: bool
) -> list[str]:
    heads = [cell.text for cell in cells[0]]
    right = [heads.index("n")] + [heads.index(name) for name in ("differ",) if name in heads]
    return render_columns(fitted(cells, elastic=elastic, width=width), right=right, colour=colour)


def _only_all(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["class"] == "all"]


def _more_classes(settings: Mapping[str, Any]) -> str:
    return f"{len(settings['classes']):,} classes one by one: --all"


def _left_out(more: int, untested: int) -> list[str]:
    notes = [f"{more:,} more rows: --all"] if more else []
    if untested:
        notes.append(f"{untested:,} rows not tested: fewer than 10 images on which the two differ")
    return notes
