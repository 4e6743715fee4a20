"""How strong a view must be to bring a feature of images to a value; measured, never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..catalogue import DOWN, UP, VIEWS, View, ViewSpec, views_moving
from ..errors import InputError
from ..extract.shard import measure_picture
from ..features import select
from ..images import from_array
from .views import apply, normalisation

#: Parts of the strongest dose that are tried first: a response may turn back.
GRID = (0.25, 0.5, 0.75, 1.0)

#: Halvings of the part of the grid that holds the dose: it is found to 1/512 of its range.
STEPS = 7

#: Share of the way below which a view is said not to move a feature.
FLAT = 1e-3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Dosed:
    """The dose for a set of images.

    Attributes
    ----------
    dose : float
        The median of the images' own doses; the identity dose where none is needed, or where
        the operation does not move the feature.
    reached : float
        Share of the images that can be brought to their target, 0…1; NaN without images.
    capped_by : str
        The feature that keeps the dose from being stronger; empty if none does.
    moved : mapping
        Mean move of every measured feature at this dose, in SD.
    flat : float
        Share of the images whose feature the operation does not move the right way at any dose,
        0…1; NaN without images. Images that are at their target are not counted.
    """

    dose: float
    reached: float
    capped_by: str = ""
    moved: Mapping[str, float] = field(default_factory=dict)
    flat: float = 0.0


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
        Measured on 8 bits a channel, after un-normalising; NaN where a feature is undefined or
        fails.

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
    usable = np.isfinite(plain.flatten(1).sum(dim=1).cpu().numpy())
    found = np.full((len(levels), len(chosen)), np.nan, dtype=np.float32)
    for row in np.flatnonzero(usable):
        found[row] = measure_picture(from_array(levels[row]), chosen)[0]
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
        Operation and direction; the direction is that of the operation's own feature, which may
        be the opposite of that of `feature` (:data:`sensitivity.catalogue.THROUGH`).
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

    Raises
    ------
    InputError
        The operation is not known to move the feature.

    Examples
    --------
    >>> brighter = next(v for v in VIEWS if v.op == "gamma" and v.direction == "up")
    >>> found = find_dose(torch.full((2, 3, 8, 8), 0.25), brighter, "brightness", 0.5)
    >>> round(found.dose, 2), found.reached
    (0.5, 1.0)
    """
    response = _Response(images, view.op, feature, view.strongest, {"mean": mean, "std": std})
    sign = _sign(view, feature)
    if len(images) == 0:
        return Dosed(view.identity, float("nan"), flat=float("nan"))
    aims = response.before + part * (target - response.before)
    shares, reached, flat = _shares(response, aims, sign)
    share = float(np.median(shares))
    told = {"reached": float(reached.mean()), "flat": float(flat.mean())}
    watched = [name for name in features if (spreads or {}).get(name, 0.0) > 0]
    if spreads is None or not watched:
        return Dosed(response.dose(share), **told)
    free = [name == feature or name in cluster for name in watched]
    sd = np.array([spreads[name] for name in watched])
    weaker, moves, capped_by = _capped(response, share, watched, sd, np.where(free, np.inf, max_move))
    moved = dict(zip(watched, moves.tolist(), strict=True))
    return Dosed(response.dose(weaker), capped_by=capped_by, moved=moved, **told)


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
        With `feature`, its `direction` and `target`; its dose is the strongest that is used.
    mean, std : sequence of float, optional
        Normalisation of the batch.

    Returns
    -------
    Tensor of float32, shape (N,)
        The identity dose for images that are at the target or beyond, and for those that the
        operation does not move there.

    Raises
    ------
    InputError
        The view has no target, or no direction.

    Examples
    --------
    >>> spec = ViewSpec("gamma", 0.25, "brightness", "up", target=0.5)
    >>> images = torch.stack([torch.full((3, 8, 8), 0.25), torch.full((3, 8, 8), 0.75)])
    >>> per_image_doses(images, spec).numpy().round(2).tolist()
    [0.5, 1.0]
    """
    if spec.target is None or not spec.feature or spec.direction not in (DOWN, UP):
        rule = "expected one with a feature, a direction and a target"
        raise InputError("view", rule, got=spec.name)
    response = _Response(images, spec.op, spec.feature, spec.dose, {"mean": mean, "std": std})
    sign = 1.0 if spec.direction == UP else -1.0
    shares, _, _ = _shares(response, np.full(len(images), spec.target), sign)
    doses = response.identity + shares * (response.strongest - response.identity)
    return torch.as_tensor(doses, dtype=torch.float32, device=images.device)


class _Response:
    """A feature of images against the dose of an operation; every evaluation is one batch."""

    def __init__(
        self, images: Tensor, op: str, feature: str, strongest: float, how: Mapping[str, Any]
    ) -> None:
        self.images, self.op, self.feature, self.how = images, op, feature, how
        self.strongest = strongest
        self.identity = next(view.identity for view in VIEWS if view.op == op)
        self.before = self.values(images)

    def values(self, images: Tensor) -> Floats:
        """The feature, measured."""
        return measured(images, [self.feature], **self.how)[:, 0].astype(np.float64)

    def dose(self, share: float) -> float:
        """The dose at a share of the strongest, exact at both ends."""
        if share in (0.0, 1.0):
            return self.strongest if share else self.identity
        return self.identity + share * (self.strongest - self.identity)

    def at(self, shares: Floats) -> Floats:
        """The feature, each image moved by its own share of the strongest dose."""
        doses = self.identity + shares * (self.strongest - self.identity)
        tensor = torch.as_tensor(doses, dtype=torch.float32, device=self.images.device)
        spec = ViewSpec(self.op, self.strongest)
        return self.values(apply(self.images, spec, doses=tensor, **self.how))

    def moves(self, share: float, features: Sequence[str], start: Floats) -> Floats:
        """Mean move of other features, all images moved by one share."""
        moved = apply(self.images, ViewSpec(self.op, self.dose(share)), **self.how)
        change = measured(moved, features, **self.how).astype(np.float64) - start
        known = ~np.isnan(change)
        total = np.where(known, change, 0.0).sum(axis=0)
        return np.asarray(total / np.maximum(known.sum(axis=0), 1))


def _shares(
    response: _Response, aims: Floats, sign: float
) -> tuple[Floats, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Every image's share of the strongest dose, whether it gets to its aim, whether it moves.

    The weakest part of the grid that gets there is halved. Where none does, the image gets the
    part that takes it farthest, which need not be the strongest.
    """
    n, before = len(aims), sign * response.before
    there = before >= sign * aims
    if not n or there.all():
        return np.zeros(n), there, np.zeros(n, dtype=np.bool_)
    grid = np.array(GRID)
    gains = np.stack([sign * response.at(np.full(n, share)) for share in grid])
    gains = np.where(np.isnan(gains), -np.inf, gains)
    enough = gains >= sign * aims
    reached = enough.any(axis=0)
    place = np.where(reached, enough.argmax(axis=0), gains.argmax(axis=0))
    strong = grid[place]
    weak = np.where(place > 0, grid[np.maximum(place - 1, 0)], 0.0)
    for _ in range(STEPS if (reached & ~there).any() else 0):
        middle = (weak + strong) / 2
        is_enough = sign * response.at(middle) >= sign * aims
        better, worse = reached & is_enough, reached & ~is_enough
        strong, weak = np.where(better, middle, strong), np.where(worse, middle, weak)
    farthest = gains.max(axis=0) - before
    flat = ~reached & ~there & ~(farthest > FLAT * np.abs(aims - response.before))
    return np.where(there | flat, 0.0, strong), there | reached, flat


def _capped(
    response: _Response, share: float, watched: Sequence[str], sd: Floats, limits: Floats
) -> tuple[float, Floats, str]:
    """The strongest share, up to a given one, that moves no watched feature beyond its limit."""
    start = measured(response.images, watched, **response.how).astype(np.float64)

    def moves(at: float) -> Floats:
        return response.moves(at, watched, start) / sd

    found = moves(share)
    excess = np.abs(found) / limits
    if not (excess > 1).any():
        return share, found, ""
    capped_by = watched[int(excess.argmax())]
    weak, strong, found = 0.0, share, np.zeros(len(watched))
    for _ in range(STEPS):
        middle = (weak + strong) / 2
        tried = moves(middle)
        if (np.abs(tried) > limits).any():
            strong, capped_by = middle, watched[int((np.abs(tried) / limits).argmax())]
        else:
            weak, found = middle, tried
    return weak, found, capped_by


def _sign(view: View, feature: str) -> float:
    """Which way a view moves a feature: 1 up, -1 down."""
    for sign, direction in ((1.0, UP), (-1.0, DOWN)):
        if view in views_moving(feature, direction):
            return sign
    raise InputError("view", f"expected an operation that moves {feature}", got=view.op)
