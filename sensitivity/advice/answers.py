"""What the rules answer: advice with its evidence and its remedy, and what did not fire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..encoding import plain

#: What a step of a remedy is: something done to images at test time, to the training, to the
#: data, to the decision, or something to look at first.
KINDS = ("view", "augment", "collect", "operating point", "check")

SEVERITIES = ("high", "medium", "low")

PASSED, NOT_APPLICABLE, SKIPPED = "passed", "not applicable", "skipped"


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Attributes
    ----------
    kind : str
        One of :data:`KINDS`.
    text : str
        The step in words.
    details : mapping
        The same for a program: feature, ``low`` and ``high`` edges (None: open), class,
        direction, views with their doses, numbers of images.
    """

    kind: str
    text: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Advice:
    """A rule that fired.

    Attributes
    ----------
    code : str
        The rule's, such as ``"S101"``; it stays the same from version to version.
    severity : {"high", "medium", "low"}
        The rule's.
    title : str
        What the rule is about.
    text : str
        What was found, in one or two sentences with their numbers.
    evidence : mapping
        The numbers, unrounded: proportions, differences of proportions, counts.
    remedy : tuple of Step
        What to do, the first thing first.
    """

    code: str
    severity: str
    title: str
    text: str
    evidence: Mapping[str, Any]
    remedy: tuple[Step, ...]


@dataclass(frozen=True)
class Note:
    """A rule that did not fire, and why.

    Attributes
    ----------
    code, title : str
        As of :class:`Advice`.
    reason : str
        What was looked at and not found, why the rule says nothing of such data, or what is
        missing.
    """

    code: str
    title: str
    reason: str


@dataclass(frozen=True)
class Recommendations:
    """The answers of all rules; each rule is in one of the four.

    Attributes
    ----------
    fired : tuple of Advice
        Severe ones first; a rule may fire more than once.
    passed : tuple of Note
        Looked at, and nothing beyond chance was found. That is not a proof that nothing is
        there: the reason says what would have been seen, where it is known.
    not_applicable : tuple of Note
        Rules for other tasks, or for what these data do not have.
    skipped : tuple of Note
        Not decided: hints that are no findings, and what could not be tested.
    """

    fired: tuple[Advice, ...]
    passed: tuple[Note, ...]
    not_applicable: tuple[Note, ...]
    skipped: tuple[Note, ...]

    def to_dict(self) -> dict[str, Any]:
        """The recommendations as JSON can hold them.

        Returns
        -------
        dict
            The four lists by their names; undefined numbers are None.

        Examples
        --------
        >>> Recommendations((), (Note("S101", "title", "reason"),), (), ()).to_dict()["passed"]
        [{'code': 'S101', 'title': 'title', 'reason': 'reason'}]
        """
        fired = [
            {
                "code": advice.code,
                "severity": advice.severity,
                "title": advice.title,
                "text": advice.text,
                "evidence": plain(dict(advice.evidence)),
                "remedy": [
                    {"kind": step.kind, "text": step.text, "details": plain(dict(step.details))}
                    for step in advice.remedy
                ],
            }
            for advice in self.fired
        ]
        rest = {
            name: [
                {"code": note.code, "title": note.title, "reason": note.reason}
                for note in getattr(self, name)
            ]
            for name in ("passed", "not_applicable", "skipped")
        }
        return {"fired": fired, **rest}


@dataclass(frozen=True)
class Found:
    """What a rule found: the parts of an :class:`Advice` that are its own.

    Attributes
    ----------
    text : str
        What was found.
    evidence : mapping
        Its numbers.
    steps : tuple of Step
        What to do.
    """

    text: str
    evidence: Mapping[str, Any]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Aside:
    """Why a rule says nothing.

    Attributes
    ----------
    status : {"passed", "not applicable", "skipped"}
        Where it is listed.
    reason : str
        In words.
    """

    status: str
    reason: str


#: What a rule answers; None: looked at, nothing found.
Answer = tuple[Found, ...] | Aside | None
