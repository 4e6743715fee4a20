"""What is measured of an image: one literal tuple, :data:`FEATURES`, lists it all.

A feature is a pure function of a :class:`~sensitivity.images.Picture` to one number. Adding
one to the package is one function and one line below; a function of the caller's own joins a
run by being passed to it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import OptionError, did_you_mean
from ..images import Picture
from .colour import colorfulness, saturation, warmth
from .image import (
    aspect_ratio,
    bits_per_pixel,
    brightness,
    contrast,
    dynamic_range,
    entropy,
    overexposed,
    resolution,
    underexposed,
)
from .texture import blockiness, blur_effect, edge_density, noise, sharpness, spectral_slope

Function = Callable[[Picture], float]


@dataclass(frozen=True)
class Feature:
    """One feature.

    Parameters
    ----------
    name : str
        Name of its column everywhere.
    function : callable
        From a :class:`~sensitivity.images.Picture` to a number; NaN where it is undefined.
    unit : str
        Empty for a number without unit.
    low, high : float or None
        Bounds of its range; None where there is none.
    more : str
        What a higher value means: "images that are …".
    default : bool
        Whether it is measured when nothing is chosen.
    title_en, title_zh : str
        How it is called in print; ModelArts' own titles where it has the feature.

    Examples
    --------
    >>> next(feature.title_zh for feature in FEATURES if feature.name == "sharpness")
    '清晰度'
    """

    name: str
    function: Function
    unit: str = ""
    low: float | None = None
    high: float | None = None
    more: str = "higher"
    default: bool = False
    title_en: str = ""
    title_zh: str = ""

    @property
    def source(self) -> str:
        """Where it was published: the References of the function's docstring, in one line."""
        _, found, rest = (inspect.getdoc(self.function) or "").partition("References\n----------\n")
        return " ".join(rest.split("\n\n")[0].split()) if found else ""


def _row(
    function: Function,
    unit: str,
    low: float | None,
    high: float | None,
    more: str,
    default: bool,  # noqa: FBT001 (a column of the table below)
    title_en: str,
    title_zh: str,
) -> Feature:
    return Feature(function.__name__, function, unit, low, high, more, default, title_en, title_zh)


# fmt: off
FEATURES: tuple[Feature, ...] = (
    # function, unit, low, high, more ("images that are …"), default, titles in English and Chinese
    _row(sharpness, "grey levels²", 0, None, "sharper (or noisier)", True, "Clarity", "清晰度"),
    _row(blur_effect, "", 0, 1, "more blurred", True, "Blur", "模糊程度"),
    _row(brightness, "", 0, 1, "brighter", True, "Brightness", "亮度"),
    _row(contrast, "", 0, 0.5, "richer in contrast", True, "Contrast", "对比度"),
    _row(dynamic_range, "", 0, 1, "wider in tone", True, "Dynamic range", "动态范围"),
    _row(saturation, "", 0, 1, "more saturated", True, "Saturation", "饱和度"),
    _row(colorfulness, "", 0, None, "more colourful", True, "Colourfulness", "色彩丰富程度"),
    _row(warmth, "", -1, 1, "redder than blue", False, "Warmth", "色温倾向"),
    _row(noise, "grey levels", 0, None, "noisier", True, "Noise", "噪声"),
    _row(entropy, "bits", 0, 8, "richer in tones", True, "Entropy", "信息熵"),
    _row(edge_density, "", 0, 1, "richer in edges", True, "Edge density", "边缘密度"),
    _row(underexposed, "", 0, 1, "blacker", True, "Underexposed share", "欠曝比例"),
    _row(overexposed, "", 0, 1, "more burnt out", True, "Overexposed share", "过曝比例"),
    _row(blockiness, "", 0, None, "blockier", False, "Blockiness", "块效应"),
    _row(spectral_slope, "", None, None, "finer in spectrum", False, "Spectral slope", "频谱斜率"),
    _row(resolution, "pixels", 1, None, "larger", True, "Resolution", "分辨率"),
    _row(aspect_ratio, "", 0, None, "taller", True, "Aspect ratio", "高宽比"),
    _row(bits_per_pixel, "bits", 0, None, "less compressed", False, "Bits per pixel", "每像素位数"),
)
# fmt: on


def select(features: Sequence[str | Function] | None = None) -> tuple[Feature, ...]:
    """Return the features that a caller asks for.

    Parameters
    ----------
    features : sequence of str and callable, optional
        Names of :data:`FEATURES` and own functions of a picture, which are called by their
        ``__name__``. None: the default set. Empty: none.

    Returns
    -------
    tuple of Feature
        In the order asked for.

    Raises
    ------
    OptionError
        A name is unknown or occurs twice, or a function has no name of its own.

    Examples
    --------
    >>> def red(picture):
    ...     return float(picture.bgr[..., 2].mean())
    >>> [feature.name for feature in select(["noise", red])]
    ['noise', 'red']
    >>> select(["sharpnes"])
    Traceback (most recent call last):
    ...
    sensitivity.errors.OptionError: features: expected a known name, got 'sharpnes' (did you mean
    'sharpness'?)
    """
    if features is None:
        return tuple(feature for feature in FEATURES if feature.default)
    if isinstance(features, str):
        raise OptionError("features", "expected a list of names", got=repr(features))

    chosen = tuple(_named(item) if isinstance(item, str) else _own(item) for item in features)
    names = [feature.name for feature in chosen]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise OptionError("features", "expected each name once", got=", ".join(twice))
    return chosen


def measure(picture: Picture, features: Sequence[Feature]) -> dict[str, float]:
    """Measure one picture.

    Parameters
    ----------
    picture : Picture
        From :mod:`sensitivity.images`.
    features : sequence of Feature
        From :func:`select`.

    Returns
    -------
    dict of str to float
        One value per feature, in order. What a function raises is passed on.

    Examples
    --------
    >>> import numpy as np
    >>> from sensitivity.images import from_array
    >>> measure(from_array(np.full((2, 2), 255, np.uint8)), select(["brightness", "contrast"]))
    {'brightness': 1.0, 'contrast': 0.0}
    """
    return {feature.name: float(feature.function(picture)) for feature in features}


def _named(name: str) -> Feature:
    found = next((feature for feature in FEATURES if feature.name == name), None)
    if found is not None:
        return found
    names = [feature.name for feature in FEATURES]
    where = did_you_mean(name, names) or f"there are {', '.join(names)}"
    raise OptionError("features", "expected a known name", got=repr(name), where=where)


def _own(function: Any) -> Feature:
    known = next((feature for feature in FEATURES if feature.function is function), None)
    if known is not None:
        return known

    name = getattr(function, "__name__", "")
    if not callable(function) or not name.isidentifier():
        rule = "expected names, or functions with a name of their own (def)"
        raise OptionError("features", rule, got=repr(function))
    if any(feature.name == name for feature in FEATURES):
        raise OptionError("features", "expected another name for an own function", got=repr(name))
    return Feature(name, function, title_en=name, title_zh=name)
