"""Name, dtype and one-line meaning of every column of every table.

All results are long tables with the same columns whatever the data: one class or a
thousand, one feature or thirty. :data:`TABLES` lists them; :func:`check` verifies one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .errors import SensitivityError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Column:
    """One column: its name, its kind and what it means.

    ``kind`` is one of ``text``, ``integer``, ``number`` and ``boolean``.
    """

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True)
class Schema:
    """One table: its name, what a row is, and its columns.

    ``open`` tables may carry further columns (the feature table has one per feature).
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    open: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)


FEATURES = Schema(
    "features",
    "image, in the order of the input",
    (Column("name", "text", "the image's name as it was given"),),
    open=True,
)

OUTCOMES = Schema(
    "outcomes",
    "image, in the order of the input",
    (
        Column("name", "text", "the image's name as it was given"),
        Column("class", "text", "true class"),
        Column("predicted", "text", "predicted class (argmax)"),
        Column("right", "boolean", "predicted equals true"),
        Column("kind", "text", "'right', or the confusion as 'true > predicted'"),
        Column("score", "number", "probability given to the predicted class; empty without scores"),
        Column("score_true", "number", "probability given to the true class; empty without scores"),
        Column("margin", "number", "log-odds of the true class over the runner-up"),
        Column(
            "group", "text", "the caller's group (video, patient, module); empty without groups"
        ),
    ),
)

BINS = Schema(
    "bins",
    "feature × bin × class × metric",
    (
        Column("feature", "text", "feature or column"),
        Column("bin", "integer", "0 … K-1 from low to high values; -1 is 'missing'"),
        Column("label", "text", "share of the samples below and up to the bin, or the category"),
        Column("class", "text", "class, or 'all'"),
        Column("metric", "text", "recall, precision, f1, f1_star; 'all': accuracy, confidence_gap"),
        Column("edge_low", "number", "the bin holds values above this; empty: open or category"),
        Column("edge_high", "number", "the bin holds values up to this; empty: open or category"),
        Column("share", "number", "share of all samples that lie in the bin, 0…1"),
        Column("n", "integer", "samples of the class in the bin ('all': samples in the bin)"),
        Column("value", "number", "the metric, 0…1; empty where it is undefined"),
        Column("low", "number", "lower bound of its interval"),
        Column("high", "number", "upper bound of its interval"),
        Column(
            "shrunk",
            "number",
            "f1_star and accuracy pulled to the mean as far as chance moves them",
        ),
        Column("low_support", "boolean", "n < 10: shown grey, and no ground for a statement"),
    ),
)

#: What a row of the trends can be called, and no more.
CONFIRMED = "confirmed"
ASSOCIATED = "associated"
CLASS_MIX = "class mix"
CHANCE = "not distinguishable from chance"
MARGIN = "margin erodes"
VERDICTS = (CONFIRMED, ASSOCIATED, CLASS_MIX, CHANCE, MARGIN)

