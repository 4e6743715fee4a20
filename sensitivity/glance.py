"""A result at a glance: one line, and the small table that a notebook shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from .tables import CLASS_MIX, MARGIN

if TYPE_CHECKING:
    import pandas as pd

    from .cells.called import FalseCalls

REAL, CANDIDATE = "real", "candidate"

#: What stands for ranges that were not tested, and for those without a finding.
NOT_TESTED = "not tested"
NO_EVIDENCE = "no evidence"

#: Rows that a notebook shows.
MAX_ROWS = 10

#: Greyed by being fainter, which suits a light and a dark page; no colour is set anywhere.
_FAINT = ' style="opacity:.65"'
_LEFT = ' style="text-align:left"'


def verdict_text(row: Mapping[str, Any]) -> str:
    """A row's verdict in two words at most.

    Parameters
    ----------
    row : mapping
        With ``verdict``, ``strength`` and ``q`` (None or NaN: not tested).

    Returns
    -------
    str
        The verdict; ``candidate`` where it is none yet; ``no evidence``, or ``not tested``.

    Examples
    --------
    >>> verdict_text({"verdict": "associated", "strength": "real", "q": 0.01})
    'associated'
    >>> verdict_text({"verdict": "not distinguishable from chance", "strength": "none", "q": 0.6})
    'no evidence'
    """
    if row["strength"] == REAL or row["verdict"] in (CLASS_MIX, MARGIN):
        return str(row["verdict"])
    if row["strength"] == CANDIDATE:
        return CANDIDATE
    return NOT_TESTED if _unknown(row["q"]) else NO_EVIDENCE


def glance_line(settings: Mapping[str, Any], overall: pd.DataFrame) -> str:
    """The whole set in one line.

    Parameters
    ----------
    settings : mapping
        Of the analysis.
    overall : pandas.DataFrame
        Its table :data:`sensitivity.tables.OVERALL`.

    Returns
    -------
    str

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse([0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...                                features=(), save_path=None)
    >>> glance_line(analysis.settings, analysis.overall)
    '40 images · 2 classes · accuracy 1.00 [.91–1.00]'
    """
    n_classes = len(settings["classes"])
    rows = overall[(overall["class"] == "all") & (overall["metric"] == "accuracy")]
    accuracy = [float(rows[name].iloc[0]) for name in ("value", "low", "high")]
    level = "–"
    if not any(map(_unknown, accuracy)):
        value, low, high = (f"{number:.2f}".removeprefix("0") for number in accuracy)
        level = f"{value} [{low}–{high}]"
    n = settings["n"]
    line = (
        f"{n:,} {'image' if n == 1 else 'images'}"
        f" · {n_classes:,} {'class' if n_classes == 1 else 'classes'}"
        f" · accuracy {level}"
    )
    failed = settings["n_failed"]
    return f"{line} · {failed:,} could not be measured" if failed else line


def found_line(trends: pd.DataFrame) -> str:
    """How many rows are real, how many a candidate; where none is, what would have been seen.

    Of two classes, a row that mirrors the errors of the other is counted apart.

    Parameters
    ----------
    trends : pandas.DataFrame
        The table :data:`sensitivity.tables.TRENDS`.

    Returns
    -------
    str

    Examples
    --------
    >>> import sensitivity
    >>> from sensitivity.synthetic import plant
    >>> made = plant(2000)
    >>> analysis = sensitivity.analyse(
    ...     made.pred_list, made.label_list, made.name_list,
    ...     columns=made.columns, features=(), save_path=None)
    >>> found_line(analysis.trends)  # doctest: +NORMALIZE_WHITESPACE
    '3 pairs of feature and class were tested, and nothing was found in the errors beyond chance;
    in the typical row, a change of recall of about 10 points would have been seen.'
    """
    from .trends import own_rows

    tested = trends[trends["q"].notna()]
    if tested.empty:
        return "Nothing was tested."
    own = own_rows(trends)
    n = len(tested)
    pairs = f"{n:,} {'pair' if n == 1 else 'pairs'} of feature and class"
    counts = [int((own["strength"] == name).sum()) for name in (REAL, CANDIDATE)]
    if any(counts):
        candidates = f"{counts[1]:,} {'candidate' if counts[1] == 1 else 'candidates'}"
        again = len(trends) - len(own)
        mirror = f", the same errors seen from the other class: {again:,}" if again else ""
        return f"{pairs} tested: {counts[0]:,} real, {candidates}{mirror}."
    were = "was" if n == 1 else "were"
    text = f"{pairs} {were} tested, and nothing was found in the errors beyond chance"
    seen = tested["detectable_change"].median()
    if _unknown(seen) or seen > 1:
        return f"{text}; what would have been seen is not known."
    return (
        f"{text}; in the typical row, a change of recall of about {100 * seen:.0f} points would "
        "have been seen."
    )


def glance_html(
    settings: Mapping[str, Any],
    overall: pd.DataFrame,
    trends: pd.DataFrame,
    bins: pd.DataFrame,
    *,
    images: tuple[pd.DataFrame, pd.DataFrame] | None = None,
    remedy: str = "",
) -> str:
    """What a notebook shows of a result: a few lines, and its first rows with their verdicts.

    Parameters
    ----------
    settings : mapping
        Of the analysis.
    overall, trends, bins : pandas.DataFrame
        Its tables.
    images : tuple of two pandas.DataFrame, optional
        Its features and outcomes, which false calls are counted from.
    remedy : str, default ""
        The verdict on test-time augmentation; empty: it was not tried.

    Returns
    -------
    str
        HTML that needs no other file, sets no colour, and holds names only escaped.
    """
    from .trends import in_order

    lines = [found_line(trends)]
    if settings.get("dependence", {}).get("kind") == "blocks":
        lines.append(
            "Errors of neighbouring names are alike, so no verdict goes beyond candidate: say "
            "with groups= which images belong together."
        )
    if remedy:
        lines.append(f"Test-time augmentation: {remedy}.")
    told = "".join(f"<p>{escape(line)}</p>" for line in lines)
    head = f"<p><b>{escape(glance_line(settings, overall))}</b></p>"
    rows = in_order(trends)
    confidence = f"{100 * settings['confidence']:g} %"
    calls = _calls_of(rows.head(MAX_ROWS), bins, settings, images)
    return f"<div>{head}{told}{_table(rows, calls, confidence)}</div>"


def _calls_of(
    shown: pd.DataFrame,
    bins: pd.DataFrame,
    settings: Mapping[str, Any],
    images: tuple[pd.DataFrame, pd.DataFrame] | None,
) -> dict[tuple[str, str], FalseCalls]:
    """False calls of the rows that are shown."""
    from .cells.called import counted_calls, worst_and_rest

    if shown.empty:
        return {}
    kept = bins["feature"].isin(shown["feature"]) & bins["class"].isin([*shown["class"], "all"])
    bins = bins[kept]
    counted = None if images is None else counted_calls(bins, *images, settings)
    return worst_and_rest(bins, counted)


def _table(rows: pd.DataFrame, calls: Mapping[tuple[str, str], FalseCalls], confidence: str) -> str:
    """The first rows; nothing where there is none."""
    if rows.empty:
        return ""
    header = ("feature", "class", "n", f"recall, points [{confidence}]", "spread", "q", "verdict")
    shown = rows.head(MAX_ROWS)
    head = "".join(f"<th{_LEFT if i < 2 else ''}>{name}</th>" for i, name in enumerate(header))
    body = "".join(
        _row(row, calls.get((str(row["feature"]), str(row["class"]))))
        for row in shown.to_dict("records")
    )
    more = len(rows) - MAX_ROWS
    note = f"<p{_FAINT}>{more:,} more: analysis.trends</p>" if more > 0 else ""
    explained = (
        f"<p{_FAINT}>recall: its change from the 10th to the 90th percentile of the feature; "
        "false calls, where these are what moves: share of the other images that are called the "
        "class, in the worst range and in the rest; "
        "spread: std of F1 (all: of accuracy) over the ranges at an equal class mix, less what "
        "chance gives; q: p corrected for all rows.</p>"
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}{explained}"


def _row(row: Mapping[Any, Any], calls: FalseCalls | None) -> str:
    cells = [
        escape(str(row["feature"])),
        escape(str(row["class"])),
        f"{row['n']:,}",
        _moved(row, calls),
        "–" if _unknown(row["spread"]) else f"{row['spread']:.3f}".removeprefix("0"),
        _probability(row["q"]),
        verdict_text(row),
    ]
    if row["strength"] == REAL:
        cells[-1] = f"<b>{cells[-1]}</b>"
    style = "" if row["strength"] == REAL else _FAINT
    body = "".join(f"<td{_LEFT if i < 2 else ''}>{cell}</td>" for i, cell in enumerate(cells))
    return f"<tr{style}>{body}</tr>"


def _moved(row: Mapping[Any, Any], calls: FalseCalls | None) -> str:
    """The change of recall; of a finding in false calls their share."""
    from .trends import FALSE_CALLS, moving

    if row["strength"] not in (REAL, CANDIDATE) or moving(row)[:1] != (FALSE_CALLS,):
        return _change([row[f"recall_change{end}"] for end in ("", "_low", "_high")])
    if calls is None:
        return FALSE_CALLS
    return f"{FALSE_CALLS} {100 * calls.worst:.0f} %, else {100 * calls.rest:.0f} %"


def _change(bounds: list[float]) -> str:
    if any(map(_unknown, bounds)):
        return "–"
    whole = (round(100 * bound) for bound in bounds)
    change, low, high = (f"{bound:+d}".replace("-", "−") if bound else "0" for bound in whole)
    return f"{change} [{low} … {high}]"


def _probability(value: float) -> str:
    if _unknown(value):
        return "–"
    return "&lt;.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def _unknown(value: float | None) -> bool:
    return value is None or value != value
