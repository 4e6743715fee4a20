"""Tables of a result as pictures: each function draws one, on axes that are yours or new.

No function changes a setting of matplotlib, or shows or saves a figure.
"""

from __future__ import annotations

from .confusion import plot_confusion
from .distribution import plot_distribution
from .examples import plot_examples
from .map import plot_map
from .pareto import plot_pareto
from .response import plot_response
from .table import plot_table
from .trend import plot_trend

__all__ = [
    "plot_confusion",
    "plot_distribution",
    "plot_examples",
    "plot_map",
    "plot_pareto",
    "plot_response",
    "plot_table",
    "plot_trend",
]
