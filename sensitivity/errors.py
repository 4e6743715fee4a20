"""The errors this package raises, and how their messages are worded.

Every message says *what* is wrong, the *rule* it breaks, what was *got*, and *where*::

    scores: expected one row per name, got 1,110 rows for 1,111 names

Examples
--------
>>> str(InputError("labels", "expected whole numbers", got="2.5", where="row 17"))
'labels: expected whole numbers, got 2.5 (row 17)'
"""

from __future__ import annotations


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
