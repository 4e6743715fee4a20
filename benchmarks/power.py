"""How often is what is there found? Data sets with an effect of known size.

`make bench-power` runs all of them and prints a table; the test suite runs a part with fixed
seeds. Unless a set-up says otherwise: two classes, 2,000 samples, prevalence .3, recall .85 of
class 1, of whose absence .05 are false positives; one feature, whose five equal bins differ.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pool
from typing import Any

import numpy as np
from trials import COMPONENTS, Trial, tried

from sensitivity.synthetic import Covariate, Levels, Trend, plant

FEATURE = "sharpness"


def in_steps(first: float, last: float) -> Levels:
    """From the first to the last of five bins."""
    return Levels(tuple(np.linspace(first, last, 5).tolist()))


def shares(*positive: float) -> list[tuple[float, float]]:
    """Of class 0 and class 1, bin by bin."""
    return [(1 - share, share) for share in positive]


BINARY: dict[str, Any] = {
    "n": 2000,
    "recall": 0.85,
    "false_positives": 0.05,
    "target": 1,
    "prevalence": (0.7, 0.3),
}
RARER = shares(0.6, 0.45, 0.3, 0.2, 0.1)

#: Set-ups of the three figures that docs/statistics.md promises, with the share found.
PROMISED = {
    "recall .92 → .78": (BINARY | {"recall": in_steps(0.92, 0.78)}, 0.955),
    "recall .78 → .92, class ever rarer": (
        BINARY | {"recall": in_steps(0.78, 0.92), "prevalence": RARER},
        0.845,
    ),
    "false positives .02 → .08": (BINARY | {"false_positives": in_steps(0.02, 0.08)}, 0.96),
}


@dataclass(frozen=True)
class Setting:
    """One kind of data set, what is asked of each, and the mean answer aimed at."""

    name: str
    dials: dict[str, Any]
    asked: Callable[[Trial], float]
    aim: str = ""
    sets: int = 400


def row(trial: Trial, owner: str = "1", feature: str = FEATURE) -> dict[str, Any]:
    """One row of the trends."""
    found = trial.trends()
    mine = (found["feature"] == feature) & (found["class"] == owner)
    return found[mine].iloc[0].to_dict()


def smallest_p(trial: Trial) -> float:
    """Whether one of the four tests of class 1 has p ≤ .05: that of the row's driver."""
    rows = trial.evidence.rows[FEATURE]
    return float(np.nanmin([getattr(rows, name)[2] for name in COMPONENTS]) <= 0.05)


def says(column: str, limit: float, trial: Trial, owner: str = "1") -> float:
    """Whether a number of the row is at most so large."""
    return float(row(trial, owner)[column] <= limit)


def of_all(trial: Trial) -> float:
    """Whether the row of all classes together is real and none of a class is."""
    found = trial.trends().set_index("class")["strength"]
    return float(found["all"] == "real" and (found.drop("all") != "real").all())


def z_of_all(trial: Trial) -> float:
    """Trend of recall in all classes together."""
    return float(trial.evidence.rows[FEATURE].z_recall[0])


def middle_best(trial: Trial) -> float:
    """Whether all rows are real, and best in the middle."""
    found = trial.trends()
    return float((found["strength"].eq("real") & found["shape"].eq("middle best")).all())


def detectable_change(trial: Trial) -> float:
    """The change of recall of class 1 that four of five such data sets would show."""
    return float(row(trial)["detectable_change"])


def named(trial: Trial) -> float:
    """Share of the flagged rows of the mere correlate that name what matters."""
    found = trial.trends().query("feature == 'mere' and strength != 'none'")
    by_name = found["explained_by"].eq(FEATURE) | found["travels_with"].str.contains(FEATURE)
    return float(by_name.mean()) if len(found) else np.nan


def falls_away(trial: Trial) -> float:
    """Share of the flagged rows of the mere correlate with |z| < 2 beside what matters."""
    found = trial.trends().query("feature == 'mere' and strength != 'none'")
    return float((found["partial_z"].abs() < 2).mean()) if len(found) else np.nan


def correlated(rho: float) -> dict[str, Any]:
    """What matters, something that only goes along with it, and something that does not."""
    companions = [Covariate("mere", rho), Covariate("other", 0.0)]
    return {"n": 2000, "recall": Trend(0.65, 0.95), "companions": companions}


MANY: dict[str, Any] = {"n": 50_000, "n_classes": 1000, "recall": Trend(0.89, 0.81)}
DETECTABLE: dict[str, Any] = {"n": 2000, "recall": (0.8, Trend(0.727, 0.873))}
BENT: dict[str, Any] = {"n": 2000, "recall": Trend(0.75, 0.9, "ushape")}

SETTINGS = (
    *(
        Setting(f"{name}: {asked}", dials, question, aim)
        for name, (dials, promised) in PROMISED.items()
        for asked, question, aim in (
            ("its driver's p ≤ .05", smallest_p, f"{promised}"),
            ("p ≤ .05", partial(says, "p", 0.05), ""),
            ("real", partial(says, "q", 0.05), ""),
        )
    ),
    Setting("recall .727 → .873: detectable_change", DETECTABLE,
            detectable_change, "0.117"),
    Setting("recall .727 → .873, a change of .117: real", DETECTABLE,
            partial(says, "q", 0.05), "0.8"),
    Setting("1,000 classes of 50, recall −8 points: z of all", MANY, z_of_all, "-15", 10),
    Setting("1,000 classes of 50: all is real, no class is", MANY, of_all, "", 10),
    Setting("recall .75, .9 in the middle: middle best", BENT, middle_best, ""),
    *(
        Setting(f"mere correlate, |ρ| {rho}: {asked}", correlated(rho), question, aim, 150)
        for rho in (0.5, 0.7, 0.8, 0.95)
        for asked, question, aim in (
            ("names it", named, "≥ 0.9"),
            ("|partial z| < 2", falls_away, "≥ 0.91"),
        )
    ),
)  # fmt: skip


def answers(setting: Setting, sets: int | None = None) -> np.ndarray:
    """What is asked, of each of several data sets."""
    return np.array([answer(setting, seed) for seed in range(sets or setting.sets)])


def answer(setting: Setting, seed: int) -> float:
    """What is asked of one data set."""
    return setting.asked(tried(plant(**setting.dials, rng=seed), seed=seed))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="set-ups whose name holds this")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    print(f"{'':56}{'sets':>6}{'found':>9}{'aim':>9}")
    with Pool(given.workers) as pool:
        for setting in SETTINGS:
            if given.only not in setting.name:
                continue
            found = pool.map(partial(answer, setting), range(setting.sets), chunksize=5)
            print(f"{setting.name:56}{setting.sets:6}{np.nanmean(found):9.3f}{setting.aim:>9}",
                  flush=True)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
