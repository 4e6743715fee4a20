"""Assembled: a whole result from the per-image tables, wherever these come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .bins import Binning, bin_features
from .features import Feature
from .inputs.multilabel import LabelSamples
from .inputs.samples import Samples
from .judgement import judge
from .result import Analysis
from .times import is_time


def assemble(
    samples: Samples | LabelSamples,
    table: pd.DataFrame,
    outcomes: pd.DataFrame,
    failures: pd.DataFrame,
    settings: Mapping[str, Any],
    *,
    groups: npt.NDArray[np.int64] | None,
    shares: npt.NDArray[np.float64],
    edges: Mapping[str, Sequence[Any]],
    titles: Mapping[str, Mapping[str, str]],
    rng: int | np.random.Generator = 0,
) -> Analysis:
    """A result from what is known of every image: bins, tests, tables.

    Parameters
    ----------
    samples : Samples or LabelSamples
        N samples.
    table, outcomes, failures : pandas.DataFrame
        The per-image tables, and the images that could not be measured.
    settings : mapping
        With ``n_bins`` and ``confidence``; the rest is kept as it is.
    groups : ndarray of int64, shape (N,), or None
        What belongs together.
    shares : ndarray of float64, shape (C,)
        Class shares for F1 at an equal class mix.
    edges : mapping
        Inner edges, or categories, of the features that are not to be cut anew.
    titles : mapping
        From each feature of `table` to what :func:`titles_of` says of it.
    rng : int or numpy.random.Generator, default 0
        For the intervals of macro scores, the check of dependence, and p of few events.

    Returns
    -------
    Analysis
        Not saved.
    """
    times = [name for name, told in titles.items() if is_time(told["unit"])]
    binnings, skipped = bin_features(table, n_bins=settings["n_bins"], edges=edges, times=times)
    found, dependence = judge(
        samples,
        table,
        outcomes,
        binnings,
        shares,
        groups=groups,
        confidence=settings["confidence"],
        rng=rng,
    )
    told = {
        "prior": shares.tolist(),
        "dependence": dependence,
        "features": _describe(table, binnings, titles),
        "skipped": skipped,
    }
    settings = {**settings, **told}
    return Analysis(table, outcomes, failures=failures, settings=settings, remedy=None, **found)


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


def titles_of(
    names: Iterable[str], features: Iterable[Feature], units: Mapping[str, str] | None = None
) -> dict[str, dict[str, str]]:
    """What the settings say of features whatever their values.

    Parameters
    ----------
    names : iterable of str
        All columns of the feature table but the images' names.
    features : iterable of Feature
        Those that were measured; the other columns are the caller's own.
    units : mapping, optional
        Units of the caller's own columns, as far as they are known.

    Returns
    -------
    dict
        From each name to ``source``, ``unit``, ``title_en`` and ``title_zh``.

    Examples
    --------
    >>> titles_of(["hour"], [])["hour"]["source"]
    'column'
    """
    known = {feature.name: feature for feature in features}
    own = units or {}
    return {name: _titles(name, known.get(name), own.get(name, "")) for name in map(str, names)}


def _titles(name: str, feature: Feature | None, unit: str) -> dict[str, str]:
    if feature is None:
        return {"source": "column", "unit": unit, "title_en": name, "title_zh": name}
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
