"""What is to be done with a policy: use it, do not use it, or get more images first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from ..tables import DO_NOT_USE, NOT_ENOUGH, USE
from .gains import Gain, needed_for, paired_gain, worthwhile_gain
from .shifting import beaten_by_shift

Ints = npt.NDArray[np.int64]
Scores = npt.NDArray[np.floating]

#: Fewer images bound no gain: the intervals of five images can be of no width at all.
MIN_IMAGES = 20

#: Why: key, the verdict that it goes with, and what it means.
REASONS: tuple[tuple[str, str, str], ...] = (
    ("gain", USE, "the gain is real, keeps the accuracy, and no shift of a threshold does as well"),
    ("no_candidate", DO_NOT_USE, "there was no view to try"),
    ("nothing_accepted", DO_NOT_USE, "no view was accepted; a gain worth having would have shown"),
    ("accuracy_lost", DO_NOT_USE, "more accuracy is lost than allowed"),
    ("harm", DO_NOT_USE, "nothing is gained: the objective is worse, if anything"),
    ("too_small", DO_NOT_USE, "a gain worth having is ruled out"),
    ("same_accuracy", DO_NOT_USE, "probabilities are better, but no more images come out right"),
    ("shift", DO_NOT_USE, "a shifted threshold does as well, without a further pass"),
    ("too_few_images", NOT_ENOUGH, "a gain worth having could have been missed"),
    ("undecided", NOT_ENOUGH, "the gain may be real, but may be chance"),
    ("accuracy_unsure", NOT_ENOUGH, "the loss of accuracy may be more than allowed"),
    ("shift_unsure", NOT_ENOUGH, "a shifted threshold may do as well"),
    ("accuracy_open", NOT_ENOUGH, "probabilities are better; more images right may be chance"),
    ("one_group", NOT_ENOUGH, "all images are of one group: nothing tells how another would be"),
)


@dataclass(frozen=True)
class Decision:
    """A verdict with what it rests on.

    Attributes
    ----------
    verdict : str
        :data:`sensitivity.tables.USE`, ``DO_NOT_USE`` or ``NOT_ENOUGH``.
    reason : str
        One of the keys of :data:`REASONS`.
    n : int
        Images that judged.
    n_needed : int or None
        Images that would be needed to see what these could not; None: these were enough, or no
        number tells.
    objective : str
    gain : Gain or None
        Of the objective, out of fold, with one-sided bounds; None: there was no view to try.
    accuracy : Gain or None
        Change of accuracy.
    worthwhile : float
        The smallest gain that counts.
    beaten_by_shift : bool or None
        See :func:`sensitivity.tta.shifting.beaten_by_shift`; None also where it does not matter.
    """

    verdict: str
    reason: str
    n: int
    n_needed: int | None
    objective: str
    gain: Gain | None
    accuracy: Gain | None
    worthwhile: float
    beaten_by_shift: bool | None


def decide(
    y: Ints,
    original: Scores,
    policy: Scores,
    classes: Sequence[str],
    *,
    baseline: Scores | None = None,
    k: int = 0,
    tried: Sequence[Scores] = (),
    accepted: bool = True,
    objective: str = "nll",
    max_accuracy_loss: float = 0.01,
    worthwhile: float | None = None,
    groups: npt.NDArray[np.integer] | None = None,
    level: float = 0.95,
) -> Decision:
    """The verdict on a policy, from scores of images that took no part in its making.

    Parameters
    ----------
    y : ndarray of int64, shape (N,)
        True class.
    original, policy : ndarray of float, shape (N, C)
        Scores before and after, out of fold. For the objective ``nll`` `original` is the
        temperature-scaled one: a better temperature costs no pass.
    classes : sequence of str, length C
    baseline : ndarray of float, shape (N, C), optional
        Scores of what needs no further pass: the shifted threshold, for ``nll`` temperature and
        biases. None: not compared.
    k : int, default 0
        The class whose threshold was shifted.
    tried : sequence of ndarray, shape (N, C)
        Scores of the single candidates, for the case that none was accepted.
    accepted : bool, default True
        False: the policy is the identity.
    objective : str, default "nll"
        ``nll``, ``accuracy``, ``balanced_accuracy`` or ``recall:<class>``.
    max_accuracy_loss : float, default 0.01
        Of all images.
    worthwhile : float, optional
        The smallest gain that is worth further passes; None: 0.01, or 0.02 nats.
    groups : ndarray of int, shape (N,), optional
        What belongs together.
    level : float, default 0.95
        Confidence of each one-sided bound.

    Returns
    -------
    Decision

    Raises
    ------
    InputError, OptionError
        As :func:`~sensitivity.tta.gains.paired_gain`.

    Notes
    -----
    In this order:

    0. Fewer than 20 images, whose intervals mean nothing: ``too_few_images``.
    1. The policy is the identity. Nothing was tried: ``no_candidate``. Every candidate's gain is
       bounded below `worthwhile`, or had enough images to show: ``nothing_accepted``. Else
       ``too_few_images``.
    2. The upper bound of the change of accuracy lies below ``-max_accuracy_loss``:
       ``accuracy_lost``.
    3. The gain's lower bound is not above 0. Its upper bound lies below `worthwhile`: ``harm`` if
       the gain is negative, else ``too_small``. A gain worth having needs more images:
       ``too_few_images``, however the estimate fell. It would have shown: ``harm`` if the gain is
       negative, else ``undecided``.
    4. The gain is real. It is bounded below `worthwhile`: ``too_small``. For ``nll``, accuracy
       must gain too: ``same_accuracy`` or ``accuracy_open`` where its bound is not above 0. The
       estimated loss of accuracy exceeds what is allowed, though not for certain:
       ``accuracy_unsure``. The baseline does as well: ``shift``; or may: ``shift_unsure``. Else
       ``gain``.

    The constraint holds by its estimate, not by its bound: a policy that was fitted to lose just so
    much accuracy could never prove that it loses no more.

    Examples
    --------
    >>> y = np.repeat([0, 1], 1000)
    >>> before, after = 2 * np.eye(2)[y], 2 * np.eye(2)[y]
    >>> before[::10], after[::20] = before[::10, ::-1], after[::20, ::-1]
    >>> found = decide(y, before, after, ["a", "b"], baseline=before, objective="accuracy")
    >>> found.verdict, found.reason, round(found.gain.value, 3)
    ('use', 'gain', 0.05)
    >>> found = decide(y[:40], before[:40], before[:40], ["a", "b"], tried=[after[:40]],
    ...                accepted=False, objective="accuracy")
    >>> found.verdict, found.n_needed
    ('not enough data', 3923)
    """
    least = worthwhile_gain(objective) if worthwhile is None else worthwhile
    made = partial(paired_gain, y, original, classes=classes, groups=groups, level=level)
    said = partial(_decision, len(y), objective, least)
    if len(y) < MIN_IMAGES and (tried or accepted):
        return said("too_few_images")
    if not accepted:
        gains = [made(after=scores, objective=objective) for scores in tried]
        return said(*_of_identity(y, gains, least, classes))
    gain, accuracy = (
        made(after=policy, objective=objective),
        made(after=policy, objective="accuracy"),
    )
    found = partial(said, gain=gain, accuracy=accuracy)
    if np.isnan(gain.low):
        return found("one_group")
    if accuracy.high < -max_accuracy_loss:
        return found("accuracy_lost")
    if not gain.low > 0:
        return found(*_of_no_gain(y, gain, least, classes))
    if gain.high < least:
        return found("too_small")
    if objective == "nll" and not accuracy.low > 0:
        return found(*_of_accuracy(y, accuracy, classes))
    if accuracy.value < -max_accuracy_loss:
        return found("accuracy_unsure", _to_settle(y, accuracy, max_accuracy_loss, classes))
    if baseline is None:
        return found("gain")
    compare = partial(beaten_by_shift, y, policy, baseline, classes, k=k, objective=objective)
    beaten = compare(groups=groups, worthwhile=least, level=level)
    if beaten is None:
        ahead = paired_gain(y, baseline, policy, classes, objective=objective, groups=groups)
        needed = needed_for(y, ahead, least, classes)
        if needed is not None and needed <= len(y) and ahead.value > 0:
            needed = needed_for(y, ahead, ahead.value, classes)
        return found("shift_unsure", needed)
    return found("shift" if beaten else "gain", beaten=beaten)


def _decision(
    n: int,
    objective: str,
    worthwhile: float,
    reason: str,
    n_needed: int | None = None,
    *,
    gain: Gain | None = None,
    accuracy: Gain | None = None,
    beaten: bool | None = None,
) -> Decision:
    verdict = {key: verdict for key, verdict, _ in REASONS}[reason]
    more = n_needed if n_needed is not None and n_needed > n else None
    return Decision(verdict, reason, n, more, objective, gain, accuracy, worthwhile, beaten)


def _of_identity(
    y: Ints, gains: Sequence[Gain], worthwhile: float, classes: Sequence[str]
) -> tuple[str, int | None]:
    """Whether a candidate may have a gain that these images could not show."""
    if not gains:
        return "no_candidate", None
    if any(np.isnan(gain.low) for gain in gains):
        return "one_group", None
    numbers = [
        needed_for(y, gain, worthwhile, classes) for gain in gains if gain.high >= worthwhile
    ]
    still_open = [needed for needed in numbers if needed is None or needed > len(y)]
    if not still_open:
        return "nothing_accepted", None
    return "too_few_images", None if None in still_open else max(filter(None, still_open))


def _of_no_gain(
    y: Ints, gain: Gain, worthwhile: float, classes: Sequence[str]
) -> tuple[str, int | None]:
    """Whether there is no gain, or none that these images could show."""
    if gain.high < worthwhile:
        return ("harm" if gain.value < 0 else "too_small"), None
    needed = needed_for(y, gain, worthwhile, classes)
    few = needed is None or len(y) < needed
    if few:
        return "too_few_images", needed
    if gain.value < 0:
        return "harm", None
    return "undecided", needed_for(y, gain, gain.value, classes) if gain.value > 0 else None


def _of_accuracy(y: Ints, accuracy: Gain, classes: Sequence[str]) -> tuple[str, int | None]:
    """Whether more images are right: better probabilities alone are not worth a pass."""
    least = worthwhile_gain("accuracy")
    needed = needed_for(y, accuracy, max(accuracy.value, least), classes)
    if accuracy.high < least or (needed is not None and needed <= len(y)):
        return "same_accuracy", None
    return "accuracy_open", needed


def _to_settle(y: Ints, accuracy: Gain, allowed: float, classes: Sequence[str]) -> int | None:
    """Images that would tell the loss seen from the one that is allowed."""
    beyond = -accuracy.value - allowed
    return needed_for(y, accuracy, beyond, classes) if beyond > 0 else None