TRENDS = Schema(
    "trends",
    "feature × class (and 'all'), real ones first, then by spread_low",
    (
        Column("feature", "text", "feature or column"),
        Column("class", "text", "class, or 'all'"),
        Column("n", "integer", "samples of the class in the feature's bins"),
        Column("std", "number", "population std over the bins of F1 ('all': of accuracy)"),
        Column("std_chance", "number", "the std that sampling alone gives with the same counts"),
        Column("spread", "number", "std of F1 at an equal class mix, less what chance gives"),
        Column("spread_low", "number", "lower 95 % bound of the spread; rows are ranked by it"),
        Column("spread_high", "number", "upper 95 % bound of the spread"),
        Column("impact", "number", "F1* the class would gain if all bins were as its best"),
        Column(
            "grade", "text", "by std, of real rows: none < .03 ≤ slight < .1 ≤ medium < .25 ≤ major"
        ),
        Column("direction", "text", "rises or falls: the metric as the feature's values rise"),
        Column("shape", "text", "trend, middle best, middle worst or categories"),
        Column(
            "pattern",
            "text",
            "criterion shift (recall and false positives move together), or "
            "information loss (the other classes' recall falls too)",
        ),
        Column(
            "recall_change", "number", "recall at the feature's 90th percentile less at its 10th"
        ),
        Column("recall_change_low", "number", "lower bound of its interval"),
        Column("recall_change_high", "number", "upper bound of its interval"),
        Column(
            "detectable_change", "number", "change of recall that 4 of 5 such data sets would show"
        ),
        Column(
            "auc", "number", "chance that a right sample has the higher value, of right and wrong"
        ),
        Column("p_recall", "number", "p of the trend of recall within the class"),
        Column("p_fpr", "number", "p of the trend of false positives within their true classes"),
        Column("p_f1", "number", "p of the trend of F1 at an equal class mix"),
        Column("p_shape", "number", "p of a bend: the middle differs from both ends"),
        Column("driver", "text", "recall, false positives, f1 or shape: the smallest of these p"),
        Column("p", "number", "the four combined (Cauchy)"),
        Column("q", "number", "p corrected for all rows of the run (weighted Benjamini-Hochberg)"),
        Column("strength", "text", "real (q ≤ .05), candidate (q ≤ .10, or capped), none"),
        Column("p_margin", "number", "p of the trend of the log-odds of the true class"),
        Column("q_margin", "number", "the same corrected for all rows of the run"),
        Column("margin_first", "number", "mean log-odds, true class over runner-up, first bin"),
        Column("margin_last", "number", "the same in the last bin"),
        Column("partial_z", "number", "z of the driver beside all other features"),
        Column("vif", "number", "variance inflation: how much the other features tell of this one"),
        Column("travels_with", "text", "features of the same cluster (|ρ| > .7), by comma"),
        Column("explained_by", "text", "feature that accounts for the row's effect"),
        Column("verdict", "text", " | ".join(VERDICTS)),
    ),
)

OVERALL = Schema(
    "overall",
    "class (and 'all') × metric",
    (
        Column("class", "text", "class, or 'all'"),
        Column("metric", "text", "recall, precision, f1, auc; 'all': accuracy, macro_f1, …"),
        Column("n", "integer", "samples of the class ('all': all samples)"),
        Column("value", "number", "the metric, 0…1; empty where it is undefined"),
        Column("low", "number", "lower bound of its interval"),
        Column("high", "number", "upper bound of its interval"),
    ),
)

CONFUSION = Schema(
    "confusion",
    "pair of true and predicted class that occurs",
    (
        Column("class", "text", "true class"),
        Column("predicted", "text", "predicted class"),
        Column("n", "integer", "number of samples"),
    ),
)

ROC = Schema(
    "roc",
    "class × threshold (one class against the rest, at most 201 points)",
    (
        Column("class", "text", "class"),
        Column("threshold", "number", "score from which the class is called; empty: above all"),
        Column("fpr", "number", "false-positive rate, 0…1"),
        Column("tpr", "number", "true-positive rate (recall), 0…1"),
    ),
)

SLICES = Schema(
    "slices",
    "slice of two features, found on one half of the samples and judged on the other",
    (
        Column("feature", "text", "first feature"),
        Column("label", "text", "its bin"),
        Column("feature_2", "text", "second feature"),
        Column("label_2", "text", "its bin"),
        Column("class", "text", "class, or 'all'"),
        Column("z_found", "number", "z on the half that the slice was found on: not evidence"),
        Column("n", "integer", "samples of the class in the slice, other half"),
        Column("value", "number", "their recall ('all': accuracy), other half"),
        Column("low", "number", "lower bound of its interval (Wilson)"),
        Column("high", "number", "upper bound of its interval"),
        Column("expected", "number", "what the same classes have in the whole other half"),
        Column("p", "number", "one-sided p on the other half"),
        Column("p_holm", "number", "p corrected for all slices judged (Holm)"),
    ),
)

