"""Rules for every test and every doctest."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

# Before anything heavy is imported: the tests themselves run side by side, so one thread each,
# and no test opens a window.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

# What holds tensors cannot be imported without PyTorch, not even for its examples.
_TENSORS = ("collect", "dose", "intervene", "module", "views")
collect_ignore_glob = [
    f"sensitivity/tta/{name}{rest}"
    for name in _TENSORS
    for rest in (".py", "/*.py")
    if find_spec("torch") is None
]


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in an empty folder: what it writes beside itself, nobody finds."""
    monkeypatch.chdir(tmp_path)
