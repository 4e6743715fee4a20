"""How far a metric varies over a feature's bins, and how far chance alone would."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def spread_std(values: npt.ArrayLike) -> Floats:
    """Population standard deviation over the bins (ddof=0), undefined cells left out.

    Parameters
    ----------
    values : array_like, shape (K, ...)
        A metric in each bin; NaN where it is undefined.

    Returns
    -------
    ndarray of float64, shape (...)
        NaN where fewer than two bins have a value.

    Examples
    --------
    >>> round(float(spread_std([0.7929, 0.8816, 0.9363, 0.9462, 0.9751])), 4)
    0.0643
    """
    values = np.asarray(values, dtype=np.float64)
    defined = ~np.isnan(values)
    k = defined.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(defined, values, 0).sum(axis=0) / k
        square = np.where(defined, (values - mean) ** 2, 0).sum(axis=0) / k
    return np.asarray(np.where(k >= 2, np.sqrt(square), np.nan))


def std_chance(values: npt.ArrayLike, variances: npt.ArrayLike) -> Floats:
    """The std over the bins that sampling alone gives: ``√((K-1)/K · mean Var)``.

    Parameters
    ----------
    values : array_like, shape (K, ...)
        The metric in each bin: only says which cells are defined.
    variances : array_like, shape (K, ...)
        Sampling variance of each cell.

    Returns
    -------
    ndarray of float64, shape (...)
        NaN where fewer than two bins have a value.

    Examples
    --------
    >>> round(float(std_chance([0.8, 0.9, 0.7], [0.0009, 0.0009, 0.0009])), 4)
    0.0245
    """
    defined = ~np.isnan(np.asarray(values, dtype=np.float64))
    k = defined.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(defined, np.asarray(variances, dtype=np.float64), 0).sum(axis=0) / k
        chance = np.sqrt((k - 1) / k * mean)
    return np.asarray(np.where(k >= 2, chance, np.nan))
