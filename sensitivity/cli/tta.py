"""``sensitivity tta``: try test-time augmentation on a result, and judge it."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from ..catalogue import ORIGINAL
from ..errors import OptionError
from .printing import Flag, Language, in_colour, print_json, width

if TYPE_CHECKING:
    from ..catalogue import ViewSpec
    from ..result import Analysis
    from ..tta.logits import ViewLogits

Words = Annotated[list[str] | None, Parameter(consume_multiple=True, negative="")]
Numbers = Annotated[list[float] | None, Parameter(consume_multiple=True, negative="")]
Often = Annotated[list[str] | None, Parameter(negative="")]
Precision = Literal["float32", "bfloat16", "float16"]


@Parameter(name="*")
@dataclass(frozen=True)
class Collecting:
    """What is collected.

    Parameters
    ----------
    model
        FILE.py:FUNCTION. The function takes nothing and returns the model: images in,
        logits or probabilities out. The file is run. Needs PyTorch.
    preprocess
        FILE.py:FUNCTION from a decoded image (uint8, height × width × 3, blue-green-red) to
        the model's input. Default: the function preprocess of the model's file.
    mean
        What is taken from red, green and blue (0 to 1) before the model: three numbers, or one
        for all channels. Default: what the model's attribute mean says.
    std
        What they are divided by then: three numbers, or one. Default: the attribute std.
    images
        Folder that the names of the result are relative to.
    declare
        Symmetries under which an image stays of its class: hflip, vflip, rot90, channel_flip.
        Without it only those that the training used are tried.
    transforms
        FILE.py:NAME of the training's transforms (torchvision, albumentations), or of a function
        that returns them: their views are tried.
    views
        Further views to try, such as "gamma(0.67)"; without a dose a usual one.
    max_views
        Views to collect at most, beside the original; those that are named here come first.
    like
        Collect the views that this file of view logits has, and no others.
    device
        Such as cuda:0. Default: where the model's parameters are.
    batch_size
        Images at a time.
    precision
        Of the forward pass.
    no_intervene
        Collect no views for moving the images on purpose: findings stay unchecked.
    collect_only
        Stop when all is collected.
    """

    model: str | None = None
    preprocess: str | None = None
    mean: Numbers = None
    std: Numbers = None
    images: Path | None = None
    declare: Words = None
    transforms: str | None = None
    views: Words = None
    max_views: int = 32
    like: Path | None = None
    device: str | None = None
    batch_size: int = 32
    precision: Precision = "float32"
    no_intervene: Flag = False
    collect_only: Flag = False


@Parameter(name="*")
@dataclass(frozen=True)
class Judging:
    """How it is judged.

    Parameters
    ----------
    logits
        Judge what was collected earlier, in this file; no model and no PyTorch is needed.
        Default without --model: RESULT/view_logits.npz.
    objective
        nll, balanced_accuracy, or recall:CLASS.
    max_accuracy_loss
        Accuracy that may be lost for a recall.
    max_passes
        Mean forward passes per image that are allowed.
    mix
        A fixed mixture to show beside, such as "original=.5,box_blur(3)=.5"; may be repeated.
    pool
        Whether logits or probabilities are averaged.
    rng
        Seed of the folds.
    """

    logits: Path | None = None
    objective: str = "nll"
    max_accuracy_loss: float = 0.01
    max_passes: float | None = None
    mix: Often = None
    pool: Literal["logits", "probabilities"] = "logits"
    rng: int = 0


#: One each: they cannot be changed.
_COLLECTING, _JUDGING = Collecting(), Judging()


def tta(
    result: Path,
    *,
    collecting: Collecting = _COLLECTING,
    judging: Judging = _JUDGING,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    lang: Language = "en",
    json: Flag = False,
) -> None:
    """Try test-time augmentation on a result: which views help, and whether it is worth it.

    Runs your model over changed copies of the images (views): those that the
    result's trends suggest, and those that you declare or choose. What it says
    of them is kept in RESULT/view_logits.npz, and judged on images that took no
    part in the fit. The verdict is use, do not use, or not enough data. All of
    it goes into RESULT, with a policy.json if something is to be changed.

    Parameters
    ----------
    result
        Folder that analyse wrote, or its JSON file.
    all_
        Show every strategy, class, candidate and finding.
    lang
        Language.
    json
        Print what was found as JSON.
    """
    from ..remedies import POLICY_FILE
    from ..report.modelarts import layout
    from ..report.remedy_text import render_remedy
    from ..result import FILE_NAME, Analysis
    from ..tta.named_views import mixture_name, read_mixture
    from ..tta.run import try_remedies
    from .estimates import told

    mixed = [read_mixture(text) for text in judging.mix or ()]
    mixtures = {mixture_name(mixture): mixture for mixture in mixed}
    folder = result if result.is_dir() else result.parent
    analysis = Analysis.load(result)
    _check_judging(analysis, judging)
    logits = _logits(analysis, folder, collecting, judging, mixtures)
    if collecting.collect_only:
        return
    with told("judging", "steps") as progress:
        analysis = try_remedies(
            analysis,
            logits,
            objective=judging.objective,
            max_accuracy_loss=judging.max_accuracy_loss,
            max_passes=judging.max_passes,
            mixtures=mixtures,
            pool=judging.pool,
            rng=judging.rng,
            progress=progress,
        )
    remedy = analysis.remedy
    assert remedy is not None
    policy_file = str(folder / POLICY_FILE)
    if json:
        print_json(remedy.to_dict())
    else:
        text = render_remedy(
            remedy,
            colour=in_colour(),
            everything=all_,
            lang=lang,
            width=width(),
            policy_file=policy_file,
        )
        print(text)
    for note in remedy.settings.get("notes", ()):
        _say(f"note: {note}")
    # Last: a folder that cannot be written to does not cost the answer.
    analysis.save(folder, layout=layout(analysis))
    _say(f"result: {folder / FILE_NAME}, {folder / 'tables'}/tta_*.parquet")


def _logits(
    analysis: Analysis,
    folder: Path,
    given: Collecting,
    judging: Judging,
    mixtures: Mapping[str, Mapping[str, float]],
) -> ViewLogits:
    """What the model says of the views: collected now, or read."""
    from ..remedies import VIEW_LOGITS_FILE
    from ..tta.logits import ViewLogits

    stored = judging.logits
    _check_normalisation(given)
    if given.max_views < 0:
        raise OptionError("max-views", "expected 0 or more", got=str(given.max_views))
    if given.model is not None and stored is not None:
        raise OptionError("logits", "expected either --model or --logits, not both")
    if given.model is not None:
        of_class = judging.objective.partition(":")[2] or None
        found = _collected(analysis, folder, given, mixtures, of_class)
        _say(f"collected: {found.save(folder / VIEW_LOGITS_FILE)}")
        return found
    if given.collect_only:
        raise OptionError("collect-only", "expected --model FILE.py:FUNCTION to collect from")
    if stored is None:
        stored = folder / VIEW_LOGITS_FILE
        if not stored.is_file():
            rule = "expected --model FILE.py:FUNCTION, or --logits FILE.npz that was collected"
            raise OptionError("model", rule, got="neither")
        _say(f"judging what was collected earlier: {stored}")
    found = ViewLogits.load(stored)
    names = {view.name for view in found.views}
    for missing in (name for mixture in mixtures.values() for name in mixture if name not in names):
        rule = f"expected views that were collected: {', '.join(sorted(names))}"
        raise OptionError("mix", rule, got=missing)
    return found


def _check_judging(analysis: Analysis, judging: Judging) -> None:
    """Collecting may take hours: what can be said of the judging is said before."""
    from ..tta.recipe import Options

    options = Options(
        judging.objective,
        judging.max_accuracy_loss,
        judging.pool,
        max_passes=judging.max_passes,
        rng=judging.rng,
    )
    options.check(analysis.settings["classes"])


def _check_normalisation(given: Collecting) -> None:
    """What can be said of mean and std before the model is loaded."""
    for name, values in (("mean", given.mean), ("std", given.std)):
        if values is None:
            continue
        got = " ".join(f"{value:g}" for value in values)
        if given.model is None:
            rule = "expected --model FILE.py:FUNCTION, whose input it describes"
            raise OptionError(name, rule, got=got)
        if len(values) not in (1, 3):
            raise OptionError(name, "expected one number, or three (red, green, blue)", got=got)
        if not all(math.isfinite(value) for value in values):
            raise OptionError(name, "expected finite numbers", got=got)
        if name == "std" and min(values) <= 0:
            raise OptionError(name, "expected numbers above 0", got=got)
    if (given.mean is None) != (given.std is None):
        missing = "std" if given.std is None else "mean"
        raise OptionError("mean and std", "expected both or neither", got=f"no --{missing}")


def _collected(
    analysis: Analysis,
    folder: Path,
    given: Collecting,
    mixtures: Mapping[str, Mapping[str, float]],
    of_class: str | None,
) -> ViewLogits:
    from ..tta.trial import collect_for
    from .estimates import told
    from .loading import load_model, load_preprocess, require_torch, user_folders

    require_torch()
    with user_folders(), told("collecting", "images") as progress:
        model, named = load_model(str(given.model))
        preprocess = load_preprocess(given.preprocess, named)
        always = _always(given, mixtures)
        most = len(always) if given.like else max(given.max_views, len(always))
        n = int(analysis.settings["n"])
        _say(
            f"collecting: {n:,} images × at most {most + 1} views = {n * (most + 1):,} forward "
            "passes; if it is stopped, it goes on from there"
        )
        return collect_for(
            analysis,
            model,
            preprocess,
            images=given.images,
            always=always,
            move=not (given.no_intervene or given.like),
            max_views=most,
            of_class=of_class,
            mean=given.mean,
            std=given.std,
            device=given.device,
            batch_size=given.batch_size,
            precision=given.precision,
            cache=folder / ".sensitivity-cache" / "views",
            announce=lambda line: _say(f"collecting: {line}"),
            progress=progress,
        )


def _always(given: Collecting, mixtures: Mapping[str, Mapping[str, float]]) -> tuple[ViewSpec, ...]:
    """What the training had, what the user declares, and what is named."""
    from ..tta.logits import ViewLogits
    from ..tta.named_views import declared_views, read_view, with_views
    from .loading import load_transforms

    known = list(declared_views(given.declare or ()))
    if given.like is not None:
        known += ViewLogits.load(given.like).views[1:]
    if given.transforms is not None:
        from ..tta.transforms import read_transforms

        training = read_transforms(load_transforms(given.transforms))
        known += training.views
        for note in training.notes:
            _say(f"note: {note}")
    chosen = [read_view(text) for text in given.views or ()]
    # Shown beside, but no candidates.
    names = [name for mixture in mixtures.values() for name in mixture]
    mixed = [read_view(name, what="mix", source="registered") for name in names]
    return with_views(known, [view for view in (*chosen, *mixed) if view != ORIGINAL])


def _say(line: str) -> None:
    from ..report.columns import clean

    print(clean(line), file=sys.stderr)
