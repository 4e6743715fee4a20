"""Name, dtype and one-line meaning of every column of every table.

All results are long tables with the same columns whatever the data: one class or a
thousand, one feature or thirty. :data:`TABLES` lists them; :func:`check` verifies one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..errors import SensitivityError
from .further import COMPARED, COMPARED_BINS, COMPARED_OVERALL, COMPARED_TRENDS, CROSSED
from .result import (
    ASSOCIATED,
    BINS,
    CHANCE,
    CLASS_MIX,
    CONFIRMED,
    CONFUSION,
    FAILURES,
    FEATURES,
    MARGIN,
    OUTCOMES,
    OVERALL,
    PER_IMAGE,
    ROC,
    SLICES,
    TABLES,
    TRENDS,
    VERDICTS,
)
from .schema import Column, Schema
from .tta import (
    CANDIDATES,
    CONTRADICTED,
    COSTS,
    DO_NOT_USE,
    FRONT,
    INTERVENTIONS,
    NOT_CHECKED,
    NOT_ENOUGH,
    REPRODUCED,
    RESPONSES,
    STRATEGIES,
    TTA_TABLES,
    USE,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ASSOCIATED",
    "BINS",
    "CANDIDATES",
    "CHANCE",
    "CLASS_MIX",
    "COMPARED",
    "COMPARED_BINS",
    "COMPARED_OVERALL",
    "COMPARED_TRENDS",
    "CONFIRMED",
    "CONFUSION",
    "CONTRADICTED",
    "COSTS",
    "CROSSED",
    "DO_NOT_USE",
    "FAILURES",
    "FEATURES",
    "FRONT",
    "INTERVENTIONS",
    "MARGIN",
    "NOT_CHECKED",
    "NOT_ENOUGH",
    "OUTCOMES",
    "OVERALL",
    "PER_IMAGE",
    "REPRODUCED",
    "RESPONSES",
    "ROC",
    "SLICES",
    "STRATEGIES",
    "TABLES",
    "TRENDS",
    "TTA_TABLES",
    "USE",
    "VERDICTS",
    "Column",
    "Schema",
    "check",
    "coded",
    "storable",
]


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
