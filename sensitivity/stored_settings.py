"""Settings as a result's JSON holds them, checked: whoever reads a result relies on them."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from .encoding import formed
from .errors import ResultError

_TASKS = ("image_classification", "multi_label_classification")
_SCORE_KINDS = ("logits", "probabilities", "labels")
_DEPENDENCES = ("groups", "blocks", "none")


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
    units: NotRequired[dict[str, str]]


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
        ("prior", "expected shares from 0 to 1", all(0 <= share <= 1 for share in found["prior"])),
    ):
        if not is_right:
            raise ResultError(f"settings.{name}", rule, got=str(found[name])[:200])  # type: ignore[literal-required]
    names = [entry["name"] for entry in found["features"]]
    if names and not _differ(names):
        raise ResultError("settings.features", "expected names that differ")
    _check_words(found)
    _check_cuts(found["features"])
    assert isinstance(content, dict)
    return content


def _check_words(found: _Settings) -> None:
    """What may be one of a few words only."""
    told: list[tuple[str, str, tuple[str, ...]]] = [
        ("task", found["task"], _TASKS),
        ("score_kind", found["score_kind"], _SCORE_KINDS),
        ("dependence.kind", found["dependence"]["kind"], _DEPENDENCES),
    ]
    for place, entry in enumerate(found["features"]):
        told.append((f"features[{place}].kind", entry["kind"], ("numeric", "categorical")))
        told.append((f"features[{place}].source", entry["source"], ("image", "column")))
    for what, word, known in told:
        if word not in known:
            raise ResultError(f"settings.{what}", f"expected {' or '.join(known)}", got=repr(word))


def _check_cuts(features: list[_Feature]) -> None:
    """A feature has the edges or the categories that its kind has."""
    for place, entry in enumerate(features):
        edges, categories = entry["edges"], entry["categories"]
        numeric = entry["kind"] == "numeric"
        what = f"settings.features[{place}]." + ("edges" if numeric else "categories")
        if numeric and not (edges and edges == sorted(set(edges)) and not categories):
            raise ResultError(what, "expected numbers in ascending order", got=str(edges)[:200])
        if not numeric and not (_differ(categories) and not edges):
            raise ResultError(what, "expected names that differ", got=str(categories)[:200])


def _differ(names: list[str]) -> bool:
    return 0 < len(names) == len(set(names))
