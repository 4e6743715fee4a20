"""A data set that never lies in one memory, summarised piece by piece: counts that add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError, OptionError
from ..stats import sharded
from ..stats.exact import FEW
from ..stats.intervals import normal_quantile
from ..stats.multiplicity import cauchy, family_weights, weighted_bh
from ..stats.scores import Score, pooled, ratio, two_sided
from ..stats.shard_counts import CellCounts, ShardCounts, count_cells
from .reading import Shard, feature_values, shard_classes, shard_features, shard_rows

Floats = npt.NDArray[np.float64]

#: Recall's change is told between these percentiles of the feature: .9 - .1.
SPAN = 0.8


@dataclass(frozen=True, eq=False)
class Cuts:
    """How one feature is cut, over all pieces.

    Attributes
    ----------
    fine : ndarray of float64
        Inner edges of the fine cells, ascending.
    edges : ndarray of float64
        Inner edges of the bins; all of them are among `fine`.
    """

    fine: Floats
    edges: Floats


def summarise_shards(
    shards: Sequence[Shard],
    features: Sequence[str] | None = None,
    n_classes: int | None = None,
    *,
    n_bins: int = 5,
    fine: int = 4096,
) -> ShardCounts:
    """Count a data set piece by piece; no two pieces are in memory at once.

    Parameters
    ----------
    shards : sequence of callable or path
        The pieces. A function gives ``(y, predicted, {feature: values})``; it is called once
        per pass and must give the same each time. A path is the folder of a saved result.
    features : sequence of str, optional
        Which features; None: all of the first piece. Numbers only.
    n_classes : int, optional
        Number of classes C; None: as the first piece's result says.
    n_bins : int, default 5
        Bins per feature, cut as :func:`sensitivity.analyse` would cut the whole.
    fine : int, default 4096
        Fine cells per feature, about, that ranks are told by.

    Returns
    -------
    ShardCounts
        Of all pieces together. ``.features[name].confusion()`` are the counts of the bins,
        exactly; :func:`trend_tests` tests for trends.

    Raises
    ------
    InputError
        A piece without a feature, with text, with classes out of range, or with other values
        in a later pass.
    OptionError
        No piece, or options out of their range.

    Notes
    -----
    Each piece is read three or four times where features are float32, up to eight times
    otherwise: to find the edges digit by digit, then to count. Cells that are empty take no
    room; at most there are as many as samples, per feature.

    Examples
    --------
    >>> def piece(start):
    ...     hour = np.arange(start, start + 50, dtype=np.float32)
    ...     return lambda: (np.zeros(50, int), (hour > 80).astype(int), {"hour": hour})
    >>> counts = summarise_shards([piece(0), piece(50)], n_classes=2)
    >>> counts.features["hour"].edges, counts.features["hour"].confusion()[:, 0, 1]
    (array([19., 39., 59., 79.]), array([ 0,  0,  0,  0, 19]))
    """
    pieces = _checked(shards, n_bins, fine)
    classes = shard_classes(pieces[0])
    size = n_classes if n_classes is not None else len(classes or ())
    if size < 1:
        rule = "expected the number of classes, as functions do not tell it"
        raise OptionError("n_classes", rule, got=repr(n_classes))
    cuts = fine_edges(pieces, features, n_bins=n_bins, fine=fine)
    # Sums of like sizes: a sum of all so far would be touched once per piece.
    sums: list[ShardCounts] = []
    for k, piece in enumerate(pieces, 1):
        sums.append(count_shard(piece, cuts, size, classes=classes, where=f"shard {k}"))
        while len(sums) > 1 and (sums[-2].n_cells < 2 * sums[-1].n_cells or k == len(pieces)):
            last = sums.pop()
            sums.append(sums.pop() + last)
    return sums[0]


def fine_edges(
    shards: Sequence[Shard],
    features: Sequence[str] | None = None,
    *,
    n_bins: int = 5,
    fine: int = 4096,
) -> dict[str, Cuts]:
    """Where to cut every feature: exact quantiles over all pieces.

    Parameters
    ----------
    shards, features, n_bins, fine
        As of :func:`summarise_shards`.

    Returns
    -------
    dict
        From feature to its cuts: give them to :func:`count_shard`, on whichever machine.

    Raises
    ------
    InputError, OptionError
        As of :func:`summarise_shards`.

    Examples
    --------
    >>> pieces = [lambda: ([0] * 60, [0] * 60, {"hour": np.arange(60.0)})] * 2
    >>> fine_edges(pieces, n_bins=3)["hour"].edges
    array([19., 39.])
    """
    pieces = _checked(shards, n_bins, fine)
    names = list(shard_features(pieces[0]) if features is None else features)
    if not names:
        raise OptionError("features", "expected at least one", got="none")
    searches: dict[str, sharded.Search] = {}
    few: dict[str, npt.NDArray[np.floating] | None] = {}
    ranks: dict[str, tuple[npt.NDArray[np.int64], ...]] = {}
    while not searches or any(search.left for search in searches.values()):
        totals: dict[str, npt.NDArray[np.int64]] = {}
        for k, piece in enumerate(pieces, 1):
            for name, values in feature_values(piece, names, f"shard {k}").items():
                search = searches.setdefault(name, sharded.begin(values.dtype))
                if not search.left:
                    continue
                _check_type(name, values, search, k)
                found = sharded.digit_counts(values, search)
                totals[name] = totals[name] + found if name in totals else found
                if search.sizes is None:
                    known = few.get(name, values[:0])
                    few[name] = sharded.few_distinct(known, values, n_bins)
        for name, counts in totals.items():
            if name not in ranks:
                ranks[name] = _ranks(int(counts.sum()), n_bins, fine)
            wanted = np.concatenate(ranks[name])
            searches[name] = sharded.narrowed(searches[name], counts, wanted)
    return {name: _cuts(searches[name], ranks[name], few[name]) for name in names}


def _checked(shards: Any, n_bins: Any, fine: Any) -> list[Shard]:
    pieces = list(shards) if isinstance(shards, (list, tuple)) else []
    if not pieces:
        raise OptionError("shards", "expected a list of at least one", got=repr(shards)[:40])
    for name, value in (("n_bins", n_bins), ("fine", fine)):
        if not isinstance(value, (int, np.integer)) or value < 2:
            raise OptionError(name, "expected a whole number from 2", got=repr(value))
    return pieces


def _check_type(
    name: str, values: npt.NDArray[np.floating], search: sharded.Search, k: int
) -> None:
    if 8 * values.itemsize != search.bits:
        rule = f"expected float{search.bits} as in the first shard"
        raise InputError(f"feature {name}", rule, got=str(values.dtype), where=f"shard {k}")


def _ranks(n: int, n_bins: int, fine: int) -> tuple[npt.NDArray[np.int64], ...]:
    """Ranks of the bins' edges, of the fine cells' edges, and of the largest number."""
    size = min(n_bins, max(2, n // 20))
    last = np.array([n - 1] if n else [], dtype=np.int64)
    return sharded.quantile_ranks(n, size), sharded.quantile_ranks(n, fine), last


def _cuts(
    search: sharded.Search,
    ranks: tuple[npt.NDArray[np.int64], ...],
    few: npt.NDArray[np.floating] | None,
) -> Cuts:
    found = sharded.found_values(search)
    if not len(found):
        return Cuts(found, found)
    largest = float(found[-1])
    edges = sharded.inner_edges(found[: len(ranks[0])], largest)
    if few is not None:  # one bin per value, as for any feature of few values
        edges = sharded.inner_edges(few.astype(np.float64), largest)
    return Cuts(np.union1d(edges, sharded.inner_edges(found, largest)), edges)


def count_shard(
    shard: Shard,
    cuts: Mapping[str, Cuts],
    n_classes: int,
    *,
    classes: Sequence[str] | None = None,
    where: str = "shard",
) -> ShardCounts:
    """Count one piece; counts of pieces add up (``+``), wherever they were made.

    Parameters
    ----------
    shard : callable or path
        The piece.
    cuts : mapping
        From :func:`fine_edges`: those of the whole.
    n_classes : int
        Number of classes C.
    classes : sequence of str, optional
        Class names in the order of the first piece, for paths; None: in this piece's order.
    where : str, default "shard"
        What to call the piece in messages.

    Returns
    -------
    ShardCounts

    Raises
    ------
    InputError
        As of :func:`summarise_shards`.

    Examples
    --------
    >>> piece = lambda: ([0, 1], [0, 0], {"hour": [7.0, 19.0]})
    >>> noon = np.array([12.0])
    >>> count_shard(piece, {"hour": Cuts(noon, noon)}, 2).features["hour"].confusion().tolist()
    [[[1, 0], [0, 0]], [[0, 0], [1, 0]]]
    """
    own = shard_classes(shard)
    if classes is not None and own is not None and list(classes) != own:
        rule = "expected the same in the same order in all shards"
        raise InputError("classes", rule, got=", ".join(own[:5]), where=where)
    y, predicted, values = shard_rows(shard, list(cuts), n_classes, where, classes=own)
    return ShardCounts(
        {
            name: count_cells(values[name], y, predicted, n_classes, fine=cut.fine, edges=cut.edges)
            for name, cut in cuts.items()
        }
    )


def trend_tests(
    counts: ShardCounts, classes: Sequence[str] | None = None, *, confidence: float = 0.95
) -> pd.DataFrame:
    """Test every feature against every class, and against all together, from counts alone.

    Parameters
    ----------
    counts : ShardCounts
        Of the whole data set.
    classes : sequence of str, length C, optional
        Class names; None: their numbers.
    confidence : float, default 0.95
        Coverage of the interval of recall's change.

    Returns
    -------
    pandas.DataFrame
        One row per feature × class, "all" first: ``feature``, ``class``, ``n``,
        ``recall_change`` (10th to 90th percentile) with ``_low`` and ``_high``, ``z_`` and
        ``p_recall``, ``_fpr``, ``_f1``, ``_shape``, ``p`` (the four combined), ``rank_error``
        and ``z_error``, the tolerance (see
        :class:`sensitivity.stats.shard_counts.CellCounts`), and ``q``, all rows as one family.

    Notes
    -----
    Samples are taken as independent given their class: groups and neighbours are not known
    here. With fewer than 10 events (errors, or false calls) p is NaN: not tested.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> blur = rng.normal(size=2000)
    >>> wrong = (rng.random(2000) < 0.2 + 0.1 * np.tanh(blur)).astype(int)
    >>> counts = summarise_shards([lambda: (np.zeros(2000, int), wrong, {"blur": blur})], None, 2)
    >>> table = trend_tests(counts, ["ok", "defect"])
    >>> bool(table["q"][0] < 0.05), float(table["recall_change"][0].round(2))
    (True, -0.17)
    """
    rows, frames = 0, []
    for name, part in counts.features.items():
        rows = 1 + part.n_classes
        names = [str(c) for c in range(part.n_classes)] if classes is None else list(classes)
        if len(names) != part.n_classes:
            raise InputError("classes", f"expected {part.n_classes:,} names", got=f"{len(names):,}")
        columns = _tests(part, normal_quantile(confidence))
        frames.append(pd.DataFrame({"feature": name, "class": ["all", *names], **columns}))
    table = pd.concat(frames, ignore_index=True)
    p = table["p"].to_numpy()
    # One family: rows over all classes share half of the weight.
    weights = family_weights(np.arange(len(p)) % rows == 0, tested=~np.isnan(p))
    table["q"] = weighted_bh(p, weights)
    return table


def _tests(part: CellCounts, width: float) -> dict[str, npt.NDArray[Any]]:
    """Columns of one feature, each of shape (1 + C,)."""
    linear, curved = part.scores()
    counts, rank_error, z_error = part.pooled(), part.rank_error(), part.z_error()
    n, hits = counts.sum(axis=1), np.diagonal(counts)
    events = np.minimum(hits, n - hits)
    false = counts.sum(axis=0) - hits
    total, variance, squares = (_with_all(linear, key) for key in ("total", "variance", "squares"))
    with np.errstate(divide="ignore", invalid="ignore"):
        spans = np.minimum(SPAN, part.extents())
        span = np.append((squares[1:] * spans).sum() / squares[0], spans)
        change = np.where(squares > 1e-12, span * total / squares, np.nan)
        half = width * np.where(squares > 1e-12, span * np.sqrt(variance) / squares, np.nan)
    bend_total, bend_variance = (_with_all(curved, key)[0] for key in ("total", "variance"))
    least = min(int(hits.sum()), int((n - hits).sum()))
    z = {
        "recall": np.append(ratio(total[0], variance[0]), linear.z[0]),
        "fpr": np.append(np.nan, linear.z[1]),
        "f1": np.append(np.nan, linear.z[2]),
        "shape": np.append(ratio(bend_total, bend_variance), curved.z[2]),
    }
    seen = {
        "recall": np.append(least, events),
        "fpr": np.append(0, false),
        "f1": np.append(0, events + false),
        "shape": np.append(least, events + false),
    }
    p = {key: np.where(seen[key] >= FEW, two_sided(z[key]), np.nan) for key in z}
    return {
        "n": np.append(n.sum(), n),
        "recall_change": change,
        "recall_change_low": change - half,
        "recall_change_high": change + half,
        **{f"z_{key}": value for key, value in z.items()},
        **{f"p_{key}": value for key, value in p.items()},
        "p": cauchy(np.stack(list(p.values()))),
        "rank_error": np.append(rank_error.max(initial=0), rank_error),
        "z_error": np.append(_of_all(z_error, linear), z_error),
    }


def _with_all(found: Score, key: str) -> Floats:
    """Recall's total, variance or squares: of all classes together, then of each."""
    place = ("total", "variance", "squares").index(key)
    own = (found.recall, found.recall_variance, found.squares)[place]
    return np.append(pooled(found)[place], own)


def _of_all(errors: Floats, found: Score) -> float:
    """Classes are independent: their errors add up as their variances do."""
    variance = found.recall_variance
    if not variance.sum() > 0:
        return float("nan")
    return float(np.sqrt((variance * np.nan_to_num(errors) ** 2).sum() / variance.sum()))
