"""All tests of a run: laws, missing values, and what belongs together."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from sensitivity.bins import bin_features
from sensitivity.stats.dependence import CLUSTER, natural_order, serial_dependence
from sensitivity.trends import gather
from sensitivity.trends.evidence import ALIKE_P, fitted_residuals
from sensitivity.trends.rows import Rows

P = ("p_recall", "p_fpr", "p_f1", "p_shape", "p_margin")
NAMES = tuple(field.name for field in fields(Rows))


def numbers(evidence, features=None, names=NAMES) -> np.ndarray:
    """Features × numbers × rows."""
    features = features or list(evidence.rows)
    return np.array([[getattr(evidence.rows[f], name) for name in names] for f in features])


def rounded(value):
    return pytest.approx(value) if isinstance(value, float) else value


# Laws


@pytest.mark.parametrize("recall", [0.75, 0.98, 0.02])
@pytest.mark.parametrize("grouped", [False, True])
def test_order_of_the_samples_changes_nothing(drawn, recall: float, grouped: bool) -> None:
    """Simulated p included, bit by bit but for rounding."""
    one = drawn(recall=recall, luck=0.1)
    two = one.taken(np.random.default_rng(0).permutation(900))
    found, again = (data.gather(grouped=grouped, sure=True) for data in (one, two))
    np.testing.assert_allclose(numbers(again), numbers(found), rtol=1e-7, atol=1e-12)
    assert again.dependence == {k: rounded(v) for k, v in found.dependence.items()}


def test_units_of_a_feature_change_nothing(drawn) -> None:
    data = drawn(1, slope=0.1)
    other = data.with_features(
        blur=np.exp(data.table["blur"]) * 1000,
        dust=np.log1p(data.table["dust"]).astype(np.float32),
        site=data.table["site"].map({"east": "x", "north": "y", "west": "a"}),
    )
    np.testing.assert_allclose(numbers(other.gather()), numbers(data.gather()), rtol=1e-9)


def test_a_reversed_feature_flips_signs_only(drawn) -> None:
    data = drawn(2, slope=0.1)
    one = data.gather(sure=True)
    two = data.with_features(blur=-data.table["blur"]).gather(sure=True)
    np.testing.assert_allclose(numbers(two, ["blur"], P), numbers(one, ["blur"], P), rtol=1e-9)
    signs = ("z_recall", "z_fpr", "z_f1", "change")
    np.testing.assert_allclose(numbers(two, ["blur"], signs), -numbers(one, ["blur"], signs))


@pytest.mark.parametrize("grouped", [False, True])
def test_other_names_of_the_classes_move_rows(drawn, grouped: bool) -> None:
    data = drawn(3, luck=0.1)
    place = np.array([2, 0, 1])
    other = replace(data, y=place[data.y], predicted=place[data.predicted])
    one, two = numbers(data.gather(grouped=grouped)), numbers(other.gather(grouped=grouped))
    np.testing.assert_allclose(two[:, :, 0], one[:, :, 0], rtol=1e-9)
    np.testing.assert_allclose(two[:, :, 1 + place], one[:, :, 1:], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("recall", [0.75, 0.98])
@pytest.mark.parametrize("grouped", [False, True])
def test_missing_values_are_the_same_as_leaving_the_samples_out(
    drawn, recall: float, grouped: bool
) -> None:
    data = drawn(4, recall=recall)
    missing = np.random.default_rng(1).random(900) < 0.3
    table = data.table.drop(columns="name")
    with_gaps = data.with_features(**table, hole=table["blur"].mask(missing),
                                   gap=table["site"].mask(missing))  # fmt: skip
    found = with_gaps.gather(grouped=grouped, sure=True)
    kept = data.taken(np.flatnonzero(~missing)).gather(grouped=grouped, sure=True)
    np.testing.assert_allclose(
        numbers(found, ["hole", "gap"]), numbers(kept, ["blur", "site"]), rtol=1e-7, atol=1e-12
    )
    whole = data.gather(grouped=grouped, sure=True)
    np.testing.assert_allclose(numbers(found, list(whole.rows)), numbers(whole), rtol=1e-9)


def test_p_of_a_feature_do_not_depend_on_the_others(drawn) -> None:
    data = drawn(5, recall=0.98)
    alone = data.with_features(blur=data.table["blur"]).gather()
    assert np.array_equal(numbers(alone), numbers(data.gather(), ["blur"]), equal_nan=True)


def test_the_same_seed_gives_the_same_numbers(drawn) -> None:
    data = drawn(6, recall=0.98)
    assert np.array_equal(numbers(data.gather()), numbers(data.gather()), equal_nan=True)
    assert not np.array_equal(numbers(data.gather()), numbers(data.gather(seed=1)), equal_nan=True)


def test_infinite_values_are_the_largest_numbers(drawn) -> None:
    data = drawn(7)
    blur = data.table["blur"].to_numpy()
    capped = np.clip(blur, -1.5, 1.5)
    endless = np.where(np.abs(blur) >= 1.5, np.sign(blur) * np.inf, blur)
    one = data.with_features(blur=capped).gather()
    two = data.with_features(blur=endless).gather()
    np.testing.assert_allclose(numbers(two), numbers(one), rtol=1e-9)


# Small and empty


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("grouped", [False, True])
def test_a_handful_of_samples_is_never_sure(drawn, n: int, grouped: bool) -> None:
    for seed in range(20):
        data = drawn(seed, n, recall=0.5)
        data = data.with_features(blur=np.arange(float(n)), site=[str(i % 2) for i in range(n)])
        p = numbers(data.gather(grouped=grouped), names=P[:4])
        assert (p[~np.isnan(p)] > 0.02).all()


def test_no_features_are_no_rows(drawn) -> None:
    found = drawn(8).with_features().gather()
    assert found.rows == {}
    assert found.dependence["kind"] == "none"


@pytest.mark.parametrize("recall", [0.0, 1.0])
def test_no_errors_or_nothing_right_is_not_tested(drawn, recall: float) -> None:
    found = drawn(9, recall=recall).gather()
    assert np.isnan(numbers(found, names=("p_recall",))).all()
    assert found.dependence == {"kind": "none", "n_clusters": None, "p": None, "ratio": None}


def test_a_class_that_nobody_knows_is_not_tested(drawn) -> None:
    p = numbers(replace(drawn(10), n_classes=5).gather(), names=P)
    assert np.isnan(p[:, :, 4:]).all()
    assert np.isfinite(p[:2, :4, 1:4]).all()


# Margins


def test_margins_are_tested_if_all_are_known(drawn) -> None:
    data = drawn(11)
    assert numbers(data.gather(sure=True), ["blur"], ["p_margin"]).max() < 1e-6
    assert np.isnan(numbers(data.gather(), names=["p_margin"])).all()
    data.margin[3] = np.nan
    assert np.isnan(numbers(data.gather(sure=True), names=["p_margin"])).all()


def test_margins_of_other_units_are_the_same(drawn) -> None:
    data = drawn(12)
    before = numbers(data.gather(sure=True), names=["p_margin"])
    data.margin[:] = np.expm1(data.margin)
    np.testing.assert_allclose(numbers(data.gather(sure=True), names=["p_margin"]), before)


# What belongs together


def test_given_groups_are_the_clusters(drawn) -> None:
    data = drawn(13, luck=0.3)
    found = data.gather(grouped=True)
    assert found.dependence == {"kind": "groups", "n_clusters": 45, "p": None, "ratio": None}
    assert np.array_equal(found.evidence.clusters, data.groups)


def test_one_large_group_among_hundreds_of_single_images_is_not_hundreds(drawn) -> None:
    """Features and luck of the whole group are the same: chance, however many others there are."""
    smallest = []
    for seed in range(8):
        found = drawn(seed)
        rng = np.random.default_rng(seed)
        groups = np.maximum(np.arange(900) - 599, 0)  # 600 images, and 300 of one each
        luck, shared = rng.normal(size=301), rng.normal(size=301)
        right = rng.random(900) < 1 / (1 + np.exp(-1 - luck[groups]))
        predicted = np.where(right, found.y, (found.y + 1) % 3)
        found = replace(found, groups=groups, predicted=predicted)
        blur = shared[groups] + rng.normal(size=900) / 10
        site = np.array(["east", "north", "west"])[rng.integers(3, size=301)[groups]]
        rows = found.with_features(blur=blur, site=site).gather(grouped=True).rows
        smallest.append([np.nanmin([its.p_recall[0], its.p_shape[0]]) for its in rows.values()])
    assert np.min(smallest) > 0.01


def test_errors_of_neighbours_that_are_alike_make_blocks(drawn) -> None:
    data = drawn(14, luck=0.3)
    order = np.random.default_rng(0).permutation(900)
    found = data.taken(order).gather()
    assert found.dependence["kind"] == "blocks"
    assert found.dependence["p"] <= ALIKE_P
    assert found.dependence["ratio"] > 1.5
    assert found.dependence["n_clusters"] == 900 // CLUSTER
    assert np.array_equal(found.evidence.clusters, order // CLUSTER)  # "shot 9" before "shot 10"


def test_names_in_no_order_hide_it(drawn) -> None:
    data = drawn(14, luck=0.3)
    mixed = np.random.default_rng(1).permutation(900)
    data.table["name"] = [f"shot {i}.png" for i in mixed]
    found = data.gather()
    assert found.dependence["kind"] == "none"
    assert found.dependence["p"] > ALIKE_P
    assert found.evidence.clusters is None


def named_by_dose(drawn, seed: int):
    """A real effect of a feature in whose order the files are named."""
    data = drawn(seed, slope=0.15, recall=0.7)
    return data.taken(np.argsort(data.table["blur"].to_numpy())), data


@pytest.mark.parametrize("seed", range(3))
def test_a_real_effect_in_files_named_by_dose_is_not_dependence(drawn, seed: int) -> None:
    data, _ = named_by_dose(drawn, seed)
    data.table["name"] = [f"dose {i}.png" for i in range(900)]
    found = data.gather()
    assert found.dependence["kind"] == "none"
    assert found.rows["blur"].p_recall[0] < 1e-6

    plain = (data.predicted == data.y) - found.prepared.samples.given.recall[data.y]
    place = np.argsort(natural_order(data.table["name"].tolist()))
    _, p = serial_dependence(plain, data.y, place, np.random.default_rng(0))
    assert p <= ALIKE_P, "without the fit it would be taken for dependence"


def test_dependence_beside_a_real_effect_is_still_found(drawn) -> None:
    data = drawn(15, slope=0.15, luck=0.3)
    assert data.gather().dependence["kind"] == "blocks"


def test_residuals_have_nothing_to_do_with_class_or_features(drawn) -> None:
    data = drawn(16, slope=0.15)
    prepared = data.prepare()
    residuals = fitted_residuals(prepared)
    np.testing.assert_allclose(np.bincount(data.y, residuals), 0, atol=1e-8)
    along = prepared.design.columns @ residuals[prepared.samples.order]
    np.testing.assert_allclose(along, 0, atol=1e-8)


def test_residuals_are_in_the_callers_order(drawn) -> None:
    data = drawn(16, slope=0.15)
    order = np.random.default_rng(0).permutation(900)
    one, two = fitted_residuals(data.prepare()), fitted_residuals(data.taken(order).prepare())
    np.testing.assert_allclose(two, one[order], atol=1e-10)


def test_copies_of_a_feature_leave_the_same_residuals(drawn) -> None:
    data = drawn(17, slope=0.15)
    twice = data.with_features(**data.table.drop(columns="name"), copy=data.table["blur"] * 3)
    one, two = fitted_residuals(data.prepare()), fitted_residuals(twice.prepare())
    np.testing.assert_allclose(two, one, atol=1e-8)


def test_the_check_for_dependence_is_calibrated(drawn) -> None:
    """With features that have nothing to do with it, one in a hundred at most is called alike."""
    found = [drawn(seed, 600).gather(seed=seed).dependence["p"] for seed in range(150)]
    assert np.mean(np.array(found) <= 0.05) < 0.05 + 3.1 * np.sqrt(0.05 * 0.95 / 150)


def test_binnings_say_which_features_take_part(drawn) -> None:
    data = drawn(18)
    binnings, _ = bin_features(data.table)
    del binnings["dust"]
    found = gather(data.prepare(binnings), None, seed=0)
    assert list(found.rows) == ["blur", "site"]
