"""An edited result is refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensitivity import Analysis, analyse
from sensitivity.errors import ResultError
from sensitivity.report.content import content
from sensitivity.result import FILE_NAME, KEY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A result with one feature."""
    analyse(
        [0, 1] * 20,
        [0] * 20 + [0, 1] * 10,
        [f"{i}.png" for i in range(40)],
        columns={"hour": range(40)},
        features=(),
        save_path=tmp_path,
    )
    return tmp_path / FILE_NAME


def set_to(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def edit(content: Any) -> None:
        for key in path[:-1]:
            content = content[key]
        content[path[-1]] = value

    return edit


def without(*path: str) -> Callable[[dict[str, Any]], None]:
    def edit(content: Any) -> None:
        for key in path[:-1]:
            content = content[key]
        del content[path[-1]]

    return edit


def cut_off(table: str) -> Callable[[dict[str, Any]], None]:
    """Without its last row."""

    def edit(content: Any) -> None:
        for values in content["tables"][table].values():
            values.pop()

    return edit


def doubled(table: str) -> Callable[[dict[str, Any]], None]:
    """Its last row twice."""

    def edit(content: Any) -> None:
        for values in content["tables"][table].values():
            values.append(values[-1])

    return edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (without("settings"), "result.settings: expected an object"),
        (set_to("files", value=[]), "result.files: expected an object"),
        (without("files", "features"), "files.features: expected an object"),
        (set_to("files", "features", "rows", value=3), "expected the 40 images of the settings"),
        (without("tables", "bins"), "table bins: expected an object of columns"),
        (without("settings", "classes"), "settings: object missing required field classes"),
        (set_to("settings", "classes", value=["0"]), "settings.prior: expected a share"),
        (set_to("settings", "classes", value=["0", "0"]), "settings.classes: expected one"),
        (set_to("settings", "classes", value=["0", "x"]), "expected only classes of the settings"),
        (set_to("settings", "n", value="40"), "settings.n: expected a whole number, got text"),
        (set_to("settings", "n_failed", value=-1), r"settings.n_failed: expected 0 … n, got -1"),
        (set_to("settings", "confidence", value=1), "settings.confidence: expected a number"),
        (set_to("settings", "features", value=[]), "expected only features of the settings"),
        (set_to("settings", "task", value="x"), "settings.task: expected image_classification or"),
        (set_to("settings", "score_kind", value="x"), "settings.score_kind: expected logits or"),
        (set_to("settings", "dependence", "kind", value=""), "dependence.kind: expected groups"),
        (set_to("settings", "prior", value=[2, -1]), "settings.prior: expected shares from 0"),
        (set_to("settings", "features", 0, "kind", value="x"), r"features\[0\].kind: expected num"),
        (set_to("settings", "features", 0, "edges", value=[2, 1]), r"features\[0\].edges: .* asc"),
        (set_to("settings", "features", 0, "edges", value=[]), r"features\[0\].edges: expected"),
        (
            set_to("settings", "features", 0, "edges", value=[5, 7]),
            "expected a row of feature hour, bin 2",
        ),
        (set_to("settings", "features", 0, "n_missing", value=3), "feature hour, bin -1"),
        (
            set_to("tables", "bins", "metric", 3, value="f7"),
            r"table bins.metric: expected accuracy, .*, got f7 \(row 3, .*json\)",
        ),
        (set_to("tables", "bins", "bin", 3, value=77), "expected no row of feature hour, bin 77"),
        (
            set_to("tables", "bins", "value", 3, value=7),
            "bins.value: expected numbers from .* got 7",
        ),
        (set_to("tables", "bins", "n", 3, value=-7), "bins.n: expected numbers from 0, got -7"),
        (set_to("tables", "bins", "n", 3, value=0.5), "table bins: expected the values of its col"),
        (set_to("tables", "overall", "metric", 3, value="f"), "overall.metric: expected accuracy"),
        (
            set_to("tables", "overall", "class", 0, value="0"),
            "overall: expected a row of class all",
        ),
        (set_to("tables", "trends", "driver", 0, value="luck"), "trends.driver: expected recall,"),
        (set_to("tables", "trends", "q", 0, value=-1), "trends.q: expected numbers from 0 to 1"),
        (set_to("tables", "trends", "class", 0, value="1"), "table trends: expected a row of"),
        (
            set_to("tables", "confusion", "class", 0, value="7"),
            "only classes of the settings .0, 1",
        ),
        (cut_off("bins"), "table bins: expected a row of feature hour, bin"),
        (cut_off("trends"), "table trends: expected a row of feature hour, class"),
        (cut_off("overall"), "table overall: expected a row of class"),
        (doubled("bins"), "table bins: expected one row of feature hour, bin"),
        (doubled("trends"), "table trends: expected one row of feature hour"),
        (set_to("tables", "trends", "verdict", 0, value="sure"), "trends.verdict: expected conf"),
        (set_to("tables", "trends", "grade", 0, value=None), "trends.grade: expected text, got"),
        (set_to("tables", "bins", "n", 0, value=True), "bins.n: expected whole numbers, got true"),
        (set_to("tables", "bins", "value", 0, value="1"), "bins.value: expected numbers, got text"),
        (
            set_to("tables", "overall", "value", 0, value=7),
            "overall.value: expected numbers from 0 to 1, got 7",
        ),
        (set_to("settings", "features", 0, "edges", value=3), r"settings.features\[0\].edges"),
    ],
)
def test_an_edited_result_is_refused(
    file: Path, edit: Callable[[dict[str, Any]], None], message: str
) -> None:
    stored = json.loads(file.read_text())
    edit(stored[KEY])
    file.write_text(json.dumps(stored))
    with pytest.raises(ResultError, match=message) as error:
        Analysis.load(file)
    assert "\n" not in str(error.value)
    assert str(file) in str(error.value)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999", "0x1"])
def test_what_is_no_json_is_refused(file: Path, text: str) -> None:
    written = file.read_text()
    assert '"share":[0.5' in written
    file.write_text(written.replace('"share":[0.5', f'"share":[{text}', 1))
    with pytest.raises(ResultError, match=r"expected a JSON file|expected finite|expected numbers"):
        Analysis.load(file)


@pytest.mark.parametrize("name", ["features", "outcomes"])
def test_one_table_of_images_alone_is_as_none(file: Path, name: str) -> None:
    (file.parent / "tables" / f"{name}.parquet").unlink()
    found = Analysis.load(file)
    assert found.features.empty
    assert found.outcomes.empty
    assert content(found)["two_way"] is None


def test_further_settings_are_kept(file: Path) -> None:
    stored = json.loads(file.read_text())
    stored[KEY]["settings"]["new"] = {"a": [1]}
    file.write_text(json.dumps(stored))
    assert Analysis.load(file).settings["new"] == {"a": [1]}


def test_several_labels_come_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    analysis = analyse(
        rng.random((30, 2)),
        [[], [0], [0, 1]] * 10,
        [f"{i}.png" for i in range(30)],
        "multi_label_classification",
        columns={"hour": range(30)},
        features=(),
        save_path=tmp_path,
    )
    assert Analysis.load(tmp_path).settings == analysis.settings
