"""Sweeps: the same images at several doses."""

import numpy as np
import pytest

from sensitivity.catalogue import DOWN, UP, VIEWS
from sensitivity.errors import OptionError
from sensitivity.synthetic import photograph
from sensitivity.tta.responses import response_curves

torch = pytest.importorskip("torch")

from sensitivity.tta.intervene import sweep, sweep_views  # noqa: E402

N = 40


class Bright(torch.nn.Module):
    """Class 1 where an image is brighter than one half."""

    def forward(self, images):
        score = 20 * (images.mean(dim=(1, 2, 3)) - 0.5)
        return torch.stack([-score, score], dim=1)


@pytest.fixture(scope="module")
def rows():
    torch.set_num_threads(1)
    shots = [photograph(16, rng=k) / 255 for k in range(N)]
    images = torch.stack([torch.tensor(shot).permute(2, 0, 1) for shot in shots]).float()
    y = (images.mean(dim=(1, 2, 3)) > 0.5).long()
    return [(images, y)]


def test_darker_images_lose_the_recall_of_the_bright_class(rows) -> None:
    found = sweep(Bright(), rows, "gamma", [4.0, 1.5, 0.25, 1.0], classes=("dark", "bright"))
    assert [view.dose for view in found.views[1:]] == [0.25, 1.5, 4.0]
    assert [view.direction for view in found.views[1:]] == [UP, DOWN, DOWN]
    brightness = np.median(found.feature("brightness", 0))
    medians = [np.median(found.feature("brightness", k)) for k in (1, 2, 3)]
    assert medians[0] > brightness > medians[1] > medians[2]
    curves = response_curves(found).query("metric != 'f1' and metric != 'p_true'")
    curves = curves.set_index(["class", "dose"]).sort_index()
    assert curves["value"].loc["bright", 1.0] == 1
    assert curves["value"].loc["bright", 4.0] == 0
    assert curves["value"].loc["dark", 0.25] == 0
    assert curves["value"].loc["dark", 4.0] == 1
    assert curves["position"].loc["all", 4.0].item() == pytest.approx(medians[2])


def test_other_features_are_measured_too_and_none_twice(rows) -> None:
    found = sweep(Bright(), rows, "contrast", classes=("a", "b"), features=["noise", "contrast"])
    assert found.feature_names == ("contrast", "noise")


@pytest.mark.parametrize("op", sorted({view.op for view in VIEWS if view.feature}))
def test_usual_doses_of_every_operation(op) -> None:
    views = sweep_views(op)
    doses = [view.dose for view in views]
    assert doses == sorted(set(doses))
    assert all(view.feature and view.direction for view in views)


@pytest.mark.parametrize(
    ("op", "doses", "message"),
    [
        ("hflip", None, "moves a feature"),
        ("sepia", [1.0], "moves a feature"),
        ("gamma", [1.0], "other than 1"),
        ("gamma", [9.0], "from 0.25 to 4"),
    ],
)
def test_what_is_no_sweep(op, doses, message) -> None:
    with pytest.raises(OptionError, match=message):
        sweep_views(op, doses)
