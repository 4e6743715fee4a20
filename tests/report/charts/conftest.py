"""Drawn charts as trees of elements."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

HOSTILE = "<script>alert(\"1\")</script> & 'x' onload=y \x00\u202e " + "y" * 80

Parse = Callable[[str], ET.Element]


def parse(markup: str) -> ET.Element:
    """The tree of a chart, which has to be whole and harmless."""
    root = ET.fromstring(str(markup))
    assert root.tag == "svg"
    assert root.get("role") == "img"
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


def whole(text: Any) -> str:
    return "".join(text.itertext())


@pytest.fixture(name="parse")
def _parse() -> Parse:
    return parse


@pytest.fixture(name="of_class")
def _of_class() -> Callable[..., list[ET.Element]]:
    return of_class


@pytest.fixture(name="words")
def _words() -> Callable[[ET.Element], list[str]]:
    return words


@pytest.fixture
def hostile() -> str:
    """A name that nobody should have to trust."""
    return HOSTILE
