"""What became of test-time augmentation, as a frozen record: tables, policy, verdict."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import pandas as pd

from .encoding import formed, plain, table_columns, table_frame, write_atomically
from .errors import ResultError, SensitivityError
from .policies import Policy
from .tables import DO_NOT_USE, NOT_ENOUGH, TTA_TABLES, USE

REMEDY_VERSION = 1

#: What the model said of the images as they are, among the strategies.
ORIGINAL_NAME = "original"

#: How what was fitted was kept apart from what judged it.
DESIGNS = ("cross-fitted", "three splits")

#: The policy beside a result; only where it is not the identity.
POLICY_FILE = "policy.json"

#: What the model said of every view, beside a result.
VIEW_LOGITS_FILE = "view_logits.npz"


class _Gain(TypedDict):
    """Of the objective, in nats or as a share."""

    value: float
    low: float


class _Refused(TypedDict):
    what: str
    why: str


class _Settings(TypedDict):
    """What every remedy has, and what it may have; there may be more."""

    verdict: str
    reason: str
    n: int
    n_needed: int | None
    objective: str
    design: str
    gain: NotRequired[_Gain | None]
    confidence: NotRequired[float]
    beaten_by_shift: NotRequired[bool | None]
    refused: NotRequired[list[_Refused]]
    notes: NotRequired[list[str]]


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

    @property
    def is_recommended(self) -> bool:
        """Whether the verdict is to use its policy."""
        return self.settings.get("verdict") == USE and not self.policy.is_identity

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

        Raises
        ------
        ResultError
            Another version, or a part is missing or damaged.
        """
        if not isinstance(content, Mapping):
            raise ResultError("remedy", "expected a JSON object", got=type(content).__name__)
        version = content.get("remedy_version")
        if version != REMEDY_VERSION:
            rule = f"expected remedy version {REMEDY_VERSION}"
            raise ResultError("remedy", rule, got=repr(version))
        for part in ("tables", "policy", "settings"):
            if not isinstance(content.get(part), Mapping):
                raise ResultError(f"remedy.{part}", "expected an object")
        missing = {s.name for s in TTA_TABLES} - set(content["tables"])
        if missing:
            raise ResultError("remedy.tables", f"expected {min(missing)}")
        settings = formed(content["settings"], _Settings, "remedy.settings")
        if settings["verdict"] not in (USE, DO_NOT_USE, NOT_ENOUGH):
            rule = f"expected {USE}, {DO_NOT_USE} or {NOT_ENOUGH}"
            raise ResultError("remedy.settings.verdict", rule, got=repr(settings["verdict"]))
        if settings["design"] not in DESIGNS:
            rule = f"expected {' or '.join(DESIGNS)}"
            raise ResultError("remedy.settings.design", rule, got=repr(settings["design"]))
        kind, _, of_class = settings["objective"].partition(":")
        if settings["objective"] not in ("nll", "balanced_accuracy") and not (
            kind == "recall" and of_class
        ):
            rule = "expected nll, balanced_accuracy or recall:CLASS"
            raise ResultError("remedy.settings.objective", rule, got=repr(settings["objective"]))
        found = {s.name: table_frame(content["tables"][s.name], s) for s in TTA_TABLES}
        _check_strategies(found["strategies"], found["costs"])
        try:
            policy = Policy.from_dict(content["policy"])
        except SensitivityError as error:
            where = ", ".join(filter(None, (error.where, "policy of the remedy")))
            raise ResultError(error.what, error.rule, got=error.got, where=where) from error
        return cls(policy=policy, settings=dict(content["settings"]), **found)


def _check_strategies(strategies: pd.DataFrame, costs: pd.DataFrame) -> None:
    """What was tried is there beside the original, with what each strategy costs."""
    mine = strategies["strategy"] == ORIGINAL_NAME
    if not (mine & (strategies["class"] == "all") & (strategies["metric"] == "accuracy")).any():
        rule = f"expected the accuracy of the {ORIGINAL_NAME} over all classes"
        raise ResultError("table strategies", rule, got=f"{len(strategies):,} rows without it")
    names = list(dict.fromkeys(strategies["strategy"].astype(str)))
    if sorted(costs["strategy"].astype(str)) != sorted(names):
        got = ", ".join(costs["strategy"].astype(str))[:200] or "none"
        raise ResultError("table costs", "expected one row per strategy", got=got)


def write_remedy(remedy: Remedy, folder: Path) -> None:
    """Write a remedy's tables as Parquet, and its policy if it is to be used.

    Parameters
    ----------
    remedy : Remedy
        What became of test-time augmentation.
    folder : pathlib.Path
        Of the result; its folder ``tables`` must exist. Receives ``tables/tta_*.parquet`` and
        ``policy.json``: copies for other tools, all of it is in the result's JSON.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> empty = {s.name: pd.DataFrame(columns=list(s.names)) for s in TTA_TABLES}
    >>> with TemporaryDirectory() as name:
    ...     (Path(name) / "tables").mkdir()
    ...     write_remedy(Remedy(policy=Policy(), settings={}, **empty), Path(name))
    ...     sorted(path.name for path in Path(name).rglob("*.*"))[:2]
    ['tta_candidates.parquet', 'tta_costs.parquet']
    """
    for path, name in _table_files(folder).items():
        write_atomically(path, partial(getattr(remedy, name).to_parquet, index=False))
    if remedy.is_recommended:
        remedy.policy.save(folder / POLICY_FILE)


def clear_remedy(folder: Path) -> None:
    """Remove what :func:`write_remedy` wrote, so that it does not outlive its result.

    Parameters
    ----------
    folder : pathlib.Path
        Of a result. A ``policy.json`` without a remedy's tables beside it is somebody else's,
        and stays.

    Examples
    --------
    >>> clear_remedy(Path("nowhere"))
    """
    found = [path for path in _table_files(folder) if path.is_file()]
    for path in [folder / POLICY_FILE, *found] if found else ():
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def _table_files(folder: Path) -> dict[Path, str]:
    return {folder / "tables" / f"tta_{s.name}.parquet": s.name for s in TTA_TABLES}
