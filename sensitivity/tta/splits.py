"""Which images are fitted on and which are judged: folds, and three parts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..errors import InputError, OptionError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Scores = npt.NDArray[np.floating]

CROSS_FITTED, THREE_SPLITS = "cross-fitted", "three splits"

#: From this many images, and groups, on a third of them is enough to judge.
MANY_IMAGES = 2000
MANY_GROUPS = 30

#: The parts of three splits: where weak bins and views are sought, where weights are fitted,
#: and where the outcome is judged.
SEEK, FIT, JUDGE = 0, 1, 2


def design(n: int, groups: npt.ArrayLike | None = None) -> str:
    """How the recipe is fitted and judged without one looking at the other's images.

    Parameters
    ----------
    n : int
        Number of images.
    groups : array_like, shape (N,), optional
        What belongs together.

    Returns
    -------
    {"cross-fitted", "three splits"}
        Below 2,000 images, and below 30 groups, every image is judged by a recipe that was made
        on other folds: a third of them would be too few to judge.

    Examples
    --------
    >>> design(1999), design(2000), design(2000, np.arange(2000) % 8)
    ('cross-fitted', 'three splits', 'cross-fitted')
    """
    few = groups is not None and len(np.unique(np.asarray(groups))) < MANY_GROUPS
    return CROSS_FITTED if n < MANY_IMAGES or few else THREE_SPLITS


def make_folds(
    y: Ints,
    groups: npt.ArrayLike | None = None,
    n_folds: int = 5,
    rng: int | np.random.Generator = 0,
) -> Ints:
    """Random folds with the same mix of classes, groups kept whole.

    Parameters
    ----------
    y : ndarray of int64, shape (N,)
        True class, from 0.
    groups : array_like, shape (N,), optional
        What belongs together.
    n_folds : int, default 5
        At least 2.
    rng : int or numpy.random.Generator, default 0
        Seed or generator.

    Returns
    -------
    ndarray of int64, shape (N,)
        0 … K-1, none empty; K is `n_folds`, or the number of images or groups if that is less. A
        single group, which cannot be split, is one fold: nothing can be judged then.
        Without groups the images of a class differ by one at most between folds, and so do all
        images. With groups the largest are dealt first, each to the fold that has least of its
        classes: a giant group fills a fold by itself. A class with fewer images, or groups, than
        folds is missing in some.

    Raises
    ------
    OptionError
        Fewer than 2 folds.
    InputError
        Groups that are not one per image.

    Examples
    --------
    >>> y = np.repeat([0, 1], [6, 3])
    >>> folds = make_folds(y, n_folds=3)
    >>> np.bincount(folds[:6]).tolist(), np.bincount(folds[6:]).tolist()
    ([2, 2, 2], [1, 1, 1])
    """
    if n_folds < 2:
        raise OptionError("folds", "expected 2 or more", got=str(n_folds))
    random = np.random.default_rng(rng)
    n = len(y)
    if groups is None:
        return _dealt(y, min(n_folds, n), random)
    found, codes = np.unique(np.asarray(groups), return_inverse=True)
    if codes.shape != y.shape:
        raise InputError("groups", f"expected {n:,} values", got=str(codes.shape))
    if len(found) == n:
        return _dealt(y, min(n_folds, n), random)
    return _dealt_groups(y, codes.astype(np.int64), min(n_folds, len(found)), random)


def three_way(
    y: Ints, groups: npt.ArrayLike | None = None, rng: int | np.random.Generator = 0
) -> Ints:
    """Three random parts with the same mix of classes, groups kept whole.

    Parameters
    ----------
    y : ndarray of int64, shape (N,)
        True class, from 0.
    groups : array_like, shape (N,), optional
        What belongs together.
    rng : int or numpy.random.Generator, default 0
        Seed or generator.

    Returns
    -------
    ndarray of int64, shape (N,)
        0: weak bins and views are sought here (``SEEK``); 1: weights are fitted (``FIT``); 2: the
        outcome is judged (``JUDGE``). With groups of unequal size the part that is judged is not
        the smallest.

    Raises
    ------
    InputError
        Fewer than 3 images or groups.

    Examples
    --------
    >>> np.bincount(three_way(np.repeat([0, 1], 15))).tolist()
    [10, 10, 10]
    """
    parts = make_folds(y, groups, 3, rng)
    sizes = np.bincount(parts)
    if len(sizes) < 3:
        what = "images" if groups is None else "groups"
        raise InputError(what, "expected 3 or more for three parts", got=str(len(sizes)))
    # A giant group makes one part large: it seeks, the next largest judges.
    order = np.argsort(-sizes, kind="stable")
    role = np.empty(3, dtype=np.int64)
    role[order] = (SEEK, JUDGE, FIT)
    return role[parts]


def cross_fitted(
    z0: Scores,
    folds: Ints,
    fitted: Callable[[npt.NDArray[np.bool_]], Callable[[Scores], Floats]],
) -> tuple[Floats, Floats]:
    """Scores of a recipe that was made on other images than it scores.

    Parameters
    ----------
    z0 : ndarray of float, shape (N, C)
        What the recipe changes.
    folds : ndarray of int, shape (N,)
        Fold of each image.
    fitted : callable
        From a mask of the images to fit on to a function of scores.

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
    >>> z0 = np.array([[1.0], [3.0]])
    >>> centred = lambda rows: lambda scores: scores - z0[rows].mean()
    >>> [x.ravel().tolist() for x in cross_fitted(z0, np.array([0, 1]), centred)]
    [[-2.0, 2.0], [-1.0, 1.0]]
    """
    known = np.unique(folds)
    if len(known) < 2:
        raise InputError("folds", "expected two or more", got=str(len(known)))
    scores = np.empty(z0.shape)
    for fold in known:
        held_out = folds == fold
        scores[held_out] = fitted(~held_out)(z0[held_out])
    return scores, fitted(np.ones(len(folds), dtype=np.bool_))(z0)


def _dealt(y: Ints, n_folds: int, rng: np.random.Generator) -> Ints:
    """Class after class, in random order, dealt round and round without starting anew."""
    if not len(y):
        return np.zeros(0, dtype=np.int64)
    order = rng.permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    folds = np.empty(len(y), dtype=np.int64)
    folds[order] = np.arange(len(y)) % n_folds
    return rng.permutation(n_folds)[folds]


def _dealt_groups(y: Ints, groups: Ints, n_folds: int, rng: np.random.Generator) -> Ints:
    """The largest group first, each to the fold that has least of what it brings."""
    n_classes = int(y.max()) + 1
    keys, counts = np.unique(groups * n_classes + y, return_counts=True)
    owner, label = keys // n_classes, keys % n_classes
    sizes = np.bincount(groups)
    start = np.searchsorted(owner, np.arange(len(sizes) + 1))
    # Every class weighs the same whatever its size; all images together are one more.
    scale = np.append(
        1 / np.maximum(np.bincount(y, minlength=n_classes), 1) ** 2.0, 1 / len(y) ** 2
    )
    held = np.zeros((n_folds, n_classes + 1))
    fold_of = np.empty(len(sizes), dtype=np.int64)
    shuffled = rng.permutation(len(sizes))
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        part = slice(start[group], start[group + 1])
        places = np.append(label[part], n_classes)
        brought = np.append(counts[part], sizes[group])
        crowd = held[:, places] @ (brought * scale[places])
        fold = int(np.argmin(crowd))
        fold_of[group] = fold
        held[fold, places] += brought
    return rng.permutation(n_folds)[fold_of][groups]
