"""The slices in words: what was searched, what holds, and that nothing was found."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from sensitivity import tables
from sensitivity.report.columns import display_width
from sensitivity.report.slices_text import render_slices, slices_summary

SETTINGS: dict[str, Any] = {
    "n": 10_001,
    "classes": ["normal", "defect"],
    "confidence": 0.95,
    "features": [
        {"edges": [1.0, 2.0], "categories": []},
        {"edges": [], "categories": ["A", "B"]},
        {"edges": [], "categories": [str(i) for i in range(21)]},
    ],
}


def table(*p_holm: float, **changes: Any) -> pd.DataFrame:
    rows = [
        {
            "feature": "sharpness", "label": "0%-20%", "feature_2": "camera", "label_2": "B",
            "class": ("defect", "all")[i % 2], "z_found": -7.77 - i, "n": 52 + i,
            "value": 0.41, "low": 0.28, "high": 0.55, "expected": 0.74, "p": p / 10, "p_holm": p,
        }
        | changes
        for i, p in enumerate(p_holm)
    ]  # fmt: skip
    return tables.check(pd.DataFrame(rows, columns=list(tables.SLICES.names)), tables.SLICES)


def text_of(slices: pd.DataFrame, width: int = 100, **settings: Any) -> str:
    found = slices_summary(slices, SETTINGS | settings)
    return render_slices(found, colour=False, width=width)


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_dict_says_what_was_searched_and_what_holds() -> None:
    found = slices_summary(table(0.0004, 0.05, 0.051), SETTINGS)
    assert (found["features"], found["support"], found["n_holding"]) == (2, 51, 2)
    assert [row["holds"] for row in found["slices"]] == [True, True, False]
    assert [row["metric"] for row in found["slices"]] == ["recall", "accuracy", "recall"]
    json.dumps(found, allow_nan=False)


def test_what_could_not_be_judged_does_not_hold() -> None:
    nan = float("nan")
    found = slices_summary(table(1.0, n=0, value=nan, low=nan, high=nan, expected=nan), SETTINGS)
    assert found["slices"][0]["value"] is None
    assert found["n_holding"] == 0
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(("n", "support"), [(60, 30), (6000, 30), (6001, 31), (1_000_000, 5000)])
def test_support_is_that_of_the_search(n: int, support: int) -> None:
    assert slices_summary(table(), SETTINGS | {"n": n})["support"] == support


def test_slices_that_hold_are_shown_with_the_other_halfs_figures() -> None:
    text = text_of(table(0.0004, 0.04, 0.3))
    assert "2 of the 3 slices hold on the other half" in words(text)
    lines = [line.split() for line in text.splitlines()]
    one = ["defect", "sharpness", "0–20%", "camera", "B", "52", ".41", "[.28–.55]", ".74", ".0004"]
    two = ["all", "sharpness", "0–20%", "camera", "B", "53", ".41", "[.28–.55]", ".74", ".04"]
    assert one in lines
    assert two in lines
    assert "1 more do not hold" in text
    assert "7.77" not in text, "the z of the search is no evidence"


def test_it_is_said_what_was_searched() -> None:
    text = words(text_of(table(0.0004, 0.3)))
    assert "every bin of 2 features crossed with every bin of another" in text
    assert "for all classes together and each of 2 classes" in text
    assert "on a random half of 10,001 images. A slice has at least 51 images" in text
    assert "which took no part in the search; the figures are of that half alone" in text
    many = text_of(table(0.3), classes=[str(i) for i in range(51)])
    assert "all classes together, and each that has 2 % of the images or more" in words(many)


def test_groups_and_blocks_are_said() -> None:
    given = words(text_of(table(0.01), dependence={"kind": "groups"}))
    assert "no group lies in both halves" in given
    assert "hints" not in given
    found = words(text_of(table(0.01), dependence={"kind": "blocks"}))
    assert "errors of neighbouring names are alike" in found
    assert "Without groups these are hints" in found
    assert "half" not in words(text_of(table(), features=[], dependence={"kind": "blocks"}))


def test_when_nothing_holds_it_says_so_and_shows_nothing() -> None:
    text = words(text_of(table(0.06, 0.9)))
    assert "Nothing was found. Of the 2 slices none is weaker on the other half" in text
    assert "(p > .05, corrected for their number)" in text
    assert ".41" not in text
    assert "sharpness" not in text


def test_when_nothing_was_judged_it_says_why() -> None:
    alone = words(text_of(table(), features=SETTINGS["features"][:1]))
    assert "Nothing was searched. It takes two features of 2 to 20 bins" in alone
    assert "none is weaker than its features alone" in words(text_of(table()))


@pytest.mark.parametrize(
    ("p", "expected"),
    [(1e-30, "<.0001"), (0.00044, ".0004"), (0.0044, ".004"), (0.044, ".04"), (0.05, ".05")],
)
def test_p_is_short(p: float, expected: str) -> None:
    assert any(line.endswith(" " + expected) for line in text_of(table(p)).splitlines())


@pytest.mark.parametrize("width", [100, 140])
def test_no_line_is_wider_than_asked(width: int) -> None:
    long = {"feature": "x" * 60, "label": "屋顶" * 20, "feature_2": "a\nb" * 30}
    for slices in (table(0.01, **long), table(0.9, **long), table()):
        for line in text_of(slices, width=width).splitlines():
            assert display_width(line) <= width
            assert line == line.rstrip()
