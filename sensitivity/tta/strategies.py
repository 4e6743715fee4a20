"""Before and after: every strategy against the original on the same images, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from .. import tables
from ..errors import InputError, OptionError
from ..stats.held_out import holm
from ..stats.intervals import normal_quantile
from ..stats.paired import mcnemar
from ..stats.paired_clusters import clustered_mcnemar, clustered_squares
from .resampling import Units, drawn_weights, effective_number, resampling_units, widened
from .tallies import OVERALL_METRICS, called_class, check_scores, measured, tallied

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Scores = npt.NDArray[np.floating]

#: With more classes the intervals of class rows come from a formula, not from a bootstrap.
MAX_DRAWN_CLASSES = 50


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


@dataclass(frozen=True, eq=False)
class _Values:
    """Metrics of one strategy; with a leading axis those of resampled sets."""

    overall: Floats
    recall: Floats
    precision: Floats

    def row(self, k: int | slice) -> _Values:
        return _Values(self.overall[k], self.recall[k], self.precision[k])

    def __sub__(self, other: _Values) -> _Values:
        return _Values(
            self.overall - other.overall,
            self.recall - other.recall,
            self.precision - other.precision,
        )


@dataclass(frozen=True, eq=False)
class _Truth:
    """What every comparison shares."""

    y: Ints
    groups: Ints | None
    n: Ints
    confidence: float


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
    groups. Bounds are then moved away from the change, squares added: by the factor
    ``√(m/(m-1)) t_{m-1}/z`` for m effective units, and by one pair that differs in either direction,
    so that twenty images without a difference do not prove that there is none. Two exceptions.
    The error of calibration is reflected (``2 change - percentile``), since resampling biases an
    absolute value upwards. With more than 50 classes the bounds of class rows are those of the
    influence functions (clustered by group), which are as good and cost nothing.

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
    >>> frame, costs = compare_strategies(
    ...     y, [Strategy("original", np.log(sure)), Strategy("mix", np.log(better), 2.0)], ["a", "b"])
    >>> row = frame[frame["strategy"] == "mix"].iloc[0]
    >>> row["metric"], row["value"].round(2), row["change"].round(2), row["low"] > 0
    ('accuracy', 0.68, 0.12, True)
    >>> costs[["passes", "corrected", "corrupted"]].to_numpy().tolist()
    [[1.0, 0.0, 0.0], [2.0, 12.0, 0.0]]
    """
    known = _checked(y, strategies, classes, groups, confidence, n_boot)
    truth = _Truth(y, known, np.bincount(y, minlength=len(classes)), confidence)
    tallies = [tallied(y, strategy.scores) for strategy in strategies]
    values = [_sums_to_values(t.sum(axis=0), truth.n) for t in tallies]
    random = np.random.default_rng(rng)
    units = resampling_units(y, known, rng=random)
    draws = _bootstrap(truth, tallies, units, n_boot, random)
    first = called_class(strategies[0].scores)
    rows: list[dict[str, Any]] = []
    for strategy, value, drawn in zip(strategies, values, draws, strict=True):
        change = value - values[0]
        same = strategy is strategies[0] or np.array_equal(strategy.scores, strategies[0].scores)
        called = called_class(strategy.scores)
        low, high = (change, change) if same else _bounds(truth, change, drawn, draws[0])
        if not same and len(classes) > MAX_DRAWN_CLASSES:
            low, high = _formula_bounds(truth, change, first, called, low, high)
        low, high = (change, change) if same else _padded(truth, value, change, low, high, called)
        fitted = None
        if strategy.in_sample is not None:
            fitted = _sums_to_values(tallied(y, strategy.in_sample).sum(axis=0), truth.n)
        columns = {"value": value, "change": change, "low": low, "high": high}
        columns["in_sample"] = value.row(slice(None)) if fitted is None else fitted - values[0]
        found = _rows(strategy.name, classes, truth, columns, fitted is not None)
        if strategy is not strategies[0]:
            _add_p(found, truth, first, called, len(classes))
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


