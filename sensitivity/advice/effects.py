"""What a row shows: which way its metric goes, how far, and on how many images."""

from __future__ import annotations

from collections.abc import Sequence

from ..trends import FALSE_CALLS, RECALL
from .facts import ALL, Facts
from .figures import percents, points
from .places import place
from .templates import template


def effect(facts: Facts, lang: str) -> tuple[str, str]:
    """What a row shows, in two clauses.

    Parameters
    ----------
    facts : Facts
        The row.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    way, levels : str
        Which way the metric goes, and its value in the worst and the best bin (empty where
        fewer than two bins are usable, or all are alike), of false calls in the worst bin and
        in all others, or what :func:`instead_of_worst` gives; neither begins with a capital.

    Examples
    --------
    >>> from sensitivity import analyse
    >>> from sensitivity.advice.facts import collect
    >>> analysis = analyse([0, 1] * 10 + [0] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...                    columns={"hour": range(40)}, features=(), save_path=None)
    >>> (facts,) = collect(analysis, analysis.trends[analysis.trends["class"] == "all"])
    >>> effect(facts, "en")[1]
    '100 % in the lowest half (0–19), 50 % in the highest half (19–39)'
    """
    subject = template(facts.metric, lang).format(name=class_name(facts.name, lang))
    way = template(f"way.{_way(facts)}", lang).format(
        subject=subject, feature=facts.scale.title(lang)
    )
    return way, _levels(facts, lang)


def effect_sentence(facts: Facts, lang: str) -> str:
    """What a row shows, as a sentence with its numbers.

    Parameters
    ----------
    facts : Facts
        The row.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        Of what moves in the row: the change of recall only where recall does, else the share of
        false calls.
    """
    way, levels = effect(facts, lang)
    details = [count(facts, lang)]
    if quotes_calls(facts) and facts.calls is not None:
        false, others = f"{facts.calls.false:,}", f"{facts.calls.others:,}"
        details[0] = template("calls.own", lang).format(count=details[0])
        details.insert(0, template("calls.count", lang).format(false=false, others=others))
        if facts.metric != "false_calls" and facts.calls.worst != facts.calls.rest:
            shown = template("calls.of", lang)
            shown = shown.format(calls=_calls(facts, lang), name=class_name(facts.name, lang))
            details.insert(0, shown)
    if quotes_change(facts) and facts.change is not None:
        change, low, high = points(facts.change)
        shown = template("change", lang).format(
            metric=told_in(facts, lang),
            change=change,
            low=low,
            high=high,
            confidence=f"{100 * facts.confidence:g}",
        )
        details.insert(0, shown)
    return template("effect" if levels else "effect.bare", lang).format(
        way=_capital(way, lang), levels=levels, details=template("detail", lang).join(details)
    )


def quotes_change(facts: Facts) -> bool:
    """Whether a row tells of a change of recall: one that moves, and not in a bend.

    Parameters
    ----------
    facts : Facts
        The row.

    Returns
    -------
    bool
    """
    moves = RECALL in facts.moving and not facts.shape.startswith("middle")
    return moves and facts.change is not None


def quotes_calls(facts: Facts) -> bool:
    """Whether a row tells how often other images are called the class.

    Parameters
    ----------
    facts : Facts
        The row.

    Returns
    -------
    bool
    """
    return facts.calls is not None and FALSE_CALLS in facts.moving


def instead_of_worst(facts: Facts) -> tuple[tuple[int, float], ...] | None:
    """The bins whose shares of false calls are told where the worst one would contradict.

    Parameters
    ----------
    facts : Facts
        The row.

    Returns
    -------
    tuple of (int, float), or None
        As of :meth:`sensitivity.cells.called.FalseCalls.instead`; None where the row's metric is
        another one.
    """
    if facts.metric != "false_calls" or facts.calls is None:
        return None
    return facts.calls.instead(_way(facts))


def told_in(facts: Facts, lang: str) -> str:
    """What changes of a row are told in: recall, of all classes together accuracy.

    Parameters
    ----------
    facts : Facts
        The row.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
    """
    return template("of.all" if facts.name == ALL else "of.class", lang)


def class_name(name: str, lang: str) -> str:
    """A class by its name; one that is called by a number alone is said to be a class.

    Parameters
    ----------
    name : str
        Class, or "all".
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str

    Examples
    --------
    >>> class_name("defect", "en"), class_name("0", "en")
    ('defect', 'class 0')
    """
    if name == ALL:
        return template("all", lang)
    return template("class", lang).format(name=name) if name.isdigit() else name


def count(facts: Facts, lang: str) -> str:
    """The images of the row and, where they are not independent, what they are clustered by.

    Parameters
    ----------
    facts : Facts
        The row.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
    """
    shown = images(facts, lang)
    if facts.clusters is None:
        return shown
    return template(facts.dependence, lang).format(images=shown, k=f"{facts.clusters:,}")


def images(facts: Facts, lang: str) -> str:
    """How many images the row is about.

    Parameters
    ----------
    facts : Facts
        The row.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
    """
    return template("image" if facts.n == 1 else "images", lang).format(n=f"{facts.n:,}")


def _way(facts: Facts) -> str:
    if facts.scale.kind != "numeric" or facts.shape == "categories":
        return "categories"
    if facts.shape.startswith("middle"):
        return facts.shape
    if facts.metric == "false_calls" and facts.direction:
        # The direction of the row is that of F1, which falls as false calls become more.
        return "rises" if facts.direction == "falls" else "falls"
    if facts.metric != "f1_star" and facts.change is not None and facts.change[0] != 0:
        # The direction of the row is that of F1*, which may part from recall.
        return "rises" if facts.change[0] > 0 else "falls"
    return facts.direction or "varies"


def _levels(facts: Facts, lang: str) -> str:
    if facts.metric == "false_calls":
        instead = instead_of_worst(facts)
        if instead is not None:
            return _two(facts, instead, lang) if instead else ""
        if facts.calls is None or facts.calls.worst == facts.calls.rest:
            return ""
        return _calls(facts, lang)
    # All usable bins alike: the errors lie in bins with too few images to speak of.
    if facts.levels is None or facts.levels[0]["value"] == facts.levels[1]["value"]:
        return ""
    # Along a scale from low to high; categories from worst to best.
    ends = list(facts.levels)
    if facts.scale.kind == "numeric":
        ends.sort(key=lambda level: level["bin"])
    return _two(facts, [(level["bin"], level["value"]) for level in ends], lang)


def _two(facts: Facts, ends: Sequence[tuple[int, float]], lang: str) -> str:
    """The metric in two bins."""
    first, second = percents([value for _, value in ends])
    here, there = (place(facts.scale, code, lang) for code, _ in ends)
    return template("levels", lang).format(first=first, second=second, here=here, there=there)


def _calls(facts: Facts, lang: str) -> str:
    """The share of false calls where it is largest, against the rest."""
    if facts.calls is None:
        return ""
    most, rest = percents([facts.calls.worst, facts.calls.rest])
    here = place(facts.scale, facts.calls.bin, lang)
    return template("calls", lang).format(most=most, rest=rest, here=here)


def _capital(way: str, lang: str) -> str:
    """An English clause at the head of a sentence; a Chinese one may begin with a name."""
    return way[:1].upper() + way[1:] if lang == "en" else way
