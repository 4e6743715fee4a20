"""Data sets in pieces: judged together, though never evaluated, or never held, at once.

Results that fit in memory together are merged exactly by :func:`merge_results`. What does not
fit is counted piece by piece by :func:`summarise_shards`, and tested by :func:`trend_tests`.
"""

from __future__ import annotations

from ..stats.shard_counts import ShardCounts
from .results import merge_results
from .summary import Cuts, count_shard, fine_edges, summarise_shards, trend_tests

__all__ = [
    "Cuts",
    "ShardCounts",
    "count_shard",
    "fine_edges",
    "merge_results",
    "summarise_shards",
    "trend_tests",
]
