"""The charts of the report: each a dict of plain values in, inline SVG out."""

from .forests import changes
from .fronts import pareto
from .histograms import distribution
from .maps import heat_map
from .matrices import confusion
from .responses import response
from .score_lines import curves
from .stacks import shares
from .trends import trend

__all__ = [
    "changes",
    "confusion",
    "curves",
    "distribution",
    "heat_map",
    "pareto",
    "response",
    "shares",
    "trend",
]
