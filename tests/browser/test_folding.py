"""Features without a verdict are folded, and open for whoever asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sensitivity.report.writing import write_report


def section(page: Any, name: str) -> Any:
    return page.locator(f".feature[data-name='{name}']")


def is_open(page: Any, name: str) -> bool:
    return section(page, name).locator(".panel").first.is_visible()


@pytest.fixture
def names(case: Any) -> tuple[list[str], list[str]]:
    """Features with a verdict, and without any; both are there."""
    told = case.analysis.trends["strength"].isin(["real", "candidate"])
    speaking = sorted(set(case.analysis.trends.loc[told, "feature"]))
    silent = sorted(set(case.analysis.trends["feature"]) - set(speaking))
    assert speaking
    assert silent
    return speaking, silent


def test_those_without_a_verdict_are_folded_and_no_others(page: Any, names: Any) -> None:
    speaking, silent = names
    assert all(is_open(page, name) for name in speaking)
    assert not any(is_open(page, name) for name in silent)
    for name in silent:
        summary = section(page, name).locator(".fold > summary")
        assert summary.is_visible()
        assert "not distinguishable from chance" in summary.inner_text()
    note = page.locator("#features > .about").first.inner_text()
    assert note == f"Features without a verdict are folded ({len(silent)}): open one by its name."


def test_the_line_on_folded_ones_goes_while_one_class_is_chosen(page: Any, names: Any) -> None:
    note = page.locator("#about-folded")
    assert note.is_visible()
    page.locator("#class").select_option(index=1)
    assert note.is_hidden()
    page.locator("#class").select_option(index=0)
    assert note.is_visible()


def test_classes_that_are_not_shown_are_counted_until_one_is_chosen(
    make_planted: Callable[..., Any], open_tab: Callable[..., Any], tmp_path: Any
) -> None:
    def shuffled(given: Any) -> Any:
        return {"hour": given["hour"], "camera": given["camera"]}

    analysis = make_planted(columns=shuffled, features=())
    page = open_tab(write_report(analysis, tmp_path / "null.html")).page
    page.locator(".fold > summary").first.click()
    note = page.locator(".closed").first
    assert note.is_visible()
    n = len(analysis.settings["classes"])
    assert note.inner_text() == f"Classes not shown here: {n}. Choose one under Class, above."
    page.locator("#class").select_option(index=1)
    assert note.is_hidden()
    page.locator("#class").select_option(index=0)
    assert note.is_visible()


def test_the_page_is_shorter_for_it(page: Any) -> None:
    height = "() => document.documentElement.scrollHeight"
    before = page.evaluate(height)
    for summary in page.locator(".fold > summary").all():
        summary.click()
    assert page.evaluate(height) > before + 500


def test_by_keyboard(page: Any, names: Any) -> None:
    name = names[1][0]
    page.locator(f".feature[data-name='{name}'] .fold > summary").focus()
    page.keyboard.press("Enter")
    assert is_open(page, name)
    page.keyboard.press("Tab")
    assert section(page, name).evaluate("each => each.contains(document.activeElement)")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert not is_open(page, name)


def test_the_search_finds_them_and_opens_them_meanwhile(page: Any, names: Any) -> None:
    name = "hour"
    assert name in names[1]
    page.locator("#search").fill("HOU")
    assert is_open(page, name)
    page.locator("#search").fill("")
    assert not is_open(page, name)
    # One that the reader opened is left open by a search for others.
    section(page, name).locator(".fold > summary").click()
    page.locator("#search").fill("level")
    page.locator("#search").fill("")
    assert is_open(page, name)


def test_only_with_a_verdict_hides_them(page: Any, names: Any) -> None:
    page.locator("#only").check()
    assert not any(section(page, name).is_visible() for name in names[1])


@pytest.mark.parametrize("with_script", [True, False])
def test_a_link_to_one_opens_it(
    case: Any, open_tab: Callable[..., Any], names: Any, with_script: bool
) -> None:
    page = open_tab(case.report, java_script_enabled=with_script).page
    name = names[1][0]
    fragment = "#" + section(page, name).get_attribute("data-id")
    linked = open_tab(case.report, fragment=fragment, java_script_enabled=with_script).page
    linked.wait_for_timeout(200)
    assert is_open(linked, name)
    assert section(linked, name).locator(".fold > summary").bounding_box()["y"] > 40
    # And from the map of the same page.
    page.locator(f"#map a[href='{fragment}']").click()
    page.wait_for_timeout(200)
    assert is_open(page, name)


def test_on_paper_all_are_open_and_folded_again_after(page: Any, names: Any) -> None:
    assert len(page.pdf()) > 10_000
    assert not any(is_open(page, name) for name in names[1])
    page.emulate_media(media="print")
    assert all(is_open(page, name) for name in names[1])


def test_where_nothing_is_found_all_are_folded(
    make_planted: Callable[..., Any], open_tab: Callable[..., Any], tmp_path: Any
) -> None:
    def shuffled(given: Any) -> Any:
        return {"hour": given["hour"], "camera": given["camera"]}

    analysis = make_planted(columns=shuffled, features=())
    page = open_tab(write_report(analysis, tmp_path / "null.html")).page
    assert page.locator(".feature").count() == page.locator(".fold").count() == 2
    assert page.locator("#nothing").is_hidden()
