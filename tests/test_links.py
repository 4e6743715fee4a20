"""Relative links lead somewhere: to a file, and to a heading in it.

Sphinx checks those between the pages of the site, and `make docs` fails on one that is broken. What
Sphinx never reads (README, CHANGELOG, …) is checked here, and the pages beside them.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path
    for path in [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
        *(ROOT / "notebooks").rglob("*.md"),
        *(ROOT / "sensitivity").rglob("*.md"),
    ]
    if "_build" not in path.parts
)
FENCE = re.compile(r"^ *```.*?^ *```$|<!--.*?-->|`[^`\n]*`", re.DOTALL | re.MULTILINE)
LINK = re.compile(
    r"\]\(\s*<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE
)
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*$", re.MULTILINE)


def links(text: str) -> list[str]:
    """Targets of all links outside code, in order."""
    text = FENCE.sub(lambda match: " " if match[0].startswith("`") else "", text)
    return [first or second for first, second in LINK.findall(text)]


def anchors(text: str) -> set[str]:
    """What GitHub and MyST make of the headings."""
    text = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)
    found: set[str] = set()
    for heading in HEADING.findall(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        name, number = slug, 0
        while name in found:
            number += 1
            name = f"{slug}-{number}"
        found.add(name)
    return found


def broken(path: Path) -> list[str]:
    found = []
    for link in links(path.read_text("utf-8")):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file) if file else path
        if not target.exists():
            found.append(link)
        elif anchor and target.suffix == ".md":
            text = target.read_text("utf-8")
            # headings that the code writes exist only when the site is built
            if anchor not in anchors(text) and "<!-- generated:" not in text:
                found.append(link)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    assert broken(path) == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_page_is_in_the_index(page: Path) -> None:
    index = (ROOT / "docs/index.md").read_text("utf-8")
    listed = re.findall(r"^```\{toctree\}\n(.*?)^```$", index, re.DOTALL | re.MULTILINE)
    names = {line.strip() for block in listed for line in block.splitlines()}
    assert page.stem == "index" or page.stem in names


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A `b` c!\n[1](#a-b-c) [2](#none) [3](gone.md) [4](page.md#a-b-c) [5](https://x.y)\n"
        "`[6](gone)`\n```\n[7](gone)\n```\n[8](page.md#zz)\n\n[9]: gone/too\n",
        "utf-8",
    )
    assert broken(page) == ["#none", "gone.md", "page.md#zz", "gone/too"]


def test_headings_become_anchors() -> None:
    text = "# Many rows: q\n## F1 moves, F1\\* does not\n## Same\n## Same\n```\n# no\n```\n"
    assert anchors(text) == {"many-rows-q", "f1-moves-f1-does-not", "same", "same-1"}
