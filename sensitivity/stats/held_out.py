"""What held-out samples say: random halves, a stratified test of a weakness, clusters, Holm."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .intervals import wilson

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Up to this variance the p is exact; beyond, the normal distribution is as good.
EXACT_VARIANCE = 400.0

#: No p is told below or above these.
LEAST_P, MOST_P = 1e-30, 0.999


def random_half(
    y: npt.NDArray[np.integer],
    *,
    groups: npt.NDArray[np.integer] | None = None,
    rng: np.random.Generator,
) -> Bools:
    """A random half of the samples, by group if there are groups, else of every class.

    Parameters
    ----------
    y : ndarray of int, shape (N,)
        True class.
    groups : ndarray of int, shape (N,), optional
        What belongs together, 0 … G-1: whole groups are drawn until half of the samples are.
    rng : numpy.random.Generator
        Source of the draw.

    Returns
    -------
    ndarray of bool, shape (N,)
        True for the half drawn. Classes are halved to within one sample; with groups, the
        samples are halved to within half a group.

    Examples
    --------
    >>> half = random_half(np.repeat([0, 1], [60, 40]), rng=np.random.default_rng(0))
    >>> int(half[:60].sum()), int(half[60:].sum())
    (30, 20)
    """
    if groups is None:
        order = rng.permutation(len(y))
        order = order[np.argsort(y[order], kind="stable")]
        half = np.zeros(len(y), dtype=np.bool_)
        half[order[rng.integers(2) :: 2]] = True
        return half
    sizes = np.bincount(groups)
    order = rng.permutation(len(sizes))
    middle = np.cumsum(sizes[order]) - sizes[order] / 2
    drawn = np.zeros(len(sizes), dtype=np.bool_)
    drawn[order] = middle < len(y) / 2
    return np.asarray(drawn[groups])


def judge_weakness(
    inside: Bools,
    strata: npt.NDArray[np.integer],
    right: Bools,
    *,
    groups: npt.NDArray[np.integer] | None = None,
    confidence: float = 0.95,
) -> tuple[int, float, float, float, float, float]:
    """Whether fewer samples are right inside a slice than chance allows, class by class.

    Parameters
    ----------
    inside : ndarray of bool, shape (N,)
        Whether the sample lies in the slice.
    strata : ndarray of int, shape (N,)
        True class: samples are compared within it.
    right : ndarray of bool, shape (N,)
        Whether the prediction is right.
    groups : ndarray of int, shape (N,), optional
        What belongs together: such samples count less than their number.
    confidence : float, default 0.95
        Coverage of the interval.

    Returns
    -------
    n : int
        Samples in the slice.
    value, low, high : float
        Share of them that is right, and Wilson's interval with ``n / deff`` samples; NaN for
        an empty slice.
    expected : float
        Share that would be right with the rates of all N samples, class by class.
    p : float
        One-sided, 1e-30 to 0.999. Without groups it is the exact conditional mid-p: given how
        many of each class are right, the slice is a draw from them (hypergeometric, summed over
        the classes; normal where the variance exceeds 400). With groups it is no smaller than
        that, and no smaller than the cluster-robust p, Student's t of ``U / √V`` with
        ``V = G/(G-1) Σ_g (Σ_{i∈g} (right_i - R_y)(inside_i - m_y))²``, m_y the share of the class
        that is inside, and as many degrees of freedom as groups tell of the slice, less one.

    Examples
    --------
    >>> inside, right = np.arange(40) < 20, np.arange(40) % 20 > np.repeat([9, 1], 20)
    >>> n, value, low, high, expected, p = judge_weakness(inside, np.zeros(40, int), right)
    >>> n, value, round(low, 2), round(high, 2), expected, round(p, 4)
    (20, 0.5, 0.3, 0.7, 0.7, 0.0038)
    """
    n = int(inside.sum())
    if not n:
        return 0, np.nan, np.nan, np.nan, np.nan, MOST_P
    total, n_inside = np.bincount(strata), np.bincount(strata[inside], minlength=strata.max() + 1)
    n_right = np.bincount(strata, right)
    rate, share = n_right / np.maximum(total, 1), n_inside / np.maximum(total, 1)
    hits = int(right[inside].sum())
    p = _independent_p(n_inside, total, n_right.astype(np.int64), hits)
    effective = float(n)
    if groups is not None:
        pull = (right - rate[strata]) * (inside - share[strata])
        tell = (rate * (1 - rate))[strata] * (inside - share[strata]) ** 2
        p = max(p, _clustered_p(pull, tell, groups))
        effective = n / design_effect(right[inside], groups[inside])
    low, high = wilson(hits / n * effective, effective, confidence=confidence)
    expected = float((n_inside * rate).sum() / n)
    return n, hits / n, float(low), float(high), expected, float(np.clip(p, LEAST_P, MOST_P))


def design_effect(right: Bools, groups: npt.NDArray[np.integer]) -> float:
    """How many times more a share varies than it would if samples were independent.

    Parameters
    ----------
    right : ndarray of bool, shape (n,)
        Whether the prediction is right; n ≥ 1.
    groups : ndarray of int, shape (n,)
        What belongs together.

    Returns
    -------
    float
        ``G/(G-1) Σ_g (Σ_{i∈g} (right_i - mean))² / (n mean (1 - mean))``, at least 1 and at
        most n. Where all are alike or in one group, the data cannot tell it; then the samples
        of a group count as one: ``Σ_g n_g² / n``.

    Examples
    --------
    >>> design_effect(np.array([1, 1, 0, 0, 1, 1, 0, 0], bool), np.repeat(range(4), 2))
    2.6666666666666665
    """
    _, group = np.unique(groups, return_inverse=True)
    sizes = np.bincount(group)
    n, mean = len(right), right.mean()
    if len(sizes) == 1 or mean in (0, 1):
        found = (sizes**2).sum() / n
    else:
        sums = np.bincount(group, right - mean)
        found = len(sizes) / (len(sizes) - 1) * (sums**2).sum() / (n * mean * (1 - mean))
    return float(np.clip(found, 1, n))


def holm(p: Floats) -> Floats:
    """Holm's correction: p of several statements, so that all of them hold at once.

    Parameters
    ----------
    p : ndarray of float64, shape (m,)
        In [0, 1].

    Returns
    -------
    ndarray of float64, shape (m,)
        In [0, 1], in the same order; empty for none.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6:65.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(2)
    array([0.03, 0.06, 0.06])
    """
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(stepped, 1)
    return corrected


def _independent_p(n_inside: Ints, total: Ints, n_right: Ints, hits: int) -> float:
    """P(fewer right than seen), half of the seen number included."""
    from scipy.special import ndtr

    n_inside, total, n_right = (x[n_inside > 0] for x in (n_inside, total, n_right))
    rate = n_right / total
    variance = (rate * (1 - rate) * n_inside * (total - n_inside) / np.maximum(total - 1, 1)).sum()
    if variance > EXACT_VARIANCE:
        return float(ndtr((hits - (n_inside * rate).sum()) / np.sqrt(variance)))
    start, chance = 0, np.ones(1)
    for draws, size, good in zip(n_inside, total, n_right, strict=True):
        first, own = _hypergeometric(int(draws), int(size), int(good))
        skipped, chance = _trimmed(np.convolve(chance, own))
        start += first + skipped
    seen = hits - start
    if seen < 0:
        return 0.0
    return float(chance[:seen].sum() + chance[seen : seen + 1].sum() / 2)


def _hypergeometric(draws: int, size: int, good: int) -> tuple[int, Floats]:
    """Chance of each number of good ones, from the first number that has any."""
    from scipy.special import gammaln

    first = max(0, draws - (size - good))
    k = np.arange(first, min(draws, good) + 1)
    log = -(
        gammaln(k + 1)
        + gammaln(good - k + 1)
        + gammaln(draws - k + 1)
        + gammaln(size - good - draws + k + 1)
    )
    chance = np.exp(log - log.max())
    skipped, chance = _trimmed(chance / chance.sum())
    return first + skipped, chance


def _trimmed(chance: Floats) -> tuple[int, Floats]:
    """Without the ends that are less probable than any p that is told; how many were dropped."""
    kept = np.flatnonzero(chance > LEAST_P * 1e-3)
    return int(kept[0]), chance[kept[0] : kept[-1] + 1]


def _clustered_p(pull: Floats, tell: Floats, groups: npt.NDArray[np.integer]) -> float:
    """One-sided p of the sum of `pull`; `tell` is the variance that each sample brings."""
    from scipy.special import stdtr

    _, group = np.unique(groups, return_inverse=True)
    sums, weights = np.bincount(group, pull), np.bincount(group, tell)
    n_groups, variance = len(sums), (sums**2).sum()
    if n_groups < 2 or not variance > 0:
        return MOST_P
    # Few groups may hold most of the slice: then few is how many there are to go by.
    telling = weights.sum() ** 2 / (weights**2).sum()
    z = sums.sum() / np.sqrt(n_groups / (n_groups - 1) * variance)
    return float(stdtr(max(telling - 1, 1e-3), z))
