"""The errors this package raises, and how their messages are worded.

Every message says *what* is wrong, the *rule* it breaks, what was *got*, and *where*::

    scores: expected one row per name, got 1,110 rows for 1,111 names

Examples
--------
>>> str(InputError("labels", "expected whole numbers", got="2.5", where="row 17"))
'labels: expected whole numbers, got 2.5 (row 17)'
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: Names listed in a message at most; names that are held out instead of one that is not there.
MOST_LISTED, MOST_MEANT = 20, 3

#: Letters that a part of a name has at least, to be taken for the name.
LEAST_LETTERS = 3


def listed(names: Iterable[str], most: int = MOST_LISTED) -> str:
    """The names that there are, for a message.

    Parameters
    ----------
    names : iterable of str
        Any number of names.
    most : int, default 20
        Named at most.

    Returns
    -------
    str
        By comma; "none" for none.

    Examples
    --------
    >>> listed(["noise", "haze", "blur"], most=2), listed([])
    ('noise, haze and 1 more', 'none')
    """
    known = [str(name) for name in names]
    more = f" and {len(known) - most:,} more" if len(known) > most else ""
    return (", ".join(known[:most]) + more) or "none"


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Which names somebody may have meant by one that is not there.

    Parameters
    ----------
    name : str
        What was asked for.
    known : iterable of str
        The names that there are.

    Returns
    -------
    str or None
        Up to three: first those that it is a part of or that are a part of it (case, blanks and
        signs aside), then those that are spelled alike. None where no name is near.

    Examples
    --------
    >>> did_you_mean("blur", ["sharpness", "blur_effect"]), did_you_mean("x", ["sharpness"])
    ("did you mean 'blur_effect'?", None)
    """
    plain = {str(each): "".join(filter(str.isalnum, str(each).casefold())) for each in known}
    wanted = "".join(filter(str.isalnum, str(name).casefold()))
    parts = [
        each
        for each, text in plain.items()
        if min(len(wanted), len(text)) >= LEAST_LETTERS and (wanted in text or text in wanted)
    ]
    parts += [each for each, text in plain.items() if text and text == wanted]
    parts.sort(key=lambda each: abs(len(plain[each]) - len(wanted)))
    by_text = {text: each for each, text in plain.items()}
    alike = [by_text[text] for text in difflib.get_close_matches(wanted, by_text, n=MOST_MEANT)]
    meant = [repr(each) for each in dict.fromkeys([*parts, *alike])][:MOST_MEANT]
    if not meant:
        return None
    *first, last = meant
    return f"did you mean {', '.join(first)}{' or ' if first else ''}{last}?"


class SensitivityError(Exception):
    """Base of every error that this package raises on purpose.

    Parameters
    ----------
    what : str
        The thing that is wrong: an argument, a column, a file.
    rule : str
        The rule that it breaks, beginning with "expected" where that reads well.
    got : str, optional
        What was found instead.
    where : str, optional
        The row, file or option to look at.
    """

    exit_code = 1

    def __init__(
        self, what: str, rule: str, *, got: str | None = None, where: str | None = None
    ) -> None:
        self.what, self.rule, self.got, self.where = what, rule, got, where
        message = f"{what}: {rule}"
        if got is not None:
            message += f", got {got}"
        if where is not None:
            message += f" ({where})"
        super().__init__(message)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.rule, self.got, self.where)


def _rebuild(
    kind: type[SensitivityError], what: str, rule: str, got: str | None, where: str | None
) -> SensitivityError:
    return kind(what, rule, got=got, where=where)


class InputError(SensitivityError, ValueError):
    """The data given cannot be used: lists, tables, label maps, files of predictions."""

    exit_code = 3


class OptionError(SensitivityError, ValueError):
    """An option has a value that it cannot have, or two options contradict each other."""

    exit_code = 2


class ResultError(SensitivityError, ValueError):
    """A stored result is missing, incomplete, or not one of ours."""

    exit_code = 3


class DependencyError(SensitivityError, ImportError):
    """An optional package is needed for what was asked, and is not installed."""

    exit_code = 2


class ImageError(SensitivityError):
    """One image could not be measured.

    Attributes
    ----------
    status : str
        One of ``sensitivity.images.STATUSES`` other than ``"ok"``.
    reason : str
        One line for a person.
    """

    exit_code = 3

    def __init__(self, status: str, reason: str, *, where: str | None = None) -> None:
        super().__init__(f"image {status}", reason, where=where)
        self.status, self.reason = status, reason

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_image, (self.status, self.reason, self.where)


def _rebuild_image(status: str, reason: str, where: str | None) -> ImageError:
    return ImageError(status, reason, where=where)
