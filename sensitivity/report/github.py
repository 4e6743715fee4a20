"""A page for the summary of a CI job: gates, findings and classes in Markdown."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..advice.facts import ALL, CANDIDATE, REAL
from ..advice.findings import findings
from ..advice.overview import headline
from ..advice.templates import LANGUAGES
from ..errors import OptionError
from ..records import FAIL, INCONCLUSIVE, PASS, Gate
from ..result import Analysis
from ..trends import own_rows
from .cell_text import interval
from .columns import clean, shortened
from .gated import measured, place_of, sentence_of

#: GitHub refuses a summary of 1 MiB, and drops one of a few bytes less without a word.
MOST_BYTES = 1_000_000

#: Columns of a name in a table.
_NAME = 60
#: Characters of a sentence: more only if a name in it is absurd.
_SENTENCE = 2_000
#: Bytes kept free for the line that says which parts are left out.
_LAST = 350

TEXTS = {
    "title": ("Sensitivity", "敏感度分析"),
    "gates": ("Gates", "门禁"),
    PASS: ("✅ pass", "✅ 通过"),
    FAIL: ("❌ fail", "❌ 不通过"),
    INCONCLUSIVE: ("⚠️ inconclusive", "⚠️ 无法判定"),
    "gate_head": ("| | gate | measured |", "| | 门禁 | 测得 |"),
    "why": ("What broke a gate, or left it open", "未通过或无法判定之处"),
    "why_head": (
        "| gate | where | value | images | because |",
        "| 门禁 | 位置 | 值 | 图像数 | 原因 |",
    ),
    "whole": ("The whole set", "整个数据集"),
    "whole_head": ("| metric | value |", "| 指标 | 值 |"),
    "accuracy": ("accuracy", "准确率"),
    "balanced_accuracy": ("balanced accuracy", "平衡准确率"),
    "macro_f1": ("macro F1", "宏平均F1值"),
    REAL: ("Real", "成立"),
    CANDIDATE: ("Candidates: look, do not act yet", "迹象：先查看，不宜据此行动"),
    "classes": ("Classes, lowest F1 first", "类别（按F1值由低到高）"),
    "class_head": (
        "| class | images | recall | precision | F1 |",
        "| 类别 | 图像数 | 召回率 | 精确率 | F1值 |",
    ),
    "notes": ("Notes", "说明"),
    "left": ("{n} more are left out here.", "此处另有{n}项未列出。"),
    "omitted": ("Left out, for there is no room: {names}.", "因篇幅所限未列出：{names}。"),
}

#: What Markdown, HTML, formulas, addresses and emoji are made of.
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~&@$!]|:(?=\S)|(?<=www)\.")
#: What makes a list or a heading of a line that begins with it.
_START = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)]))")


@dataclass(frozen=True)
class _Section:
    """A heading, what stands before the rows, and the rows, of which some may be left out."""

    title: str
    head: tuple[str, ...]
    rows: tuple[str, ...]
    #: Rows that exist, more than `rows` where not all were made.
    total: int


def step_summary(
    analysis: Analysis,
    *,
    gates: Sequence[Gate] = (),
    lang: str = "en",
    rows: int = 50,
    most_bytes: int = MOST_BYTES,
) -> str:
    """An analysis, and the gates it was judged by, as a page for the summary of a CI job.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    gates : sequence of Gate, optional
        From :func:`sensitivity.gates.judge`: they come first.
    lang : {"en", "zh"}, default "en"
        Language; what the gates say is in English.
    rows : int, default 50
        Most rows of each part. At least 1.
    most_bytes : int, default 1,000,000
        Most bytes of UTF-8. At least 1,000. GitHub's limit is 1 MiB per step.

    Returns
    -------
    str
        GitHub's Markdown, with a line end. Names are escaped: they are no table cells, links,
        HTML or formulas. Each part says how many of its rows are left out.

    Raises
    ------
    OptionError
        Another language, or a number too small.

    Examples
    --------
    >>> from sensitivity import analyse
    >>> analysis = analyse([0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...                    features=(), save_path=None)
    >>> step_summary(analysis).splitlines()[:5]
    ['## Sensitivity', '', 'Nothing was tested: no feature was analysed.', '', '### The whole set']
    """
    if lang not in LANGUAGES:
        raise OptionError("lang", f"expected {' or '.join(LANGUAGES)}", got=repr(lang))
    bounds: dict[str, tuple[Any, int]] = {"rows": (rows, 1), "most_bytes": (most_bytes, 1_000)}
    for name, (number, least) in bounds.items():
        if not isinstance(number, (int, np.integer)) or number < least:
            rule = f"expected a whole number, {least:,} or more"
            raise OptionError(name, rule, got=repr(number))
    said = _cut(escaped(headline(analysis, lang=lang)), (most_bytes - 2 * _LAST) // 4)
    pages, omitted = [f"## {_text('title', lang)}\n\n{said}\n"], []
    room = most_bytes - _LAST - len(pages[0].encode())
    for section in _sections(analysis, gates, rows, lang):
        pages.append(_fitting(section, room, lang))
        room -= len(pages[-1].encode())
        omitted += [] if pages[-1] else [section.title]
    if omitted:
        pages.append(f"\n{_text('omitted', lang).format(names=', '.join(omitted))}\n")
    return "".join(pages)


def escaped(text: str) -> str:
    r"""A text from outside as plain text of Markdown, on one line.

    Parameters
    ----------
    text : str
        A name, or a sentence with names in it.

    Returns
    -------
    str
        Control characters, and those that turn the direction of writing, are made visible.

    Examples
    --------
    >>> print(escaped("a|b <b>*"))
    a\|b \<b\>\*
    >>> print(escaped("1. see [www.x.y](https://x.y)"))
    1\. see \[www\.x.y\](https\://x.y)
    """
    plain = _SPECIAL.sub(lambda match: "\\" + match[0], clean(text))
    return _START.sub(lambda match: f"{match[1]}{match[3] or ''}\\{match[2] or match[4]}", plain)


def _text(key: str, lang: str) -> str:
    return TEXTS[key][LANGUAGES.index(lang)]


def _cut(text: str, most: int = _SENTENCE) -> str:
    most = min(most, _SENTENCE)
    return text if len(text) <= most else text[:most].rstrip("\\") + "…"


def _name(text: str) -> str:
    return escaped(shortened(clean(text[: 4 * _NAME]), _NAME))


def _fitting(section: _Section, room: int, lang: str) -> str:
    """As many rows as there is room for, and how many there are more; nothing without a row."""
    start = "\n".join([f"\n### {section.title}\n", *section.head])
    # As long as the last line can become.
    room -= len((start + "\n\n" + _text("left", lang)).encode()) + 20
    kept: list[str] = []
    for row in section.rows:
        size = len(row.encode()) + 1
        if size <= room:
            kept.append(row)
            room -= size
    if not kept or room < 0:
        return ""
    left = section.total - len(kept)
    more = [f"\n{_text('left', lang).format(n=f'{left:,}')}"] if left else []
    return "\n".join([start, *kept, *more]) + "\n"


def _sections(
    analysis: Analysis, gates: Sequence[Gate], most: int, lang: str
) -> Iterator[_Section]:
    if gates:
        yield from _gate_sections(gates, most, lang)
    yield _whole(analysis, lang)
    for strength in (REAL, CANDIDATE):
        yield from _findings(analysis, strength, most, lang)
    yield _classes(analysis, most, lang)
    notes = analysis.settings["notes"]
    if notes:
        lines = tuple(f"- {_cut(escaped(note))}" for note in notes[:most])
        yield _Section(_text("notes", lang), (), lines, len(notes))


def _gate_sections(gates: Sequence[Gate], most: int, lang: str) -> Iterator[_Section]:
    ranked = sorted(gates, key=lambda gate: (FAIL, INCONCLUSIVE, PASS).index(gate.status))
    lines = tuple(
        _row(_text(gate.status, lang), _name(gate.name), _cut(escaped(sentence_of(gate))))
        for gate in ranked[:most]
    )
    head = (_text("gate_head", lang), "|---|---|---|")
    yield _Section(_text("gates", lang), head, lines, len(gates))
    broken = [(gate, row) for gate in ranked if len(gate.rows) > 1 for row in gate.rows]
    if broken:
        lines = tuple(
            _row(
                _name(gate.name),
                _name(place_of(row)),
                escaped(measured(row, gate)),
                f"{row.n:,}",
                _name(row.reason),
            )
            for gate, row in broken[:most]
        )
        head = (_text("why_head", lang), "|---|---|---|---:|---|")
        yield _Section(_text("why", lang), head, lines, len(broken))


def _whole(analysis: Analysis, lang: str) -> _Section:
    rows = analysis.overall[analysis.overall["class"] == ALL].set_index("metric")
    lines = tuple(
        _row(_text(name, lang), _interval(rows.loc[name].to_dict()))
        for name in ("accuracy", "balanced_accuracy", "macro_f1")
        if name in rows.index
    )
    return _Section(
        _text("whole", lang), (_text("whole_head", lang), "|---|---|"), lines, len(lines)
    )


def _findings(analysis: Analysis, strength: str, most: int, lang: str) -> Iterator[_Section]:
    # Of two rows that mirror each other, the sentence of one tells of both.
    own = own_rows(analysis.trends)
    total = int((own["strength"] == strength).sum())
    if not total:
        return
    counts = analysis.trends["strength"].value_counts()
    # Real ones come first, then candidates.
    first = int(counts.get(REAL, 0)) if strength == CANDIDATE else 0
    limit = first + min(most + len(analysis.trends) - len(own), int(counts[strength]))
    found = findings(analysis, lang=lang, limit=limit)[first:]
    told = [finding for finding in found if not finding.told_by][:most]
    lines = tuple(f"- {_cut(escaped(finding.sentence))}" for finding in told)
    yield _Section(_text(strength, lang), (), lines, total)


def _classes(analysis: Analysis, most: int, lang: str) -> _Section:
    names = analysis.settings["classes"]
    rows = analysis.overall[analysis.overall["class"].isin(names)]
    f1 = rows[rows["metric"] == "f1"].sort_values("value", kind="stable")["class"]
    shown = [str(name) for name in f1[:most]]
    cells = {
        (row["class"], row["metric"]): row
        for row in rows[rows["class"].isin(shown)].to_dict("records")
    }
    lines = tuple(
        _row(
            _name(name),
            f"{cells[name, 'f1']['n']:,}",
            *(_interval(cells.get((name, key), {})) for key in ("recall", "precision", "f1")),
        )
        for name in shown
    )
    head = (_text("class_head", lang), "|---|---:|---|---|---|")
    return _Section(_text("classes", lang), head, lines, len(names))


def _interval(row: dict[Any, Any]) -> str:
    found = {key: row.get(key, math.nan) for key in ("value", "low", "high")}
    return escaped(
        interval({key: value if math.isfinite(value) else None for key, value in found.items()})
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
