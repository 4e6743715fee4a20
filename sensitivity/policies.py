"""A policy: which views are merged, with which weights, for which images; a small JSON file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .catalogue import ORIGINAL, ViewSpec
from .encoding import encode, plain, typed, write_atomically
from .errors import OptionError, ResultError, SensitivityError

POLICY_VERSION = 1

#: How the views' outputs are put together. ``logits``: their weighted sum, which is the
#: geometric mean of the probabilities; ``probabilities``: the weighted mean of these.
POOLS = ("logits", "probabilities")

_REFUSED_POOLS = {
    "max": "the largest logit of any view is the least reliable one: it lost up to 16 points",
    "min": "one view that fails decides alone",
    "product": "it is the sum of the logits, not normalised: use logits with weights",
}


@dataclass(frozen=True)
class Where:
    """The images that a view is for: those whose feature is above `low` and up to `high`.

    The feature is measured on what the model sees.

    Parameters
    ----------
    feature : str
        A feature of :data:`sensitivity.features.FEATURES`.
    low, high : float or None
        None: open.
    """

    feature: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Cell:
    """Images that have weights of their own.

    Parameters
    ----------
    weights : tuple of float, length M
        v ≥ 0 of each view.
    where : tuple of Where
        An image belongs to the cell if all of these hold.
    predicted : str or None
        Only images of which the original's prediction is this class; None: whatever it is.
    """

    weights: tuple[float, ...]
    where: tuple[Where, ...] = ()
    predicted: str | None = None


@dataclass(frozen=True)
class Policy:
    """What is done with an image at test time.

    Each image has weights v ≥ 0 of the views: those of the first cell that it belongs to, else
    `weights`. Its scores are ``s = Σ v_m z_m + shift`` (pool ``logits``), or
    ``s = log Σ (v_m/τ) softmax(τ z_m) + shift`` with ``τ = Σ v`` (pool ``probabilities``), where
    ``z_m`` are the model's logits of view m, or the logarithms of its probabilities. The softmax
    of ``s`` is the calibrated probability. Only views with a weight are computed.

    Attributes
    ----------
    views : tuple of ViewSpec, length M
        The original first.
    weights : tuple of float, length M
        v of the images that belong to no cell; ``1 / Σ v`` is the temperature.
    cells : tuple of Cell
        The first that an image belongs to counts.
    pool : {"logits", "probabilities"}
    entropy : float or None
        An image of which ``softmax(τ z_0)`` has an entropy (natural logarithm) up to this is sure
        enough: the original takes all of its weight. None: no image is.
    shift : tuple of float
        Added to the log-odds of each class; empty: nothing.
    classes : tuple of str
        In the order of the model's outputs.
    output : {"logits", "probabilities"}
        What the model gives.
    preprocessing : mapping
        ``mean``, ``std`` (or None: the model takes RGB in [0, 1]), ``size``, and what else was
        recorded.
    notes : mapping
        How it was fitted: objective, number of images, penalty, gain.
    """

    views: tuple[ViewSpec, ...] = (ORIGINAL,)
    weights: tuple[float, ...] = (1.0,)
    cells: tuple[Cell, ...] = ()
    pool: str = "logits"
    entropy: float | None = None
    shift: tuple[float, ...] = ()
    classes: tuple[str, ...] = ()
    output: str = "logits"
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_pool(self.pool)
        if not self.views or self.views[0] != ORIGINAL:
            raise OptionError("policy", "expected the original as the first view")
        twice = [view.name for k, view in enumerate(self.views) if view in self.views[:k]]
        if twice:
            raise OptionError("views", "expected each once", got=f"{twice[0]} twice")
        if len(set(self.classes)) < len(self.classes):
            raise OptionError("classes", "expected each once", got=", ".join(self.classes))
        _check_weights("weights", self.weights, len(self.views))
        for place, cell in enumerate(self.cells):
            _check_cell(f"cells[{place}]", cell, self)
        if self.shift and self.classes and len(self.shift) != len(self.classes):
            rule, got = f"expected one per class ({len(self.classes)}), or none", len(self.shift)
            raise OptionError("shift", rule, got=str(got))
        if not np.isfinite(np.asarray(self.shift, dtype=np.float64)).all():
            raise OptionError("shift", "expected finite numbers", got=str(self.shift))
        if self.entropy is not None and not 0 <= self.entropy < np.inf:
            rule = "expected a number of 0 or more, or none"
            raise OptionError("entropy", rule, got=str(self.entropy))
        if self.output not in POOLS:
            raise OptionError("output", "expected logits or probabilities", got=str(self.output))
        known = self.preprocessing
        check_normalisation(known.get("mean"), known.get("std"), what="preprocessing.")

    @property
    def all_weights(self) -> tuple[tuple[float, ...], ...]:
        """Weights of the cells, and of the images that belong to none."""
        return (*(cell.weights for cell in self.cells), self.weights)

    @property
    def is_identity(self) -> bool:
        """Whether it leaves every prediction as the model gives it."""
        return not any(v for weights in self.all_weights for v in weights[1:]) and not any(
            self.shift
        )

    @property
    def is_fixed(self) -> bool:
        """Whether every image gets the same views: such a policy can be exported."""
        plain_doses = all(view.target is None for view in self.views)
        return plain_doses and self.entropy is None and not self.cells

    @property
    def features(self) -> tuple[str, ...]:
        """The features that the cells ask for."""
        asked = [where.feature for cell in self.cells for where in cell.where]
        return tuple(dict.fromkeys(asked))

    def to_dict(self) -> dict[str, Any]:
        """The policy as JSON can hold it.

        Returns
        -------
        dict
            The fields, and ``policy_version``.
        """
        fields: dict[str, Any] = plain(asdict(self))
        return {"policy_version": POLICY_VERSION, **fields}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Policy:
        """The policy that :meth:`to_dict` told of.

        Parameters
        ----------
        content : mapping
            Fields of a policy; all but ``views`` and ``weights`` may be left out.

        Returns
        -------
        Policy

        Raises
        ------
        ResultError
            Another version; a field that is missing, unknown or of another type.
        OptionError
            A policy that is refused: a merge by maximum, weights by the true class, …

        Examples
        --------
        >>> Policy.from_dict({"views": [{"op": "identity", "dose": 0, "source": "original"}],
        ...                   "weights": [1.0], "pool": "max"})
        Traceback (most recent call last):
        ...
        sensitivity.errors.OptionError: pool: expected logits or probabilities, got max (the
        largest logit of any view is the least reliable one: it lost up to 16 points)
        """
        fields = dict(content)
        version = fields.pop("policy_version", POLICY_VERSION)
        if version != POLICY_VERSION:
            rule = f"expected policy version {POLICY_VERSION}"
            raise ResultError("policy", rule, got=repr(version))
        if "by_true" in fields or "true_class" in fields:
            rule = "expected weights that need no true class: at test time nobody knows it"
            raise OptionError("policy", rule, got="by_true")
        for name in ("views", "weights"):
            if name not in fields:
                raise ResultError(f"policy.{name}", "expected it")
        return typed(fields, cls, "policy")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the JSON file.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        pathlib.Path
        """
        file = Path(path)
        write_atomically(file, lambda part: part.write_bytes(encode(self.to_dict())))
        return file

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Policy:
        """Read a policy back.

        Parameters
        ----------
        path : path
            The JSON file.

        Returns
        -------
        Policy
            Equal to the one saved.

        Raises
        ------
        ResultError
            No such file, or no policy: the message names the field that is wrong.
        """
        import msgspec

        try:
            content = msgspec.json.decode(Path(path).read_bytes())
        except FileNotFoundError:
            raise ResultError("policy", "expected a JSON file", got=str(path)) from None
        except (ValueError, OSError, RecursionError) as error:
            rule = "expected a JSON file"
            raise ResultError("policy", rule, got=str(error), where=str(path)) from error
        if not isinstance(content, dict):
            raise ResultError("policy", "expected a JSON object", where=str(path))
        try:
            return cls.from_dict(content)
        except SensitivityError as error:
            # Whatever is wrong with it, it is the file that is to be mended.
            where = ", ".join(filter(None, (error.where, str(path))))
            raise ResultError(error.what, error.rule, got=error.got, where=where) from error


