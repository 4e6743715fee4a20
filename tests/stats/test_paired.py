"""Changes between two models on the same samples."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats
from sklearn.metrics import f1_score
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.proportion import confint_proportions_2indep

from sensitivity.stats.intervals import f1_interval, wilson
from sensitivity.stats.paired import (
    f1_change,
    f1_influences,
    f1_values,
    mcnemar,
    paired_counts,
    proportion_change,
    unpaired_change,
)


def pairs(seed: int, n: int, n_classes: int = 3, skill: float = 0.8):
    """True classes and two models that agree more often than chance has it."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_classes, n)
    first = np.where(rng.random(n) < skill, y, rng.integers(0, n_classes, n))
    second = np.where(rng.random(n) < 0.7, first, rng.integers(0, n_classes, n))
    return y, first, second


def joint(recalls: tuple[float, float], false: tuple[float, float], prevalence: float, tie: float):
    """Probabilities (2, 2, 2): is the class, called by the first, called by the second."""

    def both(p: float, q: float) -> np.ndarray:
        together = p * q + tie * (min(p, q) - p * q)
        return np.array([[1 - p - q + together, q - together], [p - together, together]])

    return np.stack([(1 - prevalence) * both(*false), prevalence * both(*recalls)])


# Counts


def test_counts_are_those_of_each_class_against_the_rest():
    y, first, second = pairs(0, 300)
    codes = np.random.default_rng(1).integers(0, 4, 300)
    counts = paired_counts(y, first, second, 3, codes, 4)
    for k in range(4):
        for c in range(3):
            rows = codes == k
            expected = np.zeros((2, 2, 2), dtype=int)
            told = [x[rows] == c for x in (y, first, second)]
            np.add.at(expected, tuple(x.astype(int) for x in told), 1)
            np.testing.assert_array_equal(counts[k, c], expected)


def test_no_pair_is_no_count():
    none = np.array([], dtype=int)
    assert paired_counts(none, none, none, 2).tolist() == np.zeros((1, 2, 2, 2, 2)).tolist()


def test_order_of_pairs_does_not_matter():
    y, first, second = pairs(0, 100)
    order = np.random.default_rng(2).permutation(100)
    np.testing.assert_array_equal(
        paired_counts(y, first, second, 3), paired_counts(y[order], first[order], second[order], 3)
    )


# McNemar


@pytest.mark.parametrize(("b", "c"), [(0, 1), (3, 0), (12, 4), (5, 6), (40, 61), (300, 240)])
def test_mcnemar_is_the_exact_test_less_half_of_its_last_step(b: int, c: int):
    exact = statsmodels_mcnemar([[0, b], [c, 0]], exact=True).pvalue
    step = scipy_stats.binom.pmf(min(b, c), b + c, 0.5)
    assert mcnemar(b, c) == pytest.approx(exact - step, rel=1e-9)


def test_mcnemar_where_nothing_tells_the_models_apart():
    np.testing.assert_array_equal(mcnemar([0, 7], [0, 7]), [1.0, 1.0])


def test_mcnemar_does_not_ask_which_model_is_the_first():
    assert mcnemar(9, 2) == mcnemar(2, 9)


def test_mcnemar_rejects_as_often_as_it_says():
    rng = np.random.default_rng(0)
    p = mcnemar(*(lambda n: (n, 40 - n))(rng.binomial(40, 0.5, 20_000)))
    assert 0.03 < (p <= 0.05).mean() < 0.055


# Change of a proportion


def test_change_of_a_proportion_covers_the_truth():
    rng = np.random.default_rng(0)
    for n, gain, loss in [(20, 0.1, 0.1), (60, 0.12, 0.04), (60, 0.02, 0.01), (400, 0.06, 0.06)]:
        drawn = rng.multinomial(n, [gain, loss, 1 - gain - loss], 10_000)
        _, low, high = proportion_change(drawn[:, 0], drawn[:, 1], n)
        assert ((low <= gain - loss) & (gain - loss <= high)).mean() > 0.94


