"""The report as one HTML file: everything inlined, nothing fetched, nothing run but its own script.

Charts are drawn here, not in the browser. The data block holds the images to show and the cells
of two features; the script puts them in by text, never as markup.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from markupsafe import Markup

from ..encoding import encode
from .content.words import WORDS, word
from .drawings import Drawings
from .figures import FILTERS

#: Texts that the script needs.
_SPOKEN = (
    "every_class",
    "samples",
    "samples.wrong",
    "samples.right",
    "samples.confident",
    "samples.none",
    "samples.no_picture",
    "samples.off",
    "samples.class_errors",
    "label",
    "predicted",
    "score",
    "score_true",
    "matches",
    "metric.accuracy",
    "metric.recall",
    "n",
)


def page(told: Mapping[str, Any], shown: Mapping[str, Any]) -> str:
    """Write a report as HTML.

    Parameters
    ----------
    told : mapping
        From :func:`sensitivity.report.content.content`.
    shown : mapping
        From :func:`sensitivity.report.samples.samples`.

    Returns
    -------
    str
        A whole document. Its Content-Security-Policy lets nothing in but its own style and
        script, told by their hashes, and its own pictures.

    Examples
    --------
    >>> import sensitivity
    >>> from sensitivity.report.content import content
    >>> from sensitivity.report.samples import samples
    >>> analysis = sensitivity.analyse([0, 1, 1, 1], [0, 0, 1, 1], list("abcd"), features=(),
    ...                                save_path=None)
    >>> told = content(analysis)
    >>> page(told, samples(analysis, told["features"])).startswith("<!DOCTYPE html>")
    True
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sensitivity.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    css = _static("charts.css") + _static("report.css")
    script = _static("report.js")
    lang = told["lang"]
    trial = told["trial"] or {"responses": [], "interventions": []}
    return environment.get_template("report.html").render(
        told=told,
        told_confidence=told["run"]["confidence"],
        measured=told["run"]["n_measured"] is not None,
        trial_responses=lambda name: [r for r in trial["responses"] if r["feature"] == name],
        trial_checks=lambda name: [r for r in trial["interventions"] if r["feature"] == name],
        w=lambda key: word(key, lang),
        draw=Drawings(told),
        css=Markup(css),
        script=Markup(script),
        data=_data_block(told, shown),
        policy=_policy(css, script, shown),
    )


def _static(name: str) -> str:
    return resources.files("sensitivity.report").joinpath("static", name).read_text("utf-8")


def _policy(css: str, script: str, shown: Mapping[str, Any]) -> str:
    """What the browser may do: show these pictures, use this style, run this script."""
    hashes = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (css, script)
    ]
    inlined = all(uri.startswith("data:") for uri, _, _ in shown["thumbs"])
    pictures = "data:" if inlined else "data: 'self' file:"
    return (
        f"default-src 'none'; img-src {pictures}; style-src 'sha256-{hashes[0]}'; "
        f"script-src 'sha256-{hashes[1]}'; base-uri 'none'; form-action 'none'"
    )


def _data_block(told: Mapping[str, Any], shown: Mapping[str, Any]) -> Markup:
    """JSON that no text within can end: ``<``, ``>`` and ``&`` are written as escapes."""
    data = {
        "words": {key: word(key, told["lang"]) for key in _SPOKEN if key in WORDS},
        "classes": told["run"]["classes"],
        "features": [
            {
                "id": feature["id"],
                "title": feature["title"],
                "feature": feature["feature"],
                "bins": {str(row["code"]): row["label"] for row in feature["bins"]},
            }
            for feature in told["features"]
        ],
        "crossings": told["two_way"],
        **{key: shown[key] for key in ("images", "thumbs", "bins", "errors", "has_pictures")},
    }
    text = encode(data).decode()
    for sign, code in (
        ("<", "3c"),
        (">", "3e"),
        ("&", "26"),
        ("\u2028", "2028"),
        ("\u2029", "2029"),
    ):
        text = text.replace(sign, f"\\u{code.zfill(4)}")
    return Markup(text)
