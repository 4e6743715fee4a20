"""Label maps and class names."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensitivity.errors import InputError
from sensitivity.inputs.classes import (
    class_names,
    natural_order,
    read_class_names,
    read_label_map,
)

LAW = settings(max_examples=40, deadline=None)
NAMES = st.lists(
    st.text(min_size=1, max_size=5).filter(lambda name: name.strip() and name != "all"),
    min_size=1,
    max_size=6,
    unique=True,
)


@LAW
@given(NAMES)
def test_all_forms_of_a_label_map_agree(names):
    expected = dict(enumerate(names))
    text_keys = {str(index): name for index, name in expected.items()}
    assert read_label_map(expected) == expected
    assert read_label_map({np.int64(index): name for index, name in expected.items()}) == expected
    assert read_label_map(text_keys) == expected
    assert read_label_map(json.dumps(text_keys)) == expected
    assert read_label_map(names) == expected
    assert read_label_map(json.dumps(names)) == expected


def test_no_map():
    assert all(read_label_map(nothing) == {} for nothing in (None, "", {}, [], "{}"))


def test_the_other_way_round_as_class_to_idx():
    assert read_label_map({"dog": 1, "cat": 0}) == {0: "cat", 1: "dog"}
    assert read_label_map({"0": 5, "1": 6}) == {0: "5", 1: "6"}, "indices are keys where both are"


def test_a_map_is_not_changed():
    given = {"1": "b", "0": "a"}
    read_label_map(given)
    assert given == {"1": "b", "0": "a"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (7, "label_map_dict: expected a dict, a list of names or a JSON object, got int"),
        ("{0: cat", "label_map_dict: expected JSON in the text, got '{0: cat'"),
        ("7", "label_map_dict: expected a dict, a list of names or a JSON object, got int"),
        ({"x": "cat"}, "label_map_dict: expected class indices 0, 1, … as keys, got 'x'"),
        ({-1: "cat"}, "label_map_dict: expected class indices 0, 1, … as keys, got -1"),
        ({0.5: "cat"}, "label_map_dict: expected class indices 0, 1, … as keys, got 0.5"),
        ({10**12: "cat"}, f"label_map_dict: expected class indices 0, 1, … as keys, got {10**12}"),
        ({0: None}, "label_map_dict: expected text as class names, got None"),
        ({0: ""}, "label_map_dict: expected a name for each class, got an empty name"),
        ({0: " \t"}, "label_map_dict: expected a name for each class, got an empty name"),
        ({0: "a", "0": "b"}, "label_map_dict: expected each index once, got 0 2 times"),
        ('{"0": "a", "0": "b"}', "label_map_dict: expected each index once, got 0 2 times"),
        ({0: "a", 1: "a"}, "label_map_dict: expected each name once, got 'a' 2 times"),
        (
            {0: "all"},
            'label_map_dict: expected no class named "all", which stands for all classes '
            "together, got all",
        ),
    ],
)
def test_what_is_no_map_says_why(given, message):
    with pytest.raises(InputError) as raised:
        read_label_map(given)
    assert str(raised.value) == message


def test_classes_without_a_name_are_called_by_their_index():
    assert class_names(3, {}) == ("0", "1", "2")
    with pytest.raises(InputError, match="expected each name once, got '2' 2 times"):
        class_names(3, {0: "2"})


def test_natural_order_counts_numbers_by_value():
    assert natural_order({"b", "a10", "a9", "A1", "10", "9"}) == ["9", "10", "A1", "a9", "a10", "b"]


@LAW
@given(st.lists(st.text(max_size=5), max_size=6))
def test_natural_order_is_an_order(names):
    ordered = natural_order(names)
    assert sorted(ordered) == sorted(names)
    assert natural_order(ordered[::-1]) == ordered


def test_names_by_the_map():
    notes: list[str] = []
    labels, predicted, label_map = read_class_names(
        np.array(["dog", "cat"]), np.array([1, 0]), {0: "dog", 1: "cat"}, notes
    )
    assert labels.tolist() == [0, 1]
    assert predicted.tolist() == [1, 0]
    assert label_map == {0: "dog", 1: "cat"}
    assert notes == []


def test_names_in_both_without_a_map_are_sorted_naturally():
    notes: list[str] = []
    labels, predicted, label_map = read_class_names(
        np.array(["c10", "c9"]), np.array([b"c9", b"c1"]), {}, notes
    )
    assert label_map == {0: "c1", 1: "c9", 2: "c10"}
    assert (labels.tolist(), predicted.tolist()) == ([2, 1], [1, 0])
    assert notes == ["classes are numbered by the sorted names in labels and predictions"]


def test_digits_in_text_are_indices_unless_they_are_names():
    notes: list[str] = []
    labels, _, _ = read_class_names(np.array(["1", "10"]), np.array([1, 2]), {}, notes)
    assert labels.tolist() == [1, 10]
    assert notes == ["labels: text that holds numbers only was read as indices"]
    labels, _, _ = read_class_names(np.array(["1", "10"]), None, {0: "10", 1: "1"}, notes)
    assert labels.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("labels", "predicted", "label_map", "message"),
    [
        (
            ["cat", "cow"], None, {0: "cat"},
            "labels: expected classes of the label map (cat), got 'cow' (row 1)",
        ),
        (
            ["cat"], [0], {},
            "labels: expected label_map_dict to tell the index of each class name, as the "
            "predictions are numbers, got 'cat' (row 0)",
        ),
        (
            [0], ["cat"], {},
            "predictions: expected label_map_dict to tell the index of each class name, as the "
            "labels are numbers, got 'cat' (row 0)",
        ),
        (
            ["cat"], None, {},
            "labels: expected label_map_dict to tell the index of each class name, as score "
            "columns have none, got 'cat' (row 0)",
        ),
    ],
)  # fmt: skip
def test_names_that_tell_no_index(labels, predicted, label_map, message):
    predicted = None if predicted is None else np.array(predicted)
    with pytest.raises(InputError) as raised:
        read_class_names(np.array(labels), predicted, label_map, [])
    assert str(raised.value) == message
