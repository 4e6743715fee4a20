"""From facts to sentences: which template, and how each number is printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..tables import CONFIRMED
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
    return _SENTENCES[facts.kind](facts, lang)


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
        fewer than two bins are usable, or all are alike); neither begins with a capital.

    Examples
    --------
    >>> from sensitivity import analyse
    >>> from sensitivity.advice.facts import collect
    >>> analysis = analyse([0, 1] * 10 + [0] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...                    columns={"hour": range(40)}, features=(), save_path=None)
    >>> (facts,) = collect(analysis, analysis.trends[analysis.trends["class"] == "all"])
    >>> effect(facts, "en")[1]
    'accuracy at an equal class mix is 100 % in the lowest half (0–19), 50 % in the highest half
    (19–39)'
    """
    subject = template(facts.metric, lang).format(name=_class(facts, lang))
    way = template(f"way.{_way(facts)}", lang).format(
        subject=subject, feature=facts.scale.title(lang)
    )
    return way, _levels(facts, lang)


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
        if facts.levels is not None:
            found |= {"worst": facts.levels[0]["value"], "best": facts.levels[1]["value"]}
        if _shows_change(facts) and facts.change is not None:
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


def _real(facts: Facts, lang: str) -> str:
    advice, moved = "", _told_move(facts)
    # Nothing that is done to the feature helps where moving it changed nothing.
    idle = facts.pattern == "information loss" and moved == "contradicted"
    explained = facts.explained_by and facts.verdict != CONFIRMED
    if facts.pattern and not explained and not idle:
        advice = template(f"advice.{facts.pattern}", lang)
    return template("real", lang).format(
        effect=_effect_sentence(facts, lang),
        q=_q(facts.q),
        reason=_reason(facts, lang),
        advice=advice,
    )


def _candidate(facts: Facts, lang: str) -> str:
    fields = {"q": _q(facts.q), "images": _images(facts, lang)}
    if facts.capped:
        why = "capped"
    elif _shows_sight(facts):
        why, fields = "between.seen", fields | _sight(facts)
    else:
        why = "between"
    return template("candidate", lang).format(
        effect=_effect_sentence(facts, lang),
        why=template(f"why.{why}", lang).format(**fields),
    )


def _class_mix(facts: Facts, lang: str) -> str:
    mix = facts.mix
    if mix is None:
        return _none(facts, lang)
    move = "falls" if mix.raw[1] < mix.raw[0] else "rises"
    fields = {
        "way": template(f"mix.{facts.scale.kind}", lang).format(feature=facts.scale.title(lang)),
        "name": _class(facts, lang),
        "move": template(f"mix.{move}", lang),
        "here": place(facts.scale, mix.codes[0], lang),
        "there": place(facts.scale, mix.codes[1], lang),
        "q": _q(facts.q),
        "count": _count(facts, lang),
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
        name=_class(facts, lang),
        feature=facts.scale.title(lang),
        move=template("margin.rises" if falls else "margin.falls", lang),
        odds_from=odds(max(first, last)),
        odds_to=odds(min(first, last)),
        q=_q(facts.q_margin),
        count=_count(facts, lang),
        hint=_hint(facts, lang),
    )


def _none(facts: Facts, lang: str) -> str:
    key = "none.bare"
    if facts.seen is not None:
        key = "none" if _shows_sight(facts) else "none.blind"
    return template(key, lang).format(
        feature=facts.scale.title(lang),
        name=_class(facts, lang),
        q=_q(facts.q),
        count=_count(facts, lang),
        **(_sight(facts) if key == "none" else {}),
    )


def _untested(facts: Facts, lang: str) -> str:
    key = {0.0: "wrong", 1.0: "right"}.get(-1.0 if facts.recall is None else facts.recall, "few")
    return template(f"untested.{key if facts.n else 'empty'}", lang).format(
        name=_class(facts, lang), feature=facts.scale.title(lang), count=_count(facts, lang)
    )


_SENTENCES: Mapping[str, Callable[[Facts, str], str]] = {
    "real": _real,
    "candidate": _candidate,
    "class mix": _class_mix,
    "margin": _margin,
    "none": _none,
    "untested": _untested,
}


def _effect_sentence(facts: Facts, lang: str) -> str:
    way, levels = effect(facts, lang)
    details = [_count(facts, lang)]
    if _shows_change(facts) and facts.change is not None:
        change, low, high = points(facts.change)
        confidence = f"{100 * facts.confidence:g}"
        details.insert(
            0,
            template("change", lang).format(
                change=change, low=low, high=high, confidence=confidence
            ),
        )
    return template("effect" if levels else "effect.bare", lang).format(
        way=_capital(way, lang), levels=levels, details=template("detail", lang).join(details)
    )


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
    # All usable bins alike: the errors lie in bins with too few images to speak of.
    if facts.levels is None or facts.levels[0]["value"] == facts.levels[1]["value"]:
        return ""
    # Along a scale from low to high; categories from worst to best.
    ends = list(facts.levels)
    if facts.scale.kind == "numeric":
        ends.sort(key=lambda level: level["bin"])
    first, second = percents([level["value"] for level in ends])
    here, there = (place(facts.scale, level["bin"], lang) for level in ends)
    key = "levels.accuracy" if facts.metric == "accuracy_star" else "levels"
    return template(key, lang).format(first=first, second=second, here=here, there=there)


def _shows_change(facts: Facts) -> bool:
    """A change from low to high says nothing of a bend."""
    return facts.change is not None and not facts.shape.startswith("middle")


def _shows_sight(facts: Facts) -> bool:
    undecided = facts.kind == "none" or (facts.kind == "candidate" and not facts.capped)
    return undecided and facts.seen is not None and facts.seen <= 1


def _sight(facts: Facts) -> dict[str, str]:
    seen = facts.seen or 0.0
    return {"seen": size(seen), "half": size(seen / 2), "needed": about(4 * facts.n)}


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
    if facts.kind != "real" or facts.moved is None:
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


def _class(facts: Facts, lang: str) -> str:
    """A class by its name; one that is called by a number alone is said to be a class."""
    if facts.name == ALL:
        return template("all", lang)
    return template("class", lang).format(name=facts.name) if facts.name.isdigit() else facts.name


def _count(facts: Facts, lang: str) -> str:
    """The images of the row and, where they are not independent, what they are clustered by."""
    images = _images(facts, lang)
    if facts.clusters is None:
        return images
    return template(facts.dependence, lang).format(images=images, k=f"{facts.clusters:,}")


def _images(facts: Facts, lang: str) -> str:
    return template("image" if facts.n == 1 else "images", lang).format(n=f"{facts.n:,}")


def _q(value: float | None) -> str:
    return "–" if value is None else probability(value)


def _capital(way: str, lang: str) -> str:
    """An English clause at the head of a sentence; a Chinese one may begin with a name."""
    return way[:1].upper() + way[1:] if lang == "en" else way
