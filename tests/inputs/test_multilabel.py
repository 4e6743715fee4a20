"""Several labels per image: laws, each form of the lists, thresholds, each error."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit

from sensitivity.errors import InputError, OptionError
from sensitivity.inputs.multilabel import LabelSamples
from sensitivity.inputs.samples import read_samples

LAW = settings(max_examples=40, deadline=None)
TASK = "multi_label_classification"
CLASSES = ["cat", "dog", "cow"]

SCORES = [[0.9, 0.2, 0.6], [0.3, 0.8, 0.1], [0.1, 0.2, 0.3]]
HOT = [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
IDS = [[0], [0, 1], []]
CALLED = [[True, False, True], [False, True, False], [False, False, False]]


def read(pred: object = SCORES, labels: object = HOT, n: int = 3, **options) -> LabelSamples:
    found = read_samples(pred, labels, [f"{i}.jpg" for i in range(n)], TASK, **options)
    assert isinstance(found, LabelSamples)
    return found


def assert_equal(a: LabelSamples, b: LabelSamples, rows=slice(None)) -> None:
    assert a.truth[rows].tolist() == b.truth.tolist()
    assert a.called[rows].tolist() == b.called.tolist()
    assert (a.scores is None) == (b.scores is None)
    if a.scores is not None:
        np.testing.assert_array_equal(a.scores[rows], b.scores)
        np.testing.assert_array_equal(a.thresholds, b.thresholds)
    assert (a.score_kind, a.classes) == (b.score_kind, b.classes)


@st.composite
def problems(draw):
    """N×L logits and flags."""
    n, n_labels = draw(st.integers(1, 8)), draw(st.integers(3, 5))
    scores = draw(arrays(np.float32, (n, n_labels), elements=st.floats(-50, 50, width=32)))
    scores[0, 0] = -2  # some value outside 0…1
    return scores, draw(arrays(np.bool_, (n, n_labels)))


# Laws


@LAW
@given(problems(), st.randoms(use_true_random=False))
def test_permuting_images_permutes_what_is_read(problem, random) -> None:
    scores, truth = problem
    order = list(range(len(scores)))
    random.shuffle(order)
    found = read(scores, truth, len(scores))
    permuted = read(scores[order], truth[order], len(scores))
    assert_equal(found, permuted, order)
    assert found.notes == permuted.notes


@LAW
@given(problems())
def test_all_forms_of_labels_agree(problem) -> None:
    scores, truth = problem
    n, classes = len(scores), list("abcde")[: truth.shape[1]]
    expected = read(scores, truth, n, label_map_dict=classes)
    ids = [np.flatnonzero(row).tolist() for row in truth]
    named = [[classes[i] for i in row] for row in ids]
    for labels in (
        truth.astype(int),
        truth.astype(float).tolist(),
        pd.DataFrame(truth),
        [truth[:1], truth[1:]],
        ids,
        [set(row) for row in ids],
        pd.Series(ids),
        tuple(map(tuple, named)),
        pd.Series(named),
        (row for row in named),
        [[str(i) for i in row] for row in ids],
    ):
        assert_equal(expected, read(scores, labels, n, label_map_dict=classes))


@LAW
@given(problems())
def test_all_forms_of_decisions_agree(problem) -> None:
    called, truth = problem[0] > 0, problem[1]
    n, classes = len(called), list("abcde")[: truth.shape[1]]
    expected = read(called, truth, n, label_map_dict=classes)
    ids = [np.flatnonzero(row).tolist() for row in called]
    named = [[classes[i] for i in row] for row in ids]
    for pred in (called.astype(int), called.astype(np.float32), called.tolist(), ids, named):
        found = read(pred, truth, n, label_map_dict=classes)
        assert_equal(expected, found)
        assert found.score_kind == "labels"
        assert np.isnan(found.thresholds).all()


@LAW
@given(problems())
def test_lists_arrays_and_tables_of_scores_agree(problem) -> None:
    scores, truth = problem
    n = len(scores)
    expected = read(scores, truth, n)
    for pred in (list(scores), pd.DataFrame(scores), [scores[:1], scores[1:]]):
        assert_equal(expected, read(pred, truth, n))


def test_tensors_agree() -> None:
    torch = pytest.importorskip("torch")
    logits = torch.tensor([[3.0, -2.0], [0.5, 1.0]], requires_grad=True)
    truth = torch.tensor([[1, 0], [0, 1]])
    expected = read(logits.detach().numpy(), truth.numpy(), 2)
    assert_equal(expected, read(logits, truth, 2))
    assert_equal(expected, read(list(logits), [torch.tensor([0]), torch.tensor([1])], 2))
    assert_equal(expected, read(logits, truth, 2, threshold=torch.tensor([0.5, 0.5])))


def test_the_callers_objects_are_neither_changed_nor_locked() -> None:
    scores, truth = np.array(SCORES), np.array(HOT, dtype=bool)
    kept = scores.copy(), truth.copy()
    found = read(scores, truth)
    assert np.array_equal(scores, kept[0])
    assert np.array_equal(truth, kept[1])
    assert scores.flags.writeable
    assert truth.flags.writeable
    assert np.shares_memory(found.scores, scores)
    for array in (found.names, found.truth, found.called, found.scores, found.thresholds):
        assert not array.flags.writeable


# What is read


def test_labels_calls_and_probabilities() -> None:
    found = read(label_map_dict=CLASSES)
    assert len(found) == 3
    assert found.task == TASK
    assert found.names.tolist() == ["0.jpg", "1.jpg", "2.jpg"]
    assert found.truth.dtype == found.called.dtype == bool
    assert found.truth.tolist() == [[True, False, False], [True, True, False], [False] * 3]
    assert found.called.tolist() == CALLED
    assert found.scores.tolist() == SCORES
    assert found.classes == ("cat", "dog", "cow")
    assert found.support.tolist() == [2, 1, 0]
    assert found.notes == (
        "labels: rows of 3 zeros and ones, one for each label",
        "scores lie in 0…1: read as the probabilities of the labels",
        "a label is called where its probability is at least 0.5",
        "no image has the label cow",
        "images that have none of the labels: 1",
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_logits_become_probabilities_by_the_sigmoid(dtype: type) -> None:
    logits = np.array([[4, -1, 0.5], [0, 30, -30], [-np.inf, 1, -0.0]], dtype=dtype)
    found = read(logits)
    assert found.score_kind == "logits"
    assert found.scores.dtype == max(dtype(0).dtype, np.dtype(np.float32))
    assert np.allclose(found.scores, expit(logits.astype(float)), rtol=1e-6, atol=0)
    assert np.array_equal(found.called, logits >= 0)
    assert (
        "scores outside 0…1: read as logits, of which probabilities are the sigmoid" in found.notes
    )


def test_probabilities_a_hair_outside_are_no_logits() -> None:
    found = read([[1 + 1e-7, -1e-7, 0.5]] * 3)
    assert found.score_kind == "probabilities"
    assert found.scores[0].tolist() == [1, 0, 0.5]


def test_a_softmax_is_pointed_out() -> None:
    hint = "scores sum to 1 in each row, as those of a softmax do"
    assert any(hint in note for note in read([[0.2, 0.3, 0.5]] * 3).notes)
    assert not any(hint in note for note in read().notes)
    assert not any(hint in note for note in read([[1.0]] * 3, [[1]] * 3).notes)


def test_scores_that_are_all_0_or_1_are_decisions_unless_a_threshold_is_given() -> None:
    pred = np.array(HOT, dtype=float)
    assert read(pred).scores is None
    assert "read as decisions" in " ".join(read(pred).notes)
    assert read(pred, threshold=0.4).scores.tolist() == pred.tolist()


def test_names_in_both_number_the_labels() -> None:
    found = read([["dog", "cat"], [], ["cat"]], [["cow"], ["dog"], []])
    assert found.classes == ("cat", "cow", "dog")
    assert found.called.tolist() == [[True, False, True], [False] * 3, [True, False, False]]
    assert "labels are numbered by the sorted names in labels and predictions" in found.notes


def test_rows_of_equally_many_names_or_indices_are_lists_too() -> None:
    named = read([["dog", "cat"]] * 3, [["cat"]] * 3)
    assert named.called.all()
    assert named.truth.tolist() == [[True, False]] * 3
    found = read(SCORES, [[0, 2], [1, 0], [2, 1]])
    assert found.truth.tolist() == [[True, False, True], [True, True, False], [False, True, True]]
    assert "labels: whole numbers were read as the indices of each image's labels" in found.notes


def test_one_index_per_image_is_told_from_one_column() -> None:
    found = read(SCORES, [[0], [1], [0]])
    assert found.truth.tolist() == [
        [True, False, False],
        [False, True, False],
        [True, False, False],
    ]
    assert read([[0], [1], [0]], [[1], [1], [0]]).classes == ("0",)
    by_map = read([[0], [1], [0]], [[1], [1], [0]], label_map_dict=CLASSES)
    assert by_map.called[:, :2].tolist() == [[True, False], [False, True], [True, False]]
    beside = read([[0, 2], [1], []], [[0], [1], [0]])
    assert beside.truth.tolist() == [
        [True, False, False],
        [False, True, False],
        [True, False, False],
    ]


def test_two_columns_of_zeros_and_ones_are_flags_beside_two_labels() -> None:
    assert read([[0.2, 0.7]] * 3, [[0, 1]] * 3).truth.tolist() == [[False, True]] * 3
    assert read(SCORES, [[0, 1]] * 3).truth.tolist() == [[True, True, False]] * 3


def test_labels_without_columns_are_as_many_as_indices_and_map_have() -> None:
    assert read([[4], [], [1]], IDS).classes == ("0", "1", "2", "3", "4")
    found = read([[1], [], []], IDS, label_map_dict=CLASSES)
    assert found.classes == ("cat", "dog", "cow")
    partly = read([[3], [], []], IDS, label_map_dict=CLASSES)
    assert partly.classes == ("cat", "dog", "cow", "3")
    assert "labels called by their index, as the label map lacks them: 1" in partly.notes


def test_images_may_all_be_empty() -> None:
    found = read([[], [], []], [[], [], []], label_map_dict=CLASSES)
    assert not found.truth.any()
    assert not found.called.any()
    assert "images that have none of the labels: 3" in found.notes
    assert read([["cat"], [], []], [[], [], []]).classes == ("cat",)


def test_an_index_twice_in_a_list_counts_once() -> None:
    assert read(SCORES, [[1, 1, 1, 1], [0], []]).support.tolist() == [1, 1, 0]


def test_labels_that_all_images_have_are_noted() -> None:
    assert "all images have the labels 0, 1" in read(SCORES, [[0, 1]] * 3).notes


# Thresholds


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        (None, [0.5, 0.5, 0.5]),
        (0.7, [0.7, 0.7, 0.7]),
        (np.float32(0.25), [0.25, 0.25, 0.25]),
        ([0.2, 0.3, 0.4], [0.2, 0.3, 0.4]),
        (np.array([0.2, 0.3, 0.4]), [0.2, 0.3, 0.4]),
        (pd.Series([0.2, 0.3, 0.4]), [0.2, 0.3, 0.4]),
        ({"cow": 0.2, "cat": 0.95}, [0.95, 0.5, 0.2]),
        ({}, [0.5, 0.5, 0.5]),
    ],
    ids=repr,
)
def test_thresholds(threshold: object, expected: list[float]) -> None:
    found = read(label_map_dict=CLASSES, threshold=threshold)
    assert found.thresholds.tolist() == expected
    assert np.array_equal(found.called, np.array(SCORES) >= expected)


def test_thresholds_of_labels_are_noted() -> None:
    found = read(label_map_dict=CLASSES, threshold={"cow": 0.2})
    assert (
        "a label is called from a probability of its own: cat 0.5, dog 0.5, cow 0.2" in found.notes
    )


def test_a_threshold_is_compared_in_the_precision_of_the_scores() -> None:
    scores = np.array([[0.3, 0.1], [0.7, 0.2]], dtype=np.float32)
    assert read(scores, [[0, 1], [1, 0]], 2, threshold=0.3).called[:, 0].all()


def test_a_threshold_is_a_probability_also_of_logits() -> None:
    found = read([[3.0, 1.0], [2.0, -1.0]], [[0, 1], [1, 0]], 2, threshold=0.9)
    assert found.called.tolist() == [[True, False], [False, False]]


# Errors


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"pred": SCORES[:2]}, "predictions: expected one row per name, got 2 rows for 3 names"),
        ({"labels": IDS[:2]}, "labels: expected one row per name, got 2 rows for 3 names"),
        ({"labels": None}, "labels: expected a list or an array, got None"),
        ({"labels": "cat"}, "labels: expected a list or an array, got the text 'cat'"),
        (
            {"labels": ["cat", "dog", "cow"]},
            "labels: expected a row of numbers, or a list of labels, for each image, got one "
            "value each",
        ),
        (
            {"pred": [0, 1, 2]},
            "predictions: expected a row of numbers, or a list of labels, for each image, got "
            "one value each",
        ),
        (
            {"pred": np.zeros((3, 2, 2))},
            "predictions: expected a row of numbers, or a list of labels, for each image, got "
            "3×2×2",
        ),
        (
            {"pred": [[0.5, 0.1], [0.5], [0.2, 0.1]]},
            "predictions: expected indices or names of labels, or equally many numbers in all "
            "rows, got 0.5 (row 0, '0.jpg')",
        ),
        (
            {"labels": [["cat"], ["dog", 3], []]},
            "labels: expected indices or names of labels, or equally many numbers in all rows, "
            "got 3 (row 1, '1.jpg')",
        ),
        (
            {"labels": [[0], [True, False], []]},
            "labels: expected indices or names of labels, or equally many numbers in all rows, "
            "got True (row 1, '1.jpg')",
        ),
        (
            {"labels": np.array(HOT)[:, :2] * 1.0},
            "labels: expected 3 columns, as the predictions have, got 2",
        ),
        (
            {"labels": np.array([[1, 1], [0, 1], [0, 0]])},
            "labels: expected 3 columns, one for each label, got 2",
        ),
        (
            {"labels": [[1.0, 0.0, 0.5], [1, 1, 0], [0, 0, 0]]},
            "labels: expected 0 or 1 for each label, got 0.5 (row 0, '0.jpg')",
        ),
        (
            {"labels": [[1.0, 0.0, 0], [1, np.nan, -1], [0, 0, np.nan]]},
            "labels: expected 0 or 1 for each label, got nan (row 1, '1.jpg'; 2 such rows)",
        ),
        (
            {"labels": [[1, 0, 0], [1, -1, 0], [0, 0, 0]]},
            "labels: expected indices 0 to 2, as there are 3 labels, got -1 (row 1, '1.jpg')",
        ),
        (
            {"labels": [[0], [0, 3], []]},
            "labels: expected indices 0 to 2, as there are 3 labels, got 3 (row 1, '1.jpg')",
        ),
        (
            {"pred": [[0], [10**6], []], "labels": IDS},
            "predictions: expected indices 0 to 9,999, got 1,000,000 (row 1, '1.jpg')",
        ),
        (
            {"labels": [["cat"], ["dog", "cow"], []]},
            "labels: expected label_map_dict to tell the index of each label, as the predictions "
            "are columns without names, got 'cat' (row 0, '0.jpg')",
        ),
        (
            {"labels": [[], ["dog", "cow"], []], "pred": IDS},
            "labels: expected label_map_dict to tell the index of each label, as the predictions "
            "are numbers, got 'dog' (row 1, '1.jpg')",
        ),
        (
            {"labels": [["cat"], ["dog", "cow"], []], "label_map_dict": ["cat", "dog", "sow"]},
            "labels: expected labels of the label map (cat, dog, sow), got 'cow' (row 1, '1.jpg')",
        ),
        (
            {"label_map_dict": [*CLASSES, "sow"]},
            "label_map_dict: expected indices below 3, as there are 3 labels, got 3",
        ),
        (
            {"pred": [[], [], []], "labels": [[], [], []]},
            "labels: expected a label, or label_map_dict, got empty lists only",
        ),
        (
            {"pred": [[0.1, 0.2, np.nan], [0.1, 0.2, 3], [0.1, 0.2, 3]]},
            "scores: expected numbers, got nan (row 0, '0.jpg')",
        ),
        (
            {"pred": [[0.1, 0.2, 3], [0.1, 0.2, 3], [np.inf, 0.2, 3]]},
            "scores: expected finite scores, got inf (row 2, '2.jpg')",
        ),
    ],
    ids=range(24),
)
def test_lists_that_cannot_be_read(changed: dict, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read(**changed)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("threshold", "message"),
    [
        (0, "threshold: expected a number between 0 and 1, got 0"),
        (1.0, "threshold: expected a number between 0 and 1, got 1.0"),
        (float("nan"), "threshold: expected a number between 0 and 1, got nan"),
        (True, "threshold: expected a number between 0 and 1, got True"),
        ("0.5", "threshold: expected a number between 0 and 1, got '0.5'"),
        ([0.5, 0.5], "threshold: expected one, or one for each label, got 2 for 3 labels"),
        ([0.5, 1.5, 0.5], "threshold: expected a number between 0 and 1, got 1.5 (label 'dog')"),
        ({"dog": None}, "threshold: expected a number between 0 and 1, got None (label 'dog')"),
        (
            {"sow": 0.5},
            "threshold: expected labels among cat, dog, cow, got 'sow' (did you mean 'cow'?)",
        ),
    ],
)
def test_thresholds_that_are_none(threshold: object, message: str) -> None:
    with pytest.raises(OptionError) as raised:
        read(label_map_dict=CLASSES, threshold=threshold)
    assert str(raised.value) == message


@pytest.mark.parametrize("pred", [HOT, np.array(HOT, dtype=bool), IDS])
def test_a_threshold_needs_scores(pred: object) -> None:
    with pytest.raises(OptionError, match="threshold: expected scores to decide on, got decisions"):
        read(pred, threshold=0.5)


def test_repeated_names_are_noted() -> None:
    found = read_samples(SCORES, HOT, ["a", "a", "b"], TASK)
    assert found.notes[0].startswith("1 name occurs more than once")
