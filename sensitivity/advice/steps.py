"""What to do about a weakness: views, augmentation, images to collect, a threshold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..bins import MISSING
from ..catalogue import DOWN, UP, View, views_moving
from ..tables.tta import CONTRADICTED, DO_NOT_USE, NOT_ENOUGH, REPRODUCED, USE
from .amounts import images_needed
from .answers import Step
from .case import Case
from .facts import ALL
from .figures import about, percents, size
from .ranges import WeakRange, where
from .remedies_text import listed
from .weaknesses import CALLED_WRONGLY, RARE_ONE, Weakness

_OPPOSITE = {UP: DOWN, DOWN: UP}

#: Where more than this share of the images lies, the training has enough of them.
USUAL = 0.8


def view_steps(case: Case, weakness: Weakness) -> tuple[Step, ...]:
    """Test-time views that would bring the weak images to where the class is strong.

    Parameters
    ----------
    case : Case
        The analysis.
    weakness : Weakness
        Of an image feature.

    Returns
    -------
    tuple of Step
        One per weak range, or one that says why there is none. What a trial said of them is
        said; without one, that nothing is proven.
    """
    feature = case.title(weakness.facts.feature)
    if case.intervention(weakness) == CONTRADICTED:
        text = case.words("contradicted").format(feature=feature)
        return (Step("check", text, {"feature": weakness.facts.feature}),)
    tried = {} if case.remedy is None else case.remedy.settings
    if tried.get("verdict") == DO_NOT_USE:
        return (Step("view", case.words("view.no"), {"verdict": DO_NOT_USE, "views": []}),)
    if tried.get("verdict") == USE and case.remedy is not None:
        names = [view.name for view in case.remedy.policy.views]
        text = case.words("view.use").format(views=listed(names, case.lang))
        return (Step("view", text, {"verdict": USE, "views": names}),)
    steps = []
    for weak in weakness.ranges:
        views = _views(weakness, weak.better)
        if views:
            details = {"direction": weak.better, "views": _described(views)}
            text = case.words("view").format(
                ops=_operations(case, views), where=_where(case, weakness, weak)
            )
            text += _open(case, tried)
            steps.append(Step("view", text, {**_at(weakness, weak), **details}))
    if steps:
        return tuple(steps)
    text = case.words("view.none").format(feature=feature)
    return (Step("view", text, {"feature": weakness.facts.feature, "views": []}),)


def augment_steps(case: Case, weakness: Weakness) -> tuple[Step, ...]:
    """Augmentation that gives the training more images like the weak ones.

    Parameters
    ----------
    case : Case
        The analysis.
    weakness : Weakness
        Of an image feature.

    Returns
    -------
    tuple of Step
        One per weak range; none where no operation makes such images, where nearly all images
        are so anyway, or where moving the same images contradicted the finding. A rare class
        that loses alone is augmented alone.
    """
    if case.intervention(weakness) == CONTRADICTED:
        return ()
    steps = []
    for weak in weakness.ranges:
        views = _views(weakness, _OPPOSITE.get(weak.better, ""))
        if not views or weak.n > USUAL * weakness.facts.n:
            continue
        text = case.words("augment").format(
            who=_who(case, weakness.classes),
            ops=_operations(case, views),
            where=_where(case, weakness, weak),
        )
        if weakness.form == RARE_ONE:
            text += case.words("published")
        details = {"classes": list(weakness.classes), "views": _described(views)}
        steps.append(Step("augment", text, {**_at(weakness, weak), **details}))
    return tuple(steps)


def collect_steps(case: Case, weakness: Weakness) -> tuple[Step, ...]:
    """Images to collect: of which class, from which range, and how many for the test set.

    Parameters
    ----------
    case : Case
        The analysis.
    weakness : Weakness
        Any but false calls.

    Returns
    -------
    tuple of Step
        One per weak range. The number is what :func:`.amounts.images_needed` gives, less those
        that are there.
    """
    # The numbers are those of the row that speaks.
    name = weakness.facts.name
    others = [other for other in weakness.classes if other != name]
    more = ""
    if others and name != ALL:
        more = case.words("also").format(names=listed(map(case.named, others), case.lang))
    steps = []
    for weak in weakness.ranges:
        place, at = _where(case, weakness, weak), _at(weakness, weak)
        step = _collect(case, name, place, weak, at)
        steps.append(replace(step, text=step.text + more))
    return tuple(steps)


def collect_step(
    case: Case, name: str, place: str, *, n: int, value: float, best: float, at: Mapping[str, Any]
) -> Step:
    """Images to collect of one class in one place.

    Parameters
    ----------
    case : Case
        The analysis.
    name : str
        The class, or ``"all"``.
    place : str
        Where, in words.
    n : int
        Images that are there.
    value, best : float
        The proportion there, and the one it is held against.
    at : mapping
        Where, for a program.

    Returns
    -------
    Step
    """
    weak = WeakRange((), None, None, n, value, best, 0, "", is_category=False)
    return _collect(case, name, place, weak, at)


def shift_step(case: Case, weakness: Weakness) -> tuple[Step, ...]:
    """Which way to shift the threshold of which class, and for which images.

    Parameters
    ----------
    case : Case
        The analysis.
    weakness : Weakness
        A criterion shift (the class is called too rarely where its recall is low), or false
        calls (it is called too often).

    Returns
    -------
    tuple of Step
        One per weak range.
    """
    name = weakness.classes[0]
    lower = weakness.form != CALLED_WRONGLY
    steps = []
    for weak in weakness.ranges:
        fields = {"name": case.named(name), "where": _where(case, weakness, weak)}
        details = {**_at(weakness, weak), "class": name, "direction": "lower" if lower else "raise"}
        if lower:
            called = _called(case, weakness, weak)
            numbers = ""
            if called is not None and called[0] < called[1]:
                first, second = percents(called)
                details |= {"called": called[0], "share": called[1]}
                numbers = case.words("shift.numbers").format(
                    called=first, share=second, name=fields["name"]
                )
            text = case.words("shift.lower").format(**fields, numbers=numbers)
        else:
            text = case.words("shift.raise").format(**fields)
        steps.append(Step("operating point", text, details))
    return tuple(steps)


def negatives_steps(case: Case, weakness: Weakness) -> tuple[Step, ...]:
    """Images of other classes to collect, where they are called a class.

    Parameters
    ----------
    case : Case
        The analysis.
    weakness : Weakness
        False calls.

    Returns
    -------
    tuple of Step
        One per weak range.
    """
    steps = []
    for weak in weakness.ranges:
        value, best = percents([weak.value, weak.best])
        text = case.words("negatives").format(
            where=_where(case, weakness, weak),
            name=case.named(weakness.classes[0]),
            n=f"{weak.n:,}",
            value=value,
            best=best,
        )
        details = {**_at(weakness, weak), "not_class": weakness.classes[0], "present": weak.n}
        steps.append(Step("collect", text, details))
    return tuple(steps)


def look_steps(case: Case, weakness: Weakness) -> tuple[Step, ...]:
    """What to look at before anything is done.

    Parameters
    ----------
    case : Case
        The analysis.
    weakness : Weakness
        Any.

    Returns
    -------
    tuple of Step
        Of a column, what changes along with it; of a feature with companions, which it is, unless
        moving the same images has told.
    """
    feature = case.title(weakness.facts.feature)
    steps = []
    if weakness.source != "image" and weakness.ranges:
        places = listed((_where(case, weakness, weak) for weak in weakness.ranges), case.lang)
        text = case.words(f"check.{weakness.source}").format(feature=feature, where=places)
        steps.append(Step("check", text, {"feature": weakness.facts.feature}))
    if weakness.companions and case.intervention(weakness) != REPRODUCED:
        others = listed(map(case.title, weakness.companions), case.lang)
        text = case.words("check.companions").format(feature=feature, others=others)
        steps.append(Step("check", text, {"features": list(weakness.companions)}))
    return tuple(steps)


def place_text(case: Case, weakness: Weakness) -> str:
    """Where a weakness lies, all its ranges in one text.

    Parameters
    ----------
    case : Case
        The analysis.
    weakness : Weakness
        Any.

    Returns
    -------
    str
        Empty without a range.
    """
    return case.words("or").join(_where(case, weakness, weak) for weak in weakness.ranges)


def _where(case: Case, weakness: Weakness, weak: WeakRange) -> str:
    return where(case.title(weakness.facts.feature), weak, case.lang)


def _at(weakness: Weakness, weak: WeakRange) -> dict[str, Any]:
    """A range for a program."""
    return {
        "feature": weakness.facts.feature,
        "bins": list(weak.labels),
        "low": weak.low,
        "high": weak.high,
    }


def _views(weakness: Weakness, direction: str) -> tuple[View, ...]:
    return views_moving(weakness.facts.feature, direction) if direction else ()


def _described(views: Sequence[View]) -> list[dict[str, Any]]:
    return [
        {"op": view.op, "direction": view.direction, "unit": view.unit, "doses": list(view.usual)}
        for view in views
    ]


def _operations(case: Case, views: Sequence[View]) -> str:
    texts = []
    for view in views:
        doses = [f"{dose:g}" for dose in view.usual]
        ends = doses if len(doses) < 2 else [doses[0], doses[-1]]
        title = view.title_en if case.lang == "en" else view.title_zh
        texts.append(
            case.words("op").format(title=title, op=view.op, unit=view.unit, doses="–".join(ends))
        )
    return case.words("or").join(texts)


def _open(case: Case, tried: Mapping[str, Any]) -> str:
    if tried.get("verdict") != NOT_ENOUGH:
        return case.words("view.open")
    return case.words("view.few").format(needed=needed_text(case, tried.get("n_needed")))


def needed_text(case: Case, n: float | None) -> str:
    """How many images a verdict would take.

    Parameters
    ----------
    case : Case
        The analysis.
    n : float or None
        The number, where it is known.

    Returns
    -------
    str
        Empty for None.
    """
    return "" if n is None else case.words("needed").format(n=about(n))


def _who(case: Case, classes: Sequence[str]) -> str:
    """The classes that are augmented."""
    if ALL in classes or set(classes) == set(case.settings["classes"]):
        return case.words("for.all")
    return case.words("for.only").format(name=listed(map(case.named, classes), case.lang))


def _collect(case: Case, name: str, place: str, weak: WeakRange, at: Mapping[str, Any]) -> Step:
    needed = images_needed(weak.value, weak.best, confidence=case.settings["confidence"])
    more = max(0, needed - weak.n)
    text = case.words("collect" if more else "collect.enough").format(
        who=case.named(name),
        where=place,
        n=f"{weak.n:,}",
        needed=about(needed),
        gap=size(weak.gap),
        groups=case.words("groups") if case.dependence == "groups" else "",
        **({"more": about(more)} if more else {}),
    )
    details = {"class": name, "present": weak.n, "needed": needed, "more": more}
    return Step("collect", text, {**at, **details})


def _called(case: Case, weakness: Weakness, weak: WeakRange) -> tuple[float, float] | None:
    """Share of a range's images that are called the class, and share that are of it."""
    bins = case.analysis.bins
    rows = bins[(bins["feature"] == weakness.facts.feature) & (bins["bin"] != MISSING)]
    rows = rows[rows["label"].astype("str").isin(weak.labels)]
    mine = rows[rows["class"] == weakness.classes[0]].pivot(
        index="bin", columns="metric", values="value"
    )
    sizes = rows[(rows["class"] == weakness.classes[0]) & (rows["metric"] == "recall")]
    n = sizes.set_index("bin")["n"]
    total = int(rows[(rows["class"] == ALL) & (rows["metric"] == "accuracy")]["n"].sum())
    called = float((mine["recall"] * n / mine["precision"]).sum(skipna=False))
    if not (total and math.isfinite(called)):
        return None
    return called / total, float(n.sum()) / total
