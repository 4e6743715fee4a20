"""The report that the demonstration leaves, of real photos where these are installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sensitivity.cli import main
from sensitivity.result import Analysis


@pytest.mark.skipif(
    importlib.util.find_spec("elpv_dataset") is None, reason="the photos are not installed"
)
def test_the_report_of_the_demonstration(
    open_tab: Callable[..., Any], shots: Path, tmp_path: Path
) -> None:
    out = tmp_path / "demo"
    assert main(["demo", "--out", str(out)]) == 0
    analysis = Analysis.load(out)
    tab = open_tab(out / "report.html")
    page = tab.page
    assert tab.fetched == [(out / "report.html").as_uri()]
    assert "nothing was found in the errors beyond chance" in page.locator("#findings").inner_text()
    assert "Do not use test-time augmentation" in page.locator("#trial").inner_text()
    assert page.locator("#trial table").first.locator("tr.chosen").count() == 1
    section = page.locator(".feature[data-name='sharpness']")
    section.locator(".bins button").first.click()
    shown = section.locator(".samples .strip button")
    values = analysis.features.set_index("name")["sharpness"]
    low = analysis.edges["sharpness"][0]
    names = [each.get_attribute("title") for each in shown.all()]
    assert len(names) >= 12
    assert all(values[name] <= low for name in names)
    widths = section.locator(".samples img").evaluate_all("all => all.map(i => i.naturalWidth)")
    assert len(widths) == len(names)
    assert min(widths) > 0
    page.screenshot(path=shots / "demonstration.png", full_page=True)
