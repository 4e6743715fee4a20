"""The report as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import sensitivity
from sensitivity.report.content import content
from sensitivity.report.text import escaped, text


def rows(lines: str) -> list[list[str]]:
    """Cells of all rows of all tables, an escaped ``|`` being none."""
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in lines.splitlines()
        if line.startswith("|")
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_findings_and_tables(three: Any, lang: str) -> None:
    told = content(three.analysis, lang=lang)
    written = text(told)
    assert escaped(told["headline"]) in written
    for found in told["findings"]:
        assert escaped(found["sentence"]) in written
    feature = next(each for each in told["features"] if each["feature"] == "sharpness")
    table = {row[0]: row for row in rows(written.split("sharpness)")[1].split("\n## ")[0])}
    for place, each in enumerate(feature["bins"]):
        row = table[escaped(each["label"])]
        assert row[2] == f"{each['n']:,}"
        value = feature["panels"][0]["value"][place]
        assert row[3] == f"{100 * value:.1f} %"


def test_bins_of_few_images_stand_in_brackets() -> None:
    truth = [0] * 30 + [1] * 4 + [0] * 26
    called = [0, 1] * 15 + [1, 1, 1, 0] + [0] * 23 + [1] * 3
    analysis = sensitivity.analyse(
        called, truth, [f"{i}.png" for i in range(60)], columns={"hour": range(60)},
        features=(), n_bins=3, save_path=None,
    )  # fmt: skip
    written = text(content(analysis))
    table = rows(written.split("(hour)")[1].split("\n## ")[0])
    n = [int(row[2]) for row in table[2:5]]
    assert [row[3].startswith("(") for row in table[2:5]] == [False] * 3
    assert n == [20, 20, 20]
    # Class 1: no image in the first and last range, but others are called it.
    assert [row[5] for row in table[2:5]] == ["(0.0 %, n 0)", "(50.0 %, n 4)", "(0.0 %, n 0)"]
    assert "all classes: accuracy; each class: F1." in written
    assert "in brackets: n \\< 10" in written


def test_every_table_is_rectangular(twelve: Any, make_remedy: Callable[..., Any]) -> None:
    written = text(content(twelve.analysis))
    tables = [part for part in written.split("\n\n") if part.lstrip().startswith("|")]
    assert len(tables) >= 5
    for table in tables:
        assert len({len(row) for row in rows(table)}) == 1


def test_signs_are_escaped() -> None:
    assert escaped("a|b") == r"a\|b"
    assert escaped("[x](y) *b* _c_ `d` #1 <i> ~s~ $m$ &amp; !") == (
        r"\[x\](y) \*b\* \_c\_ \`d\` \#1 \<i\> \~s\~ \$m\$ \&amp; \!"
    )
    assert escaped("two\nlines\u2028and\tmore") == "two lines and more"


def test_names_are_no_markup(build_case: Callable[..., Any]) -> None:
    case = build_case(label_map_dict={0: "a|b", 1: "<script>\n# h"}, columns={"*x*|y": range(600)})
    written = text(content(case.analysis))
    assert "<script>" not in written.replace(r"\<script\>", "")
    assert not re.search(r"^# h", written, re.MULTILINE)
    assert r"a\|b" in written
    for table in (part for part in written.split("\n\n") if part.startswith("|")):
        assert len({len(row) for row in rows(table)}) == 1


def test_null_data_say_that_nothing_was_found(null: Any) -> None:
    told = content(null.analysis)
    written = text(told)
    assert escaped(told["headline"]) in written
    assert "associated" not in written
    assert "Nothing" in written or "nothing" in written or "no evidence" in written.lower()
