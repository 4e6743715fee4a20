"""How sentences on test-time augmentation print figures, and call views, metrics and policies."""

from __future__ import annotations

from collections.abc import Sequence

from ..catalogue import ORIGINAL, VIEWS, ViewSpec
from ..features import FEATURES
from ..policies import Cell, Policy, Where
from .remedy_templates import remedy_text
from .templates import template

#: Cells of a policy that one line tells of.
MAX_CELLS = 3

#: The strategies whose names stand alone, in Chinese.
_STRATEGIES = {
    "original": "原图",
    "temperature": "温度缩放",
    "threshold shift": "移动阈值",
    "all thresholds": "移动全部阈值",
    "policy": "策略",
}

#: Names of strategies that stand below the one whose effect they are to match.
AS_SHIFT = "threshold shift, as "


def nats(value: float) -> str:
    """A change of NLL, with its sign.

    Parameters
    ----------
    value : float
        In nats.

    Returns
    -------
    str

    Examples
    --------
    >>> nats(-0.01234), nats(0.0), nats(0.00021)
    ('−.012', '.000', '+.0002')
    """
    decimals = 3 if abs(value) >= 0.0005 or value == 0 else 4
    text = f"{abs(value):.{decimals}f}".removeprefix("0")
    if float(text) == 0:
        return ".000"
    return f"{'+' if value > 0 else '−'}{text}"


def passes_text(value: float) -> str:
    """Passes per image, or milliseconds, in three digits.

    Parameters
    ----------
    value : float
        0 or more.

    Returns
    -------
    str

    Examples
    --------
    >>> passes_text(1.0), passes_text(1.634), passes_text(117.3)
    ('1', '1.63', '117')
    """
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def share_text(share: float) -> str:
    """A share in two digits, without the leading 0.

    Parameters
    ----------
    share : float
        0…1.

    Returns
    -------
    str

    Examples
    --------
    >>> share_text(0.5), share_text(0.125), share_text(1.0)
    ('.5', '.12', '1')
    """
    return f"{share:.2f}".rstrip("0").rstrip(".").removeprefix("0")


def where_text(where: Where) -> str:
    """The images that a view is for.

    Parameters
    ----------
    where : Where
        A range of a feature.

    Returns
    -------
    str

    Examples
    --------
    >>> where_text(Where("noise", 1.25, 4)), where_text(Where("noise", None, 4))
    ('1.25 < noise ≤ 4', 'noise ≤ 4')
    """
    low, high = where.low, where.high
    if low is not None and high is not None:
        return f"{low:.3g} < {where.feature} ≤ {high:.3g}"
    if high is not None:
        return f"{where.feature} ≤ {high:.3g}"
    return where.feature if low is None else f"{where.feature} > {low:.3g}"


def strategy_title(name: str, lang: str) -> str:
    """How a strategy is called in print.

    Parameters
    ----------
    name : str
        As in the table of strategies.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str

    Examples
    --------
    >>> strategy_title("mix .5 original + .5 vflip", "zh"), strategy_title("policy", "en")
    ('混合 .5 原图 + .5 vflip', 'policy')
    >>> strategy_title("threshold shift, as mix .5 original + .5 vflip", "en")
    '  as a threshold shift'
    """
    if name.startswith(AS_SHIFT):
        return remedy_text("strategy.as shift", lang)
    if lang == "en":
        return name
    if name in _STRATEGIES:
        return _STRATEGIES[name]
    head, _, rest = name.partition(" ")
    first = {"replace": "替换", "mix": "混合"}.get(head)
    return (
        name
        if first is None
        else f"{first} {rest}".replace(ORIGINAL.name, _STRATEGIES[ORIGINAL.name])
    )


def view_title(op: str, direction: str, lang: str) -> str:
    """The name of an operation in a language.

    Parameters
    ----------
    op : str
        An operation of :data:`sensitivity.catalogue.VIEWS`.
    direction : str
        Which way it moves its feature; empty: any.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        The operation itself where it is unknown.

    Examples
    --------
    >>> view_title("gamma", "up", "en"), view_title("vflip", "", "zh")
    ('brightening', '垂直翻转')
    """
    known = [view for view in VIEWS if view.op == op]
    known = [view for view in known if view.direction == direction] or known
    return getattr(known[0], f"title_{lang}") if known else op


