"""The same images moved on purpose."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer

from sensitivity.errors import InputError, ResultError
from sensitivity.plots import plot_response
from sensitivity.result import Analysis


def curves(ax: Axes) -> dict[str, ErrorbarContainer]:
    found = [each for each in ax.containers if isinstance(each, ErrorbarContainer)]
    return {str(each.get_label()).rpartition(", ")[2]: each for each in found}


def rows_of(analysis: Analysis, op: str, name: str):
    metric = "accuracy" if name == "all" else "recall"
    table = analysis.remedy.responses
    kept = (table["op"] == op) & (table["class"] == name) & (table["metric"] == metric)
    return table[kept].sort_values("position")


@pytest.mark.parametrize("name", ["all", "1"])
def test_curves_are_the_responses(moved: Analysis, name: str) -> None:
    found = curves(plot_response(moved, "sharpness", name))
    assert set(found) == {"gaussian_blur", "unsharp"}
    for op, container in found.items():
        rows = rows_of(moved, op, name)
        assert container.lines[0].get_xdata() == pytest.approx(rows["position"])
        assert container.lines[0].get_ydata() == pytest.approx(rows["value"])
        bars = np.array([line[:, 1] for line in container.lines[2][0].get_segments()])
        assert bars == pytest.approx(rows[["low", "high"]].to_numpy())


def test_steps_are_the_bins(moved: Analysis) -> None:
    ax = plot_response(moved, "sharpness")
    rows = moved.bins.query("feature == 'sharpness' and metric == 'accuracy'").sort_values("bin")
    boxes = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in ax.patches]
    assert np.array(boxes) == pytest.approx(rows[["low", "high"]].to_numpy())
    assert [bar.get_x() for bar in ax.patches][1:] == pytest.approx(moved.edges["sharpness"])
    assert ax.patches[0].get_x() == pytest.approx(moved.features["sharpness"].min())
    steps = max((found.get_segments() for found in ax.collections), key=len)
    assert [step[0, 1] for step in steps] == pytest.approx(rows["value"])


def test_ring_is_where_nothing_was_done(moved: Analysis) -> None:
    ax = plot_response(moved, "sharpness")
    rings = [line for line in ax.get_lines() if line.get_markersize() == 9]
    right = moved.outcomes["right"].mean()
    assert [list(ring.get_ydata()) for ring in rings] == [[pytest.approx(right)]] * 2


def test_note_has_the_verdicts_or_that_there_is_none(moved: Analysis) -> None:
    checked = plot_response(moved, "sharpness").texts[0].get_text()
    assert "all classes, moved down: confirmed" in checked
    other = plot_response(moved, "brightness").texts[0].get_text()
    assert "no finding to check here" in other


def test_what_cannot_be_drawn(moved: Analysis, weak: Analysis) -> None:
    with pytest.raises(ResultError, match="expected one on which test-time augmentation was tried"):
        plot_response(weak, "blur")
    with pytest.raises(InputError, match="feature depth: expected one of"):
        plot_response(moved, "depth")
    responses = moved.remedy.responses
    other = replace(moved.remedy, responses=responses[responses["feature"] != "sharpness"])
    with pytest.raises(InputError, match=r"that a view moved \(brightness, saturation\)"):
        plot_response(replace(moved, remedy=other), "sharpness")
    blind = replace(moved.remedy, responses=responses.assign(position=np.nan))
    with pytest.raises(ResultError, match="expected to be measured on the moved images"):
        plot_response(replace(moved, remedy=blind), "sharpness")
