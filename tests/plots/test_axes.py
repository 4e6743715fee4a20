"""What all plots share."""

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes

from sensitivity import analyse, plots
from sensitivity.errors import ResultError
from sensitivity.result import Analysis

DRAW: dict[str, Callable[[Analysis], Axes]] = {
    "map": plots.plot_map,
    "trend": lambda analysis: plots.plot_trend(analysis, "haze"),
    "trend of one": lambda analysis: plots.plot_trend(analysis, "haze", "1"),
    "table": lambda analysis: plots.plot_table(analysis, "haze"),
    "distribution": lambda analysis: plots.plot_distribution(analysis, "haze"),
    "confusion": plots.plot_confusion,
    "examples": lambda analysis: plots.plot_examples(analysis, "haze", 0),
}
MOVED: dict[str, Callable[[Analysis], Axes]] = {
    "response": lambda analysis: plots.plot_response(analysis, "sharpness", ["all", "0", "1"]),
    "recall": plots.plot_pareto,
    "passes": lambda analysis: plots.plot_pareto(analysis, against="passes"),
}


def assert_nothing_is_cut(ax: Axes) -> None:
    figure = ax.figure
    figure.canvas.draw()
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert min(box.x0, box.y0, width - box.x1, height - box.y1) > -0.02


@pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)
@pytest.mark.parametrize("which", ["weak", "null"])
def test_nothing_is_cut(draw: Callable, which: str, request: pytest.FixtureRequest) -> None:
    assert_nothing_is_cut(draw(request.getfixturevalue(which)))


@pytest.mark.parametrize("draw", MOVED.values(), ids=MOVED)
def test_nothing_is_cut_of_images_moved(draw: Callable, moved: Analysis) -> None:
    assert_nothing_is_cut(draw(moved))


def test_names_are_no_formulas_and_stay_in_the_legend() -> None:
    analysis = analyse(
        np.arange(80) % 2,
        np.arange(80) // 2 % 2,
        [f"{i}.png" for i in range(80)],
        label_map_dict=["_5$ to 10$", "$x_^"],
        columns={"a$_b$^": np.arange(80)},
        features=(),
        save_path=None,
    )
    for ax in (
        plots.plot_map(analysis),
        plots.plot_trend(analysis, "a$_b$^"),
        plots.plot_table(analysis, "a$_b$^"),
        plots.plot_distribution(analysis, "a$_b$^"),
        plots.plot_confusion(analysis),
        plots.plot_examples(analysis, "a$_b$^", 0, per_role=1),
    ):
        ax.figure.canvas.draw()
    texts = [text.get_text() for text in plots.plot_trend(analysis, "a$_b$^").get_legend().texts]
    assert len([text for text in texts if text.startswith("class ")]) == 2


def test_pyplot_is_imported_only_for_new_figures() -> None:
    code = "import sys, sensitivity.plots; print('matplotlib.pyplot' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_long_names_and_control_characters_leave_room_for_the_picture() -> None:
    rng = np.random.default_rng(0)
    analysis = analyse(
        rng.integers(0, 2, 200),
        rng.integers(0, 2, 200),
        [f"{i}.png" for i in range(200)],
        label_map_dict=["a\tb\x07" * 900, "lines\nof\n" * 500],
        columns={"f" * 5000: rng.choice(["x" * 5000, "y\n\t"], 200)},
        features=(),
        save_path=None,
    )
    feature = "f" * 5000
    for ax in (
        plots.plot_map(analysis),
        plots.plot_confusion(analysis),
        plots.plot_trend(analysis, feature),
        plots.plot_table(analysis, feature),
        plots.plot_distribution(analysis, feature),
    ):
        ax.figure.canvas.draw()  # a warning, of a glyph or of no room, is an error here
        assert ax.get_window_extent().width > 100


def test_a_map_of_no_feature_is_refused() -> None:
    analysis = analyse([0, 1], [0, 0], ["a", "b"], features=(), save_path=None)
    with pytest.raises(ResultError, match="result: expected a feature that was analysed"):
        plots.plot_map(analysis)
