"""Labels from class folders, and names found again by their paths.

A folder per class, as torchvision's ``ImageFolder`` reads it: the classes are the sorted
names of the folders, every file beneath one belongs to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..errors import InputError

_AMBIGUOUS = -1


class PathIndex:
    r"""Paths with a value each, found again by the whole path or by an end of it.

    Parameters
    ----------
    paths : sequence of str
        Known paths; ``/`` or ``\`` between the parts.
    values : sequence of int
        One value ≥ 0 per path: a class, or the path's own number.
    what : str
        How messages call the known paths.

    Examples
    --------
    >>> index = PathIndex(["cat/1.jpg", "dog/2.jpg"], [0, 1], "labels")
    >>> index.find(["/data/val/cat/1.jpg", "2.jpg"]).tolist()
    [0, 1]
    """

    def __init__(self, paths: Sequence[str], values: Sequence[int], what: str) -> None:
        self._what = what
        self._paths = [_unified(path) for path in paths]
        self._values = values
        self._whole: dict[str, int] = {}  # path → its number
        self._ends_by_depth: dict[int, dict[str, int]] = {}
        for number, path in enumerate(self._paths):
            self._put(self._whole, path, number)

    def find(self, names: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return the value of each name.

        A name is found by its whole path; by an end of it that is a known path; or by its
        base name, provided that it is unique and the name's folder is none of the known ones
        (which would say otherwise).

        Parameters
        ----------
        names : sequence of str
            N names.

        Returns
        -------
        numpy.ndarray of int64
            N values.

        Raises
        ------
        InputError
            Names that are not found, or fit paths of different value: how many, the first.

        Examples
        --------
        >>> PathIndex(["cat/1.jpg", "dog/1.jpg"], [0, 1], "labels").find(["dog/1.jpg"])
        array([1])
        """
        known = self._whole
        found = [known.get(name) for name in names]
        for row, number in enumerate(found):
            if number is None:
                found[row] = self._by_end(_unified(names[row]))
        self._check_found(names, [row for row, number in enumerate(found) if number is None])
        numbers = [number for number in found if number is not None]
        self._check_unambiguous(names, numbers)
        return np.array([self._values[number] for number in numbers], dtype=np.int64)

    def _by_end(self, name: str) -> int | None:
        for start in _starts(name):
            number = self._whole.get(name[start:])
            if number is not None:
                return number
        number = self._ends(name.count("/") + 1).get(name)
        if number is not None or "/" not in name:
            return number
        folder, base = name.split("/")[-2:]
        return None if folder in self._folders else self._ends(1).get(base)

    def _ends(self, depth: int) -> dict[str, int]:
        """Map the last `depth` parts of each path that has more to its number."""
        if depth not in self._ends_by_depth:
            ends: dict[str, int] = {}
            for number, path in enumerate(self._paths):
                parts = path.rsplit("/", depth)
                if len(parts) > depth:
                    self._put(ends, path[len(parts[0]) + 1 :], number)
            self._ends_by_depth[depth] = ends
        return self._ends_by_depth[depth]

    @cached_property
    def _folders(self) -> set[str]:
        return {path.split("/")[-2] for path in self._paths if "/" in path}

    def _put(self, known: dict[str, int], path: str, number: int) -> None:
        first = known.setdefault(path, number)
        if first != _AMBIGUOUS and self._values[first] != self._values[number]:
            known[path] = _AMBIGUOUS

    def _check_found(self, names: Sequence[str], missing: Sequence[int]) -> None:
        if missing:
            raise InputError(
                "names",
                f"expected each one among the {self._what}",
                got=f"{len(missing):,} of {len(names):,} that are not",
                where=f"first: row {missing[0]}, {names[missing[0]]!r}",
            )

    def _check_unambiguous(self, names: Sequence[str], numbers: Sequence[int]) -> None:
        if _AMBIGUOUS in numbers:
            row, count = numbers.index(_AMBIGUOUS), numbers.count(_AMBIGUOUS)
            base = _unified(names[row]).rpartition("/")[2]
            fits = [path for path in self._paths if path.rpartition("/")[2] == base]
            rule = f"expected names that fit one path each among the {self._what}"
            got = f"{names[row]!r} for {fits[0]} and {fits[-1]}"
            raise InputError("names", rule, got=got, where=f"row {row}; {count:,} such rows")

        if len(set(numbers)) == len(numbers):
            return
        first_name: dict[int, str] = {}
        for row, (name, number) in enumerate(zip(names, numbers, strict=True)):
            other = first_name.setdefault(number, name)
            if _unified(other) != _unified(name):
                rule = f"expected a path of its own for each name among the {self._what}"
                got = f"{other!r} and {name!r} for {self._paths[number]}"
                raise InputError("names", rule, got=got, where=f"row {row}")