def _sums_to_values(sums: Floats, n: npt.NDArray[Any]) -> _Values:
    return _Values(*measured(np.asarray(sums, dtype=np.float64), n.astype(np.float64)))


def _bootstrap(
    truth: _Truth,
    tallies: Sequence[sparse.csr_array],
    units: Units,
    n_boot: int,
    rng: np.random.Generator,
) -> list[_Values]:
    """Metrics of the resampled sets, one for each strategy; class rows only of few classes."""
    n, n_classes = len(truth.y), len(truth.n)
    ones = np.ones(n)
    gather = sparse.csr_array((ones, (units.place, np.arange(n))), shape=(len(units), n))
    owners = sparse.csr_array((ones, (np.arange(n), truth.y)), shape=(n, n_classes))
    summed = [gather @ t for t in tallies]
    sizes = gather @ owners
    kept = slice(None) if n_classes <= MAX_DRAWN_CLASSES else slice(0, 0)
    parts: list[list[_Values]] = [[] for _ in tallies]
    for weights in drawn_weights(units, n_boot, rng):
        drawn = weights @ sizes
        for part, table in zip(parts, summed, strict=True):
            values = _sums_to_values(weights @ table, drawn)
            recall, precision = values.recall[:, kept], values.precision[:, kept]
            part.append(_Values(values.overall, recall, precision))
    return [
        _Values(
            *(np.concatenate([getattr(v, name) for v in part]) for name in _Values.__annotations__)
        )
        for part in parts
    ]


def _bounds(
    truth: _Truth, change: _Values, drawn: _Values, original: _Values
) -> tuple[_Values, _Values]:
    """Percentiles of the resampled changes."""
    tails = [(1 - truth.confidence) / 2, (1 + truth.confidence) / 2]

    def percentiles(values: Floats) -> Floats:
        defined = ~np.isnan(values).all(axis=0)
        found = np.full((2, values.shape[1]), np.nan)
        if defined.any():
            found[:, defined] = np.nanquantile(values[:, defined], tails, axis=0)
        return found

    moved = drawn - original
    overall, recall, precision = (
        percentiles(v) for v in (moved.overall, moved.recall, moved.precision)
    )
    ece = OVERALL_METRICS.index("ece")
    overall[:, ece] = 2 * change.overall[ece] - overall[::-1, ece]
    low, high = (_Values(overall[k], recall[k], precision[k]) for k in (0, 1))
    return low, high


def _formula_bounds(
    truth: _Truth, change: _Values, first: Ints, called: Ints, low: _Values, high: _Values
) -> tuple[_Values, _Values]:
    """Class rows from influence functions: what each image adds to a class's change."""
    n_classes = len(truth.n)
    groups = np.arange(len(truth.y)) if truth.groups is None else truth.groups
    right, also = first == truth.y, called == truth.y
    hits = [np.bincount(truth.y[x], minlength=n_classes) for x in (right, also)]
    calls = [np.bincount(x, minlength=n_classes) for x in (first, called)]
    with np.errstate(divide="ignore", invalid="ignore"):
        before, after = (hits[k] / calls[k] for k in (0, 1))
        of_recall = ((also.astype(float) - right) - change.recall[truth.y]) / truth.n[truth.y]
        of_precision = np.concatenate(
            [-(right - before[first]) / calls[0][first], (also - after[called]) / calls[1][called]]
        )
    z = normal_quantile(truth.confidence)
    recall, _ = clustered_squares(truth.y, groups, of_recall, n_classes)
    cells = np.concatenate([first, called])
    precision, _ = clustered_squares(cells, np.tile(groups, 2), of_precision, n_classes)
    half = [z * np.sqrt(np.nan_to_num(x)) for x in (recall, precision)]
    return (
        _Values(low.overall, change.recall - half[0], change.precision - half[1]),
        _Values(high.overall, change.recall + half[0], change.precision + half[1]),
    )