def feature_title(name: str, lang: str) -> str:
    """A feature's name within a sentence.

    Parameters
    ----------
    name : str
        A feature.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        The name itself for a column of the caller's.

    Examples
    --------
    >>> feature_title("noise", "en"), feature_title("hour", "zh")
    ('noise', 'hour')
    """
    found = [str(getattr(f, f"title_{lang}")) for f in FEATURES if f.name == name]
    title = found[0] if found else name
    # Within a sentence, and no abbreviation.
    return title[0].lower() + title[1:] if found and title[1:2].islower() else title


def metric_title(metric: str, of_class: str, lang: str) -> str:
    """A metric's name in a sentence.

    Parameters
    ----------
    metric : {"nll", "accuracy", "balanced_accuracy", "recall"}
        As in the table of strategies.
    of_class : str
        The class of a recall.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str

    Examples
    --------
    >>> metric_title("recall", "defect", "en")
    'recall of defect'
    """
    return remedy_text(f"metric.{metric}", lang).format(name=of_class)


def policy_sentence(policy: Policy, lang: str, *, recommended: bool = True) -> str:
    """A policy in one line: shares of the views, where they are used, temperature.

    Parameters
    ----------
    policy : Policy
        Any.
    lang : {"en", "zh"}
        Language.
    recommended : bool, default True
        Whether the verdict is to use it.

    Returns
    -------
    str

    Examples
    --------
    >>> views = (ORIGINAL, ViewSpec("bilateral", 0.1))
    >>> noisy = Cell((0.6, 0.2), where=(Where("noise", 3.0),))
    >>> policy_sentence(Policy(views, (0.8, 0.0), cells=(noisy,)), "en")
    'policy: where noise > 3: .75 original + .25 bilateral(0.1); else original alone;
    temperature 1.25.'
    """
    if policy.is_identity:
        return remedy_text("policy.identity", lang)
    parts = [_cell(policy, cell, lang) for cell in policy.cells[:MAX_CELLS]]
    left = len(policy.cells) - len(parts)
    parts += [remedy_text("policy.more", lang).format(n=f"{left:,}")] if left else []
    base = _mixture(policy.views, policy.weights, lang)
    parts.append(remedy_text("policy.else", lang).format(views=base) if parts else base)
    views = template("detail", lang).join(parts)
    key = "policy" if recommended else "policy.tried"
    return remedy_text(key, lang).format(views=views, gates=_gates(policy, lang))


def _cell(policy: Policy, cell: Cell, lang: str) -> str:
    where = [where_text(each) for each in cell.where]
    if cell.predicted is not None:
        where.append(remedy_text("policy.predicted", lang).format(name=cell.predicted))
    return remedy_text("policy.cell", lang).format(
        where=remedy_text("policy.and", lang).join(where),
        views=_mixture(policy.views, cell.weights, lang),
    )


def _mixture(views: Sequence[ViewSpec], weights: Sequence[float], lang: str) -> str:
    named = [
        (share_text(weight / sum(weights)), strategy_title(view.name, lang))
        for view, weight in zip(views, weights, strict=True)
        if weight > 0
    ]
    if len(named) == 1:
        return remedy_text("policy.alone", lang).format(name=named[0][1])
    one = remedy_text("policy.view", lang)
    return " + ".join(one.format(share=share, name=name) for share, name in named)


def _gates(policy: Policy, lang: str) -> str:
    found = []
    if policy.entropy is not None:
        limit = f"{policy.entropy:.2g}"
        found.append(remedy_text("policy.entropy", lang).format(limit=limit))
    for place, value in enumerate(policy.shift):
        if value:
            name = policy.classes[place] if policy.classes else str(place)
            found.append(remedy_text("policy.shift", lang).format(name=name, shift=nats(value)))
    temperatures = [1 / sum(weights) for weights in policy.all_weights]
    low, high = f"{min(temperatures):.2f}", f"{max(temperatures):.2f}"
    if low != high:
        found.append(remedy_text("policy.temperatures", lang).format(low=low, high=high))
    elif low != "1.00":
        found.append(remedy_text("policy.temperature", lang).format(value=low))
    if policy.pool == "probabilities":
        found.append(remedy_text("policy.probabilities", lang))
    return "".join(found)