def labels_from_folder(
    folder: str | os.PathLike[str], names: Sequence[str]
) -> tuple[npt.NDArray[np.int64], dict[int, str]]:
    """Return the true classes of named images from the class folders that hold them.

    Parameters
    ----------
    folder : path
        Holds one folder per class, each with images at any depth.
    names : sequence of str
        N paths, relative to `folder` or longer, or base names that are unique.

    Returns
    -------
    labels : numpy.ndarray of int64
        N indices into the sorted names of the class folders, as torchvision numbers them.
    label_map : dict of int to str
        The names of all class folders.

    Raises
    ------
    InputError
        No class folders, names that are not found, or base names that occur in several.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> for name in ("dog/1.jpg", "cat/2.jpg"):
    ...     (root / name).parent.mkdir()
    ...     (root / name).touch()
    >>> labels_from_folder(root, ["1.jpg", "cat/2.jpg"])
    (array([1, 0]), {0: 'cat', 1: 'dog'})
    """
    root = Path(folder)
    if not root.is_dir():
        raise InputError("labels", "expected a folder with a folder per class", got=str(folder))
    classes = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
    paths, values = [], []
    for value, name in enumerate(classes):
        below = files_below(root / name)
        paths += [f"{name}/{path}" for path in below]
        values += [value] * len(below)
    if not paths:
        raise InputError(
            "labels", "expected a folder per class, with files", got="none", where=str(folder)
        )
    what = f"files in {root.name or folder}"
    return PathIndex(paths, values, what).find(names), dict(enumerate(classes))


def relative_to_images(names: Sequence[str], images: Path) -> list[str]:
    """Return base names as paths relative to the folder that holds them at some depth.

    Parameters
    ----------
    names : sequence of str
        N names. Names with a folder part, or found in `images` itself, stay as they are.
    images : Path
        The folder of the images.

    Returns
    -------
    list of str
        N names; those found nowhere stay as they are.

    Raises
    ------
    InputError
        A base name that occurs in several folders (how many, the first).

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> (root / "cat").mkdir()
    >>> (root / "cat" / "1.jpg").touch()
    >>> relative_to_images(["1.jpg", "nowhere.jpg"], root)
    ['cat/1.jpg', 'nowhere.jpg']
    """
    is_elsewhere = ["/" not in n and "\\" not in n and not (images / n).exists() for n in names]
    if not any(is_elsewhere):
        return list(names)
    paths = files_below(images)
    bases = {path.rpartition("/")[2] for path in paths}
    wanted = [row for row, name in enumerate(names) if is_elsewhere[row] and name in bases]
    found = PathIndex(paths, range(len(paths)), f"files in {images.name or images}").find(
        [names[row] for row in wanted]
    )
    result = list(names)
    for row, index in zip(wanted, found.tolist(), strict=True):
        result[row] = paths[index]
    return result


def files_below(folder: Path) -> list[str]:
    """Return the paths of all files at any depth, relative to `folder`, with ``/``.

    Parameters
    ----------
    folder : Path
        An existing folder; links to folders are followed.

    Returns
    -------
    list of str
        Sorted by folder, then by name.

    Examples
    --------
    >>> import tempfile
    >>> files_below(Path(tempfile.mkdtemp()))
    []
    """
    paths: list[str] = []
    for parent, folders, files in os.walk(folder, followlinks=True):
        folders.sort()
        inner = os.path.relpath(parent, folder).replace(os.sep, "/")
        prefix = "" if inner == "." else f"{inner}/"
        paths += [prefix + name for name in sorted(files)]
    return paths


def _unified(path: str) -> str:
    unified = path.replace("\\", "/")
    return unified.removeprefix("./")


def _starts(path: str) -> Iterator[int]:
    """Yield where the whole path and each shorter end of it begins."""
    start = 0
    while start >= 0:
        yield start
        slash = path.find("/", start)
        start = slash + 1 if slash >= 0 else -1
