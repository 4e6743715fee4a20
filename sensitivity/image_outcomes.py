"""What happened to every image of a result, and a random order to show images in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from .crossed import class_codes
from .result import Analysis

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MULTI_LABEL = "multi_label_classification"


@dataclass(frozen=True)
class Images:
    """What happened to every image, and to every class on it.

    Attributes
    ----------
    wrong : ndarray of bool, shape (N,)
        Whether anything predicted of the image is not so.
    confidence : ndarray of float32, shape (N,)
        Of its most confident wrong prediction; NaN without scores and where nothing is wrong.
    rows : ndarray of int64, shape (M,)
        The image of each row of the outcomes; 0 … N-1 unless images have several labels.
    true, predicted : ndarray of int64, shape (M,)
        Classes of each row of the outcomes; -1 for no label.
    failed : ndarray of int64
        Rows of the outcomes that are errors, in the order of their images.
    order : ndarray of int64, shape (N,)
        All images in random order, those that could not be opened last.
    """

    wrong: Flags
    confidence: npt.NDArray[np.float32]
    rows: Ints
    true: Ints
    predicted: Ints
    failed: Ints
    order: Ints


def has_images(analysis: Analysis) -> bool:
    """Whether a result has the per-image tables that images are picked from.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.

    Returns
    -------
    bool
        False where the JSON file was read without the Parquet tables beside it.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse([0, 1], [0, 1], ["a.png", "b.png"], features=(),
    ...                                save_path=None)
    >>> has_images(analysis)
    True
    """
    n = analysis.settings["n"]
    if not len(analysis.outcomes) or len(analysis.features) != n:
        return False
    return bool(analysis.settings["task"] == MULTI_LABEL or len(analysis.outcomes) == n)


def image_outcomes(analysis: Analysis, *, rng: int | np.random.Generator = 0) -> Images:
    """What happened to every image of a result.

    Parameters
    ----------
    analysis : Analysis
        One with per-image tables: see :func:`has_images`.
    rng : int or numpy.random.Generator, default 0
        For the random order.

    Returns
    -------
    Images
        With several labels per image, names tell which rows of the outcomes are of one image.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse([0, 1, 1], [0, 1, 0], ["a.png", "b.png", "c.png"],
    ...                                features=(), save_path=None)
    >>> image_outcomes(analysis).wrong.tolist()
    [False, False, True]
    """
    outcomes, n = analysis.outcomes, len(analysis.features)
    several = analysis.settings["task"] == MULTI_LABEL
    rows = np.arange(len(outcomes))
    if several:
        rows = _first_rows(analysis.features["name"], outcomes["name"])
    classes = list(analysis.settings["classes"])
    true, predicted = (class_codes(outcomes[name], classes) for name in ("class", "predicted"))
    failed = np.flatnonzero(true != predicted)
    score = outcomes["score"].to_numpy(dtype=np.float32)
    # The score is that of the label; of a missed one, the model was sure of its absence.
    score = np.where(predicted < 0, 1 - score, score) if several else score
    wrong = np.zeros(n, dtype=bool)
    wrong[rows[failed]] = True
    confidence = np.full(n, np.nan, dtype=np.float32)
    np.fmax.at(confidence, rows[failed], score[failed])
    order = np.random.default_rng(rng).permutation(n)
    lost = _unreadable(analysis)
    order = np.concatenate((order[~lost[order]], order[lost[order]]))
    turn = np.empty(n, dtype=np.int64)
    turn[order] = np.arange(n)
    failed = failed[np.argsort(turn[rows[failed]], kind="stable")]
    return Images(wrong, confidence, rows, true, predicted, failed, order)


def _first_rows(names: pd.Series, wanted: pd.Series) -> Ints:
    """Row of each name; of a name that stands twice, the first."""
    first = np.flatnonzero(~names.duplicated().to_numpy())
    rows: Ints = first[pd.Index(names.iloc[first]).get_indexer(wanted)]
    return rows


def _unreadable(analysis: Analysis) -> Flags:
    failures = analysis.failures
    names = failures.loc[failures["stage"] != "measure", "name"]
    if names.empty:
        return np.zeros(len(analysis.features), dtype=bool)
    return analysis.features["name"].isin(set(names)).to_numpy(dtype=bool)
