"""What each class is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import ResultError
from ..grids import confusion, rates
from ..result import Analysis
from .axes import SMALL, heading, new_axes, percent
from .names import brief
from .shaded import READABLE, shaded, shaded_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: From this many columns on a cell holds its share alone.
WIDE = 9


def plot_confusion(analysis: Analysis, *, ax: Axes | None = None) -> Axes:
    """Draw how often each true class is called each class, over the whole set.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis of one label per image.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        True classes as rows. Shade: share of the row, 0…1; the diagonal is recall. Up to eight
        classes, cells hold their counts too; of more than 24, none hold a text.

    Raises
    ------
    ResultError
        Images have several labels: then there is no such table.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse([0, 1, 1, 1], [0, 0, 1, 1], list("abcd"), features=(),
    ...                                save_path=None)
    >>> plot_confusion(analysis).get_images()[0].get_array().tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """
    shares = rates(analysis)
    if shares is None:
        rule = "expected one label per image: with several there is no true × predicted class"
        raise ResultError("result", rule)
    counts = confusion(analysis).toarray()
    n = counts.sum(axis=1)
    names = [brief(str(name)) for name in analysis.settings["classes"]]
    rows = [f"{name}  (n {size:,})" for name, size in zip(names, n, strict=True)]
    width, height = shaded_size(rows, names)
    ax = new_axes(ax, width + 0.8, height + 0.3)
    values = np.where(n[:, None] > 0, shares.toarray(), np.nan)
    texts = [
        [_cell(share, int(count), len(names)) for share, count in zip(*line, strict=True)]
        for line in zip(values, counts, strict=True)
    ]
    image = shaded(ax, values, texts, rows, names, (0.0, 1.0))
    bar = ax.figure.colorbar(image, ax=ax)
    bar.set_label("share of row", fontsize=SMALL)
    bar.ax.tick_params(labelsize=SMALL)
    ax.set_xlabel("predicted class")
    ax.set_ylabel("true class")
    heading(ax, "Share of each true class that is called each class", _note(analysis))
    return ax


def _cell(share: float, count: int, n_classes: int) -> str:
    if not np.isfinite(share) or n_classes > READABLE:
        return ""
    return f"{share:.2f}" if n_classes >= WIDE else f"{share:.3f}  ({count:,})"


def _note(analysis: Analysis) -> str:
    overall = analysis.overall
    of_all = (overall["class"] == "all") & (overall["metric"] == "accuracy")
    row = overall[of_all].iloc[0]
    confidence = percent(analysis.settings["confidence"])
    return (
        f"n {int(row['n']):,} images\naccuracy {row['value']:.3f} "
        f"[{row['low']:.3f}, {row['high']:.3f}], {confidence} interval"
    )
