"""Collect scores, labels and names inside an evaluation loop; gather them over ranks.

With a sampler that deals the samples to the ranks like cards (rank r of W gets r, r+W, …,
as PyTorch's ``DistributedSampler`` does) the gathered lists are exactly those of one process.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from .alignment import alignment_note
from .arrays import as_array, as_names
from .samples import Samples, read_samples

__all__ = ["Part", "Recorder", "alignment_note", "merge_ranks"]


@dataclass(frozen=True, eq=False)
class Part:
    """What one rank has recorded, in its own order.

    Attributes
    ----------
    scores : numpy.ndarray or None
        N×C scores or N classes; None when the rank saw no batch.
    labels : numpy.ndarray or None
        N labels; None when the rank saw no batch.
    names : list of str
        N names.
    """

    scores: npt.NDArray[Any] | None
    labels: npt.NDArray[Any] | None
    names: list[str]


class Recorder:
    """Record an evaluation loop batch by batch; one recorder for one pass over the data.

    When ``torch.distributed`` is initialised, :meth:`lists` and :meth:`samples` gather over
    the ranks. They are then collective: call them on every rank; every rank gets all
    samples, in the order of the sampler, and one of them (rank 0, say) goes on to analyse.

    Parameters
    ----------
    drop_padding : bool
        Drop the samples that a distributed sampler repeats to give each rank equally many.
        They are recognised at the end, by the names and labels of the beginning.
    dataset_size : int, optional
        The number of samples of the data set, ``len(dataset)``. Only needed when its last
        names truly repeat its first ones, so that padding cannot be told from data; it also
        checks that no sample was missed.

    Examples
    --------
    >>> recorder = Recorder()
    >>> recorder.update([[0.2, 0.8], [0.9, 0.1]], [1, 0], ["a.jpg", "b.jpg"])
    >>> recorder.update([0.6, 0.4], 1, "c.jpg")
    >>> recorder.samples().predicted.tolist()
    [1, 0, 0]
    """

    def __init__(self, *, drop_padding: bool = True, dataset_size: int | None = None) -> None:
        self._drop_padding, self._dataset_size = drop_padding, dataset_size
        self._scores: list[npt.NDArray[Any]] = []
        self._labels: list[npt.NDArray[Any]] = []
        self._names: list[str] = []
        self._n_batches = 0

    def __len__(self) -> int:
        """Return the number of samples recorded by this process."""
        return len(self._names)

    def update(self, scores: object, labels: object, names: object) -> None:
        """Add one batch, or one sample whose name is a single text.

        Parameters
        ----------
        scores : array-like
            B×C scores, or B classes or probabilities; for one sample C scores or one number.
            Tensors are detached and copied to the CPU; bfloat16 becomes float32.
        labels : array-like
            B labels, or one.
        names : array-like
            B names, or one.

        Raises
        ------
        InputError
            The lengths differ, or the number of scores per sample is not that of the batches
            before; the message names the batch, counted from 0.

        Examples
        --------
        >>> recorder = Recorder()
        >>> recorder.update([[0.2, 0.8]], [1], ["a.jpg", "b.jpg"])
        Traceback (most recent call last):
        sensitivity.errors.InputError: scores: expected one row per name, got 1 rows for 2 names \
