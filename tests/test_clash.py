"""Another distribution, named sensitivity, installs an import package of the same name."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sensitivity

# What sensitivity 0.2.8 puts into the folder that is also ours.
THEIRS = ("_ignore_warn.py", "colors.py", "df.py", "hexbin.py", "main.py")
METADATA = "Metadata-Version: 2.1\nName: sensitivity\nVersion: 0.2.8\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder for packages that holds this one alone."""
    package = Path(sensitivity.__file__).parent
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(package, tmp_path / "site/sensitivity", ignore=ignore)
    return tmp_path / "site"


def install_the_other(site: Path) -> None:
    files = [f"sensitivity/{name}" for name in ("__init__.py", *THEIRS)]
    for name in THEIRS:
        (site / "sensitivity" / name).touch()
    folder = site / "sensitivity-0.2.8.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(METADATA)
    (folder / "top_level.txt").write_text("sensitivity\n")
    (folder / "RECORD").write_text("".join(f"{name},,\n" for name in files))


def said_by(site: Path, *command: str) -> str:
    """Both streams of a Python that finds ``site`` before anything else."""
    env = {**os.environ, "PYTHONPATH": str(site)}
    run = subprocess.run(
        [sys.executable, *command], cwd=site, env=env, text=True, capture_output=True
    )
    return run.stdout + run.stderr


def test_alone_there_is_nothing_to_say(site: Path) -> None:
    assert said_by(site, "-c", "import sensitivity") == ""


def test_the_other_in_the_same_folder_is_named(site: Path) -> None:
    install_the_other(site)
    said = said_by(site, "-c", "import sensitivity")
    assert "pip uninstall" in said
    assert "vision-sensitivity" in said


def test_the_other_installed_later_is_named_by_the_command_line(site: Path) -> None:
    install_the_other(site)
    (site / "sensitivity/__init__.py").write_text("class SensitivityAnalyzer: ...\n")
    said = said_by(site, "-m", "sensitivity", "--version")
    assert "pip uninstall" in said
    assert "vision-sensitivity" in said
