import string

import pytest

from sensitivity.advice.templates import TEMPLATES, template
from sensitivity.errors import OptionError


def fields(words):
    return sorted({name for _, name, _, _ in string.Formatter().parse(words) if name})


@pytest.mark.parametrize("key", TEMPLATES)
def test_both_languages_have_the_same_fields(key):
    english, chinese = TEMPLATES[key]
    assert fields(english) == fields(chinese)


@pytest.mark.parametrize("key", TEMPLATES)
def test_chinese_is_chinese_and_english_is_not(key):
    english, chinese = TEMPLATES[key]
    assert not any("一" <= char <= "鿿" for char in english)
    # A colon, comma or bracket of the other script would stand between Chinese characters.
    assert not set(",;!?()") & set(chinese)


@pytest.mark.parametrize("key", TEMPLATES)
def test_no_template_calls_a_row_sensitive(key):
    english, chinese = TEMPLATES[key]
    assert "sensitiv" not in english.lower()
    assert "敏感" not in chinese


def test_another_language_is_refused():
    with pytest.raises(OptionError, match="lang: expected one of en, zh, got 'fr'"):
        template("all", "fr")
