"""All tests of a run: every feature against every class and against all classes together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..bins import Binning
from ..stats.dependence import CLUSTER, clusters, natural_order, serial_dependence
from ..stats.partial import Design, design, information, response_sums
from ..stats.ranks import Floats, within_ranks
from .categorical import categorical_rows
from .columns import Sorted, partial_columns, sort_by_class
from .numeric import numeric_rows
from .rows import Rows

#: Without groups, errors of neighbours as alike as this are taken as dependent.
ALIKE_P = 0.01

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Samples sorted by class, with every feature's columns.

    Attributes
    ----------
    samples : Sorted
        The samples, and each feature by itself.
    design : Design
        All columns side by side.
    """

    samples: Sorted
    design: Design


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the tests found, before it is judged as a family.

    Attributes
    ----------
    prepared : Prepared
        The samples, sorted by class, with their columns.
    rows : dict
        From feature to its rows.
    clusters : ndarray of int64, shape (N,), or None
        Cluster of each sample in the caller's order; None: independent.
    """

    prepared: Prepared
    rows: dict[str, Rows]
    clusters: Codes | None


def prepare(
    table: pd.DataFrame,
    binnings: Mapping[str, Binning],
    y: Codes,
    predicted: Codes,
    n_classes: int,
) -> Prepared:
    """Sort the samples by class and lay out every feature's columns.

    Parameters
    ----------
    table : pandas.DataFrame
        The feature table, N rows.
    binnings : mapping
        From feature to its bins.
    y, predicted : ndarray of int64, shape (N,)
        True and predicted class.
    n_classes : int
        C.

    Returns
    -------
    Prepared
    """
    samples = sort_by_class(table, binnings, y, predicted, n_classes)
    columns = [
        partial_columns(column, samples.parts[part][1], len(y))
        for column, part in zip(samples.columns, samples.part_of, strict=True)
    ]
    beside = design(columns, samples.given)
    # Whole columns need no second copy: ten million rows of twenty features are 1.6 GB.
    shared = tuple(
        column
        if column.ranks is None or column.present is not None
        else replace(column, ranks=beside.columns[block.start])
        for column, block in zip(samples.columns, beside.blocks, strict=True)
    )
    return Prepared(replace(samples, columns=shared), beside)


def settle(
    groups: Codes | None,
    residuals: Callable[[], Floats],
    y: Codes,
    names: npt.NDArray[np.object_],
    rng: np.random.Generator,
) -> tuple[Codes | None, dict[str, Any]]:
    """The caller's clusters; else blocks of neighbouring names, if their errors are alike.

    Parameters
    ----------
    groups : ndarray of int64, shape (N,), or None
        What belongs together.
    residuals : callable
        Gives what was right less what was expected of each sample, in the caller's order.
    y : ndarray of int64, shape (N,)
        True class: neighbours are compared within it.
    names : ndarray of str, shape (N,)
        Image names, in whose natural order neighbours are looked for.
    rng : numpy.random.Generator
        For the permutations.

    Returns
    -------
    clusters : ndarray of int64, shape (N,), or None
        None: samples are taken as independent given their class.
    dependence : dict
        ``kind`` ("none", "groups" or "blocks"), ``n_clusters``, and of the check ``ratio``
        (how many times over-dispersed errors are in blocks of 20) and ``p``.
    """
    if groups is not None:
        kind = {"kind": "groups", "n_clusters": len(np.unique(groups)), "ratio": None, "p": None}
        return groups, kind
    order = natural_order(names.tolist())
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    ratio, p = serial_dependence(residuals(), y, place, rng)
    told = {"ratio": _number(ratio), "p": _number(p)}
    if not p <= ALIKE_P:
        return None, {"kind": "none", "n_clusters": None, **told}
    blocks = place // CLUSTER
    return blocks, {"kind": "blocks", "n_clusters": int(blocks.max()) + 1, **told}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def fitted_residuals(prepared: Prepared) -> Floats:
    """Right (0 or 1) less what class and features lead one to expect.

    Parameters
    ----------
    prepared : Prepared
        The samples and their columns.

    Returns
    -------
    ndarray of float64, shape (N,)
        In the caller's order. One step of a logistic regression on all features: errors that a
        feature accounts for are no sign of dependence.
    """
    samples, beside = prepared.samples, prepared.design
    given = samples.given
    recall = np.nan_to_num(given.recall)
    expected = recall[given.by.codes]
    residuals = -expected
    residuals[given.hit] += 1
    total = response_sums(given, beside).recall.sum(axis=0)
    _, inside = information(given, beside, None, "recall")
    beta = np.linalg.pinv(inside, hermitian=True) @ total if len(inside) else total
    fit = beta @ beside.columns if len(inside) else 0.0
    found = np.empty(len(residuals))
    found[samples.order] = residuals - expected * (1 - expected) * fit
    return found


def gather(
    prepared: Prepared,
    clusters_of: Codes | None,
    *,
    margin: npt.NDArray[np.floating] | None = None,
    seed: int,
) -> Evidence:
    """Test every feature against every class.

    Parameters
    ----------
    prepared : Prepared
        The samples and their columns.
    clusters_of : ndarray of int64, shape (N,), or None
        What belongs together, in the caller's order.
    margin : ndarray of float, shape (N,), optional
        Log-odds of the true class over the runner-up; all NaN counts as none.
    seed : int
        For responses with few events, whose p is simulated.

    Returns
    -------
    Evidence
    """
    samples, rows = prepared.samples, dict[str, Rows]()
    for part, (present, given) in enumerate(samples.parts):
        mine = [
            column
            for column, its in zip(samples.columns, samples.part_of, strict=True)
            if its == part
        ]
        if not mine:
            continue
        order = samples.order if present is None else samples.order[present]
        by = None if clusters_of is None else clusters(clusters_of[order], given)
        sure = None
        if margin is not None and not np.isnan(margin).any():
            sure = within_ranks(margin[order], given.by)
        numeric = {column.name: column.ranks for column in mine if column.ranks is not None}
        tested = numeric_rows(list(numeric.values()), given, clusters=by, margin=sure, seed=seed)
        rows |= dict(zip(numeric, tested, strict=True))
        for column in mine:
            if column.categories is not None:
                rows[column.name] = categorical_rows(
                    column.categories, given, clusters=by, seed=seed
                )
    found = {column.name: rows[column.name] for column in samples.columns}
    return Evidence(prepared, found, clusters_of)
