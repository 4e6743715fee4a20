"""Gates for CI: pass, fail, or too few images to say.

A gate is judged on the side of the limit on which the interval lies, not on the measured value
alone: a value that is over the limit by chance fails nothing, and one that is under it by chance
passes nothing. An interval that holds the limit leaves the gate open, and then the gate says how
many images it would take.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from .comparison import compare
from .errors import OptionError, did_you_mean, listed
from .pairs import TASK, check_classes, has_images, n_common
from .records import FAIL, INCONCLUSIVE, PASS, Gate, GateRow
from .result import Analysis
from .stats.intervals import normal_quantile
from .stats.paired import unpaired_change
from .targets import f1_target, limit_of, trend_target

#: With fewer images of the class nothing is said, whatever the interval.
LEAST = 10

#: A spread is taken over this many ranges at least.
LEAST_RANGES = 3

#: A value so near the limit that it would take more than so many times as many images to tell
#: them apart is at the limit: where the truth lies, what was measured cannot say.
MOST_TIMES = 1_000

AT_LIMIT = "the measured value is at the limit: no number of images will tell"

Limit = str | float


def judge(
    analysis: Analysis,
    *,
    max_spread: Sequence[Limit] = (),
    min_f1: Sequence[Limit] = (),
    max_drop: Sequence[Limit] = (),
    old: Analysis | None = None,
) -> list[Gate]:
    """Judge a result by the gates given.

    Parameters
    ----------
    analysis : Analysis
        The result.
    max_spread : sequence of str or float, optional
        Most that a class's F1 at an equal class mix may spread over a feature's ranges beyond
        chance (``spread``; for all classes together that of accuracy): ``0.1`` or
        ``"[CLASS[:FEATURE]]=0.1"``, where a class may be ``all``.
    min_f1 : sequence of str or float, optional
        Least F1: ``0.8`` for every class over the whole set, ``"CLASS=0.8"``,
        ``"CLASS:FEATURE=0.8"`` for every range, ``"CLASS:FEATURE:RANGE=0.8"`` for one, or
        ``"CLASS:RANGE=0.8"`` for that range of every feature. A range is its label or its
        number from 0.
    max_drop : sequence of str or float, optional
        Most that accuracy and each class's F1 may have dropped since `old`: ``0.02`` or
        ``"CLASS=0.02"``.
    old : Analysis, optional
        The earlier result. The same images are compared pair by pair, others by two intervals.

    Returns
    -------
    list of Gate
        One per limit, in this order.

    Raises
    ------
    OptionError
        No gate, a limit that is no number from 0 to 1, a class, feature or range that is not
        there, or `max_drop` without `old`.
    InputError
        The two results have other classes, or other labels for the same images.

    Examples
    --------
    >>> import sensitivity
    >>> labels = [0, 1] * 30
    >>> called = [1 - y if i in (9, 28, 43) else y for i, y in enumerate(labels)]
    >>> analysis = sensitivity.analyse(called, labels, [f"{i}.png" for i in range(60)],
    ...                                features=(), save_path=None)
    >>> gates = judge(analysis, min_f1=["1=0.6", "1=0.9"])
    >>> [(gate.status, gate.n_total) for gate in gates]
    [('pass', None), ('inconclusive', 153)]
    """
    if not (max_spread or min_f1 or max_drop):
        rule = "expected at least one of max-spread, min-f1 and max-drop"
        raise OptionError("gates", rule)
    gates = [_spread_gate(analysis, limit) for limit in max_spread]
    gates += [_f1_gate(analysis, limit) for limit in min_f1]
    if max_drop and old is None:
        raise OptionError("max-drop", "expected the earlier result: max-drop-from")
    if max_drop and old is not None:
        changes, notes = _drops(analysis, old)
        gates += [_drop_gate(analysis, changes, notes, limit) for limit in max_drop]
    return gates


def worst_status(gates: Iterable[Gate | GateRow]) -> str:
    """What several gates come to: one that fails beats one that is open beats all that pass.

    Parameters
    ----------
    gates : iterable of Gate or GateRow
        Judged gates, or the rows of one.

    Returns
    -------
    {"fail", "inconclusive", "pass"}

    Examples
    --------
    >>> worst_status([])
    'pass'
    """
    found = {gate.status for gate in gates}
    return next((status for status in (FAIL, INCONCLUSIVE) if status in found), PASS)


def _f1_gate(analysis: Analysis, text: Limit) -> Gate:
    where, limit = limit_of("min-f1", text)
    target = f1_target(analysis, where)
    z = normal_quantile(analysis.settings["confidence"])
    rows = []
    for row in target.rows.to_dict("records"):
        low, high, n = row["low"], row["high"], row["n"]
        status = FAIL if high < limit else PASS if low >= limit else INCONCLUSIVE
        factor, reason = _f1_factor(row, limit, z), ""
        if n < LEAST:
            status, reason = INCONCLUSIVE, _too_few(n)
            factor = max(factor or 0.0, LEAST / n) if n else None
        rows.append(_row(row, status, factor, total=analysis.settings["n"], reason=reason))
    what = f"{target.what}: at least {limit:g}"
    return _gate(f"min-f1 {text}", what, limit, rows, at_least=True)


def _f1_factor(row: dict[Any, Any], limit: float, z: float) -> float | None:
    """How many times as many images put the limit on the bound of the interval.

    On the scale of the Jaccard index J a bound p of Wilson's interval from m samples has
    ``m = z² p (1 - p) / (J - p)²``: so the interval tells the m behind it, clusters and all, and
    the m that would make the limit its bound.
    """
    value, bound, wanted = (
        f1 / (2 - f1)
        for f1 in (row["value"], row["high"] if row["value"] < 1 else row["low"], limit)
    )
    if math.isclose(value, wanted, abs_tol=1e-9) or bound == value:
        return None
    behind = z**2 * bound * (1 - bound) / (value - bound) ** 2
    if not behind > 0:
        return None
    return _unless_at_limit(z**2 * wanted * (1 - wanted) / (value - wanted) ** 2 / behind)


def _spread_gate(analysis: Analysis, text: Limit) -> Gate:
    where, limit = limit_of("max-spread", text)
    target = trend_target(analysis, where)
    ranges = analysis.bins[analysis.bins["bin"] >= 0].groupby("feature")["bin"].nunique()
    short = sorted(
        name for name in set(target.rows["feature"].astype(str)) if ranges[name] < LEAST_RANGES
    )
    rows = []
    for row in target.rows.to_dict("records"):
        if row["feature"] in short:
            continue
        row |= {"value": row["spread"], "low": row["spread_low"], "high": row["spread_high"]}
        status = FAIL if row["low"] > limit else PASS if row["high"] <= limit else INCONCLUSIVE
        bound = row["low"] if row["value"] > limit else row["high"]
        factor, reason = _scaled(row["value"], bound, limit), ""
        if not math.isfinite(row["spread"]):
            factor = _support(analysis, row)
            reason = f"fewer than {LEAST_RANGES} ranges with {LEAST} images of the class"
        rows.append(_row(row, status, factor, total=analysis.settings["n"], reason=reason))
    notes = (f"fewer than {LEAST_RANGES} ranges, not judged: {', '.join(short)}",) if short else ()
    what = f"{target.what}: at most {limit:g}"
    return _gate(f"max-spread {text}", what, limit, rows, notes=notes)


def _support(analysis: Analysis, row: dict[Any, Any]) -> float | None:
    """How many times as many images give enough ranges the ten images that a spread takes."""
    metric = "accuracy" if row["class"] == "all" else "recall"
    cells = analysis.bins
    own = cells[(cells["feature"] == row["feature"]) & (cells["class"] == row["class"])]
    n = own.loc[(own["metric"] == metric) & (own["bin"] >= 0), "n"].sort_values(ascending=False)
    third = int(n.iloc[LEAST_RANGES - 1])
    return LEAST / third if 0 < third < LEAST else None


def _drops(new: Analysis, old: Analysis) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Accuracy and each class's F1: what it was, less what it is; paired where it can be."""
    check_classes(old, new)
    if new.settings["task"] == TASK and has_images(new) and has_images(old):
        n = n_common(old, new)
        if n and n == min(old.settings["n"], new.settings["n"]):
            found = compare(old, new, confidence=new.settings["confidence"])
            rows = found.overall[found.overall["metric"] != "recall"]
            table = rows[["class", "metric", "n"]].assign(
                value=-rows["change"], low=-rows["high"], high=-rows["low"]
            )
            return table, (f"paired: {n:,} images are in both results", *found.settings["notes"])
    shown = new.overall[new.overall["metric"].isin(["accuracy", "f1"])]
    both = shown.merge(old.overall, on=["class", "metric"], suffixes=("", "_old"))
    change, low, high = unpaired_change(
        (both["value_old"], both["low_old"], both["high_old"]),
        (both["value"], both["low"], both["high"]),
    )
    table = both[["class", "metric"]].assign(
        n=both[["n", "n_old"]].min(axis=1), value=-change, low=-high, high=-low
    )
    return table, ("not paired: the two results are of other images, or lack per-image tables",)


