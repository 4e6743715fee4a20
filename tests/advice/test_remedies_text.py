"""The two languages of the advice say the same."""

import string

import pytest

from sensitivity.advice.remedies_text import TEXTS, listed, words
from sensitivity.advice.rule_texts import RULE_TEXTS
from sensitivity.advice.rules import RULES
from sensitivity.errors import OptionError

ALL = {**TEXTS, **RULE_TEXTS}


def fields(text):
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})


@pytest.mark.parametrize("key", ALL)
def test_both_languages_have_the_same_fields(key):
    english, chinese = ALL[key]
    assert fields(english) == fields(chinese)


@pytest.mark.parametrize("key", ALL)
def test_chinese_is_chinese_and_english_is_not(key):
    english, chinese = ALL[key]
    assert not any("一" <= char <= "鿿" for char in english)
    assert not set(",;!?()") & set(chinese)


def test_no_key_has_two_texts():
    assert not set(TEXTS) & set(RULE_TEXTS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_each_rule_has_its_texts(rule):
    for lang in ("en", "zh"):
        assert rule.title(lang)
        assert rule.does(lang)
    # Rules on boxes never pass: they do not apply.
    assert (f"{rule.code}.clear" in RULE_TEXTS) == (rule.code[0] != "B")


def test_long_lists_are_cut():
    assert listed("abcdefgh", "en") == "a, b, c, d, e …"
    assert listed("ab", "zh") == "a、b"


def test_another_language_is_refused():
    with pytest.raises(OptionError, match="lang: expected one of en, zh, got 'de'"):
        words("list", "de")
