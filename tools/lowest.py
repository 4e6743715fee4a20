"""Prints pip constraints that hold every base dependency at its lower bound."""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def lowest(requirement: str) -> str:
    """Turn ``"numpy>=1.26"`` into ``"numpy==1.26"``."""
    match = re.match(r"([\w.-]+)>=([\d.]+)", requirement)
    if match is None:
        raise SystemExit(f"{PROJECT.name}: expected NAME>=VERSION, got {requirement}")
    return "{}=={}".format(*match.groups())


if __name__ == "__main__":
    dependencies = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["dependencies"]
    print("\n".join(lowest(requirement) for requirement in dependencies))
