"""Class folders in the names against labels."""

from __future__ import annotations

import numpy as np
import pytest

from sensitivity.inputs.alignment import alignment_note

CLASSES = ("ant", "bee", "cat")


def image_folder(counts=(60, 100, 40), prefix="/data/val/") -> tuple[list[str], np.ndarray]:
    """Names and labels as torchvision's ImageFolder lists them."""
    names = [f"{prefix}{CLASSES[c]}/{i}.jpg" for c, n in enumerate(counts) for i in range(n)]
    return names, np.repeat(np.arange(len(counts)), counts)


@pytest.mark.parametrize("prefix", ["/data/val/", "", "s3://bucket/val/", "C:\\val\\"])
def test_an_unshuffled_loader_is_not_questioned(prefix):
    names, labels = image_folder(prefix=prefix)
    assert alignment_note(names, labels) is None
    assert alignment_note(names, [CLASSES[y] for y in labels]) is None
    order = np.random.default_rng(0).permutation(len(names))
    assert alignment_note([names[i] for i in order], labels[order]) is None


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("counts", [(60, 100, 40), (50, 50), (90, 10), (1000, 3)])
@pytest.mark.parametrize("as_text", [False, True])
def test_a_shuffled_loader_is_questioned(seed, counts, as_text):
    names, labels = image_folder(counts)
    shuffled = np.random.default_rng(seed).permutation(labels)
    given = [CLASSES[y] for y in shuffled] if as_text else shuffled
    note = alignment_note(names, given)
    if (shuffled != labels).mean() < 0.01:
        assert note is None
    else:
        assert note is not None
        assert "was the loader shuffled" in note


def test_the_note_counts_and_shows_the_first():
    names, labels = image_folder()
    labels[[5, 70, 71, 199]] = [1, 0, 0, 0]
    assert alignment_note(names, labels) == (
        "names: the class folders disagree with the labels for 4 of 200 samples (first: row 5, "
        "'/data/val/ant/5.jpg' with label 1): was the loader shuffled while the names came from "
        "its data set?"
    )


def test_folders_that_bear_the_labels_names_are_classes_whatever_their_counts():
    names, _ = image_folder((60, 60, 60))
    labels = [
        CLASSES[y] for y in np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [90, 60, 30]))
    ]
    assert alignment_note(names, labels) is not None
    assert alignment_note(names, [f"camera {label}" for label in labels]) is None


def test_a_mapping_in_another_order_is_a_mapping():
    names, labels = image_folder()
    renumbered = np.array([2, 0, 1])[labels]
    assert alignment_note(names, renumbered) is None
    renumbered[:4] = 0
    assert "for 4 of 200 samples" in alignment_note(names, renumbered)


def test_less_than_one_percent_is_tolerated():
    names, labels = image_folder((100, 100))
    labels[0] = 1
    assert alignment_note(names, labels) is None
    labels[1] = 1
    assert alignment_note(names, labels) is not None


@pytest.mark.parametrize("seed", range(5))
def test_folders_that_need_not_be_classes_are_not_questioned(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, 1000)
    cameras = rng.integers(0, 3, 1000)
    assert alignment_note([f"camera{c}/{i}.jpg" for i, c in enumerate(cameras)], labels) is None
    follows = np.where(rng.random(1000) < 0.7, labels, cameras)
    assert alignment_note([f"camera{c}/{i}.jpg" for i, c in enumerate(follows)], labels) is None


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        ([f"{i}.jpg" for i in range(100)], [0, 1] * 50),  # no folders
        ([f"images/{i}.jpg" for i in range(100)], [0, 1] * 50),  # one folder
        ([f"{i % 4}/{i}.jpg" for i in range(100)], [0, 1] * 50),  # more folders than classes
        (["a/1.jpg", "b/1.jpg"], [1, 0]),  # too few to tell
        ([f"{i % 2}/{i}.jpg" for i in range(100)], [0] * 100),  # one class
        ([f"{i % 2}/{i}.jpg" for i in range(100)], np.zeros((100, 2))),  # no labels
    ],
)
def test_nothing_can_be_said(names, labels):
    assert alignment_note(names, labels) is None
