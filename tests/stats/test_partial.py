"""Each feature beside all others: statsmodels, numpy and scipy by hand."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import statsmodels.api as sm
from statsmodels.stats.outliers_influence import variance_inflation_factor

from sensitivity.stats.partial import (
    design,
    feature_clusters,
    inflation,
    information,
    likeness,
    partial_z,
    response_sums,
    z_of_chi2,
)
from sensitivity.stats.ranks import strata, within_ranks
from sensitivity.stats.scores import responses, score

RESPONSES = ("recall", "false positives", "f1")


def drawn(seed: int = 0, n: int = 900, n_classes: int = 3, n_features: int = 4, trend=0.0):
    """Predictions sorted by class, and correlated columns of one or more ranks."""
    rng = np.random.default_rng(seed)
    y = np.sort(rng.integers(n_classes, size=n))
    common = rng.normal(size=n)
    raw = [common + rng.normal(size=n) + y for _ in range(n_features)]
    other = (y + rng.integers(1, n_classes, size=n)) % n_classes
    right = rng.random(n) < np.clip(0.75 + trend * common, 0, 1)
    given = responses(y, np.where(right, y, other), n_classes)
    columns = [within_ranks(x, given.by)[None] for x in raw]
    columns.append(np.concatenate([columns.pop(), columns.pop()]))  # the last has two
    return given, design(columns, given)


def totals(given, by, of: int | None, response: str):
    (gain, loss), inside = information(given, by, of, response)
    sums = response_sums(given, by)
    if of is None:
        return sums.recall.sum(axis=0), inside
    return gain * sums.recall[of] - loss * sums.fpr[of], inside


# Design and sums


def test_design_lays_columns_side_by_side() -> None:
    given, by = drawn()
    assert by.blocks == (slice(0, 1), slice(1, 2), slice(2, 4))
    assert by.columns.shape == (4, 900)
    for c in range(3):
        x = by.columns[:, given.by.codes == c]
        np.testing.assert_allclose(by.products[c], x @ x.T, rtol=1e-12)


def test_sums_are_those_of_the_scores_of_single_columns() -> None:
    given, by = drawn(1)
    found = response_sums(given, by)
    for d, column in enumerate(by.columns):
        alone = score(column, given)
        np.testing.assert_allclose(found.recall[:, d], alone.recall, atol=1e-12)
        np.testing.assert_allclose(found.fpr[:, d], alone.fpr, atol=1e-12)


@pytest.mark.parametrize("response", RESPONSES)
def test_diagonal_of_the_information_is_the_variance_of_the_score(response: str) -> None:
    """But for n / (n - 1), here in every class of the same size."""
    given, by = drawn(2, n_classes=2)
    given = responses(np.repeat([0, 1], 450), given.predicted, 2)
    by = design([within_ranks(x, given.by)[None] for x in by.columns], given)
    key = {"recall": "recall", "false positives": "fpr", "f1": "f1"}[response]
    for c in range(2):
        total, inside = totals(given, by, c, response)
        for d, column in enumerate(by.columns):
            alone = score(column, given)
            variance = getattr(alone, f"{key}_variance")[c] * 449 / 450
            assert inside[d, d] == pytest.approx(variance, rel=1e-9)
            assert total[d] == pytest.approx(getattr(alone, key)[c], abs=1e-9)


def test_no_features_are_no_columns() -> None:
    given, _ = drawn(3)
    by = design([], given)
    assert by.products.shape == (3, 0, 0)
    assert response_sums(given, by).recall.shape == (3, 0)
    assert partial_z(np.empty(0), np.empty((0, 0)), []).shape == (0,)
    assert likeness(np.empty((0, 0)), []).shape == (0, 0)


# The joint score test is statsmodels'


def logistic_score(response: np.ndarray, strata: np.ndarray, columns: np.ndarray) -> float:
    dummies = np.equal(strata[:, None], np.unique(strata)).astype(float)
    model = sm.GLM(response.astype(float), dummies, family=sm.families.Binomial())
    params = model.fit(tol=1e-12).params
    return float(model.score_test(params, exog_extra=columns.T)[0].item())


@pytest.mark.parametrize("of", [None, 0, 2])
@pytest.mark.parametrize("response", ["recall", "false positives"])
def test_joint_chi2_is_statsmodels_score_test(of: int | None, response: str) -> None:
    if of is None and response != "recall":
        return
    given, by = drawn(4, trend=0.05)
    y, predicted = given.by.codes, given.predicted
    if response == "recall":
        kept = np.ones(len(y), dtype=bool) if of is None else y == of
        happened = predicted == y
    else:
        kept, happened = y != of, predicted == of
    total, inside = totals(given, by, of, response)
    expected = logistic_score(happened[kept], y[kept], by.columns[:, kept])
    assert total @ np.linalg.inv(inside) @ total == pytest.approx(expected, rel=1e-9)
    everything = partial_z(total, inside, [slice(0, 4)], ridge=0.0)[0]
    assert everything == pytest.approx(z_of_chi2(expected, 4), rel=1e-9)


# Partial z


def test_partial_z_is_one_step_of_a_logistic_regression() -> None:
    """Close to the Wald z of the fitted regression where effects are small."""
    given, by = drawn(5, n=6000, trend=0.03)
    y = given.by.codes
    total, inside = totals(given, by, None, "recall")
    blocks = [slice(d, d + 1) for d in range(4)]
    dummies = np.equal(y[:, None], np.arange(3)).astype(float)
    fit = sm.GLM(
        (given.predicted == y).astype(float),
        np.concatenate([dummies, by.columns.T], axis=1),
        family=sm.families.Binomial(),
    ).fit()
    np.testing.assert_allclose(partial_z(total, inside, blocks), fit.tvalues[3:], atol=0.1)


def test_partial_z_by_hand() -> None:
    total, inside = np.array([3.0, 1.0]), np.array([[2.0, 1.0], [1.0, 2.0]])
    beta = np.array([5.0, -1.0]) / 3
    found = partial_z(total, inside, [slice(0, 1), slice(1, 2)], ridge=0.0)
    np.testing.assert_allclose(found, beta / np.sqrt(2 / 3), rtol=1e-12)


def test_partial_z_of_a_lone_feature_is_its_z() -> None:
    found = partial_z(np.array([3.0]), np.array([[4.0]]), [slice(0, 1)], ridge=0.0)
    assert found.tolist() == [1.5]


def test_several_columns_of_one_feature_give_their_joint_chi2() -> None:
    """The other feature's part projected out by hand."""
    given, by = drawn(6, trend=0.1)
    total, inside = totals(given, by, 1, "recall")
    others, own = slice(0, 2), slice(2, 4)
    solved = np.linalg.solve(inside[others, others], inside[others, own])
    rest = total[own] - solved.T @ total[others]
    variance = inside[own, own] - inside[own, others] @ solved
    chi2 = rest @ np.linalg.solve(variance, rest)
    found = partial_z(total, inside, by.blocks, ridge=0.0)
    assert found[2] == pytest.approx(z_of_chi2(chi2, 2), rel=1e-9)


