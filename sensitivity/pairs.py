"""Pairs: the images that two results have in common, and what either model said of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from .errors import InputError, ResultError
from .result import Analysis
from .stats.dependence import CLUSTER, natural_order

Rows = npt.NDArray[np.int64]

TASK = "image_classification"

NEIGHBOURS = (
    f"errors of images with neighbouring names are alike, and no groups are known: {CLUSTER} "
    "neighbouring names are taken as one group; analyse with groups (video, patient, module)"
)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Images that both results have, in the order of the first.

    Attributes
    ----------
    classes : tuple of str
        The C class names, in the order of the first result.
    rows_a, rows_b : ndarray of int64, shape (N,)
        Row of each image in either result.
    y, first, second : ndarray of int64, shape (N,)
        True class, and the class that either model calls, 0 … C-1.
    groups : ndarray of int64, shape (N,), or None
        Cluster of each image, 0 … G-1; None: images are taken as independent.
    dependence : {"groups", "blocks", "none"}
        Groups were given; errors of neighbours were found to be alike; neither.
    notes : tuple of str
        What was left out, and what to mind.
    """

    classes: tuple[str, ...]
    rows_a: Rows
    rows_b: Rows
    y: Rows
    first: Rows
    second: Rows
    groups: Rows | None
    dependence: str
    notes: tuple[str, ...]

    @property
    def change(self) -> Rows:
        """1 where only the second model is right, -1 where only the first is, else 0."""
        found: Rows = np.subtract(self.second == self.y, self.first == self.y, dtype=np.int64)
        return found

    @property
    def n_groups(self) -> int | None:
        """Number of clusters; None without groups."""
        return None if self.groups is None else int(self.groups.max()) + 1


def match(a: Analysis, b: Analysis) -> Pairs:
    """Match two results' images by name, repeated names in their order.

    Parameters
    ----------
    a, b : Analysis
        With their per-image tables.

    Returns
    -------
    Pairs
        At least one image.

    Raises
    ------
    ResultError
        A result has no per-image tables.
    InputError
        Other classes, several labels per image, no name in both, or an image whose true class
        differs.

    Examples
    --------
    >>> import sensitivity
    >>> a, b = (sensitivity.analyse([0, 1] * 20, [0, 1] * 20, names, features=(), save_path=None)
    ...         for names in ([f"{i}.png" for i in range(40)], [f"{i}.png" for i in range(2, 42)]))
    >>> pairs = match(a, b)
    >>> len(pairs.y), pairs.notes[0]
    (38, '2 images are only in the first result and 2 only in the second: they are left out')
    """
    check_classes(a, b)
    if a.settings["task"] != TASK:
        raise InputError("task", f"expected results of {TASK}", got=a.settings["task"])
    for which, analysis in (("first", a), ("second", b)):
        if not has_images(analysis):
            what = f"table outcomes of the {which} result"
            raise ResultError(what, "expected Parquet tables beside the JSON file")
    classes = tuple(a.settings["classes"])
    rows_a, rows_b, repeated = _matched(a.outcomes["name"], b.outcomes["name"])
    if not len(rows_a):
        first = " and ".join(str(x.outcomes["name"].iloc[0]) for x in (a, b))
        rule = "expected names that both results have, folders and all"
        raise InputError("names", rule, got=f"such as {first}")
    outcomes_a, outcomes_b = a.outcomes.iloc[rows_a], b.outcomes.iloc[rows_b]
    y = _codes(outcomes_a["class"], classes)
    _check_labels(y, _codes(outcomes_b["class"], classes), outcomes_a["name"], classes)
    groups = _groups(outcomes_a["group"], outcomes_b["group"])
    dependence = "none" if groups is None else "groups"
    if groups is None and any(_neighbours_alike(x) for x in (a, b)):
        dependence, groups = "blocks", _neighbours(outcomes_a["name"])
    return Pairs(
        classes,
        rows_a,
        rows_b,
        y,
        _codes(outcomes_a["predicted"], classes),
        _codes(outcomes_b["predicted"], classes),
        groups,
        dependence,
        _notes(a.settings["n"], b.settings["n"], len(y), repeated, dependence),
    )


