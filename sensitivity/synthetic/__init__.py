"""Ships the truth: images, labels and predictions with a planted sensitivity, and the null.

Everything here is made up, with every dial known, so that a method can be asked whether it
finds what was planted and keeps quiet where nothing was. It shares no code with the methods.

- :func:`plant`: three lists, features and the :class:`Truth` about them. Rates along the rank
  of a feature are :class:`Trend`, :class:`Levels` or :func:`signal_detection`; further features
  are :class:`Covariate`. Rates that are numbers: the null.
- :func:`photograph`, :func:`degrade`, :func:`write_images`: scenes with known blur, brightness
  and noise.
- :func:`plant_views`: outputs of several views of an image, some better, worse or mere noise.
- :func:`published_table`: predictions that reproduce a published table to its four decimals.

Examples
--------
Images of which the blurred ones are recognised less often:

>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     images = write_images(folder, 50, size=32)
>>> planted = plant(
...     recall=Trend(0.95, 0.55), feature="blur",
...     values=images["blur"], labels=images["class"], names=images["name"],
... )
>>> planted.truth.recall_lowest.round(2).tolist(), planted.truth.recall_highest.round(2).tolist()
([0.91, 0.91], [0.59, 0.59])
"""

from __future__ import annotations

from .covariates import Covariate
from .images import degrade, photograph, write_images
from .predictions import Planted, plant
from .published import PUBLISHED_F1, PUBLISHED_STD, Published, published_table
from .rates import Levels, Rate, Trend, signal_detection
from .truth import Truth
from .views import plant_views

__all__ = [
    "PUBLISHED_F1",
    "PUBLISHED_STD",
    "Covariate",
    "Levels",
    "Planted",
    "Published",
    "Rate",
    "Trend",
    "Truth",
    "degrade",
    "photograph",
    "plant",
    "plant_views",
    "published_table",
    "signal_detection",
    "write_images",
]
