"""Which images a report shows: some of every bin, right, wrong, and most confidently wrong.

One random order of all images serves every bin of every feature: each shows those of its own that
come first in it. So every bin shows a plain random sample, and the bins share what they can: few
little pictures serve many bins.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import tables
from .bins import MISSING, bin_values
from .crossed import LOW_SUPPORT
from .errors import OptionError
from .image_outcomes import Images, has_images, image_outcomes
from .result import Analysis

Ints = npt.NDArray[np.int64]

ALL = "all"
WRONG, CONFIDENT, RIGHT = "wrong", "confident", "right"

#: In the order in which they go short when there is no room for all: the last first.
ROLES = (WRONG, CONFIDENT, RIGHT)

COLUMNS = ("feature", "bin", "class", "role", "rank", "position")

#: What can move with a feature, as the trends name it.
RECALL, FALSE_CALLS, F1 = DRIVERS = ("recall", "false positives", "f1")


def pick(
    analysis: Analysis,
    *,
    per_cell: int = 4,
    most: int = 3000,
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Choose the images to show for every bin of every feature.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    per_cell : int, default 4
        Images of each role in each bin, at most.
    most : int, default 3000
        Different images altogether, at most. Where that is too few, every bin goes without its
        last ones before any goes without its first.
    rng : int or numpy.random.Generator, default 0
        For the random order.

    Returns
    -------
    pandas.DataFrame
        One row per feature × bin × class × role × image, in the order to show them:

        - ``feature``, ``bin``: as in the table :data:`sensitivity.tables.BINS` (-1: missing);
        - ``class``: "all"; or a class whose row of the trends is real or a candidate: then the
          bin is the one where it is worst, and the images are errors on this class;
        - ``role``: ``"wrong"`` and ``"right"`` are random samples; ``"confident"`` are the wrong
          ones with the highest score of what was predicted, none without scores;
        - ``rank``: 0 … per_cell-1 within feature, bin, class and role;
        - ``position``: row of the image in ``analysis.features``, 0 … N-1. It is also its row
          in ``analysis.outcomes`` unless images have several labels.

        Images that could not be opened come only where there is no other. Empty without
        per-image tables or features. With several labels per image, one is wrong where any of its
        labels was missed or given falsely, and right where none was.

    Raises
    ------
    OptionError
        `per_cell` below 1, or `most` below 0.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0] * 20 + [0, 1] * 10, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> chosen = pick(analysis, per_cell=2)
    >>> chosen.query("`class` == 'all'").groupby(["bin", "role"]).size().to_dict()
    {(0, 'right'): 2, (0, 'wrong'): 2, (1, 'right'): 2}
    >>> bool((chosen.query("bin == 0")["position"] < 20).all())
    True
    """
    _check("per_cell", per_cell, least=1)
    _check("most", most, least=0)
    parts: list[dict[str, Any]] = []
    if has_images(analysis):
        images = image_outcomes(analysis, rng=rng)
        for place, entry in enumerate(analysis.settings["features"]):
            values = analysis.features[entry["name"]]
            codes = bin_values(values, edges=entry["edges"] or entry["categories"]).codes
            for part in _of_feature(analysis, images, entry["name"], codes, per_cell):
                parts.append({"place": place, "feature": entry["name"], **part})
    return _ordered(_within(_frame(parts), most))


def _check(name: str, value: Any, *, least: int) -> None:
    if not isinstance(value, (int, np.integer)) or value < least:
        raise OptionError(name, f"expected a whole number from {least}", got=repr(value))


def by_importance(picked: pd.DataFrame) -> list[int]:
    """The different images of a choice, those that more depends on first.

    Parameters
    ----------
    picked : pandas.DataFrame
        From :func:`pick`.

    Returns
    -------
    list of int
        Positions, each once: the first image of every bin before the second of any.

    Examples
    --------
    >>> by_importance(pd.DataFrame({"rank": [0, 1, 0, 1], "role": ["wrong"] * 2 + ["right"] * 2,
    ...                             "position": [7, 8, 9, 7]}))
    [7, 9, 8]
    """
    return list(dict.fromkeys(picked["position"].iloc[_by_need(picked)].tolist()))