def _padded(
    truth: _Truth, value: _Values, change: _Values, low: _Values, high: _Values, called: Ints
) -> tuple[_Values, _Values]:
    """Bounds widened for few units and for pairs that were not seen."""
    n_classes, total = len(truth.n), len(truth.y)
    n = truth.n[truth.n > 0]
    calls = np.bincount(called, minlength=n_classes)
    seen = truth.n + calls > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        of_f1 = np.mean((2 / (len(n) * (truth.n + calls)[seen])) ** 2)
        pairs = np.array([2 / total**2, 2 * np.mean((1 / (len(n) * n)) ** 2), 2 * of_f1, 0.0, 0.0])
        of_recall = 2 / truth.n.astype(np.float64) ** 2
        of_precision = ((1 - value.precision) ** 2 + value.precision**2) / calls**2
    effective = [effective_number(np.ones(total), truth.groups)]
    own, by_call = _class_numbers(truth, truth.y), _class_numbers(truth, called)
    names = ("overall", "recall", "precision")
    bounds = [
        widened(
            getattr(change, name), getattr(low, name), getattr(high, name),
            effective=number, pair=pair, confidence=truth.confidence,
        )
        for name, number, pair in zip(
            names, (effective, own, by_call), (pairs, of_recall, of_precision), strict=True
        )
    ]  # fmt: skip
    clipped = [np.clip(b, -1, 1) for b in bounds]
    nll = OVERALL_METRICS.index("nll")  # the only one that may exceed 1
    for k in (0, 1):
        clipped[0][k][nll] = bounds[0][k][nll]
    lows, highs = _Values(*(b[0] for b in clipped)), _Values(*(b[1] for b in clipped))
    return lows, highs


def _class_numbers(truth: _Truth, owner: Ints) -> Floats:
    """Effective number of units of each class."""
    n_classes = len(truth.n)
    sizes = np.bincount(owner, minlength=n_classes).astype(np.float64)
    if truth.groups is None:
        return sizes
    keys, counts = np.unique(owner * (truth.groups.max() + 1) + truth.groups, return_counts=True)
    squares = np.bincount(keys // (truth.groups.max() + 1), counts**2.0, minlength=n_classes)
    return np.asarray(sizes**2 / np.maximum(squares, 1))


def _rows(
    name: str,
    classes: Sequence[str],
    truth: _Truth,
    columns: dict[str, _Values],
    is_fitted: bool,
) -> list[dict[str, Any]]:
    keys = [("all", metric, len(truth.y), "overall", k) for k, metric in enumerate(OVERALL_METRICS)]
    for c, owner in enumerate(classes):
        keys += [(owner, metric, int(truth.n[c]), metric, c) for metric in ("recall", "precision")]
    return [
        {
            "strategy": name,
            "class": owner,
            "metric": metric,
            "n": n,
            **{column: float(getattr(v, field)[k]) for column, v in columns.items()},
            **({} if is_fitted else {"in_sample": np.nan}),
            "p": np.nan,
            "p_holm": np.nan,
        }
        for owner, metric, n, field, k in keys
    ]


def _add_p(
    rows: list[dict[str, Any]], truth: _Truth, first: Ints, called: Ints, n_classes: int
) -> None:
    """McNemar of accuracy and of every recall; Holm over the classes that have images."""
    change = (called == truth.y).astype(np.int64) - (first == truth.y)

    def p_of(cells: Ints, n_cells: int) -> Floats:
        gained, lost = (np.bincount(cells[change == d], minlength=n_cells) for d in (1, -1))
        p = mcnemar(gained, lost)
        if truth.groups is not None:
            p = np.maximum(p, clustered_mcnemar(cells, truth.groups, change, n_cells))
        return p

    recalls = p_of(truth.y, n_classes)
    known = (truth.n > 0) & ~np.isnan(recalls)
    corrected = np.full(n_classes, np.nan)
    corrected[known] = holm(recalls[known])
    rows[0]["p"] = float(p_of(np.zeros_like(truth.y), 1)[0])
    for c in np.flatnonzero(truth.n > 0):
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
