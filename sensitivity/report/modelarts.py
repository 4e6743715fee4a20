"""The page layout: an analysis as the ModelArts evaluation page reads it.

Certain, from the service's documents and published callers: the two locales, the six
sections, the forms of tables and charts, the F1 table of a feature (its rows, its zeros, its
population standard deviation) and the confusion matrix with true classes as columns.
Inferred: the names of the operations, and which charts stand in ``feature_sensitivity``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..errors import InputError, did_you_mean
from ..result import Analysis
from .custom import SECTIONS, Section, custom_entries
from .ranges import operation_names, sensitivity_entries
from .titles import LOCALES
from .whole_set import overall_entry, precision_entries

#: Operations that every classification result has, besides one per feature.
OPERATIONS = (
    "overall_evaluation",
    "class_distribution",
    "accuracy",
    "precision_recall_f1",
    "roc_curve",
    "confusion_matrix",
)


def layout(analysis: Analysis) -> dict[str, dict[str, Section]]:
    """The page's content in both locales, for ``Analysis.save(folder, layout=...)``.

    Parameters
    ----------
    analysis : Analysis
        A finished analysis. ``settings["custom_metric"]`` and ``settings["op_list"]`` are
        what the caller gave (:func:`check_page` says what they may be).

    Returns
    -------
    dict
        ``{locale: {section: {operation: entry}}}`` with plain Python values, no NaN: an
        undefined number is None, an undefined point is left out, and in a feature's F1
        table an undefined cell is 0, as the service prints it.

    Raises
    ------
    InputError
        A custom metric or an operation name that cannot be used.

    Notes
    -----
    Operations of features bear the feature's own name in snake case. Custom metrics go
    to the section they name, else to ``common``, and are kept whatever ``op_list`` says.
    Above 100 classes the confusion matrix and the ROC curves are left out, with a
    description that says so. A feature's distribution is left out when the per-image table
    is not at hand. Missing values are no row of the table; the description counts them.

    Examples
    --------
    >>> import sensitivity
    >>> analysis = sensitivity.analyse(
    ...     [0, 1] * 50, [0, 1] * 50, [f"{i}.png" for i in range(100)],
    ...     columns={"hour": range(100)}, features=(), save_path=None)
    >>> page = layout(analysis)["zh-cn"]
    >>> table = page["feature_sensitivity"]["hour"]["table"]["各区间F1值"]
    >>> table["row_labels"][0], table["row_labels"][-1]
    ('0% - 20%', '标准差')
    """
    settings = analysis.settings
    features = [entry["name"] for entry in (*settings["features"], *settings["skipped"])]
    check_page(settings["custom_metric"], settings["op_list"], features)
    kept = _kept_operations(settings["op_list"], features)
    own = custom_entries(settings["custom_metric"])
    return {locale: _page(analysis, locale, kept, own[locale]) for locale in LOCALES}


def check_page(
    custom_metric: Mapping[str, Any] | str | None,
    op_list: Sequence[str] | None,
    features: Collection[str],
) -> None:
    """Refuse a custom metric or an operation name that :func:`layout` could not use.

    Parameters
    ----------
    custom_metric : mapping, JSON text or None
        See :func:`sensitivity.report.custom.custom_entries`.
    op_list : sequence of str or None
        Operations to keep: names of :data:`OPERATIONS`, features, or the features' operation
        names. None and ``[]``: all.
    features : collection of str
        Names of all features and columns, skipped ones included.

    Raises
    ------
    InputError
        Anything else.

    Examples
    --------
    >>> check_page({"fps": {"value": {"fps": 31.0}}}, ["accuracy", "hour"], ["hour"])
    >>> check_page(None, ["clarity"], ["hour"])
    Traceback (most recent call last):
    sensitivity.errors.InputError: op_list: expected names among ..., got clarity
    """
    custom_entries(custom_metric)
    if isinstance(op_list, str):
        raise InputError("op_list", "expected a list of names", got=repr(op_list))
    known = {*OPERATIONS, *features, *operation_names(list(features)).values()}
    unknown = [str(name) for name in op_list or () if str(name) not in known]
    if unknown:
        rule = f"expected names among {', '.join(dict.fromkeys((*OPERATIONS, *features)))}"
        near = did_you_mean(unknown[0], sorted(known))
        raise InputError("op_list", rule, got=unknown[0], where=near)


def _kept_operations(op_list: Sequence[str] | None, features: Sequence[str]) -> set[str] | None:
    """Operation names to keep, features' own names translated; None for all."""
    if not op_list:
        return None
    names = operation_names(features)
    return {str(name) for name in op_list} | {names[str(n)] for n in op_list if str(n) in names}


def _page(
    analysis: Analysis, locale: str, kept: set[str] | None, own: Mapping[str, Section]
) -> dict[str, Section]:
    made: dict[str, Section] = {
        "common": {"overall_evaluation": overall_entry(analysis, locale)},
        "precision_performance": precision_entries(analysis, locale),
        "feature_sensitivity": sensitivity_entries(analysis, locale),
    }
    page: dict[str, Section] = {}
    for section in SECTIONS:
        entries = made.get(section, {})
        page[section] = {
            name: entry for name, entry in entries.items() if kept is None or name in kept
        } | own.get(section, {})
    return page