def _of_feature(
    analysis: Analysis,
    images: Images,
    feature: str,
    codes: npt.NDArray[np.int32],
    per_cell: int,
) -> Iterator[dict[str, Any]]:
    """Rows of one feature, bin by bin for all classes, then for classes with a finding."""
    # The missing bin last, as a number that can be counted.
    n_bins = int(codes.max(initial=0)) + 2
    slots = np.where(codes == MISSING, n_bins - 1, codes).astype(np.int16)
    wrong = images.order[images.wrong[images.order]]
    scored = wrong[~np.isnan(images.confidence[wrong])]
    lists = {
        WRONG: wrong,
        CONFIDENT: scored[np.argsort(-images.confidence[scored], kind="stable")],
        RIGHT: images.order[~images.wrong[images.order]],
    }
    for role, candidates in lists.items():
        chosen, ranks = _first_of_each(slots[candidates], per_cell)
        yield {
            "class": ALL,
            "bin": _bins(slots[candidates[chosen]], n_bins),
            "role": role,
            "rank": ranks,
            "position": candidates[chosen],
            "finding": -1,
        }
    yield from _of_classes(analysis, images, feature, slots, n_bins, per_cell)


def _of_classes(
    analysis: Analysis,
    images: Images,
    feature: str,
    slots: npt.NDArray[np.int16],
    n_bins: int,
    per_cell: int,
) -> Iterator[dict[str, Any]]:
    """Errors on each class that has a finding, from the bin where most of them are."""
    trends = analysis.trends
    kept = (trends["feature"] == feature) & (trends["class"] != ALL)
    kept &= trends["strength"].isin(("real", "candidate"))
    if not kept.any():
        return
    names = np.array(analysis.settings["classes"], dtype=object)
    codes = pd.Index(names).get_indexer(trends["class"].astype("str"))
    by_row = slots[images.rows].astype(np.int64) * len(names)
    exposed = _exposed(images, slots, by_row, n_bins, len(names))
    for driver in DRIVERS:
        keys, rows = _errors(images, by_row, driver)
        failed = np.bincount(keys, minlength=n_bins * len(names)).reshape(n_bins, -1)
        # Only of bins that hold values: the missing one, the last, is no weak range.
        worst = _worst(failed[:-1], exposed[driver][:-1])
        mine = np.flatnonzero(kept & (_drivers(trends) == driver) & (worst[codes] >= 0))
        finding_of = np.full(n_bins * len(names), -1)
        finding_of[worst[codes[mine]] * len(names) + codes[mine]] = mine
        findings = finding_of[keys]
        rows, findings = rows[findings >= 0], findings[findings >= 0]
        chosen, ranks = _first_of_each(findings, per_cell)
        shown = codes[findings[chosen]]
        yield {
            "class": names[shown],
            "bin": worst[shown],
            "role": WRONG,
            "rank": ranks,
            "position": images.rows[rows[chosen]],
            "finding": findings[chosen],
        }


def _drivers(trends: pd.DataFrame) -> pd.Series:
    """What moves in each row of the trends; a shape is one of recall."""
    driver = trends["driver"].astype("str")
    return driver.where(driver.isin(DRIVERS), RECALL)


def _exposed(
    images: Images, slots: npt.NDArray[np.int16], by_row: Ints, n_bins: int, n_classes: int
) -> dict[str, Ints]:
    """In how many images an error of each kind was possible, n_bins × n_classes."""

    def counted(classes: Ints) -> Ints:
        given = classes >= 0
        keys = by_row[given] + classes[given]
        return np.bincount(keys, minlength=n_bins * n_classes).reshape(n_bins, n_classes)

    of_it, called = counted(images.true), counted(images.predicted)
    both = counted(np.where(images.true == images.predicted, images.true, -1))
    of_all = np.bincount(slots, minlength=n_bins)[:, None]
    return {RECALL: of_it, FALSE_CALLS: of_all - of_it, F1: of_it + called - both}


