"""Outcomes: one row per image, whatever the scores are."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from sensitivity.errors import InputError
from sensitivity.inputs.multilabel import LabelSamples, read_label_samples
from sensitivity.inputs.samples import Samples
from sensitivity.outcomes import chosen_probabilities, outcome_table, probabilities

CLASSES = ("normal", "crack", "dust")


def samples_of(
    y: list[int],
    predicted: list[int],
    *,
    scores: np.ndarray | None = None,
    score_kind: str = "labels",
    classes: tuple[str, ...] = CLASSES,
) -> Samples:
    return Samples(
        task="image_classification",
        names=np.array([f"{i}.png" for i in range(len(y))], dtype=object),
        y=np.array(y, dtype=np.int64),
        predicted=np.array(predicted, dtype=np.int64),
        scores=scores,
        score_kind=score_kind,
        classes=classes,
        notes=(),
    )


def scored(n: int = 50, kind: str = "logits") -> Samples:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(n, 3)) * 4
    if kind == "probabilities":
        scores = softmax(scores, axis=1)
    y = rng.integers(0, 3, n).tolist()
    return samples_of(y, scores.argmax(axis=1).tolist(), scores=scores, score_kind=kind)


def test_a_row_says_what_happened() -> None:
    table = outcome_table(samples_of([0, 1, 2], [0, 0, 2]))
    assert table["name"].tolist() == ["0.png", "1.png", "2.png"]
    assert table["class"].tolist() == ["normal", "crack", "dust"]
    assert table["predicted"].tolist() == ["normal", "normal", "dust"]
    assert table["right"].tolist() == [True, False, True]
    assert table["kind"].tolist() == ["right", "crack > normal", "right"]
    assert table[["score", "score_true", "group"]].isna().all(axis=None)


@pytest.mark.parametrize("kind", ["logits", "probabilities"])
def test_scores_are_the_probabilities_of_the_two_classes(kind: str) -> None:
    samples = scored(kind=kind)
    table = outcome_table(samples)
    expected = softmax(samples.scores, axis=1) if kind == "logits" else samples.scores
    rows = np.arange(50)
    assert np.allclose(table["score"], expected[rows, samples.predicted], rtol=1e-6)
    assert np.allclose(table["score_true"], expected[rows, samples.y], rtol=1e-6)
    assert (table["score"] >= table["score_true"]).all()
    assert table["score"].dtype == np.float32


def test_blocks_of_rows_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = scored()
    whole = outcome_table(samples)
    monkeypatch.setattr("sensitivity.outcomes.CHUNK", 7)
    pd.testing.assert_frame_equal(whole, outcome_table(samples))


def test_order_of_the_samples_does_not_matter() -> None:
    samples = scored()
    order = np.random.default_rng(1).permutation(50)
    shuffled = Samples(
        samples.task,
        samples.names[order],
        samples.y[order],
        samples.predicted[order],
        samples.scores[order],
        samples.score_kind,
        samples.classes,
        (),
    )
    expected = outcome_table(samples).iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(outcome_table(shuffled), expected)


def test_scores_are_left_as_they_were() -> None:
    samples = scored()
    kept = samples.scores.copy()
    samples.scores.flags.writeable = False
    outcome_table(samples)
    probabilities(samples.scores, "logits")
    assert np.array_equal(samples.scores, kept)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_softmax_of_large_and_masked_logits(dtype: type) -> None:
    logits = np.array([[1000, 0, -1000], [5, -np.inf, 5], [0, 0, 0]], dtype=dtype)
    found = probabilities(logits, "logits")
    assert found.dtype == np.float64
    assert found.tolist() == [[1, 0, 0], [0.5, 0, 0.5], [pytest.approx(1 / 3)] * 3]


def test_only_the_differences_of_logits_matter() -> None:
    logits = np.random.default_rng(0).normal(size=(20, 5))
    shifted = logits + np.arange(20)[:, None]
    assert np.allclose(probabilities(logits, "logits"), probabilities(shifted, "logits"))


def test_without_scores_there_are_no_probabilities() -> None:
    called, true = chosen_probabilities(None, "labels", np.array([0, 1]), np.array([0, 0]))
    assert np.isnan([called, true]).all()


def test_names_that_read_alike_keep_their_own_class() -> None:
    classes = ("a", "b > c", "a > b", "c")
    table = outcome_table(samples_of([0, 2, 3], [1, 3, 3], classes=classes))
    assert table["kind"].tolist() == ["a > b > c", "a > b > c", "right"]
    assert table["class"].tolist() == ["a", "a > b", "c"]


@pytest.mark.parametrize(("y", "predicted"), [([0, 0], [0, 0]), ([0], [1])])
def test_one_class_or_one_sample(y: list[int], predicted: list[int]) -> None:
    table = outcome_table(samples_of(y, predicted))
    assert len(table) == len(y)
    assert table["right"].tolist() == [a == b for a, b in zip(y, predicted, strict=True)]


def test_it_can_be_stored(tmp_path) -> None:
    for groups in (None, ["m1"] * 50):
        outcome_table(scored(), groups=groups).to_parquet(tmp_path / "outcomes.parquet")
        back = pd.read_parquet(tmp_path / "outcomes.parquet")
        assert back["kind"].tolist() == outcome_table(scored())["kind"].tolist()


# Groups


class Tensor:
    def detach(self) -> "Tensor":
        return self

    def cpu(self) -> "Tensor":
        return self

    def numpy(self) -> np.ndarray:
        return np.array([7, 8, 7])


@pytest.mark.parametrize(
    "groups",
    [
        ["7", "8", "7"],
        [7, 8, 7],
        (7, 8, 7),
        np.array([7, 8, 7]),
        pd.Series([7, 8, 7], index=[3, 4, 5]),
        pd.Categorical(["7", "8", "7"]),
        pd.array([7, 8, 7], dtype="Int64"),
        Tensor(),
    ],
    ids=lambda groups: type(groups).__name__,
)
def test_groups_are_shown_as_text(groups) -> None:
    table = outcome_table(samples_of([0, 1, 2], [0, 1, 2]), groups=groups)
    assert table["group"].tolist() == ["7", "8", "7"]


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([1, 2], "groups: expected one per image, got 2 for 3 images"),
        ([1] * 1_110, "groups: expected one per image, got 1,110 for 3 images"),
        ([1, None, 2], "groups: expected a group for every image (row 1)"),
        ([1.0, 2.0, np.nan], "groups: expected a group for every image (row 2)"),
        (
            pd.Series([1, None, 2], index=[7, 8, 9]),
            "groups: expected a group for every image (row 1)",
        ),
        ("abc", "groups: expected one per image, got 'abc'"),
        (3, "groups: expected one per image, got 3"),
    ],
    ids=range(7),
)
def test_groups_that_are_none(groups, message: str) -> None:
    with pytest.raises(InputError) as caught:
        outcome_table(samples_of([0, 1, 2], [0, 1, 2]), groups=groups)
    assert str(caught.value) == message


# Several labels per image

TRUTH = [[1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 0, 1]]
SCORES = [[0.9, 0.2, 0.6], [0.3, 0.8, 0.1], [0.1, 0.2, 0.3], [0.1, 0.4, 0.5]]


def labelled(scores: object = SCORES, truth: object = TRUTH) -> LabelSamples:
    names = np.array([f"{i}.png" for i in range(len(truth))], dtype=object)
    return read_label_samples(scores, truth, names, label_map_dict=CLASSES)


def test_a_row_for_each_label_that_an_image_has_or_was_given() -> None:
    table = outcome_table(labelled(), groups=["m1", "m2", "m3", "m4"])
    assert table["name"].tolist() == ["0.png", "0.png", "1.png", "1.png", "3.png"]
    assert table["class"].tolist() == ["normal", "", "normal", "crack", "dust"]
    assert table["predicted"].tolist() == ["normal", "dust", "", "crack", "dust"]
    assert table["right"].tolist() == [True, False, False, True, True]
    assert table["kind"].tolist() == ["right", "false alarm", "missed", "right", "right"]
    assert table["score"].tolist() == pytest.approx([0.9, 0.6, 0.3, 0.8, 0.5])
    true = [0.9, np.nan, 0.3, 0.8, 0.5]
    assert table["score_true"].tolist() == pytest.approx(true, nan_ok=True)
    odds = [np.log(p / (1 - p)) for p in true]
    assert table["margin"].tolist() == pytest.approx(odds, nan_ok=True, abs=1e-6)
    assert table["group"].tolist() == ["m1", "m1", "m2", "m2", "m4"]
    assert table.index.tolist() == [0, 1, 2, 3, 4]


def test_rows_are_the_union_of_labels_and_calls() -> None:
    rng = np.random.default_rng(0)
    samples = labelled(rng.normal(size=(60, 3)) * 3, rng.random((60, 3)) < 0.3)
    table = outcome_table(samples)
    assert len(table) == (samples.truth | samples.called).sum()
    assert (table["class"] != "").sum() == samples.truth.sum()
    assert (table["predicted"] != "").sum() == samples.called.sum()
    assert (table["kind"] == "right").sum() == (samples.truth & samples.called).sum()
    assert (table["right"] == (table["kind"] == "right")).all()
    assert (table["score"][table["predicted"] != ""] >= 0.5).all()
    assert (table["score"][table["predicted"] == ""] < 0.5).all()


def test_margins_of_logits_are_the_logits() -> None:
    logits = np.array([[-60.0, 0.5, 5], [20, -3, 12]])
    table = outcome_table(labelled(logits, np.ones((2, 3), dtype=bool)))
    assert table["margin"].tolist() == pytest.approx(logits.ravel().tolist(), rel=1e-5)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_margins_of_certain_labels_are_finite(dtype: type) -> None:
    certain = np.array([[0, 1, 0.5], [1, 0, 0.25]], dtype=dtype)
    margin = outcome_table(labelled(certain, np.ones((2, 3), dtype=bool)))["margin"]
    assert np.isfinite(margin).all()
    assert margin[[0, 4]].max() < -80
    assert margin[[1, 3]].min() > 7
    assert margin[2] == 0


def test_decisions_have_no_probabilities() -> None:
    table = outcome_table(labelled([["normal"], [], ["dust"], ["dust"]]))
    assert table[["score", "score_true", "margin", "group"]].isna().all(axis=None)
    assert table["kind"].tolist() == ["right", "missed", "missed", "false alarm", "right"]


def test_images_without_labels_and_calls_make_an_empty_table(tmp_path) -> None:
    table = outcome_table(labelled(np.zeros((2, 3)), np.zeros((2, 3))), groups=["a", "b"])
    assert len(table) == 0
    for name, samples in (("some", labelled()), ("none", labelled(np.zeros((1, 3)), [[0, 0, 0]]))):
        found = outcome_table(samples)
        found.to_parquet(tmp_path / name)
        assert pd.read_parquet(tmp_path / name)["kind"].tolist() == found["kind"].tolist()


def test_groups_are_one_per_image_not_per_row() -> None:
    with pytest.raises(InputError, match="groups: expected one per image, got 5 for 4 images"):
        outcome_table(labelled(), groups=["a"] * 5)
