"""Progress: a bar on stderr or in a notebook, the caller's own function, or nothing."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm.std import tqdm

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
    with bar_type()(unit=" images", desc="measuring") as bar:

        def show(done: int, total: int) -> None:
            advance(bar, done, total)

        yield show


def bar_type() -> type[tqdm[Any]]:
    """The kind of bar that suits where this runs.

    Returns
    -------
    type
        A widget in a notebook that can show widgets (package ipywidgets); text on stderr in any
        other place, without a word about what is missing.
    """
    from tqdm import TqdmWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TqdmWarning)
        from tqdm.auto import tqdm
    return tqdm


def advance(bar: tqdm[Any], done: int, total: int) -> None:
    """Move a bar that was opened before the total was known.

    Parameters
    ----------
    bar : tqdm
        The bar.
    done, total : int
        How far it is, and how far it goes.
    """
    if bar.total != total:
        bar.reset(total)  # a widget's length is set by nothing else
    bar.update(done - bar.n)
