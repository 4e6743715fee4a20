"""What became of test-time augmentation as text for a terminal; the verdict comes last."""

from __future__ import annotations

from ..advice.remedy_names import policy_sentence
from ..advice.remedy_templates import remedy_text
from ..advice.remedy_wording import (
    ALL,
    ORIGINAL,
    intervention_sentence,
    refusal_sentence,
    verdict_sentence,
)
from ..remedies import Remedy
from ..tables import NOT_CHECKED, USE
from .cell_text import WIDTH, finding_lines
from .columns import clean, styled, wrapped
from .remedy_candidates import candidate_lines, front_lines
from .remedy_tables import (
    change_lines,
    objective_title,
    shown_classes,
    shown_strategies,
    value_lines,
)

#: Sentences on moved images, unless all are asked for; and those of them that are not checked.
MAX_CHECKS, MAX_NOT_CHECKED = 6, 2


def render_remedy(
    remedy: Remedy,
    *,
    colour: bool,
    everything: bool = False,
    lang: str = "en",
    width: int = WIDTH,
    policy_file: str = "",
) -> str:
    """Strategies, candidates, interventions, the policy, and last the verdict in one sentence.

    Parameters
    ----------
    remedy : Remedy
        What was tried.
    colour : bool
        Whether to use ANSI styles: what is not told from chance is grey.
    everything : bool, default False
        All strategies, classes, metrics, candidates and findings, and the front of recall
        against accuracy.
    lang : {"en", "zh"}, default "en"
        Language.
    width : int, default 100
        Columns; wide tables are continued below.
    policy_file : str, default ""
        Where the policy lies, to be named; empty: nowhere.

    Returns
    -------
    str
        Lines without a last newline.

    Raises
    ------
    OptionError
        Another language.

    Examples
    --------
    >>> import pandas as pd
    >>> from sensitivity.policies import Policy
    >>> from sensitivity.tables import TTA_TABLES
    >>> told = {"verdict": "do not use", "reason": "no_candidate", "n": 500, "objective": "nll",
    ...         "design": "cross-fitted", "folds": 5}
    >>> empty = {s.name: pd.DataFrame(columns=list(s.names)) for s in TTA_TABLES}
    >>> print(render_remedy(Remedy(policy=Policy(), settings=told, **empty), colour=False))
    500 images · judged out of fold, 5 folds · objective: NLL
    <BLANKLINE>
    No view was refused.
    <BLANKLINE>
    policy: the original alone; nothing is changed.
    <BLANKLINE>
    Do not use test-time augmentation: there is no view to try.
    """
    lines = [styled(_run_line(remedy, lang), "bold", colour=colour)]
    lines += _strategy_part(remedy, lang, everything=everything, width=width, colour=colour)
    table = candidate_lines(remedy, lang, everything=everything, width=width, colour=colour)
    if table:
        lines += ["", *wrapped(remedy_text("title.candidates", lang), width), "", *table]
    lines += ["", *wrapped(clean(refusal_sentence(remedy, lang)), width, indent="  ")]
    lines += _moved_part(remedy, lang, everything=everything, width=width, colour=colour)
    recommended = remedy.settings["verdict"] == USE
    policy = clean(policy_sentence(remedy.policy, lang, recommended=recommended))
    if policy_file and remedy.is_recommended:
        policy = remedy_text("policy.file", lang).format(sentence=policy, path=policy_file)
    lines += ["", *wrapped(policy, width, indent="  "), ""]
    verdict = wrapped(clean(verdict_sentence(remedy, lang)), width)
    return "\n".join([*lines, *(styled(line, "bold", colour=colour) for line in verdict)])


def _run_line(remedy: Remedy, lang: str) -> str:
    told = remedy.settings
    design = remedy_text(f"design.{told['design']}", lang).format(
        folds=told.get("folds"), judged=f"{_judged(remedy):,}"
    )
    return remedy_text("run", lang).format(
        n=f"{told['n']:,}", design=design, objective=clean(objective_title(remedy, lang))
    )


def _judged(remedy: Remedy) -> int:
    rows = remedy.strategies
    found = rows[(rows["strategy"] == ORIGINAL) & (rows["class"] == ALL)]["n"]
    return int(found.max()) if len(found) else 0


def _strategy_part(
    remedy: Remedy, lang: str, *, everything: bool, width: int, colour: bool
) -> list[str]:
    if remedy.strategies.empty:
        return []
    lines = ["", *wrapped(remedy_text("title.values", lang), width), ""]
    lines += value_lines(remedy, lang, everything=everything, width=width, colour=colour)
    title = remedy_text("title.changes", lang).format(
        confidence=f"{100 * float(remedy.settings.get('confidence', 0.95)):g}",
        metric=clean(objective_title(remedy, lang)),
    )
    lines += ["", *wrapped(title, width), ""]
    lines += change_lines(remedy, lang, everything=everything, width=width, colour=colour)
    notes = []
    more = len(remedy.costs) - len(shown_strategies(remedy, everything=everything))
    if more:
        notes.append(remedy_text("note.rows", lang).format(n=f"{more:,}"))
    n_classes = len(shown_classes(remedy, everything=True))
    shown = len(shown_classes(remedy, everything=everything))
    if shown < n_classes:
        notes.append(
            remedy_text("note.classes", lang).format(shown=f"{shown:,}", n=f"{n_classes:,}")
        )
    if colour:
        metric = clean(objective_title(remedy, lang))
        notes.append(remedy_text("note.grey", lang).format(metric=metric))
    lines += ["", *(styled(note, "dim", colour=colour) for note in notes)] if notes else []
    if everything and not remedy.front.empty:
        name = clean(str(remedy.front["class"].iloc[0]))
        lines += ["", *wrapped(remedy_text("title.front", lang).format(name=name), width), ""]
        lines += front_lines(remedy, lang, colour=colour)
    return lines


def _moved_part(
    remedy: Remedy, lang: str, *, everything: bool, width: int, colour: bool
) -> list[str]:
    """A sentence for each finding that was held against the same images, moved."""
    rows = remedy.interventions
    told = rows[rows["verdict"] != NOT_CHECKED].to_dict("records")
    open_ = rows[rows["verdict"] == NOT_CHECKED].to_dict("records")
    shown = [*told, *open_]
    if not everything:
        shown = [*told[:MAX_CHECKS], *open_[:MAX_NOT_CHECKED]][:MAX_CHECKS]
    confidence = float(remedy.settings.get("confidence", 0.95))
    lines = []
    for row in shown:
        sentence = intervention_sentence(row, lang, confidence=confidence)
        label = f"{row['feature']} · {row['class']}"
        lines += finding_lines(label, sentence, width, colour=colour)
    more = len(rows) - len(shown)
    if more:
        note = remedy_text("note.checks", lang).format(n=f"{more:,}")
        lines.append(styled(note, "dim", colour=colour))
    return ["", *lines] if lines else []
