"""A histogram with the edges of the bins."""

from dataclasses import replace

import numpy as np
import pytest

from sensitivity.errors import ResultError
from sensitivity.plots import plot_distribution
from sensitivity.result import Analysis


def test_bars_add_up_and_edges_are_those_of_the_bins(weak: Analysis) -> None:
    ax = plot_distribution(weak, "haze")
    values = weak.features["haze"].dropna().to_numpy()
    heights = [bar.get_height() for bar in ax.patches]
    assert sum(heights) == len(values) == 1992
    first = ax.patches[0]
    assert heights[0] == (values < first.get_x() + first.get_width()).sum()
    edges = [line.get_xdata()[0] for line in ax.get_lines()]
    assert edges == pytest.approx(weak.edges["haze"])
    assert "n 1,992 images · 8 without a value" in ax.texts[0].get_text()


def test_far_values_do_not_squeeze_the_rest(weak: Analysis) -> None:
    values = weak.features["blur"].to_numpy(float, copy=True)
    values[0] = 1e9
    far = replace(weak, features=weak.features.assign(blur=values))
    ax = plot_distribution(far, "blur")
    assert ax.patches[-1].get_x() < 5
    assert sum(bar.get_height() for bar in ax.patches) == 2000


def test_of_categories_a_bar_each(weak: Analysis) -> None:
    ax = plot_distribution(weak, "camera")
    counts = weak.features["camera"].value_counts().sort_index()
    assert [bar.get_height() for bar in ax.patches] == counts.tolist()
    assert not ax.get_lines()


def test_single_values_are_needed(weak: Analysis) -> None:
    bare = replace(weak, features=weak.features.iloc[:0])
    with pytest.raises(ResultError, match="expected the Parquet tables"):
        plot_distribution(bare, "blur")
    assert plot_distribution(bare, "camera").patches
    assert np.isfinite(plot_distribution(weak, "blur").get_xlim()).all()
