"""The commands, listed."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

from cyclopts import App
from cyclopts.config import Dict

from .. import __version__
from ..errors import OptionError
from . import EXIT_CODES
from .analysis import analyse
from .demo import demo
from .judging import check, compare
from .merging import merge
from .recommending import recommend
from .reporting import report
from .show import features, samples, table
from .slices import slices
from .tta import tta

COMMANDS = (
    analyse,
    merge,
    table,
    slices,
    samples,
    report,
    recommend,
    tta,
    compare,
    check,
    features,
    demo,
)

_LABEL_MAP_NAMES = ("label_map", "label-map", "label_map_dict", "label-map-dict")

HELP = f"""Shows where an image classifier is weak, and how much of that is more than chance.

Results go to stdout (tables, or JSON with --json); progress and notes to stderr.
A RESULT is the folder that analyse wrote, or the JSON file in it.

{EXIT_CODES}
"""


def build(words: Sequence[str]) -> App:
    """The application, with the defaults of a ``--config`` file if the arguments name one.

    Parameters
    ----------
    words : sequence of str
        The arguments.

    Returns
    -------
    cyclopts.App
        Ready to be called with `words`.
    """
    app = App(
        name="sensitivity",
        help=HELP,
        version=__version__,
        help_format="plaintext",
        suppress_keyboard_interrupt=False,  # main says what is kept
    )
    for command in COMMANDS:
        app.command(command)
    config = _config_file(words)
    if config is not None:
        app.config = [Dict({"analyse": _read(config)}, source=str(config))]
    return app


def _read(config: Path) -> dict[str, object]:
    try:
        found = tomllib.loads(config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OptionError(
            "config", "expected a TOML file", got=str(error), where=str(config)
        ) from error
    for name in _LABEL_MAP_NAMES:
        if isinstance(found.get(name), dict | list):  # a table here, JSON in an argument
            found[name] = json.dumps(found[name])
    return found


def _config_file(words: Sequence[str]) -> Path | None:
    for place, word in enumerate(words):
        if word == "--config" and place + 1 < len(words):
            path = Path(words[place + 1])
        elif word.startswith("--config="):
            path = Path(word.removeprefix("--config="))
        else:
            continue
        return path
    return None
