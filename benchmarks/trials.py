"""One made-up data set through all tests of the trends, without what only a report needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from sensitivity.bins import Binning, bin_features
from sensitivity.synthetic import Planted
from sensitivity.trends import (
    CellFigures,
    Evidence,
    beside_others,
    fitted_residuals,
    gather,
    prepare,
    settle,
    trend_table,
)

#: The tests that a row combines, and what each is of.
COMPONENTS = ("p_recall", "p_fpr", "p_f1", "p_shape")


@dataclass(frozen=True, eq=False)
class Trial:
    """What the tests found in one data set."""

    planted: Planted
    binnings: Mapping[str, Binning]
    evidence: Evidence
    dependence: Mapping[str, Any]

    def trends(self) -> pd.DataFrame:
        """The table of the trends as analyse() has it, but for what bins say."""
        n_classes = self.planted.truth.n_classes
        return trend_table(
            self.evidence.rows,
            dict.fromkeys(self.binnings, _nothing(1 + n_classes)),
            [str(c) for c in range(n_classes)],
            numeric=[name for name, cut in self.binnings.items() if cut.kind == "numeric"],
            capped=self.dependence["kind"] == "blocks",
            beside=partial(beside_others, self.evidence),
        )


def tried(planted: Planted, *, groups: np.ndarray | None = None, seed: int = 0) -> Trial:
    """Every test of every feature; `groups` as in analyse()."""
    table = planted.columns.assign(name=planted.name_list)
    y, names = planted.label_list, np.array(planted.name_list, dtype=object)
    binnings, _ = bin_features(table)
    prepared = prepare(table, binnings, y, planted.pred_list, planted.truth.n_classes)
    rng = np.random.default_rng(seed)
    clusters, dependence = settle(groups, partial(fitted_residuals, prepared), y, names, rng)
    return Trial(planted, binnings, gather(prepared, clusters, seed=seed), dependence)


def _nothing(n_rows: int) -> CellFigures:
    plain = {field.name: np.full(n_rows, np.nan) for field in fields(CellFigures)}
    plain |= {"n": np.zeros(n_rows, dtype=np.int64), "mix": np.zeros(n_rows, dtype=np.bool_)}
    return CellFigures(**plain)
