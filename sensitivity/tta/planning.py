"""Which views are worth collecting: those that may mend a weakness, and those that test it.

Doses are measured on a sample of the images, as the model takes them. Nothing here decides about a
view: that is the recipe's, on what was collected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..catalogue import DOWN, UP, VIEWS, View, ViewSpec, views_moving
from .candidates import ALIKE, MAX_MOVE, PARTS, likeness
from .logits import ViewLogits
from .weaknesses import Weakness, inside

#: Weaknesses that views are made for, one per cluster of features.
MAX_WEAKNESSES = 5

#: Images on which a dose is found.
SAMPLE = 96

#: Parts of the way to the ends of the observed range, for moving the same images on purpose.
STEPS = (0.35, 0.7, 1.0)

#: Doses that differ by less than this part are one.
SAME = 0.05

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
        Each operation and dose once, without the original: of doses within 5 % of each other the
        first.

    Examples
    --------
    Nothing was found, so only what is to be collected in any case:

    >>> from sensitivity.catalogue import ORIGINAL
    >>> one = ViewLogits(("a",), np.array([0]), (ORIGINAL,), np.zeros((1, 1, 2), np.float32),
    ...                  ("0", "1"))
    >>> flip = ViewSpec("hflip", 1.0, source="declared")
    >>> [view.name for view in plan_views(one, (), Sampler(None), always=[flip, flip])]
    ['hflip']
    """
    chosen = _distinct(first, found)
    planned = list(always)
    for weakness in chosen:
        planned += _mending(first, weakness, sampler)
    if move:
        for weakness in chosen:
            planned += _moving(first, weakness, sampler)
    once: list[ViewSpec] = []
    for view in planned:
        if not any(_is_like(view, other) for other in once):
            once.append(view)
    return tuple(once[:max_views])


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
        doses = _doses(first, weakness.feature, view, images, weakness.target, PARTS, sampler)
        specs += _specs(view, doses, weakness.feature, weakness.direction)
    return specs


def _moving(first: ViewLogits, weakness: Weakness, sampler: Sampler) -> Iterator[ViewSpec]:
    """Views that take images along the feature within its observed range, and controls."""
    values = first.feature(weakness.feature).astype(np.float64)
    low, middle, high = np.nanquantile(values, (0.1, 0.5, 0.9))
    for direction, target in ((DOWN, low), (UP, high)):
        side = values > middle if direction == DOWN else values < middle
        # Of many ties, the median is an end: there is nothing beyond it.
        images = sampler.some(side) if side.any() else ()
        for view in views_moving(weakness.feature, direction) if len(images) else ():
            doses = _doses(first, weakness.feature, view, images, float(target), STEPS, sampler)
            yield from _specs(view, doses, weakness.feature, direction)
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
                doses = _doses(first, name, view, images, middle + sign * sd, (1.0,), sampler)
                specs = _specs(view, doses, name, direction)
                yield from (replace(spec, source="control") for spec in specs)


def _doses(
    first: ViewLogits,
    feature: str,
    view: View,
    images: Any,
    target: float,
    parts: Sequence[float],
    sampler: Sampler,
) -> list[float]:
    """Doses for parts of the way, the whole way last.

    Only the whole way is checked for what else it moves: what goes less far moves that less.
    Where the whole way is too far, a part of it is the same part of what is allowed.
    """
    from .dose import find_dose

    how: dict[str, Any] = {"mean": sampler.mean, "std": sampler.std}
    values = first.features[0].astype(np.float64)
    spreads = dict(zip(first.feature_names, np.nanstd(values, axis=0).tolist(), strict=True))
    alike = likeness(first)[first.feature_names.index(feature)]
    whole = find_dose(
        images,
        view,
        feature,
        target,
        features=first.feature_names,
        spreads=spreads,
        cluster=[n for n, a in zip(first.feature_names, alike, strict=True) if a > ALIKE],
        max_move=MAX_MOVE,
        **how,
    )
    doses = []
    for part in parts:
        dose = view.identity + part * (whole.dose - view.identity)
        if part < 1 and not whole.capped_by:
            dose = find_dose(images, view, feature, target, part=part, **how).dose
        doses.append(dose)
    return doses


def _specs(view: View, doses: Sequence[float], feature: str, direction: str) -> list[ViewSpec]:
    """The view at these doses, to three digits; none where no dose is needed or none helps.

    The direction is the feature's, which may be the opposite of the operation's.
    """
    low, high = sorted((view.identity, view.strongest))
    specs = []
    for exact in doses:
        dose = min(max(float(f"{exact:.3g}"), low), high)
        if view.op == "box_blur":
            dose = float(2 * round((dose - 1) / 2) + 1)
        if view.op == "jpeg":
            dose = float(round(dose))
        if abs(dose - view.identity) >= 0.01 * abs(view.strongest - view.identity):
            specs.append(ViewSpec(view.op, dose, feature, direction, "trend"))
    return specs


def _is_like(one: ViewSpec, other: ViewSpec) -> bool:
    """Whether two views are nearly the same dose of the same operation."""
    if (one.op, one.target) != (other.op, other.target):
        return False
    identity = next((view.identity for view in VIEWS if view.op == one.op), 0.0)
    moved, other_moved = one.dose - identity, other.dose - identity
    return abs(moved - other_moved) <= SAME * max(abs(moved), abs(other_moved))
