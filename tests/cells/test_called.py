"""False calls per bin, from the published table alone: against counting them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sensitivity import analyse
from sensitivity.cells.called import false_calls, worst_and_rest


def analysed(seed: int, classes: int = 3, n: int = 400) -> tuple[Any, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y, x = rng.integers(0, classes, n), np.arange(n)
    wrong = rng.random(n) < 0.1 + 0.3 * x / n
    predicted = np.where(wrong, (y + rng.integers(1, classes, n)) % classes, y)
    found = analyse(
        predicted, y, [f"{i}.png" for i in range(n)],
        columns={"x": x}, features=(), save_path=None,
    )  # fmt: skip
    return found, y, predicted


@pytest.mark.parametrize("seed", range(3))
def test_they_are_those_that_are_counted(seed: int) -> None:
    found, y, predicted = analysed(seed)
    table = false_calls(found.bins).set_index(["class", "bin"])
    fifth = np.arange(400) // 80
    for c in range(3):
        shares = [(predicted[(fifth == k) & (y != c)] == c).mean() for k in range(5)]
        np.testing.assert_allclose(table.loc[str(c)].loc[range(5), "value"], shares, atol=1e-8)
        told = worst_and_rest(found.bins)["x", str(c)]
        worst = int(np.argmax(shares))
        assert told.bin == worst
        assert told.worst == pytest.approx(max(shares))
        rest = (predicted[(fifth != worst) & (y != c)] == c).mean()
        assert told.rest == pytest.approx(rest)
        assert (told.false, told.others) == (((predicted == c) & (y != c)).sum(), (y != c).sum())
        assert told.n_bins == 5


def sorted_by_class(called: int) -> Any:
    """The first half holds class 0 alone, of which some are called 1."""
    y = np.repeat([0, 1], 100)
    predicted = y.copy()
    predicted[:called] = 1
    return analyse(
        predicted, y, [f"{i}.png" for i in range(200)],
        columns={"x": np.arange(200)}, features=(), n_bins=2, save_path=None,
    )  # fmt: skip


def test_without_a_call_there_is_no_false_one() -> None:
    bins = sorted_by_class(0).bins
    table = false_calls(bins).set_index(["class", "bin"])
    assert table.loc[("1", 0), "value"] == 0


def test_a_bin_of_precision_0_is_not_known() -> None:
    """F1 is 0 there as well: neither says how many were called."""
    bins = sorted_by_class(7).bins
    cell = bins[(bins["class"] == "1") & (bins["bin"] == 0)].set_index("metric")["value"]
    assert cell["f1"] == cell["precision"] == 0
    assert np.isnan(cell["recall"])
    assert np.isnan(cell["f1_star"])
    assert ("1", 0) not in false_calls(bins).set_index(["class", "bin"]).index
    assert ("x", "1") not in worst_and_rest(bins)
