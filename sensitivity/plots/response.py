"""The same images moved on purpose, over what the bins of untouched images show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..advice.facts import ALL
from ..catalogue import VIEWS
from ..errors import InputError, ResultError
from ..remedies import Remedy
from ..result import Analysis
from .axes import COLOURS, GREY, classes_of, entry_of, heading, legend_below, new_axes, percent
from .names import class_text, plain, title_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

#: One per operation.
STYLES = (("o", "-"), ("s", "--"), ("^", "-."), ("D", ":"))

#: The x axis is logarithmic where the largest value is more than so many times the smallest.
LOG = 30

_IDENTITY = {view.op: view.identity for view in VIEWS}


def remedy_of(analysis: Analysis) -> Remedy:
    """What became of test-time augmentation, where it was tried.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.

    Returns
    -------
    Remedy

    Raises
    ------
    ResultError
        It was not tried.
    """
    if analysis.remedy is None:
        rule = "expected one on which test-time augmentation was tried (`sensitivity tta`)"
        raise ResultError("result", rule)
    return analysis.remedy


def plot_response(
    analysis: Analysis,
    feature: str,
    classes: Sequence[str] | str | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw recall as the same images are moved along a feature, over the bins that were observed.

    If the feature itself does the harm, images that are moved lose or gain recall as the bins
    let expect, and the curve follows the steps. If it stays flat across falling steps, the harm
    comes from something that only goes with the feature.

    Parameters
    ----------
    analysis : Analysis
        One on which test-time augmentation was tried, or of which a sweep became part.
    feature : str
        A numeric feature that a view moves.
    classes : sequence of str or str, optional
        Whose recall; ``"all"`` for the accuracy of all together, which is what None means.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        x: the feature, in its unit; of moved images the median. Shaded steps: bins of the
        untouched images with their intervals. Curves: the moved images with theirs, one line
        style per operation; large and hollow where nothing was done to them.

    Raises
    ------
    InputError
        No such feature or class, or no view that moved the feature.
    ResultError
        Nothing was tried, or the feature was not measured on the moved images.

    Examples
    --------
    >>> import sensitivity
    >>> from sensitivity.synthetic.interventions import move_images
    >>> from sensitivity.tta.logits import ViewLogits
    >>> from sensitivity.tta.run import try_remedies
    >>> made = move_images(300)
    >>> analysis = sensitivity.analyse(made.pred_list, made.label_list, made.name_list,
    ...     columns=made.columns, features=(), save_path=None)
    >>> views = ViewLogits(tuple(made.name_list), made.label_list, made.views, made.z, ("0", "1"),
    ...     feature_names=made.feature_names, features=made.features)
    >>> ax = plot_response(try_remedies(analysis, views), "sharpness")
    >>> [text.get_text().split(":")[1] for text in ax.get_legend().get_texts()][1:]
    [' images moved, gaussian_blur', ' images moved, unsharp']
    """
    remedy = remedy_of(analysis)
    entry = entry_of(analysis, feature)
    curves = _curves(remedy, feature)
    every = [str(name) for name in analysis.settings["classes"]]
    names = classes_of(analysis, classes or [ALL], of=[ALL, *every], most=1)
    ax = new_axes(ax)
    ops = list(dict.fromkeys(curves["op"].astype(str)))
    for place, name in enumerate(names):
        colour = COLOURS[place % len(COLOURS)]
        mine = curves[curves["class"] == name]
        n = int(mine["n"].iloc[0])
        _draw_bins(ax, analysis, entry, name, colour)
        for op, style in zip(ops, _styles(len(ops)), strict=True):
            label = f"{class_text(name)} (n {n:,}): images moved, {op}"
            points = mine[(mine["op"] == op) & mine["value"].notna()]
            _draw_curve(ax, points.sort_values("position"), label, colour, style)
    if entry["minimum"] > 0 and entry["maximum"] > LOG * entry["minimum"]:
        ax.set_xscale("log")
    ax.set_xlabel(plain(title_of(entry, unit=True)))
    called = "Accuracy" if names == [ALL] else "Recall"
    if ALL in names and len(names) > 1:
        called = "Recall; all classes: accuracy\n"
    ax.set_ylabel(f"{called} (0…1, {percent(analysis.settings['confidence'])} interval)")
    handles, labels = ax.get_legend_handles_labels()
    legend_below(ax, handles, labels, tick_lines=1)
    heading(ax, f"Images moved along {title_of(entry)}", _note(remedy, feature, names))
    return ax


