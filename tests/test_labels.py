"""One way of writing a bin's label for people, and back from what they type."""

from __future__ import annotations

import numpy as np
import pytest

from sensitivity.advice.places import value_ranges
from sensitivity.bins import share_labels
from sensitivity.labels import edge_texts, shown_label, stored_label
from sensitivity.times import SINCE_1970

LABELS = ("0%-20%", "20%-40%", "40%-60%", "60%-80%", "80%-100%", "missing")


@pytest.mark.parametrize(
    ("label", "kind", "lang", "shown"),
    [
        ("0%-20%", "numeric", "en", "0–20%"),
        ("50.0%-50.3%", "numeric", "zh", "50.0–50.3%"),
        ("up to 7", "numeric", "en", "up to 7"),
        ("up to 7", "numeric", "zh", "不超过 7"),
        ("7", "numeric", "zh", "7"),
        ("-2.5", "numeric", "en", "-2.5"),
        ("missing", "numeric", "en", "missing"),
        ("2024-03-01", "numeric", "en", "2024-03-01"),
        ("0%-20%", "categorical", "en", "0%-20%"),
        ("up to 7", "categorical", "zh", "up to 7"),
    ],
)
def test_what_is_shown(label: str, kind: str, lang: str, shown: str) -> None:
    assert shown_label(label, kind, lang) == shown


@pytest.mark.parametrize("counts", [[222] * 5, [500, 3, 497], [1, 999], [1, 10**6, 1]])
def test_what_is_shown_names_the_bin_again(counts: list[int]) -> None:
    labels = share_labels(np.array(counts))
    for label in labels:
        shown = shown_label(label)
        assert shown.count("%") == 1
        for typed in (label, shown, shown.replace("–", "-"), label.replace("-", " - ")):
            assert stored_label(typed, labels) == label


@pytest.mark.parametrize("typed", ["0–30%", "0", "", "-", "20", "missin"])
def test_what_names_no_bin(typed: str) -> None:
    assert stored_label(typed, LABELS) is None


def test_a_category_is_named_by_its_name_alone() -> None:
    labels = ["5 - 6", "5-6"]
    assert stored_label("5-6", labels) == "5-6"
    assert stored_label("5 - 6", labels) == "5 - 6"
    assert stored_label("5 -6", labels) is None


def test_edges_of_times_are_dates_and_others_numbers() -> None:
    entry = {"kind": "numeric", "edges": [0.0, 86_400.0], "categories": [], "unit": SINCE_1970}
    entry |= {"minimum": -86_400.0, "maximum": 864_000.0}
    assert edge_texts(entry) == ["1970-01-01", "1970-01-02"]
    assert edge_texts({**entry, "unit": "s"}) == ["0.0", "86400.0"]
    labels = ["0%-20%", "20%-40%", "40%-100%"]
    assert value_ranges(labels, [0.0, 86_400.0, np.nan], entry) == [
        ("1969-12-31", "1970-01-01"),
        ("1970-01-01", "1970-01-02"),
        ("1970-01-02", "1970-01-11"),
    ]
    assert value_ranges(["1970-01-01", "1970-01-02"], [0.0, np.nan], entry) == []