def _drop_gate(
    analysis: Analysis, changes: pd.DataFrame, notes: tuple[str, ...], text: Limit
) -> Gate:
    where, limit = limit_of("max-drop", text)
    owners = ["all", *analysis.settings["classes"]]
    if where and where not in owners:
        rule = f"expected a class among {listed(owners)}"
        raise OptionError("max-drop", rule, got=where, where=did_you_mean(where, owners))
    found = changes[changes["class"] == where] if where else changes
    # Of many rows some lie beyond the limit by chance: to fail, a row must do so among them all.
    confidence = analysis.settings["confidence"]
    total = int(changes.loc[changes["class"] == "all", "n"].iloc[0])
    wider = normal_quantile(1 - (1 - confidence) / len(found)) / normal_quantile(confidence)
    rows = []
    for row in found.to_dict("records"):
        value = row["value"]
        strict = value - (value - row["low"]) * wider
        status = FAIL if strict > limit else PASS if row["high"] <= limit else INCONCLUSIVE
        bound = strict if value > limit else row["high"]
        reason = ""
        if status == INCONCLUSIVE and row["low"] > limit:
            reason = f"too low by itself, but not as one of {len(found):,} rows"
        factor, n = _scaled(value, bound, limit), row["n"]
        if n < LEAST:
            status, reason = INCONCLUSIVE, _too_few(n)
            factor = max(factor or 0.0, LEAST / n) if n else None
        rows.append(_row(row, status, factor, total=total, reason=reason))
    of = {"": "accuracy, and F1 of every class", "all": "accuracy"}.get(where, f"F1 of {where}")
    what = f"{of}: no more than {limit:g} below the earlier result"
    return _gate(f"max-drop {text}", what, limit, rows, notes=notes)


