"""Outcomes: predictions against labels, one row per image (of several labels, per label)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import tables
from .errors import InputError
from .inputs.multilabel import LabelSamples
from .inputs.samples import Samples

#: Scores turned into probabilities at a time: bounds the memory next to the caller's.
CHUNK = 1 << 22

#: Log-odds beyond this say no more: masked classes and probabilities of 0 are infinite.
MARGIN = 50.0

#: What a label of an image can be, where it has or was given it.
LABEL_KINDS = ("right", "missed", "false alarm")


def outcome_table(samples: Samples | LabelSamples, *, groups: Any = None) -> pd.DataFrame:
    """One row per image: true and predicted class, right or the kind of error, scores, group.

    With several labels per image there is one row per image and label that it has or was
    given, and none for an image without: ``class`` is empty where it does not have the label,
    ``predicted`` where it was not given it, and ``kind`` is right, missed or false alarm;
    ``score`` is the probability of the label.

    Parameters
    ----------
    samples : Samples or LabelSamples
        N samples.
    groups : array_like, shape (N,), optional
        The caller's group of each image; shown as text.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.OUTCOMES`.

    Raises
    ------
    InputError
        Another number of groups than of samples.

    Examples
    --------
    >>> from sensitivity.inputs.samples import read_samples
    >>> samples = read_samples([0, 0], [0, 1], ["a.png", "b.png"],
    ...                        label_map_dict={0: "normal", 1: "defect"})
    >>> table = outcome_table(samples)
    >>> table[["class", "predicted", "right", "kind"]].to_dict("records")[1]
    {'class': 'defect', 'predicted': 'normal', 'right': False, 'kind': 'defect > normal'}
    """
    match samples:
        case LabelSamples():
            table = _label_table(samples, groups)
        case Samples():
            table = _class_table(samples, groups)
    return tables.check(table, tables.OUTCOMES)


def _class_table(samples: Samples, groups: Any) -> pd.DataFrame:
    y, predicted, classes = samples.y, samples.predicted, samples.classes
    called, true = chosen_probabilities(samples.scores, samples.score_kind, y, predicted)
    return pd.DataFrame(
        {
            "name": pd.Series(tables.storable(samples.names), dtype="str"),
            "class": tables.coded(y, classes),
            "predicted": tables.coded(predicted, classes),
            "right": y == predicted,
            "kind": _kinds(y, predicted, classes),
            "score": called,
            "score_true": true,
            "margin": margins(samples.scores, samples.score_kind, y),
            "group": _groups(groups, len(y)),
        }
    )


def _label_table(samples: LabelSamples, groups: Any) -> pd.DataFrame:
    rows, labels = np.nonzero(samples.truth | samples.called)
    has, given = samples.truth[rows, labels], samples.called[rows, labels]
    score, margin = np.full((2, len(rows)), np.nan)
    if samples.scores is not None:
        score = samples.scores[rows, labels].astype(np.float64)
        margin = np.where(has, _log_odds(score, samples.scores.dtype), np.nan)
    nothing, texts = len(samples.classes), [*samples.classes, ""]
    return pd.DataFrame(
        {
            "name": pd.Series(tables.storable(samples.names), dtype="str").take(rows).array,
            "class": tables.coded(np.where(has, labels, nothing), texts),
            "predicted": tables.coded(np.where(given, labels, nothing), texts),
            "right": has & given,
            "kind": tables.coded(np.where(has, ~given, 2), LABEL_KINDS),
            "score": score.astype(np.float32),
            "score_true": np.where(has, score, np.nan).astype(np.float32),
            "margin": margin.astype(np.float32),
            "group": _groups(groups, len(samples)).take(rows).array,
        }
    )


def _log_odds(
    probability: npt.NDArray[np.float64], dtype: npt.DTypeLike
) -> npt.NDArray[np.float64]:
    """Log-odds, kept finite: no nearer to 0 and 1 than `dtype` can tell from them."""
    held = np.clip(probability, np.finfo(np.float32).tiny, 1 - np.finfo(dtype).epsneg)
    return np.log(held) - np.log1p(-held)


def _groups(groups: Any, n: int) -> pd.Series:
    if groups is None:
        return pd.Series([None] * n, dtype=object)
    if hasattr(groups, "detach"):
        groups = groups.detach().cpu().numpy()
    if isinstance(groups, (str, bytes)) or not hasattr(groups, "__len__"):
        raise InputError("groups", "expected one per image", got=repr(groups))
    if len(groups) != n:
        got = f"{len(groups):,} for {n:,} images"
        raise InputError("groups", "expected one per image", got=got)
    found = pd.Series(list(groups), dtype=object)
    if found.isna().any():
        where = f"row {int(found.isna().to_numpy().argmax())}"
        raise InputError("groups", "expected a group for every image", where=where)
    try:
        return found.astype("str").astype("category")
    except UnicodeEncodeError as error:
        rule = "expected text that UTF-8 can hold"
        raise InputError("groups", rule, got=repr(error.object)) from None


def group_codes(groups: Any, n: int) -> npt.NDArray[np.int64] | None:
    """The caller's groups as whole numbers.

    Parameters
    ----------
    groups : array_like, shape (N,), or None
        One per image.
    n : int
        Number of images N.

    Returns
    -------
    ndarray of int64, shape (N,), or None
        None without groups.

    Raises
    ------
    InputError
        Another number of groups than of images, or an image without one.

    Examples
    --------
    >>> group_codes(["b", "a", "b"], 3).tolist()
    [1, 0, 1]
    """
    if groups is None:
        return None
    return np.asarray(_groups(groups, n).cat.codes, dtype=np.int64)


def chosen_probabilities(
    scores: npt.NDArray[np.floating] | None,
    score_kind: str,
    y: npt.NDArray[np.int64],
    predicted: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Probabilities given to the predicted and to the true class.

    Parameters
    ----------
    scores : ndarray of float, shape (N, C), or None
        Logits or probabilities.
    score_kind : {"logits", "probabilities", "labels"}
        What `scores` are.
    y, predicted : ndarray of int64, shape (N,)
        True and predicted class.

    Returns
    -------
    predicted, true : ndarray of float32, shape (N,)
        In [0, 1]; NaN throughout without scores.

    Examples
    --------
    >>> called, true = chosen_probabilities(
    ...     np.array([[0.0, 0.0]]), "logits", np.array([0]), np.array([0]))
    >>> float(called[0])
    0.5
    """
    called = np.full(len(y), np.nan, dtype=np.float32)
    true = np.full(len(y), np.nan, dtype=np.float32)
    if scores is None:
        return called, true
    for rows in _chunks(scores):
        block = probabilities(scores[rows], score_kind)
        index = np.arange(len(block))
        called[rows] = block[index, predicted[rows]]
        true[rows] = block[index, y[rows]]
    return called, true


