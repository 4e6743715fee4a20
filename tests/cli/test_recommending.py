"""``sensitivity recommend``, as a user meets it: stdout, exit codes."""

from __future__ import annotations

import json

import pytest

from sensitivity import analyse
from sensitivity.cli import main
from sensitivity.synthetic import Trend, plant


@pytest.fixture
def result() -> str:
    made = plant(2000, recall=(0.9, Trend(0.5, 0.95)), prevalence=(0.75, 0.25))
    given = made.pred_list, made.label_list, made.name_list
    analyse(*given, columns=made.columns, features=(), save_path="r")
    return "r"


def run(capsys, *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


def test_recommend_prints_advice_and_exits_with_zero(result, capsys):
    code, out, err = run(capsys, "recommend", result)
    assert (code, err) == (0, "")
    assert "S102 Only a rare class loses recall" in out
    assert "sensitivity tta" in out


def test_recommend_in_chinese(result, capsys):
    code, out, _ = run(capsys, "recommend", result, "--lang", "zh")
    assert code == 0
    assert "S102 仅少数类的召回率随图像特征下降（高）" in out


def test_recommend_all_says_what_passed(result, capsys):
    _, short, _ = run(capsys, "recommend", result)
    code, out, _ = run(capsys, "recommend", result, "--all")
    assert code == 0
    assert "For detection" in out
    assert len(out) > len(short)


def test_recommend_json_is_json_and_nothing_else(result, capfdbinary):
    assert main(["recommend", result, "--json"]) == 0
    content = json.loads(capfdbinary.readouterr().out)
    assert content["n"] == 2000
    assert content["fired"][0]["code"] == "S102"
    assert content["fired"][0]["remedy"][0]["details"]["classes"] == ["1"]


def test_recommend_of_no_result_is_bad_data(capsys):
    code, out, err = run(capsys, "recommend", "nowhere")
    assert (code, out) == (3, "")
    assert err.startswith("sensitivity: result: expected a folder")
