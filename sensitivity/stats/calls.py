"""Which class is called which: counts and rates of the pairs that occur."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .ranks import Floats, Integers

Counts = npt.NDArray[np.int64]

#: True class × predicted class. Of many classes nearly all pairs are never confused.
Sparse = sparse.csc_array


def pair_counts(y: Integers, predicted: Integers, n: Counts, n_classes: int) -> Sparse:
    """Samples of each pair of true and predicted class that occurs.

    Parameters
    ----------
    y, predicted : ndarray of int, shape (M,)
        True and predicted class.
    n : ndarray of int64, shape (M,)
        Samples; what stands of a pair more than once is added up.
    n_classes : int
        C.

    Returns
    -------
    sparse array of int64, shape (C, C)
        ``counts[true, predicted]``.

    Examples
    --------
    >>> pair_counts(np.array([0, 0]), np.array([1, 1]), np.array([2, 3]), 2).toarray()
    array([[0, 5],
           [0, 0]])
    """
    return sparse.csc_array((n, (y, predicted)), shape=(n_classes, n_classes))


def call_noise(rates: Sparse) -> Sparse:
    """Q(1 - Q): the variance of one sample's call.

    Parameters
    ----------
    rates : sparse array of float64, shape (C, C)
        Q.

    Returns
    -------
    sparse array of float64, shape (C, C)

    Examples
    --------
    >>> call_noise(sparse.csc_array([[0.0, 0.2], [0.5, 0.0]])).toarray()
    array([[0.  , 0.16],
           [0.25, 0.  ]])
    """
    found = rates.copy()
    found.data *= 1 - found.data
    return found


def call_rates(counts: Sparse) -> tuple[Floats, Floats, Sparse]:
    """Recall, F1 and the rates of false calls.

    Parameters
    ----------
    counts : sparse array of int64, shape (C, C)
        ``counts[true, predicted]``.

    Returns
    -------
    recall, f1 : ndarray of float64, shape (C,)
        NaN for classes without samples (and, for F1, without predictions).
    rates : sparse array of float64, shape (C, C)
        Q with a zero diagonal; 0 for classes without samples.

    Examples
    --------
    >>> recall, _, rates = call_rates(sparse.csc_array([[3, 1], [0, 2]]))
    >>> recall, rates.toarray()
    (array([0.75, 1.  ]), array([[0.  , 0.25],
           [0.  , 0.  ]]))
    """
    n, called = (np.asarray(counts.sum(axis=axis)).ravel() for axis in (1, 0))
    hits = counts.diagonal()
    with np.errstate(divide="ignore", invalid="ignore"):
        recall = hits / n
        f1 = 2 * hits / (n + called)
    pairs = counts.tocoo()
    true, predicted = pairs.coords
    false = true != predicted
    share = (pairs.data / n[true])[false]
    rates = sparse.csc_array((share, (true[false], predicted[false])), shape=counts.shape)
    return recall, f1, rates
