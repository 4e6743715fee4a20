"""From a remedy's numbers to sentences: the verdict, refusals, interventions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..remedies import Remedy
from ..tables import CONTRADICTED, NOT_CHECKED, REPRODUCED, USE
from .figures import about, points
from .remedy_names import feature_title, metric_title, nats, passes_text, view_title
from .remedy_templates import REMEDY_TEXTS, reason_text, remedy_text
from .templates import template

ALL = "all"
ORIGINAL, POLICY = "original", "policy"

#: What takes no further pass: the temperature, one class's threshold, all of them.
TEMPERATURE, SHIFT, BIASES = "temperature", "threshold shift", "all thresholds"

#: Reasons of refusal, and views of each, that a sentence names.
MAX_REASONS = 3
MAX_NAMES = 3

Row = Mapping[Any, Any]


def objective_row(remedy: Remedy) -> tuple[str, str]:
    """Class and metric of the table of strategies that the objective is about.

    Parameters
    ----------
    remedy : Remedy
        Its objective is ``nll``, ``balanced_accuracy`` or ``recall:CLASS``.

    Returns
    -------
    class_name, metric : str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> objective_row(SimpleNamespace(settings={"objective": "recall:defect"}))
    ('defect', 'recall')
    >>> objective_row(SimpleNamespace(settings={"objective": "nll"}))
    ('all', 'nll')
    """
    kind, _, name = str(remedy.settings.get("objective", "nll")).partition(":")
    return (name, kind) if name else (ALL, kind)


def verdict_sentence(remedy: Remedy, lang: str) -> str:
    """What is to be done, in one sentence: gain, cost, threshold shift, optimism.

    Parameters
    ----------
    remedy : Remedy
        What was tried.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        Begins with the verdict. All numbers are out of fold but the one that says otherwise.

    Raises
    ------
    OptionError
        Another language.

    Examples
    --------
    >>> import pandas as pd
    >>> from sensitivity.policies import Policy
    >>> from sensitivity.tables import TTA_TABLES
    >>> told = {"verdict": "do not use", "reason": "no_candidate", "n": 500, "objective": "nll"}
    >>> empty = {s.name: pd.DataFrame(columns=list(s.names)) for s in TTA_TABLES}
    >>> verdict_sentence(Remedy(policy=Policy(), settings=told, **empty), "en")
    'Do not use test-time augmentation: there is no view to try.'
    """
    told, row = remedy.settings, change_of(remedy, POLICY, ALL, "nll")
    parts = {
        # With three splits one part of the images judges.
        "n": f"{told['n'] if row is None else row['n']:,}",
        "gain": _gain(remedy, lang),
        "optimism": _optimism(remedy, lang),
        "cost": _cost(remedy, lang),
        "shift": _shift(remedy, lang),
    }
    if told["verdict"] == USE:
        return remedy_text("verdict.use", lang).format(**parts)
    needed = told.get("n_needed")
    needs = remedy_text("needs.unknown" if needed is None else "needs", lang).format(
        n=f"{told['n']:,}", needed=about(needed or 0)
    )
    # Where no part found weights, what was judged is the original itself.
    same = row is None or row["change"] == 0
    tried = "" if row is None else remedy_text("untried" if same else "tried", lang)
    return remedy_text(f"verdict.{told['verdict']}", lang).format(
        needs=needs,
        why=_why(str(told.get("reason", "")), lang),
        tried=tried.format(**parts),
        shift="" if same else parts["shift"],
    )


def refusal_sentence(remedy: Remedy, lang: str) -> str:
    """Which views were refused, and why, in one sentence.

    Parameters
    ----------
    remedy : Remedy
        What was tried.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        The commonest reasons first, at most three, each with at most three views.
    """
    by_reason: dict[str, list[str]] = {}
    for name, why in refusals(remedy):
        by_reason.setdefault(why, []).append(name)
    if not by_reason:
        return remedy_text("refused.none", lang)
    ranked = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    shown = [
        remedy_text("refused.one", lang).format(
            names=_listed(names, lang), why=reason_text(why, lang)
        )
        for why, names in ranked[:MAX_REASONS]
    ]
    reasons = template("detail", lang).join(shown)
    left = sum(len(names) for _, names in ranked[MAX_REASONS:])
    reasons += remedy_text("refused.more", lang).format(n=f"{left:,}") if left else ""
    refused = sum(map(len, by_reason.values()))
    kept = int((remedy.candidates["weight"] > 0).sum())
    return remedy_text("refused", lang).format(
        n=f"{refused:,}", total=f"{refused + kept:,}", reasons=reasons
    )


def refusals(remedy: Remedy) -> list[tuple[str, str]]:
    """Every refused view with the reason, in English.

    Parameters
    ----------
    remedy : Remedy
        What was tried.

    Returns
    -------
    list of (str, str)
        Views that never became candidates, then candidates without a weight; each once.
    """
    found = {str(entry["what"]): str(entry["why"]) for entry in remedy.settings.get("refused", ())}
    table = remedy.candidates
    for row in table[table["weight"] == 0].to_dict("records"):
        found.setdefault(str(row["view"]), str(row["reason"]))
    return list(found.items())


def intervention_sentence(row: Row, lang: str, *, confidence: float = 0.95) -> str:
    """What moving the same images said of one finding.

    Parameters
    ----------
    row : mapping
        A row of :data:`sensitivity.tables.INTERVENTIONS`.
    lang : {"en", "zh"}
        Language.
    confidence : float, default 0.95
        Of the interval.

    Returns
    -------
    str
        Begins with confirmed, contradicted or not checked.

    Examples
    --------
    >>> row = {"feature": "noise", "class": "all", "direction": "up", "verdict": "not checked",
    ...        "reason": "no control"}
    >>> intervention_sentence(row, "en")
    'not checked (noise raised): no view moves an unrelated feature as far.'
    """
    feature = feature_title(str(row["feature"]), lang)
    way = remedy_text(f"moved.{row['direction']}", lang) if row["direction"] else ""
    if row["verdict"] == NOT_CHECKED:
        where = remedy_text("moved.way", lang).format(feature=feature, way=way) if way else ""
        key = f"checked.{row['reason']}"
        why = remedy_text(key, lang) if key in REMEDY_TEXTS else str(row["reason"])
        return remedy_text("moved.not checked", lang).format(way=where, why=why)
    assert row["verdict"] in (REPRODUCED, CONTRADICTED)
    change, low, high, observed = points(
        [float(row[name]) for name in ("change", "change_low", "change_high", "observed")]
    )
    control = ""
    if row["control"]:
        control = remedy_text("moved.control", lang).format(
            control=row["control"], change=points([float(row["control_change"])])[0]
        )
    name = str(row["class"])
    fields = {
        "feature": feature,
        "way": way,
        "sd": f"{abs(float(row['moved_sd'])):.1f}",
        "n": f"{row['n']:,}",
        "op": view_title(str(row["op"]), str(row["direction"]), lang),
        "subject": remedy_text("accuracy" if name == ALL else "recall", lang).format(name=name),
        "confidence": f"{100 * confidence:g}",
        "change": change,
        "low": low,
        "high": high,
        "observed": observed,
    }
    if row["verdict"] == REPRODUCED:
        return remedy_text("moved.confirmed", lang).format(control=control, **fields)
    return remedy_text("moved.contradicted", lang).format(**fields)


def change_of(remedy: Remedy, strategy: str, of_class: str, metric: str) -> Row | None:
    """One row of the table of strategies.

    Parameters
    ----------
    remedy : Remedy
        What was tried.
    strategy, of_class, metric : str
        Which row.

    Returns
    -------
    mapping or None
        None where there is none.
    """
    table: pd.DataFrame = remedy.strategies
    rows = table[
        (table["strategy"] == strategy) & (table["class"] == of_class) & (table["metric"] == metric)
    ]
    return None if rows.empty else dict(rows.iloc[0])


def _gain(remedy: Remedy, lang: str) -> str:
    """The change of what was aimed at, then that of accuracy."""
    told = []
    wanted = list(dict.fromkeys([objective_row(remedy), (ALL, "accuracy")]))
    if _has_gain_of_nll(remedy):
        told, wanted = [_gain_of_nll(remedy, lang)], wanted[1:]
    rows = [(pair, change_of(remedy, POLICY, *pair)) for pair in wanted]
    told += [_change(remedy, pair[1], row, lang) for pair, row in rows if row is not None]
    return remedy_text("and", lang).join(told)


def _has_gain_of_nll(remedy: Remedy) -> bool:
    return objective_row(remedy)[1] == "nll" and bool(remedy.settings.get("gain"))


def _gain_of_nll(remedy: Remedy, lang: str) -> str:
    """Against the original at its best temperature, which costs no pass."""
    gain = remedy.settings["gain"]
    return remedy_text("gain.nll", lang).format(
        change=nats(-float(gain["value"])),
        bound=nats(-float(gain["low"])),
        confidence=_confidence(remedy),
    )


def _confidence(remedy: Remedy) -> str:
    return f"{100 * float(remedy.settings.get('confidence', 0.95)):g}"


def _change(remedy: Remedy, metric: str, row: Row, lang: str) -> str:
    values = [float(row[name]) for name in ("change", "low", "high")]
    bare = not all(map(math.isfinite, values))
    texts = _figures(metric, values[:1] if bare else values)
    return remedy_text("change.bare" if bare else "change", lang).format(
        metric=metric_title(metric, str(row["class"]), lang),
        unit=_unit(metric, lang),
        confidence=_confidence(remedy),
        **dict(zip(("change", "low", "high"), texts, strict=False)),
    )


def _figures(metric: str, values: list[float]) -> list[str]:
    return [nats(value) for value in values] if metric == "nll" else points(values)


def _unit(metric: str, lang: str) -> str:
    return remedy_text("unit.nats" if metric == "nll" else "unit.points", lang)


def _optimism(remedy: Remedy, lang: str) -> str:
    """What the same recipe shows on the images that it was fitted on."""
    of_class, metric = objective_row(remedy)
    row = change_of(remedy, POLICY, of_class, metric)
    if row is None or not math.isfinite(row["in_sample"]):
        return ""
    pair = [float(row["in_sample"]), float(row["change"])]
    scaled = change_of(remedy, TEMPERATURE, of_class, metric)
    if _has_gain_of_nll(remedy) and scaled is not None:
        # As the gain: against the original at its best temperature.
        pair = [pair[0] - float(scaled["in_sample"]), pair[1] - float(scaled["change"])]
    # In as many decimals as the gain that it stands beside.
    first = _figures(metric, pair)[0]
    return remedy_text("optimism", lang).format(in_sample=first, unit=_unit(metric, lang))


def _cost(remedy: Remedy, lang: str) -> str:
    costs = {str(row["strategy"]): row for row in remedy.costs.to_dict("records")}
    if POLICY not in costs or ORIGINAL not in costs:
        return remedy_text("cost", lang).format(passes="–", before="1")
    after, before = costs[POLICY], costs[ORIGINAL]
    timed = math.isfinite(after["milliseconds"]) and math.isfinite(before["milliseconds"])
    return remedy_text("cost.time" if timed else "cost", lang).format(
        passes=passes_text(after["passes"]),
        before=passes_text(before["passes"]),
        ms=passes_text(after["milliseconds"]),
        ms_before=passes_text(before["milliseconds"]),
    )


def _shift(remedy: Remedy, lang: str) -> str:
    """What can be had without a further pass; of NLL all thresholds and the temperature."""
    of_class, metric = objective_row(remedy)
    name = BIASES if metric == "nll" else SHIFT
    row = change_of(remedy, name, of_class, metric)
    if row is None:
        return ""
    value = float(row["change"])
    scaled = change_of(remedy, TEMPERATURE, of_class, metric)
    if _has_gain_of_nll(remedy) and scaled is not None:
        value -= float(scaled["change"])
    change = remedy_text("change.bare", lang).format(
        metric=metric_title(metric, of_class, lang),
        change=_figures(metric, [value])[0],
        unit=_unit(metric, lang),
    )
    key = {True: "beats", False: "loses", None: "open"}[remedy.settings.get("beaten_by_shift")]
    what = remedy_text("shift.all" if name == BIASES else "shift.one", lang)
    return remedy_text(f"shift.{key}", lang).format(change=change, what=what)


def _why(reason: str, lang: str) -> str:
    key = f"why.{reason}"
    return remedy_text(key, lang) if key in REMEDY_TEXTS else reason_text(reason, lang)


def _listed(names: list[str], lang: str) -> str:
    left = len(names) - MAX_NAMES
    shown = template("list", lang).join(names[:MAX_NAMES])
    return shown + (remedy_text("refused.more", lang).format(n=f"{left:,}") if left > 0 else "")
