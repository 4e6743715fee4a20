"""The published table, shaded."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from sensitivity.errors import InputError, OptionError
from sensitivity.labels import shown_label
from sensitivity.plots import plot_table
from sensitivity.result import Analysis


def texts_of(ax: Axes) -> dict[tuple[float, float], str]:
    """From (row, column) to the text there."""
    notes = ax.texts[-1]
    return {
        (t.get_position()[1], t.get_position()[0]): t.get_text() for t in ax.texts if t != notes
    }


def note(ax: Axes) -> str:
    return ax.texts[-1].get_text()


@pytest.mark.parametrize("metric", ["f1", "recall", "precision"])
def test_shades_and_texts_are_the_table(weak: Analysis, metric: str) -> None:
    ax = plot_table(weak, "haze", metric=metric)
    table = weak.table("haze", metric=metric)
    assert np.array(ax.get_images()[0].get_array()) == pytest.approx(table.iloc[:-1].to_numpy())
    texts = texts_of(ax)
    for row in range(len(table)):
        for column in range(2):
            assert f"{table.iloc[row, column]:.3f}" in texts[row, column]
    names = [label.get_text().split("  ")[0] for label in ax.get_yticklabels()]
    assert names[: len(table)] == [shown_label(str(name)) for name in table.index]
    # Eight images without a value.
    assert texts[5, 0].startswith("(")
    assert "in brackets: n < 10" in note(ax)


def test_std_is_marked_where_the_row_is_real(weak: Analysis) -> None:
    ax = plot_table(weak, "blur")
    assert texts_of(ax)[5, 1] == f"{weak.table('blur').loc['std', '1']:.3f} ●"
    chance = weak.trends.query("feature == 'blur' and `class` == '1'")["std_chance"].iloc[0]
    assert texts_of(ax)[6, 1] == f"{chance:.3f}"
    assert "● real" in note(ax)


def test_null_says_that_nothing_was_found(null: Analysis) -> None:
    ax = plot_table(null, "haze")
    assert "nothing found: none of 12 is distinguishable from chance" in note(ax)
    assert not [text for text in texts_of(ax).values() if text[-1] in "●○"]
    assert ax.get_xticklabels()[0].get_text().startswith("class 0\nn ")


def test_columns_can_be_chosen(null: Analysis) -> None:
    ax = plot_table(null, "haze", ["7", "3"])
    shown = np.array(ax.get_images()[0].get_array())
    assert shown == pytest.approx(null.table("haze")[["7", "3"]].iloc[:-1].to_numpy())
    assert "2 of 12 classes" in note(ax)


def test_names_that_cannot_be_drawn(weak: Analysis) -> None:
    with pytest.raises(InputError, match="feature depth"):
        plot_table(weak, "depth")
    with pytest.raises(InputError, match="classes: expected some of 0, 1, got all"):
        plot_table(weak, "blur", "all")
    with pytest.raises(OptionError, match="metric"):
        plot_table(weak, "blur", metric="accuracy")
