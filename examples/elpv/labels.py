"""Names, labels and the split of the ELPV solar cells, read from the installed package.

Needs numpy only: neither torch nor the package `elpv_dataset` itself is imported, and no
photo is opened. The cells with defect probability 0 are class 0 (normal), those with
probability 1 are class 1 (defective); the cells in between (1/3 and 2/3) are left out.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

CLASS_NAMES = {"0": "normal", "1": "defective"}
SEED = 20240
N_TRAINING = (754, 358)
"""Cells of class 0 and class 1 to train on; all the others of that class are judged."""

_INSTALL = "pip install elpv-dataset==1.0.0.post1"
_CLASS_OF = {0.0: 0, 1.0: 1}


def folder() -> Path:
    """Folder of the installed data set, to which the names are relative.

    Returns
    -------
    Path
        The folder that holds `labels.csv` and `images/`.

    Raises
    ------
    FileNotFoundError
        If the package `elpv-dataset` is not installed or has no `labels.csv`.
    """
    spec = find_spec("elpv_dataset")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the ELPV solar cells are not installed: {_INSTALL}")
    data = Path(spec.submodule_search_locations[0]) / "data"
    if not (data / "labels.csv").is_file():
        raise FileNotFoundError(f"no labels.csv in {data}: {_INSTALL}")
    return data


def _read(data: Path) -> tuple[list[str], np.ndarray]:
    """Read names and classes of the cells of probability 0 or 1, in the file's order."""
    names: list[str] = []
    classes: list[int] = []
    text = (data / "labels.csv").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != 3:
            raise ValueError(f"labels.csv, line {number}: 3 fields expected, {len(fields)} found")
        label = _CLASS_OF.get(float(fields[1]))
        if label is not None:
            names.append(fields[0])
            classes.append(label)
    return names, np.array(classes, dtype=np.int64)


def pick(labels: np.ndarray, counts: tuple[int, ...], seed: int) -> np.ndarray:
    """Draw a fixed number of cells of each class.

    Each class is ordered by raw numbers of a seeded PCG64, whose stream does not change
    between numpy versions, and the first `counts[c]` of class `c` are picked.

    Parameters
    ----------
    labels : ndarray of int
        The class of each cell.
    counts : tuple of int
        How many cells to pick of class 0, 1, ...
    seed : int
        Seed of the draw.

    Returns
    -------
    ndarray of bool
        True for the picked cells.
    """
    keys = np.random.PCG64(seed).random_raw(len(labels))
    picked = np.zeros(len(labels), dtype=bool)
    for label, count in enumerate(counts):
        members = np.flatnonzero(labels == label)
        if count > len(members):
            raise ValueError(f"class {label} has {len(members)} cells, {count} asked for")
        picked[members[np.argsort(keys[members], kind="stable")[:count]]] = True
    return picked


def _part(*, of_training: bool) -> tuple[list[str], np.ndarray, Path]:
    """Names, labels and folder of one side of the split."""
    data = folder()
    names, labels = _read(data)
    chosen = pick(labels, N_TRAINING, SEED) == of_training
    return [name for name, c in zip(names, chosen, strict=True) if c], labels[chosen], data


def training() -> tuple[list[str], np.ndarray, Path]:
    """Cells that the model was trained on.

    Returns
    -------
    names : list of str
        File names relative to `folder`, such as ``images/cell0001.png``.
    labels : ndarray of int64
        Class of each cell: 0 normal, 1 defective.
    folder : Path
        Folder of the installed data set.
    """
    return _part(of_training=True)


def judged() -> tuple[list[str], np.ndarray, Path]:
    """Cells that the model never saw, to judge it on.

    Returns
    -------
    names : list of str
        File names relative to `folder`, such as ``images/cell0001.png``.
    labels : ndarray of int64
        Class of each cell: 0 normal, 1 defective.
    folder : Path
        Folder of the installed data set.
    """
    return _part(of_training=False)


if __name__ == "__main__":
    names, labels, data = judged()
    print("name,label")
    for name, label in zip(names, labels, strict=True):
        print(f"{name},{CLASS_NAMES[str(label)]}")
    print(f"photos: {data}", file=sys.stderr)
