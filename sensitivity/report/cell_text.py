"""How the terminal writes one figure, one verdict, one paragraph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..advice.facts import CANDIDATE, REAL
from ..glance import verdict_text
from .columns import Cell, clean, styled, wrapped

WIDTH = 100


def proportion(value: float | None) -> str:
    """A number between 0 and 1 in three characters.

    Parameters
    ----------
    value : float or None
        A proportion.

    Returns
    -------
    str
        Two decimals, without the leading 0; ``–`` for None.

    Examples
    --------
    >>> proportion(0.7929), proportion(1.0), proportion(None)
    ('.79', '1.0', '–')
    """
    if value is None:
        return "–"
    text = f"{value:.2f}"
    return "1.0" if text == "1.00" else text.removeprefix("0")


def interval(cell: Mapping[str, Any]) -> str:
    """A value with its interval.

    Parameters
    ----------
    cell : mapping
        With ``value``, ``low`` and ``high``.

    Returns
    -------
    str

    Examples
    --------
    >>> interval({"value": 0.79, "low": 0.724, "high": 0.851})
    '.79 [.72–.85]'
    """
    if cell["value"] is None or cell["low"] is None or cell["high"] is None:
        return proportion(cell["value"])
    return f"{proportion(cell['value'])} [{proportion(cell['low'])}–{proportion(cell['high'])}]"


def spread_text(row: Mapping[str, Any]) -> str:
    """A spread in three decimals, with how much of it is sure in brackets.

    Parameters
    ----------
    row : mapping
        With ``spread``, ``spread_low`` and ``strength``.

    Returns
    -------
    str
        Brackets for real rows and candidates only: a bound of one row among many says nothing
        of rows without evidence. ``–`` for None.

    Examples
    --------
    >>> spread_text({"spread": 0.085, "spread_low": 0.044, "strength": "real"})
    '.085 (.044)'
    >>> spread_text({"spread": 0.085, "spread_low": 0.044, "strength": "none"})
    '.085'
    """
    sure = row["strength"] in (REAL, CANDIDATE) and row["spread_low"] is not None
    return _thousandths(row["spread"]) + (f" ({_thousandths(row['spread_low'])})" if sure else "")


def std_text(std: float | None, chance: float | None) -> str:
    """A std in three decimals, with that of chance in brackets.

    Parameters
    ----------
    std, chance : float or None
        0…1.

    Returns
    -------
    str
        No brackets without a std of chance; ``–`` for None.

    Examples
    --------
    >>> std_text(0.085, 0.044), std_text(0.085, None), std_text(None, None)
    ('.085 (.044)', '.085', '–')
    """
    return _thousandths(std) + ("" if chance is None else f" ({_thousandths(chance)})")


def _thousandths(number: float | None) -> str:
    return "–" if number is None else f"{number:.3f}".removeprefix("0")


def verdict_cell(row: Mapping[str, Any], *, pad: str = "") -> Cell:
    """A row's verdict as a cell: dim unless it is real.

    Parameters
    ----------
    row : mapping
        With ``verdict``, ``strength`` and ``q``.
    pad : str, default ""
        What stands before it.

    Returns
    -------
    Cell

    Examples
    --------
    >>> verdict_cell({"verdict": "associated", "strength": "real", "q": 0.01})
    Cell(text='associated', style='')
    """
    return Cell(pad + verdict_text(row), "" if row["strength"] == REAL else "dim")


def finding_lines(label: str, sentence: str, width: int, *, colour: bool) -> list[str]:
    """A row's sentence behind its name, wrapped.

    Parameters
    ----------
    label : str
        What it is about.
    sentence : str
        Its sentence.
    width : int
        Columns.
    colour : bool
        Whether the label is bold.

    Returns
    -------
    list of str
        Further lines are indented.

    Examples
    --------
    >>> finding_lines("noise · ok", "No evidence that noise matters.", 30, colour=False)
    ['noise · ok: No evidence that', '  noise matters.']
    """
    label = f"{clean(label)}:"
    first, *rest = wrapped(f"{label} {clean(sentence)}", width, indent="  ")
    if first.startswith(label):
        first = styled(label, "bold", colour=colour) + first.removeprefix(label)
    return [first, *rest]
