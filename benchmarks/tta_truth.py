"""Are views accepted that help, and only these? Made-up outputs of views of known worth.

Two tables. The first: in how many of 100 data sets does `fit_policy` accept anything, where the
views tell nothing, and where one of them is worth 2 points of accuracy? The second: how many
points do weights gain or lose that are pulled to the original, or to equal shares? Its
accuracies need no test images: those of the planted views follow from the weights.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from multiprocessing import Pool
from typing import Any

import numpy as np
from scipy.stats import norm

from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.synthetic import plant_views
from sensitivity.tta.logits import ViewLogits
from sensitivity.tta.penalties import PENALTIES, fit_penalised
from sensitivity.tta.policy_fit import fit_policy
from sensitivity.tta.pooling import fit_weights
from sensitivity.tta.splits import make_folds

SIGNAL, SHARED = 1.6, 0.9
BAD = (0.0,) + (0.15,) * 8
GOOD = (0.0, -0.1) + (0.15,) * 7


@dataclass(frozen=True)
class Setting:
    """One kind of data set, and how often something should be accepted."""

    name: str
    n: int
    least: float = 0.0
    most: float = 1.0
    views: dict[str, Any] = field(default_factory=dict)
    group_size: int = 1
    options: dict[str, Any] = field(default_factory=dict)


def null(name: str, n: int = 500, **views: Any) -> Setting:
    """Nothing may be accepted in more than 5 of 100."""
    return Setting(name, n, most=0.05, views=views)


COPIES: dict[str, Any] = {"noisy_copies": 8}
SETTINGS = (
    null("8 views of noise", noise_views=8),
    null("8 noisy copies", **COPIES),
    null("8 noisy copies", 100, **COPIES),
    null("8 noisy copies, 10 classes", n_classes=10, signal=2.5, **COPIES),
    null("8 noisy copies, .983 right", signal=3.0, **COPIES),
    null("8 noisy copies, .998 right", 100, signal=4.0, **COPIES),
    null("8 noisy copies, .998 right", signal=4.0, **COPIES),
    null("8 noisy copies, .998 right", 2000, signal=4.0, **COPIES),
    null("8 worse views (−.15)", penalties=BAD),
    Setting("50 images, each 10 times, grouped", 500, most=0.05, views=COPIES, group_size=10),
    Setting(
        "8 noisy copies, by predicted class",
        500,
        most=0.05,
        views=COPIES,
        options={"by_predicted": True},
    ),
    Setting(
        "8 noisy copies, for the recall of a class",
        500,
        most=0.05,
        views=COPIES,
        options={"objective": "recall:1"},
    ),
    Setting(
        "8 noisy copies, at most 1.5 passes",
        500,
        most=0.05,
        views=COPIES,
        options={"max_passes": 1.5, "gate": "auto"},
    ),
    *(
        Setting("1 better view (+2.2 points) among 7 worse", n, least, views={"penalties": GOOD})
        for n, least in ((150, 0.0), (300, 0.0), (500, 0.95), (1000, 0.95))
    ),
)


def collected(z: np.ndarray, y: np.ndarray, group_size: int = 1) -> ViewLogits:
    """View logits of images that are all found `group_size` times."""
    z, groups = np.repeat(z, group_size, axis=1), np.repeat(np.arange(len(y)), group_size)
    y = np.repeat(y, group_size)
    views = [ORIGINAL, *(ViewSpec("gaussian_blur", 0.1 * m) for m in range(1, len(z)))]
    classes = tuple(map(str, range(z.shape[2])))
    names = tuple(f"{i}.png" for i in range(len(y)))
    return ViewLogits(names, y, tuple(views), z, classes, groups=groups if group_size > 1 else None)


def is_accepted(setting: Setting, seed: int) -> bool:
    """Whether anything but the identity comes out."""
    z, y = plant_views(setting.n // setting.group_size, rng=seed, **setting.views)
    logits = collected(z, y, setting.group_size)
    return not fit_policy(logits, **({"gate": None} | setting.options), rng=seed).is_identity


def accuracy(weights: np.ndarray, penalties: tuple[float, ...]) -> float:
    """Of two classes, as it follows from the shares of the views."""
    shares = weights / weights.sum()
    signal = SIGNAL * float(shares @ (1 - np.array(penalties)))
    noise = SHARED + (1 - SHARED) * float(shares @ shares)
    return float(norm.cdf(signal / np.sqrt(2 * noise)))


def points(penalties: tuple[float, ...], to: str, penalty: float | None, seed: int) -> float:
    """Gain of accuracy by weights that were fitted to 150 images."""
    z, y = plant_views(150, signal=SIGNAL, shared=SHARED, penalties=penalties, rng=seed)
    original = np.eye(len(z))[0]
    prior = original if to == "original" else np.full(len(z), 1 / len(z))
    if penalty is None:
        weights = fit_penalised(z, y, make_folds(y, None, 5, seed), prior=prior).weights
    else:
        weights = fit_weights(z, y, prior=prior, penalty=penalty)
    return 100 * (accuracy(weights, penalties) - accuracy(original, penalties))


def _call(task: tuple[Any, ...]) -> float:
    function, *arguments = task
    return float(function(*arguments))


def main(arguments: list[str]) -> int:
    """Print the tables; 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=None)
    options = parser.parse_args(arguments)
    seeds, broken = range(options.seeds), 0
    with Pool(options.jobs) as pool:
        for setting in SETTINGS:
            share = np.mean(pool.map(_call, [(is_accepted, setting, seed) for seed in seeds]))
            kept = setting.least <= share <= setting.most
            broken += not kept
            mark = "" if kept else "  BROKEN"
            print(f"{setting.name:45} n {setting.n:5} accepted {share:5.2f}{mark}", flush=True)
        for name, penalties in (("8 worse views", BAD), ("1 better among 7 worse", GOOD)):
            for to in ("original", "equal shares"):
                for penalty in (None, 0.0, 0.01, 0.1, 1.0, 10.0):
                    tasks = [(points, penalties, to, penalty, seed) for seed in seeds]
                    found = np.array(pool.map(_call, tasks))
                    error = found.std() / np.sqrt(len(found))
                    how = "λ by cross-validation" if penalty is None else f"λ {penalty:g}"
                    what = f"{name}, pulled to {to}, {how}"
                    print(f"{what:70} {found.mean():+5.2f} points ± {error:.2f}", flush=True)
    print(f"penalties tried: {PENALTIES}")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
