"""Multi-label counts and scores: laws, scikit-learn, and the bootstrap."""

import numpy as np
import pytest
from sklearn import metrics as reference

from sensitivity.metrics.classification import Confusion, cells, confusion_counts
from sensitivity.metrics.multilabel import label_counts, label_rates, label_scores


def images(n: int = 400, n_labels: int = 5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels of 10 to 50 per cent, of which a tenth is wrong; the same images err in several."""
    rng = np.random.default_rng(seed)
    truth = rng.random((n, n_labels)) < np.linspace(0.1, 0.5, n_labels)
    hard = rng.random((n, 1)) < 0.25
    return truth, truth ^ (hard & (rng.random((n, n_labels)) < 0.4))


def bins_of(n: int = 400) -> np.ndarray:
    return np.random.default_rng(9).integers(-1, 4, n).astype(np.int32)


# Counts


def test_counts_are_scikit_learns_bin_by_bin() -> None:
    (truth, called), codes = images(), bins_of()
    counts = label_counts(truth, called, codes, 4)
    assert counts.dtype == np.int64
    for k in range(4):
        rows = codes == k
        expected = reference.multilabel_confusion_matrix(truth[rows], called[rows])
        assert np.array_equal(counts[k], expected)


def test_a_labels_counts_are_the_confusion_of_a_binary_problem() -> None:
    (truth, called), codes = images(), bins_of()
    counts = label_counts(truth, called, codes, 4)
    for label in range(5):
        y, predicted = truth[:, label].astype(np.int64), called[:, label].astype(np.int64)
        assert np.array_equal(counts[:, label], confusion_counts(y, predicted, 2, codes, 4).table())
    table = counts[:, 2]
    pooled = Confusion.of(table.sum(axis=0))
    found = cells(Confusion.of(table), pooled=pooled, prior=np.array([0.7, 0.3]))
    for rate, cell in zip(
        label_rates(table), (found.recall, found.precision, found.f1), strict=True
    ):
        assert np.allclose(rate, cell[:, 1])


def test_counts_add_up_and_know_no_order() -> None:
    (truth, called), codes = images(), bins_of()
    codes[codes < 0] = 0
    counts = label_counts(truth, called, codes, 4)
    assert np.array_equal(counts.sum(axis=0), label_counts(truth, called)[0])
    assert (counts.sum(axis=(0, 2, 3)) == 400).all()
    order = np.random.default_rng(1).permutation(400)
    shuffled = label_counts(truth[order], called[order], codes[order], 4)
    assert np.array_equal(shuffled, counts)


def test_blocks_of_rows_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    (truth, called), codes = images(), bins_of()
    counts, scores = label_counts(truth, called, codes, 4), label_scores(truth, called)
    monkeypatch.setattr("sensitivity.metrics.multilabel.ROWS", 7)
    assert np.array_equal(label_counts(truth, called, codes, 4), counts)
    assert label_scores(truth, called) == scores


def test_counting_changes_no_input() -> None:
    truth, called = images()
    for array in (truth, called):
        array.flags.writeable = False
    label_counts(truth, called, bins_of(), 4)
    label_scores(truth, called)


def test_no_images_count_zero() -> None:
    nothing = np.zeros((0, 3), dtype=bool)
    assert (
        label_counts(nothing, nothing, np.zeros(0, np.int32), 2).tolist()
        == [[[[0, 0]] * 2] * 3] * 2
    )
    assert label_counts(*images(), np.full(400, -1), 2).sum() == 0


# Rates


def test_rates_are_scikit_learns() -> None:
    truth, called = images()
    expected = reference.precision_recall_fscore_support(truth, called)
    recall, precision, f1 = label_rates(label_counts(truth, called)[0])
    assert np.allclose([precision, recall, f1], expected[:3])


def test_a_label_that_does_not_occur_has_no_rate() -> None:
    counts = np.array([[[9, 0], [0, 0]], [[7, 2], [0, 0]], [[7, 0], [2, 0]]])
    recall, precision, f1 = label_rates(counts)
    assert np.isnan(recall).tolist() == [True, True, False]
    assert np.isnan(precision).tolist() == [True, False, True]
    assert np.isnan(f1).tolist() == [True, False, False]
    assert f1[1] == f1[2] == 0


# The whole set


def test_scores_are_scikit_learns() -> None:
    truth, called = images()
    found = label_scores(truth, called)
    assert found.accuracy == pytest.approx(1 - reference.hamming_loss(truth, called))
    assert found.macro_f1 == pytest.approx(reference.f1_score(truth, called, average="macro"))
    assert found.exact_match == pytest.approx(reference.accuracy_score(truth, called))
    assert (found.n, found.n_exact) == (400, round(400 * found.exact_match))


def test_twice_the_images_keep_the_values_and_halve_the_variances() -> None:
    truth, called = images()
    once = label_scores(truth, called)
    twice = label_scores(np.tile(truth, (2, 1)), np.tile(called, (2, 1)))
    for name in ("accuracy", "macro_f1", "exact_match"):
        assert getattr(twice, name) == pytest.approx(getattr(once, name))
    assert twice.accuracy_variance == pytest.approx(once.accuracy_variance / 2, rel=0.01)
    assert twice.macro_f1_variance == pytest.approx(once.macro_f1_variance / 2)


def test_variances_are_those_of_a_bootstrap_over_images() -> None:
    truth, called = images(n=1_500)
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(300):
        rows = rng.integers(0, 1_500, 1_500)
        scores = label_scores(truth[rows], called[rows])
        drawn.append((scores.accuracy, scores.macro_f1))
    accuracy, macro = np.var(drawn, axis=0)
    found = label_scores(truth, called)
    assert found.accuracy_variance == pytest.approx(accuracy, rel=0.25)
    assert found.macro_f1_variance == pytest.approx(macro, rel=0.25)
    pairs = found.accuracy * (1 - found.accuracy) / truth.size
    assert found.accuracy_variance > 1.5 * pairs  # errors of one image come together


def test_labels_that_do_not_occur_are_not_in_macro_f1() -> None:
    truth, called = images()
    nothing = np.zeros((400, 2), dtype=bool)
    padded = label_scores(np.hstack([truth, nothing]), np.hstack([called, nothing]))
    plain = label_scores(truth, called)
    assert padded.macro_f1 == pytest.approx(plain.macro_f1)
    assert padded.macro_f1_variance == pytest.approx(plain.macro_f1_variance)
    assert padded.accuracy > plain.accuracy


def test_scores_of_nothing_and_of_little() -> None:
    none = label_scores(np.zeros((0, 2), dtype=bool), np.zeros((0, 2), dtype=bool))
    assert none.n == none.n_exact == 0
    assert np.isnan([none.accuracy, none.macro_f1, none.exact_match]).all()
    one = label_scores(np.array([[True, False]]), np.array([[True, True]]))
    assert (one.accuracy, one.macro_f1, one.n_exact) == (0.5, 0.5, 0)
    assert np.isnan([one.accuracy_variance, one.macro_f1_variance]).all()
    unlabelled = label_scores(np.zeros((3, 2), dtype=bool), np.zeros((3, 2), dtype=bool))
    assert unlabelled.accuracy == unlabelled.exact_match == 1
    assert np.isnan([unlabelled.macro_f1, unlabelled.macro_f1_variance]).all()
