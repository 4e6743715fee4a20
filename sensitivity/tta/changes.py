"""Changes of every metric between two strategies on the same images, and their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ..stats.intervals import normal_quantile
from ..stats.paired_clusters import clustered_squares
from .resampling import Units, drawn_weights, effective_number, widened
from .tallies import OVERALL_METRICS, measured

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: With more classes the intervals of class rows come from a formula, not from a bootstrap.
MAX_DRAWN_CLASSES = 50

_ECE, _NLL = OVERALL_METRICS.index("ece"), OVERALL_METRICS.index("nll")


@dataclass(frozen=True, eq=False)
class Values:
    """Every metric of one strategy, or of many resampled sets along a leading axis.

    Attributes
    ----------
    overall : ndarray of float64, shape (..., 5)
        :data:`~sensitivity.tta.tallies.OVERALL_METRICS`.
    recall, precision : ndarray of float64, shape (..., C)
        Of each class.
    """

    overall: Floats
    recall: Floats
    precision: Floats

    @classmethod
    def of(cls, sums: Any, n: npt.NDArray[Any]) -> Values:
        """The metrics from sums of tallies and the number of images of each class."""
        sums = np.asarray(sums, dtype=np.float64)
        return cls(*measured(sums, np.asarray(n, dtype=np.float64)))

    @classmethod
    def stacked(cls, parts: Sequence[Values]) -> Values:
        """Sets of several parts, one after the other."""
        return cls(
            np.concatenate([part.overall for part in parts]),
            np.concatenate([part.recall for part in parts]),
            np.concatenate([part.precision for part in parts]),
        )

    def __sub__(self, other: Values) -> Values:
        return Values(
            self.overall - other.overall,
            self.recall - other.recall,
            self.precision - other.precision,
        )


@dataclass(frozen=True, eq=False)
class Pairing:
    """What all comparisons on the same images share.

    Attributes
    ----------
    y : ndarray of int64, shape (N,)
        True class.
    groups : ndarray of int64, shape (N,), or None
        What belongs together, 0 … G-1.
    n : ndarray of int64, shape (C,)
        Images of each class.
    confidence : float
        Coverage of the intervals.
    """

    y: Ints
    groups: Ints | None
    n: Ints
    confidence: float


def resampled(
    pairing: Pairing,
    tallies: Sequence[sparse.csr_array],
    units: Units,
    n_boot: int,
    rng: np.random.Generator,
) -> list[Values]:
    """Metrics of every strategy on the same resampled sets.

    Parameters
    ----------
    pairing : Pairing
    tallies : sequence of scipy.sparse.csr_array
        One per strategy, from :func:`~sensitivity.tta.tallies.tallied`.
    units : Units
        What is drawn.
    n_boot : int
        Number of sets B.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    list of Values
        With B sets each; class metrics only for up to 50 classes.

    Examples
    --------
    >>> from sensitivity.tta.resampling import resampling_units
    >>> from sensitivity.tta.tallies import tallied
    >>> rng, y = np.random.default_rng(0), np.array([0, 0, 1])
    >>> pairing = Pairing(y, None, np.array([2, 1]), 0.95)
    >>> units = resampling_units(y, None, rng=rng)
    >>> resampled(pairing, [tallied(y, np.eye(2)[y])], units, 3, rng)[0].overall[:, 0].tolist()
    [1.0, 1.0, 1.0]
    """
    n, n_classes = len(pairing.y), len(pairing.n)
    ones = np.ones(n)
    gather = sparse.csr_array((ones, (units.place, np.arange(n))), shape=(len(units), n))
    owners = sparse.csr_array((ones, (np.arange(n), pairing.y)), shape=(n, n_classes))
    summed = [gather @ t for t in tallies]
    sizes = gather @ owners
    kept = slice(None) if n_classes <= MAX_DRAWN_CLASSES else slice(0, 0)
    parts: list[list[Values]] = [[] for _ in tallies]
    for weights in drawn_weights(units, n_boot, rng):
        drawn = np.asarray(weights @ sizes)
        for part, table in zip(parts, summed, strict=True):
            found = Values.of(weights @ table, drawn)
            part.append(
                Values(found.overall, found.recall[:, kept], found.precision[:, kept].copy())
            )
    return [Values.stacked(part) for part in parts]


def change_bounds(
    pairing: Pairing,
    values: tuple[Values, Values],
    drawn: tuple[Values, Values],
    called: tuple[Ints, Ints],
) -> tuple[Values, Values]:
    """Intervals of the changes of every metric.

    Parameters
    ----------
    pairing : Pairing
    values, drawn : tuple of two Values
        Original and strategy: on the images, and on the sets of :func:`resampled`.
    called : tuple of two ndarray of int64, shape (N,)
        Classes that either calls.

    Returns
    -------
    low, high : Values
        NaN where the change is, and where all images are of one group; all but those of the
        negative log-likelihood within [-1, 1].

    Notes
    -----
    See :func:`sensitivity.tta.strategies.compare_strategies`.

    Examples
    --------
    >>> from sensitivity.tta.resampling import resampling_units
    >>> from sensitivity.tta.tallies import called_class, tallied
    >>> y, n = np.repeat([0, 1], 50), np.array([50, 50])
    >>> first, second = np.eye(2)[y], np.eye(2)[y]
    >>> first[:10] = [0.0, 1.0]
    >>> pairing, rng = Pairing(y, None, n, 0.95), np.random.default_rng(0)
    >>> tallies = [tallied(y, scores) for scores in (first, second)]
    >>> values = tuple(Values.of(t.sum(axis=0), n) for t in tallies)
    >>> drawn = resampled(pairing, tallies, resampling_units(y, None, rng=rng), 400, rng)
    >>> called = called_class(first), called_class(second)
    >>> low, high = change_bounds(pairing, values, tuple(drawn), called)
    >>> round(float(low.recall[0]), 2), round(float(high.recall[0]), 2)
    (0.08, 0.34)
    """
    change = values[1] - values[0]
    overall = _percentiles((drawn[1] - drawn[0]).overall, pairing.confidence)
    # Resampling biases an absolute value upwards once more: reflected, the bias cancels.
    overall[:, _ECE] = 2 * change.overall[_ECE] - overall[::-1, _ECE]
    if len(pairing.n) <= MAX_DRAWN_CLASSES:
        moved = drawn[1] - drawn[0]
        recall, precision = (
            _percentiles(part, pairing.confidence) for part in (moved.recall, moved.precision)
        )
    else:
        recall, precision = _formula_bounds(pairing, change, called)
    everything, own, by_call = (
        np.array([effective_number(np.ones(len(pairing.y)), pairing.groups)]),
        _class_numbers(pairing, pairing.y),
        _class_numbers(pairing, called[1]),
    )
    pairs = _pair_variances(pairing, values[1], called[1])
    confidence = pairing.confidence
    of_overall = _spread(change.overall, overall, everything, pairs.overall, confidence)
    of_recall = _spread(change.recall, recall, own, pairs.recall, confidence)
    of_precision = _spread(change.precision, precision, by_call, pairs.precision, confidence)
    nll = of_overall[:, _NLL].copy()  # the only one that may exceed 1
    clipped = [np.clip(bounds, -1, 1) for bounds in (of_overall, of_recall, of_precision)]
    clipped[0][:, _NLL] = nll
    return Values(*(b[0] for b in clipped)), Values(*(b[1] for b in clipped))


def _spread(
    change: Floats, bounds: Floats, effective: Floats, pair: Floats, confidence: float
) -> Floats:
    found = widened(change, *bounds, effective=effective, pair=pair, confidence=confidence)
    return np.stack(found)


def _percentiles(moved: Floats, confidence: float) -> Floats:
    """Both bounds of each column; NaN where no set defines it."""
    found = np.full((2, moved.shape[1]), np.nan)
    defined = ~np.isnan(moved).all(axis=0)
    if defined.any():
        tails = [(1 - confidence) / 2, (1 + confidence) / 2]
        found[:, defined] = np.nanquantile(moved[:, defined], tails, axis=0)
    return found


def _formula_bounds(
    pairing: Pairing, change: Values, called: tuple[Ints, Ints]
) -> tuple[Floats, Floats]:
    """Bounds of the class rows from what each image adds to a class's recall and precision."""
    y, n_classes = pairing.y, len(pairing.n)
    first, second = called
    groups = np.arange(len(y)) if pairing.groups is None else pairing.groups
    right, also = first == y, second == y
    calls = [np.bincount(x, minlength=n_classes) for x in called]
    with np.errstate(divide="ignore", invalid="ignore"):
        before, after = (
            np.bincount(y[hit], minlength=n_classes) / n
            for hit, n in zip((right, also), calls, strict=True)
        )
        of_recall = ((also.astype(float) - right) - change.recall[y]) / pairing.n[y]
    of_precision = np.concatenate(
        [-(right - before[first]) / calls[0][first], (also - after[second]) / calls[1][second]]
    )
    z = normal_quantile(pairing.confidence)
    recall, _ = clustered_squares(y, groups, of_recall, n_classes)
    cells = np.concatenate([first, second])
    precision, _ = clustered_squares(cells, np.tile(groups, 2), of_precision, n_classes)
    half = [z * np.sqrt(np.nan_to_num(x)) for x in (recall, precision)]
    return (
        np.stack([change.recall - half[0], change.recall + half[0]]),
        np.stack([change.precision - half[1], change.precision + half[1]]),
    )


