"""What the first page says: a finding per cause that can be told, each with a remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ...advice.values import number

#: Findings on the first page.
MOST_FINDINGS = 5

Row = Mapping[Any, Any]


def findings(
    features: Sequence[Mapping[str, Any]], own: pd.DataFrame, advice: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """One per group of features that travel together, of the class that varies most.

    Parameters
    ----------
    features : sequence of mapping
        Of the report, with their panels.
    own : pandas.DataFrame
        Real rows and candidates of the trends, in their order, without those that only mirror
        the errors of the other of two classes: the sentence of that one tells of both.
    advice : mapping
        The recommendations, as a dict.

    Returns
    -------
    list of dict
        At most five: ``feature``, ``id``, ``title``, ``class``, ``name``, ``n``, ``q``,
        ``sentence``, verdict and grade with their texts; ``also``: the feature's other rows;
        ``explains``: titles of the features whose rows this one accounts for; ``together``: of
        those with findings that travel with it; ``n_rows``: all of these rows; ``remedy``.

    Examples
    --------
    >>> import sensitivity
    >>> from sensitivity.report.content.whole import content
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
    ...     columns={"hour": range(40)}, features=(), save_path=None)
    >>> content(analysis)["findings"]
    []
    """
    panels = {(f["feature"], p["class"]): (f, p) for f in features for p in f["panels"]}
    titles = {f["feature"]: f["title"] for f in features}
    told: dict[str, list[Row]] = {}
    for each in own.to_dict("records"):
        told.setdefault(str(each["feature"]), []).append(each)
    explained, together = _folded(told)
    found = []
    for name, rows in told.items():
        # Those without a panel are beyond the most panels, far behind all that is told.
        drawn = [row for row in rows if (name, str(row["class"])) in panels]
        if name in explained or name in together or not drawn:
            continue
        strongest = [row for row in drawn if row["strength"] == drawn[0]["strength"]]
        row: Row = max(strongest, key=lambda row: number(row["spread"]) or 0.0)
        feature, shown = panels[name, str(row["class"])]
        others = [panels[name, str(other["class"])][1] for other in drawn if other is not row]
        folded = [[key for key, by in each.items() if by == name] for each in (explained, together)]
        found.append(
            {
                "feature": name,
                "id": feature["id"],
                "title": feature["title"],
                **{key: shown[key] for key in ("class", "name", "n", "q", "sentence")},
                **{key: shown[key] for key in ("verdict", "verdict_text", "grade", "grade_text")},
                "also": [{key: p[key] for key in ("name", "verdict_text")} for p in others],
                "explains": [titles[key] for key in folded[0]],
                "together": [titles[key] for key in folded[1]],
                "n_rows": len(rows) + sum(len(told[key]) for keys in folded for key in keys),
                "remedy": _remedy(name, shown["class"], advice),
            }
        )
    return found[:MOST_FINDINGS]


def _folded(told: Mapping[str, Sequence[Row]]) -> tuple[dict[str, str], dict[str, str]]:
    """Features that need no place of their own, and whose place they share.

    Those all of whose rows are accounted for by features with findings; then those that travel
    with one that comes before them.
    """
    explained: dict[str, str] = {}
    for name, rows in told.items():
        by = [str(row["explained_by"] or "") for row in rows]
        # Of two that explain each other, in classes of their own, one stays.
        if all(each in told and each not in explained for each in by):
            explained[name] = by[0]
    together: dict[str, str] = {}
    for name, rows in told.items():
        mates = str(rows[0]["travels_with"] or "").split(", ")
        if name in explained or name in together:
            continue
        for mate in mates:
            behind = mate in told and mate not in explained and mate not in together
            if behind and list(told).index(mate) > list(told).index(name):
                together[mate] = name
    # What is accounted for by one that is folded itself shares the place of that one.
    explained = {name: together.get(by, by) for name, by in explained.items()}
    return explained, together


def _remedy(feature: str, name: str, advice: Mapping[str, Any]) -> dict[str, str] | None:
    """The first step that is advised about a feature, of this class where there is one."""
    steps = [
        (name in step["details"].get("classes", []), rule["code"], step)
        for rule in advice["fired"]
        for step in rule["remedy"]
        if step["details"].get("feature") == feature
    ]
    if not steps:
        return None
    _, code, step = max(steps, key=lambda found: found[0])
    return {"code": code, "kind": step["kind"], "text": step["text"]}
