"""Rules on the data, the model's confidence and a trial; and which rules apply to what."""

from __future__ import annotations

import math
from statistics import median
from typing import Any

from ..bins import MISSING
from ..cells.judged import LOW_SUPPORT
from ..stats.intervals import normal_quantile
from ..tables.tta import NOT_ENOUGH, USE
from .amounts import lower_by_chance, widening
from .answers import PASSED, SKIPPED, Answer, Aside, Found, Step
from .case import Case
from .facts import ALL
from .figures import about, percents, probability, shares, size
from .remedies_text import listed
from .steps import needed_text, place_text
from .weaknesses import CALLED_WRONGLY, CATEGORY, COLUMN, IMAGE, RARE, Weakness

#: From this share on, images that fail are said.
FAILING = 0.01

#: A gap between confidence and accuracy below this is not worth a step.
LEAST_GAP = 0.02

#: Of tests that are not part of the correction over all rows of the trends.
ALPHA = 0.01


def neighbours_err_alike(case: Case) -> Answer:
    """No groups are given, and images with neighbouring names err alike."""
    told = case.settings["dependence"]
    if told["kind"] != "blocks":
        return None
    text = case.words("neighbours").format(ratio=f"{told['ratio']:.1f}")
    found = {"ratio": told["ratio"], "p": told["p"], "n_clusters": told["n_clusters"]}
    return (Found(text, found, (Step("check", case.words("check.groups")),)),)


def images_fail(case: Case) -> Answer:
    """A share of the images that matters could not be measured."""
    failed, total = int(case.settings["n_failed"]), int(case.settings["n"])
    if failed < FAILING * total or not failed:
        text = case.words("D202.clear").format(n=f"{failed:,}", total=f"{total:,}")
        return Aside(PASSED, text)
    status = case.analysis.failures["status"].astype("str").value_counts()
    counted = {str(name): int(n) for name, n in status.items()}
    text = case.words("failures").format(
        n=f"{failed:,}",
        total=f"{total:,}",
        share=size(failed / total),
        listed=listed([_counted(case, name, n) for name, n in counted.items()], case.lang),
    )
    found = {"failed": failed, "n": total, "share": failed / total, "status": counted}
    return (Found(text, found, (Step("check", case.words("check.failures")),)),)


def classes_are_small(case: Case) -> Answer:
    """Classes that cannot have 10 images in each range."""
    bins = int(case.settings["n_bins"])
    least = LOW_SUPPORT * bins
    sizes = _sizes(case)
    small = {name: n for name, n in sorted(sizes.items(), key=_by_size) if n < least}
    if not small:
        return None
    fields = {"bins": str(bins), "least": str(least)}
    text = case.words("few").format(
        k=f"{len(small):,}",
        classes=f"{len(sizes):,}",
        listed=listed([_counted(case, name, n) for name, n in small.items()], case.lang),
        **fields,
    )
    more = {name: least - n for name, n in small.items()}
    names = listed(map(case.named, small), case.lang)
    step = case.words("collect.class").format(names=names, more=about(sum(more.values())), **fields)
    found = {"classes": small, "least": least, "n_bins": bins}
    return (Found(text, found, (Step("collect", step, {"more": more}),)),)


def rare_classes_lag(case: Case) -> Answer:
    """Rare classes whose recall is below that of all other images, beyond chance.

    One-sided z of two proportions, its error widened as clusters widen the interval of accuracy,
    p times the number of rare classes.
    """
    sizes, total = _sizes(case), case.overall("accuracy")
    n_all = sum(sizes.values())
    rare = [name for name, n in sizes.items() if 0 < n < RARE * n_all / len(sizes)]
    if total is None:
        return None
    widened = widening(**total, confidence=case.settings["confidence"])
    lagging = []
    for name in rare:
        mine = case.overall("recall", name)
        if mine is None or mine["n"] < LOW_SUPPORT:
            continue
        n_other = total["n"] - mine["n"]
        other = (total["value"] * total["n"] - mine["value"] * mine["n"]) / n_other
        p = lower_by_chance(mine["value"], mine["n"], other, n_other, widened=widened)
        if p * len(rare) <= ALPHA:
            lagging.append((p * len(rare), name, mine, other))
    if not lagging:
        return None
    lagging.sort(key=lambda found: found[0])
    p, name, mine, other = lagging[0]
    value, of_others = percents([mine["value"], other])
    text = case.words("rare").format(
        listed=case.named(name),
        value=value,
        other=of_others,
        p=probability(p),
        n=f"{mine['n']:,.0f}",
        total=f"{n_all:,}",
    )
    names = [found[1] for found in lagging]
    if names[1:]:
        text += case.words("also").format(names=listed(map(case.named, names[1:]), case.lang))
    typical = int(median(n for other, n in sizes.items() if other != name))
    step = case.words("rebalance").format(
        names=case.named(name), more=about(typical - mine["n"]), total=f"{n_all:,}"
    )
    details = {"classes": names, "typical": typical, "more": int(typical - mine["n"])}
    found = {"classes": names, "recall": mine["value"], "others": other, "p": p, "n": mine["n"]}
    return (Found(text, found, (Step("collect", step, details),)),)


