"""The outputs of several views of an image put together, as a policy says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.special import log_softmax

from ..catalogue import ViewSpec
from ..errors import InputError
from ..policies import Policy
from .logits import ViewLogits
from .penalties import pooled
from .weaknesses import inside

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def merge(
    logits: ViewLogits, weights: Policy | Mapping[str, float], *, pool: str = "logits"
) -> Floats:
    """Merge the outputs of the views.

    Parameters
    ----------
    logits : ViewLogits
        N images, C classes, with every view that is to be merged.
    weights : Policy or mapping
        A policy; or from names of views to weights, such as
        ``{"original": 0.5, "box_blur(3)": 0.5}``, the same for all images.
    pool : {"logits", "probabilities"}, default "logits"
        How, where `weights` is a mapping: see :data:`sensitivity.policies.POOLS`.

    Returns
    -------
    ndarray of float64, shape (N, C)
        Scores, as :class:`~sensitivity.policies.Policy` defines them: their softmax is the
        probability of each class.

    Raises
    ------
    InputError
        A view or feature that was not collected, or other classes.
    OptionError
        Another pool (the largest logit, say), or weights that are none.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> z = np.array([[[2.0, 0.0]], [[0.0, 1.0]]], dtype=np.float32)
    >>> views = (ORIGINAL, ViewSpec("vflip", 1.0))
    >>> both = ViewLogits(("a.png",), np.array([0]), views, z, ("ok", "defect"))
    >>> merge(both, {"original": 0.5, "vflip": 0.5})
    array([[1. , 0.5]])
    """
    policy = weights if isinstance(weights, Policy) else _mixture(logits, weights, pool)
    if policy.classes and tuple(policy.classes) != tuple(logits.classes):
        rule = f"expected those of the policy ({', '.join(policy.classes)})"
        raise InputError("classes", rule, got=", ".join(logits.classes))
    places = view_places(logits, policy)
    z = logits.z[places].astype(np.float64)
    used = active(logits, policy)
    z = np.where(used[:, :, None], z, z[0])
    scores = pooled(z, np.array(policy.weights), policy.pool)
    if policy.by_predicted:
        predicted = z[0].argmax(axis=1)
        for name, own in policy.by_predicted.items():
            mine = predicted == _class_place(logits, name)
            scores[mine] = pooled(z[:, mine], np.array(own), policy.pool)
    return scores + np.array(policy.shift) if policy.shift else scores


def active(logits: ViewLogits, policy: Policy) -> Bools:
    """Which images each view of a policy is for.

    Parameters
    ----------
    logits : ViewLogits
        N images.
    policy : Policy
        M views.

    Returns
    -------
    ndarray of bool, shape (M, N)
        The first row, the original, is True.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> z = np.array([[[9.0, 0.0], [0.1, 0.0]]] * 2, dtype=np.float32)
    >>> views = (ORIGINAL, ViewSpec("vflip", 1.0))
    >>> both = ViewLogits(("a", "b"), np.array([0, 0]), views, z, ("ok", "defect"))
    >>> active(both, Policy(views, (0.5, 0.5), entropy=0.5)).tolist()
    [[True, True], [False, True]]
    """
    n = len(logits)
    used = np.ones((len(policy.views), n), dtype=np.bool_)
    for row, where in enumerate(policy.where):
        if where is not None and row:
            used[row] = inside(logits.feature(where.feature), where)
    if policy.entropy is not None:
        used[1:] &= entropy(float(sum(policy.weights)) * logits.z[0]) > policy.entropy
    return used


def passes(logits: ViewLogits, policy: Policy) -> Floats:
    """Forward passes that each image costs.

    Parameters
    ----------
    logits : ViewLogits
        N images.
    policy : Policy
        M views.

    Returns
    -------
    ndarray of float64, shape (N,)
        One for each view with a weight that is for the image, and one for the original, which
        is left out only where it has no weight and nothing else needs its prediction.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> views = (ORIGINAL, ViewSpec("vflip", 1.0))
    >>> one = ViewLogits(("a",), np.array([0]), views, np.zeros((2, 1, 2), np.float32), ("0", "1"))
    >>> passes(one, Policy(views, (0.5, 0.5))), passes(one, Policy(views, (0.0, 1.0)))
    (array([2.]), array([1.]))
    """
    used = active(logits, policy)
    all_weights = np.array([policy.weights, *policy.by_predicted.values()])
    weighed = (all_weights > 0).any(axis=0)
    further = used[1:][weighed[1:]]
    gated = policy.entropy is not None or bool(policy.by_predicted)
    needs_original = weighed[0] or gated
    original = np.ones(len(logits)) if needs_original else (~used[1:]).any(axis=0) * 1.0
    if not weighed[1:].any():
        return np.ones(len(logits))
    return further.sum(axis=0) + np.where(further.any(axis=0), original, 1.0)


def entropy(z: npt.NDArray[np.floating]) -> Floats:
    """Entropy of softmax, natural logarithm.

    Parameters
    ----------
    z : ndarray of float, shape (N, C)
        Logits.

    Returns
    -------
    ndarray of float64, shape (N,)
        0 … log C.

    Examples
    --------
    >>> entropy(np.zeros((1, 2))).round(3).tolist()
    [0.693]
    """
    logs = log_softmax(z.astype(np.float64), axis=-1)
    found: Floats = -(np.exp(logs) * logs).sum(axis=-1)
    return found


def view_places(logits: ViewLogits, policy: Policy) -> list[int]:
    """Where the views of a policy are among those that were collected.

    Parameters
    ----------
    logits : ViewLogits
        What was collected.
    policy : Policy
        Its views are looked for by operation, dose and target.

    Returns
    -------
    list of int
        One per view.

    Raises
    ------
    InputError
        One was not collected.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> z = np.zeros((1, 1, 1), np.float32)
    >>> one = ViewLogits(("a",), np.array([0]), (ORIGINAL,), z, ("0",))
    >>> view_places(one, Policy())
    [0]
    """
    known = {_key(view): place for place, view in reversed(list(enumerate(logits.views)))}
    missing = [view.name for view in policy.views if _key(view) not in known]
    if missing:
        names = ", ".join(view.name for view in logits.views)
        raise InputError("view", f"expected one that was collected ({names})", got=missing[0])
    return [known[_key(view)] for view in policy.views]


def _key(view: ViewSpec) -> tuple[object, ...]:
    return view.op, round(view.dose, 9), view.target, view.feature if view.target else ""


def _mixture(logits: ViewLogits, weights: Mapping[str, float], pool: str) -> Policy:
    """The policy that a mapping from names of views means."""
    by_name = {view.name: view for view in logits.views}
    missing = [name for name in weights if name not in by_name]
    if missing:
        rule = f"expected one that was collected ({', '.join(by_name)})"
        raise InputError("view", rule, got=missing[0])
    names = ["original", *(name for name in weights if name != "original")]
    views = tuple(by_name[name] for name in names)
    return Policy(views, tuple(float(weights.get(name, 0.0)) for name in names), pool=pool)


def _class_place(logits: ViewLogits, name: str) -> int:
    if name not in logits.classes:
        rule = f"expected one of {', '.join(logits.classes)}"
        raise InputError("class", rule, got=name)
    return logits.classes.index(name)
