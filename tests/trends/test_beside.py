"""Rows beside the other features: partial z, companions, explanations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sensitivity.stats.ranks import within_ranks
from sensitivity.trends import beside
from sensitivity.trends.beside import beside_others

RECALL, FALSE, F1, SHAPE = range(4)


def everything(found, driver: int = RECALL):
    """All rows flagged, with one driver."""
    shape = (len(found.rows), 1 + found.prepared.samples.given.by.n_classes)
    return beside_others(found.evidence, np.ones(shape, dtype=bool), np.full(shape, driver))


def correlated(drawn, rho: float, seed: int = 0, n: int = 3000, slope: float = 0.12, **more):
    """The feature that matters, one that goes along with it, one that does not."""
    data = drawn(seed, n, slope=slope)
    blur = data.table["blur"].to_numpy()
    rng = np.random.default_rng((seed, 1))
    mere = rho * blur + np.sqrt(1 - rho**2) * rng.normal(size=n)
    return data.with_features(blur=blur, mere=mere, other=rng.normal(size=n), **more)


# Partial z


@pytest.mark.parametrize("driver", [RECALL, FALSE, F1])
def test_a_lone_feature_keeps_its_z(drawn, driver: int) -> None:
    """But for the ridge, and n / (n - 1)."""
    data = drawn(slope=0.1)
    found = data.with_features(blur=data.table["blur"]).gather()
    z = everything(found, driver)["partial_z"][0, 1:]
    key = ("z_recall", "z_fpr", "z_f1")[driver]
    np.testing.assert_allclose(z, getattr(found.rows["blur"], key)[1:], rtol=0.005)


def test_only_flagged_rows_with_a_trend_have_one(drawn) -> None:
    found = drawn(1, slope=0.1).gather()
    flagged, driver = np.zeros((3, 4), dtype=bool), np.zeros((3, 4), dtype=int)
    flagged[0, 1:] = True
    driver[0, 2], driver[0, 3] = SHAPE, -1
    known = ~np.isnan(beside_others(found.evidence, flagged, driver)["partial_z"])
    assert np.argwhere(known).tolist() == [[0, 1]]


def test_order_of_the_features_does_not_matter(drawn) -> None:
    data = correlated(drawn, 0.6)
    turned = data.with_features(**data.table[["other", "mere", "blur"]])
    one, two = everything(data.gather()), everything(turned.gather())
    np.testing.assert_allclose(two["partial_z"], one["partial_z"][::-1], atol=1e-8)
    np.testing.assert_allclose(two["vif"], one["vif"][::-1], rtol=1e-9)
    assert np.array_equal(two["explained_by"], one["explained_by"][::-1])


def test_inflation_is_that_of_the_correlation(drawn) -> None:
    found = everything(correlated(drawn, 0.8, n=20_000).gather())["vif"][:, 0]
    rho = 6 / np.pi * np.arcsin(0.8 / 2)  # of ranks
    np.testing.assert_allclose(found, [1 / (1 - rho**2)] * 2 + [1], rtol=0.03)


def test_too_many_classes_are_judged_by_recall_of_all(drawn, monkeypatch) -> None:
    found = correlated(drawn, 0.6).gather()
    whole = everything(found)["partial_z"]
    monkeypatch.setattr(beside, "MAX_PRODUCTS", 0)
    borrowed = everything(found)["partial_z"]
    np.testing.assert_allclose(borrowed, np.repeat(whole[:, :1], 4, axis=1))


def test_clusters_shrink_partial_z(drawn) -> None:
    data = correlated(drawn, 0.5)
    # Every sample five times, its copies far apart by name.
    of = np.random.default_rng(0).permutation(np.repeat(np.arange(600), 5))
    many = replace(data.taken(of), groups=of)
    many.table["name"] = [f"{i}.png" for i in range(3000)]
    naive, together = (everything(many.gather(grouped=g))["partial_z"] for g in (False, True))
    single = everything(data.taken(np.arange(600)).gather())["partial_z"]
    np.testing.assert_allclose(naive, np.sqrt(5) * single, rtol=0.01)
    assert together[0, 0] == pytest.approx(single[0, 0], rel=0.1)


# Companions and explanations


def test_features_that_are_alike_travel_together(drawn) -> None:
    data = correlated(drawn, 0.95)
    found = everything(data.gather())["travels_with"]
    assert found[:, 0].tolist() == ["mere", "blur", ""]
    assert (found == found[:, :1]).all()


def test_several_companions_are_named(drawn) -> None:
    data = correlated(drawn, 0.95)
    data = data.with_features(**data.table.drop(columns="name"), twin=-data.table["blur"])
    found = everything(data.gather())["travels_with"][:, 0]
    assert found.tolist() == ["mere, twin", "blur, twin", "", "blur, mere"]


def test_a_mere_correlate_is_explained_by_what_matters(drawn) -> None:
    found = correlated(drawn, 0.6).gather()
    z = np.abs([found.rows[f].z_recall[0] for f in found.rows])
    assert z[1] > 4, "by itself it looks real"
    told = everything(found)
    assert told["explained_by"][:, 0].tolist() == ["", "blur", ""]
    assert abs(told["partial_z"][0, 0]) > 8
    assert abs(told["partial_z"][1, 0]) < 2


def test_a_feature_that_has_nothing_to_do_with_it_explains_nothing(drawn) -> None:
    """|ρ| of .2 or less accounts for nothing, whatever the other's z."""
    told = everything(correlated(drawn, 0.2).gather())["explained_by"][:, 0]
    assert told.tolist() == ["", "", ""]


