"""How strong a view must be to bring a feature of images to a value; measured, never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..catalogue import UP, View, ViewSpec
from ..errors import ImageError, InputError
from ..features import measure, select
from ..images import from_array
from .views import apply, normalisation

#: Evaluations of the bisection: the dose is found to 1/512 of its range.
STEPS = 9

#: Share of the way below which a view is said not to move a feature.
FLAT = 1e-3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Dosed:
    """The dose for a set of images.

    Attributes
    ----------
    dose : float
        The median of the images' own doses; the identity dose where none is needed.
    reached : float
        Share of the images that can be brought to their target, 0…1; NaN without images.
    capped_by : str
        The feature that keeps the dose from being stronger; empty if none does.
    moved : mapping
        Mean move of every measured feature at this dose, in SD.
    """

    dose: float
    reached: float
    capped_by: str = ""
    moved: Mapping[str, float] = field(default_factory=dict)


def measured(
    images: Tensor,
    features: Sequence[str],
    *,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> npt.NDArray[np.float32]:
    """Measure features of images as a model sees them.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        A batch as the model takes it; C is 1 or 3 (RGB).
    features : sequence of str
        Names of :data:`sensitivity.features.FEATURES`.
    mean, std : sequence of float, optional
        Normalisation of the batch; None: it is RGB in [0, 1].

    Returns
    -------
    ndarray of float32, shape (N, F)
        Measured on 8 bits a channel, after un-normalising; NaN where a feature is undefined.

    Raises
    ------
    InputError
        Another number of channels.

    Examples
    --------
    >>> measured(torch.full((1, 3, 8, 8), 0.5), ["brightness", "contrast"]).round(2).tolist()
    [[0.5, 0.0]]
    """
    chosen = select(list(features))
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        rule = "expected N×C×H×W with one channel or three"
        raise InputError("images", rule, got=str(tuple(images.shape)))
    plain = images.detach().float()
    centre, scale = normalisation(plain, mean, std)
    if centre is not None and scale is not None:
        plain = plain * scale + centre
    levels = (plain.clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    found = np.full((len(levels), len(chosen)), np.nan, dtype=np.float32)
    for row, level in enumerate(levels):
        try:
            values = measure(from_array(level), chosen)
        except ImageError:
            continue
        found[row] = [values[feature.name] for feature in chosen]
    return found


def find_dose(
    images: Tensor,
    view: View,
    feature: str,
    target: float,
    *,
    part: float = 1.0,
    features: Sequence[str] = (),
    spreads: Mapping[str, float] | None = None,
    cluster: Sequence[str] = (),
    max_move: float = 1.0,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Dosed:
    """The dose that brings a feature of a set of images part of the way to a value.

    Each image has a dose of its own, found by bisection; images that are at the target need none.
    The dose of the set is their median, weakened until no other feature moves too far.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        As the model takes them.
    view : View
        Operation and direction.
    feature : str
        What is to be moved; it is measured again after every try.
    target : float
        Where to.
    part : float, default 1
        Part of the way from the image's own value, 0…1.
    features : sequence of str
        Others that are watched.
    spreads : mapping, optional
        Standard deviation over the images of each of `features`; without it nothing is capped.
    cluster : sequence of str
        Features that move together with `feature` whatever is done: they are not capped.
    max_move : float, default 1
        Most that another feature may move in the mean, in SD.
    mean, std : sequence of float, optional
        Normalisation of the batch.

    Returns
    -------
    Dosed
        With the identity dose, and `reached` 0, where the operation does not move the feature.

    Examples
    --------
    >>> from sensitivity.catalogue import VIEWS
    >>> brighter = next(v for v in VIEWS if v.op == "gamma" and v.direction == "up")
    >>> found = find_dose(torch.full((2, 3, 8, 8), 0.25), brighter, "brightness", 0.5)
    >>> round(found.dose, 2), found.reached
    (0.5, 1.0)
    """
    how = {"mean": mean, "std": std}
    if len(images) == 0:
        return Dosed(view.identity, float("nan"))
    before = measured(images, [feature], **how)[:, 0].astype(np.float64)
    aims = before + part * (target - before)
    doses, reached = _image_doses(images, view, feature, aims, before, how)
    dose = float(np.median(doses))
    if spreads is None or not features:
        return Dosed(dose, float(reached.mean()))
    watched = [name for name in features if spreads.get(name, 0.0) > 0]
    limits = np.array([np.inf if n == feature or n in cluster else max_move for n in watched])
    sd = np.array([spreads[name] for name in watched])
    start = measured(images, watched, **how)
    capped_by = ""
    moves = np.zeros(len(watched))
    for _ in range(STEPS):
        spec = ViewSpec(view.op, dose, feature, view.direction)
        after = measured(apply(images, spec, **how), watched, **how)
        moves = np.nan_to_num(np.nanmean(after - start, axis=0)) / sd
        if not (np.abs(moves) > limits).any():
            break
        capped_by = watched[int(np.argmax(np.abs(moves) / limits))]
        dose = view.identity + 0.75 * (dose - view.identity)
    told = dict(zip(watched, map(float, moves), strict=True))
    return Dosed(dose, float(reached.mean()), capped_by, told)


def per_image_doses(
    images: Tensor,
    spec: ViewSpec,
    *,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Tensor:
    """Each image's own dose of a view that has a target.

    Parameters
    ----------
    images : Tensor, N×C×H×W
        As the model takes them.
    spec : ViewSpec
        With `feature`, `direction` and `target`; its dose is the strongest that is used.
    mean, std : sequence of float, optional
        Normalisation of the batch.

    Returns
    -------
    Tensor of float32, shape (N,)
        The identity dose for images that are at the target or beyond.

    Raises
    ------
    InputError
        The view has no target.

    Examples
    --------
    >>> spec = ViewSpec("gamma", 0.25, "brightness", "up", target=0.5)
    >>> images = torch.stack([torch.full((3, 8, 8), 0.25), torch.full((3, 8, 8), 0.75)])
    >>> per_image_doses(images, spec).numpy().round(2).tolist()
    [0.5, 1.0]
    """
    if spec.target is None:
        raise InputError("view", "expected one with a target", got=spec.name)
    from ..catalogue import VIEWS

    view = next(v for v in VIEWS if v.op == spec.op and spec.direction in (v.direction, ""))
    how = {"mean": mean, "std": std}
    before = measured(images, [spec.feature], **how)[:, 0].astype(np.float64)
    aims = np.full(len(images), spec.target)
    doses, _ = _image_doses(images, view, spec.feature, aims, before, how, strongest=spec.dose)
    return torch.as_tensor(doses, dtype=torch.float32, device=images.device)


def _image_doses(
    images: Tensor,
    view: View,
    feature: str,
    aims: Floats,
    before: Floats,
    how: Mapping[str, Any],
    *,
    strongest: float | None = None,
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Bisection of every image's dose at once, and whether its aim can be reached."""
    sign = 1.0 if view.direction == UP else -1.0
    end = view.strongest if strongest is None else strongest

    def response(doses: Floats) -> Floats:
        tensor = torch.as_tensor(doses, dtype=torch.float32, device=images.device)
        spec = ViewSpec(view.op, end, feature, view.direction)
        moved = apply(images, spec, doses=tensor, **how)
        return measured(moved, [feature], **how)[:, 0].astype(np.float64)

    there = sign * before >= sign * aims
    full = response(np.full(len(images), end))
    reached = there | (sign * full >= sign * aims)
    is_flat = sign * (full - before) <= FLAT * np.abs(aims - before)
    weak, strong = np.zeros(len(images)), np.ones(len(images))
    for _ in range(STEPS):
        middle = (weak + strong) / 2
        enough = sign * response(view.identity + middle * (end - view.identity)) >= sign * aims
        strong, weak = np.where(enough, middle, strong), np.where(enough, weak, middle)
    share = np.where(there | np.isnan(before), 0.0, np.where(reached, strong, 1.0))
    # What does not move the feature is not used at its strongest.
    share = np.where(~reached & is_flat, 0.0, share)
    doses: Floats = view.identity + share * (end - view.identity)
    return doses, reached
