"""Small data sets with an effect of the first feature, and what the tests find in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sensitivity.bins import bin_features
from sensitivity.trends import Evidence, Prepared, Rows, fitted_residuals, gather, prepare, settle


@dataclass(frozen=True)
class Found:
    """What the tests of a run found."""

    evidence: Evidence
    dependence: dict[str, Any]

    @property
    def prepared(self) -> Prepared:
        return self.evidence.prepared

    @property
    def rows(self) -> dict[str, Rows]:
        return self.evidence.rows


@dataclass(frozen=True)
class Drawn:
    """N samples of a few classes, with features and groups."""

    table: pd.DataFrame
    y: np.ndarray
    predicted: np.ndarray
    n_classes: int
    groups: np.ndarray
    margin: np.ndarray

    def taken(self, rows: np.ndarray) -> Drawn:
        """Some of the samples, or all in another order."""
        return replace(
            self,
            table=self.table.iloc[rows].reset_index(drop=True),
            y=self.y[rows],
            predicted=self.predicted[rows],
            groups=self.groups[rows],
            margin=self.margin[rows],
        )

    def with_features(self, **features) -> Drawn:
        """Other features instead."""
        return replace(self, table=pd.DataFrame({"name": self.table["name"], **features}))

    def prepare(self, binnings=None) -> Prepared:
        """The samples sorted by class."""
        binnings = bin_features(self.table)[0] if binnings is None else binnings
        return prepare(self.table, binnings, self.y, self.predicted, self.n_classes)

    def gather(self, *, grouped: bool = False, sure: bool = False, seed: int = 0) -> Found:
        """What the tests find."""
        prepared = self.prepare()
        clusters, dependence = settle(
            self.groups if grouped else None,
            partial(fitted_residuals, prepared),
            self.y,
            self.table["name"].to_numpy(dtype=object),
            np.random.default_rng(seed),
        )
        margin = self.margin if sure else None
        return Found(gather(prepared, clusters, margin=margin, seed=seed), dependence)


def draw(
    seed: int = 0,
    n: int = 900,
    *,
    n_classes: int = 3,
    recall: float = 0.75,
    slope: float = 0.0,
    luck: float = 0.0,
) -> Drawn:
    """Recall rises by `slope` per standard deviation of "blur"; groups of 20 share their luck."""
    rng = np.random.default_rng(seed)
    y = rng.integers(n_classes, size=n)
    blur = rng.normal(size=n)
    groups = np.arange(n) // 20
    shared = luck * rng.normal(size=groups.max() + 1 if n else 0)[groups]
    right = rng.random(n) < np.clip(recall + slope * blur + shared, 0, 1)
    other = (y + rng.integers(1, n_classes, size=n)) % n_classes
    table = pd.DataFrame(
        {
            "name": [f"shot {i}.png" for i in range(n)],
            "blur": blur,
            "dust": np.round(np.abs(rng.normal(size=n)), 1) + y,
            "site": rng.choice(["east", "north", "west"], n),
        }
    )
    margin = np.where(right, 1.0, -1.0) * rng.random(n) + 0.3 * blur
    return Drawn(table, y, np.where(right, y, other), n_classes, groups, margin)


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Drawn]:
    return draw
