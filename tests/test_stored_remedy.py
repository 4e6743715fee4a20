"""An edited remedy is refused in one line, or does without what it lacks: no traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sensitivity import Analysis, analyse
from sensitivity.cli import main
from sensitivity.errors import ResultError
from sensitivity.result import FILE_NAME, KEY
from sensitivity.tables import TTA_TABLES


@pytest.fixture
def file(make_remedy: Callable[..., Any], tmp_path: Path) -> Path:
    """A result with a remedy."""
    analysis = analyse(
        [0, 1] * 20,
        [0] * 20 + [0, 1] * 10,
        [f"{i}.png" for i in range(40)],
        label_map_dict={0: "normal", 1: "defective"},
        columns={"hour": range(40)},
        features=(),
        save_path=None,
    )
    replace(analysis, remedy=make_remedy()).save(tmp_path)
    return tmp_path / FILE_NAME


def edited(file: Path, edit: Callable[[Any], object]) -> None:
    stored = json.loads(file.read_text())
    edit(stored[KEY]["remedy"])
    file.write_text(json.dumps(stored))


def emptied(remedy: Any, *names: str) -> None:
    for name in names:
        for values in remedy["tables"][name].values():
            values.clear()


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda r: emptied(r, "strategies"), "table strategies: expected the accuracy of the orig"),
        (lambda r: emptied(r, "costs"), "table costs: expected one row per strategy, got none"),
        (lambda r: emptied(r, *r["tables"]), "table strategies: expected the accuracy"),
        (lambda r: r["settings"].pop("verdict"), "remedy.settings: object missing .* verdict"),
        (lambda r: r["settings"].pop("design"), "remedy.settings: object missing .* design"),
        (lambda r: r["settings"].update(verdict="maybe"), "settings.verdict: expected use, do not"),
        (lambda r: r["settings"].update(objective="x"), "settings.objective: expected nll, bal"),
        (lambda r: r["settings"].update(design=""), "settings.design: expected cross-fitted or"),
        (lambda r: r["settings"].update(n="many"), "settings.n: expected a whole number, got text"),
        (lambda r: r["settings"].update(gain={}), "settings.gain: object missing"),
        (
            lambda r: r["tables"]["strategies"]["metric"].__setitem__(5, "f7"),
            r"table strategies.metric: expected recall, .*, got f7 \(row 5, .*json\)",
        ),
        (
            lambda r: r["tables"]["costs"]["passes"].__setitem__(0, -1),
            "table costs.passes: expected numbers from 0, got -1",
        ),
    ],
)
def test_an_edited_remedy_is_refused(
    file: Path, edit: Callable[[Any], object], message: str, capsys: Any
) -> None:
    edited(file, edit)
    with pytest.raises(ResultError, match=message):
        Analysis.load(file)
    for words in (["table"], ["report"], ["recommend"], ["slices"], ["check", "--min-f1", ".1"]):
        assert main([words[0], str(file), *words[1:]]) == 3
        assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "name", [s.name for s in TTA_TABLES if s.name not in ("strategies", "costs")]
)
def test_other_tables_may_be_empty(file: Path, tmp_path: Path, name: str, capsys: Any) -> None:
    edited(file, lambda remedy: emptied(remedy, name))
    for words in (["report", "-o", str(tmp_path / "r.html")], ["recommend"], ["table"]):
        assert main([words[0], str(file), *words[1:]]) == 0


def test_only_the_original_is_a_remedy_too(file: Path, tmp_path: Path, capsys: Any) -> None:
    def edit(remedy: Any) -> None:
        for name in ("strategies", "costs"):
            for values in remedy["tables"][name].values():
                del values[1:]

    edited(file, edit)
    assert main(["report", str(file), "-o", str(tmp_path / "r.html")]) == 0
    assert main(["recommend", str(file)]) == 0
