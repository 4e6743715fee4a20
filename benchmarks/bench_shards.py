"""Time and memory of a data set that is counted in four shards, and how exact its tests are.

Data: 1,000,000 samples, 1,000 classes, 30 float32 features, four shards. Edges and counts must be
those of the whole to the last bit; z of the tests may differ by what is stated.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from functools import partial, reduce
from operator import add
from typing import Any

import numpy as np

from sensitivity.bins import assign, quantile_edges
from sensitivity.metrics.classification import confusion_counts
from sensitivity.shards import ShardCounts, count_shard, fine_edges, trend_tests
from sensitivity.stats.ranks import bend, companion, within_ranks
from sensitivity.stats.scores import responses, score

N_SHARDS = 4
MAX_SECONDS, MAX_GIGABYTES = 60.0, 3.0

Shard = tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]


def make_shard(k: int, rows: int, classes: int, features: int) -> Shard:
    """Recall falls with the first feature; a third of the features lean on the class."""
    rng = np.random.default_rng(k)
    y = rng.integers(0, classes, rows)
    values = {}
    for j in range(features):
        lean = y / classes if j % 3 == 0 else 0.0
        values[f"feature_{j}"] = (rng.normal(size=rows) + lean).astype(np.float32)
    right = rng.random(rows) < 0.85 - 0.05 * np.tanh(values["feature_0"])
    predicted = np.where(right, y, (y + rng.integers(1, 20, rows)) % classes)
    return y, predicted, values


def timed(what: str, make: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    found = make()
    seconds = time.perf_counter() - start
    print(f"{what:<28} {seconds:6.1f} s   peak {peak():.2f} GB")
    return found, seconds


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def largest_shift(shards: list[Shard], counts: ShardCounts, n_classes: int) -> list[float]:
    """Largest |Δz| of recall, false positives, F1 and bend; edges and counts are compared."""
    y, called = (np.concatenate([shard[k] for shard in shards]) for k in (0, 1))
    order = np.argsort(y, kind="stable")
    given = responses(y[order], called[order], n_classes)
    largest = np.zeros(4)
    for name, part in counts.features.items():
        values = np.concatenate([shard[2][name] for shard in shards])
        edges = quantile_edges(values, 5)
        assert np.array_equal(edges, part.edges), name
        whole = confusion_counts(y, called, n_classes, assign(values, edges), 5)
        assert np.array_equal(whole, part.confusion()), name
        ranks = within_ranks(values[order], given.by)
        bent = companion(ranks, given.by, *bend(ranks, given.by))
        exact = [*score(ranks, given).z, score(bent, given).z[2]]
        linear, curved = part.scores()
        found = [*linear.z, curved.z[2]]
        shift = np.abs(np.subtract(found, exact))
        largest = np.fmax(largest, np.nanmax(shift, axis=1, initial=0, where=~np.isnan(shift)))
    return largest.round(4).tolist()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--classes", type=int, default=1_000)
    parser.add_argument("--features", type=int, default=30)
    parser.add_argument("--fine", type=int, default=4096)
    given = parser.parse_args()
    rows = given.rows // N_SHARDS
    shards = [make_shard(k, rows, given.classes, given.features) for k in range(N_SHARDS)]
    print(f"{'the data alone':<28}          peak {peak():.2f} GB")
    pieces = [partial(lambda shard: shard, shard) for shard in shards]
    cuts, first = timed("edges", lambda: fine_edges(pieces, fine=given.fine))
    parts, second = timed(
        "counts", lambda: [count_shard(piece, cuts, given.classes) for piece in pieces]
    )
    whole, third = timed("sum", lambda: reduce(add, parts))
    table, fourth = timed("tests", lambda: trend_tests(whole))
    seconds, memory = first + second + third + fourth, peak()
    print(f"cells {whole.n_cells:,}, rows {len(table):,}")
    print(f"largest rank error {table['rank_error'].max():.4f}")
    print(f"median z error {table['z_error'].median():.4f}")
    shift = largest_shift(shards, whole, given.classes)
    print(f"edges and counts exact; largest shift of z (recall, fpr, f1, bend) {shift}")
    print(f"in all {seconds:.1f} s (at most {MAX_SECONDS:.0f}), {memory:.2f} GB")
    assert seconds <= MAX_SECONDS
    assert memory <= MAX_GIGABYTES


if __name__ == "__main__":
    main()
