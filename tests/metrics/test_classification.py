"""Cells from counts: laws, scikit-learn, the formulas written out, and simulated truths."""

from collections.abc import Sequence

import numpy as np
import pytest
from sklearn import metrics as reference

from sensitivity.metrics.classification import (
    Cells,
    Confusion,
    accuracy_cells,
    cells,
    confusion_counts,
    f1_variance,
)
from sensitivity.metrics.macro import macro_bootstrap, macro_scores

FIELDS = ("recall", "precision", "f1", "f1_star", "f1_star_variance")


def samples(n: int = 900, n_classes: int = 4, n_bins: int = 5, seed: int = 0) -> tuple:
    """Random samples in bins, the last class rare, some samples in no bin."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_classes, n)
    y[rng.random(n) < 0.2] = 0
    predicted = np.where(rng.random(n) < 0.7, y, rng.integers(0, n_classes, n))
    return y, predicted, rng.integers(-1, n_bins, n).astype(np.int32)


def random_counts(seed: int = 0, *, n_bins: int = 3, n_classes: int = 4) -> np.ndarray:
    """Tables with full, empty and never-called classes."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(4, (n_bins, n_classes, n_classes)) + 12 * np.eye(n_classes, dtype=int)
    counts[0, 1] = 0  # a class that the first bin does not have
    counts[1, :, 2] = 0  # a class that is never called in the second
    return counts


def shares(counts: np.ndarray) -> np.ndarray:
    n = counts.sum(axis=(0, 2))
    return n / n.sum()


def found_in(counts: np.ndarray, prior: Sequence[float] | None = None) -> Cells:
    prior = shares(counts) if prior is None else np.asarray(prior, dtype=float)
    return metrics_of(counts, counts.sum(axis=0), prior)


def metrics_of(counts: np.ndarray, pooled: np.ndarray, prior: np.ndarray) -> Cells:
    return cells(Confusion.of(counts), pooled=Confusion.of(pooled), prior=prior)


# Counting


def test_counts_are_scikit_learns_bin_by_bin() -> None:
    y, predicted, codes = samples()
    counts = confusion_counts(y, predicted, 4, codes, 5).table()
    assert counts.dtype == np.int64
    for k in range(5):
        rows = codes == k
        expected = reference.confusion_matrix(y[rows], predicted[rows], labels=range(4))
        assert np.array_equal(counts[k], expected)


def test_counts_add_up_over_bins() -> None:
    y, predicted, codes = samples()
    codes[codes < 0] = 0
    apart = confusion_counts(y, predicted, 4, codes, 5).table()
    assert np.array_equal(apart.sum(axis=0), confusion_counts(y, predicted, 4).table()[0])


def test_counting_knows_no_order_and_changes_no_input() -> None:
    y, predicted, codes = samples()
    kept = y.copy(), predicted.copy(), codes.copy()
    order = np.random.default_rng(1).permutation(len(y))
    straight = confusion_counts(y, predicted, 4, codes, 5).table()
    shuffled = confusion_counts(y[order], predicted[order], 4, codes[order], 5).table()
    assert np.array_equal(straight, shuffled)
    for now, before in zip((y, predicted, codes), kept, strict=True):
        assert np.array_equal(now, before)


def test_bins_and_classes_without_samples_count_zero() -> None:
    counts = confusion_counts(
        np.array([1]), np.array([0]), 3, np.array([2], dtype=np.int32), 4
    ).table()
    assert counts.shape == (4, 3, 3)
    assert counts.sum() == counts[2, 1, 0] == 1
    nothing = np.empty(0, dtype=np.int64)
    assert confusion_counts(nothing, nothing, 3).table().tolist() == np.zeros((1, 3, 3)).tolist()


# Laws of the cells


def test_twice_the_samples_keep_the_values_and_halve_the_variance() -> None:
    counts = 10 * random_counts() + 1
    once, twice = found_in(counts), found_in(2 * counts)
    for field in FIELDS[:4]:
        assert np.allclose(getattr(once, field), getattr(twice, field), rtol=1e-14)
    ratio = twice.f1_star_variance / once.f1_star_variance
    assert ((ratio > 0.4) & (ratio < 0.501)).all()  # less where half a count mattered


def test_relabelling_the_classes_permutes_the_columns() -> None:
    counts = random_counts()
    order = np.array([2, 0, 3, 1])
    plain, moved = found_in(counts), found_in(counts[:, order][:, :, order])
    for field in (*FIELDS, "hits", "n", "called"):
        expected = getattr(plain, field)[:, order]
        assert np.allclose(getattr(moved, field), expected, rtol=1e-12, equal_nan=True)


