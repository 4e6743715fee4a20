"""What is planted comes back by plain counting; nothing here uses an estimator of the package."""

import numpy as np
import pytest
from scipy import stats

from sensitivity.errors import InputError, OptionError
from sensitivity.synthetic import Covariate, Levels, Trend, plant, signal_detection

N = 100_000

RATES = [
    Trend(0.6, 0.9),
    Trend(0.9, 0.6, "step", turn=0.3),
    Trend(0.9, 0.5, "threshold", turn=0.7),
    Trend(0.5, 0.9, "plateau", turn=0.25),
    Trend(0.9, 0.6, "ushape"),
    Trend(0.55, 0.95, "logistic"),
    Trend(0.6, 0.9, lambda rank: rank**3),
    Levels((0.92, 0.88, 0.85, 0.82, 0.78)),
]


def form_of(rate) -> str:
    form = getattr(rate, "form", "levels")
    return form if isinstance(form, str) else "own function"


def fifths(rank):
    return np.minimum((rank * 5).astype(int), 4)


def counted(planted, c):
    """Per fifth: samples of class c, its recall, and the share of the others called c."""
    bins, y, p = fifths(planted.rank), planted.label_list, planted.pred_list
    n = np.bincount(bins[y == c], minlength=5)
    others = np.bincount(bins[y != c], minlength=5)
    recall = np.bincount(bins[(y == c) & (p == c)], minlength=5) / n
    return n, recall, np.bincount(bins[(y != c) & (p == c)], minlength=5) / others


def expected(planted, metric, c):
    table = planted.truth.expected()
    rows = table[(table["metric"] == metric) & (table["class"] == str(c))]
    return rows.sort_values("bin")["value"].to_numpy()


def assert_counts_agree(share, truth, n):
    error = np.sqrt(truth * (1 - truth) / n)
    assert (np.abs(share - truth) < 4.5 * error + 1e-12).all(), (share, truth)


@pytest.mark.parametrize("rate", RATES, ids=form_of)
def test_recall_counted_in_each_fifth_is_the_planted_one(rate):
    planted = plant(N, recall=(0.8, rate), prevalence=(0.7, 0.3), confounding=-0.8)

    for c in (0, 1):
        n, recall, _ = counted(planted, c)
        assert_counts_agree(recall, expected(planted, "recall", c), n)
    assert not planted.truth.is_null


@pytest.mark.parametrize("n_classes", [2, 3, 7])
def test_false_positives_are_planted_apart_from_the_recall_of_their_class(n_classes):
    planted = plant(N, recall=0.8, false_positives=Trend(0.02, 0.12), target=1, n_classes=n_classes)

    n, recall, rate = counted(planted, 1)
    assert_counts_agree(recall, np.full(5, 0.8), n)
    assert_counts_agree(rate, np.array([0.03, 0.05, 0.07, 0.09, 0.11]), N / 5 - n)
    others = np.full(5, 0.8) if n_classes > 2 else 1 - np.array([0.03, 0.05, 0.07, 0.09, 0.11])
    n, recall, _ = counted(planted, 0)
    assert_counts_agree(recall, others, n)
    for c in range(n_classes):  # errors that are not drawn to the class go evenly to the others
        n, recall, rate = counted(planted, c)
        assert_counts_agree(recall, expected(planted, "recall", c), n)
        assert_counts_agree(rate, expected(planted, "false_positive_rate", c), N / 5 - n)


def test_a_thousand_classes():
    n = 50_000
    planted = plant(n, n_classes=1000, recall=[0.7] * 999 + [Trend(0.2, 0.9)], false_positives=0.05)
    y, p = planted.label_list, planted.pred_list

    assert set(y) == set(range(1000))
    assert_counts_agree((y == p)[y < 999].mean(), 0.7, n)
    assert_counts_agree((p == 999)[y < 999].mean(), 0.05, n)
    assert set(p) == set(range(1000))


def test_a_criterion_shift_moves_the_recalls_apart_and_lost_information_lowers_both():
    shift = plant(N, recall=signal_detection(2.0, Trend(-0.6, 0.6)))
    loss = plant(N, recall=signal_detection(Trend(3.0, 1.0)))

    for planted, signs in ((shift, (1, -1)), (loss, (-1, -1))):
        for c in (0, 1):
            n, recall, _ = counted(planted, c)
            assert_counts_agree(recall, expected(planted, "recall", c), n)
            assert (np.sign(np.diff(recall)) == signs[c]).all()
    assert expected(shift, "recall", 1)[2] == pytest.approx(stats.norm.cdf(1.0), abs=2e-3)


