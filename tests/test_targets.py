"""What a gate names, as rows of tables."""

from __future__ import annotations

import numpy as np
import pytest

from sensitivity.errors import OptionError
from sensitivity.targets import f1_target, limit_of, trend_target


@pytest.fixture
def analysis(make_analysis):
    y = np.arange(200) % 2
    columns = {
        "noise": np.arange(200.0),
        "noise:high": np.arange(200) % 4,
        "hour": np.where(np.arange(200) < 4, np.nan, np.arange(200) % 7),
    }
    return make_analysis(y, y, classes=("ok", "ok:no"), columns=columns)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (0.8, ("", 0.8)),
        ("0.8", ("", 0.8)),
        (".8", ("", 0.8)),
        ("a=b=1", ("a=b", 1.0)),
        (0, ("", 0.0)),
    ],
)
def test_limits(given: str | float, expected: tuple[str, float]):
    assert limit_of("min-f1", given) == expected


@pytest.mark.parametrize("given", ["", "a=", "a", "=0.1", "-0.1", "1.01", "inf", "80%"])
def test_what_is_no_limit(given: str):
    with pytest.raises(OptionError, match="max-drop: expected a limit from 0 to 1"):
        limit_of("max-drop", given)


def test_the_longest_name_is_meant(analysis):
    assert f1_target(analysis, "ok:no").what == "F1 of ok:no"
    assert f1_target(analysis, "ok:noise").what == "F1 of ok in every range of noise"
    assert f1_target(analysis, "ok:noise:high:3").what == "F1 of ok in 3 of noise:high"
    assert trend_target(analysis, "ok:no:noise:high").rows["feature"].to_list() == ["noise:high"]


def test_images_without_a_value_are_a_range_only_if_named(analysis):
    assert -1 not in set(f1_target(analysis, "ok:hour").rows["bin"])
    assert f1_target(analysis, "ok:hour:missing").rows["bin"].to_list() == [-1]


def test_a_label_goes_before_a_number(analysis):
    """The ranges of noise:high are its values; 1 is the label of the second."""
    row = f1_target(analysis, "ok:noise:high:1").rows
    assert (row["label"].item(), row["bin"].item()) == ("1", 1)


def test_rows_of_one_class_only(analysis):
    assert set(f1_target(analysis, "ok:0").rows["class"]) == {"ok"}
    assert set(trend_target(analysis, "all").rows["class"]) == {"all"}
    assert len(trend_target(analysis, "").rows) == 9


def test_a_result_without_features_says_so(make_analysis):
    bare = make_analysis([0, 1], [0, 1])
    with pytest.raises(OptionError, match=r"expected a feature \(none\) or a range \(none\)"):
        f1_target(bare, "1:noise")
    assert trend_target(bare, "").rows.empty
