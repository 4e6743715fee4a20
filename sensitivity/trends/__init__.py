"""Trends: where along a feature a class is worse, whether that is real, and whether it is it.

The null hypothesis is that predictions do not depend on the feature given the true class. Every
feature is tested against every class and against all classes together, as one family.
"""

from __future__ import annotations

from .beside import beside_others
from .evidence import Evidence, Prepared, fitted_residuals, gather, prepare, settle
from .movements import FALSE_CALLS, RECALL, mirrored, moving, own_rows
from .rows import Rows
from .verdicts import CellFigures, in_order, trend_table

__all__ = [
    "FALSE_CALLS",
    "RECALL",
    "CellFigures",
    "Evidence",
    "Prepared",
    "Rows",
    "beside_others",
    "fitted_residuals",
    "gather",
    "in_order",
    "mirrored",
    "moving",
    "own_rows",
    "prepare",
    "settle",
    "trend_table",
]
