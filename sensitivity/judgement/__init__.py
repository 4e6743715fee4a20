"""Judgement: everything that follows from samples and their bins, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from ..bins import Binning
from ..inputs.multilabel import LabelSamples
from ..inputs.samples import Samples
from ..metrics.shares import class_shares, label_shares
from .classes import classification_tables
from .labels import label_tables

__all__ = ["classification_tables", "judge", "label_tables", "shares_of"]


def shares_of(
    samples: Samples | LabelSamples, prior: Mapping[str, float] | Sequence[float] | None
) -> npt.NDArray[np.float64]:
    """Class shares for metrics at an equal class mix: the caller's, or those of the data.

    Parameters
    ----------
    samples : Samples or LabelSamples
        The samples.
    prior : mapping or sequence, optional
        Shares by class name, or in class order; of classes they sum to 1, of labels each is
        the share of the images that have it.

    Returns
    -------
    ndarray of float64, shape (C,)
    """
    match samples:
        case LabelSamples():
            return label_shares(prior, samples.classes, samples.support, len(samples))
        case Samples():
            return class_shares(prior, samples.classes, samples.support)


def judge(
    samples: Samples | LabelSamples,
    table: pd.DataFrame,
    outcomes: pd.DataFrame,
    binnings: Mapping[str, Binning],
    shares: npt.NDArray[np.float64],
    *,
    groups: npt.NDArray[np.int64] | None = None,
    confidence: float = 0.95,
    rng: int | np.random.Generator = 0,
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """All tables that are not per image, whatever the task.

    Parameters
    ----------
    samples : Samples or LabelSamples
        N samples.
    table, outcomes : pandas.DataFrame
        The tables of features and of outcomes.
    binnings : mapping
        From feature to its bins.
    shares : ndarray of float64, shape (C,)
        From :func:`shares_of`.
    groups : ndarray of int64, shape (N,), optional
        What belongs together.
    confidence : float, default 0.95
        Coverage of the intervals.
    rng : int or numpy.random.Generator, default 0
        For intervals of macro scores, the check of dependence, and p of few events.

    Returns
    -------
    tables : dict
        ``bins``, ``trends``, ``slices``, ``overall``, ``confusion`` and ``roc``.
    dependence : dict
        See :func:`sensitivity.trends.settle`.
    """
    # One thread: the last digit of a product must not depend on the machine's cores.
    with threadpool_limits(1, "blas"):
        match samples:
            case LabelSamples():
                return label_tables(
                    samples, table, binnings, shares, groups=groups, confidence=confidence, rng=rng
                )
            case Samples():
                return classification_tables(
                    samples,
                    table,
                    outcomes,
                    binnings,
                    shares,
                    groups=groups,
                    confidence=confidence,
                    rng=rng,
                )
