"""What a model says of the images that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def preprocessing_of(model: Any) -> dict[str, Any]:
    """What a model says of its input.

    Parameters
    ----------
    model : object
        With attributes ``mean``, ``std`` and ``input_size``, or a configuration as timm has it.

    Returns
    -------
    dict
        ``mean``, ``std`` and ``size``; None where it says nothing.

    Examples
    --------
    >>> class Model:
    ...     default_cfg = {"mean": (0.5,), "std": (0.25,), "input_size": (3, 224, 224)}
    >>> preprocessing_of(Model())
    {'mean': (0.5,), 'std': (0.25,), 'size': (3, 224, 224)}
    """
    config = getattr(model, "pretrained_cfg", None) or getattr(model, "default_cfg", None) or {}

    def told(name: str) -> Any:
        value = getattr(model, name, None)
        if value is None and isinstance(config, Mapping):
            value = config.get(name)
        if value is None or callable(value):
            return None
        return value.tolist() if hasattr(value, "tolist") else value

    mean, std = told("mean"), told("std")
    if mean is None or std is None:
        mean = std = None
    return {"mean": mean, "std": std, "size": told("input_size")}
