"""Every feature moves the way it says when images are made worse, at three resolutions.

The list of degradations is the one that the documentation prints.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sensitivity.features import FEATURES


def _load() -> ModuleType:
    path = Path(__file__).parents[2] / "docs" / "degradation.py"
    spec = importlib.util.spec_from_file_location("docs_degradation", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look
    spec.loader.exec_module(module)
    return module


LIST = _load()


def test_every_feature_is_listed() -> None:
    assert {case.feature for case in LIST.DEGRADATIONS} == {feature.name for feature in FEATURES}


@pytest.mark.parametrize("shorter_side", LIST.SHORTER_SIDES)
@pytest.mark.parametrize("case", LIST.DEGRADATIONS, ids=lambda case: f"{case.feature}-{case.name}")
def test_monotone_on_every_image(case: Any, shorter_side: int) -> None:
    values = LIST.responses(case, shorter_side)
    assert values.shape == (len(LIST.IMAGES), 4)
    assert LIST.is_monotone(values, rises=case.rises), values.tolist()


def test_table_says_when_an_image_does_not_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    backwards = LIST.Degradation("brightness", "gamma", LIST.gamma, (1, 1.4, 2, 3), rises=True)
    monkeypatch.setattr(LIST, "DEGRADATIONS", (backwards,))
    table = LIST.table()
    assert list(table["shorter_side"]) == list(LIST.SHORTER_SIDES)
    assert set(table["monotone"]) == {"no"}
