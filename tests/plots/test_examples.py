"""Images of one bin."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes

from sensitivity.errors import InputError, OptionError, ResultError
from sensitivity.picking import pick
from sensitivity.plots import plot_examples
from sensitivity.result import Analysis


def numbered(name: str) -> np.ndarray:
    """An image that tells its name: its number in the first two pixels."""
    number = int("".join(filter(str.isdigit, name)))
    pixels = np.zeros((6, 9, 3), np.uint8)
    pixels[0, 0], pixels[0, 1] = number // 256, number % 256
    pixels[1] = (255, 10, 20)
    return pixels


def shown(ax: Axes) -> list[int]:
    arrays = [np.array(image.get_array()) for image in ax.get_images()]
    return [256 * int(pixels[0, 0, 0]) + int(pixels[0, 1, 0]) for pixels in arrays]


def test_images_are_those_that_a_report_picks(weak: Analysis) -> None:
    ax = plot_examples(weak, "blur", 4, images=numbered, per_role=3)
    picked = pick(weak, per_cell=3).query("feature == 'blur' and bin == 4 and `class` == 'all'")
    names = weak.features["name"].to_numpy()[picked["position"]]
    assert shown(ax) == [int("".join(filter(str.isdigit, name))) for name in names]
    assert len(shown(ax)) == 9
    texts = [text.get_text() for text in ax.texts]
    assert texts[0] == "wrong"
    for position in picked["position"]:
        row = weak.outcomes.iloc[position]
        told = f"{row['predicted']} ({row['score']:.2f})"
        wrong = f"true: {row['class']}\ncalled: {told}"
        assert (told if row["right"] else wrong) in texts
    assert texts[-1].startswith("n 400 images · accuracy 0.6")


def test_colours_and_shape_are_those_of_the_image(weak: Analysis) -> None:
    ax = plot_examples(weak, "blur", 0, images=numbered, per_role=1)
    image = ax.get_images()[0]
    assert np.array(image.get_array())[1, 0].tolist() == [255, 10, 20]
    left, right, bottom, top = image.get_extent()
    assert (right - left) / (bottom - top) == pytest.approx(9 / 6)


def test_label_and_number_are_the_same_bin(weak: Analysis) -> None:
    by_label = plot_examples(weak, "camera", "level 1", images=numbered)
    assert shown(by_label) == shown(plot_examples(weak, "camera", 1, images=numbered))
    assert by_label.get_title(loc="left") == "Images of camera: level 1"
    missing = plot_examples(weak, "haze", -1, images=numbered, per_role=8)
    assert set(shown(missing)) == set(range(0, 2000, 250))


def test_reason_stands_for_an_image_that_is_not_there(weak: Analysis) -> None:
    ax = plot_examples(weak, "blur", 0, per_role=2)
    assert not ax.get_images()
    assert [text.get_text() for text in ax.texts].count("no such file") == 6


def test_grey_arrays_by_row(weak: Analysis) -> None:
    arrays = [np.full((4, 4), row % 251, np.uint8) for row in range(2000)]
    ax = plot_examples(weak, "blur", 2, images=arrays, per_role=2)
    rows = pick(weak, per_cell=2).query("feature == 'blur' and bin == 2 and `class` == 'all'")
    levels = [int(image.get_array()[0, 0]) for image in ax.get_images()]
    assert levels == (rows["position"] % 251).tolist()


def test_where_none_is_wrong_it_says_so(make_analysis) -> None:
    perfect = make_analysis(
        [0, 1] * 20, [0, 1] * 20, columns={"hour": range(40)}, bit_depth=None, max_pixels=10**6
    )
    ax = plot_examples(perfect, "hour", 0, images=lambda name: np.zeros((4, 4)))
    assert "none is wrong" in ax.texts[-1].get_text()
    assert ax.texts[0].get_text() == "right"


def test_of_several_labels_the_errors(labelled: Analysis) -> None:
    ax = plot_examples(labelled, "hour", 0, images=numbered)
    assert [text for text in ax.texts if text.get_text().startswith(("missed", "false alarm"))]


def test_what_cannot_be_drawn(weak: Analysis) -> None:
    with pytest.raises(InputError, match=r"bin: expected one of 0 \(0–20%\), .* got 7"):
        plot_examples(weak, "blur", 7)
    with pytest.raises(OptionError, match="per_role"):
        plot_examples(weak, "blur", 0, per_role=0)
    with pytest.raises(InputError, match="images: expected a folder"):
        plot_examples(weak, "blur", 0, images="nowhere")
    with pytest.raises(ResultError, match="expected the Parquet tables"):
        plot_examples(replace(weak, outcomes=weak.outcomes.iloc[:0]), "blur", 0)