@pytest.mark.parametrize(("way", "name"), [(1.0, "blur"), (0.0, "blur"), (-1.0, "dark")])
def test_what_goes_the_other_way_hides_an_effect_and_explains_nothing(way, name) -> None:
    """Both errors fall, but where one feature is high the other is low; 0 is a category."""
    z, alone = np.array([1.0, 6.0, 4.0]), np.array([4.0, 4.5, 5.0])
    alike, ways = np.full((3, 3), 0.4), np.ones((3, 3))
    ways[0, 1] = ways[1, 0] = way
    found = beside._explanation(z, alone, alike, ways, 0, ["contrast", "blur", "dark"])
    assert found == name


def test_ways_are_the_signs_within_the_classes(drawn) -> None:
    data = drawn()
    blur = data.table["blur"]
    found = data.with_features(blur=blur, sharp=-blur, site=blur > 0).gather()
    by = found.evidence.prepared.design
    ways = beside._ways(by.products.sum(axis=0), by)
    assert ways[0, 1] == -1
    assert ways[0, 0] == 1


def test_what_stands_by_itself_is_not_explained(drawn) -> None:
    data = correlated(drawn, 0.6)
    right = np.random.default_rng(5).random(3000) < np.clip(
        0.7 + 0.1 * data.table["blur"] + 0.1 * data.table["mere"], 0, 1
    )
    data.predicted[:] = np.where(right, data.y, (data.y + 1) % 3)
    told = everything(data.gather())
    assert told["explained_by"][:2, 0].tolist() == ["", ""]
    assert (np.abs(told["partial_z"][:2, 0]) > 4).all()


def test_a_category_can_be_explained_and_can_explain(drawn) -> None:
    data = drawn(2, 3000, slope=0.15)
    blur = data.table["blur"].to_numpy()
    rng = np.random.default_rng(0)
    camera = np.where(blur + rng.normal(size=3000) > 0, "old", "new")
    told = everything(data.with_features(blur=blur, camera=camera).gather())
    assert told["explained_by"][:, 0].tolist() == ["", "blur"]

    old = camera == "old"
    right = rng.random(3000) < np.where(old, 0.6, 0.9)
    data.predicted[:] = np.where(right, data.y, (data.y + 1) % 3)
    told = everything(data.with_features(blur=blur, camera=camera).gather())
    assert told["explained_by"][:, 0].tolist() == ["camera", ""]


def test_likeness_is_within_the_class(drawn) -> None:
    """Two features that differ only by class go together over all, and not within."""
    data = drawn(3)
    rng = np.random.default_rng(0)
    one, two = (5.0 * data.y + rng.normal(size=900) for _ in range(2))
    assert np.corrcoef(one, two)[0, 1] > 0.9
    found = data.with_features(one=one, two=two).gather()
    assert everything(found)["travels_with"][:, 0].tolist() == ["", ""]
    samples = found.prepared.samples
    ranks = [within_ranks(x[samples.order], samples.given.by) for x in (one, two)]
    np.testing.assert_allclose(found.prepared.design.columns, ranks)
