"""Every row of the trends as a finding: its verdict in words, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import OptionError
from ..result import Analysis
from ..trends import in_order
from .facts import Facts, collect
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
    told_by : str
        The other of two classes, whose finding tells of the same errors: this one is not to be
        counted again. Else empty.
    """

    feature: str
    of_class: str
    verdict: str
    strength: str
    grade: str
    sentence: str
    evidence: Mapping[str, float]
    told_by: str = ""


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
        Only the first ones, in the order of :func:`sensitivity.trends.in_order`.

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
    rows = in_order(analysis.trends)
    return tuple(
        _finding(facts, lang)
        for facts in collect(analysis, rows if limit is None else rows[:limit])
    )


def _finding(facts: Facts, lang: str) -> Finding:
    return Finding(
        facts.feature,
        facts.name,
        facts.verdict,
        facts.strength,
        facts.grade,
        sentence(facts, lang),
        evidence(facts),
        facts.told_by,
    )
