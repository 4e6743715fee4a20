"""Search, filters, order, tables, and the way through by keyboard."""

from __future__ import annotations

from typing import Any

import pytest

LEVEL = ".feature[data-name='level']"


def visible_features(page: Any) -> list[str]:
    return [each.get_attribute("data-name") for each in page.locator(".feature:visible").all()]


@pytest.mark.parametrize("name", ["normal", "crack", "dirt"])
def test_a_class_alone(page: Any, unfold: Any, name: str) -> None:
    unfold(page)
    page.locator("#class").select_option(name)
    for section in page.locator(".feature").all():
        shown = section.locator(".panel:visible h4 bdi").all_inner_texts()
        assert shown == [name]
    page.locator("#class").select_option("")
    shown = page.locator(LEVEL).locator(".panel:visible h4 bdi").all_inner_texts()
    assert shown[0] == "all classes"


def test_a_class_alone_has_its_own_images(case: Any, page: Any) -> None:
    page.locator("#class").select_option("crack")
    section = page.locator(LEVEL)
    section.locator(".bins button").last.click()
    names = [each.get_attribute("title") for each in section.locator(".samples button").all()]
    rows = case.analysis.outcomes.set_index("name").loc[names]
    assert len(names) > 3
    assert ((rows["class"] == "crack") | (rows["predicted"] == "crack")).all()


def test_search_by_feature(page: Any) -> None:
    page.locator("#search").fill("HOU")
    assert visible_features(page) == ["hour"]
    page.locator("#search").fill("no such thing")
    assert visible_features(page) == []
    assert page.locator("#nothing").is_visible()
    page.locator("#search").fill("")
    assert len(visible_features(page)) == 5
    assert not page.locator("#nothing").is_visible()


def test_search_by_class(page: Any) -> None:
    page.locator("#search").fill("crac")
    assert len(visible_features(page)) == 5


def test_search_by_file_name(case: Any, page: Any) -> None:
    page.locator(LEVEL).locator(".bins button").first.click()
    name = page.locator(LEVEL).locator(".samples button").first.get_attribute("title")
    page.locator("#search").fill(name.upper())
    found = page.locator("#files .strip button")
    assert [each.get_attribute("title") for each in found.all()] == [name]
    assert not page.locator("#nothing").is_visible()
    found.first.click()
    assert page.locator("#viewer h2").inner_text() == name


def test_order_by_name_and_back(page: Any) -> None:
    ranked = visible_features(page)
    page.locator("#sort").select_option("name")
    titles = [
        each.get_attribute("data-title").casefold() for each in page.locator(".feature").all()
    ]
    assert titles == sorted(titles)
    page.locator("#sort").select_option("rank")
    assert visible_features(page) == ranked


def test_only_with_a_verdict(case: Any, page: Any) -> None:
    page.locator("#only").check()
    trends = case.analysis.trends
    told = set(trends.loc[trends["strength"].isin(["real", "candidate"]), "feature"])
    assert set(visible_features(page)) == told
    assert 0 < len(told) < 5


def test_the_way_by_keyboard(page: Any) -> None:
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.evaluate("link => link === document.activeElement")
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#findings")
    page.keyboard.press("/")
    assert page.locator("#search").evaluate("input => input === document.activeElement")
    page.keyboard.type("level/")
    assert page.locator("#search").input_value() == "level/"
    page.locator("#search").fill("")
    button = page.locator(LEVEL).locator(".bins button").first
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert button.get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize(("one", "other"), [("camera", "level"), ("level", "camera")])
@pytest.mark.parametrize(("shown", "name"), [("all classes", "all"), ("crack", "crack")])
def test_two_features_at_once_are_as_in_the_analysis(
    case: Any, page: Any, one: str, other: str, shown: str, name: str
) -> None:
    page.locator("#one").select_option(label=one)
    page.locator("#other").select_option(label=other)
    page.locator("#crossed-class").select_option(label=shown)
    cells = case.analysis.crossed(one, other, metric="recall")
    cells = cells[cells["class"] == name].set_index(["bin", "bin_2"])
    n = 0
    for row, line in enumerate(page.locator("#crossed tbody tr").all()):
        for column, text in enumerate(line.locator("td").all_inner_texts()):
            percent, _, support = text.partition(" %\nn ")
            told = cells.loc[(row, column)]
            assert float(percent) == pytest.approx(100 * told["value"], abs=0.5001)
            assert int(support) == told["n"]
            n += 1
    assert n == 3 * 5
    metric = page.locator("#crossed caption").inner_text().partition(":")[0]
    assert metric == ("accuracy" if name == "all" else "recall")


def test_the_same_feature_twice_is_another_pair(page: Any) -> None:
    page.locator("#one").select_option("2")
    page.locator("#other").select_option("2")
    caption = page.locator("#crossed caption").inner_text()
    one, other = caption.partition(": ")[2].split(" × ")
    assert one != other
    assert page.locator("#other").evaluate("s => s.selectedOptions[0].textContent") == other


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_head_sorts_the_classes(page: Any, place: int) -> None:
    table = page.locator("#class-table")
    head = table.locator("thead th").nth(place)

    def column() -> list[Any]:
        cells = table.locator(f"tbody tr > :nth-child({place + 1})").all()
        if place == 0:
            return [cell.inner_text() for cell in cells]
        return [
            float(cell.get_attribute("data-value") or cell.inner_text().replace(",", ""))
            for cell in cells
        ]

    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert column() == sorted(column())
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert column() == sorted(column(), reverse=True)
