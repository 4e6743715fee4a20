"""Dose–response: what becomes of the same images as they are moved step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..encoding import table_frame
from ..errors import InputError
from ..stats.intervals import f1_interval, normal_quantile, wilson
from ..stats.paired_clusters import cluster_inflation
from ..tables import RESPONSES
from .logits import ViewLogits
from .moves import identity_dose

ALL = "all"

#: Doses, beside the original, below which there is no curve.
MIN_DOSES = 2

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


def response_curves(
    logits: ViewLogits,
    *,
    classes: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Recall, F1 and P(true) of every class at every dose of every operation.

    Parameters
    ----------
    logits : ViewLogits
        Views of N images. An operation counts that follows a feature and has two or more fixed
        doses; the original is its identity dose.
    classes : sequence of str, optional
        Classes that get rows, beside ``"all"``; None: each.
    confidence : float, default 0.95
        Of the intervals: Wilson's for recall and accuracy, Wilson's on the Jaccard index for F1,
        normal for P(true). Where groups are known, they are as wide as these make them.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.RESPONSES`, by operation, feature and dose. `position`
        is the median of the feature, measured again on the moved images of the row (NaN if it
        was not measured). Values are NaN for classes without images. Empty without such
        operations.

    Raises
    ------
    InputError
        A class that is none.

    Examples
    --------
    >>> from sensitivity.synthetic.interventions import move_images
    >>> made = move_images(500)
    >>> views = ViewLogits(tuple(made.name_list), made.label_list, made.views, made.z, ("0", "1"),
    ...                    feature_names=made.feature_names, features=made.features)
    >>> curves = response_curves(views, classes=())
    >>> curves.query("op == 'gaussian_blur' and metric == 'accuracy'")["value"].round(2).tolist()
    [0.85, 0.82, 0.73, 0.62, 0.39]
    """
    wanted = logits.classes if classes is None else tuple(classes)
    unknown = [name for name in wanted if name not in logits.classes]
    if unknown:
        rule = f"expected some of {', '.join(logits.classes)}"
        raise InputError("classes", rule, got=unknown[0])
    of_row = [-1, *(logits.classes.index(name) for name in wanted)]
    known: dict[int, dict[str, Floats]] = {}
    columns: dict[str, list[Any]] = {name: [] for name in RESPONSES.names}
    for (op, feature), places in _curves(logits).items():
        for dose, place in places:
            if place not in known:
                known[place] = _metrics(logits, place, confidence)
            at = _medians(logits, feature, place, of_row)
            for metric, found in known[place].items():
                for code, position in zip(of_row, at, strict=True):
                    if code < 0 and metric == "f1":
                        continue
                    name = ALL if code < 0 else logits.classes[code]
                    called = "accuracy" if (code < 0 and metric == "recall") else metric
                    told = (op, dose, feature, position, name, called, *found[:, code])
                    for column, value in zip(RESPONSES.names, told, strict=True):
                        columns[column].append(value)
    return table_frame(columns, RESPONSES)


def _curves(logits: ViewLogits) -> dict[tuple[str, str], list[tuple[float, int]]]:
    """Doses and places of the views of each operation × feature, in order of dose."""
    found: dict[tuple[str, str], dict[float, int]] = {}
    for place, view in enumerate(logits.views):
        if place and view.feature and view.target is None:
            found.setdefault((view.op, view.feature), {}).setdefault(view.dose, place)
    curves = {}
    for (op, feature), doses in found.items():
        nothing = identity_dose(op)
        doses.pop(nothing, None)
        if len(doses) >= MIN_DOSES:
            curves[op, feature] = sorted({**doses, nothing: 0}.items())
    return curves


def _medians(logits: ViewLogits, feature: str, place: int, of_row: Sequence[int]) -> Floats:
    found = np.full(len(of_row), np.nan)
    if feature not in logits.feature_names:
        return found
    values = logits.feature(feature, place).astype(np.float64)
    there = ~np.isnan(values)
    for row, code in enumerate(of_row):
        mine = values[there & ((logits.y == code) if code >= 0 else True)]
        if len(mine):
            found[row] = np.median(mine)
    return found


def _metrics(logits: ViewLogits, place: int, confidence: float) -> dict[str, Floats]:
    """Of each metric n, value and bounds, shape (4, C + 1); the last column is "all"."""
    y, z, n_classes = logits.y, logits.z[place].astype(np.float64), len(logits.classes)
    called = z.argmax(axis=1)
    right = (called == y).astype(np.float64)
    p_true = _p_true(z, y)
    n = np.append(np.bincount(y, minlength=n_classes), len(y)).astype(np.float64)

    def sums(values: Floats, by: Codes = y) -> Floats:
        return np.append(np.bincount(by, values, minlength=n_classes), values.sum())

    hits, n_called = sums(right), sums(np.ones(len(y)), called)
    with np.errstate(divide="ignore", invalid="ignore"):
        recall, mean, f1 = hits / n, sums(p_true) / n, 2 * hits / (n + n_called)
    centre = p_true - mean[y]
    squares = np.append(sums(centre**2)[:-1], ((p_true - mean[-1]) ** 2).sum())
    by_recall = _inflation(logits, right, recall, confidence)
    by_p = _inflation(logits, p_true, mean, confidence)
    # Errors of either kind depend on the groups as those of the class itself do.
    fewer = hits / by_recall, n / by_recall, n_called / by_recall
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(by_p * squares / n / np.maximum(n - 1, 1))
        half = normal_quantile(confidence) * error
        f1_bounds = f1_interval(*fewer, confidence=confidence)
    recall_bounds = wilson(hits / by_recall, n / by_recall, confidence=confidence)
    p_bounds = np.clip(mean - half, 0, 1), np.clip(mean + half, 0, 1)
    return {
        "recall": np.stack([n, recall, *recall_bounds]),
        "f1": np.stack([n, f1, *f1_bounds]),
        "p_true": np.stack([n, mean, *p_bounds]),
    }


def _p_true(z: Floats, y: Codes) -> Floats:
    if not len(y):
        return np.empty(0)
    shifted = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(shifted[np.arange(len(y)), y] / shifted.sum(axis=1))


def _inflation(logits: ViewLogits, values: Floats, mean: Floats, confidence: float) -> Floats:
    """How many times fewer images the groups leave, by class and in all; 1 without groups."""
    n_classes = len(logits.classes)
    if logits.groups is None or not len(values):
        return np.ones(n_classes + 1)
    _, groups = np.unique(logits.groups, return_inverse=True)
    one = np.zeros(len(values), dtype=np.int64)
    of_class = cluster_inflation(
        logits.y, groups, values - mean[logits.y], n_classes, confidence=confidence
    )
    in_all = cluster_inflation(one, groups, values - mean[-1], 1, confidence=confidence)
    return np.concatenate([of_class, in_all])
