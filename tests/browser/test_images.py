"""The images of a bin, and one of them enlarged."""

from __future__ import annotations

from typing import Any

import pytest

from sensitivity.bins import bin_values

LEVEL = ".feature[data-name='level']"


def bin_of(analysis: Any, feature: str) -> dict[str, str]:
    """From file name to the code of its bin."""
    entry = next(each for each in analysis.settings["features"] if each["name"] == feature)
    binning = bin_values(analysis.features[feature], edges=entry["edges"] or entry["categories"])
    return dict(zip(analysis.features["name"], map(str, binning.codes), strict=True))


def strips(section: Any) -> dict[str, list[str]]:
    """From the title of a row of images to their names."""
    titles = section.locator(".samples h4").all_inner_texts()
    rows = section.locator(".samples .strip").all()
    return {
        title: [button.get_attribute("title") for button in row.locator("button").all()]
        for title, row in zip(titles, rows, strict=True)
    }


@pytest.mark.parametrize("feature", ["level", "camera", "brightness"])
def test_a_bin_shows_its_own_images_right_and_wrong(
    case: Any, page: Any, unfold: Any, feature: str
) -> None:
    unfold(page)
    section = page.locator(f".feature[data-name='{feature}']")
    home = bin_of(case.analysis, feature)
    outcomes = case.analysis.outcomes.set_index("name")
    for button in section.locator(".bins button").all():
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        assert section.locator(".bins button[aria-pressed='true']").count() == 1
        shown = strips(section)
        assert {"wrong", "right"} <= shown.keys() <= {"wrong", "right", "wrong and sure"}
        for role, names in shown.items():
            assert {home[name] for name in names} <= {button.get_attribute("data-bin")}
            assert set(outcomes.loc[names, "right"]) <= {role == "right"}
            assert len(names) == len(set(names)) <= 6


def test_a_click_on_the_chart_is_one_on_the_bin(page: Any) -> None:
    section = page.locator(LEVEL)
    bins = section.locator(".panel .chart.trend").first.locator(".bin")
    bins.nth(3).click()
    pressed = section.locator(".bins button[aria-pressed='true']")
    assert pressed.count() == 1
    assert pressed.get_attribute("data-bin") == "3"
    assert bins.nth(3).evaluate("bin => bin.classList.contains('chosen')")
    assert not bins.nth(2).evaluate("bin => bin.classList.contains('chosen')")


def test_the_wrong_ones_tell_both_classes(case: Any, page: Any) -> None:
    section = page.locator(LEVEL)
    section.locator(".bins button").last.click()
    outcomes = case.analysis.outcomes.set_index("name")
    button = section.locator(".samples .is-wrong").first
    row = outcomes.loc[button.get_attribute("title")]
    assert button.inner_text().startswith(f"{row['class']} → {row['predicted']}")


def test_enlarged_with_all_that_is_known(case: Any, page: Any) -> None:
    section = page.locator(LEVEL)
    section.locator(".bins button").last.click()
    button = section.locator(".samples .is-wrong").first
    name = button.get_attribute("title")
    button.click()
    viewer = page.locator("#viewer")
    assert viewer.locator("h2").inner_text() == name
    told = dict(
        zip(
            viewer.locator("th").all_inner_texts(),
            viewer.locator("td").all_inner_texts(),
            strict=True,
        )
    )
    analysis = case.analysis
    row = analysis.outcomes.set_index("name").loc[name]
    values = analysis.features.set_index("name").loc[name]
    assert (told["true"], told["predicted"]) == (row["class"], row["predicted"])
    assert float(told["score of what was predicted"]) == pytest.approx(row["score"], abs=5e-4)
    for entry in analysis.settings["features"]:
        given = told[entry["title_en"]]
        if entry["kind"] == "numeric":
            assert float(given) == pytest.approx(values[entry["name"]], rel=1e-3)
        else:
            assert given == str(values[entry["name"]])
    assert viewer.locator("img").evaluate("image => image.naturalWidth") == 48


def test_arrows_step_and_escape_closes(page: Any) -> None:
    section = page.locator(LEVEL)
    section.locator(".bins button").last.click()
    names = next(iter(strips(section).values()))
    first = section.locator(".samples .strip").first.locator("button").first
    first.click()
    title = page.locator("#viewer h2")
    assert page.locator("#viewer-previous").is_disabled()
    page.keyboard.press("ArrowRight")
    assert title.inner_text() == names[1]
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert title.inner_text() == names[0]
    for _ in names:
        page.keyboard.press("ArrowRight")
    assert title.inner_text() == names[-1]
    assert page.locator("#viewer-next").is_disabled()
    page.keyboard.press("Escape")
    assert not page.locator("#viewer").is_visible()
    assert first.evaluate("button => button === document.activeElement")


def test_the_dialog_closes_by_button_and_beside_it(page: Any) -> None:
    section = page.locator(LEVEL)
    section.locator(".bins button").last.click()
    section.locator(".samples button").first.click()
    page.locator("#viewer-next").click()
    page.locator("#viewer-close").click()
    assert not page.locator("#viewer").is_visible()
    section.locator(".samples button").first.click()
    page.mouse.click(3, 3)
    assert not page.locator("#viewer").is_visible()


def test_a_broken_image_says_why(case: Any, page: Any) -> None:
    name = case.analysis.features["name"][7]
    page.locator("#search").fill(name)
    button = page.locator("#files .strip button").first
    assert button.get_attribute("title") == name
    assert button.locator("img").count() == 0
    reason = case.analysis.failures["reason"].iloc[0]
    assert button.locator(".blank").inner_text() == reason
    button.click()
    assert page.locator("#viewer .blank").inner_text() == reason


def test_errors_of_a_class_are_in_its_worst_bin(case: Any, page: Any) -> None:
    page.locator("#class").select_option("crack")
    section = page.locator(LEVEL)
    shares = case.analysis.table("level", metric="recall")["crack"]
    with_errors = []
    for button in section.locator(".bins button").all():
        button.click()
        names = strips(section).get("errors on crack, in its worst bin")
        if names:
            with_errors.append(int(button.get_attribute("data-bin")))
            outcomes = case.analysis.outcomes.set_index("name").loc[names]
            assert set(outcomes["class"]) == {"crack"}
            assert not outcomes["right"].any()
    assert with_errors == [shares.to_numpy()[:5].argmin()]
