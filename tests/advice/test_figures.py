import numpy as np
import pytest

from sensitivity.advice.figures import about, odds, percents, points, probability, shares, size


def test_equal_values_take_no_decimals():
    assert percents([0.5, 0.5]) == ["50", "50"]
    assert shares([1.0, 1.0]) == ["1.00", "1.00"]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.0, 1.0], ["0", "100"]),
        ([0.984, 0.976], ["98.4", "97.6"]),
        ([0.9841, 0.9839], ["98.41", "98.39"]),
        ([0.98410, 0.98411], ["98.41", "98.41"]),
    ],
)
def test_percents_are_told_apart_where_two_decimals_do(values, texts):
    assert percents(values) == texts


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.0004], ["+0.04"]),
        ([-0.00004], ["0.00"]),
        ([0.0, -0.2, 0.2], ["0", "−20", "+20"]),
        ([-0.012, -0.014, -0.01], ["−1.2", "−1.4", "−1.0"]),
    ],
)
def test_points_have_a_sign_and_the_decimals_that_their_interval_deserves(values, texts):
    assert points(values) == texts


def test_probabilities_around_the_thresholds_stay_on_their_side():
    assert [probability(q) for q in (0.0494, 0.0506, 0.0994, 0.101)] == [
        "= 0.049",
        "= 0.051",
        "= 0.099",
        "= 0.10",
    ]
    assert probability(0.0) == "< 0.001"
    assert probability(1.0) == "= 1.00"


def test_odds_turn_round_where_they_are_against_it():
    assert odds(0.0) == "1:1"
    assert odds(-1e9) == "1:1,000,000"
    for log_odds in np.linspace(0.2, 12, 30):
        assert odds(log_odds).split(":") == odds(-log_odds).split(":")[::-1]


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (99, "99"), (100, "100"), (1424, "1,400"), (987_654, "990,000")]
)
def test_about_keeps_two_digits(count, text):
    assert about(count) == text


def test_sizes_have_no_sign():
    assert [size(value) for value in (0.4, 0.03, 0.029, 0.0029)] == ["40", "3", "2.9", "0.29"]
