"""Another distribution, called ``sensitivity``, installs a package of this very name.

Both then lie in one folder: whichever came last has the common files, and nothing works as
it should. It is looked for once, on import, among the neighbours of this package.
"""

from __future__ import annotations

import os
from pathlib import Path

MESSAGE = (
    "two distributions, vision-sensitivity and sensitivity, are installed into the same folder "
    "and overwrite each other; to keep this one: pip uninstall sensitivity vision-sensitivity, "
    "then pip install vision-sensitivity"
)


def other_is_here(package: str | os.PathLike[str] = Path(__file__).parent) -> bool:
    """Whether the other distribution is installed into the same folder.

    Parameters
    ----------
    package : path, optional
        This package's folder.

    Returns
    -------
    bool
        False when nothing but this package is there.

    Examples
    --------
    >>> other_is_here()
    False
    """
    try:
        neighbours = os.listdir(Path(package).parent)
    except OSError:
        return False  # a zip archive: nobody else writes into it
    endings = (".dist-info", ".egg-info")
    return any(name.startswith("sensitivity-") and name.endswith(endings) for name in neighbours)
