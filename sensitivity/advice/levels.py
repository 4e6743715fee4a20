"""The weakest and the strongest bin of every feature × class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..bins import MISSING
from .values import number

Level = dict[str, Any]

#: As for cells: fewer samples are no ground for a statement.
LOW_SUPPORT = 10

_COLUMNS = ("bin", "label", "value", "low", "high", "n")


def usable(bins: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The cells of one metric that are ground for a statement.

    Parameters
    ----------
    bins : pandas.DataFrame
        The table :data:`sensitivity.tables.BINS`.
    metric : str
        One of its metrics.

    Returns
    -------
    pandas.DataFrame
        Its rows with a value and enough samples, the bin "missing" left out.

    Examples
    --------
    >>> bins = pd.DataFrame(
    ...     {"bin": [0, -1], "metric": "recall", "value": 0.5, "low_support": False})
    >>> usable(bins, "recall")["bin"].to_list()
    [0]
    """
    kept = (bins["metric"] == metric) & (bins["bin"] != MISSING)
    return bins[kept & ~bins["low_support"].astype(bool) & bins["value"].notna()]


def weakest_and_strongest(
    bins: pd.DataFrame, metric: str
) -> dict[tuple[str, str], tuple[Level, Level]]:
    """Worst and best usable bin of every feature × class that has two to go by.

    Parameters
    ----------
    bins : pandas.DataFrame
        The table :data:`sensitivity.tables.BINS`.
    metric : str
        One of its metrics.

    Returns
    -------
    dict
        From (feature, class) to two dicts with ``bin``, ``label``, ``value``, ``low``,
        ``high`` and ``n``; of equal values, the worst is the first bin and the best the last.

    Examples
    --------
    >>> bins = pd.DataFrame({
    ...     "feature": "noise", "class": "ok", "metric": "recall", "bin": [0, 1],
    ...     "label": ["0%-50%", "50%-100%"], "value": [0.9, 0.6], "low": [0.8, 0.5],
    ...     "high": [0.95, 0.7], "n": [50, 50], "low_support": False})
    >>> worst, best = weakest_and_strongest(bins, "recall")["noise", "ok"]
    >>> worst["bin"], worst["value"], best["bin"]
    (1, 0.6, 0)
    """
    pair = ["feature", "class"]
    ordered = usable(bins, metric)[[*pair, *_COLUMNS]].sort_values("value", kind="stable")
    worst = ordered.drop_duplicates(pair, keep="first").to_dict("records")
    best = ordered.drop_duplicates(pair, keep="last").to_dict("records")
    tops = {(str(row["feature"]), str(row["class"])): _level(row) for row in best}
    found = {}
    for row in worst:
        key = str(row["feature"]), str(row["class"])
        low = _level(row)
        if low["bin"] != tops[key]["bin"]:
            found[key] = low, tops[key]
    return found


def false_calls(bins: pd.DataFrame) -> pd.DataFrame:
    """Share of the other classes' samples that each bin calls the class.

    Parameters
    ----------
    bins : pandas.DataFrame
        The table :data:`sensitivity.tables.BINS`, the rows of class "all" among them.

    Returns
    -------
    pandas.DataFrame
        Rows of the same form with the metric ``false_calls`` and without an interval, `n` the
        samples of other classes; none where precision is 0 or undefined, which does not tell
        how many were called.

    Examples
    --------
    >>> head = {"feature": "noise", "bin": 0, "label": "0%-50%", "low": 0.0, "high": 1.0}
    >>> bins = pd.DataFrame([
    ...     {**head, "class": "all", "metric": "accuracy", "value": 0.8, "n": 100},
    ...     {**head, "class": "ok", "metric": "recall", "value": 0.8, "n": 50},
    ...     {**head, "class": "ok", "metric": "precision", "value": 0.8, "n": 50}])
    >>> false_calls(bins)[["metric", "value", "n"]].to_dict("records")
    [{'metric': 'false_calls', 'value': 0.2, 'n': 50}]
    """
    place = ["feature", "bin"]
    total = bins[bins["metric"] == "accuracy"][[*place, "n"]].rename(columns={"n": "total"})
    recall = bins[bins["metric"] == "recall"]
    precision = bins[bins["metric"] == "precision"][[*place, "class", "value"]]
    found = recall.merge(precision, on=[*place, "class"], suffixes=("", "_called"))
    found = found.merge(total, on=place)
    found = found[(found["value_called"] > 0) & (found["total"] > found["n"])]
    hits, others = found["value"] * found["n"], found["total"] - found["n"]
    false = hits / found["value_called"] - hits
    return found.assign(
        metric="false_calls",
        value=(false / others).round(9),
        low=float("nan"),
        high=float("nan"),
        n=others,
        low_support=others < LOW_SUPPORT,
    )


def _level(row: Mapping[Any, Any]) -> Level:
    return {
        "bin": int(row["bin"]),
        "label": str(row["label"]),
        **{key: number(row[key]) for key in ("value", "low", "high")},
        "n": int(row["n"]),
    }
