"""What the tests of one feature found: one row for all classes together, then one per class."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from ..stats.ranks import Floats


@dataclass(eq=False)
class Rows:
    """Arrays of shape (1 + C,): row 0 is "all", row c + 1 class c; NaN where not tested.

    Attributes
    ----------
    z_recall, z_fpr, z_f1, z_shape : ndarray of float64
        Standardised scores; NaN for categorical features.
    p_recall, p_fpr, p_f1, p_shape, p_margin : ndarray of float64
        Two-sided p.
    total, variance : ndarray of float64
        Recall's score, and its variance.
    change, error : ndarray of float64
        Recall at the feature's 90th percentile less at its 10th, and its standard error under
        the null; of a categorical feature the latter is that of one category against the rest.
    auc : ndarray of float64
        Chance that a right sample has the higher value, of a right and a wrong one.
    """

    z_recall: Floats
    z_fpr: Floats
    z_f1: Floats
    z_shape: Floats
    p_recall: Floats
    p_fpr: Floats
    p_f1: Floats
    p_shape: Floats
    p_margin: Floats
    total: Floats
    variance: Floats
    change: Floats
    error: Floats
    auc: Floats

    @classmethod
    def empty(cls, n_classes: int) -> Rows:
        """Nothing tested.

        Parameters
        ----------
        n_classes : int
            C.

        Returns
        -------
        Rows
            NaN throughout.

        Examples
        --------
        >>> Rows.empty(1).auc
        array([nan, nan])
        """
        return cls(**{field.name: np.full(1 + n_classes, np.nan) for field in fields(cls)})
