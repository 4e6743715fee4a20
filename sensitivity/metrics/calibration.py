"""Calibration: does the model know how often it is right? A signed gap per bin."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


def calibration_cells(
    confidence: npt.ArrayLike,
    right: npt.ArrayLike,
    codes: npt.NDArray[np.integer] | None = None,
    n_bins: int = 1,
    *,
    confidence_level: float = 0.95,
) -> tuple[Counts, Floats, Floats, Floats]:
    """By how much the model's confidence exceeds its accuracy, in every bin.

    ``gap = mean(confidence - right)``: above 0 the model is surer than it may be, below 0 less
    sure than it could be. Its standard error is ``sd(confidence - right) / √n`` (ddof=1), its
    interval the normal one, cut at -1 and 1.

    Parameters
    ----------
    confidence : array_like of float, shape (N,)
        Probability that the model gives to the class it predicts, 0…1; samples of which it is
        NaN are left out (without scores, all are).
    right : array_like of bool, shape (N,)
        Whether the prediction is right.
    codes : ndarray of int, shape (N,), optional
        Bin of each sample; samples with a negative bin are left out. None: one bin.
    n_bins : int, default 1
        Number of bins K.
    confidence_level : float, default 0.95
        Coverage of the interval.

    Returns
    -------
    n : ndarray of int64, shape (K,)
        Samples that count.
    gap : ndarray of float64, shape (K,)
        In [-1, 1]; NaN where n is 0.
    low, high : ndarray of float64, shape (K,)
        NaN where n is below 2. Where all differences are equal the interval has no width.

    Notes
    -----
    Not the expected calibration error (ECE), which sorts the samples by confidence and averages
    the absolute gaps: an absolute gap is never negative, so what chance adds does not cancel. ECE
    of a perfectly calibrated model is about ``Σ_b √(2 n_b p_b (1 - p_b) / π) / n`` over its
    intervals b, large where n is small: bins with few samples would look badly calibrated, and
    no two of different size could be compared. The signed gap is unbiased at any n. It does not
    see errors that cancel within a bin (too sure here, not sure enough there).

    References
    ----------
    Roelofs, Cain, Shlens & Mozer (2022), "Mitigating bias in calibration error estimation",
    AISTATS (the bias of ECE).

    Examples
    --------
    >>> n, gap, low, high = calibration_cells(
    ...     [0.9] * 10, [True] * 6 + [False] * 4, np.repeat([0, 1], 5), 2)
    >>> n.tolist(), gap.round(2).tolist(), low.round(2).tolist(), high.round(2).tolist()
    ([5, 5], [-0.1, 0.7], [-0.1, 0.31], [-0.1, 1.0])
    """
    from scipy.special import ndtri

    confidence = np.asarray(confidence, dtype=np.float64)
    bins = np.zeros(len(confidence), dtype=np.int64) if codes is None else codes
    kept = (bins >= 0) & ~np.isnan(confidence)
    bins, difference = bins[kept], (confidence - np.asarray(right, dtype=np.float64))[kept]
    n = np.bincount(bins, minlength=n_bins).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.bincount(bins, difference, minlength=n_bins) / n
        squares = np.bincount(bins, (difference - gap[bins]) ** 2, minlength=n_bins)
        half = ndtri(0.5 + confidence_level / 2) * np.sqrt(squares / (n - 1) / n)
    half[n < 2] = np.nan
    return n, gap, np.maximum(gap - half, -1), np.minimum(gap + half, 1)
