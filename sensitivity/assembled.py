"""Assembled: a whole result from the per-image tables, wherever these come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .bins import Binning, bin_features
from .features import Feature
from .inputs.samples import Samples
from .judgement import classification_tables
from .result import Analysis


def assemble(
    samples: Samples,
    table: pd.DataFrame,
    outcomes: pd.DataFrame,
    failures: pd.DataFrame,
    settings: Mapping[str, Any],
    *,
    shares: npt.NDArray[np.float64],
    edges: Mapping[str, Sequence[Any]],
    titles: Mapping[str, Mapping[str, str]],
    rng: int | np.random.Generator = 0,
) -> Analysis:
    """A result from what is known of every image: bins, tests, tables.

    Parameters
    ----------
    samples : Samples
        N samples.
    table, outcomes, failures : pandas.DataFrame
        The per-image tables, and the images that could not be measured.
    settings : mapping
        With ``n_bins`` and ``confidence``; the rest is kept as it is.
    shares : ndarray of float64, shape (C,)
        Class shares for F1 at an equal class mix.
    edges : mapping
        Inner edges, or categories, of the features that are not to be cut anew.
    titles : mapping
        From each feature of `table` to what :func:`feature_titles` says of it.
    rng : int or numpy.random.Generator, default 0
        For the intervals of macro scores, the check of dependence, and p of few events.

    Returns
    -------
    Analysis
        Not saved.
    """
    binnings, skipped = bin_features(table, n_bins=settings["n_bins"], edges=edges)
    found, dependence = classification_tables(
        samples, table, outcomes, binnings, shares, confidence=settings["confidence"], rng=rng
    )
    told = {
        "prior": shares.tolist(),
        "dependence": dependence,
        "features": _describe(table, binnings, titles),
        "skipped": skipped,
    }
    return Analysis(table, outcomes, failures=failures, settings={**settings, **told}, **found)


def _describe(
    table: pd.DataFrame,
    binnings: Mapping[str, Binning],
    titles: Mapping[str, Mapping[str, str]],
) -> list[dict[str, Any]]:
    """Each feature's entry in the settings: what it is, and how it was cut."""
    return [
        {
            "name": name,
            **titles[name],
            "kind": binning.kind,
            "edges": list(binning.edges),
            "categories": list(binning.categories),
            "n_missing": binning.n_missing,
            **_range(table[name], binning),
        }
        for name, binning in binnings.items()
    ]


def feature_titles(name: str, feature: Feature | None) -> dict[str, str]:
    """What the settings say of a feature whatever its values.

    Parameters
    ----------
    name : str
        Its name.
    feature : Feature or None
        None: a column of the caller's own.

    Returns
    -------
    dict
        ``source``, ``unit``, ``title_en`` and ``title_zh``.

    Examples
    --------
    >>> feature_titles("hour", None)["source"]
    'column'
    """
    if feature is None:
        return {"source": "column", "unit": "", "title_en": name, "title_zh": name}
    return {
        "source": "image",
        "unit": feature.unit,
        "title_en": feature.title_en or name,
        "title_zh": feature.title_zh or name,
    }


def _range(values: pd.Series, binning: Binning) -> dict[str, float | None]:
    if binning.kind != "numeric":
        return {"minimum": None, "maximum": None}
    return {"minimum": float(values.min()), "maximum": float(values.max())}
