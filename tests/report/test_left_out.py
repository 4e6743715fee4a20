"""What a report leaves out for lack of room it says so of; no number stands at a wrong name."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import auc, precision_recall_curve, roc_curve

from sensitivity import Analysis, analyse, compare
from sensitivity.report.content import content
from sensitivity.report.page import page
from sensitivity.report.samples import samples
from sensitivity.report.text import text


def many(seed: int) -> Analysis:
    """Seventy classes and a column."""
    rng = np.random.default_rng(seed)
    labels = np.arange(700) % 70
    given = np.where(rng.random(700) < 0.7, labels, rng.integers(0, 70, 700))
    names = [f"{i}.png" for i in range(700)]
    columns = {"hour": np.random.default_rng(9).random(700)}
    return analyse(given, labels, names, columns=columns, features=(), save_path=None)


def test_rows_that_are_left_out_are_counted() -> None:
    a, b = many(0), many(1)
    told = content(a, comparison=compare(a, b))
    written = text(told)
    assert "62 further classes have no chart here" in written.split("## hour")[1]
    assert "10 further rows are left out here." in written.split("## Overall quality")[-1]
    left = told["comparison"]["n_overall"] - len(told["comparison"]["overall"])
    assert left > 0
    assert f"{left:,} further rows" in page(told, samples(a, told["features"]))


def test_curves_are_those_of_scikit_learn_and_only_one_has_the_auc() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 300)
    scores = np.column_stack([1 - labels, labels]) + rng.normal(0, 1, (300, 2))
    names = [f"{i}.png" for i in range(300)]
    analysis = analyse(scores, labels, names, features=(), save_path=None)
    told = content(analysis)
    share = np.exp(scores[:, 1]) / np.exp(scores).sum(axis=1)
    roc, pr = (told["quality"][key][-1] for key in ("roc", "pr"))
    false, hit, _ = roc_curve(
        labels == int(roc["name"]), share if roc["name"] == "1" else 1 - share
    )
    assert roc["auc"] == pytest.approx(auc(false, hit), abs=1e-4)
    assert np.trapezoid(roc["y"], roc["x"]) == pytest.approx(auc(false, hit), abs=1e-3)
    truth = labels == int(pr["name"])
    precision, recall, _ = precision_recall_curve(truth, share if pr["name"] == "1" else 1 - share)
    for x, y in zip(pr["x"], pr["y"], strict=True):
        assert (np.abs(recall - x) + np.abs(precision - y)).min() < 2e-3
    drawn_page = page(told, samples(analysis, told["features"]))
    assert drawn_page.count("AUC 0.") == len(told["quality"]["roc"])


def test_what_was_not_tested_is_not_said_to_be_no_evidence() -> None:
    labels, names = [0, 1] * 50, [f"{i}.png" for i in range(100)]
    right = analyse(labels, labels, names, columns={"a": range(100)}, features=(), save_path=None)
    other = analyse([0] * 100, labels, names, features=(), save_path=None)
    told = content(right, comparison=compare(other, other))
    assert told["n_tested"] == 0
    written = page(told, samples(right, told["features"]))
    assert "Nothing beyond chance" not in written
    untested = "Whether the change depends on a feature was not tested."
    assert untested in written
    assert untested in text(told)


def test_a_weak_slice_is_told_before_anything_is_said_to_be_nothing() -> None:
    rng = np.random.default_rng(0)
    one, other, labels = (rng.integers(0, 2, 2000) for _ in range(3))
    # Weak where both are alike: neither feature alone tells anything.
    wrong = rng.random(2000) < np.where(one == other, 0.5, 0.1)
    analysis = analyse(
        np.where(wrong, 1 - labels, labels),
        labels,
        [f"{i}.png" for i in range(2000)],
        columns={"one": one.astype(str), "other": other.astype(str)},
        features=(),
        save_path=None,
    )
    told = content(analysis)
    assert told["slices"]["rows"]
    assert not told["findings"]
    written = page(told, samples(analysis, told["features"]))
    assert "Nothing beyond chance" not in written
    assert written.count(told["slices"]["sentence"]) == 2
