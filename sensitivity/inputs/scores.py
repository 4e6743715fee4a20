"""N×C scores → predicted classes and the kind of the scores: logits or probabilities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError

#: How far the sum of a row of probabilities may be from 1: room for bfloat16 and for files
#: with three decimals.
SUM_TOLERANCE = 0.01

_BLOCK = 1 << 20  # values looked at in one go


def read_scores(
    scores: npt.NDArray[np.floating[Any]],
    threshold: float | None,
    names: npt.NDArray[np.object_],
    notes: list[str],
) -> tuple[npt.NDArray[np.int64], str]:
    """Return the predicted classes and the kind of the scores.

    The scores are looked at in blocks of rows, so that no second array of their size exists.

    Parameters
    ----------
    scores : numpy.ndarray of float
        N×C.
    threshold : float or None
        With C = 2: class 1 where its probability is at least this.
    names : numpy.ndarray of str
        N sample names, for messages.
    notes : list of str
        Sentences on what was guessed are appended.

    Returns
    -------
    predicted : numpy.ndarray of int64
        N classes: the first of the highest scores.
    kind : str
        ``"probabilities"`` when all scores lie in 0…1 and every row sums to 1 within
        :data:`SUM_TOLERANCE`, else ``"logits"``.

    Raises
    ------
    InputError
        A row holds NaN or +inf, or nothing but -inf.

    Examples
    --------
    >>> names = np.array(["a.png", "b.png"], dtype=object)
    >>> read_scores(np.array([[0.5, 0.5], [0.2, 0.8]]), None, names, [])
    (array([0, 1]), 'probabilities')
    """
    predicted = np.empty(len(scores), dtype=np.int64)
    highest = np.empty(len(scores), dtype=np.float64)
    in_unit, sums_to_one = True, True
    step = max(1, _BLOCK // scores.shape[1])
    for start in range(0, len(scores), step):
        rows = slice(start, start + step)
        block = np.ascontiguousarray(scores[rows])
        if block.dtype == np.float16:
            block = block.astype(np.float32)  # many times faster
        with np.errstate(invalid="ignore"):
            predicted[rows] = block.argmax(axis=1)
            highest[rows] = block.max(axis=1)
            in_unit = in_unit and bool(block.min() >= -1e-6 and highest[rows].max() <= 1 + 1e-6)
            if in_unit and sums_to_one:
                sums = block.sum(axis=1, dtype=np.float64)
                sums_to_one = bool((abs(sums - 1) <= SUM_TOLERANCE).all())

    _check_highest(highest, names)
    kind = "probabilities" if in_unit and sums_to_one else "logits"
    notes.append(_note_on_kind(in_unit=in_unit, sums_to_one=sums_to_one))
    if threshold is not None:
        predicted = _above(scores, kind, threshold).astype(np.int64)
        notes.append(f"class 1 is predicted where its probability is at least {threshold:g}")
    return predicted, kind


def _check_highest(highest: npt.NDArray[np.float64], names: npt.NDArray[np.object_]) -> None:
    """Raise for rows that have no highest score: it tells NaN, inf and wholly masked rows."""
    reject(np.isnan(highest), "scores", "expected numbers", highest, names)
    reject(highest == np.inf, "scores", "expected finite scores", highest, names)
    rule = "expected a score above -inf in each row"
    reject(highest == -np.inf, "scores", rule, highest, names)


def _above(
    scores: npt.NDArray[np.floating[Any]], kind: str, threshold: float
) -> npt.NDArray[np.bool_]:
    if kind == "probabilities":
        return scores[:, 1] >= threshold
    margin = scores[:, 1].astype(np.float64) - scores[:, 0]  # softmax p ≥ t, without overflow
    return margin >= math.log(threshold / (1 - threshold))


def _note_on_kind(*, in_unit: bool, sums_to_one: bool) -> str:
    if in_unit and sums_to_one:
        return "scores lie in 0…1 and sum to 1 in each row: read as probabilities"
    if in_unit:
        return (
            "scores lie in 0…1 but do not sum to 1 in each row: read as logits, of which "
            "probabilities are the softmax"
        )
    return "scores were read as logits, of which probabilities are the softmax"


def reject(
    bad: npt.NDArray[np.bool_],
    what: str,
    rule: str,
    values: npt.NDArray[Any],
    names: npt.NDArray[np.object_],
) -> None:
    """Raise for the first bad row, telling how many there are.

    Parameters
    ----------
    bad : numpy.ndarray of bool
        N flags.
    what, rule : str
        What is wrong and the rule it breaks.
    values : numpy.ndarray
        N values, of which the first bad one is shown.
    names : numpy.ndarray of str
        N sample names.

    Raises
    ------
    InputError
        When any row is bad.

    Examples
    --------
    >>> names = np.array(["a.png", "b.png"], dtype=object)
    >>> reject(np.array([False, False]), "labels", "expected …", np.array([1, 2]), names)
    """
    if not bad.any():
        return
    row, count = int(bad.argmax()), int(bad.sum())
    more = f"; {count:,} such rows" if count > 1 else ""
    value = values[row].item()
    got = f"{value:g}" if isinstance(value, float) else f"{int(value):,}"
    where = f"row {row}, {names[row]!r}{more}"
    raise InputError(what, rule, got=got, where=where)
