import dataclasses
import re

import numpy as np
import pytest

from sensitivity import tables
from sensitivity.cli import main
from sensitivity.report.columns import display_width
from sensitivity.report.summary import summary
from sensitivity.report.terminal import MAX_ROWS, render_summary
from sensitivity.result import Analysis

ROW = re.compile(r"(no evidence|not tested|candidate|associated|class mix|margin erodes)$")


def without_styles(text):
    return re.sub(r"\x1b\[\d*m", "", text)


def flat(text):
    """A text without its line breaks and indents."""
    return re.sub(r"\s+", "", text)


def rows_of(text):
    """Lines of the table, as they are shown."""
    return [line for line in text.splitlines() if ROW.search(without_styles(line))]


def changed(case, *changes):
    """The case's summary with rows (by feature and class) changed."""
    trends = case.analysis.trends.copy()
    for feature, name, values in changes:
        here = (trends["feature"] == feature) & (trends["class"] == name)
        for key, value in values.items():
            trends.loc[here, key] = value
    return summary(dataclasses.replace(case.analysis, trends=trends))


# Does not fire


def test_on_null_data_only_all_rows_are_shown_and_no_finding(null):
    content = summary(null.analysis)
    text = render_summary(content, colour=False)
    assert "nothing was found in the errors beyond chance" in " ".join(text.split())
    assert [line.split()[1] for line in rows_of(text)] == ["all"] * 4
    assert "8 more rows: no evidence; --all" in text
    assert " · all:" not in text
    assert "associated" not in text


def test_without_features_it_says_so(build_case):
    content = summary(build_case(columns={}).analysis)
    text = render_summary(content, colour=False)
    assert text.splitlines()[2:] == ["Nothing was tested: no feature was analysed."]
    assert render_summary(content, colour=False, everything=True) == text


# Fires


def test_one_line_says_what_was_judged(two):
    first = render_summary(summary(two.analysis), colour=False).splitlines()[0]
    accuracy = (two.y == two.predicted).mean()
    assert first.startswith(f"600 images · 2 classes · accuracy {accuracy:.2f}".replace("0.", "."))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_headline_comes_next_and_findings_last(two, lang):
    content = summary(two.analysis)
    text = render_summary(content, colour=False, lang=lang)
    headline, finding = content[f"headline_{lang}"], content["rows"][0][f"sentence_{lang}"]
    assert flat(text.split("\n\n")[1]) == flat(headline)
    assert flat(text).endswith(flat("".join(
        f"{row['feature']} · {row['class']}: {row[f'sentence_{lang}']}"
        for row in content["rows"] if row["strength"] == "real" and not row["told_by"]
    )))  # fmt: skip
    assert flat(finding) in flat(text)
    assert sum(row["told_by"] != "" for row in content["rows"]) == 1


def test_the_numbers_are_explained_before_they_come(two):
    text = render_summary(summary(two.analysis), colour=False)
    head = " ".join(text[: text.index("weakest   ")].split())
    for words in ("at an equal class mix", "95 % interval", "beyond chance", "in brackets"):
        assert words in head


def test_each_row_shows_worst_and_best_with_interval_spread_and_verdict(two):
    lines = rows_of(render_summary(summary(two.analysis), colour=False, width=120))
    line = next(line for line in lines if line.split()[:2] == ["sharpness", "defect"])
    assert re.fullmatch(
        r"sharpness +defect +\d+ +80–100% +\.\d\d \[\.\d\d–\.\d\d\]"
        r" +→ 0–20% +[.\d]{3} \[\.\d\d–[.\d]{3}\] +\.\d{3} \(\.\d{3}\) +associated",
        line,
    )


def test_class_rows_are_shown_where_they_say_something(two):
    changes = [
        ("sharpness", "normal", {"strength": "none", "verdict": tables.CHANCE}),
        ("hour", "defect", {"strength": "candidate", "q": 0.07}),
        ("hour", "normal", {"verdict": tables.CLASS_MIX}),
        (
            "brightness",
            "normal",
            {"verdict": tables.MARGIN, "margin_first": 1.0, "margin_last": 0.0},
        ),
    ]
    text = render_summary(changed(two, *changes), colour=False, width=120)
    shown = {tuple(line.split()[:2]): ROW.search(line)[0] for line in rows_of(text)}
    assert shown["hour", "defect"] == "candidate"
    assert shown["hour", "normal"] == "class mix"
    assert shown["brightness", "normal"] == "margin erodes"
    assert ("brightness", "defect") not in shown
    for label in ("hour · defect: A hint", "hour · normal: Along hour", "brightness · normal: No"):
        assert label in text


def test_rows_are_in_the_summary_s_order(three):
    content = summary(three.analysis)
    for everything in (True, False):
        text = render_summary(content, colour=False, everything=everything, width=140)
        shown = [tuple(line.split()[:2]) for line in rows_of(text)]
        order = [(row["feature"], row["class"]) for row in content["rows"]]
        assert shown == [pair for pair in order if pair in shown]
    assert len(shown) < len(order)


def test_of_many_rows_those_that_say_something_stay(twelve):
    changes = [
        ("hour", str(name), {"strength": "candidate", "q": 0.07, "spread_low": 0.0})
        for name in range(11)
    ]
    text = render_summary(changed(twelve, *changes), colour=False)
    lines = rows_of(text)
    assert len(lines) == MAX_ROWS
    assert sum(line.endswith("candidate") for line in lines) == 11
    assert text.count("A hint, not a finding.") == 5
    changes.append(("hour", "11", {"strength": "candidate", "q": 0.07}))
    changes.append(("hour", "all", {"strength": "candidate", "q": 0.07}))
    text = render_summary(changed(twelve, *changes), colour=False)
    assert "40 more rows, 1 of them with a verdict: --all" in text