def confidence_is_off(case: Case) -> Answer:
    """Mean confidence differs from accuracy beyond chance, by 2 points or more.

    The interval is widened as clusters widen that of accuracy.
    """
    gap, accuracy = case.overall("confidence_gap"), case.overall("accuracy")
    if gap is None or accuracy is None:
        return None
    widened = widening(**accuracy, confidence=case.settings["confidence"])
    value = gap["value"]
    low, high = (value + widened * (gap[end] - value) for end in ("low", "high"))
    if not (abs(value) >= LEAST_GAP and low * high > 0):
        return None
    sign = 1 if value > 0 else -1
    shown = [_tenths(abs(value)), *map(_tenths, sorted((sign * low, sign * high)))]
    key = "sure" if value > 0 else "unsure"
    text = case.words(key).format(gap=shown[0], low=shown[1], high=shown[2], n=f"{gap['n']:,.0f}")
    step = Step("operating point", case.words(f"temperature.{key}"), {"temperature": key})
    found = {"confidence_gap": value, "low": low, "high": high, "n": gap["n"]}
    return (Found(text, found, (step,)),)


def weak_and_sure(case: Case) -> Answer:
    """Where a real weakness lies, confidence exceeds accuracy more than over all images.

    The interval over a weakness's bins is widened as clusters widen that of accuracy, and corrected
    for the number of weaknesses; it must lie above 0 and above the gap of all images.
    """
    whole, accuracy = case.overall("confidence_gap"), case.overall("accuracy")
    if whole is None or accuracy is None:
        return None
    confidence = case.settings["confidence"]
    widened = widening(**accuracy, confidence=confidence)
    weak = [w for w in case.weak if w.ranges and w.form != CALLED_WRONGLY]
    level = 1 - (1 - confidence) / max(1, len(weak))
    found = []
    for weakness in weak:
        gap = _gap(case, weakness)
        if gap is None:
            continue
        n, value, error = gap
        half = normal_quantile(level) * widened * error
        if value - half > max(0.0, whole["value"]) and value >= LEAST_GAP:
            found.append((value, half, n, weakness))
    if not found:
        return None
    value, half, n, weakness = max(found, key=lambda one: one[0])
    at = place_text(case, weakness)
    shown = [_tenths(number) for number in (value, value - half, value + half)]
    overall = _tenths(whole["value"])
    text = case.words("unaware").format(
        where=at, gap=shown[0], low=shown[1], high=shown[2], n=f"{n:,}", whole=overall
    )
    numbers = {"feature": weakness.facts.feature, "n": n, "confidence_gap": value}
    numbers |= {"low": value - half, "high": value + half, "overall": whole["value"]}
    step = Step("operating point", case.words("route").format(where=at), dict(numbers))
    return (Found(text, numbers, (step,)),)


def trial_says(case: Case) -> Answer:
    """What a trial of test-time augmentation came to."""
    if case.remedy is None:
        return None
    told = case.remedy.settings
    verdict, n = told["verdict"], told["n"]
    if verdict == NOT_ENOUGH:
        needed = needed_text(case, told.get("n_needed"))
        return Aside(SKIPPED, case.words("trial.few").format(n=f"{n:,}", needed=needed))
    shift = case.words("trial.shift") if told.get("beaten_by_shift") else ""
    if verdict != USE:
        return Aside(PASSED, case.words("trial.no").format(shift=shift))
    names = [view.name for view in case.remedy.policy.views]
    text = case.words("view.use").format(views=listed(names, case.lang))
    step = Step("view", text, {"views": names, "weights": list(case.remedy.policy.weights)})
    change, numbers = _trial_change(case)
    found = {"verdict": verdict, "n": n, "beaten_by_shift": bool(shift), **numbers}
    return (Found(case.words("trial.use").format(change=change + shift), found, (step,)),)


