"""The words of the report: in both languages, none without use."""

import inspect
import re
import string
from pathlib import Path

import pytest

import sensitivity.report
from sensitivity.errors import OptionError
from sensitivity.report.content import words
from sensitivity.report.content.words import WORDS, word

FOLDER = Path(inspect.getfile(sensitivity.report)).parent
SOURCES = {
    path: path.read_text("utf-8")
    for path in [
        *FOLDER.glob("*.py"),
        *(FOLDER / "content").glob("*.py"),
        *(FOLDER / "templates").glob("*.html"),
        *(FOLDER / "static").glob("*.js"),
    ]
    if path != Path(inspect.getfile(words))
}
#: Beginnings of keys that are put together.
STEMS = ("metric.", "verdict.", "grade.", "about.", "slices.", "map.")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_with_the_same_fields(key: str) -> None:
    english, chinese = WORDS[key]
    assert english.strip() == english != ""
    assert chinese.strip() == chinese != ""
    assert fields(english) == fields(chinese)


@pytest.mark.parametrize("key", WORDS)
def test_every_word_is_used(key: str) -> None:
    ways = (f'"{key}"', f"'{key}'", f"words.{key}")
    put_together = key.startswith(STEMS) and any(
        stem + "{" in text or f"'{stem}' +" in text or f"`{stem}$" in text
        for stem in STEMS
        if key.startswith(stem)
        for text in SOURCES.values()
    )
    assert put_together or any(way in text for way in ways for text in SOURCES.values())


def test_every_word_that_is_asked_for_is_there() -> None:
    pattern = re.compile(r"""(?<![\w.])(?:w|word|self\._word)\(\s*["']([\w .]+)["'](?!\s*\+)""")
    asked = {key for text in SOURCES.values() for key in pattern.findall(text)}
    assert len(asked) > 80
    assert asked - set(WORDS) == set()


def test_another_language() -> None:
    with pytest.raises(OptionError, match="expected one of en, zh, got 'fr'"):
        word("title", "fr")
