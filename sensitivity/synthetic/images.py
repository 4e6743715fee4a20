"""Images whose blur, brightness and noise are known.

The scenes are made up: a texture with the spectrum of natural photographs, and shapes that
differ by class. They show how an image property is measured, not how well a model sees.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError, OptionError
from .dials import Random, generator, in_range, whole_number

Image: TypeAlias = npt.NDArray[np.uint8]

#: What a scene's class draws, class 0 first; classes beyond take the same with more of them.
SHAPES = ("discs", "bars", "triangles", "rings", "squares")

#: File name suffixes that :func:`write_images` can write.
SUFFIXES = (".png", ".jpg")


def photograph(size: int | tuple[int, int] = 128, *, kind: int = 0, rng: Random = 0) -> Image:
    """Make a textured scene: 1/f noise between two colours, with shapes of its class.

    Parameters
    ----------
    size : int or tuple of int, default 128
        Side in pixels, or (height, width); at least 1.
    kind : int, default 0
        Class of the scene, ≥ 0: which of :data:`SHAPES` lie on it, and how many.
    rng : int or numpy.random.Generator, default 0
        Seed or generator; the same seed gives the same image.

    Returns
    -------
    array of uint8, height × width × 3
        RGB. Mean luma is about 115; few pixels are near 0 or 255.

    Raises
    ------
    OptionError
        A size or `kind` is out of its range.

    References
    ----------
    Field (1987), *J. Opt. Soc. Am. A* 4: amplitude falls as 1/frequency in natural images.

    Examples
    --------
    >>> image = photograph((48, 64), kind=1)
    >>> image.shape, str(image.dtype)
    ((48, 64, 3), 'uint8')
    """
    sides = (size, size) if isinstance(size, int) else size
    height, width = (whole_number("size", side, low=1) for side in sides)
    whole_number("kind", kind, low=0)

    random = generator(rng)
    texture = _texture(height, width, random)[..., None]
    dark, light = random.uniform(35, 95, 3), random.uniform(130, 205, 3)
    scene = (dark + (light - dark) * texture).astype(np.float32)
    return _grey_levels(_with_shapes(scene, kind, random))


def degrade(
    image: Image,
    *,
    blur: float = 0.0,
    brightness: float = 1.0,
    noise: float = 0.0,
    rng: Random = 0,
) -> Image:
    """Darken or brighten, blur, and add noise, in the order in which a camera does.

    Parameters
    ----------
    image : array of uint8, H×W or H×W×3
        Left unchanged.
    blur : float, default 0
        σ of the Gaussian blur in pixels, ≥ 0.
    brightness : float, default 1
        Gain: every value is multiplied by it, ≥ 0. Below 1 darker; values above 255 are cut.
    noise : float, default 0
        σ of the Gaussian noise in grey levels, ≥ 0; the same in all channels, so that the
        noise of luma has this σ (less where values are cut at 0 and 255).
    rng : int or numpy.random.Generator, default 0
        Seed or generator of the noise.

    Returns
    -------
    array of uint8
        In the shape of `image`; with all doses at their defaults an equal copy.

    Raises
    ------
    InputError
        The image is not 8-bit, or not H×W or H×W×3.
    OptionError
        A dose is negative.

    Examples
    --------
    >>> grey = np.full((32, 32), 100, np.uint8)
    >>> float(degrade(grey, brightness=0.5).mean()), float(degrade(grey, blur=3).std())
    (50.0, 0.0)
    >>> bool(abs(degrade(grey, noise=10).std() - 10) < 1)
    True
    """
    import cv2

    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)):
        got = f"{image.dtype} of shape {image.shape}"
        raise InputError("image", "expected uint8, H×W or H×W×3", got=got)
    for what, dose in (("blur", blur), ("brightness", brightness), ("noise", noise)):
        in_range(what, dose, low=0)

    values: npt.NDArray[Any] = image.astype(np.float32) * np.float32(brightness)
    values = np.minimum(values, 255)
    if blur > 0:
        values = cv2.GaussianBlur(values, (0, 0), blur, borderType=cv2.BORDER_REFLECT_101)
    if noise > 0:
        grain = generator(rng).normal(0.0, noise, image.shape[:2]).astype(np.float32)
        values = values + (grain if image.ndim == 2 else grain[..., None])
    return _grey_levels(values)


def write_images(
    folder: str | Path,
    n: int = 400,
    *,
    n_classes: int = 2,
    size: int | tuple[int, int] = 128,
    blur: float | tuple[float, float] = (0.0, 3.0),
    brightness: float | tuple[float, float] = (0.4, 1.2),
    noise: float | tuple[float, float] = (0.0, 12.0),
    suffix: str = ".png",
    rng: Random = 0,
) -> pd.DataFrame:
    """Write scenes with a dose of blur, brightness and noise each, in one folder per class.

    Parameters
    ----------
    folder : str or pathlib.Path
        Created if need be; files of the same names are replaced.
    n : int, default 400
        Number of images, ≥ 0.
    n_classes : int, default 2
        Number of classes, ≥ 1; every image's class is drawn evenly.
    size : int or tuple of int, default 128
        Side in pixels, or (height, width).
    blur, brightness, noise : float or tuple of float
        Dose of every image, or the (lowest, highest) between which it is drawn evenly and
        independently of the class and the other doses; units as in :func:`degrade`.
    suffix : str, default ".png"
        One of :data:`SUFFIXES`. JPEG (quality 95) adds its own small artefacts.
    rng : int or numpy.random.Generator, default 0
        Seed or generator.

    Returns
    -------
    pandas.DataFrame
        One row per image: ``name`` (the file's path, beginning with `folder`), ``class``
        (index), and the doses ``blur``, ``brightness``, ``noise``.

    Raises
    ------
    OptionError
        A number is out of its range, or the suffix is unknown.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     table = write_images(folder, 6, size=16, brightness=1.0)
    ...     print(len(list(Path(folder).glob("*/*.png"))), list(table.columns))
    6 ['name', 'class', 'blur', 'brightness', 'noise']
    """
    if suffix not in SUFFIXES:
        raise OptionError("suffix", f"expected one of {', '.join(SUFFIXES)}", got=repr(suffix))
    whole_number("n", n, low=0)
    whole_number("n_classes", n_classes, low=1)
    random = generator(rng)

    kinds = random.integers(n_classes, size=n)
    ranges = {"blur": blur, "brightness": brightness, "noise": noise}
    doses = pd.DataFrame({what: _draw(what, dose, n, random) for what, dose in ranges.items()})
    names = [
        str(Path(folder) / f"{kind:0{len(str(n_classes - 1))}d}" / f"{number:05d}{suffix}")
        for number, kind in enumerate(kinds)
    ]
    for kind in range(n_classes):
        (Path(folder) / f"{kind:0{len(str(n_classes - 1))}d}").mkdir(parents=True, exist_ok=True)
    for name, kind, (sigma, gain, grain) in zip(names, kinds, doses.to_numpy(), strict=True):
        scene = photograph(size, kind=int(kind), rng=random)
        image = degrade(scene, blur=sigma, brightness=gain, noise=grain, rng=random)
        Path(name).write_bytes(_encoded(image, suffix))
    return pd.concat([pd.DataFrame({"name": names, "class": kinds}), doses], axis=1)


def _draw(
    what: str, dose: float | tuple[float, float], n: int, random: np.random.Generator
) -> npt.NDArray[np.float64]:
    low, high = dose if isinstance(dose, tuple) else (dose, dose)
    in_range(what, low, low=0)
    in_range(what, high, low=low)
    return random.uniform(low, high, n)


def _grey_levels(values: npt.NDArray[Any]) -> Image:
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


def _texture(height: int, width: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """1/f noise of mean ½ and standard deviation 1/6, cut to 0…1."""
    spectrum = np.fft.rfft2(random.standard_normal((height, width)))
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = np.inf  # no mean: it would set the brightness
    waves = np.fft.irfft2(spectrum / frequency, s=(height, width))

    spread = float(waves.std())
    if spread == 0:  # a single pixel
        return np.full((height, width), 0.5)
    return np.clip(0.5 + waves / (6 * spread), 0.0, 1.0)


def _with_shapes(
    scene: npt.NDArray[np.float32], kind: int, random: np.random.Generator
) -> npt.NDArray[Any]:
    """Lay half-transparent shapes of the class on the scene."""
    import cv2

    height, width = scene.shape[:2]
    layer = scene.copy()
    for _ in range(3 + kind // len(SHAPES)):
        centre = random.uniform((0, 0), (width, height))
        radius = random.uniform(0.06, 0.16) * min(height, width)
        angle = random.uniform(0, 2 * np.pi)
        colour = tuple(float(value) for value in random.uniform(20, 235, 3))
        thick = -1 if SHAPES[kind % len(SHAPES)] != "rings" else max(1, int(radius / 3))
        outline = _outline(SHAPES[kind % len(SHAPES)], angle) * radius + centre
        corners = np.rint(outline).astype(np.int32)[:, None, :]
        if thick < 0:
            cv2.fillPoly(layer, [corners], colour, lineType=cv2.LINE_8)
        else:
            cv2.polylines(layer, [corners], True, colour, thick, lineType=cv2.LINE_8)
    return 0.4 * scene + 0.6 * layer


def _outline(shape: str, angle: float) -> npt.NDArray[np.float64]:
    """Corners, M×2, of a shape of radius 1 around 0."""
    if shape == "bars":
        along, across = 2.2, 0.25
        corners = np.array([[-along, -across], [along, -across], [along, across], [-along, across]])
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        return np.asarray(corners @ turn)
    n_corners = {"triangles": 3, "squares": 4}.get(shape, 24)
    around = angle + 2 * np.pi * np.arange(n_corners) / n_corners
    return np.stack([np.cos(around), np.sin(around)], axis=1)


def _encoded(image: Image, suffix: str) -> bytes:
    import cv2

    quality = {".png": [cv2.IMWRITE_PNG_COMPRESSION, 1], ".jpg": [cv2.IMWRITE_JPEG_QUALITY, 95]}
    _, data = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), quality[suffix])
    return data.tobytes()
