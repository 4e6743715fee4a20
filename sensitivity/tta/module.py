"""A model with its policy, as one PyTorch module: what is deployed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import torch
from torch import nn

from ..catalogue import ViewSpec
from ..errors import InputError, OptionError
from ..features import select
from ..policies import Cell, Policy
from .forward import check_count
from .views import apply, check_range
from .weaknesses import inside

Tensor: TypeAlias = torch.Tensor

#: Sources that say that a symmetry is right for the task.
_MAY_BE_SYMMETRIC = ("training", "declared")
#: Probabilities below have the logarithm of this, as where outputs are collected.
_LEAST = 1e-12


class TTAModule(nn.Module):  # type: ignore[misc]
    """A classifier that looks at several views of every image and merges what it sees.

    Always in evaluation mode, whatever :meth:`train` is called with. Gradients flow as through
    the model itself: call it under ``torch.inference_mode()`` where none are needed.

    Parameters
    ----------
    model : torch.nn.Module
        From N×C×H×W to N×K logits, or probabilities where ``policy.output`` says so: a tensor; or
        a tuple whose first entry, or a mapping or object whose ``logits`` is one. It is put into
        evaluation mode, and not changed otherwise.
    policy : Policy
        Views and weights; with the ``mean`` and ``std`` of the model's input in its
        ``preprocessing``, unless the model takes RGB in [0, 1].
    max_batch : int, optional
        Images in one forward pass, at most: views are put together up to it. None: as many as
        come in, one pass for each view.

    Raises
    ------
    OptionError
        No module or policy, `max_batch` below 1, a cell by a feature that cannot be measured, or
        a symmetry (such as a flip) that comes neither from the training nor from a declaration: it
        is wrong for many tasks.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> flips = Policy((ORIGINAL, ViewSpec("hflip", 1.0, source="declared")), (0.5, 0.5))
    >>> module = TTAModule(nn.Flatten(), flips)
    >>> module(torch.tensor([0.0, 1.0]).reshape(1, 1, 1, 2)).tolist()
    [[0.5, 0.5]]
    """

    def __init__(self, model: Any, policy: Policy, *, max_batch: int | None = None) -> None:
        super().__init__()
        if not isinstance(model, nn.Module):
            raise OptionError("model", "expected a torch.nn.Module", got=type(model).__name__)
        given: Any = policy
        if not isinstance(given, Policy):
            rule = "expected a Policy: Policy.load reads a file"
            raise OptionError("policy", rule, got=type(given).__name__)
        if max_batch is not None:
            check_count("max_batch", max_batch)
        for place in _used(policy):
            view = policy.views[place]
            if view.is_symmetric and view.source not in _MAY_BE_SYMMETRIC:
                rule = "expected a symmetry to come from the training, or to be declared"
                raise OptionError("view", rule, got=f"{view.name} ({view.source})")
        select(list(policy.features))
        self.model = model
        self.policy = policy
        self.max_batch = max_batch
        self.train(False)

    def train(self, mode: bool = True) -> TTAModule:  # noqa: FBT001, FBT002 (PyTorch's signature)
        """Stay in evaluation mode.

        Parameters
        ----------
        mode : bool
            Ignored.

        Returns
        -------
        TTAModule
        """
        super().train(False)
        return self

    def forward(self, images: Tensor) -> Tensor:
        """Scores of a batch, as :class:`~sensitivity.policies.Policy` defines them.

        Parameters
        ----------
        images : Tensor, N×C×H×W
            As the model takes them; not modified.

        Returns
        -------
        Tensor, N×K
            With the dtype and on the device of the model's outputs. Their softmax is the
            probability of each class.

        Raises
        ------
        InputError
            Values outside [0, 1] (once un-normalised by the policy's mean and std), outputs that
            are no N×K tensor, or another number of classes than the policy's.
        """
        if not torch.compiler.is_compiling():
            check_range(images, **self._how)
            if self.model.training:  # someone has called train() on the model itself
                self.model.eval()
        if self.policy.is_fixed:
            return self._merge_all(images)
        return self._merge_gated(images)

    @property
    def _how(self) -> dict[str, Any]:
        known = self.policy.preprocessing
        return {"mean": known.get("mean"), "std": known.get("std")}

    def _merge_all(self, images: Tensor) -> Tensor:
        """Every image gets the same views."""
        policy = self.policy
        used = _used(policy)
        views = (self._view(images, policy.views[m]) for m in used)
        outputs = self._run(views)
        z = [self._logits(out) for out in outputs]
        weights = [policy.weights[m] for m in used]
        if policy.pool == "logits":
            merged = sum(v * own for v, own in zip(weights, z, strict=True))
        else:
            heat = sum(weights)
            logs = [torch.log_softmax(heat * own, dim=1) for own in z]
            stacked = torch.stack(logs)
            shares = torch.tensor(weights, dtype=stacked.dtype, device=stacked.device) / heat
            merged = torch.logsumexp(stacked + shares.log().reshape(-1, 1, 1), dim=0)
        return self._shifted(merged).to(outputs[0].dtype)

    def _merge_gated(self, images: Tensor) -> Tensor:
        """Each image gets the views that it has a weight for, and costs no more."""
        policy, n = self.policy, images.shape[0]
        asks = policy.entropy is not None or any(c.predicted is not None for c in policy.cells)
        (first,) = self._run([images]) if asks else (None,)
        z0 = None if first is None else self._logits(first)
        weights = self._image_weights(images, z0)

        found: dict[int, Tensor] = {} if z0 is None else {0: z0}
        todo = [m for m in _used(policy) if m not in found]
        rows = [torch.nonzero(weights[:, m] > 0).flatten() for m in todo]
        parts = [(m, own) for m, own in zip(todo, rows, strict=True) if len(own)]
        views = (self._view(images[own], policy.views[m]) for m, own in parts)
        outputs = self._run(views)
        for (m, own), out in zip(parts, outputs, strict=True):
            mine = self._logits(out)
            found[m] = mine.new_zeros(n, mine.shape[1]).index_copy(0, own, mine)
        if not found:  # no image at all
            (first,) = self._run([images])
            found = {0: self._logits(first)}
        z = torch.stack([found[m] for m in sorted(found)])
        weights = weights[:, sorted(found)].to(z)
        if policy.pool == "logits":
            merged = torch.einsum("nm,mnk->nk", weights, z)
        else:
            heat = weights.sum(dim=1)
            logs = torch.log_softmax(heat[:, None] * z, dim=2)
            shares = (weights / heat[:, None]).T[:, :, None]
            merged = torch.logsumexp(logs + shares.log(), dim=0)
        kept = first if first is not None else outputs[0]
        return self._shifted(merged).to(kept.dtype)

    def _image_weights(self, images: Tensor, z0: Tensor | None) -> Tensor:
        """Weights N×M, in float64: of the first cell that an image belongs to."""
        policy, n = self.policy, images.shape[0]
        weights = torch.tensor(policy.weights, dtype=torch.float64, device=images.device)
        weights = weights.repeat(n, 1)
        features = self._features(images)
        for cell in reversed(policy.cells):
            mine = torch.ones(n, dtype=torch.bool, device=images.device)
            for where in cell.where:
                mine &= torch.from_numpy(inside(features[where.feature], where)).to(mine.device)
            if cell.predicted is not None and z0 is not None:
                mine &= z0.argmax(dim=1) == self._place(cell)
            weights[mine] = weights.new_tensor(cell.weights)
        if policy.entropy is not None and z0 is not None:
            heat = weights.sum(dim=1)
            logs = torch.log_softmax(heat[:, None] * z0.detach().double(), dim=1)
            sure = -(logs.exp() * logs).sum(dim=1) <= policy.entropy
            weights[sure] = 0.0
            weights[sure, 0] = heat[sure]
        return weights

    def _features(self, images: Tensor) -> dict[str, Any]:
        """What the cells ask for, measured on the originals."""
        cells = self.policy.cells
        names = list(dict.fromkeys(w.feature for cell in cells for w in cell.where))
        if not names:
            return {}
        from .dose import measured

        values = measured(images, names, **self._how)
        return {name: values[:, place] for place, name in enumerate(names)}

    def _place(self, cell: Cell) -> int:
        classes = self.policy.classes
        if cell.predicted not in classes:
            rule = f"expected one of the policy's classes ({', '.join(classes)})"
            raise InputError("class", rule, got=str(cell.predicted))
        return classes.index(cell.predicted)

    def _view(self, images: Tensor, spec: ViewSpec) -> Tensor:
        if spec.op == "identity":
            return images
        if spec.target is None:
            return apply(images, spec, **self._how)
        from .dose import per_image_doses

        return apply(images, spec, doses=per_image_doses(images, spec, **self._how), **self._how)

    def _run(self, parts: Iterable[Tensor]) -> Sequence[Tensor]:
        """The model's outputs for each part; parts share a pass up to `max_batch`."""
        if self.max_batch is None:
            return [self._outputs(part) for part in parts]
        sizes, outputs = [], []
        waiting: list[Tensor] = []
        for whole in parts:
            sizes.append(len(whole))
            part = whole
            while len(part) or not sizes[-1]:
                room = self.max_batch - sum(map(len, waiting))
                waiting.append(part[:room])
                part = part[room:]
                if sum(map(len, waiting)) == self.max_batch:
                    outputs.append(self._outputs(torch.cat(waiting)))
                    waiting = []
                if not sizes[-1]:
                    break
        if waiting:
            outputs.append(self._outputs(torch.cat(waiting)))
        split: Sequence[Tensor] = torch.cat(outputs).split(sizes) if outputs else []
        return split

    def _outputs(self, images: Tensor) -> Tensor:
        found = _checked(self.model(images))
        if not torch.compiler.is_compiling() and len(found) != len(images):
            rule = f"expected one row per image ({len(images)})"
            raise InputError("outputs", rule, got=str(len(found)))
        return found

    def _logits(self, output: Tensor) -> Tensor:
        """Logits, or logarithms of probabilities, in single precision at least."""
        n_classes = len(self.policy.classes) or output.shape[1]
        if output.shape[1] != n_classes or len(self.policy.shift) not in (0, n_classes):
            rule = f"expected the policy's classes ({n_classes})"
            raise InputError("outputs", rule, got=f"{output.shape[1]} columns")
        exact = output.float() if output.dtype.itemsize < 4 else output
        if self.policy.output == "probabilities":
            return exact.clamp_min(_LEAST).log()
        return exact

    def _shifted(self, merged: Tensor) -> Tensor:
        if not self.policy.shift:
            return merged
        return merged + torch.tensor(self.policy.shift, dtype=merged.dtype, device=merged.device)


def export(module: TTAModule, example: Tensor) -> Any:
    """The module as one program of PyTorch's own, that needs neither this package nor Python code.

    Parameters
    ----------
    module : TTAModule
        With a policy that does the same for every image. Its `max_batch` is left out: every view
        is one pass.
    example : Tensor, N×C×H×W
        Images as the model takes them. The program takes any number of this size.

    Returns
    -------
    torch.export.ExportedProgram
        ``program.module()`` gives what `module` gives; ``torch.export.save`` writes it. It does
        not check its input's range.

    Raises
    ------
    OptionError
        The policy asks something of each image (cells, an entropy gate, a dose of its own), or
        compresses to JPEG, which is not done with tensors.
    InputError
        An example that is no batch of images as the model takes them, or an empty one; a model
        that PyTorch cannot export.

    Examples
    --------
    >>> from sensitivity.catalogue import ORIGINAL
    >>> policy = Policy((ORIGINAL, ViewSpec("gamma", 2.0)), (1.0, 1.0))
    >>> example = torch.full((1, 1, 1, 2), 0.5)
    >>> program = export(TTAModule(nn.Flatten(), policy), example)
    >>> program.module()(torch.cat([example, example, example])).tolist()
    [[0.75, 0.75], [0.75, 0.75], [0.75, 0.75]]
    """
    if not isinstance(module, TTAModule):
        raise OptionError("module", "expected a TTAModule", got=type(module).__name__)
    check_range(example, **module._how)
    if not len(example):
        raise InputError("example", "expected at least one image", got="none")
    policy = module.policy
    if not policy.is_fixed:
        rule = "expected one that does the same for every image: no cells, entropy or targets"
        raise OptionError("policy", rule)
    if any(policy.views[m].op == "jpeg" for m in _used(policy)):
        raise OptionError("policy", "expected views that are made with tensors", got="jpeg")
    # A batch of one would be taken for the only size there is.
    two = torch.cat([example, example]) if len(example) < 2 else example
    plain = TTAModule(module.model, policy)
    shapes = ({0: torch.export.Dim("n_images")},)
    try:
        return torch.export.export(plain, (two,), dynamic_shapes=shapes)
    except Exception as error:
        # PyTorch has an error of its own for every way in which a model cannot be exported.
        got = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
        raise InputError("model", "expected one that torch.export can follow", got=got) from error


def _used(policy: Policy) -> list[int]:
    """Places of the views that any image may have a weight for."""
    weights = policy.all_weights
    gated = policy.entropy is not None  # the original may take it all
    return [
        m
        for m in range(len(policy.views))
        if any(own[m] > 0 for own in weights) or (m == 0 and gated)
    ]


def _checked(output: Any) -> Tensor:
    """Logits of what a model gives: a tensor, the first of a tuple, or what is called so."""
    found: Any = output.get("logits") if isinstance(output, Mapping) else output
    found = getattr(found, "logits", found)
    if isinstance(found, (tuple, list)) and found:
        found = found[0]
    if not torch.is_tensor(found) or found.dim() != 2:
        got = f"shape {tuple(found.shape)}" if torch.is_tensor(found) else type(output).__name__
        raise InputError("outputs", "expected a tensor N×classes of a model", got=got)
    return found
