"""The outputs of several views of an image put together, as a policy says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import log_softmax, logsumexp

from ..catalogue import ViewSpec
from ..errors import InputError, OptionError, did_you_mean, listed
from ..policies import Policy, Where
from .logits import ViewLogits
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
    z = logits.z[view_places(logits, policy)].astype(np.float64)
    weights_of = image_weights(logits, policy)
    if policy.pool == "logits":
        scores: Floats = np.einsum("nm,mnc->nc", weights_of, z)
    else:
        heat = weights_of.sum(axis=1)
        logs = log_softmax(heat[:, None] * z, axis=2)
        shares = (weights_of / heat[:, None]).T[:, :, None]
        scores = logsumexp(logs, axis=0, b=shares)
    if policy.shift:
        if len(policy.shift) != scores.shape[1]:
            rule = f"expected one per class ({scores.shape[1]})"
            raise InputError("shift", rule, got=str(len(policy.shift)))
        scores += np.array(policy.shift)
    return scores


def image_weights(logits: ViewLogits, policy: Policy) -> Floats:
    """The weights of the views for each image.

    Parameters
    ----------
    logits : ViewLogits
        N images, with the features that the policy's cells ask for.
    policy : Policy
        M views.

    Returns
    -------
    ndarray of float64, shape (N, M)

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> z = np.array([[[9.0, 0.0], [0.1, 0.0]]] * 2, dtype=np.float32)
    >>> views = (ORIGINAL, ViewSpec("vflip", 1.0))
    >>> both = ViewLogits(("a", "b"), np.array([0, 0]), views, z, ("ok", "defect"))
    >>> image_weights(both, Policy(views, (0.5, 0.5), entropy=0.5)).tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    found = np.tile(np.array(policy.weights, dtype=np.float64), (len(logits), 1))
    for cell in reversed(policy.cells):
        found[members(logits, cell.where, cell.predicted)] = cell.weights
    if policy.entropy is not None:
        heat = found.sum(axis=1)
        sure = entropy(heat[:, None] * logits.z[0]) <= policy.entropy
        found[sure] = 0.0
        found[sure, 0] = heat[sure]
    return found


def members(logits: ViewLogits, where: tuple[Where, ...], predicted: str | None = None) -> Bools:
    """Which images belong to a cell.

    Parameters
    ----------
    logits : ViewLogits
        N images.
    where : tuple of Where
        All of these must hold of the original image.
    predicted : str, optional
        Class that the original must be predicted as.

    Returns
    -------
    ndarray of bool, shape (N,)

    Raises
    ------
    InputError
        A feature that was not measured, or an unknown class.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> z = np.array([[[1.0, 0.0], [0.0, 1.0]]], dtype=np.float32)
    >>> two = ViewLogits(("a", "b"), np.array([0, 0]), (ORIGINAL,), z, ("ok", "defect"))
    >>> members(two, (), "defect").tolist()
    [False, True]
    """
    mine = np.ones(len(logits), dtype=np.bool_)
    for one in where:
        mine &= inside(logits.feature(one.feature), one)
    if predicted is not None:
        mine &= logits.z[0].argmax(axis=1) == _class_place(logits, predicted)
    return mine


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
        One for each view with a weight; and one for the original where it has none but its
        prediction is asked for, by `entropy` or a cell.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> views = (ORIGINAL, ViewSpec("vflip", 1.0))
    >>> one = ViewLogits(("a",), np.array([0]), views, np.zeros((2, 1, 2), np.float32), ("0", "1"))
    >>> passes(one, Policy(views, (0.5, 0.5))), passes(one, Policy(views, (0.0, 1.0)))
    (array([2.]), array([1.]))
    """
    used = image_weights(logits, policy) > 0
    if policy.entropy is not None or any(cell.predicted is not None for cell in policy.cells):
        used[:, 0] = True
    counts: Floats = used.sum(axis=1).astype(np.float64)
    return counts


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
    listed: Any = weights
    if not isinstance(listed, Mapping):
        rule = "expected a Policy, or a mapping from views to weights"
        raise OptionError("weights", rule, got=type(listed).__name__)
    if not all(isinstance(weight, (int, float, np.number)) for weight in weights.values()):
        raise OptionError("weights", "expected numbers", got=str(list(weights.values())))
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
        rule = f"expected one of {listed(logits.classes)}"
        raise InputError("class", rule, got=name, where=did_you_mean(name, logits.classes))
    return logits.classes.index(name)
