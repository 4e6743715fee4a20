"""An analysis beside the training run that it judges: metrics and files in MLflow."""

from __future__ import annotations

import contextlib
import math
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..advice.facts import ALL, CANDIDATE, REAL
from ..advice.overview import headline
from ..errors import DependencyError, OptionError
from ..result import Analysis
from .modelarts import layout

INSTALL = 'pip install "vision-sensitivity[mlflow]"'

#: Of the whole set, where they exist.
_WHOLE = ("accuracy", "balanced_accuracy", "macro_f1")
_OF_CLASS = ("recall", "precision", "f1")

#: MLflow admits word characters of every script; a slash would be one more folder.
_UNSAFE = re.compile(r"[^\w.\- ]")
#: A file store makes a file of each name, and names of files end at 255 bytes.
_MOST_BYTES = 80
#: What MLflow's 250 characters of a name leave beside two such names.
_PREFIX = 60
#: Values of tags are cut there by some stores, refused by others.
_TAG_CHARACTERS = 500


def to_mlflow(
    analysis: Analysis,
    *,
    report: str | os.PathLike[str] | None = None,
    prefix: str = "sensitivity",
    classes: int = 20,
    findings: int = 50,
    step: int | None = None,
) -> str:
    """Log an analysis to the active MLflow run, or to a new one where none is active.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    report : path, optional
        A report that was written of it, a file or a folder: logged too.
    prefix : str, default "sensitivity"
        First part of every name, so that no metric of the training is overwritten.
    classes : int, default 20
        Classes whose recall, precision and F1 are logged: those of lowest F1. At least 0.
    findings : int, default 50
        Real findings whose spread is logged, largest certain spread first. At least 0.
    step : int, optional
        Step of every metric, such as the epoch.

    Returns
    -------
    str
        Id of the run.

    Raises
    ------
    DependencyError
        MLflow is not installed.
    OptionError
        A negative number, an empty prefix or one with a slash at its ends, or no such report.

    Notes
    -----
    Metrics, all finite: those of :func:`tracked`. Tags: version, headline, and the verdict on
    test-time augmentation where it was tried. No params: MLflow refuses to change one, and a run
    may be analysed again. Files, under `prefix`: ``model_analysis_results.json``, ``tables/``
    and the report.

    Examples
    --------
    >>> import mlflow                                        # doctest: +SKIP
    >>> with mlflow.start_run():                             # doctest: +SKIP
    ...     train(model)
    ...     to_mlflow(analyse(scores, labels, names))
    """
    mlflow = _mlflow()
    metrics = tracked(analysis, prefix=prefix, classes=classes, findings=findings)
    if report is not None and not Path(report).exists():
        raise OptionError("report", "expected a file or folder that exists", got=str(report))
    with _run(mlflow) as run_id, tempfile.TemporaryDirectory() as folder:
        mlflow.log_metrics(metrics, step=step)
        mlflow.set_tags(_tags(analysis, prefix))
        analysis.save(folder, layout=layout(analysis))
        mlflow.log_artifacts(folder, artifact_path=prefix)
        if report is not None and Path(report).is_dir():
            mlflow.log_artifacts(
                str(report), artifact_path=f"{prefix}/{Path(report).resolve().name}"
            )
        elif report is not None:
            mlflow.log_artifact(str(report), artifact_path=prefix)
    return run_id


def tracked(
    analysis: Analysis, *, prefix: str = "sensitivity", classes: int = 20, findings: int = 50
) -> dict[str, float]:
    """The numbers of an analysis under names that MLflow and a file system admit.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis.
    prefix : str, default "sensitivity"
        First part of every name.
    classes, findings : int, default 20, 50
        Most classes and real findings, as in :func:`to_mlflow`.

    Returns
    -------
    dict
        ``images``, ``failed``; ``accuracy``, ``balanced_accuracy``, ``macro_f1``, the first also
        with ``_low`` and ``_high``; ``class/NAME/recall``, ``…/precision``, ``…/f1``;
        ``findings/real``, ``findings/candidate``; ``spread/FEATURE/CLASS`` per real finding.
        What is undefined is left out.

    Raises
    ------
    OptionError
        As :func:`to_mlflow`.

    Examples
    --------
    >>> from sensitivity import analyse
    >>> analysis = analyse([0, 1] * 20, [0, 1] * 19 + [0, 0], [f"{i}.png" for i in range(40)],
    ...                    features=(), save_path=None)
    >>> found = tracked(analysis, prefix="test", classes=1)
    >>> found["test/accuracy"], found["test/findings/real"]
    (0.975, 0.0)
    >>> [name for name in found if "class/" in name]
    ['test/class/1/recall', 'test/class/1/precision', 'test/class/1/f1']
    """
    bounds: dict[str, Any] = {"classes": classes, "findings": findings}
    for name, number in bounds.items():
        if not isinstance(number, (int, np.integer)) or number < 0:
            raise OptionError(name, "expected a whole number, 0 or more", got=repr(number))
    _check_prefix(prefix)
    found: dict[str, float] = {
        "images": analysis.settings["n"],
        "failed": analysis.settings["n_failed"],
        **_of_whole(analysis),
        **_of_classes(analysis, classes),
        **_of_findings(analysis, findings),
    }
    return {
        f"{prefix}/{name}": float(value) for name, value in found.items() if math.isfinite(value)
    }


