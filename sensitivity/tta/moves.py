"""Which images were moved along a feature, how far, and what an unrelated move of them is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..catalogue import UP, VIEWS, ViewSpec, views_moving
from .logits import ViewLogits
from .observed import HIGH, LOW, Curve, positions

#: Features as alike as this (Spearman) move together: no control for each other.
ALIKE = 0.7

#: Sources of views that were collected to be controls, or may have been.
MEANT = ("control", "chosen")

#: How many times more, or less, SD than the move a control may go.
MATCHED = 2.0

#: Part of the finding's own move above which a control is none.
ASIDE = 0.5

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Move:
    """Images of a class, each moved as far as it goes within the observed range.

    Attributes
    ----------
    op : str
        The operation.
    rows : ndarray of int, shape (S,)
        The images that are moved.
    view : ndarray of int, shape (S,)
        Place of the view that each is taken from.
    beyond : ndarray of int, shape (S,)
        Place of the view that moves each a step farther, out of the observed range; the same as
        `view` where there is none.
    before, after : ndarray of float64, shape (S,)
        Position of each in its class (0 … 1), original and moved.
    dose : float
        Median of the doses that they got; NaN if none was moved.
    moved_sd : float
        Mean move of the feature, in SD over all images; NaN if none was moved.
    """

    op: str
    rows: Places
    view: Places
    beyond: Places
    before: Floats
    after: Floats
    dose: float
    moved_sd: float

    def expected(self, curve: Curve) -> float:
        """Mean change that a curve shows for these moves; 0 if none was moved."""
        return float((curve(self.after) - curve(self.before)).mean()) if len(self.rows) else 0.0


@dataclass(frozen=True, eq=False)
class Control:
    """A view that moves an unrelated feature about as far.

    Attributes
    ----------
    place : int
        Of the view.
    distance : float
        Logarithm of how many times more SD it moves its own feature; 0 is a perfect match.
    """

    place: int
    distance: float


class Measured:
    """Features of the views, with what is asked of them again and again.

    Parameters
    ----------
    logits : ViewLogits
        With features.
    """

    def __init__(self, logits: ViewLogits) -> None:
        self.logits = logits
        original = logits.features[0].astype(np.float64)
        with np.errstate(invalid="ignore"):
            known = ~np.isnan(original).all(axis=0) if len(original) else []
            sd = [np.nanstd(original[:, j]) if ok else 0.0 for j, ok in enumerate(known)]
        #: SD of each feature over the original images; NaN where it does not vary.
        self.sd = np.where(np.array(sd) > 0, sd, np.nan)
        self._alike: dict[tuple[int, int], float] = {}

    def column(self, feature: str) -> int:
        """Place of a feature."""
        return self.logits.feature_names.index(feature)

    def values(self, view: int, column: int, rows: Places | None = None) -> Floats:
        """A feature of some images in a view, or of all."""
        found = self.logits.features[view, :, column]
        return (found if rows is None else found[rows]).astype(np.float64)

    def mean_move(self, view: int, column: int, rows: Places) -> float:
        """Mean size of the moves of some images, in SD; NaN where it cannot be told."""
        change = np.abs(self.values(view, column, rows) - self.values(0, column, rows))
        known = change[~np.isnan(change)]
        return float(known.mean() / self.sd[column]) if len(known) else np.nan

    def alike(self, a: int, b: int) -> float:
        """Spearman's ρ of two features over the original images; NaN where it is undefined."""
        from scipy.stats import rankdata

        key = (min(a, b), max(a, b))
        if key not in self._alike:
            x, y = self.values(0, a), self.values(0, b)
            both = ~np.isnan(x) & ~np.isnan(y)
            ranks = np.stack([rankdata(v[both]) for v in (x, y)])
            centred = ranks - ranks.mean(axis=1, keepdims=True) if both.any() else ranks
            (xx, xy), (_, yy) = centred @ centred.T
            self._alike[key] = float(xy / np.sqrt(xx * yy)) if xx * yy > 0 else np.nan
        return self._alike[key]


