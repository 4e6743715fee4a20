"""Files of predictions → the three lists that `analyse` takes, and whatever else they hold.

Tables (CSV, TSV, Parquet) have a row per image: ``name, label, pred`` or ``name, label,
score_0, score_1, …`` (also ``logit_``, ``prob_``; or with class names instead of numbers);
all other columns are covariates. Array files (``.npz``, ``.npy``) hold the same as arrays.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from ..errors import InputError, OptionError
from .classes import check_class_names, natural_order, read_class_names
from .columns import LABEL_HEADERS, NAME_HEADERS, PRED_HEADERS, SCORE_PREFIXES, Roles, find_roles
from .folders import labels_from_folder, relative_to_images
from .listed import first_of_lists, listed_scores
from .tabular import (
    SEPARATORS,
    Table,
    covariates,
    read_table,
    scores,
    texts,
    values,
)
from .truth import read_list, read_names, read_truth

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Predictions", "labels_from_folder", "read_predictions"]


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a file holds: the three lists, and the rest.

    Attributes
    ----------
    pred_list : numpy.ndarray
        N×C scores, N classes, or N scores of class 1.
    label_list : numpy.ndarray of int64 or None
        N true classes; None when neither the file nor `labels` has them.
    name_list : list of str
        N names.
    columns : pandas.DataFrame or None
        All other columns, row for row, as numbers or text; None without any.
    label_map : dict of int to str or None
        Class names, where the file or the folder has them.
    notes : tuple of str
        Every guess that was made, one sentence each.
    """

    pred_list: npt.NDArray[Any]
    label_list: npt.NDArray[np.int64] | None
    name_list: list[str]
    columns: pd.DataFrame | None = None
    label_map: dict[int, str] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Raw:
    """What a file holds before classes have become indices.

    `pred` are classes (numbers or names), `scores` N×C or N scores; at least one is there.
    `classes` are the class names in the order of the scores, where these bear them. `index`
    are predicted classes as numbers beside their names in `pred`.
    """

    names: list[str]
    scores: npt.NDArray[Any] | None = None
    pred: npt.NDArray[Any] | None = None
    labels: npt.NDArray[Any] | None = None
    classes: tuple[str, ...] = ()
    index: npt.NDArray[Any] | None = None
    columns: pd.DataFrame | None = None
    is_timm: bool = False
    notes: list[str] = field(default_factory=list)


def read_predictions(
    path: str | os.PathLike[str],
    *,
    names: object = None,
    labels: object = None,
    images: str | os.PathLike[str] | None = None,
) -> Predictions:
    r"""Read a file of predictions.

    Parameters
    ----------
    path : path
        ``.csv``, ``.tsv``, ``.parquet``: columns of names (``name``, ``filename``, ``file``,
        ``path`` or ``image``), true classes (``label``, ``target`` or ``y_true``) and either
        predicted classes (``pred``, ``prediction``, ``predicted`` or ``y_pred``) or scores
        (``score_0``, ``score_1``, …, or ``score_cat``, …; one column ``score`` or ``score_1``
        is the probability of class 1, or holds lists). Classes are numbers or names. The CSV
        of timm's inference script is recognised; there ``label`` is the prediction.

        ``.npz``: arrays ``scores``, ``logits``, ``probs`` or ``pred``, with ``labels`` and
        ``names``; further arrays with one value per name are covariates. ``.npy``: scores or
        predicted classes.
    names : path or array-like, optional
        N names, for array files without: a list, a file with one per line, or a table.
    labels : path or array-like, optional
        True classes, instead of the file's own: a table of names and labels, a folder with a
        folder per class, or N labels in the order of the names.
    images : path, optional
        The folder of the images: base names found at some depth in it become paths relative
        to it.

    Returns
    -------
    Predictions
        Without any labels `label_list` is None.

    Raises
    ------
    InputError
        The file cannot be read or used; the message names the column and the row.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "p.csv"
    >>> _ = path.write_text("name,label,logit_cat,logit_dog,lamp\na.png,dog,0.1,2.5,7\n")
    >>> read = read_predictions(path)
    >>> read.pred_list, read.label_list, read.label_map, list(read.columns)
    (array([[0.1, 2.5]]), array([1]), {0: 'cat', 1: 'dog'}, ['lamp'])
    """
    path = Path(path)
    match path.suffix.lower():
        case suffix if suffix in SEPARATORS:
            if names is not None:
                raise OptionError(
                    "names", "only array files need them", got=f"names for {path.name}"
                )
            raw = _from_table(read_table(path))
        case ".npz" | ".npy":
            raw = _from_arrays(_arrays(path), names, path.name)
        case suffix:
            known = ", ".join([*SEPARATORS, ".npz", ".npy"])
            hint = "save tensors with numpy.savez" if suffix in (".pt", ".pth", ".pkl") else None
            raise InputError("file", f"expected one of {known}", got=path.name, where=hint)

    order: tuple[str, ...] = ()
    if labels is not None:
        raw, order = _with_truth(raw, labels)
    elif raw.is_timm and raw.index is not None:
        raw = replace(raw, pred=raw.index)
    if images is not None and Path(images).is_dir():
        raw = replace(raw, names=relative_to_images(raw.names, Path(images)))
    return _numbered(raw, order)


