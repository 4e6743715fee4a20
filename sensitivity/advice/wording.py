"""From facts to sentences: which template, and how each number is printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..tables import CONFIRMED
from ..trends import FALSE_CALLS
from .effects import (
    class_name,
    count,
    effect,
    effect_sentence,
    images,
    instead_of_worst,
    quotes_calls,
    quotes_change,
    told_in,
)
from .facts import ALL, CANDIDATE, Facts
from .figures import about, odds, percents, points, probability, shares, size
from .places import place
from .templates import template

#: Companions of a feature that are named; further ones are left to the table.
MAX_COMPANIONS = 4


def sentence(facts: Facts, lang: str) -> str:
    """One or two sentences on a row, from its numbers.

    Parameters
    ----------
    facts : Facts
        The row.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        What, which class, how big, how sure, how many, what else it could be; where nothing
        was found, what could have been seen.

    Examples
    --------
    >>> from sensitivity import analyse
    >>> from sensitivity.advice.facts import collect
    >>> analysis = analyse([0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...                    columns={"hour": range(40)}, features=(), save_path=None)
    >>> (facts,) = collect(analysis, analysis.trends[analysis.trends["class"] == "all"])
    >>> sentence(facts, "en")
    'Not tested: no image of all classes together was wrong (40 images).'
    """
    told = _mirrored(facts, lang) if facts.told_by else _SENTENCES[facts.kind](facts, lang)
    if facts.mirror is None:
        return told
    way, _ = effect(facts.mirror, lang)
    return template("mirror", lang).format(told=told, way=way)


def evidence(facts: Facts) -> dict[str, float]:
    """The numbers that a row's sentence quotes, unrounded.

    Parameters
    ----------
    facts : Facts
        The row.

    Returns
    -------
    dict
        From what it is to its value; proportions, differences of proportions, log-odds and
        counts.

    Examples
    --------
    >>> from sensitivity import analyse
    >>> from sensitivity.advice.facts import collect
    >>> analysis = analyse([0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...                    columns={"hour": range(40)}, features=(), save_path=None)
    >>> (facts,) = collect(analysis, analysis.trends[analysis.trends["class"] == "all"])
    >>> evidence(facts)
    {'n': 40}
    """
    found: dict[str, float | None] = {"n": facts.n, "n_clusters": facts.clusters}
    if facts.kind in ("real", "candidate", "class mix", "none"):
        found["q"] = facts.q
    if facts.kind in ("real", "candidate"):
        found |= _levels(facts)
        if quotes_change(facts) and facts.change is not None:
            found |= zip(("recall_change", "low", "high"), facts.change, strict=True)
    if _told_move(facts) is not None and facts.moved is not None:
        names = ("moved_change", "moved_low", "moved_high", "moved_expected")
        found |= zip(names, facts.moved.change, strict=True)
    if facts.kind == "margin" and facts.margin is not None:
        found["q_margin"] = facts.q_margin
        found |= zip(("margin_first", "margin_last"), facts.margin, strict=True)
    if facts.mix is not None and facts.kind == "class mix":
        raw = "accuracy" if facts.name == ALL else "f1"
        pairs = {raw: facts.mix.raw, "share": facts.mix.share, "star": facts.mix.star}
        for name, pair in pairs.items():
            found |= zip((f"{name}_from", f"{name}_to"), pair or (), strict=False)
    if _shows_sight(facts) and facts.seen is not None:
        found |= {
            "detectable_change": facts.seen,
            "half": facts.seen / 2,
            "n_for_half": 4 * facts.n,
        }
    return {key: value for key, value in found.items() if value is not None}


def _levels(facts: Facts) -> dict[str, float]:
    found: dict[str, float] = {}
    if quotes_calls(facts) and facts.calls is not None:
        calls, ends = facts.calls, instead_of_worst(facts)
        if ends is not None:
            found = dict(zip(("first_calls", "last_calls"), (x for _, x in ends), strict=False))
        elif calls.worst != calls.rest:
            found = {"worst_calls": calls.worst, "rest_calls": calls.rest}
        found |= {"false_calls": calls.false, "n_others": calls.others}
    if facts.levels is not None:
        found |= {"worst": facts.levels[0]["value"], "best": facts.levels[1]["value"]}
    return found


def _mirrored(facts: Facts, lang: str) -> str:
    """A row whose errors the other of two classes tells of."""
    other = class_name(facts.told_by, lang)
    return template("candidate" if facts.kind == "candidate" else "mirrored", lang).format(
        effect=effect_sentence(facts, lang),
        why=template("why.mirrored", lang).format(other=other, q=_q(facts.q)),
    )


def _real(facts: Facts, lang: str) -> str:
    advice, moved = "", _told_move(facts)
    # Nothing that is done to the feature helps where moving it changed nothing.
    idle = facts.pattern == "information loss" and moved == "contradicted"
    explained = facts.explained_by and facts.verdict != CONFIRMED
    if facts.pattern and not explained and not idle:
        advice = template(f"advice.{facts.pattern}", lang)
    return template("real", lang).format(
        effect=effect_sentence(facts, lang),
        q=_q(facts.q),
        reason=_reason(facts, lang),
        advice=advice,
    )


def _candidate(facts: Facts, lang: str) -> str:
    fields = {"q": _q(facts.q), "images": images(facts, lang)}
    if facts.capped:
        why = "capped"
    elif _shows_sight(facts):
        why, fields = "between.seen", fields | _sight(facts, lang)
    else:
        why = "between"
    return template("candidate", lang).format(
        effect=effect_sentence(facts, lang),
        why=template(f"why.{why}", lang).format(**fields),
    )


def _class_mix(facts: Facts, lang: str) -> str:
    mix = facts.mix
    if mix is None:
        return _none(facts, lang)
    move = "falls" if mix.raw[1] < mix.raw[0] else "rises"
    fields = {
        "way": template(f"mix.{facts.scale.kind}", lang).format(feature=facts.scale.title(lang)),
        "name": class_name(facts.name, lang),
        "move": template(f"mix.{move}", lang),
        "here": place(facts.scale, mix.codes[0], lang),
        "there": place(facts.scale, mix.codes[1], lang),
        "q": _q(facts.q),
        "count": count(facts, lang),
        "hint": _hint(facts, lang),
    }
    if mix.share is None or mix.star is None:
        fields |= zip(("raw_from", "raw_to"), percents(mix.raw), strict=True)
        return template("class mix.all", lang).format(**fields)
    fields["cause"] = template(f"mix.{_cause(mix.raw, mix.share)}", lang)
    fields |= zip(("raw_from", "raw_to"), shares(mix.raw), strict=True)
    fields |= zip(("share_from", "share_to"), percents(mix.share), strict=True)
    fields |= zip(("star_from", "star_to"), shares(mix.star), strict=True)
    return template("class mix", lang).format(**fields)


def _cause(f1: tuple[float, float], share: tuple[float, float]) -> str:
    """Whether F1 follows the share of the class, as a class mix makes it do."""
    if (f1[1] - f1[0]) * (share[1] - share[0]) <= 0:
        return "other"
    return "rarer" if share[1] < share[0] else "commoner"


def _margin(facts: Facts, lang: str) -> str:
    first, last = facts.margin or (0.0, 0.0)
    falls = last < first
    return template("margin", lang).format(
        name=class_name(facts.name, lang),
        feature=facts.scale.title(lang),
        move=template("margin.rises" if falls else "margin.falls", lang),
        odds_from=odds(max(first, last)),
        odds_to=odds(min(first, last)),
        q=_q(facts.q_margin),
        count=count(facts, lang),
        hint=_hint(facts, lang),
    )


def _none(facts: Facts, lang: str) -> str:
    key = "none.bare"
    if facts.seen is not None:
        key = "none" if _shows_sight(facts) else "none.blind"
    return template(key, lang).format(
        feature=facts.scale.title(lang),
        name=class_name(facts.name, lang),
        q=_q(facts.q),
        count=count(facts, lang),
        **(_sight(facts, lang) if key == "none" else {}),
    )


def _untested(facts: Facts, lang: str) -> str:
    key = {0.0: "wrong", 1.0: "right"}.get(-1.0 if facts.recall is None else facts.recall, "few")
    return template(f"untested.{key if facts.n else 'empty'}", lang).format(
        name=class_name(facts.name, lang), feature=facts.scale.title(lang), count=count(facts, lang)
    )


_SENTENCES: Mapping[str, Callable[[Facts, str], str]] = {
    "real": _real,
    "candidate": _candidate,
    "class mix": _class_mix,
    "margin": _margin,
    "none": _none,
    "untested": _untested,
}


def _shows_sight(facts: Facts) -> bool:
    undecided = facts.kind == "none"
    if facts.kind == "candidate" and not facts.capped and not facts.told_by:
        # What recall would show says nothing of false calls.
        undecided = FALSE_CALLS not in facts.moving[:1]
    return undecided and facts.seen is not None and facts.seen <= 1


def _sight(facts: Facts, lang: str) -> dict[str, str]:
    seen = facts.seen or 0.0
    told = {"seen": size(seen), "half": size(seen / 2), "needed": about(4 * facts.n)}
    return told | {"metric": told_in(facts, lang)}


def _reason(facts: Facts, lang: str) -> str:
    feature = facts.scale.title(lang)
    moved = _told_move(facts)
    if moved is not None:
        return _moved(facts, moved, lang)
    if facts.verdict == CONFIRMED:
        return template("reason.confirmed", lang).format(feature=feature)
    if facts.explained_by:
        other = _title(facts, facts.explained_by, lang)
        return template("reason.explained", lang).format(other=other)
    if facts.travels_with:
        named = [_title(facts, name, lang) for name in facts.travels_with[:MAX_COMPANIONS]]
        others = template("list", lang).join(named)
        if len(facts.travels_with) > MAX_COMPANIONS:
            others += " …"
        return template("reason.travels", lang).format(feature=feature, others=others)
    return template("reason.unchecked", lang).format(feature=feature)


def _told_move(facts: Facts) -> str | None:
    """What the same images, moved, say of a real row: reproduced, contradicted or nothing."""
    if facts.kind != "real" or facts.moved is None or facts.told_by:
        return None
    if facts.verdict == CONFIRMED:
        return "reproduced" if facts.moved.agrees else None
    return None if facts.moved.agrees else "contradicted"


def _moved(facts: Facts, key: str, lang: str) -> str:
    moved = facts.moved
    if moved is None:
        return ""
    # Decimals follow the last two: the interval.
    *told, promised = moved.change
    expected, change, low, high = points((promised, *told))
    text = template(f"reason.{key}", lang).format(
        way=template(f"move.{moved.direction}", lang),
        feature=facts.scale.title(lang),
        metric=told_in(facts, lang),
        change=change,
        low=low,
        high=high,
        expected=expected,
        confidence=f"{100 * moved.confidence:g}",
    )
    if key == "reproduced":
        return text
    if facts.explained_by:
        other = _title(facts, facts.explained_by, lang)
        return text + template("reason.instead", lang).format(other=other)
    return text + template("reason.companion", lang)


def _hint(facts: Facts, lang: str) -> str:
    return template("hint", lang) if facts.strength == CANDIDATE else ""


def _title(facts: Facts, feature: str, lang: str) -> str:
    return facts.titles[feature].title(lang) if feature in facts.titles else feature


def _q(value: float | None) -> str:
    return "–" if value is None else probability(value)
