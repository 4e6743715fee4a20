"""Extraction: samples in, feature table out; cached, resumable, the same with any engine."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import tables
from ..errors import ImageError
from ..features import FEATURES
from . import parts
from .executors import Executor, executor
from .progress import Progress, shown
from .shard import SHARD_SIZE, Config, Shard, ShardRows, Source, extract_shard
from .sources import picture_source

__all__ = ["Config", "Extracted", "Progress", "Run", "extract", "picture_source"]


@dataclass(frozen=True)
class Extracted:
    """The measured values and what went wrong.

    Attributes
    ----------
    values : pandas.DataFrame, shape (N, F)
        One float32 column per feature; NaN where an image could not be measured.
    failures : pandas.DataFrame
        The table :data:`sensitivity.tables.FAILURES`.
    decoded, cached : int
        Images decoded in this run, and images whose values came from the cache.
    """

    values: pd.DataFrame
    failures: pd.DataFrame
    decoded: int
    cached: int


@dataclass(frozen=True)
class Run:
    """How a run is done; none of it changes a value.

    Attributes
    ----------
    cache : pathlib.Path, optional
        Folder of the parts; what lies there is not decoded again. None: no cache.
    engine, workers
        See :func:`sensitivity.extract.executors.executor`.
    raise_first : bool, default False
        Stop at the first image (in the order of the input) that cannot be measured.
    """

    cache: Path | None = None
    engine: str = "auto"
    workers: int | None = None
    raise_first: bool = False


def extract(
    names: npt.NDArray[np.object_],
    source: Source,
    config: Config,
    run: Run,
    *,
    progress: Progress = None,
) -> Extracted:
    """Measure all images.

    Parameters
    ----------
    names : ndarray of str, shape (N,)
        Image names, for the failures.
    source : Source
        Gives the pictures.
    config : Config
        What to measure, and how.
    run : Run
        Who does it, and where values are kept.
    progress : bool or callable, optional
        True draws a bar on stderr; a callable gets (images done, images in all).

    Returns
    -------
    Extracted
        Rows in the order of `names`; without features, an empty table and nothing opened.

    Raises
    ------
    ImageError
        With ``run.raise_first``, the first image in the order of the input.
    """
    runner, n_workers = executor(run.engine, run.workers)
    values = np.full((len(names), len(config.features)), np.nan, dtype=np.float32)
    if not config.features:
        return Extracted(pd.DataFrame(index=range(len(names))), _failure_table({}, names), 0, 0)
    failures: dict[int, tuple[str, str, str]] = {}
    keys = source.keys()
    # A function of the caller's own may change without its name doing so: never cached.
    own = any(feature not in FEATURES for feature in config.features)
    folder = None if run.cache is None or own else run.cache / f"features-{config.hash()}"
    missing = _fill_from_cache(values, failures, keys, folder, config)
    n_cached = len(names) - len(missing)
    shards = _shards(missing, names, keys)
    unfinished = {shard.rows[0]: len(shard.rows) for shard in shards}
    with shown(progress) as report:
        report(n_cached, len(names))
        for found in _run(runner, shards, source, config, folder, in_flight=2 * n_workers):
            values[list(found.rows)] = found.values
            failures |= {found.rows[place]: (a, b, c) for place, a, b, c in found.failures}
            del unfinished[found.rows[0]]
            report(len(names) - sum(unfinished.values()), len(names))
            if run.raise_first and min(failures, default=len(names)) < min(unfinished, default=0):
                break
    if run.raise_first and failures:
        _raise_first(failures, names)
    frame = pd.DataFrame(values, columns=list(config.names))
    return Extracted(frame, _failure_table(failures, names), len(missing), n_cached)


def _fill_from_cache(
    values: npt.NDArray[np.float32],
    failures: dict[int, tuple[str, str, str]],
    keys: Sequence[str | None],
    folder: Path | None,
    config: Config,
) -> list[int]:
    """Fill in what the cache knows; return the rows that are still to be measured."""
    if folder is None:
        return list(range(len(keys)))
    folder.mkdir(parents=True, exist_ok=True)
    known = parts.read_parts(folder, config.names)
    missing = []
    for row, key in enumerate(keys):
        found = None if key is None else known.get(key)
        if found is None:
            missing.append(row)
            continue
        values[row] = found.values
        if found.failure is not None:
            failures[row] = found.failure
    return missing


def _shards(
    missing: list[int], names: npt.NDArray[np.object_], keys: Sequence[str | None]
) -> list[Shard]:
    return [
        Shard(tuple(rows), tuple(names[rows]), tuple(keys[row] for row in rows))
        for rows in (missing[i : i + SHARD_SIZE] for i in range(0, len(missing), SHARD_SIZE))
    ]


def _run(
    runner: Executor,
    shards: list[Shard],
    source: Source,
    config: Config,
    folder: Path | None,
    *,
    in_flight: int,
) -> Iterator[ShardRows]:
    """Run the shards; when the caller stops or is interrupted, workers stop at the next image."""
    stop = threading.Event()
    work = functools.partial(
        extract_shard, source=source, config=config, folder=folder, stopped=stop.is_set
    )
    with _one_thread_per_worker():
        results = runner.map_unordered(work, shards, in_flight=in_flight)
        try:
            yield from results
        finally:
            stop.set()
            results.close()


@contextmanager
def _one_thread_per_worker() -> Iterator[None]:
    """Keep OpenCV to one thread a worker: quicker together, and the same bits every time."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _raise_first(failures: dict[int, tuple[str, str, str]], names: npt.NDArray[np.object_]) -> None:
    row = min(failures)
    _, status, reason = failures[row]
    raise ImageError(status, reason, where=f"{names[row]}, row {row}")


def _failure_table(
    failures: dict[int, tuple[str, str, str]], names: npt.NDArray[np.object_]
) -> pd.DataFrame:
    rows = [tables.storable((names[row], *failures[row])) for row in sorted(failures)]
    return tables.check(
        pd.DataFrame(rows, columns=list(tables.FAILURES.names), dtype=object), tables.FAILURES
    )
