"""What moves in a row, and which of two rows only says again what the other says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

RECALL, FALSE_CALLS = "recall", "false calls"

#: Up to this p a row's own recall, or its false calls, count as moving: |z| of 1.96.
MOVES_P = 0.05

_P = {RECALL: "p_recall", FALSE_CALLS: "p_fpr"}

Row = Mapping[Any, Any]


def moving(row: Row) -> tuple[str, ...]:
    """What of a class changes along a feature: its recall, or how often others are called it.

    Parameters
    ----------
    row : mapping
        Of the trends, with ``class``, ``driver``, ``p_recall`` and ``p_fpr``.

    Returns
    -------
    tuple of str
        ``"recall"``, ``"false calls"`` or both, that which is surer first. The driver is always
        among them; the other only where it moves of itself (p ≤ .05). Empty for a bend, which
        is one of F1, and for a row that was not tested.

    Examples
    --------
    >>> moving({"class": "ok", "driver": "false positives", "p_recall": 0.6, "p_fpr": 0.001})
    ('false calls',)
    >>> moving({"class": "ok", "driver": "f1", "p_recall": 0.02, "p_fpr": 0.01})
    ('false calls', 'recall')
    """
    driver = row["driver"]
    if driver == "recall":
        return (RECALL,)
    if driver not in ("false positives", "f1"):
        return ()
    p = {name: float(row[key]) for name, key in _P.items()}
    found = [name for name in p if p[name] <= MOVES_P]
    if driver == "false positives" and FALSE_CALLS not in found:
        found.append(FALSE_CALLS)
    # Two that are next to nothing make a trend of F1 together.
    found = found or [name for name in p if p[name] == p[name]]
    return tuple(sorted(found, key=p.__getitem__))


def mirrored(trends: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Rows that are told by the row of the other class, where there are two.

    An image of one of two classes that is missed is called the other: along a feature, the misses
    of the one are the false calls of the other, and both rows are as sure. That is no second
    finding, and words that count findings leave it out. The table keeps both.

    Parameters
    ----------
    trends : pandas.DataFrame
        The table :data:`sensitivity.tables.TRENDS`.

    Returns
    -------
    dict
        From (feature, class) of a row whose own recall does not move, or moves the other way
        (criterion shift), to the class that tells of its errors. Empty unless there are two
        classes and every image is of one of them; a bend is never among them.

    Examples
    --------
    >>> row = {"feature": "blur", "strength": "real", "pattern": ""}
    >>> mirrored(pd.DataFrame([
    ...     {**row, "class": "all", "n": 90, "driver": "recall", "p_recall": 0.001, "p_fpr": None},
    ...     {**row, "class": "a", "n": 40, "driver": "recall", "p_recall": 1e-5, "p_fpr": 0.4},
    ...     {**row, "class": "b", "n": 50, "driver": "false positives", "p_recall": 0.4,
    ...      "p_fpr": 1e-5}]))
    {('blur', 'b'): 'a'}
    """
    of_class = trends[trends["class"] != "all"]
    if of_class["class"].nunique() != 2:
        return {}
    told = of_class[of_class["strength"].isin(("real", "candidate"))]
    of_all = trends[trends["class"] == "all"]
    totals = dict(zip(of_all["feature"], of_all["n"], strict=True))
    found = {}
    for feature, rows in told.groupby("feature", sort=False, observed=True):
        # With several labels an image may be of both classes, or of none.
        if len(rows) < 2 or rows["n"].sum() != totals.get(feature):
            continue
        pair = _teller_and_mirror(*rows.to_dict("records"))
        if pair is not None:
            found[str(feature), str(pair[1]["class"])] = str(pair[0]["class"])
    return found


def own_rows(trends: pd.DataFrame) -> pd.DataFrame:
    """The rows that are not told by the row of the other class.

    Parameters
    ----------
    trends : pandas.DataFrame
        The whole table :data:`sensitivity.tables.TRENDS`.

    Returns
    -------
    pandas.DataFrame
        In their order, without those of :func:`mirrored`.
    """
    mirrors = mirrored(trends)
    keys = zip(trends["feature"].astype(str), trends["class"].astype(str), strict=True)
    return trends[[key not in mirrors for key in keys]] if mirrors else trends


def _teller_and_mirror(first: Row, second: Row) -> tuple[Row, Row] | None:
    """The row that tells of the errors, and the one that only mirrors it; None of two findings."""
    mirrors = [row for row in (first, second) if _is_mirror(row)]
    if len(mirrors) != 1:
        return None
    (mirror,) = mirrors
    teller = second if mirror is first else first
    if not moving(teller):
        return None
    # The surer one speaks for both.
    if mirror["strength"] == "real" and teller["strength"] != "real":
        return mirror, teller
    return teller, mirror


def _is_mirror(row: Row) -> bool:
    found = moving(row)
    return found == (FALSE_CALLS,) or (
        row["pattern"] == "criterion shift" and found[:1] == (FALSE_CALLS,)
    )
