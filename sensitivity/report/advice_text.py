"""Recommendations: as a dict, and as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..advice.overview import headline
from ..advice.recommending import recommend
from ..advice.templates import LANGUAGES
from ..result import Analysis
from .cell_text import WIDTH
from .columns import clean, display_width, styled, wrapped

#: What the page says around the advice.
WORDS = {
    "title": ("Recommendations", "建议"),
    "none": (
        "Nothing to recommend: no rule found anything that is real.",
        "没有建议：没有规则发现成立的结果。",
    ),
    "high": ("high", "高"),
    "medium": ("medium", "中"),
    "low": ("low", "低"),
    "view": ("at test time", "测试时"),
    "augment": ("training", "训练"),
    "collect": ("data", "数据"),
    "operating point": ("decision", "判定"),
    "check": ("look first", "先查看"),
    "skipped": ("Not decided", "未作判断"),
    "passed": ("Passed", "通过"),
    "not_applicable": ("Not applicable", "不适用"),
    "head": ("{code} {title} ({severity})", "{code} {title}（{severity}）"),
    "note": ("{code} {title}: {reason}", "{code} {title}：{reason}"),
    "codes": ("{key}: {codes}{more}", "{key}：{codes}{more}"),
    "all": (" (--all says what was looked at)", "（--all 显示详情）"),
}

_KINDS = ("view", "augment", "collect", "operating point", "check")


def advice_summary(analysis: Analysis, *, lang: str = "en") -> dict[str, Any]:
    """What is recommended, and the run that it is about.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    lang : {"en", "zh"}, default "en"
        Language.

    Returns
    -------
    dict
        JSON-able; undefined numbers are None. ``lang``, ``n`` images, ``headline``: the run in one
        sentence; ``fired`` (``code``, ``severity``, ``title``, ``text``, ``evidence``, ``remedy``:
        steps with ``kind``, ``text`` and ``details``), and ``passed``, ``not_applicable``,
        ``skipped`` (``code``, ``title``, ``reason``).

    Raises
    ------
    OptionError
        Another language.

    Examples
    --------
    >>> from sensitivity import analyse
    >>> analysis = analyse([0, 1] * 40, [0, 1] * 40, [f"{i}.png" for i in range(80)],
    ...                    features=(), n_bins=2, save_path=None)
    >>> found = advice_summary(analysis)
    >>> found["n"], found["fired"], found["not_applicable"][0]["reason"]
    (80, [], 'No image feature was analysed.')
    """
    return {
        "lang": lang,
        "n": analysis.settings["n"],
        "headline": headline(analysis, lang=lang),
        **recommend(analysis, lang=lang).to_dict(),
    }


def render_advice(
    summary: Mapping[str, Any], *, colour: bool, everything: bool = False, width: int = WIDTH
) -> str:
    """What is recommended, each with its evidence and steps; then what was not decided.

    Parameters
    ----------
    summary : mapping
        From :func:`advice_summary`.
    colour : bool
        Whether to use ANSI styles.
    everything : bool, default False
        Also what passed and what does not apply, with the reasons; else their codes alone.
    width : int, default 100
        Columns.

    Returns
    -------
    str
        Lines without a last newline.

    Examples
    --------
    >>> rest = {"passed": [], "not_applicable": [], "skipped": []}
    >>> found = {"lang": "en", "n": 80, "headline": "Nothing was tested.", "fired": [], **rest}
    >>> print(render_advice(found, colour=False))
    Recommendations
    <BLANKLINE>
    Nothing to recommend: no rule found anything that is real.
    Nothing was tested.
    """
    at = LANGUAGES.index(summary["lang"])
    lines = [styled(WORDS["title"][at], "bold", colour=colour), ""]
    if not summary["fired"]:
        lines += wrapped(WORDS["none"][at], width)
    lines += wrapped(clean(summary["headline"]), width)
    for advice in summary["fired"]:
        lines += ["", *_advice_lines(advice, at, width, colour=colour)]
    if summary["skipped"]:
        lines += ["", *_note_lines("skipped", summary["skipped"], at, width, colour=colour)]
    rest = [key for key in ("passed", "not_applicable") if summary[key]]
    if everything:
        for key in rest:
            lines += ["", *_note_lines(key, summary[key], at, width, colour=colour)]
    elif rest:
        lines.append("")
        for key in rest:
            codes = ", ".join(note["code"] for note in summary[key])
            more = WORDS["all"][at] if key == rest[-1] else ""
            text = WORDS["codes"][at].format(key=WORDS[key][at], codes=codes, more=more)
            lines += [styled(line, "dim", colour=colour) for line in wrapped(text, width)]
    return "\n".join(lines)


def _advice_lines(advice: Mapping[str, Any], at: int, width: int, *, colour: bool) -> list[str]:
    severity = WORDS[advice["severity"]][at]
    head = WORDS["head"][at].format(code=advice["code"], title=advice["title"], severity=severity)
    lines = [styled(line, "bold", colour=colour) for line in wrapped(head, width, indent="  ")]
    lines += _indented(clean(advice["text"]), "  ", width)
    column = max(display_width(WORDS[kind][at]) for kind in _KINDS)
    for step in advice["remedy"]:
        kind = WORDS[step["kind"]][at]
        blanks = " " * (column - display_width(kind))
        first, *rest = wrapped(clean(step["text"]), width - column - 6)
        lines.append(f"  → {kind}{blanks}  {first}")
        lines += [" " * (column + 6) + line for line in rest]
    return lines


def _note_lines(
    key: str, notes: Sequence[Mapping[str, Any]], at: int, width: int, *, colour: bool
) -> list[str]:
    lines = [styled(WORDS[key][at], "bold", colour=colour)]
    for note in notes:
        text = WORDS["note"][at].format(**{name: clean(note[name]) for name in note})
        lines += _indented(text, "  ", width)
    return lines


def _indented(text: str, indent: str, width: int) -> list[str]:
    return [indent + line for line in wrapped(text, width - len(indent))]
