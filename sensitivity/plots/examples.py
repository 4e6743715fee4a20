"""Images of one bin: wrong ones, confidently wrong ones, right ones."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from ..advice.facts import ALL
from ..errors import ImageError, InputError, OptionError, ResultError
from ..extract import Config, picture_source
from ..grids import Grid, grid
from ..image_outcomes import MULTI_LABEL, has_images
from ..labels import stored_label
from ..picking import CONFIDENT, RIGHT, ROLES, WRONG, pick
from ..result import Analysis
from .axes import INK, PALE, SMALL, TINY, entry_of, heading, new_axes, percent
from .names import brief, plain, title_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Pixels = npt.NDArray[np.uint8]

#: Long side of a thumbnail, in pixels.
SIDE = 192

#: Room of an image with its text, in sides of an image.
WIDTH, HEIGHT = 1.08, 1.34

#: Letters in a line under an image.
LETTERS = 20

TITLES = {WRONG: "wrong", CONFIDENT: "most confidently\nwrong", RIGHT: "right"}


def plot_examples(
    analysis: Analysis,
    feature: str,
    bin: int | str,
    *,
    images: str | os.PathLike[str] | Sequence[Any] | Callable[[str], Any] | None = None,
    per_role: int = 5,
    rng: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw some images of one bin: wrong, most confidently wrong, and right ones.

    Wrong and right ones are random samples of the bin, the same as in a report.

    Parameters
    ----------
    analysis : Analysis
        With its per-image tables.
    feature : str
        A feature or column of it.
    bin : int or str
        The bin, 0 … K-1, -1 for the missing one; or its label, such as ``"80%-100%"``.
    images : path, sequence, callable or None
        As in :func:`sensitivity.analyse`: the folder that relative names are under; or N arrays;
        or a function from a name to an array. None: names are paths.
    per_role : int, default 5
        Images of each kind, at most.
    rng : int, default 0
        For the random samples.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        A row of images per kind; below each its true class and, if wrong, what it was called,
        with the score of that. In place of an image that cannot be opened stands the reason.
        Right images come without a row of wrong ones where none is wrong.

    Raises
    ------
    InputError
        No such feature, bin or folder.
    OptionError
        `per_role` below 1.
    ResultError
        The per-image tables are needed, and not there.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0] * 20 + [0, 1] * 10, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> ax = plot_examples(analysis, "hour", 0, images=lambda name: np.zeros((8, 8)), per_role=3)
    >>> len(ax.get_images())
    6
    """
    if per_role < 1:
        raise OptionError("per_role", "expected a whole number from 1", got=repr(per_role))
    entry = entry_of(analysis, feature)
    every = [str(name) for name in analysis.settings["classes"]]
    cells = grid(analysis.bins[analysis.bins["feature"] == feature], entry, every)
    place = _place(cells, bin)
    if not has_images(analysis):
        rule = "expected the Parquet tables beside the JSON file: single images are needed"
        raise ResultError("table outcomes", rule)
    alone = replace(analysis, settings={**analysis.settings, "features": [entry]})
    picked = pick(alone, per_cell=per_role, rng=rng)
    picked = picked[(picked["bin"] == cells.codes[place]) & (picked["class"] == ALL)]
    kinds = [role for role in ROLES if (picked["role"] == role).any()]

    ax = new_axes(ax, 1.25 * per_role + 1.1, 1.6 * max(len(kinds), 1) + 0.7)
    rows = list(picked["position"])
    pictures = dict(zip(rows, _pictures(analysis, rows, images), strict=True))
    captions = _captions(analysis, rows)
    for row, role in enumerate(kinds):
        mine = picked[picked["role"] == role]
        _text(ax, -0.12, row * HEIGHT + 0.5, TITLES[role], ha="right", size=SMALL)
        for rank, position in zip(mine["rank"], mine["position"], strict=True):
            corner = (rank * WIDTH, row * HEIGHT)
            _draw(ax, corner, pictures[position])
            text = captions[position]
            _text(ax, corner[0] + 0.5, corner[1] + 1.03, text, ha="center", va="top", size=TINY)
    _frame(ax, per_role, max(len(kinds), 1))
    label, span = cells.shown()[place], cells.ranges[place]
    where = f"{title_of(entry)}: {brief(label)}" + (f" ({span})" if span else "")
    heading(ax, f"Images of {where}", _note(analysis, cells, place))
    return ax


