"""How often images of other classes are called a class, from the table of bins."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..bins import MISSING
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
    """

    bin: int
    worst: float
    rest: float
    false: int
    others: int
    n_bins: int


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
        samples of other classes; none where precision is 0, which does not tell how many were
        called, or where there is no sample of another class.

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
    found = found[found["value_called"] != 0]
    hits, others = (found["value"] * found["n"]).fillna(0.0), found["total"] - found["n"]
    # Without a precision nothing was called the class: there is no false call.
    false = (hits / found["value_called"] - hits).fillna(0.0)
    return found.assign(
        metric="false_calls",
        value=(false / others).round(9),
        low=float("nan"),
        high=float("nan"),
        n=others,
        low_support=others < LOW_SUPPORT,
    )


def worst_and_rest(bins: pd.DataFrame) -> dict[tuple[str, str], FalseCalls]:
    """The bin with most false calls against all others together.

    Parameters
    ----------
    bins : pandas.DataFrame
        The table :data:`sensitivity.tables.BINS`, the rows of class "all" among them.

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
    >>> worst_and_rest(bins)["noise", "ok"]
    FalseCalls(bin=1, worst=0.8, rest=0.2, false=50, others=100, n_bins=2)
    """
    bins = bins[bins["bin"] != MISSING]
    known = false_calls(bins)
    known["false"] = known["value"] * known["n"]
    total = known.groupby(_PAIR, observed=True)[["false", "n"]].sum()
    total["n_bins"] = known.groupby(_PAIR, observed=True).size()
    total["wanted"] = _with_totals(bins).groupby(_PAIR, observed=True).size()
    usable = known[~known["low_support"]].sort_values("value", ascending=False, kind="stable")
    worst = usable.drop_duplicates(_PAIR).set_index(_PAIR)[["bin", "value", "false", "n"]]
    found = worst.join(total.rename(columns={"false": "false_all", "n": "n_all"}))
    found = found[(found["n_bins"] > 1) & (found["n_bins"] == found["wanted"])]
    rest = (found["false_all"] - found["false"]) / (found["n_all"] - found["n"])
    return {
        (str(row["feature"]), str(row["class"])): FalseCalls(
            bin=int(row["bin"]),
            worst=float(row["value"]),
            rest=float(row["rest"]),
            false=round(float(row["false_all"])),
            others=int(row["n_all"]),
            n_bins=int(row["n_bins"]),
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
