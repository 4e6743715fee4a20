"""Does moving a feature in the same images do what the trend shows? One row per direction.

A trend says that images which differ in a feature differ in recall. Here the same images are
moved along the feature, and each finding is held against three conditions:

(a) the moved images show at least half of the change that the bins show for such a move;
(b) the paired interval of that change leaves 0 out, on the side that the bins show;
(c) moving an unrelated feature of the same images as far does less: its change is below half of
    the move's, and the paired interval of the difference leaves 0 out.

All three: *confirmed*. Where even the upper bound of the change is below half of what the bins
show, at these doses and one dose farther: *contradicted*. (One dose farther, since blurring a
picture also takes its grain away: it comes to the sharpness of a blurred one with less blur.) All
else is *not checked*, with a reason: it says nothing for or against.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..catalogue import DOWN, UP
from ..encoding import table_frame
from ..result import Analysis
from ..stats.paired import proportion_change
from ..stats.paired_clusters import cluster_inflation
from ..tables import ASSOCIATED, CONFIRMED, CONTRADICTED, INTERVENTIONS, NOT_CHECKED, REPRODUCED
from .logits import ViewLogits
from .moves import Measured, Move, find_control, find_moves
from .observed import Curve, observed_curve, positions

ALL = "all"

#: Findings that are worth a check.
STRENGTHS = ("real", "candidate")

#: Fewer moved images say nothing.
MIN_IMAGES = 20

#: Part of the observed change that is to be reproduced.
HALF = 0.5

#: Part of the change from the 10th to the 90th percentile that a move must promise to count.
MIN_REACH = 0.15

#: Part of the finding's change that its feature, measured on what the model sees, must show.
MIN_SEEN = 0.5

#: Why, in the column ``reason``: stable keys. The first three decide, the rest could not.
REASONS = {
    "reproduced": "all three conditions hold",
    "no change": "the change's upper bound is below half of the observed, its interval holds 0",
    "opposite": "the change goes the other way",
    "less than half": "there is a change, but its upper bound is below half of the observed",
    "only beyond the range": "no such change within the observed range, but one dose farther",
    "undecided": "the change may or may not reach half of the observed one",
    "too few images": "too few moved images, or groups, for an interval that leaves 0 out",
    "control does the same": "an unrelated move of the same size does it too",
    "no control": "no view moves an unrelated feature as far",
    "no view": "no view moves the feature this way",
    "not moved far": "within the observed range the views hardly move it",
    "not seen by the model": "measured on what the model sees, the feature shows no such change",
    "not measured": "no image feature that was measured on the views",
    "categories": "a category cannot be moved",
    "bend": "the middle differs from both ends: no direction to move in",
    "false positives": "the finding is about false positives, not about recall",
    "recall does not follow": "the finding's change of recall holds 0",
    "unknown class": "the views know no such class",
}

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Change:
    """A change of recall between two views of the same images, with its paired interval."""

    value: float
    low: float
    high: float

    def towards(self, sign: float) -> Change:
        """The same, counted in a direction."""
        return self if sign > 0 else Change(-self.value, -self.high, -self.low)


def judge_interventions(
    analysis: Analysis, logits: ViewLogits, *, confidence: float = 0.95
) -> pd.DataFrame:
    """Hold every finding on a numeric feature against the same images, moved.

    Each image of the class is taken from the view that moves it farthest without leaving the
    class's observed 10th to 90th percentile, by the feature as measured on what the model
    sees. The *observed* change for these moves is the mean, over the images, of the bin
    curve at the moved less at the original position; the curve is that of the original views (five
    bins, made monotone in the direction of the finding). Down and up are judged each for itself:
    harm one way never speaks for the other.

    Parameters
    ----------
    analysis : Analysis
        Its real and candidate trends are judged. Its images need not be those of `logits`.
    logits : ViewLogits
        Views that move the features, and views of unrelated features as controls.
    confidence : float, default 0.95
        Of the intervals. Where groups are known, these are the groups' (t, clustered).

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.INTERVENTIONS`: a row per finding and direction, or a
        single one with an empty direction where the finding has none. `reason` is a key of
        :data:`REASONS`. Empty without findings.

    Examples
    --------
    Views of the same images, none of which does anything:

    >>> from sensitivity import analyse
    >>> from sensitivity.synthetic.interventions import move_images
    >>> made = move_images(600, cause="difficulty")
    >>> analysis = analyse(made.pred_list, made.label_list, made.name_list,
    ...                    columns=made.columns, features=(), save_path=None)
    >>> views = ViewLogits(tuple(made.name_list), made.label_list, made.views, made.z, ("0", "1"),
    ...                    feature_names=made.feature_names, features=made.features)
    >>> found = judge_interventions(analysis, views).query("feature == 'sharpness'")
    >>> sorted(set(found["verdict"])), with_interventions(analysis, found).trends["verdict"][0]
    (['contradicted'], 'associated')
    """
    found: list[dict[str, Any]] = []
    trends = analysis.trends[analysis.trends["strength"].isin(STRENGTHS)]
    judge = _Judge(logits, confidence) if logits.feature_names else None
    for row in trends.to_dict("records"):
        obstacle = _obstacle(row, logits)
        if obstacle or judge is None:
            found.append(_not_checked(row, "", obstacle))
        else:
            found += [judge.verdict(row, direction) for direction in (DOWN, UP)]
    columns = {name: [each[name] for each in found] for name in INTERVENTIONS.names}
    return table_frame(columns, INTERVENTIONS)


def with_interventions(analysis: Analysis, interventions: pd.DataFrame) -> Analysis:
    """The analysis with the verdicts that the interventions bring.

    Parameters
    ----------
    analysis : Analysis
        Left as it is.
    interventions : pandas.DataFrame
        From :func:`judge_interventions`.

    Returns
    -------
    Analysis
        Rows of the trends that were "associated" and are confirmed in either direction read
        "confirmed". Nothing else changes: a contradicted row stays "associated".
    """
    good = interventions[interventions["verdict"] == REPRODUCED]
    confirmed = set(zip(good["feature"], good["class"], strict=True))
    trends = analysis.trends.copy()
    pairs = zip(trends["feature"], trends["class"], strict=True)
    is_confirmed = np.fromiter((pair in confirmed for pair in pairs), bool, len(trends))
    trends.loc[is_confirmed & (trends["verdict"] == ASSOCIATED).to_numpy(), "verdict"] = CONFIRMED
    return dataclasses.replace(analysis, trends=trends)


def _obstacle(row: Mapping[Any, Any], logits: ViewLogits) -> str:
    """Why a finding cannot be checked whatever the views are; empty if it can."""
    if row["shape"] == "categories":
        return "categories"
    if row["feature"] not in logits.feature_names:
        return "not measured"
    if row["class"] != ALL and row["class"] not in logits.classes:
        return "unknown class"
    if row["driver"] == "false positives":
        return "false positives"
    if str(row["shape"]).startswith("middle") or row["direction"] not in ("rises", "falls"):
        return "bend"
    if not row["recall_change_low"] * row["recall_change_high"] > 0:
        return "recall does not follow"
    return ""


def _not_checked(row: Mapping[Any, Any], direction: str, reason: str) -> dict[str, Any]:
    numbers = (column.name for column in INTERVENTIONS.columns if column.kind == "number")
    return {
        **dict.fromkeys(numbers, np.nan),
        "feature": row["feature"],
        "class": row["class"],
        "op": "",
        "direction": direction,
        "n": 0,
        "control": "",
        "verdict": NOT_CHECKED,
        "reason": reason,
    }


class _Judge:
    """What all findings share: who is right in which view, the features, the groups."""

    def __init__(self, logits: ViewLogits, confidence: float) -> None:
        self.logits = logits
        self.confidence = confidence
        self.measured = Measured(logits)
        self.right = logits.z.argmax(axis=2) == logits.y

    def verdict(self, row: Mapping[Any, Any], direction: str) -> dict[str, Any]:
        """The row of one finding and direction."""
        told = _not_checked(row, direction, "no view")
        feature, rows = row["feature"], self._rows(row["class"])
        moves = find_moves(self.measured, feature, direction, rows)
        if not moves:
            return told
        curve = self._curve(feature, rows, rising=row["recall_change"] > 0)
        # Of several operations the one that promises most; outcomes have no say in it.
        move = max(moves, key=lambda each: (abs(each.expected(curve)), len(each.rows)))
        told |= {"op": move.op, "dose": move.dose, "n": len(move.rows)}
        told |= {"moved_sd": move.moved_sd, "observed": move.expected(curve)}
        reason = _too_little(row, curve, move)
        if reason:
            return told | {"reason": reason}
        change = self._change(move.rows, np.zeros_like(move.view), move.view)
        told |= {"change": change.value, "change_low": change.low, "change_high": change.high}
        sign = 1.0 if told["observed"] > 0 else -1.0
        verdict, reason = _against(change.towards(sign), abs(told["observed"]))
        if verdict == REPRODUCED:
            verdict, reason, control = self._controlled(feature, move, change, sign)
            told |= control
        if verdict == CONTRADICTED and (move.beyond != move.view).any():
            farther = self._change(move.rows, np.zeros_like(move.view), move.beyond).towards(sign)
            if not farther.high < HALF * abs(told["observed"]):
                verdict, reason = NOT_CHECKED, "only beyond the range"
        return told | {"verdict": verdict, "reason": reason}

    def _rows(self, name: str) -> npt.NDArray[np.intp]:
        if name == ALL:
            return np.arange(len(self.logits))
        return np.flatnonzero(self.logits.y == self.logits.classes.index(name))

    def _curve(self, feature: str, rows: npt.NDArray[np.intp], *, rising: bool) -> Curve:
        values, y = self.measured.values(0, self.measured.column(feature), rows), self.logits.y
        known = ~np.isnan(values)
        rows, values = rows[known], values[known]
        place = positions(values, values, y[rows])
        return observed_curve(place, self.right[0, rows], y[rows], rising=rising)

    def _change(
        self,
        rows: npt.NDArray[np.intp],
        first: npt.NDArray[np.intp],
        second: npt.NDArray[np.intp],
    ) -> Change:
        """Recall of images in their second view less that in their first."""
        change = self.right[second, rows].astype(np.int64) - self.right[first, rows]
        inflation = 1.0
        if self.logits.groups is not None:
            one_cell = np.zeros(len(rows), dtype=np.int64)
            _, group = np.unique(self.logits.groups[rows], return_inverse=True)
            scores = change - change.mean()
            inflation = cluster_inflation(one_cell, group, scores, 1, confidence=self.confidence)[0]
        gained, lost = int((change > 0).sum()), int((change < 0).sum())
        found = proportion_change(
            gained, lost, len(rows), inflation=inflation, confidence=self.confidence
        )
        return Change(*map(float, found))

    def _controlled(
        self, feature: str, move: Move, change: Change, sign: float
    ) -> tuple[str, str, dict[str, Any]]:
        """Whether an unrelated move of the same images does the same."""
        control = find_control(self.measured, feature, move)
        if control is None:
            return NOT_CHECKED, "no control", {}
        there = np.full_like(move.view, control.place)
        moved = self._change(move.rows, np.zeros_like(move.view), there).value
        told = {"control": self.logits.views[control.place].name, "control_change": moved}
        more = self._change(move.rows, there, move.view).towards(sign)
        if more.low > 0 and sign * moved < HALF * sign * change.value:
            return REPRODUCED, "reproduced", told
        return NOT_CHECKED, "control does the same", told


def _too_little(row: Mapping[Any, Any], curve: Curve, move: Move) -> str:
    """Why a move cannot tell anything about a finding; empty if it can."""
    if len(move.rows) < MIN_IMAGES:
        return "not moved far" if not len(move.rows) else "too few images"
    if not abs(curve.steepness) >= MIN_SEEN * abs(row["recall_change"]):
        return "not seen by the model"
    if not abs(move.expected(curve)) >= MIN_REACH * abs(curve.change):
        return "not moved far"
    return ""


def _against(change: Change, observed: float) -> tuple[str, str]:
    """Conditions (a) and (b); both counted in the direction that the bins show."""
    if np.isnan(change.low):
        return NOT_CHECKED, "too few images"
    if change.high < HALF * observed:
        reason = "no change"
        if change.low > 0:
            reason = "less than half"
        elif change.high < 0:
            reason = "opposite"
        return CONTRADICTED, reason
    if not change.low > 0:
        return NOT_CHECKED, "too few images"
    if change.value < HALF * observed:
        return NOT_CHECKED, "undecided"
    return REPRODUCED, "reproduced"
