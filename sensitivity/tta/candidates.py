"""Candidates: the collected views that may mend a weakness, each with the images it is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from ..catalogue import UP, ViewSpec, views_moving
from ..policies import Where
from .logits import ViewLogits
from .weaknesses import Weakness, inside

#: Parts of the way to the target that are tried.
PARTS = (0.5, 1.0)

#: Features this alike (Spearman) move together whatever is done.
ALIKE = 0.7

#: Most that a feature outside the target's cluster may move in the mean, in SD over the images.
MAX_MOVE = 1.0

#: Sources of views that are candidates whatever was found.
ALWAYS = ("training", "declared", "chosen")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Candidate:
    """One view that was considered.

    Attributes
    ----------
    place : int
        Of the view in the collected ones.
    view : ViewSpec
        The view.
    where : Where or None
        The images that it is for; None: all.
    feature, direction : str
        What it is to move, and which way; empty for a symmetry.
    reached : float
        Share of these images that it brings to the target or beyond; NaN without target.
    refused : str
        Why it is none; empty if it is one.
    reason : str
        Why it was considered.
    """

    place: int
    view: ViewSpec
    where: Where | None = None
    feature: str = ""
    direction: str = ""
    reached: float = np.nan
    refused: str = ""
    reason: str = ""


def candidates(
    logits: ViewLogits, found: Sequence[Weakness], *, max_views: int = 12
) -> tuple[Candidate, ...]:
    """Choose views for what was found, the surest first.

    Parameters
    ----------
    logits : ViewLogits
        What was collected, of the images that the weaknesses were found on.
    found : sequence of Weakness
        From :func:`sensitivity.tta.weaknesses.weaknesses`.
    max_views : int, default 12
        At most so many candidates; those of the training, declared or chosen ones first.

    Returns
    -------
    tuple of Candidate
        One per view at most, refused ones included. For each weakness and operation that moves
        its feature the right way: the collected doses that come nearest to half of the way and
        to the whole way to the median of the best bin.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> views = (ORIGINAL, ViewSpec("vflip", 1.0, source="declared"))
    >>> one = ViewLogits(("a",), np.array([0]), views, np.zeros((2, 1, 2), np.float32), ("0", "1"))
    >>> [candidate.view.name for candidate in candidates(one, ())]
    ['vflip']
    """
    chosen = [
        Candidate(place, view, reason=f"{view.source}: for all images")
        for place, view in enumerate(logits.views)
        if view.source in ALWAYS
    ]
    taken = {candidate.place for candidate in chosen}
    alike = likeness(logits) if found else np.empty((0, 0))
    for weakness in found:
        for candidate in _for_weakness(logits, weakness, alike):
            if candidate.place not in taken:
                taken.add(candidate.place)
                chosen.append(candidate)
    kept = [candidate for candidate in chosen if not candidate.refused]
    spare = {candidate.place for candidate in kept[max_views:]}
    return tuple(candidate for candidate in chosen if candidate.place not in spare)


def _for_weakness(logits: ViewLogits, weakness: Weakness, alike: Floats) -> list[Candidate]:
    before = logits.feature(weakness.feature).astype(np.float64)
    weak = inside(before, weakness.where)
    ops = {view.op for view in views_moving(weakness.feature, weakness.direction)}
    found = []
    for op in sorted(ops):
        places = [
            place
            for place, view in enumerate(logits.views)
            if view.op == op and _goes(logits, place, weakness, weak)
        ]
        for part in PARTS:
            wanted = weakness.start + part * (weakness.target - weakness.start)
            place = _nearest(logits, places, weakness, weak, wanted)
            if place is not None:
                found.append(_candidate(logits, place, weakness, weak, alike))
    return found


def _goes(logits: ViewLogits, place: int, weakness: Weakness, weak: npt.NDArray[np.bool_]) -> bool:
    """Whether the view moves the weak images the right way, as measured."""
    before = logits.feature(weakness.feature)[weak].astype(np.float64)
    after = logits.feature(weakness.feature, place)[weak].astype(np.float64)
    move = np.nanmedian(after - before) if len(before) else 0.0
    return bool(move > 0 if weakness.direction == UP else move < 0)


def _nearest(
    logits: ViewLogits,
    places: Sequence[int],
    weakness: Weakness,
    weak: npt.NDArray[np.bool_],
    wanted: float,
) -> int | None:
    """The view that leaves the weak images' median nearest to what is wanted."""
    if not places:
        return None
    feature = weakness.feature
    medians = [float(np.nanmedian(logits.feature(feature, place)[weak])) for place in places]
    return places[int(np.argmin(np.abs(np.array(medians) - wanted)))]


def _candidate(
    logits: ViewLogits,
    place: int,
    weakness: Weakness,
    weak: npt.NDArray[np.bool_],
    alike: Floats,
) -> Candidate:
    column = logits.feature_names.index(weakness.feature)
    after = logits.feature(weakness.feature, place)[weak]
    is_there = after >= weakness.target if weakness.direction == UP else after <= weakness.target
    stray = _stray(logits.feature_names, _moves(logits, place, weak), alike[column])
    return Candidate(
        place,
        logits.views[place],
        weakness.where,
        weakness.feature,
        weakness.direction,
        float(is_there.mean()),
        stray,
        f"{weakness.of_class} is worse where {weakness.feature} is "
        f"{'low' if weakness.direction == UP else 'high'}",
    )


def _stray(names: Sequence[str], moved: Floats, alike: Floats) -> str:
    """What the view moves that it should not."""
    outside = np.where(alike > ALIKE, 0.0, np.abs(np.nan_to_num(moved)))
    worst = int(outside.argmax())
    if outside[worst] <= MAX_MOVE:
        return ""
    return f"moves {names[worst]} by {outside[worst]:.1f} SD"


def _moves(logits: ViewLogits, place: int, weak: npt.NDArray[np.bool_]) -> Floats:
    """Mean move of every feature of the weak images, in SD over all the original images."""
    before = logits.features[0].astype(np.float64)
    sd = np.nanstd(before, axis=0)
    move = np.nanmean(logits.features[place][weak] - before[weak], axis=0)
    in_sd: Floats = np.divide(move, sd, out=np.zeros_like(move), where=sd > 0)
    return in_sd


def likeness(logits: ViewLogits) -> Floats:
    """Absolute rank correlations of the features over the original images.

    Parameters
    ----------
    logits : ViewLogits
        N images, F features.

    Returns
    -------
    ndarray of float64, shape (F, F)
        0…1; 1 on the diagonal, 0 beside a feature that is the same for all images.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> features = np.array([[[1, 9], [2, 7], [3, 1]]], dtype=np.float32)
    >>> three = ViewLogits(("a", "b", "c"), np.array([0, 0, 0]), (ORIGINAL,),
    ...                    np.zeros((1, 3, 1), np.float32), ("0",),
    ...                    feature_names=("noise", "contrast"), features=features)
    >>> likeness(three).round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    original = np.nan_to_num(logits.features[0].astype(np.float64))
    ranks = stats.rankdata(original, axis=0)
    ranks = ranks - ranks.mean(axis=0)
    norm = np.sqrt((ranks**2).sum(axis=0))
    products = ranks.T @ ranks / np.maximum(np.outer(norm, norm), 1e-12)
    np.fill_diagonal(products, 1.0)
    found: Floats = np.abs(products)
    return found
