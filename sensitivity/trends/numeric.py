"""Tests of numeric features: trends of recall, of false positives, of F1, and bends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..stats.dependence import Clusters, clustered, degrees, pooled_variance
from ..stats.exact import FEW, simulated_p
from ..stats.ranks import Floats, bend, class_extents, class_sums, companion
from ..stats.scores import Responses, Score, area, pooled, ratio, score, two_sided
from .rows import Rows

#: Recall's change is told between these percentiles of the feature: .9 - .1; where more values
#: than that are equal, between the lowest and the highest.
SPAN = 0.8


def numeric_rows(
    columns: Sequence[Floats],
    given: Responses,
    *,
    clusters: Clusters | None,
    margin: Floats | None,
    seed: int,
) -> list[Rows]:
    """Test every numeric feature against every class, and against all together.

    Parameters
    ----------
    columns : sequence of ndarray of float64, each of shape (N,)
        Within-class mid-ranks.
    given : Responses
        The predictions, sorted by class.
    clusters : Clusters or None
        What belongs together; None: samples are independent given their class.
    margin : ndarray of float64, shape (N,), or None
        Within-class mid-ranks of the log-odds of the true class.
    seed : int
        For responses with few events, whose p is simulated.

    Returns
    -------
    list of Rows
        One per feature; row 0 is "all", row c + 1 class c.
    """
    found, tried = [], []
    for ranks in columns:
        mean, slope = bend(ranks, given.by)
        bent = companion(ranks, given.by, mean, slope)
        linear, curved = score(ranks, given), score(bent, given)
        of_all = [pooled(linear)[1], pooled(curved)[1]]
        tried.append((linear, curved, mean, slope))
        if clusters is not None:
            linear = clustered(linear, ranks, given, clusters)
            curved = clustered(curved, bent, given, clusters)
            of_all = [pooled_variance(x, given, clusters) for x in (ranks, bent)]
        spans = np.minimum(SPAN, class_extents(ranks, given.by))
        rows = _rows(linear, curved, of_all, spans, given, clusters)
        if margin is not None:
            rows.p_margin = margin_p(ranks, margin, given, clusters)
        found.append(rows)
    _simulate(found, columns, tried, given, seed=seed, as_well=clusters is not None)
    return found


def _rows(
    linear: Score,
    curved: Score,
    variance_of_all: Sequence[float],
    spans: Floats,
    given: Responses,
    clusters: Clusters | None,
) -> Rows:
    own, every = degrees(given, clusters) if clusters else (np.inf, np.inf)
    df_all = clusters.worth - 1 if clusters else np.inf
    z_recall, z_fpr, z_f1 = linear.z
    z_shape = curved.z[2]
    z_all = ratio(linear.recall.sum(), variance_of_all[0])
    z_bend = ratio(curved.recall.sum(), variance_of_all[1])
    squares = np.concatenate(([linear.squares.sum()], linear.squares))
    total = np.concatenate(([linear.recall.sum()], linear.recall))
    variance = np.concatenate(([variance_of_all[0]], linear.recall_variance))
    of_classes, of_all = area(linear, given)
    with np.errstate(divide="ignore", invalid="ignore"):
        span = np.concatenate(([(linear.squares * spans).sum() / squares[0]], spans))
        change = np.where(squares > 1e-12, span * total / squares + 0.0, np.nan)  # no -0
        error = np.where(squares > 1e-12, span * np.sqrt(variance) / squares, np.nan)
    rows = Rows.empty(given.by.n_classes)
    rows.z_recall = _joined(z_all, z_recall)
    rows.z_fpr = _joined(np.nan, z_fpr)
    rows.z_f1 = _joined(np.nan, z_f1)
    rows.z_shape = _joined(z_bend, z_shape)
    rows.p_recall = _joined(two_sided(z_all, df_all), two_sided(z_recall, own))
    rows.p_fpr = _joined(np.nan, two_sided(z_fpr, every))
    rows.p_f1 = _joined(np.nan, two_sided(z_f1, every))
    rows.p_shape = _joined(two_sided(z_bend, df_all), two_sided(z_shape, every))
    rows.total, rows.variance, rows.change, rows.error = total, variance, change, error
    rows.auc = _joined(of_all, of_classes)
    return rows


def _joined(of_all: npt.ArrayLike, of_classes: npt.ArrayLike) -> Floats:
    return np.concatenate((np.ravel(of_all), np.ravel(of_classes)))


def margin_p(ranks: Floats, margin: Floats, given: Responses, clusters: Clusters | None) -> Floats:
    """P of the rank correlation of a feature with the margin, within the class.

    Parameters
    ----------
    ranks, margin : ndarray of float64, shape (N,)
        Within-class mid-ranks of the feature, and of the log-odds of the true class.
    given : Responses
        The predictions, sorted by class.
    clusters : Clusters or None
        What belongs together.

    Returns
    -------
    ndarray of float64, shape (1 + C,)
        All classes together first; NaN where one of the two does not vary.

    Examples
    --------
    >>> from sensitivity.stats.ranks import within_ranks
    >>> from sensitivity.stats.scores import responses
    >>> given = responses(np.zeros(9, dtype=int), np.zeros(9, dtype=int), 1)
    >>> ranks = within_ranks(np.arange(9.0), given.by)
    >>> margin_p(ranks, ranks, given, None).round(4)
    array([0.0047, 0.0047])
    """
    product = ranks * margin
    total = class_sums(product, given.by)
    spread = class_sums(ranks**2, given.by) * class_sums(margin**2, given.by)
    variance = spread / np.maximum(given.n - 1, 1)
    of_all, df, df_all = float(variance.sum()), np.full(given.by.n_classes, np.inf), np.inf
    if clusters is not None:
        # Under the null the product has mean 0 in the class: its mean is what is tested.
        sums = np.bincount(clusters.cells, product, minlength=len(clusters.cell_class))
        between = np.bincount(clusters.cell_class, sums**2, minlength=len(total))
        variance = clusters.factor * between.astype(np.float64)
        whole = np.bincount(clusters.cell_cluster, sums)
        of_all = clusters.factor * float((whole**2).sum())
        df, df_all = degrees(given, clusters)[0], clusters.worth - 1
    return _joined(
        two_sided(ratio(total.sum(), of_all), df_all), two_sided(ratio(total, variance), df)
    )


def _simulate(
    found: Sequence[Rows],
    columns: Sequence[Floats],
    tried: Sequence[tuple[Score, Score, Floats, Floats]],
    given: Responses,
    *,
    seed: int,
    as_well: bool,
) -> None:
    """Replace p of responses with few events by simulated ones (`as_well`: the larger of both)."""
    if not found:
        return
    errors, false = given.n - given.hits, given.false
    events = np.minimum(errors, given.hits)
    few = ((events > 0) & (events < FEW)) | ((false > 0) & (false < FEW))
    least = min(int(errors.sum()), int(given.hits.sum()))
    if few.any() or 0 < least < FEW:
        # Events fall on sorted values: the order of the samples does not matter.
        columns = [column[np.lexsort((column, given.by.codes))] for column in columns]
    for c in np.flatnonzero(few):
        rng = np.random.default_rng((seed, int(c)))
        names, p = _class_p(int(c), columns, tried, given, rng)
        for name, values in zip(names, p, strict=True):
            for rows, value in zip(found, values, strict=True):
                target = getattr(rows, name)
                if not np.isnan(target[c + 1]):
                    target[c + 1] = max(target[c + 1], value) if as_well else value
    if 0 < least < FEW:
        rng = np.random.default_rng((seed, len(errors)))
        p = _pooled_p(columns, tried, given, rng)
        for name, values in zip(("p_recall", "p_shape"), p, strict=True):
            for rows, value in zip(found, values, strict=True):
                target = getattr(rows, name)
                if not np.isnan(target[0]):
                    target[0] = max(target[0], value) if as_well else value


def _class_p(
    c: int,
    columns: Sequence[Floats],
    tried: Sequence[tuple[Score, Score, Floats, Floats]],
    given: Responses,
    rng: np.random.Generator,
) -> tuple[list[str], Floats]:
    """Simulated p of one class; a response with many events stays normal within the sum."""
    wrong, right = int(given.n[c] - given.hits[c]), int(given.hits[c])
    own = min(wrong, right)
    sign = -1.0 if wrong <= right else 1.0  # ranks sum to 0: the errors' sum is minus the hits'
    own = own if own < FEW else 0
    others = given.sources(c)
    if len(others) >= FEW:
        others = others[:0]
    of = np.concatenate((np.full(own, c), others))
    gain, loss = (float(side[c]) for side in given.balance)
    drawn = {"p_recall": own > 0, "p_fpr": len(others) > 0, "p_f1": True, "p_shape": True}

    # The same draws for every feature: p of one does not depend on which others there are.
    steady = rng.spawn(1)[0]
    known: dict[int, Floats] = {}

    def noise(variances: list[float], draws: int, which: int, *, many: bool) -> Floats:
        if not many:
            return np.zeros((len(variances), draws))
        if draws not in known:
            known[draws] = steady.standard_normal((4, draws))
        return np.asarray(np.sqrt(variances)[:, None] * known[draws][which])

    def statistic(places: npt.NDArray[np.int64], part: npt.NDArray[np.intp]) -> Floats:
        x, bent = _thrown(columns, tried, places, part, of)
        parts: list[Floats] = []
        for values, which in ((x, 0), (bent, 1)):
            sums = [tried[j][which] for j in part]
            of_recall = [float(found.recall_variance[c]) for found in sums]
            of_fpr = [float(found.fpr_variance[c]) for found in sums]
            recall = sign * values[:, :, :own].sum(axis=2)
            recall += noise(of_recall, len(places), 2 * which, many=not own)
            fpr = values[:, :, own:].sum(axis=2)
            fpr += noise(of_fpr, len(places), 2 * which + 1, many=not len(others))
            parts += [recall, fpr, gain * recall - loss * fpr]
        kept = [parts[0], parts[1], parts[2], parts[5]]
        return np.stack([found for found, use in zip(kept, drawn.values(), strict=True) if use])

    observed = np.array(
        [
            [linear.recall[c], linear.fpr[c], linear.f1[c], curved.f1[c]]
            for linear, curved, _, _ in tried
        ]
    ).T[np.array(list(drawn.values()), dtype=np.bool_)]
    p = simulated_p(observed, statistic, of, given.by.starts, rng)
    return [name for name, use in drawn.items() if use], p


def _pooled_p(
    columns: Sequence[Floats],
    tried: Sequence[tuple[Score, Score, Floats, Floats]],
    given: Responses,
    rng: np.random.Generator,
) -> Floats:
    errors = given.n - given.hits
    sign, counts = (-1.0, errors) if errors.sum() <= given.hits.sum() else (1.0, given.hits)
    of = np.repeat(np.arange(len(counts)), counts)

    def statistic(places: npt.NDArray[np.int64], part: npt.NDArray[np.intp]) -> Floats:
        x, bent = _thrown(columns, tried, places, part, of)
        return np.stack([sign * x.sum(axis=2), sign * bent.sum(axis=2)])

    observed = np.array([[a.recall.sum(), b.recall.sum()] for a, b, _, _ in tried]).T
    return simulated_p(observed, statistic, of, given.by.starts, rng)


def _thrown(
    columns: Sequence[Floats],
    tried: Sequence[tuple[Score, Score, Floats, Floats]],
    places: npt.NDArray[np.int64],
    part: npt.NDArray[np.intp],
    of: npt.NDArray[np.integer],
) -> tuple[Floats, Floats]:
    """Ranks and their companions where events fell, each (columns, draws, events)."""
    x = np.stack([columns[j][places] for j in part])
    mean = np.stack([tried[j][2][of] for j in part])[:, None]
    slope = np.stack([tried[j][3][of] for j in part])[:, None]
    bent = x * x - mean - slope * x
    bent[np.abs(bent) < 1e-12] = 0.0
    return x, bent
