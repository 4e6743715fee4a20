"""Views from what a model was trained with: transforms of torchvision and albumentations, read.

Nothing of either is imported: steps are known by the names of their classes and by their
attributes. What is not known becomes a note, never an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalogue import ViewSpec
from .training_steps import READERS, SILENT, Reading

#: Groups of steps, and which share of the images gets one of them.
_GROUPS = (
    "RandomApply",
    "RandomChoice",
    "OneOf",
    "SomeOf",
    "RandomOrder",
    "Compose",
    "Sequential",
    "ModuleList",
    "BaseCompose",
)
_UNREADABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError, ZeroDivisionError)


@dataclass(frozen=True)
class TrainingTransforms:
    """What was found in the transforms of a training.

    Attributes
    ----------
    views : tuple of ViewSpec
        With ``source="training"``, and in `share` the share of the training images that had
        it, where that can be said.
    mean, std : tuple of float or None
        Normalisation of RGB in [0, 1].
    size : (int, int) or None
        Height and width that the model was given; None where it depends on the image.
    notes : tuple of str
        What was not turned into a view, and why.
    """

    views: tuple[ViewSpec, ...] = ()
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    size: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()


def read_transforms(transform: object) -> TrainingTransforms:
    """Read the transforms of a training.

    Parameters
    ----------
    transform : object
        A ``Compose`` of torchvision (v1 or v2) or albumentations, a list, a
        ``torch.nn.Sequential``, or one step; groups may stand in groups. None: nothing.

    Returns
    -------
    TrainingTransforms
        Empty where nothing was recognised. No error is raised for what is unknown.

    Notes
    -----
    Doses are the catalogue's usual ones inside the range that the training drew from, or the end
    of that range where none is. A change of brightness becomes the gamma that changes a middle
    grey as much.

    Examples
    --------
    >>> class RandomHorizontalFlip:
    ...     p = 0.5
    >>> class Normalize:
    ...     mean, std = [0.5], [0.25]
    >>> class Solarise:
    ...     pass
    >>> found = read_transforms([RandomHorizontalFlip(), Solarise(), Normalize()])
    >>> [(view.name, view.share) for view in found.views], found.mean
    ([('hflip', 0.5)], (0.5,))
    >>> found.notes
    ('Solarise: not known here',)
    """
    reading = Reading()
    _walk(transform, 1.0, reading)
    if reading.size is None and reading.unsized:
        reading.notes.append(reading.unsized)
    return TrainingTransforms(
        views=tuple(reading.views.values()),
        mean=reading.mean,
        std=reading.std,
        size=reading.size,
        notes=tuple(dict.fromkeys(reading.notes)),
    )


def _walk(step: Any, share: float, reading: Reading, *, certain: bool = False) -> None:
    """Read one step or group that `share` of the images get; `certain`: its own p is not asked."""
    if step is None:
        return
    if isinstance(step, (list, tuple)):
        for inner in step:
            _walk(inner, share, reading)
        return
    names = [kind.__name__ for kind in type(step).__mro__]
    try:
        group = next((name for name in names if name in _GROUPS), None)
        if group is not None:
            _walk_group(step, group, share if certain else share * _chance(step), reading)
            return
        reader = next((READERS[name] for name in names if name in READERS), None)
        if reader is not None:
            reader(reading, step, share if certain else share * _chance(step))
        elif not any(name in SILENT for name in names):
            reading.note(step, "not known here")
    except _UNREADABLE as error:
        reading.note(step, f"could not be read ({type(error).__name__}: {error})")


def _walk_group(step: Any, group: str, share: float, reading: Reading) -> None:
    steps = list(step.transforms if hasattr(step, "transforms") else step)
    if not steps:
        return
    if group == "OneOf":  # their own p say only how often each is drawn
        for inner, part in zip(steps, step.transforms_ps, strict=True):
            _walk(inner, share * float(part), reading, certain=True)
        return
    parts: Sequence[float] = [1.0] * len(steps)
    if group == "RandomChoice":
        given = getattr(step, "p", None)
        drawn = list(given) if isinstance(given, Iterable) else [1.0] * len(steps)
        parts = [float(part) / sum(drawn) for part in drawn]
    elif group == "SomeOf":
        parts = [min(float(step.n) / len(steps), 1.0)] * len(steps)
    for inner, part in zip(steps, parts, strict=True):
        _walk(inner, share * part, reading)


def _chance(step: Any) -> float:
    """How often a step is taken; 1 for what is always done."""
    p = getattr(step, "p", 1.0)
    return float(p) if isinstance(p, (int, float)) else 1.0
