"""Every view moves the feature that the catalogue says, the way it says, on photographs."""

from functools import lru_cache
from importlib import import_module

import numpy as np
import pytest

from sensitivity.catalogue import UP, VIEWS, View, ViewSpec
from sensitivity.features import measure, select
from sensitivity.images import from_array
from sensitivity.synthetic import degrade, photograph

torch = pytest.importorskip("torch")
views = import_module("sensitivity.tta.views")
apply = views.apply

torch.set_num_threads(1)

OPS = {operation.__name__: operation for operation in views.OPERATIONS}
MOVING = [view for view in VIEWS if view.feature]
#: `resolution` is the size of the file: what an image of the same size loses is detail.
SEEN_IN = {"resolution": "sharpness"}


@lru_cache
def photographs() -> torch.Tensor:
    pixels = [degrade(photograph(96, kind=i % 4, rng=i), noise=4, rng=i) for i in range(6)]
    return torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float() / 255


def measured(images: torch.Tensor, feature: str) -> np.ndarray:
    levels = (images * 255).round().byte().permute(0, 2, 3, 1).numpy()
    chosen = select([feature])
    return np.array([measure(from_array(image), chosen)[feature] for image in levels])


@pytest.mark.parametrize("view", MOVING, ids=lambda v: f"{v.op}-{v.feature}-{v.direction}")
def test_feature_moves_in_its_direction(view: View) -> None:
    images = photographs()
    if view.feature == "blockiness" and view.direction != UP:
        images = OPS["jpeg"](images, 80.0)  # there is nothing to smooth in other images
    feature = SEEN_IN.get(view.feature, view.feature)
    doses = np.linspace(view.identity, view.strongest, 5)
    response = np.stack(
        [measured(apply(images, ViewSpec(view.op, float(dose))), feature) for dose in doses]
    )
    steps = np.diff(response, axis=0) * (1 if view.direction == UP else -1)
    assert (steps.mean(axis=1) > 0).all(), response.mean(axis=1)
    if view.op == "jpeg":  # a quality's grid of levels may happen to fit an image
        assert (steps > 0).mean() > 0.9
        return
    assert (steps > 0).all(), response
    for dose in view.usual:
        moved = measured(apply(images, ViewSpec(view.op, dose)), feature)
        assert ((moved - response[0]) * (1 if view.direction == UP else -1) > 0).all()


def test_down_up_leaves_the_resolution_as_it_is_measured() -> None:
    images = photographs()
    moved = apply(images, ViewSpec("down_up", 2.0))
    assert (measured(moved, "resolution") == measured(images, "resolution")).all()


def test_contrast_keeps_the_brightness() -> None:
    images = photographs()
    moved = measured(apply(images, ViewSpec("contrast", 0.7)), "brightness")
    np.testing.assert_allclose(moved, measured(images, "brightness"), atol=0.003)
