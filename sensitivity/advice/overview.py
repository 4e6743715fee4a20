"""The run in one sentence."""

from __future__ import annotations

import pandas as pd

from ..result import Analysis
from ..tables import CLASS_MIX, MARGIN
from ..trends import in_order, own_rows
from .effects import effect
from .facts import ALL, CANDIDATE, REAL, collect
from .figures import size
from .templates import template


def headline(analysis: Analysis, *, lang: str = "en") -> str:
    """What the whole run found, or that it found nothing.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    lang : {"en", "zh"}, default "en"
        Language.

    Returns
    -------
    str
        How many pairs of feature and class were tested, how many are real and how many
        candidates, and the first of them. Where none is real: what could have been seen. Of two
        classes, a row that mirrors the errors of the other is counted apart.
        Where errors of neighbouring names are alike, a second sentence says what follows.

    Raises
    ------
    OptionError
        Another language.

    Examples
    --------
    >>> from sensitivity import analyse
    >>> analysis = analyse([0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...                    features=(), save_path=None)
    >>> headline(analysis)
    'Nothing was tested: no feature was analysed.'
    """
    trends = in_order(analysis.trends)
    tested = trends[trends["q"].notna()]
    if tested.empty:
        return template(f"run.{_why_untested(analysis)}", lang)
    own = own_rows(trends)
    own = own[own["q"].notna()]
    counts = {name: int((own["strength"] == name).sum()) for name in (REAL, CANDIDATE)}
    key = "found" if counts[REAL] else "hints" if counts[CANDIDATE] else "null"
    text = template(f"run.{key}", lang).format(
        tested=template("run.pair" if len(tested) == 1 else "run.pairs", lang).format(
            n=f"{len(tested):,}"
        ),
        real=f"{counts[REAL]:,}",
        candidates=f"{counts[CANDIDATE]:,}",
        first="" if key == "null" else _first(analysis, own, lang),
        also=_also(tested, len(tested) - len(own), lang),
        sight="" if key == "found" else _sight(tested, lang),
    )
    dependence = analysis.settings["dependence"]
    if dependence["kind"] == "blocks":
        text += template("run.blocks", lang).format(ratio=f"{dependence['ratio']:.1f}")
    return text


def _why_untested(analysis: Analysis) -> str:
    if not analysis.settings["features"]:
        return "no feature"
    rows = analysis.overall
    accuracy = rows[(rows["class"] == ALL) & (rows["metric"] == "accuracy")]["value"]
    return "no error" if (accuracy == 1).all() else "few"


def _first(analysis: Analysis, tested: pd.DataFrame, lang: str) -> str:
    # Of what was found, what nothing else that was found accounts for.
    told = tested[tested["strength"] == tested["strength"].iloc[0]]
    own = told[told["explained_by"].astype(str) == ""]
    way, levels = effect(collect(analysis, (own if len(own) else told)[:1])[0], lang)
    return template("run.first", lang).format(way=way, levels=levels) if levels else way


def _also(tested: pd.DataFrame, n_mirrors: int, lang: str) -> str:
    """Rows that are no finding of errors, or none of their own, but should not be passed over."""
    counts = [("mirror", n_mirrors)]
    counts += [
        (key, int((tested["verdict"] == verdict).sum()))
        for key, verdict in (("margin", MARGIN), ("mix", CLASS_MIX))
    ]
    return "".join(template(f"run.{key}", lang).format(n=f"{n:,}") for key, n in counts if n)


def _sight(tested: pd.DataFrame, lang: str) -> str:
    """The change that a typical row would have shown, of all classes and of one."""
    change = tested["detectable_change"]
    found = []
    for key, rows in (("all", tested["class"] == ALL), ("class", tested["class"] != ALL)):
        seen = change[rows & (change > 0) & (change <= 1)]
        if len(seen):
            text = template(f"run.sight.{key}", lang)
            found.append(text.format(seen=size(float(seen.median()))))
    if not found:
        return template("run.blind", lang) if (change > 1).any() else ""
    return template("run.sight", lang).format(sizes=template("run.or", lang).join(found))
