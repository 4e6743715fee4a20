"""Rules for every test and every doctest."""

import os
from pathlib import Path

import pytest

# Before anything heavy is imported: the tests themselves run side by side, so one thread each,
# and no test opens a window.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in an empty folder: what it writes beside itself, nobody finds."""
    monkeypatch.chdir(tmp_path)