def test_change_of_a_proportion_lies_in_its_interval_and_has_a_width():
    corrected, corrupted = np.meshgrid(np.arange(11), np.arange(11))
    kept = corrected + corrupted <= 10
    change, low, high = proportion_change(corrected[kept], corrupted[kept], 10)
    assert ((low >= -1) & (low <= change) & (change <= high) & (high <= 1) & (low < high)).all()


def test_swapping_the_models_turns_the_change_round():
    one, other = proportion_change(12, 4, 100), proportion_change(4, 12, 100)
    np.testing.assert_allclose(one, [-other[0], -other[2], -other[1]])


def test_twice_the_pairs_are_the_same_change_with_a_narrower_interval():
    one, two = proportion_change(12, 4, 100), proportion_change(24, 8, 200)
    assert one[0] == two[0]
    assert two[2] - two[1] == pytest.approx((one[2] - one[1]) / np.sqrt(2), rel=0.03)


def test_inflation_divides_the_pairs():
    np.testing.assert_allclose(
        proportion_change(24, 8, 200, inflation=2.0)[1:], proportion_change(12, 4, 100)[1:]
    )


def test_no_pair_has_no_change():
    assert np.isnan(proportion_change(0, 0, 0)).all()


# Change of F1


def test_values_are_those_of_scikit_learn():
    y, first, second = pairs(3, 200)
    expected = [f1_score(y, model, average=None) for model in (first, second)]
    np.testing.assert_allclose(f1_values(paired_counts(y, first, second, 3)[0]).T, expected)


def test_influences_are_what_leaving_one_pair_out_does():
    y, first, second = pairs(4, 2_000)
    counts = paired_counts(y, first, second, 3)[0, 1].astype(float)
    influences, value = f1_influences(counts), np.diff(f1_values(counts))
    for kind in np.ndindex(2, 2, 2):
        less = counts.copy()
        less[kind] -= 1
        assert value - np.diff(f1_values(less)) == pytest.approx(influences[kind], abs=2e-6)


def test_variance_is_that_of_the_specification():
    y, first, second = pairs(5, 20_000)
    change, low, high, p = f1_change(paired_counts(y, first, second, 3)[0, 2])
    truth, a, b = (x == 2 for x in (y, first, second))

    def influence(called: np.ndarray) -> np.ndarray:
        size = truth.sum() + called.sum()
        f1 = 2 * (truth & called).sum() / size
        return (2 * (truth & called) - f1 * (truth.astype(int) + called)) / size

    d = influence(b) - influence(a)
    error = np.sqrt((d**2).sum() - d.sum() ** 2 / len(d))
    assert (high - low) / 2 == pytest.approx(1.959964 * error, rel=2e-3)
    assert p == pytest.approx(2 * scipy_stats.norm.sf(abs(change) / error), rel=0.05)


MODELS = [
    ((0.8, 0.85), (0.05, 0.04), 0.3, 0.7),
    ((0.7, 0.75), (0.03, 0.03), 0.1, 0.6),
    ((0.85, 0.85), (0.1, 0.05), 0.5, 0.5),
]


@pytest.mark.parametrize("n", [400, 1_000, 4_000])
@pytest.mark.parametrize("models", MODELS)
def test_interval_of_the_change_covers_the_truth(models, n: int):
    shares = joint(*models)
    truth = np.diff(f1_values(shares))[0]
    drawn = np.random.default_rng(0).multinomial(n, shares.ravel(), 10_000)
    _, low, high, _ = f1_change(drawn.reshape(-1, 2, 2, 2))
    assert 0.94 <= ((low <= truth) & (truth <= high)).mean() <= 0.96


@pytest.mark.parametrize("n", [40, 100])
def test_interval_of_the_change_is_not_short_on_few_pairs(n: int):
    shares = joint((0.95, 0.9), (0.02, 0.02), 0.4, 0.7)
    truth = np.diff(f1_values(shares))[0]
    drawn = np.random.default_rng(0).multinomial(n, shares.ravel(), 10_000)
    _, low, high, _ = f1_change(drawn.reshape(-1, 2, 2, 2))
    assert ((low <= truth) & (truth <= high)).mean() > 0.94


