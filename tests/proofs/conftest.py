"""The benchmarks as modules: what they run by the thousand, the proofs run with a few seeds."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="session")
def benchmarks() -> SimpleNamespace:
    """`null`, `power`, `trials` and `tta_optimism`."""
    sys.path.insert(0, str(FOLDER))
    try:
        names = ("null", "power", "trials", "tta_optimism")
        return SimpleNamespace(**{name: importlib.import_module(name) for name in names})
    finally:
        sys.path.remove(str(FOLDER))
