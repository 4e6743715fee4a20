"""Class shares: those of the data, or the caller's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ..errors import InputError, did_you_mean, listed


def class_shares(
    prior: Mapping[str, float] | Sequence[float] | None,
    classes: Sequence[str],
    support: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Class shares: those of the data, or the caller's.

    Parameters
    ----------
    prior : mapping from class name, or sequence in class order, optional
        Shares summing to 1. None: the shares in the data.
    classes : sequence of str, length C
        Class names.
    support : ndarray of int64, shape (C,)
        Samples of each class.

    Returns
    -------
    ndarray of float64, shape (C,)
        Shares that sum to 1.

    Raises
    ------
    InputError
        Another number of shares, unknown classes, negative shares, a sum other than 1, or a
        share for a class that has no samples.

    Examples
    --------
    >>> class_shares({"ok": 0.9, "defect": 0.1}, ("ok", "defect"), np.array([50, 50]))
    array([0.9, 0.1])
    """
    if prior is None:
        return np.asarray(support / support.sum(), dtype=np.float64)
    if isinstance(prior, Mapping):
        unknown = sorted(set(map(str, prior)) - set(classes))
        if unknown:
            rule, near = (
                f"expected classes among {listed(classes)}",
                did_you_mean(unknown[0], classes),
            )
            raise InputError("prior", rule, got=unknown[0], where=near)
        by_name = {str(name): share for name, share in prior.items()}
        prior = [by_name.get(name, 0.0) for name in classes]
    try:
        shares = np.asarray(prior, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("prior", "expected numbers", got=repr(prior)) from None
    if shares.shape != (len(classes),):
        raise InputError("prior", f"expected {len(classes)} shares", got=str(shares.size))
    if not (shares >= 0).all() or abs(shares.sum() - 1) > 1e-6:
        raise InputError("prior", "expected shares ≥ 0 that sum to 1", got=str(shares.tolist()))
    for name, share, n in zip(classes, shares, support, strict=True):
        if share > 0 and n == 0:
            raise InputError("prior", "expected 0 for a class without samples", got=name)
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def label_shares(
    prior: Mapping[str, float] | Sequence[float] | None,
    classes: Sequence[str],
    support: npt.NDArray[np.int64],
    n: int,
) -> npt.NDArray[np.float64]:
    """Share of the images that have each label: those of the data, or the caller's.

    Parameters
    ----------
    prior : mapping from label, or sequence in label order, optional
        Shares, each between 0 and 1; labels that a mapping does not name keep that of the data.
    classes : sequence of str, length L
        Label names.
    support : ndarray of int64, shape (L,)
        Images that have each label.
    n : int
        Images.

    Returns
    -------
    ndarray of float64, shape (L,)

    Raises
    ------
    InputError
        Another number of shares, unknown labels, or shares outside 0…1.

    Examples
    --------
    >>> label_shares({"dog": 0.3}, ("cat", "dog"), np.array([5, 1]), 10)
    array([0.5, 0.3])
    """
    own = support / max(n, 1)
    if prior is None:
        return np.asarray(own, dtype=np.float64)
    if isinstance(prior, Mapping):
        unknown = sorted(set(map(str, prior)) - set(classes))
        if unknown:
            rule, near = (
                f"expected labels among {listed(classes)}",
                did_you_mean(unknown[0], classes),
            )
            raise InputError("prior", rule, got=unknown[0], where=near)
        by_name = {str(name): share for name, share in prior.items()}
        prior = [by_name.get(name, share) for name, share in zip(classes, own, strict=True)]
    try:
        shares = np.asarray(prior, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("prior", "expected numbers", got=repr(prior)) from None
    if shares.shape != (len(classes),):
        raise InputError("prior", f"expected {len(classes)} shares", got=str(shares.size))
    if not ((shares >= 0) & (shares <= 1)).all():
        raise InputError("prior", "expected shares between 0 and 1", got=str(shares.tolist()))
    return shares
