"""Confusion tables without their empty cells: nothing is lost, however they were counted."""

import numpy as np
import pytest

from sensitivity.metrics.counts import Confusion, confusion_counts


def samples(n: int = 500, n_classes: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The last class never occurs, and some samples are in no bin."""
    rng = np.random.default_rng(0)
    y, called = rng.integers(0, n_classes - 1, (2, n))
    return y, np.where(rng.random(n) < 0.6, y, called), rng.integers(-1, 4, n)


def table() -> np.ndarray:
    y, called, codes = samples()
    found = np.zeros((4, 9, 9), dtype=np.int64)
    kept = codes >= 0
    np.add.at(found, (codes[kept], y[kept], called[kept]), 1)
    return found


def test_a_table_comes_back() -> None:
    found = Confusion.of(table())
    assert np.array_equal(found.table(), table())
    assert (found.samples > 0).all()
    assert np.array_equal(Confusion.of(table()[1]).table()[0], table()[1])


def test_sums_are_those_of_the_table() -> None:
    found = Confusion.of(table())
    assert np.array_equal(found.n, table().sum(axis=2))
    assert np.array_equal(found.calls, table().sum(axis=1))
    assert np.array_equal(found.hits, np.diagonal(table(), axis1=1, axis2=2))
    assert found.n.dtype == found.calls.dtype == found.hits.dtype == np.int64


@pytest.mark.parametrize("most", [0, 1 << 22])
def test_whole_or_sorted_counts_are_the_same(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensitivity.metrics.counts.MAX_WHOLE", most)
    y, called, codes = samples()
    found, expected = confusion_counts(y, called, 9, codes, 4), Confusion.of(table())
    for field in ("bins", "true", "called", "samples"):
        assert np.array_equal(getattr(found, field), getattr(expected, field))
    nothing = np.zeros(0, dtype=np.int64)
    assert confusion_counts(nothing, nothing, 3).n.tolist() == [[0, 0, 0]]
