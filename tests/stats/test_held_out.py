"""What held-out samples say of a slice: halves, p, interval, clusters, Holm."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.api import OLS
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from sensitivity.stats.held_out import design_effect, holm, judge_weakness, random_half


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# Halves


def test_every_class_is_halved() -> None:
    y = generator().choice(3, 1001, p=[0.7, 0.25, 0.05])
    half = random_half(y, rng=generator())
    assert np.abs(np.bincount(y[half]) - np.bincount(y[~half])).max() <= 1


def test_halves_are_random_and_repeatable() -> None:
    y = np.zeros(1000, int)
    draws = np.array([random_half(y, rng=generator(seed)) for seed in range(200)])
    assert np.array_equal(draws[7], random_half(y, rng=generator(7)))
    # Each sample lies in either half as often as not, and no two always together.
    assert stats.binomtest(int(draws[:, :50].sum()), 10_000).pvalue > 0.001
    assert np.abs(np.corrcoef(draws[:, :50].T) - np.eye(50)).max() < 0.35


def test_the_odd_one_lies_in_either_half() -> None:
    sizes = {int(random_half(np.zeros(1, int), rng=generator(seed)).sum()) for seed in range(20)}
    assert sizes == {0, 1}


def test_a_group_is_never_in_both_halves() -> None:
    groups = np.repeat(np.arange(60), generator().integers(1, 40, 60))
    groups = generator().permutation(groups)
    for seed in range(20):
        half = random_half(np.zeros(len(groups), int), groups=groups, rng=generator(seed))
        assert not set(groups[half]) & set(groups[~half])
        assert abs(half.sum() - len(half) / 2) <= np.bincount(groups).max() / 2


def test_groups_stay_in_their_half_when_samples_change_places() -> None:
    groups = np.repeat(np.arange(30), 7)
    y, order = np.zeros(210, int), generator(1).permutation(210)
    half = random_half(y, groups=groups, rng=generator())
    assert np.array_equal(random_half(y, groups=groups[order], rng=generator()), half[order])


def test_no_sample_has_no_half() -> None:
    nothing = np.zeros(0, int)
    assert random_half(nothing, rng=generator()).shape == (0,)
    assert random_half(nothing, groups=nothing, rng=generator()).shape == (0,)


# The test of weakness


def drawn(
    n: int, seed: int, *, recall=(0.9, 0.7, 0.8)
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = generator(seed)
    y = rng.integers(0, len(recall), n)
    return rng.random(n) < 0.2 + 0.1 * y, y, rng.random(n) < np.array(recall)[y]


def test_order_changes_nothing() -> None:
    inside, y, right = drawn(500, 0)
    groups, order = np.arange(500) // 9, generator(1).permutation(500)
    for given in (None, groups):
        moved = None if given is None else given[order]
        one = judge_weakness(inside, y, right, groups=given)
        assert judge_weakness(inside[order], y[order], right[order], groups=moved) == pytest.approx(
            one, rel=1e-12
        )


def test_value_and_expected_by_hand() -> None:
    inside = np.array([1, 1, 1, 1, 0, 0, 0, 0], bool)
    y = np.array([0, 0, 0, 1, 0, 1, 1, 1])
    right = np.array([1, 0, 1, 0, 0, 1, 1, 1], bool)
    n, value, _, _, expected, _ = judge_weakness(inside, y, right)
    # Recall is 2/4 of class 0, 3/4 of class 1; inside are three of class 0 and one of class 1.
    assert (n, value, expected) == (4, 0.5, (3 * 0.5 + 0.75) / 4)


def test_p_of_one_class_is_hypergeometric() -> None:
    for seed in range(20):
        inside, _, right = drawn(300, seed, recall=(0.9,))
        p = judge_weakness(inside, np.zeros(300, int), right)[5]
        given = stats.hypergeom(300, right.sum(), inside.sum())
        hits = (right & inside).sum()
        assert p == pytest.approx(given.cdf(hits - 1) + given.pmf(hits) / 2, rel=1e-9)


def test_p_of_several_classes_is_that_of_reshuffling_within_them() -> None:
    inside, y, right = drawn(120, 3)
    p = judge_weakness(inside, y, right)[5]
    rng, hits = generator(), (right & inside).sum()
    sums = np.zeros(100_000, int)
    for c in range(3):
        of = y == c
        sums += rng.hypergeometric(right[of].sum(), (~right)[of].sum(), inside[of].sum(), 100_000)
    assert p == pytest.approx((sums < hits).mean() + (sums == hits).mean() / 2, abs=0.005)


def test_large_samples_go_over_to_the_normal_without_a_step(monkeypatch) -> None:
    inside, y, right = drawn(20_000, 5)
    assert 0.17 * inside.sum() > 400
    normal = judge_weakness(inside, y, right)[5]
    monkeypatch.setattr("sensitivity.stats.held_out.EXACT_VARIANCE", np.inf)
    exact = judge_weakness(inside, y, right)[5]
    assert normal != exact
    assert normal == pytest.approx(exact, rel=0.02)


def test_p_of_nothing_real_is_uniform() -> None:
    found = []
    for seed in range(400):
        inside, y, right = drawn(400, seed)
        found.append(judge_weakness(inside, y, right)[5])
    assert stats.kstest(found, "uniform").pvalue > 0.01


def test_a_weak_slice_has_a_small_p_and_a_strong_one_a_large() -> None:
    inside, y = np.arange(1000) < 100, np.zeros(1000, int)
    weak = judge_weakness(inside, y, ~inside | (np.arange(1000) % 2 == 0))
    strong = judge_weakness(inside, y, inside | (np.arange(1000) % 2 == 0))
    assert weak[1:2] == (0.5,)
    assert weak[5] == 1e-30
    assert strong[5] == 0.999


def test_an_empty_slice_says_nothing() -> None:
    n, *rest, p = judge_weakness(np.zeros(5, bool), np.zeros(5, int), np.ones(5, bool))
    assert (n, p) == (0, 0.999)
    assert np.isnan(rest).all()
    n, *rest, p = judge_weakness(np.zeros(0, bool), np.zeros(0, int), np.zeros(0, bool))
    assert (n, p) == (0, 0.999)


@pytest.mark.parametrize("outcome", [True, False])
def test_without_error_or_without_success_there_is_no_weakness(outcome: bool) -> None:
    inside, right = np.arange(40) < 10, np.full(40, outcome)
    for groups in (None, np.arange(40) // 5):
        _, value, low, high, expected, p = judge_weakness(
            inside, np.zeros(40, int), right, groups=groups
        )
        assert value == expected == outcome
        assert low < high
        assert p >= 0.5


def test_interval_is_wilsons() -> None:
    inside, y, right = drawn(500, 0)
    n, value, low, high, _, _ = judge_weakness(inside, y, right, confidence=0.9)
    expected = proportion_confint(round(n * value), n, alpha=0.1, method="wilson")
    assert (low, high) == pytest.approx(expected, abs=1e-12)


# Clusters


def clustered(seed: int, n_groups: int = 80, size: int = 12) -> tuple[np.ndarray, ...]:
    """Groups that are wholly inside or outside, and share a good part of their errors."""
    rng = generator(seed)
    groups = np.repeat(np.arange(n_groups), size)
    inside = (rng.random(n_groups) < 0.3)[groups]
    right = rng.random(len(groups)) < rng.beta(1.6, 0.4, n_groups)[groups]
    return inside, np.zeros(len(groups), int), right, groups


def test_clusters_of_one_change_little() -> None:
    inside, y, right = drawn(2000, 1)
    alone = judge_weakness(inside, y, right)
    each = judge_weakness(inside, y, right, groups=np.arange(2000))
    assert each == pytest.approx(alone, rel=0.02, abs=0.002)
    assert each[5] >= alone[5]


def test_doubled_samples_of_a_group_add_nothing() -> None:
    inside, y, right, groups = clustered(3)
    one = judge_weakness(inside, y, right, groups=groups)
    two = judge_weakness(
        *(np.repeat(x, 2) for x in (inside, y, right)), groups=np.repeat(groups, 2)
    )
    assert two[0] == 2 * one[0]
    assert two[1:] == pytest.approx(one[1:], rel=1e-9)
    # Without groups they would pass for evidence.
    naive = judge_weakness(*(np.repeat(x, 2) for x in (inside, y, right)))
    assert naive[3] - naive[2] < two[3] - two[2]


def test_clustered_p_by_its_formula() -> None:
    inside, y, right, groups = clustered(3)
    rate, share = right.mean(), inside.mean()
    sums = [((right - rate) * (inside - share))[groups == g].sum() for g in range(groups.max() + 1)]
    z = sum(sums) / np.sqrt(80 / 79 * sum(s**2 for s in sums))
    weights = [((inside - share) ** 2)[groups == g].sum() for g in range(80)]
    df = sum(weights) ** 2 / sum(w**2 for w in weights) - 1
    assert judge_weakness(inside, y, right, groups=groups)[5] == pytest.approx(stats.t(df).cdf(z))


def test_clustered_errors_reject_too_often_only_when_groups_are_not_given() -> None:
    naive, known = [], []
    for seed in range(300):
        inside, y, right, groups = clustered(seed)
        naive.append(judge_weakness(inside, y, right)[5])
        known.append(judge_weakness(inside, y, right, groups=groups)[5])
    assert (np.array(naive) <= 0.05).mean() > 0.15
    assert 0.01 < (np.array(known) <= 0.05).mean() <= 0.07


def test_one_group_is_no_evidence() -> None:
    inside, y, right = np.arange(100) < 30, np.zeros(100, int), np.arange(100) >= 25
    assert judge_weakness(inside, y, right)[5] < 1e-9
    assert judge_weakness(inside, y, right, groups=np.zeros(100, int))[5] == 0.999


def test_design_effect_is_that_of_a_cluster_robust_mean() -> None:
    _, _, right, groups = clustered(0)
    robust = OLS(right.astype(float), np.ones(len(right))).fit(
        cov_type="cluster", cov_kwds={"groups": groups}
    )
    plain = right.mean() * (1 - right.mean()) / len(right)
    assert design_effect(right, groups) == pytest.approx(robust.bse[0] ** 2 / plain, rel=1e-9)


@pytest.mark.parametrize(
    ("right", "groups", "expected"),
    [
        ([1, 0, 1, 0], [0, 0, 1, 1], 1),  # less than by chance counts as by chance
        ([1, 1, 1, 1], [0, 0, 1, 1], 2),  # all alike: each group counts once
        ([0, 0, 0], [5, 7, 9], 1),
        ([1, 0, 1], [2, 2, 2], 3),  # one group is one sample
        ([1, 1, 0, 0], [0, 0, 1, 1], 4),
        ([1], [0], 1),
    ],
)
def test_design_effect_of_small_cases(right: list, groups: list, expected: float) -> None:
    assert design_effect(np.array(right, bool), np.array(groups)) == pytest.approx(expected)


# Holm


def test_holm_is_statsmodels() -> None:
    p = generator().random(12) ** 3
    assert np.allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-12)


def test_holm_of_none_and_of_one() -> None:
    assert holm(np.zeros(0)).shape == (0,)
    assert holm(np.array([0.3])).tolist() == [0.3]
