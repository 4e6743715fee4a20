"""A feature's bins in words: "in the lowest fifth (2.75–9.78)"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..bins import MISSING
from ..result import Analysis
from .templates import LANGUAGES, template
from .values import bounds_told, is_share_label, number, range_label, span

_NUMBER = re.compile(r"[-+\d.e]+|-?inf")


@dataclass(frozen=True)
class Scale:
    """What it takes to name a feature and its bins.

    Attributes
    ----------
    titles : tuple of str
        What the feature is called within a sentence, per language.
    kind : {"numeric", "categorical"}
        How its values were split.
    labels : tuple of str
        One per bin, from low to high values.
    ranges : tuple of (str, str)
        Lowest and highest value of each bin; empty where the labels say it.
    unit : str, default ""
        Of its values.
    """

    titles: tuple[str, ...]
    kind: str
    labels: tuple[str, ...]
    ranges: tuple[tuple[str, str], ...]
    unit: str = ""

    def title(self, lang: str) -> str:
        """What the feature is called within a sentence."""
        return self.titles[LANGUAGES.index(lang)]


def scales(analysis: Analysis) -> dict[str, Scale]:
    """The scale of every feature.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.

    Returns
    -------
    dict
        From feature to its scale; empty without features.
    """
    bins = analysis.bins
    rows = bins[(bins["metric"] == "accuracy") & (bins["bin"] != MISSING)].sort_values("bin")
    by_feature = {str(name): rows for name, rows in rows.groupby("feature", observed=True)}
    found = {}
    for entry in analysis.settings["features"]:
        cells = by_feature[entry["name"]]
        labels = tuple(str(label) for label in cells["label"])
        ranges = value_ranges(labels, cells["edge_high"].to_list(), entry)
        unit = entry.get("unit", "")
        found[entry["name"]] = Scale(_titles(entry), entry["kind"], labels, tuple(ranges), unit)
    return found


def value_ranges(
    labels: Sequence[str], highs: Sequence[float], entry: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Lowest and highest value of bins that are labelled by their shares.

    Parameters
    ----------
    labels : sequence of str, length K
        Labels of the bins, from low to high.
    highs : sequence of float, length K
        Their upper edges; the last is not read.
    entry : mapping
        The feature in the settings: ``kind``, ``unit``, ``minimum`` and ``maximum``.

    Returns
    -------
    list of (str, str)
        Bounds in as many digits as tell them apart, of times as dates, ``""`` where unknown; an
        empty list when the labels themselves name values.

    Examples
    --------
    >>> entry = {"kind": "numeric", "minimum": 2.75, "maximum": 192.0}
    >>> value_ranges(["0%-50%", "50%-100%"], [23.1, None], entry)
    [('2.75', '23.1'), ('23.1', '192')]
    """
    if entry["kind"] != "numeric" or not all(map(is_share_label, labels)):
        return []
    bounds = [entry["minimum"], *highs[:-1], entry["maximum"]]
    known = [number(bound) for bound in bounds]
    return list(pairwise(bounds_told(known, entry.get("unit", ""))))


def place(scale: Scale, code: int, lang: str) -> str:
    """Where a bin lies, in words.

    Parameters
    ----------
    scale : Scale
        The feature's.
    code : int
        The bin, 0 … K-1.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        With its preposition in English.

    Examples
    --------
    >>> labels = ("0%-20%", "20%-40%", "40%-60%", "60%-80%", "80%-100%")
    >>> ranges = (("0", "3"), ("3", "7"), ("7", "9"), ("9", "12.3"), ("12.3", "20"))
    >>> scale = Scale(("noise", "噪声"), "numeric", labels, ranges)
    >>> place(scale, 0, "en"), place(scale, 4, "zh"), place(scale, 1, "en")
    ('in the lowest fifth (0–3)', '最高的五分之一（12.3–20）', 'in the range 20–40 % (3–7)')
    >>> place(Scale(("camera", "相机"), "categorical", ("A", "B"), ()), 1, "en")
    'for B'
    """
    label = scale.labels[code]
    if scale.kind != "numeric":
        return template("place.category", lang).format(label=label)
    if is_share_label(label):
        return _share_place(scale, code, lang)
    if _NUMBER.fullmatch(label):
        return template("place.value", lang).format(label=label)
    words = range_label(label, {"en": "en-us", "zh": "zh-cn"}[lang])
    return template("place.range", lang).format(label=words)


def _share_place(scale: Scale, code: int, lang: str) -> str:
    low, high = scale.labels[code].removesuffix("%").split("%-")
    fields = {"low": low, "high": high, "span": _span(scale, code, lang), "part": ""}
    if code == 0:
        where, width = "lowest", float(high)
    elif code == len(scale.labels) - 1:
        where, width = "highest", 100 - float(low)
    else:
        return template("place.middle", lang).format(**fields)
    fields["part"] = _part(width, len(scale.labels), lang)
    return template(f"place.{where}", lang).format(**fields)


def _span(scale: Scale, code: int, lang: str) -> str:
    low, high = scale.ranges[code]
    text = span(low, high)
    if not (low + high).count("-"):
        text = text.replace(" … ", "–")
    return template("span", lang).format(span=text) if text else ""


def _part(width: float, n_bins: int, lang: str) -> str:
    """A fifth of the images where it is one, else their share."""
    if n_bins in (2, 3, 4, 5, 10) and abs(width - 100 / n_bins) < 0.5:
        return template(f"part.{n_bins}", lang)
    return template("part", lang).format(share=f"{width:.6g}")


def _titles(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Titles as they stand within a sentence; a column keeps the name that the caller gave it."""
    titles = [entry[f"title_{lang}"] or entry["name"] for lang in LANGUAGES]
    if entry["source"] == "image" and titles[0] != entry["name"] and titles[0][1:2].islower():
        titles[0] = titles[0][0].lower() + titles[0][1:]
    return tuple(titles)
