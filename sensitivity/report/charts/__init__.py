"""The charts of the report: each a dict of plain values in, inline SVG out."""

from .trends import trend

__all__ = ["trend"]
