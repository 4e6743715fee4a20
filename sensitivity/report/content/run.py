"""The run: how many images, how good over all; and the images that could not be read."""

from __future__ import annotations

from typing import Any

from ...advice.facts import ALL
from ...advice.values import number
from ...result import Analysis

#: Failures that are listed.
MOST_FAILURES = 200


def run(analysis: Analysis, lang: str) -> dict[str, Any]:
    """What was looked at.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    dict
        ``version``, ``task``, ``n``, ``n_classes``, ``classes``, ``n_features``, ``confidence``
        (in percent), ``accuracy`` (``value``, ``low``, ``high``), ``n_failed``, ``n_measured``
        (None where no image was opened), ``skipped`` and ``notes``.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse([0, 1, 1, 1], [0, 0, 1, 1], list("abcd"), features=(),
    ...                                save_path=None)
    >>> run(analysis, "en")["accuracy"]["value"]
    0.75
    """
    settings = analysis.settings
    overall = analysis.overall
    whole = overall[(overall["class"] == ALL) & (overall["metric"] == "accuracy")].iloc[0]
    opened = settings["n_failed"] > 0 or any(
        entry["source"] == "image" for entry in settings["features"]
    )
    return {
        "version": settings["version"],
        "task": settings["task"],
        "n": settings["n"],
        "n_classes": len(settings["classes"]),
        "classes": list(settings["classes"]),
        "n_features": len(settings["features"]),
        "confidence": f"{100 * settings['confidence']:g}",
        "accuracy": {key: number(whole[key], 4) for key in ("value", "low", "high")},
        "n_failed": settings["n_failed"],
        "n_measured": settings["n"] - settings["n_failed"] if opened else None,
        "skipped": [dict(entry) for entry in settings["skipped"]],
        "notes": list(settings["notes"]),
    }


def failures(analysis: Analysis) -> dict[str, Any]:
    """The images that could not be measured.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.

    Returns
    -------
    dict
        ``n``; ``by_status``: ``status``, ``n``, most frequent first; ``rows``: the first 200 with
        ``name``, ``stage``, ``status``, ``reason``.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse([0, 1], [0, 1], ["a.png", "b.png"],
    ...                                columns={"hour": [7, 19]}, save_path=None)
    >>> told = failures(analysis)
    >>> told["n"], told["by_status"], told["rows"][0]["name"]
    (2, [{'status': 'missing', 'n': 2}], 'a.png')
    """
    table = analysis.failures
    counts = table["status"].astype(str).value_counts()
    columns = ("name", "stage", "status", "reason")
    rows = table.head(MOST_FAILURES).to_dict("records")
    return {
        "n": analysis.settings["n_failed"],
        "by_status": [{"status": str(key), "n": int(n)} for key, n in counts.items()],
        "rows": [{key: str(row[key]) for key in columns} for row in rows],
    }
