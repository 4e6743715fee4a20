"""Results to draw: a planted weakness, and none; figures are closed after every test."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from sensitivity import analyse
from sensitivity.result import Analysis
from sensitivity.synthetic import Covariate, Planted, Trend, plant
from sensitivity.synthetic.interventions import MovedImages, move_images
from sensitivity.tta.logits import ViewLogits
from sensitivity.tta.run import try_remedies

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _no_trace() -> Iterator[None]:
    """No figure stays open, and no setting of matplotlib changes."""
    from matplotlib import pyplot

    before = dict(mpl.rcParams)
    yield
    pyplot.close("all")
    assert dict(mpl.rcParams) == before


@pytest.fixture(scope="session")
def weak() -> Analysis:
    """Class 1 is missed where blur is high; haze has nothing to do with it, and gaps."""
    planted = plant(
        2000,
        recall=[0.9, Trend(0.95, 0.5)],
        feature="blur",
        companions=[Covariate("camera", 0.3, "categorical", n_levels=3), Covariate("haze", 0.0)],
        confounding=0.3,
        output="logits",
    )
    columns = planted.columns.copy()
    columns.loc[::250, "haze"] = np.nan  # eight images: few
    return _analysed(planted, columns)


@pytest.fixture(scope="session")
def null() -> Analysis:
    """Twelve classes, no feature that matters."""
    planted = plant(1200, recall=0.85, n_classes=12, feature="haze", rng=1)
    return _analysed(planted, planted.columns)


@pytest.fixture(scope="session")
def labelled() -> Analysis:
    """Several labels per image."""
    rng = np.random.default_rng(0)
    truth = (rng.random((60, 3)) < 0.5).astype(int)
    scores = 0.4 * truth + 0.55 * rng.random((60, 3))
    return analyse(
        scores,
        truth,
        [f"{i}.png" for i in range(60)],
        "multi_label_classification",
        columns={"hour": np.arange(60)},
        features=(),
        save_path=None,
        threshold=0.5,
    )


@pytest.fixture(scope="session")
def moved() -> Analysis:
    """Images moved on purpose; blur itself does the harm, and nothing at test time helps."""
    made = move_images(600)
    analysis = _analysed(made, made.columns)
    views = ViewLogits(
        tuple(made.name_list),
        made.label_list,
        made.views,
        made.z,
        tuple(analysis.settings["classes"]),
        feature_names=made.feature_names,
        features=made.features,
    )
    return try_remedies(analysis, views)


def _analysed(planted: Planted | MovedImages, columns: pd.DataFrame) -> Analysis:
    return analyse(
        planted.pred_list,
        planted.label_list,
        planted.name_list,
        columns=columns,
        features=(),
        save_path=None,
    )