(batch 0)
        """
        where = f"batch {self._n_batches}"
        is_single = isinstance(names, (str, bytes)) or hasattr(names, "__fspath__")
        try:
            batch_names = as_names([names] if is_single else names).tolist()
        except InputError as error:
            raise _in_batch(error, where) from error
        batch_scores = _batch(scores, "scores", len(batch_names), where)
        batch_labels = _batch(labels, "labels", len(batch_names), where)
        given = [("scores", batch_scores, self._scores), ("labels", batch_labels, self._labels)]
        for what, batch, before in given:
            if before and batch.shape[1:] != before[0].shape[1:]:
                rule = f"expected {_row(before[0])} for each sample, as in batch 0"
                raise InputError(what, rule, got=_row(batch), where=where)

        self._scores.append(batch_scores)
        self._labels.append(batch_labels)
        self._names += batch_names
        self._n_batches += 1

    def lists(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any], list[str]]:
        """Return predictions, labels and names, so that ``analyse(*recorder.lists())`` works.

        Returns
        -------
        pred_list : numpy.ndarray
            N×C scores, or N classes or probabilities, as they were given.
        label_list : numpy.ndarray
            N labels.
        name_list : list of str
            N names.

        Raises
        ------
        InputError
            Nothing was recorded, or `dataset_size` does not fit.

        Warns
        -----
        UserWarning
            When class folders in the names disagree with the labels; see
            :func:`sensitivity.inputs.alignment.alignment_note`.

        Examples
        --------
        >>> recorder = Recorder()
        >>> recorder.update([[0.2, 0.8]], [1], ["a.jpg"])
        >>> recorder.lists()
        (array([[0.2, 0.8]]), array([1]), ['a.jpg'])
        """
        return self._gathered()

    def samples(self, *, label_map_dict: object = None, threshold: float | None = None) -> Samples:
        """Return the recorded samples, read as `analyse` reads them.

        Parameters
        ----------
        label_map_dict, threshold
            See :func:`sensitivity.inputs.samples.read_samples`.

        Returns
        -------
        Samples
            All samples of all ranks.

        Raises
        ------
        InputError
            As :meth:`lists` and :func:`~sensitivity.inputs.samples.read_samples` do.

        Warns
        -----
        UserWarning
            As :meth:`lists` does.

        Examples
        --------
        >>> recorder = Recorder()
        >>> recorder.update([[0.2, 0.8]], [1], ["a.jpg"])
        >>> recorder.samples(label_map_dict=["cat", "dog"]).classes
        ('cat', 'dog')
        """
        lists = self._gathered()
        found = read_samples(*lists, label_map_dict=label_map_dict, threshold=threshold)
        assert isinstance(found, Samples)  # one class per image, by default
        return found

    def _gathered(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any], list[str]]:
        part = Part(None, None, [])
        if self._scores:  # joined once; the batches are let go
            self._scores, self._labels = [_stacked(self._scores)], [_stacked(self._labels)]
            part = Part(self._scores[0], self._labels[0], self._names)
        parts, rank = _all_ranks(part)
        whole = merge_ranks(parts, drop_padding=self._drop_padding, dataset_size=self._dataset_size)
        if whole.scores is None or whole.labels is None:
            raise InputError("recorder", "expected at least one update", got="none")

        note = alignment_note(whole.names, whole.labels)
        if note is not None and rank == 0:
            warnings.warn(note, UserWarning, stacklevel=3)
        return whole.scores, whole.labels, whole.names


def merge_ranks(
    parts: Sequence[Part], *, drop_padding: bool = True, dataset_size: int | None = None
) -> Part:
    """Put the parts of all ranks into the order of one process, without the padding.

    Parameters
    ----------
    parts : sequence of Part
        One per rank. Lengths that a dealing sampler gives (equal, or one more on the first
        ranks) are interleaved; any others are joined rank after rank.
    drop_padding : bool
        Drop repetitions of the first samples at the end (fewer than there are ranks).
    dataset_size : int, optional
        The number of samples to keep, where it is known.

    Returns
    -------
    Part
        All samples, once each.

    Raises
    ------
    InputError
        Ranks have rows of different shape; `dataset_size` is more than was recorded, or what
        lies beyond it is no repetition of the beginning.

    Examples
    --------
    >>> ranks = [Part(np.array([0, 2]), np.array([0, 1]), ["a", "c"]),
    ...          Part(np.array([1, 0]), np.array([0, 0]), ["b", "a"])]
    >>> merge_ranks(ranks).names
    ['a', 'b', 'c']
    """
    full = [part for part in parts if part.scores is not None and part.labels is not None]
    if not full:
        return Part(None, None, [])
    shapes = sorted({_row(part.scores) for part in full if part.scores is not None})
    if len(shapes) > 1:
        raise InputError("scores", "expected the same on all ranks", got=" and ".join(shapes))
    names = [name for part in parts for name in part.names]
    scores, labels = _stacked([p.scores for p in full]), _stacked([p.labels for p in full])

    lengths = [len(part.names) for part in parts]
    if len(parts) > 1:
        order = _dealt_order(lengths)
        names, scores, labels = [names[i] for i in order], scores[order], labels[order]
    n = len(names)
    if drop_padding:
        most = len(parts) - 1 if len(set(lengths)) == 1 else 0
        n = _unpadded_length(names, labels, most, dataset_size)
    return Part(scores[:n], labels[:n], names[:n])


def _stacked(arrays: Sequence[npt.NDArray[Any] | None]) -> npt.NDArray[Any]:
    present = [array for array in arrays if array is not None]
    return present[0] if len(present) == 1 else np.concatenate(present)


def _dealt_order(lengths: Sequence[int]) -> npt.NDArray[np.intp]:
    """Return the order that undoes dealing; rank after rank for lengths that no deal gives."""
    is_dealt = list(lengths) == sorted(lengths, reverse=True) and lengths[0] - lengths[-1] <= 1
    if not is_dealt:
        return np.arange(sum(lengths))
    turns = np.concatenate([np.arange(length) for length in lengths])
    return np.argsort(turns, kind="stable")


def _unpadded_length(
    names: Sequence[str], labels: npt.NDArray[Any], most: int, dataset_size: int | None
) -> int:
    """Return the length without up to `most` repetitions of the beginning at the end."""
    total = len(names)

    def repeats_from(n: int) -> bool:
        return all(
            names[i] == names[i % n] and np.array_equal(labels[i], labels[i % n])
            for i in range(n, total)
        )

    if dataset_size is None:
        candidates = range(max(1, total - most), total)
        return next((n for n in candidates if repeats_from(n)), total)
    if total < dataset_size:
        raise InputError(
            "recorder",
            f"expected all {dataset_size:,} samples of the data set",
            got=f"{total:,}",
            where="did the loader drop its last batch?",
        )
    if total - dataset_size > most or not repeats_from(dataset_size):
        raise InputError(
            "recorder",
            f"expected {dataset_size:,} samples and padding that repeats the first of them",
            got=f"{total:,} samples",
            where="one recorder records one pass",
        )
    return dataset_size


def _all_ranks(part: Part) -> tuple[list[Part], int]:
    """Return the parts of all ranks and the own rank; torch is used only if it is there."""
    distributed: Any = getattr(sys.modules.get("torch"), "distributed", None)
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return [part], 0
    parts: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(parts, part)
    return parts, distributed.get_rank()


def _batch(value: object, what: str, n: int, where: str) -> npt.NDArray[Any]:
    """Return a copy of one batch: the loop may write to its own arrays again."""
    if isinstance(value, (str, bytes, int, float, np.generic)):
        value = [value]
    try:
        array = np.array(as_array(value, what, n))
    except InputError as error:
        raise _in_batch(error, where) from error
    if n == 1 and what == "scores" and array.ndim < 2 and array.size > 1:
        array = array.reshape(1, -1)
    if n == 1 and array.ndim == 0:
        array = array.reshape(1)
    if array.ndim == 0 or len(array) != n:
        rows = 1 if array.ndim == 0 else len(array)
        raise InputError(
            what, "expected one row per name", got=f"{rows:,} rows for {n:,} names", where=where
        )
    return array.reshape(n) if what == "labels" and array.size == n else array


def _in_batch(error: InputError, where: str) -> InputError:
    inner = where if error.where is None else f"{error.where} of {where}"
    return InputError(error.what, error.rule, got=error.got, where=inner)


def _row(array: npt.NDArray[Any]) -> str:
    return "one number" if array.ndim == 1 else f"{'×'.join(map(str, array.shape[1:]))} numbers"
