"""Train the demo's model of the ELPV solar cells and write its predictions.

    python train.py          writes model.pt and predictions.csv beside this file
    python train.py --early  stops early and writes predictions-early.csv only
    python train.py --inner  compares settings on inner splits of the training cells
    python train.py --check  compares the stored model with the stored predictions

The network up to its classifier stays as it is and is run once over each (augmented) cell;
only the classifier is trained.
"""

from __future__ import annotations

import argparse
import csv
import math
import time
from pathlib import Path

import cv2
import labels
import model
import numpy as np
import torch
from torch import nn
from torch.nn import functional

HERE = Path(__file__).resolve().parent
PREDICTIONS = HERE / "predictions.csv"
EARLY_PREDICTIONS = HERE / "predictions-early.csv"

SEED = 7
BATCH = 8
STEPS = 300
EARLY_STEPS = 10
"""What `--early` stops at: an earlier checkpoint to compare the model with."""
RATE = 1e-3
PENALTY = 0.1
PENALTIES = (0.001, 0.01, 0.1)
"""What `--inner` compares."""
COPIES = (2, 4)
"""Copies of each normal and each defective cell: 754 -> 1508 and 358 -> 1432."""
INNER_COUNTS = (151, 72)
"""Training cells of each class held out in each split of `--inner`."""
INNER_SEEDS = (1, 2, 3)


def read_cell(path: Path) -> np.ndarray:
    """Decode one photo.

    Parameters
    ----------
    path : Path
        File of the photo.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        The photo in BGR.
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(f"cannot decode {path}")
    return image


def turned(image: np.ndarray, copy: int) -> np.ndarray:
    """Give one of a cell's copies, which are the same in each run.

    Parameters
    ----------
    image : ndarray
        The cell.
    copy : int
        0 the cell itself, 1 mirrored, 2 upside down, 3 turned by half a turn.

    Returns
    -------
    ndarray
        The copy, of the same shape.
    """
    if copy == 0:
        return image
    return cv2.flip(image, {1: 1, 2: 0, 3: -1}[copy])


def features(net: model.CellNet, paths: list[Path], copies: list[int]) -> torch.Tensor:
    """Run everything before the classifier over photos, each in one of its copies.

    Parameters
    ----------
    net : CellNet
        The network.
    paths : list of Path
        Photos.
    copies : list of int
        Which copy of each photo, see `turned`.

    Returns
    -------
    Tensor of float32, shape (photos, 1280)
        The averaged last feature map of each photo.
    """
    parts = []
    with torch.no_grad():
        for start in range(0, len(paths), BATCH):
            chosen = zip(paths[start : start + BATCH], copies[start : start + BATCH], strict=True)
            batch = [model.preprocess(turned(read_cell(path), copy)) for path, copy in chosen]
            parts.append(net.extract_features(torch.stack(batch)).mean((2, 3)))
    return torch.cat(parts)


def fit(
    values: torch.Tensor, targets: torch.Tensor, penalty: float, steps: int = STEPS
) -> tuple[torch.Tensor, torch.Tensor]:
    """Fit the classifier on all the features at once; the last step is the one that counts.

    The features are standardised while fitting; the weights returned are for the features as
    they are.

    Parameters
    ----------
    values : Tensor, shape (photos, 1280)
        Features.
    targets : Tensor of int64
        Class of each photo.
    penalty : float
        Factor of the sum of the squared weights, added to the cross entropy.
    steps : int
        Steps of the optimiser.

    Returns
    -------
    weight : Tensor, shape (2, 1280)
    bias : Tensor, shape (2,)
    """
    middle, spread = values.mean(0), values.std(0) + 1e-3
    scaled = (values - middle) / spread
    weight = torch.zeros(2, values.shape[1], requires_grad=True)
    bias = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.Adam([weight, bias], lr=RATE)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = functional.cross_entropy(scaled @ weight.T + bias, targets)
        (loss + penalty * weight.square().sum()).backward()
        optimizer.step()
    plain = weight.detach() / spread
    return plain, bias.detach() - plain @ middle


def expanded(net: model.CellNet) -> tuple[np.ndarray, np.ndarray, torch.Tensor]:
    """Compute the features of all the training cells and their copies.

    Parameters
    ----------
    net : CellNet
        The network.

    Returns
    -------
    sources : ndarray of int
        Which training cell each row comes from.
    copies : ndarray of int
        Which copy of it the row is.
    values : Tensor
        The features.
    """
    names, classes, folder = labels.training()
    rows = [(i, copy) for i, c in enumerate(classes) for copy in range(COPIES[c])]
    paths = [folder / names[i] for i, _ in rows]
    values = features(net, paths, [copy for _, copy in rows])
    return np.array([i for i, _ in rows]), np.array([copy for _, copy in rows]), values


def train(steps: int = STEPS) -> model.CellNet:
    """Train the classifier on the training cells and their copies.

    Parameters
    ----------
    steps : int
        Steps of the optimiser.

    Returns
    -------
    CellNet
        The trained network.
    """
    torch.manual_seed(SEED)
    net = model.base()
    sources, _, values = expanded(net)
    targets = torch.from_numpy(labels.training()[1][sources])
    weight, bias = fit(values, targets, PENALTY, steps)
    with torch.no_grad():
        net._fc.weight.copy_(weight)
        net._fc.bias.copy_(bias)
    return net


def predict(net: nn.Module, paths: list[Path]) -> np.ndarray:
    """Run a model over photos.

    Parameters
    ----------
    net : nn.Module
        The model in evaluation mode.
    paths : list of Path
        Photos.

    Returns
    -------
    ndarray of float, shape (photos, 2)
        The logits.
    """
    with torch.inference_mode():
        rows = [
            net(torch.stack([model.preprocess(read_cell(path)) for path in paths[i : i + 8]]))
            for i in range(0, len(paths), 8)
        ]
    logits: np.ndarray = torch.cat(rows).numpy()
    return logits


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Give the 95 % interval of a share, after Wilson.

    Parameters
    ----------
    hits, count : int
        How many of how many.

    Returns
    -------
    low, high : float
        The interval.
    """
    z = 1.959964
    share = hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    half /= 1 + z * z / count
    return middle - half, middle + half


