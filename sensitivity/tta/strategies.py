"""Before and after: every strategy against the original on the same images, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import tables
from ..errors import InputError, OptionError
from ..stats.held_out import holm
from ..stats.paired import mcnemar
from ..stats.paired_clusters import clustered_mcnemar
from .changes import Pairing, Values, change_bounds, resampled
from .resampling import resampling_units
from .tallies import OVERALL_METRICS, called_class, check_scores, tallied

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Scores = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Strategy:
    """One way to make predictions, with what it said of every image.

    Attributes
    ----------
    name : str
        Such as original, temperature, threshold shift, replace blur, policy.
    scores : ndarray of float, shape (N, C)
        Out of fold: no image was used to fit what scored it. Logits or log-probabilities; their
        softmax is the probability.
    passes : float or ndarray of float, shape (N,)
        Forward passes per image.
    in_sample : ndarray of float, shape (N, C), or None
        Scores of the same strategy fitted on all images: what flatters it. None: nothing is fitted.
    milliseconds : float
        Mean time per image; NaN: not measured.
    """

    name: str
    scores: Scores
    passes: float | Floats = 1.0
    in_sample: Scores | None = None
    milliseconds: float = float("nan")


def compare_strategies(
    y: Ints,
    strategies: Sequence[Strategy],
    classes: Sequence[str],
    *,
    groups: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    n_boot: int = 2000,
    rng: int | np.random.Generator = 0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every metric of every strategy, and its change against the first.

    Parameters
    ----------
    y : ndarray of int64, shape (N,)
        True class, 0 … C-1; N ≥ 1.
    strategies : sequence of Strategy
        The original first.
    classes : sequence of str, length C
        Names; C ≥ 2.
    groups : array_like of int, shape (N,), optional
        What belongs together (patient, video, module).
    confidence : float, default 0.95
        Coverage of the intervals.
    n_boot : int, default 2000
        Resampled sets.
    rng : int or numpy.random.Generator, default 0
        Seed or generator of the resampling.

    Returns
    -------
    strategies : pandas.DataFrame
        :data:`sensitivity.tables.STRATEGIES`: for each strategy the rows of ``all`` (accuracy,
        balanced_accuracy, macro_f1, nll in nats, ece), then recall and precision of each class,
        NaN where undefined. ``ece`` is the expected calibration error of the called class over 15
        intervals of confidence with equal numbers of images.
    costs : pandas.DataFrame
        :data:`sensitivity.tables.COSTS`.

    Raises
    ------
    InputError
        No image, no strategy, two of one name, or arrays that do not fit together.
    OptionError
        A confidence outside (0, 1), or fewer than 100 resampled sets.

    Notes
    -----
    Intervals of changes are percentiles of a paired bootstrap: both strategies are judged on the
    same drawn images, images are drawn within their class, whole groups at a time where there are
    groups. Bounds are then moved away from the change: by the factor ``√(m/(m-1)) t_{m-1}/z`` for
    m effective units, and by one pair that differs in either direction (squares added), so that
    twenty images without a difference do not prove that there is none. Two exceptions.
    The error of calibration is reflected (``2 change - percentile``), since resampling biases an
    absolute value upwards; with a few hundred images its 95 % intervals cover 85 to 93 %. With more
    than 50 classes the bounds of class rows are those of the influence functions (clustered by
    group), which are as good and cost nothing.

    ``p`` is McNemar's exact mid-p; with groups the larger of it and its clustered form.

    A strategy whose scores are those of the original has changes of 0 and intervals without width.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap; Bonett & Price (2012), Journal of
    Educational and Behavioral Statistics 37:479 (the added pairs).

    Examples
    --------
    >>> y = np.repeat([0, 1], [60, 40])
    >>> sure = np.where(np.arange(100)[:, None] % 10 < 2, [0.4, 0.6], [0.8, 0.2])
    >>> better = np.where(np.arange(100)[:, None] < 60, [0.8, 0.2], sure)
    >>> both = Strategy("original", np.log(sure)), Strategy("mix", np.log(better), 2.0)
    >>> frame, costs = compare_strategies(y, both, ["a", "b"])
    >>> row = frame[frame["strategy"] == "mix"].iloc[0]
    >>> row["metric"], round(float(row["change"]), 2), bool(row["low"] > 0)
    ('accuracy', 0.12, True)
    >>> costs[["passes", "corrected", "corrupted"]].to_numpy().tolist()
    [[1.0, 0.0, 0.0], [2.0, 12.0, 0.0]]
    """
    known = _checked(y, strategies, classes, groups, confidence, n_boot)
    pairing = Pairing(y, known, np.bincount(y, minlength=len(classes)), confidence)
    tallies = [tallied(y, strategy.scores) for strategy in strategies]
    values = [Values.of(table.sum(axis=0), pairing.n) for table in tallies]
    random = np.random.default_rng(rng)
    units = resampling_units(y, known, rng=random)
    drawn = resampled(pairing, tallies, units, n_boot, random)
    original = strategies[0]
    called = [called_class(strategy.scores) for strategy in strategies]
    rows: list[dict[str, Any]] = []
    for k, strategy in enumerate(strategies):
        change = values[k] - values[0]
        low, high = change, change
        if k and not np.array_equal(strategy.scores, original.scores):
            pair = called[0], called[k]
            low, high = change_bounds(pairing, (values[0], values[k]), (drawn[0], drawn[k]), pair)
        columns = {"value": values[k], "change": change, "low": low, "high": high}
        if strategy.in_sample is not None:
            fitted = Values.of(tallied(y, strategy.in_sample).sum(axis=0), pairing.n)
            columns["in_sample"] = fitted - values[0]
        found = _rows(strategy.name, classes, pairing, columns)
        if k:
            _add_p(found, pairing, called[0], called[k])
        rows += found
    return _frame(rows), _costs(y, strategies)


