"""Tables as a result's JSON holds them, checked: whoever reads a result relies on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from . import tables
from .bins import MISSING
from .errors import ResultError, listed

ALL = "all"

_OF_ALL, _OF_CLASS = ("accuracy", "accuracy_star"), ("recall", "precision", "f1", "f1_star")
_GAP = "confidence_gap"

#: What columns of text may say, by table; of other columns any text is a name.
_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "bins": {"metric": (*_OF_ALL, _GAP, *_OF_CLASS)},
    "trends": {
        "grade": ("", "none", "slight", "medium", "major"),
        "direction": ("", "rises", "falls"),
        "shape": ("", "trend", "middle best", "middle worst", "categories"),
        "pattern": ("", "criterion shift", "information loss"),
        "driver": ("", "recall", "false positives", "f1", "shape"),
        "strength": ("real", "candidate", "none"),
        "verdict": tables.VERDICTS,
    },
    "overall": {
        "metric": (
            *("accuracy", "balanced_accuracy", "macro_f1", "exact_match", _GAP),
            *("recall", "precision", "f1", "auc"),
        )
    },
    "interventions": {
        "direction": ("", "up", "down"),
        "verdict": (tables.REPRODUCED, tables.CONTRADICTED, tables.NOT_CHECKED),
    },
    "responses": {"metric": ("recall", "f1", "p_true", "accuracy")},
    "candidates": {"direction": ("", "up", "down")},
    "strategies": {
        "metric": (
            *("recall", "precision", "accuracy", "balanced_accuracy", "macro_f1"),
            *("nll", "ece"),
        )
    },
}

#: Columns whose numbers lie between these, in whatever table they are.
_BETWEEN = {
    **dict.fromkeys(("share", "shrunk", "expected", "fpr", "tpr", "accuracy", "recall"), (0, 1)),
    **dict.fromkeys(("p", "q", "p_recall", "p_fpr", "p_f1", "p_shape", "p_holm"), (0, 1)),
    **dict.fromkeys(("p_margin", "q_margin", "std", "spread", "spread_low"), (0, 1)),
    **dict.fromkeys(("n", "corrected", "corrupted", "folds", "passes"), (0, np.inf)),
    **dict.fromkeys(("milliseconds",), (0, np.inf)),
}

#: Tables whose metrics all are shares, but for the gap, which has a sign.
_OF_SHARES = ("bins", "overall", "slices")

_ROUNDED = 1e-6


def check_table(table: pd.DataFrame, name: str, settings: Mapping[str, Any]) -> None:
    """Check that a table is of the features and classes of the settings, whole, and in range.

    Parameters
    ----------
    table : pandas.DataFrame
        A table of the result, or of its remedy.
    name : str
        What it is called.
    settings : mapping
        From :func:`sensitivity.stored_settings.stored_settings`.

    Raises
    ------
    ResultError
        Another feature or class, a word that means nothing here, a number out of its range, a
        row that is missing or there twice. The message names the column and the row.

    Examples
    --------
    >>> settings = {"classes": ["cat"], "features": [{"name": "noise"}]}
    >>> check_table(pd.DataFrame({"feature": ["haze"], "class": ["cat"]}), "slices", settings)
    Traceback (most recent call last):
    ...
    sensitivity.errors.ResultError: table slices.feature: expected only features of the settings
    (noise), got haze (row 0)
    """
    features = [entry["name"] for entry in settings["features"]]
    # Of several labels, the empty class is that of images without one.
    classes = [ALL, *settings["classes"], ""]
    of_result = name in {schema.name for schema in tables.TABLES}
    for column in ("class", "predicted") if of_result else ():
        _check_names(table, name, column, classes, "classes")
    for column in ("feature", "feature_2") if of_result else ():
        _check_names(table, name, column, features, "features")
    if name == "trends":
        _check_names(table, name, "explained_by", ["", *features], "features")
    for column, words in _WORDS.get(name, {}).items():
        rule = f"expected {', '.join(filter(None, words))}"
        _refuse(~table[column].isin(words), table, name, column, rule)
    _check_numbers(table, name)
    if name == "bins":
        _check_bins(table, settings)
    if name == "trends":
        wanted = [(feature, owner) for feature in features for owner in classes[:-1]]
        _check_rows(table, name, ("feature", "class"), wanted)
    if name == "overall":
        _check_overall(table, settings)
    if name == "confusion":
        _check_rows(table, name, ("class", "predicted"), ())


def _refuse(wrong: pd.Series, table: pd.DataFrame, name: str, column: str, rule: str) -> None:
    """Name the first wrong value, and where it stands."""
    if wrong.any():
        row = int(np.flatnonzero(wrong.to_numpy())[0])
        got = str(table[column].iloc[row]) or "nothing"
        raise ResultError(f"table {name}.{column}", rule, got=got, where=f"row {row}")


def _check_names(
    table: pd.DataFrame, name: str, column: str, known: Sequence[str], what: str
) -> None:
    if column in table:
        told = listed(each for each in known if each not in (ALL, ""))
        rule = f"expected only {what} of the settings ({told})"
        _refuse(~table[column].isin(known), table, name, column, rule)


def _check_numbers(table: pd.DataFrame, name: str) -> None:
    for column in table.columns:
        if table[column].dtype.kind not in "if":
            continue
        values = table[column].astype(np.float64)
        low, high = _BETWEEN.get(column, (-np.inf, np.inf))
        if column == "value" and name in _OF_SHARES:
            low, high = -1, 1
            share = table["metric"] != _GAP if "metric" in table else pd.Series(True, table.index)
            outside = (values < -_ROUNDED) | (values > 1 + _ROUNDED)
            _refuse(share & outside, table, name, column, _rule(0, 1))
        wrong = (values < low - _ROUNDED) | (values > high + _ROUNDED) | np.isinf(values)
        _refuse(wrong, table, name, column, _rule(low, high))


def _rule(low: float, high: float) -> str:
    if np.isfinite(high):
        return f"expected numbers from {low:g} to {high:g}"
    return f"expected numbers from {low:g}" if np.isfinite(low) else "expected finite numbers"


def _check_bins(table: pd.DataFrame, settings: Mapping[str, Any]) -> None:
    """Every bin of every feature, with every metric of all classes together and of each."""
    of_bin = [(ALL, metric) for metric in _OF_ALL]
    of_bin += [(owner, metric) for owner in settings["classes"] for metric in _OF_CLASS]
    kept = table[table["metric"] != _GAP]
    for entry in settings["features"]:
        name = entry["name"]
        own = kept[kept["feature"] == name]
        n_bins = len(entry["edges"]) + 1 if entry["kind"] == "numeric" else len(entry["categories"])
        codes = [*range(n_bins), *([MISSING] if entry["n_missing"] else [])]
        _check_rows(
            own, "bins", ("bin",), [(code,) for code in codes], f"feature {name}, ", once=False
        )
        for code in codes:
            here = own[own["bin"] == code]
            _check_rows(here, "bins", ("class", "metric"), of_bin, f"feature {name}, bin {code}, ")


def _check_overall(table: pd.DataFrame, settings: Mapping[str, Any]) -> None:
    wanted = [(ALL, "accuracy")]
    wanted += [(owner, metric) for owner in settings["classes"] for metric in _OF_CLASS[:3]]
    _check_rows(table, "overall", ("class", "metric"), wanted, further=True)
    mine = (table["class"] == ALL) & (table["metric"] == "accuracy")
    _refuse(mine & table["value"].isna(), table, "overall", "value", "expected the accuracy")


def _check_rows(
    table: pd.DataFrame,
    name: str,
    columns: Sequence[str],
    wanted: Collection[tuple[Any, ...]],
    place: str = "",
    *,
    once: bool = True,
    further: bool = False,
) -> None:
    """Every wanted row is there, and once; without wanted ones, none is there twice."""
    found = list(zip(*(table[column].to_list() for column in columns), strict=True))
    there, expected = set(found), set(wanted)
    if missing := [key for key in wanted if key not in there]:
        raise ResultError(f"table {name}", f"expected a row of {place}{_told(columns, missing[0])}")
    if wanted and not further and (other := [key for key in found if key not in expected]):
        rule = f"expected no row of {place}{_told(columns, other[0])}"
        raise ResultError(f"table {name}", rule)
    if once and len(there) < len(found):
        twice = next(key for place_, key in enumerate(found) if key in found[:place_])
        raise ResultError(f"table {name}", f"expected one row of {place}{_told(columns, twice)}")


def _told(columns: Sequence[str], key: Sequence[Any]) -> str:
    return ", ".join(f"{column} {value}" for column, value in zip(columns, key, strict=True))
