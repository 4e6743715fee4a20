"""Class shares: the data's own, or given, and what is wrong with them."""

import numpy as np
import pytest

from sensitivity.errors import InputError
from sensitivity.metrics.shares import class_shares

CLASSES = ("normal", "crack", "never")
SUPPORT = np.array([60, 20, 0])


def test_without_a_prior_the_shares_are_those_of_the_data() -> None:
    assert class_shares(None, CLASSES, SUPPORT).tolist() == [0.75, 0.25, 0]


@pytest.mark.parametrize(
    "prior",
    [
        {"normal": 0.9, "crack": 0.1},
        {"crack": 0.1, "normal": 0.9, "never": 0},
        [0.9, 0.1, 0.0],
        (0.9, 0.1, 0),
        np.array([0.9, 0.1, 0.0], dtype=np.float32),
    ],
    ids=range(5),
)
def test_one_prior_in_every_form(prior) -> None:
    found = class_shares(prior, CLASSES, SUPPORT)
    assert found.dtype == np.float64
    assert np.allclose(found, [0.9, 0.1, 0], atol=1e-7)
    assert found.sum() == pytest.approx(1, abs=1e-15)


def test_names_may_be_numbers() -> None:
    assert class_shares({0: 0.5, 1: 0.5}, ("0", "1"), np.array([1, 9])).tolist() == [0.5, 0.5]


def test_what_rounding_left_over_is_spread() -> None:
    found = class_shares([0.3333333, 0.3333333, 0.3333333], ("a", "b", "c"), np.ones(3, int))
    assert found.tolist() == pytest.approx([1 / 3] * 3, abs=1e-15)


def test_the_callers_object_is_left_alone() -> None:
    prior = np.array([0.5, 0.5, 0.0])
    class_shares(prior, CLASSES, SUPPORT)[0] = 7
    assert prior.tolist() == [0.5, 0.5, 0.0]


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        (
            {"normal": 0.9, "scratch": 0.1},
            "prior: expected classes among normal, crack, never, got scratch"
            " (did you mean 'crack'?)",
        ),
        ([0.9, 0.1], "prior: expected 3 shares, got 2"),
        (0.5, "prior: expected 3 shares, got 1"),
        ([[0.9, 0.1, 0]], "prior: expected 3 shares, got 3"),
        ([0.9, 0.2, 0], "prior: expected shares ≥ 0 that sum to 1, got [0.9, 0.2, 0.0]"),
        ([0.9, 0.0999, 0], "prior: expected shares ≥ 0 that sum to 1, got [0.9, 0.0999, 0.0]"),
        ([1.1, -0.1, 0], "prior: expected shares ≥ 0 that sum to 1, got [1.1, -0.1, 0.0]"),
        ([np.nan, 1, 0], "prior: expected shares ≥ 0 that sum to 1, got [nan, 1.0, 0.0]"),
        ([np.inf, 1, 0], "prior: expected shares ≥ 0 that sum to 1, got [inf, 1.0, 0.0]"),
        ({"normal": 0.5}, "prior: expected shares ≥ 0 that sum to 1, got [0.5, 0.0, 0.0]"),
        ({}, "prior: expected shares ≥ 0 that sum to 1, got [0.0, 0.0, 0.0]"),
        ([0.5, 0.4, 0.1], "prior: expected 0 for a class without samples, got never"),
        (["much", "little", "none"], "prior: expected numbers, got ['much', 'little', 'none']"),
        ({"normal": "much", "crack": 0.1}, "prior: expected numbers, got ['much', 0.1, 0.0]"),
    ],
)
def test_what_is_no_prior(prior, message: str) -> None:
    with pytest.raises(InputError) as caught:
        class_shares(prior, CLASSES, SUPPORT)
    assert str(caught.value) == message
