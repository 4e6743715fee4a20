"""What a planted model answers: which samples are right, what the others are called, scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from ..errors import OptionError
from .covariates import normal_scores
from .prevalence import Integers
from .rates import Floats
from .truth import Truth

#: What scores can be: argmax integers, or float32 with the same argmax.
OUTPUTS = ("labels", "logits", "probabilities")


def draw_outcomes(
    truth: Truth, y: Integers, rank: Floats, groups: Integers, random: np.random.Generator
) -> tuple[Integers, Floats]:
    """Draw the predicted classes, and by how much each sample is right.

    Parameters
    ----------
    truth : Truth
        The rates, and the dependence within groups.
    y, groups : array of int64, N
        True class, and group.
    rank : array of float64, N
        Rank of the feature.
    random : numpy.random.Generator
        Where they are drawn from.

    Returns
    -------
    tuple of arrays, N
        Predicted class, and the gap between the logits of the true class and of its strongest
        rival: above 0 where the prediction is right.

    Examples
    --------
    >>> from sensitivity.synthetic import plant
    >>> planted = plant(5, recall=1.0)
    >>> bool((planted.pred_list == planted.label_list).all())
    True
    """
    latent = normal_scores(groups, truth.icc, random)
    other = random.random(len(y))
    recall = _recall_of_samples(truth, y, rank)
    gap = ndtri(recall) - latent
    right = gap > 0
    predicted = np.where(right, y, _other_class(truth, y, rank, recall, other))
    return predicted, np.asarray(truth.margin.at(rank) * np.clip(gap, -12.0, 12.0))


def _recall_of_samples(truth: Truth, y: Integers, rank: Floats) -> Floats:
    recall = np.empty(len(y))
    order = np.argsort(y, kind="stable")
    ends = np.cumsum(np.bincount(y, minlength=truth.n_classes))
    for rate, rows in zip(truth.recalls, np.split(order, ends[:-1]), strict=True):
        recall[rows] = rate.at(rank[rows])
    return recall


def _other_class(truth: Truth, y: Integers, rank: Floats, recall: Floats, draw: Floats) -> Integers:
    """Class that a wrong sample is given: the target by its rate, else evenly another one."""
    n_others = truth.n_classes - 1
    if truth.false_positives is None:
        other = np.floor(draw * n_others).astype(np.int64)
        return np.asarray(other + (other >= y))

    wrong = np.maximum(1.0 - recall, 1e-300)
    taken = np.where(y == truth.target, 0.0, np.minimum(truth.false_positives.at(rank) / wrong, 1))
    if n_others == 1:
        taken = np.where(y == truth.target, 0.0, 1.0)
    rest = np.where(draw < taken, 0.0, (draw - taken) / np.maximum(1.0 - taken, 1e-300))
    n_rest = np.where(y == truth.target, n_others, max(1, n_others - 1))
    other = np.minimum(np.floor(rest * n_rest).astype(np.int64), n_rest - 1)
    first, second = np.minimum(y, truth.target), np.maximum(y, truth.target)
    other = other + (other >= first)
    other = other + ((other >= second) & (first != second))
    return np.asarray(np.where(draw < taken, truth.target, other))


def draw_scores(
    output: str,
    y: Integers,
    predicted: Integers,
    gap: Floats,
    n_classes: int,
    random: np.random.Generator,
) -> npt.NDArray[Any]:
    """Draw scores whose argmax are the predictions.

    The true class and its strongest rival differ by `gap`; a wrong prediction is that rival, and
    any further class lies below both.

    Parameters
    ----------
    output : str
        One of :data:`OUTPUTS`.
    y, predicted : array of int64, N
        True and predicted class.
    gap : array of float64, N
        Logit of the true class minus that of its strongest rival.
    n_classes : int
        C.
    random : numpy.random.Generator
        Where the other logits are drawn from.

    Returns
    -------
    array
        `predicted` itself, or N×C float32 logits or probabilities.

    Raises
    ------
    OptionError
        The output is unknown.

    Examples
    --------
    >>> one = np.array([1])
    >>> draw_scores("logits", one, one, np.array([2.5]), 2, np.random.default_rng(0)).tolist()
    [[0.0, 2.5]]
    """
    if output not in OUTPUTS:
        raise OptionError("output", f"expected one of {', '.join(OUTPUTS)}", got=output)
    if output == "labels":
        return predicted

    rows = np.arange(len(y))
    logits = -random.standard_exponential((len(y), n_classes), dtype=np.float32)
    any_other = random.integers(1, n_classes, size=len(y))
    rival = np.where(predicted == y, (y + any_other) % n_classes, y)
    logits[rows, rival] = 0.0
    logits[rows, predicted] = np.maximum(np.abs(gap), 1e-4)  # no ties in single precision
    if output == "logits":
        return logits
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))
