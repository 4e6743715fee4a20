"""The page that shows every plot."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from sensitivity import plots

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "gallery.md").read_text("utf-8")


@pytest.fixture
def pictures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pictures", DOCS / "pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_all_plots_are_public() -> None:
    modules = (Path(plots.__file__).parent).glob("*.py")
    written = {
        line.removeprefix("def ").partition("(")[0]
        for path in modules
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("def plot_")
    }
    assert written == set(plots.__all__)


@pytest.mark.parametrize("name", plots.__all__)
def test_every_plot_is_in_the_gallery(name: str, pictures: ModuleType) -> None:
    code = "\n".join(match["code"] for match in pictures.BLOCK.finditer(PAGE))
    assert f"ax = {name}(" in code
    assert f"## {name}: " in PAGE
    assert f".. autofunction:: sensitivity.plots.{name}\n" in (DOCS / "api.md").read_text("utf-8")


def test_picture_follows_the_block_that_draws(pictures: ModuleType, tmp_path: Path) -> None:
    page = (
        "```python\nfrom matplotlib import pyplot\n```\n\ntext\n\n"
        "```python\nax = pyplot.subplots(figsize=(2, 1))[1]\n"
        'ax.set_title("a < b", loc="left")\n```\n\nend\n'
    )
    found = pictures.with_pictures(page, tmp_path)
    assert found.count("<img") == 1
    assert '<img src="_static/gallery/1.png" alt="a &lt; b" width="192">\n\nend' in found
    assert (tmp_path / "1.png").read_bytes().startswith(b"\x89PNG")
