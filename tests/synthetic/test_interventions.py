import numpy as np
import pytest
from scipy.stats import spearmanr

from sensitivity.errors import OptionError
from sensitivity.synthetic.interventions import CAUSES, VIEWS, move_images


def right(made):
    return (made.z.argmax(axis=2) == made.label_list).mean(axis=1)


def place(name):
    return next(i for i, view in enumerate(VIEWS) if view.name == name)


@pytest.mark.parametrize("cause", CAUSES)
def test_the_same_seed_gives_the_same_set(cause):
    first, second = move_images(100, cause=cause, rng=3), move_images(100, cause=cause, rng=3)
    assert (first.z == second.z).all()
    assert first.name_list == second.name_list
    assert not (move_images(100, cause=cause, rng=4).z == first.z).all()


def test_only_blur_that_is_the_cause_makes_errors():
    falls = {cause: right(move_images(4000, cause=cause)) for cause in CAUSES}
    strong = place("gaussian_blur(2.5)")
    change = {cause: values[strong] - values[0] for cause, values in falls.items()}
    assert change["blur"] < -0.3
    assert change["any change"] < -0.1
    assert abs(change["difficulty"]) < 0.01
    assert abs(change["nothing"]) < 0.01


def test_errors_go_with_blur_unless_nothing_does():
    for cause, low, high in (("blur", 0.2, 1), ("difficulty", 0.2, 1), ("nothing", -0.05, 0.05)):
        made = move_images(4000, cause=cause)
        hit = made.pred_list.argmax(axis=1) == made.label_list
        assert low < spearmanr(made.columns["sharpness"], hit).statistic < high


def test_sharpening_raises_sharpness_and_mends_nothing():
    made = move_images(4000)
    sharp = place("unsharp(4)")
    assert (made.features[sharp, :, 0] > made.features[0, :, 0]).all()
    assert abs(right(made)[sharp] - right(made)[0]) < 0.01


def test_groups_share_their_blur():
    made = move_images(4000, group_size=10, cause="nothing")
    assert (np.bincount(made.groups) == 10).all()
    log = np.log(made.features[0, :, 0].reshape(-1, 10))
    assert np.corrcoef(log[:, 0], log[:, 1])[0, 1] > 0.5


def test_every_class_is_called():
    made = move_images(500, n_classes=7)
    assert made.z.shape == (len(VIEWS), 500, 7)
    assert set(made.z[0].argmax(axis=1)) == set(range(7))


@pytest.mark.parametrize(
    "wrong", [{"cause": "fate"}, {"n": 0}, {"n_classes": 1}, {"effect": -1.0}, {"group_size": 0}]
)
def test_dials_out_of_their_range_are_refused(wrong):
    with pytest.raises(OptionError):
        move_images(**({"n": 10} | wrong))
