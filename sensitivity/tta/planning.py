"""Which views are worth collecting: those that may mend a weakness, and those that test it.

Doses are measured on a sample of the images, as the model takes them. Nothing here decides about a
view: that is the recipe's, on what was collected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..catalogue import DOWN, UP, View, ViewSpec, views_moving
from .candidates import ALIKE, MAX_MOVE, PARTS, likeness
from .logits import ViewLogits
from .weaknesses import Weakness, inside

if TYPE_CHECKING:
    from .dose import Dosed

#: Weaknesses that views are made for, one per cluster of features.
MAX_WEAKNESSES = 5

#: Images on which a dose is found.
SAMPLE = 96

#: Parts of the way to the ends of the observed range, for moving the same images on purpose.
STEPS = (0.35, 0.7, 1.0)

#: Features whose moves serve as controls, if they are unrelated to the finding.
CONTROLS = ("brightness", "contrast", "noise", "sharpness", "saturation")

#: Up to this |ρ| a feature is unrelated.
UNRELATED = 0.3

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Sampler:
    """Images by their place, as the model takes them.

    Attributes
    ----------
    load : callable
        From places to a tensor B×C×H×W.
    mean, std : sequence of float or None
        Their normalisation.
    rng : int
        Seed of the samples.
    """

    load: Any
    mean: Sequence[float] | None = None
    std: Sequence[float] | None = None
    rng: int = 0

    def some(self, chosen: npt.NDArray[np.bool_]) -> Any:
        """A sample of some images."""
        places = np.flatnonzero(chosen)
        if len(places) > SAMPLE:
            draw = np.random.default_rng(self.rng).choice(places, SAMPLE, replace=False)
            places = np.sort(draw)
        return self.load(places)


def plan_views(
    first: ViewLogits,
    found: Sequence[Weakness],
    sampler: Sampler,
    *,
    always: Sequence[ViewSpec] = (),
    move: bool = True,
    max_views: int = 32,
) -> tuple[ViewSpec, ...]:
    """The views to collect for what was found.

    Parameters
    ----------
    first : ViewLogits
        The original alone, with features.
    found : sequence of Weakness
        The surest first.
    sampler : Sampler
        Gives images to find doses on.
    always : sequence of ViewSpec
        Views to collect in any case: symmetries, fixed mixtures.
    move : bool, default True
        Whether also to move images along the features on purpose, and along unrelated ones.
    max_views : int, default 32
        At most so many; those that test a finding are left out first.

    Returns
    -------
    tuple of ViewSpec
        Each operation and dose once, without the original.
    """
    chosen = _distinct(first, found)
    planned = list(always)
    for weakness in chosen:
        planned += _mending(first, weakness, sampler)
    if move:
        for weakness in chosen:
            planned += _moving(first, weakness, sampler)
    once: dict[tuple[str, float], ViewSpec] = {}
    for view in planned:
        once.setdefault((view.op, round(view.dose, 4)), view)
    return tuple(once.values())[:max_views]


def _distinct(first: ViewLogits, found: Sequence[Weakness]) -> list[Weakness]:
    """The surest weakness of each cluster of features and way out."""
    if not found:
        return []
    alike = likeness(first)
    kept: list[Weakness] = []
    for weakness in found:
        column = first.feature_names.index(weakness.feature)
        ops = {view.op for view in views_moving(weakness.feature, weakness.direction)}
        known = any(
            alike[column, first.feature_names.index(other.feature)] > ALIKE
            and ops <= {view.op for view in views_moving(other.feature, other.direction)}
            for other in kept
        )
        if ops and not known:
            kept.append(weakness)
    return kept[:MAX_WEAKNESSES]


def _mending(first: ViewLogits, weakness: Weakness, sampler: Sampler) -> list[ViewSpec]:
    """Views that bring the weak images half of the way to the best bin, and all of it."""
    weak = inside(first.feature(weakness.feature).astype(np.float64), weakness.where)
    images = sampler.some(weak)
    specs = []
    for view in views_moving(weakness.feature, weakness.direction):
        for part in PARTS:
            dosed = _dosed(first, weakness.feature, view, images, weakness.target, part, sampler)
            specs += _spec(view, dosed, weakness.feature, weakness.direction)
    return specs


def _moving(first: ViewLogits, weakness: Weakness, sampler: Sampler) -> Iterator[ViewSpec]:
    """Views that take images along the feature within its observed range, and controls."""
    values = first.feature(weakness.feature).astype(np.float64)
    low, middle, high = np.nanquantile(values, (0.1, 0.5, 0.9))
    for direction, target in ((DOWN, low), (UP, high)):
        side = values > middle if direction == DOWN else values < middle
        images = sampler.some(side)
        for view in views_moving(weakness.feature, direction):
            for part in STEPS:
                dosed = _dosed(first, weakness.feature, view, images, float(target), part, sampler)
                yield from _spec(view, dosed, weakness.feature, direction)
    yield from _controls(first, weakness, sampler)


def _controls(first: ViewLogits, weakness: Weakness, sampler: Sampler) -> Iterator[ViewSpec]:
    """Unrelated features moved as far, in SD: two of them, both ways."""
    column = first.feature_names.index(weakness.feature)
    alike = likeness(first)[column]
    unrelated = [
        name
        for name in CONTROLS
        if name in first.feature_names and alike[first.feature_names.index(name)] <= UNRELATED
    ]
    everyone = np.ones(len(first), dtype=np.bool_)
    images = sampler.some(everyone)
    for name in unrelated[:2]:
        values = first.feature(name).astype(np.float64)
        middle, sd = float(np.nanmedian(values)), float(np.nanstd(values))
        for direction, sign in ((DOWN, -1.0), (UP, 1.0)):
            for view in views_moving(name, direction)[:1]:
                dosed = _dosed(first, name, view, images, middle + sign * sd, 1.0, sampler)
                specs = _spec(view, dosed, name, direction)
                yield from (replace(spec, source="chosen") for spec in specs)


def _dosed(
    first: ViewLogits,
    feature: str,
    view: View,
    images: Any,
    target: float,
    part: float,
    sampler: Sampler,
) -> Dosed:
    from .dose import find_dose

    values = first.features[0].astype(np.float64)
    spreads = dict(zip(first.feature_names, np.nanstd(values, axis=0).tolist(), strict=True))
    alike = likeness(first)[first.feature_names.index(feature)]
    cluster = [n for n, a in zip(first.feature_names, alike, strict=True) if a > ALIKE]
    return find_dose(
        images,
        view,
        feature,
        target,
        part=part,
        features=first.feature_names,
        spreads=spreads,
        cluster=cluster,
        max_move=MAX_MOVE,
        mean=sampler.mean,
        std=sampler.std,
    )


def _spec(view: View, dosed: Dosed, feature: str, direction: str) -> list[ViewSpec]:
    """The view at its dose, to three digits; none where no dose is needed or none helps.

    The direction is the feature's, which may be the opposite of the operation's.
    """
    low, high = sorted((view.identity, view.strongest))
    dose = min(max(float(f"{dosed.dose:.3g}"), low), high)
    if view.op == "box_blur":
        dose = float(2 * round((dose - 1) / 2) + 1)
    if view.op == "jpeg":
        dose = float(round(dose))
    if abs(dose - view.identity) < 0.01 * abs(view.strongest - view.identity):
        return []
    return [ViewSpec(view.op, dose, feature, direction, "trend")]
