"""Two features at once: every cell of every pair, and the slices that were searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from ...advice.facts import ALL
from ...advice.remedy_names import feature_title
from ...bins import bin_values
from ...crossed import class_codes
from ...labels import shown_label
from ...result import Analysis
from ..slices_text import slices_summary
from .words import word

#: Features that are crossed with each other, bins that one may have, classes shown one by one.
MOST_CROSSED, MOST_BINS, MOST_CLASSES = 16, 12, 6


def crossings(analysis: Analysis, features: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """How many images lie in every cell of two features, and how many of them are right.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    features : sequence of mapping
        The report's features, in its order: ``feature``, ``title``, ``bins``.

    Returns
    -------
    dict or None
        ``features``: ``title`` and ``labels`` of the bins, the missing one last; ``classes``:
        "all", and each class where they are six or fewer; ``pairs``: one per two features,
        with ``one`` and ``other`` (places in ``features``), ``n`` and ``right``, a list per
        class, cell by cell, those of `other` running faster. None without per-image tables, with
        several labels per image, or with fewer than two features.

    Examples
    --------
    >>> import sensitivity
    >>> from sensitivity.report.content.whole import content
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0] * 20 + [0, 1] * 10, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40), "wet": [0, 0, 1, 1] * 10}, features=(), save_path=None)
    >>> found = content(analysis)["two_way"]
    >>> [entry["labels"] for entry in found["features"]]
    [['0–50%', '50–100%'], ['0', '1']]
    >>> found["pairs"][0]["n"][0], found["pairs"][0]["right"][0]
    ([10, 10, 10, 10], [5, 5, 10, 10])
    """
    settings, outcomes = analysis.settings, analysis.outcomes
    if len(outcomes) != settings["n"] or settings["task"] != "image_classification":
        return None
    kept = [entry for entry in features if 2 <= len(entry["bins"]) <= MOST_BINS][:MOST_CROSSED]
    if len(kept) < 2:
        return None
    classes = list(settings["classes"]) if len(settings["classes"]) <= MOST_CLASSES else []
    true, called = (
        class_codes(outcomes[name], settings["classes"]) for name in ("class", "predicted")
    )
    # An image is told by its class, unless these are too many, and by whether it is right.
    kind = (true if classes else 0) * 2 + (true == called)
    n_kinds = 2 * max(1, len(classes))
    places = [_places(analysis, entry) for entry in kept]
    pairs = []
    for (i, one), (j, other) in combinations(enumerate(places), 2):
        width = len(kept[j]["bins"])
        cells = len(kept[i]["bins"]) * width
        counts = np.bincount((one * width + other) * n_kinds + kind, minlength=cells * n_kinds)
        counts = counts.reshape(cells, -1, 2).transpose(1, 2, 0)
        n, right = counts.sum(axis=1), counts[:, 1]
        n, right = (
            np.concatenate([part.sum(axis=0, keepdims=True), part if classes else part[:0]])
            for part in (n, right)
        )
        pairs.append({"one": i, "other": j, "n": n.tolist(), "right": right.tolist()})
    return {
        "features": [
            {"title": entry["title"], "labels": [row["label"] for row in entry["bins"]]}
            for entry in kept
        ],
        "classes": [ALL, *classes],
        "pairs": pairs,
    }


def _places(analysis: Analysis, feature: Mapping[str, Any]) -> npt.NDArray[np.int64]:
    """Of every image the row of its bin, the missing one last."""
    listed = analysis.settings["features"]
    entry = next(each for each in listed if each["name"] == feature["feature"])
    values = analysis.features[entry["name"]]
    codes = bin_values(values, edges=entry["edges"] or entry["categories"]).codes
    known = np.array([row["code"] for row in feature["bins"]])
    row_of = np.zeros(known.max() + 2, np.int64)
    row_of[known] = np.arange(len(known))  # -1, if any, is the last element
    return np.asarray(row_of[codes])


def slices(analysis: Analysis, lang: str) -> dict[str, Any]:
    """The slices of two features that were judged on images that took no part in the search.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    dict
        ``sentence``; ``rows``: those that hold, with ``class``, ``where`` (two texts), ``n``,
        ``value``, ``low``, ``high``, ``expected``, ``p_holm``.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse([0, 1, 1, 1], [0, 0, 1, 1], list("abcd"), features=(),
    ...                                save_path=None)
    >>> slices(analysis, "en")["sentence"]
    'Nothing was searched: it takes two features of 2 to 20 bins, and slices of 30 images.'
    """
    told = slices_summary(analysis.slices, analysis.settings)
    judged, holding = len(told["slices"]), told["n_holding"]
    key = "few" if told["features"] < 2 or told["several_labels"] else "nothing"
    if judged:
        key = "found" if holding else "null"
    if key == "found" and told["kept_together"] == "blocks":
        key = "hint"
    sentence = word(f"slices.{key}", lang).format(
        n_features=told["features"],
        judged=f"{judged:,}",
        holding=f"{holding:,}",
        support=f"{told['support']:,}",
        n=f"{told['n']:,}",
    )
    sides = (("feature", "label"), ("feature_2", "label_2"))
    kinds = {entry["name"]: entry["kind"] for entry in analysis.settings["features"]}
    return {
        "sentence": sentence,
        "rows": [
            {key: row[key] for key in ("class", "n", "value", "low", "high", "expected", "p_holm")}
            | {
                "where": [
                    f"{feature_title(row[name], lang)}: "
                    f"{shown_label(row[label], kinds[row[name]], lang)}"
                    for name, label in sides
                ]
            }
            for row in told["slices"]
            if row["holds"]
        ],
    }
