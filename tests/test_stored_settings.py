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
        (set_to("tables", "trends", "verdict", 0, value="sure"), "trends.verdict: expected conf"),
        (set_to("tables", "trends", "grade", 0, value=None), "trends.grade: expected text, got"),
        (set_to("tables", "bins", "n", 0, value=True), "bins.n: expected whole numbers, got true"),
        (set_to("tables", "bins", "value", 0, value="1"), "bins.value: expected numbers, got text"),
        (set_to("tables", "overall", "value", 0, value=7), "overall: expected one row for the acc"),
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
