"""The command line, as a user meets it: stdout, stderr, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from sensitivity.cli import main


@pytest.fixture
def project(tmp_path: Path, monkeypatch) -> Path:
    """A folder with photos and predictions.csv, and a shell in it."""
    rng = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    rows = []
    for i in range(80):
        name, label = f"{i:02d}.png", int(rng.integers(0, 2))
        pixels = rng.integers(0, 30 + 2 * i, (20, 20, 3)).astype(np.uint8)
        (tmp_path / "photos" / name).write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
        scores = rng.normal(size=2) + 2 * np.eye(2)[label]
        rows.append((name, label, *scores.round(4), ("north", "south")[i % 2], i // 8))
    columns = ["name", "label", "logit_0", "logit_1", "site", "patient"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "predictions.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys, *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


def test_analyse_writes_prints_and_says_where(project: Path, capsys):
    code, out, err = run(capsys, "analyse", "predictions.csv", "--images", "photos", "--out", "r")
    assert code == 0
    assert "sharpness" in out
    assert "images: 80 of 80 measured (80 decoded now, 0 from the cache)" in err
    assert "r/model_analysis_results.json" in err
    assert (project / "r" / "tables" / "bins.parquet").is_file()
    _, _, err = run(capsys, "analyse", "predictions.csv", "--images", "photos", "--out", "r")
    assert "(0 decoded now, 80 from the cache)" in err


def test_json_is_json_and_nothing_else(project: Path, capfdbinary):
    words = ["analyse", "predictions.csv", "--images", "photos", "--json"]
    assert main(words) == 0
    content = json.loads(capfdbinary.readouterr().out)
    assert content["settings"]["n"] == 80
    assert content["settings"]["features"][-1]["name"] == "patient"


def test_failures_are_said_and_exit_is_zero(project: Path, capsys):
    (project / "photos" / "05.png").write_bytes(b"")
    (project / "photos" / "07.png").unlink()
    code, _, err = run(capsys, "analyse", "predictions.csv", "--images", "photos")
    assert code == 0
    assert "78 of 80 measured" in err
    assert "2 could not be: 1 empty, 1 missing" in err.replace(
        "1 missing, 1 empty", "1 empty, 1 missing"
    )


def test_not_one_image_is_an_end_of_its_own(project: Path, capsys):
    words = ["analyse", "predictions.csv", "--images", "empty", "--out", "r", "--features", "noise"]
    (project / "empty").mkdir()
    frame = pd.read_csv("predictions.csv")
    frame[["name", "label", "logit_0", "logit_1"]].to_csv("predictions.csv", index=False)
    code, out, err = run(capsys, *words)
    assert code == 3
    assert out.startswith("80 images · 2 classes · accuracy")
    assert err.splitlines()[-1] == (
        "warning: images: expected at least one that can be opened, got 80 missing; "
        "nothing was analysed (table failures)"
    )
    assert len(pd.read_parquet(project / "r" / "tables" / "failures.parquet")) == 80
    # One image, a column, or no wish to open any: something was done.
    name = frame["name"][3]
    (project / "empty" / name).write_bytes((project / "photos" / name).read_bytes())
    assert run(capsys, *words)[0] == 0
    (project / "empty" / name).unlink()
    assert run(capsys, *words[:-2], "--no-images")[0] == 0
    frame[["name", "label", "logit_0", "logit_1", "site"]].to_csv("predictions.csv", index=False)
    code, _, err = run(capsys, *words)
    assert (code, "nothing was analysed" in err) == (0, False)


def test_merged_without_one_image(project: Path, capsys):
    (project / "empty").mkdir()
    frame = pd.read_csv("predictions.csv")[["name", "label", "logit_0", "logit_1"]]
    for k, part in enumerate((frame[:40], frame[40:])):
        part.to_csv(f"{k}.csv", index=False)
        assert run(capsys, "analyse", f"{k}.csv", "--images", "empty", "--out", f"r{k}")[0] == 3
    code, _, err = run(capsys, "merge", "r0", "r1", "--out", "r")
    assert code == 3
    assert "got 80 missing; nothing was analysed" in err


def test_errors_raise_stops(project: Path, capsys):
    (project / "photos" / "05.png").write_bytes(b"")
    words = ("analyse", "predictions.csv", "--images", "photos", "--errors", "raise")
    code, out, err = run(capsys, *words)
    assert (code, out) == (3, "")
    assert err.startswith("sensitivity: image empty:")
    assert "05.png, row 5" in err
    assert len(err.splitlines()) == 1


def test_options_reach_the_analysis(project: Path, capsys):
    code, *_ = run(
        capsys, "analyse", "predictions.csv", "--no-images", "--n-bins", "3", "--groups", "patient",
        "--meta.camera", "B", "--prior.0", "0.5", "--prior.1", "0.5", "--out", "r",
    )  # fmt: skip
    assert code == 0
    settings = json.loads((project / "r" / "model_analysis_results.json").read_text())
    settings = settings["sensitivity"]["settings"]
    assert settings["n_bins"] == 3
    assert settings["prior"] == [0.5, 0.5]
    assert settings["meta"]["camera"] == "B"
    assert [entry["name"] for entry in settings["features"]] == ["site"]
    assert pd.read_parquet(project / "r" / "tables" / "outcomes.parquet")["group"].nunique() == 10


def test_config_file_has_the_same_names(project: Path, capsys):
    (project / "c.toml").write_text(
        'n_bins = 3\nfeatures = ["brightness", "noise"]\nimages = "photos"\nsave_path = "r"\n'
    )
    code, *_ = run(capsys, "analyse", "predictions.csv", "--config", "c.toml", "--n-bins", "4")
    assert code == 0
    content = json.loads((project / "r" / "model_analysis_results.json").read_text())
    settings = content["sensitivity"]["settings"]
    assert settings["n_bins"] == 4, "an argument wins over the file"
    assert [entry["name"] for entry in settings["features"]][:2] == ["brightness", "noise"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["analyse"], 2, "predictions"),
        (["analyse", "predictions.csv", "--n-bins", "many"], 2, "n-bins"),
        (["analyse", "predictions.csv", "--bins", "3"], 2, "--bins"),
        (
            ["analyse", "predictions.csv", "--config", "none.toml"],
            2,
            "config: expected a TOML file",
        ),
        (["analyse", "predictions.csv", "--no-images", "--groups", "ward"], 2, "groups"),
        (["analyse", "none.csv"], 3, "none.csv"),
        (["analyse", "predictions.csv", "--images", "none"], 3, "folder that exists"),
        (["analyse", "predictions.csv", "--size", "0"], 2, "size: expected"),
        (["analyse", "predictions.csv", "--out", "predictions.csv"], 2, "save_path"),
        (["table", "none", "--metric", "recall"], 2, "metric: expected a feature"),
        (["table", "none"], 3, "model_analysis_results.json"),
        (["nonsense"], 2, "nonsense"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else None,
)
def test_wrong_words(project: Path, capsys, words: list[str], code: int, message: str):
    found, out, err = run(capsys, *words)
    assert (found, out) == (code, "")
    assert message in err
    assert "Traceback" not in err


@pytest.fixture
def result(project: Path) -> str:
    assert main(["analyse", "predictions.csv", "--images", "photos", "--out", "r"]) == 0
    return "r"


def test_table(result: str, capsys):
    capsys.readouterr()
    code, out, _ = run(capsys, "table", result, "sharpness")
    assert code == 0
    for text in ("0–25%", "75–100%", "std"):
        assert text in out
    code, out, _ = run(capsys, "table", result)
    assert "brightness" in out
    code, _, err = run(capsys, "table", result, "sharpnes")
    assert code == 3
    assert "feature sharpnes: expected one of sharpness" in err


@pytest.mark.parametrize("terminal", [True, False])
def test_a_pipe_gets_whole_names(
    result: str, terminal: bool, capsys, monkeypatch: pytest.MonkeyPatch
):
    cut = []
    monkeypatch.setattr(
        "sensitivity.report.terminal.render_summary", lambda *_, **given: cut.append(given["cut"])
    )
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    assert run(capsys, "table", result, "--all")[0] == 0
    assert cut == [terminal]


def test_table_json(result: str, capfdbinary):
    capfdbinary.readouterr()
    assert main(["table", result, "site", "--metric", "recall", "--json"]) == 0
    content = json.loads(capfdbinary.readouterr().out)
    assert [row["label"] for row in content["bins"]] == ["north", "south"]


def test_table_of_two_features(result: str, capfdbinary):
    capfdbinary.readouterr()
    assert main(["table", result, "sharpness", "site", "--metric", "recall"]) == 0
    out = capfdbinary.readouterr().out.decode()
    for text in ("sharpness × site", "all: accuracy", "0: recall", "75–100%", "north"):
        assert text in out
    assert main(["table", result, "sharpness", "site", "--json"]) == 0
    content = json.loads(capfdbinary.readouterr().out)
    assert content["columns"] == ["north", "south"]
    assert [entry["class"] for entry in content["classes"]] == ["all", "0", "1"]
    assert content["classes"][0]["n"] == 80
    assert main(["table", result, "sharpness", "sharpness"]) == 3
    assert b"expected another feature than the first" in capfdbinary.readouterr().err


def test_two_features_need_the_tables_per_image(result: str, project: Path, capsys):
    (project / "r" / "tables" / "features.parquet").unlink()
    code, _, err = run(capsys, "table", result, "sharpness", "site")
    assert (code, "expected Parquet tables beside the JSON file" in err) == (3, True)


def test_slices(result: str, capfdbinary):
    capfdbinary.readouterr()
    assert main(["slices", result]) == 0
    out = capfdbinary.readouterr().out.decode()
    assert out.startswith("Slices: where two features together make a class weak")
    assert main(["slices", result, "--json"]) == 0
    content = json.loads(capfdbinary.readouterr().out)
    assert content["n"] == 80
    assert content["n_holding"] == sum(row["holds"] for row in content["slices"])


def test_samples(result: str, project: Path, capsys):
    capsys.readouterr()
    words = ["samples", result, "--feature", "sharpness", "--bin", "0", "--wrong"]
    code, out, _ = run(capsys, *words)
    assert code == 0
    header, *rows = out.strip().splitlines()
    assert header.startswith("name,class,predicted,kind")
    code, _, err = run(capsys, *words, "-o", "list.csv")
    assert f"{len(rows)} images: list.csv" in err
    listed = pd.read_csv(project / "list.csv")
    assert (listed["class"] != listed["predicted"]).all()
    assert set(listed["bin"]) <= {"0%-25%"}
    code, _, err = run(capsys, "samples", result, "--bin", "0")
    assert (code, "expected a feature" in err) == (3, True)
    code, _, err = run(capsys, "samples", result, "--feature", "sharpness", "--bin", "9")
    assert (code, "bin of sharpness: expected one of 0–25%" in err) == (3, True)


def test_samples_of_an_unknown_feature(result: str, capsys):
    code, out, err = run(capsys, "samples", result, "--feature", "clarity")
    assert (code, out) == (3, "")
    assert err.startswith("sensitivity: feature clarity: expected one of")


def test_samples_of_all_bins_are_all_samples(result: str, capsys):
    capsys.readouterr()
    total = 0
    for code in range(4):
        _, out, _ = run(capsys, "samples", result, "--feature", "noise", "--bin", str(code))
        total += len(out.strip().splitlines()) - 1
    assert total == 80


def test_a_report_replaces_no_result(result: str, project: Path, capsys):
    before = (project / result / "model_analysis_results.json").read_bytes()
    own = f"{result}/model_analysis_results.json"
    code, _, err = run(capsys, "report", result, "-o", own)
    assert (code, err.count("\n")) == (2, 1)
    assert "holds a result" in err
    assert (project / own).read_bytes() == before


def test_a_report_is_no_folder(result: str, project: Path, capsys):
    (project / "a.html").mkdir()
    code, _, err = run(capsys, "report", result, "-o", "a.html")
    assert (code, err) == (2, "sensitivity: report: expected a file, not a folder, got a.html\n")


def test_features(capsys):
    code, out, _ = run(capsys, "features")
    assert code == 0
    assert "• sharpness" in out
    assert "  warmth" in out


def test_help_of_every_command(capsys):
    code, out, _ = run(capsys, "--help")
    assert code == 0
    names = ("analyse", "table", "slices", "samples", "compare", "check", "features", "demo")
    for command in names:
        assert command in out
        code, text, _ = run(capsys, command, "--help")
        assert code == 0
        assert command in text


def test_closed_pipe_is_no_error(project: Path, result: str):
    words = f"{sys.executable} -m sensitivity samples {result} | head -1"
    done = subprocess.run(words, shell=True, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("name,")
    assert done.stderr == ""


def test_interrupt_says_what_is_kept(project: Path, capsys, monkeypatch):
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sensitivity.inputs.readers.read_predictions", interrupt)
    code, out, err = run(capsys, "analyse", "predictions.csv")
    assert (code, out) == (130, "")
    assert err == "sensitivity: interrupted; what was measured is kept\n"


def test_full_disk_is_one_line(project: Path, capsys, monkeypatch):
    def fill(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sensitivity.result.write_atomically", fill)
    code, _, err = run(capsys, "analyse", "predictions.csv", "--no-images", "--out", "r")
    assert code == 1
    assert err == "sensitivity: [Errno 28] No space left on device\n"


def test_any_locale_will_do(project: Path, result: str):
    words = [sys.executable, "-m", "sensitivity"]
    locale = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    for command in (["table", result], ["features"], ["analyse", "--help"], ["samples", result]):
        done = subprocess.run([*words, *command], env=locale, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.isascii()


def test_config_file_may_hold_the_label_map_as_a_table(project: Path, capsys):
    (project / "c.toml").write_text('save_path = "r"\nlabel_map_dict = {0 = "cat", 1 = "dog"}\n')
    words = ("analyse", "predictions.csv", "--no-images", "--config", "c.toml")
    assert run(capsys, *words)[0] == 0
    content = json.loads((project / "r" / "model_analysis_results.json").read_text())
    assert content["sensitivity"]["settings"]["classes"] == ["cat", "dog"]


@pytest.mark.parametrize(
    "words",
    [
        ["table", "r", "sharp"],
        ["table", "r", "site", "Sharpness "],
        ["samples", "r", "--feature", "sharp"],
        ["check", "r", "--max-spread", "1:sharp=0.1"],
        ["check", "r", "--min-f1", "1:sharp:0=0.1"],
        ["compare", "r", "r", "--feature", "sharp"],
        ["analyse", "predictions.csv", "--features", "sharp"],
    ],
    ids=" ".join,
)
def test_a_part_of_a_name_is_known_again(result: str, capsys, words: list[str]):
    capsys.readouterr()
    code, _, err = run(capsys, *words)
    assert code in (2, 3)
    assert "(did you mean 'sharpness'?)" in err
