"""Reports of small made-up photos, opened in a real browser from disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sensitivity import analyse
from sensitivity.report.writing import write_report
from sensitivity.result import Analysis

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CLASSES = ("normal", "crack", "dirt")
N = 360


@dataclass(frozen=True)
class Case:
    """A result, the folder of its photos, and a report of it."""

    analysis: Analysis
    photos: Path
    report: Path


@dataclass
class Tab:
    """A page and whatever went wrong on it."""

    page: Any
    trouble: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)


def planted(
    *,
    names: list[str] | None = None,
    classes: tuple[str, ...] = CLASSES,
    columns: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
    n: int = N,
    **options: Any,
) -> Analysis:
    """The second class is missed in bright images, and nothing else is amiss."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, len(classes), n)
    level = rng.integers(30, 220, n)
    missed = rng.random(n) < np.where((y == 1) & (level > 140), 0.75, 0.04)
    scores = rng.random((n, len(classes)))
    scores[np.arange(n), np.where(missed, (y + 1) % len(classes), y)] += 2
    given = {
        "level": level,
        "camera": rng.choice(["north", "south", "屋顶"], n),
        "hour": rng.choice([6, 12, 18], n),
    }
    return analyse(
        scores,
        y,
        names or [f"{classes[c]}/{i:03d}.png" for i, c in enumerate(y)],
        label_map_dict=dict(enumerate(classes)),
        columns=columns(given),
        save_path=None,
        groups=[str(i) for i in range(n)],
        **options,
    )


@pytest.fixture(scope="session")
def make_planted() -> Callable[..., Analysis]:
    return planted


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Photos as bright as the column says, one of them broken."""
    folder = tmp_path_factory.mktemp("browser")
    photos = folder / "photos"
    plain = planted(features=())
    names, levels = plain.features["name"], plain.features["level"]
    rng = np.random.default_rng(1)
    for name, level in zip(names, levels, strict=True):
        path = photos / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.clip(level + rng.normal(0, 12, (36, 48, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(path)
    (photos / names[7]).write_bytes(b"no picture")
    analysis = planted(images=photos, features=["brightness", "noise"], cache=False, workers=1)
    report = write_report(analysis, folder / "report.html", images=photos, command="make again")
    return Case(analysis, photos, report)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    # Of the module only: while it runs, no other test may run a loop of its own.
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield started
        started.close()


@pytest.fixture
def open_tab(browser: Any) -> Iterator[Callable[..., Tab]]:
    """Opens files; in the end none may have complained, asked or fetched anything."""
    tabs: list[tuple[Tab, Any]] = []

    def opened(file: Path, *, fragment: str = "", **context: Any) -> Tab:
        context.setdefault("viewport", {"width": 1200, "height": 900})
        own = browser.new_context(**context)
        page = own.new_page()
        page.set_default_timeout(30_000)
        tab = Tab(page)
        page.on("console", lambda said: tab.trouble.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: tab.trouble.append(f"error: {error}"))

        def asked(dialog: Any) -> None:
            tab.trouble.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        page.on("dialog", asked)
        page.on(
            "request",
            lambda one: None if one.url.startswith("data:") else tab.fetched.append(one.url),
        )
        page.goto(file.as_uri() + fragment)
        tabs.append((tab, own))
        return tab

    yield opened
    for _, own in tabs:
        own.close()
    assert [tab.trouble for tab, _ in tabs if tab.trouble] == []


@pytest.fixture
def tab(case: Case, open_tab: Callable[..., Tab]) -> Tab:
    return open_tab(case.report)


@pytest.fixture
def page(tab: Tab) -> Any:
    return tab.page


@pytest.fixture
def unfold() -> Callable[[Any], None]:
    """Opens what a page has folded, as a reader would who wants to see every feature."""
    return lambda page: page.evaluate(
        "() => document.querySelectorAll('.fold').forEach(fold => { fold.open = true; })"
    )


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: a folder that was asked for, else one that is thrown away."""
    wanted = os.environ.get("SENSITIVITY_SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