def test_everything_shows_every_row_with_q_grade_and_change(three):
    content = summary(three.analysis)
    text = render_summary(content, colour=False, everything=True, width=140)
    lines = rows_of(text)
    assert len(lines) == len(content["rows"])
    assert "--all" not in text
    head = next(line for line in text.splitlines() if line.startswith("feature"))
    for words in ("q", "recall change", "grade", "verdict"):
        assert words in head
    for line, row in zip(lines, content["rows"], strict=True):
        assert f" {row['grade']} " in line
        if row["recall_change"] is not None:
            bounds = re.search(r"([+−\d.]+) \(([+−\d.]+)…([+−\d.]+)\)", line).groups()
            values = [float(bound.replace("−", "-")) for bound in bounds]
            keys = ("recall_change", "recall_change_low", "recall_change_high")
            np.testing.assert_allclose(values, [100 * row[key] for key in keys], atol=0.51)


def test_a_finding_in_false_calls_shows_their_share_for_a_change_of_recall(called):
    content = summary(called)
    row = next(row for row in content["rows"] if row["class"] == "2")
    worst, rest = row["false_calls"]["worst"], row["false_calls"]["rest"]
    assert worst > 2 * rest > 0
    text = render_summary(content, colour=False, everything=True, width=140)
    assert f"false {100 * worst:.0f} ({100 * rest:.0f}) %" in text
    assert "share of other images that are called the class in the worst range" in " ".join(
        text.split()
    )
    assert "recall" not in row["sentence_en"]
    assert "召回率" not in row["sentence_zh"]
    short = render_summary(content, colour=False, width=140)
    assert "false calls move" not in " ".join(short.split())


def test_rows_that_are_not_real_are_grey_in_colour(two):
    content = summary(two.analysis)
    lines = rows_of(render_summary(content, colour=True, everything=True))
    grey = [line.startswith("\x1b[2m") for line in lines]
    assert grey == [row["strength"] != "real" for row in content["rows"]]
    assert any(grey)
    assert not all(grey)


@pytest.mark.parametrize("everything", [True, False])
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("case", ["two", "three", "twelve"])
def test_no_line_is_wider_than_100_columns(case, lang, everything, request):
    content = summary(request.getfixturevalue(case).analysis)
    text = render_summary(content, colour=False, everything=everything, lang=lang)
    for line in text.splitlines():
        assert display_width(line) <= 100, line
        assert line == line.rstrip()


@pytest.mark.parametrize("everything", [True, False])
def test_names_of_features_are_whole_and_all_else_where_nothing_may_be_cut(build_case, everything):
    names = {0: "monocrystalline without any defect", 1: "ok"}
    feature = "the name of a column that goes on and on"
    column = {feature: np.repeat(["x" * 60, "屋" * 40], 300)}
    content = summary(build_case(label_map_dict=names, columns=column).analysis)
    fitted = render_summary(content, colour=False, everything=True)
    assert all(line.startswith(feature) for line in rows_of(fitted))
    assert "…" in fitted.split("verdict")[0] + "".join(rows_of(fitted))
    whole = render_summary(content, colour=False, everything=everything, cut=False)
    assert re.search(r"n +weakest +strongest +spread", whole)
    rows = "".join(rows_of(whole))
    assert "x" * 60 in rows
    assert "屋" * 40 in rows
    if everything:
        assert names[0] in rows


@pytest.mark.parametrize("everything", [True, False])
def test_no_line_is_wider_than_100_columns_with_long_names(build_case, everything):
    names = {0: "monocrystalline without any defect", 1: "多晶硅电池片上的隐裂与划痕缺陷"}
    column = {"time of the day": np.repeat(["x" * 60, "屋" * 40], 300)}
    analysis = build_case(label_map_dict=names, columns=column, confidence=0.999).analysis
    for lang in ("en", "zh"):
        text = render_summary(summary(analysis), colour=False, everything=everything, lang=lang)
        assert max(map(display_width, text.splitlines())) <= 100


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


@pytest.mark.parametrize("everything", [True, False])
def test_styles_change_nothing_but_the_looks(three, everything):
    content = summary(three.analysis)
    plain = render_summary(content, colour=False, everything=everything)
    assert "\x1b" not in plain
    assert without_styles(render_summary(content, colour=True, everything=everything)) == plain


def test_names_cannot_move_the_cursor(build_case):
    names = {0: "a\x1b[2J", 1: "b\nc"}
    analysis = build_case(label_map_dict=names, columns={"x\r": np.arange(600)}).analysis
    text = render_summary(summary(analysis), colour=False, everything=True, width=140)
    assert all(line.isprintable() for line in text.split("\n"))
    assert "a\\x1b[2J" in text


# The command


@pytest.mark.parametrize("words", [[], ["sharpness"], ["--all"]])
def test_table_speaks_the_language_that_is_asked_for(two, monkeypatch, capsys, words):
    monkeypatch.setattr(Analysis, "load", lambda _: two.analysis)
    said = {}
    for lang in ([], ["--lang", "en"], ["--lang", "zh"]):
        assert main(["table", "r", *words, *lang]) == 0
        said[tuple(lang[1:])] = capsys.readouterr().out
    assert said[()] == said["en",]
    assert "Not chance" in said["en",]
    assert "并非偶然" not in said["en",]
    assert "并非偶然" in flat(said["zh",])
    assert "Not chance" not in said["zh",]


def test_table_refuses_another_language(two, monkeypatch, capsys):
    monkeypatch.setattr(Analysis, "load", lambda _: two.analysis)
    assert main(["table", "r", "--lang", "de"]) == 2
    assert "lang" in capsys.readouterr().err
