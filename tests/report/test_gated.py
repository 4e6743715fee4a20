"""Gates as text and as JUnit XML."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from sensitivity.gates import judge
from sensitivity.records import FAIL, INCONCLUSIVE, PASS, Gate, GateRow
from sensitivity.report.columns import display_width
from sensitivity.report.gated import about, junit_xml, needs, render_gates

NAN = float("nan")


def row(feature: str = "", label: str = "", status: str = FAIL, **options) -> GateRow:
    given = {"value": 0.7, "low": 0.65, "high": 0.74, "n": 300} | options
    return GateRow(feature, label, "crack", "f1", status, **given)


def gate(status: str, *rows: GateRow, name: str = "min-f1 crack=0.8", n_judged: int = 1) -> Gate:
    first = rows[0] if rows else row(status=PASS)
    kept = {
        key: getattr(first, key) for key in ("value", "low", "high", "n", "n_needed", "n_total")
    }
    return Gate(
        name, "F1 of crack: at least 0.8", status, 0.8, **kept, n_judged=n_judged, rows=rows
    )


def test_a_gate_that_fails_shows_its_number():
    text = render_gates([gate(FAIL, row())], colour=False)
    assert text.splitlines() == [
        "FAIL  min-f1 crack=0.8",
        "F1 of crack: at least 0.8; .70 [.65–.74], 300 images",
    ]


def test_an_open_gate_says_how_many_images_it_takes():
    text = render_gates(
        [gate(INCONCLUSIVE, row(status=INCONCLUSIVE, n_needed=4_213, n_total=14_050))], colour=False
    )
    assert text.startswith("INCONCLUSIVE  min-f1 crack=0.8")
    joined = " ".join(text.splitlines())
    assert "needs about 4,300 of the class, 15,000 in all, if the measured value is the" in joined


def test_a_gate_that_passes_is_short():
    text = render_gates([gate(PASS, n_judged=4)], colour=False)
    assert "all 4 rows pass, the closest at .70 [.65–.74], 300 images" in text


def test_rows_that_broke_it_are_a_table():
    rows = [row("blur", f"{k}%", n_needed=None) for k in range(20)]
    text = render_gates([gate(FAIL, *rows, n_judged=40)], colour=False)
    assert "20 of 40 rows fail" in text
    assert sum(line.startswith("blur") for line in text.splitlines()) == 12
    assert "8 more rows: --all" in text
    assert render_gates([gate(FAIL, *rows)], colour=False, rows=None).count("blur") == 20


def test_one_row_of_many_is_named():
    text = render_gates([gate(FAIL, row("blur", "0%-20%"), n_judged=5)], colour=False)
    assert "1 of 5 rows fails: blur, 0–20%, crack .70 [.65–.74], 300 images" in " ".join(
        text.splitlines()
    )


def test_rows_that_no_number_decides_give_no_number_for_the_gate():
    rows = [
        row(
            "blur", "a", INCONCLUSIVE, reason="no image of the class", value=NAN, low=NAN, high=NAN
        ),
        row("blur", "b", INCONCLUSIVE, n_needed=900, n_total=9_000),
    ]
    text = render_gates([gate(INCONCLUSIVE, *rows, n_judged=2)], colour=False)
    assert "2 of 2 rows are open" in text
    assert "no image of the class" in text
    assert text.count("needs about") == 1


def test_a_drop_is_a_change():
    found = gate(FAIL, row(value=0.05, low=0.03, high=0.07), name="max-drop 0.02")
    assert "+.05 [+.03 to +.07]" in render_gates([found], colour=False)


def test_lines_fit_and_names_are_harmless():
    rows = [row("x" * 80, "y\n" * 40, INCONCLUSIVE, n_needed=10, n_total=20) for _ in range(2)]
    text = render_gates([gate(INCONCLUSIVE, *rows, name="min-f1 a\x1b[31m=1")], colour=False)
    assert max(map(display_width, text.splitlines()[1:])) <= 100
    assert "\x1b" not in text


def test_real_gates_are_shown(make_analysis):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 60)
    called = np.where(rng.random(60) < 0.85, y, 1 - y)
    analysis = make_analysis(called, y, columns={"blur": rng.random(60)})
    text = render_gates(judge(analysis, min_f1=["1=0.8", "1:blur=0.8", "0=0.1"]), colour=False)
    assert text.count("INCONCLUSIVE") == 2
    assert "PASS  min-f1 0=0.1" in text
    assert "needs about" in text


# JUnit


def test_junit_has_one_case_per_gate():
    gates = [
        gate(PASS),
        gate(FAIL, row("blur", "0%-20%"), row("blur", "20%-40%")),
        gate(INCONCLUSIVE, row(status=INCONCLUSIVE, n_needed=40, n_total=90)),
    ]
    suite = ElementTree.fromstring(junit_xml(gates)).find("testsuite")
    assert suite.attrib == {
        "name": "sensitivity",
        "tests": "3",
        "failures": "1",
        "errors": "1",
        "skipped": "0",
    }
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["error"]]
    assert "20–40%" in suite[1][0].text
    assert "needs about 40 of the class, 90 in all" in suite[2][0].attrib["message"]


def test_junit_of_strange_names_is_xml():
    found = gate(FAIL, row("a<b&c", "\x00\n缺陷"), row(), name="min-f1 <&\x01>=0.5")
    suite = ElementTree.fromstring(junit_xml([found])).find("testsuite")
    assert suite[0].attrib["name"] == "min-f1 <&\\x01>=0.5"
    assert "a<b&c" in suite[0][0].text
    assert "缺陷" in suite[0][0].text


def test_junit_of_no_gate():
    suite = ElementTree.fromstring(junit_xml([])).find("testsuite")
    assert (suite.attrib["tests"], len(suite)) == ("0", 0)


# Words


@pytest.mark.parametrize(
    ("n", "text"),
    [(0, "0"), (9, "9"), (99, "99"), (101, "110"), (1_000, "1,000"), (12_001, "13,000")],
)
def test_about(n: int, text: str):
    assert about(n) == text
    assert int(text.replace(",", "")) >= n


def test_needs():
    assert needs(row()) == ""
    assert needs(row(n_needed=50, n_total=50)) == "needs about 50"