def _place(cells: Grid, wanted: int | str) -> int:
    """Where the bin stands among the bins."""
    codes = [int(code) for code in cells.codes]
    known: list[int | str] = [*codes, *cells.labels]
    wanted = stored_label(wanted, cells.labels) or wanted if isinstance(wanted, str) else wanted
    if wanted not in known:
        named = zip(codes, cells.shown(), strict=True)
        shown = ", ".join(f"{code} ({label})" for code, label in named)
        raise InputError("bin", f"expected one of {shown}", got=repr(wanted))
    return known.index(wanted) % len(cells.labels)


def _pictures(analysis: Analysis, rows: Sequence[int], images: Any) -> list[Pixels | str]:
    """Of every row its image, small, or the reason why there is none."""
    settings = analysis.settings
    config = Config((), bit_depth=settings["bit_depth"], max_pixels=settings["max_pixels"])
    names = analysis.features["name"].to_numpy(dtype=object)
    source = picture_source(names, images)
    found: list[Pixels | str] = []
    for row in rows:
        try:
            picture = source.picture(row, config)
        except ImageError as error:
            found.append(error.reason)
            continue
        pixels = picture.luma if picture.is_grey else picture.bgr[..., ::-1]
        small = Image.fromarray(np.ascontiguousarray(pixels))
        small.thumbnail((SIDE, SIDE))
        found.append(np.asarray(small))
    return found


def _captions(analysis: Analysis, rows: Sequence[int]) -> dict[int, str]:
    """Of every row what was true and what was said of it."""
    outcomes = analysis.outcomes
    if analysis.settings["task"] != MULTI_LABEL:
        return {row: _said(outcomes.iloc[row].to_dict()) for row in rows}
    names = analysis.features["name"].iloc[list(rows)]
    wrong = outcomes[outcomes["name"].isin(names) & ~outcomes["right"].astype(bool)]
    told: dict[str, list[str]] = {}
    for line in wrong.to_dict("records"):
        told.setdefault(str(line["name"]), []).append(
            f"{line['kind']}: {line['class'] or line['predicted']}"
        )
    return {
        row: "\n".join(told.get(str(name), [])[:2]) for row, name in zip(rows, names, strict=True)
    }


def _said(line: Mapping[Any, Any]) -> str:
    score = "" if pd.isna(line["score"]) else f" ({line['score']:.2f})"
    if line["right"]:
        return f"{_short(line['class'])}{score}"
    return f"true: {_short(line['class'])}\ncalled: {_short(line['predicted'])}{score}"


def _short(name: object) -> str:
    return textwrap.shorten(str(name), LETTERS, placeholder="…") or str(name)[:LETTERS]


def _draw(ax: Axes, corner: tuple[float, float], picture: Pixels | str) -> None:
    """One image in a square of side 1, in its own shape; or a grey square with the reason."""
    x, y = corner
    if isinstance(picture, str):
        from matplotlib.patches import Rectangle

        ax.add_patch(Rectangle(corner, 1, 1, color=PALE))
        _text(ax, x + 0.5, y + 0.5, textwrap.fill(picture, 16), ha="center", size=TINY)
        return
    height, width = picture.shape[:2]
    across, down = width / max(width, height), height / max(width, height)
    left, top = x + (1 - across) / 2, y + (1 - down) / 2
    extent = (left, left + across, top + down, top)
    ax.imshow(picture, extent=extent, cmap="gray", vmin=0, vmax=255)


def _text(
    ax: Axes, x: float, y: float, text: str, *, ha: str, size: str, va: str = "center"
) -> None:
    ax.text(x, y, plain(text), ha=ha, va=va, fontsize=size, color=INK, linespacing=1.05)


def _frame(ax: Axes, n_columns: int, n_rows: int) -> None:
    ax.set_xlim(-1.0, n_columns * WIDTH)
    ax.set_ylim(n_rows * HEIGHT, -0.05)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)


def _note(analysis: Analysis, cells: Grid, place: int) -> str:
    value, low, high = (
        float(found["accuracy"][place]) for found in (cells.values, cells.lows, cells.highs)
    )
    if np.isnan(value):
        return "no image"
    told = f"n {int(cells.n[place]):,} images · accuracy {value:.3f} [{low:.3f}, {high:.3f}]"
    told += f" ({percent(analysis.settings['confidence'])})"
    return told + (" · none is wrong" if value == 1 else "")
