"""What became of test-time augmentation, as a frozen record: tables, policy, verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from .encoding import plain, table_columns, table_frame
from .policies import Policy
from .tables import TTA_TABLES

REMEDY_VERSION = 1


@dataclass(frozen=True)
class Remedy:
    """The outcome of trying test-time augmentation on an analysis.

    Attributes
    ----------
    interventions, responses : pandas.DataFrame
        The same images moved on purpose: per finding, and the whole curves.
    candidates : pandas.DataFrame
        The views that were considered, and what became of each.
    strategies, costs, front : pandas.DataFrame
        What was compared, out of fold.
    policy : Policy
        Fitted on all images by the recipe that was judged; the identity unless proven.
    settings : dict
        ``verdict`` (one of :data:`sensitivity.tables.tta.USE` …), ``reason`` (a key of the
        texts), ``n``, ``n_needed`` (images that the verdict would need, or None), ``objective``,
        ``design`` (cross-fitted or three splits), ``folds``, ``gain`` (nats; ``value``, ``low`` the
        one-sided lower bound, ``in_sample``), ``beaten_by_shift`` (bool or None), ``refused``
        (list of ``{"what", "why"}``), ``seconds`` and ``notes``.
    """

    interventions: pd.DataFrame
    responses: pd.DataFrame
    candidates: pd.DataFrame
    strategies: pd.DataFrame
    costs: pd.DataFrame
    front: pd.DataFrame
    policy: Policy
    settings: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON can hold it.

        Returns
        -------
        dict
            ``remedy_version``, ``settings``, ``policy`` and ``tables``; undefined numbers are None.
        """
        return {
            "remedy_version": REMEDY_VERSION,
            "settings": plain(self.settings),
            "policy": self.policy.to_dict(),
            "tables": {s.name: table_columns(getattr(self, s.name)) for s in TTA_TABLES},
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Remedy:
        """The record that :meth:`to_dict` told of.

        Parameters
        ----------
        content : mapping
            As JSON gives it back.

        Returns
        -------
        Remedy
        """
        found = {s.name: table_frame(content["tables"][s.name], s) for s in TTA_TABLES}
        policy = Policy.from_dict(content["policy"])
        return cls(policy=policy, settings=dict(content["settings"]), **found)
