"""What test-time augmentation costs and brings: recall, accuracy, forward passes."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..advice.facts import ALL
from ..advice.remedy_wording import verdict_sentence
from ..errors import OptionError
from ..remedies import Remedy
from ..result import Analysis
from .axes import COLOURS, GREY, INK, heading, legend_below, new_axes, percent
from .names import brief, plain
from .response import remedy_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKERS = ("s", "^", "v", "D", "P", "X", "<", ">")

#: Accuracy further below that of the original is out of sight, though drawn.
IN_SIGHT = 0.08

AGAINST = ("recall", "passes")

#: How far apart, in passes, points of the same cost are drawn.
DODGE = 0.03

#: Its predictions are those of the original.
SAME = "temperature"


def plot_pareto(analysis: Analysis, *, against: str = "recall", ax: Axes | None = None) -> Axes:
    """Draw what was tried at test time: accuracy against recall of a class, or against its cost.

    Parameters
    ----------
    analysis : Analysis
        One on which test-time augmentation was tried.
    against : {"recall", "passes"}, default "recall"
        ``"recall"``: of the class in focus. The lines are what a mere shift of that class's
        threshold does, on the original's scores and, where there is one, on the policy's: what
        lies below the first is not worth a second pass. ``"passes"``: mean forward passes per
        image; the line joins what nothing cheaper surpasses.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        All values are out of fold. The bars are paired intervals of the change from the original.

    Raises
    ------
    ResultError
        Nothing was tried.
    OptionError
        Another `against`.

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
    >>> ax = plot_pareto(try_remedies(analysis, views))
    >>> ax.get_title(loc="left"), ax.texts[0].get_text()[:10]
    ('What test-time augmentation does', 'Do not use')
    """
    if against not in AGAINST:
        raise OptionError("against", f"expected one of {', '.join(AGAINST)}", got=repr(against))
    remedy = remedy_of(analysis)
    points = _points(remedy)
    ax = new_axes(ax, 6.4, 4.8 + 0.15 * len(points))
    n = int(points["n"].max())
    if against == "recall":
        x, y = "accuracy", "recall"
        _draw_fronts(ax, remedy.front)
        ax.set_xlabel(f"Accuracy (0…1, n {n:,})")
        focus = str(remedy.front["class"].iloc[0])
        n_focus = int(points["n_recall"].max())
        ax.set_ylabel(plain(f"Recall of class {brief(focus)} (0…1, n {n_focus:,})"))
    else:
        x, y = "passes", "accuracy"
        _draw_best(ax, points)
        ax.set_xlabel("Forward passes per image (mean)")
        ax.set_ylabel(f"Accuracy (0…1, n {n:,})")
    _draw_points(ax, points, x, y)
    if against == "recall":
        _into_sight(ax, points)
    handles, labels = ax.get_legend_handles_labels()
    legend_below(ax, handles, labels, tick_lines=1)
    # The axes say on how many images, and at what cost.
    told = verdict_sentence(remedy, "en").split(";")[0].split(", judged on")[0]
    told += f"\nbars: {percent(remedy.settings['confidence'])} interval of the change, paired"
    if against == "passes":
        told += "; equal costs side by side"
    heading(ax, "What test-time augmentation does", told)
    return ax


def _points(remedy: Remedy) -> pd.DataFrame:
    """One row per strategy: accuracy and recall with bounds, and passes."""
    table, costs = remedy.strategies, remedy.costs
    focus = str(remedy.front["class"].iloc[0])
    found = costs[costs["strategy"] != SAME].set_index("strategy")[["passes"]].copy()
    for key, name, metric in (("accuracy", ALL, "accuracy"), ("recall", focus, "recall")):
        kept = (table["class"] == name) & (table["metric"] == metric)
        rows = table[kept].set_index("strategy")
        found[key] = rows["value"]
        # The interval is that of the change; it lies around the value as it does around it.
        found[f"{key}_below"] = np.maximum(rows["change"] - rows["low"], 0)
        found[f"{key}_above"] = np.maximum(rows["high"] - rows["change"], 0)
        found["n" if key == "accuracy" else "n_recall"] = rows["n"]
    return found


def _draw_fronts(ax: Axes, front: pd.DataFrame) -> None:
    styles = {"threshold shift": (GREY, "--"), "policy": (COLOURS[0], "-")}
    for key, rows in front.groupby("strategy", sort=False):
        name = str(key)
        colour, line = styles.get(name, (COLOURS[3], ":"))
        of = "original" if name == "threshold shift" else name
        label = f"threshold of the class moved, {of}"
        ax.plot(rows["accuracy"], rows["recall"], ls=line, color=colour, lw=1.3, label=label)


def _draw_best(ax: Axes, points: pd.DataFrame) -> None:
    """A staircase through what nothing cheaper, or as cheap, surpasses."""
    ordered = points.sort_values(["passes", "accuracy"], ascending=[True, False])
    best = ordered[ordered["accuracy"] > ordered["accuracy"].cummax().shift(fill_value=-np.inf)]
    x = [*best["passes"], ordered["passes"].max()]
    y = [*best["accuracy"], best["accuracy"].iloc[-1]]
    ax.step(
        x, y, where="post", color=GREY, ls="--", lw=1.3,
        label="surpassed by nothing as cheap",
    )  # fmt: skip


def _draw_points(ax: Axes, points: pd.DataFrame, x: str, y: str) -> None:
    looks = _looks(list(points.index))
    same = points.groupby(x).cumcount() if x == "passes" else pd.Series(0, points.index)
    for name, row, place in zip(points.index, points.to_dict("records"), same, strict=True):
        marker, colour, size = looks[name]
        bars = {
            axis: [[row[f"{key}_below"]], [row[f"{key}_above"]]]
            for axis, key in (("xerr", x), ("yerr", y))
            if f"{key}_below" in points
        }
        label = f"{name} ({row['passes']:.3g} {'pass' if row['passes'] == 1 else 'passes'})"
        ax.errorbar(
            # Side by side where several cost the same.
            row[x] + DODGE * place, row[y], xerr=bars.get("xerr"), yerr=bars["yerr"], fmt=marker,
            color=colour, ms=size, lw=0.8, mec="white", mew=0.5, label=plain(label),
            zorder=4 if name in ("policy", "original") else 3,
        )  # fmt: skip


def _looks(names: list[str]) -> dict[str, tuple[str, str, float]]:
    """Marker, colour and size of every strategy: those of original and policy always the same."""
    shapes, colours = cycle(MARKERS), cycle(COLOURS[1:-1])
    fixed = {"policy": ("*", COLOURS[0], 13.0), "original": ("o", INK, 8.0)}
    return {name: fixed.get(name) or (next(shapes), next(colours), 6.0) for name in names}


def _into_sight(ax: Axes, points: pd.DataFrame) -> None:
    """Where the fronts run far away, the neighbourhood of the original fills the axes."""
    left = float(points["accuracy"].loc["original"]) - IN_SIGHT
    near = points[points["accuracy"] >= left]
    right = float((near["accuracy"] + near["accuracy_above"]).max())
    low = float((near["recall"] - near["recall_below"]).min())
    high = float((near["recall"] + near["recall_above"]).max())
    margin = 0.6 * (high - low) + 0.02
    ax.set_xlim(left, right + 0.01)
    ax.set_ylim(max(low - margin, -0.02), min(high + margin, 1.02))
