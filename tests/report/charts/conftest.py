"""Drawn charts as trees of elements."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import pytest

HOSTILE = "<script>alert(\"1\")</script> & 'x' onload=y \x00\u202e " + "y" * 80

Parse = Callable[[str], ET.Element]


def parse(markup: str) -> ET.Element:
    """The tree of a chart, which has to be whole and harmless."""
    root = ET.fromstring(str(markup))
    assert root.tag == "svg"
    assert root.get("role") in ("img", "group")
    assert root[0].tag == "title"
    for node in root.iter():
        assert node.tag in {"a", "circle", "desc", "g", "path", "rect", "svg", "text", "title"}
        assert not {"id", "style"} & set(node.attrib)
        assert not [name for name in node.attrib if name.startswith("on")]
    return root


def of_class(root: ET.Element, *names: str, tag: str | None = None) -> list[ET.Element]:
    """Elements that bear all of some classes, in order."""
    return [node for node in root.iter(tag) if set(names) <= set((node.get("class") or "").split())]


def words(root: ET.Element) -> list[str]:
    """Texts as they are shown."""
    return [
        (node.text or "") + "".join(child.tail or "" for child in node)
        for node in root.iter("text")
    ]


_CURVE = {
    "x": [1.0, 2.0, 3.0],
    "y": [0.9, None, 0.6],
    "low": [0.8, None, 0.5],
    "high": [0.95, None, 0.7],
}

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "changes": {
        "x_name": "change of accuracy in points",
        "rows": [
            {"name": "flip", "value": 1.2, "low": 0.3, "high": 2.1, "note": "", "kind": "good"},
            {"name": "blur", "value": -2, "low": -3, "high": -1, "note": "n 9", "kind": "bad"},
            {"name": "none", "value": 0, "low": None, "high": None, "note": "", "kind": "neutral"},
            {"name": "both", "value": 1.5, "low": 1, "high": 2, "note": "", "kind": "chosen"},
        ],
    },
    "confusion": {
        "classes": ["ok", "defect"],
        "counts": [[90, 10], [0, 7]],
        "names": {"true": "true", "predicted": "predicted"},
    },
    "curves": {
        "x_name": "false positive rate",
        "y_name": "recall",
        "diagonal": True,
        "lines": [
            {"name": "ok", "x": [0, 0.2, 1], "y": [0, 0.9, 1], "note": "AUC 0.85"},
            {"name": "defect", "x": [0, 0.5, None, 1], "y": [0, 0.6, 0.7, 1], "note": ""},
        ],
    },
    "distribution": {
        "counts": [3, 9, 0, 6],
        "edges": [0, 6, 12, 18, 24],
        "bin_edges": [8, 20],
        "names": {"images": "images"},
    },
    "heat_map": {
        "features": [{"id": "f0", "title": "sharpness"}, {"id": "f1", "title": "hour"}],
        "classes": ["all classes", "defect"],
        "spread": [[0.123, None], [0.004, 0.256]],
        "strength": [["real", ""], ["none", "candidate"]],
    },
    "pareto": {
        "x_name": "accuracy",
        "y_name": "recall",
        "percent": True,
        "points": [
            {"name": "no view", "x": 0.95, "y": 0.70, "kind": "front"},
            {"name": "flip", "x": 0.94, "y": 0.80, "kind": "chosen"},
            {"name": "all", "x": 0.90, "y": 0.85, "kind": "front"},
            {"name": "blur", "x": 0.91, "y": 0.60, "kind": "other"},
        ],
    },
    "response": {
        "x_name": "sharpness",
        "observed": _CURVE,
        "moved": _CURVE | {"y": [0.85, 0.8, 0.7], "low": [None] * 3, "high": [None] * 3},
        "names": {"observed": "as observed", "moved": "moved"},
    },
    "shares": {
        "bins": ["dark", "bright", "missing"],
        "classes": ["ok", "defect"],
        "shares": [[0.75, 0.25], [0.4, 0.6], [0, 0]],
    },
    "trend": {
        "bins": ["dark", "bright", "missing"],
        "ranges": ["< 9", "≥ 9", ""],
        "value": [0.9, 0.6, None],
        "low": [0.8, 0.5, None],
        "high": [0.95, 0.7, None],
        "star": [0.85, 0.7, None],
        "band": [[0.7, 0.8], None, None],
        "n_bin": [50, 9, 0],
        "low_support": [False, True, True],
        "mean": 0.8,
        "names": {
            "value": "F1",
            "star": "equal mix",
            "band": "chance",
            "n": "n",
            "mean": "all bins",
            "low_support": "few",
        },
    },
}


def example(name: str, **changed: Any) -> dict[str, Any]:
    """A small chart's content, with some of it changed."""
    texts = {"title": f"a {name}", "desc": f"what the {name} says", "no_data": "no data"}
    return texts | deepcopy(dict(EXAMPLES[name])) | changed


@pytest.fixture(name="example", scope="session")
def _example() -> Callable[..., dict[str, Any]]:
    return example


@pytest.fixture(name="parse", scope="session")
def _parse() -> Parse:
    return parse


@pytest.fixture(name="of_class", scope="session")
def _of_class() -> Callable[..., list[ET.Element]]:
    return of_class


@pytest.fixture(name="words", scope="session")
def _words() -> Callable[[ET.Element], list[str]]:
    return words


@pytest.fixture(scope="session")
def hostile() -> str:
    """A name that nobody should have to trust."""
    return HOSTILE
