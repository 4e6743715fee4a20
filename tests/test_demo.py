"""The demonstration: real photos where they are installed, a planted weakness elsewhere."""

from __future__ import annotations

import csv
import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import sensitivity
from sensitivity import demo
from sensitivity.catalogue import ORIGINAL
from sensitivity.cli import main
from sensitivity.errors import DependencyError
from sensitivity.result import FILE_NAME
from sensitivity.tta.logits import ViewLogits

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "elpv"
SHIPPED = Path(sensitivity.__file__).parent / "data" / "elpv.csv"
VIEWS = SHIPPED.with_name(demo.VIEWS_NAME)


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
    assert [path for path in carried if path != VIEWS] == []


@pytest.mark.skipif(not VIEWS.is_file(), reason="the package comes without the views")
def test_views_are_of_the_same_cells_and_the_same_model():
    logits = ViewLogits.load(VIEWS)
    rows = list(csv.DictReader(SHIPPED.read_text(encoding="utf-8").splitlines()))
    assert list(logits.names) == [row["name"] for row in rows]
    said = np.array([[float(row["logit_0"]), float(row["logit_1"])] for row in rows])
    np.testing.assert_allclose(logits.z[0], said, atol=0.01)
    assert logits.classes == ("normal", "defective")
    names = {view.name for view in logits.views}
    assert {name for mixture in demo.MIXTURES.values() for name in mixture} <= names
    assert not np.array_equal(logits.z[1], logits.z[0])


@pytest.fixture
def trial(tmp_path: Path, monkeypatch, make_remedy):
    """A small result, views of it as if they came with the package, and a door that answers."""
    y = np.arange(40) % 2
    names = [f"{i}.png" for i in range(40)]
    analysis = sensitivity.analyse(y, y, names, columns={"x": y}, features=(), save_path=None)
    (tmp_path / "data").mkdir()
    z = np.zeros((1, 40, 2), dtype=np.float32)
    logits = ViewLogits(tuple(names), y, (ORIGINAL,), z, ("0", "1"))
    logits.save(tmp_path / "data" / demo.VIEWS_NAME)
    monkeypatch.setattr(demo, "files", lambda package: tmp_path)
    asked = {}

    def try_remedies(analysis, logits, **options):
        asked.update(options, n=len(logits))
        return replace(analysis, remedy=make_remedy())

    module = ModuleType("sensitivity.tta.run")
    module.try_remedies = try_remedies
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return analysis, asked


def test_views_that_come_along_are_judged_and_written(trial, tmp_path: Path):
    analysis, asked = trial
    judged = demo.try_views(analysis, tmp_path / "r")
    assert asked == {"mixtures": demo.MIXTURES, "n": 40}
    assert judged.remedy.settings["verdict"] == "use"
    assert sensitivity.Analysis.load(tmp_path / "r").remedy is not None
    assert len(ViewLogits.load(tmp_path / "r" / "view_logits.npz")) == 40


def test_without_views_nothing_is_judged(trial, tmp_path: Path):
    analysis, asked = trial
    (tmp_path / "data" / demo.VIEWS_NAME).unlink()
    assert demo.try_views(analysis, tmp_path / "r") is analysis
    assert (asked, (tmp_path / "r").exists()) == ({}, False)


def test_demo_ends_with_the_verdict(trial, tmp_path: Path, monkeypatch, capsys):
    analysis, _ = trial

    def run(out, progress):
        return demo.Demonstration(demo.try_views(analysis, out), "x", tmp_path)

    monkeypatch.setattr(demo, "run", run)
    assert main(["demo", "--out", str(tmp_path / "r")]) == 0
    out, err = capsys.readouterr()
    assert " ".join(out.split()).endswith("does not do as well (NLL −.004 nats).")
    assert f"sensitivity tta {tmp_path / 'r'} --objective recall:defective" in err
    assert main(["demo", "--out", str(tmp_path / "r"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["remedy"]["settings"]["verdict"] == "use"


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
    table = out.partition("\nfeature ")[2]
    rows = [line.split() for line in table.splitlines() if line.startswith("lens_blur ")]
    assert [row[1] for row in rows[:2]] == ["all", "1"], "the planted row comes first"
    assert [row[-1] for row in rows[:2]] == ["associated"] * 2
    assert (tmp_path / "r" / FILE_NAME).is_file()


def test_absent_photos_are_said_to_be(monkeypatch):
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    with pytest.raises(DependencyError, match="pip install elpv-dataset"):
        demo.photo_folder()
