"""Labels: what a person reads for a bin and for its ends, and what that is in the tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .advice.values import range_label
from .times import is_time, time_texts

_SHARES = re.compile(r"([\d.]+)%-([\d.]+)%")


def shown_label(label: str, kind: str = "numeric", lang: str = "en") -> str:
    """A bin's label as people read it, in a terminal, on a page and in a picture.

    Parameters
    ----------
    label : str
        The label of the table of bins.
    kind : {"numeric", "categorical"}, default "numeric"
        How the feature's values were split; the name of a category stays as it is.
    lang : {"en", "zh"}, default "en"
        Language of value ranges.

    Returns
    -------
    str
        Shares of the images with one sign for percent; single values stay.

    Examples
    --------
    >>> shown_label("0%-20%"), shown_label("99.5%-100%"), shown_label("up to 7", lang="zh")
    ('0–20%', '99.5–100%', '不超过 7')
    >>> shown_label("0%-20%", "categorical")
    '0%-20%'
    """
    if kind != "numeric":
        return label
    found = _SHARES.fullmatch(label)
    if found:
        return f"{found[1]}–{found[2]}%"
    return range_label(label, "zh-cn") if lang == "zh" else label


def stored_label(typed: str, labels: Iterable[str]) -> str | None:
    """The label of the table of bins that somebody named.

    Parameters
    ----------
    typed : str
        A label of the table, or one as it is shown, in either way of writing a dash.
    labels : iterable of str
        The labels that there are.

    Returns
    -------
    str or None
        None where there is no such label.

    Examples
    --------
    >>> labels = ["0%-50%", "50%-100%"]
    >>> [stored_label(typed, labels) for typed in ("0–50%", "50-100 %", "0%")]
    ['0%-50%', '50%-100%', None]
    """
    known = list(labels)
    if typed in known:
        return typed
    shares = {_plain(label): label for label in known if _SHARES.fullmatch(label)}
    return shares.get(_plain(typed))


def edge_texts(entry: Mapping[str, Any]) -> list[str]:
    """Where a feature was cut, as people read it.

    Parameters
    ----------
    entry : mapping
        The feature in the settings: ``edges``, ``categories`` and ``unit``.

    Returns
    -------
    list of str
        Its inner edges, of times as dates; or its categories.

    Examples
    --------
    >>> edge_texts({"edges": [0.5, 86400.0], "categories": [], "unit": ""})
    ['0.5', '86400.0']
    """
    if not entry["edges"]:
        return list(entry["categories"])
    if is_time(entry["unit"]):
        return time_texts([float(edge) for edge in entry["edges"]])
    return [str(float(edge)) for edge in entry["edges"]]


def _plain(label: str) -> str:
    return re.sub(r"[\s%]", "", re.sub("[–—−]", "-", label))
