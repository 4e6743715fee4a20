"""What axe finds wrong for those who see little, or hear the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

axe = pytest.importorskip("axe_playwright_python", reason="axe is not installed")
AXE = (Path(axe.__file__).parent / "axe.min.js").read_text("utf-8")


def violations(page: Any) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("() => axe.run(document)")
    assert len(found["passes"]) > 20
    return [
        f"{rule['id']}: {node['html'][:120]} {node['failureSummary']}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"][:3]
    ]


@pytest.mark.parametrize("system", ["light", "dark"])
def test_nothing_serious(case: Any, open_tab: Callable[..., Any], system: str) -> None:
    page = open_tab(case.report, color_scheme=system, bypass_csp=True).page
    page.locator(".look").first.click()
    for details in page.locator("details").all():
        details.evaluate("details => { details.open = true; }")
    page.locator("#class-table th button").first.click()
    page.locator("#search").fill("a")
    assert violations(page) == []
    page.locator("#search").fill("")
    page.locator(".samples .strip button").first.click()
    assert violations(page) == []


@pytest.mark.parametrize("system", ["light", "dark"])
def test_nothing_serious_on_a_phone(case: Any, open_tab: Callable[..., Any], system: str) -> None:
    size = {"width": 390, "height": 800}
    page = open_tab(case.report, color_scheme=system, bypass_csp=True, viewport=size).page
    page.locator(".look").first.click()
    assert violations(page) == []