def _checked(
    y: Ints,
    strategies: Sequence[Strategy],
    classes: Sequence[str],
    groups: npt.ArrayLike | None,
    confidence: float,
    n_boot: int,
) -> Ints | None:
    if not 0 < confidence < 1:
        raise OptionError("confidence", "expected a number between 0 and 1", got=str(confidence))
    if n_boot < 100:
        raise OptionError("n_boot", "expected 100 or more", got=str(n_boot))
    if not len(y):
        raise InputError("labels", "expected at least one image")
    if not 0 <= y.min() <= y.max() < len(classes):
        raise InputError("labels", f"expected classes from 0 to {len(classes) - 1}")
    names = [strategy.name for strategy in strategies]
    if not names or len(set(names)) < len(names):
        raise InputError("strategies", "expected one or more, each of its own name", got=str(names))
    for strategy in strategies:
        check_scores(f"scores of {strategy.name}", strategy.scores, len(y), len(classes))
        if strategy.in_sample is not None:
            what = f"in-sample scores of {strategy.name}"
            check_scores(what, strategy.in_sample, len(y), len(classes))
    if groups is None:
        return None
    found, codes = np.unique(np.asarray(groups), return_inverse=True)
    if codes.shape != y.shape:
        raise InputError("groups", f"expected {len(y):,} values", got=str(codes.shape))
    return None if len(found) == len(y) else codes.astype(np.int64)


def _rows(
    name: str,
    classes: Sequence[str],
    pairing: Pairing,
    columns: dict[str, Values],
) -> list[dict[str, Any]]:
    n = len(pairing.y)
    keys = [("all", metric, n, "overall", k) for k, metric in enumerate(OVERALL_METRICS)]
    for c, owner in enumerate(classes):
        keys += [
            (owner, metric, int(pairing.n[c]), metric, c) for metric in ("recall", "precision")
        ]
    return [
        {
            "strategy": name,
            "class": owner,
            "metric": metric,
            "n": size,
            "in_sample": np.nan,
            **{column: float(getattr(v, field)[k]) for column, v in columns.items()},
            "p": np.nan,
            "p_holm": np.nan,
        }
        for owner, metric, size, field, k in keys
    ]


def _add_p(rows: list[dict[str, Any]], pairing: Pairing, first: Ints, called: Ints) -> None:
    """McNemar of accuracy and of every recall; Holm over the classes that have images."""
    n_classes = len(pairing.n)
    change = (called == pairing.y).astype(np.int64) - (first == pairing.y)

    def p_of(cells: Ints, n_cells: int) -> Floats:
        gained, lost = (np.bincount(cells[change == d], minlength=n_cells) for d in (1, -1))
        p = mcnemar(gained, lost)
        if pairing.groups is not None:
            p = np.maximum(p, clustered_mcnemar(cells, pairing.groups, change, n_cells))
        return p

    recalls = p_of(pairing.y, n_classes)
    known = (pairing.n > 0) & ~np.isnan(recalls)
    corrected = np.full(n_classes, np.nan)
    corrected[known] = holm(recalls[known])
    rows[0]["p"] = float(p_of(np.zeros_like(pairing.y), 1)[0])
    for c in np.flatnonzero(pairing.n > 0):
        row = rows[len(OVERALL_METRICS) + 2 * c]
        row["p"], row["p_holm"] = float(recalls[c]), float(corrected[c])


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)[list(tables.STRATEGIES.names)]
    texts = {column.name: "str" for column in tables.STRATEGIES.columns if column.kind == "text"}
    return tables.check(frame.astype(texts), tables.STRATEGIES)


def _costs(y: Ints, strategies: Sequence[Strategy]) -> pd.DataFrame:
    right = [called_class(strategy.scores) == y for strategy in strategies]
    frame = pd.DataFrame(
        {
            "strategy": pd.Series([strategy.name for strategy in strategies], dtype="str"),
            "passes": [float(np.mean(strategy.passes)) for strategy in strategies],
            "milliseconds": [float(strategy.milliseconds) for strategy in strategies],
            "corrected": [int((also & ~right[0]).sum()) for also in right],
            "corrupted": [int((right[0] & ~also).sum()) for also in right],
        }
    )
    return tables.check(frame, tables.COSTS)
