"""The deployed module says what the policy's definition says, at the price that it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import log_softmax, logsumexp, softmax

from sensitivity.catalogue import ORIGINAL, ViewSpec
from sensitivity.errors import InputError, OptionError
from sensitivity.policies import Cell, Policy, Where
from sensitivity.synthetic import photograph
from sensitivity.tta.logits import ViewLogits
from sensitivity.tta.merge import merge, passes

torch = pytest.importorskip("torch")
TTAModule = import_module("sensitivity.tta.module").TTAModule
export = import_module("sensitivity.tta.module").export
apply = import_module("sensitivity.tta.views").apply
measured = import_module("sensitivity.tta.dose").measured
per_image_doses = import_module("sensitivity.tta.dose").per_image_doses

torch.set_num_threads(1)

CLASSES = ("cat", "dog", "owl")
MEAN, STD = [0.5, 0.45, 0.4], [0.25, 0.2, 0.25]
PREPROCESSING = {"mean": MEAN, "std": STD}
FEATURES = ("brightness", "sharpness")
DARK = ViewSpec("gamma", 2.0)
SOFT = ViewSpec("gaussian_blur", 1.0)
FLIPPED = ViewSpec("hflip", 1.0, source="declared")
NOISY = ViewSpec("gaussian_noise", 0.1)
BRIGHT = ViewSpec("gamma", 0.25, "brightness", "up", target=0.5)
VIEWS = (ORIGINAL, DARK, SOFT, FLIPPED)
WEIGHTS = (0.5, 0.3, 0.0, 0.9)


class Counting(torch.nn.Module):
    """A small network that remembers the sizes of its batches."""

    def __init__(self, *, output: str = "logits") -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(3)
        self.norm = torch.nn.BatchNorm2d(3)
        self.drop = torch.nn.Dropout(0.5)
        self.weight = torch.nn.Parameter(torch.randn(3, 3 * 16, generator=generator))
        self.output = output
        self.sizes: list[int] = []

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.sizes.append(images.shape[0])
        pooled = torch.nn.functional.adaptive_avg_pool2d(self.drop(self.norm(images)), 4)
        z = pooled.flatten(1) @ self.weight.T / 4
        return torch.softmax(z, dim=1) if self.output == "probabilities" else z


def batch(n: int = 7) -> torch.Tensor:
    pixels = np.stack([photograph(16, kind=i % 3, rng=i) for i in range(n)])
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    images = images * torch.linspace(0.5, 1.1, n).reshape(-1, 1, 1, 1)
    return (images.clamp(0, 1) - column(MEAN)) / column(STD)


def column(values: Sequence[float]) -> torch.Tensor:
    return torch.tensor(values).reshape(-1, 1, 1)


def collected(images: torch.Tensor, policy: Policy) -> ViewLogits:
    """What the model says of every view of every image, view by view."""
    model = Counting(output=policy.output).eval()
    z, features = [], []
    for spec in policy.views:
        doses = None
        if spec.target is not None:
            doses = per_image_doses(images, spec, mean=MEAN, std=STD)
        view = apply(images, spec, mean=MEAN, std=STD, doses=doses)
        with torch.no_grad():
            out = model(view)
        z.append(out.log() if policy.output == "probabilities" else out)
        features.append(measured(view, FEATURES, mean=MEAN, std=STD))
    return ViewLogits(
        names=tuple(map(str, range(len(images)))),
        y=np.zeros(len(images), dtype=np.int64),
        views=policy.views,
        z=torch.stack(z).numpy(),
        classes=CLASSES,
        feature_names=FEATURES,
        features=np.stack(features),
    )


def policy_of(**fields: Any) -> Policy:
    given = {"views": VIEWS, "weights": WEIGHTS, "classes": CLASSES, **fields}
    return Policy(preprocessing=PREPROCESSING, **given)


MIDDLE = float(np.median(measured(batch(), ["brightness"], mean=MEAN, std=STD)))
POLICIES = {
    "identity": Policy(classes=CLASSES, preprocessing=PREPROCESSING),
    "mixture": policy_of(),
    "shift": policy_of(shift=(0.2, 0.0, -0.5)),
    "probabilities": policy_of(pool="probabilities", shift=(0.2, 0.0, -0.5)),
    "of probabilities": policy_of(output="probabilities", pool="probabilities"),
    "replace": policy_of(weights=(0.0, 0.0, 1.3, 0.0)),
    "entropy": policy_of(entropy=0.9),
    "entropy, replace": policy_of(weights=(0.0, 1.0, 0.0, 1.0), entropy=0.9, pool="probabilities"),
    "cells": policy_of(
        cells=(
            Cell((0.2, 0.0, 0.8, 0.0), (Where("brightness", None, MIDDLE),)),
            Cell((0.0, 2.0, 0.0, 0.0), (Where("brightness", 0.0), Where("sharpness", 1e9))),
        ),
        weights=(1.0, 0.0, 0.0, 0.0),
    ),
    "cells, probabilities": policy_of(
        cells=(Cell((0.2, 0.0, 0.8, 0.0), (Where("brightness", MIDDLE),)),), pool="probabilities"
    ),
    "predicted": policy_of(cells=(Cell((0.0, 0.1, 1.9, 0.0), (), "dog"),), entropy=0.5),
    "targets": policy_of(views=(ORIGINAL, BRIGHT), weights=(0.3, 0.9)),
}
every_policy = pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())


@every_policy
def test_module_says_what_the_collected_outputs_say(policy: Policy) -> None:
    images = batch()
    scores = TTAModule(Counting(output=policy.output), policy)(images)
    expected = merge(collected(images, policy), policy)
    np.testing.assert_allclose(scores.detach().numpy(), expected, atol=1e-5)


@every_policy
def test_only_the_passes_that_are_needed(policy: Policy) -> None:
    images = batch()
    module = TTAModule(Counting(output=policy.output), policy)
    module(images)
    assert sum(module.model.sizes) == passes(collected(images, policy), policy).sum()


def test_gates_gate() -> None:
    """The two tests above would hold for gates that let everything through."""
    for name in ("entropy", "cells", "predicted"):
        module = TTAModule(Counting(), POLICIES[name])
        module(batch())
        rows = module.model.sizes
        assert any(0 < size < 7 for size in rows), name


@pytest.mark.parametrize("pool", ["logits", "probabilities"])
def test_the_definition_itself(pool: str) -> None:
    images, policy = batch(), policy_of(pool=pool, shift=(0.0, 0.1, 0.2))
    z = collected(images, policy).z.astype(np.float64)
    heat = sum(WEIGHTS)
    if pool == "logits":
        expected = sum(v * own for v, own in zip(WEIGHTS, z, strict=True))
    else:
        mixed = sum(
            v / heat * softmax(heat * own, axis=1) for v, own in zip(WEIGHTS, z, strict=True)
        )
        expected = np.log(mixed)
    scores = TTAModule(Counting(), policy)(images).detach().numpy()
    np.testing.assert_allclose(scores, expected + np.array([0.0, 0.1, 0.2]), atol=1e-5)


def test_entropy_gate_is_the_definition() -> None:
    images, policy = batch(), policy_of(entropy=0.9)
    z = collected(images, policy).z.astype(np.float64)
    heat = sum(WEIGHTS)
    logs = log_softmax(heat * z[0], axis=1)
    sure = -(np.exp(logs) * logs).sum(axis=1) <= 0.9
    assert 0 < sure.sum() < len(images)
    mixed = np.tensordot(WEIGHTS, z, axes=1)
    expected = np.where(sure[:, None], heat * z[0], mixed)
    scores = TTAModule(Counting(), policy)(images).detach().numpy()
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    assert np.isfinite(logsumexp(scores, axis=1)).all()


# How it is run


@pytest.mark.parametrize("max_batch", [1, 2, 5, 7, 16, 1000])
@pytest.mark.parametrize("name", ["mixture", "probabilities", "cells", "entropy"])
def test_views_share_passes_up_to_max_batch(name: str, max_batch: int) -> None:
    images = batch()
    alone = TTAModule(Counting(), POLICIES[name])
    shared = TTAModule(Counting(), POLICIES[name], max_batch=max_batch)
    assert torch.allclose(shared(images), alone(images), atol=1e-6)
    sizes = shared.model.sizes
    assert max(sizes) <= max_batch
    assert sum(sizes) == sum(alone.model.sizes)
    if name == "mixture":  # nothing to wait for: all but the last are full
        assert sizes[:-1] == [max_batch] * (len(sizes) - 1)


def test_always_in_evaluation_mode() -> None:
    images, module = batch(), TTAModule(Counting().train(), POLICIES["mixture"])
    assert not module.model.training
    first = module(images)
    assert module.train() is module
    assert not any(part.training for part in module.modules())
    module.model.train()
    assert torch.equal(module(images), first)
    assert module.model.norm.num_batches_tracked == 0


@every_policy
def test_input_is_not_modified(policy: Policy) -> None:
    images = batch()
    before = images.clone()
    TTAModule(Counting(output=policy.output), policy)(images)
    assert torch.equal(images, before)


@every_policy
def test_the_others_of_a_batch_do_not_matter(policy: Policy) -> None:
    images, module = batch(4), TTAModule(Counting(output=policy.output), policy)
    together = module(images)
    alone = torch.cat([module(image[None]) for image in images])
    assert torch.allclose(together, alone, atol=1e-5)


def test_noise_is_seeded() -> None:
    images = batch()
    module = TTAModule(Counting(), policy_of(views=(ORIGINAL, NOISY), weights=(0.0, 1.0)))
    torch.manual_seed(1)
    first = module(images)
    torch.manual_seed(2)
    assert torch.equal(module(images), first)
    assert torch.allclose(module(images[3:5]), first[3:5], atol=1e-6)


@pytest.mark.parametrize("name", ["mixture", "probabilities", "entropy", "cells, probabilities"])
def test_gradients_flow(name: str) -> None:
    images = batch().requires_grad_()
    module = TTAModule(Counting(), POLICIES[name])
    module(images).square().sum().backward()
    for gradient in (images.grad, module.model.weight.grad):
        assert torch.isfinite(gradient).all()
        assert gradient.abs().max() > 0
    with torch.inference_mode():
        assert not module(batch()).requires_grad


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64], ids=str)
@pytest.mark.parametrize("name", ["mixture", "entropy", "of probabilities"])
def test_dtype_is_the_models(name: str, dtype: torch.dtype) -> None:
    policy = POLICIES[name]
    module = TTAModule(Counting(output=policy.output), policy)
    expected = module(batch())
    scores = module.to(dtype)(batch().to(dtype))
    assert scores.dtype == dtype
    assert torch.allclose(scores.float(), expected, atol=0.06 if dtype != torch.float64 else 1e-4)


@every_policy
def test_an_empty_batch(policy: Policy) -> None:
    module = TTAModule(Counting(output=policy.output), policy, max_batch=4)
    assert module(torch.zeros(0, 3, 16, 16)).shape == (0, 3)


def test_weights_of_the_model_are_its_own() -> None:
    model = Counting()
    module = TTAModule(model, POLICIES["probabilities"])
    assert set(module.state_dict()) == {f"model.{name}" for name in model.state_dict()}


def test_a_model_that_is_certain() -> None:
    """Probabilities of 0 have no logarithm."""
    sure = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 256, 3), torch.nn.Softmax(1))
    torch.nn.init.constant_(sure[1].bias, 0.0)
    sure[1].bias.data[0] = 1e4
    module = TTAModule(sure, policy_of(output="probabilities"))
    scores = module(batch())
    least = sum(WEIGHTS) * np.log(1e-12)  # as where outputs are collected
    np.testing.assert_allclose(scores.detach().numpy(), [[0, least, least]] * 7, rtol=1e-5)


@pytest.mark.parametrize(
    "wrap", [lambda z: (z, None), lambda z: {"logits": z}, lambda z: Output(z)]
)
def test_outputs_of_other_kinds(wrap: Any) -> None:
    class Wrapped(Counting):
        def forward(self, images: torch.Tensor) -> Any:
            return wrap(super().forward(images))

    expected = TTAModule(Counting(), POLICIES["mixture"])(batch())
    assert torch.equal(TTAModule(Wrapped(), POLICIES["mixture"])(batch()), expected)


@dataclass
class Output:
    """As some libraries give it."""

    logits: Any


# What is refused


def test_normalised_images_need_mean_and_std() -> None:
    module = TTAModule(Counting(), Policy((ORIGINAL, DARK), (0.5, 0.5)))
    with pytest.raises(InputError, match="mean and std of their normalisation"):
        module(batch())
    with pytest.raises(InputError, match="once un-normalised"):
        TTAModule(Counting(), POLICIES["mixture"])(batch() * 9)


@pytest.mark.parametrize("source", ["chosen", "trend", "registered"])
def test_symmetries_must_be_declared(source: str) -> None:
    views = (ORIGINAL, ViewSpec("hflip", 1.0, source=source))
    with pytest.raises(OptionError, match=rf"come from the training.*, got hflip \({source}\)"):
        TTAModule(Counting(), Policy(views, (0.5, 0.5)))
    TTAModule(Counting(), Policy(views, (0.5, 0.0)))  # it is not used
    TTAModule(Counting(), Policy((ORIGINAL, ViewSpec("hflip", 1.0, source="training")), (1.0, 1.0)))


def test_outputs_must_be_the_policys_classes() -> None:
    images = batch()
    two = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 256, 2))
    with pytest.raises(InputError, match=r"expected the policy's classes \(3\), got 2 columns"):
        TTAModule(two, POLICIES["mixture"])(images)
    maps = torch.nn.Conv2d(3, 3, 1)
    with pytest.raises(InputError, match=r"expected a tensor N×classes of a model, got shape"):
        TTAModule(maps, POLICIES["mixture"])(images)
    unknown = policy_of(classes=(), cells=(Cell(WEIGHTS, (), "cow"),))
    with pytest.raises(InputError, match=r"policy's classes .*, got cow"):
        TTAModule(Counting(), unknown)(images)


def test_features_of_cells_are_checked_beforehand() -> None:
    strange = policy_of(cells=(Cell(WEIGHTS, (Where("mood", 0.5),)),))
    with pytest.raises(OptionError, match="mood"):
        TTAModule(Counting(), strange)


def test_max_batch_is_checked() -> None:
    with pytest.raises(OptionError, match="max_batch: expected at least 1, got 0"):
        TTAModule(Counting(), Policy(), max_batch=0)


def test_what_is_no_module_or_policy_is_refused() -> None:
    with pytest.raises(OptionError, match=r"model: expected a torch\.nn\.Module, got function"):
        TTAModule(lambda images: images, Policy())
    with pytest.raises(OptionError, match=r"policy: expected a Policy: Policy\.load"):
        TTAModule(Counting(), "policy.json")


class OneFewer(torch.nn.Module):
    def forward(self, images):
        return images.flatten(1)[:-1, :3]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("max_batch", [None, 3])
def test_a_model_that_drops_an_image_is_refused(policy, max_batch) -> None:
    with pytest.raises(InputError, match=r"outputs: expected one row per image \(\d+\), got"):
        TTAModule(OneFewer(), POLICIES[policy], max_batch=max_batch)(batch())


# Export


class Branching(torch.nn.Module):
    def forward(self, images):
        z = images.flatten(1)
        return z if z.sum() > 0 else -z


def test_what_cannot_be_exported_is_told_in_one_line() -> None:
    policy = Policy()
    with pytest.raises(OptionError, match="module: expected a TTAModule, got Plain"):
        export(Plain(), batch())
    with pytest.raises(InputError, match="example: expected at least one image, got none"):
        export(TTAModule(Plain(), policy), torch.rand(0, 3, 16, 16))
    with pytest.raises(InputError, match=r"model: expected one that torch\.export can follow"):
        export(TTAModule(Branching(), policy), torch.rand(2, 3, 16, 16))


class Plain(torch.nn.Module):
    """A network as exports know them."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = torch.nn.Sequential(
            torch.nn.Conv2d(3, 4, 3, padding=1),
            torch.nn.BatchNorm2d(4),
            torch.nn.ReLU(),
            torch.nn.AdaptiveAvgPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(16, 3),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.layers(images)


