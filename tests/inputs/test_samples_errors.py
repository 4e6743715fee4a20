"""What cannot be read as samples: each case has its own message."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sensitivity.errors import InputError, OptionError
from sensitivity.inputs.samples import read_samples

GOOD = {
    "pred_list": [[0.1, 0.9], [2.0, 1.0], [0.0, 1.0]],
    "label_list": [0, 1, 1],
    "name_list": ["a", "b", "c"],
}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name_list": ["a", "b"]}, "scores: expected one row per name, got 3 rows for 2 names"),
        (
            {"pred_list": [0, 1]},
            "predictions: expected one prediction per name, got 2 predictions for 3 names",
        ),
        (
            {"label_list": [0, 1]},
            "labels: expected one label per name, got 2 labels for 3 names",
        ),
        (
            {"pred_list": [], "label_list": []},
            "predictions: expected one prediction per name, got 0 predictions for 3 names",
        ),
        (
            {"pred_list": [], "label_list": [], "name_list": []},
            "names: expected at least one sample, got an empty list",
        ),
        (
            {"label_list": None},
            "labels: expected one label per name, got None (of a file without labels: labels=)",
        ),
        ({"label_list": np.array(0)}, "labels: expected one per name, got a single number"),
        (
            {"pred_list": [[0.1, 0.9], [2.0], [0.0, 1.0]]},
            "predictions: expected 2 values in each row, as in the first, got 1 (row 1)",
        ),
        (
            {"pred_list": [[0.1, 0.9], [np.nan, 1.0], [np.nan, np.nan]]},
            "scores: expected numbers, got nan (row 1, 'b'; 2 such rows)",
        ),
        (
            {"pred_list": [[0.1, 0.9], [np.inf, 1.0], [0.0, 1.0]]},
            "scores: expected finite scores, got inf (row 1, 'b')",
        ),
        (
            {"pred_list": [[0.1, 0.9], [0.0, 1.0], [-np.inf, -np.inf]]},
            "scores: expected a score above -inf in each row, got -inf (row 2, 'c')",
        ),
        (
            {"pred_list": np.zeros((3, 2, 2))},
            "predictions: expected N×C scores or N classes, got 3×2×2",
        ),
        ({"pred_list": np.zeros((3, 0))}, "predictions: expected N×C scores or N classes, got 3×0"),
        (
            {"pred_list": [0.0, 0.73, 1.0]},
            "predictions: one number per sample is a class and must be whole; give threshold= if "
            "it is the probability of class 1, got 0.73 (row 1, 'b')",
        ),
        (
            {"pred_list": [0.0, np.nan, 1.0]},
            "predictions: expected a class for each sample, got nan (row 1, 'b')",
        ),
        (
            {"pred_list": [0, -1, 1]},
            "predictions: expected class indices 0, 1, …, got -1 (row 1, 'b')",
        ),
        (
            {"pred_list": [0, 10**9, 1]},
            "predictions: expected class indices below 10,000, got 1,000,000,000 (row 1, 'b')",
        ),
        (
            {"pred_list": [0.5, 3.2, -1.0], "threshold": 0.5},
            "scores: expected probabilities of class 1 (0…1; apply the sigmoid first), got 3.2 "
            "(row 1, 'b'; 2 such rows)",
        ),
        (
            {"pred_list": [0.5, np.nan, 0.5], "threshold": 0.5},
            "scores: expected numbers, got nan (row 1, 'b')",
        ),
        (
            {"label_list": [0, 1, -100]},
            "labels: expected class indices 0, 1, …, got -100 (row 2, 'c')",
        ),
        (
            {"label_list": [0, 1.5, 1]},
            "labels: expected whole numbers, got 1.5 (row 1, 'b')",
        ),
        (
            {"label_list": [0, np.nan, np.nan]},
            "labels: expected a class for each sample, got nan (row 1, 'b'; 2 such rows)",
        ),
        (
            {"label_list": [0, 2, 1]},
            "labels: expected class indices below 2, as the scores have 2 columns, got 2 "
            "(row 1, 'b')",
        ),
        (
            {"label_map_dict": {0: "cat"}},
            "labels: expected classes of the label map, got 1 (row 1, 'b'; 2 such rows)",
        ),
        (
            {"label_map_dict": {0: "cat", 1: "dog", 2: "cow"}},
            "label_map_dict: expected class indices below 2, as the scores have 2 columns, got 2",
        ),
        (
            {"label_list": ["cat", "dog", "cow"], "label_map_dict": {0: "cat", 1: "dog"}},
            "labels: expected classes of the label map (cat, dog), got 'cow' (row 2)",
        ),
    ],
)
def test_data_that_cannot_be_used_says_why(changed, message):
    with pytest.raises(InputError) as raised:
        read_samples(**(GOOD | changed))
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("image_object_detection", "this version analyses image_classification and multi_label_"),
        ("image_segmentation", "this version analyses image_classification and multi_label_"),
        ("classify", "expected one of image_classification, image_object_detection, "),
    ],
)
def test_other_tasks(task, message):
    with pytest.raises(OptionError, match=f"task_type: {message}.*{task}"):
        read_samples(**GOOD, task_type=task)


def test_a_missing_value_of_pandas_is_a_missing_label():
    labels = pd.Series([0, None, 1], dtype="Int64")
    with pytest.raises(InputError, match=r"^labels: .*\(row 1"):
        read_samples(**(GOOD | {"label_list": labels}))


def test_the_old_order_of_arguments_is_pointed_out():
    with pytest.raises(OptionError, match="give the arguments by keyword: task_type=…"):
        read_samples("image_classification", *GOOD.values())
    for task, got in ((["a", "b", "c"], "list"), (np.array(["a", "b"]), "ndarray"), (None, "None")):
        with pytest.raises(OptionError, match=rf"task_type: expected one of .*, got {got}"):
            read_samples(*GOOD.values(), task)


def test_more_classes_than_can_be_counted_in_pairs() -> None:
    scores = np.zeros((2, 10_001), np.float32)
    with pytest.raises(InputError, match=r"classes: expected at most 10,000 .*, got 10,001"):
        read_samples(scores, [0, 1], ["a", "b"])
