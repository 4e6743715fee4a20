"""Which column of a file of predictions is what, told from the header alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import InputError

#: Headers of the names, the true and the predicted class; the first one found counts.
NAME_HEADERS = ("name", "filename", "file", "path", "image")
LABEL_HEADERS = ("label", "target", "y_true")
PRED_HEADERS = ("pred", "prediction", "predicted", "y_pred")
#: One column per class, ``score_0`` or ``score_cat``; without a suffix one score, or a list.
SCORE_PREFIXES = ("score", "logit", "prob")

_SCORE = re.compile(rf"({'|'.join(SCORE_PREFIXES)})s?(?:_(.+))?", re.IGNORECASE)


@dataclass(frozen=True)
class Roles:
    """What each column is; empty text or tuple: there is none.

    Attributes
    ----------
    name, label, pred : str
        Columns of names, true classes and predicted classes.
    scores : tuple of str
        Columns of scores in the order of the classes.
    classes : tuple of str
        Class names, when the score columns bear them.
    score : str
        A single column of scores: of class 1, or lists with one score per class.
    index : str
        Only for `is_timm`: the predicted class as an index; `pred` is its name.
    others : tuple of str
        All other columns: covariates and groups.
    is_timm : bool
        The file is of timm's inference script.
    """

    name: str
    label: str = ""
    pred: str = ""
    scores: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    score: str = ""
    index: str = ""
    others: tuple[str, ...] = ()
    is_timm: bool = False


def find_roles(headers: Sequence[str], where: str) -> Roles:
    """Tell the columns of a file apart.

    Parameters
    ----------
    headers : sequence of str
        Column names; letter case does not count, a column without a name is passed over.
    where : str
        The file, for messages.

    Returns
    -------
    Roles
        Score columns are in numeric order, or in the file's order when they bear class names.

    Raises
    ------
    InputError
        A header twice, no column of names, nothing predicted, or score columns with a gap,
        of two kinds, or some with numbers and some with names.

    Examples
    --------
    >>> roles = find_roles(["name", "label", "score_1", "score_0", "lamp"], "p.csv")
    >>> roles.scores, roles.others
    (('score_0', 'score_1'), ('lamp',))
    """
    twice = [header for header, count in Counter(headers).items() if count > 1 and header]
    if twice:
        raise InputError("columns", "expected each header once", got=repr(twice[0]), where=where)
    timm = _timm_roles(headers)
    if timm is not None:
        return timm

    name = _first(headers, NAME_HEADERS)
    if not name:
        raise InputError(
            "columns",
            f"expected one of {', '.join(NAME_HEADERS)} for the names",
            got=", ".join(headers)[:200] or "no header",
            where=where,
        )
    label, pred = _first(headers, LABEL_HEADERS), _first(headers, PRED_HEADERS)
    scores, classes, score = _score_columns(headers, where)
    if not (pred or scores or score):
        raise InputError(
            "columns",
            "expected pred, or score_0, score_1, … (also logit_…, prob_…)",
            got=", ".join(headers)[:200],
            where=where,
        )
    used = {name, label, pred, score, *scores, ""}
    others = tuple(header for header in headers if header not in used)
    return Roles(name, label, pred, scores, classes, score, others=others)


def _first(headers: Sequence[str], wanted: Sequence[str]) -> str:
    by_lower = {header.lower(): header for header in reversed(headers)}
    return next((by_lower[header] for header in wanted if header in by_lower), "")


def _score_columns(
    headers: Sequence[str], where: str
) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return columns and class names of one score per class, or the one column of scores."""
    found = [(m, header) for header in headers if (m := _SCORE.fullmatch(header))]
    suffixed = [(m[1].lower(), m[2], header) for m, header in found if m[2]]
    if not suffixed:
        return (), (), found[0][1] if found else ""
    prefixes = sorted({prefix for prefix, _, _ in suffixed})
    if len(prefixes) > 1:
        got = " and ".join(f"{prefix}_…" for prefix in prefixes)
        raise InputError("columns", "expected one kind of score columns", got=got, where=where)

    numbered = [entry for entry in suffixed if entry[1].isdecimal()]
    named = [entry for entry in suffixed if not entry[1].isdecimal()]
    if len(suffixed) == 1 and named:  # one class alone is no classifier: a covariate
        return (), (), ""
    if numbered and named:
        raise InputError(
            "columns",
            "expected score columns with numbers or with class names",
            got=f"{numbered[0][2]} and {named[0][2]}",
            where=where,
        )
    if named:
        return tuple(h for _, _, h in named), tuple(suffix for _, suffix, _ in named), ""
    by_index = {int(suffix): header for _, suffix, header in numbered}
    if list(by_index) == [1] and len(numbered) == 1:  # the probability of class 1 alone
        return (), (), by_index[1]
    if sorted(by_index) != list(range(len(numbered))) or len(numbered) == 1:
        gap = next(i for i in range(len(numbered) + 1) if i not in by_index)
        rule = f"expected {prefixes[0]}_0, {prefixes[0]}_1, … without a gap"
        raise InputError("columns", rule, got=f"no {prefixes[0]}_{gap}", where=where)
    return tuple(by_index[index] for index in sorted(by_index)), (), ""


def _timm_roles(headers: Sequence[str]) -> Roles | None:
    """Recognise ``filename, [index], [label], prob|logit``, also with ranks: ``prob_0``.

    Its ``label`` is the predicted class, in words. Numbered columns are ranks, not classes,
    where an index or a label is numbered with them.
    """
    if "filename" not in headers:
        return None
    rest = {header for header in headers if header not in ("filename", "")}
    stems = {re.sub(r"_[0-9]+$", "", header) for header in rest}
    is_complete = bool(stems & {"index", "label"} and stems & {"prob", "logit"})
    if not is_complete or not stems <= {"index", "label", "prob", "logit"}:
        return None
    is_ranked = bool(rest & {"index_0", "label_0"})
    if not is_ranked and rest - stems:  # label beside prob_0, prob_1, …: one column per class
        return None
    suffix = "_0" if is_ranked else ""
    index, label = f"index{suffix}", f"label{suffix}"
    return Roles(
        "filename",
        pred=label if label in rest else "",
        index=index if index in rest else "",
        is_timm=True,
    )
