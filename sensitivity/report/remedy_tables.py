"""What was tried at test time, as tables for a terminal: values, and changes with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..advice.remedy_names import (
    metric_title,
    nats,
    passes_text,
    strategy_title,
)
from ..advice.remedy_templates import remedy_text
from ..advice.remedy_wording import (
    ALL,
    BIASES,
    ORIGINAL,
    POLICY,
    SHIFT,
    TEMPERATURE,
    objective_row,
)
from ..remedies import Remedy
from .columns import Cell, blocks, clean, render_columns, shortened
from .compared import p_text

#: With more classes than this the weakest are shown, unless all is asked for.
MAX_CLASSES = 4
WEAKEST = 3

#: So many columns of classes are kept in one table.
MAX_TOGETHER = 2

#: Views that stand alone, unless all is asked for.
MAX_ALONE = 3

#: Columns that the name of a strategy or a class may take.
NAME_WIDTH, CLASS_WIDTH = 34, 12

#: Strategies that are shown whatever they are worth.
_ALWAYS = (ORIGINAL, TEMPERATURE, SHIFT, BIASES, POLICY)

Pair = tuple[str, str]
Row = Mapping[Any, Any]


def objective_title(remedy: Remedy, lang: str) -> str:
    """What the objective is called.

    Parameters
    ----------
    remedy : Remedy
        What was tried.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> objective_title(SimpleNamespace(settings={"objective": "recall:defect"}), "en")
    'recall of defect'
    """
    of_class, metric = objective_row(remedy)
    return metric_title(metric, of_class, lang)


def shown_classes(remedy: Remedy, *, everything: bool) -> list[str]:
    """Classes whose recall is shown.

    Parameters
    ----------
    remedy : Remedy
        What was tried.
    everything : bool
        All of them.

    Returns
    -------
    list of str
        All of up to four; of more the three with the lowest recall of the original, and that of
        the objective; in their order.

    Examples
    --------
    >>> import pandas as pd
    >>> from types import SimpleNamespace
    >>> rows = [("original", f"c{k}", "recall", 0.9 - k / 10) for k in range(5)]
    >>> table = pd.DataFrame(rows, columns=["strategy", "class", "metric", "value"])
    >>> tried = SimpleNamespace(strategies=table, settings={"objective": "nll"})
    >>> shown_classes(tried, everything=False)
    ['c2', 'c3', 'c4']
    """
    table = remedy.strategies
    rows = table[(table["strategy"] == ORIGINAL) & (table["metric"] == "recall")]
    names = [str(name) for name in rows["class"]]
    if everything or len(names) <= MAX_CLASSES:
        return names
    weakest = rows.nsmallest(WEAKEST, "value")["class"].astype(str).to_list()
    return [name for name in names if name in (*weakest, objective_row(remedy)[0])]


def shown_strategies(remedy: Remedy, *, everything: bool) -> list[str]:
    """Strategies that are shown, in their order.

    Parameters
    ----------
    remedy : Remedy
        What was tried.
    everything : bool
        All of them.

    Returns
    -------
    list of str
        Of the views that stand alone (``replace …``) the three best by the objective.

    Examples
    --------
    >>> import pandas as pd
    >>> from types import SimpleNamespace
    >>> names = ["original", *(f"replace gamma({k})" for k in range(1, 5))]
    >>> same = {"class": "all", "metric": "nll"}
    >>> table = pd.DataFrame({"strategy": names, **same, "value": range(5)})
    >>> tried = SimpleNamespace(strategies=table, costs=table, settings={"objective": "nll"})
    >>> shown_strategies(tried, everything=False)[1:]
    ['replace gamma(1)', 'replace gamma(2)', 'replace gamma(3)']
    """
    names = [str(name) for name in remedy.costs["strategy"]]
    if everything:
        return names
    of_class, metric = objective_row(remedy)
    table = remedy.strategies
    rows = table[(table["class"] == of_class) & (table["metric"] == metric)]
    alone = rows[rows["strategy"].str.startswith("replace ")]
    best = alone.sort_values("value", ascending=metric == "nll", kind="stable")["strategy"]
    left_out = set(best.iloc[MAX_ALONE:])
    return [name for name in names if name not in left_out or name in _ALWAYS]


def value_lines(
    remedy: Remedy, lang: str, *, everything: bool, width: int, colour: bool
) -> list[str]:
    """Every strategy's metrics, passes and milliseconds.

    Parameters
    ----------
    remedy : Remedy
        What was tried.
    lang : {"en", "zh"}
        Language of the heads.
    everything : bool
        All strategies, metrics and classes.
    width : int
        Columns; tables that are wider are continued below.
    colour : bool
        Whether to use ANSI styles.

    Returns
    -------
    list of str

    Examples
    --------
    >>> import pandas as pd
    >>> from types import SimpleNamespace
    >>> names = ["original", "policy"]
    >>> row = {"class": "all", "metric": "nll", "in_sample": [math.nan, -0.04]}
    >>> row |= {"value": [0.331, 0.3], "change": [0, -0.031], "low": [0, -0.05], "high": [0, -0.01]}
    >>> table = pd.DataFrame({"strategy": names, **row})
    >>> costs = pd.DataFrame({"strategy": names, "passes": [1.0, 1.5], "milliseconds": [4.2, 6.3]})
    >>> tried = SimpleNamespace(strategies=table, costs=costs, settings={"objective": "nll"})
    >>> lines = value_lines(tried, "en", everything=False, width=100, colour=False)
    >>> print(lines[-1])
    policy           –         –  .300     1.5  6.3
    """
    classes = shown_classes(remedy, everything=everything)
    together: list[list[Pair]] = [[(ALL, "accuracy"), (ALL, "balanced_accuracy")]]
    together += [[(ALL, "macro_f1"), (ALL, "ece")]] if everything else []
    together += _of_classes(classes, everything=everything)
    together.append([(ALL, "nll")])
    names = shown_strategies(remedy, everything=everything)
    rows = _by_key(remedy)
    groups = [
        [
            [_head(pair, lang), *(_value(rows.get((name, *pair)), pair[1]) for name in names)]
            for pair in pairs
        ]
        for pairs in together
    ]
    costs = _costs(remedy)
    groups.append(
        [
            [remedy_text(f"head.{head}", lang), *(_number(costs[name][key]) for name in names)]
            for key, head in (("passes", "passes"), ("milliseconds", "ms"))
        ]
    )
    return _stacked(remedy, names, groups, lang, width=width, colour=colour, right=True)


def change_lines(
    remedy: Remedy, lang: str, *, everything: bool, width: int, colour: bool
) -> list[str]:
    """Every strategy's changes against the original, with intervals.

    Parameters
    ----------
    remedy : Remedy
        What was tried.
    lang : {"en", "zh"}
        Language of the heads.
    everything : bool
        All strategies, metrics and classes, with p and counts.
    width : int
        Columns; tables that are wider are continued below.
    colour : bool
        Whether to use ANSI styles.

    Returns
    -------
    list of str

    Examples
    --------
    >>> import pandas as pd
    >>> from types import SimpleNamespace
    >>> names = ["original", "policy"]
    >>> row = {"class": "all", "metric": "nll", "in_sample": [math.nan, -0.04]}
    >>> row |= {"value": [0.331, 0.3], "change": [0, -0.031], "low": [0, -0.05], "high": [0, -0.01]}
    >>> table = pd.DataFrame({"strategy": names, **row})
    >>> costs = pd.DataFrame({"strategy": names, "passes": [1.0, 1.5], "milliseconds": [4.2, 6.3]})
    >>> tried = SimpleNamespace(strategies=table, costs=costs, settings={"objective": "nll"})
    >>> lines = change_lines(tried, "en", everything=False, width=100, colour=False)
    >>> print(lines[-1])
    policy    −.031 [−.050, −.010]  −.040      –
    """
    aim = objective_row(remedy)
    classes = shown_classes(remedy, everything=everything)
    together: list[list[Pair]] = [[(ALL, "accuracy")]] if aim != (ALL, "accuracy") else []
    further = [(ALL, name) for name in ("balanced_accuracy", "macro_f1", "ece")]
    together += [[pair] for pair in further if everything and pair != aim]
    together += _of_classes([c for c in classes if (c, "recall") != aim], everything=everything)
    names = [n for n in shown_strategies(remedy, everything=everything) if n != ORIGINAL]
    rows = _by_key(remedy)

    def column(pair: Pair) -> list[str]:
        return [_head(pair, lang), *(_change(rows.get((name, *pair)), pair[1]) for name in names)]

    inside = [_in_sample(rows.get((name, *aim)), aim[1]) for name in names]
    groups = [[column(aim), [remedy_text("head.in_sample", lang), *inside]]]
    groups += [[column(pair) for pair in pairs] for pairs in together]
    if everything:
        p = [p_text(rows[name, ALL, "accuracy"]["p"]) for name in names]
        tests = [[f"p {remedy_text('head.accuracy', lang)}", *p]]
        costs = _costs(remedy)
        for key in ("corrected", "corrupted"):
            texts = [f"{costs[name][key]:,}" for name in names]
            tests.append([remedy_text(f"head.{key}", lang), *texts])
        groups.append(tests)
    return _stacked(remedy, names, groups, lang, width=width, colour=colour, right=False)


def _by_key(remedy: Remedy) -> dict[tuple[str, str, str], Row]:
    rows = remedy.strategies.to_dict("records")
    return {(str(r["strategy"]), str(r["class"]), str(r["metric"])): r for r in rows}


def _costs(remedy: Remedy) -> dict[str, Row]:
    return {str(row["strategy"]): row for row in remedy.costs.to_dict("records")}


def _of_classes(classes: Sequence[str], *, everything: bool) -> list[list[Pair]]:
    """Recalls that stand side by side where they are few; then precisions."""
    metrics = ("recall", "precision") if everything else ("recall",)
    if len(classes) <= MAX_TOGETHER:
        return [[(name, metric) for name in classes] for metric in metrics if classes]
    return [[(name, metric)] for metric in metrics for name in classes]


def _stacked(
    remedy: Remedy,
    names: Sequence[str],
    columns: Sequence[Sequence[Sequence[str]]],
    lang: str,
    *,
    width: int,
    colour: bool,
    right: bool,
) -> list[str]:
    """One table, or several under each other where one is too wide."""
    styles = ["bold", *(_style(remedy, name) for name in names)]
    titles = [clean(strategy_title(name, lang)) for name in names]
    first = [remedy_text("head.strategy", lang), *(shortened(t, NAME_WIDTH) for t in titles)]
    left = [[Cell(text, style)] for text, style in zip(first, styles, strict=True)]
    groups = [
        [
            [Cell(text, style) for text in texts]
            for *texts, style in zip(*group, styles, strict=True)
        ]
        for group in columns
    ]
    lines: list[str] = []
    for block in blocks(left, groups, width):
        parts = zip(left, *block, strict=True)
        rows = [[cell for part in row for cell in part] for row in parts]
        places = range(1, len(rows[0])) if right else ()
        lines += ["", *render_columns(rows, right=places, colour=colour)]
    return lines[1:]


def _style(remedy: Remedy, name: str) -> str:
    """Bold for the policy, grey where the interval of what was aimed at holds 0."""
    if name == ORIGINAL:
        return ""
    row = _by_key(remedy).get((name, *objective_row(remedy)))
    if row is None or not (row["low"] > 0 or row["high"] < 0):
        return "dim"
    return "bold" if name == POLICY else ""


def _head(pair: Pair, lang: str) -> str:
    name = shortened(clean(pair[0]), CLASS_WIDTH)
    return remedy_text(f"head.{pair[1]}", lang).format(name=name)


def _value(row: Row | None, metric: str) -> str:
    if row is None or not math.isfinite(row["value"]):
        return "–"
    return f"{row['value']:.3f}".removeprefix("0") if metric == "nll" else percent(row["value"])


def percent(value: float) -> str:
    """A proportion in percent, without the sign.

    Parameters
    ----------
    value : float
        0…1.

    Returns
    -------
    str
        One decimal; ``–`` for NaN.

    Examples
    --------
    >>> percent(0.8621), percent(math.nan)
    ('86.2', '–')
    """
    return f"{100 * value:.1f}" if math.isfinite(value) else "–"


def _figure(value: float, metric: str) -> str:
    if metric == "nll":
        return nats(value)
    text = f"{100 * value:+.1f}".replace("-", "−")
    return text[1:] if float(text[1:]) == 0 else text


def _change(row: Row | None, metric: str) -> str:
    if row is None or not math.isfinite(row["change"]):
        return "–"
    text = _figure(row["change"], metric)
    if not (math.isfinite(row["low"]) and math.isfinite(row["high"])):
        return text
    return f"{text} [{_figure(row['low'], metric)}, {_figure(row['high'], metric)}]"


def _in_sample(row: Row | None, metric: str) -> str:
    known = row is not None and math.isfinite(row["in_sample"])
    return _figure(row["in_sample"], metric) if row is not None and known else ""


def _number(value: float) -> str:
    return passes_text(value) if math.isfinite(value) else "–"
