"""Three lists of a multi-label problem → `LabelSamples`: every image has any number of labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError, OptionError, did_you_mean
from .arrays import as_array, read_only
from .classes import MAX_CLASSES, class_names, read_label_map
from .listed_labels import Listed, as_listed, label_rows, numbered, shown
from .scores import SUM_TOLERANCE, reject

TASK = "multi_label_classification"

#: Probability from which a label is called unless `threshold` says otherwise.
THRESHOLD = 0.5


@dataclass(frozen=True, eq=False)
class LabelSamples:
    """N images with any of L labels each, ready for measuring. All arrays are read-only.

    Attributes
    ----------
    task : str
        ``"multi_label_classification"``.
    names : numpy.ndarray of str
        N names, in the caller's order.
    truth : numpy.ndarray of bool
        N×L: the image has the label.
    called : numpy.ndarray of bool
        N×L: the image was given the label; with scores, where its probability is at least
        the label's threshold.
    scores : numpy.ndarray of float or None
        N×L probabilities; None when decisions were given instead of scores.
    score_kind : str
        What was given: ``"logits"`` (`scores` are their sigmoid), ``"probabilities"`` or
        ``"labels"`` (there are no scores).
    thresholds : numpy.ndarray of float64
        L probabilities from which a label is called; NaN without scores.
    classes : tuple of str
        L display names, unique, none is "all".
    notes : tuple of str
        Every guess that was made, one sentence each.
    """

    task: str
    names: npt.NDArray[np.object_]
    truth: npt.NDArray[np.bool_]
    called: npt.NDArray[np.bool_]
    scores: npt.NDArray[np.floating[Any]] | None
    score_kind: str
    thresholds: npt.NDArray[np.float64]
    classes: tuple[str, ...]
    notes: tuple[str, ...]

    def __len__(self) -> int:
        """Return N, the number of images."""
        return len(self.names)

    @property
    def support(self) -> npt.NDArray[np.int64]:
        """Images that have each label, L."""
        return np.asarray(self.truth.sum(axis=0), dtype=np.int64)


def read_label_samples(
    pred_list: object,
    label_list: object,
    names: npt.NDArray[np.object_],
    *,
    label_map_dict: object = None,
    threshold: object = None,
    notes: Iterable[str] = (),
) -> LabelSamples:
    """Read predictions and labels of N images that may have several labels each.

    Parameters
    ----------
    pred_list : array-like
        N×L scores: probabilities, or logits where any value is outside 0…1. Or decisions:
        N×L zeros and ones, or a list per image of the labels that it was given, as indices or
        names.
    label_list : array-like
        N×L zeros and ones, or a list per image of the labels that it has, as indices or
        names; an empty list where it has none. Rows of whole numbers are indices unless they
        are zeros and ones as many as there are labels.
    names : numpy.ndarray of str
        N names.
    label_map_dict : dict, sequence or str, optional
        Label names: see :func:`sensitivity.inputs.classes.read_label_map`.
    threshold : float, sequence of L floats or mapping, optional
        Probability from which a label is called: one for all, one each, or by label name
        (of labels not named .5); .5 unless given. Strictly between 0 and 1, and compared in
        the precision of the scores.
    notes : iterable of str
        Notes to begin with.

    Returns
    -------
    LabelSamples
        L is the number of columns; without any, the highest index in labels, predictions and
        label map, plus 1.

    Raises
    ------
    InputError
        The lists cannot be used: different lengths or widths, NaN or infinite scores, labels
        that are no zeros and ones, out of range or not in the label map.
    OptionError
        A threshold that is out of range, of another number than labels, or has nothing to
        decide.

    Examples
    --------
    >>> names = np.array(["a.jpg", "b.jpg"], dtype=object)
    >>> samples = read_label_samples([[0.9, 0.2], [0.4, 0.7]], [[0], []], names,
    ...                              label_map_dict=["cat", "dog"])
    >>> samples.truth.tolist(), samples.called.tolist()
    ([[True, False], [False, False]], [[True, False], [False, True]])
    >>> read_label_samples([["dog"], ["cat", "dog"]], [["dog"], []], names).classes
    ('cat', 'dog')
    """
    said = list(notes)
    label_map = read_label_map(label_map_dict)
    given = {
        "labels": label_rows(label_list, "labels", names),
        "predictions": label_rows(pred_list, "predictions", names),
    }
    width = _width(given, label_map)
    given = {what: as_listed(rows, width, what, said) for what, rows in given.items()}
    listed, label_map = numbered(given, label_map, width, names, said)
    highest = max([-1, *label_map, *(int(one.items.max(initial=-1)) for one in listed.values())])
    n_labels = width or highest + 1
    if not n_labels:
        raise InputError("labels", "expected a label, or label_map_dict", got="empty lists only")
    if n_labels > MAX_CLASSES:
        rule = f"expected at most {MAX_CLASSES:,} labels in this version"
        raise InputError("predictions", rule, got=f"{n_labels:,}")
    classes = class_names(n_labels, label_map)

    hot = {what: one.hot(len(names), n_labels) for what, one in listed.items()}
    truth = hot["labels"] if "labels" in hot else _zeros_and_ones(given["labels"], names, said)
    called, scores, kind, thresholds = (
        _decided(hot["predictions"], threshold)
        if "predictions" in hot
        else _called(given["predictions"], threshold, classes, names, said)
    )
    said += _notes_on_labels(truth, classes, label_map)
    return LabelSamples(
        TASK,
        names=read_only(names),
        truth=read_only(truth),
        called=read_only(called),
        scores=None if scores is None else read_only(scores),
        score_kind=kind,
        thresholds=read_only(thresholds),
        classes=classes,
        notes=tuple(said),
    )


def _width(
    given: Mapping[str, npt.NDArray[Any] | Listed], label_map: Mapping[int, str]
) -> int | None:
    """Return L where columns tell it; whole numbers may be indices, so others go first."""
    shapes = {what: rows for what, rows in given.items() if isinstance(rows, np.ndarray)}
    sure = {what: rows.shape[1] for what, rows in shapes.items() if rows.dtype.kind in "bf"}
    if len(set(sure.values())) > 1:
        rule = f"expected {sure['predictions']:,} columns, as the predictions have"
        raise InputError("labels", rule, got=f"{sure['labels']:,}")
    width = next(iter(sure.values()), None)
    if width is None and shapes:
        # Of zeros and ones the widest: narrower ones can be lists of indices, never wider ones.
        others = [rows.items for rows in given.values() if isinstance(rows, Listed)]
        highest = [int(items.max(initial=0)) for items in others if items.dtype.kind != "U"]
        widths = [rows.shape[1] for rows in shapes.values()]
        width = max([*widths, *(index + 1 for index in [*label_map, *highest])])
    if width is not None and label_map and max(label_map) >= width:
        rule = f"expected indices below {width:,}, as there are {width:,} labels"
        raise InputError("label_map_dict", rule, got=str(max(label_map)))
    return width


def _zeros_and_ones(
    rows: npt.NDArray[Any] | Listed, names: npt.NDArray[np.object_], notes: list[str]
) -> npt.NDArray[np.bool_]:
    assert isinstance(rows, np.ndarray)  # lists were dealt with
    if rows.dtype.kind == "b":
        return rows
    _reject(~((rows == 0) | (rows == 1)), "labels", "expected 0 or 1 for each label", rows, names)
    notes.append(f"labels: rows of {rows.shape[1]:,} zeros and ones, one for each label")
    return rows.astype(np.bool_)


_Called = tuple[
    npt.NDArray[np.bool_], npt.NDArray[np.floating[Any]] | None, str, npt.NDArray[np.float64]
]


def _decided(called: npt.NDArray[np.bool_], threshold: object) -> _Called:
    if threshold is not None:
        raise OptionError("threshold", "expected scores to decide on", got="decisions")
    return called, None, "labels", np.full(called.shape[1], np.nan)


def _called(
    rows: npt.NDArray[Any] | Listed,
    threshold: object,
    classes: tuple[str, ...],
    names: npt.NDArray[np.object_],
    notes: list[str],
) -> _Called:
    """Tell decisions from scores, and scores by their range; then apply the thresholds."""
    assert isinstance(rows, np.ndarray)  # lists were dealt with
    if rows.dtype.kind != "f" or (threshold is None and bool(((rows == 0) | (rows == 1)).all())):
        note = "predictions are all 0 or 1: read as decisions, of which there are no probabilities"
        notes.append(note)
        return _decided(rows.astype(np.bool_, copy=False), threshold)

    _reject(np.isnan(rows), "scores", "expected numbers", rows, names)
    _reject(rows == np.inf, "scores", "expected finite scores", rows, names)
    if rows.min() < -1e-6 or rows.max() > 1 + 1e-6:
        from scipy.special import expit

        kind, scores = "logits", expit(rows if rows.itemsize > 2 else rows.astype(np.float32))
        notes.append("scores outside 0…1: read as logits, of which probabilities are the sigmoid")
    else:
        kind, scores = "probabilities", rows
        if rows.min() < 0 or rows.max() > 1:
            scores = rows.clip(0, 1)
        notes.append("scores lie in 0…1: read as the probabilities of the labels")
        notes += _note_on_sums(rows)
    thresholds = _thresholds(threshold, classes, notes)
    called = scores >= thresholds.astype(scores.dtype)
    return called, scores, kind, thresholds


def _note_on_sums(scores: npt.NDArray[np.floating[Any]]) -> list[str]:
    sums = scores.sum(axis=1, dtype=np.float64)
    if scores.shape[1] == 1 or not (abs(sums - 1) <= SUM_TOLERANCE).all():
        return []
    return [
        "scores sum to 1 in each row, as those of a softmax do; where an image may have several "
        "labels each label needs a probability of its own (sigmoid)"
    ]


def _thresholds(
    threshold: object, classes: tuple[str, ...], notes: list[str]
) -> npt.NDArray[np.float64]:
    """Return one threshold per label."""
    wanted = _by_label(threshold, classes)
    for name, value in wanted.items():
        if not (isinstance(value, (int, float, np.number)) and bool(0 < value < 1)):
            rule = "expected a number between 0 and 1"
            where = None if value is threshold else f"label {name!r}"
            raise OptionError("threshold", rule, got=repr(value), where=where)
    found = np.array([wanted.get(name, THRESHOLD) for name in classes], dtype=np.float64)
    if (found == found[0]).all():
        notes.append(f"a label is called where its probability is at least {found[0]:g}")
    else:
        each = [f"{name} {value:g}" for name, value in zip(classes, found, strict=True)]
        notes.append(f"a label is called from a probability of its own: {shown(each)}")
    return found


def _by_label(threshold: object, classes: tuple[str, ...]) -> dict[str, object]:
    """Return what is wanted for each label; a label that a mapping does not name is left out."""
    if threshold is None:
        return {}
    if isinstance(threshold, Mapping):
        wanted = {str(name): value for name, value in threshold.items()}
        unknown = next((name for name in wanted if name not in set(classes)), None)
        if unknown is not None:
            rule = f"expected labels among {shown(classes)}"
            near = did_you_mean(unknown, classes)
            raise OptionError("threshold", rule, got=repr(unknown), where=near)
        return wanted
    if not isinstance(threshold, Iterable) or isinstance(threshold, (str, bytes)):
        return dict.fromkeys(classes, threshold)
    each = np.atleast_1d(as_array(threshold, "threshold")).tolist()
    if len(each) != len(classes):
        got = f"{len(each):,} for {len(classes):,} labels"
        raise OptionError("threshold", "expected one, or one for each label", got=got)
    return dict(zip(classes, each, strict=True))


def _reject(
    bad: npt.NDArray[np.bool_],
    what: str,
    rule: str,
    values: npt.NDArray[Any],
    names: npt.NDArray[np.object_],
) -> None:
    """Raise for the first row with a bad value, showing that value."""
    if bad.any():
        rows = np.arange(len(values))
        of_row = np.asarray(bad.any(axis=1))
        reject(of_row, what, rule, values[rows, bad.argmax(axis=1)], names)


def _notes_on_labels(
    truth: npt.NDArray[np.bool_], classes: tuple[str, ...], label_map: Mapping[int, str]
) -> list[str]:
    notes = []
    if label_map and len(label_map) < len(classes):
        n_unnamed = len(classes) - len(label_map)
        notes.append(f"labels called by their index, as the label map lacks them: {n_unnamed:,}")
    support = truth.sum(axis=0)
    for wanted, text in ((0, "no image has"), (len(truth), "all images have")):
        found = [name for name, n in zip(classes, support, strict=True) if n == wanted]
        if found:
            notes.append(f"{text} the label{'s' if len(found) > 1 else ''} {shown(found)}")
    n_empty = int((~truth.any(axis=1)).sum())
    if n_empty:
        notes.append(f"images that have none of the labels: {n_empty:,}")
    return notes