def _check_prefix(prefix: Any) -> None:
    parts = prefix.split("/") if isinstance(prefix, str) else [""]
    if not all(parts) or any(part != part.strip(". ") or _UNSAFE.search(part) for part in parts):
        rule = "expected letters, digits, '_', '-', '.' and blanks, and '/' between them"
        raise OptionError("prefix", rule, got=repr(prefix))
    if len(prefix) > _PREFIX:
        rule = f"expected {_PREFIX} characters at most"
        raise OptionError("prefix", rule, got=f"{len(prefix):,}")


def safe_names(names: Sequence[str]) -> dict[str, str]:
    r"""Names of classes and features as parts of a metric's name: safe, short, all different.

    Parameters
    ----------
    names : sequence of str
        All different.

    Returns
    -------
    dict
        From each name to its safe form. What is not a letter, a digit, ``_``, ``-``, ``.`` or a
        blank is ``_``; long ones are cut; one that would be taken gets a number. Capitals do not
        tell two apart, since they do not on every file system.

    Examples
    --------
    >>> safe_names(["缺陷", "a/b", "a\\b", "..", "OK", "ok"])
    {'缺陷': '缺陷', 'a/b': 'a_b', 'a\\b': 'a_b_2', '..': '_', 'OK': 'OK', 'ok': 'ok_2'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        stem = _UNSAFE.sub("_", name).encode()[:_MOST_BYTES].decode(errors="ignore")
        stem = stem.strip(". ") or "_"
        safe, number = stem, 1
        while safe.casefold() in taken:
            number += 1
            safe = f"{stem}_{number}"
        taken.add(safe.casefold())
        found[name] = safe
    return found


def _mlflow() -> Any:
    try:
        import mlflow
    except ImportError as error:
        raise DependencyError("mlflow", f"expected it to be installed: {INSTALL}") from error
    return mlflow


@contextlib.contextmanager
def _run(mlflow: Any) -> Iterator[str]:
    """The active run, which stays active; or a new one, which does not."""
    active = mlflow.active_run()
    if active is not None:
        yield active.info.run_id
        return
    with mlflow.start_run() as started:
        yield started.info.run_id


def _tags(analysis: Analysis, prefix: str) -> dict[str, str]:
    said = headline(analysis)
    if len(said) > _TAG_CHARACTERS:
        said = said[: _TAG_CHARACTERS - 1] + "…"
    found = {"version": analysis.settings["version"], "headline": said}
    if analysis.remedy is not None:
        found["tta"] = analysis.remedy.settings["verdict"]
    return {f"{prefix}.{name}": text for name, text in found.items()}


def _of_whole(analysis: Analysis) -> dict[str, float]:
    rows = analysis.overall[analysis.overall["class"] == ALL].set_index("metric")
    values = rows["value"].reindex(list(_WHOLE)).to_dict()
    bounds = rows.reindex(["accuracy"])[["low", "high"]].iloc[0]
    ends = {f"accuracy_{name}": float(bounds[name]) for name in ("low", "high")}
    return {str(name): float(value) for name, value in values.items()} | ends


def _of_classes(analysis: Analysis, most: int) -> dict[str, float]:
    """Those of the classes of lowest F1: a thousand classes would be a page of nothing."""
    names = analysis.settings["classes"]
    rows = analysis.overall[analysis.overall["class"].isin(names)]
    wide = rows.pivot(index="class", columns="metric", values="value")
    wide = wide.reindex(index=names, columns=list(_OF_CLASS))
    worst = wide if len(wide) <= most else wide.sort_values("f1", kind="stable")[:most]
    safe = safe_names(names)
    return {
        f"class/{safe[str(name)]}/{metric}": float(values[metric])
        for name, values in worst.iterrows()
        for metric in _OF_CLASS
    }


def _of_findings(analysis: Analysis, most: int) -> dict[str, float]:
    trends = analysis.trends
    found: dict[str, float] = {
        f"findings/{strength}": int((trends["strength"] == strength).sum())
        for strength in (REAL, CANDIDATE)
    }
    real = trends[trends["strength"] == REAL].sort_values(
        "spread_low", ascending=False, kind="stable"
    )
    features = safe_names([entry["name"] for entry in analysis.settings["features"]])
    classes = safe_names([ALL, *analysis.settings["classes"]])
    for row in real[:most].to_dict("records"):
        found[f"spread/{features[row['feature']]}/{classes[row['class']]}"] = row["spread"]
    return found
