"""``sensitivity merge``, as a user meets it: stdout, stderr, files, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sensitivity
from sensitivity import Analysis
from sensitivity.cli import main


def result(folder: str, seed: int, *, n: int = 120, hours: int = 24) -> str:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    logits = rng.normal(size=(n, 2)) + 2 * np.eye(2)[labels]
    sensitivity.analyse(
        logits,
        labels,
        [f"{folder}/{i}.png" for i in range(n)],
        columns={"hour": rng.integers(0, hours, n)},
        features=(),
        save_path=folder,
    )
    return folder


@pytest.fixture
def two() -> list[str]:
    return [result("a", 0), result("b", 1)]


def run(capsys, *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


def test_merge_writes_a_result_and_says_where(two: list[str], capfdbinary):
    assert main(["merge", *two, "--out", "whole", "--json"]) == 0
    out, err = capfdbinary.readouterr()
    assert json.loads(out)["settings"]["n"] == 240
    assert b"result: whole/model_analysis_results.json" in err
    assert b"note: ROC curves and AUC need the scores" in err
    analysis = Analysis.load("whole")
    names = [f"{folder}/{i}.png" for folder in two for i in range(120)]
    assert analysis.outcomes["name"].tolist() == names
    assert json.loads(Path("whole/model_analysis_results.json").read_text("utf-8"))["en-us"]


def test_merge_prints_what_analyse_prints(two: list[str], capsys):
    code, out, _ = run(capsys, "merge", *two, "--out", "whole", "--all")
    assert code == 0
    assert "hour" in out
    _, table, _ = run(capsys, "table", "whole", "--all")
    assert out == table


def test_json_files_and_edges_are_taken(two: list[str], capfdbinary):
    result("old", 2, hours=12)
    files = [f"{folder}/model_analysis_results.json" for folder in two]
    assert main(["merge", *files, "--edges", "old", "--out", "whole", "--json"]) == 0
    capfdbinary.readouterr()
    assert Analysis.load("whole").edges == Analysis.load("old").edges


def test_one_result_is_no_merger(two: list[str], capsys):
    code, out, err = run(capsys, "merge", two[0])
    assert (code, out) == (2, "")
    assert err == "sensitivity: results: expected two or more, got 1\n"


@pytest.mark.parametrize("out", ["b", "./b", "a/../b"])
def test_no_result_is_written_over(two: list[str], out: str, capsys):
    before = pd.read_parquet("b/tables/outcomes.parquet")
    code, _, err = run(capsys, "merge", *two, "--out", out)
    assert code == 2
    assert "out: expected another folder than those merged" in err
    pd.testing.assert_frame_equal(pd.read_parquet("b/tables/outcomes.parquet"), before)


def test_what_does_not_belong_together_is_bad_data(two: list[str], capsys):
    code, out, err = run(capsys, "merge", *two, two[0])
    assert (code, out) == (3, "")
    assert "expected other images in each" in err
    assert not Path("merged-results").exists()
    code, _, err = run(capsys, "merge", *two, "none")
    assert code == 3
    assert "expected a folder with model_analysis_results.json" in err
