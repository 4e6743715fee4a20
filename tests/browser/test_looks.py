"""Pictures of the report, to be looked at in the folder SENSITIVITY_SCREENSHOTS, if it is set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sensitivity.report.writing import write_report

LOOKS = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "zh": {"viewport": {"width": 1000, "height": 900}},
}

#: The pictures further down too, which otherwise come when they are scrolled to.
LOADED = """() => Promise.all([...document.images].map(
    image => { image.loading = "eager"; return image.decode(); }))"""


@pytest.mark.parametrize("look", LOOKS)
def test_a_picture_is_taken(
    case: Any, open_tab: Callable[..., Any], shots: Path, tmp_path: Path, look: str
) -> None:
    lang = "zh" if look == "zh" else "en"
    report = write_report(case.analysis, tmp_path / "report.html", lang=lang, images=case.photos)
    page = open_tab(report, **LOOKS[look]).page
    page.locator(".look").first.click()
    page.evaluate(LOADED)
    whole = page.screenshot(path=shots / f"{look}.png", full_page=True)
    page.locator(".samples .strip button").first.click()
    page.screenshot(path=shots / f"{look}-enlarged.png")
    assert len(whole) > 50_000
    width, room = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert width <= room
