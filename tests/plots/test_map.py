"""Feature × class."""

import numpy as np
import pytest

from sensitivity.errors import InputError
from sensitivity.plots import plot_map
from sensitivity.result import Analysis


def test_shades_are_the_spread(weak: Analysis) -> None:
    ax = plot_map(weak)
    rows = [label.get_text() for label in ax.get_yticklabels()]
    columns = [label.get_text().split()[-1] for label in ax.get_xticklabels()]
    assert (sorted(rows), columns) == (["blur", "camera", "haze"], ["classes", "0", "1"])
    assert rows[0] == "blur"  # what was planted comes first
    wide = weak.trends.pivot(index="feature", columns="class", values="spread")
    expected = wide.loc[rows, ["all", "0", "1"]].to_numpy()
    assert np.ma.filled(ax.get_images()[0].get_array(), np.nan) == pytest.approx(
        expected, nan_ok=True
    )


def test_marks_are_the_strength(weak: Analysis) -> None:
    ax = plot_map(weak)
    rows = [label.get_text() for label in ax.get_yticklabels()]
    marked = {}
    for text in ax.texts[:-1]:
        column, row = text.get_position()
        if text.get_text()[-1] in "●○":
            marked[rows[int(row)], ("all", "0", "1")[int(column)]] = text.get_text()[-1]
    strength = {"real": "●", "candidate": "○"}
    trends = weak.trends[weak.trends["strength"].isin(strength)]
    assert marked == {
        (row["feature"], row["class"]): strength[row["strength"]]
        for row in trends.to_dict("records")
    }
    assert marked["blur", "1"] == "●"


def test_null_marks_none_and_says_so(null: Analysis) -> None:
    ax = plot_map(null)
    assert not [text for text in ax.texts if text.get_text()[-1] in "●○"]
    assert "nothing found: none of 13 is distinguishable from chance" in ax.texts[-1].get_text()


def test_columns_can_be_chosen(null: Analysis) -> None:
    ax = plot_map(null, ["3", "all"])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["class 3", "all classes"]
    assert "1 of 12 classes" in ax.texts[-1].get_text()
    with pytest.raises(InputError, match="classes"):
        plot_map(null, ["12"])