def report(logits: np.ndarray, classes: np.ndarray) -> str:
    """Put accuracy, recalls and confusion matrix in words.

    Parameters
    ----------
    logits : ndarray, shape (cells, 2)
        What the model gave.
    classes : ndarray of int
        What is true.

    Returns
    -------
    str
        A few lines of text.
    """
    matrix = np.zeros((2, 2), dtype=int)
    np.add.at(matrix, (classes, logits.argmax(1)), 1)
    shares = [("accuracy", int(np.trace(matrix)), int(matrix.sum()))]
    for label, name in labels.CLASS_NAMES.items():
        row = matrix[int(label)]
        shares.append((f"recall {name}", int(row[int(label)]), int(row.sum())))
    lines = []
    for name, hits, count in shares:
        low, high = wilson(hits, count)
        lines.append(
            f"{name}: {hits / count:.2%} ({hits} of {count}, 95 % {low:.2%} to {high:.2%})"
        )
    return "\n".join([*lines, f"confusion (rows true, columns predicted): {matrix.tolist()}"])


def write_model(net: nn.Module) -> None:
    """Write `model.pt`: what was trained."""
    trained = {n: p.detach().clone() for n, p in net.named_parameters() if model.is_trained(n)}
    torch.save(trained, model.TRAINED_FILE)


def write_predictions(path: Path, names: list[str], logits: np.ndarray) -> None:
    """Write the logits of the judged cells."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name", "logit_0", "logit_1"])
        for name, row in zip(names, logits, strict=True):
            writer.writerow([name, f"{row[0]:.5f}", f"{row[1]:.5f}"])


def inner() -> str:
    """Compare the penalties on cells held out of the training cells, copies left out.

    Returns
    -------
    str
        For each penalty, what was reached on the held-out cells of all the inner splits.
    """
    torch.manual_seed(SEED)
    sources, copies, values = expanded(model.base())
    classes = labels.training()[1]
    targets = classes[sources]
    lines = []
    for penalty in PENALTIES:
        logits, truth = [], []
        for seed in INNER_SEEDS:
            held = labels.pick(classes, INNER_COUNTS, seed)[sources]
            weight, bias = fit(values[~held], torch.from_numpy(targets[~held]), penalty)
            asked = held & (copies == 0)
            logits.append((values[asked] @ weight.T + bias).numpy())
            truth.append(targets[asked])
        lines.append(f"penalty {penalty:g}")
        lines.append(report(np.concatenate(logits), np.concatenate(truth)))
    return "\n".join(lines)


def check(count: int = 64) -> float:
    """Give the largest difference of logits between `model.pt` and `predictions.csv`.

    Parameters
    ----------
    count : int
        How many of the judged cells to compare, from the first on.

    Returns
    -------
    float
        The largest absolute difference.
    """
    folder = labels.folder()
    with PREDICTIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:count]
    stored = np.array([[float(row["logit_0"]), float(row["logit_1"])] for row in rows])
    fresh = predict(model.load(), [folder / row["name"] for row in rows])
    return float(np.abs(stored - fresh).max())


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--early", action="store_true", help="stop early, keep the model")
    parser.add_argument("--inner", action="store_true", help="compare penalties, write nothing")
    parser.add_argument("--check", action="store_true", help="compare model and predictions")
    parser.add_argument("--threads", type=int, default=2, help="threads to use (default: 2)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    start = time.perf_counter()
    if options.check:
        print(f"largest difference of logits: {check():.2e}")
        return
    if options.inner:
        print(inner())
    else:
        net = train(EARLY_STEPS if options.early else STEPS)
        taken = time.perf_counter() - start
        names, classes, folder = labels.judged()
        logits = predict(net, [folder / name for name in names])
        write_predictions(EARLY_PREDICTIONS if options.early else PREDICTIONS, names, logits)
        if not options.early:
            write_model(net)
        print(report(logits, classes))
        print(f"training took {taken:.0f} s")
    print(f"{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
