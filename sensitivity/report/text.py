"""The report as Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from .compared import p_text
from .content.words import word
from .figures import change, count, decimals, interval, percent, points, rounded

#: Signs that Markdown, or the HTML in it, would read as markup.
_SIGNS = re.compile(r"([\\`*_\[\]<>|#~&$!])")

#: Rows of the tables.
MOST_ROWS = 60

#: Columns of a feature's table: all classes together, and so many less one.
MOST_COLUMNS = 9


def text(told: Mapping[str, Any]) -> str:
    """Write a report as Markdown.

    Parameters
    ----------
    told : mapping
        From :func:`sensitivity.report.content.content`.

    Returns
    -------
    str
        Headline, findings, every feature's table, quality, trial, comparison, failures.

    Examples
    --------
    >>> import sensitivity
    >>> from sensitivity.report.content import content
    >>> analysis = sensitivity.analyse([0, 1, 1, 1], [0, 0, 1, 1], list("abcd"), features=(),
    ...                                save_path=None)
    >>> print(text(content(analysis)).splitlines()[0])
    # Where the model is weak
    """
    lang = told["lang"]
    w = partial(_word, lang)
    run = told["run"]
    lines = [
        f"# {w('title')}",
        "",
        f"{count(run['n'])} {w('images')} · {count(run['n_classes'])} {w('classes')} · "
        f"{count(run['n_features'])} {w('features')} · {w('accuracy')} "
        f"{percent(run['accuracy']['value'])} ({w('interval', confidence=run['confidence'])} "
        f"{interval(run['accuracy'])})",
        "",
        f"## {w('findings')}",
        "",
        escaped(told["headline"]),
        "",
    ]
    lines += _findings(told, w) + _advice(told, w)
    for feature in told["features"]:
        lines += _feature(feature, w)
    lines += _slices(told, w) + _quality(told, w)
    if told["trial"] is not None:
        lines += _trial(told["trial"], w)
    if told["comparison"] is not None:
        lines += _comparison(told["comparison"], w)
    lines += _failures(told, w)
    return "\n".join(lines).rstrip("\n") + "\n"


def _word(lang: str, key: str, **fields: Any) -> str:
    found = word(key, lang)
    return found.format(**fields) if fields else found


def escaped(words: str) -> str:
    r"""A text in which Markdown reads no sign as markup.

    Parameters
    ----------
    words : str
        Any text, names of the caller's among it.

    Returns
    -------
    str
        In one line.

    Examples
    --------
    >>> print(escaped("a|b <script>"))
    a\|b \<script\>
    """
    return _SIGNS.sub(r"\\\1", " ".join(words.split()))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> list[str]:
    """A table whose first columns are text and the rest numbers."""
    marks = [":--" if place < left else "--:" for place in range(len(head))]
    body = [head, marks, *rows]
    return [*(f"| {' | '.join(row)} |" for row in body), ""]


def _findings(told: Mapping[str, Any], w: Any) -> list[str]:
    lines = []
    for found in told["findings"]:
        grade = f" ({found['grade_text']})" if found["grade_text"] else ""
        lines.append(
            f"- **{escaped(found['title'])} · {escaped(found['name'])}**: {found['verdict_text']}"
            f"{grade}. {escaped(found['sentence'])}"
        )
        if found["together"]:
            lines.append(f"  {w('findings.together')} {escaped(', '.join(found['together']))}.")
        if found["explains"]:
            lines.append(f"  {w('findings.explains')} {escaped(', '.join(found['explains']))}.")
        if found["remedy"]:
            lines.append(f"  {w('remedy')}: {escaped(found['remedy']['text'])}")
    more = told["n_further"]
    lines += ["", w("findings.more", n=f"{more:,}")] if more else []
    return [*lines, ""] if lines else []


def _advice(told: Mapping[str, Any], w: Any) -> list[str]:
    fired = told["advice"]["fired"]
    lines = [f"## {w('advice')}", ""] if fired else []
    for rule in fired:
        lines.append(f"- **{escaped(rule['title'])}** ({rule['code']}): {escaped(rule['text'])}")
        lines += [f"  - {escaped(step['text'])}" for step in rule["remedy"]]
    return [*lines, ""] if lines else []


def _feature(feature: Mapping[str, Any], w: Any) -> list[str]:
    lines = [f"## {escaped(feature['title'])} ({escaped(feature['feature'])})", ""]
    told = [row for row in feature["panels"] if row["strength"] in ("real", "candidate")]
    for row in [*feature["panels"][:1], *(row for row in told if row["class"] != "all")]:
        lines.append(
            f"- **{escaped(row['name'])}**: {row['verdict_text']}. {escaped(row['sentence'])}"
        )
    shown = feature["panels"][:MOST_COLUMNS]
    head = [w("bin"), w("values"), w("n"), *(escaped(row["name"]) for row in shown)]
    rows = [
        [escaped(each["label"]), escaped(each["range"]), count(each["n"])]
        + [_cell(row, place) for row in shown]
        for place, each in enumerate(feature["bins"])
    ]
    for key in ("std", "std_chance"):
        rows.append([w(key), "", "", *(decimals(row[key]) for row in shown)])
    n_more = len(feature["panels"]) - len(shown) + feature["n_left_out"]
    more = [w("panels.left_out", n=count(n_more)), ""] if n_more else []
    about = [
        w("table.metrics", every_class=w("every_class")),
        w("table.about", few=w("table.brackets")),
    ]
    return [*lines, "", escaped(" ".join(about)), "", *_table(head, rows, left=2), *more]


def _cell(row: Mapping[str, Any], place: int) -> str:
    """One value; of few images in brackets, with their number."""
    value = row["value"][place]
    few = value is not None and row["low_support"][place]
    return f"({percent(value)}, n {row['n_bin'][place]})" if few else percent(value)


def _left_out(n_more: int, w: Any) -> list[str]:
    return [w("rows.left_out", n=count(n_more)), ""] if n_more > 0 else []


def _slices(told: Mapping[str, Any], w: Any) -> list[str]:
    found = told["slices"]
    lines = [f"## {w('slices')}", "", escaped(found["sentence"]), ""]
    if found["rows"]:
        head = [w("slices.where"), w("class"), w("n"), w("value"), "", w("expected"), "p"]
        rows = [
            [
                escaped(" × ".join(row["where"])),
                escaped(row["class"]),
                count(row["n"]),
                percent(row["value"]),
                interval(row),
                percent(row["expected"]),
                p_text(row["p_holm"]),
            ]
            for row in found["rows"]
        ]
        lines += _table(head, rows, left=2)
    return lines


def _quality(told: Mapping[str, Any], w: Any) -> list[str]:
    quality = told["quality"]
    metrics = ("recall", "precision", "f1", *(("auc",) if quality["has_auc"] else ()))
    head = [w("class"), w("n"), *(w(f"metric.{metric}") for metric in metrics)]
    rows = [
        [escaped(row["class"]), count(row["n"])]
        + [f"{percent(row[metric]['value'])} ({interval(row[metric])})" for metric in metrics]
        for row in quality["classes"][:MOST_ROWS]
    ]
    totals = [[row["name"], percent(row["value"]), interval(row)] for row in quality["totals"]]
    head_totals = [
        w("every_class"),
        w("value"),
        w("interval", confidence=told["run"]["confidence"]),
    ]
    more = _left_out(quality["n_classes"] - len(rows), w)
    return [f"## {w('quality')}", "", *_table(head_totals, totals), *_table(head, rows), *more]


def _trial(trial: Mapping[str, Any], w: Any) -> list[str]:
    lines = [f"## {w('trial')}", "", escaped(trial["sentence"]), "", escaped(trial["policy"]), ""]
    lines += [escaped(trial["refusal"]), "", w("trial.table"), ""]
    keys = ["accuracy", *trial["recalls"]]
    head = [w("strategy"), *(escaped(key.partition(":")[2] or w("accuracy")) for key in keys)]
    rows = [
        [escaped(row["title"])] + [_metric(row, key) for key in keys] + [rounded(row["passes"])]
        for row in trial["strategies"]
    ]
    checks = [
        f"- {escaped(row['title'])}: {escaped(row['sentence'])}" for row in trial["interventions"]
    ]
    return [*lines, *_table([*head, w("passes")], rows), *checks, ""]


def _metric(row: Mapping[str, Any], key: str) -> str:
    if key not in row["metrics"]:
        return "–"
    value = percent(row["metrics"][key]["value"])
    return value if row["is_original"] else f"{value} ({change(row['metrics'][key])})"


def _comparison(told: Mapping[str, Any], w: Any) -> list[str]:
    head = [
        w("class"),
        w("value"),
        w("n"),
        w("comparison.other"),
        w("comparison.this"),
        w("chart.points"),
    ]
    rows = [
        [
            escaped(row["class"]),
            row["name"],
            count(row["n"]),
            percent(row["value_a"]),
            percent(row["value_b"]),
            change(row),
        ]
        for row in told["overall"][:MOST_ROWS]
    ]
    trends = [
        [
            escaped(row["title"]),
            escaped(row["class"]),
            count(row["n"]),
            points(row["change_first"]),
            points(row["change_last"]),
            p_text(row["q"]),
        ]
        for row in told["trends"]
    ]
    heads = [w("feature"), w("class"), w("n"), w("comparison.lowest"), w("comparison.highest"), "q"]
    lines = [f"## {w('comparison')}", "", escaped(told["sentence"]), "", told["along"], ""]
    lines += _table(head, rows, left=2) + _left_out(told["n_overall"] - len(rows), w)
    if trends:
        lines += _table(heads, trends, left=2) + _left_out(told["n_trends"] - len(trends), w)
    return lines


def _failures(told: Mapping[str, Any], w: Any) -> list[str]:
    found = told["failures"]
    if not found["n"]:
        return []
    rows = [[escaped(row["name"]), row["status"], escaped(row["reason"])] for row in found["rows"]]
    head = [w("name"), w("status"), w("reason")]
    return [
        f"## {w('failures')}",
        "",
        count(found["n"]),
        "",
        *_table(head, rows[:MOST_ROWS], left=3),
        *_left_out(found["n"] - len(rows[:MOST_ROWS]), w),
    ]
