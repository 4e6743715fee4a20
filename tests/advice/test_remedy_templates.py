import string

import pytest

from sensitivity.advice.remedy_templates import REMEDY_TEXTS, reason_text, remedy_text
from sensitivity.errors import OptionError
from sensitivity.tables import DO_NOT_USE, NOT_ENOUGH, USE


def fields(words):
    return sorted({name for _, name, _, _ in string.Formatter().parse(words) if name})


@pytest.mark.parametrize("key", REMEDY_TEXTS)
def test_both_languages_have_the_same_fields(key):
    english, chinese = REMEDY_TEXTS[key]
    assert fields(english) == fields(chinese)


@pytest.mark.parametrize("key", REMEDY_TEXTS)
def test_chinese_is_chinese_and_english_is_not(key):
    english, chinese = REMEDY_TEXTS[key]
    assert not any("一" <= char <= "鿿" for char in english)
    assert not set(",;!?()") & set(chinese)


def test_every_verdict_has_a_sentence():
    assert {f"verdict.{name}" for name in (USE, DO_NOT_USE, NOT_ENOUGH)} <= set(REMEDY_TEXTS)


def test_another_language_is_refused():
    with pytest.raises(OptionError, match="lang: expected one of en, zh, got 'fr'"):
        remedy_text("needs", "fr")


@pytest.mark.parametrize(
    ("reason", "chinese"),
    [
        ("defective is worse where noise is high", "defective在noise较高时较差"),
        ("moves entropy by 1.4 SD", "使entropy移动1.4个标准差"),
        ("what nobody has heard of", "what nobody has heard of"),
    ],
)
def test_reasons_are_translated_where_that_is_known(reason, chinese):
    assert reason_text(reason, "en") == reason
    assert reason_text(reason, "zh") == chinese
