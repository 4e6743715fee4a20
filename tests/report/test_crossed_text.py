"""The two-way table of a result, as a dict and as grids of text."""

from __future__ import annotations

import re
from itertools import chain
from typing import Any

import pandas as pd
import pytest

from sensitivity import tables
from sensitivity.report.columns import display_width
from sensitivity.report.crossed_text import crossed_grid, render_crossed


def cell(n: int = 90, value: float | None = 0.8) -> dict[str, Any]:
    low, high = (None, None) if value is None else (value - 0.1, min(value + 0.07, 1.0))
    return {"value": value, "low": low, "high": high, "n": n, "low_support": n < 10}


def grid(n_classes: int = 2, n_rows: int = 3, n_columns: int = 3, **changes: Any) -> dict[str, Any]:
    names = ["all", *(f"class {c}" for c in range(n_classes))]
    cells = [[cell(50 + i + j) for j in range(n_columns)] for i in range(n_rows)]
    return {
        "feature": "sharpness",
        "other": "camera",
        "metric": "recall",
        "confidence": 0.95,
        "rows": [f"row {i}" for i in range(n_rows)],
        "columns": [f"column {j}" for j in range(n_columns)],
        "classes": [{"class": name, "n": 100, "cells": cells} for name in names],
    } | changes


def blocks(text: str) -> list[str]:
    return text.split("\n\n")


class Result:
    """Stands for an analysis: the two things that are asked of one."""

    settings = {"confidence": 0.9}  # noqa: RUF012

    def crossed(self, feature: str, other: str, *, metric: str) -> pd.DataFrame:
        rows = [
            (b, f"a{b}", c, f"b{c}", name, "accuracy" if name == "all" else metric)
            for b in (0, -1)
            for c in (0, 1, 2)
            for name in ("all", "x")
        ]
        table = pd.DataFrame(rows, columns=list(tables.CROSSED.names[:6]))
        n = pd.Series(range(len(table)))
        table = table.assign(n=n, value=n / 20, low=n / 25, high=n / 15, low_support=n < 10)
        table.loc[0, ["value", "low", "high"]] = float("nan")
        return tables.check(table, tables.CROSSED)


def test_the_dict_holds_every_cell_once() -> None:
    found = crossed_grid(Result(), "one", "other", metric="recall")
    assert (found["feature"], found["other"], found["confidence"]) == ("one", "other", 0.9)
    assert (found["rows"], found["columns"]) == (["a0", "a-1"], ["b0", "b1", "b2"])
    assert [entry["class"] for entry in found["classes"]] == ["all", "x"]
    ns = [[[c["n"] for c in row] for row in entry["cells"]] for entry in found["classes"]]
    assert ns == [[[0, 2, 4], [6, 8, 10]], [[1, 3, 5], [7, 9, 11]]]
    assert found["classes"][0]["n"] == 30
    first = found["classes"][0]["cells"][0][0]
    assert first == {"value": None, "low": None, "high": None, "n": 0, "low_support": True}


def test_a_grid_per_class_with_n_beside_and_the_interval_below() -> None:
    text = render_crossed(grid(), colour=False)
    head, *grids = blocks(text)
    assert head.startswith("sharpness × camera\nDown: sharpness. Across: camera.\n")
    assert "95 % interval" in head
    assert [block.split(":")[0] for block in grids] == ["all", "class 0", "class 1"]
    assert grids[0].startswith("all: accuracy")
    assert grids[1].startswith("class 0: recall")
    lines = grids[1].splitlines()
    assert len(lines) == 1 + 2 * 3
    assert re.findall(r"(\.\d\d) +(\d+)", lines[1]) == [(".80", "50"), (".80", "51"), (".80", "52")]
    assert lines[2].split() == [".70–.87"] * 3


def test_small_cells_stand_in_brackets_or_grey() -> None:
    cells = [[cell(9), cell(10)], [cell(0, None), cell(200)]]
    one = grid(rows=["a", "b"], columns=["x", "y"])
    one["classes"] = [{"class": "all", "n": 219, "cells": cells}]
    text = render_crossed(one, colour=False)
    assert text.count("(.80)") == text.count("(.70–.87)") == 1
    assert "–   " in text
    assert "(in brackets): fewer than 10 images" in text
    coloured = render_crossed(one, colour=True)
    assert "(.80)" not in coloured
    assert "\x1b[2m.80\x1b[0m" in coloured
    assert "grey: fewer than 10 images" in coloured
    assert "fewer than 10" not in render_crossed(grid(), colour=False)


def test_brackets_keep_the_digits_in_line() -> None:
    one = grid(rows=["a", "b"], columns=["x"])
    one["classes"] = [{"class": "all", "n": 95, "cells": [[cell(5)], [cell(90)]]}]
    lines = blocks(render_crossed(one, colour=False))[1].splitlines()
    assert lines[1].index(".80") == lines[3].index(".80")


def test_of_many_classes_the_weakest_are_shown() -> None:
    one = grid(n_classes=9)
    for c, entry in enumerate(one["classes"][1:]):
        weak = cell(50, 0.75 - 0.05 * c)
        # The upper bound of a small cell says nothing.
        entry["cells"] = [[weak, cell(5, 0.1), cell(0, None)]] * 3
    text = render_crossed(one, colour=False)
    assert [block.split(":")[0] for block in blocks(text)[1:-1]] == [
        "all", "class 8", "class 7", "class 6", "class 5", "class 4",
    ]  # fmt: skip
    assert "4 more classes, whose weakest cells are less weak: --all" in text
    everything = render_crossed(one, colour=False, everything=True)
    assert len(blocks(everything)) == 2 + 10
    assert "--all" not in everything
    assert "--all" not in render_crossed(grid(n_classes=6), colour=False)


def test_f1_comes_with_a_warning_of_the_class_mix() -> None:
    assert "at an equal mix: --metric f1_star" in render_crossed(grid(metric="f1"), colour=False)
    assert "class 0: F1 at an equal class mix" in render_crossed(
        grid(metric="f1_star"), colour=False
    )


@pytest.mark.parametrize("width", [100, 140])
def test_no_line_is_wider_than_asked(width: int) -> None:
    wide = grid(n_columns=20, feature="屋" * 40, other="x" * 80)
    wide["columns"] = [f"单晶硅电池片 and more of it {j}" for j in range(20)]
    wide["rows"] = ["y" * 60, "a\nb", "c"]
    wide["classes"][1]["class"] = "一二三四五六七八九十" * 3
    lines = render_crossed(wide, colour=False, width=width).splitlines()
    assert max(map(display_width, lines)) <= width
    assert all(line == line.rstrip() for line in lines)


def test_what_does_not_fit_goes_into_further_blocks() -> None:
    wide = grid(n_classes=0, n_columns=20)
    grids = blocks(render_crossed(wide, colour=False))[1:]
    assert len(grids) > 1
    shown = chain.from_iterable(re.findall(r"column \d+", block) for block in grids)
    assert list(shown) == wide["columns"]
