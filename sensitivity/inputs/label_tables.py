"""Files of predictions of a multi-label problem → the lists that `analyse` takes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from .classes import check_class_names
from .columns import LABEL_HEADERS, Roles, find_roles
from .folders import relative_to_images
from .listed import listed_scores
from .readers import Predictions, read_predictions
from .tabular import SEPARATORS, Table, covariates, read_table, scores, texts

#: Between the labels of an image in one cell of text.
SEPARATOR = ";"

_LABEL = re.compile(rf"(?:{'|'.join(LABEL_HEADERS)})s?_(.+)", re.IGNORECASE)


def read_label_predictions(
    path: str | os.PathLike[str], *, images: str | os.PathLike[str] | None = None
) -> Predictions:
    r"""Read a file of predictions where every image has any number of labels.

    Parameters
    ----------
    path : path
        ``.csv``, ``.tsv``, ``.parquet`` with a row per image: a column of names; the true
        labels in one column ``label`` as ``cat;dog`` (empty: none; in Parquet also lists), or
        in columns ``label_cat``, ``label_dog`` of 0 and 1; the scores in ``score_cat``,
        ``score_dog`` (also ``logit_``, ``prob_``, or numbers for names), or the labels given
        in one column ``pred`` as ``cat;dog``. Other columns are covariates.

        ``.npz``, ``.npy``: as :func:`sensitivity.inputs.readers.read_predictions` has it, with
        N×L scores and N×L labels.
    images : path, optional
        The folder of the images: base names found at some depth in it become paths relative
        to it.

    Returns
    -------
    Predictions
        Lists of names for each image are an array of lists; without labels `label_list` is
        None.

    Raises
    ------
    InputError
        The file cannot be read or used; the message names the column and the row.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "p.csv"
    >>> _ = path.write_text("name,label,prob_cat,prob_dog\na.png,cat;dog,0.9,0.5\nb.png,,0,0.1\n")
    >>> read = read_label_predictions(path)
    >>> read.pred_list.tolist(), read.label_list.tolist(), read.label_map
    ([[0.9, 0.5], [0.0, 0.1]], [['cat', 'dog'], []], {0: 'cat', 1: 'dog'})
    """
    path = Path(path)
    if path.suffix.lower() not in SEPARATORS:
        return read_predictions(path, images=images)
    table = read_table(path)
    roles = find_roles(table.headers, path.name)
    if roles.is_timm:
        rule = "expected score_…, or pred as cat;dog, beside label as cat;dog"
        raise InputError("columns", rule, got="those of timm's inference script", where=path.name)
    if roles.classes:
        check_class_names(roles.classes, "columns")

    notes: list[str] = []
    columns = _label_columns(roles)
    labelled = set(columns.values())
    classes = roles.classes or tuple(map(str, range(len(roles.scores)))) or tuple(columns)
    names = texts(table, roles.name)
    if images is not None and Path(images).is_dir():
        names = relative_to_images(names, Path(images))
    return Predictions(
        pred_list=_pred_list(table, roles, notes),
        label_list=_label_list(table, roles, columns, classes, notes),
        name_list=names,
        columns=covariates(table, tuple(h for h in roles.others if h not in labelled), notes),
        label_map=dict(enumerate(classes)) or None,
        notes=tuple(notes),
    )


def _label_columns(roles: Roles) -> dict[str, str]:
    """Return the columns of 0 and 1 by label; none beside a column of all labels."""
    if roles.label:
        return {}
    found = [(m[1], header) for header in roles.others if (m := _LABEL.fullmatch(header))]
    return dict(found)


def _pred_list(table: Table, roles: Roles, notes: list[str]) -> npt.NDArray[Any]:
    if roles.scores:
        if roles.pred:
            notes.append(f"scores were used, not the column {roles.pred}")
        return scores(table, roles.scores)
    if not roles.score:
        return _lists(table, roles.pred, notes)
    listed = listed_scores(table, roles.score)
    if listed is None:
        rule = "expected a score for each label: score_cat, score_dog, …"
        raise InputError("columns", rule, got=roles.score, where=table.path.name)
    return listed


def _label_list(
    table: Table,
    roles: Roles,
    columns: dict[str, str],
    classes: tuple[str, ...],
    notes: list[str],
) -> npt.NDArray[Any] | None:
    if roles.label:
        return _lists(table, roles.label, notes)
    if not columns:
        return None
    missing = [f"no label_{name}" for name in classes if name not in columns]
    missing += [
        f"{header} without scores" for name, header in columns.items() if name not in classes
    ]
    if missing:
        rule = "expected a column of scores and one of labels for each label"
        raise InputError("columns", rule, got=missing[0], where=table.path.name)
    return scores(table, tuple(columns[name] for name in classes))


def _lists(table: Table, header: str, notes: list[str]) -> npt.NDArray[Any]:
    """Return a column of lists of labels, as an array of lists."""
    import pyarrow as pa

    column = table.columns[header]
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        found = [list(cell or ()) for cell in column.to_pylist()]
    else:
        try:
            cells = column.cast(pa.string()).fill_null("").to_pylist()
        except pa.ArrowException as error:
            got, where = str(column.type), table.path.name
            raise InputError(f"column {header}", "expected text", got=got, where=where) from error
        found = [[part.strip() for part in cell.split(SEPARATOR) if part.strip()] for cell in cells]
        notes.append(f"column {header}: the labels of an image are parted by {SEPARATOR!r}")
    return np.fromiter(found, dtype=object, count=len(found))
