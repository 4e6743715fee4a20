"""How long it takes is said once, and not before it is known."""

from __future__ import annotations

import pytest

from sensitivity.cli.estimates import Estimate, duration, told


def clock(*seconds: float):
    return iter(seconds).__next__


def test_it_is_said_once_and_from_the_second_batch_on():
    said: list[str] = []
    estimate = Estimate("collecting", said.append, clock=clock(0.0, 100.0, 102.0, 999.0))
    estimate(10, 1000)
    assert said == []
    estimate(20, 1000)
    estimate(30, 1000)
    # ten images in 100 s: 980 are left
    assert said == ["collecting: about 2.7 hours left"]


def test_what_came_from_the_cache_counts_for_nothing():
    said: list[str] = []
    estimate = Estimate("collecting", said.append, clock=clock(0.0, 1.0))
    estimate(900, 1000)
    estimate(910, 1000)
    assert said == ["collecting: about 9 seconds left"]


def test_what_is_done_at_once_needs_no_estimate():
    said: list[str] = []
    estimate = Estimate("collecting", said.append)
    estimate(1000, 1000)
    assert said == []


def test_progress_is_handed_on():
    seen: list[tuple[int, int]] = []
    estimate = Estimate("x", print, lambda *pair: seen.append(pair))
    for done in (5, 10):
        estimate(done, 10)
    assert seen == [(5, 10), (10, 10)]


def test_without_a_terminal_there_is_no_bar(capsys):
    with told("collecting", "images") as progress:
        progress(1, 2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 second"), (99, "99 seconds"), (101, "2 minutes"), (5999, "100 minutes")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text