def test_a_bin_does_not_depend_on_the_others() -> None:
    counts = random_counts()
    pooled, prior = counts.sum(axis=0), shares(counts)
    together = metrics_of(counts, pooled, prior)
    for k in range(len(counts)):
        alone = metrics_of(counts[k : k + 1], pooled, prior)
        for field in FIELDS:
            assert np.array_equal(
                getattr(alone, field)[0], getattr(together, field)[k], equal_nan=True
            )


@pytest.mark.parametrize("n_classes", [1, 2, 4, 30])
def test_the_whole_set_at_its_own_mix_shows_its_plain_f1(n_classes: int) -> None:
    counts = random_counts(n_classes=max(n_classes, 4))[2:, :n_classes, :n_classes]
    found = found_in(counts)
    assert np.allclose(found.f1_star, found.f1, rtol=1e-14)


def test_more_samples_of_a_class_move_f1_but_not_f1_at_an_equal_mix() -> None:
    counts = random_counts()[1:]
    heavier = counts.copy()
    heavier[0, 3] *= 7
    prior, pooled = shares(counts), counts.sum(axis=0)
    before = metrics_of(counts, pooled, prior)
    after = metrics_of(heavier, pooled, prior)
    assert np.allclose(before.f1_star, after.f1_star, rtol=1e-14)
    assert np.abs(before.f1 - after.f1)[0].max() > 0.05


def test_values_lie_between_0_and_1() -> None:
    for seed in range(20):
        found = found_in(random_counts(seed) // 4)
        for field in FIELDS[:4]:
            value = getattr(found, field)
            assert ((value >= 0) & (value <= 1) | np.isnan(value)).all()
        assert (found.f1_star_variance[found.n > 0] > 0).all()


def test_more_true_positives_are_better() -> None:
    counts = np.array([[[90, 10], [20, 30]], [[90, 10], [10, 40]], [[90, 10], [0, 50]]])
    found = metrics_of(counts, counts.sum(axis=0), np.array([0.7, 0.3]))
    for field in FIELDS[:4]:
        assert (np.diff(getattr(found, field)[:, 1]) > 0).all()


# Independent references


@pytest.mark.parametrize("n_classes", [1, 2, 4, 12])
def test_recall_precision_and_f1_are_scikit_learns(n_classes: int) -> None:
    y, predicted, codes = samples(300, n_classes)
    found = found_in(confusion_counts(y, predicted, n_classes, codes, 5).table())
    for k in range(5):
        rows = codes == k
        precision, recall, f1, n = reference.precision_recall_fscore_support(
            y[rows], predicted[rows], labels=range(n_classes), zero_division=np.nan
        )
        assert np.allclose(found.precision[k], precision, rtol=1e-14, equal_nan=True)
        assert np.allclose(found.recall[k], recall, rtol=1e-14, equal_nan=True)
        assert np.allclose(found.f1[k], f1, rtol=1e-14, equal_nan=True)
        assert np.array_equal(found.n[k], n)


def by_the_formulas(counts: np.ndarray, pooled: np.ndarray, prior: np.ndarray, c: int) -> tuple:
    """F1 at an equal class mix and its variance in one bin, one class at a time."""
    n_classes = len(prior)
    if not counts[c].sum():
        return np.nan, np.nan
    rate, n = np.zeros((n_classes, n_classes)), np.zeros(n_classes)
    for y in range(n_classes):
        row = counts[y] if counts[y].sum() else pooled[y]
        n[y] = row.sum()
        rate[y] = row / n[y] if n[y] else 0
    call_rate = sum(prior[y] * rate[y, c] for y in range(n_classes))
    star = 2 * prior[c] * rate[c, c] / (prior[c] + call_rate)
    smoothed = (counts[c, c] + 0.5) / (counts[c].sum() + 1)
    others = [y for y in range(n_classes) if y != c]
    first = prior[c] ** 2 * (2 - star) ** 2 * smoothed * (1 - smoothed) / counts[c].sum()
    second = sum(prior[y] ** 2 * rate[y, c] * (1 - rate[y, c]) / n[y] for y in others if n[y])
    third = 0.5 * (sum(prior[y] for y in others) / sum(n[y] for y in others)) ** 2
    return star, (first + star**2 * (second + third)) / (prior[c] + call_rate) ** 2


@pytest.mark.parametrize("seed", range(5))
def test_f1_at_an_equal_mix_by_the_formulas(seed: int) -> None:
    counts = random_counts(seed)
    counts[2, 3] = 0
    counts[:, 0] *= seed > 0  # a class of no sample at all
    pooled = counts.sum(axis=0)
    prior = np.array([0.0 if seed == 0 else 0.1, 0.2, 0.3, 0.5 if seed == 0 else 0.4])
    found = metrics_of(counts, pooled, prior)
    for k in range(3):
        for c in range(4):
            expected = by_the_formulas(counts[k], pooled, prior, c)
            actual = found.f1_star[k, c], found.f1_star_variance[k, c]
            assert np.allclose(actual, expected, rtol=1e-12, equal_nan=True)


# Empty cells


def test_what_a_class_without_samples_or_calls_is() -> None:
    nothing, only_called, never_called = 2, 1, 0
    counts = np.array([[[0, 5, 0], [0, 0, 0], [0, 0, 0]]])
    found = metrics_of(counts, counts[0], np.array([1.0, 0, 0]))
    assert found.recall[0, never_called] == 0
    assert found.f1[0, never_called] == 0
    assert np.isnan(found.precision[0, never_called])
    assert found.f1_star[0, never_called] == 0
    assert np.isnan(found.recall[0, only_called])
    assert found.precision[0, only_called] == 0
    assert found.f1[0, only_called] == 0
    assert np.isnan(found.f1_star[0, only_called])
    for field in FIELDS:
        assert np.isnan(getattr(found, field)[0, nothing])


def test_a_class_that_the_bin_lacks_takes_part_with_the_rates_of_the_whole_set() -> None:
    pooled = np.array([[80, 20], [10, 90]])
    counts = np.array([[[0, 0], [4, 36]]])
    found = metrics_of(counts, pooled, np.array([0.5, 0.5]))
    assert found.f1_star[0, 1] == pytest.approx(2 * 0.5 * 0.9 / (0.5 + 0.5 * 0.9 + 0.5 * 0.2))
    assert found.f1[0, 1] == pytest.approx(72 / 76)  # which no false positive can lower


def test_one_class_only_is_always_right_and_never_certain() -> None:
    found = metrics_of(np.array([[[7]]]), np.array([[7]]), np.array([1.0]))
    assert found.recall == found.precision == found.f1 == found.f1_star == 1
    assert 0 < found.f1_star_variance < 1


def test_no_bins() -> None:
    found = metrics_of(np.zeros((0, 2, 2), dtype=int), np.eye(2, dtype=int), np.full(2, 0.5))
    assert found.f1_star.shape == (0, 2)


def test_a_thousand_classes() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 1_000, 20_000)
    predicted = np.where(rng.random(20_000) < 0.8, y, rng.integers(0, 1_000, 20_000))
    counts = confusion_counts(y, predicted, 1_000, np.arange(20_000) % 2, 2).table()
    found = found_in(counts)
    assert found.f1_star.shape == (2, 1_000)
    assert found.n.sum() == 20_000
    assert np.nanmean(found.f1_star) == pytest.approx(0.8, abs=0.01)


