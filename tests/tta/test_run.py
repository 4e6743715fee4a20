"""The whole loop on data that nobody would call good: it says so, and nothing breaks."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from sensitivity import analyse
from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.errors import InputError, OptionError
from sensitivity.result import Analysis
from sensitivity.tables import NOT_ENOUGH, USE
from sensitivity.tta.logits import ViewLogits
from sensitivity.tta.run import try_remedies

VIEWS = (ORIGINAL, ViewSpec("hflip", 1.0, source="declared"))


def collected(n: int = 40, *, z: np.ndarray | None = None, names: object = None) -> ViewLogits:
    y = np.arange(n) % 2
    if z is None:
        z = np.eye(2)[y] + np.random.default_rng(0).normal(size=(2, n, 2))
    listed = tuple(f"{i}.png" for i in range(n)) if names is None else tuple(names)
    return ViewLogits(listed, y, VIEWS, np.asarray(z, dtype=np.float32), ("0", "1"))


def analysed(logits: ViewLogits) -> Analysis:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return analyse(
            logits.z[0], logits.y, list(logits.names), columns={"x": range(len(logits))},
            features=(), save_path=None,
        )  # fmt: skip


@pytest.mark.parametrize("n", [1, 2, 5, 19])
def test_a_handful_of_images_is_not_enough(n: int) -> None:
    logits = collected(n)
    settings = try_remedies(analysed(logits), logits).remedy.settings
    assert (settings["verdict"], settings["reason"]) == (NOT_ENOUGH, "too_few_images")


RIGHT = np.eye(2)[np.arange(40) % 2]


@pytest.mark.parametrize(
    "z",
    [np.zeros((2, 40, 2)), [9 * RIGHT] * 2, [-9 * RIGHT] * 2, [1e30 * RIGHT, -1e30 * RIGHT]],
    ids=["constant", "all right", "all wrong", "huge"],
)
def test_nothing_is_found_where_nothing_can_be(z) -> None:
    logits = collected(z=z)
    remedy = try_remedies(analysed(logits), logits).remedy
    assert remedy.settings["verdict"] != USE
    assert remedy.policy.is_identity


def test_names_that_are_there_twice_are_told_by_their_place() -> None:
    logits = collected(names=["a.png"] * 40)
    assert try_remedies(analysed(logits), logits).remedy.settings["n"] == 40


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda one: one.rows([]), "images of the views: expected at least one, got none"),
        (lambda one: replace(one, classes=("1", "0")), "classes of the views: expected those"),
        (lambda one: replace(one, names=("z", *one.names[1:])), "images of the views: expected"),
        (lambda one: replace(one, y=1 - one.y), r"labels of the views: .* \(0\), got 1 \(0\.png\)"),
        (lambda one: replace(one, z=-one.z), "model: expected the one, and the preprocessing"),
    ],
    ids=["none", "classes", "names", "labels", "model"],
)
def test_views_of_another_data_set_are_refused(change, message) -> None:
    logits = collected()
    with pytest.raises(InputError, match=message):
        try_remedies(analysed(logits), change(logits))


@pytest.mark.parametrize(
    "wrong",
    [
        {"objective": "recall:dent"},
        {"max_accuracy_loss": -0.1},
        {"max_accuracy_loss": float("nan")},
        {"max_passes": float("nan")},
        {"pool": "max"},
        {"gate": "always"},
        {"confidence": 2.0},
        {"rng": -1},
    ],
    ids=str,
)
def test_options_that_cannot_be(wrong) -> None:
    logits = collected()
    with pytest.raises(OptionError, match=f"{next(iter(wrong))}: expected"):
        try_remedies(analysed(logits), logits, **wrong)


def test_images_that_were_left_out_are_told() -> None:
    failures = [{"name": "<b>.png", "status": "missing", "reason": "no such file"}] * 2
    logits = replace(collected(), preprocessing={"failures": failures})
    notes = try_remedies(analysed(logits), logits).remedy.settings["notes"]
    assert notes == ["2 of 42 images could not be used; the first: <b>.png (no such file)"]