def _check_pool(pool: str) -> None:
    if pool not in POOLS:
        why = _REFUSED_POOLS.get(pool)
        raise OptionError("pool", "expected logits or probabilities", got=pool, where=why)


def _check_weights(what: str, weights: tuple[float, ...], n_views: int) -> None:
    if len(weights) != n_views:
        rule = f"expected one per view ({n_views})"
        raise OptionError(what, rule, got=str(len(weights)))
    values = np.asarray(weights, dtype=np.float64)
    with np.errstate(over="ignore"):
        total = values.sum()
    if not (np.isfinite(values).all() and (values >= 0).all() and 0 < total < np.inf):
        raise OptionError(what, "expected numbers of 0 or more, not all 0", got=str(weights))


def _check_cell(what: str, cell: Cell, policy: Policy) -> None:
    _check_weights(f"{what}.weights", cell.weights, len(policy.views))
    for place, where in enumerate(cell.where):
        low = -np.inf if where.low is None else where.low
        high = np.inf if where.high is None else where.high
        if not (where.feature and low <= high):
            rule = "expected a feature, and bounds of which low is not above high"
            got = f"{where.feature or 'no feature'}, {low:g} to {high:g}"
            raise OptionError(f"{what}.where[{place}]", rule, got=got)
    if cell.predicted is not None and policy.classes and cell.predicted not in policy.classes:
        rule = f"expected one of the policy's classes ({', '.join(policy.classes)})"
        raise OptionError(f"{what}.predicted", rule, got=cell.predicted)


def check_normalisation(mean: Any, std: Any, *, what: str = "") -> None:
    """Raise unless a mean and a standard deviation are numbers, or None.

    Parameters
    ----------
    mean, std : float, sequence of float, array or None
    what : str, default ""
        Before their names in a message.

    Raises
    ------
    OptionError
        They are none, or `std` is not above 0, or only one of them is given.

    Examples
    --------
    >>> check_normalisation([0.5], [0.0])
    Traceback (most recent call last):
    ...
    sensitivity.errors.OptionError: std: expected finite numbers above 0, got [0.0]
    """
    if (mean is None) != (std is None):
        got = "no std" if std is None else "no mean"
        raise OptionError(f"{what}mean and std", "expected both or neither", got=got)
    for name, value in (("mean", mean), ("std", std)):
        if value is None:
            continue
        listed = value.tolist() if hasattr(value, "tolist") else value
        try:
            values = np.asarray(listed, dtype=np.float64)
        except (TypeError, ValueError):
            values = np.array([np.nan])
        if not (values.size and np.isfinite(values).all() and (name == "mean" or values.min() > 0)):
            rule = "expected finite numbers" + (" above 0" if name == "std" else "")
            raise OptionError(f"{what}{name}", rule, got=str(listed))
