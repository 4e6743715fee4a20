"""Errors say what, rule, got, where; they survive a process boundary."""

import copy
import pickle

import pytest

from sensitivity import errors

KINDS = [
    errors.SensitivityError,
    errors.InputError,
    errors.OptionError,
    errors.ResultError,
    errors.DependencyError,
]


@pytest.mark.parametrize(
    ("got", "where", "message"),
    [
        (None, None, "scores: expected one row per name"),
        ("3 for 4", None, "scores: expected one row per name, got 3 for 4"),
        (None, "row 2", "scores: expected one row per name (row 2)"),
        ("3 for 4", "a.npz", "scores: expected one row per name, got 3 for 4 (a.npz)"),
        ("", "", "scores: expected one row per name, got  ()"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_wording(
    kind: type[errors.SensitivityError], got: str | None, where: str | None, message: str
) -> None:
    error = kind("scores", "expected one row per name", got=got, where=where)
    assert str(error) == message
    assert (error.what, error.rule, error.got, error.where) == (
        "scores",
        "expected one row per name",
        got,
        where,
    )


@pytest.mark.parametrize("copied", [lambda e: pickle.loads(pickle.dumps(e)), copy.deepcopy])
@pytest.mark.parametrize("kind", KINDS)
def test_survives_a_process_boundary(kind: type[errors.SensitivityError], copied) -> None:
    error = kind("labels", "expected whole numbers", got="2.5", where="row 17")
    back = copied(error)
    assert type(back) is kind
    assert str(back) == str(error)
    assert vars(back) == vars(error)


@pytest.mark.parametrize("where", [None, "b.png"])
def test_image_error_survives_too(where: str | None) -> None:
    error = errors.ImageError("truncated", "the file ends early", where=where)
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is errors.ImageError
    assert (back.status, back.reason, back.where) == ("truncated", "the file ends early", where)
    assert str(back) == str(error)
    assert str(error).startswith("image truncated: the file ends early")


@pytest.mark.parametrize(
    ("kind", "code", "builtin"),
    [
        (errors.SensitivityError, 1, Exception),
        (errors.InputError, 3, ValueError),
        (errors.OptionError, 2, ValueError),
        (errors.ResultError, 3, ValueError),
        (errors.DependencyError, 2, ImportError),
        (errors.ImageError, 3, Exception),
    ],
)
def test_exit_code_and_family(
    kind: type[errors.SensitivityError], code: int, builtin: type[Exception]
) -> None:
    assert kind.exit_code == code
    assert issubclass(kind, errors.SensitivityError)
    assert issubclass(kind, builtin)


def test_every_error_of_the_module_is_tested_here() -> None:
    found = {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.SensitivityError)
    }
    assert found == {*KINDS, errors.ImageError}


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("blur", ["sharpness", "blur_effect", "noise"], "did you mean 'blur_effect'?"),
        ("Blur Effect", ["blur", "blur_effect"], "did you mean 'blur_effect' or 'blur'?"),
        ("image_sharpness", ["sharpness", "noise"], "did you mean 'sharpness'?"),
        ("sharpnes", ["sharpness", "noise"], "did you mean 'sharpness'?"),
        ("裂", ["裂", "好"], "did you mean '裂'?"),
        ("cracks", ["ok", "crack"], "did you mean 'crack'?"),
        ("a", ["camera", "hazard"], None),
        ("depth", ["noise", "haze"], None),
        ("", ["noise"], None),
        ("noise", [], None),
    ],
)
def test_names_that_somebody_may_have_meant(name: str, known: list[str], meant: str | None) -> None:
    assert errors.did_you_mean(name, known) == meant


def test_few_are_held_out_and_each_once() -> None:
    told = errors.did_you_mean("blur", ["blur_a", "blur_b", "blur-b", "blur_c", "blur_d"])
    assert told is not None
    assert told.count("'blur") == 3


def test_a_long_list_is_cut() -> None:
    assert errors.listed(str(i) for i in range(1_500)).endswith("18, 19 and 1,480 more")
    assert errors.listed([]) == "none"
