import dataclasses
import re

import numpy as np
import pytest

from sensitivity import analyse
from sensitivity.advice.findings import findings
from sensitivity.report.columns import display_width
from sensitivity.report.content import content
from sensitivity.report.content.words import word
from sensitivity.report.feature_text import render_feature
from sensitivity.report.summary import feature_table, summary

FEATURES = ("sharpness", "brightness", "camera", "hour")


def without_styles(text):
    return re.sub(r"\x1b\[\d*m", "", text)


def flat(text):
    """A text without its line breaks and indents."""
    return re.sub(r"\s+", "", text)


def test_every_bin_of_a_feature_is_a_line_with_its_values_and_counts(published):
    lines = render_feature(feature_table(published, "sharpness"), colour=False).splitlines()
    first = next(line for line in lines if line.startswith("0–20%"))
    # F1 of the published table, and the 222 cells of the range.
    assert re.search(r"\.84 \[\.79–\.88\]  222  \.79 \[.*?\] +\d+  \.87 \[", first)
    labels = [line.split()[0] for line in lines if re.match(r"\d+–\d+%", line)]
    assert labels == ["0–20%", "20–40%", "40–60%", "60–80%", "80–100%"]
    std = next(line for line in lines if line.startswith("std"))
    assert ".064 (" in std
    assert ".052 (" in std


@pytest.mark.parametrize("metric", ["f1", "f1_star", "recall", "precision"])
def test_std_spread_and_verdict_stand_below_the_bins(two, metric):
    table = feature_table(two.analysis, "sharpness", metric=metric)
    lines = render_feature(table, colour=False).splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("─"))
    std, spread, verdict = lines[first + 1 : first + 4]
    n_chance = 3 if metric == "f1" else 1
    assert re.fullmatch(r"std \(chance\) .*", std)
    assert len(re.findall(r"\.\d{3} \(\.\d{3}\)", std)) == n_chance
    assert re.fullmatch(r"spread \(≥\)( +\.\d{3} \(\.\d{3}\)){3}", spread)
    # A class that is called less often is a class that the other is called more often.
    assert re.split(r"  +", verdict) == ["verdict", *["associated"] * 3]


def without_an_image(called):
    """The first of three sites has no image of class b, but some that are called b."""
    y = np.repeat([0, 0, 1, 0, 1], [40, 20, 20, 20, 20])
    predicted = y.copy()
    predicted[:called] = 1
    site = np.repeat(["here", "there", "yonder"], 40)
    return analyse(
        predicted, y, [f"{i}.png" for i in range(120)],
        columns={"site": site}, features=(), label_map_dict=["a", "b"], save_path=None,
    )  # fmt: skip