def _from_table(table: Table) -> _Raw:
    roles = find_roles(table.headers, table.path.name)
    notes: list[str] = []
    if roles.is_timm:
        notes.append(
            f"{table.path.name}: columns of timm's inference script, whose label is the prediction"
        )
        return _Raw(
            texts(table, roles.name),
            pred=first_of_lists(table, roles.pred).astype(str) if roles.pred else None,
            index=first_of_lists(table, roles.index) if roles.index else None,
            is_timm=True,
            notes=notes,
        )
    if roles.classes:
        check_class_names(roles.classes, "columns")
    return _Raw(
        texts(table, roles.name),
        scores=_table_scores(table, roles),
        pred=values(table, roles.pred) if roles.pred else None,
        labels=values(table, roles.label) if roles.label else None,
        classes=roles.classes,
        columns=covariates(table, roles.others, notes),
        notes=notes,
    )


def _table_scores(table: Table, roles: Roles) -> npt.NDArray[Any] | None:
    if roles.scores:
        return scores(table, roles.scores)
    if not roles.score:
        return None
    listed = listed_scores(table, roles.score)
    return scores(table, (roles.score,))[:, 0] if listed is None else listed


def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    if path.suffix.lower() == ".npy":
        array = np.asarray(read_list(path, "file"))
        is_classes = array.ndim == 1 and array.dtype.kind != "f"
        return {"pred" if is_classes else "scores": array}
    if not path.is_file():
        raise InputError("file", "expected an existing file", got=str(path))
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except (ValueError, OSError, EOFError, BadZipFile) as error:
        rule = "expected arrays of numbers or text, not pickled objects"
        raise InputError("file", rule, got=str(error)[:100], where=path.name) from error


def _from_arrays(arrays: Mapping[str, npt.NDArray[Any]], names: object, where: str) -> _Raw:
    keys = {
        what: _key(arrays, headers, where)
        for what, headers in {
            "scores": SCORE_PREFIXES,
            "pred": PRED_HEADERS,
            "labels": LABEL_HEADERS,
            "names": NAME_HEADERS,
        }.items()
    }
    got = ", ".join(arrays) or "none"
    if not (keys["scores"] or keys["pred"]):
        rule = "expected an array scores, logits, probs or pred"
        raise InputError("file", rule, got=got, where=where)
    if names is None and not keys["names"]:
        raise InputError("names", "expected names=…, as the file has none", got=got, where=where)

    notes: list[str] = []
    read = read_names(arrays[keys["names"]] if names is None else names)
    others = {key: array for key, array in arrays.items() if key not in keys.values()}
    return _Raw(
        read,
        scores=arrays.get(keys["scores"]),
        pred=arrays.get(keys["pred"]),
        labels=arrays.get(keys["labels"]),
        columns=_array_covariates(others, len(read), notes),
        notes=notes,
    )


