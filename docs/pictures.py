"""The pictures of the gallery: drawn by the page's own code, whenever the page is read.

Below each ``python`` block that makes new axes ``ax`` stands what it drew. The files lie in the
build, never in the repository.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

PAGE = "gallery"
FOLDER = "_static/gallery"
BLOCK = re.compile(r"^```python\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)

#: Dots per inch of the files, and of the page.
FINE, SHOWN = 160, 96


def draw(app: Any, page: str, source: list[str]) -> None:
    """Put a picture below each block that draws one; called by Sphinx for every page it reads."""
    if page == PAGE:
        source[0] = with_pictures(source[0], Path(app.outdir) / FOLDER)


def with_pictures(text: str, folder: Path) -> str:
    """The page's text with a picture below each block that draws one.

    Parameters
    ----------
    text : str
        Of the page.
    folder : path
        Where the files go; made if need be.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    n_drawn = 0

    def drawn(match: re.Match[str]) -> str:
        nonlocal n_drawn
        before = namespace.get("ax")
        exec(compile(match["code"], f"{PAGE}.md", "exec"), namespace)
        ax = namespace.get("ax")
        if ax is None or ax is before:
            return match[0]
        n_drawn += 1
        name = f"{n_drawn}.png"
        ax.figure.savefig(folder / name, dpi=FINE)
        width = round(SHOWN * ax.figure.get_figwidth())
        alt = escape(ax.get_title(loc="left"), quote=True)
        return f'{match[0]}\n\n<img src="{FOLDER}/{name}" alt="{alt}" width="{width}">'

    found = BLOCK.sub(drawn, text)
    pyplot.close("all")
    return found
