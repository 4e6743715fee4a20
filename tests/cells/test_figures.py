"""What bins say of a class: intervals with clusters, spread, class mix, margins."""

import numpy as np
import pandas as pd
import pytest

import sensitivity
from sensitivity import tables
from sensitivity.cells import Judged, design_effects
from sensitivity.metrics import classification as metrics


def analysed(y, predicted, columns, *, names=None, **options):
    names = [f"{i}.png" for i in range(len(y))] if names is None else names
    return sensitivity.analyse(
        predicted, y, names, columns=columns, features=(), save_path=None, **options
    )


def drawn(n=1200, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3).astype(int)
    predicted = np.where(rng.random(n) < 0.8, y, 1 - y)
    return y, predicted, rng.random(n)


def test_copies_that_are_groups_leave_every_interval_as_wide():
    y, predicted, dose = drawn()
    rows = np.repeat(np.arange(len(y)), 4)
    once = analysed(y, predicted, {"dose": dose}, groups=np.arange(len(y)))
    four = analysed(y[rows], predicted[rows], {"dose": dose[rows]}, groups=rows)
    for name in ("bins", "overall"):
        before, after = getattr(once, name), getattr(four, name)
        macro = before["metric"].isin(["balanced_accuracy", "macro_f1"])
        width, again = ((frame["high"] - frame["low"])[~macro] for frame in (before, after))
        assert np.allclose(before["value"], after["value"], equal_nan=True)
        # Smoothing by half a count weighs less on four times the counts.
        assert np.nanmax(np.abs(again / width - 1)) < 0.06
    trends = (found.trends.set_index(["feature", "class"]) for found in (once, four))
    one, other = trends
    assert np.allclose(one["p_recall"], other["p_recall"], rtol=1e-6)
    assert np.allclose(one["spread_low"], other["spread_low"], atol=0.004)


def test_groups_of_one_are_no_groups():
    y, predicted, _ = drawn(300)
    pooled = metrics.confusion_counts(y, predicted, 2)
    cells = metrics.cells(pooled, pooled=pooled, prior=np.array([0.7, 0.3]))
    judged = Judged(y, predicted, ("a", "b"), pooled, np.array([0.7, 0.3]), clusters=np.arange(300))
    found = design_effects(cells, pooled, np.zeros(300, dtype=int), judged)
    for effect in (found.recall, found.precision, found.accuracy):
        assert np.allclose(effect, 1.0)
    # An image counts in the F1 of its own class and of the one it is called, once each.
    assert np.allclose(found.f1, 1.0)


def cameras():
    """One model, three cameras with 60, 30 and 8 % of the class."""
    y, predicted, camera = [], [], []
    for place, (tp, fn, fp, tn) in enumerate(
        [(960, 240, 40, 760), (480, 120, 70, 1330), (128, 32, 92, 1748)]
    ):
        y += [1] * (tp + fn) + [0] * (fp + tn)
        predicted += [1] * tp + [0] * fn + [1] * fp + [0] * tn
        camera += [place] * 2000
    order = np.random.default_rng(0).permutation(6000)
    return np.array(y)[order], np.array(predicted)[order], np.array(camera)[order]


def test_f1_that_follows_the_class_mix_is_called_so():
    y, predicted, camera = cameras()
    trends = analysed(y, predicted, {"camera": camera}).trends.set_index("class")
    assert trends.at["1", "std"] > 0.08
    assert trends.at["1", "spread"] < 0.01
    assert trends.at["1", "verdict"] == tables.CLASS_MIX
    assert (trends["strength"] == "none").all()


def test_a_real_fall_is_no_class_mix():
    y, predicted, camera = cameras()
    worse = (camera == 2) & (y == 1) & (np.random.default_rng(1).random(6000) < 0.4)
    trends = analysed(y, np.where(worse, 0, predicted), {"camera": camera}).trends
    assert trends.set_index("class").at["1", "verdict"] == tables.ASSOCIATED


@pytest.mark.parametrize("kind", ["logits", "probabilities"])
def test_a_margin_that_erodes_without_errors_is_told(kind):
    rng = np.random.default_rng(3)
    dose, y = rng.random(3000), rng.integers(0, 2, 3000)
    margin = (4 - 3 * dose) * (1 + 0.1 * rng.normal(size=3000))
    logits = np.stack([np.where(y == 0, margin, 0.0), np.where(y == 1, margin, 0.0)], axis=1)
    wrong = rng.random(3000) < 0.05
    logits[wrong] = logits[wrong][:, ::-1]
    if kind == "probabilities":
        logits = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    trends = analysed(y, logits, {"dose": dose}).trends
    assert set(trends["verdict"]) == {tables.MARGIN}
    row = trends.set_index("class").loc["all"]
    assert row["margin_first"] == pytest.approx(0.9 * 3.7, abs=0.25)
    assert row["margin_last"] == pytest.approx(0.9 * 1.3, abs=0.25)


def test_confidence_gap_of_a_bin_is_by_hand():
    rng = np.random.default_rng(4)
    dose, y = rng.random(1000), rng.integers(0, 2, 1000)
    sure = 0.6 + 0.4 * rng.random(1000)
    right = rng.random(1000) < sure - 0.2 * dose
    called = np.where(right, y, 1 - y)
    scores = np.stack(
        [np.where(called == 0, sure, 1 - sure), np.where(called == 1, sure, 1 - sure)]
    )
    found = analysed(y, scores.T, {"dose": dose})
    gaps = found.bins[found.bins["metric"] == "confidence_gap"]
    codes = pd.qcut(dose, 5, labels=False)
    for k, (_, gap) in enumerate(gaps.iterrows()):
        here = codes == k
        assert gap["value"] == pytest.approx((sure - right)[here].mean(), abs=1e-6)
        half = 1.959964 * (sure - right)[here].std(ddof=1) / np.sqrt(here.sum())
        assert gap["high"] - gap["value"] == pytest.approx(half, rel=1e-5)
    assert gaps["value"].iloc[-1] > gaps["value"].iloc[0] + 0.05
