"""Recorder: batches into lists, and the ranks of a distributed run into one."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensitivity.errors import InputError
from sensitivity.inputs.record import Part, Recorder, merge_ranks
from sensitivity.inputs.samples import read_samples

LAW = settings(max_examples=60, deadline=None)


def filled(sizes, **options) -> Recorder:
    """Record batches of these sizes: sample i has scores [i, 2i], label i % 2, name i.jpg."""
    recorder, start = Recorder(**options), 0
    for size in sizes:
        i = np.arange(start, start + size)
        recorder.update(np.column_stack([i, 2 * i]), i % 2, [f"{k}.jpg" for k in i])
        start += size
    return recorder


@LAW
@given(st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_batches_of_any_size_give_the_same_lists(sizes):
    scores, labels, names = filled(sizes).lists()
    expected = filled([sum(sizes)]).lists()
    np.testing.assert_array_equal(scores, expected[0])
    np.testing.assert_array_equal(labels, expected[1])
    assert names == expected[2]


def test_lists_may_be_asked_for_in_between():
    recorder = filled([3])
    assert len(recorder) == len(recorder.lists()[2]) == 3
    recorder.update([[9, 9]], [1], ["x"])
    assert recorder.lists()[2] == ["0.jpg", "1.jpg", "2.jpg", "x"]
    assert recorder.lists()[1].tolist() == [0, 1, 0, 1]


def test_the_loops_own_arrays_may_be_written_to_again():
    recorder, scores, labels = Recorder(), np.zeros((2, 2)), np.zeros(2, int)
    recorder.update(scores, labels, ["a", "b"])
    scores[:], labels[:] = 7, 1
    assert recorder.lists()[0].tolist() == [[0, 0], [0, 0]]
    assert recorder.lists()[1].tolist() == [0, 0]


def test_single_samples_and_squeezed_batches():
    recorder = Recorder()
    recorder.update([0.1, 0.9], 1, "a")
    recorder.update(np.array([0.2, 0.8]), np.array([0]), ["b"])
    recorder.update([[0.3, 0.7]], np.int64(1), Path("c"))
    assert recorder.lists()[0].tolist() == [[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]]
    assert recorder.lists()[1].tolist() == [1, 0, 1]
    assert recorder.lists()[2] == ["a", "b", "c"]


def test_classes_and_probabilities_of_class_one():
    recorder = Recorder()
    recorder.update([0.1, 0.9], [0, 1], ["a", "b"])
    recorder.update(0.7, 1, "c")
    assert recorder.samples(threshold=0.5).predicted.tolist() == [0, 1, 1]
    recorder = Recorder()
    recorder.update(["cat", "dog"], ["cat", "cow"], ["a", "b"])
    recorder.update("dog", "dog", "c")
    assert recorder.samples().classes == ("cat", "cow", "dog")


def test_samples_are_read_as_the_lists_are():
    samples = filled([2, 3]).samples(label_map_dict=["cat", "dog"])
    expected = read_samples(*filled([2, 3]).lists(), label_map_dict=["cat", "dog"])
    assert samples.classes == expected.classes == ("cat", "dog")
    assert samples.predicted.tolist() == expected.predicted.tolist()


def test_tensors_are_detached_and_kept_in_their_precision():
    torch = pytest.importorskip("torch")
    scores = torch.tensor([[0.5, 1.5], [2.0, 0.0]], requires_grad=True)
    for tensor, dtype in (
        (scores, np.float32),
        (scores.double(), np.float64),
        (scores.half(), np.float16),
        (scores.bfloat16(), np.float32),
    ):
        recorder = Recorder()
        recorder.update(tensor, torch.tensor([1, 0]), ("a", "b"))
        recorder.update(tensor[0], torch.tensor(1), "c")
        pred_list, labels, names = recorder.lists()
        assert pred_list.dtype == dtype
        assert pred_list.tolist() == [[0.5, 1.5], [2.0, 0.0], [0.5, 1.5]]
        assert (labels.tolist(), names) == ([1, 0, 1], ["a", "b", "c"])


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (
            (np.zeros((3, 2)), [0, 1], ["a", "b"]),
            "scores: expected one row per name, got 3 rows for 2 names (batch 2)",
        ),
        (
            (np.zeros((2, 2)), [0], ["a", "b"]),
            "labels: expected one row per name, got 1 rows for 2 names (batch 2)",
        ),
        (
            (np.zeros((2, 3)), [0, 1], ["a", "b"]),
            "scores: expected 2 numbers for each sample, as in batch 0, got 3 numbers (batch 2)",
        ),
        (
            ([0, 1], [0, 1], ["a", "b"]),
            "scores: expected 2 numbers for each sample, as in batch 0, got one number (batch 2)",
        ),
        (
            ([[0.1, 0.2], [0.3, None]], [0, 1], ["a", "b"]),
            "scores: expected rows of numbers, got [0.3, None] (row 1 of batch 2)",
        ),
        (
            (np.zeros((2, 2)), None, ["a", "b"]),
            "labels: expected a list or an array, got None (batch 2)",
        ),
        (
            (np.zeros((2, 2)), [0, 1], ["a", None]),
            "names: expected a path or a name, got NoneType (row 1 of batch 2)",
        ),
    ],
)
def test_a_batch_that_does_not_fit_is_named_and_left_out(batch, message):
    recorder = filled([2, 2])
    recorder.lists()
    with pytest.raises(InputError) as raised:
        recorder.update(*batch)
    assert str(raised.value) == message
    assert len(recorder) == 4
    assert recorder.lists()[0].shape == (4, 2)


def test_nothing_recorded():
    with pytest.raises(InputError, match="recorder: expected at least one update, got none"):
        Recorder().lists()


@pytest.mark.parametrize("get", [Recorder.lists, Recorder.samples])
def test_a_shuffled_loader_is_asked_about(get):
    names = [f"{folder}/{i}.jpg" for folder in ("cat", "dog") for i in range(50)]
    labels = np.repeat([0, 1], 50)
    scores = np.eye(2)[labels]
    recorder = Recorder()
    recorder.update(scores, labels, names)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        get(recorder)
    order = np.random.default_rng(0).permutation(100)
    recorder = Recorder()
    recorder.update(scores[order], labels[order], names)
    with pytest.warns(UserWarning, match="was the loader shuffled") as caught:
        get(recorder)
    assert caught[0].filename == __file__


class TestDatasetSize:
    def test_it_checks_one_process_too(self):
        assert len(filled([5], dataset_size=5).lists()[2]) == 5
        with pytest.raises(
            InputError, match="recorder: expected all 6 samples of the data set, got 5"
        ):
            filled([5], dataset_size=6).lists()
        with pytest.raises(
            InputError, match=r"recorder: expected 4 samples and padding .*got 5 samples"
        ):
            filled([5], dataset_size=4).lists()

    def test_it_tells_padding_from_true_repetitions(self):
        names = ["a", "b", "c", "a"]  # the data set truly ends with its first name
        ranks = [part(names, [0, 2]), part(names, [1, 3])]
        assert merge_ranks(ranks).names == ["a", "b", "c"], "taken for padding"
        assert merge_ranks(ranks, dataset_size=4).names == names
        with pytest.raises(InputError, match="expected 2 samples and padding that repeats"):
            merge_ranks(ranks, dataset_size=2)
        with pytest.raises(InputError, match="expected all 5 samples"):
            merge_ranks(ranks, dataset_size=5)


def part(names, indices) -> Part:
    indices = np.array(indices, dtype=int)
    return Part(indices * 1.5, indices % 3, [names[i] for i in indices])


def padded(n: int, world: int, order: list[int]) -> list[list[int]]:
    """Deal like DistributedSampler: pad with the beginning until all have equally many."""
    share = -(-n // world)
    dealt = (order * (world * share))[: world * share]
    return [dealt[rank::world] for rank in range(world)]


@LAW
@given(st.integers(1, 20), st.integers(1, 6), st.randoms(use_true_random=False))
def test_dealing_and_merging_is_the_single_process(n, world, random):
    order = list(range(n))
    random.shuffle(order)  # what shuffle=True gives, the same on all ranks
    names = [f"{i % 7}/{i}.jpg" for i in range(n)]
    parts = [part(names, indices) for indices in padded(n, world, order)]
    expected = part(names, order)
    for merged in (merge_ranks(parts), merge_ranks(parts, dataset_size=n)):
        assert merged.names == expected.names
        np.testing.assert_array_equal(merged.scores, expected.scores)
        np.testing.assert_array_equal(merged.labels, expected.labels)
    everything = merge_ranks(parts, drop_padding=False)
    assert len(everything.names) == sum(len(p.names) for p in parts)
    assert everything.names[:n] == expected.names


@LAW
@given(st.integers(1, 20), st.integers(1, 6))
def test_a_deal_without_padding(n, world):
    names = [f"{i}.jpg" for i in range(n)]
    parts = [part(names, range(n)[rank::world]) for rank in range(world)]
    parts = [p if p.names else Part(None, None, []) for p in parts]
    assert merge_ranks(parts).names == names


def test_padding_is_what_repeats_names_and_labels_of_the_beginning():
    names = ["a", "b", "c", "a"]
    ranks = [part(names, [0, 2]), part(names, [1, 3])]
    relabelled = Part(ranks[1].scores, np.array([1, 2]), ranks[1].names)
    assert merge_ranks([ranks[0], relabelled]).names == names


def test_repetitions_in_the_middle_are_data():
    names = ["a", "b", "b", "c", "d"]
    parts = [part(names, indices) for indices in padded(5, 2, [0, 1, 2, 3, 4])]
    assert merge_ranks(parts).names == names


def test_lengths_that_no_deal_gives_are_joined_rank_after_rank():
    names = list("abcdef")
    merged = merge_ranks([part(names, [0]), part(names, [1, 2, 3, 4])])
    assert merged.names == list("abcde")
    assert merged.scores.tolist() == [0, 1.5, 3, 4.5, 6]


def test_ranks_with_rows_of_different_shape():
    ranks = [Part(np.zeros((1, 2)), np.zeros(1), ["a"]), Part(np.zeros((1, 3)), np.zeros(1), ["b"])]
    with pytest.raises(
        InputError, match="scores: expected the same on all ranks, got 2 numbers and 3"
    ):
        merge_ranks(ranks)


def test_the_real_sampler_deals_as_assumed():
    pytest.importorskip("torch")
    from torch.utils.data import DistributedSampler

    for n, world in ((7, 2), (1, 3), (8, 2), (10, 4)):
        samplers = [
            DistributedSampler(range(n), num_replicas=world, rank=rank, shuffle=False)
            for rank in range(world)
        ]
        assert [list(sampler) for sampler in samplers] == padded(n, world, list(range(n)))
