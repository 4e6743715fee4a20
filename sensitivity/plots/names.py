"""Names that users gave, as they stand in a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..advice.facts import ALL
from ..times import shown_unit

#: Letters of a name at most.
MOST_LETTERS = 40


def plain(text: object) -> str:
    r"""Text that is not read as a formula.

    Parameters
    ----------
    text : object
        A name that a user gave, or several in lines of their own.

    Returns
    -------
    str
        No font has control characters: they are written as code.

    Examples
    --------
    >>> print(plain("5$ or\t10$"))
    5\$ or\t10\$
    """
    lines = str(text).split("\n")
    return "\n".join(map(_visible, lines)).replace("$", r"\$")


def _visible(text: str) -> str:
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def brief(name: str) -> str:
    """A name as long as a picture has room for.

    Parameters
    ----------
    name : str
        Of a class, a feature, a category.

    Returns
    -------
    str
        On one line. The middle of a long one is left out, since names often differ at the end.

    Examples
    --------
    >>> brief("north"), len(brief("north" * 1000))
    ('north', 40)
    """
    line = _visible(name)
    if len(line) <= MOST_LETTERS:
        return line
    kept = MOST_LETTERS - 1
    return f"{line[: kept - kept // 2]}…{line[-(kept // 2) :]}"


def title_of(entry: Mapping[str, Any], *, unit: bool = False) -> str:
    """What a feature is called, with its unit if asked.

    Parameters
    ----------
    entry : mapping
        The feature in the settings.
    unit : bool, default False
        Whether the unit follows in brackets, where there is one.

    Returns
    -------
    str

    Examples
    --------
    >>> title_of({"name": "noise", "title_en": "Noise", "unit": "grey levels"}, unit=True)
    'Noise (grey levels)'
    """
    title = brief(str(entry["title_en"] or entry["name"]))
    beside = shown_unit(entry["unit"]) if unit else ""
    return f"{title} ({beside})" if beside else title


def class_text(name: str) -> str:
    """A class as it stands in a picture.

    Parameters
    ----------
    name : str
        A class, or ``"all"``.

    Returns
    -------
    str
        Begins with a letter: matplotlib leaves out of a legend what begins with "_".

    Examples
    --------
    >>> class_text("_background_"), class_text("all")
    ('class _background_', 'all classes')
    """
    return "all classes" if name == ALL else f"class {brief(name)}"
