"""Many classes: memory follows what occurs, not classes². By bytes allocated, not by time."""

import tracemalloc
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import sensitivity
from sensitivity.encoding import encoded_columns, table_columns
from sensitivity.grids import bands, grid, rates
from sensitivity.inputs.samples import read_samples
from sensitivity.outcomes import CHUNK, outcome_table
from sensitivity.report.content.quality import quality
from sensitivity.result import Analysis

CLASSES, IMAGES = 4_000, 6_000

#: One table of true × predicted class, 8 bytes a cell, is 128 MB.
SQUARE = 8 * CLASSES**2 / 1e6


def megabytes(run: Callable[[], object]) -> float:
    """Allocated at most, beyond what was before."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def analyse(groups: bool = False) -> Analysis:
    """Every class occurs, 50 of them often; a column of numbers with gaps, one of categories."""
    rng = np.random.default_rng(0)
    y = np.concatenate((np.arange(CLASSES), rng.integers(0, 50, IMAGES - CLASSES)))
    called = np.where(rng.random(IMAGES) < 0.8, y, rng.integers(0, CLASSES, IMAGES))
    light = np.where(np.arange(IMAGES) % 7, rng.normal(size=IMAGES), np.nan)
    columns = {"light": light} | ({} if groups else {"site": rng.choice(list("abc"), IMAGES)})
    return sensitivity.analyse(
        called,
        y,
        [f"{i}.png" for i in range(IMAGES)],
        columns=pd.DataFrame(columns),
        features=(),
        groups=np.arange(IMAGES) // 20 if groups else None,
        save_path=None,
    )


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyse()


@pytest.mark.parametrize("groups", [False, True])
@pytest.mark.usefixtures("analysis")  # what is imported on the way is not counted
def test_an_analysis_holds_no_square_of_the_classes(groups: bool) -> None:
    assert megabytes(lambda: analyse(groups=groups)) < SQUARE / 2


def test_nor_does_what_the_report_takes_from_it(analysis: Analysis) -> None:
    rows = analysis.bins[analysis.bins["feature"] == "light"]

    def told() -> None:
        found = grid(rows, analysis.settings["features"][0], analysis.settings["classes"])
        bands(found, rates(analysis), confidence=0.95)
        quality(analysis, "en")

    told()
    assert megabytes(told) < SQUARE / 2


def test_a_table_is_saved_column_by_column(analysis: Analysis) -> None:
    rows = analysis.bins.head(20_000)
    whole = megabytes(lambda: table_columns(rows))
    assert megabytes(lambda: encoded_columns(rows)) < whole / 2


def test_scores_are_turned_into_probabilities_in_small_blocks() -> None:
    scores = np.random.default_rng(0).normal(size=(4_000, 4_000)).astype(np.float16)
    names = [f"{i}.png" for i in range(len(scores))]
    samples = read_samples(scores, np.arange(len(scores)), names)
    outcome_table(samples)
    assert megabytes(lambda: outcome_table(samples)) < 4 * 8 * CHUNK / 1e6 < SQUARE * 1.1
