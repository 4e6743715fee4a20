"""Out-of-fold gains of a cell, and their bound."""

import numpy as np
import pytest
from scipy import stats

from sensitivity.synthetic import plant_views
from sensitivity.tta.cell_fit import How, fit_cell, lower_bound
from sensitivity.tta.penalties import nll_rows

HOW = How(np.array([1.0, 0.0, 0.0]), "logits", (0.003, 0.3))


def test_images_of_a_fold_have_no_part_in_their_scores() -> None:
    z, y = plant_views(200, penalties=(0.0, -0.1, 0.1), rng=0)
    fold, one = np.arange(200) % 4, np.ones(200)
    found = fit_cell(z, y, fold, one, HOW)
    # The labels of the fold that is scored are all exchanged: which number of views is
    # kept may change, the scale of its original not.
    turned = np.where(fold == 2, 1 - y, y)
    again = fit_cell(z, turned, fold, one, HOW)
    assert again.scaled[fold == 2] == pytest.approx(found.scaled[fold == 2])
    assert again.scaled[fold == 1] != pytest.approx(found.scaled[fold == 1])


def test_gains_are_differences_of_the_negative_log_likelihood() -> None:
    z, y = plant_views(200, penalties=(0.0, -0.1, 0.1), rng=1)
    weight = np.linspace(0.5, 1.5, 200)
    found = fit_cell(z, y, np.arange(200) % 4, weight, HOW)
    expected = weight * (nll_rows(found.scaled, y) - nll_rows(found.scores, y))
    assert found.gains == pytest.approx(expected)
    assert np.average(nll_rows(found.scaled, y)) < np.average(nll_rows(5 * z[0], y))


@pytest.mark.parametrize("most", [1, 2])
def test_no_more_views_than_allowed(most) -> None:
    z, y = plant_views(300, penalties=(0.0, 0.0, 0.0), shared=0.3, rng=2)
    how = How(HOW.prior, "logits", HOW.penalties, most)
    found = fit_cell(z, y, np.arange(300) % 5, np.ones(300), how)
    assert np.count_nonzero(found.fitted.weights) == most
    free = fit_cell(z, y, np.arange(300) % 5, np.ones(300), HOW)
    assert np.count_nonzero(free.fitted.weights) == 3
    assert free.gains.sum() > found.gains.sum()


def test_the_choice_of_a_number_of_views_is_paid_for() -> None:
    z, y = plant_views(300, penalties=(0.0, -0.1, 0.1), rng=3)
    data = z, y, np.arange(300) % 5, np.ones(300)
    found = fit_cell(*data, HOW)
    bounds = [lower_bound(gains)[1] for gains in (found.gains, found.untouched)]
    assert found.low(None, 0.05) == min(bounds)
    few = fit_cell(*data, How(HOW.prior, "logits", HOW.penalties, 2))
    assert few.untouched is None
    assert few.low(None, 0.05) == lower_bound(few.gains, None, 0.025)[1]
    one = fit_cell(*data, How(HOW.prior, "logits", HOW.penalties, 1))
    assert one.low(None, 0.05) == lower_bound(one.gains)[1]


# The bound


def test_equal_to_t_where_all_images_count_the_same() -> None:
    gains = np.random.default_rng(0).choice([-1.0, 1.2], 400)
    mean, low = lower_bound(gains)
    expected = stats.t.interval(0.9, 399, loc=gains.mean(), scale=stats.sem(gains))[0]
    assert mean == pytest.approx(gains.mean())
    assert low == pytest.approx(expected, rel=0.01)


def test_a_few_images_are_as_few_as_they_are() -> None:
    few = np.zeros(1000)
    few[:4] = 1.0
    assert lower_bound(few)[1] < 0  # an exact sign test: 1/16
    few[4] = 1.0
    assert lower_bound(few)[1] > 0  # 1/32
    assert lower_bound(np.array([1.0] + [1e-9] * 500))[1] < 0


def test_groups_are_summed_first() -> None:
    gains = np.random.default_rng(1).normal(0.2, 1, 50)
    alone = lower_bound(gains)
    copied = lower_bound(np.repeat(gains, 8), np.repeat(np.arange(50), 8))
    assert copied == pytest.approx(alone)
    assert lower_bound(np.repeat(gains, 8))[1] > alone[1]


def test_of_clustered_gains_the_bound_is_right() -> None:
    random = np.random.default_rng(2)
    above = []
    for _ in range(400):
        sizes = random.integers(1, 30, 40)
        groups = np.repeat(np.arange(40), sizes)
        gains = random.normal(size=40)[groups] + random.normal(size=len(groups))
        above.append(lower_bound(gains, groups)[1] > 0)
    assert np.mean(above) < 0.08


def test_nothing_to_tell() -> None:
    assert np.isnan(lower_bound(np.empty(0))[0])
    assert lower_bound(np.empty(0))[1] == -np.inf
    assert lower_bound(np.ones(1))[1] == -np.inf
    assert lower_bound(np.ones(9), np.zeros(9, int))[1] == -np.inf
    assert lower_bound(np.zeros(9)) == (0.0, 0.0)
