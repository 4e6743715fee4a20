"""Results of made-up predictions that open no image."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from sensitivity import analyse
from sensitivity.result import Analysis
from sensitivity.synthetic import Trend, plant, published_table


@dataclass(frozen=True)
class Case:
    """A result beside the raw lists that it came from."""

    analysis: Analysis
    y: np.ndarray
    predicted: np.ndarray
    scores: np.ndarray | None
    columns: Mapping[str, Any]


def build(
    *,
    classes: int = 2,
    n: int = 600,
    seed: int = 0,
    scores: bool = True,
    columns: Mapping[str, Any] | None = None,
    order: np.ndarray | None = None,
    fall: float = 0.4,
    **options: Any,
) -> Case:
    rng = np.random.default_rng(seed)
    share = np.r_[0.5, np.full(classes - 1, 0.5 / max(classes - 1, 1))]
    y = rng.choice(classes, n, p=share / share.sum())
    sharpness = rng.lognormal(5, 1, n)
    brightness = rng.random(n)
    brightness[rng.random(n) < 0.05] = np.nan
    camera = rng.choice(["north", "south", "屋顶"], n, p=[0.7, 0.28, 0.02])
    # The last class is missed more often the sharper the image is.
    rank = sharpness.argsort().argsort() / n
    missed = rng.random(n) < 0.08 + fall * rank * (y == classes - 1)
    predicted = np.where(missed, (y + 1 + rng.integers(0, max(classes - 1, 1), n)) % classes, y)
    logits = rng.normal(0, 1, (n, classes))
    logits[np.arange(n), predicted] = logits.max(axis=1) + rng.random(n)
    given = {"sharpness": sharpness, "brightness": brightness, "camera": camera}
    given |= {"hour": rng.choice([6, 12, 18], n)}
    given = dict(given if columns is None else columns)
    pick = np.arange(n) if order is None else order
    given = {name: np.asarray(values)[pick] for name, values in given.items()}
    analysis = analyse(
        logits[pick] if scores else predicted[pick],
        y[pick],
        [f"{i}.png" for i in pick],
        columns=given,
        features=(),
        save_path=None,
        **options,
    )
    return Case(analysis, y[pick], predicted[pick], logits[pick] if scores else None, given)


@pytest.fixture(scope="session")
def build_case() -> Callable[..., Case]:
    return build


@pytest.fixture(scope="session")
def published() -> Analysis:
    page = published_table()
    return analyse(
        page.pred_list,
        page.label_list,
        page.name_list,
        columns=page.columns,
        features=(),
        save_path=None,
    )


@pytest.fixture(scope="session")
def two() -> Case:
    return build(label_map_dict={0: "normal", 1: "defect"})


@pytest.fixture(scope="session")
def three() -> Case:
    return build(classes=3, seed=1, label_map_dict={0: "正常", 1: "划痕", 2: "隐裂"})


@pytest.fixture(scope="session")
def twelve() -> Case:
    return build(classes=12, n=1500, seed=2)


@pytest.fixture(scope="session")
def null() -> Case:
    """Nothing depends on anything."""
    return build(fall=0.0, seed=3, label_map_dict={0: "normal", 1: "defect"})


@pytest.fixture(scope="session")
def called() -> Analysis:
    """Three classes, of which one is called falsely more and more, and none loses recall."""
    planted = plant(3000, n_classes=3, recall=0.8, false_positives=Trend(0.02, 0.12))
    return analyse(
        planted.pred_list, planted.label_list, planted.name_list,
        columns=planted.columns, features=(), save_path=None,
    )  # fmt: skip