def _curves(remedy: Remedy, feature: str) -> pd.DataFrame:
    found = remedy.responses
    found = found[found["metric"].isin(["recall", "accuracy"])]
    mine = found[found["feature"] == feature]
    if mine.empty:
        known = ", ".join(dict.fromkeys(found["feature"].astype(str))) or "none: no view moved any"
        raise InputError(f"feature {feature}", f"expected one that a view moved ({known})")
    placed = mine[mine["position"].notna()]
    if placed.empty:
        rule = "expected to be measured on the moved images: collect the views from images"
        raise ResultError(f"feature {feature}", rule)
    return placed


def _styles(n: int) -> list[tuple[str, str]]:
    return [STYLES[place % len(STYLES)] for place in range(n)]


def _draw_bins(
    ax: Axes, analysis: Analysis, entry: Mapping[str, Any], name: str, colour: str
) -> None:
    """Steps of the untouched images: value and interval of every bin, over its range."""
    bins, metric = analysis.bins, "accuracy" if name == ALL else "recall"
    kept = (bins["feature"] == entry["name"]) & (bins["class"] == name)
    kept &= (bins["metric"] == metric) & (bins["bin"] >= 0) & bins["value"].notna()
    rows = bins[kept].sort_values("bin")
    left = rows["edge_low"].fillna(entry["minimum"]).to_numpy(np.float64)
    right = rows["edge_high"].fillna(entry["maximum"]).to_numpy(np.float64)
    value, low, high = (rows[key].to_numpy(np.float64) for key in ("value", "low", "high"))
    label = f"{class_text(name)} (n {int(rows['n'].sum()):,}): untouched images, by bin"
    ax.bar(
        left, high - low, right - left, low, align="edge", color=colour, alpha=0.15, lw=0,
        label=plain(label), zorder=0,
    )  # fmt: skip
    ax.hlines(value, left, right, color=colour, lw=1.0, zorder=1)


def _draw_curve(
    ax: Axes, points: pd.DataFrame, label: str, colour: str, style: tuple[str, str]
) -> None:
    keys = ("position", "value", "low", "high")
    x, value, low, high = (points[key].to_numpy(np.float64) for key in keys)
    below, above = np.maximum(value - low, 0), np.maximum(high - value, 0)
    marker, line = style
    ax.errorbar(
        x, value, [below, above], fmt=marker, ls=line, color=colour, capsize=2.5, ms=5, lw=1.3,
        label=plain(label), zorder=3,
    )  # fmt: skip
    untouched = np.isclose(points["dose"], points["op"].astype(str).map(_IDENTITY).astype(float))
    ax.plot(x[untouched], value[untouched], "o", ms=9, mfc="none", mec=GREY, mew=1.2, zorder=4)


def _note(remedy: Remedy, feature: str, names: Sequence[str]) -> str:
    """What the intervention says of each finding, or that there was none to check."""
    table = remedy.interventions
    rows = table[(table["feature"] == feature) & table["class"].isin(names)]
    told = [
        f"{class_text(str(row['class']))}, moved {row['direction']}: {row['verdict']}"
        for row in rows.to_dict("records")
    ]
    if not told:
        return "no finding to check here · large ring: nothing done"
    return " · ".join(told) + "\nlarge ring: nothing done"
