"""Images that are moved on purpose, and a model that minds, or does not: all made up.

Each image has a blur of its own, a brightness and a saturation; a view changes one of them as
the operation would, and the features are measured anew. Whether errors come from the blur or
only go with it is the dial.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..catalogue import ORIGINAL, ViewSpec
from ..errors import OptionError
from .dials import Random, generator, in_range, whole_number

#: What makes the planted model err. ``blur``: the blur in the image, wherever it comes from.
#: ``difficulty``: something that blurred images have more of, and that no view touches.
#: ``any change``: the same, and any change of the image, by its size and whatever its kind.
#: ``nothing``: neither.
CAUSES = ("blur", "difficulty", "any change", "nothing")

FEATURE_NAMES = ("sharpness", "brightness", "saturation")

#: Blur and sharpening in several doses, and views that have nothing to do with sharpness.
VIEWS = (
    ORIGINAL,
    *(ViewSpec("gaussian_blur", s, "sharpness", "down", "trend") for s in (0.5, 1.0, 1.5, 2.5)),
    *(ViewSpec("unsharp", a, "sharpness", "up", "trend") for a in (1.0, 2.0, 4.0)),
    *(ViewSpec("gamma", g, "brightness", "down", "chosen") for g in (1.5, 2.5)),
    *(ViewSpec("gamma", g, "brightness", "up", "chosen") for g in (0.67, 0.4)),
    *(ViewSpec("saturation", f, "saturation", "down", "chosen") for f in (0.5, 0.0)),
)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MovedImages:
    """N images in M views, with what a model says of them.

    Attributes
    ----------
    name_list : list of str, length N
    label_list : ndarray of int64, shape (N,)
        True classes.
    views : tuple of ViewSpec, length M
        The original first.
    z : ndarray of float32, shape (M, N, C)
        Logits.
    feature_names : tuple of str, length F
    features : ndarray of float32, shape (M, N, F)
        Measured on every view.
    groups : ndarray of int64, shape (N,)
        Which images share their difficulty; a group each unless asked for.
    """

    name_list: list[str]
    label_list: npt.NDArray[np.int64]
    views: tuple[ViewSpec, ...]
    z: npt.NDArray[np.float32]
    feature_names: tuple[str, ...]
    features: npt.NDArray[np.float32]
    groups: npt.NDArray[np.int64]

    @property
    def pred_list(self) -> npt.NDArray[np.float32]:
        """Logits of the originals, N×C."""
        original: npt.NDArray[np.float32] = self.z[0]
        return original

    @property
    def columns(self) -> pd.DataFrame:
        """Features of the originals."""
        original = self.features[0].astype(np.float64)
        return pd.DataFrame(original, columns=list(self.feature_names))


def move_images(
    n: int = 1500,
    *,
    cause: str = "blur",
    effect: float = 1.2,
    n_classes: int = 2,
    margin: float = 1.8,
    group_size: int = 1,
    rng: Random = 0,
) -> MovedImages:
    """Make up images, move them through :data:`VIEWS`, and let a model judge every view.

    The model is right where its margin ``margin - effect · h + own`` is above 0: ``h`` is the
    standardised blur of the view (``cause="blur"``; sharpening does not bring back what
    blur took away) or a difficulty that is correlated with the image's own blur (.8), and `own`
    is noise of each image, logistic, a little of it new in each view.

    Parameters
    ----------
    n : int, default 1500
        Number of images, ≥ 1.
    cause : str, default "blur"
        One of :data:`CAUSES`.
    effect : float, default 1.2
        How much the margin loses per SD, ≥ 0.
    n_classes : int, default 2
        Number of classes C, ≥ 2.
    margin : float, default 1.8
        Margin of the average image.
    group_size : int, default 1
        Images that share blur and difficulty but for a quarter of their variance.
    rng : int or numpy.random.Generator, default 0
        Seed or generator.

    Returns
    -------
    MovedImages

    Raises
    ------
    OptionError
        An unknown cause, or a number out of its range.

    Examples
    --------
    >>> moved = move_images(400, cause="difficulty")
    >>> blurred = moved.views.index(ViewSpec("gaussian_blur", 2.5, "sharpness", "down", "trend"))
    >>> right = (moved.z.argmax(axis=2) == moved.label_list).mean(axis=1)
    >>> bool(abs(right[blurred] - right[0]) < 0.02)
    True
    """
    if cause not in CAUSES:
        raise OptionError("cause", f"expected one of {', '.join(CAUSES)}", got=cause)
    whole_number("n", n, low=1)
    whole_number("n_classes", n_classes, low=2)
    whole_number("group_size", group_size, low=1)
    in_range("effect", effect, low=0)
    random = generator(rng)

    y = random.integers(n_classes, size=n)
    groups = np.arange(n) // group_size
    latent = _shared(groups, random) + 0.3 * (
        y / (n_classes - 1) - 0.5
    )  # some classes are blurrier
    difficulty = 0.8 * latent + 0.6 * _shared(groups, random)
    images = {
        "blur": 0.9 * np.exp(0.6 * latent),  # σ in pixels
        "brightness": np.clip(random.normal(115, 28, n), 20, 235),
        "saturation": random.beta(3, 4, n),
        "texture": np.exp(random.normal(0, 0.12, n)),
    }
    features, blurs = zip(*(_seen(view, images) for view in VIEWS), strict=True)
    measured = np.stack(features)
    spread = measured[0].std(axis=0)
    size = np.abs((measured - measured[0]) / np.where(spread > 0, spread, 1)).mean(axis=2)

    hardness = {
        "blur": [(np.log(blur / 0.9) / 0.6) for blur in blurs],
        "difficulty": [difficulty] * len(VIEWS),
        "any change": [difficulty + 4 * moved for moved in size],
        "nothing": [np.zeros(n)] * len(VIEWS),
    }[cause]
    own = random.logistic(0, 0.8, n)
    margins = margin - effect * np.stack(hardness) + own
    margins[1:] += random.normal(0, 0.2, (len(VIEWS) - 1, n))
    names = [f"image {i:06d}.png" for i in random.permutation(n)]
    return MovedImages(
        names,
        y.astype(np.int64),
        VIEWS,
        _logits(margins, y, n_classes, random),
        FEATURE_NAMES,
        measured.astype(np.float32),
        groups.astype(np.int64),
    )


def _shared(groups: npt.NDArray[np.int64], random: np.random.Generator) -> Floats:
    """Standard normal; three quarters of its variance common to a group of several."""
    own = random.normal(size=len(groups))
    if groups[-1] == len(groups) - 1:
        return own
    common = random.normal(size=int(groups[-1]) + 1)[groups]
    return np.asarray(np.sqrt(0.75) * common + 0.5 * own)


def _seen(view: ViewSpec, images: dict[str, Floats]) -> tuple[Floats, Floats]:
    """Features of a view, N×3, and the blur that is in it."""
    brightness, saturation = images["brightness"], images["saturation"]
    blur = images["blur"]
    crisp = np.ones_like(blur)
    if view.op == "gaussian_blur":
        blur = np.hypot(blur, view.dose)
    elif view.op == "unsharp":
        crisp = np.full_like(blur, 1 + 0.6 * view.dose)
    elif view.op == "gamma":
        brightness = 255 * (brightness / 255) ** view.dose
        crisp = (brightness / images["brightness"]) ** 0.2  # darker images have weaker edges
    elif view.op == "saturation":
        saturation = np.minimum(saturation * view.dose, 1)
    sharpness = 100 * images["texture"] * crisp / (0.5 + blur) ** 2
    return np.stack([sharpness, brightness, saturation], axis=1), blur


def _logits(
    margins: Floats, y: npt.NDArray[np.int64], n_classes: int, random: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Logits of M×N margins of the true class over the runner-up, one for each image."""
    n = len(y)
    z = np.repeat((-margins / 2)[..., None], n_classes, axis=2)
    z -= 1 + random.exponential(1, (n, n_classes))
    rows = np.arange(n)
    rival = (y + random.integers(1, n_classes, n)) % n_classes
    z[:, rows, rival] = -margins / 2
    z[:, rows, y] = margins / 2
    return z.astype(np.float32)
