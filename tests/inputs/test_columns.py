"""Which column is what, from the header alone."""

from __future__ import annotations

import pytest

from sensitivity.errors import InputError
from sensitivity.inputs.columns import Roles, find_roles


@pytest.mark.parametrize("name", ["name", "filename", "file", "path", "image", "Image"])
@pytest.mark.parametrize("label", ["label", "target", "y_true"])
@pytest.mark.parametrize("pred", ["pred", "prediction", "predicted", "y_pred", "PRED"])
def test_synonyms(name, label, pred):
    assert find_roles([pred, "x", name, label], "p.csv") == Roles(name, label, pred, others=("x",))


def test_the_first_synonym_counts_and_the_others_are_covariates():
    roles = find_roles(["image", "name", "pred", "target", "label"], "p.csv")
    assert (roles.name, roles.label, roles.others) == ("name", "label", ("image", "target"))


@pytest.mark.parametrize("prefix", ["score", "logit", "prob", "Prob", "logits"])
def test_score_columns_are_in_numeric_order(prefix):
    headers = [f"{prefix}_{i}" for i in (10, 2, 0, 1, 3, 4, 5, 6, 7, 8, 9)]
    roles = find_roles(["name", *headers], "p.csv")
    assert roles.scores == tuple(f"{prefix}_{i}" for i in range(11))
    assert roles.classes == ()


def test_score_columns_with_class_names_are_in_the_order_of_the_file():
    roles = find_roles(["name", "score_dog", "score_big cat"], "p.csv")
    assert roles.scores == ("score_dog", "score_big cat")
    assert roles.classes == ("dog", "big cat")


@pytest.mark.parametrize("header", ["score", "prob", "logits", "score_1", "prob_1"])
def test_one_score_is_of_class_one(header):
    assert find_roles(["name", "label", header], "p.csv") == Roles("name", "label", score=header)


def test_one_named_score_is_a_covariate():
    roles = find_roles(["name", "label", "pred", "score_quality"], "p.csv")
    assert roles.others == ("score_quality",)
    assert roles.scores == ()


def test_a_column_without_a_name_is_passed_over():
    assert find_roles(["", "name", "pred", "x"], "p.csv") == Roles(
        "name", pred="pred", others=("x",)
    )


@pytest.mark.parametrize(
    ("headers", "pred", "index"),
    [
        ("filename label prob", "label", ""),
        ("filename index label prob", "label", "index"),
        ("filename index prob", "", "index"),
        ("filename label logit", "label", ""),
        ("filename index_0 index_1 label_0 label_1 prob_0 prob_1", "label_0", "index_0"),
        ("label prob filename", "label", ""),
    ],
)
def test_timm(headers, pred, index):
    assert find_roles(headers.split(), "p.csv") == Roles(
        "filename", pred=pred, index=index, is_timm=True
    )


@pytest.mark.parametrize(
    "headers",
    [
        "name label prob",
        "filename label prob x",
        "filename label prob_0 prob_1",
        "filename prob_0 prob_1",
        "filename label pred",
        "filename label pred prob",
    ],
)
def test_not_timm(headers):
    assert not find_roles(headers.split(), "p.csv").is_timm


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ("name label pred label", "columns: expected each header once, got 'label' (p.csv)"),
        (
            "id label pred",
            "columns: expected one of name, filename, file, path, image for the names, got id, "
            "label, pred (p.csv)",
        ),
        (
            "name label x",
            "columns: expected pred, or score_0, score_1, … (also logit_…, prob_…), got name, "
            "label, x (p.csv)",
        ),
        (
            "name score_0 score_2",
            "columns: expected score_0, score_1, … without a gap, got no score_1 (p.csv)",
        ),
        (
            "name prob_1 prob_2",
            "columns: expected prob_0, prob_1, … without a gap, got no prob_0 (p.csv)",
        ),
        (
            "name score_0",
            "columns: expected score_0, score_1, … without a gap, got no score_1 (p.csv)",
        ),
        (
            "name score_1 score_01",
            "columns: expected score_0, score_1, … without a gap, got no score_0 (p.csv)",
        ),
        (
            "name score_0 score_1 prob_0 prob_1",
            "columns: expected one kind of score columns, got prob_… and score_… (p.csv)",
        ),
        (
            "name score_0 score_1 score_cat",
            "columns: expected score columns with numbers or with class names, got score_0 and "
            "score_cat (p.csv)",
        ),
    ],
)
def test_headers_that_cannot_be_told_apart(headers, message):
    with pytest.raises(InputError) as raised:
        find_roles(headers.split(), "p.csv")
    assert str(raised.value) == message
