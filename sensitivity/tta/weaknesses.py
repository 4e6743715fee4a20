"""Weaknesses: where the model is worse, along each feature of what it saw, and which way out."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..analysis import analyse
from ..catalogue import DOWN, UP
from ..errors import InputError
from ..policies import Where
from ..result import Analysis
from .logits import ViewLogits

#: What of a row of the trends is worth a trial. Candidates too: the trial itself is the proof.
_TRIED = ("real", "candidate")

#: A model that agrees with a result on fewer images is another one.
MIN_AGREEMENT = 0.98

#: Up to this p of its trend, a class's recall tells the weak end; else F1 at an equal class mix.
SURE = 0.01


@dataclass(frozen=True)
class Weakness:
    """One end of a feature at which the model does worse.

    Attributes
    ----------
    feature : str
        Feature of the images as the model sees them.
    of_class : str
        Class, or ``"all"``.
    direction : {"down", "up"}
        Which way images would have to be moved.
    where : Where
        The weak images.
    start, target : float
        Median of the feature of the weak images, and of the images of the best bin.
    q : float
        Of the finding.
    """

    feature: str
    of_class: str
    direction: str
    where: Where
    start: float
    target: float
    q: float


def seen_by_model(logits: ViewLogits, *, rng: int | np.random.Generator = 0) -> Analysis:
    """Analyse the original predictions by the features of what the model sees.

    Parameters
    ----------
    logits : ViewLogits
        N images.
    rng : int or numpy.random.Generator, default 0
        As in :func:`sensitivity.analyse`.

    Returns
    -------
    Analysis
        Not saved. Features that are the same for (nearly) all images at this size are skipped.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> y = np.array([0, 1] * 20)
    >>> z = np.zeros((1, 40, 2), dtype=np.float32)
    >>> z[0, np.arange(40), y] = 1
    >>> seen = ViewLogits(tuple(map(str, range(40))), y, (ORIGINAL,), z, ("ok", "defect"),
    ...                   feature_names=("noise",),
    ...                   features=np.arange(40, dtype=np.float32).reshape(1, 40, 1))
    >>> seen_by_model(seen).settings["features"][0]["name"]
    'noise'
    """
    columns = pd.DataFrame(
        {name: logits.feature(name).astype(np.float64) for name in logits.feature_names}
    )
    scores = np.exp(logits.z[0]) if logits.output == "probabilities" else logits.z[0]
    with warnings.catch_warnings():
        # Whether names and labels fit was said when the result was made.
        warnings.simplefilter("ignore", UserWarning)
        return analyse(
            scores,
            logits.y,
            list(logits.names),
            save_path=None,
            label_map_dict=dict(enumerate(logits.classes)),
            features=(),
            columns=columns,
            groups=None if logits.groups is None else logits.groups,
            rng=rng,
        )


def check_agreement(analysis: Analysis, logits: ViewLogits) -> None:
    """Raise unless the labels, and the original's predictions, are those of a result.

    Parameters
    ----------
    analysis : Analysis
        The result; without its per-image tables nothing is checked.
    logits : ViewLogits
        Of images that are among those of the result.

    Raises
    ------
    InputError
        Another label, or fewer than 98 % of the predictions are the same: another model, or
        another preprocessing.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> z = np.array([[[1.0, 0.0], [0.0, 1.0]]], dtype=np.float32)
    >>> two = ViewLogits(("a.png", "b.png"), np.array([0, 1]), (ORIGINAL,), z, ("0", "1"))
    >>> other = analyse([1, 0], [0, 1], ["a.png", "b.png"], features=(), save_path=None)
    >>> check_agreement(other, two)
    Traceback (most recent call last):
    ...
    sensitivity.errors.InputError: model: expected the one, and the preprocessing, that made the
    result, got the same prediction for 0% of the images
    """
    outcomes = analysis.outcomes
    names = list(outcomes["name"])
    if names == list(logits.names):
        rows = [(k, k) for k in range(len(names))]
    else:
        # Of a name that is there twice, nobody knows which image it means.
        places, once = {name: k for k, name in enumerate(names)}, Counter(names)
        rows = [(k, places[name]) for k, name in enumerate(logits.names) if once[name] == 1]
    if not rows:
        return
    mine, theirs = (list(one) for one in zip(*rows, strict=True))
    called = np.array(logits.classes)
    true = called[logits.y[mine]]
    wrong = true != outcomes["class"].to_numpy()[theirs].astype(str)
    if wrong.any():
        k = int(wrong.argmax())
        rule = f"expected those of the result ({outcomes['class'].iloc[theirs[k]]})"
        raise InputError("labels of the views", rule, got=true[k], where=logits.names[mine[k]])
    said = outcomes["predicted"].to_numpy()[theirs].astype(str)
    same = called[logits.z[0].argmax(axis=1)[mine]] == said
    if same.mean() < MIN_AGREEMENT:
        rule = "expected the one, and the preprocessing, that made the result"
        got = f"the same prediction for {same.mean():.0%} of the images"
        raise InputError("model", rule, got=got)


def weaknesses(analysis: Analysis, *, of_class: str | None = None) -> tuple[Weakness, ...]:
    """The ends of features at which a class, or all of them, do worse.

    Parameters
    ----------
    analysis : Analysis
        From :func:`seen_by_model`, or any with numeric features.
    of_class : str, optional
        Only what concerns this class; None: all classes, and ``"all"``.

    Returns
    -------
    tuple of Weakness
        The surest first, one per feature × direction: that with the smallest q. Empty where
        nothing is more than chance.

    Examples
    --------
    >>> from sensitivity.synthetic import Trend, plant
    >>> made = plant(2000, recall=(0.9, Trend(0.95, 0.55)), feature="noise")
    >>> analysis = analyse(made.pred_list, made.label_list, made.name_list,
    ...                    columns=made.columns, features=(), save_path=None)
    >>> first = weaknesses(analysis)[0]
    >>> first.feature, first.direction, first.where.high is None
    ('noise', 'down', True)
    """
    rows = analysis.trends
    rows = rows[rows["strength"].isin(_TRIED)]
    if of_class is not None:
        rows = rows[rows["class"] == of_class]
    found: dict[tuple[str, str], Weakness] = {}
    for row in rows.sort_values("q", kind="stable").to_dict("records"):
        for weakness in _ends(analysis, row):
            found.setdefault((weakness.feature, weakness.direction), weakness)
    return tuple(sorted(found.values(), key=lambda weakness: weakness.q))


def _ends(analysis: Analysis, row: Mapping[Hashable, object]) -> list[Weakness]:
    """The weak end of a row, or both where the middle is best."""
    name = str(row["class"])
    metric, rises = ("accuracy_star", _number(row["recall_change"]) > 0)
    if name != "all":
        # Of a criterion shift the recall says where objects are missed; F1 may stay level.
        by_recall = _number(row["p_recall"]) <= SURE
        metric = "recall" if by_recall else "f1_star"
        rises = _number(row["recall_change"]) > 0 if by_recall else row["direction"] == "rises"
    if row["shape"] == "trend":
        directions: tuple[str, ...] = (UP,) if rises else (DOWN,)
    elif row["shape"] == "middle best":
        directions = (UP, DOWN)
    else:
        return []
    bins = analysis.bins
    mine = (bins["feature"] == row["feature"]) & (bins["class"] == name)
    bins = bins[mine & (bins["metric"] == metric) & (bins["bin"] >= 0)].sort_values("bin")
    found = [_end(analysis, bins, row, direction) for direction in directions]
    return [weakness for weakness in found if weakness is not None]


def _number(value: object) -> float:
    return float(str(value))


def _end(
    analysis: Analysis, bins: pd.DataFrame, row: Mapping[Hashable, object], direction: str
) -> Weakness | None:
    """Bins from one end on that stay below the class's mean, and the best bin as the target."""
    shrunk = bins["shrunk"].fillna(bins["value"])
    level = shrunk.to_numpy(dtype=np.float64)
    if len(level) < 2 or not np.isfinite(level).any():
        return None
    share = bins["share"].to_numpy(dtype=np.float64)
    mean = float(np.nansum(level * share) / share[np.isfinite(level)].sum())
    order = np.arange(len(level)) if direction == UP else np.arange(len(level))[::-1]
    n_weak = 0
    while n_weak < len(order) - 1 and not level[order[n_weak]] >= mean:
        n_weak += 1
    if n_weak == 0:
        return None
    best = int(np.nanargmax(level))
    if best in order[:n_weak]:
        return None
    feature, last = str(row["feature"]), order[n_weak - 1]
    edge = bins["edge_high" if direction == UP else "edge_low"].iloc[last]
    where = Where(feature, None, float(edge)) if direction == UP else Where(feature, float(edge))
    values = analysis.features[feature].to_numpy(dtype=np.float64)
    weak = inside(values, where)
    low, high = bins["edge_low"].iloc[best], bins["edge_high"].iloc[best]
    fine = inside(values, Where(feature, _open(low), _open(high)))
    if not weak.any() or not fine.any():
        return None
    start, target = float(np.median(values[weak])), float(np.median(values[fine]))
    about = feature, str(row["class"]), direction, where
    return Weakness(*about, start, target, _number(row["q"]))


def _open(edge: float) -> float | None:
    return float(edge) if np.isfinite(edge) else None


def inside(values: np.ndarray, where: Where) -> np.ndarray:
    """Which images a :class:`~sensitivity.policies.Where` speaks of.

    Parameters
    ----------
    values : ndarray of float, shape (N,)
        The feature; NaN lies nowhere.
    where : Where
        Bounds.

    Returns
    -------
    ndarray of bool, shape (N,)

    Examples
    --------
    >>> inside(np.array([1.0, 2.0, np.nan]), Where("noise", 1.0)).tolist()
    [False, True, False]
    """
    low = -np.inf if where.low is None else where.low
    high = np.inf if where.high is None else where.high
    return (values > low) & (values <= high)
