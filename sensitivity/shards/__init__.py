"""Data sets in pieces: judged together, though never evaluated, or never held, at once."""

from __future__ import annotations

from .results import merge_results

__all__ = ["merge_results"]
