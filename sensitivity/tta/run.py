"""Run the loop on what was collected: try the recipe, judge it, and tell the analysis."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..encoding import table_frame
from ..errors import InputError, OptionError
from ..policies import Policy
from ..remedies import Remedy
from ..result import Analysis
from ..tables import CANDIDATES
from .biases import cross_fitted_bias
from .candidates import Candidate
from .interventions import judge_interventions, with_interventions
from .judging import Decision, decide
from .logits import ViewLogits
from .merge import merge
from .pooling import fit_weights
from .recipe import Options, Tried, try_recipe
from .responses import response_curves
from .shifting import cross_fitted_shift, front, shifted_class
from .splits import make_folds
from .strategies import Strategy, compare_strategies
from .weaknesses import check_agreement

Floats = npt.NDArray[np.float64]
Mixtures = Mapping[str, Mapping[str, float]]

#: Views shown alone, instead of the original.
MAX_REPLACED = 3


def try_remedies(
    analysis: Analysis,
    logits: ViewLogits,
    *,
    objective: str = "nll",
    max_accuracy_loss: float = 0.01,
    max_passes: float | None = None,
    mixtures: Mixtures | None = None,
    pool: str = "logits",
    gate: str | None = "auto",
    confidence: float = 0.95,
    rng: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Analysis:
    """Recommend test-time augmentation, or refuse it, from what was collected.

    Parameters
    ----------
    analysis : Analysis
        The result of the same model on the same images.
    logits : ViewLogits
        What the model says of the views: from :func:`sensitivity.tta.collect.collect`.
    objective : str, default "nll"
        ``nll``, ``balanced_accuracy`` or ``recall:CLASS``.
    max_accuracy_loss : float, default 0.01
        How much accuracy may be lost.
    max_passes : float, optional
        Mean forward passes per image that are allowed.
    mixtures : mapping, optional
        Fixed mixtures to show beside, from a name to weights by name of view, such as
        ``{"flip": {"original": 0.5, "vflip": 0.5}}``.
    pool : {"logits", "probabilities"}, default "logits"
        How outputs are put together.
    gate : {"auto", "entropy", None}, default "auto"
        Whether only uncertain images may get further views.
    confidence : float, default 0.95
        Of the intervals.
    rng : int, default 0
        Seed of folds and intervals.
    progress : callable, optional
        Gets (parts done, parts in all).

    Returns
    -------
    Analysis
        A copy with `remedy`, and with the verdicts that the moved images bring.

    Raises
    ------
    InputError
        No images, other classes, images or labels than those of the analysis, another model, a
        view that was not collected.
    OptionError
        As for :func:`sensitivity.tta.policy_fit.fit_policy`, or a confidence that is none.

    Examples
    --------
    >>> from sensitivity import analyse
    >>> from sensitivity.catalogue import ORIGINAL, ViewSpec
    >>> random = np.random.default_rng(0)
    >>> y = np.arange(400) % 2
    >>> z = (1.5 * np.eye(2)[y] + random.normal(size=(2, 400, 2))).astype(np.float32)
    >>> views = (ORIGINAL, ViewSpec("hflip", 1.0, source="declared"))
    >>> names = tuple(f"{i}.png" for i in range(400))
    >>> both = ViewLogits(names, y, views, z, ("0", "1"))
    >>> analysis = analyse(z[0], y, names, features=(), columns={"x": range(400)}, save_path=None)
    >>> remedy = try_remedies(analysis, both).remedy
    >>> remedy.settings["verdict"], [view.name for view in remedy.policy.views]
    ('use', ['original', 'hflip'])
    """
    _check_same(analysis, logits)
    options = Options(objective, max_accuracy_loss, pool, gate, max_passes, rng)
    options.check(logits.classes)
    if not 0 < confidence < 1:
        raise OptionError("confidence", "expected a number between 0 and 1", got=repr(confidence))
    tried = try_recipe(logits, options, progress=progress)
    bench = _Bench(logits, tried, options, mixtures or {}, confidence)
    strategies, costs = compare_strategies(
        bench.y,
        bench.strategies,
        logits.classes,
        groups=bench.groups,
        confidence=confidence,
        rng=rng,
    )
    interventions = judge_interventions(analysis, logits, confidence=confidence)
    remedy = Remedy(
        interventions=interventions,
        responses=response_curves(logits, confidence=confidence),
        candidates=_candidate_table(tried),
        strategies=strategies,
        costs=costs,
        front=bench.front,
        policy=tried.policy,
        settings=bench.settings(),
    )
    return dataclasses.replace(with_interventions(analysis, interventions), remedy=remedy)


def _check_same(analysis: Analysis, logits: ViewLogits) -> None:
    """The analysis must be of the same classes, and of these images among others."""
    if analysis.settings["task"] != "image_classification":
        rule = "expected a result of one class per image"
        raise InputError("result", rule, got=analysis.settings["task"])
    if list(analysis.settings["classes"]) != list(logits.classes):
        rule = f"expected those of the result ({', '.join(analysis.settings['classes'][:5])} …)"
        raise InputError("classes of the views", rule, got=", ".join(logits.classes[:5]))
    if not len(logits):
        raise InputError("images of the views", "expected at least one", got="none")
    known = set(analysis.outcomes["name"])
    strange = next((name for name in logits.names if known and name not in known), None)
    if strange is not None:
        raise InputError("images of the views", "expected those of the result", got=strange)
    check_agreement(analysis, logits)


class _Bench:
    """Everything that is compared, on the images that judged."""

    def __init__(
        self,
        logits: ViewLogits,
        tried: Tried,
        options: Options,
        mixtures: Mixtures,
        confidence: float,
    ) -> None:
        self.logits, self.tried, self.options = logits, tried, options
        self.confidence = confidence
        self.judged = logits.rows(tried.judged)
        self.y, self.groups = self.judged.y, self.judged.groups
        self.fold = make_folds(self.y, self.groups, 5, options.rng)
        self.z0 = self.judged.z[0].astype(np.float64)
        self.scaled, self.scaled_in_sample = self._temperature()
        self.mixed = {name: merge(self.judged, weights) for name, weights in mixtures.items()}
        self.shifts: dict[str, tuple[Floats, Floats]] = {}
        self.replaced = self._replaced(mixtures)
        self.strategies = self._strategies(mixtures)
        self.decision = self._decision()

    @property
    def accepted(self) -> bool:
        """Whether any part gave a view a weight."""
        return any(not policy.is_identity for policy in self.tried.policies)

    def _temperature(self) -> tuple[Floats, Floats]:
        """The original at its best temperature, fitted where the recipe is fitted."""
        scores = []
        for part in self.tried.parts:
            fit = self.logits.rows(part.fit)
            heat = float(fit_weights(fit.z[:1], fit.y)[0])
            scores.append(heat * self.logits.rows(part.judge).z[0].astype(np.float64))
        all_of_them = float(fit_weights(self.judged.z[:1], self.y)[0])
        return np.concatenate(scores), all_of_them * self.z0

    def _replaced(self, mixtures: Mixtures) -> dict[str, Floats]:
        """Views alone instead of the original: those of the policy first, then of the mixtures."""
        weight = dict.fromkeys((view.name for view in self.tried.policy.views[1:]), 0.0)
        for weights in self.tried.policy.all_weights:
            for view, v in zip(self.tried.policy.views[1:], weights[1:], strict=True):
                weight[view.name] += v
        named = sorted(weight, key=lambda name: -weight[name])
        named += [name for mix in mixtures.values() for name in mix if name != "original"]
        if not named:
            named = [c.view.name for c in self.tried.candidates if not c.refused]
        return {
            name: merge(self.judged, {name: 1.0})
            for name in list(dict.fromkeys(named))[:MAX_REPLACED]
        }

    def _strategies(self, mixtures: Mixtures) -> list[Strategy]:
        times = self._milliseconds()
        first = times.get("original", np.nan)
        found = [Strategy("original", self.z0, 1.0, None, first)]
        found.append(Strategy("temperature", self.scaled, 1.0, self.scaled_in_sample, first))
        for name, scores in self.replaced.items():
            found.append(Strategy(f"replace {name}", scores, 1.0, None, times.get(name, np.nan)))
        for name, scores in self.mixed.items():
            used = [view for view, weight in mixtures[name].items() if weight > 0]
            cost = sum(times.get(view, np.nan) for view in used)
            found.append(Strategy(f"mix {name}", scores, float(len(used)), None, cost))
            found.append(self._shift(f"mix {name}", scores))
        policy = Strategy(
            "policy",
            self.tried.scores,
            self.tried.passes,
            self.tried.in_sample,
            first * float(self.tried.passes.mean()),
        )
        if self.accepted:
            found += [self._shift("policy", self.tried.scores), self._bias()]
        return [*found, policy]

    def _shift(self, like: str, scores: Floats) -> Strategy:
        k = shifted_class(
            self.y, self.z0, scores, self.logits.classes, objective=self.options.objective
        )
        self.shifts[like] = cross_fitted_shift(self.z0, self.y, k, scores, self.fold)
        name = "threshold shift" if like == "policy" else f"threshold shift, as {like}"
        first = self._milliseconds().get("original", np.nan)
        return Strategy(name, self.shifts[like][0], 1.0, self.shifts[like][1], first)

    def _bias(self) -> Strategy:
        scores, in_sample = cross_fitted_bias(self.z0, self.y, self.fold)
        first = self._milliseconds().get("original", np.nan)
        return Strategy("all thresholds", scores, 1.0, in_sample, first)

    def _milliseconds(self) -> dict[str, float]:
        n = max(len(self.logits), 1)
        pairs = zip(self.logits.views, self.logits.seconds, strict=False)
        return {view.name: 1000 * seconds / n for view, seconds in pairs}

    def _decision(self) -> Decision:
        objective = self.options.objective
        by_name = {strategy.name: strategy for strategy in self.strategies}
        baseline = by_name.get("all thresholds" if objective == "nll" else "threshold shift")
        tried = [scores for name, scores in self.replaced.items()]
        tried += list(self.mixed.values()) if not tried else []
        k = shifted_class(
            self.y, self.z0, self.tried.scores, self.logits.classes, objective=objective
        )
        original = self.scaled if objective == "nll" else self.z0
        return decide(
            self.y,
            original,
            self.tried.scores,
            self.logits.classes,
            baseline=None if baseline is None else baseline.scores,
            k=k,
            tried=[self._averaged(name) for name in self._candidates()],
            accepted=self.accepted,
            objective=objective,
            max_accuracy_loss=self.options.max_accuracy_loss,
            groups=self.groups,
        )

    def _candidates(self) -> list[str]:
        return [c.view.name for c in self.tried.candidates if not c.refused]

    def _averaged(self, name: str) -> Floats:
        """What a candidate that was not accepted does: half of it, half of the original."""
        return merge(self.judged, {"original": 0.5, name: 0.5})

    @property
    def front(self) -> pd.DataFrame:
        """Recall of the class in focus against accuracy."""
        k = shifted_class(
            self.y,
            self.z0,
            self.tried.scores,
            self.logits.classes,
            objective=self.options.objective,
        )
        curves = {"threshold shift": (self.z0, 1.0)}
        if self.accepted:
            curves["policy"] = (self.tried.scores, float(self.tried.passes.mean()))
        return front(self.y, self.logits.classes, k, curves)

    def settings(self) -> dict[str, Any]:
        """What the record says beside its tables."""
        decision, tried = self.decision, self.tried
        gain = decision.gain
        return {
            "verdict": decision.verdict,
            "reason": decision.reason,
            "n": len(self.logits),
            "n_judged": len(self.y),
            "n_needed": decision.n_needed,
            "objective": decision.objective,
            "max_accuracy_loss": self.options.max_accuracy_loss,
            "design": tried.design,
            "folds": len(tried.parts),
            "confidence": self.confidence,
            "worthwhile": decision.worthwhile,
            "gain": None
            if gain is None
            else {"value": gain.value, "low": gain.low, "high": gain.high},
            "beaten_by_shift": decision.beaten_by_shift,
            "refused": self._refused(),
            "seconds": dict(
                zip((v.name for v in self.logits.views), self.logits.seconds, strict=False)
            ),
            "notes": _left_out(self.logits),
        }

    def _refused(self) -> list[dict[str, str]]:
        used = {view.name for view in self.tried.policy.views}
        return [
            {"what": c.view.name, "why": c.refused or "no gain proven out of fold"}
            for c in self.tried.candidates
            if c.view.name not in used
        ]


def _left_out(logits: ViewLogits) -> list[str]:
    """Images that the model never saw are not to be lost without a word."""
    failures = logits.preprocessing.get("failures") or ()
    if not failures:
        return []
    n, first = len(failures), failures[0]
    told = f"{n:,} of {n + len(logits):,} images could not be used; the first: "
    return [f"{told}{first['name']} ({first['reason']})"]


def _candidate_table(tried: Tried) -> pd.DataFrame:
    """What became of every view that was considered."""
    share = _shares(tried.policy)
    rows: dict[str, list[Any]] = {name: [] for name in CANDIDATES.names}
    for candidate in tried.candidates:
        name = candidate.view.name
        weight = share.get(name, 0.0)
        refused = candidate.refused or ("" if weight else "no gain proven out of fold")
        for key, value in _row(candidate, weight, tried.folds.get(name, 0), refused).items():
            rows[key].append(value)
    return table_frame(rows, CANDIDATES)


def _row(candidate: Candidate, weight: float, folds: int, refused: str) -> dict[str, Any]:
    where = candidate.where
    return {
        "view": candidate.view.name,
        "feature": candidate.feature,
        "direction": candidate.direction,
        "source": candidate.view.source,
        "low": np.nan if where is None or where.low is None else where.low,
        "high": np.nan if where is None or where.high is None else where.high,
        "reached": candidate.reached,
        "weight": weight,
        "folds": folds,
        "reason": refused or candidate.reason,
    }


def _shares(policy: Policy) -> dict[str, float]:
    """The largest share that each view has in any cell."""
    table = np.array(policy.all_weights)
    table = table / table.sum(axis=1, keepdims=True)
    largest: Sequence[float] = np.atleast_1d(table.max(axis=0)).tolist()
    return dict(zip((view.name for view in policy.views), largest, strict=True))
