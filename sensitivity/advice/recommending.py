"""What to do about a result: every rule asked, and its answer kept apart from the others."""

from __future__ import annotations

from ..result import Analysis
from .answers import (
    NOT_APPLICABLE,
    PASSED,
    SEVERITIES,
    SKIPPED,
    Advice,
    Aside,
    Found,
    Note,
    Recommendations,
)
from .case import Case, prepare
from .rules import RULES, Rule
from .sensitivities import sight
from .weaknesses import CATEGORY, COLUMN, IMAGE

#: The rules that say, where they pass, what would have been seen.
SIGHTED = {"S101": {IMAGE}, "S104": {IMAGE}, "S105": {COLUMN}, "S106": {CATEGORY}}


def recommend(analysis: Analysis, *, lang: str = "en") -> Recommendations:
    """What to do about the weaknesses that an analysis found, with the evidence for it.

    Advice is of three kinds: views at test time, with direction and doses; augmentation or images
    to collect, with class, range and number; and the operating point, a threshold or a temperature.
    Only what is real fires. Nothing of it is proven to help: it is where to look first, and a trial
    says more (``sensitivity tta``, another training run).

    Parameters
    ----------
    analysis : Analysis
        A finished analysis. Where it holds a trial of test-time augmentation, the advice says
        what came of it.
    lang : {"en", "zh"}, default "en"
        Language.

    Returns
    -------
    Recommendations
        ``fired``, ``passed``, ``not_applicable`` and ``skipped``. Each rule of
        :data:`sensitivity.advice.rules.RULES` is in one of them; of those that fired, severe ones
        come first.

    Raises
    ------
    OptionError
        Another language.

    Examples
    --------
    >>> from sensitivity import analyse, recommend
    >>> from sensitivity.synthetic import Trend, plant
    >>> made = plant(3000, recall=(0.9, Trend(0.6, 0.95)), prevalence=(0.7, 0.3))
    >>> analysis = analyse(made.pred_list, made.label_list, made.name_list,
    ...                    columns=made.columns, features=(), save_path=None)
    >>> advice = recommend(analysis).fired[0]
    >>> advice.code, advice.title
    ('S102', 'Only a rare class loses recall along an image feature')
    >>> [(step.kind, step.details["classes"]) for step in advice.remedy if step.kind == "augment"]
    [('augment', ['1'])]
    """
    case = prepare(analysis, lang)
    fired: list[Advice] = []
    notes: dict[str, list[Note]] = {PASSED: [], NOT_APPLICABLE: [], SKIPPED: []}
    for rule in RULES:
        answer = _ask(case, rule)
        title = rule.title(lang)
        if isinstance(answer, Aside):
            notes[answer.status].append(Note(rule.code, title, answer.reason))
            continue
        fired += [
            Advice(rule.code, rule.severity, title, found.text, found.evidence, found.steps)
            for found in answer
        ]
    fired.sort(key=lambda advice: SEVERITIES.index(advice.severity))
    return Recommendations(
        tuple(fired), tuple(notes[PASSED]), tuple(notes[NOT_APPLICABLE]), tuple(notes[SKIPPED])
    )


def _ask(case: Case, rule: Rule) -> Aside | tuple[Found, ...]:
    """A rule's answer; None becomes what was not found."""
    reason = rule.applies(case)
    if reason:
        return Aside(NOT_APPLICABLE, case.words(reason))
    answer = rule.find(case)
    if answer is not None:
        return answer
    clear = case.words(f"{rule.code}.clear")
    return Aside(PASSED, clear + sight(case, SIGHTED.get(rule.code, set())))
