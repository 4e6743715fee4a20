import numpy as np
import pytest

from sensitivity.errors import InputError
from sensitivity.report.custom import custom_entries

FPS = {"fps": {"value": {"fps": 31.0}}}


def test_the_callers_form_goes_to_common_in_both_locales():
    found = custom_entries(FPS)
    assert list(found) == ["en-us", "zh-cn"]
    for sections in found.values():
        assert list(sections) == ["common"]
        assert sections["common"]["fps"]["value"] == {"fps": 31.0}
        assert sections["common"]["fps"]["title"] == "fps"


def test_a_locale_level_is_followed():
    english = {"fps": {"title": "Frames per second", "value": {"fps": 31.0}}}
    chinese = {"fps": {"title": "每秒帧数", "value": {"帧率": 31.0}}}
    found = custom_entries({"en-us": english, "zh-cn": chinese})
    assert found["en-us"]["common"]["fps"]["title"] == "Frames per second"
    assert found["zh-cn"]["common"]["fps"]["title"] == "每秒帧数"
    assert found["zh-cn"]["common"]["fps"]["value"] == {"帧率": 31.0}


def test_one_locale_serves_both():
    found = custom_entries({"zh_CN": FPS})
    assert found["en-us"]["common"]["fps"]["value"] == {"fps": 31.0}


def test_a_section_level_is_followed():
    found = custom_entries({"en-us": {"computational_performance": FPS}})
    assert list(found["zh-cn"]) == ["computational_performance"]
    assert found["en-us"]["computational_performance"]["fps"]["value"] == {"fps": 31.0}


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        (31.0, {"fps": 31.0}),
        ({"value": 31.0}, {"fps": 31.0}),
        ({"mean": 31.0, "least": 28}, {"mean": 31.0, "least": 28}),
        (np.float32(0.5), {"fps": 0.5}),
        ({"value": {"each": np.array([1, 2])}}, {"each": [1, 2]}),
        ({"value": {"fps": float("nan")}}, {"fps": None}),
    ],
)
def test_loose_entries_become_values(entry, value):
    assert custom_entries({"fps": entry})["en-us"]["common"]["fps"]["value"] == value


def test_charts_pass_through():
    chart = {"speed": {"label": ["a"], "value": [1]}}
    entry = custom_entries({"speed": {"pie_chart": chart}})["en-us"]["common"]["speed"]
    assert entry["pie_chart"] == chart
    assert "value" not in entry


def test_json_text_is_read():
    assert custom_entries('{"fps": {"value": {"fps": 31}}}') == custom_entries(
        {"fps": {"value": {"fps": 31}}}
    )


@pytest.mark.parametrize("nothing", [None, "", {}])
def test_nothing_given_is_nothing(nothing):
    assert custom_entries(nothing) == {"en-us": {}, "zh-cn": {}}


@pytest.mark.parametrize("wrong", ["fps=31", "[31]", [31], {"fps": object()}, {"zh-cn": [FPS]}])
def test_what_is_no_mapping_of_values_is_refused(wrong):
    with pytest.raises(InputError, match="custom_metric: expected"):
        custom_entries(wrong)


def test_the_callers_object_is_left_alone():
    given = {"fps": {"value": {"fps": 31.0}}}
    found = custom_entries(given)
    found["en-us"]["common"]["fps"]["value"]["fps"] = 0.0
    assert given == FPS
    assert found["zh-cn"]["common"]["fps"]["value"]["fps"] == 31.0
