"""Labels from class folders, and names found again by their paths."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensitivity.errors import InputError
from sensitivity.inputs.folders import (
    PathIndex,
    files_below,
    labels_from_folder,
    relative_to_images,
)

FILES = (
    "dog/1.jpg",
    "dog/deep/er/2.jpg",
    "cat/3.jpg",
    "cat/4.jpg",
    "dog/4.jpg",
    "10/5.jpg",
    "9/6.jpg",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "val"
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / "README.txt").touch()
    return root


@pytest.mark.parametrize("form", ["{name}", "./{name}", "val/{name}", "/some/where/val/{name}"])
def test_paths_are_found_by_their_end(root, form):
    labels, label_map = labels_from_folder(root, [form.format(name=name) for name in FILES])
    assert label_map == {0: "10", 1: "9", 2: "cat", 3: "dog"}, "sorted as text, as torchvision does"
    assert [label_map[label] for label in labels.tolist()] == [name.split("/")[0] for name in FILES]


def test_windows_paths(root):
    labels, _ = labels_from_folder(root, ["C:\\val\\cat\\4.jpg", "dog\\deep\\er\\2.jpg"])
    assert labels.tolist() == [2, 3]


def test_unique_base_names(root):
    labels, _ = labels_from_folder(root, ["2.jpg", "3.jpg", "flat/1.jpg", "3.jpg"])
    assert labels.tolist() == [3, 2, 3, 2]
    assert labels_from_folder(root, ["er/2.jpg"])[0].tolist() == [3]


def test_a_base_name_twice_in_one_class_is_no_matter(root):
    (root / "cat" / "more").mkdir()
    (root / "cat" / "more" / "3.jpg").touch()
    assert labels_from_folder(root, ["3.jpg"])[0].tolist() == [2]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ["1.jpg", "4.jpg", "4.jpg"],
            "names: expected names that fit one path each among the files in val, got '4.jpg' for "
            "cat/4.jpg and dog/4.jpg (row 1; 2 such rows)",
        ),
        (
            ["1.jpg", "7.jpg", "8.jpg"],
            "names: expected each one among the files in val, got 2 of 3 that are not "
            "(first: row 1, '7.jpg')",
        ),
        (
            ["cat/1.jpg"],  # its folder says otherwise
            "names: expected each one among the files in val, got 1 of 1 that are not "
            "(first: row 0, 'cat/1.jpg')",
        ),
    ],
)
def test_names_that_fit_none_or_several(root, names, message):
    with pytest.raises(InputError) as raised:
        labels_from_folder(root, names)
    assert str(raised.value) == message


def test_folders_that_hold_no_classes(tmp_path):
    (tmp_path / "flat.jpg").touch()
    with pytest.raises(InputError, match="labels: expected a folder per class, with files"):
        labels_from_folder(tmp_path, ["flat.jpg"])
    with pytest.raises(InputError, match="labels: expected a folder with a folder per class"):
        labels_from_folder(tmp_path / "nowhere", ["flat.jpg"])


def test_two_names_for_one_known_path_are_ambiguous():
    index = PathIndex(["1.jpg", "2.jpg"], [0, 1], "labels")
    assert index.find(["./1.jpg", "1.jpg", "a/2.jpg", "a/2.jpg"]).tolist() == [0, 0, 1, 1]
    with pytest.raises(InputError, match=r"got 'a/1.jpg' and 'b/1.jpg' for 1.jpg \(row 1\)"):
        index.find(["a/1.jpg", "b/1.jpg"])


PATHS = st.lists(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join), max_size=6, unique=True
)


@settings(max_examples=60, deadline=None)
@given(PATHS, st.sampled_from(["", "x/", "/x/y/"]))
def test_every_known_path_finds_itself_below_any_folder(paths, prefix):
    index = PathIndex(paths, range(len(paths)), "paths")
    if prefix:  # an end of a longer path may be a known path of its own: those are not asked
        paths = [
            p for p in paths if not any(p.endswith(f"/{q}") or q.endswith(f"/{p}") for q in paths)
        ]
    found = index.find([prefix + path for path in paths])
    assert [index.find([path])[0] for path in paths] == found.tolist()


def test_base_names_become_paths_relative_to_the_images(root):
    names = ["3.jpg", "README.txt", "cat/4.jpg", "nowhere.jpg", "2.jpg"]
    expected = ["cat/3.jpg", "README.txt", "cat/4.jpg", "nowhere.jpg", "dog/deep/er/2.jpg"]
    assert relative_to_images(names, root) == expected
    assert names[0] == "3.jpg"
    with pytest.raises(InputError, match=r"got '4.jpg' for cat/4.jpg and dog/4.jpg \(row 0"):
        relative_to_images(["4.jpg"], root)


def test_files_below_are_sorted(root):
    assert files_below(root / "dog") == ["1.jpg", "4.jpg", "deep/er/2.jpg"]
