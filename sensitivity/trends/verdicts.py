"""All rows of a run judged together: q, strength, what else explains them, and a verdict."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import tables
from ..stats.intervals import normal_quantile
from ..stats.multiplicity import cauchy, detectable_alpha, family_weights, weighted_bh
from ..stats.ranks import Floats
from ..stats.spread import grade
from .rows import Rows

REAL, CANDIDATE, NONE = "real", "candidate", "none"
ALPHA, CANDIDATE_ALPHA = 0.05, 0.10

#: A change that 4 of 5 such data sets would show.
POWER_Z = 0.8416212335729143

#: Odds that change by less than this are no erosion, however certain the change is.
LEAST_ODDS = 1.5

#: |z| from which a class's recall or false positives count as moving.
MOVES = 1.96

DRIVERS = ("recall", "false positives", "f1", "shape")

Texts = npt.NDArray[np.object_]


@dataclass(eq=False)
class CellFigures:
    """What one feature's bins say: arrays of shape (1 + C,), row 0 is "all".

    Attributes
    ----------
    n : ndarray of int64
        Samples in the bins, the missing one left out.
    std, std_chance : ndarray of float64
        Over the bins, of plain F1 ("all": of accuracy).
    spread, spread_low, spread_high, impact : ndarray of float64
        Of F1 at an equal class mix ("all": of accuracy at an equal class mix).
    mix : ndarray of bool
        Plain F1 varies beyond chance, F1 at an equal mix does not, and the class's share does.
    margin_first, margin_last : ndarray of float64
        Mean log-odds in the first and in the last bin; NaN without scores.
    """

    n: npt.NDArray[np.int64]
    std: Floats
    std_chance: Floats
    spread: Floats
    spread_low: Floats
    spread_high: Floats
    impact: Floats
    mix: npt.NDArray[np.bool_]
    margin_first: Floats
    margin_last: Floats


#: From the rows that are flagged and every row's driver, each of shape (F, 1 + C), to the
#: columns ``partial_z``, ``vif``, ``travels_with`` and ``explained_by``.
Beside = Callable[[npt.NDArray[np.bool_], npt.NDArray[np.int64]], dict[str, npt.NDArray[Any]]]


def trend_table(
    rows: Mapping[str, Rows],
    figures: Mapping[str, CellFigures],
    classes: Sequence[str],
    *,
    numeric: Collection[str],
    capped: bool,
    beside: Beside,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Judge all rows as one family.

    Parameters
    ----------
    rows : mapping
        From feature to what its tests found.
    figures : mapping
        From feature to what its bins say.
    classes : sequence of str, length C
        Class names.
    numeric : collection of str
        The features that have an order.
    capped : bool
        Whether nothing may be more than a candidate: neighbours err alike, and no groups say
        what belongs together.
    beside : callable
        Looks at flagged rows beside the other features.
    confidence : float, default 0.95
        Coverage of the interval of recall's change.

    Returns
    -------
    pandas.DataFrame
        The table :data:`sensitivity.tables.TRENDS`: real rows first, then candidates; among
        them "all" first, then by the lower bound of the spread.
    """
    names = list(rows)
    if not names:
        return pd.DataFrame(columns=list(tables.TRENDS.names))
    found = _stacked([rows[name] for name in names], Rows)
    cells = _stacked([figures[name] for name in names], CellFigures)
    shape = found["p_recall"].shape
    is_all = np.zeros(shape, dtype=np.bool_)
    is_all[:, 0] = True

    four = np.stack([found[key] for key in ("p_recall", "p_fpr", "p_f1", "p_shape")])
    p = cauchy(four)
    q, weights = _corrected(p, is_all)
    q_margin, _ = _corrected(found["p_margin"], is_all)
    strength = _strength(q, capped=capped)
    tested = ~np.isnan(four).all(axis=0)
    driver = np.where(tested, _first_least(np.where(np.isnan(four), 2.0, four)), -1)
    half = normal_quantile(confidence) * found["error"]
    alpha = detectable_alpha(p.ravel(), weights).reshape(shape)
    flagged = strength != NONE
    ordered = np.array([name in numeric for name in names])
    values = {
        "feature": np.repeat(np.array(names, dtype=object), shape[1]),
        "class": np.tile(np.array(["all", *classes], dtype=object), shape[0]),
        **{key: cells[key] for key in ("n", "std", "std_chance", "spread", "spread_low")},
        **{key: cells[key] for key in ("spread_high", "impact")},
        "grade": np.where(strength == REAL, grade(cells["std"]), "").astype(object),
        "direction": _direction(found, driver, ordered),
        "shape": _shape(found, driver, ordered),
        "pattern": _pattern(found, flagged),
        "recall_change": found["change"],
        "recall_change_low": found["change"] - half,
        "recall_change_high": found["change"] + half,
        "detectable_change": _detectable(found["error"], alpha),
        **{key: found[key] for key in ("auc", "p_recall", "p_fpr", "p_f1", "p_shape")},
        "driver": np.array([*DRIVERS, ""], dtype=object)[driver],
        "p": p,
        "q": q,
        "strength": strength,
        "p_margin": found["p_margin"],
        "q_margin": q_margin,
        "margin_first": cells["margin_first"],
        "margin_last": cells["margin_last"],
        **beside(flagged, driver),
    }
    values["verdict"] = _verdict(values, cells["mix"], capped=capped)
    frame = pd.DataFrame({key: np.ravel(column) for key, column in values.items()})
    texts = {column.name: "str" for column in tables.TRENDS.columns if column.kind == "text"}
    ranked = in_order(frame)[list(tables.TRENDS.names)].astype(texts)
    return tables.check(ranked.astype({"n": "int64"}), tables.TRENDS)


