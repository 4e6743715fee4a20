"""Train the network on the 60,000 clean training images of Fashion-MNIST.

    python train.py             writes model.pt beside this file
    python train.py --epochs 1  for a try

Augmentation: shifts of up to one pixel. No image is degraded or mirrored, so that no symmetry is
known to the toolkit.
"""

from __future__ import annotations

import argparse
import time

import data
import model
import torch
from torch import nn
from torch.nn import functional

SEED = 7
EPOCHS = 6
BATCH = 128
RATE = 4e-3
DECAY = 1e-2
SHIFT = 1
"""Pixels by which a training image is moved at most, in each direction."""


def tensors(part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Give normalised images and classes of one part.

    Parameters
    ----------
    part : {"train", "test"}
        Which part of the data.

    Returns
    -------
    images : Tensor of float32, shape (N, 1, 28, 28)
    classes : Tensor of int64, shape (N,)
    """
    images, classes = data.load(part)
    scaled = torch.from_numpy(images.copy()).unsqueeze(1).float() / 255
    return (scaled - model.MEAN[0]) / model.STD[0], torch.from_numpy(classes)


def augmented(images: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Move a batch by up to `SHIFT` pixels.

    Parameters
    ----------
    images : Tensor, shape (N, 1, H, W)
        A batch.
    random : Generator
        Source of the draws.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    padded = functional.pad(images, (SHIFT,) * 4, value=-model.MEAN[0] / model.STD[0])
    top, left = torch.randint(0, 2 * SHIFT + 1, (2,), generator=random).tolist()
    height, width = images.shape[2:]
    return padded[:, :, top : top + height, left : left + width]


def train(epochs: int = EPOCHS) -> nn.Module:
    """Train from scratch.

    Parameters
    ----------
    epochs : int
        Passes over the training images.

    Returns
    -------
    nn.Module
        The network, in evaluation mode.
    """
    torch.manual_seed(SEED)
    random = torch.Generator().manual_seed(SEED)
    images, classes = tensors("train")
    net = model.FashionNet()
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    n_steps = epochs * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=n_steps)
    for epoch in range(epochs):
        start = time.perf_counter()
        order = torch.randperm(len(images), generator=random)
        for first in range(0, len(images) - BATCH + 1, BATCH):
            chosen = order[first : first + BATCH]
            optimizer.zero_grad()
            outputs = net(augmented(images[chosen], random))
            functional.cross_entropy(outputs, classes[chosen]).backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1} of {epochs}: {time.perf_counter() - start:.0f} s", flush=True)
    return net.eval()


def accuracy(net: nn.Module) -> float:
    """Share of the clean test images that the network gets right."""
    images, classes = tensors("test")
    with torch.inference_mode():
        found = torch.cat([net(part).argmax(1) for part in images.split(500)])
    return (found == classes).float().mean().item()


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"default: {EPOCHS}")
    parser.add_argument("--threads", type=int, default=1, help="threads to use (default: 1)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    start = time.perf_counter()
    net = train(options.epochs)
    torch.save(net.state_dict(), model.TRAINED_FILE)
    print(f"accuracy on the clean test images: {accuracy(net):.2%}")
    print(f"{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
