"""A report opens from disk, fetches nothing, and says its findings with and without a script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sensitivity.report.writing import write_report


def test_it_fetches_nothing_but_itself(case: Any, tab: Any) -> None:
    tab.page.mouse.wheel(0, 20_000)
    tab.page.locator(".bins button").first.click()
    assert tab.fetched == [case.report.as_uri()]


def test_the_planted_finding_comes_first(page: Any) -> None:
    first = page.locator("#findings .card").first
    assert first.locator("h3").inner_text().startswith(("level", "Brightness"))
    assert first.locator(".badge").first.inner_text() == "associated"
    assert page.locator("#findings .card h3 bdi", has_text="crack").count() >= 1
    assert page.locator("#findings .card h3", has_text="hour").count() == 0


def test_a_finding_leads_to_its_images(page: Any) -> None:
    page.locator(".look[data-class='crack']").first.click()
    section = page.locator(page.locator(".look[data-class='crack']").first.get_attribute("href"))
    assert section.locator(".bins button[aria-pressed='true']").count() == 1
    assert "crack" in section.locator(".samples").inner_text()
    assert section.locator(".samples img").count() > 3


def test_in_chinese(case: Any, open_tab: Callable[..., Any], tmp_path: Any) -> None:
    report = write_report(case.analysis, tmp_path / "zh.html", lang="zh", images=case.photos)
    page = open_tab(report).page
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert page.locator("h1").inner_text() == "模型的薄弱之处"
    page.locator(".bins button").first.click()
    assert "错误" in page.locator(".samples").first.inner_text()
    words = page.locator("main").inner_text()
    assert "Nothing" not in words
    assert "True class" not in words


def test_without_a_script_all_numbers_are_there(case: Any, open_tab: Callable[..., Any]) -> None:
    page = open_tab(case.report, java_script_enabled=False).page
    assert page.locator("noscript p").is_visible()
    for controls in ("#filters", "#theme", ".bins", "#crossing"):
        assert not page.locator(controls).first.is_visible()
    assert page.locator("#findings .card").first.is_visible()
    assert page.locator(".feature").count() == len(case.analysis.settings["features"])
    assert page.locator("#class-table tbody tr").count() == 3
    fold = page.locator(".fold").first
    assert not fold.locator(".chart").first.is_visible()
    fold.locator("summary").first.click()
    assert fold.locator(".chart").first.is_visible()


def test_in_print_no_control_and_every_feature(case: Any, page: Any) -> None:
    page.locator("#search").fill("hour")
    assert page.locator(".feature:visible").count() == 1
    page.locator("#search").fill("")
    page.emulate_media(media="print")
    for controls in (".top", "#filters", ".bins", ".look", "#crossing"):
        assert not page.locator(controls).first.is_visible(), controls
    assert page.locator(".feature:visible").count() == len(case.analysis.settings["features"])
    assert page.locator("#class-table").is_visible()
    for section in page.locator(".feature").all():
        assert section.locator(".chart").first.is_visible()


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_other_colours_are_remembered(
    case: Any, open_tab: Callable[..., Any], system: str
) -> None:
    page = open_tab(case.report, color_scheme=system).page
    colour = "() => getComputedStyle(document.body).backgroundColor"
    first = page.evaluate(colour)
    page.locator("#theme").click()
    second = page.evaluate(colour)
    assert first != second
    assert page.locator("#theme").get_attribute("aria-pressed") == str(system == "light").lower()
    # The browser writes its storage a moment later.
    page.wait_for_timeout(300)
    page.reload()
    assert page.evaluate(colour) == second
    page.locator("#theme").click()
    assert page.evaluate(colour) == first


def test_pictures_from_a_folder_load(
    case: Any, open_tab: Callable[..., Any], tmp_path: Any
) -> None:
    report = write_report(
        case.analysis, tmp_path / "a report #1.html", images=case.photos, thumbnails="folder"
    )
    tab = open_tab(report)
    tab.page.locator(".bins button").first.click()
    image = tab.page.locator(".samples img").first
    image.scroll_into_view_if_needed()
    image.evaluate("image => image.decode()")
    assert image.evaluate("image => image.naturalWidth") == 48
    beside = (tmp_path / "a report #1_files").as_uri()
    assert all(url.startswith((report.as_uri(), beside)) for url in tab.fetched)
    assert len(tab.fetched) > 1


def test_without_pictures_names_are_shown(
    case: Any, open_tab: Callable[..., Any], tmp_path: Any
) -> None:
    report = write_report(
        case.analysis, tmp_path / "bare.html", images=case.photos, thumbnails="none"
    )
    page = open_tab(report).page
    page.locator(".bins button").first.click()
    assert page.locator("img").count() == 0
    assert page.locator(".samples .strip button").count() > 3
    assert "no picture" in page.locator(".samples .blank").first.inner_text()
