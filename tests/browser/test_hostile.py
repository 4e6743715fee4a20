"""Names that would be markup, scripts or members of every object are shown as the text they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sensitivity.report.writing import write_report

CLASSES = (
    "<script>alert(1)</script>",
    "__proto__",
    "constructor",
    "שלום‮ العالم",
    "🦊" * 12,
    "All",
    "</template></svg><img src=x onerror=alert(5)>",
    "{{ 7 * 7 }}",
    "a " * 60 + "b",
    "$&",
)
NAMES = [
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(2)</script>",
    "<!--<script>alert(3)//",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "long/" * 60 + "x.png",
    "x" * 300 + ".png",
    "مرحبا.png",
    "🦊.png",
    "javascript:alert(4)",
    "&lt;b&gt;",
    "a\u2028b\u2029c",
]
COLUMNS = {"level": "<b>x</b>", "camera": "__proto__", "hour": "</title><svg onload=alert(6)>"}


@pytest.fixture(scope="module")
def hostile(make_planted: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    analysis = make_planted(
        names=[NAMES[i % len(NAMES)] + f" {i}" * (i >= len(NAMES)) for i in range(1200)],
        classes=CLASSES,
        columns=lambda given: {
            COLUMNS[name]: [f"<i>{v}</i>" for v in values] if name == "camera" else values
            for name, values in given.items()
        },
        n=1200,
        features=(),
    )
    path = tmp_path_factory.mktemp("hostile") / "<b>&'report.html"
    command = "sensitivity report '</pre><script>alert(7)</script>'"
    return write_report(analysis, path, command=command)


@pytest.fixture
def page(hostile: Any, open_tab: Callable[..., Any]) -> Any:
    return open_tab(hostile).page


def assert_plain(page: Any) -> None:
    """No element but the page's own, and nothing wider than the window."""
    assert page.locator("main b b, main i, img[src='x'], [onload], [onerror]").count() == 0
    assert page.locator("script").count() == 2
    width, room = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert width <= room


@pytest.mark.parametrize("width", [1200, 390])
def test_the_page_as_it_opens(hostile: Any, open_tab: Callable[..., Any], width: int) -> None:
    page = open_tab(hostile, viewport={"width": width, "height": 800}).page
    assert_plain(page)
    for details in page.locator("details").all():
        details.evaluate("details => { details.open = true; }")
    assert_plain(page)
    titles = " ".join(page.locator(".feature h3").all_inner_texts())
    assert all(name in titles for name in COLUMNS.values())


@pytest.mark.parametrize("name", CLASSES)
def test_a_finding_of_a_class_leads_to_its_images(page: Any, name: str) -> None:
    link = page.locator(".look").first
    link.evaluate("(link, name) => { link.dataset.class = name; }", name)
    link.click()
    section = page.locator(link.get_attribute("href"))
    assert section.locator(".bins button[aria-pressed='true']").count() == 1


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_can_be_chosen(page: Any, unfold: Any, name: str) -> None:
    shown = name.strip()
    unfold(page)
    page.locator("#class").select_option(shown)
    for section in page.locator(".feature").all():
        assert section.locator(".panel:visible h4 bdi").all_text_contents() == [shown]
        section.locator(".bins button").first.click()
    assert_plain(page)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_can_be_found_and_enlarged(page: Any, name: str) -> None:
    page.locator("#search").fill(name)
    button = page.locator("#files .strip button").first
    assert name.strip() in button.get_attribute("title")
    button.click()
    assert name in page.locator("#viewer h2").text_content()
    assert_plain(page)


def test_every_bin_opens(page: Any, unfold: Any) -> None:
    unfold(page)
    for button in page.locator(".bins button").all():
        button.click()
    assert_plain(page)
    assert page.locator(".samples .strip button").count() > 50


def test_the_classes_are_listed_and_crossed_as_text(page: Any) -> None:
    listed = page.locator("#class-table tbody th").all_text_contents()
    assert listed == [name.strip() for name in CLASSES]
    page.locator("#one").select_option(label="__proto__")
    labels = page.locator("#crossed tbody th").all_text_contents()
    assert "<i>north</i>" in labels
    assert "</pre><script>alert(7)</script>" in page.locator("#settings pre").first.inner_text()
