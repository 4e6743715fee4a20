"""Are the p-values right where nothing is real? Thousands of data sets without any effect.

Every data set has features that differ in kind (skewed, tied, half of them zero, categorical),
that are correlated with each other and with the class, so that F1 differs between the bins
while the model does not. `make bench-null` runs all of them and prints the table that stands in
docs/statistics.md; the test suite runs a part with fixed seeds.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from multiprocessing import Pool
from zlib import crc32

import numpy as np
from scipy.stats import kstest
from trials import tried

from sensitivity.synthetic import Covariate, plant

COMPANIONS = (
    Covariate("skewed", 0.6, "skewed"),
    Covariate("tied", 0.3, "tied", n_levels=4),
    Covariate("censored", -0.5, "censored"),
    Covariate("camera", 0.5, "categorical", n_levels=3),
    Covariate("unrelated", 0.0),
)


@dataclass(frozen=True)
class Setting:
    """One kind of data set without any effect."""

    name: str
    n: int = 2000
    n_classes: int = 2
    recall: float | tuple[float, ...] = 0.85
    confounding: float = 0.8
    dials: dict[str, float] = field(default_factory=dict)
    #: "given"; "hidden": clusters are neighbours by name; "lost": not even that.
    groups: str = "none"


CLUSTERED = {"group_size": 20, "icc": 0.3, "within_group": 0.5}
CONSTANT = {"group_size": 20, "icc": 0.3, "within_group": 1.0}

SETTINGS = (
    Setting("2 classes, recall .70", recall=0.70),
    Setting("2 classes, recall .85"),
    Setting("2 classes, recall .99", recall=0.99),
    Setting("2 classes, recall .95/.75, n 500", n=500, recall=(0.95, 0.75)),
    Setting("2 classes, no class correlation", confounding=0.0),
    Setting("40 classes, recall .70", n=4000, n_classes=40, recall=0.70),
    Setting("40 classes, recall .99", n=4000, n_classes=40, recall=0.99),
    Setting("clusters of 20, given", dials=CLUSTERED, groups="given"),
    Setting("clusters of 20, feature constant, given", dials=CONSTANT, groups="given"),
    Setting("clusters of 20, neighbours, not given", dials=CLUSTERED, groups="hidden"),
    Setting("clusters of 20, constant, not given", dials=CONSTANT, groups="hidden"),
)

#: What happens to a test that takes clustered samples as independent: not calibrated.
NAIVE = Setting("clusters of 20, constant, names in no order", dials=CONSTANT, groups="lost")

COMPONENTS = ("p_recall", "p_fpr", "p_f1")


def one(setting: Setting, seed: int) -> dict[str, float]:
    """One data set: p of one random row, and what the family says of the run."""
    rng = np.random.default_rng((seed, crc32(setting.name.encode())))
    lost = [f"{i}.png" for i in rng.permutation(setting.n)] if setting.groups == "lost" else None
    planted = plant(
        setting.n,
        names=lost,
        n_classes=setting.n_classes,
        recall=setting.recall,
        confounding=setting.confounding,
        feature=Covariate("sharpness"),
        companions=COMPANIONS,
        rng=seed,
        **setting.dials,
    )
    groups = planted.groups if setting.groups == "given" else None
    found = tried(planted, groups=groups, seed=seed).trends()
    told: dict[str, float] = {}
    for name in COMPONENTS:
        usable = found[name].dropna()
        told[name] = float(usable.iloc[rng.integers(len(usable))]) if len(usable) else np.nan
    tested = found["p"].dropna().to_numpy()
    told["p"] = float(tested[rng.integers(len(tested))]) if len(tested) else np.nan
    told["share_05"] = float((tested <= 0.05).mean()) if len(tested) else np.nan
    told["share_001"] = float((tested <= 0.001).mean()) if len(tested) else np.nan
    told["any_q"] = float((found["q"] <= 0.05).any())
    told["any_real"] = float((found["strength"] == "real").any())
    return told


def summary(runs: list[dict[str, float]]) -> dict[str, float]:
    """Rates over the data sets, and the Kolmogorov-Smirnov p of each component."""
    columns = {key: np.array([run[key] for run in runs]) for key in runs[0]}
    told = {
        f"ks_{name}": float(kstest(columns[name][~np.isnan(columns[name])], "uniform").pvalue)
        for name in COMPONENTS
    }
    told |= {f"at_05_{name}": float(np.nanmean(columns[name] <= 0.05)) for name in COMPONENTS}
    keys = ("share_05", "share_001", "any_q", "any_real")
    return told | {key: float(np.nanmean(columns[key])) for key in keys}


def _job(pair: tuple[Setting, int]) -> dict[str, float]:
    return one(*pair)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=400, help="data sets per setting")
    parser.add_argument("--only", default="", help="settings whose name holds this")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    head = ("p ≤ .05: recall", "fpr", "F1", "any p ≤ .05", "≤ .001", "any q ≤ .05", "real", "KS")
    print(f"{'':46}" + "".join(f"{name:>16}" for name in head))
    with Pool(given.workers) as pool:
        for setting in (*SETTINGS, NAIVE):
            if given.only not in setting.name:
                continue
            runs = pool.map(_job, [(setting, seed) for seed in range(given.sets)], chunksize=10)
            told = summary(runs)
            least = min(told[f"ks_{name}"] for name in COMPONENTS)
            numbers = [told[f"at_05_{name}"] for name in COMPONENTS]
            numbers += [told[key] for key in ("share_05", "share_001", "any_q", "any_real")]
            cells = "".join(f"{number:16.4f}" for number in numbers)
            print(f"{setting.name:46}{cells}{least:16.4f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
