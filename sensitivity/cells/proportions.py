"""Cells of a proportion that each sample has of its own, such as the share of right labels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import tables
from ..bins import MISSING, Binning
from ..stats import intervals, spread
from ..trends import CellFigures
from .frames import bin_edges, bin_labels
from .judged import LOW_SUPPORT, Floats


def _means(
    binning: Binning, right: Floats, by: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Samples, mean and variance of the mean in every bin, the missing one last."""
    k = binning.n_bins + int(binning.n_missing > 0)
    codes = np.where(binning.codes == MISSING, binning.n_bins, binning.codes)
    n = np.bincount(codes, minlength=k).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(codes, right, minlength=k) / n
        count = int(by.max(initial=0)) + 1
        keys, places = np.unique(codes.astype(np.int64) * count + by, return_inverse=True)
        sums = np.bincount(places, right - mean[codes])
        groups = np.bincount(keys // count, minlength=k)
        square = np.bincount(keys // count, sums**2, minlength=k)
        variance = np.where(
            groups > 1, square * groups / (groups - 1) / n.astype(float) ** 2, np.nan
        )
    # Nothing wrong in a bin is no proof: half an error more.
    smoothed = (mean * n + 0.5) / (n + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        least = smoothed * (1 - smoothed) / n / max(1, len(np.unique(right)) - 1)
    return n, mean, np.fmax(variance, least)


def all_rows(
    feature: str,
    binning: Binning,
    right: Floats,
    by: npt.NDArray[np.int64],
    confidence: float,
) -> pd.DataFrame:
    """Rows of class "all" in the table of bins.

    Parameters
    ----------
    feature : str
        Its name.
    binning : Binning
        Its bins.
    right : ndarray of float64, shape (N,)
        Each sample's own share of right labels.
    by : ndarray of int64, shape (N,)
        Cluster of each sample, 0 … G-1.
    confidence : float
        Coverage of the normal intervals, which are cut at 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Metrics ``accuracy`` and, the same, ``accuracy_star``.
    """
    n, mean, variance = _means(binning, right, by)
    half = intervals.normal_quantile(confidence) * np.sqrt(variance)
    k, pulled = len(n), np.full(len(n), np.nan)
    real = slice(0, binning.n_bins)
    pulled[real] = spread.shrunk(np.where(n >= LOW_SUPPORT, mean, np.nan)[real], variance[real])
    low, high = bin_edges(binning, k)
    rows = pd.DataFrame(
        {
            "feature": feature,
            "bin": np.where(np.arange(k) == binning.n_bins, MISSING, np.arange(k)),
            "label": bin_labels(binning, k),
            "class": "all",
            "metric": "accuracy",
            "edge_low": low,
            "edge_high": high,
            "share": n / max(int(n.sum()), 1),
            "n": n,
            "value": mean,
            "low": np.clip(mean - half, 0, 1),
            "high": np.clip(mean + half, 0, 1),
            "shrunk": pulled,
            "low_support": n < LOW_SUPPORT,
        }
    )
    # Every image has every label to be judged: the mix of labels is the same in all bins.
    frame = pd.concat([rows, rows.assign(metric="accuracy_star")], ignore_index=True)
    return tables.check(frame, tables.BINS)


def figures_of_all(binning: Binning, right: Floats, by: npt.NDArray[np.int64]) -> CellFigures:
    """Std, spread and impact of the share of right labels over the bins.

    Parameters
    ----------
    binning : Binning
        A feature's bins.
    right : ndarray of float64, shape (N,)
        Each sample's own share of right labels.
    by : ndarray of int64, shape (N,)
        Cluster of each sample, 0 … G-1.

    Returns
    -------
    CellFigures
        Arrays of length 1.
    """
    n, mean, variance = (x[: binning.n_bins, None] for x in _means(binning, right, by))
    usable = np.where(n >= LOW_SUPPORT, mean, np.nan)
    with np.errstate(invalid="ignore"):
        size = np.where(n > 0, n, np.nan)
        expected = np.nanmean(variance * size) / size if len(n) else variance
    low, high = spread.spread_bounds(usable, expected)
    left = spread.spread(usable, variance)
    none = np.full(1, np.nan)
    return CellFigures(
        n=n.sum(axis=0),
        std=spread.spread_std(mean),
        std_chance=spread.std_chance(mean, variance),
        spread=left,
        spread_low=np.minimum(low, left),
        spread_high=np.maximum(high, left),
        impact=spread.impact(usable, variance, n),
        mix=np.zeros(1, dtype=np.bool_),
        margin_first=none,
        margin_last=none,
    )