# Simulated truths


def binary_draws(rng, n_draws: int, n: int, prevalence: float, recall: float, fpr: float):
    """Tables of one bin each, its number of positives fixed."""
    positives = round(n * prevalence)
    hits = rng.binomial(positives, recall, n_draws)
    alarms = rng.binomial(n - positives, fpr, n_draws)
    rows = [[n - positives - alarms, alarms], [positives - hits, hits]]
    return np.moveaxis(np.array(rows), 2, 0)


def test_f1_follows_the_class_mix_and_f1_at_an_equal_mix_does_not() -> None:
    # Derived: with recall .80 and false-positive rate .05 at share .30 F1 is .835.
    prior = np.array([0.7, 0.3])
    for seed, (prevalence, raw) in enumerate(((0.6, 0.873), (0.3, 0.835), (0.08, 0.674))):
        rng = np.random.default_rng(seed)
        counts = binary_draws(rng, 5_000, 200, prevalence, 0.8, 0.05)
        found = metrics_of(counts, counts.sum(axis=0), prior)
        assert found.f1[:, 1].mean() == pytest.approx(raw, abs=0.005)
        assert found.f1_star[:, 1].mean() == pytest.approx(0.835, abs=0.005)


@pytest.mark.parametrize(("recall", "fpr"), [(0.8, 0.05), (0.6, 0.1), (0.9, 0.02)])
def test_variance_of_f1_at_an_equal_mix_is_that_of_repeated_draws(
    recall: float, fpr: float
) -> None:
    counts = binary_draws(np.random.default_rng(0), 4_000, 400, 0.2, recall, fpr)
    found = metrics_of(counts, counts.sum(axis=0), np.array([0.7, 0.3]))
    for c in range(2):
        drawn = found.f1_star[:, c].var()
        assert found.f1_star_variance[:, c].mean() == pytest.approx(drawn, rel=0.1)


