"""Executors: who runs the shards. A new one is a class with ``map_unordered`` and one line."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, TypeVar

from ..errors import OptionError

Task = TypeVar("Task")
Result = TypeVar("Result")


class Executor(Protocol):
    """Runs a function on every task; results come as they are ready."""

    def map_unordered(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], *, in_flight: int
    ) -> Generator[Result, None, None]:
        """Yield the results in any order, with at most `in_flight` tasks under way."""
        ...


@dataclass(frozen=True)
class Serial:
    """One after the other, in the calling thread."""

    workers: int = 1

    def map_unordered(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], *, in_flight: int
    ) -> Generator[Result, None, None]:
        """Yield the results in order; `in_flight` has no meaning here."""
        for task in tasks:
            yield function(task)


@dataclass(frozen=True)
class Threads:
    """Threads of this process: OpenCV and NumPy let others run while they work."""

    workers: int

    def map_unordered(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], *, in_flight: int
    ) -> Generator[Result, None, None]:
        """Yield the results as they are ready; when the caller stops, nothing new is begun."""
        waiting = iter(tasks)
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="sensitivity")
        try:
            running: set[Future[Result]] = {
                pool.submit(function, task) for task in islice(waiting, in_flight)
            }
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                running |= {pool.submit(function, task) for task in islice(waiting, len(done))}
                for future in done:
                    yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


#: Every engine by its name.
ENGINES: tuple[tuple[str, Callable[[int], Executor]], ...] = (
    ("serial", Serial),
    ("threads", Threads),
)


def executor(engine: str, workers: int | None) -> tuple[Executor, int]:
    """The executor of that name, and how many workers it has.

    Parameters
    ----------
    engine : str
        A name from :data:`ENGINES`, or ``"auto"``: threads where more than one worker helps.
    workers : int, optional
        Number of workers; None: one per processor, at most 8.

    Returns
    -------
    executor : Executor
        Ready to run.
    workers : int
        Its number of workers.

    Raises
    ------
    OptionError
        No such engine, or fewer than one worker.

    Examples
    --------
    >>> executor("threads", 4)
    (Threads(workers=4), 4)
    """
    names = dict(ENGINES)
    if engine != "auto" and engine not in names:
        known = ", ".join(["auto", *names])
        raise OptionError("engine", f"expected one of {known}", got=repr(engine))
    if workers is not None and workers < 1:
        raise OptionError("workers", "expected at least 1", got=str(workers))
    wanted = workers or min(8, os.cpu_count() or 1)
    if engine == "auto":
        engine = "threads" if wanted > 1 else "serial"
    if engine == "serial":
        wanted = 1
    return names[engine](wanted), wanted
