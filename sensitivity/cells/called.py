"""How often images of other classes are called a class: counted, or from the table of bins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..bins import MISSING, bin_values
from .judged import LOW_SUPPORT

_PLACE = ["feature", "bin"]
_PAIR = ["feature", "class"]


@dataclass(frozen=True)
class FalseCalls:
    """The false calls of one class along one feature.

    Attributes
    ----------
    bin : int
        Where they are most frequent, among bins of at least 10 samples of other classes.
    worst, rest : float
        Share of the other classes' samples that are called the class, 0…1: there, and in all
        other bins together.
    false, others : int
        False calls, and samples of other classes, over all bins.
    n_bins : int
        Bins with samples of other classes.
    first, last : tuple of (int, float)
        Lowest and highest of the bins of at least 10 samples of other classes, and the share there.
    """

    bin: int
    worst: float
    rest: float
    false: int
    others: int
    n_bins: int
    first: tuple[int, float]
    last: tuple[int, float]

    def instead(self, way: str) -> tuple[tuple[int, float], ...] | None:
        """What to tell in place of worst and rest where these would contradict a sentence.

        Parameters
        ----------
        way : str
            What the sentence says of the share: that it ``"rises"`` or ``"falls"`` with the
            feature, that it is ``"middle best"`` or ``"middle worst"``; else nothing contradicts.

        Returns
        -------
        tuple of (int, float), or None
            Lowest and highest bin with their shares; empty where these contradict it too; None
            where the worst bin does not lie where the sentence says it is better.

        Examples
        --------
        >>> calls = FalseCalls(1, 0.08, 0.05, 9, 150, 5, first=(0, 0.04), last=(4, 0.05))
        >>> calls.instead("falls"), calls.instead("rises")
        (None, ((0, 0.04), (4, 0.05)))
        """
        low, high = self.first, self.last
        side, width = 2 * self.bin - low[0] - high[0], high[0] - low[0]
        if way.startswith("middle"):
            amiss = 2 * abs(side) < width if way == "middle best" else abs(side) == width
            return () if amiss else None
        sign = {"rises": 1, "falls": -1}.get(way, 0)
        if sign * side >= 0:
            return None
        return (low, high) if sign * (high[1] - low[1]) > 0 else ()


def counted_calls(
    bins: pd.DataFrame, features: pd.DataFrame, outcomes: pd.DataFrame, settings: Mapping[str, Any]
) -> pd.DataFrame | None:
    """Count the false calls of every feature, bin and class that the rows of the bins are of.

    Parameters
    ----------
    bins : pandas.DataFrame
        Rows of the table :data:`sensitivity.tables.BINS`.
    features, outcomes : pandas.DataFrame
        The result's tables with a row per image; of several labels per image, per label.
    settings : mapping
        Its settings.

    Returns
    -------
    pandas.DataFrame or None
        ``feature``, ``bin``, ``class`` and ``false``, where there are any; None without the
        tables per image, or where images of several labels share a name.
    """
    if not len(outcomes) or len(features) != settings["n"]:
        return None
    predicted = outcomes["predicted"]
    wrong = ~outcomes["right"].to_numpy(dtype=bool)
    wrong &= predicted.isin(bins["class"].unique()).to_numpy()
    rows = np.flatnonzero(wrong)
    images = rows
    if settings["task"] == "multi_label_classification":
        names = pd.Index(features["name"])
        if not names.is_unique:
            return None
        images = names.get_indexer(outcomes["name"].iloc[rows])
    elif len(outcomes) != len(features):
        return None
    wanted = set(bins["feature"].astype("str").unique())
    called = predicted.iloc[rows].astype(bins["class"].dtype).reset_index(drop=True)
    parts = [
        pd.DataFrame({"bin": _codes(features[entry["name"]].iloc[images], entry), "class": called})
        .groupby(["bin", "class"], observed=True)
        .size()
        .reset_index(name="false")
        .assign(feature=entry["name"])
        for entry in settings["features"]
        if entry["name"] in wanted
    ]
    empty = pd.DataFrame(columns=["bin", "class", "false", "feature"])
    found = pd.concat(parts, ignore_index=True) if parts else empty
    return found.astype({"feature": bins["feature"].dtype, "bin": bins["bin"].dtype})


def _codes(values: pd.Series, entry: Mapping[str, Any]) -> npt.NDArray[np.int32]:
    """The bin of each value, by the bins that the result has."""
    return bin_values(values, edges=entry["edges"] or entry["categories"]).codes


def false_calls(bins: pd.DataFrame, counted: pd.DataFrame | None = None) -> pd.DataFrame:
    """Share of the other classes' samples that each bin calls the class.

    Parameters
    ----------
    bins : pandas.DataFrame
        The table :data:`sensitivity.tables.BINS`, the rows of class "all" among them.
    counted : pandas.DataFrame, optional
        From :func:`counted_calls`; without it, recall and precision tell how many there were.

    Returns
    -------
    pandas.DataFrame
        Rows of the same form with the metric ``false_calls`` and without an interval, `n` the
        samples of other classes; none where there is no sample of another class. Not counted,
        the value is NaN where precision is 0, which does not tell how many were called.

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
    found = _with_totals(bins)
    others = found["total"] - found["n"]
    if counted is not None:
        false = found.merge(counted, on=[*_PLACE, "class"], how="left")["false"].fillna(0.0)
        false.index = found.index
    else:
        hits = (found["value"] * found["n"]).fillna(0.0)
        # Without a precision nothing was called the class: there is no false call.
        false = (hits / found["value_called"] - hits).fillna(0.0).round()
        false[found["value_called"] == 0] = np.nan
    return found.assign(
        metric="false_calls",
        value=false / others,
        low=float("nan"),
        high=float("nan"),
        n=others,
        low_support=others < LOW_SUPPORT,
    )


