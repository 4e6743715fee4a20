"""A row beside all other features: whether it stands by itself, and what it travels with."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..stats.partial import (
    Design,
    feature_clusters,
    inflation,
    information,
    likeness,
    partial_z,
    response_sums,
)
from ..stats.ranks import Floats
from .evidence import Evidence

#: |z| beside the others from which a feature stands by itself.
STANDS = 2.0

#: |ρ| from which a feature can account for another.
RELATED = 0.3

#: A feature accounts for another only if its own z is this part of the other's, or more.
AS_CLEAR = 0.8

#: Beyond this many numbers, classes are judged by the recall of all classes together.
MAX_PRODUCTS = 100_000_000

RESPONSES = ("recall", "false positives", "f1")


def beside_others(
    evidence: Evidence, flagged: npt.NDArray[np.bool_], driver: npt.NDArray[np.int64]
) -> dict[str, npt.NDArray[Any]]:
    """Partial z, variance inflation, companions and explanations of all rows.

    Parameters
    ----------
    evidence : Evidence
        What the tests found.
    flagged : ndarray of bool, shape (F, 1 + C)
        Rows that are real or candidates: the others get no partial z.
    driver : ndarray of int, shape (F, 1 + C)
        0 recall, 1 false positives, 2 F1, 3 shape (no partial z), -1 not tested.

    Returns
    -------
    dict
        ``partial_z``, ``vif``, ``travels_with`` and ``explained_by``, each of shape (F, 1 + C).
    """
    names = list(evidence.rows)
    by, given = evidence.prepared.design, evidence.prepared.samples.given
    pooled = by.products.sum(axis=0)
    alike = likeness(pooled, by.blocks)
    ways = _ways(pooled, by)
    family = feature_clusters(alike)
    together = [
        ", ".join(n for k, n in enumerate(names) if k != j and family[k] == family[j])
        for j in range(len(names))
    ]
    _, inside = information(given, by, None, "recall")
    vif = inflation(inside, by.blocks)
    partial = np.full(flagged.shape, np.nan)
    explained = np.full(flagged.shape, "", dtype=object)
    sums = response_sums(given, by)
    known: dict[tuple[int, int], Floats] = {}
    for j, row in zip(*np.nonzero(flagged & (driver >= 0) & (driver < 3)), strict=True):
        key = (int(row), int(driver[j, row]))
        if key not in known:
            known[key] = _beside(evidence, by, sums.recall, sums.fpr, *key)
        z = known[key]
        partial[j, row] = z[j]
        alone = _alone(evidence, *key)
        explained[j, row] = _explanation(z, alone, alike, ways, int(j), names)
    shape = flagged.shape
    return {
        "partial_z": partial,
        "vif": np.broadcast_to(vif[:, None], shape),
        "travels_with": np.broadcast_to(np.array(together, dtype=object)[:, None], shape),
        "explained_by": explained,
    }


def _beside(
    evidence: Evidence, by: Design, recall: Floats, fpr: Floats, row: int, driver: int
) -> Floats:
    """Z of every feature beside the others for one class and response."""
    given = evidence.prepared.samples.given
    of: int | None = row - 1
    if row == 0 or by.products.size > MAX_PRODUCTS:
        of = None
    (gain, loss), inside = information(given, by, of, RESPONSES[driver])
    total = recall.sum(axis=0) if of is None else gain * recall[of] - loss * fpr[of]
    z = partial_z(total, inside, by.blocks)
    return z * _deflation(evidence, total, inside, row, driver)


def _deflation(evidence: Evidence, total: Floats, inside: Floats, row: int, driver: int) -> float:
    """How much smaller clusters make a z: the median over the features, at most 1."""
    if evidence.clusters is None:
        return 1.0
    key = ("z_recall", "z_fpr", "z_f1")[driver]
    ratios = []
    for j, rows in enumerate(evidence.rows.values()):
        block = evidence.prepared.design.blocks[j]
        size = inside[block.start, block.start] if block.stop == block.start + 1 else 0.0
        alone = abs(total[block.start]) / np.sqrt(size) if size > 1e-12 else np.nan
        clustered = abs(getattr(rows, key)[row])
        if alone > 1e-9 and not np.isnan(clustered):
            ratios.append(clustered / alone)
    return min(1.0, float(np.median(ratios))) if ratios else 1.0


def _alone(evidence: Evidence, row: int, driver: int) -> Floats:
    """Z of every feature by itself, for one class and response."""
    key = ("z_recall", "z_fpr", "z_f1")[driver]
    return np.array([getattr(rows, key)[row] for rows in evidence.rows.values()], np.float64)


def _ways(products: Floats, by: Design) -> Floats:
    """Sign of the correlation of two numbers within the classes; 0 where one is a category."""
    found = np.zeros((len(by.blocks), len(by.blocks)))
    numeric = [k for k, block in enumerate(by.blocks) if block.stop == block.start + 1]
    columns = [by.blocks[k].start for k in numeric]
    found[np.ix_(numeric, numeric)] = np.sign(products[np.ix_(columns, columns)])
    return found


def _explanation(
    z: Floats, alone: Floats, alike: Floats, ways: Floats, j: int, names: list[str]
) -> str:
    """The strongest feature that stands by itself, where this one does not.

    It shows the effect by itself too, the way in which the two go together and about as clearly:
    one that only helps another to be seen, or hides it (a suppressor), accounts for nothing.
    """
    if not abs(z[j]) < STANDS:
        return ""
    others = np.abs(np.nan_to_num(z))
    # Categories have no way that they go: they are compared by nothing here.
    apart = (z * alone < 0) | (np.abs(alone) < AS_CLEAR * abs(alone[j]))
    apart |= alone * alone[j] * ways[j] < 0
    others[(alike[j] <= RELATED) | (others < STANDS) | apart] = 0.0
    others[j] = 0.0
    return names[int(others.argmax())] if others.any() else ""