def test_an_f1_of_0_without_an_image_is_explained():
    note = "F1 0 with n 0: images of other classes were called it"
    table = feature_table(without_an_image(6), "site")
    text = " ".join(render_feature(table, colour=False).split())
    assert note in text
    assert table["bins"][0]["cells"][1]["value"] == 0
    assert table["std"][1] == pytest.approx(np.std([0, 1, 1]))
    # Nothing was called b: the cell is empty, and no part of the std.
    table = feature_table(without_an_image(0), "site")
    assert note not in " ".join(render_feature(table, colour=False).split())
    assert table["std"][1] == 0
    assert note not in render_feature(
        feature_table(without_an_image(6), "site", metric="recall"), colour=False
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_bin_without_an_image_is_never_the_weakest_in_words(lang):
    analysis = without_an_image(6)
    for finding in findings(analysis, lang=lang):
        if finding.of_class == "b":
            assert "here" not in finding.sentence.replace("there", "")
    for row in summary(analysis)["rows"]:
        if row["class"] == "b":
            assert "here" not in (row["worst"]["label"], row["best"]["label"])
    feature = content(analysis, lang=lang)["features"][0]
    (panel,) = [panel for panel in feature["panels"] if panel["class"] == "b"]
    assert panel["value"][0] == 0
    assert panel["worst"] != 0
    about = word("table.about", lang)
    assert "0：" in about if lang == "zh" else "0: " in about


def test_verdicts_that_are_not_real_are_grey(two):
    for feature, grey in (("sharpness", 0), ("hour", 3)):
        text = render_feature(feature_table(two.analysis, feature), colour=True)
        verdict = next(line for line in text.splitlines() if line.startswith("verdict"))
        assert verdict.count("\x1b[2mno evidence\x1b[0m") == grey
        assert "\x1b[2massociated" not in verdict


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_shown_class_has_its_sentence(two, lang):
    table = feature_table(two.analysis, "sharpness")
    text = flat(render_feature(table, colour=False, lang=lang))
    for name, sentence in zip(["normal", "defect", "all"], table[f"sentence_{lang}"], strict=True):
        assert flat(f"{name}: {sentence}") in text


def test_null_data_shows_no_finding(null):
    text = render_feature(feature_table(null.analysis, "sharpness"), colour=False)
    assert "no evidence" in text
    assert "associated" not in text
    assert "Not chance" not in text


def test_low_support_is_in_brackets_or_grey(two):
    table = feature_table(two.analysis, "camera")
    cells = [cell for row in table["bins"] for cell in (*row["cells"], row["accuracy"])]
    n_low = sum(cell["low_support"] for cell in cells)
    assert n_low > 0
    plain = render_feature(table, colour=False)
    body = [line for line in plain.splitlines() if "[" in line and "interval" not in line]
    assert sum(line.count("(") for line in body) == n_low
    assert "fewer than 10 images" in plain
    coloured = render_feature(table, colour=True)
    assert coloured.count("\x1b[2m") >= 2 * n_low
    assert "grey: fewer than 10 images" in coloured


def test_solid_tables_have_no_legend_for_low_support(published):
    text = render_feature(feature_table(published, "sharpness"), colour=False)
    assert "fewer than" not in text


def test_digits_stay_in_line_beside_brackets(two):
    lines = render_feature(feature_table(two.analysis, "camera"), colour=False).splitlines()
    rows = [line for line in lines if line.startswith(("north", "south", "屋顶"))]
    places = [[display_width(row[: m.start()]) for m in re.finditer(r"\[", row)] for row in rows]
    assert places[0] == places[1] == places[2]


def test_missing_values_are_shown_and_explained(two):
    text = render_feature(feature_table(two.analysis, "brightness"), colour=False)
    assert re.search(r"^missing +[.\d]{3} \[", text, re.MULTILINE)
    assert "missing: images without a value, no part of std and spread" in text


def test_of_many_classes_those_that_matter_most_are_shown(twelve):
    trends = twelve.analysis.trends.copy()
    here = trends["feature"] == "sharpness"
    trends.loc[here & (trends["class"] == "3"), "strength"] = "real"
    trends.loc[here & (trends["class"] == "8"), "strength"] = "candidate"
    analysis = dataclasses.replace(twelve.analysis, trends=trends)
    text = render_feature(feature_table(analysis, "sharpness"), colour=False)
    headers = " ".join(line for line in text.splitlines() if line.startswith("range"))
    shown = re.findall(r"(\w+) +n\b", headers)
    low = trends[here & ~trends["class"].isin(["all", "3", "8"])].sort_values(
        ["spread_low", "spread"], ascending=False, kind="stable", na_position="last"
    )
    assert shown == ["accuracy", "3", "8", *low["class"][:3]]
    assert "7 more classes, which matter less: --all" in text


def test_everything_shows_all_classes(twelve):
    text = render_feature(
        feature_table(twelve.analysis, "sharpness"), colour=False, everything=True
    )
    headers = " ".join(line for line in text.splitlines() if line.startswith("range"))
    assert all(re.search(rf"  {name} ", headers) for name in map(str, range(12)))
    assert "--all" not in text


@pytest.mark.parametrize("name", FEATURES)
def test_styles_change_nothing_but_the_looks(three, name):
    table = feature_table(three.analysis, name)
    assert "\x1b" not in render_feature(table, colour=False)
    coloured = without_styles(render_feature(table, colour=True))
    plain = render_feature(table, colour=False)
    digits = re.compile(r"[.\d]+")
    assert digits.findall(coloured) == digits.findall(plain)


@pytest.mark.parametrize("case", ["two", "three", "twelve"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_line_is_wider_than_100_columns(case, lang, request):
    analysis = request.getfixturevalue(case).analysis
    for name in FEATURES:
        text = render_feature(feature_table(analysis, name), colour=False, lang=lang)
        for line in text.splitlines():
            assert display_width(line) <= 100, line
            assert line == line.rstrip()


def test_no_line_is_wider_than_100_columns_with_long_names(build_case):
    names = {0: "monocrystalline without any defect", 1: "多晶硅电池片上的隐裂与划痕缺陷" * 6}
    column = {"the name of a column that goes on and on": np.repeat(["x" * 160, "屋" * 80], 300)}
    analysis = build_case(label_map_dict=names, columns=column, confidence=0.999).analysis
    for lang in ("en", "zh"):
        text = render_feature(feature_table(analysis, *column), colour=False, lang=lang)
        assert max(map(display_width, text.splitlines())) <= 100


def test_names_cannot_move_the_cursor(build_case):
    names = {0: "a\x1b[2J", 1: "b\nc"}
    analysis = build_case(label_map_dict=names, columns={"x\r": np.arange(600)}).analysis
    text = render_feature(feature_table(analysis, "x\r"), colour=False)
    assert all(line.isprintable() for line in text.split("\n"))
    assert "a\\x1b[2J" in text


def test_a_metric_is_named(two):
    text = render_feature(feature_table(two.analysis, "sharpness", metric="f1_star"), colour=False)
    assert "F1 at an equal class mix of each class" in " ".join(text.split())
    assert "--metric" not in text