def _first_least(p: Floats) -> npt.NDArray[np.int64]:
    """Place of the least along the first axis; of those alike but for rounding, the first."""
    return np.asarray(np.argmax(p <= p.min(axis=0) * (1 + 1e-9), axis=0), dtype=np.int64)


def _stacked(parts: Sequence[Any], kind: type) -> dict[str, Any]:
    return {
        field.name: np.stack([getattr(part, field.name) for part in parts])
        for field in fields(kind)
    }


def _corrected(p: Floats, is_all: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    flat = p.ravel()
    weights = family_weights(is_all.ravel(), tested=~np.isnan(flat))
    return weighted_bh(flat, weights).reshape(p.shape), weights


def _strength(q: Floats, *, capped: bool) -> Texts:
    with np.errstate(invalid="ignore"):
        found = np.where(q <= CANDIDATE_ALPHA, CANDIDATE, NONE).astype(object)
        if not capped:
            found[q <= ALPHA] = REAL
    return found


def _direction(found: Mapping[str, Floats], driver: npt.NDArray[Any], numeric: Any) -> Texts:
    """Whether the metric rises or falls as the feature's values rise."""
    z = np.stack([found["z_recall"], -found["z_fpr"], found["z_f1"]])
    chosen = np.take_along_axis(z, np.clip(driver, 0, 2)[None], axis=0)[0]
    is_trend = numeric[:, None] & (driver >= 0) & (driver < 3) & ~np.isnan(chosen)
    return np.where(is_trend, np.where(chosen < 0, "falls", "rises"), "").astype(object)


def _shape(found: Mapping[str, Floats], driver: npt.NDArray[Any], numeric: Any) -> Texts:
    bent = np.where(found["z_shape"] < 0, "middle best", "middle worst")
    by_driver = np.where(driver == 3, bent, "trend")
    named = np.where(numeric[:, None], by_driver, "categories")
    return np.where(driver < 0, "", named).astype(object)


def _pattern(found: Mapping[str, Floats], flagged: npt.NDArray[np.bool_]) -> Texts:
    """Which way the errors go: the class is called less often, or everything is recognised less."""
    from scipy.special import ndtri

    z, false = np.nan_to_num(found["z_recall"]), np.nan_to_num(found["z_fpr"])
    moves = np.abs(z) >= MOVES
    total = np.nan_to_num(found["total"])
    variance = np.nan_to_num(found["variance"])
    left = np.maximum(variance[:, :1] - variance, 1e-12)
    others = (total[:, :1] - total) / np.sqrt(left)
    shift = moves & (np.abs(false) >= MOVES) & (np.sign(z) == np.sign(false))
    loss = moves & (np.abs(others) >= MOVES) & (np.sign(z) == np.sign(others))
    shift[:, 0] = False
    # All together: no class may move clearly the other way, and no single one may be all of it.
    # Of many classes some move by chance: clearly is farther than any of them would.
    clearly = np.abs(z[:, 1:]) >= -ndtri(0.025 / (z.shape[1] - 1))
    against = clearly & (np.sign(z[:, 1:]) != np.sign(z[:, :1]))
    largest = 1 + np.abs(total[:, 1:]).argmax(axis=1)
    rest = np.take_along_axis(others, largest[:, None], axis=1)[:, 0]
    shared = (np.abs(rest) >= MOVES) & (np.sign(rest) == np.sign(z[:, 0]))
    loss[:, 0] = moves[:, 0] & shared & ~against.any(axis=1)
    named = np.where(shift, "criterion shift", np.where(loss, "information loss", ""))
    return np.where(flagged, named, "").astype(object)


def _detectable(error: Floats, alpha: Floats) -> Floats:
    from scipy.special import ndtri

    with np.errstate(invalid="ignore"):
        found = (POWER_Z - ndtri(alpha / 2)) * error
    return np.asarray(np.where(error > 0, np.minimum(found, 1.0), np.nan))


def _verdict(values: Mapping[str, Any], mix: npt.NDArray[np.bool_], *, capped: bool) -> Texts:
    strength, q_margin = values["strength"], values["q_margin"]
    with np.errstate(invalid="ignore"):
        odds = np.abs(values["margin_last"] - values["margin_first"]) >= np.log(LEAST_ODDS)
        erodes = (q_margin <= ALPHA) & odds & (strength == NONE)
    found = np.full(strength.shape, tables.CHANCE, dtype=object)
    if not capped:
        found[erodes] = tables.MARGIN
    with np.errstate(invalid="ignore"):
        suspect = values["p"] <= CANDIDATE_ALPHA  # before the correction: no all-clear for those
    found[mix & (strength == NONE) & ~suspect] = tables.CLASS_MIX
    found[strength == REAL] = tables.ASSOCIATED
    return found


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of the trends from what matters most to what matters least.

    Parameters
    ----------
    frame : pandas.DataFrame
        With the columns strength, class, spread_low, spread and p at least.

    Returns
    -------
    pandas.DataFrame
        Real rows, then candidates, then the rest; in each, "all" first, then by the lower
        bound of the spread, the spread, and p.

    Examples
    --------
    >>> rows = pd.DataFrame({"strength": ["none", "real"], "class": "all", "spread_low": 0.1,
    ...                      "spread": 0.2, "p": [0.5, 0.01]})
    >>> in_order(rows)["strength"].to_list()
    ['real', 'none']
    """
    order = pd.DataFrame(
        {
            "strength": frame["strength"].map({REAL: 0, CANDIDATE: 1, NONE: 2}),
            "class": frame["class"] != "all",
            "low": -frame["spread_low"].fillna(-1.0),
            "spread": -frame["spread"].fillna(-1.0),
            "p": frame["p"].fillna(2.0),
        }
    )
    place = order.sort_values(list(order.columns), kind="stable").index
    return frame.loc[place].reset_index(drop=True)
