"""A metric from bin to bin."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import BarContainer, ErrorbarContainer

from sensitivity import analyse
from sensitivity.errors import InputError, OptionError
from sensitivity.plots import plot_trend
from sensitivity.result import Analysis


def cells(analysis: Analysis, feature: str, name: str, metric: str):
    rows = analysis.bins.query("feature == @feature and `class` == @name and metric == @metric")
    return rows[rows["bin"] >= 0].sort_values("bin"), rows[rows["bin"] < 0]


def points(ax: Axes) -> list[ErrorbarContainer]:
    return [found for found in ax.containers if isinstance(found, ErrorbarContainer)]


def ends(container: ErrorbarContainer) -> np.ndarray:
    """Lower and upper ends of the bars, K × 2."""
    return np.array([line[:, 1] for line in container.lines[2][0].get_segments()])


def legend(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize("metric", ["f1", "recall", "precision"])
def test_points_and_bars_are_the_table(weak: Analysis, metric: str) -> None:
    ax = plot_trend(weak, "blur", metric=metric)
    assert len(points(ax)) == 2
    for name, container in zip("01", points(ax), strict=True):
        rows, _ = cells(weak, "blur", name, metric)
        assert container.lines[0].get_ydata() == pytest.approx(rows["value"])
        assert ends(container) == pytest.approx(rows[["low", "high"]].to_numpy())


def test_dashed_is_the_equal_class_mix(weak: Analysis) -> None:
    ax = plot_trend(weak, "blur")
    dashed = [line.get_ydata() for line in ax.get_lines() if line.get_linestyle() == "--"]
    for name, found in zip("01", dashed, strict=True):
        assert found == pytest.approx(cells(weak, "blur", name, "f1_star")[0]["value"])
    assert "at an equal class mix" in legend(ax)
    of_recall = plot_trend(weak, "blur", metric="recall")
    assert not [line for line in of_recall.get_lines() if line.get_linestyle() == "--"]
    assert "at an equal class mix" not in legend(of_recall)
    assert "at an equal class mix" in legend(plot_trend(weak, "camera"))


def test_all_classes_are_accuracy_and_the_missing_bin_stands_apart(weak: Analysis) -> None:
    ax = plot_trend(weak, "haze", "all")
    rows, missing = cells(weak, "haze", "all", "accuracy")
    line = points(ax)[0].lines[0]
    assert line.get_ydata() == pytest.approx([*rows["value"], *missing["value"]])
    assert line.get_xdata().tolist() == [0, 1, 2, 3, 4, 5.5]
    assert ax.get_xticklabels()[-1].get_text() == "missing\nn 8"
    assert ax.get_ylabel().startswith("Accuracy")
    # Of eight images hollow, and said so.
    hollow = [line for line in ax.get_lines() if line.get_markerfacecolor() == "white"]
    assert [line.get_xdata().tolist() for line in hollow] == [[5.5]]
    assert "hollow: n < 10" in ax.texts[0].get_text()


def test_few_images_do_not_widen_the_axis(weak: Analysis) -> None:
    ax = plot_trend(weak, "haze", "all")
    rows, missing = cells(weak, "haze", "all", "accuracy")
    low, _ = ax.get_ylim()
    assert missing["low"].item() < low < min(rows["low"].min(), missing["value"].item())


def test_lines_pass_over_bins_without_an_image_of_the_class() -> None:
    truth = np.repeat([0, 1], [150, 50])
    hour = np.concatenate([np.arange(150), np.arange(100, 150)])
    called = np.where(np.arange(200) % 7 == 0, 1 - truth, truth)
    analysis = analyse(
        called, truth, [f"{i}.png" for i in range(200)], columns={"hour": hour}, features=(),
        save_path=None,
    )  # fmt: skip
    n = analysis.bins.query("`class` == '1' and metric == 'f1'").sort_values("bin")["n"]
    assert (n == 0).sum() > 1
    ax = plot_trend(analysis, "hour", "1")
    (line,) = [line for line in ax.get_lines() if line.get_linestyle() == "-"]
    assert line.get_xdata().tolist() == np.flatnonzero(n > 0).tolist()
    assert len(points(ax)[0].lines[0].get_xdata()) == len(n)


@pytest.mark.parametrize("metric", ["f1", "recall"])
def test_chance_band_leaves_out_the_planted_weakness(weak: Analysis, metric: str) -> None:
    ax = plot_trend(weak, "blur", "1", metric=metric)
    bars = next(found for found in ax.containers if isinstance(found, BarContainer))
    values = points(ax)[0].lines[0].get_ydata()
    low = np.array([bar.get_y() for bar in bars])
    high = low + [bar.get_height() for bar in bars]
    assert values[-1] < low[-1]
    assert values[0] > high[0]
    n = weak.bins.query("feature == 'blur' and `class` == '1' and metric == 'recall'")["n"]
    texts = [label.get_text() for label in ax.get_xticklabels()]
    assert all(f"n {count}" in text for count, text in zip(n, texts, strict=True))


@pytest.mark.parametrize(("classes", "metric"), [(["0", "1"], "f1"), ("1", "precision")])
def test_no_band_where_there_is_none(weak: Analysis, classes: object, metric: str) -> None:
    ax = plot_trend(weak, "blur", classes, metric=metric)
    assert not [found for found in ax.containers if isinstance(found, BarContainer)]


def test_verdict_is_in_the_legend(weak: Analysis, null: Analysis) -> None:
    assert "class 1: associated (q < 0.001)" in legend(plot_trend(weak, "blur"))
    assert "class 1: not distinguishable from chance" in legend(plot_trend(null, "haze", "1"))[1]


def test_of_many_classes_the_first_in_the_ranking(null: Analysis) -> None:
    ax = plot_trend(null, "haze")
    ranked = null.trends.loc[null.trends["class"] != "all", "class"].astype(str)[:5]
    shown = [text.split(":")[0].removeprefix("class ") for text in legend(ax)[:5]]
    assert set(shown) == set(ranked)
    assert "5 of 12 classes" in ax.texts[0].get_text()


def test_categories_are_not_joined(weak: Analysis) -> None:
    ax = plot_trend(weak, "camera")
    assert not [line for line in ax.get_lines() if line.get_linestyle() in ("-", "--")]
    assert [t.get_text().split("\n")[0] for t in ax.get_xticklabels()] == [
        "level 0", "level 1", "level 2",
    ]  # fmt: skip


def test_several_labels_have_no_band(labelled: Analysis) -> None:
    ax = plot_trend(labelled, "hour", labelled.settings["classes"][0])
    assert not [found for found in ax.containers if isinstance(found, BarContainer)]


def test_axes_given_are_drawn_on(weak: Analysis) -> None:
    from matplotlib import pyplot

    _, both = pyplot.subplots(ncols=2)
    assert plot_trend(weak, "blur", ax=both[1]) is both[1]
    assert not both[0].has_data()
    assert len(pyplot.get_fignums()) == 1


def test_names_that_cannot_be_drawn(weak: Analysis) -> None:
    with pytest.raises(InputError, match="feature depth: expected one of"):
        plot_trend(weak, "depth")
    with pytest.raises(InputError, match="classes: expected some of all, 0, 1, got 7"):
        plot_trend(weak, "blur", ["1", "7"])
    with pytest.raises(OptionError, match="metric: expected one of f1"):
        plot_trend(weak, "blur", metric="f2")
