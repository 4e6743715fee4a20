"""Settings as a result's JSON holds them, checked: whoever reads a result relies on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import pandas as pd

from .encoding import formed
from .errors import ResultError
from .tables import VERDICTS

#: What these columns of the trends may say.
_WORDS = {
    "verdict": VERDICTS,
    "strength": ("real", "candidate", "none"),
    "grade": ("", "none", "slight", "medium", "major"),
}


class _Skipped(TypedDict):
    name: str
    reason: str


class _Extraction(TypedDict):
    decoded: int
    cached: int


class _Dependence(TypedDict):
    kind: str
    n_clusters: int | None
    ratio: float | None
    p: float | None


class _Feature(TypedDict):
    name: str
    source: str
    kind: str
    unit: str
    title_en: str
    title_zh: str
    edges: list[float]
    categories: list[str]
    n_missing: int
    minimum: float | None
    maximum: float | None


class _Settings(TypedDict):
    """What every result has; there may be more."""

    version: str
    task: str
    classes: list[str]
    score_kind: str
    n: int
    n_failed: int
    bit_depth: int | None
    max_pixels: int
    notes: list[str]
    extraction: _Extraction
    n_bins: int
    confidence: float
    rng: int
    op_list: list[str]
    meta: dict[str, Any]
    prior_given: bool
    prior: list[float]
    dependence: _Dependence
    features: list[_Feature]
    skipped: list[_Skipped]


def stored_settings(content: object) -> dict[str, Any]:
    """The settings of a stored result, if they are whole.

    Parameters
    ----------
    content : object
        What JSON gave back.

    Returns
    -------
    dict
        `content`, nothing changed.

    Raises
    ------
    ResultError
        A setting is missing, of another type or out of range. The message names it.

    Examples
    --------
    >>> stored_settings({"version": "0.1.0", "task": 3})
    Traceback (most recent call last):
    ...
    sensitivity.errors.ResultError: settings.task: expected text, got a whole number
    """
    found: _Settings = formed(content, _Settings, "settings")
    for name, rule, is_right in (
        ("classes", "expected one or more, all different", _differ(found["classes"])),
        ("n", "expected 1 or more", found["n"] >= 1),
        ("n_failed", "expected 0 … n", 0 <= found["n_failed"] <= found["n"]),
        ("n_bins", "expected 2 or more", found["n_bins"] >= 2),
        ("confidence", "expected a number between 0 and 1", 0 < found["confidence"] < 1),
        ("prior", "expected a share of each class", len(found["prior"]) == len(found["classes"])),
    ):
        if not is_right:
            raise ResultError(f"settings.{name}", rule, got=str(found[name])[:200])  # type: ignore[literal-required]
    names = [entry["name"] for entry in found["features"]]
    if names and not _differ(names):
        raise ResultError("settings.features", "expected names that differ")
    assert isinstance(content, dict)
    return content


def check_table(table: pd.DataFrame, name: str, settings: Mapping[str, Any]) -> None:
    """Check that a table is of the features and classes of the settings, and its words are known.

    Parameters
    ----------
    table : pandas.DataFrame
        A table of the result.
    name : str
        What it is called.
    settings : mapping
        From :func:`stored_settings`.

    Raises
    ------
    ResultError
        Another feature, class, verdict, strength or grade.

    Examples
    --------
    >>> settings = {"classes": ["cat"], "features": [{"name": "noise"}]}
    >>> check_table(pd.DataFrame({"feature": ["haze"], "class": ["cat"]}), "bins", settings)
    Traceback (most recent call last):
    ...
    sensitivity.errors.ResultError: table bins: expected only features of the settings, got haze
    """
    features = {entry["name"] for entry in settings["features"]}
    # Of several labels, the empty class is that of images without one.
    classes = {"all", "", *settings["classes"]}
    for columns, names, what in (
        (("feature", "feature_2"), features, "features"),
        (("class", "predicted"), classes, "classes"),
    ):
        for column in table.columns.intersection(list(columns)):
            other = next((str(each) for each in table[column].unique() if each not in names), None)
            if other is not None:
                rule = f"expected only {what} of the settings"
                raise ResultError(f"table {name}", rule, got=other)
    for column in table.columns.intersection(list(_WORDS)):
        other = next(
            (str(each) for each in table[column].unique() if each not in _WORDS[column]), None
        )
        if other is not None:
            rule = f"expected {', '.join(filter(None, _WORDS[column]))}"
            raise ResultError(f"table {name}.{column}", rule, got=other)
    if name == "overall":
        mine = (table["class"] == "all") & (table["metric"] == "accuracy")
        accuracy = table.loc[mine, "value"]
        if len(accuracy) != 1 or not 0 <= accuracy.iloc[0] <= 1:
            rule = "expected one row for the accuracy of all classes, between 0 and 1"
            raise ResultError(f"table {name}", rule, got=", ".join(map(str, accuracy)) or "none")


def _differ(names: list[str]) -> bool:
    return 0 < len(names) == len(set(names))