def test_order_of_the_features_does_not_matter() -> None:
    given, by = drawn(7, trend=0.1)
    total, inside = totals(given, by, 0, "f1")
    turned = np.array([2, 3, 1, 0])
    found = partial_z(total, inside, by.blocks)
    again = partial_z(
        total[turned], inside[np.ix_(turned, turned)], [slice(0, 2), slice(2, 3), slice(3, 4)]
    )
    np.testing.assert_allclose(again, found[[2, 1, 0]], rtol=1e-9)


def test_copies_of_a_feature_share_its_z() -> None:
    """The ridge keeps the information regular; neither copy stands by itself."""
    blocks = [slice(0, 1), slice(1, 2)]
    found = partial_z(np.array([8.0, 8.0]), np.ones((2, 2)), blocks)
    assert found[0] == found[1]
    assert 0 < found[0] < 0.5
    assert inflation(np.ones((2, 2)), blocks)[0] > 400


def test_a_feature_without_information_has_no_z_and_changes_none() -> None:
    inside = np.diag([2.0, 0.0, 3.0])
    blocks = [slice(0, 1), slice(1, 2), slice(2, 3)]
    found = partial_z(np.array([1.0, 0.0, 3.0]), inside, blocks, ridge=0.0)
    np.testing.assert_allclose(found, [1 / np.sqrt(2), np.nan, np.sqrt(3)])
    assert np.isnan(inflation(inside, blocks)).tolist() == [False, True, False]
    assert np.isnan(partial_z(np.zeros(1), np.zeros((1, 1)), [slice(0, 1)])).all()


# χ² into z


@pytest.mark.parametrize("df", [1, 2, 7])
@pytest.mark.parametrize("chi2", [0.1, 3.0, 40.0, 900.0])
def test_z_of_chi2_has_scipys_p(chi2: float, df: int) -> None:
    z = z_of_chi2(chi2, df)
    p = scipy.stats.chi2.sf(chi2, df)
    assert 2 * scipy.stats.norm.sf(z) == pytest.approx(p, rel=1e-9)


