"""The caller's own metrics, as they come: loose mappings in, entries of the page out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..advice.values import number
from ..errors import InputError
from .titles import LOCALES, text

SECTIONS = (
    "common",
    "precision_performance",
    "feature_sensitivity",
    "computational_performance",
    "abstract_feature",
    "adversary",
)

PARTS = ("title", "description", "value", "table", "line_chart", "pie_chart", "column_chart")

Entry = dict[str, Any]
Section = dict[str, Entry]


def custom_entries(
    custom_metric: Mapping[str, Any] | str | None,
) -> dict[str, dict[str, Section]]:
    """The caller's own metrics, by locale and section.

    Parameters
    ----------
    custom_metric : mapping, JSON text or None
        ``{operation: entry}``, at wish below a section and below a locale, as in
        ``{"zh-cn": {"computational_performance": {"fps": {"value": {"fps": 31.0}}}}}``. An
        entry is a mapping with ``value``, ``table``, … or a single number or text. Without
        a section it goes to ``common``; with one locale only, the other shows the same.
        None, ``""`` and ``{}``: none.

    Returns
    -------
    dict
        ``{locale: {section: {operation: entry}}}`` with plain values and no NaN.

    Raises
    ------
    InputError
        Not a mapping, or an entry that is neither a mapping nor a single value.

    Examples
    --------
    >>> custom_entries({"fps": {"value": {"fps": 31.0}}})["en-us"]["common"]["fps"]["value"]
    {'fps': 31.0}
    """
    given = _decoded(custom_metric)
    locales = {str(key).lower().replace("_", "-"): value for key, value in given.items()}
    by_locale = bool(locales) and set(locales) <= set(LOCALES)
    found = {}
    for locale in LOCALES:
        content = locales.get(locale, next(iter(locales.values()))) if by_locale else given
        found[locale] = _by_section(content, locale)
    return found


def _decoded(custom_metric: Mapping[str, Any] | str | None) -> Mapping[str, Any]:
    rule = "expected a mapping from name to {'value': {...}}"
    if custom_metric is None or custom_metric == "":
        return {}
    content: Any = custom_metric
    if isinstance(custom_metric, str):
        try:
            content = json.loads(custom_metric)
        except ValueError:
            raise InputError("custom_metric", rule, got=repr(custom_metric)) from None
    if not isinstance(content, Mapping):
        raise InputError("custom_metric", rule, got=type(content).__name__)
    return content


def _by_section(content: Any, locale: str) -> dict[str, Section]:
    found: dict[str, Section] = {}
    for key, value in _decoded(content).items():
        if key in SECTIONS:
            for name, entry in _decoded(value).items():
                found.setdefault(str(key), {})[str(name)] = _own_entry(str(name), entry, locale)
        else:
            found.setdefault("common", {})[str(key)] = _own_entry(str(key), value, locale)
    return found


def _own_entry(name: str, given: Any, locale: str) -> Entry:
    entry = _plain(given, name)
    if not isinstance(entry, dict):
        entry = {"value": {name: entry}}
    elif not set(entry) & set(PARTS):
        entry = {"value": entry}
    elif not isinstance(entry.get("value", {}), dict):
        entry = {**entry, "value": {name: entry["value"]}}
    about = text("custom.description", locale)
    return {"title": name, "description": about, **entry}


def _plain(value: Any, name: str) -> Any:
    """JSON values of mappings, sequences, arrays and tensors; NaN becomes None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item, name) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, name) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist(), name)
    if isinstance(value, float):
        return number(value)
    if value is None or isinstance(value, (str, bool, int)):
        return value
    raise InputError(
        "custom_metric", "expected numbers, texts, lists and mappings", got=repr(value), where=name
    )
