"""Folds and three parts."""

from __future__ import annotations

import numpy as np
import pytest

from sensitivity.errors import InputError, OptionError
from sensitivity.tta.splits import FIT, JUDGE, SEEK, cross_fitted, design, make_folds, three_way


def grouped(seed: int, n: int = 600, n_groups: int = 60, n_classes: int = 3):
    rng = np.random.default_rng(seed)
    groups = rng.choice(n_groups, n, p=rng.dirichlet(np.ones(n_groups)))
    leaning = rng.integers(0, n_classes, n_groups)
    y = np.where(rng.random(n) < 0.6, leaning[groups], rng.integers(0, n_classes, n))
    return y, groups


@pytest.mark.parametrize("n_folds", [2, 5, 7])
def test_classes_and_images_are_even_to_within_one(n_folds):
    y = np.random.default_rng(0).choice(4, 203, p=[0.6, 0.3, 0.08, 0.02])
    folds = make_folds(y, None, n_folds, 0)
    assert np.ptp(np.bincount(folds, minlength=n_folds)) <= 1
    for c in range(4):
        assert np.ptp(np.bincount(folds[y == c], minlength=n_folds)) <= 1


def test_folds_are_random_and_the_seed_repeats_them():
    y = np.arange(100) % 2
    first, again, other = (make_folds(y, None, 5, seed) for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()
    assert (first != np.arange(100) % 5).any()


def test_groups_stay_whole_and_classes_nearly_even():
    for seed in range(5):
        y, groups = grouped(seed)
        folds = make_folds(y, groups, 5, seed)
        for group in np.unique(groups):
            assert len(np.unique(folds[groups == group])) == 1
        sizes = np.bincount(folds)
        assert len(sizes) == 5
        assert np.ptp(sizes) < 0.2 * len(y) / 5
        for c in range(3):
            share = np.bincount(folds[y == c], minlength=5) / (y == c).sum()
            assert np.abs(share - 0.2).max() < 0.08


def test_a_giant_group_fills_a_fold_by_itself():
    groups = np.append(np.zeros(500, dtype=int), np.arange(1, 201))
    y = np.arange(700) % 2
    folds = make_folds(y, groups, 5, 0)
    giant = folds[0]
    assert (folds[groups == 0] == giant).all()
    assert (folds == giant).sum() == 500
    assert np.ptp(np.bincount(folds[500:], minlength=5)[np.arange(5) != giant]) <= 2


def test_a_class_with_fewer_images_than_folds_is_missing_in_some():
    y = np.append(np.zeros(50, dtype=int), [1, 1])
    folds = make_folds(y, None, 5, 0)
    assert len(np.unique(folds[y == 1])) == 2
    assert len(np.unique(folds)) == 5


def test_fewer_groups_or_images_than_folds_make_fewer_folds():
    y = np.arange(60) % 2
    assert np.unique(make_folds(y, np.arange(60) // 20, 5, 0)).tolist() == [0, 1, 2]
    assert np.unique(make_folds(y[:3], None, 5, 0)).tolist() == [0, 1, 2]


def test_groups_of_one_image_are_dealt_like_images():
    y = np.random.default_rng(0).integers(0, 3, 90)
    names = np.array([f"p{i}" for i in range(90)])
    assert (make_folds(y, names, 5, 3) == make_folds(y, None, 5, 3)).all()


def test_groups_may_be_names():
    y, groups = grouped(0)
    named = np.array([f"patient {g:02d}" for g in groups])
    assert (make_folds(y, named, 5, 0) == make_folds(y, groups, 5, 0)).all()


def test_many_groups_are_dealt_in_time():
    rng = np.random.default_rng(0)
    y, groups = rng.integers(0, 10, 20_000), rng.integers(0, 8000, 20_000)
    folds = make_folds(y, groups, 5, 0)
    assert np.ptp(np.bincount(folds)) < 40


def test_what_cannot_be_split_is_one_fold():
    y = np.array([0, 1, 0])
    assert make_folds(y, np.zeros(3)).tolist() == [0, 0, 0]
    assert make_folds(y[:1]).tolist() == [0]
    assert make_folds(y[:0]).tolist() == make_folds(y[:0], y[:0]).tolist() == []


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="groups: expected 3 values"):
        make_folds(np.array([0, 1, 0]), [1, 2])
    with pytest.raises(OptionError, match="folds"):
        make_folds(np.array([0, 1, 0]), None, 1)
    with pytest.raises(InputError, match="three parts"):
        three_way(np.array([0, 1, 0]), np.array([0, 0, 1]))


def test_three_parts_are_thirds_and_the_giant_seeks():
    y, groups = grouped(1)
    assert np.ptp(np.bincount(three_way(y, None, 0))) <= 1
    groups = np.where(np.arange(len(groups)) < 400, 99, groups)
    parts = three_way(y, groups, 0)
    assert (parts[groups == 99] == SEEK).all()
    sizes = np.bincount(parts)
    assert sizes[SEEK] >= sizes[JUDGE] >= sizes[FIT] > 0


def test_design_changes_at_two_thousand():
    assert [design(n) for n in (10, 1999, 2000)] == ["cross-fitted", "cross-fitted", "three splits"]


def test_few_groups_are_cross_fitted_however_large():
    assert design(10_000, np.arange(10_000) % 29) == "cross-fitted"
    assert design(10_000, np.arange(10_000) % 30) == "three splits"


def test_no_image_helps_to_fit_what_scores_it():
    folds, seen = np.arange(20) % 4, []
    z0 = np.arange(20.0)[:, None]

    def fitted(rows):
        seen.append(rows)
        return lambda scores: scores * 0 + rows.sum()

    scores, in_sample = cross_fitted(z0, folds, fitted)
    assert (scores == 15).all()
    assert (in_sample == 20).all()
    for fold, rows in enumerate(seen[:4]):
        assert not (rows & (folds == fold)).any()
    with pytest.raises(InputError, match="folds"):
        cross_fitted(z0, folds * 0, fitted)
