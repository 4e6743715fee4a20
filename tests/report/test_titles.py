import string

import pytest

from sensitivity.report.titles import FEATURE_TITLES, TEXTS, feature_title, text


def fields(words):
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_say_the_same_fields(key):
    english, chinese = TEXTS[key]
    assert english
    assert chinese
    assert fields(english) == fields(chinese)


@pytest.mark.parametrize("key", [key for key in TEXTS if "." in key])
def test_chinese_texts_are_chinese_and_english_ones_are_not(key):
    english, chinese = TEXTS[key]
    assert english.isascii() or "→" in english
    assert any("一" <= char <= "鿿" for char in chinese)
    assert not set(",;!?") & set(chinese)


def test_every_title_of_the_service_is_in_two_languages():
    for english, chinese in FEATURE_TITLES.values():
        assert english.startswith("Image ")
        assert chinese.startswith("图像")


def test_an_unknown_key_is_its_own_text():
    assert text("kappa", "zh-cn") == "kappa"


def test_a_feature_without_titles_is_called_by_its_name():
    assert feature_title("hour", "column", ("", ""), "en-us") == "hour"
    assert feature_title("noise", "image", ("Noise", "噪声"), "zh-cn") == "噪声"
