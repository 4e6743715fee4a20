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
        Column("metric", "text", "recall, precision, f1, f1_star; accuracy for 'all'"),
        Column("edge_low", "number", "the bin holds values above this; empty: open or category"),
        Column("edge_high", "number", "the bin holds values up to this; empty: open or category"),
        Column("share", "number", "share of all samples that lie in the bin, 0…1"),
        Column("n", "integer", "samples of the class in the bin ('all': samples in the bin)"),
        Column("value", "number", "the metric, 0…1; empty where it is undefined"),
        Column("low", "number", "lower bound of its interval"),
        Column("high", "number", "upper bound of its interval"),
        Column("low_support", "boolean", "n < 10: shown grey, and no ground for a statement"),
    ),
)

TRENDS = Schema(
    "trends",
    "feature × class (and 'all')",
    (
        Column("feature", "text", "feature or column"),
        Column("class", "text", "class, or 'all'"),
        Column("n", "integer", "samples of the class in the feature's bins"),
        Column("std", "number", "population std over the bins of F1 ('all': of accuracy)"),
        Column("std_chance", "number", "the std that sampling alone gives with the same counts"),
        Column("std_star", "number", "std of F1 at an equal class mix, cells of 10 or more only"),
        Column("std_star_chance", "number", "the std_star that sampling alone gives"),
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

TABLES = (FEATURES, OUTCOMES, BINS, TRENDS, OVERALL, CONFUSION, ROC, FAILURES)

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
