"""The weakest and the strongest bin of every feature × class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..bins import MISSING
from .values import number

Level = dict[str, Any]

#: A class is missed in a bin that should hold this many of its images, and holds less than a
#: tenth of them; a bin is told of at an equal class mix if at most this share of the mix is missed.
EXPECTED, FOUND, MISSED = 3.0, 0.1, 0.2

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
        Its rows with a value and enough samples, the bin "missing" left out; of accuracy at an
        equal class mix also the bins without images of classes that make up much of the mix:
        what is told of them there would be taken from elsewhere.

    Examples
    --------
    >>> bins = pd.DataFrame(
    ...     {"bin": [0, -1], "metric": "recall", "value": 0.5, "low_support": False})
    >>> usable(bins, "recall")["bin"].to_list()
    [0]
    """
    kept = (bins["metric"] == metric) & (bins["bin"] != MISSING)
    kept &= ~bins["low_support"].astype(bool) & bins["value"].notna()
    if metric != "accuracy_star":
        return bins[kept]
    found = bins[kept]
    lopsided = _lopsided(bins)
    keys = zip(found["feature"].astype(str), found["bin"], strict=True)
    return found[np.array([key not in lopsided for key in keys], dtype=np.bool_)]


def _lopsided(bins: pd.DataFrame) -> set[tuple[str, int]]:
    """Features and bins in which classes are missed that make up much of the mix."""
    place, pair = ["feature", "bin"], ["feature", "class"]
    cells = bins.loc[bins["metric"] == "recall", [*place, "class", "n"]]
    whole = bins.loc[bins["metric"] == "accuracy", [*place, "n"]]
    cells = cells.merge(whole, on=place, suffixes=("", "_bin"))
    if cells.empty:
        return set()
    sums = cells.groupby(place, observed=True)["n"].transform("sum")
    # With several labels an image counts for each of them: there is no mix.
    cells = cells[sums == cells["n_bin"]]
    of_class = cells.groupby(pair, observed=True)["n"].transform("sum")
    of_feature = cells.groupby("feature", observed=True)["n"].transform("sum")
    share = of_class / of_feature
    expected = share * cells["n_bin"]
    missed = (expected >= EXPECTED) & (cells["n"] < FOUND * expected)
    lost = cells[missed].assign(share=share[missed])
    shares = lost.groupby(place, observed=True)["share"].sum()
    keys = shares[shares > MISSED].reset_index()
    return set(zip(keys["feature"].astype(str), keys["bin"].astype(int), strict=True))


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
