"""Time and memory of all tests on a million samples of a thousand classes, on one core.

Data: 1,000,000 samples, 1,000 classes, 30 features; predicted classes and margins, no images.
Ours: bins, every cell with its interval, all tests of the trends of recall, false positives, F1
and margins, bends, partial tests, the family's correction, slices and verdicts. Beside it, doing
nothing but F1 of every class in every bin: a loop over scikit-learn's `f1_score`, and
fairlearn's `MetricFrame`. Every run is in a process of its own that is pinned to one core.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

N_BINS = 5
MAX_SECONDS = 40.0
MAX_GIGABYTES = 6.0

Data = tuple[np.ndarray, np.ndarray, np.ndarray, pd.DataFrame]


def make_data(rows: int, classes: int, columns: int, error: float) -> Data:
    rng = np.random.default_rng(0)
    labels = rng.integers(classes, size=rows)
    wrong = rng.random(rows) < error
    predicted = np.where(wrong, rng.integers(classes, size=rows), labels)
    margin = np.where(labels == predicted, 1.0, -1.0) * rng.random(rows)
    table = {f"feature_{j}": rng.random(rows).astype(np.float32) for j in range(columns)}
    return predicted, labels, margin.astype(np.float32), pd.DataFrame(table)


def ours(data: Data) -> object:
    from sensitivity.bins import bin_features
    from sensitivity.inputs.samples import read_samples
    from sensitivity.judgement import judge, shares_of
    from sensitivity.outcomes import outcome_table

    predicted, labels, margin, features = data
    names = [f"images/{i:07d}.jpg" for i in range(len(labels))]
    samples = read_samples(predicted, labels, names)
    table = pd.concat([pd.Series(names, name="name", dtype="str"), features], axis=1)
    binnings, _ = bin_features(table, n_bins=N_BINS)
    outcomes = outcome_table(samples)
    outcomes["margin"] = margin
    found, _ = judge(samples, table, outcomes, binnings, shares_of(samples, None))
    return found["trends"]


def loop(data: Data) -> object:
    from sklearn.metrics import f1_score

    predicted, labels, _, table = data
    classes = np.unique(labels)
    found = {}
    for name in table:
        codes = pd.qcut(table[name], N_BINS, labels=False).to_numpy()
        for k in range(N_BINS):
            rows = codes == k
            found[name, k] = f1_score(
                labels[rows], predicted[rows], labels=classes, average=None, zero_division=0.0
            )
    return found


def frame(data: Data) -> object:
    from fairlearn.metrics import MetricFrame
    from sklearn.metrics import f1_score

    predicted, labels, _, table = data
    classes = np.unique(labels)

    def f1_of_classes(y_true: np.ndarray, y_pred: np.ndarray) -> object:
        return f1_score(y_true, y_pred, labels=classes, average=None, zero_division=0.0)

    return {
        name: MetricFrame(
            metrics=f1_of_classes,
            y_true=labels,
            y_pred=predicted,
            sensitive_features=pd.qcut(table[name], N_BINS, labels=False).to_numpy(),
        ).by_group
        for name in table
    }


METHODS: dict[str, Callable[[Data], object]] = {
    "sensitivity, all of it": ours,
    "scikit-learn loop, F1 only": loop,
    "fairlearn MetricFrame, F1 only": frame,
}


def run(method: str, options: list[str]) -> tuple[float, float]:
    """Seconds and peak gigabytes in a process of its own."""
    command = [sys.executable, __file__, "--only", method, *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    spent, peak = done.stdout.split()
    return float(spent), float(peak)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--classes", type=int, default=1_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--error", type=float, default=0.2, help="share of wrong predictions")
    parser.add_argument("--only", choices=METHODS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    sizes = (given.rows, given.classes, given.columns, given.error)

    if given.only:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        data = make_data(*sizes)
        start = time.perf_counter()
        METHODS[given.only](data)
        spent = time.perf_counter() - start
        print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
        return 0

    names = ("rows", "classes", "columns", "error")
    options = [f"--{name}={size}" for name, size in zip(names, sizes, strict=True)]
    found = {name: run(name, options) for name in METHODS}
    print("{:,} rows, {:,} classes, {} features, {:.1%} wrong, one core".format(*sizes))
    print(f"{'':32}{'seconds':>10}{'peak GB':>10}{'ratio':>8}")
    own = found["sensitivity, all of it"]
    for name, (spent, peak) in found.items():
        print(f"{name:32}{spent:>10.1f}{peak:>10.2f}{own[0] / spent:>8.2f}")
    fits = own[0] <= MAX_SECONDS and own[1] <= MAX_GIGABYTES
    print(
        f"at most {MAX_SECONDS:g} s and {MAX_GIGABYTES:g} GB: {'kept' if fits else 'MISSED'}"
        " (ratio: seconds of ours per second of the row's)"
    )
    return 0 if fits else 1


if __name__ == "__main__":
    sys.exit(main())
