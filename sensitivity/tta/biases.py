"""The same predictions with a temperature and a shift of every class: no further pass."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from .splits import cross_fitted
from .tallies import log_evidence

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Scores = npt.NDArray[np.floating]

#: Prior variance of a fitted log-odds shift: weak, but no class without images runs away.
_PRIOR_VARIANCE = 1.0


def fit_bias(z0: Scores, y: Ints) -> tuple[float, Floats]:
    """Temperature and a shift of every class, by cross-entropy: all that costs no pass.

    Minimises ``mean(-log softmax(a z0 + b)_y) + |b|² / (2 N)`` over a ≥ 0 and b: convex. The
    second term is a normal prior of b with variance 1; it hardly counts but for classes with
    few images.

    Parameters
    ----------
    z0 : ndarray of float, shape (N, C)
        Scores of the original.
    y : ndarray of int64, shape (N,)

    Returns
    -------
    a : float
        1 / temperature; 1 for no images.
    b : ndarray of float64, shape (C,)
        Sums to 0.

    Examples
    --------
    >>> y = np.repeat([0, 1], [750, 250])
    >>> a, b = fit_bias(np.zeros((1000, 2)), y)
    >>> round(float(b[0] - b[1]), 2)
    1.1
    """
    from scipy.optimize import minimize

    n, n_classes = z0.shape
    if not n:
        return 1.0, np.zeros(n_classes)
    z, rows = np.asarray(z0, dtype=np.float64), np.arange(n)
    z = z - z.mean(axis=1, keepdims=True)
    share = np.bincount(y, minlength=n_classes) / n

    def loss(theta: Floats) -> tuple[float, Floats]:
        scores = theta[0] * z + theta[1:]
        evidence = log_evidence(scores)
        chance = np.exp(scores - evidence[:, None])
        b = theta[1:]
        value = (evidence - scores[rows, y]).mean() + b @ b / (2 * n * _PRIOR_VARIANCE)
        of_a = ((chance * z).sum(axis=1) - z[rows, y]).mean()
        of_b = chance.mean(axis=0) - share + b / (n * _PRIOR_VARIANCE)
        return float(value), np.append(of_a, of_b)

    start = np.append(1.0, np.zeros(n_classes))
    limits = [(0.0, None)] + [(None, None)] * n_classes
    settings = {"maxiter": 500, "gtol": 1e-8, "ftol": 1e-13}
    found = minimize(  # type: ignore[call-overload]
        loss, start, jac=True, method="L-BFGS-B", bounds=limits, options=settings
    )
    return float(found.x[0]), found.x[1:] - found.x[1:].mean()


def cross_fitted_bias(z0: Scores, y: Ints, folds: Ints) -> tuple[Floats, Floats]:
    """The original with the temperature and shifts of :func:`fit_bias`.

    Parameters
    ----------
    z0 : ndarray of float, shape (N, C)
    y : ndarray of int64, shape (N,)
    folds : ndarray of int, shape (N,)

    Returns
    -------
    scores, in_sample : ndarray of float64, shape (N, C)
        Out of fold, and fitted on all images.

    Raises
    ------
    InputError
        Fewer than two folds.

    Examples
    --------
    >>> y = np.tile([0, 0, 0, 1], 100)
    >>> scores, _ = cross_fitted_bias(np.zeros((400, 2)), y, np.arange(400) % 8 // 4)
    >>> np.round(scores[0, 0] - scores[0, 1], 1)
    np.float64(1.1)
    """

    def fitted(rows: npt.NDArray[np.bool_]) -> Callable[[Scores], Floats]:
        a, b = fit_bias(z0[rows], y[rows])
        return lambda scores: np.asarray(a * scores.astype(np.float64) + b)

    return cross_fitted(z0, folds, fitted)
