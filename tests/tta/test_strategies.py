"""Strategies against the original, on the same images."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests

from sensitivity import tables
from sensitivity.errors import InputError, OptionError
from sensitivity.tta.strategies import Strategy, compare_strategies


def views(seed: int, n: int = 300, n_classes: int = 3, size: int = 1, prior=None):
    """True classes, scores of an original and of a slightly worse view; clusters of `size`."""
    rng = np.random.default_rng(seed)
    y = rng.choice(n_classes, n, p=prior)

    def noise() -> np.ndarray:
        alone = rng.standard_normal((n, n_classes))
        if size == 1:
            return alone
        together = rng.standard_normal((n // size + 1, n_classes))[np.arange(n) // size]
        return np.sqrt(0.5) * (together + alone)

    shared = 1.4 * np.eye(n_classes)[y] + np.sqrt(0.9) * noise()
    first, second = (shared + np.sqrt(0.1) * noise() for _ in range(2))
    second[np.arange(n), y] -= 0.1
    return y, first, second


def called(classes: np.ndarray, n_classes: int = 2) -> np.ndarray:
    return np.log(np.where(np.eye(n_classes)[classes] > 0, 0.9, 0.1 / (n_classes - 1)))


def compared(y, first, second, **options):
    n_classes = first.shape[1]
    pair = [Strategy("original", first), Strategy("other", second, 2.0)]
    names = [f"c{c}" for c in range(n_classes)]
    frame, costs = compare_strategies(y, pair, names, **{"n_boot": 300, **options})
    return frame, costs


def row(frame: pd.DataFrame, strategy: str, owner: str, metric: str) -> pd.Series:
    found = frame[
        (frame["strategy"] == strategy) & (frame["class"] == owner) & (frame["metric"] == metric)
    ]
    assert len(found) == 1
    return found.iloc[0]


# Laws


def test_tables_are_those_of_the_schema():
    y, first, second = views(0)
    frame, costs = compared(y, first, second)
    tables.check(frame, tables.STRATEGIES)
    tables.check(costs, tables.COSTS)
    assert len(frame) == 2 * (5 + 2 * 3)
    assert costs["passes"].tolist() == [1, 2]


def test_the_order_of_the_images_changes_no_value():
    y, first, second = views(1)
    order = np.random.default_rng(2).permutation(len(y))
    one, _ = compared(y, first, second)
    other, _ = compared(y[order], first[order], second[order])
    exact = ["n", "value", "change", "p", "p_holm"]
    np.testing.assert_allclose(one[exact], other[exact], atol=1e-12)
    np.testing.assert_allclose(one[["low", "high"]], other[["low", "high"]], atol=0.02)


def test_the_same_seed_gives_the_same_bounds_and_zero_is_a_seed():
    y, first, second = views(1)
    frames = [compared(y, first, second, rng=seed)[0] for seed in (0, 0, 1)]
    pd.testing.assert_frame_equal(frames[0], frames[1])
    assert not frames[0]["low"].equals(frames[2]["low"])


def test_bounds_enclose_the_change_and_narrow_with_four_times_the_images():
    y, first, second = views(3)
    small, _ = compared(y, first, second)
    large, _ = compared(*(np.concatenate([x] * 4) for x in (y, first, second)))
    kept = small["strategy"] == "other"
    assert (small["low"] <= small["change"] + 1e-12)[kept & (small["metric"] != "ece")].all()
    assert (small["high"] >= small["change"] - 1e-12)[kept & (small["metric"] != "ece")].all()
    ratio = ((large["high"] - large["low"]) / (small["high"] - small["low"]))[kept]
    assert ratio.between(0.35, 0.65).all()
    np.testing.assert_allclose(small["change"], large["change"], atol=1e-12)


def test_swapping_both_turns_the_change():
    y, first, second = views(4)
    one, costs = compared(y, first, second)
    other, back = compared(y, second, first)
    a, b = (x[x["strategy"] == "other"] for x in (one, other))
    np.testing.assert_allclose(a["change"], -b["change"], atol=1e-12)
    np.testing.assert_allclose(a["p"], b["p"])
    assert costs["corrected"][1] == back["corrupted"][1]
    assert costs["corrupted"][1] == back["corrected"][1]


def test_the_original_again_has_changed_nothing():
    y, first, _ = views(5)
    frame, costs = compared(y, first, first.copy())
    assert (frame[["change", "low", "high"]] == 0).all(axis=None)
    assert costs[["corrected", "corrupted"]].to_numpy().sum() == 0
    assert row(frame, "other", "all", "accuracy")["p"] == 1


def test_a_temperature_moves_likelihood_but_no_prediction():
    y, first, _ = views(6)
    frame, _ = compared(y, first, 6 * first)
    assert row(frame, "other", "all", "nll")["low"] > 0
    for metric in ("accuracy", "balanced_accuracy", "macro_f1"):
        found = row(frame, "other", "all", metric)
        assert found["change"] == 0
        assert found["low"] < 0 < found["high"]  # none seen is not none


def test_in_sample_is_the_change_on_in_sample_scores():
    y, first, second = views(7)
    pair = [Strategy("original", first), Strategy("policy", second, in_sample=first + second)]
    frame, _ = compare_strategies(y, pair, ["a", "b", "c"], n_boot=100)
    alone, _ = compared(y, first, first + second, n_boot=100)
    found = frame[frame["strategy"] == "policy"]["in_sample"]
    np.testing.assert_allclose(found, alone[alone["strategy"] == "other"]["change"])
    assert frame[frame["strategy"] == "original"]["in_sample"].isna().all()


def test_groups_of_one_image_are_no_groups():
    y, first, second = views(8)
    plain, _ = compared(y, first, second)
    single, _ = compared(y, first, second, groups=np.arange(len(y))[::-1])
    pd.testing.assert_frame_equal(plain, single)


def test_copies_of_an_image_in_one_group_are_worth_one_image():
    y, first, second = views(9, n=200)
    copies = [np.repeat(x, 10, axis=0) for x in (y, first, second)]
    alone, _ = compared(y, first, second, n_boot=1500)
    naive, _ = compared(*copies)
    known, _ = compared(*copies, groups=np.repeat(np.arange(200), 10), n_boot=1500)
    widths = [
        row(x, "other", "all", "nll")["high"] - row(x, "other", "all", "nll")["low"]
        for x in (alone, naive, known)
    ]
    assert widths[2] / widths[0] == pytest.approx(1, abs=0.15)
    assert widths[1] / widths[0] < 0.4
    p = [row(x, "other", "all", "accuracy")["p"] for x in (naive, known)]
    assert p[0] < p[1]


def test_a_class_without_images_is_undefined_and_harms_nobody():
    y, first, second = views(10)
    y, first, second = (x[y < 2] for x in (y, first, second))
    frame, _ = compared(y, first, second)
    empty = row(frame, "other", "c2", "recall")
    assert empty["n"] == 0
    assert empty[["value", "change", "low", "high", "p", "p_holm"]].isna().all()
    assert frame[frame["class"] == "all"][["change", "low", "high"]].notna().all(axis=None)


def test_all_images_in_one_group_have_no_interval():
    y, first, second = views(11, n=50)
    frame, _ = compared(y, first, second, groups=np.zeros(50))
    found = frame[frame["strategy"] == "other"]
    assert found[["low", "high", "p"]].isna().all(axis=None)
    assert found["change"].notna().all()


def test_one_image_is_enough_to_count():
    frame, costs = compared(np.array([1]), called(np.array([0])), called(np.array([1])))
    assert row(frame, "other", "all", "accuracy")["change"] == 1
    assert costs["corrected"][1] == 1


# References


def test_p_is_mcnemars_and_corrected_by_holm():
    y, first, second = views(12, n=900)
    frame, costs = compared(y, first, second)
    right = [s.argmax(axis=1) == y for s in (first, second)]
    p = []
    for c in range(3):
        own = y == c
        gained, lost = (right[1] & ~right[0] & own).sum(), (right[0] & ~right[1] & own).sum()
        exact = statsmodels_mcnemar([[0, gained], [lost, 0]], exact=True).pvalue
        found = row(frame, "other", f"c{c}", "recall")["p"]
        assert found <= exact  # the mid-p takes off half of the seen table's chance
        assert found == pytest.approx(exact, abs=0.1)
        p.append(found)
    corrected = multipletests(p, method="holm")[1]
    told = [row(frame, "other", f"c{c}", "recall")["p_holm"] for c in range(3)]
    np.testing.assert_allclose(told, corrected)
    assert costs["corrected"][1] - costs["corrupted"][1] == right[1].sum() - right[0].sum()


def test_bounds_by_formula_are_those_of_the_bootstrap(monkeypatch):
    y, first, second = views(13, n=3000)
    for groups in (None, np.arange(3000) // 5):
        drawn, _ = compared(y, first, second, n_boot=2000, groups=groups)
        with monkeypatch.context() as patch:
            patch.setattr("sensitivity.tta.changes.MAX_DRAWN_CLASSES", 2)
            formula, _ = compared(y, first, second, groups=groups)
        kept = drawn["class"].ne("all") & drawn["strategy"].eq("other")
        widths = [(x["high"] - x["low"])[kept] for x in (drawn, formula)]
        np.testing.assert_allclose(widths[0] / widths[1], 1, atol=0.08)
        np.testing.assert_allclose(drawn["low"][kept], formula["low"][kept], atol=0.004)


def test_many_classes_are_told_at_once():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 120, 1500)
    first = 3 * np.eye(120)[y] + rng.standard_normal((1500, 120))
    frame, _ = compared(y, first, first + 0.5 * rng.standard_normal(first.shape), n_boot=100)
    found = frame[frame["strategy"].eq("other") & frame["metric"].eq("recall")]
    assert len(found) == 120
    assert ((found["low"] < found["change"]) & (found["change"] < found["high"])).all()


# Coverage


@pytest.mark.parametrize(
    ("n", "prior", "size"), [(100, (0.8, 0.2), 1), (300, (0.7, 0.3), 1), (800, (0.6, 0.4), 20)]
)
def test_intervals_cover_what_they_say(n, prior, size):
    y, first, second = views(0, 300_000, 2, prior=prior)
    pair = [Strategy("original", first), Strategy("other", second)]
    truth, _ = compare_strategies(y, pair, ["c0", "c1"], n_boot=100)
    hits = []
    for seed in range(250):
        sample = views(seed + 1, n, 2, size, prior)
        groups = None if size == 1 else np.arange(n) // size
        frame, _ = compared(*sample, groups=groups, n_boot=400, rng=seed)
        hits.append((frame["low"] <= truth["change"]) & (truth["change"] <= frame["high"]))
    kept = truth["strategy"].eq("other") & truth["metric"].ne("ece")
    coverage = np.mean(hits, axis=0)[kept]
    # 250 seeds: 0.95 ± 0.04
    assert (coverage >= 0.91).all()
    assert coverage.mean() <= 0.98


def test_groups_that_are_not_given_make_intervals_too_narrow():
    ratios = []
    for seed in range(10):
        sample = views(seed, 800, 2, 40)
        frames = [
            compared(*sample, groups=groups, n_boot=200)[0]
            for groups in (None, np.arange(800) // 40)
        ]
        found = [row(frame, "other", "all", "nll") for frame in frames]
        naive, known = (x["high"] - x["low"] for x in found)
        ratios.append(naive / known)
    assert np.median(ratios) < 0.75


# Known numbers


def counted(normal: int, defect: int, right: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """True and called classes from the number of cells and the recalls in per cent."""
    y = np.repeat([0, 1], [normal, defect])
    hits = [round(n * share / 100) for n, share in zip((normal, defect), right, strict=True)]
    places = np.concatenate([np.arange(normal) >= hits[0], np.arange(defect) < hits[1]])
    return y, places.astype(int)


def test_the_published_gain_of_recall_costs_balanced_accuracy():
    """754 normal and 356 defective cells; recalls 97.2/71.3, flip 93.7/72.7, blur 94.8/73.3 %."""
    published = {
        "original": ((97.2, 71.3), 84.25),
        "flip": ((93.7, 72.7), 83.2),
        "blur": ((94.8, 73.3), 84.05),
    }
    y, _ = counted(754, 356, (97.2, 71.3))
    strategies = [
        Strategy(name, called(counted(754, 356, recalls)[1]))
        for name, (recalls, _) in published.items()
    ]
    frame, costs = compare_strategies(y, strategies, ["normal", "defect"], n_boot=500)
    for name, (recalls, balanced) in published.items():
        for owner, recall in zip(("normal", "defect"), recalls, strict=True):
            assert 100 * row(frame, name, owner, "recall")["value"] == pytest.approx(
                recall, abs=0.1
            )
        found = row(frame, name, "all", "balanced_accuracy")["value"]
        assert 100 * found == pytest.approx(balanced, abs=0.1)
    for name in ("flip", "blur"):
        assert row(frame, name, "defect", "recall")["change"] > 0
        assert row(frame, name, "normal", "recall")["high"] < 0
        assert row(frame, name, "all", "balanced_accuracy")["change"] < 0
        assert row(frame, name, "all", "accuracy")["high"] < 0
    assert costs["corrected"].tolist() == [0, 5, 7]
    assert costs["corrupted"].tolist() == [0, 27, 18]


# Refusals


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.array([], dtype=int)}, "at least one image"),
        ({"y": np.array([0, 3])}, "classes from 0 to 1"),
        ({"names": ("same", "same")}, "own name"),
        ({"second": np.zeros((3, 2))}, "scores of b: expected 2 images"),
        ({"groups": [1]}, "expected 2 values"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    given = {
        "y": np.array([0, 1]), "names": ("a", "b"), "second": np.eye(2), "groups": None, **change
    }  # fmt: skip
    pair = [Strategy(given["names"][0], np.eye(2)), Strategy(given["names"][1], given["second"])]
    with pytest.raises(InputError, match=message):
        compare_strategies(given["y"], pair, ["x", "y"], groups=given["groups"])


@pytest.mark.parametrize("option", [{"confidence": 1.0}, {"n_boot": 10}])
def test_options_out_of_range_are_refused(option):
    with pytest.raises(OptionError):
        compare_strategies(np.array([0]), [Strategy("a", np.zeros((1, 2)))], ["x", "y"], **option)
