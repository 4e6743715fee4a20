"""What the bins of a feature say of each class: std, spread, impact, class mix, margins."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..bins import Binning
from ..metrics import classification as metrics
from ..stats import spread
from ..trends import CellFigures
from .judged import LOW_SUPPORT, Effects, Floats, Judged

#: Share of chance-only rows whose std counts as beyond chance.
CHANCE_TAIL = 0.05

#: p below which the share of a class counts as varying over the bins.
MIX_ALPHA = 0.01

#: Share of the std of plain F1 that may be left at an equal class mix.
MIX_REST = 0.5


def cell_figures(
    counts: metrics.Confusion,
    cells: metrics.Cells,
    binning: Binning,
    judged: Judged,
    effects: Effects,
) -> CellFigures:
    """Std, spread and impact of each class over the bins (not the missing one), 'all' first."""
    real = slice(0, binning.n_bins)
    n_class = cells.n[real]
    _, n_all, accuracy, accuracy_variance = metrics.accuracy_cells(counts)
    n_all, accuracy, accuracy_variance = n_all[real], accuracy[real], accuracy_variance[real]
    pooled, prior = judged.pooled, judged.prior
    level, level_variance = metrics.equal_mix_accuracy(counts, pooled=pooled, prior=prior)
    level, level_variance = level[real], level_variance[real]
    n = np.concatenate((n_all[:, None], n_class), axis=1)
    usable = n >= LOW_SUPPORT
    plain = np.concatenate((accuracy[:, None], cells.f1[real]), axis=1)
    f1_variance = metrics.f1_variance(cells.hits, cells.n, cells.called)[real]
    plain_variance = np.concatenate(
        (accuracy_variance[:, None] * effects.accuracy, f1_variance * effects.f1), axis=1
    )
    star = np.concatenate((level[:, None], cells.f1_star[real]), axis=1)
    star = np.where(usable, star, np.nan)
    wider = np.concatenate(([effects.accuracy], effects.f1))
    own = np.concatenate((level_variance[:, None], cells.f1_star_variance[real]), axis=1) * wider
    expected = wider * metrics.pooled_variances(n_class, pooled=pooled, prior=prior)
    low, high = spread.spread_bounds(star, expected)
    left = spread.spread(star, own)
    first, last = _margins(binning, judged)
    return CellFigures(
        n=n.sum(axis=0),
        std=spread.spread_std(plain),
        std_chance=spread.std_chance(plain, plain_variance),
        spread=left,
        # The bounds take the variance that chance gives, the estimate that of each bin.
        spread_low=np.minimum(low, left),
        spread_high=np.maximum(high, left),
        impact=spread.impact(star, own, n),
        mix=_class_mix(plain, plain_variance, star, own, n, effects),
        margin_first=first,
        margin_last=last,
    )


def _class_mix(
    plain: Floats,
    plain_variance: Floats,
    star: Floats,
    own: Floats,
    n: npt.NDArray[np.int64],
    effects: Effects,
) -> npt.NDArray[np.bool_]:
    """Plain F1 varies beyond chance, at an equal mix it hardly does, and the shares do."""
    from scipy.special import chdtrc

    def beyond(values: Floats, variances: Floats) -> npt.NDArray[np.bool_]:
        df = (~np.isnan(values)).sum(axis=0) - 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            times = (spread.spread_std(values) / spread.std_chance(values, variances)) ** 2
            unlikely = chdtrc(np.maximum(df, 1), times * df) < CHANCE_TAIL
            return np.asarray(unlikely & (df >= 1), dtype=np.bool_)

    totals = n[:, :1].astype(np.float64)
    share = n.sum(axis=0) / np.maximum(totals.sum(), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = (n - totals * share) ** 2 / (totals * share * (1 - share)) / effects.accuracy
    chi2 = np.nansum(np.where(totals > 0, each, np.nan), axis=0)
    varies = chdtrc(max(int((totals > 0).sum()) - 1, 1), chi2) < MIX_ALPHA
    varies[0] = varies[1:].any()
    high = spread.grade(spread.spread_std(plain)) != "none"
    only = beyond(plain, plain_variance) & ~beyond(star, own)
    # Not to be told from chance is not enough: the mix must account for most of the std.
    with np.errstate(invalid="ignore"):
        flat = spread.spread_std(star) <= MIX_REST * spread.spread_std(plain)
    return np.asarray(high & only & varies & flat, dtype=np.bool_)


def _margins(binning: Binning, judged: Judged) -> tuple[Floats, Floats]:
    """Mean log-odds of the true class in the first and in the last bin, 'all' first."""
    n_classes = len(judged.classes)
    none = np.full(1 + n_classes, np.nan)
    if judged.margin is None or binning.kind == "categorical" or not binning.n_bins:
        return none, none
    found = []
    for k in (0, binning.n_bins - 1):
        rows = np.flatnonzero(binning.codes == k)
        of = judged.y[rows]
        total = np.bincount(of, judged.margin[rows], minlength=n_classes)
        n = np.bincount(of, minlength=n_classes)
        with np.errstate(divide="ignore", invalid="ignore"):
            found.append(np.concatenate(([total.sum() / n.sum()], total / n)))
    return found[0], found[1]