EXPORTED = {
    "several": policy_of(
        views=(
            *VIEWS,
            NOISY,
            ViewSpec("box_blur", 3.0),
            ViewSpec("down_up", 1.5),
            ViewSpec("zoom", 1.1),
            ViewSpec("rot90", 1.0, source="declared"),
        ),
        weights=(0.5, 0.3, 0.0, 0.9, *(0.1,) * 5),
        shift=(0.1, 0.0, 0.0),
    ),
    "colours": policy_of(
        views=(
            ORIGINAL,
            ViewSpec("contrast", 1.5),
            ViewSpec("saturation", 0.5),
            ViewSpec("warmth", 0.1),
            ViewSpec("channel_flip", 1.0, source="declared"),
        ),
        weights=(0.0, 0.1, 0.1, 0.1, 0.1),
    ),
    "probabilities": policy_of(pool="probabilities"),
}


@pytest.mark.parametrize("policy", EXPORTED.values(), ids=EXPORTED.keys())
def test_exported_program_says_the_same(policy: Policy) -> None:
    module = TTAModule(Plain(), policy, max_batch=2)
    program = export(module, batch(1))
    images = batch()
    for n in (7, 1, 3):  # the batch may have any size
        assert torch.allclose(program.module()(images[:n]), module(images[:n]), atol=1e-5)


def test_exported_program_is_stored(tmp_path: Path) -> None:
    module, images = TTAModule(Plain(), EXPORTED["probabilities"]), batch()
    torch.export.save(export(module, images), tmp_path / "tta.pt2")
    back = torch.export.load(tmp_path / "tta.pt2").module()
    assert torch.allclose(back(images[:5]), module(images[:5]), atol=1e-5)


@pytest.mark.parametrize("name", ["entropy", "cells", "predicted", "targets"])
def test_gated_policies_are_not_exported(name: str) -> None:
    with pytest.raises(OptionError, match="expected one that does the same for every image"):
        export(TTAModule(Plain(), POLICIES[name]), batch(2))


def test_jpeg_is_not_exported() -> None:
    policy = policy_of(views=(ORIGINAL, ViewSpec("jpeg", 50.0)), weights=(0.5, 0.5))
    module = TTAModule(Plain(), policy)
    assert torch.isfinite(module(batch())).all()
    with pytest.raises(OptionError, match="expected views that are made with tensors, got jpeg"):
        export(module, batch(2))