def has_images(analysis: Analysis) -> bool:
    """Whether a result has its per-image tables.

    Parameters
    ----------
    analysis : Analysis
        Any result.

    Returns
    -------
    bool
        False for one that was read from its JSON file alone.

    Examples
    --------
    >>> import sensitivity
    >>> has_images(sensitivity.analyse([0, 1], [0, 1], ["a", "b"], features=(), save_path=None))
    True
    """
    n = analysis.settings["n"]
    return bool(len(analysis.outcomes) == n and len(analysis.features) == n)


def check_classes(a: Analysis, b: Analysis) -> None:
    """Refuse two results of other classes, or of another task.

    Parameters
    ----------
    a, b : Analysis
        Any results.

    Raises
    ------
    InputError
        A class name that only one of them has, or two tasks.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse([0, 1], [0, 1], ["a", "b"], features=(), save_path=None)
    >>> check_classes(analysis, analysis)
    """
    tasks = [analysis.settings["task"] for analysis in (a, b)]
    if tasks[0] != tasks[1]:
        raise InputError("task", "expected the same in both results", got=" and ".join(tasks))
    first, second = set(a.settings["classes"]), set(b.settings["classes"])
    if first != second:
        told = [_few(sorted(only)) or "none" for only in (first - second, second - first)]
        got = f"only in the first: {told[0]}; only in the second: {told[1]}"
        raise InputError("classes", "expected the same names in both results", got=got)


def n_common(a: Analysis, b: Analysis) -> int:
    """How many images two results have in common, by name.

    Parameters
    ----------
    a, b : Analysis
        With their per-image tables.

    Returns
    -------
    int
        0 if none.

    Examples
    --------
    >>> import sensitivity
    >>> one, other = (sensitivity.analyse([0, 1], [0, 1], names, features=(), save_path=None)
    ...               for names in (["a", "b"], ["b", "c"]))
    >>> n_common(one, other)
    1
    """
    return len(_matched(a.outcomes["name"], b.outcomes["name"])[0])


def _few(names: list[str], most: int = 5) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _matched(names_a: pd.Series, names_b: pd.Series) -> tuple[Rows, Rows, int]:
    """Rows of either that are the same image, and how many of them have a repeated name."""
    one, other = (names.astype("str").reset_index(drop=True) for names in (names_a, names_b))
    keys = [pd.MultiIndex.from_arrays([x, x.groupby(x).cumcount()]) for x in (one, other)]
    place = keys[1].get_indexer(keys[0])
    rows_a = np.flatnonzero(place >= 0)
    repeated = int((one.duplicated(keep=False) & (place >= 0)).sum())
    return rows_a.astype(np.int64), place[rows_a].astype(np.int64), repeated


def _codes(names: pd.Series, classes: tuple[str, ...]) -> Rows:
    text = names.astype("str").to_numpy(dtype=object)
    return pd.Categorical(text, categories=list(classes)).codes.astype(np.int64)


def _check_labels(y: Rows, also: Rows, names: pd.Series, classes: tuple[str, ...]) -> None:
    differ = np.flatnonzero(y != also)
    if len(differ):
        i = differ[0]
        got = (
            f"{len(differ):,} of {len(y):,} that differ, the first {names.iloc[i]}: "
            f"{classes[y[i]]} and {classes[also[i]]}"
        )
        raise InputError("labels", "expected the same true class in both results", got=got)


def _groups(of_a: pd.Series, of_b: pd.Series) -> Rows | None:
    for groups in (of_a, of_b):
        if groups.notna().all():
            return pd.factorize(groups.astype("str"))[0].astype(np.int64)
    return None


def _neighbours(names: pd.Series) -> Rows:
    order = natural_order(names.astype("str").to_list())
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place // CLUSTER


def _neighbours_alike(analysis: Analysis) -> bool:
    kind: str = analysis.settings.get("dependence", {}).get("kind", "none")
    return kind == "blocks"


def _notes(n_a: int, n_b: int, n: int, repeated: int, dependence: str) -> tuple[str, ...]:
    notes = []
    if n < max(n_a, n_b):
        notes.append(
            f"{n_a - n:,} images are only in the first result and {n_b - n:,} only in the "
            "second: they are left out"
        )
    if repeated:
        notes.append(f"{repeated:,} images have a name that is not theirs alone: in their order")
    if dependence == "blocks":
        notes.append(NEIGHBOURS)
    return tuple(notes)
