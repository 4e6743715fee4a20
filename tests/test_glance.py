"""A result at a glance: honest where nothing was found, escaped, readable on a dark page."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import sensitivity
from sensitivity import Analysis, tables
from sensitivity.glance import found_line, glance_line, verdict_text
from sensitivity.synthetic import Trend, plant


def made(**dials) -> Analysis:
    planted = plant(2000, **dials)
    return sensitivity.analyse(
        planted.pred_list,
        planted.label_list,
        planted.name_list,
        columns=planted.columns,
        features=(),
        save_path=None,
    )


@pytest.fixture(scope="module")
def nothing() -> Analysis:
    return made()


@pytest.fixture(scope="module")
def planted() -> Analysis:
    return made(recall=(0.9, Trend(0.95, 0.55)))


def row(verdict, strength="none", q=0.5):
    return {"verdict": verdict, "strength": strength, "q": q}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (row(tables.CHANCE), "no evidence"),
        (row(tables.CHANCE, q=None), "not tested"),
        (row(tables.CHANCE, "candidate", 0.07), "candidate"),
        (row(tables.CLASS_MIX), "class mix"),
        (row(tables.CLASS_MIX, "candidate", 0.07), "class mix"),
        (row(tables.MARGIN), "margin erodes"),
        (row(tables.ASSOCIATED, "real", 0.01), "associated"),
        (row(tables.CONFIRMED, "real", 0.01), "confirmed"),
    ],
)
def test_every_verdict_is_two_words_at_most(given, text):
    assert verdict_text(given) == text
    assert len(text.split()) <= 2


def test_on_nothing_it_says_so(nothing):
    line = found_line(nothing.trends)
    assert "nothing was found in the errors beyond chance" in line
    change = re.search(r"about (\d+) points would have been seen", line)
    assert change is not None
    assert 0 < int(change[1]) < 100
    assert nothing._repr_html_().count("no evidence") == 3


def test_what_is_real_is_counted_and_bold(planted):
    assert found_line(planted.trends) == (
        "3 pairs of feature and class tested: 2 real, 0 candidates, the same errors seen from the "
        "other class: 1."
    )
    assert (planted.trends["strength"] == "real").sum() == 3
    html = planted._repr_html_()
    row = planted.trends.set_index("class").loc["1"]
    assert "<b>associated</b>" in html
    assert f"<td>{100 * row['recall_change']:+.0f} [".replace("-", "−") in html


def test_first_line_has_n_and_interval(planted):
    line = glance_line(planted.settings, planted.overall)
    assert re.fullmatch(r"2,000 images · 2 classes · accuracy \.\d\d \[\.\d\d–\.\d\d\]", line)
    assert repr(planted) == f"<Analysis: {line}>"
    failed = {**planted.settings, "n_failed": 3}
    assert glance_line(failed, planted.overall) == f"{line} · 3 could not be measured"


def test_without_features_nothing_was_tested():
    given = [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)]
    analysis = sensitivity.analyse(*given, features=(), save_path=None)
    html = analysis._repr_html_()
    assert "Nothing was tested." in html
    assert "<table" not in html


def test_rows_beyond_the_first_ten_are_counted():
    rng = np.random.default_rng(0)
    columns = pd.DataFrame(rng.normal(size=(200, 5))).add_prefix("x")
    analysis = sensitivity.analyse(
        rng.integers(0, 2, 200),
        rng.integers(0, 2, 200),
        list(map(str, range(200))),
        columns=columns,
        features=(),
        save_path=None,
    )
    html = analysis._repr_html_()
    assert html.count("<tr") == 11
    assert "5 more: analysis.trends" in html


def test_guessed_groups_and_remedy_are_told(nothing):
    blocks = {**nothing.settings, "dependence": {"kind": "blocks", "ratio": 3.0}}
    assert "groups=" in replace(nothing, settings=blocks)._repr_html_()
    assert "groups=" not in nothing._repr_html_()
    remedy = type("Told", (), {"settings": {"verdict": tables.tta.DO_NOT_USE}})()
    told = replace(nothing, remedy=remedy)._repr_html_()
    assert "Test-time augmentation: do not use." in told


def test_it_needs_no_other_file_and_sets_no_colour(planted):
    html = planted._repr_html_()
    assert len(html) < 5_000
    assert not re.search(r"color|background|<script|<link|src=|href=|url\(", html)


def test_names_are_escaped():
    analysis = sensitivity.analyse(
        [0, 1] * 20,
        [0, 1] * 20,
        [str(i) for i in range(40)],
        features=(),
        save_path=None,
        columns={"<b>": range(40)},
        label_map_dict={0: "<script>", 1: "b"},
    )
    html = analysis._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "&lt;b&gt;" in html


def test_one_image_is_one_image_and_nought_has_no_sign() -> None:
    one = sensitivity.analyse([0], [0], ["a"], features=(), save_path=None)
    assert glance_line(one.settings, one.overall).startswith("1 image ·")
    labels = [0, 1] * 20
    right = sensitivity.analyse(
        labels,
        labels,
        list(map(str, range(40))),
        columns={"a": range(40)},
        features=(),
        save_path=None,
    )
    assert ">0 [0 … 0]<" in right._repr_html_()


def test_a_finding_in_false_calls_is_shown_by_their_share():
    called = made(n_classes=3, recall=0.8, false_positives=Trend(0.02, 0.14))
    row = called.trends.set_index("class").loc["2"]
    assert (row["driver"], row["strength"]) == ("false positives", "real")
    cells = re.findall(r"<td>(false calls [^<]*)</td>", called._repr_html_())
    y = called.outcomes["class"].astype(str).to_numpy()
    hit = called.outcomes["predicted"].astype(str).to_numpy() == "2"
    fifth = pd.qcut(called.features["sharpness"], 5, labels=False).to_numpy()
    shares = [hit[(y != "2") & (fifth == k)].mean() for k in range(5)]
    rest = hit[(y != "2") & (fifth != int(np.argmax(shares)))].mean()
    assert f"false calls {100 * max(shares):.0f} %, else {100 * rest:.0f} %" in cells
    # No row that is not real is told so.
    assert not re.findall(r"<td>false calls", made(n_classes=3)._repr_html_())
