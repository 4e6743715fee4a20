"""Made-up features: their distribution, their correlation, their constancy within groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from ..errors import OptionError
from .dials import in_range, whole_number
from .rates import Floats

Values: TypeAlias = npt.NDArray[Any]


def _normal(score: Floats, rank: Floats, n_levels: int) -> Values:
    return score


def _uniform(score: Floats, rank: Floats, n_levels: int) -> Values:
    return rank


def _skewed(score: Floats, rank: Floats, n_levels: int) -> Values:
    return np.exp(score)


def _censored(score: Floats, rank: Floats, n_levels: int) -> Values:
    return np.maximum(score, 0.0)


def _tied(score: Floats, rank: Floats, n_levels: int) -> Values:
    return np.floor(rank * n_levels)


def _categorical(score: Floats, rank: Floats, n_levels: int) -> Values:
    width = len(str(n_levels - 1))
    names = np.array([f"level {k:0{width}d}" for k in range(n_levels)], dtype=object)
    return names[np.floor(rank * n_levels).astype(np.int64)]


#: Name of a distribution → its values, all non-decreasing in the normal score and the rank.
MARGINALS: dict[str, Callable[[Floats, Floats, int], Values]] = {
    "normal": _normal,  # mean 0, standard deviation 1
    "uniform": _uniform,  # the rank itself, 0…1
    "skewed": _skewed,  # log-normal, skewness 6.2
    "censored": _censored,  # half of the values are 0, the rest half-normal
    "tied": _tied,  # `n_levels` numbers 0, 1, …, equally often
    "categorical": _categorical,  # `n_levels` texts, equally often
}


@dataclass(frozen=True)
class Covariate:
    """One column to make up.

    Parameters
    ----------
    name : str
        Name of the column.
    correlation : float, default 1
        Correlation, −1…1, of its normal score with that of the feature that carries the
        trend; the rank correlation is 6/π · asin(correlation/2), .68 for .7. Two columns are
        correlated by the product of theirs. 0: a feature that has nothing to do with it.
    marginal : str, default "normal"
        One of :data:`MARGINALS`.
    n_levels : int, default 5
        Number of values of a "tied" or "categorical" column, at least 2.

    Raises
    ------
    OptionError
        A number is out of its range, or the marginal is unknown.

    Examples
    --------
    >>> Covariate("camera", 0.5, "categorical", n_levels=3).name
    'camera'
    """

    name: str
    correlation: float = 1.0
    marginal: str = "normal"
    n_levels: int = 5

    def __post_init__(self) -> None:
        in_range(f"correlation of {self.name}", self.correlation, low=-1.0, high=1.0)
        whole_number(f"n_levels of {self.name}", self.n_levels, low=2)
        if self.marginal not in MARGINALS:
            known = ", ".join(MARGINALS)
            raise OptionError("marginal", f"expected one of {known}", got=self.marginal)

    def values(self, score: Floats) -> Values:
        """Turn normal scores, N, into the column's N values."""
        return MARGINALS[self.marginal](score, mid_ranks(score), self.n_levels)


def normal_scores(
    groups: npt.NDArray[np.int64], shared: float, random: np.random.Generator
) -> Floats:
    """Draw standard normal numbers of which groups share a part.

    Parameters
    ----------
    groups : array of int64, N
        Group of each number, 0 … G − 1.
    shared : float
        Correlation of two numbers of one group, 0…1. 1: the same number throughout.
    random : numpy.random.Generator
        Where they are drawn from.

    Returns
    -------
    array of float64, N
        Each of mean 0 and variance 1.

    Examples
    --------
    >>> scores = normal_scores(np.array([0, 0, 1]), 1.0, np.random.default_rng(0))
    >>> bool(scores[0] == scores[1]), bool(scores[1] == scores[2])
    (True, False)
    """
    own = random.standard_normal(len(groups))
    common = random.standard_normal(int(groups.max(initial=-1)) + 1)[groups]
    return np.asarray(np.sqrt(shared) * common + np.sqrt(1.0 - shared) * own)


def mid_ranks(values: npt.ArrayLike) -> Floats:
    """Ranks of 0…1, (rank − ½)/N; equal values share their mean rank.

    Parameters
    ----------
    values : array-like, N
        Numbers or texts, without NaN.

    Returns
    -------
    array of float64, N
        Strictly between 0 and 1; their mean is ½.

    Examples
    --------
    >>> mid_ranks([3.0, 1.0, 1.0, 7.0]).tolist()
    [0.625, 0.25, 0.25, 0.875]
    """
    _, place, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2.0
    return np.asarray(middle[place.ravel()] / max(1, len(place)), dtype=np.float64)


def scores_of(ranks: Floats) -> Floats:
    """Normal scores, Φ⁻¹, of ranks strictly between 0 and 1.

    Examples
    --------
    >>> scores_of(np.array([0.5])).tolist()
    [0.0]
    """
    return np.asarray(ndtri(ranks), dtype=np.float64)
