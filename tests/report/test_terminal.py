import re

import numpy as np
import pytest

from sensitivity.report.columns import display_width
from sensitivity.report.summary import feature_table, summary
from sensitivity.report.terminal import proportion, render_feature, render_summary

FEATURES = ("sharpness", "brightness", "camera", "hour")


def without_styles(text):
    return re.sub(r"\x1b\[\d*m", "", text)


@pytest.mark.parametrize("case", ["two", "three", "twelve"])
def test_no_line_is_wider_than_100_columns(case, request):
    analysis = request.getfixturevalue(case).analysis
    texts = [render_summary(summary(analysis), colour=False, rows=None)]
    texts += [render_feature(feature_table(analysis, name), colour=False) for name in FEATURES]
    for line in "\n".join(texts).splitlines():
        assert display_width(line) <= 100, line
        assert line == line.rstrip()


def test_no_line_is_wider_than_100_columns_with_long_names(build_case):
    names = {0: "monocrystalline without any defect", 1: "多晶硅电池片上的隐裂与划痕缺陷"}
    column = {"the name of a column that goes on and on": np.repeat(["x" * 60, "屋" * 40], 300)}
    analysis = build_case(label_map_dict=names, columns=column, confidence=0.999).analysis
    texts = [
        render_summary(summary(analysis), colour=False),
        render_feature(feature_table(analysis, *column), colour=False),
    ]
    for line in "\n".join(texts).splitlines():
        assert display_width(line) <= 100, line


def test_one_line_says_what_was_judged(two):
    first = render_summary(summary(two.analysis), colour=False).splitlines()[0]
    accuracy = (two.y == two.predicted).mean()
    assert first.startswith(f"600 images · 2 classes · accuracy {accuracy:.2f}".replace("0.", "."))


def test_the_numbers_are_explained_before_they_come(two):
    text = render_summary(summary(two.analysis), colour=False)
    head = text[: text.index("weakest   ")]
    for words in ("F1 at an equal class mix", "95 % interval", "chance alone"):
        assert words in " ".join(head.split())


def test_each_row_shows_worst_and_best_with_interval_and_std_against_chance(two):
    content = summary(two.analysis)
    line = render_summary(content, colour=False).splitlines()[6]
    assert re.fullmatch(
        r"sharpness +defect +\d+ +80%-100% +\.\d\d \[\.\d\d–\.\d\d\]"
        r" +→ 0%-20% +[.\d]{3} \[\.\d\d–[.\d]{3}\] +\.\d{3} \(\.\d{3}\) +\d\.\d×",
        line,
    )


def test_rows_that_chance_explains_are_marked(two):
    content = summary(two.analysis)
    lines = render_summary(content, colour=False, rows=None).splitlines()
    marks = ["~" in line for line in lines if line.endswith("×")]
    assert marks == [not row["beyond_chance"] for row in content["rows"]]
    assert any(marks)
    assert not all(marks)
    assert any(line.startswith("~: ") for line in lines)


def test_rows_that_chance_explains_are_grey_in_colour(two):
    content = summary(two.analysis)
    lines = render_summary(content, colour=True, rows=None).splitlines()
    grey = [line.startswith("\x1b[2m") for line in lines if without_styles(line).endswith("×")]
    assert grey == [not row["beyond_chance"] for row in content["rows"]]


def test_only_some_rows_are_shown_and_the_rest_is_counted(three):
    text = render_summary(summary(three.analysis), colour=False, rows=5)
    assert sum(line.endswith("×") for line in text.splitlines()) == 5
    assert "11 more rows: --all" in text
    assert "--all" not in render_summary(summary(three.analysis), colour=False, rows=None)


def test_images_that_could_not_be_measured_are_counted(two):
    content = summary(two.analysis)
    content["run"]["n_failed"] = 20
    assert "20 could not be measured" in render_summary(content, colour=False).splitlines()[0]


def test_skipped_features_and_their_reasons_are_listed(build_case):
    columns = {"x": np.arange(600), **{f"site {i}": ["one"] * 600 for i in range(8)}}
    content = summary(build_case(columns=columns).analysis)
    text = render_summary(content, colour=False)
    assert "left out:  site 0 (" in text
    for entry in content["skipped"]:
        assert f"{entry['name']} ({entry['reason']})" in text


def test_without_features_it_says_so(build_case):
    text = render_summary(summary(build_case(columns={}).analysis), colour=False)
    assert text.splitlines()[-1] == "No feature was analysed."


@pytest.mark.parametrize("name", FEATURES)
def test_styles_change_nothing_but_the_looks(three, name):
    content = summary(three.analysis)
    assert without_styles(render_summary(content, colour=True)) == render_summary(
        content, colour=False
    )
    table = feature_table(three.analysis, name)
    assert "\x1b" not in render_feature(table, colour=False)
    coloured = without_styles(render_feature(table, colour=True))
    plain = render_feature(table, colour=False)
    digits = re.compile(r"[.\d]+")
    assert digits.findall(coloured) == digits.findall(plain)


def test_every_bin_of_a_feature_is_a_line_with_its_values_and_counts(published):
    lines = render_feature(feature_table(published, "sharpness"), colour=False).splitlines()
    first = next(line for line in lines if line.startswith("0%-20%"))
    # F1 of the published table, and the 222 cells of the range.
    assert re.search(r"\.84 \[\.79–\.88\]  222  \.79 \[.*?\] +\d+  \.87 \[", first)
    labels = [line.split()[0] for line in lines if re.match(r"\d+%-", line)]
    assert labels == ["0%-20%", "20%-40%", "40%-60%", "60%-80%", "80%-100%"]
    std = next(line for line in lines if line.startswith("std"))
    assert ".064 (" in std
    assert ".052 (" in std


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
    assert "missing: images without a value, no part of the std" in text


def test_of_many_classes_those_that_vary_most_are_shown(twelve):
    table = feature_table(twelve.analysis, "sharpness")
    text = render_feature(table, colour=False)
    headers = " ".join(line for line in text.splitlines() if line.startswith("range"))
    shown = [name for name in table["classes"] if re.search(rf"  {name} ", headers)]
    excess = dict(zip(table["classes"], table["excess"], strict=False))
    worst = sorted(excess, key=lambda name: -excess[name])[:5]
    assert set(shown) == set(worst)
    assert "7 more classes, which vary less beyond chance: --all" in text


def test_everything_shows_all_classes(twelve):
    text = render_feature(
        feature_table(twelve.analysis, "sharpness"), colour=False, everything=True
    )
    headers = " ".join(line for line in text.splitlines() if line.startswith("range"))
    assert all(re.search(rf"  {name} ", headers) for name in map(str, range(12)))
    assert "--all" not in text


def test_names_cannot_move_the_cursor(build_case):
    names = {0: "a\x1b[2J", 1: "b\nc"}
    analysis = build_case(label_map_dict=names, columns={"x\r": np.arange(600)}).analysis
    text = render_summary(summary(analysis), colour=False)
    text += render_feature(feature_table(analysis, "x\r"), colour=False)
    assert all(line.isprintable() for line in text.split("\n"))
    assert "a\\x1b[2J" in text


def test_a_metric_without_chance_has_a_std_alone(two):
    text = render_feature(feature_table(two.analysis, "sharpness", metric="f1_star"), colour=False)
    assert "F1 at an equal class mix of each class" in text
    assert "std" in text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, ".00"), (0.995, ".99"), (0.9951, "1.0"), (0.126, ".13"), (None, "–")]
)
def test_proportions_take_three_characters(value, text):
    assert proportion(value) == text
