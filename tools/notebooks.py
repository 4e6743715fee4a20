"""Writes each notebook from its text and runs it: notebooks/1-first-look.md → .ipynb.

    python tools/notebooks.py          all of them
    python tools/notebooks.py 3 5      those whose names begin so

The text is what is edited; the notebook is made from it, with the outputs in it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import jupytext
import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

FOLDER = Path(__file__).parents[1] / "notebooks"

#: What the notebooks say they run on: no version of anything, so that nothing changes with it.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

#: Bytes of the largest notebook that is kept, pictures and all.
MOST_BYTES = 300_000


def texts() -> list[Path]:
    """The texts of all notebooks, in order."""
    return sorted(FOLDER.glob("[0-9]-*.md"))


def from_text(text: Path) -> nbformat.NotebookNode:
    """The cells of a text, without outputs."""
    notebook = jupytext.read(text)
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        cell.metadata = nbformat.from_dict({})
    return notebook


def execute(notebook: nbformat.NotebookNode, folder: Path, *, timeout: int = 60) -> None:
    """Run a notebook in an empty folder, with this interpreter; its outputs are filled in.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A cell raised.
    """
    with _own_kernel() as config:
        NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
            record_timing=False,
            coalesce_streams=True,
            config=config,
        ).execute()
    # The kernel adds the version of Python.
    notebook.metadata.update(nbformat.from_dict(METADATA))


@contextmanager
def _own_kernel() -> Iterator[Config]:
    """A kernel of this interpreter, whatever else is installed or configured for the user."""
    with tempfile.TemporaryDirectory(prefix="nb") as folder:
        spec = Path(folder, "kernels/python3/kernel.json")
        spec.parent.mkdir(parents=True)
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec.write_text(json.dumps({"argv": command, "display_name": "Python 3"}), "utf-8")
        names = ("JUPYTER_PATH", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        with mock.patch.dict(os.environ, dict.fromkeys(names, folder)):
            # Pictures are drawn into the notebook, also where the tests draw none.
            os.environ.pop("MPLBACKEND", None)
            # On a machine with other work, threads would wait for each other.
            os.environ.setdefault("OMP_NUM_THREADS", "1")
            # Sockets that are files: no two kernels can draw the same port.
            sockets = {"transport": "ipc", "ip": f"{folder}/socket"}
            yield Config({"AsyncKernelManager": sockets if sys.platform == "linux" else {}})


def told(notebook: nbformat.NotebookNode) -> list[list[str]]:
    """The text of the outputs of each cell; of a picture nothing."""
    return [[_text(output) for output in cell.get("outputs", [])] for cell in notebook.cells]


def _text(output: Any) -> str:
    match output["output_type"]:
        case "stream":
            return f"{output['name']}: {output['text']}"
        case "error":
            return str(output["evalue"])
    data = output["data"]
    return "" if "image/png" in data else str(data.get("text/plain", ""))


def source(notebook: nbformat.NotebookNode) -> str:
    """All code."""
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def written(notebook: nbformat.NotebookNode) -> str:
    """The file as it is kept."""
    return str(nbformat.writes(notebook)).rstrip("\n") + "\n"


def main(starts: list[str]) -> None:
    chosen = [path for path in texts() if path.name.startswith(tuple(starts) or ("",))]
    if not chosen:
        raise SystemExit(f"expected the beginning of a name in {FOLDER.name}/, got {starts}")
    for path in chosen:
        notebook, start = from_text(path), time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            execute(notebook, Path(folder))
        content = written(notebook)
        size = len(content.encode())
        if size > MOST_BYTES:
            raise SystemExit(f"{path.stem}: expected at most {MOST_BYTES:,} bytes, got {size:,}")
        path.with_suffix(".ipynb").write_text(content, "utf-8")
        print(f"{path.stem}: {size:,} bytes, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
