"""Do names and labels belong together? Class folders in the names tell.

Names taken from ``loader.dataset.samples`` are in the order of the data set; scores and
labels come in the order of the loader. With a shuffled loader they do not belong together,
and nothing else would show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import as_array

#: Fewer samples than this say nothing about a folder layout.
MIN_SAMPLES = 20

#: Share of names that may break the mapping before it is questioned.
TOLERATED = 0.01

#: Share that must follow a mapping of labels to folders for it to be one.
FOLLOWED = 0.9


def alignment_note(names: Iterable[str], labels: object) -> str | None:
    """Return a question about the loader when class folders disagree with the labels.

    The class folder of a name is the last folder of its path. The check applies when there
    are as many folders as labels, at least two, and :data:`MIN_SAMPLES` samples. It asks
    when at least :data:`TOLERATED` of the names break

    - a one-to-one mapping of labels to folders that at least :data:`FOLLOWED` of them follow,
    - or, without such a mapping, the order of the sorted folders, provided that the folders
      are surely classes: they bear the labels' names, or hold exactly as many files as the
      labels occur (what shuffling leaves unchanged).

    Parameters
    ----------
    names : iterable of str
        N paths.
    labels : array-like
        N labels, as numbers or names.

    Returns
    -------
    str or None
        One sentence, or None when nothing is suspicious or nothing can be said.

    Examples
    --------
    >>> names = [f"val/{folder}/{i}.jpg" for folder in ("cat", "dog") for i in range(50)]
    >>> alignment_note(names, [0] * 50 + [1] * 50) is None
    True
    >>> print(alignment_note(names, [0, 1] * 50))
    names: the class folders disagree with the labels for 50 of 100 samples (first: row 1, \
'val/cat/1.jpg' with label 1): was the loader shuffled while the names came from its data set?
    """
    names = list(names)
    given = as_array(labels, "labels", len(names))
    if len(names) < MIN_SAMPLES or given.shape not in ((len(names),), (len(names), 1)):
        return None
    folders = [name.replace("\\", "/").rpartition("/")[0].rpartition("/")[2] for name in names]
    if not all(folders):
        return None
    y, label_values = _coded(given.reshape(-1).tolist())
    folder, folder_values = _coded(folders)
    if len(folder_values) != len(label_values) or len(folder_values) < 2:
        return None

    broken = _breaks(folder, y, folder_values, label_values)
    if broken is None or broken.mean() < TOLERATED:
        return None
    row = int(broken.argmax())
    return (
        f"names: the class folders disagree with the labels for {broken.sum():,} of "
        f"{len(names):,} samples (first: row {row}, {names[row]!r} with label "
        f"{label_values[y[row]]}): was the loader shuffled while the names came from its data set?"
    )


def _breaks(
    folder: npt.NDArray[np.int64],
    y: npt.NDArray[np.int64],
    folder_values: list[str],
    label_values: list[str],
) -> npt.NDArray[np.bool_] | None:
    """Return which samples break the mapping; None where the folders need not be classes."""
    n = len(folder_values)
    pairs, counts = np.unique(y * n + folder, return_counts=True)
    by_count = pairs[np.argsort(counts, kind="stable")]
    majority = np.empty(n, dtype=np.int64)
    majority[by_count // n] = by_count % n  # the last, most frequent folder of a label stays
    broken: npt.NDArray[np.bool_] = majority[y] != folder
    is_one_to_one = len(set(majority.tolist())) == n
    if is_one_to_one and 1 - broken.mean() >= FOLLOWED:
        return broken

    sizes, supports = np.sort(np.bincount(folder)), np.sort(np.bincount(y))
    are_classes = folder_values == label_values or np.array_equal(sizes, supports)
    out_of_order: npt.NDArray[np.bool_] = folder != y
    return out_of_order if are_classes else None


def _coded(values: Sequence[Any]) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return indices into the sorted distinct values, and these as text."""
    distinct = sorted(set(values), key=lambda value: (isinstance(value, str), value))
    index_of = {value: index for index, value in enumerate(distinct)}
    codes = np.fromiter(map(index_of.__getitem__, values), dtype=np.int64, count=len(values))
    return codes, [f"{value:g}" if isinstance(value, float) else str(value) for value in distinct]
