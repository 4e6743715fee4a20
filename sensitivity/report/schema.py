"""The published JSON Schema of ``model_analysis_results.json``.

``result.schema.json`` beside this module is :func:`schema_text`, word for word. After a
change of the tables or of the page layout it is written anew by::

    python -c "from sensitivity.report.schema import *; SCHEMA_FILE.write_text(schema_text())"
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .. import tables
from ..catalogue import SOURCES
from ..policies import POLICY_VERSION, POOLS
from ..remedies import REMEDY_VERSION
from ..result import KEY, SCHEMA_VERSION
from ..times import SINCE_1970
from .custom import SECTIONS
from .titles import LOCALES

__all__ = ["SCHEMA_FILE", "result_schema", "schema_text"]

#: The published file.
SCHEMA_FILE = Path(__file__).with_name("result.schema.json")

_KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": ["number", "null"]},
    "boolean": {"type": "boolean"},
}

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_COUNT = {"type": "integer", "minimum": 0}
_NUMBER_OR_NULL = {"type": ["number", "null"]}
_RANGE = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}


def result_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a whole result file.

    Returns
    -------
    dict
        Generated from :data:`sensitivity.tables.TABLES` and the forms of the page layout.
        What a schema cannot say: the columns of a table have one length, and ``cell_value``
        has a row per row label and a column per column label.

    Examples
    --------
    >>> schema = result_schema()
    >>> schema["$id"], schema["required"]
    ('urn:sensitivity:result:2', ['en-us', 'zh-cn', 'sensitivity'])
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:sensitivity:result:{SCHEMA_VERSION}",
        "title": "model_analysis_results.json",
        "description": "The evaluation page in two languages, and the machine-readable result.",
        **_object(
            {
                **{locale: {"$ref": "#/$defs/page"} for locale in LOCALES},
                KEY: {"$ref": "#/$defs/result"},
            }
        ),
        "$defs": {**_page_forms(), **_result_forms()},
    }


def schema_text() -> str:
    """The published file's text.

    Returns
    -------
    str
        Indented JSON with a last newline.

    Examples
    --------
    >>> schema_text() == SCHEMA_FILE.read_text(encoding="utf-8")
    True
    """
    return json.dumps(result_schema(), indent=2, ensure_ascii=True) + "\n"


def _object(properties: dict[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "properties": properties,
        "additionalProperties": False,
    }


def _named(form: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": {"$ref": f"#/$defs/{form}"}}


def _page_forms() -> dict[str, Any]:
    axes = {"x_axis_name": _TEXT, "y_axis_name": _TEXT}
    ranges = {"x_axis_range": _RANGE, "y_axis_range": _RANGE}
    points = {"type": "array", "items": _RANGE}
    numbers = {"type": "array", "items": {"type": "number"}}
    cells = {"type": "array", "items": {"type": "array", "items": {"$ref": "#/$defs/cell"}}}
    return {
        "page": _object({section: _named("entry") for section in SECTIONS}),
        "entry": {
            "type": "object",
            "description": "One operation: an evaluation, a feature, or a metric of the caller's.",
            "required": ["title", "description"],
            "properties": {
                "title": _TEXT,
                "description": _TEXT,
                "value": {"type": "object"},
                "table": _named("table"),
                "line_chart": _named("line_chart"),
                "pie_chart": _named("pie_chart"),
                "column_chart": _named("column_chart"),
            },
        },
        "cell": {"type": ["number", "string", "null"]},
        "table": _object(
            {
                "top_left_cell": _TEXT,
                "row_labels": _TEXTS,
                "col_labels": _TEXTS,
                "cell_value": cells,
            }
        ),
        "line_chart": _object(
            {
                "name": _TEXT,
                **axes,
                **ranges,
                "curve": {"type": "object", "additionalProperties": points},
            },
            optional=("name", *ranges),
        ),
        "pie_chart": _object({"label": _TEXTS, "value": numbers}),
        "column_chart": _object(
            {**axes, **ranges, "x_value": numbers, "y_value": numbers}, optional=tuple(ranges)
        ),
    }


def _result_forms() -> dict[str, Any]:
    small = [schema for schema in tables.TABLES if schema.name not in tables.PER_IMAGE]
    stamp = _object({"rows": _COUNT, "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}})
    return {
        "result": _object(
            {
                "schema_version": {"const": SCHEMA_VERSION},
                "settings": {"$ref": "#/$defs/settings"},
                "tables": _object({schema.name: _table(schema) for schema in small}),
                "files": {
                    **_object(dict.fromkeys(tables.PER_IMAGE, stamp)),
                    "description": "Parquet tables beside the file, under tables/.",
                },
                "remedy": {"$ref": "#/$defs/remedy"},
            },
            optional=("remedy",),
        ),
        "settings": _settings(),
        **_remedy_forms(),
        "feature": _feature(),
    }


def _remedy_forms() -> dict[str, Any]:
    """What became of test-time augmentation; its settings may grow."""
    weights = {"type": "array", "items": {"type": "number", "minimum": 0}}
    where = _object({"feature": _TEXT, "low": _NUMBER_OR_NULL, "high": _NUMBER_OR_NULL})
    cell = {
        "weights": weights,
        "where": {"type": "array", "items": where},
        "predicted": {"type": ["string", "null"]},
    }
    view = {
        "op": _TEXT,
        "dose": {"type": "number"},
        "feature": _TEXT,
        "direction": {"enum": ["down", "up", ""]},
        "source": {"enum": list(SOURCES)},
        "target": _NUMBER_OR_NULL,
        "share": _NUMBER_OR_NULL,
    }
    policy = {
        "policy_version": {"const": POLICY_VERSION},
        "views": {"type": "array", "items": _object(view), "minItems": 1},
        "weights": weights,
        "pool": {"enum": list(POOLS)},
        "cells": {"type": "array", "items": _object(cell)},
        "entropy": _NUMBER_OR_NULL,
        "shift": {"type": "array", "items": {"type": "number"}},
        "classes": _TEXTS,
        "output": {"enum": ["logits", "probabilities"]},
        "preprocessing": {"type": "object"},
        "notes": {"type": "object"},
    }
    settings = {
        "verdict": {"enum": [tables.USE, tables.DO_NOT_USE, tables.NOT_ENOUGH]},
        "reason": _TEXT,
        "n": _COUNT,
        "n_needed": {"type": ["integer", "null"]},
        "objective": _TEXT,
    }
    return {
        "remedy": {
            "description": "What became of test-time augmentation, where it was tried.",
            **_object(
                {
                    "remedy_version": {"const": REMEDY_VERSION},
                    "settings": {
                        "type": "object",
                        "required": list(settings),
                        "properties": settings,
                    },
                    "policy": {"$ref": "#/$defs/policy"},
                    "tables": _object(
                        {schema.name: _table(schema) for schema in tables.TTA_TABLES}
                    ),
                }
            ),
        },
        "policy": _object(policy),
    }


def _table(schema: tables.Schema) -> dict[str, Any]:
    """One table as columns: ``{column: [values]}``."""
    columns = {
        column.name: {
            "description": column.meaning,
            "type": "array",
            "items": _KINDS[column.kind],
        }
        for column in schema.columns
    }
    return {"description": f"One row per {schema.row}.", **_object(columns)}


def _settings() -> dict[str, Any]:
    """Settings may grow: further entries are allowed."""
    properties: dict[str, Any] = {
        "version": _TEXT,
        "task": _TEXT,
        "classes": {**_TEXTS, "uniqueItems": True, "minItems": 1},
        "score_kind": {"enum": ["logits", "probabilities", "labels"]},
        "threshold": _NUMBER_OR_NULL,
        "n": {"type": "integer", "minimum": 1},
        "n_failed": _COUNT,
        "n_bins": {"type": "integer", "minimum": 2},
        "confidence": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "prior": {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}},
        "prior_given": {"type": "boolean"},
        "features": {"type": "array", "items": {"$ref": "#/$defs/feature"}},
        "skipped": {"type": "array", "items": _object({"name": _TEXT, "reason": _TEXT})},
        "notes": _TEXTS,
    }
    required = list(properties)
    properties["units"] = {
        "description": "Units of the caller's own times and durations, also of those left out.",
        "type": "object",
        "additionalProperties": _TEXT,
    }
    return {"type": "object", "required": required, "properties": properties}


def _feature() -> dict[str, Any]:
    properties = {
        "name": _TEXT,
        "source": {"enum": ["image", "column"]},
        "kind": {"enum": ["numeric", "categorical"]},
        "unit": {
            **_TEXT,
            "description": f"Of a column of times '{SINCE_1970}', with ' UTC' where it has a zone.",
        },
        "title_en": _TEXT,
        "title_zh": _TEXT,
        "edges": {"type": "array", "items": {"type": "number"}},
        "categories": _TEXTS,
        "n_missing": _COUNT,
        "minimum": _NUMBER_OR_NULL,
        "maximum": _NUMBER_OR_NULL,
    }
    return {"type": "object", "required": list(properties), "properties": properties}