def _scaled(value: float, bound: float, limit: float) -> float | None:
    """How many times as many images draw a bound in to the limit: distances shrink as 1/√n."""
    if math.isclose(value, limit, abs_tol=1e-9) or not math.isfinite(bound):
        return None
    return _unless_at_limit(((bound - value) / (limit - value)) ** 2)


def _unless_at_limit(factor: float) -> float | None:
    return factor if factor <= MOST_TIMES else None


def _too_few(n: int) -> str:
    return f"fewer than {LEAST} images of the class" if n else "no image of the class"


def _row(
    row: dict[Any, Any], status: str, factor: float | None, *, total: int, reason: str
) -> GateRow:
    """One judged number; `factor` says how many times as many images would decide."""
    n, value = int(row["n"]), float(row["value"])
    needed = in_all = None
    if status == INCONCLUSIVE and factor is not None:
        needed, in_all = math.ceil(n * factor), math.ceil(total * factor)
    elif status == INCONCLUSIVE and not reason:
        known = math.isfinite(value) and math.isfinite(row["low"]) and math.isfinite(row["high"])
        reason = AT_LIMIT if known else "no interval"
    return GateRow(
        feature=str(row.get("feature", "")),
        label=str(row.get("label", "")),
        class_name=str(row["class"]),
        metric=str(row.get("metric", "spread")),
        status=status,
        value=value,
        low=float(row["low"]),
        high=float(row["high"]),
        n=n,
        n_needed=needed,
        n_total=in_all,
        reason=reason,
    )


def _gate(
    name: str,
    what: str,
    limit: float,
    rows: list[GateRow],
    *,
    at_least: bool = False,
    notes: tuple[str, ...] = (),
) -> Gate:
    """The rows put together; the one that decides lends its numbers."""
    status = worst_status(rows) if rows else INCONCLUSIVE
    sign = 1 if at_least else -1

    def order(row: GateRow) -> tuple[float, float]:
        value = sign * row.value if math.isfinite(row.value) else -math.inf
        if status == INCONCLUSIVE:
            return (-math.inf if row.n_total is None else -row.n_total, value)
        return (value, 0.0)

    shown = sorted((row for row in rows if row.status == status), key=order)
    first = shown[0] if shown else None
    return Gate(
        name=name,
        what=what,
        status=status,
        limit=limit,
        value=first.value if first else math.nan,
        low=first.low if first else math.nan,
        high=first.high if first else math.nan,
        n=first.n if first else 0,
        n_needed=first.n_needed if first else None,
        n_total=first.n_total if first else None,
        n_judged=len(rows),
        rows=() if status == PASS else tuple(shown),
        notes=notes if rows else (*notes, "nothing to judge"),
    )