def test_z_of_chi2_of_one_degree_is_the_root() -> None:
    assert z_of_chi2(16.0, 1) == pytest.approx(4, rel=1e-9)
    assert z_of_chi2(0.0, 3) == 0


def test_z_of_chi2_goes_on_beyond_the_smallest_p() -> None:
    """p of 1e-300 is where the approximation takes over: it must go on rising there."""
    for df in (1, 3, 20):
        chi2 = np.linspace(1300, 2000, 500)
        values = np.array([z_of_chi2(one, df) for one in chi2])
        assert np.isfinite(values).all()
        np.testing.assert_allclose(np.diff(values), np.diff(chi2) / values[:-1] / 2, rtol=0.1)
    assert z_of_chi2(1e6, 1) == pytest.approx(1000, rel=1e-12)


# Which features go together


def test_likeness_of_single_columns_is_the_correlation() -> None:
    _, by = drawn(8)
    x = by.columns
    blocks = [slice(d, d + 1) for d in range(4)]
    np.testing.assert_allclose(likeness(x @ x.T, blocks), np.abs(np.corrcoef(x)), atol=1e-12)


def test_likeness_of_several_columns_is_the_canonical_correlation() -> None:
    _, by = drawn(9)
    products = by.columns @ by.columns.T
    found = likeness(products, by.blocks)
    one, two = slice(0, 1), slice(2, 4)
    fit = np.linalg.solve(products[two, two], products[two, one])
    squared = (products[one, two] @ fit / products[one, one]).item()
    assert found[0, 2] == found[2, 0] == pytest.approx(np.sqrt(squared), rel=1e-9)
    assert np.diagonal(found).tolist() == [1, 1, 1]


def test_likeness_sees_through_another_coding_of_the_same_categories() -> None:
    rng = np.random.default_rng(0)
    codes, by = rng.integers(3, size=500), strata(np.zeros(500, dtype=int), 1)
    one = np.equal(codes, np.arange(2)[:, None]).astype(float)
    two = np.equal((codes + 1) % 3, np.arange(2)[:, None]).astype(float)
    columns = np.concatenate([one, two, within_ranks(rng.normal(size=500), by)[None]])
    columns -= columns.mean(axis=1, keepdims=True)
    found = likeness(columns @ columns.T, [slice(0, 2), slice(2, 4), slice(4, 5)])
    assert found[0, 1] == pytest.approx(1)
    assert found[0, 2] < 0.2


def test_likeness_with_a_constant_column_is_0() -> None:
    found = likeness(np.diag([1.0, 0.0]), [slice(0, 1), slice(1, 2)])
    assert found.tolist() == [[1, 0], [0, 1]]


def test_clusters_by_average_linkage_by_hand() -> None:
    """a and b join at .9; c is .8 from a and .5 from b, .65 on average: too far."""
    alike = np.eye(4)
    for i, j, rho in ((0, 1, 0.9), (0, 2, 0.8), (1, 2, 0.5), (0, 3, 0.1), (1, 3, 0.1), (2, 3, 0.2)):
        alike[i, j] = alike[j, i] = rho
    a, b, c, d = feature_clusters(alike)
    assert a == b
    assert len({a, c, d}) == 3
    a, b, c, d = feature_clusters(alike, limit=0.6)
    assert a == b == c != d


def test_clusters_of_one_and_of_no_feature() -> None:
    assert feature_clusters(np.eye(1)).tolist() == [0]
    assert feature_clusters(np.empty((0, 0))).tolist() == []


# Variance inflation


def test_inflation_is_statsmodels() -> None:
    """All samples weighing the same: one class."""
    rng = np.random.default_rng(1)
    common = rng.normal(size=400)
    x = np.stack([common + rng.normal(size=400) for _ in range(3)])
    x -= x.mean(axis=1, keepdims=True)
    found = inflation(x @ x.T, [slice(d, d + 1) for d in range(3)], ridge=0.0)
    expected = [variance_inflation_factor(x.T, d) for d in range(3)]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_inflation_of_several_columns_is_per_column() -> None:
    """Fox and Monette's det ratio, its root taken over the number of columns."""
    _, by = drawn(10)
    products = by.columns @ by.columns.T
    alike = np.corrcoef(by.columns)
    det = np.linalg.det
    general = det(alike[2:, 2:]) * det(alike[:2, :2]) / det(alike)
    found = inflation(products, by.blocks, ridge=0.0)
    assert found[2] == pytest.approx(np.sqrt(general), rel=1e-6)