def find_moves(measured: Measured, feature: str, direction: str, rows: Places) -> list[Move]:
    """The moves of some images along a feature, one per operation.

    Each image is taken from the view that moves it farthest in the direction without leaving
    the observed range: its class's 10th to 90th percentile. Images that no view moves so are
    left out. The choice looks at the feature alone, never at what the model says.

    Parameters
    ----------
    measured : Measured
        Features of all images in all views.
    feature : str
        One of them.
    direction : {"down", "up"}
        Which way.
    rows : ndarray of int, shape (R,)
        The images: those of a class, or all.

    Returns
    -------
    list of Move
        Empty where no view was made for this.
    """
    y = measured.logits.y[rows]
    column = measured.column(feature)
    original = measured.values(0, column, rows)
    before = positions(original, original, y)
    sign = 1.0 if direction == UP else -1.0
    found = []
    for op, views in _views_by_op(measured.logits, feature, direction):
        places = np.array(views)
        values = np.stack([measured.values(view, column, rows) for view in views])
        after = np.stack([positions(value, original, y) for value in values])
        gain = sign * (values - original)
        inside = after >= LOW if sign < 0 else after <= HIGH
        within = np.where(inside & (gain > 0), gain, -np.inf)  # NaN is never inside
        moved = np.flatnonzero(within.max(axis=0) > 0) if len(rows) else np.empty(0, np.intp)
        chosen = within.argmax(axis=0)[moved]
        farther = np.where(~inside & (gain > within.max(axis=0)), gain, np.inf)[:, moved]
        step = np.where(np.isfinite(farther.min(axis=0)), farther.argmin(axis=0), chosen)
        dose, moved_sd = np.nan, np.nan
        if len(moved):
            doses = [measured.logits.views[view].dose for view in places[chosen]]
            dose = float(np.quantile(doses, 0.5, method="inverted_cdf"))
            moved_sd = float(sign * gain[chosen, moved].mean() / measured.sd[column])
        positioned = before[moved], after[chosen, moved]
        found.append(
            Move(op, rows[moved], places[chosen], places[step], *positioned, dose, moved_sd)
        )
    return found


def find_control(measured: Measured, feature: str, move: Move) -> Control | None:
    """The view that moves an unrelated feature of the same images most nearly as far.

    Unrelated: its feature has |ρ| ≤ .7 with the finding's, and the view moves the finding's
    feature less than half as far as the move does. As far: between half and twice the SD. Views
    that were chosen for this come first; those made for other findings are taken where there
    are none.

    Parameters
    ----------
    measured : Measured
        Features of all images in all views.
    feature : str
        The finding's.
    move : Move
        What is to be matched.

    Returns
    -------
    Control or None
        None where no view will do.
    """
    mine, goal = measured.column(feature), abs(move.moved_sd)
    found: list[tuple[bool, float, int]] = []
    for place, view in enumerate(measured.logits.views):
        if view.feature not in measured.logits.feature_names or view.feature == feature:
            continue
        other = measured.column(view.feature)
        if not abs(measured.alike(mine, other)) <= ALIKE:
            continue
        aside = measured.mean_move(place, mine, move.rows)
        size = measured.mean_move(place, other, move.rows)
        if not aside < ASIDE * goal or not goal / MATCHED <= size <= goal * MATCHED:
            continue
        distance = abs(np.log(size / goal))
        found.append((view.source not in MEANT, float(distance), place))
    if not found:
        return None
    _, distance, place = min(found)
    return Control(place, distance)


def _views_by_op(
    logits: ViewLogits, feature: str, direction: str
) -> Iterator[tuple[str, list[int]]]:
    """Places of the views that were made to move a feature one way, by operation.

    Also those that were made to move another one by the same operation, and in the same sense.
    Where views were made for a finding (source ``trend``) no others are taken.
    """
    made = [p for p, view in enumerate(logits.views) if _is_way(view, feature, direction)]
    of_trend = [place for place in made if logits.views[place].source == "trend"]
    by_op: dict[str, list[int]] = {}
    for place in of_trend or made:
        by_op.setdefault(logits.views[place].op, []).append(place)
    yield from by_op.items()


def _is_way(view: ViewSpec, feature: str, direction: str) -> bool:
    if (view.feature, view.direction) == (feature, direction):
        return True
    return any(
        way.op == view.op and (view.dose - way.identity) * (way.strongest - way.identity) > 0
        for way in views_moving(feature, direction)
    )


def identity_dose(op: str) -> float:
    """The dose of an operation that changes nothing.

    Parameters
    ----------
    op : str
        An operation of the catalogue.

    Returns
    -------
    float

    Examples
    --------
    >>> identity_dose("gamma"), identity_dose("gaussian_blur")
    (1.0, 0.0)
    """
    return next(view.identity for view in VIEWS if view.op == op)
