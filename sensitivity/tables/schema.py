"""What a column and a table are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: its name, its kind and what it means.

    ``kind`` is one of ``text``, ``integer``, ``number`` and ``boolean``.
    """

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True)
class Schema:
    """One table: its name, what a row is, and its columns.

    ``open`` tables may carry further columns (the feature table has one per feature).
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    open: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)
