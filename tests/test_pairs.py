"""Images that two results have in common."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sensitivity.errors import InputError
from sensitivity.pairs import has_images, match


def test_repeated_names_are_matched_in_their_order(make_analysis):
    names = ["a.png", "b.png", "a.png", "c.png", "a.png"]
    a = make_analysis([0, 1, 1, 0, 0], [0, 1, 1, 0, 1], names)
    b = make_analysis([1, 1, 1, 0], [1, 0, 1, 1], ["b.png", "a.png", "a.png", "d.png"])
    pairs = match(a, b)
    assert pairs.rows_a.tolist() == [0, 1, 2]
    assert pairs.rows_b.tolist() == [1, 0, 2]
    assert any("2 images have a name that is not theirs alone" in note for note in pairs.notes)


def test_labels_that_differ_are_an_error(make_analysis):
    a = make_analysis([0, 1, 1], [0, 1, 1])
    b = make_analysis([0, 1, 1], [0, 0, 1])
    message = (
        r"labels: expected the same true class .* 1 of 3 that differ, the first 1.png: 1 and 0"
    )
    with pytest.raises(InputError, match=message):
        match(a, b)


def test_names_that_do_not_overlap_are_an_error(make_analysis):
    a = make_analysis([0, 1], [0, 1], ["val/0.png", "val/1.png"])
    with pytest.raises(InputError, match=r"names: expected names that both .* val/0.png and 0.png"):
        match(a, make_analysis([0, 1], [0, 1]))


def test_other_classes_are_an_error(make_analysis):
    a = make_analysis([0, 1], [0, 1], classes=("normal", "defect"))
    b = make_analysis([0, 1], [0, 1], classes=("normal", "crack"))
    message = "classes: .* only in the first: defect; only in the second: crack"
    with pytest.raises(InputError, match=message):
        match(a, b)


def test_change_is_of_the_second_against_the_first(make_analysis):
    a = make_analysis([0, 1, 1, 0], [0, 1, 0, 1])
    b = make_analysis([0, 0, 0, 0], [0, 1, 0, 1])
    assert match(a, b).change.tolist() == [0, -1, 1, 0]


def test_same_images_leave_nothing_to_note(make_analysis):
    a = make_analysis([0, 1], [0, 1])
    pairs = match(a, a)
    assert (pairs.notes, pairs.groups, pairs.n_groups) == ((), None, None)


def test_groups_are_numbered(make_analysis):
    a = make_analysis([0, 1, 1], [0, 1, 1], groups=["x", "y", "x"])
    pairs = match(a, make_analysis([0, 1, 1], [0, 1, 1]))
    assert pairs.groups.tolist() == [0, 1, 0]
    assert (pairs.n_groups, pairs.dependence) == (2, "groups")


@pytest.mark.parametrize("table", ["features", "outcomes"])
def test_both_per_image_tables_are_wanted(make_analysis, table: str):
    a = make_analysis([0, 1], [0, 1])
    assert has_images(a)
    assert not has_images(replace(a, **{table: getattr(a, table).iloc[:0]}))


def test_many_names_are_told_apart(make_analysis):
    rng = np.random.default_rng(0)
    names = [f"{i}.png" for i in rng.integers(0, 400, 1_000)]
    order = rng.permutation(1_000)
    y = np.array([len(name) % 2 for name in names])  # one class per name
    a = make_analysis(y, y, names)
    b = make_analysis(y[order], y[order], [names[i] for i in order])
    pairs = match(a, b)
    assert [names[i] for i in pairs.rows_a] == [names[order[i]] for i in pairs.rows_b]
    assert sorted(pairs.rows_b) == list(range(1_000))
