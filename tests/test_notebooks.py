"""The notebooks are what their texts say, and show what the code says; how a result shows itself.

Notebooks run in a kernel of their own, in an empty folder. To write them anew after a change:
``python tools/notebooks.py``.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

ROOT = Path(__file__).parents[1]


def load_tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebooks_tool", ROOT / "tools/notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tool = load_tool()
TEXTS = tool.texts()

MEASURE = """
import numpy as np, sensitivity
sensitivity.analyse(
    [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    images=[np.full((8, 8), i, np.uint8) for i in range(40)], features=["brightness"],
    save_path=None, progress=True,
).settings["n"]
"""


def run(folder: Path, *cells: str) -> nbformat.NotebookNode:
    """A notebook of these cells, with its outputs."""
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    notebook = nbformat.v4.new_notebook(cells=code)
    tool.execute(notebook, folder)
    return notebook


# The pairs


def test_there_are_five() -> None:
    assert [text.name[0] for text in TEXTS] == list("12345")
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert [path.with_suffix(".md") for path in notebooks] == TEXTS


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)
def test_notebook_is_what_its_text_says(text: Path) -> None:
    kept = nbformat.read(text.with_suffix(".ipynb"), as_version=4)
    made = tool.from_text(text)
    assert [(cell.cell_type, cell.source) for cell in kept.cells] == [
        (cell.cell_type, cell.source) for cell in made.cells
    ]
    assert kept.metadata == made.metadata
    assert text.with_suffix(".ipynb").stat().st_size <= tool.MOST_BYTES


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.stem)
def test_notebook_shows_what_the_code_says(text: Path, tmp_path: Path) -> None:
    kept = nbformat.read(text.with_suffix(".ipynb"), as_version=4)
    made = tool.from_text(text)
    if "photo_folder" in tool.source(made):
        pytest.importorskip("elpv_dataset")
    tool.execute(made, tmp_path)
    assert tool.told(made) == tool.told(kept)
    assert not [text for texts in tool.told(made) for text in texts if text.startswith("stderr")]


# Progress


def bars(notebook: nbformat.NotebookNode) -> list[dict[str, object]]:
    """State of all bars that are widgets."""
    widgets = notebook.metadata.get("widgets", {})
    models = [model for states in widgets.values() for model in states["state"].values()]
    return [m["state"] for m in models if m["model_name"] == "FloatProgressModel"]


def test_progress_is_a_widget_in_a_notebook(tmp_path: Path) -> None:
    pytest.importorskip("ipywidgets")
    notebook = run(tmp_path, MEASURE)
    assert [(bar["value"], bar["max"], bar["bar_style"]) for bar in bars(notebook)] == [
        (40, 40, "success")
    ]
    assert "stderr" not in str(tool.told(notebook))


def test_without_widgets_progress_is_text_and_nothing_is_said_of_them(tmp_path: Path) -> None:
    notebook = run(tmp_path, "import sys; sys.modules['ipywidgets'] = None", MEASURE)
    bar, n = tool.told(notebook)[-1]
    assert bar.startswith("stderr: measuring")
    assert "40/40" in bar
    assert "Progress" not in bar
    assert n == "40"
    assert bars(notebook) == []
