"""Progress: a bar on stderr, the caller's own function, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Callback = Callable[[int, int], None]
Progress = bool | Callback | None


@contextmanager
def shown(progress: Progress) -> Iterator[Callback]:
    """The function to call with (images done, images in all).

    Parameters
    ----------
    progress : bool, callable or None
        True: a bar; a callable: itself; else nothing is shown.

    Yields
    ------
    callable
        Safe to call any number of times.
    """
    if progress is not True:
        yield progress or (lambda done, total: None)
        return
    from tqdm.auto import tqdm

    with tqdm(unit=" images", desc="measuring") as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show
