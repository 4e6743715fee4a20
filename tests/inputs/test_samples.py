"""The three lists → Samples: laws first, then each form and each error."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sensitivity.errors import InputError, OptionError
from sensitivity.inputs.samples import read_samples

N = st.integers(1, 12)
LAW = settings(max_examples=40, deadline=None)


def names_for(n: int) -> list[str]:
    return [f"{i}.jpg" for i in range(n)]


@st.composite
def three_lists(draw, dtype=np.float64):
    """N×C scores, N labels and N names."""
    n, c = draw(N), draw(st.integers(2, 5))
    width = np.dtype(dtype).itemsize * 8
    elements = st.floats(-100, 100, width=width)
    scores = draw(arrays(dtype, (n, c), elements=elements))
    labels = draw(arrays(np.int64, n, elements=st.integers(0, c - 1)))
    return scores, labels, names_for(n)


def assert_equal(a, b, rows=slice(None)):
    assert a.names[rows].tolist() == b.names.tolist()
    assert a.y[rows].tolist() == b.y.tolist()
    assert a.predicted[rows].tolist() == b.predicted.tolist()
    assert (a.scores is None) == (b.scores is None)
    if a.scores is not None:
        np.testing.assert_array_equal(a.scores[rows], b.scores)
    assert (a.score_kind, a.classes, a.notes) == (b.score_kind, b.classes, b.notes)


@LAW
@given(three_lists(), st.randoms(use_true_random=False))
def test_permuting_samples_permutes_what_is_read(lists, random):
    scores, labels, names = lists
    order = list(range(len(names)))
    random.shuffle(order)
    permuted = read_samples(scores[order], labels[order], [names[i] for i in order])
    assert_equal(read_samples(*lists), permuted, order)


@LAW
@given(three_lists(np.float32))
def test_lists_arrays_and_tables_agree(lists):
    scores, labels, names = lists
    expected = read_samples(*lists)
    assert_equal(expected, read_samples(scores.tolist(), labels.tolist(), tuple(names)))
    assert_equal(expected, read_samples(list(scores), list(labels), np.array(names)))
    assert_equal(expected, read_samples(pd.DataFrame(scores), pd.Series(labels), pd.Series(names)))
    by_path = read_samples(scores, labels[:, np.newaxis], [Path(name) for name in names])
    assert_equal(expected, by_path)
    as_batches = read_samples(
        [scores[:1], scores[1:]], [labels[:1], labels[1:]], names
    )  # fmt: skip
    assert_equal(expected, as_batches)


@LAW
@given(lists=three_lists(np.float32))
def test_tensors_agree(lists):
    torch = pytest.importorskip("torch")
    scores, labels, names = lists
    tensor = torch.tensor(scores, requires_grad=True)
    expected = read_samples(*lists)
    assert_equal(expected, read_samples(tensor, torch.tensor(labels), names))
    assert_equal(expected, read_samples(list(tensor), list(torch.tensor(labels)), names))


@LAW
@given(three_lists())
def test_the_callers_objects_are_neither_changed_nor_locked(lists):
    scores, labels, names = lists
    before = scores.copy(), labels.copy(), list(names)
    read = read_samples(scores, labels, names)
    np.testing.assert_array_equal(scores, before[0])
    np.testing.assert_array_equal(labels, before[1])
    assert names == before[2]
    assert scores.flags.writeable
    assert labels.flags.writeable
    for array in (read.names, read.y, read.predicted, read.scores):
        assert not array.flags.writeable


@LAW
@given(three_lists())
def test_predicted_is_the_first_of_the_highest_scores(lists):
    scores = np.round(lists[0] / 50)  # many ties
    expected = [row.index(max(row)) for row in scores.tolist()]
    assert read_samples(scores, *lists[1:]).predicted.tolist() == expected


def test_the_call_of_the_page():
    pred_list = [[8.725419998168945, 21.92235565185547], [5.0, -1.0]]
    read = read_samples(pred_list, [1, 1], ["a.jpg", "b.jpg"], "image_classification")
    assert read.task == "image_classification"
    assert read.score_kind == "logits"
    assert read.classes == ("0", "1")
    assert read.predicted.tolist() == [1, 0]
    assert len(read) == 2
    assert read.notes == (
        "scores were read as logits, of which probabilities are the softmax",
        "all labels are of one class, '1'",
    )


def test_scores_are_neither_copied_nor_is_anything_of_their_size():
    scores = np.zeros((20_000, 200), dtype=np.float32)
    scores[:, 7] = 1
    names = names_for(len(scores))
    tracemalloc.start()
    read = read_samples(scores, np.zeros(len(scores), dtype=int), names)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.shares_memory(read.scores, scores)
    assert peak < scores.nbytes / 2


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_scores_keep_their_dtype_over_blocks(dtype):
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(3000, 1001)).astype(dtype)  # several blocks of rows
    read = read_samples(scores, np.zeros(3000, dtype=int), names_for(3000))
    assert read.scores.dtype == dtype
    np.testing.assert_array_equal(read.predicted, scores.astype(np.float64).argmax(axis=1))


class TestKindOfScores:
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    @pytest.mark.parametrize("c", [2, 10, 1000])
    def test_softmax_of_any_precision_is_probabilities(self, dtype, c):
        rng = np.random.default_rng(1)
        exp = np.exp(rng.normal(scale=3, size=(200, c)))
        scores = (exp / exp.sum(axis=1, keepdims=True)).astype(dtype)
        assert read_samples(scores, [0] * 200, names_for(200)).score_kind == "probabilities"

    def test_bfloat16_and_three_decimals_are_probabilities(self):
        scores = [[0.333, 0.333, 0.333], [0.1, 0.2, 0.695]]
        assert read_samples(scores, [0, 1], names_for(2)).score_kind == "probabilities"

    def test_one_row_that_does_not_sum_to_one_makes_logits(self):
        read = read_samples([[0.1, 0.9], [0.5, 0.9]], [0, 1], names_for(2))
        assert read.score_kind == "logits"
        assert "do not sum to 1" in read.notes[0]

    def test_masked_classes_are_logits(self):
        read = read_samples([[-np.inf, 1.0], [0.0, -np.inf]], [1, 0], names_for(2))
        assert read.predicted.tolist() == [1, 0]
        assert read.score_kind == "logits"

    def test_whole_numbered_scores_become_floats(self):
        read = read_samples(np.array([[1, 250], [3, 2]], dtype=np.uint8), [1, 0], names_for(2))
        assert read.scores.dtype.kind == "f"
        assert read.scores.tolist() == [[1, 250], [3, 2]]


class TestClassesInsteadOfScores:
    @pytest.mark.parametrize(
        "preds",
        [
            [0, 2, 1],
            [0.0, 2.0, 1.0],
            [[0], [2], [1]],
            np.array([0, 2, 1], np.uint8),
            ["0", "2", "1"],
        ],
    )
    def test_all_forms_agree(self, preds):
        read = read_samples(preds, [0, 1, 1], names_for(3))
        assert read.predicted.tolist() == [0, 2, 1]
        assert read.scores is None
        assert read.score_kind == "labels"
        assert read.classes == ("0", "1", "2")

    def test_predictions_may_exceed_the_labels_and_the_map_both(self):
        read = read_samples([4, 0], [0, 1], names_for(2), label_map_dict={0: "a", 1: "b"})
        assert read.classes == ("a", "b", "2", "3", "4")
        assert "3 classes are not in the label map and are called by their index" in read.notes

    def test_the_map_may_exceed_both(self):
        read = read_samples([0, 0], [0, 1], names_for(2), label_map_dict=["a", "b", "c"])
        assert read.classes == ("a", "b", "c")

    def test_names_in_both(self):
        read = read_samples(["dog", "cat"], ["cat", "cat"], names_for(2))
        assert read.classes == ("cat", "dog")
        assert read.y.tolist() == [0, 0]
        assert read.predicted.tolist() == [1, 0]

    def test_truth_values_are_classes(self):
        read = read_samples([True, False], [False, False], names_for(2))
        assert read.predicted.tolist() == [1, 0]


class TestBatches:
    """Lists with one item per batch instead of one per sample."""

    @pytest.mark.parametrize("make", [list, np.array])
    def test_of_equal_and_of_different_size(self, make):
        for labels in ([[0, 1], [1, 0]], [[0, 1, 1], [0]]):
            read = read_samples([make(b) for b in labels], [make(b) for b in labels], names_for(4))
            flat = [label for batch in labels for label in batch]
            assert read.y.tolist() == read.predicted.tolist() == flat

    def test_of_scores(self):
        batches = [np.eye(2), np.eye(2)[:1]]
        read = read_samples(batches, [0, 1, 0], names_for(3))
        assert read.predicted.tolist() == [0, 1, 0]


class TestLabels:
    @pytest.mark.parametrize(
        "labels",
        [[0, 2], [0.0, 2.0], [[0], [2]], np.array([0, 2], np.uint8), ["0", "2"], [np.int32(0), 2]],
    )
    def test_all_forms_agree(self, labels):
        scores = np.eye(3)[:2]
        read = read_samples(scores, labels, names_for(2))
        assert read.y.tolist() == [0, 2]
        assert read.y.dtype == np.int64

    def test_floats_are_noted(self):
        read = read_samples(np.eye(2), [0.0, 1.0], names_for(2))
        assert "labels: whole numbers stored as floats were read as class indices" in read.notes

    def test_names_by_the_map(self):
        read = read_samples(np.eye(2), ["b", "a"], names_for(2), label_map_dict='{"0":"a","1":"b"}')
        assert read.y.tolist() == [1, 0]
        assert read.classes == ("a", "b")

    def test_one_hot_rows_beside_scores(self):
        read = read_samples(np.eye(3), np.eye(3)[[2, 0, 1]], names_for(3))
        assert read.y.tolist() == [2, 0, 1]
        assert "labels: 3×3 one-hot rows were read as class indices" in read.notes

    @pytest.mark.parametrize(
        "labels", [[[1, 0, 0], [1, 1, 0], [0, 0, 1]], [[1, 0, 0], [0.5, 0.5, 0], [0, 0, 1]]]
    )
    def test_other_rows_are_not_one_hot(self, labels):
        with pytest.raises(InputError, match=r"^labels: expected one class per sample .*got 3×3$"):
            read_samples(np.eye(3), labels, names_for(3))

    def test_one_hot_rows_beside_classes_are_not_certain(self):
        with pytest.raises(InputError, match=r"of one-hot rows, the argmax\), got 3×3"):
            read_samples([0, 1, 2], np.eye(3), names_for(3))

    def test_one_class_only(self):
        read = read_samples([0, 0], [0, 0], names_for(2))
        assert read.classes == ("0",)
        assert read.notes == ("all labels are of one class, '0'",)


class TestThreshold:
    @pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_one_score_is_the_probability_of_class_one(self, shape, dtype):
        p = np.array([0.25, 0.5, 0.75], dtype=dtype).reshape(shape)
        read = read_samples(p, [0, 1, 1], names_for(3), threshold=0.5)
        assert read.predicted.tolist() == [0, 1, 1]
        assert read.scores.tolist() == [[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]]
        assert read.scores.dtype == dtype
        assert read.score_kind == "probabilities"
        assert read.classes == ("0", "1")
        assert "class 1 is predicted where its probability is at least 0.5" in read.notes

    def test_whole_floats_are_scores_with_it_and_classes_without(self):
        assert read_samples([0.0, 1.0], [0, 1], names_for(2), threshold=0.5).scores is not None
        assert read_samples([0.0, 1.0], [0, 1], names_for(2)).scores is None

    def test_it_is_compared_in_the_precision_of_the_scores(self):
        p = np.array([0.7], dtype=np.float32)
        assert read_samples(p, [0], ["a"], threshold=0.7).predicted.tolist() == [1]

    def test_two_columns(self):
        probabilities = [[0.8, 0.2], [0.6, 0.4]]
        read = read_samples(probabilities, [0, 1], names_for(2), threshold=0.3)
        assert read.predicted.tolist() == [0, 1]
        logits = np.log(probabilities) + 5
        read = read_samples(logits, [0, 1], names_for(2), threshold=0.3)
        assert (read.score_kind, read.predicted.tolist()) == ("logits", [0, 1])
        extreme = [[0.0, 1e30], [-np.inf, 0.0], [0.0, -np.inf]]
        read = read_samples(extreme, [0, 1, 0], names_for(3), threshold=0.999)
        assert read.predicted.tolist() == [1, 1, 0]

    @pytest.mark.parametrize("threshold", [0, 1, -0.5, 1.5, np.nan, "0.5", True])
    def test_it_lies_between_zero_and_one(self, threshold):
        with pytest.raises(OptionError, match="threshold: expected a number between 0 and 1, got"):
            read_samples([0.5], [1], ["a"], threshold=threshold)

    @pytest.mark.parametrize(
        ("preds", "message"),
        [
            (np.eye(3)[:1], "threshold: expected two classes, got 3"),
            ([1], "threshold: expected scores, one float per sample, got classes"),
            (["cat"], "threshold: expected scores, one float per sample, got classes"),
        ],
    )
    def test_it_needs_something_to_decide(self, preds, message):
        with pytest.raises(OptionError) as raised:
            read_samples(preds, [1], ["a"], threshold=0.5)
        assert str(raised.value) == message


def test_names_that_are_repeated_once():
    read = read_samples([0, 1, 1], [0, 1, 1], ["a", "a", "b"])
    assert read.notes == (
        "1 name occurs more than once: the repetition counts as a sample of its own",
    )
    read = read_samples([0, 1, 1, 0], [0, 1, 1, 0], ["a", "a", "b", "b"])
    assert read.notes[0].startswith("2 names occur more than once: the 2 repetitions count")


def test_repeated_names_are_samples_of_their_own():
    read = read_samples([0, 1, 1, 0], [0, 1, 1, 1], ["a", "a", "b", "a"])
    assert read.names.tolist() == ["a", "a", "b", "a"]
    assert read.notes == (
        "1 name occurs more than once: the 2 repetitions count as samples of their own",
    )
