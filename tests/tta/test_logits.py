"""Files of view logits: they come back, and what is wrong with one is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.errors import InputError, ResultError
from sensitivity.tta.logits import ViewLogits

N = 6
HOSTILE = ("<script>", "a\nb", "🙂", "\u202eevil", "x" * 300, '"><img src=x onerror=alert(1)>')
LOGITS = ViewLogits(
    HOSTILE,
    np.arange(N) % 2,
    (ORIGINAL, ViewSpec("gamma", 0.5)),
    np.random.default_rng(0).normal(size=(2, N, 2)).astype(np.float32),
    ("ok", "defect"),
    groups=np.arange(N),
    feature_names=("brightness",),
    features=np.ones((2, N, 1), dtype=np.float32),
    seconds=(1.0, np.nan),
)


def as_json(content: object) -> np.ndarray:
    return np.frombuffer(json.dumps(content).encode(), dtype=np.uint8)


def rewritten(path: Path, *, about: dict[str, object] | None = None, **arrays: object) -> Path:
    """A good file with some of it changed; None takes an array away."""
    with np.load(LOGITS.save(path)) as stored:
        found = {name: stored[name] for name in stored.files}
    told = json.loads(found["about"].tobytes()) | (about or {})
    found |= {"about": as_json(told), **arrays}
    np.savez(path, **{name: value for name, value in found.items() if value is not None})
    return path


def test_they_come_back(tmp_path: Path) -> None:
    again = ViewLogits.load(LOGITS.save(tmp_path / "views.npz"))
    assert (again.names, again.views, again.classes) == (HOSTILE, LOGITS.views, LOGITS.classes)
    np.testing.assert_array_equal(again.z, LOGITS.z)
    np.testing.assert_array_equal(again.seconds, LOGITS.seconds)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"about": {"version": 2}}, "view logits: expected version 1, got 2"),
        ({"about": {"views": [{"op": "gamma"}]}}, "view logits.views[0]: object missing required"),
        ({"about": {"views": [ORIGINAL.to_dict()]}}, "logits: expected 1 views × 6 images × 2"),
        ({"about": {"classes": None}}, "view logits.classes: expected a list, got null"),
        ({"about": {"classes": ["a", "a"]}}, "classes: expected each once, got a, a"),
        ({"about": {"output": "odds"}}, "output: expected logits or probabilities, got odds"),
        ({"about": {"seconds": [1.0]}}, "seconds: expected one per view (2), or none, got 1"),
        ({"about": {"mood": 1}}, "view logits.mood: expected no such field"),
        ({"names": as_json(["a"])}, "logits: expected 2 views × 1 images × 2 classes"),
        ({"names": as_json([1] * N)}, "names[0]: expected text, got a whole number"),
        ({"names": as_json("abc")[:-1]}, "view logits, names: expected JSON"),
        ({"z": None}, "view logits: expected an array z, got none"),
        ({"z": LOGITS.z.astype(complex)}, "logits: expected an array of floating-point numbers"),
        ({"z": LOGITS.z * np.nan}, "logits: expected finite numbers"),
        ({"y": LOGITS.y + 0.5}, "labels: expected an array of whole numbers, got float64"),
        ({"y": LOGITS.y + 1}, "labels: expected 6 classes from 0 to 1"),
        ({"groups": np.array(["a"] * N)}, "groups: expected an array of whole numbers"),
        ({"features": LOGITS.features[:1]}, "features: expected 2 views × 6 images × 1"),
    ],
)
def test_what_does_not_fit_is_named(changes, message, tmp_path: Path) -> None:
    path = rewritten(tmp_path / "views.npz", **changes)
    with pytest.raises(ResultError) as caught:
        ViewLogits.load(path)
    assert message in str(caught.value)
    assert str(caught.value).endswith(f"{path})")


def test_damaged_files_are_said_to_be_damaged(tmp_path: Path) -> None:
    path = LOGITS.save(tmp_path / "views.npz")
    good = path.read_bytes()
    damaged = [good[:k] for k in (0, 10, len(good) // 2, len(good) - 30)] + [b"text"]
    for place in range(0, len(good), 29):
        flipped = bytearray(good)
        flipped[place] ^= 255
        damaged.append(bytes(flipped))
    refused = 0
    for content in damaged:
        path.write_bytes(content)
        try:
            ViewLogits.load(path)
        except ResultError:
            refused += 1
    assert refused > 0.5 * len(damaged)
    np.save(tmp_path / "one.npy", LOGITS.z)
    with pytest.raises(ResultError, match="expected an npz file of them"):
        ViewLogits.load(tmp_path / "one.npy")


def test_lists_are_no_arrays() -> None:
    with pytest.raises(InputError, match="logits: expected an array of floating-point numbers"):
        replace(LOGITS, z=LOGITS.z.tolist())


def test_a_folder_that_is_not_there_is_told_by_the_name_given(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere/views\.npz"):
        LOGITS.save(tmp_path / "nowhere" / "views.npz")
