"""ROC curves: scikit-learn's, and DeLong's variance by its definition."""

import numpy as np
import pytest
from sklearn import metrics as reference

from sensitivity.metrics.roc import MAX_POINTS, roc_curve


def scored(
    n: int = 300, *, ties: int | None = None, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < 0.3
    scores = rng.normal(positive * 1.2)
    return (scores if ties is None else np.round(scores * ties) / ties), positive


CASES = {
    "continuous": scored(),
    "tied": scored(ties=2),
    "very tied": scored(2_000, ties=1),
    "few": scored(7, seed=2),
    "all equal": (np.zeros(20), np.arange(20) % 3 == 0),
    "perfect": (np.arange(20.0), np.arange(20) > 12),
    "reversed": (-np.arange(20.0), np.arange(20) > 12),
    "float32": (scored()[0].astype(np.float32), scored()[1]),
    "infinite": (np.where(scored()[0] > 1, np.inf, scored()[0]), scored()[1]),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    scores, positive = CASES[request.param]
    return scores.copy(), positive.copy()


def placements(scores: np.ndarray, positive: np.ndarray) -> tuple[float, float]:
    """Area and variance by DeLong's definition, pair by pair."""
    above, below = scores[positive], scores[~positive]
    wins = (above[:, None] > below) + 0.5 * (above[:, None] == below)
    variance = wins.mean(axis=1).var(ddof=1) / len(above) + wins.mean(axis=0).var(ddof=1) / len(
        below
    )
    return wins.mean(), variance


def test_curve_and_area_are_scikit_learns(case) -> None:
    scores, positive = case
    finite = np.where(np.isinf(scores), 1e9, scores)  # scikit-learn takes no infinities
    curve = roc_curve(scores, positive)
    fpr, tpr, thresholds = reference.roc_curve(positive, finite, drop_intermediate=False)
    assert curve.auc == pytest.approx(reference.roc_auc_score(positive, finite), abs=1e-12)
    if len(fpr) > MAX_POINTS:
        points = set(zip(fpr, tpr, strict=True))
        assert points.issuperset(zip(curve.fpr, curve.tpr, strict=True))
        return
    assert np.allclose(curve.fpr, fpr, atol=1e-15)
    assert np.allclose(curve.tpr, tpr, atol=1e-15)
    assert np.isinf(curve.thresholds[0])
    assert np.array_equal(
        np.where(curve.thresholds == np.inf, 1e9, curve.thresholds)[1:], thresholds[1:]
    )


def test_area_and_variance_pair_by_pair(case) -> None:
    curve = roc_curve(*case)
    area, variance = placements(*case)
    assert curve.auc == pytest.approx(area, abs=1e-12)
    assert curve.variance == pytest.approx(variance, abs=1e-14)


def test_thresholds_call_what_they_say(case) -> None:
    scores, positive = case
    curve = roc_curve(scores, positive)
    for threshold, fpr, tpr in zip(curve.thresholds[1:], curve.fpr[1:], curve.tpr[1:], strict=True):
        called = scores >= threshold
        assert called[positive].mean() == pytest.approx(tpr)
        assert called[~positive].mean() == pytest.approx(fpr)


def test_from_corner_to_corner(case) -> None:
    curve = roc_curve(*case)
    assert (curve.fpr[0], curve.tpr[0], curve.fpr[-1], curve.tpr[-1]) == (0, 0, 1, 1)
    assert (np.diff(curve.fpr) >= 0).all()
    assert (np.diff(curve.tpr) >= 0).all()
    assert (np.diff(curve.thresholds[1:]) < 0).all()


def test_order_of_the_samples_does_not_matter(case) -> None:
    order = np.random.default_rng(0).permutation(len(case[0]))
    straight, shuffled = roc_curve(*case), roc_curve(case[0][order], case[1][order])
    assert straight.auc == shuffled.auc
    assert np.array_equal(straight.tpr, shuffled.tpr)


def test_only_the_order_of_the_scores_matters(case) -> None:
    scores, positive = case
    ranks = np.unique(scores, return_inverse=True)[1].astype(float)
    assert roc_curve(ranks, positive).auc == roc_curve(scores, positive).auc
    assert roc_curve(-ranks, positive).auc == pytest.approx(1 - roc_curve(ranks, positive).auc)


def test_repeating_every_sample_keeps_the_area_and_shrinks_its_variance() -> None:
    scores, positive = scored()
    once, often = roc_curve(scores, positive), roc_curve(scores.repeat(4), positive.repeat(4))
    assert often.auc == pytest.approx(once.auc)
    assert often.variance == pytest.approx(once.variance / 4, rel=0.05)


def test_a_long_curve_is_thinned_and_keeps_its_area() -> None:
    scores, positive = scored(20_000)
    curve = roc_curve(scores, positive)
    assert MAX_POINTS * 0.9 < len(curve.fpr) <= MAX_POINTS
    area = np.diff(curve.fpr) @ (curve.tpr[1:] + curve.tpr[:-1]) / 2
    assert area == pytest.approx(curve.auc, abs=1e-3)
    assert curve.auc == pytest.approx(reference.roc_auc_score(positive, scores), abs=1e-12)
    assert np.diff(curve.fpr + curve.tpr).max() < 3 * 2 / MAX_POINTS


@pytest.mark.parametrize("positive", [[True] * 4, [False] * 4, []])
def test_one_side_only_has_no_curve(positive: list[bool]) -> None:
    assert roc_curve(np.arange(len(positive), dtype=float), np.array(positive, dtype=bool)) is None


@pytest.mark.parametrize("n_positive", [1, 4])
def test_one_sample_on_a_side_has_an_area_and_no_variance(n_positive: int) -> None:
    curve = roc_curve(np.arange(5.0), np.arange(5) < n_positive)
    assert curve.auc == 0
    assert np.isnan(curve.variance)


def test_variance_is_that_of_repeated_draws() -> None:
    curves = [roc_curve(*scored(120, seed=seed)) for seed in range(800)]
    areas = np.array([curve.auc for curve in curves])
    expected = np.mean([curve.variance for curve in curves])
    assert areas.var() == pytest.approx(expected, rel=0.12)


def test_the_input_is_left_as_it_was(case) -> None:
    scores, positive = case
    kept = scores.copy(), positive.copy()
    roc_curve(scores, positive)
    assert np.array_equal(scores, kept[0])
    assert np.array_equal(positive, kept[1])
