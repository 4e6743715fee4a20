"""Is "confirmed" said where a feature makes errors, and only there? A hundred sets of each kind.

Planted sets (see sensitivity.synthetic.interventions): errors that come from blur; errors that only
go with it; a model that minds any change; one that minds nothing. For each: how often the finding
on sharpness is confirmed, by blurring and by sharpening, and what is said otherwise. Then real
pixels: pictures that are blurred, and two small models made by hand. One tells stripes by their
fine detail and truly needs sharpness; the other looks at brightness, and the labels of blurred
pictures are wrong more often. Grain, added after the blur as a camera does, shows a limit: the view
takes it away, so a picture comes to the sharpness of a blurred one with less blur.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter
from multiprocessing import Pool

import numpy as np
import numpy.typing as npt
import pandas as pd

from sensitivity import analyse
from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.features import measure, select
from sensitivity.images import from_array
from sensitivity.result import Analysis
from sensitivity.synthetic import degrade, photograph
from sensitivity.synthetic.interventions import MovedImages, move_images
from sensitivity.tta.interventions import judge_interventions, with_interventions
from sensitivity.tta.logits import ViewLogits

Image = npt.NDArray[np.uint8]

PLANTED = (
    ("blur, n 1,500", {"cause": "blur"}),
    ("blur, n 600", {"cause": "blur", "n": 600}),
    ("blur, weak, n 1,500", {"cause": "blur", "effect": 0.5}),
    ("blur, 10 classes, n 3,000", {"cause": "blur", "n": 3000, "n_classes": 10}),
    ("blur, groups of 10, n 1,500", {"cause": "blur", "group_size": 10}),
    ("difficulty, n 1,500", {"cause": "difficulty"}),
    ("difficulty, n 600", {"cause": "difficulty", "n": 600}),
    ("difficulty, 10 classes, n 3,000", {"cause": "difficulty", "n": 3000, "n_classes": 10}),
    ("difficulty, groups of 10, n 1,500", {"cause": "difficulty", "group_size": 10}),
    ("any change, n 1,500", {"cause": "any change"}),
    ("nothing, n 1,500", {"cause": "nothing"}),
)

PICTURE_VIEWS = (
    ORIGINAL,
    *(ViewSpec("gaussian_blur", s, "sharpness", "down", "trend") for s in (0.4, 0.7, 1.0, 1.5)),
    *(ViewSpec("gamma", g, "brightness", "down", "chosen") for g in (1.3, 1.8, 2.5)),
    *(ViewSpec("saturation", f, "saturation", "down", "chosen") for f in (0.6, 0.2)),
)
PICTURE_FEATURES = ("sharpness", "brightness", "contrast", "saturation", "noise")


def judged(moved: MovedImages) -> tuple[Analysis, pd.DataFrame]:
    """The analysis with the verdicts fed in, and the interventions."""
    classes = tuple(str(c) for c in range(moved.z.shape[2]))
    groups = moved.groups if moved.groups[-1] < len(moved.groups) - 1 else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        analysis = analyse(
            moved.pred_list,
            moved.label_list,
            moved.name_list,
            columns=moved.columns,
            features=(),
            groups=groups,
            save_path=None,
        )
    views = ViewLogits(
        tuple(moved.name_list),
        moved.label_list,
        moved.views,
        moved.z,
        classes,
        groups,
        feature_names=moved.feature_names,
        features=moved.features,
    )
    found = judge_interventions(analysis, views)
    return with_interventions(analysis, found), found


def told(moved: MovedImages) -> dict[str, object]:
    """What is said of sharpness and all classes, and of any row at all."""
    analysis, found = judged(moved)
    trends = analysis.trends
    row = trends[(trends["feature"] == "sharpness") & (trends["class"] == "all")].iloc[0]
    mine = found[(found["feature"] == "sharpness") & (found["class"] == "all")]
    reasons = dict(zip(mine["direction"], mine["reason"], strict=True))
    of_rows = found["verdict"].value_counts()
    return {
        "verdict": row["verdict"],
        "down": reasons.get("down", ""),
        "up": reasons.get("up", ""),
        "rows": len(found),
        "confirmed": int(of_rows.get("confirmed", 0)),
        "any": bool((trends["verdict"] == "confirmed").any()),
    }


def one(job: tuple[dict[str, object], int]) -> dict[str, object]:
    """One planted set."""
    options, seed = job
    return told(move_images(rng=seed, **options))


# Real pixels


def viewed(image: Image, view: ViewSpec) -> Image:
    """A picture as a view shows it; written here anew, for 8-bit pictures."""
    if view.op == "gaussian_blur":
        return degrade(image, blur=view.dose)
    values = image.astype(np.float64)
    if view.op == "gamma":
        values = 255 * (values / 255) ** view.dose
    elif view.op == "saturation":
        grey = values @ np.array([0.299, 0.587, 0.114])
        values = grey[..., None] + view.dose * (values - grey[..., None])
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def stripes(image: Image) -> float:
    """Log-odds of stripes: their strength, four pixels apart, against the whole contrast."""
    luma = image.mean(axis=2)
    wave = np.exp(0.5j * np.pi * np.arange(len(luma)))
    strength = abs((luma.mean(axis=1) * wave).mean())
    return float(4 * np.log((strength + 0.05) / (luma.std() + 1)) + 8.5)


def bright(image: Image) -> float:
    """Log-odds of a bright picture."""
    return float((image.mean() - 110) / 6)


def pictures(kind: str, n: int, seed: int) -> MovedImages:
    """Pictures with a blur each, in all views, as `kind` of model sees them."""
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=n)
    blur = rng.uniform(0, 1.5, n)
    model = bright if kind == "brightness" else stripes
    names = select(PICTURE_FEATURES)
    scores = np.empty((len(PICTURE_VIEWS), n))
    features = np.empty((len(PICTURE_VIEWS), n, len(names)), dtype=np.float32)
    rows = np.arange(48)[:, None, None]
    for i in range(n):
        scene = photograph(48, kind=0, rng=rng).astype(np.float64)
        if kind != "brightness":
            scene += y[i] * rng.uniform(10, 30) * np.sin(np.pi / 2 * (rows + rng.integers(4)))
        else:
            scene *= (0.72 if y[i] == 0 else 1.2) * np.exp(rng.normal(0, 0.08))
        crisp = np.clip(scene, 0, 255).astype(np.uint8)
        image = degrade(crisp, blur=blur[i], noise=2.0 * (kind == "grainy stripes"), rng=rng)
        for m, view in enumerate(PICTURE_VIEWS):
            seen = viewed(image, view)
            scores[m, i] = model(seen)
            features[m, i] = list(measure(from_array(seen), names).values())
    if kind == "brightness":
        # Whoever labelled them could not see well in the blurred ones.
        wrong = rng.random(n) < 0.03 + 0.3 * blur / 1.5
        y = np.where(wrong, 1 - y, y)
    z = np.stack([-scores / 2, scores / 2], axis=2).astype(np.float32)
    files = [f"{i:05d}.png" for i in range(n)]
    groups = np.arange(n)
    return MovedImages(files, y, PICTURE_VIEWS, z, PICTURE_FEATURES, features, groups)


def show(name: str, runs: list[dict[str, object]]) -> None:
    """One line of the table."""
    rows = max(1, sum(int(run["rows"]) for run in runs))
    by = {way: Counter(run[way] for run in runs).most_common(2) for way in ("down", "up")}
    words = "; ".join(
        f"{way}: " + ", ".join(f"{reason or '–'} {count}" for reason, count in found)
        for way, found in by.items()
    )
    confirmed = sum(run["verdict"] == "confirmed" for run in runs)
    associated = sum(run["verdict"] == "associated" for run in runs)
    share = sum(int(run["confirmed"]) for run in runs) / rows
    anywhere = sum(bool(run["any"]) for run in runs)
    print(
        f"{name:34}{len(runs):5}{confirmed:11}{associated:12}{anywhere:10}{share:12.3f}  {words}",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=100, help="planted sets of each kind")
    parser.add_argument("--pictures", type=int, default=600, help="pictures of each model")
    parser.add_argument("--only", default="", help="kinds whose name holds this")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    head = f"{'sets':>5}{'confirmed':>11}{'associated':>12}{'anywhere':>10}{'of rows':>12}"
    print(f"{'':34}{head}  why", flush=True)
    with Pool(given.workers) as pool:
        for name, options in PLANTED:
            if given.only in name:
                jobs = [(options, seed) for seed in range(given.sets)]
                show(name, pool.map(one, jobs, chunksize=5))
    columns = ["feature", "class", "op", "dose", "n", "observed", "change", "control", "reason"]
    for kind in ("stripes", "grainy stripes", "brightness") if given.pictures else ():
        moved = pictures(kind, given.pictures, seed=0)
        analysis, found = judged(moved)
        right = (moved.z[0].argmax(axis=1) == moved.label_list).mean()
        real = analysis.trends[analysis.trends["strength"] == "real"]
        print(f"\nPictures, a model of {kind}: accuracy {right:.3f}")
        print(real[["feature", "class", "recall_change", "q", "verdict"]].round(3).to_string())
        print(found[["verdict", "direction", *columns]].round(3).to_string())


if __name__ == "__main__":
    sys.exit(main())
