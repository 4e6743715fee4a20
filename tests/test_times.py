"""Seconds since 1970 as dates: held against pandas, which is told nothing of the choice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sensitivity.times import time_texts, time_ticks


def seconds(text: str) -> float:
    return pd.Timestamp(text).timestamp()


@pytest.mark.parametrize(
    "texts",
    [
        ["2023-11-03", "2024-02-29", "2024-05-20"],
        ["1969-12-31", "1970-01-01"],
        ["0812-05-03", "2024-02-29"],
        ["2024-03-01T08:30", "2024-03-01T17:00"],
        ["2024-03-01T08:30:01", "2024-03-01T08:30:02"],
        ["2024-03-01T08:30:01.250", "2024-03-01T08:30:01.251"],
        ["2024-03-01"],
    ],
)
def test_no_more_parts_than_tell_them_apart(texts: list[str]) -> None:
    assert time_texts([seconds(text) for text in texts]) == texts


def test_alike_ones_are_alike_and_unknown_ones_empty() -> None:
    day = seconds("2024-03-01T15:20")
    assert time_texts([day, None, day]) == ["2024-03-01", "", "2024-03-01"]
    assert time_texts([]) == []
    assert time_texts([float("inf"), 1e300, day]) == ["inf", "1e+300", "2024-03-01"]


@pytest.mark.parametrize("span", [20, 300, 7_000, 86_400, 1e6, 5e6, 4e7, 1e9, 3e10])
@pytest.mark.parametrize("start", [0.0, -3e8, 1.7e9 + 12_345.678])
def test_marks_of_an_axis_are_few_round_and_within(start: float, span: float) -> None:
    marks = time_ticks(start, start + span)
    places = [place for place, _ in marks]
    assert 2 <= len(places) <= 5
    assert start <= places[0] < places[-1] <= start + span
    assert places == sorted(set(places))
    gaps = np.diff(places)
    # Months have 28 to 31 days.
    assert gaps.max() <= 1.15 * gaps.min()
    for place, text in marks:
        assert span > 5e9 or pd.Timestamp(text).timestamp() == pytest.approx(place)


@pytest.mark.parametrize("ends", [(5.0, 5.0), (1e300, 1.1e300), (1.2, 1.3)])
def test_ends_without_a_round_time_between_are_the_marks(ends: tuple[float, float]) -> None:
    assert [place for place, _ in time_ticks(*ends)] == list(ends)
