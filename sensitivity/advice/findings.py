"""Every row of the trends as a finding: its verdict in words, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import OptionError
from ..result import Analysis
from .facts import CANDIDATE, REAL, Facts, collect
from .templates import template
from .wording import evidence, sentence


@dataclass(frozen=True)
class Finding:
    """What one row of the trends says.

    Attributes
    ----------
    feature, of_class : str
        Feature, and class or ``"all"``.
    verdict, strength, grade : str
        As in the table :data:`sensitivity.tables.TRENDS`.
    sentence : str
        One to three short sentences for a person, made from the numbers.
    evidence : mapping
        The numbers that the sentence quotes, unrounded.
    """

    feature: str
    of_class: str
    verdict: str
    strength: str
    grade: str
    sentence: str
    evidence: Mapping[str, float]


def findings(
    analysis: Analysis, *, lang: str = "en", limit: int | None = None
) -> tuple[Finding, ...]:
    """The verdict on every feature × class in words.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    lang : {"en", "zh"}, default "en"
        Language of the sentences.
    limit : int, optional
        Only the first ones, in the order of :func:`ranked`.

    Returns
    -------
    tuple of Finding
        Real ones first, then candidates, then by ``spread_low``; empty without features.

    Raises
    ------
    OptionError
        Another language, or a negative limit.

    Examples
    --------
    >>> from sensitivity.synthetic import Trend, plant
    >>> from sensitivity import analyse
    >>> made = plant(2000, recall=(0.9, Trend(0.95, 0.55)), feature="blur")
    >>> analysis = analyse(made.pred_list, made.label_list, made.name_list,
    ...                    columns=made.columns, features=(), save_path=None)
    >>> first = findings(analysis, limit=1)[0]
    >>> first.feature, first.verdict
    ('blur', 'associated')
    """
    template("all", lang)  # refuses another language, rows or none
    if limit is not None and limit < 0:
        raise OptionError("limit", "expected 0 or more", got=str(limit))
    rows = ranked(analysis.trends)
    return tuple(
        _finding(facts, lang)
        for facts in collect(analysis, rows if limit is None else rows[:limit])
    )


def ranked(trends: pd.DataFrame) -> pd.DataFrame:
    """Rows of the trends, what matters most first.

    Parameters
    ----------
    trends : pandas.DataFrame
        The table :data:`sensitivity.tables.TRENDS`, or its rows.

    Returns
    -------
    pandas.DataFrame
        The same rows: real ones first, then candidates, then all others; within each by
        ``spread_low``, then by ``spread``, then as they were.

    Examples
    --------
    >>> rows = pd.DataFrame({"class": ["a", "b", "c"], "strength": ["none", "real", "none"],
    ...                      "spread_low": [0.0, 0.01, 0.0], "spread": [0.01, 0.02, 0.04]})
    >>> ranked(rows)["class"].to_list()
    ['b', 'c', 'a']
    """
    place = np.where(trends["strength"] == REAL, 0, np.where(trends["strength"] == CANDIDATE, 1, 2))
    low, spread = (
        -trends[name].fillna(-1.0).to_numpy(np.float64) for name in ("spread_low", "spread")
    )
    return trends.iloc[np.lexsort((spread, low, place))]


def _finding(facts: Facts, lang: str) -> Finding:
    return Finding(
        facts.feature,
        facts.name,
        facts.verdict,
        facts.strength,
        facts.grade,
        sentence(facts, lang),
        evidence(facts),
    )
