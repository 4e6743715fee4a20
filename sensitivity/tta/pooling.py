"""Weights of views: a convex fit of M numbers, pulled to the original."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import log_softmax, logsumexp

from ..errors import OptionError
from ..policies import POOLS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Largest sum of the weights, in units of the logits' scale: where every image is right, the
#: likelihood rises without end as the temperature falls.
MOST = 1e3


def fit_weights(
    z: npt.NDArray[np.floating],
    y: npt.NDArray[np.integer],
    *,
    prior: npt.ArrayLike | None = None,
    penalty: float = 0.0,
    pool: str = "logits",
    sample_weight: npt.ArrayLike | None = None,
    start: npt.ArrayLike | None = None,
) -> Floats:
    """Weights v ≥ 0 of views by minimal cross-entropy.

    Minimised is the mean of ``-log softmax(Σ v_m z_m)[y]``, plus
    ``penalty · s² ‖v - (Σ v) w0‖²``, where s is the scale of the original's logits (root mean
    square about their mean over the classes), which makes the penalty free of it. The sum of
    the weights is one over the temperature, and is not penalised.

    Parameters
    ----------
    z : ndarray of float, shape (M, N, C)
        Logits of M views, the original first.
    y : ndarray of int, shape (N,)
        True classes.
    prior : array_like of float, shape (M,), optional
        w0, to which the shares are pulled; None: all on the original.
    penalty : float, default 0
        λ ≥ 0.
    pool : {"logits", "probabilities"}, default "logits"
        As in :class:`~sensitivity.policies.Policy`. The logits' problem is convex; that of the
        probabilities is fitted from the same start and ends in a local minimum.
    sample_weight : array_like of float, shape (N,), optional
        Weights of the images; None: all alike.
    start : array_like of float, shape (M,), optional
        Where to start; the result of a convex problem does not depend on it.

    Returns
    -------
    ndarray of float64, shape (M,)
        The weights; the original alone with weight 1 where there are no images.

    Raises
    ------
    OptionError
        A penalty below 0, or another pool.

    References
    ----------
    Shanmugam et al., "Better aggregation in test-time augmentation", ICCV 2021.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 500)
    >>> good = 2.0 * np.eye(2)[y] + rng.normal(size=(500, 2))
    >>> noise = rng.normal(size=(500, 2))
    >>> v = fit_weights(np.stack([good, noise]), y, penalty=0.01)
    >>> bool(v[0] > 1), round(float(v[1]), 1)
    (True, 0.0)
    """
    if penalty < 0:
        raise OptionError("penalty", "expected 0 or more", got=f"{penalty:g}")
    if pool not in POOLS:
        raise OptionError("pool", f"expected one of {', '.join(POOLS)}", got=pool)
    m, n, _ = z.shape
    first = np.zeros(m)
    first[0] = 1.0
    w0 = first if prior is None else np.asarray(prior, dtype=np.float64)
    if n == 0:
        return first
    centred = z.astype(np.float64) - z.mean(axis=2, keepdims=True, dtype=np.float64)
    scale = float(np.sqrt(np.mean(centred[0] ** 2))) or 1.0
    weight = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    loss = (_of_logits if pool == "logits" else _of_probabilities)(
        centred / scale, np.asarray(y, dtype=np.int64), weight / weight.sum()
    )

    def objective(u: Floats) -> tuple[float, Floats]:
        value, slope = loss(u)
        off = u - u.sum() * w0
        return value + penalty * float(off @ off), slope + 2 * penalty * (off - float(off @ w0))

    u0 = np.asarray(start, dtype=np.float64) * scale if start is not None else scale * w0
    found = minimize(
        objective,
        np.clip(u0, 1e-3, MOST),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, MOST)] * m,
        options={"maxiter": 500, "ftol": 1e-12, "gtol": 1e-8},
    )
    v: Floats = np.asarray(found.x, dtype=np.float64) / scale
    return v if v.sum() > 0 else first


Loss = Callable[[Floats], tuple[float, Floats]]


def _of_logits(z: Floats, y: Ints, weight: Floats) -> Loss:
    """Cross-entropy of the weighted sum, and its slope."""
    m, n, c = z.shape
    flat = np.ascontiguousarray(z.reshape(m, n * c))
    rows = np.arange(n)

    def loss(v: Floats) -> tuple[float, Floats]:
        logs = log_softmax((v @ flat).reshape(n, c), axis=1)
        value = -float(weight @ logs[rows, y])
        rest = np.exp(logs)
        rest[rows, y] -= 1.0
        return value, flat @ (rest * weight[:, None]).reshape(-1)

    return loss


def _of_probabilities(z: Floats, y: Ints, weight: Floats) -> Loss:
    """Cross-entropy of the weighted mean of probabilities at one temperature, and its slope."""
    rows = np.arange(z.shape[1])

    def loss(v: Floats) -> tuple[float, Floats]:
        heat = max(float(v.sum()), 1e-12)
        logs = log_softmax(heat * z, axis=2)
        of_true = logs[:, rows, y]
        with np.errstate(divide="ignore"):
            part = np.log(np.maximum(v, 0.0) / heat)[:, None]
        pooled = logsumexp(part + of_true, axis=0)
        value = -float(weight @ pooled)
        # of the shares, at one temperature
        ratio = np.exp(of_true - pooled)
        slope = -(ratio @ weight) / heat
        slope = slope - float(slope @ v) / heat
        # of the temperature, at the same shares
        spare = z[:, rows, y] - (np.exp(logs) * z).sum(axis=2)
        by_heat = -float(weight @ (np.exp(part) * ratio * spare).sum(axis=0))
        return value, slope + by_heat

    return loss
