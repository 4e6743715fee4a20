"""Does the toolkit find what helps, told nothing, and refuse what does not?

    python prove.py                 all 10,000 images of each set; minutes
    python prove.py --images 2000   the first so many

Beside the toolkit stands the *blind* fit: one convex fit of weights over all registered views,
the same for all images, no matter which images are weak. Both are judged on the same images,
which took no part in either; the blind fit may use all the others, the toolkit uses one part of
them to find the weak images and another to fit.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from collect import CACHE, SETS, collected

import sensitivity
from sensitivity.result import Analysis
from sensitivity.tta.logits import ViewLogits
from sensitivity.tta.merge import passes
from sensitivity.tta.penalties import fit_penalised, nll_rows, pooled
from sensitivity.tta.pooling import fit_weights
from sensitivity.tta.recipe import divide
from sensitivity.tta.run import try_remedies
from sensitivity.tta.splits import make_folds

FOLDS = 5
TITLES = {
    "degraded": "degraded: noise, blur, JPEG, darkness or loss of contrast, of random strength",
    "clean": "clean",
    "moved": "moved by 4 to 7 pixels, which no view mends",
}


@dataclass(frozen=True)
class Outcome:
    """What was reached on the images that judged.

    Attributes
    ----------
    gain : float
        Nats per image, against the original at its best temperature.
    accuracy : float
    passes : float
        Mean forward passes per image.
    views : str
        Which got a weight.
    """

    gain: float
    accuracy: float
    passes: float
    views: str


def blind(logits: ViewLogits) -> Outcome:
    """Fit all views for all images alike, and judge where the toolkit judges.

    Parameters
    ----------
    logits : ViewLogits
        N images.

    Returns
    -------
    Outcome
    """
    prior = np.eye(len(logits.views))[0]
    gains, right, costs, names = [], [], [], {}
    for part in divide(logits)[1]:
        others = np.setdiff1d(np.arange(len(logits)), part.judge)
        known, asked = logits.rows(others), logits.rows(part.judge)
        fold = make_folds(known.y, known.groups, FOLDS, 0)
        weights = fit_penalised(known.z, known.y, fold, prior=prior).weights
        heat = fit_weights(known.z[:1], known.y)[0]
        scores = pooled(asked.z, weights, "logits")
        gains.append(nll_rows(heat * asked.z[0], asked.y) - nll_rows(scores, asked.y))
        right.append(scores.argmax(1) == asked.y)
        # The original is run only where it has a weight, too.
        costs.append(np.full(len(asked), float((weights > 0).sum())))
        shares = zip(logits.views, weights / weights.sum(), strict=True)
        names.update({view.name: share for view, share in shares if share > 0})
    listed = sorted(names, key=lambda name: -names[name])
    return Outcome(
        float(np.concatenate(gains).mean()),
        float(np.concatenate(right).mean()),
        float(np.concatenate(costs).mean()),
        ", ".join(f"{name} {names[name]:.2f}" for name in listed),
    )


def told_nothing(logits: ViewLogits) -> tuple[Analysis, Outcome]:
    """Let the toolkit find what helps.

    Parameters
    ----------
    logits : ViewLogits
        N images.

    Returns
    -------
    analysis : Analysis
        With what became of it.
    outcome : Outcome
        Of its policy; a gain of 0 at one pass where there is none.
    """
    columns = {name: logits.feature(name).astype(float) for name in logits.feature_names}
    analysis = sensitivity.analyse(
        logits.z[0],
        logits.y,
        list(logits.names),
        features=(),
        columns=columns,
        label_map_dict=dict(enumerate(logits.classes)),
        save_path=None,
    )
    analysis = try_remedies(analysis, logits)
    remedy = analysis.remedy
    assert remedy is not None
    of_all = remedy.strategies.query("`class` == 'all' and strategy == 'policy'")
    accuracy = of_all.set_index("metric")["value"]["accuracy"]
    gain = remedy.settings["gain"]
    costs = remedy.costs.set_index("strategy")["passes"]
    views = ", ".join(view.name for view in remedy.policy.views[1:])
    value = 0.0 if gain is None else gain["value"]
    return analysis, Outcome(value, accuracy, float(costs["policy"]), views)


def report(name: str, logits: ViewLogits) -> str:
    """Put one set's outcome in words.

    Parameters
    ----------
    name : str
        The set.
    logits : ViewLogits
        What was collected of it.

    Returns
    -------
    str
        A few lines.
    """
    start = time.perf_counter()
    by_all = blind(logits)
    taken_blind = time.perf_counter() - start
    analysis, by_us = told_nothing(logits)
    taken = time.perf_counter() - start - taken_blind
    settings, policy = analysis.remedy.settings, analysis.remedy.policy
    original = logits.z[0]
    judged = divide(logits)[1]
    places = np.concatenate([part.judge for part in judged])
    lines = [
        f"== {TITLES[name]} ==",
        f"{len(logits):,} images, {len(places):,} of them judge ({settings['design']})",
        f"original   accuracy {(original.argmax(1) == logits.y)[places].mean():.2%}, "
        f"NLL {nll_rows(original, logits.y)[places].mean():.3f}",
        _row("blind", by_all),
        _row("toolkit", by_us),
    ]
    if by_all.gain > 0:
        lines.append(
            f"the toolkit has {by_us.gain / by_all.gain:.0%} of the blind gain, "
            f"at {by_us.passes / by_all.passes:.0%} of its passes"
        )
    if not policy.is_identity:
        lines.append(f"passes of its last policy: {passes(logits, policy).mean():.2f}")
    lines.append(f"verdict: {settings['verdict']} ({settings['reason']})")
    lines.append(f"blind fit {taken_blind:.0f} s, toolkit {taken:.0f} s")
    return "\n".join(lines)


def _row(name: str, outcome: Outcome) -> str:
    return (
        f"{name:10} accuracy {outcome.accuracy:.2%}, gain {outcome.gain:.4f} nats, "
        f"{outcome.passes:.2f} passes ({outcome.views or 'no view'})"
    )


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, help="the first so many images (default: all)")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of what was collected")
    options = parser.parse_args()
    for name in SETS:
        print(report(name, collected(name, options.images, options.cache)), flush=True)


if __name__ == "__main__":
    main()
