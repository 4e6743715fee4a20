"""What the bins of a feature let one expect of images that are moved along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Bins of the curve; fewer, but two, where a bin would hold fewer than :data:`MIN_IN_BIN`
#: images. As few images as that have no curve.
N_BINS = 5
MIN_IN_BIN = 20

#: Part of the images between which the observed curve is known. With five bins of equal count
#: these are the middles of the outer ones.
LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True, eq=False)
class Curve:
    """Recall along a feature, from low to high, relative to the class's mean.

    Attributes
    ----------
    at : ndarray of float64, shape (K,)
        Mean position of each bin's images, 0 … 1: the share of the class's images that lie
        below.
    value : ndarray of float64, shape (K,)
        Recall there less the mean recall; only rising, or only falling.
    """

    at: Floats
    value: Floats

    def __call__(self, position: npt.ArrayLike) -> Floats:
        """Value at positions: linear between the bins, constant beyond the outer ones."""
        return np.interp(np.asarray(position, dtype=np.float64), self.at, self.value)

    @property
    def change(self) -> float:
        """Value at the 90th percentile less that at the 10th."""
        low, high = self((LOW, HIGH))
        return float(high - low)

    @property
    def steepness(self) -> float:
        """The same for a curve that goes on beyond its outer bins: these may be wide."""
        span = float(self.at[-1] - self.at[0])
        return float(self.value[-1] - self.value[0]) * (HIGH - LOW) / span if span > 0 else 0.0


def observed_curve(
    position: Floats, right: Bools, y: npt.NDArray[np.int64], *, rising: bool
) -> Curve:
    """Recall by bins of a feature, made monotone in the direction of a finding.

    What counts is whether an image is right less the recall of its class, so that a mix of
    classes that shifts along the feature shows nothing. Neighbouring bins that go against the
    direction are pooled.

    Parameters
    ----------
    position : ndarray of float64, shape (N,)
        Position of each image in its class, from :func:`positions`.
    right : ndarray of bool, shape (N,)
        Whether the model is right.
    y : ndarray of int64, shape (N,)
        True classes.
    rising : bool
        Whether recall is to rise with the feature.

    Returns
    -------
    Curve
        Of one bin, with the value 0, where there are too few images or values for two.

    Examples
    --------
    >>> position = (np.arange(100) + 0.5) / 100
    >>> curve = observed_curve(position, position > 0.4, np.zeros(100, dtype=int), rising=True)
    >>> curve.at.round(2).tolist(), curve.value.round(2).tolist()
    ([0.1, 0.3, 0.5, 0.7, 0.9], [-0.6, -0.6, 0.4, 0.4, 0.4])
    >>> round(curve.change, 2), round(float(curve(0.4)), 2)
    (1.0, -0.1)
    """
    n_images = len(position)
    n_bins = min(N_BINS, max(2, n_images // MIN_IN_BIN)) if n_images >= MIN_IN_BIN else 1
    code = np.minimum((position * n_bins).astype(np.int64), n_bins - 1)
    n = np.bincount(code, minlength=n_bins)
    if (n > 0).sum() < 2:
        return Curve(np.array([0.5]), np.array([0.0]))
    in_class = np.bincount(y)
    with np.errstate(invalid="ignore"):
        recall = np.bincount(y, right) / in_class
    kept = n > 0
    excess = np.bincount(code, right - recall[y], minlength=n_bins)[kept] / n[kept]
    at = np.bincount(code, position, minlength=n_bins)[kept] / n[kept]
    sign = 1.0 if rising else -1.0
    return Curve(at, sign * monotone(sign * excess, n[kept].astype(np.float64)))


def positions(values: Floats, original: Floats, y: npt.NDArray[np.int64]) -> Floats:
    """Where values lie among the original images of their class.

    Parameters
    ----------
    values : ndarray of float64, shape (N,)
        A feature of the images, moved or not.
    original : ndarray of float64, shape (N,)
        The same of the original images.
    y : ndarray of int64, shape (N,)
        True classes.

    Returns
    -------
    ndarray of float64, shape (N,)
        Share of the class's originals that lie below, ties counted by half: the middle of the
        rank, so that the originals themselves have mean ½. NaN for NaN.

    Examples
    --------
    >>> original = np.array([1.0, 2.0, 3.0, 4.0])
    >>> positions(original, original, np.zeros(4, dtype=int)).tolist()
    [0.125, 0.375, 0.625, 0.875]
    >>> positions(original - 1.5, original, np.zeros(4, dtype=int)).tolist()
    [0.0, 0.0, 0.25, 0.5]
    """
    found = np.full(len(values), np.nan)
    order = np.argsort(y, kind="stable")
    later = np.flatnonzero(np.diff(y[order]) > 0) + 1
    for mine in np.split(order, later):
        known = np.sort(original[mine][~np.isnan(original[mine])])
        if not len(known):
            continue
        there = ~np.isnan(values[mine])
        asked = values[mine][there]
        below = np.searchsorted(known, asked, side="left")
        up_to = np.searchsorted(known, asked, side="right")
        found[mine[there]] = (below + up_to) / (2 * len(known))
    return found


def monotone(values: Floats, weights: Floats) -> Floats:
    """Nearest non-decreasing values: neighbours that fall are pooled.

    Parameters
    ----------
    values, weights : ndarray of float64, shape (K,)
        Weights above 0.

    Returns
    -------
    ndarray of float64, shape (K,)

    References
    ----------
    Ayer, Brunk, Ewing, Reid & Silverman (1955), Annals of Mathematical Statistics 26:641.

    Examples
    --------
    >>> monotone(np.array([1.0, 3.0, 2.0, 4.0]), np.array([1.0, 1.0, 3.0, 1.0])).tolist()
    [1.0, 2.25, 2.25, 4.0]
    """
    pools: list[tuple[float, float, int]] = []  # mean, weight, number of values
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        pools.append((value, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, u, i), (b, v, j) = pools[-2:]
            pools[-2:] = [((a * u + b * v) / (u + v), u + v, i + j)]
    return np.repeat([pool[0] for pool in pools], [pool[2] for pool in pools])
