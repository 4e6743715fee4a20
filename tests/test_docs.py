"""The code in README and documentation runs.

Every fenced ``python`` block of a page runs, in order and in one namespace: as a doctest where it
has prompts, as a script otherwise. An HTML comment ``<!-- setup`` … ``-->`` holds code that runs
but is not shown; ``<!-- setup first`` runs before all else, wherever it stands. A block that is
only to be looked at is fenced as ``py``.
"""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(
    r"^(?P<indent> *)```python\n(?P<code>.*?)^ *```$"
    r"|^<!-- setup(?P<first> first)?\n(?P<setup>.*?)^-->$",
    re.DOTALL | re.MULTILINE,
)
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(text: str) -> list[tuple[int, str]]:
    """First line (from 0) and source of each block."""
    first, found = [], []
    for match in BLOCK.finditer(text):
        code = match["setup"] if match["code"] is None else match["code"]
        indent = match["indent"] or ""
        line = text.count("\n", 0, match.start()) + 1
        target = first if match["first"] else found
        target.append((line, re.sub(rf"^{indent}", "", code, flags=re.MULTILINE)))
    return first + found


def run_doctest(code: str, namespace: dict[str, object], page: Path, line: int) -> None:
    examples = doctest.DocTestParser().get_doctest(code, namespace, page.name, str(page), line)
    # get_doctest copies the namespace; what the examples define is for the blocks below, too
    examples.globs = namespace
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=OPTIONS)
    runner.run(examples, out=report.append, clear_globs=False)
    assert not report, "".join(report)


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in PAGES],
)
def test_page_runs(page: Path) -> None:
    namespace: dict[str, object] = {"__name__": "__main__"}
    for line, code in blocks(page.read_text("utf-8")):
        if ">>>" in code:
            run_doctest(code, namespace, page, line)
        else:
            exec(compile("\n" * line + code, str(page), "exec"), namespace)


def test_blocks_are_found_in_order() -> None:
    page = "<!-- setup\na = 1\n-->\n\n- item\n\n  ```python\n  b = 2\n  ```\n\n```py\nno\n```\n"
    assert blocks(page) == [(1, "a = 1\n"), (7, "b = 2\n")]


def test_setup_can_come_first() -> None:
    page = "```python\na = b\n```\n\n<!-- setup first\nb = 2\n-->\n"
    assert blocks(page) == [(5, "b = 2\n"), (1, "a = b\n")]


def test_wrong_output_is_reported() -> None:
    with pytest.raises(AssertionError, match="Expected:"):
        run_doctest(">>> 1 + 1\n3\n", {}, ROOT / "README.md", 0)