def margins(
    scores: npt.NDArray[np.floating] | None, score_kind: str, y: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Log-odds of the true class over the strongest other one.

    Parameters
    ----------
    scores : ndarray of float, shape (N, C), or None
        Logits or probabilities.
    score_kind : {"logits", "probabilities", "labels"}
        What `scores` are.
    y : ndarray of int64, shape (N,)
        True class.

    Returns
    -------
    ndarray of float32, shape (N,)
        Positive where the true class wins, within ±50; NaN throughout without scores,
        and with a single class.

    Examples
    --------
    >>> scores = np.array([[2.0, 0.5], [1.0, 3.0]])
    >>> margins(scores, "logits", np.array([0, 0])).tolist()
    [1.5, -2.0]
    """
    found = np.full(len(y), np.nan, dtype=np.float32)
    if scores is None or scores.shape[1] < 2:
        return found
    for rows in _chunks(scores):
        block = np.array(scores[rows], dtype=np.float64)
        index = np.arange(len(block))
        own = block[index, y[rows]]
        block[index, y[rows]] = -np.inf
        others = block.max(axis=1)
        if score_kind == "probabilities":
            with np.errstate(divide="ignore"):
                own, others = np.log(np.maximum(own, 0)), np.log(np.maximum(others, 0))
        found[rows] = np.clip(own - others, -MARGIN, MARGIN)
    return found


def _chunks(scores: npt.NDArray[np.floating]) -> Iterator[slice]:
    step = max(1, CHUNK // scores.shape[1])
    return (slice(start, start + step) for start in range(0, len(scores), step))


def probabilities(scores: npt.NDArray[np.floating], score_kind: str) -> npt.NDArray[np.float64]:
    """Probabilities of all classes: softmax of logits, probabilities as they are.

    Parameters
    ----------
    scores : ndarray of float, shape (N, C)
        Logits or probabilities.
    score_kind : {"logits", "probabilities"}
        What they are.

    Returns
    -------
    ndarray of float64, shape (N, C)
        Rows sum to 1.

    Examples
    --------
    >>> probabilities(np.array([[0.0, np.log(3.0)]]), "logits").round(2)
    array([[0.25, 0.75]])
    """
    block = np.array(scores, dtype=np.float64)
    if score_kind != "logits":
        return block
    block -= block.max(axis=1, keepdims=True)
    np.exp(block, out=block)
    block /= block.sum(axis=1, keepdims=True)
    return block


def softmax_sums(
    logits: npt.NDArray[np.floating],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """What turns a column of logits into probabilities, without those of all classes at once.

    Parameters
    ----------
    logits : ndarray of float, shape (N, C)
        At least one per row is finite.

    Returns
    -------
    top, total : ndarray of float64, shape (N,)
        ``exp(logits[:, c] - top) / total`` is the probability of class c.

    Examples
    --------
    >>> top, total = softmax_sums(np.array([[0.0, 0.0], [1000.0, -np.inf]]))
    >>> top.tolist(), total.tolist()
    ([0.0, 1000.0], [2.0, 1.0])
    """
    top, total = np.empty(len(logits)), np.empty(len(logits))
    for rows in _chunks(logits):
        block = np.array(logits[rows], dtype=np.float64)
        top[rows] = block.max(axis=1)
        block -= top[rows, None]
        total[rows] = np.exp(block, out=block).sum(axis=1)
    return top, total


def _kinds(
    y: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64], classes: tuple[str, ...]
) -> pd.Categorical:
    """'right', or the confusion by name; categories only for what occurs."""
    n_classes = len(classes)
    pair = np.where(y == predicted, -1, y * n_classes + predicted)
    found, codes = np.unique(pair, return_inverse=True)
    texts = [
        "right" if key < 0 else f"{classes[key // n_classes]} > {classes[key % n_classes]}"
        for key in found
    ]
    if len(set(texts)) == len(texts):
        return tables.coded(codes, texts)
    return pd.Categorical(np.asarray(texts, dtype=object)[codes])
