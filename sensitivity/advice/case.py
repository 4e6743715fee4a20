"""What the rules look at: an analysis, its weaknesses and its hints, prepared once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ..remedies import Remedy
from ..result import Analysis
from ..tables.tta import CONTRADICTED, REPRODUCED
from .facts import ALL, CANDIDATE, REAL, Facts
from .places import Scale, scales
from .remedies_text import class_text, words
from .weaknesses import Weakness, source_of, weaknesses


@dataclass(frozen=True, eq=False)
class Case:
    """An analysis as the rules see it.

    Attributes
    ----------
    analysis : Analysis
        All its tables.
    lang : {"en", "zh"}
        Language.
    weak : tuple of Weakness
        What is real.
    hints : tuple of Weakness
        What is a candidate, of features of which nothing is real.
    explained : tuple of Facts
        Real rows that another feature accounts for.
    scales : mapping
        From feature to its scale.
    sources : mapping
        From feature to ``"image"``, ``"column"`` or ``"category"``.
    remedy : Remedy or None
        What became of a trial of test-time augmentation.
    """

    analysis: Analysis
    lang: str
    weak: tuple[Weakness, ...]
    hints: tuple[Weakness, ...]
    explained: tuple[Facts, ...]
    scales: Mapping[str, Scale]
    sources: Mapping[str, str]
    remedy: Remedy | None

    @property
    def settings(self) -> Mapping[str, Any]:
        """The analysis's."""
        return self.analysis.settings

    @property
    def dependence(self) -> str:
        """``"groups"``, ``"blocks"`` of neighbouring names, or ``"none"``."""
        return str(self.settings["dependence"]["kind"])

    def words(self, key: str) -> str:
        """A text in the language of the case, with its fields."""
        return words(key, self.lang)

    def named(self, name: str) -> str:
        """A class in the language of the case."""
        return class_text(name, self.lang)

    def title(self, feature: str) -> str:
        """A feature in the language of the case."""
        scale = self.scales.get(feature)
        return feature if scale is None else scale.title(self.lang)

    def overall(self, metric: str, name: str = ALL) -> dict[str, float] | None:
        """One metric of the whole set: ``n``, ``value``, ``low``, ``high``; None without."""
        return self._whole.get((metric, name))

    @cached_property
    def _whole(self) -> dict[tuple[str, str], dict[str, float]]:
        """Every metric of the whole set: a look through the table for each would be classes²."""
        table = self.analysis.overall
        rows = table[table["value"].notna()].drop_duplicates(["metric", "class"])
        keys = zip(rows["metric"].astype(str), rows["class"].astype(str), strict=True)
        names = ("n", "value", "low", "high")
        numbers = zip(*(rows[name].astype(float).to_list() for name in names), strict=True)
        return {
            key: dict(zip(names, row, strict=True)) for key, row in zip(keys, numbers, strict=True)
        }

    def intervention(self, weakness: Weakness) -> str:
        """What moving the same images said: ``"confirmed"``, ``"contradicted"`` or ``""``."""
        if self.remedy is None:
            return ""
        table: pd.DataFrame = self.remedy.interventions
        mine = (table["feature"] == weakness.facts.feature) & table["class"].isin(
            {weakness.facts.name, *weakness.classes}
        )
        verdicts = set(table[mine]["verdict"])
        return next((v for v in (REPRODUCED, CONTRADICTED) if v in verdicts), "")


def prepare(analysis: Analysis, lang: str) -> Case:
    """Look at an analysis once, for all rules.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    Case

    Raises
    ------
    OptionError
        Another language.

    Examples
    --------
    >>> from sensitivity import analyse
    >>> analysis = analyse([0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...                    columns={"hour": range(40)}, features=(), save_path=None)
    >>> prepare(analysis, "en").sources
    {'hour': 'column'}
    """
    words("na.features", lang)  # refuses another language before anything is computed
    found, explained = weaknesses(analysis, REAL)
    known = {name for w in found for name in (w.facts.feature, *w.companions)}
    hints, _ = weaknesses(analysis, CANDIDATE, without=known)
    return Case(
        analysis=analysis,
        lang=lang,
        weak=found,
        hints=hints,
        explained=explained,
        scales=scales(analysis),
        sources={entry["name"]: source_of(entry) for entry in analysis.settings["features"]},
        remedy=getattr(analysis, "remedy", None),
    )
