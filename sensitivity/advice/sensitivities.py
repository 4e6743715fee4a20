"""Rules on what makes a class weak: features, columns, slices; and what is no weakness."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..tables import CLASS_MIX, MARGIN
from ..trends.verdicts import ALPHA, LEAST_ODDS, NONE
from .answers import PASSED, SKIPPED, Answer, Aside, Found, Step
from .case import Case
from .facts import ALL, Facts
from .figures import percents, probability, size
from .places import place
from .remedies_text import listed
from .steps import (
    augment_steps,
    collect_step,
    collect_steps,
    look_steps,
    negatives_steps,
    place_text,
    shift_step,
    view_steps,
)
from .templates import template
from .weaknesses import (
    ALL_LOSE,
    CALLED_WRONGLY,
    CATEGORY,
    COLUMN,
    IMAGE,
    RARE_ONE,
    SHIFT,
    SOME_LOSE,
    Weakness,
    flagged,
)
from .wording import evidence, sentence

#: Up to this p, corrected for all slices judged, a slice is weak.
SLICE_P = 0.05

#: Forms in which classes lose recall.
LOSSES = {ALL_LOSE, RARE_ONE, SOME_LOSE}

#: So many slices are told of.
MAX_SLICES = 3

Steps = Callable[[Case, Weakness], tuple[Step, ...]]


def all_classes_lose(case: Case) -> Answer:
    """All classes lose recall along an image feature: information is lost."""
    return _answer(case, {IMAGE}, {ALL_LOSE}, view_steps, augment_steps, collect_steps)


def rare_class_loses(case: Case) -> Answer:
    """One class alone loses recall along an image feature, and it is a rare one."""
    return _answer(case, {IMAGE}, {RARE_ONE}, augment_steps, view_steps, collect_steps)


def criterion_shifts(case: Case) -> Answer:
    """Recall and false calls of a class move together."""
    return _answer(case, {IMAGE, COLUMN, CATEGORY}, {SHIFT}, shift_step)


def some_classes_lose(case: Case) -> Answer:
    """Some classes, or all together, lose recall along an image feature, for no clear pattern."""
    return _answer(case, {IMAGE}, {SOME_LOSE}, view_steps, augment_steps, collect_steps)


def column_matters(case: Case) -> Answer:
    """Recall varies along a column of numbers: no operation on images moves it."""
    return _answer(case, {COLUMN}, LOSSES, collect_steps)


def category_matters(case: Case) -> Answer:
    """Recall differs between categories."""
    return _answer(case, {CATEGORY}, LOSSES, collect_steps)


def called_wrongly(case: Case) -> Answer:
    """A class is called wrongly more often, and no class loses recall for it."""
    return _answer(case, {IMAGE, COLUMN, CATEGORY}, {CALLED_WRONGLY}, negatives_steps, shift_step)


def slices_are_weak(case: Case) -> Answer:
    """Two features together, found on one half of the images and real on the other."""
    table = case.analysis.slices
    if table.empty:
        return None
    held = table[(table["p_holm"] <= SLICE_P) & (table["value"] < table["expected"])]
    if held.empty:
        return None
    if case.dependence == "blocks":
        return Aside(SKIPPED, case.words("hint.slices").format(n=str(len(held))))
    # A class of its own says more than all together in the same place.
    held = held.assign(total=held["class"] == ALL).sort_values(["total", "p_holm"], kind="stable")
    held = held.drop_duplicates(["feature", "label", "feature_2", "label_2"])
    return tuple(_slice(case, row) for row in held.head(MAX_SLICES).to_dict("records"))


def margin_erodes(case: Case) -> Answer:
    """The odds of the right class fall, the errors do not grow."""
    rows = flagged(case.analysis, MARGIN)
    rows = [row for row in rows if row.margin is not None]
    if not rows:
        return _margin_hint(case)
    first = max(rows, key=_fall)
    text = sentence(first, case.lang)
    features = {row.feature for row in rows}
    if len(features) > 1:
        text += case.words("margins").format(n=str(len(features)))
    step = case.words("check.margin").format(feature=case.title(first.feature))
    found = {"feature": first.feature, "class": first.name, **evidence(first)}
    return (Found(text, found, (Step("check", step, {"feature": first.feature}),)),)


def class_mix_only(case: Case) -> Answer:
    """F1 moves with the class mix alone: there is nothing to mend, and this never fires."""
    rows = flagged(case.analysis, CLASS_MIX)
    return Aside(PASSED, sentence(rows[0], case.lang)) if rows else None


def _answer(case: Case, sources: set[str], forms: set[str], *steps: Steps) -> Answer:
    """What is real of some forms; else hints, what another feature explains, or what was tested."""

    def of(weak: Weakness) -> bool:
        return weak.source in sources and weak.form in forms

    found = tuple(_found(case, weak, steps) for weak in case.weak if of(weak))
    if found:
        return found
    hints = [weak for weak in case.hints if of(weak)]
    if hints:
        return _hint(case, [weak.facts for weak in hints])
    if forms & {SOME_LOSE}:  # one rule of each source says it
        explained = [row for row in case.explained if case.sources[row.feature] in sources]
        if explained:
            other = case.title(explained[0].explained_by)
            rows = listed([_row_text(case, row) for row in explained], case.lang, most=3)
            return Aside(SKIPPED, case.words("explained").format(rows=rows, other=other))
    return _unless_untested(case, sources)


def _unless_untested(case: Case, sources: set[str]) -> Answer:
    trends = case.analysis.trends
    mine = trends[trends["feature"].astype("str").map(case.sources).isin(sources)]
    if mine["q"].notna().any():
        return None
    return Aside(SKIPPED, case.words("untested"))


def _found(case: Case, weak: Weakness, steps: tuple[Steps, ...]) -> Found:
    text = sentence(weak.facts, case.lang)
    others = [name for name in weak.classes if name not in (weak.facts.name, ALL)]
    if others and weak.facts.name != ALL:
        names = listed(map(case.named, others), case.lang)
        text += case.words("also").format(names=names)
    mostly = _mostly_called(case, weak)
    if mostly:
        counts = {key: f"{mostly[key]:,}" for key in ("n", "missed")}
        name = case.named(mostly["class"])
        text += case.words("mostly").format(**counts, name=name, where=place_text(case, weak))
    todo = [step for make in (look_steps, *steps) for step in make(case, weak)]
    ranges = [
        {"bins": list(r.labels), "low": r.low, "high": r.high, "n": r.n, "value": r.value}
        | {"best": r.best}
        for r in weak.ranges
    ]
    found = {
        "feature": weak.facts.feature,
        "class": weak.facts.name,
        "classes": list(weak.classes),
        "form": weak.form,
        "verdict": weak.facts.verdict,
        "grade": weak.facts.grade,
        "travels_with": list(weak.companions),
        "weak_ranges": ranges,
        **evidence(weak.facts),
    }
    if mostly:
        found["mostly_called"] = mostly
    return Found(text, found, tuple(todo))


def _mostly_called(case: Case, weak: Weakness) -> dict[str, Any]:
    """The class that most misses in the weak categories are called, of three classes or more."""
    images, outcomes = case.analysis.features, case.analysis.outcomes
    is_one_of = (
        weak.source == CATEGORY and weak.form in LOSSES and len(case.settings["classes"]) > 2
    )
    if not is_one_of or len(outcomes) != case.settings["n"] or len(images) != len(outcomes):
        return {}
    labels = {label for part in weak.ranges for label in part.labels}
    missed = ~outcomes["right"].astype(bool).to_numpy()
    missed &= images[weak.facts.feature].astype("string").isin(labels).to_numpy(dtype=bool)
    if ALL not in weak.classes:
        missed &= outcomes["class"].isin(weak.classes).to_numpy()
    called = outcomes["predicted"][missed].astype("str").value_counts()
    if called.empty or 2 * called.iloc[0] <= called.sum():
        return {}
    return {"class": str(called.index[0]), "n": int(called.iloc[0]), "missed": int(called.sum())}


def _margin_hint(case: Case) -> Answer:
    """What would be said if errors of neighbouring names were not alike."""
    if case.dependence != "blocks":
        return None
    table = case.analysis.trends
    fall = (table["margin_last"] - table["margin_first"]).abs() >= math.log(LEAST_ODDS)
    mine = table[(table["q_margin"] <= ALPHA) & fall & (table["strength"] == NONE)]
    if mine.empty:
        return None
    first = mine.sort_values("q_margin", kind="stable").iloc[0]
    row = case.words("row").format(
        feature=case.title(str(first["feature"])), name=case.named(str(first["class"]))
    )
    q = probability(float(first["q_margin"]))
    return Aside(SKIPPED, case.words("hint.capped").format(rows=row, q=q))


def _fall(row: Facts) -> float:
    """By how much the log-odds of the right class fall from one end to the other."""
    return abs(row.margin[1] - row.margin[0]) if row.margin else 0.0


def _hint(case: Case, rows: list[Facts]) -> Aside:
    key = "hint.capped" if rows[0].capped else "hint"
    q = probability(rows[0].q) if rows[0].q is not None else "–"
    shown = listed([_row_text(case, row) for row in rows], case.lang, most=3)
    return Aside(SKIPPED, case.words(key).format(rows=shown, q=q))


def _row_text(case: Case, row: Facts) -> str:
    return case.words("row").format(feature=case.title(row.feature), name=case.named(row.name))


def _slice(case: Case, row: dict[object, object]) -> Found:
    cell = {str(key): value for key, value in row.items()}
    parts, name = [], str(cell["class"])
    for feature, label in (("feature", "label"), ("feature_2", "label_2")):
        scale = case.scales[str(cell[feature])]
        spot = place(scale, scale.labels.index(str(cell[label])), case.lang)
        parts.append(case.words("slice.part").format(feature=scale.title(case.lang), place=spot))
    metric = case.words("slice.all" if name == ALL else "slice.recall")
    numbers = {key: float(str(cell[key])) for key in ("value", "low", "high", "expected", "p_holm")}
    value, expected = percents([numbers["value"], numbers["expected"]])
    low, high = percents([numbers["low"], numbers["high"]])
    n = int(str(cell["n"]))
    text = case.words("slice").format(
        metric=metric if name == ALL else metric.format(name=case.named(name)),
        value=value,
        low=low,
        high=high,
        first=parts[0],
        second=parts[1],
        expected=expected,
        p=probability(numbers["p_holm"]),
        n=f"{n:,}",
    )
    at = {key: str(cell[key]) for key in ("feature", "label", "feature_2", "label_2")}
    spot = template("detail", case.lang).join(parts)
    step = collect_step(
        case, name, spot, n=n, value=numbers["value"], best=numbers["expected"], at=at
    )
    return Found(text, {**at, "class": name, "n": n, **numbers}, (step,))


def sight(case: Case, sources: set[str]) -> str:
    """What would have been seen along the features of some sources.

    Parameters
    ----------
    case : Case
        The analysis.
    sources : set of str
        Of the features.

    Returns
    -------
    str
        A sentence on the median row, to be added to another; empty where it is unknown.
    """
    trends = case.analysis.trends
    mine = trends[trends["feature"].astype("str").map(case.sources).isin(sources)]
    seen = mine["detectable_change"]
    seen = seen[(seen > 0) & (seen <= 1)]
    return "" if seen.empty else case.words("sight").format(seen=size(float(seen.median())))
