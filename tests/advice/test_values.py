import pytest

from sensitivity.advice.values import number, range_label, span, told_apart


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
def test_what_json_cannot_hold_is_none(value):
    assert number(value) is None
    assert number(value, 4) is None


def test_an_unknown_span_is_empty():
    assert span("", "") == ""
    assert span("3", "") == "> 3"


def test_bounds_take_as_many_digits_as_tell_them_apart():
    assert told_apart([1.0, 1.00001, 1.00002]) == ["1", "1.00001", "1.00002"]
    assert told_apart([1e-9, 0.5]) == ["1e-09", "0.5"]
    assert told_apart([-1234567.0, -0.5]) == ["-1,234,567", "-0.5"]


@pytest.mark.parametrize(
    ("label", "english", "chinese"),
    [
        ("0%-20%", "0% - 20%", "0% - 20%"),
        ("0%-50.0%", "0% - 50.0%", "0% - 50.0%"),
        ("6", "6", "6"),
        ("up to -1e-05", "up to -1e-05", "不超过 -1e-05"),
        ("-3 to 4.5", "-3 to 4.5", "大于 -3 且不超过 4.5"),
        ("above 8", "above 8", "大于 8"),
        ("all values", "all values", "全部取值"),
    ],
)
def test_range_labels(label, english, chinese):
    assert range_label(label, "en-us") == english
    assert range_label(label, "zh-cn") == chinese
