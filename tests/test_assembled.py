"""Assembled: the same result, wherever the per-image tables come from."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal

import sensitivity
from sensitivity.assembled import assemble, titles_of
from sensitivity.features import FEATURES
from sensitivity.inputs.samples import read_samples


def test_tables_of_an_analysis_assemble_to_it():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    lists = (
        np.where(rng.random(200) < 0.8, labels, 1 - labels),
        labels,
        [f"{i}" for i in range(200)],
    )
    whole = sensitivity.analyse(
        *lists, columns={"hour": rng.uniform(0, 24, 200)}, features=(), save_path=None
    )
    made = ("prior", "dependence", "features", "skipped")
    again = assemble(
        read_samples(*lists),
        whole.features,
        whole.outcomes,
        whole.failures,
        {key: value for key, value in whole.settings.items() if key not in made},
        groups=None,
        shares=np.array(whole.settings["prior"]),
        edges={},
        titles=titles_of(["hour"], ()),
    )
    assert again.settings == whole.settings
    for name in ("bins", "trends", "slices", "overall", "confusion"):
        assert_frame_equal(getattr(again, name), getattr(whole, name))


def test_titles_are_the_features_own_or_the_columns_name():
    feature = FEATURES[0]
    titles = titles_of(pd.Index([feature.name, "hour"]), FEATURES)
    assert titles[feature.name]["source"] == "image"
    assert titles[feature.name]["title_zh"] == feature.title_zh
    assert titles["hour"] == {
        "source": "column",
        "unit": "",
        "title_en": "hour",
        "title_zh": "hour",
    }
