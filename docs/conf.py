"""How the documentation is built; generated.py and pictures.py are what code adds to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import generated  # noqa: E402
import pictures  # noqa: E402
import torch_stand_in  # noqa: E402

torch_stand_in.install()

from sensitivity import __version__  # noqa: E402

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "sensitivity"
author = "the authors of sensitivity"
project_copyright = author
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
default_role = "code"

html_theme = "furo"
html_title = f"sensitivity {version}"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_copy_source = False
html_show_sourcelink = False

myst_enable_extensions = ["deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True


def setup(app: Sphinx) -> None:
    app.connect("source-read", generated.fill)
    app.connect("source-read", pictures.draw)
    app.connect("env-get-outdated", lambda *_: [*generated.pages(HERE), pictures.PAGE])
