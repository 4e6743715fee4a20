import itertools

import pandas as pd
import pytest

from sensitivity.advice.levels import usable, weakest_and_strongest
from sensitivity.bins import MISSING


def bins(values, *, n=50, metric="recall", name="ok"):
    return pd.DataFrame(
        {
            "feature": "noise",
            "class": name,
            "metric": metric,
            "bin": range(len(values)),
            "label": [str(k) for k in range(len(values))],
            "value": values,
            "low": values,
            "high": values,
            "n": n,
            "low_support": n < 10,
        }
    )


def test_missing_empty_and_small_bins_are_not_usable():
    table = bins([0.1, float("nan"), 0.2, 0.3])
    table["bin"] = [MISSING, 1, 2, 3]
    table["low_support"] = [False, False, True, False]
    assert usable(table, "recall")["bin"].to_list() == [3]
    assert usable(table, "f1").empty
    assert weakest_and_strongest(table, "recall") == {}


def classes(counts, star):
    """One feature: images of two classes per bin, and accuracy at an equal class mix."""
    parts = [bins([0.5] * len(star), metric="recall", name=name) for name in counts]
    for part, n in zip(parts, counts.values(), strict=True):
        part["n"] = n
    total = [sum(each) for each in zip(*counts.values(), strict=True)]
    for metric in ("accuracy", "accuracy_star"):
        part = bins(star, metric=metric, name="all")
        parts.append(part.assign(n=total))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(
    ("defect", "kept"),
    [
        ([1, 100, 100, 99], [1, 2, 3]),  # 1 where about 100 should be
        ([20, 100, 100, 80], [0, 1, 2, 3]),  # fewer, but some
        ([0, 3, 3, 3], [0, 1, 2, 3]),  # so rare that little of the mix is missed
    ],
)
def test_a_bin_that_misses_much_of_the_mix_is_no_ground_for_accuracy_at_an_equal_mix(defect, kept):
    table = classes({"ok": [200] * 4, "defect": defect}, [0.97, 0.7, 0.8, 0.9])
    assert usable(table, "accuracy_star")["bin"].to_list() == kept
    assert usable(table, "accuracy")["bin"].to_list() == [0, 1, 2, 3]
    assert weakest_and_strongest(table, "accuracy_star")["noise", "all"][1]["bin"] == max(
        kept, key=[0.97, 0.7, 0.8, 0.9].__getitem__
    )


def test_of_many_classes_with_an_image_or_none_in_each_bin_none_is_missed():
    counts = {str(k): [(k + b) % 2 for b in range(4)] for k in range(100)}
    table = classes(counts, [0.5, 0.6, 0.7, 0.8])
    assert usable(table, "accuracy_star")["bin"].to_list() == [0, 1, 2, 3]


def test_no_bins_have_no_ends():
    assert weakest_and_strongest(bins([]), "recall") == {}


def test_order_of_the_rows_changes_nothing():
    table = bins([0.5, 0.9, 0.2, 0.7])
    expected = weakest_and_strongest(table, "recall")
    worst, best = expected["noise", "ok"]
    assert (worst["bin"], worst["value"], best["bin"], best["value"]) == (2, 0.2, 1, 0.9)
    for order in itertools.permutations(range(4)):
        assert weakest_and_strongest(table.iloc[list(order)], "recall") == expected


def test_of_equal_bins_worst_and_best_are_different_ones():
    worst, best = weakest_and_strongest(bins([0.5, 0.5, 0.5]), "recall")["noise", "ok"]
    assert (worst["bin"], best["bin"]) == (0, 2)


def test_classes_and_metrics_are_kept_apart():
    table = pd.concat(
        [bins([0.1, 0.2]), bins([0.3, 0.4], name="bad"), bins([0.8, 0.9], metric="f1")]
    )
    found = weakest_and_strongest(table, "recall")
    assert {key: pair[1]["value"] for key, pair in found.items()} == {
        ("noise", "ok"): 0.2,
        ("noise", "bad"): 0.4,
    }
