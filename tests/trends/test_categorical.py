"""Tests of categorical features: Pearson, Cochran-Mantel-Haenszel, loops, and all ways."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import scipy.stats
from statsmodels.stats.contingency_tables import StratifiedTable

from sensitivity.stats.dependence import clusters
from sensitivity.stats.ranks import within_ranks
from sensitivity.stats.scores import Responses, responses
from sensitivity.trends import categorical
from sensitivity.trends.categorical import (
    FEW_PER_CATEGORY,
    Table,
    categorical_rows,
    homogeneity_p,
    inverses,
    quadratic_forms,
)
from sensitivity.trends.numeric import numeric_rows
from sensitivity.trends.rows import Rows


def drawn(seed: int = 0, n: int = 900, n_classes: int = 3, n_categories: int = 4, recall=0.7):
    """Predictions sorted by class, categories whose mix differs by class, and groups."""
    rng = np.random.default_rng(seed)
    y = np.sort(rng.integers(n_classes, size=n))
    other = (y + rng.integers(1, n_classes, size=n)) % n_classes
    given = responses(y, np.where(rng.random(n) < recall, y, other), n_classes)
    shifted = rng.integers(n_categories, size=n) + rng.integers(2, size=n) * (y % 2)
    codes = np.minimum(shifted, n_categories - 1)
    return given, codes, rng.integers(40, size=n)


def rows_of(codes: np.ndarray, given: Responses, groups=None, seed: int = 0) -> Rows:
    by = None if groups is None else clusters(groups, given)
    return categorical_rows(codes, given, clusters=by, seed=seed)


def p_of(rows: Rows) -> np.ndarray:
    return np.concatenate([rows.p_recall, rows.p_fpr[1:]])


def pearson(happened: np.ndarray, codes: np.ndarray) -> tuple[float, int]:
    """χ² of scipy, times (n - 1) / n: the variance here is that of sampling without return."""
    table = np.zeros((2, codes.max() + 1))
    np.add.at(table, (happened.astype(int), codes), 1)
    found = scipy.stats.chi2_contingency(table[:, table.any(axis=0)], correction=False)
    return found.statistic * (len(codes) - 1) / len(codes), found.dof


def stratified(happened: np.ndarray, strata: np.ndarray, codes: np.ndarray) -> float:
    """P of the generalised Mantel-Haenszel test, stratum by stratum."""
    n_categories = codes.max() + 1
    excess, covariance = np.zeros(n_categories), np.zeros((n_categories, n_categories))
    for stratum in np.unique(strata):
        mine = strata == stratum
        n, events = mine.sum(), happened[mine].sum()
        held = np.bincount(codes[mine], minlength=n_categories)
        seen = np.bincount(codes[mine & happened], minlength=n_categories)
        excess += seen - events * held / n
        scale = events * (n - events) / (n * (n - 1))
        covariance += scale * (np.diag(held) - np.outer(held, held) / n)
    kept = slice(0, n_categories - 1)
    chi2 = excess[kept] @ np.linalg.solve(covariance[kept, kept], excess[kept])
    return float(scipy.stats.chi2.sf(chi2, n_categories - 1))


# Many events


def test_recall_is_pearsons_chi2_within_the_class() -> None:
    given, codes, _ = drawn()
    rows = rows_of(codes, given)
    for c in range(3):
        mine = given.by.codes == c
        statistic, df = pearson(given.predicted[mine] == c, codes[mine])
        assert rows.p_recall[c + 1] == pytest.approx(scipy.stats.chi2.sf(statistic, df), rel=1e-9)


def test_a_category_that_a_class_lacks_takes_no_part_there() -> None:
    given, codes, groups = drawn(13)
    codes = np.where((given.by.codes == 1) & (codes == 0), 3, codes)
    mine = given.by.codes == 1
    statistic, df = pearson(given.predicted[mine] == 1, codes[mine])
    assert df == 2
    assert rows_of(codes, given).p_recall[2] == pytest.approx(scipy.stats.chi2.sf(statistic, df))
    alone = responses(np.zeros(mine.sum(), dtype=int), (given.predicted[mine] != 1).astype(int), 2)
    assert rows_of(codes, given, groups).p_recall[2] == pytest.approx(
        rows_of(codes[mine] - 1, alone, np.r_[groups[mine]]).p_recall[1], abs=0.05
    )


def test_false_positives_of_two_classes_are_pearsons_chi2() -> None:
    given, codes, _ = drawn(1, n_classes=2)
    rows = rows_of(codes, given)
    for c in range(2):
        mine = given.by.codes != c
        statistic, df = pearson(given.predicted[mine] == c, codes[mine])
        assert rows.p_fpr[c + 1] == pytest.approx(scipy.stats.chi2.sf(statistic, df), rel=1e-9)


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_stratified_tests_are_generalised_mantel_haenszel(n_classes: int) -> None:
    given, codes, _ = drawn(2, n=1500, n_classes=n_classes)
    rows = rows_of(codes, given)
    y, predicted = given.by.codes, given.predicted
    assert rows.p_recall[0] == pytest.approx(stratified(predicted == y, y, codes), rel=1e-9)
    for c in range(n_classes):
        others = y != c
        expected = stratified((predicted == c)[others], y[others], codes[others])
        assert rows.p_fpr[c + 1] == pytest.approx(expected, rel=1e-9)


def test_two_categories_over_all_classes_are_statsmodels_mantel_haenszel() -> None:
    given, codes, _ = drawn(3, n_categories=2)
    y, right = given.by.codes, given.predicted == given.by.codes
    tables = np.zeros((2, 2, 3))
    np.add.at(tables, (right.astype(int), codes, y), 1)
    expected = StratifiedTable(tables).test_null_odds(correction=False).pvalue
    assert rows_of(codes, given).p_recall[0] == pytest.approx(expected, rel=1e-9)


def test_two_categories_are_a_feature_of_two_values() -> None:
    given, codes, _ = drawn(4, n_categories=2)
    numeric = numeric_rows(
        [within_ranks(codes.astype(float), given.by)], given, clusters=None, margin=None, seed=0
    )[0]
    rows = rows_of(codes, given)
    np.testing.assert_allclose(rows.p_recall, numeric.p_recall, rtol=1e-9)
    np.testing.assert_allclose(rows.p_fpr, numeric.p_fpr, rtol=1e-9)


def test_there_is_no_trend() -> None:
    given, codes, _ = drawn()
    rows = rows_of(codes, given)
    for name in ("z_recall", "z_fpr", "z_f1", "z_shape", "p_f1", "p_shape", "change", "auc"):
        assert np.isnan(getattr(rows, name)).all()
    assert np.isnan(rows.p_fpr[0])


def test_names_and_order_of_the_categories_do_not_matter() -> None:
    given, codes, groups = drawn(5)
    other = np.array([2, 0, 3, 1])[codes]
    np.testing.assert_allclose(p_of(rows_of(other, given)), p_of(rows_of(codes, given)), rtol=1e-9)
    np.testing.assert_allclose(
        p_of(rows_of(other, given, groups)), p_of(rows_of(codes, given, groups)), rtol=1e-9
    )


@pytest.mark.parametrize("recall", [0.7, 0.97])
@pytest.mark.parametrize("grouped", [False, True])
def test_order_of_the_samples_does_not_matter(recall: float, grouped: bool) -> None:
    given, codes, groups = drawn(6, n=400, recall=recall)
    order = np.lexsort((np.random.default_rng(0).permutation(400), given.by.codes))
    again = responses(given.by.codes[order], given.predicted[order], 3)
    one = rows_of(codes, given, groups if grouped else None)
    two = rows_of(codes[order], again, groups[order] if grouped else None)
    np.testing.assert_allclose(p_of(two), p_of(one), rtol=1e-9)
    np.testing.assert_allclose(two.error, one.error, rtol=1e-9)


def test_a_shift_of_the_mix_alone_is_not_seen() -> None:
    """Categories that follow the class, predictions that do not follow the categories."""
    p = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        y = np.sort(rng.integers(2, size=200))
        right = rng.random(200) < np.where(y, 0.9, 0.6)
        given = responses(y, np.where(right, y, 1 - y), 2)
        p.append(rows_of(np.where(rng.random(200) < 0.9, y, 1 - y), given).p_recall[0])
    assert scipy.stats.kstest(p, "uniform").pvalue > 0.001


def test_error_is_that_of_one_category_against_the_rest() -> None:
    given, _, _ = drawn(7, n_classes=2)
    codes = np.random.default_rng(1).choice(3, len(given.predicted), p=[0.5, 0.3, 0.2])
    rows = rows_of(codes, given)
    for c in range(2):
        mine = given.by.codes == c
        n, inside = mine.sum(), (codes[mine] == 1).sum()
        recall = given.recall[c]
        expected = recall * (1 - recall) * n / (n - 1) * (1 / inside + 1 / (n - inside))
        assert rows.error[c + 1] == pytest.approx(np.sqrt(expected), rel=1e-6)


# Few events


def every_chi2(codes: np.ndarray, events: int) -> tuple[np.ndarray, np.ndarray]:
    """χ² of all ways in which events fall on samples, and the categories they fall in."""
    n, k = len(codes), codes.max() + 1
    held = np.bincount(codes)
    ways = np.array([codes[list(chosen)] for chosen in combinations(range(n), events)])
    counts = (ways[:, :, None] == np.arange(k)).sum(axis=1)
    expected = events * held / n
    # The Pearson statistic of 2 × K tables with these margins.
    return ((counts - expected) ** 2 / (expected * (1 - events / n))).sum(axis=1), ways


@pytest.mark.parametrize("events", [1, 2, 3])
def test_p_of_few_events_is_that_of_all_ways(events: int) -> None:
    codes = np.array([0] * 6 + [1] * 4 + [2] * 2)
    y = np.zeros(12, dtype=int)
    every, ways = every_chi2(codes, events)
    for fallen in {tuple(sorted(way)) for way in ways.tolist()}:
        predicted, free = y.copy(), {k: list(np.flatnonzero(codes == k)) for k in range(3)}
        for category in fallen:
            predicted[free[category].pop()] = 1
        given = responses(y, predicted, 2)
        observed = every[[tuple(sorted(way)) == fallen for way in ways.tolist()]][0]
        as_far = np.isclose(every, observed)
        expected = ((every > observed) & ~as_far).mean() + 0.5 * as_far.mean()
        found = [rows_of(codes, given, seed=seed).p_recall for seed in range(20)]
        np.testing.assert_allclose(np.mean(found, axis=0)[:2], expected, atol=0.03)


def test_few_false_calls_are_simulated_from_the_classes_that_they_come_from() -> None:
    """Class 2 gets one call from each other class: 12 · 8 ways."""
    codes = np.array([0] * 9 + [1] * 3 + [0] * 2 + [1] * 6 + [0] * 4 + [1] * 4)
    y = np.repeat([0, 1, 2], [12, 8, 8])
    predicted = y.copy()
    predicted[[11, 19]] = 2
    given = responses(y, predicted, 3)
    n_in_1 = np.add.outer(codes[:12], codes[12:20]).ravel()
    distance = np.abs(n_in_1 - (3 / 12 + 6 / 8))
    observed = 2 - (3 / 12 + 6 / 8)
    expected = (distance > observed).mean() + 0.5 * (distance == observed).mean()
    found = [rows_of(codes, given, seed=seed).p_fpr[3] for seed in range(20)]
    assert np.mean(found) == pytest.approx(expected, abs=0.03)


def test_few_means_few_per_category() -> None:
    given, codes, _ = drawn(8, n=600, n_categories=8, recall=0.83)
    errors = given.n - given.hits
    assert ((errors > 10) & (errors < FEW_PER_CATEGORY * 8)).all()
    first, second = (rows_of(codes, given, seed=seed) for seed in (0, 1))
    assert (first.p_recall[1:] != second.p_recall[1:]).all()
    assert first.p_recall[0] == second.p_recall[0]  # all errors together are enough
    for c in range(3):
        mine = given.by.codes == c
        chi2 = pearson(given.predicted[mine] == c, codes[mine])
        assert first.p_recall[c + 1] == pytest.approx(scipy.stats.chi2.sf(*chi2), abs=0.1)


def test_a_class_full_of_errors_and_of_categories_is_simulated_too() -> None:
    rng = np.random.default_rng(0)
    y = np.zeros(290, dtype=int)
    given = responses(y, (rng.permutation(290) < 95).astype(int), 2)
    codes = np.arange(290) % 20
    p = rows_of(codes, given).p_recall[1]
    chi2 = pearson(given.predicted == 0, codes)
    assert p == pytest.approx(scipy.stats.chi2.sf(*chi2), abs=0.1)


# Clusters


def hotelling(sums: np.ndarray, worth: float) -> float:
    """P that sums by cluster and category, G×K, are 0 on average; clusters are of unequal size."""
    count, kept = len(sums), slice(0, sums.shape[1] - 1)
    excess, products = sums.sum(axis=0)[kept], (sums.T @ sums)[kept, kept]
    chi2 = excess @ np.linalg.solve(products * count / (count - 1), excess)
    df = sums.shape[1] - 1
    scaled = chi2 * (worth - df) / (df * (worth - 1))
    return float(scipy.stats.f.sf(scaled, df, worth - df))


def centred_sums(given: Responses, codes: np.ndarray, groups: np.ndarray, residual: np.ndarray):
    """Sums by cluster of residual × (indicator of the category less its share in the class)."""
    y, k = given.by.codes, codes.max() + 1
    sums = np.zeros((groups.max() + 1, k))
    for i in range(len(y)):
        share = np.bincount(codes[y == y[i]], minlength=k) / (y == y[i]).sum()
        sums[groups[i]] += residual[i] * ((codes[i] == np.arange(k)) - share)
    return sums[np.unique(groups)]


@pytest.mark.parametrize("n_classes", [2, 4])
def test_clustered_tests_are_those_of_a_loop_over_clusters(n_classes: int) -> None:
    given, codes, groups = drawn(9, n_classes=n_classes, n_categories=3)
    rows = rows_of(codes, given, groups)
    y, predicted = given.by.codes.astype(int), given.predicted
    right = (predicted == y) - given.recall[y]
    worth = len(y) ** 2 / (np.bincount(groups) ** 2).sum()
    p = hotelling(centred_sums(given, codes, groups, right), worth)
    assert rows.p_recall[0] == pytest.approx(p, rel=1e-8)
    for c in range(n_classes):
        own = hotelling(centred_sums(given, codes, groups, np.where(y == c, right, 0.0)), worth)
        assert rows.p_recall[c + 1] == pytest.approx(own, rel=1e-8)
        false = np.where(y == c, 0.0, (predicted == c) - given.rates.toarray()[y, c])
        p = hotelling(centred_sums(given, codes, groups, false), worth)
        assert rows.p_fpr[c + 1] == pytest.approx(p, rel=1e-8)


def test_too_many_clusters_and_classes_borrow_recalls_design_effect(monkeypatch) -> None:
    given, codes, _ = drawn(10, n=3000)
    groups = np.arange(3000)  # a design effect of about 1
    dense = rows_of(codes, given, groups)
    monkeypatch.setattr(categorical, "MAX_DENSE", 0)
    borrowed = rows_of(codes, given, groups)
    assert np.array_equal(borrowed.p_recall, dense.p_recall)
    np.testing.assert_allclose(borrowed.p_fpr, dense.p_fpr, atol=0.05)
    paired = np.arange(3000) // 2
    doubled = (np.repeat(part, 2) for part in (given.by.codes, given.predicted))
    twice = rows_of(np.repeat(codes, 2), responses(*doubled, 3), np.repeat(groups, 2))
    np.testing.assert_allclose(twice.p_fpr, borrowed.p_fpr, atol=0.05)
    assert not np.allclose(rows_of(codes, given, paired).p_fpr[1:], borrowed.p_fpr[1:], atol=1e-6)


def test_fewer_clusters_than_categories_are_not_tested() -> None:
    given, codes, _ = drawn(11)
    rows = rows_of(codes, given, np.arange(len(codes)) % 3)
    assert np.isnan(rows.p_recall[0])
    assert np.isnan(rows_of(codes, given, np.zeros(len(codes), dtype=int)).p_recall).all()


def test_few_events_in_clusters_take_the_larger_p() -> None:
    given, codes, groups = drawn(12, recall=0.98)
    alone, together = (p_of(rows_of(codes, given, by))[1:] for by in (None, groups))
    assert not np.isnan(together).any()
    assert (together >= alone).all()
    assert (together > alone).any()


# Pieces, and nothing to test


def test_homogeneity_p_are_scipys() -> None:
    rng = np.random.default_rng(0)
    root = rng.normal(size=(4, 3, 3))
    table = Table(rng.normal(size=(4, 3)) * 3, root @ root.transpose(0, 2, 1))
    p = homogeneity_p(table, None)
    for row in range(4):
        chi2 = table.excess[row] @ np.linalg.solve(table.covariance[row], table.excess[row])
        assert p[row] == pytest.approx(scipy.stats.chi2.sf(chi2, 3), rel=1e-8)
    of_clusters = homogeneity_p(table, 9)
    assert (of_clusters > p).all()


def test_what_has_no_variance_has_no_p() -> None:
    table = Table(np.zeros((2, 2)), np.stack([np.zeros((2, 2)), np.full((2, 2), np.nan)]))
    assert np.isnan(homogeneity_p(table, None)).all()
    assert np.isnan(homogeneity_p(table, 5)).all()


def test_inverses_drop_what_does_not_vary() -> None:
    inverse, rank = inverses(np.array([[[4.0, 0.0], [0.0, 1e-12]]]))
    assert rank.tolist() == [1]
    assert quadratic_forms(np.array([[2.0, 1.0]]), inverse, rank)[0].tolist() == [1]


@pytest.mark.parametrize("codes", [[0, 0, 0, 0], [0, 1, 0, 1]])
@pytest.mark.parametrize("predicted", [[0, 0, 1, 1], [1, 1, 0, 0]])
def test_no_errors_or_nothing_right_is_not_tested(codes: list, predicted: list) -> None:
    given = responses(np.array([0, 0, 1, 1]), np.array(predicted), 2)
    assert np.isnan(p_of(rows_of(np.array(codes), given))).all()


def test_one_category_within_the_class_is_not_tested() -> None:
    given = responses(np.array([0, 0, 1, 1, 1]), np.array([0, 1, 0, 1, 1]), 3)
    rows = rows_of(np.array([0, 0, 0, 1, 1]), given)
    assert np.isnan(rows.p_recall[1])
    assert np.isnan(rows.error[1])
    assert np.isfinite(rows.p_recall[2])
    assert np.isnan([rows.p_recall[3], rows.p_fpr[3]]).all()
