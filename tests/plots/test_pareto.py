"""What test-time augmentation costs and brings."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer

from sensitivity.errors import OptionError, ResultError
from sensitivity.plots import plot_pareto
from sensitivity.result import Analysis
from sensitivity.tables import DO_NOT_USE, USE


@pytest.fixture
def tried(weak: Analysis, make_remedy: Callable) -> Analysis:
    return replace(weak, remedy=make_remedy(USE, classes=("0", "1")))


def points(ax: Axes) -> dict[str, ErrorbarContainer]:
    found = [each for each in ax.containers if isinstance(each, ErrorbarContainer)]
    return {str(each.get_label()).rpartition(" (")[0]: each for each in found}


def line(ax: Axes, label: str):
    return next(each for each in ax.get_lines() if each.get_label() == label)


def test_points_are_the_strategies(tried: Analysis) -> None:
    found = points(plot_pareto(tried))
    table = tried.remedy.strategies
    # Its predictions are those of the original.
    assert set(found) == set(table["strategy"]) - {"temperature"}
    for name, container in found.items():
        mine = table[table["strategy"] == name]
        accuracy = mine.query("metric == 'accuracy'").iloc[0]
        recall = mine.query("metric == 'recall' and `class` == '1'").iloc[0]
        (x,), (y,) = container.lines[0].get_data()
        assert (x, y) == pytest.approx((accuracy["value"], recall["value"]))
        bars = (segments.get_segments()[0] for segments in container.lines[2])
        for place, (bar, row) in enumerate(zip(bars, (accuracy, recall), strict=True)):
            ends = [row["value"] + row[end] - row["change"] for end in ("low", "high")]
            assert bar[:, place] == pytest.approx(ends)


@pytest.mark.parametrize(
    ("strategy", "of"), [("threshold shift", "original"), ("policy", "policy")]
)
def test_lines_are_the_front(tried: Analysis, strategy: str, of: str) -> None:
    ax = plot_pareto(tried)
    rows = tried.remedy.front[tried.remedy.front["strategy"] == strategy]
    found = line(ax, f"threshold of the class moved, {of}")
    assert found.get_xdata() == pytest.approx(rows["accuracy"])
    assert found.get_ydata() == pytest.approx(rows["recall"])
    assert ax.get_ylabel() == "Recall of class 1 (0…1, n 555)"


def test_staircase_joins_what_nothing_cheaper_surpasses(tried: Analysis) -> None:
    ax = plot_pareto(tried, against="passes")
    steps = line(ax, "surpassed by nothing as cheap")
    assert list(zip(*steps.get_data(), strict=True)) == [
        (1.0, pytest.approx(0.866)),
        (1.625, pytest.approx(0.8772)),
        (2.0, pytest.approx(0.8772)),
    ]
    assert points(ax)["policy"].lines[0].get_xdata() == pytest.approx([1.625])
    first = points(ax)["original"].lines[0]
    assert (first.get_xdata()[0], first.get_ydata()[0]) == pytest.approx((1.0, 0.862))


def test_verdict_stands_above(tried: Analysis, weak: Analysis, make_remedy: Callable) -> None:
    assert plot_pareto(tried).texts[0].get_text().startswith("Use the policy")
    none = replace(weak, remedy=make_remedy(DO_NOT_USE, classes=("0", "1"), identity=True))
    assert plot_pareto(none).texts[0].get_text().startswith("Do not use test-time augmentation")


def test_where_nothing_helps_it_says_so(moved: Analysis) -> None:
    ax = plot_pareto(moved)
    assert "no view was accepted" in ax.texts[0].get_text()
    assert not [each for each in ax.get_lines() if "moved, policy" in str(each.get_label())]


def test_what_cannot_be_drawn(weak: Analysis, tried: Analysis) -> None:
    with pytest.raises(ResultError, match="expected one on which test-time augmentation was tried"):
        plot_pareto(weak)
    with pytest.raises(OptionError, match="against: expected one of recall, passes"):
        plot_pareto(tried, against="time")
