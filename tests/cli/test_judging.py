"""``sensitivity compare`` and ``check``: stdout, stderr, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from sensitivity.cli import main
from sensitivity.records import Comparison
from sensitivity.result import Analysis


@pytest.fixture
def results(make_analysis, monkeypatch) -> dict[str, Analysis]:
    """Results as if they lay in folders: old, new, and a small one."""
    rng = np.random.default_rng(0)
    n = 1_000
    y = rng.integers(0, 2, n)
    blur = rng.random(n)
    wrong = rng.random(n) < 0.05 + 0.3 * blur
    columns = {"blur": blur, "camera": rng.choice(["north", "south", "roof"], n)}
    spread = {(f, c): (0.02, 0.0, 0.06) for f in columns for c in ("all", "ok", "crack")}
    spread["blur", "crack"] = (0.2, 0.12, 0.3)
    options = {"classes": ("ok", "crack"), "spread": spread}
    mended = wrong & (rng.random(n) < 0.7)
    found = {
        "old": make_analysis(np.where(wrong, 1 - y, y), y, columns=columns, **options),
        "new": make_analysis(np.where(wrong & ~mended, 1 - y, y), y, columns=columns, **options),
        "small": make_analysis(np.where(wrong, 1 - y, y)[:60], y[:60], classes=("ok", "crack")),
    }
    monkeypatch.setattr(Analysis, "load", lambda path: found[str(path)])
    return found


def run(capsys, *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


# compare


def test_compare_prints_and_writes_nothing(results, tmp_path: Path, capsys):
    code, out, err = run(capsys, "compare", "old", "new")
    assert (code, err) == (0, "")
    assert out.startswith("1,000 images in both results · 2 classes · accuracy .")
    assert "rises" in out
    assert not list(tmp_path.iterdir())


def test_compare_writes_where_it_is_told(results, tmp_path: Path, capsys):
    code, _, err = run(capsys, "compare", "old", "new", "--out", "c")
    assert (code, err) == (0, "comparison: c/comparison.json\n")
    assert len(Comparison.load(tmp_path / "c").overall) == 5


def test_compare_says_what_it_left_out(results, capsys):
    code, _, err = run(capsys, "compare", "new", "small")
    assert code == 0
    assert err.startswith("note: 940 images are only in the first result and 0 only in the second")


def test_compare_shows_a_feature(results, capsys):
    _, out, _ = run(capsys, "compare", "old", "new", "--feature", "camera")
    assert "roof" in out
    _, everything, _ = run(capsys, "compare", "old", "new", "--feature", "camera", "--all")
    assert "F1" in everything
    code, out, err = run(capsys, "compare", "old", "new", "--feature", "cam", "--json")
    assert (code, out) == (3, "")
    assert "feature cam: expected one of blur, camera" in err


def test_compare_json_is_json_and_nothing_else(results, capfdbinary):
    assert main(["compare", "old", "new", "--json", "--confidence", "0.9"]) == 0
    content = json.loads(capfdbinary.readouterr().out)
    assert content["settings"]["confidence"] == 0.9
    assert set(content["tables"]) == {"compared_bins", "compared_trends", "compared_overall"}


# check


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [
        (["--min-f1", "crack=0.1"], 0, "PASS"),
        (["--min-f1", "crack=0.99"], 4, "FAIL"),
        (["--min-f1", "crack=0.94"], 5, "INCONCLUSIVE"),
        (["--min-f1", "crack=0.94", "--min-f1", "ok=.99"], 4, "FAIL"),
        (["--min-f1", "crack:0=0.99"], 4, "FAIL"),
        (["--max-spread", "0.1"], 4, "FAIL"),
        (["--max-spread", "all=0.06", "--min-f1=.1"], 0, "PASS"),
        (["--max-spread", "all=0.05"], 5, "INCONCLUSIVE"),
        (["--max-drop-from", "old"], 0, "PASS"),
        (["--max-drop-from", "old", "--max-drop", "crack=.01"], 0, "PASS"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_check(results, capsys, words: list[str], code: int, status: str):
    found, out, err = run(capsys, "check", "new", *words)
    assert (found, err) == (code, "")
    assert status in out


def test_a_drop_fails(results, capsys):
    code, out, _ = run(capsys, "check", "old", "--max-drop-from", "new")
    assert code == 4
    assert "max-drop 0.02" in out
    assert "3 of 3 rows fail" in out
    assert "paired: 1,000 images are in both results" in out


def test_sixty_images_are_inconclusive_and_say_how_many_it_takes(results, capsys):
    code, out, _ = run(capsys, "check", "small", "--min-f1", "crack=0.8")
    assert code == 5
    assert out.startswith("INCONCLUSIVE")
    assert "needs about" in out


def test_check_json(results, capfdbinary):
    assert main(["check", "new", "--min-f1", "crack=.99", "--min-f1", "ok=.1", "--json"]) == 4
    content = json.loads(capfdbinary.readouterr().out)
    assert content["status"] == "fail"
    assert [gate["status"] for gate in content["gates"]] == ["fail", "pass"]
    assert content["gates"][0]["rows"][0]["class"] == "crack"


def test_check_writes_junit(results, tmp_path: Path, capsys):
    code, _, err = run(capsys, "check", "small", "--min-f1", "crack=0.8", "--junit", "j.xml")
    assert (code, err) == (5, "junit: j.xml\n")
    suite = ElementTree.fromstring((tmp_path / "j.xml").read_bytes()).find("testsuite")
    assert (suite.attrib["tests"], suite.attrib["errors"]) == ("1", "1")


def test_check_makes_the_folder_of_junit_or_says_what_is_wrong(results, tmp_path: Path, capsys):
    gate = ("check", "small", "--min-f1", "crack=0.8")
    assert run(capsys, *gate, "--junit", "new/reports/j.xml")[0] == 5
    assert (tmp_path / "new/reports/j.xml").exists()
    (tmp_path / "file").write_text("")
    code, _, err = run(capsys, *gate, "--junit", "file/j.xml")
    assert code == 2
    assert "junit: expected a file that can be written" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "expected at least one of --max-spread, --min-f1 and --max-drop-from"),
        (["--max-drop", "0.02"], "max-drop: expected the earlier result: --max-drop-from OLD"),
        (["--min-f1", "high"], "min-f1: expected a limit from 0 to 1"),
        (["--min-f1", "cracks=.5"], "min-f1: expected a class among ok, crack, got cracks"),
        (["--max-spread", "ok:noise=.5"], "expected a feature among blur, camera, got noise"),
        (["--min-recall", ".5"], "--min-recall"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_wrong_words(results, capsys, words: list[str], message: str):
    code, out, err = run(capsys, "check", "new", *words)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_help_explains_each_gate(capsys):
    code, out, _ = run(capsys, "check", "--help")
    assert code == 0
    text = " ".join(out.replace("│", " ").split())
    for words in (
        "Fails if a class does too unequally from range to range of a feature.",
        "Fails if F1 is too low.",
        "fails if accuracy, or a class's F1, is lower by more than this.",
        "it says how many images it would take",
    ):
        assert words in text
    assert "4 a gate failed" in run(capsys, "--help")[1]


# From predictions to exit codes


def test_from_files_of_predictions_to_a_gate(tmp_path: Path, capsys):
    rng = np.random.default_rng(0)
    y, dose = rng.integers(0, 2, 300), rng.random(300)
    for name, share in (("old", 0.25), ("new", 0.05)):
        called = np.where(rng.random(300) < share, 1 - y, y)
        rows = zip(range(300), y, called, dose.round(4), strict=True)
        lines = ["name,label,pred,dose", *(f"{i}.png,{a},{b},{x}" for i, a, b, x in rows)]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines))
        assert main(["analyse", f"{name}.csv", "--no-images", "--out", name]) == 0
    capsys.readouterr()
    code, out, err = run(capsys, "compare", "old", "new", "--out", "old")
    assert (code, err) == (0, "comparison: old/comparison.json\n")
    assert out.startswith("300 images in both results")
    assert "dose" in out
    assert run(capsys, "check", "new", "--max-drop-from", "old")[0] == 0
    assert run(capsys, "check", "old", "--max-drop-from", "new")[0] == 4
    assert run(capsys, "check", "new", "--min-f1", "1:dose=0.93")[0] == 5
    assert run(capsys, "check", "new", "--max-spread", "all=0.5")[0] == 0
    (tmp_path / "old" / "tables" / "outcomes.parquet").unlink()
    code, out, err = run(capsys, "compare", "old", "new")
    assert (code, out) == (3, "")
    assert "table outcomes of the first result: expected Parquet tables beside the JSON file" in err
    code, out, _ = run(capsys, "check", "new", "--max-drop-from", "old", "--max-drop", "0.05")
    assert (code, "not paired" in out) == (0, True)


# check --summary


def test_the_summary_is_appended_whatever_the_verdict(results, tmp_path: Path, capsys):
    file = tmp_path / "summary.md"
    file.write_text("what an earlier command wrote\n", "utf-8")
    code, out, err = run(
        capsys, "check", "old", "--min-f1", "crack=0.99", "--summary", str(file), "--lang", "zh"
    )
    assert code == 4
    assert out.startswith("FAIL")
    assert f"summary: {file}" in err
    text = file.read_text("utf-8")
    assert text.startswith("what an earlier command wrote\n## 敏感度分析\n")
    assert "❌ 不通过" in text


def test_a_summary_that_is_full_is_left_alone(results, tmp_path: Path, capsys):
    file = tmp_path / "summary.md"
    file.write_bytes(b"x" * 999_500)
    code, _, err = run(capsys, "check", "new", "--min-f1", "0.1", "--summary", str(file))
    assert code == 0
    assert "is full" in err
    assert file.stat().st_size == 999_500


def test_a_summary_that_cannot_be_written_is_an_option_error(results, tmp_path: Path, capsys):
    code, _, err = run(capsys, "check", "new", "--min-f1", "0.1", "--summary", str(tmp_path))
    assert code == 2
    assert "summary: expected a file that can be written" in err
