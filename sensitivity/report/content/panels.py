"""One feature: its bins, a panel for all classes and for each that is shown, distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...advice.facts import CANDIDATE, REAL
from ...advice.values import number
from ...bins import MISSING
from ...cells.judged import LOW_SUPPORT
from ...grids import Grid
from ...result import Analysis
from ...times import is_time, time_texts, time_ticks
from ...trends import FALSE_CALLS, RECALL, moving
from .words import word

Floats = npt.NDArray[np.float64]

#: Bars of a distribution; classes with a colour of their own in the class mix.
HISTOGRAM_BINS, MIXED_CLASSES = 24, 7


def panel(
    row: Mapping[Any, Any],
    sentence: str,
    found: Grid,
    column: int | None,
    band: tuple[Floats, Floats] | None,
    recall_band: tuple[Floats, Floats],
    calls: Mapping[int, float],
    lang: str,
) -> dict[str, Any]:
    """One feature × class: its verdict, its sentence, and its cells bin by bin.

    Parameters
    ----------
    row : mapping
        Of the trends.
    sentence : str
        What the finding says.
    found : Grid
        The feature's bins.
    column : int or None
        The class's column; None: all classes together.
    band : tuple of two arrays, shape (B, 1 + C), or None
        From :func:`sensitivity.grids.bands`.
    recall_band : tuple of two arrays, shape (B, C)
        From :func:`sensitivity.grids.recall_bands`.
    calls : mapping
        From the code of a bin to the share of the other classes' images that are called the class.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    dict
        ``class``, ``name`` (as shown), ``n``, ``metric``, ``verdict`` (a key: one of the five,
        ``candidate`` or ``not tested``), ``verdict_text``, ``grade``, ``strength``, ``sentence``,
        numbers of the trend, and lists with one entry per bin: ``value``, ``low``, ``high``,
        ``n_bin``, ``low_support``, ``star``, ``band``; and ``worst``: the code of the bin that is
        weakest at an equal class mix, None without one; ``recall`` and ``calls``: of a finding in
        recall, and in false calls, the same lists of that, else None.
    """
    raw, star = ("accuracy", "accuracy_star") if column is None else ("f1", "f1_star")

    def cells(arrays: Mapping[str, Floats], metric: str) -> list[float | None]:
        values = arrays[metric] if column is None else arrays[metric][:, column]
        return [number(value, 4) for value in values]

    n = found.n if column is None else found.counts[:, column]
    place = 0 if column is None else 1 + column
    key = verdict_key(row)
    text = {name: str(row[name] or "") for name in ("grade", "strength", "driver", "shape")}
    numbers = ("std", "std_chance", "spread", "spread_low", "q", "recall_change")
    return {
        "class": str(row["class"]),
        "name": word("every_class", lang) if column is None else str(row["class"]),
        "n": int(row["n"]),
        "metric": word(f"metric.{raw}", lang),
        "verdict": key,
        "verdict_text": word(f"verdict.{key}", lang),
        **text,
        "grade_text": word(f"grade.{text['grade']}", lang) if text["grade"] else "",
        "sentence": sentence,
        **{name: number(row[name], 4) for name in numbers},
        "value": cells(found.values, raw),
        "low": cells(found.lows, raw),
        "high": cells(found.highs, raw),
        "n_bin": n.tolist(),
        "low_support": (n < LOW_SUPPORT).tolist(),
        "star": cells(found.values, star),
        "band": None if band is None else _ends(band, place),
        **_of_finding(row, found, column, recall_band, calls),
        "worst": _worst(
            found, found.values[star] if column is None else found.values[star][:, column], n
        ),
    }


def _of_finding(
    row: Mapping[Any, Any],
    found: Grid,
    column: int | None,
    band: tuple[Floats, Floats],
    calls: Mapping[int, float],
) -> dict[str, Any]:
    """What a finding of one class speaks of, bin by bin: recall, false calls or both."""
    shown: dict[str, Any] = {"recall": None, "calls": None}
    if column is None or str(row["strength"]) not in (REAL, CANDIDATE):
        return shown
    moves = moving(row)
    if RECALL in moves or not moves:
        arrays = {"value": found.values, "low": found.lows, "high": found.highs}
        shown["recall"] = {
            **{key: [number(x, 4) for x in of["recall"][:, column]] for key, of in arrays.items()},
            "band": _ends(band, column),
        }
    if FALSE_CALLS in moves:
        n, nothing = found.n - found.counts[:, column], [None] * len(found.n)
        shown["calls"] = {
            "value": [number(calls.get(int(code)), 4) for code in found.codes],
            **dict.fromkeys(("low", "high", "band"), nothing),
            "n_bin": n.tolist(),
            "low_support": (n < LOW_SUPPORT).tolist(),
        }
    return shown


def _ends(band: tuple[Floats, Floats], place: int) -> list[list[float] | None]:
    """Of one column, low and high of every bin."""
    return [
        None if np.isnan(low) else [round(float(low), 4), round(float(high), 4)]
        for low, high in zip(band[0][:, place], band[1][:, place], strict=True)
    ]


def _worst(found: Grid, values: Floats, n: npt.NDArray[np.int64]) -> int | None:
    """Of the bins with enough images, the missing one aside."""
    kept = np.flatnonzero((found.codes != MISSING) & (n >= LOW_SUPPORT) & ~np.isnan(values))
    return int(found.codes[kept[values[kept].argmin()]]) if kept.size else None


def verdict_key(row: Mapping[Any, Any]) -> str:
    """The verdict of a row, a hint and what was not tested told apart.

    Parameters
    ----------
    row : mapping
        Of the trends.

    Returns
    -------
    str
        One of the five verdicts; ``candidate`` for a hint; ``not tested``.

    Examples
    --------
    >>> verdict_key({"strength": "candidate", "q": 0.07, "verdict": "not distinguishable ..."})
    'candidate'
    """
    if not np.isfinite(row["q"]):
        return "not tested"
    return "candidate" if row["strength"] == CANDIDATE else str(row["verdict"])


def bin_rows(found: Grid, lang: str) -> list[dict[str, Any]]:
    """What each bin is.

    Parameters
    ----------
    found : Grid
        A feature's bins.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    list of dict
        ``code``, ``label``, ``range``, ``n``, ``share``, ``missing``.

    Examples
    --------
    >>> import sensitivity
    >>> from sensitivity.grids import grid
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> found = grid(analysis.bins, analysis.settings["features"][0], ["0", "1"])
    >>> bin_rows(found, "zh")[0]["label"]
    '0–50%'
    """
    rows = zip(found.codes, found.shown(lang), found.ranges, found.n, found.share, strict=True)
    return [
        {
            "code": int(code),
            "label": word("missing", lang) if code == MISSING and label == "missing" else label,
            "range": span,
            "n": int(n),
            "share": number(share, 4),
            "missing": bool(code == MISSING),
        }
        for code, label, span, n, share in rows
    ]


def class_mix(found: Grid, classes: Sequence[str], lang: str) -> dict[str, Any]:
    """Share of each class in each bin.

    Parameters
    ----------
    found : Grid
        A feature's bins.
    classes : sequence of str, length C
        Class names.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    dict
        ``classes``: the seven largest and "others"; ``shares``: one list per bin, in the same
        order, summing to 1 (or 0 for an empty bin).

    Examples
    --------
    >>> import sensitivity
    >>> from sensitivity.grids import grid
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> found = grid(analysis.bins, analysis.settings["features"][0], ["0", "1"])
    >>> class_mix(found, ["0", "1"], "en")
    {'classes': ['0', '1'], 'shares': [[0.5, 0.5], [0.5, 0.5]]}
    """
    counts = found.counts
    order = np.argsort(-counts.sum(axis=0), kind="stable")
    kept = np.sort(order[:MIXED_CLASSES])
    # One class more is shown by its name rather than as "others".
    if len(order) <= MIXED_CLASSES + 1:
        kept = np.arange(len(order))
    names = [classes[place] for place in kept]
    parts = counts[:, kept]
    if len(kept) < len(order):
        rest = counts.sum(axis=1) - parts.sum(axis=1)
        parts, names = np.column_stack([parts, rest]), [*names, word("chart.rest", lang)]
    shares = parts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return {"classes": names, "shares": np.round(shares, 4).tolist()}


def distribution(
    analysis: Analysis, entry: Mapping[str, Any], bins: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """How many images have which value.

    Parameters
    ----------
    analysis : Analysis
        With its per-image tables.
    entry : mapping
        The feature in the settings.
    bins : sequence of mapping
        From :func:`bin_rows`.

    Returns
    -------
    dict or None
        ``counts``, ``edges`` (one more), ``bin_edges`` for numbers, of which the outermost half
        per cent at either end is counted into the first and last bar, and ``clipped``, whether
        any value is thus outside the bars; of times also ``texts``:
        dates for ``edges``, ``bin_edges`` and ``ticks``, the marks of the axis. ``counts`` and
        ``labels`` for categories, which are never clipped. None without per-image tables.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> sum(distribution(analysis, analysis.settings["features"][0], [])["counts"])
    40
    """
    if entry["kind"] != "numeric":
        kept = [row for row in bins if not row["missing"]]
        return {
            "counts": [row["n"] for row in kept],
            "labels": [row["label"] for row in kept],
            "clipped": False,
        }
    if entry["name"] not in analysis.features:
        return None
    values = pd.to_numeric(analysis.features[entry["name"]]).to_numpy(np.float64, na_value=np.nan)
    values = values[np.isfinite(values)]
    if not values.size:
        return None
    low, high = np.quantile(values, [0.005, 0.995])
    if not high > low:
        low, high = values.min(), values.max()
    clipped = bool(values.min() < low or values.max() > high)
    counts, edges = np.histogram(np.clip(values, low, high), HISTOGRAM_BINS)
    inner = [float(edge) for edge in entry["edges"] or () if low < edge < high]
    if is_time(entry["unit"]):
        return {
            "counts": counts.tolist(),
            "edges": edges.tolist(),
            "bin_edges": inner,
            "clipped": clipped,
            "texts": {
                "edges": time_texts(edges.tolist()),
                "bin_edges": time_texts(inner),
                "ticks": time_ticks(float(low), float(high)),
            },
        }
    return {
        "counts": counts.tolist(),
        "edges": [float(f"{edge:.6g}") for edge in edges],
        "bin_edges": [float(f"{edge:.6g}") for edge in inner],
        "clipped": clipped,
    }
