from __future__ import annotations

import pytest

from sensitivity.catalogue import ORIGINAL, VIEWS, ViewSpec
from sensitivity.errors import OptionError
from sensitivity.tta.named_views import (
    declared_views,
    mixture_name,
    read_mixture,
    read_view,
    with_views,
)

USUAL = [ViewSpec(view.op, dose) for view in VIEWS for dose in view.usual]


@pytest.mark.parametrize("view", [ORIGINAL, *USUAL], ids=lambda view: view.name)
def test_the_name_of_a_view_names_it(view):
    found = read_view(view.name)
    assert (found.name, found.op, found.dose) == (view.name, view.op, view.dose)


@pytest.mark.parametrize("text", ["gamma(0.67)", "gamma=.67", "gamma:0.67", " gamma=.67 "])
def test_a_dose_can_be_written_in_three_ways(text):
    found = read_view(text)
    assert (found.dose, found.feature, found.direction) == (0.67, "brightness", "up")


def test_the_dose_tells_the_direction():
    assert read_view("gamma=2").direction == "down"
    assert read_view("saturation=1.5").direction == "up"
    assert read_view("jpeg").dose == 50


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("box_blur(three)", "expected a number as a dose of box_blur, got 'three'"),
        ("box_blur(99)", "expected a dose of box_blur from 1 to 9, got 99"),
        ("box blur", "expected a view such as vflip"),
        ("", "expected a view such as vflip"),
        ("original(2)", "expected an operation among original"),
    ],
)
def test_what_names_no_view(text, message):
    with pytest.raises(OptionError, match=message.replace("(", r"\(")):
        read_view(text)


def test_what_is_declared_is_a_symmetry_with_all_its_doses():
    assert [view.source for view in declared_views(["rot90", "rot90"])] == ["declared"] * 3
    assert declared_views([]) == ()
    with pytest.raises(OptionError, match="declare: expected one of hflip, vflip, rot90"):
        declared_views(["gamma"])


def test_mixtures_are_named_in_full():
    assert read_mixture("original=.5, box_blur=.25,gamma=.67=.25") == {
        "original": 0.5,
        "box_blur(3)": 0.25,
        "gamma(0.67)": 0.25,
    }


def test_a_mixture_is_called_after_what_is_in_it():
    mixture = read_mixture("original=.75,box_blur(3)=.25")
    assert mixture_name(mixture) == ".75 original + .25 box_blur(3)"
    assert read_mixture(",".join(f"{n}={v}" for n, v in mixture.items())) == mixture


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("original=.5,vflip", "expected VIEW=SHARE"),
        ("original=1.5,vflip=-.5", "shares of 0 or more that add up to 1"),
        ("vflip=.5,vflip=.5", "expected each view once, got vflip twice"),
        ("original=half,vflip=.5", "expected a number as a share of original"),
    ],
)
def test_what_is_no_mixture(text, message):
    with pytest.raises(OptionError, match=f"mix: .*{message}"):
        read_mixture(text)


def test_views_are_kept_once_and_symmetries_must_be_known():
    planned = [ORIGINAL, ViewSpec("gamma", 0.67, source="trend"), *declared_views(["vflip"])]
    found = with_views(planned, [read_view("gamma"), read_view("vflip"), read_view("gamma(0.67)")])
    assert [view.name for view in found] == ["original", "gamma(0.67)", "vflip", "gamma(1.5)"]
    assert found[1].source == "trend"
    with pytest.raises(OptionError, match=r"got hflip .*--declare hflip"):
        with_views(planned, [read_view("hflip")])
