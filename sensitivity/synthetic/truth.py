"""What was planted: the rates as functions of the rank, and what bins should show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import OptionError
from .dials import whole_number
from .prevalence import Shares, divide
from .rates import Floats, Rate

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)  # per smooth piece of a rate


@dataclass(frozen=True, eq=False)
class Truth:
    """The sensitivity that was planted, in the words of a result.

    "Rank" is the feature's rank in the data, 0…1; C is the number of classes. Numbers over a range
    of ranks are exact integrals (ratios of them for precision and F1: what a very large
    sample shows).

    Attributes
    ----------
    feature : str
        The column that carries the trends.
    recalls : tuple of Rate
        Recall of each class.
    false_positives : Rate or None
        Rate at which samples of the other classes are taken for `target`; None: errors go
        evenly to the other classes.
    target : int
        That class.
    shares : Shares
        Prevalence of the classes by rank.
    margin : Rate
        Scale of the gap between the logits of the true class and its strongest rival.
    group_size, icc, within_group
        The dials of dependence, as they were given.
    """

    feature: str
    recalls: tuple[Rate, ...]
    false_positives: Rate | None
    target: int
    shares: Shares
    margin: Rate
    group_size: int = 1
    icc: float = 0.0
    within_group: float = 0.0

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.recalls)

    @property
    def is_null(self) -> bool:
        """Whether no rate depends on the feature: all that is seen is chance or class mix.

        The margin, which changes no prediction, is not asked.
        """
        rank = self._pieces(np.array([0.0, 1.0]))[0]
        rates = [self.recall(rank)]
        if self.false_positives is not None:
            rates.append(self.false_positives.at(rank)[:, None])
        return all(bool(np.ptp(rate, axis=0).max() < 1e-12) for rate in rates)

    @property
    def recall_lowest(self) -> Floats:
        """Expected recall of each class in the lowest fifth of the feature, C."""
        return np.asarray(self._binned(_edges(5))["recall"][0])

    @property
    def recall_highest(self) -> Floats:
        """Expected recall of each class in the highest fifth of the feature, C."""
        return np.asarray(self._binned(_edges(5))["recall"][-1])

    @property
    def recall_change(self) -> Floats:
        """Change of recall from the 10th to the 90th percentile of each class, C.

        0.8 × the slope of the least-squares line of recall on the rank within the class; NaN
        for a class that does not occur.
        """
        rank, weight = self._pieces(np.array([0.0, 1.0]))
        mass = divide(self.shares.at(rank) * weight[:, None], self.shares.overall)
        centred = self.shares.below(rank) - 0.5
        return np.asarray(0.8 * 12.0 * (mass * centred * self.recall(rank)).sum(axis=0))

    def prevalence(self, rank: npt.ArrayLike) -> Floats:
        """Share of each class at each of the G ranks, G×C."""
        return self.shares.at(np.atleast_1d(np.asarray(rank, dtype=np.float64)))

    def recall(self, rank: npt.ArrayLike) -> Floats:
        """Recall of each class at each of the G ranks, G×C."""
        ranks = np.atleast_1d(np.asarray(rank, dtype=np.float64))
        known = {id(rate): rate.at(ranks) for rate in self.recalls}
        return np.stack([known[id(rate)] for rate in self.recalls], axis=1)

    def false_positive_rate(self, rank: npt.ArrayLike) -> Floats:
        """Share of the other classes' samples that are called the class, G×C; NaN: no others."""
        ranks = np.atleast_1d(np.asarray(rank, dtype=np.float64))
        shares = self.shares.at(ranks)
        _, spread, drawn = self._outcomes(ranks)
        return divide(self._received(shares * spread, shares * drawn), 1.0 - shares)

    def expected(self, bins: int | Sequence[float] = 5) -> pd.DataFrame:
        """What the table of bins should show.

        Parameters
        ----------
        bins : int or sequence of float, default 5
            Number of equal bins of the rank, or their K + 1 ascending edges from 0 to 1 (the
            cumulative shares of the levels, for a feature with ties).

        Returns
        -------
        pandas.DataFrame
            Columns ``feature``, ``bin``, ``class``, ``metric``, ``value``: per bin and class
            ``prevalence``, ``recall``, ``false_positive_rate``, ``precision``, ``f1`` and
            ``f1_star`` (F1 at the classes' overall shares), 0…1, NaN where undefined; for class
            "all" ``accuracy``. Classes are named by their index.

        Raises
        ------
        OptionError
            The number or the edges are not as described.

        Examples
        --------
        >>> from sensitivity.synthetic import Trend, plant
        >>> truth = plant(100, recall=(0.95, Trend(0.6, 0.9))).truth
        >>> table = truth.expected()
        >>> table.query("metric == 'recall' and `class` == '1'")["value"].round(3).tolist()
        [0.63, 0.69, 0.75, 0.81, 0.87]
        """
        cells = self._binned(_edges(bins))
        accuracy = cells.pop("accuracy")
        names = [str(c) for c in range(self.n_classes)]
        tables = [pd.DataFrame(value, columns=names).assign(m=m) for m, value in cells.items()]
        tables.append(pd.DataFrame({"all": accuracy, "m": "accuracy"}))
        long = pd.concat(
            [
                table.rename_axis("bin").reset_index().melt(["bin", "m"], var_name="class")
                for table in tables
            ],
            ignore_index=True,
        )
        long = long.rename(columns={"m": "metric"}).assign(feature=self.feature)
        return long[["feature", "bin", "class", "metric", "value"]]

    def _outcomes(self, rank: Floats) -> tuple[Floats, Floats, Floats]:
        """Chances of a sample of each class, G×C: right, called one given other class, target.

        The chance of one given other class is the same for all of them except the target.
        """
        recall = self.recall(rank)
        if self.false_positives is None:
            return recall, (1.0 - recall) / max(1, self.n_classes - 1), np.zeros_like(recall)

        drawn = np.repeat(self.false_positives.at(rank)[:, None], self.n_classes, axis=1)
        drawn[:, self.target] = 0.0
        n_others = np.full(self.n_classes, max(1, self.n_classes - 2))
        n_others[self.target] = self.n_classes - 1
        return recall, np.maximum(1.0 - recall - drawn, 0.0) / n_others, drawn

    def _received(self, spread: Floats, drawn: Floats) -> Floats:
        """Sum over the other classes of what they give to each class, rows × C."""
        received: Floats = spread.sum(axis=1, keepdims=True) - spread
        if self.false_positives is not None:
            received[:, self.target] = drawn.sum(axis=1)
        return received

    def _binned(self, edges: Floats) -> dict[str, Floats]:
        """Metric → K×C expected values (accuracy: K)."""
        rank, weight = self._pieces(edges)
        place = np.searchsorted(edges[1:-1], rank)
        right, spread, drawn = self._outcomes(rank)

        def total(density: Floats) -> Floats:
            sums = np.zeros((len(edges) - 1, self.n_classes))
            np.add.at(sums, place, density * weight[:, None])
            return sums

        shares = self.shares.at(rank)
        mass, hits = total(shares), total(shares * right)
        given, taken = total(shares * spread), total(shares * drawn)
        false = self._received(given, taken)
        others = mass.sum(axis=1, keepdims=True) - mass

        recall, overall = divide(hits, mass), self.shares.overall
        even = self._received(overall * _rate(given, mass), overall * _rate(taken, mass))
        return {
            "prevalence": mass / mass.sum(axis=1, keepdims=True),
            "recall": recall,
            "false_positive_rate": divide(false, others),
            "precision": divide(hits, hits + false),
            "f1": divide(2.0 * hits, mass + hits + false),
            "f1_star": divide(2.0 * overall * recall, overall + overall * recall + even),
            "accuracy": hits.sum(axis=1) / mass.sum(axis=1),
        }

    def _pieces(self, edges: Floats) -> tuple[Floats, Floats]:
        """Nodes and weights of Gauss-Legendre integration between all jumps and bends."""
        breaks = [*self.shares.breaks]
        for rate in {id(rate): rate for rate in self.recalls}.values():
            breaks += rate.breaks
        if self.false_positives is not None:
            breaks += self.false_positives.breaks
        inside = [b for b in breaks if edges[0] < b < edges[-1]]
        cuts = np.unique(np.concatenate([edges, inside, np.linspace(edges[0], edges[-1], 9)]))
        half = np.diff(cuts)[:, None] / 2.0
        nodes = cuts[:-1, None] + half * (1.0 + _NODES)
        return nodes.ravel(), (half * _WEIGHTS).ravel()


def _edges(bins: int | Sequence[float]) -> Floats:
    if isinstance(bins, int):
        whole_number("bins", bins, low=1)
        return np.linspace(0.0, 1.0, bins + 1)
    edges = np.asarray(bins, dtype=np.float64)
    if len(edges) < 2 or edges[0] != 0 or edges[-1] != 1 or not (np.diff(edges) > 0).all():
        raise OptionError("bins", "expected ascending edges from 0 to 1", got=str(list(bins)))
    return edges


def _rate(events: Floats, mass: Floats) -> Floats:
    """Rate of events per class and bin; that of all bins where the bin lacks the class."""
    pooled = events.sum(axis=0) / np.maximum(mass.sum(axis=0), 1e-300)
    return np.where(mass > 1e-12, events / np.maximum(mass, 1e-300), pooled)