def _pair_variances(pairing: Pairing, value: Values, called: Ints) -> Values:
    """Variance that one pair more in either direction would add to each metric."""
    n_classes = len(pairing.n)
    n = pairing.n[pairing.n > 0].astype(np.float64)
    calls = np.bincount(called, minlength=n_classes).astype(np.float64)
    seen = pairing.n + calls
    with np.errstate(divide="ignore", invalid="ignore"):
        of_f1 = np.mean((2 / (len(n) * seen[seen > 0])) ** 2)
        of_recall = 2 / pairing.n.astype(np.float64) ** 2
        of_precision = ((1 - value.precision) ** 2 + value.precision**2) / calls**2
    of_balanced = np.mean((1 / (len(n) * n)) ** 2)
    overall = np.array([2 / len(pairing.y) ** 2, 2 * of_balanced, 2 * of_f1, 0.0, 0.0])
    return Values(overall, of_recall, of_precision)


def _class_numbers(pairing: Pairing, owner: Ints) -> Floats:
    """Effective number of units among each class's images, or its calls."""
    n_classes = len(pairing.n)
    sizes = np.bincount(owner, minlength=n_classes).astype(np.float64)
    if pairing.groups is None:
        return sizes
    n_groups = int(pairing.groups.max()) + 1
    keys, counts = np.unique(owner * n_groups + pairing.groups, return_counts=True)
    squares = np.bincount(keys // n_groups, counts**2.0, minlength=n_classes)
    return np.asarray(sizes**2 / np.maximum(squares, 1))
