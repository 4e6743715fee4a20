"""Cells: where features' bins and classification metrics meet.

One row per feature × bin × class × metric, and what the bins of a feature say of each class.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..bins import Binning
from ..metrics import classification as metrics
from ..trends import CellFigures
from .figures import cell_figures
from .frames import CLASS_METRICS, bin_frame, class_cells
from .judged import LOW_SUPPORT, Effects, Judged, design_effects
from .proportions import all_rows, figures_of_all

__all__ = [
    "CLASS_METRICS",
    "LOW_SUPPORT",
    "CellFigures",
    "Effects",
    "Judged",
    "all_rows",
    "class_cells",
    "design_effects",
    "feature_cells",
    "figures_of_all",
]


def feature_cells(
    feature: str, binning: Binning, judged: Judged
) -> tuple[pd.DataFrame, CellFigures]:
    """One feature's rows in the table of bins, and what they say of each class.

    Parameters
    ----------
    feature : str
        Its name.
    binning : Binning
        Its bins.
    judged : Judged
        The samples.

    Returns
    -------
    bins : pandas.DataFrame
        Rows of :data:`sensitivity.tables.BINS`.
    figures : CellFigures
        For the table of trends.
    """
    n_bins, n_classes = binning.n_bins, len(judged.classes)
    has_missing = binning.n_missing > 0
    codes = np.where(binning.codes < 0, n_bins, binning.codes) if has_missing else binning.codes
    n_cells = n_bins + int(has_missing)
    counts = metrics.confusion_counts(judged.y, judged.predicted, n_classes, codes, n_cells)
    cells = metrics.cells(counts, pooled=judged.pooled, prior=judged.prior)
    effects = design_effects(cells, counts, codes, judged)
    figures = cell_figures(counts, cells, binning, judged, effects)
    frame = bin_frame(feature, binning, counts, cells, codes, judged, effects)
    return frame, figures
