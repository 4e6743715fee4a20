"""How long something will take: said once, as soon as that is known."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Estimate:
    """Says how long is left, once two batches tell; then hands the progress on.

    Parameters
    ----------
    doing : str
        What takes so long.
    say : callable
        Gets one line.
    show : callable, optional
        Gets (done, in all) every time.
    clock : callable
        Seconds.

    Examples
    --------
    >>> ticks = iter([0.0, 10.0, 11.0])
    >>> estimate = Estimate("collecting", print, clock=lambda: next(ticks))
    >>> for done in (32, 64, 96):
    ...     estimate(done, 3232)
    collecting: about 16 minutes left
    """

    def __init__(
        self,
        doing: str,
        say: Callable[[str], object],
        show: Callable[[int, int], object] | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._doing, self._say, self._show, self._clock = doing, say, show, clock
        self._first: tuple[float, int] | None = None
        self._said = False

    def __call__(self, done: int, total: int) -> None:
        """One batch more is done."""
        if self._show is not None:
            self._show(done, total)
        if self._said or done >= total:
            return
        now = self._clock()
        # The first batch warms up, or comes from the cache.
        if self._first is None or done <= self._first[1]:
            self._first = now, done
            return
        self._said = True
        rate = (now - self._first[0]) / (done - self._first[1])
        self._say(f"{self._doing}: about {duration(rate * (total - done))} left")


def duration(seconds: float) -> str:
    """A time as one says it.

    Parameters
    ----------
    seconds : float
        0 or more.

    Returns
    -------
    str

    Examples
    --------
    >>> duration(0.2), duration(45), duration(700), duration(9000)
    ('1 second', '45 seconds', '12 minutes', '2.5 hours')
    """
    if seconds < 100:
        n = max(1, round(seconds))
        return f"{n} second" if n == 1 else f"{n} seconds"
    if seconds < 6000:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"


@contextmanager
def told(doing: str, unit: str) -> Iterator[Estimate]:
    """Say on stderr how long is left, and draw a bar if that is a terminal.

    Parameters
    ----------
    doing : str
        What takes so long.
    unit : str
        What is counted.

    Yields
    ------
    Estimate
    """

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    if not sys.stderr.isatty():
        yield Estimate(doing, say)
        return
    from ..extract.progress import advance, bar_type

    with bar_type()(unit=f" {unit}", desc=doing) as bar:

        def show(done: int, total: int) -> None:
            advance(bar, done, total)

        yield Estimate(doing, lambda line: bar.write(line, file=sys.stderr), show)
