"""The caller's three lists → `Samples`: clean, frozen arrays that everything else may trust.

This is the only place that guesses what was meant; every guess becomes one sentence in
``Samples.notes``. What cannot be decided is an error that says how to decide it. The
caller's objects are never modified. Rows are counted from 0.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError, OptionError
from .arrays import as_array, as_names, read_only
from .classes import MAX_CLASSES, class_names, read_class_names, read_label_map
from .multilabel import LabelSamples, read_label_samples
from .scores import read_scores, reject

#: Task names that scripts pass; this version does the first and the last.
TASKS = (
    "image_classification",
    "image_object_detection",
    "image_segmentation",
    "multi_label_classification",
)


@dataclass(frozen=True, eq=False)
class Samples:
    """N samples of a classification, ready for measuring. All arrays are read-only.

    Attributes
    ----------
    task : str
        ``"image_classification"``.
    names : numpy.ndarray of str
        N names, in the caller's order.
    y : numpy.ndarray of int64
        N true classes, 0 … C-1.
    predicted : numpy.ndarray of int64
        N predicted classes, 0 … C-1: the highest score (the first of equal ones), or for
        binary scores with a threshold 1 where p ≥ threshold.
    scores : numpy.ndarray of float or None
        N×C scores as given (a view of the caller's array where it is one); binary scores p
        become N×2, ``[1-p, p]``; None when classes were given instead of scores.
    score_kind : str
        ``"logits"``, ``"probabilities"`` or ``"labels"`` (there are no scores).
    classes : tuple of str
        C display names, unique, none is "all".
    notes : tuple of str
        Every guess that was made, one sentence each.
    """

    task: str
    names: npt.NDArray[np.object_]
    y: npt.NDArray[np.int64]
    predicted: npt.NDArray[np.int64]
    scores: npt.NDArray[np.floating[Any]] | None
    score_kind: str
    classes: tuple[str, ...]
    notes: tuple[str, ...]

    def __len__(self) -> int:
        """Return N, the number of samples."""
        return len(self.names)

    @property
    def support(self) -> npt.NDArray[np.int64]:
        """Samples of each class, C."""
        return np.bincount(self.y, minlength=len(self.classes)).astype(np.int64)


def read_samples(
    pred_list: object,
    label_list: object,
    name_list: object,
    task_type: str = "image_classification",
    *,
    label_map_dict: object = None,
    threshold: object = None,
) -> Samples | LabelSamples:
    """Read predictions, labels and names of N samples.

    Lists, tuples, NumPy arrays, pandas objects and tensors (any device) are accepted, and
    lists of them, one per sample or one per batch.

    Parameters
    ----------
    pred_list : array-like
        N×C scores (logits or probabilities; -inf for classes masked out), N predicted
        classes (indices, also as floats; names), or N or N×1 scores of class 1 in 0…1 with
        `threshold`. Without it a single float per sample must be whole, and is a class.
    label_list : array-like
        N or N×1 true classes: indices, also as floats; names that the label map has; one-hot
        rows as wide as the scores.
    name_list : array-like
        N paths, URLs or other names: text, bytes, ``pathlib.Path``, whole numbers.
    task_type : str
        ``"image_classification"``; or ``"multi_label_classification"``, for whose lists and
        thresholds see :func:`sensitivity.inputs.multilabel.read_label_samples`.
    label_map_dict : dict, sequence or str, optional
        Class names: see :func:`sensitivity.inputs.classes.read_label_map`.
    threshold : float, optional
        Class 1 of two is predicted where its probability is ≥ `threshold` (compared in the
        precision of the scores); strictly between 0 and 1.

    Returns
    -------
    Samples or LabelSamples
        The latter for several labels per image. C is the number of score columns, without
        scores the highest index in labels, predictions and label map, plus 1.

    Raises
    ------
    InputError
        The data cannot be used: different lengths, ragged rows, NaN, infinite or wholly
        masked scores, labels that are negative, fractional, out of range or not in the label
        map, no sample at all. The message names the first row concerned.
    OptionError
        An unknown or not yet supported task, a threshold that is out of range or has nothing
        to decide, arguments in the order of another function.

    Examples
    --------
    >>> samples = read_samples([[8.7, 21.9], [3.0, 1.0]], [1, 1], ["a.jpg", "b.jpg"])
    >>> samples.predicted.tolist(), samples.score_kind, samples.classes
    ([1, 0], 'logits', ('0', '1'))
    >>> read_samples([0.4, 0.6], [0, 1], ["a.jpg", "b.jpg"], threshold=0.5).predicted.tolist()
    [0, 1]
    """
    _check_call(pred_list, task_type)
    names = as_names(name_list)
    notes = _notes_on_names(names)
    match task_type:
        case "multi_label_classification":
            return read_label_samples(
                pred_list,
                label_list,
                names,
                label_map_dict=label_map_dict,
                threshold=threshold,
                notes=notes,
            )
        case _:
            least = _checked_threshold(threshold)
            return _read_one_class(pred_list, label_list, names, label_map_dict, least, notes)


def _read_one_class(
    pred_list: object,
    label_list: object,
    names: npt.NDArray[np.object_],
    label_map_dict: object,
    threshold: float | None,
    notes: list[str],
) -> Samples:
    label_map = read_label_map(label_map_dict)
    scores, ids = _by_form(_rows(pred_list, "predictions", names), threshold, names)
    column = _label_column(_rows(label_list, "labels", names), scores, notes)
    labels, ids, label_map = read_class_names(column, ids, label_map, notes)

    width = None if scores is None else scores.shape[1]
    y = _indices(labels, "labels", names, notes, width=width)
    _check_against_map(y, label_map, width, names)
    if scores is None:
        predicted, kind = _indices(ids, "predictions", names, notes), "labels"
    else:
        predicted, kind = read_scores(scores, threshold, names, notes)

    n_classes = width or 1 + max(int(y.max()), int(predicted.max()), *label_map)
    if n_classes > MAX_CLASSES:
        got = f"{n_classes:,}"
        raise InputError("classes", f"expected at most {MAX_CLASSES:,} in this version", got=got)
    classes = class_names(n_classes, label_map)
    notes += _notes_on_classes(y, classes, label_map)
    return Samples(
        task=TASKS[0],
        names=read_only(names),
        y=read_only(y),
        predicted=read_only(predicted),
        scores=None if scores is None else read_only(scores),
        score_kind=kind,
        classes=classes,
        notes=tuple(notes),
    )


def _check_call(pred_list: object, task_type: object) -> None:
    if isinstance(pred_list, str):
        raise OptionError(
            "analyse",
            "give the arguments by keyword: task_type=…, pred_list=…, label_list=…, name_list=…",
            got=f"{pred_list[:40]!r} as pred_list",
        )
    is_text = isinstance(task_type, str)
    if not is_text or task_type not in TASKS:
        got = repr(task_type) if is_text else type(task_type).__name__
        raise OptionError("task_type", f"expected one of {', '.join(TASKS)}", got=got)
    done = TASKS[0], TASKS[-1]
    if task_type not in done:
        rule = f"this version analyses {' and '.join(done)} only"
        raise OptionError("task_type", rule, got=repr(task_type))


def _checked_threshold(threshold: object) -> float | None:
    if threshold is None:
        return None
    if not (isinstance(threshold, (int, float, np.number)) and 0 < threshold < 1):
        raise OptionError("threshold", "expected a number between 0 and 1", got=repr(threshold))
    return float(threshold)


def _rows(value: object, what: str, names: npt.NDArray[np.object_]) -> npt.NDArray[Any]:
    n = len(names)
    if value is None:
        rule = f"expected one {what.removesuffix('s')} per name"
        hint = "of a file without labels: labels=" if what == "labels" else None
        raise InputError(what, rule, got="None", where=hint)
    array = as_array(value, what, n)
    if array.ndim == 2 and len(array) != n and array.size == n:  # batches of one value each
        array = array.reshape(-1)
    if array.ndim == 0:
        raise InputError(what, "expected one per name", got="a single number")
    if len(array) != n:
        what = "scores" if what == "predictions" and array.ndim > 1 else what
        unit = "row" if what == "scores" else what.removesuffix("s")
        got = f"{len(array):,} {unit}s for {n:,} names"
        raise InputError(what, f"expected one {unit} per name", got=got)
    return array.reshape(-1) if array.shape[1:] == (1,) else array


def _by_form(
    array: npt.NDArray[Any], threshold: float | None, names: npt.NDArray[np.object_]
) -> tuple[npt.NDArray[np.floating[Any]] | None, npt.NDArray[Any] | None]:
    """Return N×C scores or N classes; the other is None."""
    is_text = array.dtype.kind in "US"
    if array.ndim > 2 or 0 in array.shape or (array.ndim == 2 and is_text):
        shape = "×".join(map(str, array.shape))
        raise InputError("predictions", "expected N×C scores or N classes", got=shape)
    if array.ndim == 1 and threshold is None:
        return None, array

    if array.ndim == 2:
        if threshold is not None and array.shape[1] != 2:
            raise OptionError("threshold", "expected two classes", got=f"{array.shape[1]:,}")
        # Whole-numbered scores become the narrowest float that holds them; floats stay as given.
        return array.astype(np.result_type(array.dtype, np.float16), copy=False), None
    if array.dtype.kind != "f":
        raise OptionError("threshold", "expected scores, one float per sample", got="classes")
    reject(
        (array < 0) | (array > 1),
        "scores",
        "expected probabilities of class 1 (0…1; apply the sigmoid first)",
        array,
        names,
    )
    return np.column_stack([1 - array, array]), None


def _label_column(
    labels: npt.NDArray[Any],
    scores: npt.NDArray[np.floating[Any]] | None,
    notes: list[str],
) -> npt.NDArray[Any]:
    """Return one label per sample; one-hot rows are unmistakable only beside scores."""
    if labels.ndim == 1:
        return labels
    shape = "×".join(map(str, labels.shape))
    is_one_hot = (
        scores is not None
        and labels.shape == scores.shape
        and labels.dtype.kind in "biuf"
        and bool(((labels == 0) | (labels == 1)).all())
        and bool((labels.sum(axis=1) == 1).all())
    )
    if not is_one_hot:
        raise InputError(
            "labels", "expected one class per sample (of one-hot rows, the argmax)", got=shape
        )
    notes.append(f"labels: {shape} one-hot rows were read as class indices")
    return np.asarray(labels.argmax(axis=1))


def _indices(
    array: npt.NDArray[Any] | None,
    what: str,
    names: npt.NDArray[np.object_],
    notes: list[str],
    *,
    width: int | None = None,
) -> npt.NDArray[np.int64]:
    """Return class indices that are whole, not negative and in range, as a new array."""
    if array is None or array.ndim != 1:
        raise InputError(what, "expected one class per sample", got=str(array))
    if array.dtype.kind == "f":
        reject(np.isnan(array), what, "expected a class for each sample", array, names)
        rule = "expected whole numbers"
        if what == "predictions":
            rule = (
                "one number per sample is a class and must be whole; "
                "give threshold= if it is the probability of class 1"
            )
        reject(array != np.floor(array), what, rule, array, names)
        notes.append(f"{what}: whole numbers stored as floats were read as class indices")
    reject(array < 0, what, "expected class indices 0, 1, …", array, names)
    limit, why = MAX_CLASSES, ""
    if width is not None:
        limit, why = width, f", as the scores have {width:,} columns"
    reject(array >= limit, what, f"expected class indices below {limit:,}{why}", array, names)
    return array.astype(np.int64)


def _check_against_map(
    y: npt.NDArray[np.int64],
    label_map: dict[int, str],
    width: int | None,
    names: npt.NDArray[np.object_],
) -> None:
    if not label_map:
        return
    if width is not None and max(label_map) >= width:
        raise InputError(
            "label_map_dict",
            f"expected class indices below {width:,}, as the scores have {width:,} columns",
            got=str(max(label_map)),
        )
    missing = ~np.isin(y, list(label_map))
    reject(missing, "labels", "expected classes of the label map", y, names)


def _notes_on_names(names: npt.NDArray[np.object_]) -> list[str]:
    n_repeats = len(names) - len(set(names.tolist()))
    if not n_repeats:
        return []
    n_names = sum(count > 1 for count in Counter(names.tolist()).values())
    names_occur = "1 name occurs" if n_names == 1 else f"{n_names:,} names occur"
    if n_repeats == 1:
        return [f"{names_occur} more than once: the repetition counts as a sample of its own"]
    return [
        f"{names_occur} more than once: the {n_repeats:,} repetitions count as samples of their own"
    ]


def _notes_on_classes(
    y: npt.NDArray[np.int64], classes: tuple[str, ...], label_map: dict[int, str]
) -> list[str]:
    notes = []
    if y.min() == y.max():
        notes.append(f"all labels are of one class, {classes[y[0]]!r}")
    if label_map and len(label_map) < len(classes):
        n_unnamed = len(classes) - len(label_map)
        notes.append(
            f"{n_unnamed:,} classes are not in the label map and are called by their index"
        )
    return notes