def test_prevalence_and_confounding_are_as_dialled():
    planted = plant(N, prevalence=(0.7, 0.3), confounding=1.0)
    rank, positive = planted.rank, planted.label_list == 1

    assert positive.mean() == pytest.approx(0.3, abs=0.005)
    by_fifth = [positive[fifths(rank) == k].mean() for k in range(5)]
    assert by_fifth == pytest.approx([0.06, 0.18, 0.30, 0.42, 0.54], abs=0.012)
    assert not positive[rank < 0.0005].any()


def test_companions_are_correlated_as_dialled_and_shaped_as_named():
    companions = [
        Covariate("near", 0.9),
        Covariate("against", -0.5, "uniform"),
        Covariate("nothing", 0.0, "skewed"),
        Covariate("half_zero", 0.6, "censored"),
        Covariate("few", 0.7, "tied", n_levels=4),
        Covariate("camera", 0.8, "categorical", n_levels=12),
    ]
    columns = plant(N, companions=companions).columns

    assert list(columns) == ["sharpness", *(c.name for c in companions)]
    correlation = columns[["sharpness", "near", "against", "nothing"]].corr("spearman")
    for name, rho in (("near", 0.9), ("against", -0.5), ("nothing", 0.0)):
        planned = 6 / np.pi * np.arcsin(rho / 2)
        assert correlation.loc["sharpness", name] == pytest.approx(planned, abs=0.01)
    product = 6 / np.pi * np.arcsin(-0.45 / 2)
    assert correlation.loc["near", "against"] == pytest.approx(product, abs=0.01)
    assert stats.skew(columns["nothing"]) > 3
    assert (columns["half_zero"] == 0).mean() == pytest.approx(0.5, abs=0.005)
    assert columns["few"].value_counts().tolist() == [N // 4] * 4
    assert sorted(set(columns["camera"]))[::11] == ["level 00", "level 11"]
    by_camera = columns.groupby("camera")["sharpness"].mean()
    assert by_camera.is_monotonic_increasing


@pytest.mark.parametrize("marginal", ["tied", "categorical"])
def test_a_trend_along_levels_shows_in_each_of_them(marginal):
    feature = Covariate("camera", marginal=marginal, n_levels=4)
    planted = plant(N, recall=Trend(0.9, 0.6), feature=feature, confounding=0.5)
    table = planted.truth.expected([0, 0.25, 0.5, 0.75, 1]).query("`class` == 'all'")

    right = planted.pred_list == planted.label_list
    counted_ones = (
        planted.columns.assign(right=right).groupby("camera")["right"].agg(["mean", "size"])
    )
    assert_counts_agree(counted_ones["mean"].to_numpy(), table["value"].to_numpy(), N / 4)
    assert counted_ones["size"].tolist() == [N // 4] * 4


def test_groups_share_outcomes_and_features_as_dialled_and_recall_stays():
    planted = plant(
        N, recall=0.8, group_size=4, icc=0.4, within_group=0.7, companions=[Covariate("other", 0)]
    )
    right = (planted.pred_list == planted.label_list).reshape(-1, 4)

    assert right.mean() == pytest.approx(0.8, abs=0.006)
    score = stats.norm.ppf(0.8)
    both = stats.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]]).cdf([score, score])
    assert (right[:, 0] & right[:, 1]).mean() == pytest.approx(both, abs=0.01)
    assert np.corrcoef(right[:-1, 0], right[1:, 0])[0, 1] == pytest.approx(0, abs=0.02)
    for name in ("sharpness", "other"):
        feature = planted.columns[name].to_numpy().reshape(-1, 4)
        assert np.corrcoef(feature[:, 0], feature[:, 3])[0, 1] == pytest.approx(0.7, abs=0.01)
    assert planted.groups.tolist() == np.repeat(np.arange(N // 4), 4).tolist()


def test_a_feature_can_be_constant_within_groups_and_the_last_group_smaller():
    planted = plant(10, group_size=4, within_group=1.0)

    assert planted.columns.groupby(planted.groups)["sharpness"].nunique().tolist() == [1, 1, 1]
    assert planted.groups.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]


def test_a_seed_fixes_everything_and_other_seeds_are_independent():
    dials = {"companions": [Covariate("other", 0.5)], "group_size": 5, "icc": 0.2}
    first, again, other = (plant(20_000, rng=seed, **dials) for seed in (0, 0, 1))

    assert (first.pred_list == again.pred_list).all()
    assert first.columns.equals(again.columns)
    for name in ("sharpness", "other"):
        assert abs(np.corrcoef(first.columns[name], other.columns[name])[0, 1]) < 0.03
    right = [planted.pred_list == planted.label_list for planted in (first, other)]
    assert abs(np.corrcoef(*right)[0, 1]) < 0.03

    generator = np.random.default_rng(0)
    drawn = [plant(100, rng=generator).label_list.tolist() for _ in range(2)]
    assert drawn[0] != drawn[1]
    assert drawn[0] == plant(100, rng=0).label_list.tolist()


def test_one_dial_changes_only_what_it_is_about():
    plain, more = plant(1000), plant(1000, companions=[Covariate("other", 0.5)])
    assert (plain.pred_list == more.pred_list).all()
    assert (plain.label_list == more.label_list).all()
    assert (plain.rank == more.rank).all()


def test_given_values_labels_and_names_are_kept():
    random = np.random.default_rng(3)
    values, labels = random.exponential(size=N).round(1), random.integers(3, size=N)
    names = [f"{i}.jpg" for i in range(N)]
    planted = plant(
        recall=Trend(0.9, 0.6),
        n_classes=3,
        feature="blur",
        values=values,
        labels=labels,
        names=names,
    )

    assert planted.columns["blur"].tolist() == values.tolist()
    assert planted.label_list.tolist() == labels.tolist()
    assert planted.name_list == names
    assert planted.truth.shares.overall == pytest.approx(np.bincount(labels) / N, abs=0.002)
    low = values == 0.0  # ties share their mean rank
    assert np.ptp(planted.rank[low]) == 0
    right = planted.pred_list == labels
    assert_counts_agree(right[low].mean(), 0.9 - 0.3 * planted.rank[low][0], low.sum())


@pytest.mark.parametrize(
    ("dials", "message"),
    [
        ({"n": 0}, "n: expected a number ≥ 1, got 0"),
        ({"n": 2.5}, "n: expected a whole number, got 2.5"),
        ({"n": None}, "n: expected the number of samples, got none, nor lists"),
        ({"n_classes": 1}, "n_classes: expected a number ≥ 2, got 1"),
        ({"recall": 1.2}, "recall: expected rates of 0 … 1 at every rank, got 1.2 … 1.2"),
        ({"recall": (0.5,) * 3}, "recall: expected one rate, or one per class (2), got 3"),
        ({"recall": "high"}, "recall: expected a number, Trend or Levels, got str"),
        ({"recall": (0.5, 0.6), "false_positives": 0.1}, "recall: expected the target's alone"),
        ({"false_positives": 0.3, "n_classes": 3}, "at most 1 − recall of the other classes"),
        ({"target": 2}, "target: expected a number ≥ 0 and ≤ 1, got 2"),
        ({"confounding": 1.5}, "confounding: expected a number ≥ -1 and ≤ 1, got 1.5"),
        ({"prevalence": (1, 1, 1)}, "prevalence: expected one share per class (2)"),
        ({"prevalence": (-1, 2)}, "prevalence: expected shares ≥ 0"),
        ({"prevalence": [(1, 1)] * 2, "confounding": 0.1}, "confounding: expected 0"),
        ({"icc": -0.1}, "icc: expected a number ≥ 0 and ≤ 1, got -0.1"),
        ({"within_group": np.nan}, "within_group: expected a number ≥ 0 and ≤ 1, got nan"),
        ({"group_size": 0}, "group_size: expected a number ≥ 1, got 0"),
        ({"margin": 0.0}, "margin: expected numbers > 0, got 0"),
        ({"output": "scores"}, "output: expected one of labels, logits, probabilities, got scores"),
        ({"companions": [Covariate("sharpness", 0.5)]}, "companions: expected distinct names"),
        ({"feature": Covariate("blur", 0.5)}, "feature: expected correlation 1"),
        ({"labels": [0, 2], "n": 2}, "labels: expected whole numbers 0 … 1"),
        ({"labels": [0, 1], "n": 3}, "lists: expected one length, got n: 3, labels: 2"),
        ({"labels": [0, 1], "n": 2, "confounding": 0.5}, "labels: expected neither prevalence"),
        ({"values": [0.0, np.nan], "n": 2}, "values: expected one number per sample"),
        ({"rng": -1}, "rng: expected a whole number ≥ 0 or a Generator, got -1"),
        ({"rng": None}, "rng: expected a whole number ≥ 0 or a Generator, got None"),
    ],
)
def test_a_dial_out_of_range_says_so(dials, message):
    with pytest.raises((OptionError, InputError)) as caught:
        plant(**{"n": 10, **dials})
    assert message in str(caught.value)
