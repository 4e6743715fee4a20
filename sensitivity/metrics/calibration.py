"""Calibration of a bin: how much surer the model is than it is right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def calibration_cells(
    confidence: npt.NDArray[np.floating],
    right: npt.NDArray[np.bool_],
    codes: npt.NDArray[np.integer],
    n_bins: int,
    *,
    confidence_level: float = 0.95,
) -> tuple[npt.NDArray[np.int64], Floats, Floats, Floats]:
    from scipy.special import ndtri

    kept = codes >= 0
    difference = confidence[kept].astype(np.float64) - right[kept]
    n = np.bincount(codes[kept], minlength=n_bins).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.bincount(codes[kept], difference, minlength=n_bins) / n
        square = np.bincount(codes[kept], (difference - gap[codes[kept]]) ** 2, minlength=n_bins)
        error = np.where(n > 1, np.sqrt(square / (n - 1) / n), np.nan)
    half = float(ndtri(0.5 + confidence_level / 2)) * error
    return n, gap, gap - half, gap + half
