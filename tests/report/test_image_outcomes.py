"""What happened to every image of a result."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sensitivity import analyse
from sensitivity.image_outcomes import image_outcomes
from sensitivity.result import Analysis


@pytest.fixture(scope="module")
def analysis(build_case: Callable) -> Analysis:
    found: Analysis = build_case(classes=3, n=500, columns={}).analysis
    return found


def test_of_one_label_each_row_of_the_outcomes_is_an_image(analysis: Analysis) -> None:
    found = image_outcomes(analysis)
    outcomes = analysis.outcomes
    assert found.rows.tolist() == list(range(500))
    assert found.wrong.tolist() == (~outcomes["right"]).tolist()
    for codes, column in ((found.true, "class"), (found.predicted, "predicted")):
        assert np.array(analysis.settings["classes"])[codes].tolist() == outcomes[column].to_list()
    assert found.confidence[found.wrong].tolist() == outcomes["score"][found.wrong].to_list()
    assert np.isnan(found.confidence[~found.wrong]).all()


def test_order_is_random_and_errors_follow_it(analysis: Analysis) -> None:
    found = image_outcomes(analysis, rng=3)
    assert sorted(found.order) == list(range(500))
    assert found.order.tolist() != list(range(500))
    assert found.failed.tolist() == [row for row in found.order if found.wrong[row]]


def test_unreadable_images_come_last(analysis: Analysis) -> None:
    rows = [(f"{k}.png", stage) for k, stage in ((1, "read"), (2, "decode"), (3, "measure"))]
    failures = pd.DataFrame(rows, columns=["name", "stage"])
    order = image_outcomes(replace(analysis, failures=failures)).order
    assert set(order[-2:]) == {1, 2}
    kept = image_outcomes(analysis).order
    assert order[:-2].tolist() == [row for row in kept if row not in (1, 2)]


def test_name_that_stands_twice_is_its_first_image() -> None:
    analysis = analyse(
        np.array([[0.9, 0.2], [0.9, 0.9], [0.1, 0.2]]),
        np.array([[0, 1], [1, 0], [0, 1]]),
        ["a", "b", "b"],
        "multi_label_classification",
        features=(),
        save_path=None,
    )
    found = image_outcomes(analysis)
    assert found.rows.tolist() == [0, 0, 1, 1, 1]
    assert found.true.tolist() == [-1, 1, 0, -1, 1]
    assert found.predicted.tolist() == [0, -1, 0, 1, -1]
    # Called wrongly with .9; missed though given .2, so its absence was sure by .8.
    assert found.confidence == pytest.approx([0.9, 0.9, np.nan], nan_ok=True)
