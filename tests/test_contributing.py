"""The change that CONTRIBUTING.md shows is all it takes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ANALYSE = """
import numpy as np, sensitivity
pictures = [np.full((8, 8), level, np.uint8) for level in (0, 100, 150, 250)] * 10
analysis = sensitivity.analyse(
    [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    images=pictures, features=["midtones"], n_bins=2, save_path=None,
)
assert analysis.features["midtones"].tolist() == [0, 1, 1, 0] * 10
analysis.table("midtones")
"""
EXAMPLE = """
import doctest, sensitivity.features.image as module
example = doctest.DocTestFinder().find(module.midtones, "midtones", module, vars(module))[0]
failed, tried = doctest.DocTestRunner().run(example)
assert tried and not failed
"""


def the_diff() -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    found = re.search(r"^```diff\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A copy of the package with the change made."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is needed to apply a diff")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "sensitivity", tmp_path / "copy/sensitivity", ignore=ignore)
    apply = [git, "apply", "--verbose", "-"]
    # Only what lies below the copy: a repository further up is none of its business.
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    run = subprocess.run(
        apply, cwd=tmp_path / "copy", env=env, input=the_diff(), text=True, capture_output=True
    )
    assert run.returncode == 0, f"CONTRIBUTING.md is out of date:\n{run.stderr}"
    return tmp_path / "copy"


def run_in(folder: Path, *command: str) -> str:
    run = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        text=True,
        capture_output=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_new_feature_is_analysed(changed: Path) -> None:
    run_in(changed, "-c", ANALYSE)


def test_new_feature_is_listed(changed: Path) -> None:
    assert "midtones" in run_in(changed, "-m", "sensitivity", "features")


def test_example_of_the_new_feature_runs(changed: Path) -> None:
    run_in(changed, "-c", EXAMPLE)
