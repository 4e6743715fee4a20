"""Two models on the same images, for a report of the second."""

from __future__ import annotations

from typing import Any

from ...advice.facts import ALL
from ...advice.remedy_names import feature_title
from ...advice.values import number
from ...records import Comparison
from .words import word

#: Rows of features, and classes, that are shown.
MOST_TRENDS, MOST_CLASSES = 12, 40

#: As for trends of one model.
REAL_Q = 0.05

NUMBERS = ("value_a", "value_b", "change", "low", "high", "p")


def compared(comparison: Comparison, lang: str) -> dict[str, Any]:
    """What the model does better or worse than another.

    Parameters
    ----------
    comparison : Comparison
        From :func:`sensitivity.compare`: of a baseline with the result that is reported.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    dict
        ``sentence``; ``n``; ``overall``: ``class``, ``metric``, ``name``, ``n``, ``value_a``,
        ``value_b``, ``change``, ``low``, ``high``, ``p``, ``corrected``, ``corrupted``, all
        classes together first; ``trends``: ``feature``, ``title``, ``class``, ``n``,
        ``change_first``, ``change_last``, ``q``, ``is_real``; ``n_real``; ``notes``.

    Examples
    --------
    >>> import sensitivity
    >>> labels, names = [0, 1] * 50, [f"{i}.png" for i in range(100)]
    >>> a, b = (sensitivity.analyse([1 - y if i % 10 < wrong else y for i, y in enumerate(labels)],
    ...                             labels, names, features=(), save_path=None)
    ...         for wrong in (2, 1))
    >>> print(compared(sensitivity.compare(a, b), "en")["sentence"])
    On 100 images that both judged, accuracy is 80.0 % with the other model and 90.0 %
    with this one: +10.0 points [+3.4, +16.2].
    """
    settings = comparison.settings
    overall: list[dict[str, Any]] = [
        {
            "class": str(row["class"]),
            "metric": str(row["metric"]),
            "name": word(f"metric.{row['metric']}", lang),
            **{key: number(row[key], 5) for key in NUMBERS},
            **{key: int(row[key]) for key in ("n", "corrected", "corrupted")},
        }
        for row in comparison.overall.to_dict("records")
    ]
    whole = next(row for row in overall if row["class"] == ALL)
    tested = comparison.trends[comparison.trends["p"].notna()]
    capped = settings["clusters"]["kind"] == "blocks"
    n_real = int((tested["q"] <= REAL_Q).sum())
    key = "comparison.no_trend" if len(tested) else "comparison.untested"
    if n_real:
        key = "comparison.hint" if capped else "comparison.real"
    return {
        "sentence": word("comparison.sentence", lang).format(
            n=f"{settings['n']:,}",
            **{key: _percent(whole[f"value_{key}"]) for key in ("a", "b")},
            **{key: _signed(whole[key]) for key in ("change", "low", "high")},
        ),
        "along": word(key, lang).format(n=f"{n_real:,}"),
        "n": settings["n"],
        "overall": overall[: 2 * MOST_CLASSES + 1],
        "trends": [
            {
                "feature": str(row["feature"]),
                "title": feature_title(str(row["feature"]), lang),
                "class": str(row["class"]),
                "n": int(row["n"]),
                **{key: number(row[key], 5) for key in ("change_first", "change_last", "q")},
                "is_real": bool(row["q"] <= REAL_Q) and not capped,
            }
            for row in tested.head(MOST_TRENDS).to_dict("records")
        ],
        "n_overall": len(overall),
        "n_trends": len(tested),
        "n_real": 0 if capped else n_real,
        "notes": [str(note) for note in settings.get("notes", ())],
    }


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:+.1f}".replace("-", "−")
