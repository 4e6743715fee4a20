"""The result: an :class:`Analysis` is frozen, complete, and can be saved and read back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypedDict

import pandas as pd

from . import tables
from .crossed import stored_cells
from .encoding import (
    encode,
    encoded_columns,
    formed,
    plain,
    table_columns,
    table_frame,
    write_atomically,
)
from .errors import InputError, ResultError, did_you_mean, listed
from .glance import glance_html, glance_line
from .remedies import Remedy, clear_remedy, write_remedy
from .stored_settings import stored_settings
from .stored_tables import check_table

SCHEMA_VERSION = 2
FILE_NAME = "model_analysis_results.json"
KEY = "sensitivity"

#: Failures beyond this many are in the Parquet table alone.
MAX_FAILURES_IN_JSON = 1_000


class _Stamp(TypedDict):
    """What the JSON file says of a Parquet table beside it."""

    rows: int
    sha256: str


@dataclass(frozen=True, repr=False)
class Analysis:
    """Everything one analysis found. Tables are described in :mod:`sensitivity.tables`.

    Attributes
    ----------
    features, outcomes : pandas.DataFrame
        One row per image, in the order of the input.
    bins, trends, slices : pandas.DataFrame
        One row per feature × bin × class × metric, per feature × class, and per slice of two.
    overall, confusion, roc : pandas.DataFrame
        The whole set: metrics with intervals, counts of true × predicted class, ROC curves.
    failures : pandas.DataFrame
        One row per image that could not be measured; its outcome still counts.
    settings : dict
        How it was made: version, classes, bins, edges, what was guessed, what was left out.
    remedy : Remedy, optional
        What became of test-time augmentation, where it was tried on this analysis.
    """

    features: pd.DataFrame
    outcomes: pd.DataFrame
    bins: pd.DataFrame
    trends: pd.DataFrame
    slices: pd.DataFrame
    overall: pd.DataFrame
    confusion: pd.DataFrame
    roc: pd.DataFrame
    failures: pd.DataFrame
    settings: dict[str, Any]
    remedy: Remedy | None = None

    @property
    def edges(self) -> dict[str, list[Any]]:
        """Inner edges, or categories, of every feature: another analysis can be cut alike."""
        listed = self.settings["features"]
        return {entry["name"]: entry["edges"] or entry["categories"] for entry in listed}

    def table(self, feature: str, *, metric: str = "f1") -> pd.DataFrame:
        """One feature's bins as rows, classes as columns, with the std below.

        Parameters
        ----------
        feature : str
            A feature or column of the analysis.
        metric : {"f1", "f1_star", "recall", "precision"}, default "f1"
            What the cells hold.

        Returns
        -------
        pandas.DataFrame
            Index: bin labels, ``"missing"`` if any value is, ``"std"`` (population std over
            the bins, undefined cells left out). Cells are NaN where the metric is undefined.

        Raises
        ------
        InputError
            No such feature, or no such metric.

        Examples
        --------
        >>> import sensitivity
        >>> analysis = sensitivity.analyse(
        ...     [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
        ...     columns={"hour": range(40)}, features=(), save_path=None)
        >>> analysis.table("hour").loc["0%-50%"].to_list()
        [1.0, 1.0]
        """
        rows = self.bins[(self.bins["feature"] == feature) & (self.bins["metric"] == metric)]
        if rows.empty:
            raise self._unknown(feature, metric)
        wide = rows.pivot(index="bin", columns="class", values="value")
        wide = wide.reindex(columns=self.settings["classes"])
        # The missing bin (-1) is shown last and is no part of the std.
        order = sorted(wide.index, key=lambda code: (code < 0, code))
        labels = rows.drop_duplicates("bin").set_index("bin")["label"]
        std = wide.loc[[code for code in order if code >= 0]].std(ddof=0)
        wide = wide.loc[order].set_axis([str(label) for label in labels.loc[order]], axis=0)
        wide.loc["std"] = std
        wide.columns.name = wide.index.name = None
        return wide

    def crossed(self, feature: str, other: str, *, metric: str = "f1") -> pd.DataFrame:
        """Every cell of two features' bins, for all classes together and for each.

        Parameters
        ----------
        feature, other : str
            Two features or columns of the analysis.
        metric : {"f1", "f1_star", "recall", "precision"}, default "f1"
            What the classes' rows hold; those of class "all" hold accuracy.

        Returns
        -------
        pandas.DataFrame
            The table :data:`sensitivity.tables.CROSSED`. Empty cells have n 0 and NaN.

        Raises
        ------
        InputError, ResultError
            Names as in :meth:`table`, one feature twice; a result without per-image tables.

        Examples
        --------
        >>> import sensitivity
        >>> analysis = sensitivity.analyse(
        ...     [0, 1] * 20, [0, 1] * 20, [f"{i}.png" for i in range(40)],
        ...     columns={"hour": range(40), "wet": [0, 0, 1, 1] * 10}, features=(), save_path=None)
        >>> analysis.crossed("hour", "wet").query("`class` == '1'")["n"].to_list()
        [5, 5, 5, 5]
        """
        for name in (feature, other):
            self.table(name, metric=metric)  # says what is wrong with the names
        given = self.features, self.outcomes, self.bins, self.settings
        return stored_cells(*given, pair=(feature, other), metric=metric)

    def _unknown(self, feature: str, metric: str) -> InputError:
        what, known = f"feature {feature}", [entry["name"] for entry in self.settings["features"]]
        for entry in self.settings["skipped"]:
            if entry["name"] == feature:
                return InputError(what, f"has no table: {entry['reason']}")
        if feature not in known:
            rule = f"expected one of {listed(known) if known else 'none measured'}"
            left_out = [entry["name"] for entry in self.settings["skipped"]]
            return InputError(what, rule, where=did_you_mean(feature, [*known, *left_out]))
        return InputError(f"metric {metric}", "expected f1, f1_star, recall or precision")

    def to_dict(self) -> dict[str, Any]:
        """The machine-readable result: settings and every table that is not per image.

        Returns
        -------
        dict
            JSON-able; tables are ``{column: [values]}``, undefined numbers are None. ``remedy``
            is a key only where there is one.
        """
        return self._content(table_columns)

    def _content(self, columns: Callable[[pd.DataFrame], Mapping[str, Any]]) -> dict[str, Any]:
        small = {
            schema.name: getattr(self, schema.name)
            for schema in tables.TABLES
            if schema.name not in tables.PER_IMAGE
        }
        small["failures"] = self.failures.head(MAX_FAILURES_IN_JSON)
        content = {
            "schema_version": SCHEMA_VERSION,
            "settings": plain(self.settings),
            "tables": {name: columns(table) for name, table in small.items()},
        }
        return content if self.remedy is None else {**content, "remedy": self.remedy.to_dict()}

    def save(
        self, folder: str | os.PathLike[str], *, layout: Mapping[str, Any] | None = None
    ) -> Path:
        """Write the JSON file and the Parquet tables.

        Parameters
        ----------
        folder : path
            Created if need be. Receives ``model_analysis_results.json`` and ``tables/``; with a
            remedy also its tables, and its policy as ``policy.json`` unless that is the identity.
            Those of an earlier remedy are removed.
        layout : mapping, optional
            Further top-level entries of the JSON file (the page layout of the report layer).

        Returns
        -------
        pathlib.Path
            The JSON file. It is replaced in one step: a killed run leaves the old or the new.
        """
        folder = Path(folder)
        (folder / "tables").mkdir(parents=True, exist_ok=True)
        # First: a killed run leaves no policy rather than that of another run.
        clear_remedy(folder)
        # Column by column: as lists, 10,000 classes take gigabytes.
        content = self._content(encoded_columns)
        content["files"] = {}
        for schema in tables.TABLES:
            path = folder / "tables" / f"{schema.name}.parquet"
            table = getattr(self, schema.name)
            write_atomically(path, partial(table.to_parquet, index=False))
            if schema.name in tables.PER_IMAGE:
                content["files"][schema.name] = {"rows": len(table), "sha256": _sha256(path)}

        path = folder / FILE_NAME
        data = encode({**(layout or {}), KEY: content})
        write_atomically(path, lambda part: part.write_bytes(data))
        if self.remedy is not None:
            write_remedy(self.remedy, folder)
        return path

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Analysis:
        """Read a result back.

        Parameters
        ----------
        path : path
            The folder, or the JSON file in it. Without the Parquet tables beside it, or without
            one of the two, both per-image tables are empty.

        Returns
        -------
        Analysis
            Equal to the one saved (failures beyond 1,000 come from Parquet).

        Raises
        ------
        ResultError
            No such file, not a result of this package, a newer layout, or per-image tables
            that belong to another run.
        """
        file = Path(path)
        file = file / FILE_NAME if file.is_dir() else file
        content = _read(file)
        try:
            return cls._of(content, file)
        except ResultError as error:
            # What is wrong within the file is told with the file.
            where = error.where if str(file) in (error.where or "") else None
            where = where or ", ".join(filter(None, (error.where, str(file))))
            raise ResultError(error.what, error.rule, got=error.got, where=where) from error

    @classmethod
    def _of(cls, content: Mapping[str, Any], file: Path) -> Analysis:
        """The result that a file's content tells of, with the tables beside it."""
        settings = stored_settings(content["settings"])
        found = {
            schema.name: table_frame(content["tables"].get(schema.name), schema)
            for schema in tables.TABLES
            if schema.name not in tables.PER_IMAGE
        }
        for name, table in found.items():
            check_table(table, name, settings)
        beside = file.parent / "tables"
        # All of these tables or none: what is drawn of one alone would be wrong.
        whole = all((beside / f"{name}.parquet").is_file() for name in tables.PER_IMAGE)
        for name in tables.PER_IMAGE:
            stamp = formed(content["files"].get(name), _Stamp, f"files.{name}")
            if name == "features" and stamp["rows"] != settings["n"]:
                rule = f"expected the {settings['n']:,} images of the settings"
                raise ResultError(f"files.{name}", rule, got=f"{stamp['rows']:,}")
            found[name] = (
                _read_per_image(beside / f"{name}.parquet", name, stamp["sha256"])
                if whole
                else pd.DataFrame(columns=list(_schema(name).names))
            )
        if (beside / "failures.parquet").is_file() and len(
            found["failures"]
        ) >= MAX_FAILURES_IN_JSON:
            found["failures"] = pd.read_parquet(beside / "failures.parquet")
        told = content.get("remedy")
        remedy = None if told is None else Remedy.from_dict(told)
        for schema in tables.TTA_TABLES if remedy is not None else ():
            check_table(getattr(remedy, schema.name), schema.name, settings)
        return cls(settings=settings, remedy=remedy, **found)

    def __repr__(self) -> str:
        """One line: all tables in full would fill pages."""
        return f"<Analysis: {glance_line(self.settings, self.overall)}>"

    def _repr_html_(self) -> str:
        remedy = "" if self.remedy is None else str(self.remedy.settings["verdict"])
        images = self.features, self.outcomes
        given = self.settings, self.overall, self.trends, self.bins
        return glance_html(*given, images=images, remedy=remedy)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(file: Path) -> dict[str, Any]:
    import msgspec

    try:
        content = msgspec.json.decode(file.read_bytes())
    except FileNotFoundError:
        raise ResultError(
            "result", f"expected a folder with {FILE_NAME}, or the file", got=str(file)
        ) from None
    except (msgspec.DecodeError, OSError) as error:
        raise ResultError(
            "result", "expected a JSON file", got=str(error), where=str(file)
        ) from error
    if not isinstance(content, dict) or KEY not in content:
        raise ResultError("result", f"expected the key '{KEY}'", where=str(file))
    found = content[KEY]
    if not isinstance(found, dict):
        raise ResultError("result", f"expected an object under '{KEY}'", where=str(file))
    if found.get("schema_version") != SCHEMA_VERSION:
        raise ResultError(
            "result",
            f"expected schema version {SCHEMA_VERSION}",
            got=repr(found.get("schema_version")),
            where=str(file),
        )
    for part in ("settings", "tables", "files"):
        if not isinstance(found.get(part), dict):
            raise ResultError(f"result.{part}", "expected an object", where=str(file))
    return found


def _schema(name: str) -> tables.Schema:
    return next(schema for schema in tables.TABLES if schema.name == name)


def _read_per_image(path: Path, name: str, sha256: str) -> pd.DataFrame:
    if _sha256(path) != sha256:
        raise ResultError(
            f"table {name}",
            "belongs to another run than the JSON file: run analyse again",
            where=str(path),
        )
    return pd.read_parquet(path)