def nothing(case: Case) -> Answer:
    """The rules of other tasks find nothing here: they do not apply."""
    return None


def has_image_features(case: Case) -> str:
    """Whether an image feature was analysed; else why the rule does not apply."""
    return "" if IMAGE in case.sources.values() else "na.image"


def has_columns(case: Case) -> str:
    """Whether there is a column of numbers; else why the rule does not apply."""
    return "" if COLUMN in case.sources.values() else "na.column"


def has_categories(case: Case) -> str:
    """Whether there is a column of categories; else why the rule does not apply."""
    return "" if CATEGORY in case.sources.values() else "na.category"


def has_features(case: Case) -> str:
    """Whether any feature was analysed; else why the rule does not apply."""
    return "" if case.sources else "na.features"


def has_pairs(case: Case) -> str:
    """Whether slices could be searched; else why the rule does not apply."""
    single = case.settings["task"] == "image_classification"
    return "" if single and len(case.sources) > 1 else "na.slices"


def has_one_label(case: Case) -> str:
    """Whether each image has one label; else why the rule does not apply."""
    return "" if case.settings["task"] == "image_classification" else "na.single"


def has_scores(case: Case) -> str:
    """Whether the predictions have scores; else why the rule does not apply."""
    return "" if case.overall("confidence_gap") is not None else "na.scores"


def has_no_groups(case: Case) -> str:
    """Whether no groups were given; else why the rule does not apply."""
    return "na.groups" if case.dependence == "groups" else ""


def has_images(case: Case) -> str:
    """Whether images were opened; else why the rule does not apply."""
    counts = case.settings["extraction"]
    opened = counts["decoded"] + counts["cached"] + case.settings["n_failed"]
    return "" if opened else "na.images"


def has_trial(case: Case) -> str:
    """Whether test-time augmentation was tried; else why the rule does not apply."""
    return "" if case.remedy is not None else "na.trial"


def is_detection(case: Case) -> str:
    """Why a rule on boxes does not apply."""
    return "" if case.settings["task"] == "image_object_detection" else "na.detection"


def always(case: Case) -> str:
    """For rules that apply to everything."""
    return ""


def _sizes(case: Case) -> dict[str, int]:
    table = case.analysis.overall
    rows = table[table["metric"] == "recall"]
    return {str(name): int(n) for name, n in zip(rows["class"], rows["n"], strict=True)}


def _by_size(item: tuple[str, int]) -> int:
    return item[1]


def _counted(case: Case, name: str, n: int) -> str:
    return case.words("counted").format(name=case.named(name), n=f"{n:,}")


def _tenths(value: float, *, sign: str = "") -> str:
    """Percentage points with one decimal."""
    return f"{100 * value:{sign}.1f}".replace("-", "−")


def _gap(case: Case, weakness: Weakness) -> tuple[int, float, float] | None:
    """Images, gap and its error over the weak bins of a weakness."""
    bins = case.analysis.bins
    labels = {label for weak in weakness.ranges for label in weak.labels}
    rows = bins[(bins["feature"] == weakness.facts.feature) & (bins["bin"] != MISSING)]
    rows = rows[(rows["metric"] == "confidence_gap") & rows["label"].astype("str").isin(labels)]
    rows = rows[(rows["n"] > 1) & rows["value"].notna()]
    if rows.empty:
        return None
    share = rows["n"] / rows["n"].sum()
    errors = (rows["high"] - rows["low"]) / (2 * normal_quantile(case.settings["confidence"]))
    value = float((share * rows["value"]).sum())
    return int(rows["n"].sum()), value, math.sqrt(float(((share * errors) ** 2).sum()))


def _trial_change(case: Case) -> tuple[str, dict[str, Any]]:
    """Accuracy of the policy against the original, where the trial has it."""
    if case.remedy is None:
        return "", {}
    table, costs = case.remedy.strategies, case.remedy.costs
    rows = table[
        (table["strategy"] == "policy") & (table["class"] == ALL) & (table["metric"] == "accuracy")
    ]
    passes = costs[costs["strategy"] == "policy"]["passes"]
    if rows.empty or passes.empty:
        return "", {}
    row = rows.iloc[0]
    numbers = {key: float(row[key]) for key in ("change", "low", "high")}
    # Tenths: an interval that excludes 0 must not be rounded to it.
    change, low, high = (_tenths(number, sign="+") for number in numbers.values())
    text = case.words("trial.change").format(
        change=change, low=low, high=high, passes=shares([float(passes.iloc[0])])[0]
    )
    return text, {**numbers, "passes": float(passes.iloc[0])}