def _errors(images: Images, by_row: Ints, driver: str) -> tuple[Ints, Ints]:
    """Errors as bin × class, and their rows in the outcomes; those of an image shown first, first.

    An error is one on its true class (recall), on the one that was called, or (F1) on both.
    """
    sides = {RECALL: (images.true,), FALSE_CALLS: (images.predicted,)}
    each = sides.get(driver, (images.true, images.predicted))
    rows = np.repeat(images.failed, len(each))
    classes = np.stack([side[images.failed] for side in each], axis=1).ravel()
    given = classes >= 0
    return by_row[rows[given]] + classes[given], rows[given]


def _worst(failed: Ints, exposed: Ints) -> Ints:
    """Of each class the bin with the largest share of errors; -1 where there is no error.

    Bins with few images count only where no other has an error.
    """
    solid = failed * (exposed >= LOW_SUPPORT)
    failed = np.where(solid.any(axis=0), solid, failed)
    share = failed / np.maximum(exposed, 1)
    return np.where(failed.any(axis=0), share.argmax(axis=0), -1)


def _first_of_each(groups: npt.NDArray[np.integer], most: int) -> tuple[Ints, Ints]:
    """Places of the first `most` of each group, and their ranks in it."""
    by_group = np.argsort(groups, kind="stable")
    ordered = groups[by_group]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    sizes = np.diff(np.append(starts, len(ordered)))
    ranks = np.arange(len(ordered)) - np.repeat(starts, sizes)
    kept = ranks < most
    return by_group[kept], ranks[kept]


def _bins(slots: npt.NDArray[np.int16], n_bins: int) -> Ints:
    return np.where(slots == n_bins - 1, MISSING, slots).astype(np.int64)


def _frame(parts: list[dict[str, Any]]) -> pd.DataFrame:
    """All rows; `place` is that of the feature, `finding` that of the row of the trends."""
    columns = ("place", *COLUMNS, "finding")
    lengths = [len(part["position"]) for part in parts]
    found = {}
    for name in columns:
        whole = [np.broadcast_to(part[name], n) for part, n in zip(parts, lengths, strict=True)]
        text = name in ("feature", "class", "role")
        empty: Any = [] if text else np.empty(0, dtype=np.int64)
        found[name] = np.concatenate(whole) if sum(lengths) else empty
    texts = dict.fromkeys(("feature", "class", "role"), "str")
    return pd.DataFrame(found, columns=list(columns)).astype(texts)


def _within(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """The rows whose images are among the `most` that are needed first."""
    allowed = by_importance(table)[:most]
    return table[table["position"].isin(allowed)]


def _by_need(table: pd.DataFrame) -> Ints:
    """Places of the rows: by rank, then role; else in their order."""
    roles = pd.Categorical(table["role"], categories=ROLES).codes
    return np.lexsort((roles, table["rank"].to_numpy())).astype(np.int64)


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    """In the order to show: feature, class (all first), bin (missing last), role, rank."""
    roles = pd.Categorical(table["role"], categories=ROLES).codes
    missing = (table["bin"] == MISSING).to_numpy()
    keys = ("rank", "bin", "finding", "place")
    rank, bins, finding, place = (table[name].to_numpy() for name in keys)
    order = np.lexsort((rank, roles, bins, missing, finding, place))
    table = table.iloc[order][list(COLUMNS)].reset_index(drop=True)
    features = list(dict.fromkeys(table["feature"]))
    table["feature"] = tables.coded(pd.Index(features).get_indexer(table["feature"]), features)
    return table.astype({"feature": "str"})
