"""What TTAModule costs beside the forward passes of its views: one thread, batches of 32 at 224².

    python benchmarks/bench_tta.py [--batch N] [--side N] [--repetitions N]

Each policy has the original and one view. What it takes beyond its two forward passes (the view
itself, its normalisation, the check of the input's range, the merge) is timed with a model that
does nothing, and set against one pass of a small network (0.4 billion multiplications an image)
and of a ResNet-18 (1.8 billion). The work alternates, so that whatever else the machine does hits
all of it; medians of processor time over the repetitions.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from time import process_time

import numpy as np
import torch
from torch import nn

from sensitivity.catalogue import ORIGINAL, VIEWS, ViewSpec
from sensitivity.policies import Policy
from sensitivity.synthetic import photograph
from sensitivity.tta.module import TTAModule

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--repetitions", type=int, default=9)
    options = parser.parse_args()

    torch.set_num_threads(1)
    images = batch(options.batch, options.side)
    models = {"small": convnet().eval(), "ResNet-18": resnet().eval()}
    work: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {**models}
    work["no view"] = TTAModule(Corner(), policy())
    for spec in specs():
        work[spec.name] = TTAModule(Corner(), policy(spec))
    seconds = interleaved(images, work, options.repetitions)

    forward = {name: seconds.pop(name) for name in models}
    print(f"{options.batch} images of {options.side}×{options.side}, one thread")
    for name, time in forward.items():
        print(f"{'one pass, ' + name:28} {time * 1e3:8.1f} ms")
    heads = "".join(f"{'% of ' + name:>16}" for name in forward)
    print(f"{'beyond the forward passes':28} {'ms':>8}{heads}")
    for name, time in seconds.items():
        shares = "".join(f"{time / whole:16.1%}" for whole in forward.values())
        print(f"{name:28} {time * 1e3:8.1f}{shares}")


class Corner(nn.Module):
    """A model that costs nothing: the first pixel."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images[:, :, 0, 0]


def convnet() -> nn.Module:
    """A small network of the usual kind: convolutions, batch normalisation, mean, classifier."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    n_in = 3
    for n_out, stride in ((32, 2), (64, 2), (64, 1), (128, 2), (128, 1), (256, 2)):
        layers += [
            nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(inplace=True),
        ]
        n_in = n_out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(n_in, 10))


class Block(nn.Module):
    """Two convolutions beside a short cut."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(inplace=True),
            nn.Conv2d(n_out, n_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
        )
        self.cut: nn.Module = nn.Identity()
        if stride > 1 or n_in != n_out:
            plain = nn.Conv2d(n_in, n_out, 1, stride=stride, bias=False)
            self.cut = nn.Sequential(plain, nn.BatchNorm2d(n_out))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.relu(self.body(x) + self.cut(x))


def resnet() -> nn.Module:
    """ResNet-18 (He et al. 2016), its weights random: only its time is of interest."""
    torch.manual_seed(0)
    layers: list[nn.Module] = [
        nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2, padding=1),
    ]
    n_in = 64
    for n_out in (64, 128, 256, 512):
        layers += [Block(n_in, n_out, 1 if n_in == n_out else 2), Block(n_out, n_out, 1)]
        n_in = n_out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000))


def batch(n: int, side: int) -> torch.Tensor:
    pixels = np.stack([photograph(side, kind=i % 4, rng=i) for i in range(n)])
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float().contiguous() / 255
    return (images - torch.tensor(MEAN).reshape(3, 1, 1)) / torch.tensor(STD).reshape(3, 1, 1)


def specs() -> list[ViewSpec]:
    """The first usual dose of each operation."""
    first = {view.op: view for view in reversed(VIEWS)}
    return [
        ViewSpec(op, first[op].usual[0], source="declared")
        for op in dict.fromkeys(view.op for view in VIEWS)
    ]


def policy(*views: ViewSpec) -> Policy:
    preprocessing = {"mean": MEAN, "std": STD}
    return Policy((ORIGINAL, *views), (0.5, *(0.5 for _ in views)), preprocessing=preprocessing)


def interleaved(
    images: torch.Tensor,
    work: dict[str, Callable[[torch.Tensor], torch.Tensor]],
    repetitions: int,
) -> dict[str, float]:
    """Median seconds, without the first repetition."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for repetition in range(repetitions + 1):
        for name, run in work.items():
            with torch.inference_mode():
                start = process_time()
                run(images)
                if repetition:
                    seconds[name].append(process_time() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


if __name__ == "__main__":
    main()
