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


def _level(row: Mapping[Any, Any]) -> Level:
    return {
        "bin": int(row["bin"]),
        "label": str(row["label"]),
        **{key: number(row[key]) for key in ("value", "low", "high")},
        "n": int(row["n"]),
    }
