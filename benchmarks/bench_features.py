"""How much the default features cost beside decoding: one thread, 768×576 colour JPEGs.

    python benchmarks/bench_features.py [--video FILE] [--frames N] [--repetitions N]

Every frame is another one, because a processor that decodes the same JPEG again and again
learns its branches and shows half the time. The three measurements alternate frame by frame, so
that whatever else the machine does hits all of them; medians over the repetitions.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterator
from itertools import islice
from time import perf_counter

import cv2
import numpy as np
import numpy.typing as npt

from sensitivity.features import Feature, measure, select
from sensitivity.images import decode

WIDTH, HEIGHT = 768, 576


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--video", help="take frames from here, not from the generator")
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--repetitions", type=int, default=9)
    options = parser.parse_args()

    cv2.setNumThreads(1)
    frames = video_frames(options.video) if options.video else synthetic_frames()
    files = [cv2.imencode(".jpg", frame)[1].tobytes() for frame in islice(frames, options.frames)]
    features = select()
    work: dict[str, Callable[[bytes], object]] = {
        "cv2.imdecode": lambda data: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR),
        "decode": decode,
        f"decode + {len(features)} features": lambda data: measure(decode(data), features),
    }
    seconds = interleaved(files, work, options.repetitions)

    alone = seconds["cv2.imdecode"]
    print(f"{len(files)} frames of {WIDTH}×{HEIGHT}, {np.mean([len(f) for f in files]):,.0f} bytes")
    for name, value in seconds.items():
        print(f"{name:24} {value * 1e3:7.2f} ms  × {value / alone:.2f}")
    print("of which, each with the views that it needs:")
    for feature in features:
        print(f"{feature.name:24} {alone_seconds(files, feature) * 1e3:7.2f} ms")


def interleaved(
    files: list[bytes], work: dict[str, Callable[[bytes], object]], repetitions: int
) -> dict[str, float]:
    """Return the median over the repetitions of each mean time per file."""
    passes: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(repetitions + 1):
        totals = dict.fromkeys(work, 0.0)
        for data in files:
            for name, function in work.items():
                start = perf_counter()
                function(data)
                totals[name] += perf_counter() - start
        for name, total in totals.items():
            passes[name].append(total / len(files))
    return {name: statistics.median(values[1:]) for name, values in passes.items()}


def alone_seconds(files: list[bytes], feature: Feature) -> float:
    times = []
    for data in files:
        picture = decode(data)
        start = perf_counter()
        feature.function(picture)
        times.append(perf_counter() - start)
    return statistics.median(times)


def video_frames(path: str) -> Iterator[npt.NDArray[np.uint8]]:
    video = cv2.VideoCapture(path)
    while True:
        found, frame = video.read()
        if not found:
            return
        yield cv2.resize(frame, (WIDTH, HEIGHT))  # type: ignore[misc]


def synthetic_frames() -> Iterator[npt.NDArray[np.uint8]]:
    """Make colour scenes: shapes on a background with the spectrum of a photograph, and noise."""
    rng = np.random.default_rng(0)
    while True:
        scene = np.full((HEIGHT, WIDTH, 3), 110.0, np.float32)
        for octave in range(1, 8):
            grid = rng.normal(0, 18, (HEIGHT * 2**octave // 256, WIDTH * 2**octave // 256, 3))
            scene += cv2.resize(grid.astype(np.float32), (WIDTH, HEIGHT), interpolation=2)
        for _ in range(25):
            left, top = int(rng.integers(WIDTH)), int(rng.integers(HEIGHT))
            colour = tuple(float(level) for level in rng.integers(0, 256, 3))
            cv2.ellipse(scene, (left, top), (60, 25), float(rng.integers(180)), 0, 360, colour, -1)
        scene += rng.normal(0, 4, scene.shape)
        yield np.clip(scene, 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
