"""How much a gain flatters that was chosen and measured on the same images.

A model and eight views of it that help nobody much: each view differs from the original by its
own noise. The best view and its weight are picked by accuracy on 200 images. What these images
show as the gain is compared with what 20,000 fresh ones see of it, and with the gain that
cross-fitting shows on the 200. Logits are ``2 · [snr · onehot(y) · (1 - pen) + √shared ·
shared noise + √(1 - shared) · own noise]``, all noise N(0, 1).

``python benchmarks/tta_optimism.py [SEEDS]`` prints the three gains in points.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from sensitivity.tta.splits import make_folds

N_VIEWS, N_CLASSES, SNR, SHARED = 9, 2, 1.6, 0.95
N_IMAGES, N_FRESH, N_FOLDS = 200, 20_000, 5
WEIGHTS = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Gains:
    """Gains of accuracy, in points, means over the seeds."""

    shown: float
    cross_fitted: float
    delivered: float


def made_up_views(
    n: int,
    rng: np.random.Generator,
    *,
    shared: float = SHARED,
    penalties: tuple[float, ...] = (0.0,) * N_VIEWS,
) -> tuple[np.ndarray, np.ndarray]:
    """True classes, shape (n,), and logits, shape (views, n, classes)."""
    y = rng.integers(0, N_CLASSES, n)
    signal = SNR * np.eye(N_CLASSES)[y]
    strength = 1 - np.array(penalties)[:, None, None]
    together = np.sqrt(shared) * rng.standard_normal((n, N_CLASSES))
    own = np.sqrt(1 - shared) * rng.standard_normal((len(penalties), n, N_CLASSES))
    return y, 2 * (signal * strength + together + own)


def picked(y: np.ndarray, z: np.ndarray) -> tuple[int, float]:
    """The view and the weight of the greatest accuracy; the first of equal ones."""
    choices = [(m, w) for m in range(1, len(z)) for w in WEIGHTS]
    return max(choices, key=lambda choice: accuracy(y, z, *choice))


def accuracy(y: np.ndarray, z: np.ndarray, view: int = 0, weight: float = 0.0) -> float:
    """Accuracy of a mixture of the original and one view."""
    mixed = (1 - weight) * z[0] + weight * z[view]
    return float((mixed.argmax(axis=1) == y).mean())


def one(seed: int) -> tuple[float, float, float]:
    """Gain that is shown, gain of cross-fitting, gain that is delivered, each a share."""
    rng = np.random.default_rng(seed)
    y, z = made_up_views(N_IMAGES, rng)
    fresh_y, fresh_z = made_up_views(N_FRESH, rng)
    choice = picked(y, z)
    folds, hits = make_folds(y, None, N_FOLDS, rng), 0.0
    for fold in range(N_FOLDS):
        rows = folds == fold
        other = picked(y[~rows], z[:, ~rows])
        hits += rows.sum() * accuracy(y[rows], z[:, rows], *other)
    return (
        accuracy(y, z, *choice) - accuracy(y, z),
        hits / len(y) - accuracy(y, z),
        accuracy(fresh_y, fresh_z, *choice) - accuracy(fresh_y, fresh_z),
    )


def optimism(n_seeds: int) -> Gains:
    """Means over seeds 0 … `n_seeds` - 1."""
    found = 100 * np.mean([one(seed) for seed in range(n_seeds)], axis=0)
    return Gains(*(float(value) for value in found))


if __name__ == "__main__":
    gains = optimism(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    print(f"shown on the {N_IMAGES} images that chose: {gains.shown:+.2f} points")
    print(f"cross-fitted on the same images:   {gains.cross_fitted:+.2f}")
    print(f"delivered on fresh images:         {gains.delivered:+.2f}")
