"""The null is one, with every other dial on; counted by plain chi-square within each class."""

import numpy as np
import pytest
from scipy import stats

from sensitivity.synthetic import Trend, plant

N = 200_000


def fifths(rank):
    return np.minimum((rank * 5).astype(int), 4)


def dispersion(seeds, **dials):
    """Chi-square of right × fifth within each class, summed, and its degrees of freedom."""
    total, freedom = 0.0, 0
    for seed in seeds:
        planted = plant(20_000, rng=seed, **dials)
        for c in range(2):
            rows = planted.label_list == c
            right = planted.pred_list[rows] == c
            table = np.zeros((2, 5))
            np.add.at(table, (right.astype(int), fifths(planted.rank[rows])), 1)
            result = stats.chi2_contingency(table)
            total, freedom = total + result.statistic, freedom + result.dof
    return total, freedom


def test_the_null_is_flat_within_each_class_with_every_other_dial_on():
    dials = {"recall": (0.95, 0.7), "prevalence": (0.7, 0.3), "confounding": 0.9}
    total, freedom = dispersion(range(20), group_size=10, within_group=1.0, **dials)

    assert plant(10, **dials).truth.is_null
    assert 0.001 < stats.chi2.sf(total, freedom) < 0.999

    # over all classes the mix makes a trend: the dial is on
    planted = plant(20_000, **dials)
    right = planted.pred_list == planted.label_list
    assert right[planted.rank < 0.2].mean() - right[planted.rank > 0.8].mean() > 0.08


def test_the_same_count_sees_a_trend_and_dependence():
    total, freedom = dispersion(range(3), recall=Trend(0.8, 0.74))
    assert stats.chi2.sf(total, freedom) < 1e-6

    clustered = {"recall": 0.8, "group_size": 40, "within_group": 1.0, "icc": 0.3}
    total, freedom = dispersion(range(20), **clustered)
    score = stats.norm.ppf(0.8)
    both = stats.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]]).cdf([score, score])
    inflation = 1 + 19 * (both - 0.64) / 0.16  # about 20 of each class in a group
    assert total / freedom == pytest.approx(inflation, rel=0.25)
    assert plant(10, **clustered).truth.is_null