def worst_and_rest(
    bins: pd.DataFrame, counted: pd.DataFrame | None = None
) -> dict[tuple[str, str], FalseCalls]:
    """The bin with most false calls against all others together.

    Parameters
    ----------
    bins : pandas.DataFrame
        The table :data:`sensitivity.tables.BINS`, the rows of class "all" among them.
    counted : pandas.DataFrame, optional
        From :func:`counted_calls`.

    Returns
    -------
    dict
        From (feature, class) to its :class:`FalseCalls`, the bin "missing" left out; none of a
        class with fewer than two bins, or with a bin whose false calls are not known.

    Examples
    --------
    >>> bins = pd.DataFrame([
    ...     {"feature": "noise", "class": name, "metric": metric, "bin": k, "value": value, "n": n}
    ...     for k, low in enumerate((0.8, 0.5))
    ...     for name, metric, value, n in (("all", "accuracy", 0.8, 100), ("ok", "recall", 0.8, 50),
    ...                                    ("ok", "precision", low, 50))])
    >>> found = worst_and_rest(bins)["noise", "ok"]
    >>> found.bin, found.worst, found.rest, found.false, found.others
    (1, 0.8, 0.2, 50, 100)
    """
    every = false_calls(bins[bins["bin"] != MISSING], counted)
    every["false"] = every["value"] * every["n"]
    pairs = every.groupby(_PAIR, observed=True)
    total = pairs[["false", "n"]].sum()
    total["n_bins"], total["known"] = pairs.size(), pairs["value"].count()
    usable = every[~every["low_support"]].sort_values("bin", kind="stable")
    found = total.rename(columns={"false": "false_all", "n": "n_all"})
    worst = usable.sort_values("value", ascending=False, kind="stable")
    for name, rows in (("", worst), ("_0", usable), ("_1", usable.iloc[::-1])):
        first = rows.drop_duplicates(_PAIR).set_index(_PAIR)[["bin", "value", "false", "n"]]
        found = found.join(first.add_suffix(name), how="inner")
    found = found[(found["n_bins"] > 1) & (found["known"] == found["n_bins"])]
    rest = (found["false_all"] - found["false"]) / (found["n_all"] - found["n"])
    return {
        (str(row["feature"]), str(row["class"])): FalseCalls(
            bin=int(row["bin"]),
            worst=float(row["value"]),
            rest=float(row["rest"]),
            false=round(float(row["false_all"])),
            others=int(row["n_all"]),
            n_bins=int(row["n_bins"]),
            first=(int(row["bin_0"]), float(row["value_0"])),
            last=(int(row["bin_1"]), float(row["value_1"])),
        )
        for row in found.assign(rest=rest.round(9)).reset_index().to_dict("records")
    }


def _with_totals(bins: pd.DataFrame) -> pd.DataFrame:
    """Rows of recall in bins with samples of other classes, with precision and the bin's size."""
    total = bins[bins["metric"] == "accuracy"][[*_PLACE, "n"]].rename(columns={"n": "total"})
    recall = bins[bins["metric"] == "recall"]
    precision = bins[bins["metric"] == "precision"][[*_PLACE, "class", "value"]]
    found = recall.merge(precision, on=[*_PLACE, "class"], suffixes=("", "_called"))
    found = found.merge(total, on=_PLACE)
    return found[found["total"] > found["n"]]
