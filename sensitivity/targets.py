"""What a gate looks at: ``CLASS:FEATURE:RANGE=LIMIT`` as rows of a result's tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from .bins import MISSING
from .errors import OptionError, did_you_mean, listed
from .labels import shown_label, stored_label
from .result import Analysis


@dataclass(frozen=True, eq=False)
class Target:
    """Rows to be judged, and what they are in words.

    Attributes
    ----------
    what : str
        Such as ``"F1 of defective in 0–20% of sharpness"``.
    rows : pandas.DataFrame
        Rows of the tables ``overall``, ``bins`` or ``trends``.
    """

    what: str
    rows: pd.DataFrame


def limit_of(option: str, text: str | float) -> tuple[str, float]:
    """Split ``WHERE=LIMIT``.

    Parameters
    ----------
    option : str
        For the error.
    text : str or float
        A limit, or ``"WHERE=LIMIT"``.

    Returns
    -------
    where : str
        Empty for a limit alone.
    limit : float
        In [0, 1].

    Raises
    ------
    OptionError
        The limit is no number from 0 to 1.

    Examples
    --------
    >>> limit_of("min-f1", "defective:sharpness=0.7"), limit_of("min-f1", 0.8)
    (('defective:sharpness', 0.7), ('', 0.8))
    """
    where, equals, number = str(text).rpartition("=")
    rule = "expected a limit from 0 to 1, alone or after CLASS="
    try:
        limit = float(number)
    except ValueError:
        raise OptionError(option, rule, got=str(text)) from None
    # "$CLASS=0.7" with an unset variable names no class: it is not meant for every class.
    if not 0 <= limit <= 1 or (equals and not where):
        raise OptionError(option, rule, got=str(text))
    return where, limit


def f1_target(analysis: Analysis, where: str) -> Target:
    """Rows of F1 that a gate names.

    Parameters
    ----------
    analysis : Analysis
        The result.
    where : str
        Empty: every class over the whole set. Else ``CLASS``, ``CLASS:FEATURE``,
        ``CLASS:FEATURE:RANGE`` or ``CLASS:RANGE``; names may hold colons.

    Returns
    -------
    Target

    Raises
    ------
    OptionError
        A class, feature or range that is not there; the message lists those that are.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> found = f1_target(analysis, "1:hour:0")
    >>> found.what, len(found.rows), len(f1_target(analysis, "1:hour").rows)
    ('F1 of 1 in 0–50% of hour', 1, 2)
    """
    overall = analysis.overall[analysis.overall["metric"] == "f1"]
    if not where:
        return Target("F1 of every class", overall)
    owner, rest = _owner("min-f1", where, analysis.settings["classes"])
    if not rest:
        return Target(f"F1 of {owner}", overall[overall["class"] == owner])
    cells = analysis.bins
    cells = cells[(cells["metric"] == "f1") & (cells["class"] == owner)]
    feature, wanted = _split(rest, _features(analysis))
    if feature is not None:
        own = cells[cells["feature"] == feature]
        if not wanted:
            return Target(f"F1 of {owner} in every range of {feature}", own[own["bin"] != MISSING])
        label = _label(own, wanted)
        if label is None:
            known = ", ".join(map(shown_label, own["label"].astype("str")))
            raise OptionError("min-f1", f"expected a range of {feature}: {known}", got=wanted)
        where = f"{shown_label(label)} of {feature}"
        return Target(f"F1 of {owner} in {where}", own[own["label"] == label])
    labels = {name: _label(own, rest) for name, own in cells.groupby("feature", sort=False)}
    kept = [
        cells[(cells["feature"] == name) & (cells["label"] == label)]
        for name, label in labels.items()
        if label is not None
    ]
    if not kept:
        near = did_you_mean(rest.partition(":")[0], _features(analysis))
        raise OptionError("min-f1", _known(analysis, cells), got=rest, where=near)
    few = "feature" if len(kept) == 1 else "features"
    wanted = shown_label(stored_label(rest, cells["label"].astype("str")) or rest)
    what = f"F1 of {owner} in range {wanted} of {len(kept):,} {few}"
    return Target(what, pd.concat(kept))


def trend_target(analysis: Analysis, where: str) -> Target:
    """Rows of trends that a gate names.

    Parameters
    ----------
    analysis : Analysis
        The result.
    where : str
        Empty: all rows. Else ``CLASS`` or ``CLASS:FEATURE``, where a class may be ``all``.

    Returns
    -------
    Target

    Raises
    ------
    OptionError
        A class or feature that is not there.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> trend_target(analysis, "all:hour").what
    'spread of all over hour, beyond chance'
    """
    trends = analysis.trends
    if not where:
        return Target("spread of every class over every feature, beyond chance", trends)
    owner, rest = _owner("max-spread", where, ["all", *analysis.settings["classes"]])
    own = trends[trends["class"] == owner]
    if not rest:
        return Target(f"spread of {owner} over every feature, beyond chance", own)
    known = _features(analysis)
    if rest not in known:
        near = did_you_mean(rest, known)
        rule = f"expected a feature among {listed(known)}"
        raise OptionError("max-spread", rule, got=rest, where=near)
    return Target(f"spread of {owner} over {rest}, beyond chance", own[own["feature"] == rest])


def _owner(option: str, where: str, owners: Sequence[str]) -> tuple[str, str]:
    owner, rest = _split(where, owners)
    if owner is None:
        near = did_you_mean(where.partition(":")[0], owners)
        raise OptionError(option, f"expected a class among {listed(owners)}", got=where, where=near)
    return owner, rest


def _split(where: str, names: Iterable[str]) -> tuple[str | None, str]:
    """The longest of `names` that `where` is, or begins with before a colon, and the rest."""
    for name in sorted(names, key=len, reverse=True):
        if where == name or where.startswith(f"{name}:"):
            return name, where[len(name) + 1 :]
    return None, where


def _features(analysis: Analysis) -> list[str]:
    return [entry["name"] for entry in analysis.settings["features"]]


def _label(own: pd.DataFrame, wanted: str) -> str | None:
    """The label of a feature's range, given as label or as number from 0."""
    labels = dict(zip(own["bin"].astype(int), own["label"].astype("str"), strict=True))
    found = stored_label(wanted, labels.values())
    return labels.get(int(wanted)) if found is None and wanted.isdecimal() else found


def _known(analysis: Analysis, cells: pd.DataFrame) -> str:
    labels = dict.fromkeys(map(shown_label, cells["label"].astype("str")))
    return f"expected a feature ({listed(_features(analysis))}) or a range ({listed(labels)})"
