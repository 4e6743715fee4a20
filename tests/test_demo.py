"""The demonstration: real photos where they are installed, a planted weakness elsewhere."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest

import sensitivity
from sensitivity import demo
from sensitivity.cli import main
from sensitivity.errors import DependencyError
from sensitivity.result import FILE_NAME

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "elpv"
SHIPPED = Path(sensitivity.__file__).parent / "data" / "elpv.csv"


def load(name: str):
    """A file of the example as a module; it needs numpy only."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def has_photos() -> bool:
    return importlib.util.find_spec("elpv_dataset") is not None


def test_package_carries_the_predictions_of_the_example():
    assert SHIPPED.read_bytes() == (EXAMPLE / "predictions.csv").read_bytes()


def test_no_photo_is_carried():
    suffixes = {".png", ".jpg", ".jpeg", ".npz", ".npy"}
    carried = [p for p in SHIPPED.parent.parent.rglob("*") if p.suffix in suffixes]
    carried += [p for p in EXAMPLE.rglob("*") if p.suffix in suffixes]
    assert carried == []


@pytest.mark.skipif(not has_photos(), reason="elpv-dataset is not installed")
def test_predictions_are_of_the_judged_cells_and_as_good_as_said(tmp_path: Path):
    names, labels, _ = load("labels").judged()
    rows = list(csv.DictReader(SHIPPED.read_text(encoding="utf-8").splitlines()))
    assert [row["name"] for row in rows] == names
    trained, _, _ = load("labels").training()
    assert not set(names) & set(trained)

    found = demo.run(tmp_path)
    assert (found.feature, found.note) == ("sharpness", "")
    analysis = found.analysis
    assert analysis.settings["n_failed"] == 0
    np.testing.assert_array_equal(analysis.outcomes["class"] == "defective", labels == 1)
    counts = analysis.confusion.set_index(["class", "predicted"])["n"].to_dict()
    said = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    for label in ("normal", "defective"):
        called = counts[label, "normal"], counts[label, "defective"]
        assert f"| truly {label} | {called[0]} | {called[1]} |" in said


def test_without_photos_the_planted_weakness_is_found(tmp_path: Path, monkeypatch, capsys):
    def absent() -> Path:
        raise DependencyError("elpv-dataset", "expected it to be installed")

    monkeypatch.setattr(demo, "photo_folder", absent)
    assert main(["demo", "--out", str(tmp_path / "r")]) == 0
    out, err = capsys.readouterr()
    assert "pip install elpv-dataset" in err
    assert "planted: recall of class 1 falls from 0.91" in err
    rows = [line.split() for line in out.splitlines() if line.startswith("lens_blur ")]
    assert [row[1] for row in rows[:2]] == ["all", "1"], "the planted row comes first"
    assert [row[-1] for row in rows[:2]] == ["associated"] * 2
    assert (tmp_path / "r" / FILE_NAME).is_file()


def test_absent_photos_are_said_to_be(monkeypatch):
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    with pytest.raises(DependencyError, match="pip install elpv-dataset"):
        demo.photo_folder()
