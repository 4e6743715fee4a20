"""Predictions, labels and features in which a sensitivity of known size is planted.

Every sample has a class y, a rank u of the feature, and a latent e ~ N(0, 1). It is predicted
right when e < Φ⁻¹(recall_y(u)), so that its expected recall is exactly recall_y(u) whatever the
other dials are. Samples of one group share a part of e and of the feature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError, OptionError
from .covariates import Covariate, mid_ranks, normal_scores, scores_of
from .dials import Random, generator, in_range, whole_number
from .draws import draw_outcomes, draw_scores
from .prevalence import (
    Integers,
    Shares,
    check_labels,
    draw_classes,
    observed_shares,
    shares_from_dials,
)
from .rates import Complement, Floats, Rate, as_rate
from .truth import Truth


@dataclass(frozen=True, eq=False)
class Planted:
    """The three lists, made-up features, and the truth about them.

    Attributes
    ----------
    pred_list : array
        N predicted classes (int64), or N×C logits or probabilities (float32).
    label_list : array of int64, N
        True class, 0 … C − 1.
    name_list : list of str, N
        The given names, or made-up ones in whose order groups are neighbours.
    columns : pandas.DataFrame
        N rows: the feature that carries the trends, then its companions.
    groups : array of int64, N
        Group of each sample; every sample its own where ``group_size=1``.
    rank : array of float64, N
        The feature's rank, strictly between 0 and 1.
    truth : Truth
        What was planted.
    """

    pred_list: npt.NDArray[Any]
    label_list: Integers
    name_list: list[str]
    columns: pd.DataFrame
    groups: Integers
    rank: Floats
    truth: Truth


def plant(
    n: int | None = None,
    *,
    recall: float | Rate | Sequence[float | Rate] = 0.85,
    false_positives: float | Rate | None = None,
    target: int | None = None,
    n_classes: int = 2,
    prevalence: npt.ArrayLike | None = None,
    confounding: float = 0.0,
    feature: str | Covariate = "sharpness",
    companions: Sequence[Covariate] = (),
    group_size: int = 1,
    icc: float = 0.0,
    within_group: float = 0.0,
    margin: float | Rate = 2.0,
    output: str = "labels",
    values: npt.ArrayLike | None = None,
    labels: npt.ArrayLike | None = None,
    names: Sequence[str] | None = None,
    rng: Random = 0,
) -> Planted:
    """Make predictions whose recall and false positives depend on a feature by a known amount.

    With rates that are numbers, as by default, predictions do not depend on any feature given
    the true class: that is the null, whatever `confounding`, groups and companions are.

    Parameters
    ----------
    n : int, optional
        Number of samples, ≥ 1; may be left out where `values`, `labels` or `names` are given.
    recall : float, Rate or sequence of them, default 0.85
        Chance of being predicted right: one rate for every class (a trend is then a loss of
        information in all of them), or one per class. With two classes and `false_positives`,
        that of `target` alone: the other class's is what the false positives leave.
    false_positives : float or Rate, optional
        Chance that a sample of another class is predicted as `target`. With three or more
        classes it is taken from the errors of those classes and leaves their recall alone; by
        default errors go evenly to the other classes.
    target : int, optional
        The class of the false positives; by default the last one.
    n_classes : int, default 2
        C, at least 2.
    prevalence : array-like, C or K×C, optional
        Share of each class, by default equal; or one row per equal slice of the feature's rank,
        which is confounding of any form. Rows are scaled to 1.
    confounding : float, default 0
        Linear class–feature correlation, −1…1, with overall shares kept: at 1 the class whose
        share moves most goes from none at the lowest rank to twice its share at the highest;
        later classes rise, earlier ones fall (with two classes, class 1 rises).
    feature : str or Covariate, default "sharpness"
        The column that carries the trends.
    companions : sequence of Covariate
        Further columns, correlated with it; predictions do not depend on them given it.
    group_size : int, default 1
        Neighbouring samples that form a group; the last group may be smaller.
    icc : float, default 0
        Dependence of being right within a group, 0…1: the correlation of the latents, so that
        two samples of recall r are both right with the bivariate normal probability
        Φ₂(Φ⁻¹(r), Φ⁻¹(r); icc).
    within_group : float, default 0
        Correlation of the normal scores of the features within a group, 0…1; 1: constant.
    margin : float or Rate, default 2
        Logits of the true class and its strongest rival differ by this × (Φ⁻¹(recall) − e), so
        a `margin` that falls is a model less sure without more errors; > 0.
    output : str, default "labels"
        What `pred_list` holds: "labels" (argmax), "logits" or "probabilities". The scores'
        argmax is the same for each of them; probabilities are not calibrated.
    values : array-like, N, optional
        The feature itself, numbers without NaN, instead of a made-up one; `within_group` then
        is about the companions only.
    labels : array-like of int, N, optional
        True classes instead of drawn ones; the truth's prevalence is then what they are in each
        fifth of the feature.
    names : sequence of str, N, optional
        Instead of made-up ones.
    rng : int or numpy.random.Generator, default 0
        Seed or generator. Features, classes, outcomes and scores have streams of their own: a
        dial changes only what it is about.

    Returns
    -------
    Planted
        Lists, columns, groups and truth.

    Raises
    ------
    OptionError
        A dial is out of its range, or two contradict each other.
    InputError
        `values`, `labels` or `names` cannot be used.

    Examples
    --------
    >>> from sensitivity.synthetic import Trend
    >>> planted = plant(4000, recall=(0.95, Trend(0.6, 0.9)), prevalence=(0.7, 0.3))
    >>> planted.truth.recall_lowest.round(3).tolist()
    [0.95, 0.63]
    >>> planted.truth.recall_highest.round(3).tolist()
    [0.95, 0.87]
    >>> lowest = (planted.label_list == 1) & (planted.rank < 0.2)
    >>> bool(abs((planted.pred_list[lowest] == 1).mean() - 0.63) < 0.07)
    True
    >>> plant(100, confounding=0.8, group_size=20, icc=0.3).truth.is_null
    True
    """
    n_classes = whole_number("n_classes", n_classes, low=2)
    group_size = whole_number("group_size", group_size, low=1)
    n = _length(n, values, labels, names)
    streams = generator(rng).spawn(4)

    groups = np.arange(n) // group_size
    column = Covariate(feature) if isinstance(feature, str) else feature
    columns, rank = _features(groups, column, companions, within_group, values, streams[0])
    y, shares = _classes(labels, prevalence, confounding, n_classes, rank, streams[1])
    truth = Truth(
        column.name,
        *_rates(recall, false_positives, target, n_classes),
        shares,
        as_rate("margin", margin),
        group_size,
        in_range("icc", icc, low=0, high=1),
        within_group,
    )
    _check_rates(truth)

    predicted, gap = draw_outcomes(truth, y, rank, groups, streams[2])
    return Planted(
        pred_list=draw_scores(output, y, predicted, gap, n_classes, streams[3]),
        label_list=y,
        name_list=[f"images/{i:07d}.png" for i in range(n)] if names is None else list(names),
        columns=columns,
        groups=groups,
        rank=rank,
        truth=truth,
    )


def _length(n: int | None, *given: npt.ArrayLike | Sequence[str] | None) -> int:
    """Number of samples, from `n`, values, labels and names."""
    lengths = {
        what: len(np.asarray(values, dtype=object))
        for what, values in zip(("values", "labels", "names"), given, strict=True)
        if values is not None
    }
    if n is not None:
        lengths = {"n": whole_number("n", n, low=1), **lengths}
    if not lengths:
        raise OptionError("n", "expected the number of samples", got="none, nor lists")
    if len(set(lengths.values())) > 1:
        got = ", ".join(f"{what}: {length}" for what, length in lengths.items())
        raise InputError("lists", "expected one length", got=got)
    return whole_number("n", next(iter(lengths.values())), low=1)


def _features(
    groups: Integers,
    column: Covariate,
    companions: Sequence[Covariate],
    within_group: float,
    values: npt.ArrayLike | None,
    random: np.random.Generator,
) -> tuple[pd.DataFrame, Floats]:
    """Make the columns, and the rank of the first of them."""
    in_range("within_group", within_group, low=0, high=1)
    if abs(column.correlation) != 1:
        rule = "expected correlation 1: it is the feature itself"
        raise OptionError("feature", rule, got=f"{column.correlation:g}")
    names = [column.name, *(companion.name for companion in companions)]
    if len(set(names)) < len(names):
        raise OptionError("companions", "expected distinct names", got=", ".join(names))

    score = normal_scores(groups, within_group, random)
    if values is not None:
        score = scores_of(mid_ranks(_given_values(values)))
    columns = {column.name: column.values(score) if values is None else np.asarray(values)}
    for companion in companions:
        rest = normal_scores(groups, within_group, random)
        rho = companion.correlation
        columns[companion.name] = companion.values(rho * score + np.sqrt(1 - rho**2) * rest)
    return pd.DataFrame(columns), mid_ranks(score)


def _given_values(values: npt.ArrayLike) -> npt.NDArray[Any]:
    given = np.asarray(values)
    if given.ndim != 1 or given.dtype.kind not in "iufb" or bool(np.isnan(given).any()):
        rule = "expected one number per sample, none missing"
        raise InputError("values", rule, got=f"{given.dtype} of shape {given.shape}")
    return given


def _classes(
    labels: npt.ArrayLike | None,
    prevalence: npt.ArrayLike | None,
    confounding: float,
    n_classes: int,
    rank: Floats,
    random: np.random.Generator,
) -> tuple[Integers, Shares]:
    """True class of each sample, and how frequent classes are by rank."""
    shares = shares_from_dials(prevalence, confounding, n_classes)
    if labels is None:
        return draw_classes(shares, rank, random), shares
    if prevalence is not None or confounding:
        raise OptionError("labels", "expected neither prevalence nor confounding", got="both")
    y = check_labels(labels, n_classes)
    return y, observed_shares(y, rank, n_classes)


def _rates(
    recall: float | Rate | Sequence[float | Rate],
    false_positives: float | Rate | None,
    target: int | None,
    n_classes: int,
) -> tuple[tuple[Rate, ...], Rate | None, int]:
    """Recall of each class, the false positives, and the class that they go to."""
    aim = n_classes - 1 if target is None else target
    whole_number("target", aim, low=0, high=n_classes - 1)
    drawn = None if false_positives is None else as_rate("false_positives", false_positives)

    several: list[float | Rate]
    match recall:
        case str():
            several = [recall]
        case Sequence() | np.ndarray():
            several = list(recall)
        case _:
            several = [recall]
    if drawn is not None and n_classes == 2:
        if len(several) > 1:
            rule = "expected the target's alone: false positives fix the other class's"
            raise OptionError("recall", rule, got=f"{len(several)} rates")
        rates: list[Rate] = [Complement(drawn)] * 2
        rates[aim] = as_rate("recall", several[0])
        return tuple(rates), drawn, aim

    if len(several) not in (1, n_classes):
        rule = f"expected one rate, or one per class ({n_classes})"
        raise OptionError("recall", rule, got=str(len(several)))
    same = {id(rate): as_rate("recall", rate) for rate in several}  # evaluated once each
    return tuple(same[id(rate)] for rate in several) * (n_classes // len(several)), drawn, aim


def _check_rates(truth: Truth) -> None:
    """Every rate is a share, and no class is sent to more places than it has samples."""
    rank = (np.arange(2000) + 0.5) / 2000
    recall = truth.recall(rank)
    _check_share("recall", recall)
    if not (truth.margin.at(rank) > 0).all():
        raise OptionError("margin", "expected numbers > 0", got=f"{truth.margin.at(rank).min():g}")
    if truth.false_positives is None:
        return
    drawn = truth.false_positives.at(rank)
    _check_share("false_positives", drawn)
    most = np.delete(recall, truth.target, axis=1).max(axis=1) + drawn
    if most.max() > 1 + 1e-9:
        rule = "expected at most 1 − recall of the other classes"
        raise OptionError("false_positives", rule, got=f"a sum of {most.max():.3g}")


def _check_share(what: str, share: Floats) -> None:
    low, high = float(share.min()), float(share.max())
    if not (low >= 0 and high <= 1):  # a NaN fails, too
        raise OptionError(what, "expected rates of 0 … 1 at every rank", got=f"{low:g} … {high:g}")
