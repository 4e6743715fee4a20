"""Policies edited by hand: what is wrong is named, field by field."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.errors import OptionError, ResultError
from sensitivity.policies import Cell, Policy, Where

POLICY = Policy(
    (ORIGINAL, ViewSpec("gamma", 0.5)),
    (0.5, 0.5),
    cells=(Cell((1.0, 1.0), (Where("brightness", None, 0.3),), "ok"),),
    classes=("ok", "defect"),
    shift=(0.0, 0.1),
    entropy=0.2,
)


def changed(path: tuple[Any, ...], value: object) -> dict[str, Any]:
    content = copy.deepcopy(json.loads(json.dumps(POLICY.to_dict())))
    part = content
    for key in path[:-1]:
        part = part[key]
    if value is None:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return content


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    assert Policy.load(POLICY.save(tmp_path / "policy.json")) == POLICY


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("policy_version",), 2, "policy: expected policy version 1, got 2"),
        (("views",), "x", "policy.views: expected a list, got text"),
        (("views",), None, "policy.views: expected it"),
        (("views", 1, "op"), None, "policy.views[1]: object missing required field op"),
        (("views", 1, "op"), "sepia", "view: expected an operation among"),
        (("views", 1, "dose"), "1", "policy.views[1].dose: expected a number, got text"),
        (("views", 1, "dose"), 99, "expected a dose of gamma from 0.25 to 4, got 99 (views[1]"),
        (("views", 1, "target"), "x", "views[1].target: expected a number or null, got text"),
        (("views", 1, "direction"), "left", "expected the direction up, down or none, got left"),
        (("views", 1, "strength"), 1, "policy.views[1].strength: expected no such field"),
        (("views", 1), ORIGINAL.to_dict(), "views: expected each once, got original twice"),
        (("weights",), [0.5], "weights: expected one per view (2), got 1"),
        (("weights",), [-1, 2], "weights: expected numbers of 0 or more, not all 0, got (-1.0,"),
        (("weights",), ["a", 1], "policy.weights[0]: expected a number, got text"),
        (("cells", 0, "weights"), [0, 0], "cells[0].weights: expected numbers of 0 or more"),
        (("cells", 0, "predicted"), "dent", "cells[0].predicted: expected one of the policy's"),
        (("cells", 0, "where", 0, "low"), 0.4, "cells[0].where[0]: expected a feature, and"),
        (("cells", 0, "where", 0, "feature"), None, "policy.cells[0].where[0]: object missing"),
        (("pool",), "max", "pool: expected logits or probabilities, got max"),
        (("entropy",), -1, "entropy: expected a number of 0 or more, or none, got -1"),
        (("shift",), [1], "shift: expected one per class (2), or none, got 1"),
        (("classes",), ["a", "a"], "classes: expected each once, got a, a"),
        (("output",), "odds", "output: expected logits or probabilities, got odds"),
        (("preprocessing",), {"mean": [0.5]}, "preprocessing.mean and std: expected both or"),
        (("preprocessing",), {"mean": 0, "std": [0]}, "preprocessing.std: expected finite numbers"),
        (("preprocessing",), {"mean": "x", "std": 1}, "preprocessing.mean: expected finite"),
        (("colour",), 1, "policy.colour: expected no such field"),
        (("by_true",), 1, "policy: expected weights that need no true class"),
    ],
)
def test_a_wrong_field_of_a_file_is_named(path, value, message, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(changed(path, value)))
    with pytest.raises(ResultError) as caught:
        Policy.load(file)
    assert message in str(caught.value)
    assert str(caught.value).endswith(f"{file})")


@pytest.mark.parametrize("content", [b"", b"{", b'{"weights": [NaN]}', b"\xff", b"[" * 9999, b"[]"])
def test_a_damaged_file_is_no_policy(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_bytes(content)
    with pytest.raises(ResultError, match="policy: expected a JSON"):
        Policy.load(file)


def test_numbers_that_json_cannot_hold_are_refused() -> None:
    for wrong in ({"shift": (float("nan"), 0.0)}, {"weights": (float("inf"), 1.0)}):
        with pytest.raises(OptionError, match="expected"):
            Policy(**{"views": POLICY.views, "weights": POLICY.weights} | wrong)
