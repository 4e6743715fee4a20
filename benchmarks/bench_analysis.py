"""Time and memory of an analysis without images, against a plain scikit-learn loop.

Data: 1,000,000 samples, 10 classes, 20 numeric columns. Ours: all tables, with intervals. The
loop: pandas' quantile bins, and scikit-learn's F1 of every class in every bin, nothing else.
Both run in turn in one process, which gives the ratio; then each alone in a process of its own,
which gives the peak of its memory.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

N_BINS = 5
MAX_RATIO = 3.0
MAX_GIGABYTES = 3.0

Data = tuple[np.ndarray, np.ndarray, list[str], pd.DataFrame]


def make_data(rows: int, classes: int, columns: int) -> Data:
    """Predictions right in 85 % of the rows, and columns that lean on the class."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, rows)
    predicted = np.where(rng.random(rows) < 0.85, labels, rng.integers(0, classes, rows))
    table = {f"column_{j}": rng.normal(labels * j / 40) for j in range(columns)}
    names = [f"images/{i:07d}.png" for i in range(rows)]
    return predicted, labels, names, pd.DataFrame(table)


def ours(data: Data) -> object:
    import sensitivity

    predicted, labels, names, table = data
    return sensitivity.analyse(
        predicted, labels, names, columns=table, features=(), save_path=None
    ).trends


def plain_loop(data: Data) -> object:
    from sklearn.metrics import f1_score

    predicted, labels, _, table = data
    classes = np.unique(labels)
    found = {}
    for name in table:
        codes = pd.qcut(table[name], N_BINS, labels=False).to_numpy()
        for k in range(N_BINS):
            rows = codes == k
            found[name, k] = f1_score(
                labels[rows], predicted[rows], labels=classes, average=None, zero_division=np.nan
            )
    return found


def nothing(data: Data) -> object:
    return data


METHODS: dict[str, Callable[[Data], object]] = {
    "nothing": nothing,
    "plain loop": plain_loop,
    "sensitivity": ours,
}


def seconds(method: Callable[[Data], object], data: Data) -> float:
    start = time.perf_counter()
    method(data)
    return time.perf_counter() - start


def times(data: Data, repeats: int) -> dict[str, list[float]]:
    """Seconds of both, in turn, after one run of each that is not counted."""
    taken: dict[str, list[float]] = {"plain loop": [], "sensitivity": []}
    for round_ in range(repeats + 1):
        for name, sofar in taken.items():
            spent = seconds(METHODS[name], data)
            if round_:
                sofar.append(spent)
    return taken


def peak(method: str, options: list[str]) -> float:
    """Gigabytes that a process of its own has held at most, its data included."""
    command = [sys.executable, __file__, "--only", method, *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=METHODS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    sizes = (given.rows, given.classes, given.columns)

    if given.only:
        METHODS[given.only](make_data(*sizes))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)  # kilobytes on Linux
        return 0

    options = [f"--rows={sizes[0]}", f"--classes={sizes[1]}", f"--columns={sizes[2]}"]
    memory = {name: peak(name, options) for name in METHODS}
    taken = {
        name: statistics.median(all_)
        for name, all_ in times(make_data(*sizes), given.repeats).items()
    }

    print("{:,} rows, {} classes, {} columns".format(*sizes))
    print(f"{'':14}{'seconds':>10}{'peak GB':>10}")
    for name in METHODS:
        spent = f"{taken[name]:.2f}" if name in taken else "–"
        print(f"{name:14}{spent:>10}{memory[name]:>10.2f}")
    ratio = taken["sensitivity"] / taken["plain loop"]
    fits = ratio <= MAX_RATIO and memory["sensitivity"] < MAX_GIGABYTES
    print(f"ratio {ratio:.2f} (at most {MAX_RATIO}); {'kept' if fits else 'MISSED'}")
    return 0 if fits else 1


if __name__ == "__main__":
    sys.exit(main())
