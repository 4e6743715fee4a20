"""Shows where an image classifier is weak, and how much of that is more than chance.

The pipeline, read aloud::

    samples  = the three lists of an evaluation loop: predictions, labels, image names
    features = one decode per image, measured: sharpness, brightness, noise, ...
    bins     = equal-count bins of every feature, over all classes together
    cells    = recall, precision and F1 of every class in every bin, with intervals
    trends   = how far a class varies over a feature's bins, and how far chance alone would
    Analysis = all of these tables, saved as JSON and Parquet

>>> import sensitivity
>>> analysis = sensitivity.analyse(
...     [0, 1, 1, 0] * 25, [0, 1, 0, 0] * 25, [f"{i}.png" for i in range(100)],
...     columns={"hour": [6, 12, 18, 23] * 25}, features=(), save_path=None,
... )
>>> print(analysis.table("hour").round(2))
        0    1
6    1.00  NaN
12    NaN  1.0
18   0.00  0.0
23   1.00  NaN
std  0.47  0.5
"""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING

from . import clash

if TYPE_CHECKING:
    from .advice.recommending import recommend
    from .analysis import analyse
    from .comparison import compare
    from .errors import SensitivityError
    from .features import FEATURES
    from .inputs.readers import read_predictions
    from .inputs.record import Recorder
    from .report.writing import write_report
    from .result import Analysis

__version__ = "0.1.0"

__all__ = [
    "FEATURES",
    "Analysis",
    "Recorder",
    "SensitivityError",
    "analyse",
    "compare",
    "read_predictions",
    "recommend",
    "write_report",
]

# Where each public name lives: imported on first use, so that `import sensitivity` is quick.
_HOMES = {
    "FEATURES": "features",
    "Analysis": "result",
    "Recorder": "inputs.record",
    "SensitivityError": "errors",
    "analyse": "analysis",
    "compare": "comparison",
    "read_predictions": "inputs.readers",
    "recommend": "advice.recommending",
    "write_report": "report.writing",
}


if clash.other_is_here():
    warnings.warn(clash.MESSAGE, RuntimeWarning, stacklevel=2)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
