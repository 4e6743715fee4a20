"""Catalogue of what can be done to an image at test time: one literal tuple, :data:`VIEWS`.

Nothing here touches a pixel: the operations themselves are functions of
:mod:`sensitivity.tta.views`, by the same names. A view is an operation with a dose; each
operation has a dose that changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .encoding import typed
from .errors import OptionError, did_you_mean

DOWN, UP = "down", "up"

#: Where a view comes from. A control moves a feature that nothing was found on: it tests a finding,
#: and is no candidate.
SOURCES = ("original", "trend", "training", "declared", "registered", "chosen", "control")


@dataclass(frozen=True)
class View:
    """One operation in one direction.

    Parameters
    ----------
    op : str
        Name of the operation.
    feature : str
        The feature that it moves; empty for symmetries and for what no feature measures.
    direction : {"down", "up", ""}
        Which way it moves the feature.
    unit : str
        What the dose counts.
    identity : float
        The dose that changes nothing.
    strongest : float
        The other end of the doses.
    usual : tuple of float
        Doses that are tried where nothing is known.
    symmetric : bool
        A geometric (or channel) symmetry: wrong for many tasks, so it is used only where the
        training used it or the user declares it.
    title_en, title_zh : str
        How it is called in print.
    """

    op: str
    feature: str
    direction: str
    unit: str
    identity: float
    strongest: float
    usual: tuple[float, ...]
    symmetric: bool
    title_en: str
    title_zh: str


# fmt: off
VIEWS: tuple[View, ...] = (
    # op, feature, direction, unit of the dose, identity, strongest, usual, symmetric, titles
    View("gaussian_blur", "sharpness", DOWN, "σ in pixels", 0.0, 4.0, (0.7, 1.5), False, "blur", "高斯模糊"),
    View("box_blur", "sharpness", DOWN, "side in pixels", 1.0, 9.0, (3.0,), False, "box blur", "均值模糊"),
    View("unsharp", "sharpness", UP, "amount", 0.0, 4.0, (1.0, 2.0), False, "sharpening", "锐化"),
    View("gamma", "brightness", DOWN, "exponent", 1.0, 4.0, (1.5, 2.5), False, "darkening", "变暗"),
    View("gamma", "brightness", UP, "exponent", 1.0, 0.25, (0.67, 0.4), False, "brightening", "变亮"),
    View("contrast", "contrast", DOWN, "factor", 1.0, 0.2, (0.7, 0.5), False, "lower contrast", "降低对比度"),
    View("contrast", "contrast", UP, "factor", 1.0, 5.0, (1.5, 2.5), False, "higher contrast", "提高对比度"),
    View("saturation", "saturation", DOWN, "factor", 1.0, 0.0, (0.5, 0.0), False, "less colour", "降低饱和度"),
    View("saturation", "saturation", UP, "factor", 1.0, 3.0, (1.5,), False, "more colour", "提高饱和度"),
    View("warmth", "warmth", DOWN, "gain", 0.0, -0.2, (-0.1,), False, "cooler colours", "偏冷色"),
    View("warmth", "warmth", UP, "gain", 0.0, 0.2, (0.1,), False, "warmer colours", "偏暖色"),
    View("bilateral", "noise", DOWN, "range σ", 0.0, 0.5, (0.1, 0.25), False, "denoising", "双边滤波去噪"),
    View("gaussian_noise", "noise", UP, "σ", 0.0, 0.25, (0.05,), False, "noise", "加噪声"),
    View("bilateral", "blockiness", DOWN, "range σ", 0.0, 0.2, (0.05,), False, "smoothing of blocks", "去块效应"),
    View("jpeg", "blockiness", UP, "100 less quality", 0.0, 90.0, (50.0,), False, "JPEG compression", "JPEG压缩"),
    View("down_up", "", "", "factor", 1.0, 4.0, (1.5, 2.0), False, "lower resolution", "降低分辨率"),
    View("zoom", "", "", "factor", 1.0, 2.0, (1.1, 1.25), False, "zoom to the centre", "中心放大"),
    View("hflip", "", "", "0 or 1", 0.0, 1.0, (1.0,), True, "horizontal flip", "水平翻转"),
    View("vflip", "", "", "0 or 1", 0.0, 1.0, (1.0,), True, "vertical flip", "垂直翻转"),
    View("rot90", "", "", "quarter turns", 0.0, 3.0, (1.0, 2.0, 3.0), True, "rotation", "旋转"),
    View("channel_flip", "", "", "0 or 1", 0.0, 1.0, (1.0,), True, "channel flip", "通道翻转"),
)

#: Features that no operation moves by itself, and through which other it is done: +1 where
#: both rise together.
THROUGH: tuple[tuple[str, str, int], ...] = (
    ("blur_effect", "sharpness", -1),
    ("edge_density", "sharpness", 1),
    ("spectral_slope", "sharpness", 1),
    ("entropy", "contrast", 1),
    ("dynamic_range", "contrast", 1),
    ("colorfulness", "saturation", 1),
    ("underexposed", "brightness", -1),
    ("overexposed", "brightness", 1),
)
# fmt: on


def views_moving(feature: str, direction: str) -> tuple[View, ...]:
    """The operations that move a feature one way, by themselves or through another feature.

    Parameters
    ----------
    feature : str
        A feature's name.
    direction : {"down", "up"}
        Which way.

    Returns
    -------
    tuple of View
        In the order of :data:`VIEWS`; empty where there is none.

    Examples
    --------
    >>> [view.op for view in views_moving("blur_effect", "down")]
    ['unsharp']
    >>> views_moving("hour", "up")
    ()
    """
    for name, through, sign in THROUGH:
        if name == feature:
            flipped = {DOWN: UP, UP: DOWN}[direction]
            return views_moving(through, direction if sign > 0 else flipped)
    return tuple(v for v in VIEWS if (v.feature, v.direction) == (feature, direction))


@dataclass(frozen=True)
class ViewSpec:
    """A view with its dose: all that is needed to make it again.

    Parameters
    ----------
    op : str
        An operation of :data:`VIEWS`, or ``"identity"``.
    dose : float
        In the operation's unit.
    feature, direction : str
        What it was made to move, and which way; empty where that is not so.
    source : str
        One of :data:`SOURCES`.
    target : float, optional
        Makes the dose one of each image: strong enough to bring `feature` to this value, at
        most `dose`.
    share : float, optional
        Share of the training images that had it, where it comes from the training.

    Raises
    ------
    OptionError
        Unknown operation or source, a dose outside the operation's range, a target that is not finite.

    Examples
    --------
    >>> ViewSpec("gaussian_blur", 1.5).name
    'gaussian_blur(1.5)'
    >>> ViewSpec("hflip", 1.0, source="declared").name
    'hflip'
    """

    op: str
    dose: float
    feature: str = ""
    direction: str = ""
    source: str = "chosen"
    target: float | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise OptionError(
                "view", f"expected a source among {', '.join(SOURCES)}", got=self.source
            )
        if self.direction not in ("", DOWN, UP):
            raise OptionError("view", "expected the direction up, down or none", got=self.direction)
        if self.target is not None and not math.isfinite(self.target):
            raise OptionError("view", "expected a finite target", got=f"{self.target:g}")
        low, high = _range_of(self.op)
        if not (math.isfinite(self.dose) and low <= self.dose <= high):
            rule = f"expected a dose of {self.op} from {low:g} to {high:g}"
            raise OptionError("view", rule, got=f"{self.dose:g}")

    @property
    def name(self) -> str:
        """Operation and dose, such as ``gamma(0.67)``; ``original`` for the image itself."""
        if self.op == "identity":
            return "original"
        if self.op in ("hflip", "vflip", "channel_flip"):
            return self.op
        dose = f"{self.dose:.3g}" if self.target is None else f"{self.feature}→{self.target:.3g}"
        return f"{self.op}({dose})"

    @property
    def is_symmetric(self) -> bool:
        """Whether it needs to be declared: see :class:`View`."""
        return any(view.symmetric for view in VIEWS if view.op == self.op)

    def to_dict(self) -> dict[str, Any]:
        """The fields, JSON-able."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> ViewSpec:
        """The view that :meth:`to_dict` told of."""
        return typed(fields, cls, "view")


def _range_of(op: str) -> tuple[float, float]:
    if op == "identity":
        return 0.0, 0.0
    ends = [end for view in VIEWS if view.op == op for end in (view.identity, view.strongest)]
    if not ends:
        known = ", ".join(dict.fromkeys(view.op for view in VIEWS))
        near = did_you_mean(op, (view.op for view in VIEWS))
        raise OptionError("view", f"expected an operation among {known}", got=op, where=near)
    return min(ends), max(ends)


#: The image itself.
ORIGINAL = ViewSpec("identity", 0.0, source="original")
