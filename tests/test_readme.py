"""The two READMEs say the same: commands, code, links and figures."""

import io
import re
import tokenize
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = (
    re.sub(r"<!--.*?-->", "", (ROOT / name).read_text("utf-8"), flags=re.DOTALL)
    for name in ("README.md", "README.zh.md")
)
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


def blocks(page: str, language: str) -> list[str]:
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return found


def commands(page: str) -> list[str]:
    lines = "".join(blocks(page, "sh")).splitlines()
    return [line.partition(" #")[0].strip() for line in lines]


def code(page: str) -> list[str]:
    """Tokens without comments."""
    source = "\n".join(blocks(page, "python"))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type != tokenize.COMMENT]


def links(page: str) -> set[str]:
    targets = set(re.findall(r"\]\(([^)]+)\)", page))
    return targets - {"README.md", "README.zh.md"}


def figures(text: str) -> Counter[str]:
    return Counter(FIGURE.findall(text))


def tables(page: str) -> list[list[str]]:
    return [FIGURE.findall(line) for line in page.splitlines() if line.startswith("|")]


def verdicts(page: str) -> Counter[str]:
    return figures(blocks(page, "text")[0])


def test_commands_are_the_same() -> None:
    assert commands(CHINESE) == commands(ENGLISH)
    assert len(commands(ENGLISH)) > 8


def test_code_is_the_same() -> None:
    assert code(CHINESE) == code(ENGLISH)
    assert "analyse" in code(ENGLISH)


def test_links_are_the_same() -> None:
    assert links(CHINESE) == links(ENGLISH)


def test_tables_are_the_same() -> None:
    assert tables(CHINESE) == tables(ENGLISH)
    assert ["1", "86.2", "89.7", "79.0"] in tables(ENGLISH)


def test_sentences_carry_the_same_figures() -> None:
    assert verdicts(CHINESE) == verdicts(ENGLISH)


@pytest.mark.parametrize("figure", ["1,111", "18", "14", "95", "3.11", "4.0", "2.0"])
def test_figures_of_the_text_are_in_both(figure: str) -> None:
    assert figures(ENGLISH)[figure] == figures(CHINESE)[figure] > 0


def test_each_links_to_the_other() -> None:
    assert "](README.zh.md)" in ENGLISH
    assert "](README.md)" in CHINESE


def test_sections_are_as_many() -> None:
    heads = [re.findall(r"^#+ ", page, re.MULTILINE) for page in (ENGLISH, CHINESE)]
    assert heads[0] == heads[1]
