"""Analyse both checkpoints' predictions of the solar cells, to be compared.

    python analyse.py            writes results/early and results/late
    sensitivity compare results/early results/late

Needs `pip install "vision-sensitivity[demo]"`; the photos are measured once for both.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import labels
import numpy as np

from sensitivity import analyse

HERE = Path(__file__).resolve().parent
CHECKPOINTS = {"early": "predictions-early.csv", "late": "predictions.csv"}


def logits(file: Path) -> tuple[list[str], np.ndarray]:
    """Read names and logits.

    Parameters
    ----------
    file : Path
        A file of predictions.

    Returns
    -------
    names : list of str
    values : ndarray of float, shape (cells, 2)
    """
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    values = [[float(row["logit_0"]), float(row["logit_1"])] for row in rows]
    return [row["name"] for row in rows], np.array(values)


def main() -> None:
    """Write one result per checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("results"), help="folder for both")
    out = parser.parse_args().out
    judged, classes, photos = labels.judged()
    for checkpoint, file in CHECKPOINTS.items():
        names, values = logits(HERE / file)
        if names != judged:
            raise ValueError(f"{file}: expected the names of the judged cells, in their order")
        analyse(
            values,
            classes,
            names,
            label_map_dict={int(index): name for index, name in labels.CLASS_NAMES.items()},
            images=photos,
            save_path=out / checkpoint,
            cache=out / ".sensitivity-cache",
        )
        print(f"{checkpoint}: {out / checkpoint}")


if __name__ == "__main__":
    main()