def test_p_of_equal_models_is_as_often_small_as_it_says():
    shares = joint((0.8, 0.8), (0.05, 0.05), 0.3, 0.6)
    drawn = np.random.default_rng(0).multinomial(1_000, shares.ravel(), 10_000)
    p = f1_change(drawn.reshape(-1, 2, 2, 2))[3]
    assert 0.04 < (p <= 0.05).mean() < 0.06


def test_p_and_interval_say_the_same():
    drawn = np.random.default_rng(0).multinomial(200, joint(*MODELS[0]).ravel(), 500)
    _, low, high, p = f1_change(drawn.reshape(-1, 2, 2, 2))
    np.testing.assert_array_equal(p < 0.05, (low > 0) | (high < 0))


def test_unpaired_intervals_are_twice_as_wide():
    """Two checkpoints that share four fifths of the errors they could share."""
    shares = joint((0.8, 0.85), (0.05, 0.04), 0.3, 0.8)
    drawn = np.random.default_rng(0).multinomial(1_000, shares.ravel(), 200)
    counts = drawn.reshape(-1, 2, 2, 2)
    _, low, high, _ = f1_change(counts)
    sides = []
    for model in (counts.sum(axis=3), counts.sum(axis=2)):  # (pairs, is class, called)
        hits, n, called = model[:, 1, 1], model[:, 1].sum(-1), model[:, :, 1].sum(-1)
        sides.append((2 * hits / (n + called), *f1_interval(hits, n, called)))
    _, alone_low, alone_high = unpaired_change(*sides)
    assert 1.7 < ((alone_high - alone_low) / (high - low)).mean() < 2.3


def test_undefined_f1_has_no_change():
    assert np.isnan(f1_change(np.zeros((2, 2, 2)))).all()
    one_sided = np.zeros((2, 2, 2))
    one_sided[0, 1, 0] = 5  # no such class; the first model calls it, the second never does
    assert np.isnan(f1_change(one_sided)).all()


def test_perfect_models_have_no_change_but_an_interval():
    counts = np.zeros((2, 2, 2))
    counts[1, 1, 1] = 20
    change, low, high, p = f1_change(counts)
    assert (change, p) == (0, 1)
    assert -0.2 < low < 0 < high < 0.2


# Unpaired


@pytest.mark.parametrize(
    ("a", "b"), [((80, 100), (90, 100)), ((3, 12), (40, 50)), ((5, 5), (9, 9))]
)
def test_unpaired_change_of_proportions_is_newcombes(a, b):
    found = unpaired_change((a[0] / a[1], *wilson(*a)), (b[0] / b[1], *wilson(*b)))
    expected = confint_proportions_2indep(*b, *a, method="newcomb", compare="diff")
    np.testing.assert_allclose(found[1:], expected, atol=1e-6)


def test_unpaired_change_of_f1_covers_the_truth():
    rng = np.random.default_rng(0)
    sides, truth = [], []
    for recall, false in ((0.8, 0.05), (0.7, 0.03)):
        shares = [0.3 * recall, 0.3 * (1 - recall), 0.7 * false, 0.7 * (1 - false)]
        hits, missed, called, _ = rng.multinomial(400, shares, 10_000).T
        n, called = hits + missed, hits + called
        sides.append((2 * hits / (n + called), *f1_interval(hits, n, called)))
        truth.append(2 * shares[0] / (0.3 + shares[0] + shares[2]))
    _, low, high = unpaired_change(*sides)
    difference = truth[1] - truth[0]
    assert 0.935 < ((low <= difference) & (difference <= high)).mean() < 0.965


def test_unpaired_change_of_what_is_undefined():
    assert np.isnan(unpaired_change((0.8, 0.7, 0.9), (np.nan, np.nan, np.nan))).all()