#: Made on demand from the tables per image, and not stored with the result.
CROSSED = Schema(
    "crossed",
    "bin of a feature × bin of another × class × metric",
    (
        Column("bin", "integer", "bin of the first feature, 0 … K-1; -1 is 'missing'"),
        Column("label", "text", "its label"),
        Column("bin_2", "integer", "bin of the second feature; -1 is 'missing'"),
        Column("label_2", "text", "its label"),
        Column("class", "text", "class, or 'all'"),
        Column("metric", "text", "recall, precision, f1, f1_star; 'all': accuracy"),
        Column("n", "integer", "samples of the class in the cell ('all': samples in the cell)"),
        Column("value", "number", "the metric, 0…1; empty where it is undefined"),
        Column("low", "number", "lower bound of its interval"),
        Column("high", "number", "upper bound of its interval"),
        Column("low_support", "boolean", "n < 10: shown grey, and no ground for a statement"),
    ),
)

FAILURES = Schema(
    "failures",
    "image that could not be measured",
    (
        Column("name", "text", "the image's name as it was given"),
        Column("stage", "text", "read, decode or measure"),
        Column("status", "text", "missing, empty, unsupported, truncated, corrupt, too_large, …"),
        Column("reason", "text", "one line for a person"),
    ),
)

TABLES = (FEATURES, OUTCOMES, BINS, TRENDS, SLICES, OVERALL, CONFUSION, ROC, FAILURES)

#: Tables with one row per image: Parquet only, never in the JSON.
PER_IMAGE = ("features", "outcomes")


def storable(texts: Iterable[str]) -> list[str]:
    r"""Texts as UTF-8 can hold them; those that it can are unchanged.

    A file name need not be text. Python reads the byte ``ff`` of one as a lone surrogate,
    which neither Parquet nor JSON can hold; here it is written out.

    Parameters
    ----------
    texts : iterable of str
        Names, reasons.

    Returns
    -------
    list of str
        One per text.

    Examples
    --------
    >>> storable(["图.png", "\udcff.png"])
    ['图.png', '\\udcff.png']
    """
    return [text.encode("utf-8", "backslashreplace").decode() for text in texts]


def coded(codes: npt.ArrayLike, names: Sequence[str]) -> pd.Categorical:
    """A text column in which few different texts stand many times.

    Parameters
    ----------
    codes : array_like of int, shape (n,)
        Place of each row's text in `names`.
    names : sequence of str
        The texts.

    Returns
    -------
    pandas.Categorical
        Of length n.

    Examples
    --------
    >>> list(coded([1, 0, 1], ["ok", "defect"]))
    ['defect', 'ok', 'defect']
    """
    import pandas as pd

    return pd.Categorical.from_codes(
        np.asarray(codes, dtype=np.int32), pd.Index(list(names), dtype="str")
    )


def check(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Return `table` unchanged when it has the columns of `schema`.

    Parameters
    ----------
    table : pandas.DataFrame
        Any table, empty ones included.
    schema : Schema
        One of :data:`TABLES`.

    Returns
    -------
    pandas.DataFrame
        `table` itself.

    Raises
    ------
    SensitivityError
        A column is missing, superfluous, out of order, or of another kind.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"name": "a.png", "stage": "read", "status": "missing", "reason": "no such file"}
    >>> len(check(pd.DataFrame([row]), FAILURES))
    1
    """
    names = tuple(str(name) for name in table.columns)
    found = names[: len(schema.names)] if schema.open else names
    if found != schema.names:
        raise SensitivityError(
            f"table {schema.name}",
            f"expected the columns {', '.join(schema.names)}",
            got=", ".join(names),
        )
    for column in schema.columns:
        if len(table) and not _has_kind(table[column.name], column.kind):
            raise SensitivityError(
                f"table {schema.name}",
                f"expected {column.kind} in column {column.name}",
                got=str(table[column.name].dtype),
            )
    return table


def _has_kind(values: pd.Series, kind: str) -> bool:
    from pandas.api import types

    match kind:
        case "integer":
            return bool(types.is_integer_dtype(values.dtype))
        case "number":
            return bool(types.is_float_dtype(values.dtype))
        case "boolean":
            return bool(types.is_bool_dtype(values.dtype))
        case _:
            return not types.is_numeric_dtype(values.dtype)
