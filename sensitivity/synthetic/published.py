"""Predictions that reproduce a published sensitivity table exactly.

Source: the help page of Huawei Cloud's ModelArts on model evaluation and test-time
augmentation, table 1, "sensitivity to image clarity": a classifier of solar cells (class 0
normal, class 1 defective) judged on 1,110 cells in five equal bins of sharpness. The page gives
F1 per class and bin, and overall recalls of 97.2 and 71.3 %. The ten F1 values leave one
possibility for the counts of each bin, 222 cells; the recalls fix 21 false positives and 102
false negatives in all, but not their bins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import OptionError
from .dials import Random, generator

#: F1 of class 0 and class 1 in each bin, from the least to the most sharp, as published.
PUBLISHED_F1 = (
    (0.7929, 0.8816, 0.9363, 0.9462, 0.9751),
    (0.8727, 0.7429, 0.7229, 0.7912, 0.7619),
)

#: Population standard deviation of each class's five values, as published.
PUBLISHED_STD = (0.0643, 0.0523)

TRUE_NEGATIVES = (67, 134, 169, 167, 196)
TRUE_POSITIVES = (120, 52, 30, 36, 16)
ERRORS = (35, 36, 23, 19, 10)
FALSE_POSITIVES = 21


@dataclass(frozen=True, eq=False)
class Published:
    """The three lists, the column ``sharpness``, and the counts they were made from.

    Attributes
    ----------
    pred_list, label_list : array of int64, 1,110
        Predicted and true class, 0 or 1.
    name_list : list of str
        Made-up names; there are no such files.
    columns : pandas.DataFrame
        ``sharpness``, distinct made-up values in the order of the published bins.
    counts : pandas.DataFrame
        One row per bin: ``bin`` (0…4), ``tn``, ``tp``, ``fp``, ``fn``; positive is class 1.
    """

    pred_list: npt.NDArray[np.int64]
    label_list: npt.NDArray[np.int64]
    name_list: list[str]
    columns: pd.DataFrame
    counts: pd.DataFrame


def published_table(split: str | Sequence[int] = "proportional", *, rng: Random = 0) -> Published:
    """Make predictions that give the published table to its four decimals.

    F1 of either class is the same however a bin's errors split into false positives and false
    negatives, so every `split` gives the same ten values and the same two standard deviations;
    recall, precision and the number of cells of each class differ.

    Parameters
    ----------
    split : str or sequence of int, default "proportional"
        "proportional": 21 false positives and 102 false negatives, as published, shared over
        the bins in proportion to their errors (largest remainder; the totals and every bin's
        number of errors are kept exactly: 6, 6, 4, 3, 2). "fp" or "fn": every error is a false
        positive, or a false negative, which keeps the F1 but not the published recalls.
        Or the number of false positives in each of the five bins.
    rng : int or numpy.random.Generator, default 0
        Seed or generator of the order of the rows and of the values within a bin.

    Returns
    -------
    Published
        The lists, the column and the counts.

    Raises
    ------
    OptionError
        The split is unknown, or has more false positives than a bin has errors.

    Examples
    --------
    >>> table = published_table()
    >>> table.counts["fp"].tolist(), table.counts["fn"].tolist()
    ([6, 6, 4, 3, 2], [29, 30, 19, 16, 8])
    >>> len(table.name_list), int(table.label_list.sum())
    (1110, 356)
    """
    errors = np.array(ERRORS)
    false_positives = _false_positives(split, errors)
    counts = pd.DataFrame(
        {
            "bin": range(len(ERRORS)),
            "tn": TRUE_NEGATIVES,
            "tp": TRUE_POSITIVES,
            "fp": false_positives,
            "fn": errors - false_positives,
        }
    )
    cells = counts[["tn", "tp", "fp", "fn"]].to_numpy()
    label = np.repeat(np.tile([0, 1, 0, 1], len(counts)), cells.ravel())
    predicted = np.repeat(np.tile([0, 1, 1, 0], len(counts)), cells.ravel())
    bins = np.repeat(counts["bin"].to_numpy(), cells.sum(axis=1))

    random = generator(rng)
    rows = random.permutation(len(bins))  # files are not sorted by outcome, nor are bins within
    label, predicted, bins = label[rows], predicted[rows], bins[rows]
    sharpness = np.empty(len(bins))
    within = random.permutation(len(bins))  # nor is the order of the files that of the values
    sharpness[np.lexsort((within, bins))] = np.geomspace(20.0, 5000.0, len(bins)).round(3)
    return Published(
        pred_list=predicted.astype(np.int64),
        label_list=label.astype(np.int64),
        name_list=[f"cells/{number:04d}.png" for number in range(len(bins))],
        columns=pd.DataFrame({"sharpness": sharpness}),
        counts=counts,
    )


def _false_positives(split: str | Sequence[int], errors: npt.NDArray[np.int64]) -> list[int]:
    if split == "proportional":
        return _largest_remainder(errors, FALSE_POSITIVES)
    if split in ("fp", "fn"):
        return [int(count) if split == "fp" else 0 for count in errors]
    if isinstance(split, str):
        raise OptionError("split", "expected proportional, fp, fn or five counts", got=split)
    given = [int(count) for count in split]
    if len(given) != len(errors) or any(
        not 0 <= count <= limit for count, limit in zip(given, errors, strict=True)
    ):
        limits = ", ".join(str(count) for count in errors)
        got = ", ".join(str(count) for count in given)
        raise OptionError("split", f"expected five counts of at most {limits}", got=got)
    return given


def _largest_remainder(weights: npt.NDArray[np.int64], total: int) -> list[int]:
    """Share `total` in proportion to `weights`, in whole numbers that add up to it."""
    exact = weights * total / weights.sum()
    shares = np.floor(exact).astype(np.int64)
    first = np.argsort(shares - exact, kind="stable")[: total - int(shares.sum())]
    shares[first] += 1
    return [int(share) for share in shares]