def _key(arrays: Mapping[str, Any], headers: Sequence[str], where: str) -> str:
    """Return the one key that is one of the headers, in singular or plural; else ""."""
    wanted = {*headers, *(f"{header}s" for header in headers)}
    found = [key for key in arrays if key.lower() in wanted]
    if len(found) > 1:
        raise InputError("file", "expected one of them", got=" and ".join(found), where=where)
    return found[0] if found else ""


def _array_covariates(
    arrays: Mapping[str, npt.NDArray[Any]], n: int, notes: list[str]
) -> pd.DataFrame | None:
    import pandas as pd

    fitting = {key: array for key, array in arrays.items() if array.shape == (n,)}
    for key in sorted(set(arrays) - set(fitting)):
        notes.append(f"array {key} was left out, as it does not hold one value per name")
    return pd.DataFrame(fitting) if fitting else None


def _with_truth(raw: _Raw, source: object) -> tuple[_Raw, tuple[str, ...]]:
    """Put the true classes in place; also return all classes in order, if a folder has them."""
    truth, order = read_truth(source, raw.names)
    notes = list(raw.notes)
    if raw.labels is not None:
        notes.append("labels were taken from labels=, not from the file")
    width = raw.scores.shape[1] if raw.scores is not None and raw.scores.ndim == 2 else len(order)
    if order and not raw.classes and width != len(order):
        notes.append(f"{len(order):,} class folders were taken as the first classes of the scores")
    pred = raw.pred
    if raw.is_timm:
        is_named = pred is not None and not set(pred.tolist()).isdisjoint([*order, *truth.tolist()])
        if not is_named and raw.index is not None:
            pred, order = raw.index, tuple(natural_order(order))  # timm's order of class folders
        elif not is_named and pred is not None:
            rule = "expected class names as in the labels; run timm with --include-index"
            got = f"{str(pred[0])!r} for {str(truth[0])!r}"
            raise InputError("column label", rule, got=got, where="row 0")
    if order and pred is not None and pred.dtype.kind != "U":
        notes.append("predicted indices were taken in the order of the class folders")
    return replace(raw, labels=truth, pred=pred, notes=notes), order


def _numbered(raw: _Raw, order: tuple[str, ...]) -> Predictions:
    """Turn class names into indices where the file, the folder or both lists tell them."""
    notes = list(raw.notes)
    label_map = dict(enumerate(raw.classes or order))
    labels, pred = raw.labels, raw.pred
    if raw.classes and labels is not None and labels.dtype.kind != "U":
        notes.append("labels were taken as positions of the named score columns")
    is_named = [array.dtype.kind in "US" for array in (labels, pred) if array is not None]
    if label_map or (is_named and all(is_named) and pred is not None):
        labels, pred, label_map = read_class_names(labels, pred, label_map, notes)

    if labels is not None and labels.dtype.kind in "bf":
        labels = _whole(labels)
    if raw.scores is None:
        assert pred is not None  # a file without both was refused
        pred_list = pred
    else:
        pred_list = raw.scores
        notes += _disagreement(raw.scores, pred)
    return Predictions(
        pred_list=pred_list,
        label_list=labels,
        name_list=raw.names,
        columns=raw.columns,
        label_map=label_map or None,
        notes=tuple(notes),
    )


def _whole(labels: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    is_broken = ~(labels == np.floor(labels)) if labels.dtype.kind == "f" else labels != labels
    if is_broken.any():
        row = int(is_broken.argmax())
        got = str(labels[row])
        raise InputError("labels", "expected whole numbers or names", got=got, where=f"row {row}")
    return labels.astype(np.int64)


def _disagreement(scores: npt.NDArray[Any], pred: npt.NDArray[Any] | None) -> list[str]:
    if pred is None:
        return []
    note = "scores were used, not the column of predicted classes"
    if scores.ndim != 2 or pred.shape != (len(scores),) or pred.dtype.kind not in "biuf":
        return [note]
    count = int((scores.argmax(axis=1) != pred).sum())
    return [f"{note}, which differs from their argmax in {count:,} rows" if count else note]
