"""Further views for the uncertain images only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ..policies import Policy
from .attempts import LEAST_GAIN, Attempt, Task
from .cell_fit import lower_bound
from .merge import entropy, image_weights, passes

Floats = npt.NDArray[np.float64]

#: Shares of the images, the most uncertain ones, that a gate may let through.
SHARES = (0.1, 0.25, 0.5)

#: A gate is kept if so much of the gain is left.
KEPT_GAIN = 0.9


def gated(
    policy: Policy, task: Task, attempt: Attempt, *, max_passes: float | None = None
) -> Policy | None:
    """The policy with a gate by uncertainty.

    Parameters
    ----------
    policy : Policy
        Fitted to the images of `task`.
    task : Task
        What was fitted.
    attempt : Attempt
        What was gained out of fold.
    max_passes : float, optional
        Mean forward passes per image that are allowed: then the widest gate within these. Else
        the narrowest that keeps 90 % of the gain.

    Returns
    -------
    Policy or None
        None where no gate saves passes and keeps the gain: its lower bound above 0, and for a
        recall the loss of accuracy within what is allowed.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL, ViewSpec
    >>> from sensitivity.tta.attempts import attempt
    >>> from sensitivity.tta.cell_fit import How
    >>> from sensitivity.tta.logits import ViewLogits
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 400)
    >>> z = (4 * np.eye(2)[y] + rng.normal(size=(2, 400, 2))).astype(np.float32)
    >>> views = (ORIGINAL, ViewSpec("vflip", 1.0))
    >>> both = ViewLogits(tuple(map(str, range(400))), y, views, z, ("ok", "defect"))
    >>> how, whole = How(np.array([1.0, 0.0]), "logits", (0.01,)), np.zeros(400, dtype=np.int64)
    >>> task = Task(both, np.arange(400) % 5, (), whole, None, "nll", how)
    >>> found = gated(Policy(views, (2.0, 2.0)), task, attempt(task))
    >>> float(passes(both, found).mean())
    1.1
    """
    heat = image_weights(task.logits, policy).sum(axis=1)
    doubt = entropy(heat[:, None] * task.logits.z[0])
    cost = passes(task.logits, policy).mean()
    total = float(attempt.gains[attempt.counted].sum())
    for share in SHARES if max_passes is None else SHARES[::-1]:
        limit = float(np.quantile(doubt, 1 - share))
        found = replace(policy, entropy=limit)
        # Where views stand in for the original, asking it first costs a pass.
        mean = passes(task.logits, found).mean()
        gains = np.where(doubt > limit, attempt.gains, 0.0)
        kept = float(gains[attempt.counted].sum())
        if max_passes is None:
            wanted = mean < cost and kept >= KEPT_GAIN * total > 0
        else:
            wanted = mean <= max_passes
        if wanted and _is_proven(task, attempt, gains):
            return found
    return None


def _is_proven(task: Task, attempt: Attempt, gains: Floats) -> bool:
    if task.focus is not None and -gains.mean() > task.max_accuracy_loss:
        return False
    groups, counted = task.logits.groups, attempt.counted
    by = None if groups is None else groups[counted]
    return lower_bound(gains[counted], by, task.alpha)[1] > LEAST_GAIN
