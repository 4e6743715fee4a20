"""What was judged, as frozen records: two models compared, a gate passed or not."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from . import tables
from .encoding import encode, plain, table_columns, table_frame, write_atomically
from .errors import ResultError

COMPARISON_FILE = "comparison.json"
COMPARISON_VERSION = 1

PASS, FAIL, INCONCLUSIVE = "pass", "fail", "inconclusive"


@dataclass(frozen=True)
class Comparison:
    """Two models on the same images. Tables are described in :data:`sensitivity.tables.COMPARED`.

    Attributes
    ----------
    bins : pandas.DataFrame
        One row per feature × bin × class × metric, the bins those of the first result.
    trends : pandas.DataFrame
        One row per feature × class: does the second model gain more at one end of the feature?
    overall : pandas.DataFrame
        One row per class × metric over all images that both models judged.
    settings : dict
        Numbers of images, classes, features, confidence, clusters, and notes on what was left
        out.
    """

    bins: pd.DataFrame
    trends: pd.DataFrame
    overall: pd.DataFrame
    settings: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON can hold it.

        Returns
        -------
        dict
            ``schema_version``, ``settings`` and ``tables``, each ``{column: [values]}``;
            undefined numbers are None.
        """
        return {
            "schema_version": COMPARISON_VERSION,
            "settings": plain(self.settings),
            "tables": {
                schema.name: table_columns(getattr(self, _attribute(schema)))
                for schema in tables.COMPARED
            },
        }

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write ``comparison.json`` and the tables as Parquet.

        Parameters
        ----------
        folder : path
            Created if need be; may be that of a result. Receives ``comparison.json`` and
            ``tables/compared_*.parquet``.

        Returns
        -------
        pathlib.Path
            The JSON file, which holds all: the Parquet files are for other tools.
        """
        folder = Path(folder)
        (folder / "tables").mkdir(parents=True, exist_ok=True)
        for schema in tables.COMPARED:
            table: pd.DataFrame = getattr(self, _attribute(schema))
            path = folder / "tables" / f"{schema.name}.parquet"
            write_atomically(path, partial(table.to_parquet, index=False))
        path, data = folder / COMPARISON_FILE, encode(self.to_dict())
        write_atomically(path, lambda part: part.write_bytes(data))
        return path

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Comparison:
        """Read a comparison back.

        Parameters
        ----------
        path : path
            The folder, or the JSON file in it.

        Returns
        -------
        Comparison
            Equal to the one saved.

        Raises
        ------
        ResultError
            No such file, not a comparison of this package, or another layout.
        """
        file = Path(path)
        content = _read(file / COMPARISON_FILE if file.is_dir() else file)
        found = {
            _attribute(schema): table_frame(content["tables"][schema.name], schema)
            for schema in tables.COMPARED
        }
        return cls(settings=content["settings"], **found)


def _attribute(schema: tables.Schema) -> str:
    return schema.name.removeprefix("compared_")


def _read(file: Path) -> Mapping[str, Any]:
    import msgspec

    try:
        content = msgspec.json.decode(file.read_bytes())
    except FileNotFoundError:
        rule = f"expected a folder with {COMPARISON_FILE}, or the file"
        raise ResultError("comparison", rule, got=str(file)) from None
    except (msgspec.DecodeError, OSError) as error:
        rule = "expected a JSON file"
        raise ResultError("comparison", rule, got=str(error), where=str(file)) from error
    version = content.get("schema_version") if isinstance(content, dict) else None
    known = [schema.name for schema in tables.COMPARED]
    if version != COMPARISON_VERSION or sorted(content.get("tables", ())) != sorted(known):
        rule = f"expected a comparison of schema version {COMPARISON_VERSION}"
        raise ResultError("comparison", rule, got=repr(version), where=str(file))
    found: Mapping[str, Any] = content
    return found


@dataclass(frozen=True)
class GateRow:
    """One number that a gate looked at.

    Attributes
    ----------
    feature, label : str
        Feature and bin; empty for the whole set.
    class_name, metric : str
        What the number is of.
    status : {"pass", "fail", "inconclusive"}
        On which side of the limit its interval lies.
    value, low, high : float
        The number and its interval; NaN where it is undefined.
    n : int
        Images of the class that it rests on.
    n_needed, n_total : int or None
        Images of the class, and images in all at the present share, from which on the interval
        would decide if the measured value is the truth. None where it has decided, or where no
        number would.
    reason : str
        Why it is open, where that is not the width of the interval alone.
    """

    feature: str
    label: str
    class_name: str
    metric: str
    status: str
    value: float
    low: float
    high: float
    n: int
    n_needed: int | None = None
    n_total: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Gate:
    """One gate, judged.

    Attributes
    ----------
    name : str
        The option that asked for it, such as ``"min-f1 defective=0.7"``.
    what : str
        What it asks, in words.
    status : {"pass", "fail", "inconclusive"}
        One row that fails fails the gate; else one row that is open leaves it open.
    limit : float
        The number that the caller gave.
    value, low, high, n, n_needed, n_total
        Those of the row that decides: the one farthest beyond the limit, or that needs most
        images, or that passes by least.
    n_judged : int
        Rows that were looked at.
    rows : tuple of GateRow
        Those that broke the gate, or left it open, worst first; empty if it passed.
    notes : tuple of str
        How it was judged, where that is not evident.
    """

    name: str
    what: str
    status: str
    limit: float
    value: float
    low: float
    high: float
    n: int
    n_needed: int | None
    n_total: int | None
    n_judged: int
    rows: tuple[GateRow, ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The gate as JSON can hold it.

        Returns
        -------
        dict
            All attributes; rows as dicts, with ``class`` for the class's name.
        """
        found = asdict(self)
        found["notes"] = list(self.notes)
        found["rows"] = [
            {("class" if key == "class_name" else key): value for key, value in row.items()}
            for row in found["rows"]
        ]
        return found
