"""The recipe: weak bins → candidates → weights → gates, judged on images it never saw.

Everything that looks at labels is done anew inside each training part. Below 2,000 images the
recipe is cross-fitted; above, one part finds the weak bins, one is fitted on, one judges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..errors import OptionError
from ..policies import POOLS, Policy, Where
from .candidates import Candidate, candidates
from .logits import ViewLogits
from .merge import merge, passes
from .policy_fit import fit_policy, place_of_objective
from .splits import design, make_folds, three_way
from .weaknesses import Weakness, seen_by_model, weaknesses

FOLDS = 5

#: Weaknesses whose images get weights of their own.
MAX_CELLS = 4

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Options:
    """What a caller decides.

    Attributes
    ----------
    objective : str
        ``nll``, ``balanced_accuracy`` or ``recall:CLASS``.
    max_accuracy_loss : float
        How much accuracy a recall may cost.
    pool : {"logits", "probabilities"}
    gate : {"auto", "entropy", None}
        Whether only uncertain images may get the further views.
    max_passes : float or None
        Mean forward passes per image that are allowed.
    rng : int
        Seed of the folds.
    """

    objective: str = "nll"
    max_accuracy_loss: float = 0.01
    pool: str = "logits"
    gate: str | None = "auto"
    max_passes: float | None = None
    rng: int = 0

    def check(self, classes: Sequence[str]) -> None:
        """Raise unless these are options for some classes, before anything long is begun.

        Parameters
        ----------
        classes : sequence of str

        Raises
        ------
        OptionError
            One has a value that it cannot have.
        """
        place_of_objective(str(self.objective), classes)
        if not 0 <= self.max_accuracy_loss <= 1:
            rule, got = "expected a share from 0 to 1", f"{self.max_accuracy_loss:g}"
            raise OptionError("max_accuracy_loss", rule, got=got)
        if self.pool not in POOLS:
            raise OptionError("pool", "expected logits or probabilities", got=self.pool)
        if self.max_passes is not None and not 1 <= self.max_passes < np.inf:
            raise OptionError("max_passes", "expected 1 or more", got=f"{self.max_passes:g}")
        if self.rng < 0:
            raise OptionError("rng", "expected a whole number of 0 or more", got=repr(self.rng))


@dataclass(frozen=True)
class Part:
    """Images that find, that are fitted on, and that judge.

    Attributes
    ----------
    find, fit, judge : ndarray of int
        Places of the images; `judge` shares none with the others.
    """

    find: Places
    fit: Places
    judge: Places


@dataclass(frozen=True)
class Tried:
    """The recipe, run on every part.

    Attributes
    ----------
    design : str
        ``cross-fitted`` or ``three splits``.
    parts : tuple of Part
        How the images were divided.
    policies : tuple of Policy
        One per part.
    judged : ndarray of int, shape (J,)
        Places of the images that judged, in order.
    scores : ndarray of float64, shape (J, C)
        Of the judged images, by the policy of their part.
    passes : ndarray of float64, shape (J,)
        Forward passes of each.
    in_sample : ndarray of float64, shape (J, C)
        Scores of the same images by a policy that was fitted on them.
    policy : Policy
        The one to use: fitted on all images (cross-fitted), or that of the only part.
    candidates : tuple of Candidate
        Behind `policy`.
    folds : mapping
        From view name to the number of parts that gave it a weight.
    """

    design: str
    parts: tuple[Part, ...]
    policies: tuple[Policy, ...]
    judged: Places
    scores: Floats
    passes: Floats
    in_sample: Floats
    policy: Policy
    candidates: tuple[Candidate, ...]
    folds: Mapping[str, int] = field(default_factory=dict)


def divide(logits: ViewLogits, *, rng: int = 0) -> tuple[str, tuple[Part, ...]]:
    """Divide the images so that none judges what it helped to find or to fit.

    Parameters
    ----------
    logits : ViewLogits
        N images, with their groups if there are any: a group is never divided.
    rng : int, default 0
        Seed.

    Returns
    -------
    design : str
        ``cross-fitted`` below 2,000 images, else ``three splits``.
    parts : tuple of Part

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> y = np.arange(50) % 2
    >>> some = ViewLogits(tuple(map(str, range(50))), y, (ORIGINAL,),
    ...                   np.zeros((1, 50, 2), np.float32), ("ok", "defect"))
    >>> name, parts = divide(some)
    >>> name, len(parts), sum(len(part.judge) for part in parts)
    ('cross-fitted', 5, 50)
    """
    chosen = design(len(logits), logits.groups)
    if chosen == "cross-fitted":
        fold = make_folds(logits.y, logits.groups, FOLDS, rng)
        parts = []
        for number in np.unique(fold):
            others, mine = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            parts.append(Part(others, others, mine))
        return chosen, tuple(parts)
    third = three_way(logits.y, logits.groups, rng)
    return chosen, (Part(*(np.flatnonzero(third == number) for number in range(3))),)


def try_recipe(
    logits: ViewLogits,
    options: Options,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Tried:
    """Run the whole recipe on every part, and once on all images.

    Parameters
    ----------
    logits : ViewLogits
        N images, M views, features of every view.
    options : Options
        What the caller decides.
    progress : callable, optional
        Gets (parts done, parts in all).

    Returns
    -------
    Tried
        Policies, and the scores of images that took no part in theirs.

    Examples
    --------
    Nothing was found and nothing declared, so nothing is tried:

    >>> from sensitivity.catalogue import ORIGINAL
    >>> y = np.arange(60) % 2
    >>> z = np.zeros((1, 60, 2), dtype=np.float32)
    >>> z[0, np.arange(60), y] = 1
    >>> some = ViewLogits(tuple(map(str, range(60))), y, (ORIGINAL,), z, ("ok", "defect"))
    >>> try_recipe(some, Options()).policy.is_identity
    True
    """
    chosen, parts = divide(logits, rng=options.rng)
    total = len(parts) + 1
    fitted = []
    for number, part in enumerate(parts):
        fitted.append(_fitted(logits, part.find, part.fit, options))
        if progress is not None:
            progress(number + 1, total)
    judged = np.concatenate([part.judge for part in parts])
    pieces = [logits.rows(part.judge) for part in parts]
    policies = tuple(policy for policy, _ in fitted)
    scores = [merge(piece, policy) for piece, policy in zip(pieces, policies, strict=True)]
    costs = [passes(piece, policy) for piece, policy in zip(pieces, policies, strict=True)]
    again, considered = _fitted(logits, judged, judged, options)
    in_sample = merge(logits.rows(judged), again)
    if chosen != "cross-fitted":
        # What was judged is what is handed out.
        again, considered = fitted[0]
    if progress is not None:
        progress(total, total)
    return Tried(
        chosen,
        parts,
        policies,
        judged,
        np.concatenate(scores),
        np.concatenate(costs),
        in_sample,
        again,
        considered,
        _folds(policies),
    )


def _fitted(
    logits: ViewLogits, find: Places, fit: Places, options: Options
) -> tuple[Policy, tuple[Candidate, ...]]:
    """Candidates from some images, weights from others (or the same)."""
    finding, fitting = logits.rows(find), logits.rows(fit)
    found: tuple[Weakness, ...] = ()
    if logits.feature_names and len(finding):
        focus = options.objective.partition(":")[2] or None
        found = weaknesses(seen_by_model(finding, rng=options.rng), of_class=focus)
    considered = candidates(finding, found)
    tried = [candidate for candidate in considered if not candidate.refused]
    policy = fit_policy(
        fitting,
        candidates=[candidate.place for candidate in tried],
        cells=cells_of(tried),
        objective=options.objective,
        max_accuracy_loss=options.max_accuracy_loss,
        pool=options.pool,
        max_passes=options.max_passes,
        gate=options.gate,
        rng=options.rng,
    )
    return policy, considered


def cells_of(tried: Sequence[Candidate]) -> list[tuple[Where, ...]]:
    """The weak images of each weakness that something may mend, the surest first.

    Parameters
    ----------
    tried : sequence of Candidate
        In the order in which they were found.

    Returns
    -------
    list of tuple of Where
        At most :data:`MAX_CELLS`, each named once.

    Examples
    --------
    >>> cells_of(())
    []
    """
    named = dict.fromkeys(candidate.where for candidate in tried if candidate.where is not None)
    return [(where,) for where in list(named)[:MAX_CELLS]]


def _folds(policies: Sequence[Policy]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for policy in policies:
        for view in policy.views[1:]:
            counts[view.name] = counts.get(view.name, 0) + 1
    return counts
