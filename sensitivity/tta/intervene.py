"""Move the same images along one feature, step by step, and ask the model each time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..catalogue import VIEWS, ViewSpec
from ..errors import OptionError
from ..extract.progress import Progress
from .collect import collect
from .forward import Model
from .logits import ViewLogits


def sweep(
    model: Model,
    data: Any,
    op: str,
    doses: Sequence[float] | None = None,
    *,
    classes: Sequence[str],
    labels: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
    images: Any = None,
    preprocess: Callable[[npt.NDArray[np.uint8]], torch.Tensor] | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    features: Sequence[str] = (),
    device: str | torch.device | None = None,
    batch_size: int = 32,
    precision: str = "float32",
    max_batch: int | None = None,
    cache: str | os.PathLike[str] | None = None,
    progress: Progress = None,
) -> ViewLogits:
    """Dose–response: one operation at several doses, on the same images.

    :func:`sensitivity.tta.responses.response_curves` makes recall, F1 and P(true) by dose of it.

    Parameters
    ----------
    model, data, classes, labels, groups, images, preprocess, mean, std, device, batch_size
        As for :func:`sensitivity.tta.collect.collect`.
    op : str
        An operation of :data:`sensitivity.catalogue.VIEWS` that moves a feature.
    doses : sequence of float, optional
        In its unit, on either side of the dose that changes nothing; None: the usual ones.
    features : sequence of str
        Features to measure on every view, beside the one that the operation moves.
    precision, max_batch, cache, progress
        As for :func:`sensitivity.tta.collect.collect`.

    Returns
    -------
    ViewLogits
        The original, and a view per dose in order; each says which feature it moves and which
        way, and that feature is measured again on the moved images.

    Raises
    ------
    OptionError
        An operation that moves no feature, or a dose out of its range.
    InputError
        As for :func:`sensitivity.tta.collect.collect`.

    Examples
    --------
    >>> rows = [(torch.full((2, 3, 4, 4), 0.5), [0, 1])]
    >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 2))
    >>> found = sweep(model, rows, "gamma", [0.5, 2.0], classes=("a", "b"))
    >>> [view.name for view in found.views]
    ['original', 'gamma(0.5)', 'gamma(2)']
    >>> found.feature("brightness", 1).round(2)
    array([0.71, 0.71], dtype=float32)
    """
    views = sweep_views(op, doses)
    return collect(
        model,
        data,
        views,
        classes=classes,
        labels=labels,
        groups=groups,
        images=images,
        preprocess=preprocess,
        mean=mean,
        std=std,
        features=list(dict.fromkeys([*(view.feature for view in views), *features])),
        device=device,
        batch_size=batch_size,
        precision=precision,
        max_batch=max_batch,
        cache=cache,
        progress=progress,
    )


def sweep_views(op: str, doses: Sequence[float] | None = None) -> tuple[ViewSpec, ...]:
    """The views of a sweep.

    Parameters
    ----------
    op, doses
        As for :func:`sweep`.

    Returns
    -------
    tuple of ViewSpec
        In order of dose, each once; the dose that changes nothing is left out.

    Raises
    ------
    OptionError
        As for :func:`sweep`; no dose that changes anything.

    Examples
    --------
    >>> [(view.name, view.direction) for view in sweep_views("contrast")]
    [('contrast(0.5)', 'down'), ('contrast(0.7)', 'down'), ('contrast(1.5)', 'up'),
    ('contrast(2.5)', 'up')]
    """
    ways = [view for view in VIEWS if view.op == op and view.feature]
    if not ways:
        known = ", ".join(dict.fromkeys(view.op for view in VIEWS if view.feature))
        raise OptionError("op", f"expected an operation that moves a feature ({known})", got=op)
    identity = ways[0].identity
    try:
        chosen = [dose for way in ways for dose in way.usual] if doses is None else list(doses)
        numbers = set(map(float, chosen))
    except (TypeError, ValueError):
        raise OptionError("doses", "expected a list of numbers", got=repr(doses)) from None
    specs = []
    for dose in sorted(numbers - {identity}):
        # Of an operation that goes both ways, the side that the dose lies on.
        sides = [way for way in ways if (dose - identity) * (way.strongest - identity) > 0]
        way = (sides or ways)[0]
        specs.append(ViewSpec(op, dose, way.feature, way.direction, "trend"))
    if not specs:
        raise OptionError("doses", f"expected at least one other than {identity:g}", got="none")
    return tuple(specs)
