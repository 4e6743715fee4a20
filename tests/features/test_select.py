"""The list of features, and what a caller may ask for."""

import pickle
from typing import Any

import numpy as np
import pytest

from sensitivity.errors import OptionError
from sensitivity.features import FEATURES, Feature, measure, select
from sensitivity.images import Picture, from_array

DEFAULT = (
    "sharpness",
    "blur_effect",
    "brightness",
    "contrast",
    "dynamic_range",
    "saturation",
    "colorfulness",
    "noise",
    "entropy",
    "edge_density",
    "underexposed",
    "overexposed",
    "resolution",
    "aspect_ratio",
)


def red(picture: Picture) -> float:
    return float(picture.bgr[..., 2].mean())


def names(features: tuple[Feature, ...]) -> tuple[str, ...]:
    return tuple(feature.name for feature in features)


# The list


def test_names_are_those_of_the_functions_and_unique() -> None:
    assert names(FEATURES) == tuple(feature.function.__name__ for feature in FEATURES)
    assert len(set(names(FEATURES))) == len(FEATURES) == 18


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_every_feature_is_described(feature: Feature) -> None:
    docstring = feature.function.__doc__ or ""
    for section in ("Parameters", "Returns", "References", "Examples"):
        assert f"{section}\n    ---" in docstring
    assert feature.source
    assert "\n" not in feature.source
    assert feature.more
    assert feature.title_en
    assert any("\u4e00" <= letter <= "\u9fff" for letter in feature.title_zh)


def test_source_is_the_reference_of_the_docstring() -> None:
    noise = next(feature for feature in FEATURES if feature.name == "noise")
    assert noise.source.startswith("Immerkær 1996, Fast noise variance estimation")
    assert Feature("red", red).source == ""


def test_sharpness_warns_of_noise() -> None:
    sharpness = FEATURES[0]
    assert "noisier" in (sharpness.function.__doc__ or "")
    assert "nois" in sharpness.more


def test_features_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(FEATURES)) == FEATURES


# Choosing


def test_default_set() -> None:
    assert names(select()) == names(select(None)) == DEFAULT


def test_order_is_the_callers() -> None:
    assert names(select(["noise", red, "brightness"])) == ("noise", "red", "brightness")
    assert select(()) == ()


def test_own_function_is_measured_like_the_others() -> None:
    picture = from_array(np.full((2, 2, 3), (200, 0, 0), np.uint8))
    assert measure(picture, select([red, "warmth"])) == {"red": 200.0, "warmth": 200 / 255}


def test_a_function_of_the_list_is_the_feature_itself() -> None:
    assert select([FEATURES[0].function]) == FEATURES[:1]


def test_what_an_own_function_raises_is_passed_on() -> None:
    def broken(picture: Picture) -> float:
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        measure(from_array(np.zeros((2, 2), np.uint8)), select([broken]))


def impostor() -> Any:
    def noise(picture: Picture) -> float:
        return 0.0

    return noise


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (["sharpnes"], "did you mean 'sharpness'"),
        (["xyzzy"], "there are sharpness, blur_effect"),
        ("noise", "a list of names"),
        (["noise", "noise"], "each name once, got noise"),
        ([red, red], "each name once"),
        ([lambda picture: 1.0], "a name of their own"),
        ([3], "a name of their own, got 3"),
        ([impostor()], "another name for an own function, got 'noise'"),
    ],
)
def test_refused(features: Any, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        select(features)
    assert message in str(caught.value).replace(" (def)", "")