@pytest.mark.parametrize(("n", "tolerance"), [(200, 0.08), (2_000, 0.05)])
@pytest.mark.parametrize(("recall", "fpr"), [(0.85, 0.05), (0.6, 0.1)])
def test_variance_of_f1_is_that_of_repeated_draws(
    n: int, tolerance: float, recall: float, fpr: float
) -> None:
    rng = np.random.default_rng(0)
    positives = rng.binomial(n, 0.3, 20_000)
    hits = rng.binomial(positives, recall)
    called = hits + rng.binomial(n - positives, fpr)
    f1 = 2 * hits / (positives + called)
    expected = f1_variance(hits, positives, called).mean()
    assert expected == pytest.approx(f1.var(), rel=tolerance)


# Variances, accuracy


def test_variance_of_f1_by_its_formula() -> None:
    hits, n, called = np.array([80, 0, 10]), np.array([100, 5, 10]), np.array([90, 0, 10])
    jaccard = (hits + 0.5) / (n + called - hits + 1)
    f1 = 2 * jaccard / (1 + jaccard)
    expected = f1 * (1 - f1) * (2 - f1) / (n + called)
    assert np.allclose(f1_variance(hits, n, called), expected, rtol=1e-14)
    assert (f1_variance(hits, n, called) > 0).all()
    assert np.isnan(f1_variance(np.array([0]), np.array([0]), np.array([0])))


def test_accuracy_is_scikit_learns() -> None:
    y, predicted, codes = samples()
    right, n, accuracy, variance = accuracy_cells(confusion_counts(y, predicted, 4, codes, 5))
    for k in range(5):
        rows = codes == k
        assert accuracy[k] == pytest.approx(reference.accuracy_score(y[rows], predicted[rows]))
        assert (right[k], n[k]) == ((y == predicted)[rows].sum(), rows.sum())
    p = (right + 0.5) / (n + 1)
    assert np.allclose(variance, p * (1 - p) / n, rtol=1e-14)


def test_accuracy_of_an_empty_bin_is_undefined() -> None:
    right, n, accuracy, variance = accuracy_cells(Confusion.of(np.zeros((1, 2, 2), dtype=int)))
    assert (right[0], n[0]) == (0, 0)
    assert np.isnan([accuracy[0], variance[0]]).all()


# Macro scores


@pytest.mark.parametrize("seed", range(4))
def test_macro_scores_are_scikit_learns(seed: int) -> None:
    y, predicted, _ = samples(60, 8, seed=seed)
    predicted[y == 3] = 5
    y[y == 3] = 2
    balanced, macro = macro_scores(confusion_counts(y, predicted, 8))
    assert macro == pytest.approx(reference.f1_score(y, predicted, average="macro"))
    recall = reference.recall_score(y, predicted, average="macro", labels=np.unique(y))
    assert balanced == pytest.approx(recall)


def test_macro_scores_of_nothing_are_undefined() -> None:
    nothing = Confusion.of(np.zeros((2, 2), dtype=int))
    assert np.isnan(macro_scores(nothing)).all()
    assert np.isnan(macro_bootstrap(nothing, rng=np.random.default_rng(0))).all()


def test_bootstrap_of_the_table_is_that_of_the_samples() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 400)
    predicted = np.where(rng.random(400) < 0.75, y, rng.integers(0, 3, 400))
    scores = np.empty((2_000, 2))
    for draw in range(len(scores)):
        rows = rng.integers(0, 400, 400)
        table = np.zeros((3, 3))
        np.add.at(table, (y[rows], predicted[rows]), 1)
        n, called, hits = table.sum(axis=1), table.sum(axis=0), np.diag(table)
        scores[draw] = (hits / n).mean(), (2 * hits / (n + called)).mean()
    expected = np.quantile(scores, [0.025, 0.975], axis=0).T
    counts = confusion_counts(y, predicted, 3)
    found = macro_bootstrap(counts, rng=np.random.default_rng(1), draws=4_000)
    assert np.allclose(found, expected, atol=0.006)


def test_bootstrap_is_reproducible_and_narrows_and_widens() -> None:
    table = random_counts()[2]
    counts = Confusion.of(table)
    first, again = (macro_bootstrap(counts, rng=np.random.default_rng(0)) for _ in range(2))
    assert first == again
    larger = macro_bootstrap(Confusion.of(16 * table), rng=np.random.default_rng(0))
    surer = macro_bootstrap(counts, rng=np.random.default_rng(0), confidence=0.99)
    for score in range(2):
        width = np.ptp(first[score])
        assert np.ptp(larger[score]) == pytest.approx(width / 4, rel=0.15)
        assert np.ptp(surer[score]) > width
        value = macro_scores(counts)[score]
        assert first[score][0] < value < first[score][1]


def test_bootstrap_leaves_the_counts_alone() -> None:
    counts = Confusion.of(random_counts()[2])
    kept = counts.samples.copy()
    macro_bootstrap(counts, rng=np.random.default_rng(0), draws=3)
    assert np.array_equal(counts.samples, kept)
