"""The least of a convex function of numbers that are 0 or more, by Newton's method."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.optimize import nnls

Floats = npt.NDArray[np.float64]

#: Steps before it gives up; from a cold start about 8 are taken.
_STEPS = 100

#: It ends where the next step promises less.
_ENOUGH = 1e-14


class Curved(Protocol):
    """A convex function with its slope, and if asked for its curvature."""

    def __call__(self, u: Floats, *, curved: bool) -> tuple[float, Floats, Floats]:
        """Value, slope (M,) and curvature (M, M), or an empty array."""


def minimise_above_zero(loss: Curved, pull: Floats, start: Floats, most: float) -> Floats | None:
    """Minimise ``loss(u) + ½ u' pull u`` over u ≥ 0.

    Parameters
    ----------
    loss : callable
        Convex.
    pull : ndarray of float64, shape (M, M)
        Positive semidefinite.
    start : ndarray of float64, shape (M,)
        0 or more.
    most : float
        Where a number grows beyond it, the search is given up.

    Returns
    -------
    ndarray of float64, shape (M,), or None
        None: not found, as where the function falls without end.

    Notes
    -----
    Each step goes to the least of the function's parabola over u ≥ 0, which is a problem of
    non-negative least squares, and is halved until the function falls.

    Examples
    --------
    >>> def distance(u, *, curved):
    ...     off = u - np.array([1.0, -1.0])
    ...     return float(off @ off), 2 * off, 2 * np.eye(2)
    >>> minimise_above_zero(distance, np.zeros((2, 2)), np.ones(2), 10.0).round(6).tolist()
    [1.0, 0.0]
    """
    u, eye = start, np.eye(len(start))
    for _ in range(_STEPS):
        value, slope, curve = loss(u, curved=True)
        curve = curve + pull
        value, slope = value + 0.5 * float(u @ pull @ u), slope + pull @ u
        # A trace more curvature changes the way, not the end.
        curve += max(1e-10 * float(np.trace(curve)) / len(u), 1e-14) * eye
        try:
            root = np.linalg.cholesky(curve)
            goal, _ = nnls(root.T, solve_triangular(root, curve @ u - slope, lower=True))
        except (np.linalg.LinAlgError, RuntimeError):
            return None
        step = goal - u
        promised = -float(slope @ step)
        if promised <= _ENOUGH * max(1.0, abs(value)):
            return np.maximum(goal, 0.0) if goal.max() <= most else None
        moved = _halved(loss, pull, u, step, value, promised)
        if moved is None:
            return u
        if moved.max() > most:
            return None
        u = moved
    return None


def _halved(
    loss: Curved, pull: Floats, u: Floats, step: Floats, value: float, promised: float
) -> Floats | None:
    """As much of the step as makes the function fall; None where rounding hides it."""
    for _ in range(40):
        moved: Floats = np.maximum(u + step, 0.0)
        now = loss(moved, curved=False)[0] + 0.5 * float(moved @ pull @ moved)
        if now <= value - 1e-4 * promised:
            return moved
        step, promised = step / 2, promised / 2
    return None
