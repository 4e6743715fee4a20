"""What goes to MLflow, judged by MLflow itself."""

from __future__ import annotations

import contextlib
import math
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from sensitivity import analyse
from sensitivity.errors import DependencyError, OptionError
from sensitivity.report.tracking import safe_names, to_mlflow, tracked
from sensitivity.result import Analysis

NAMES = ("normal", "a/b\\c: <script>", "缺陷" * 200)


def made(called, y, **columns) -> Analysis:
    names = [f"{i}.png" for i in range(len(y))]
    return analyse(
        called,
        y,
        names,
        label_map_dict=dict(enumerate(NAMES)),
        columns=columns,
        features=(),
        save_path=None,
    )


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    """Three classes of names that no file could bear; blur makes the second one worse."""
    rng = np.random.default_rng(0)
    n = 3_000
    y, blur = rng.integers(0, 3, n), rng.random(n)
    wrong = rng.random(n) < np.where(y == 1, 0.05 + 0.6 * blur, 0.08)
    called = np.where(wrong, (y + 1) % 3, y)
    return made(called, y, **{"blur / σ": blur})


@pytest.fixture(scope="module")
def library():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("mlflow")


@pytest.fixture
def mlflow(library, tmp_path: Path, monkeypatch):
    """MLflow with a store of files: the strictest about names, and it needs nothing more."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    with stored_in(library, (tmp_path / "runs").as_uri(), tmp_path):
        yield library


@pytest.fixture
def mlflow_in_sqlite(library, tmp_path: Path):
    pytest.importorskip("sqlalchemy")
    with stored_in(library, f"sqlite:///{tmp_path}/runs.db", tmp_path):
        yield library


@contextlib.contextmanager
def stored_in(library, uri: str, folder: Path):
    before = library.get_tracking_uri()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library.set_tracking_uri(uri)
        library.create_experiment("tried", artifact_location=(folder / "files").as_uri())
        library.set_experiment("tried")
        yield
        library.set_tracking_uri(before)


def files(mlflow, run_id: str, path: str) -> list[str]:
    return [entry.path for entry in mlflow.MlflowClient().list_artifacts(run_id, path)]


# Names


@pytest.mark.parametrize("length", [1, 80, 5_000])
def test_safe_names_are_safe_short_and_different(length: int):
    rng = np.random.default_rng(length)
    alphabet = list('aA/\\.:*?"<>| \n\x00é缺🙂_-')
    given = list({"".join(rng.choice(alphabet, length)) for _ in range(50)})
    safe = safe_names(given)
    assert list(safe) == given
    assert len({name.casefold() for name in safe.values()}) == len(given)
    for name in safe.values():
        assert name == name.strip(". ")
        assert 0 < len(name.encode()) < 100
        assert not set(name) & set('/\\:*?"<>|\n\x00')


def test_names_that_are_safe_stay():
    names = ["normal", "class 7", "v1.5-x", "缺陷"]
    assert list(safe_names(names).values()) == names


# Numbers


def test_the_numbers_are_those_of_the_analysis(analysis):
    found = tracked(analysis)
    whole = analysis.overall.query("`class` == 'all'").set_index("metric")
    assert found["sensitivity/accuracy"] == whole.at["accuracy", "value"]
    assert found["sensitivity/accuracy_low"] == whole.at["accuracy", "low"]
    assert found["sensitivity/macro_f1"] == whole.at["macro_f1", "value"]
    assert found["sensitivity/images"] == 3_000
    own = analysis.overall.query("`class` == 'normal'").set_index("metric")
    assert found["sensitivity/class/normal/recall"] == own.at["recall", "value"]


def test_each_real_finding_has_its_spread(analysis):
    found = tracked(analysis)
    real = analysis.trends.query("strength == 'real'")
    assert found["sensitivity/findings/real"] == len(real) > 0
    spreads = [value for name, value in found.items() if "/spread/" in name]
    assert sorted(spreads) == sorted(real["spread"])
    assert found["sensitivity/spread/blur _ σ/a_b_c_ _script_"] == max(spreads)


def test_bounds_keep_the_worst(analysis):
    found = tracked(analysis, prefix="x", classes=1, findings=1)
    f1 = [name for name in found if name.endswith("/f1")]
    assert f1 == ["x/class/a_b_c_ _script_/f1"]
    assert sum("/spread/" in name for name in found) == 1
    none = tracked(analysis, classes=0, findings=0)
    assert not [name for name in none if "/class/" in name or "/spread/" in name]


def test_what_is_undefined_is_left_out():
    found = tracked(made([0, 0, 0, 1], [0, 0, 0, 0]))
    assert all(map(math.isfinite, found.values()))
    assert found["sensitivity/class/normal/recall"] == 0.75
    assert "sensitivity/class/a_b_c_ _script_/recall" not in found


@pytest.mark.parametrize("prefix", ["", "/a", "a/", "..", "a:b", " a", "a//b", "a/../b", "a" * 61])
def test_a_prefix_that_makes_no_name_is_refused(analysis, prefix: str):
    with pytest.raises(OptionError, match="prefix"):
        tracked(analysis, prefix=prefix)


@pytest.mark.parametrize("option", ["classes", "findings"])
def test_negative_bounds_are_refused(analysis, option: str):
    with pytest.raises(OptionError, match=f"{option}: expected a whole number, 0 or more, got -1"):
        tracked(analysis, **{option: -1})


# The real library


@pytest.mark.parametrize("store", ["mlflow", "mlflow_in_sqlite"])
def test_everything_arrives_in_the_active_run(store, request, analysis, tmp_path: Path):
    mlflow = request.getfixturevalue(store)
    page = tmp_path / "report.html"
    page.write_text("<p>", "utf-8")
    with mlflow.start_run() as run:
        assert to_mlflow(analysis, report=page, step=3) == run.info.run_id
        assert mlflow.active_run() is not None
    kept = mlflow.get_run(run.info.run_id).data
    assert kept.metrics == tracked(analysis)
    assert kept.tags["sensitivity.version"] == analysis.settings["version"]
    assert "blur" in kept.tags["sensitivity.headline"]
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "sensitivity/accuracy")
    assert [entry.step for entry in history] == [3]
    assert files(mlflow, run.info.run_id, "sensitivity") == [
        "sensitivity/model_analysis_results.json",
        "sensitivity/report.html",
        "sensitivity/tables",
    ]
    folder = mlflow.artifacts.download_artifacts(
        run_id=run.info.run_id, artifact_path="sensitivity", dst_path=str(tmp_path / "back")
    )
    assert Analysis.load(folder).trends.equals(analysis.trends)


def test_a_second_analysis_in_the_same_run_replaces_the_first(mlflow, analysis):
    other = made([0, 1, 2, 1], [0, 1, 2, 2])
    with mlflow.start_run() as run:
        to_mlflow(analysis)
        to_mlflow(other)
    assert mlflow.get_run(run.info.run_id).data.metrics["sensitivity/accuracy"] == 0.75


def test_without_a_run_one_is_made_and_ended(mlflow, analysis, tmp_path: Path):
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.html").write_text("<p>", "utf-8")
    run_id = to_mlflow(analysis, report=tmp_path / "page", prefix="test set/v1")
    assert mlflow.active_run() is None
    assert mlflow.get_run(run_id).info.status == "FINISHED"
    assert files(mlflow, run_id, "test set/v1/page") == ["test set/v1/page/index.html"]


def test_a_report_that_is_not_there_is_refused_before_anything_is_logged(mlflow, analysis):
    with mlflow.start_run() as run, pytest.raises(OptionError, match="report: expected"):
        to_mlflow(analysis, report="nowhere.html")
    assert not mlflow.get_run(run.info.run_id).data.metrics


def test_the_verdict_on_views_is_a_tag(mlflow, analysis, make_remedy):
    from dataclasses import replace

    judged = replace(analysis, remedy=make_remedy(classes=NAMES))
    run_id = to_mlflow(judged)
    assert mlflow.get_run(run_id).data.tags["sensitivity.tta"] == "use"


def test_without_mlflow_it_says_what_to_install(analysis, monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(DependencyError, match=r"pip install .*\[mlflow\]"):
        to_mlflow(analysis)
