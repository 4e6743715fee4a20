"""Tables of a result as pictures: each function draws one, on axes that are yours or new.

No function changes a setting of matplotlib, or shows or saves a figure.
"""

from __future__ import annotations

from .trend import plot_trend

__all__ = ["plot_trend"]
